//! What a check found.

use serde_json::{Value, json};

use crate::error::Error;
use crate::printable::printable;

/// How a check ended; the worse ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It could not be looked at; the finding says why.
    Unknown,
    /// It works, and something should be done about it.
    Warning,
    /// Accounts, figures or the connection are harmed by it.
    Problem,
}

impl Verdict {
    /// As the answers of the module spell it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// One check of one router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at, such as `FastTrack`.
    pub check: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// The evidence: whole sentences, with what to do in WHMCS where that is the remedy. No secrets.
    pub says: String,
    /// Console commands that mend it, in their order.
    pub commands: Vec<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self::new(check, Verdict::Ok, says)
    }

    /// Something should be done.
    pub fn warning(check: &'static str, says: impl Into<String>) -> Self {
        Self::new(check, Verdict::Warning, says)
    }

    /// Something is wrong.
    pub fn problem(check: &'static str, says: impl Into<String>) -> Self {
        Self::new(check, Verdict::Problem, says)
    }

    /// It could not be looked at.
    pub fn unknown(check: &'static str, says: impl Into<String>) -> Self {
        Self::new(check, Verdict::Unknown, says)
    }

    /// It could not be read, and `error` says why.
    pub fn unread(check: &'static str, error: &Error) -> Self {
        Self::unknown(check, error.to_string())
    }

    /// With a command that mends it.
    #[must_use]
    pub fn mend(mut self, command: impl Into<String>) -> Self {
        // Names in it are quoted; a line break would be a command of its own.
        let command: String = command.into();
        self.commands.push(command.replace(char::is_control, " "));
        self
    }

    fn new(check: &'static str, verdict: Verdict, says: impl Into<String>) -> Self {
        Self {
            check,
            verdict,
            says: printable(&says.into()).into_owned(),
            commands: Vec::new(),
        }
    }

    /// Evidence and remedy in one line.
    pub fn sentence(&self) -> String {
        if self.commands.is_empty() {
            return self.says.clone();
        }
        format!(
            "{} Run on the router: {}",
            self.says,
            self.commands.join("; ")
        )
    }
}

/// Everything that was found, in the order it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// One per check and object.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The worst verdict of all.
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.findings.iter().map(|finding| finding.verdict);
        verdicts.max().unwrap_or(Verdict::Unknown)
    }

    /// The findings of one verdict.
    pub fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.verdict == verdict)
    }

    /// The first problems with their remedies, as one text; `None` when there is no problem.
    pub fn complaint(&self) -> Option<String> {
        /// More is not read in a message box.
        const MOST: usize = 2;
        let problems: Vec<_> = self.of(Verdict::Problem).collect();
        let mut sentences: Vec<_> = problems
            .iter()
            .take(MOST)
            .map(|finding| finding.sentence())
            .collect();
        match problems.len().saturating_sub(MOST) {
            0 => {}
            1 => sentences.push("There is one more problem.".to_owned()),
            more => sentences.push(format!("There are {more} more problems.")),
        }
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }

    /// For a terminal: a line per finding, its commands below it.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for finding in &self.findings {
            let word = finding.verdict.word();
            lines.push(format!("{word:<8} {}: {}", finding.check, finding.says));
            let commands = finding.commands.iter();
            lines.extend(commands.map(|command| format!("             {command}")));
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// `{verdict, checks: [{check, verdict, says, commands}], text}`.
    pub fn to_json(&self) -> Value {
        let checks = self.findings.iter().map(|finding| {
            json!({
                "check": finding.check,
                "verdict": finding.verdict.word(),
                "says": finding.says,
                "commands": finding.commands,
            })
        });
        json!({
            "verdict": self.verdict().word(),
            "checks": checks.collect::<Vec<_>>(),
            "text": self.text(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_router_do_nothing_on_a_terminal_or_a_page() {
        let name = "\u{1b}[2J<img>\n/user add name=evil";
        let mut report = Report::default();
        let finding = Finding::problem("a", format!("{name} is full.")).mend(format!("/x {name}"));
        report.findings.push(finding);
        let complaint = report.complaint().unwrap();
        assert!(!complaint.contains(char::is_control), "{complaint}");
        assert!(!report.findings[0].says.contains('<'));
        assert_eq!(report.text().lines().count(), 2, "{}", report.text());
    }

    #[test]
    fn the_complaint_holds_the_first_problems_and_counts_the_rest() {
        let mut report = Report::default();
        report.findings.push(Finding::ok("a", "Fine."));
        assert_eq!(report.complaint(), None);
        report.findings.push(Finding::warning("b", "Hm."));
        assert_eq!(
            (report.complaint(), report.verdict()),
            (None, Verdict::Warning)
        );
        for says in ["One.", "Two.", "Three.", "Four."] {
            report.findings.push(Finding::problem("c", says).mend("/x"));
        }
        assert_eq!(
            report.complaint().unwrap(),
            "One. Run on the router: /x Two. Run on the router: /x There are 2 more problems."
        );
        assert_eq!(report.verdict(), Verdict::Problem);
    }
}

//! RouterOS versions.

use std::cmp::Ordering;
use std::fmt;

use crate::printable::excerpt;

/// Bytes that are shown: the version stands in scripts and reports, and the longest known has 25.
const LONGEST: usize = 64;

/// A version such as `7.20.8 (long-term)` or `7.24rc2 (testing)`. Ordered by its numbers; the channel
/// in brackets does not count, and a test version comes before the release it prepares.
#[derive(Debug, Clone, Default)]
pub struct Version {
    text: String,
    numbers: [u32; 3],
    stage: Stage,
}

/// How finished: `alpha`, `beta`, `rc`, release; then the number behind the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Stage {
    Alpha(u32),
    Beta(u32),
    Candidate(u32),
    #[default]
    Release,
}

impl Version {
    /// Reads what `/system/resource` says. Text that has no numbers becomes version 0.0.0.
    pub fn parse(text: &str) -> Self {
        let word = text.split_whitespace().next().unwrap_or_default();
        let end = word
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(word.len());
        let (digits, suffix) = word.split_at(end);
        let mut parts = digits.split('.').map(|part| part.parse().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        Self {
            text: excerpt(text.trim(), LONGEST),
            numbers: [next(), next(), next()],
            stage: Stage::parse(suffix),
        }
    }

    /// This release of RouterOS or a later one; test versions of `major.minor` do not count.
    pub fn at_least(&self, major: u32, minor: u32) -> bool {
        self.key() >= ([major, minor, 0], Stage::Release)
    }

    fn key(&self) -> ([u32; 3], Stage) {
        (self.numbers, self.stage)
    }
}

impl Stage {
    fn parse(suffix: &str) -> Self {
        let numbered = |word: &str| {
            suffix
                .strip_prefix(word)
                .map(|digits| digits.parse::<u32>().unwrap_or(0))
        };
        None.or_else(|| numbered("alpha").map(Self::Alpha))
            .or_else(|| numbered("beta").map(Self::Beta))
            .or_else(|| numbered("rc").map(Self::Candidate))
            .unwrap_or_default()
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// As the router wrote it.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_version_is_one_short_line_whatever_the_router_calls_it() {
        let text = format!("7.20.8\n/user add name=evil\u{1b}[2J{}", "x".repeat(60_000));
        let version = Version::parse(&text);
        assert!(version.at_least(7, 20) && !version.at_least(7, 21));
        let shown = version.to_string();
        assert!(
            shown.len() <= LONGEST && !shown.contains(char::is_control),
            "{shown}"
        );
    }

    #[test]
    fn versions_are_in_order() {
        let order = [
            "",
            "6.49.10 (long-term)",
            "7.1beta4 (development)",
            "7.1rc1",
            "7.1 (stable)",
            "7.9",
            "7.10.2 (stable)",
            "7.20.8 (long-term)",
            "7.24beta12",
            "7.24rc2 (testing)",
            "7.24 (stable)",
            "7.24.1",
        ];
        for pair in order.map(Version::parse).windows(2) {
            assert!(pair[0] < pair[1], "{} < {}", pair[0], pair[1]);
        }
        assert_eq!(
            Version::parse("7.20.8 (long-term)"),
            Version::parse("7.20.8")
        );
        assert_eq!(
            Version::parse("7.20.8 (long-term)").to_string(),
            "7.20.8 (long-term)"
        );
    }

    #[test]
    fn at_least_counts_releases_only() {
        assert!(Version::parse("7.1").at_least(7, 1));
        assert!(Version::parse("7.10.2").at_least(7, 9));
        assert!(Version::parse("7.24rc2").at_least(7, 23));
        assert!(!Version::parse("7.1beta4").at_least(7, 1));
        assert!(!Version::parse("6.49").at_least(7, 1));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = Version::parse(&text);
        }
    }
}

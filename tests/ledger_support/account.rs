//! What is known of one account: what flowed, what the router shows, what the books say, and how much
//! may be missing. The invariants that hold at every moment are here.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use mikrotikvpn::store::services::is_ended;
use mikrotikvpn::traffic::period;
use mikrotikvpn::units::Traffic;

use super::shop::{Product, Service};
use super::tally;

/// A counter of the router as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// The queue's id, or the session's id and its interface's.
    pub id: String,
    pub shown: Traffic,
}

/// The rows of one service.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(clippy::struct_excessive_bools)] // as the table has them
pub struct Rows {
    /// There is a row of the account.
    pub present: bool,
    pub provisioned: bool,
    pub baseline: Option<Counter>,
    pub reset_pending: i64,
    pub period: u64,
    pub balance: Option<i64>,
    pub sessions: Option<String>,
    pub capped: bool,
    pub trace: String,
    pub noticed: bool,
    pub days: BTreeMap<String, Traffic>,
    pub months: BTreeMap<String, Traffic>,
    /// What of everything billed is not owed.
    pub free: u64,
    /// Keys of granted periods, those that wait among them.
    pub periods: Vec<String>,
    /// Of these the ones that are in the balance.
    pub given: Vec<String>,
    /// The days others wait for.
    pub waiting: Vec<String>,
    /// All entries of the journal that are in the balance together.
    pub granted: i64,
    /// What ended with its period, of that.
    pub expired: i64,
    /// WHMCS's own column, in MB.
    pub bwusage: u64,
}

impl Default for Counter {
    fn default() -> Self {
        Self {
            id: String::new(),
            shown: Traffic::ZERO,
        }
    }
}

impl Rows {
    /// Everything ever billed.
    pub fn billed(&self) -> Traffic {
        sum(self.months.values())
    }
}

fn sum<'a>(traffic: impl Iterator<Item = &'a Traffic>) -> Traffic {
    let mut all = Traffic::ZERO;
    for part in traffic {
        all += *part;
    }
    all
}

/// One account and what was seen of it so far.
#[derive(Debug)]
pub struct Account {
    pub service: Service,
    pub name: String,
    /// The one that is billed.
    pub counter: Option<Counter>,
    /// Bytes that may be missing.
    pub allowance: u64,
    /// WHMCS has it as created; logins are allowed unless it is capped. `None` while a command that
    /// failed may have left it half way.
    pub enabled: Option<bool>,
    pub rows: Rows,
    /// Others deleted its queue, and none of ours is there again.
    pub without_queue: bool,
    /// What flowed since a reboot of which no booked reading knows yet.
    pub since_reboot: Option<u64>,
    /// Every day that ever had usage.
    all_days: BTreeMap<String, Traffic>,
    /// Used while there was no balance.
    used_unlimited: u64,
    /// Flowed while the router kept the account to a cap.
    pub held: u64,
    /// Billed when the latest period was granted.
    period_began: u64,
    below: bool,
    crossings: u32,
    due: bool,
    used_up: u32,
    pub notices: u32,
    pub suspensions: u32,
}

impl Account {
    pub fn new(service: Service) -> Self {
        Self {
            name: service.name(),
            service,
            counter: None,
            allowance: 0,
            enabled: None,
            rows: Rows::default(),
            without_queue: false,
            since_reboot: None,
            all_days: BTreeMap::new(),
            used_unlimited: 0,
            held: 0,
            period_began: 0,
            below: false,
            crossings: 0,
            due: false,
            used_up: 0,
            notices: 0,
            suspensions: 0,
        }
    }

    /// What may be missing because this counter went to zero and its row is still there: all it showed,
    /// for nobody can tell from a later reading whether it happened.
    pub fn lose(&mut self, shown: Traffic) {
        self.allowance += shown.total().0;
    }

    /// What is missing because a queue went: what its last booked reading has not.
    pub fn lose_queue(&mut self, queue: &Counter) {
        let booked = self
            .rows
            .baseline
            .as_ref()
            .filter(|baseline| baseline.id == queue.id && self.rows.reset_pending == 0);
        let booked = booked.map_or(Traffic::ZERO, |baseline| baseline.shown);
        self.lose(booked.until(queue.shown).unwrap_or(queue.shown));
    }

    /// What is missing because a session ended: what its last booked reading has not.
    pub fn lose_session(&mut self, session: &Counter) {
        // Ids begin anew with a boot: what is recorded is of another session then.
        let book = self.rows.sessions.as_deref();
        let book = book.filter(|_| self.since_reboot.is_none());
        let booked = recorded(book, &session.id).unwrap_or(Traffic::ZERO);
        self.lose(booked.until(session.shown).unwrap_or(session.shown));
    }

    /// A reading from after the latest reboot was booked. Where the uptime had overtaken that of the
    /// reading before it, sessions of both boots may have been taken for the same.
    pub fn reboot_is_booked(&mut self, before: Option<&str>) {
        let now = uptime(self.rows.sessions.as_deref());
        if uptime(before) <= now {
            self.allowance += self.since_reboot.unwrap_or(0);
        }
        self.since_reboot = None;
    }

    /// The balance is at or below the threshold.
    fn is_below(&self) -> bool {
        let threshold = Product::of(self.service.product).threshold();
        threshold > 0 && self.rows.balance.is_some_and(|left| left <= threshold)
    }

    /// The cap should be in force.
    pub fn is_due(&self) -> bool {
        self.rows.balance.is_some_and(|left| left <= 0) && !self.service.override_on
    }

    /// After one transaction, or after WHMCS changed the service.
    pub fn observe(&mut self, rows: Rows, today: NaiveDate) -> Result<(), String> {
        let before = std::mem::replace(&mut self.rows, rows);
        let (billed_before, billed) = (before.billed(), self.rows.billed());
        let usage = billed_before
            .until(billed)
            .ok_or_else(|| broken("billed traffic decreased", &(billed_before, billed)))?;
        if before.balance.is_none() {
            self.used_unlimited += usage.total().0 - (self.rows.free - before.free);
        }
        let mut latest = None;
        // A day that was forgotten comes again when the clock goes back.
        for (day, traffic) in &self.rows.days {
            let known = before.days.get(day).copied().unwrap_or_default();
            let more = known.until(*traffic);
            let more = more.ok_or_else(|| broken("a day lost usage", &(day, known, traffic)))?;
            if !more.is_zero() {
                latest = Some(day.clone());
                *self.all_days.entry(day.clone()).or_default() += more;
            }
        }
        self.bring_back(&before, latest.as_deref());
        match (before.capped, self.rows.capped) {
            (false, true) => tally::add("account capped"),
            (true, false) => tally::add("cap lifted"),
            _ => {}
        }
        if self.rows.given.len() > before.given.len() {
            tally::add("grant");
            self.period_began = billed_before.total().0;
            self.who_pays_is_opened()?;
        }
        if self.rows.waiting.len() > before.waiting.len() {
            tally::add("grant waits");
        }
        if self.rows.free > before.free {
            tally::add("used free at a cap's speed");
        }
        self.nothing_ends_before_its_period(&before, today)?;
        self.only_what_a_cap_holds_back_is_free()?;
        let (below, due) = (self.is_below(), self.is_due());
        self.crossings += u32::from(below && !self.below);
        self.used_up += u32::from(due && !self.due);
        (self.below, self.due) = (below, due);
        self.days_months_period_and_balance_agree()?;
        self.no_period_is_granted_twice()
    }

    /// What a clock that ran ahead had booked on days to come is on earlier ones now; the month rows tell
    /// whether all of it is.
    fn bring_back(&mut self, before: &Rows, latest: Option<&str>) {
        let Some(latest) = latest else { return };
        for (day, traffic) in &before.days {
            if self.rows.days.contains_key(day) || day.as_str() <= latest {
                continue;
            }
            tally::add("days brought back");
            let known = self.all_days.remove(day).unwrap_or_default();
            let rest = traffic.until(known).unwrap_or_default();
            if !rest.is_zero() {
                self.all_days.insert(day.clone(), rest);
            }
        }
    }

    /// Day rows, month rows, period total and balance add up to the same bytes.
    fn days_months_period_and_balance_agree(&self) -> Result<(), String> {
        let rows = &self.rows;
        let mut months: BTreeMap<String, Traffic> = BTreeMap::new();
        for (day, traffic) in &self.all_days {
            let month = format!("{}-01", &day[..7]);
            *months.entry(month).or_default() += *traffic;
        }
        if months != rows.months {
            return Err(broken("days and months differ", &(months, &rows.months)));
        }
        let billed = rows.billed().total().0;
        let period = billed - self.period_began;
        if rows.present && rows.period != period {
            return Err(broken(
                "the period total is not what was billed since the grant",
                &(rows.period, period),
            ));
        }
        let owed = billed - self.used_unlimited - rows.free;
        let used = i64::try_from(owed).unwrap_or(i64::MAX);
        let balance = rows.granted - used;
        if rows.balance.is_some_and(|left| left != balance) {
            return Err(broken(
                "the balance is not grants − usage + corrections",
                &(rows.balance, rows.granted, used),
            ));
        }
        Ok(())
    }

    /// A period that was paid opens the account, whatever is owed.
    fn who_pays_is_opened(&self) -> Result<(), String> {
        if self.rows.balance.is_none_or(|left| left > 0) {
            return Ok(());
        }
        Err(broken("a period began and nothing is left", &self.rows))
    }

    /// What is left ends only when a period begins that is later than those before and whose day has come.
    /// (An account that becomes unlimited has no balance.)
    fn nothing_ends_before_its_period(
        &self,
        before: &Rows,
        today: NaiveDate,
    ) -> Result<(), String> {
        let rows = &self.rows;
        if rows.expired <= before.expired || rows.balance.is_none() || before.balance.is_none() {
            return Ok(());
        }
        let latest = rows.given.iter().max();
        let begins = latest.and_then(|key| period::begin(key));
        if latest > before.given.iter().max() && begins.is_some_and(|begins| begins <= today) {
            return Ok(());
        }
        Err(broken(
            "what was left ended before its period",
            &(today, &before.given, rows),
        ))
    }

    /// There is no free full speed.
    fn only_what_a_cap_holds_back_is_free(&self) -> Result<(), String> {
        if self.rows.free <= self.held {
            return Ok(());
        }
        Err(broken(
            "more was free than flowed at a cap's speed",
            &(self.rows.free, self.held),
        ))
    }

    /// Every period granted was paid or begun, and none is there twice.
    fn no_period_is_granted_twice(&self) -> Result<(), String> {
        let granted = &self.rows.periods;
        let mut different = granted.clone();
        different.sort_unstable();
        different.dedup();
        let may = &self.service.periods;
        let known = |key: &String| {
            let begun = may.iter().any(|begins| *key == format!("from {begins}"));
            begun || (self.service.once && key == "once")
        };
        if different.len() == granted.len() && granted.iter().all(known) {
            return Ok(());
        }
        Err(broken("a period was granted twice", &(granted, may)))
    }

    /// After a Renew: of the periods that were paid when it began, every one since the first one granted
    /// is granted.
    pub fn has_what_was_paid(&self, paid: usize) -> Result<(), String> {
        let granted = &self.rows.periods;
        let paid = self
            .service
            .paid
            .iter()
            .take(paid)
            .map(|begins| format!("from {begins}"));
        let first = granted.iter().min();
        let missed: Vec<_> = paid
            .filter(|key| !granted.contains(key) && first.is_none_or(|first| key > first))
            .collect();
        if missed.is_empty() {
            return Ok(());
        }
        Err(broken("a paid period was not granted", &(granted, missed)))
    }

    /// Billed traffic never exceeds the true traffic, in either direction.
    pub fn bills_no_more_than_flowed(&self, truth: Traffic) -> Result<(), String> {
        let billed = self.rows.billed();
        if billed.until(truth).is_some() {
            return Ok(());
        }
        Err(broken("more was billed than flowed", &(billed, truth)))
    }

    /// One notice at most for each crossing of the threshold, one suspension mail for each end of the
    /// balance.
    pub fn writes_once_per_crossing(&self) -> Result<(), String> {
        if self.notices <= self.crossings && self.suspensions <= self.used_up {
            return Ok(());
        }
        Err(broken(
            "a mail went twice (notices, crossings, suspensions, times used up)",
            &(self.notices, self.crossings, self.suspensions, self.used_up),
        ))
    }

    /// After an undisturbed collection: what is missing is no more than may be, and nothing where
    /// nothing destroyed a counter.
    pub fn loses_no_more_than_the_bound(&mut self, truth: Traffic) -> Result<(), String> {
        let missing = truth.total().0 - self.rows.billed().total().0;
        if missing > self.allowance {
            return Err(broken(
                "more is missing than may be (missing, bound)",
                &(missing, self.allowance),
            ));
        }
        // Both ends are known now.
        self.allowance = missing;
        Ok(())
    }

    /// After an undisturbed collection: what waits has a day that is still to come, and something is left.
    pub fn no_grant_waits_beyond_its_day(&self, today: NaiveDate) -> Result<(), String> {
        let rows = &self.rows;
        let late = |day: &String| day.parse::<NaiveDate>().is_ok_and(|day| day <= today);
        if !rows.provisioned || !rows.waiting.iter().any(|day| late(day) || self.is_due()) {
            return Ok(());
        }
        Err(broken(
            "a grant still waits",
            &(today, &rows.waiting, rows.balance),
        ))
    }

    /// After an undisturbed collection: cap and notice are what the balance says.
    pub fn cap_and_notice_are_as_the_balance_says(&self) -> Result<(), String> {
        if !self.rows.provisioned {
            return Ok(());
        }
        let (due, below) = (self.is_due(), self.is_below());
        if self.rows.capped != due {
            return Err(broken(
                "a cap was missed or left",
                &(self.rows.balance, self.rows.capped),
            ));
        }
        // Nobody is written to about a service that has ended.
        if self.rows.noticed != below && !is_ended(self.service.status) {
            return Err(broken(
                "a notice was missed or not armed again",
                &(self.rows.balance, self.rows.noticed),
            ));
        }
        Ok(())
    }

    /// After an undisturbed collection: WHMCS's own column has this period.
    pub fn whmcs_figure_is_the_period(&self) -> Result<(), String> {
        let megabytes = mikrotikvpn::units::Bytes(self.rows.period).as_whole_mb();
        if !self.rows.present || self.rows.bwusage == megabytes {
            return Ok(());
        }
        Err(broken(
            "tblhosting.bwusage is not the period",
            &(self.rows.bwusage, megabytes),
        ))
    }
}

/// The router's uptime when sessions were last read.
fn uptime(book: Option<&str>) -> Option<u64> {
    let book: serde_json::Value = serde_json::from_str(book?).ok()?;
    book.get("uptime")?.as_u64()
}

/// What the books know of a session.
fn recorded(book: Option<&str>, id: &str) -> Option<Traffic> {
    let book: serde_json::Value = serde_json::from_str(book?).ok()?;
    let known = book.get("sessions")?.as_array()?.iter().find(|known| {
        let text = |key| known.get(key).and_then(serde_json::Value::as_str);
        text("id")
            .zip(text("interface"))
            .is_some_and(|(session, interface)| format!("{session} {interface}") == id)
    })?;
    let number = |key| known.get(key).and_then(serde_json::Value::as_u64);
    Some(Traffic::new(number("download")?, number("upload")?))
}

fn broken(sentence: &str, figures: &impl std::fmt::Debug) -> String {
    format!("{sentence}: {figures:?}")
}

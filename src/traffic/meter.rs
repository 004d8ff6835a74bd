//! The meter: from two readings of one queue to the bytes between them. Pure.
//!
//! Whatever the router does between two readings, these rules never bill a byte that did not flow and
//! never bill one twice; where two answers are possible, the smaller is booked and a remark says so.
//!
//! | rule | what is seen | booked | new baseline |
//! |---|---|---|---|
//! | first sight | no baseline; a second reading agrees | nothing: what the counter holds may be older than the account | second reading |
//! | difference | same queue, same boot, counter not smaller | reading − baseline | reading |
//! | re-created queue | another queue id | reading: a new queue begins at zero, after the last reading | reading |
//! | reboot | router uptime is smaller than the baseline's | reading: counters begin at zero with the boot, even if they have overtaken the baseline since | reading |
//! | reset | same queue, a counter became smaller; a second reading agrees | that reading: it was zero in between; no more than the only session counted | reading |
//! | unconfirmed reset of ours | a reset was asked for and no answer came | the smaller of both answers, which is the difference | reading, the doubt stays |
//! | proven reset of ours | the same, and the only session contradicts the smaller answer and confirms the larger | the larger, which is the reading, no more than the session counted | reading |
//! | impossible value | more than the fastest line carries since the boot | nothing: such a counter is unreadable | unchanged |
//! | contradicted | the second reading does not agree | nothing | unchanged |
//! | suspected | more than the line carries in that time; the second reading agrees | nothing, until the next collection | unchanged |
//! | agreed | suspected before, and the counter went on from there | the least of the usage, what the line carries and what the sessions counted | reading |
//!
//! The *second reading* is one more of the same counters within the same collection: it is asked for only
//! where this table needs it, and agrees when it goes on from the first as far as the line carries. One
//! reply that holds nonsense therefore moves nothing, and a counter that holds nonsense bills nothing that
//! the account's sessions did not carry.
//!
//! # The second meter
//! The counter of the session's interface tells whether an unconfirmed reset happened, in each direction by
//! itself, where it is a witness at all: one login, one session, the same at both readings. Usage booked
//! since the sessions were last read is taken from what they counted, so that nothing is billed by both
//! meters. Traffic between two logins of a customer passes his queue once and his interfaces twice, so two
//! sessions prove nothing. Interfaces count frames and queues count packets:
//! an answer fits when it is within an eighth of what the session counted and 16 MB more, which also
//! covers what flowed between the reading and the reset. If both fit, or none, the smaller is booked. So
//! what remains of the doubt may cost what the counter had shown when it was read: at most an eighth of
//! the traffic since and 16 MB with such a session, all of it without one.
//!
//! A row that is missing, a counter that cannot be read and a list that broke are not readings: nothing
//! moves. A reading older than the stored one cannot get here: see [`Account::revision`].
//! Download and upload are judged together: a queue's two counters are only ever zeroed together.
//! Only the uptimes of the two readings themselves prove a reboot, not the number of boots the server's
//! other readings have seen: a number that was given to this baseline too late would bill it twice.
//!
//! [`Account::revision`]: crate::store::accounts::Account::revision

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::store::accounts::Baseline;
use crate::units::{Bytes, Limits, Rate, Traffic};

/// What the books hold of an account's queue.
#[derive(Debug, Clone, Copy, Default)]
pub struct Before<'a> {
    /// The counters up to which usage is booked; `None` before the first reading.
    pub baseline: Option<&'a Baseline>,
    /// An earlier reset was never confirmed.
    pub reset_pending: bool,
    /// A reading that waits for this one to agree.
    pub suspect: Option<&'a Suspect>,
}

/// The counters of one queue at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Bytes counted.
    pub counted: Traffic,
    /// The router's id of the queue.
    pub queue: String,
    /// The router's present boot, see [`crate::store::servers::Evidence`].
    pub boot: u64,
    /// The router's uptime: the only clock that cannot be set. `None` when it could not be read.
    pub uptime: Option<Duration>,
    /// Our clock: never evidence that less time went by.
    pub at: DateTime<Utc>,
    /// What the queue lets through; 0 is no limit.
    pub limits: Limits,
}

/// What else was read in the same collection.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside {
    /// Bytes the account's sessions counted since they were last read, without usage booked since.
    pub sessions: Traffic,
    /// The same where it is a witness of what the queue should have counted since the baseline, see above.
    pub witness: Option<Traffic>,
    /// The second reading; `None` when there was none yet.
    pub again: Option<Again>,
}

/// The second reading of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// Bytes counted; `None` when the queue was gone or unreadable.
    pub counted: Option<Traffic>,
    /// How long after the first, at most.
    pub after: Duration,
}

/// What became of a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// It counts.
    Booked(Metered),
    /// Only a second reading can tell.
    LookAgain,
    /// Nothing moves.
    Refused(Refusal),
}

/// Why a reading does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No router has counted so much since it started.
    Impossible,
    /// The second reading says something else.
    Contradicted,
    /// The next collection decides.
    Suspected(Suspect),
}

/// What the meter made of a reading that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metered {
    /// Bytes to bill.
    pub usage: Traffic,
    /// Bytes counted that are not billed: more than the line carries or than the sessions counted.
    pub implausible: Traffic,
    /// The counters up to which usage is booked now.
    pub baseline: Baseline,
    /// A reset of ours that was never confirmed may or may not have happened.
    pub reset_pending: bool,
    /// Which rule applied.
    pub rule: Rule,
}

/// A reading of more than the line carries, of which nothing is booked yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspect {
    download: u64,
    upload: u64,
    queue: String,
    /// Seconds.
    uptime: Option<u64>,
    /// Bytes the account's sessions have counted since the baseline, as far as is known.
    seen_download: u64,
    seen_upload: u64,
}

/// The rule that decided, see the table above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// No baseline.
    FirstSight,
    /// The ordinary case.
    Difference,
    /// Another queue than before.
    Recreated,
    /// The router started anew.
    Reboot,
    /// The counter became smaller and nobody told us.
    ForeignReset,
    /// The counter became smaller, as we had asked.
    OwnReset,
    /// Nobody can know whether our reset happened; the smaller usage is booked.
    Doubt,
    /// The session knows that our reset happened.
    ProvenReset,
}

/// A queue without a limit on an interface nobody has yet: 100 Gbit/s.
const FASTEST_LINE: Rate = Rate(100_000_000_000);

/// A queue lets a little more than `max-limit` through: its bucket, and clocks differ. A quarter and 16 MB
/// more than the line carries are plausible.
const TOLERANCE: Bytes = Bytes(16 << 20);

/// How long a router of unknown uptime may have been up: ten years. What it counts in that time fits into
/// the database's signed numbers.
const LONGEST_UPTIME: Duration = Duration::from_secs(10 * 365 * 86_400);

/// Applies the rules above.
pub fn meter(before: &Before<'_>, reading: &Reading, beside: &Beside) -> Judged {
    if !is_possible(reading.counted, reading.uptime) {
        return Judged::Refused(Refusal::Impossible);
    }
    let suspect = before
        .suspect
        .filter(|suspect| suspect.is_same_counter(reading));
    if let Some(suspect) = suspect
        && suspect.is_continued_by(reading)
    {
        return Judged::Booked(agreed(before, suspect, reading, beside));
    }
    let metered = usual(before, reading, beside);
    let is_more = !metered.implausible.is_zero();
    if !is_more && !metered.rule.needs_a_second_reading() {
        return Judged::Booked(metered);
    }
    match beside.again {
        None => Judged::LookAgain,
        Some(again) if !again.goes_on_from(reading) => Judged::Refused(Refusal::Contradicted),
        Some(again) if metered.rule.is_reset() && !again.is_smaller_than(before.baseline) => {
            Judged::Refused(Refusal::Contradicted)
        }
        Some(_) if is_more => {
            let seen = suspect.map(Suspect::seen).unwrap_or_default() + beside.sessions;
            Judged::Refused(Refusal::Suspected(Suspect::new(reading, seen)))
        }
        Some(again) => Judged::Booked(again.proves(metered)),
    }
}

/// Whether a counter can show so much after that uptime: every counter begins at zero with the boot.
pub(super) fn is_possible(counted: Traffic, uptime: Option<Duration>) -> bool {
    let most = carried(FASTEST_LINE, uptime.unwrap_or(LONGEST_UPTIME));
    counted.download <= most && counted.upload <= most
}

/// The reading on its own, cut to what the line carries.
fn usual(before: &Before<'_>, reading: &Reading, beside: &Beside) -> Metered {
    let (rule, counted) = judge(before, reading, beside.witness);
    let (usage, implausible) = cut(rule, before.baseline, reading, counted);
    if rule == Rule::ProvenReset && !implausible.is_zero() {
        // What the line cannot carry is no proof.
        let (rule, counted) = judge(before, reading, None);
        let (usage, implausible) = cut(rule, before.baseline, reading, counted);
        return metered(rule, usage, implausible, reading);
    }
    metered(rule, usage, implausible, reading)
}

/// The next collection agrees with a suspected reading.
fn agreed(before: &Before<'_>, suspect: &Suspect, reading: &Reading, beside: &Beside) -> Metered {
    let (rule, counted) = judge(before, reading, None);
    let (by_line, _) = cut(rule, before.baseline, reading, counted);
    let usage = least(by_line, suspect.seen() + beside.sessions);
    let rest = usage.until(counted).unwrap_or_default();
    metered(rule, usage, rest, reading)
}

fn metered(rule: Rule, usage: Traffic, implausible: Traffic, reading: &Reading) -> Metered {
    Metered {
        usage,
        implausible,
        baseline: Baseline {
            counted: reading.counted,
            queue: reading.queue.clone(),
            boot: reading.boot,
            uptime: reading.uptime,
            at: reading.at,
        },
        reset_pending: rule == Rule::Doubt,
        rule,
    }
}

fn judge(before: &Before<'_>, reading: &Reading, witness: Option<Traffic>) -> (Rule, Traffic) {
    let Some(baseline) = before.baseline else {
        return (Rule::FirstSight, Traffic::ZERO);
    };
    if baseline.queue != reading.queue {
        return (Rule::Recreated, reading.counted);
    }
    if has_rebooted(baseline, reading) {
        return (Rule::Reboot, reading.counted);
    }
    match baseline.counted.until(reading.counted) {
        None => {
            let rule = if before.reset_pending {
                Rule::OwnReset
            } else {
                Rule::ForeignReset
            };
            (rule, since_reset(reading.counted, witness))
        }
        // A counter that was zero when we asked is zero either way.
        Some(difference) if before.reset_pending && !baseline.counted.is_zero() => {
            doubt(difference, reading.counted, witness)
        }
        Some(difference) => (Rule::Difference, difference),
    }
}

/// What a counter shows that was zero after the baseline, unless the session has seen less since.
fn since_reset(counted: Traffic, witness: Option<Traffic>) -> Traffic {
    let Some(seen) = witness else {
        return counted;
    };
    let one = |counted: Bytes, seen: Bytes| {
        if counted.0 <= upper(seen) {
            counted
        } else {
            counted.min(seen)
        }
    };
    each(counted, seen, one)
}

/// Whether our unconfirmed reset happened, as far as the session can tell.
fn doubt(smaller: Traffic, larger: Traffic, witness: Option<Traffic>) -> (Rule, Traffic) {
    let Some(seen) = witness else {
        return (Rule::Doubt, smaller);
    };
    let one = |smaller: Bytes, larger: Bytes, seen: Bytes| {
        if fits(larger, seen) && !fits(smaller, seen) {
            larger.min(seen)
        } else {
            smaller
        }
    };
    let usage = Traffic {
        download: one(smaller.download, larger.download, seen.download),
        upload: one(smaller.upload, larger.upload, seen.upload),
    };
    if usage == smaller {
        (Rule::Doubt, smaller)
    } else {
        (Rule::ProvenReset, usage)
    }
}

/// Whether a queue may have counted `usage` when its session counted `seen`.
fn fits(usage: Bytes, seen: Bytes) -> bool {
    let less = usage.0 - usage.0 / 8;
    (less..=upper(usage)).contains(&seen.0)
}

/// An eighth and 16 MB more.
fn upper(bytes: Bytes) -> u64 {
    (bytes + Bytes(bytes.0 / 8) + TOLERANCE).0
}

fn each(one: Traffic, other: Traffic, of: impl Fn(Bytes, Bytes) -> Bytes) -> Traffic {
    Traffic {
        download: of(one.download, other.download),
        upload: of(one.upload, other.upload),
    }
}

fn least(one: Traffic, other: Traffic) -> Traffic {
    each(one, other, Ord::min)
}

impl Rule {
    fn is_reset(self) -> bool {
        matches!(self, Self::ForeignReset | Self::OwnReset)
    }

    /// A smaller counter bills what it shows, and a first one is a baseline without proof.
    fn needs_a_second_reading(self) -> bool {
        self.is_reset() || self == Self::FirstSight
    }
}

impl Again {
    fn goes_on_from(&self, reading: &Reading) -> bool {
        self.counted
            .is_some_and(|counted| flows(reading.counted, counted, self.after, reading.limits))
    }

    /// The larger of two first readings is the baseline: a first one that is nonsense may be smaller.
    fn proves(&self, mut metered: Metered) -> Metered {
        if metered.rule == Rule::FirstSight {
            metered.baseline.counted = self.counted.unwrap_or(metered.baseline.counted);
        }
        metered
    }

    fn is_smaller_than(&self, baseline: Option<&Baseline>) -> bool {
        self.counted
            .zip(baseline)
            .is_some_and(|(counted, baseline)| baseline.counted.until(counted).is_none())
    }
}

impl Suspect {
    fn new(reading: &Reading, seen: Traffic) -> Self {
        Self {
            download: reading.counted.download.0,
            upload: reading.counted.upload.0,
            queue: reading.queue.clone(),
            uptime: reading.uptime.map(|uptime| uptime.as_secs()),
            seen_download: seen.download.0,
            seen_upload: seen.upload.0,
        }
    }

    /// For the database.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As [`Suspect::text`] wrote it; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn counted(&self) -> Traffic {
        Traffic::new(self.download, self.upload)
    }

    fn seen(&self) -> Traffic {
        Traffic::new(self.seen_download, self.seen_upload)
    }

    /// The same queue in the same boot, not smaller.
    fn is_same_counter(&self, reading: &Reading) -> bool {
        self.queue == reading.queue
            && self.elapsed(reading).is_some()
            && self.counted().until(reading.counted).is_some()
    }

    fn is_continued_by(&self, reading: &Reading) -> bool {
        self.elapsed(reading)
            .is_some_and(|elapsed| flows(self.counted(), reading.counted, elapsed, reading.limits))
    }

    fn elapsed(&self, reading: &Reading) -> Option<Duration> {
        reading
            .uptime?
            .checked_sub(Duration::from_secs(self.uptime?))
    }
}

/// What flowed between both readings of one collection, `after` from each other at most; `None` when the
/// second tells nothing: the counter became smaller, or jumped.
pub fn tail(first: Traffic, second: Traffic, after: Duration, limits: Limits) -> Option<Traffic> {
    first
        .until(second)
        .filter(|_| flows(first, second, after, limits))
}

/// Whether a counter may have gone on from `first` to `then` in that time.
pub(super) fn flows(first: Traffic, then: Traffic, elapsed: Duration, limits: Limits) -> bool {
    first
        .until(then)
        .is_some_and(|grown| clamp(grown, elapsed, limits).1.is_zero())
}

/// An unknown uptime tells nothing, and then a smaller counter still does.
fn has_rebooted(baseline: &Baseline, reading: &Reading) -> bool {
    matches!((baseline.uptime, reading.uptime), (Some(before), Some(now)) if now < before)
}

/// Splits usage into what the line carries since the baseline and the rest.
fn cut(
    rule: Rule,
    baseline: Option<&Baseline>,
    reading: &Reading,
    counted: Traffic,
) -> (Traffic, Traffic) {
    clamp(counted, elapsed(rule, baseline, reading), reading.limits)
}

/// How long the counter may have been counting what is booked, by the router's uptime: where that is not
/// known of the baseline, all of it. A counter that became smaller may have done so by a reboot whose
/// uptime has grown beyond the baseline's since. Elsewhere our clock tells of such a reboot: more time has
/// gone by than the uptime grew. It only ever lengthens the time, and one that was set back tells nothing.
fn elapsed(rule: Rule, baseline: Option<&Baseline>, reading: &Reading) -> Duration {
    let uptime = reading.uptime.unwrap_or(LONGEST_UPTIME);
    let began_with_the_boot = matches!(rule, Rule::Reboot) || rule.is_reset();
    let Some(baseline) = baseline.filter(|_| !began_with_the_boot) else {
        return uptime;
    };
    let grown = baseline
        .uptime
        .zip(reading.uptime)
        .and_then(|(before, now)| now.checked_sub(before));
    let by_our_clock = (reading.at - baseline.at).to_std().unwrap_or(uptime);
    grown.map_or(uptime, |grown| grown.max(by_our_clock.min(uptime)))
}

/// Splits usage into what the line carries in `elapsed` and the rest.
pub(super) fn clamp(usage: Traffic, elapsed: Duration, limits: Limits) -> (Traffic, Traffic) {
    let cut = |bytes: Bytes, limit: Rate| bytes.min(carried(limit, elapsed));
    let plausible = Traffic {
        download: cut(usage.download, limits.download),
        upload: cut(usage.upload, limits.upload),
    };
    let rest = plausible.until(usage).unwrap_or_default();
    (plausible, rest)
}

/// Bytes a line carries in that time, with the tolerance. RouterOS gives uptimes in whole seconds, cut
/// off, so a second more is allowed.
fn carried(limit: Rate, elapsed: Duration) -> Bytes {
    let rate = if limit == Rate::UNLIMITED {
        FASTEST_LINE
    } else {
        limit
    };
    let bits = u128::from(rate.0) * u128::from(elapsed.as_secs() + 1);
    let bytes = bits / 8 * 5 / 4;
    Bytes(u64::try_from(bytes).unwrap_or(u64::MAX)) + TOLERANCE
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    const GB: u64 = 1 << 30;

    fn at(seconds: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_800_000_000 + seconds, 0).unwrap()
    }

    fn baseline(counted: Traffic) -> Baseline {
        Baseline {
            counted,
            queue: "*1".to_owned(),
            boot: 3,
            uptime: Some(Duration::from_secs(1_000)),
            at: at(0),
        }
    }

    fn reading(counted: Traffic) -> Reading {
        Reading {
            counted,
            queue: "*1".to_owned(),
            boot: 3,
            uptime: Some(Duration::from_secs(1_300)),
            at: at(300),
            limits: Limits::default(),
        }
    }

    /// 8 Mbit/s: 1 MB a second.
    fn slow(counted: Traffic) -> Reading {
        let mut reading = reading(counted);
        reading.limits.download = Rate(8_000_000);
        reading
    }

    /// What 8 Mbit/s may have carried in the 300 seconds, and a second: with the tolerances.
    const SLOW: u64 = 301_000_000 * 5 / 4 + (16 << 20);

    fn second(counted: Traffic) -> Again {
        Again {
            counted: Some(counted),
            after: Duration::from_secs(2),
        }
    }

    /// As a collection does it: the second reading, which says the same, only where it is asked for.
    fn judged(before: &Before<'_>, now: &Reading, beside: Beside) -> Judged {
        let first = meter(before, now, &beside);
        if first != Judged::LookAgain {
            return first;
        }
        let again = Some(second(now.counted));
        meter(before, now, &Beside { again, ..beside })
    }

    fn booked(judged: Judged) -> Metered {
        match judged {
            Judged::Booked(metered) => metered,
            other => panic!("{other:?}"),
        }
    }

    fn suspected(judged: Judged) -> Suspect {
        match judged {
            Judged::Refused(Refusal::Suspected(suspect)) => suspect,
            other => panic!("{other:?}"),
        }
    }

    fn decide(before: Option<Traffic>, pending: bool, now: &Reading) -> (Rule, Traffic) {
        let before = before.map(baseline);
        let before = Before {
            baseline: before.as_ref(),
            reset_pending: pending,
            suspect: None,
        };
        let metered = booked(judged(&before, now, Beside::default()));
        assert_eq!(
            metered.baseline.counted, now.counted,
            "a reading that counts is the next baseline"
        );
        (metered.rule, metered.usage)
    }

    fn after(baseline: &Baseline) -> Before<'_> {
        Before {
            baseline: Some(baseline),
            ..Before::default()
        }
    }

    #[test]
    fn first_sight_books_nothing() {
        let now = reading(Traffic::new(500, 70));
        assert_eq!(decide(None, false, &now), (Rule::FirstSight, Traffic::ZERO));
    }

    #[test]
    fn a_larger_counter_books_the_difference() {
        let now = reading(Traffic::new(500, 70));
        let booked = decide(Some(Traffic::new(400, 70)), false, &now);
        assert_eq!(booked, (Rule::Difference, Traffic::new(100, 0)));
    }

    #[test]
    fn a_recreated_queue_books_all_it_has_counted_even_beyond_the_old_counter() {
        let mut now = reading(Traffic::new(500, 70));
        now.queue = "*2".to_owned();
        let booked = decide(Some(Traffic::new(400, 60)), false, &now);
        assert_eq!(booked, (Rule::Recreated, Traffic::new(500, 70)));
    }

    #[test]
    fn a_reboot_books_all_counted_since_even_beyond_the_old_counter() {
        let mut now = reading(Traffic::new(500, 70));
        now.boot = 4;
        now.uptime = Some(Duration::from_secs(999));
        let booked = decide(Some(Traffic::new(400, 60)), false, &now);
        assert_eq!(booked, (Rule::Reboot, Traffic::new(500, 70)));
    }

    #[test]
    fn a_boot_that_only_other_readings_have_seen_books_the_smaller_usage() {
        let mut now = reading(Traffic::new(500, 70));
        now.boot = 4;
        let booked = decide(Some(Traffic::new(400, 60)), false, &now);
        assert_eq!(booked, (Rule::Difference, Traffic::new(100, 10)));
    }

    #[test]
    fn a_smaller_counter_may_be_of_a_boot_that_is_older_than_it_looks() {
        // 300 s after the baseline's uptime, but of a boot that has lasted 1,300 s.
        let now = slow(Traffic::new(900_000_000, 0));
        let booked = decide(Some(Traffic::new(1 << 40, 0)), false, &now);
        assert_eq!(booked, (Rule::ForeignReset, Traffic::new(900_000_000, 0)));
    }

    #[test]
    fn a_reset_by_others_books_what_came_after_it() {
        let now = reading(Traffic::new(30, 70));
        let booked = decide(Some(Traffic::new(400, 60)), false, &now);
        assert_eq!(booked, (Rule::ForeignReset, Traffic::new(30, 70)));
    }

    #[test]
    fn an_unconfirmed_reset_books_the_smaller_usage_and_keeps_the_doubt() {
        let now = reading(Traffic::new(500, 70));
        let baseline = baseline(Traffic::new(400, 60));
        let before = Before {
            reset_pending: true,
            ..after(&baseline)
        };
        let metered = booked(judged(&before, &now, Beside::default()));
        assert_eq!(metered.usage, Traffic::new(100, 10));
        assert_eq!((metered.rule, metered.reset_pending), (Rule::Doubt, true));
    }

    #[test]
    fn an_unconfirmed_reset_that_shows_is_no_doubt_any_more() {
        let now = reading(Traffic::new(30, 5));
        let baseline = baseline(Traffic::new(400, 60));
        let before = Before {
            reset_pending: true,
            ..after(&baseline)
        };
        let metered = booked(judged(&before, &now, Beside::default()));
        assert_eq!(metered.usage, Traffic::new(30, 5));
        assert_eq!(
            (metered.rule, metered.reset_pending),
            (Rule::OwnReset, false)
        );
    }

    #[test]
    fn a_smaller_or_first_counter_counts_only_when_read_twice() {
        let baseline = baseline(Traffic::new(400, 60));
        for before in [Before::default(), after(&baseline)] {
            let now = reading(Traffic::new(30, 5));
            let look = |again| {
                let beside = Beside {
                    again,
                    ..Beside::default()
                };
                meter(&before, &now, &beside)
            };
            assert_eq!(look(None), Judged::LookAgain);
            let contradicted = Judged::Refused(Refusal::Contradicted);
            assert_eq!(look(Some(second(Traffic::new(29, 5)))), contradicted);
            assert!(matches!(
                look(Some(second(Traffic::new(31, 5)))),
                Judged::Booked(_)
            ));
            let gone = Again {
                counted: None,
                after: Duration::ZERO,
            };
            assert_eq!(look(Some(gone)), contradicted);
        }
        // One reply held nonsense: the counter is not smaller after all.
        let now = reading(Traffic::ZERO);
        let beside = Beside {
            again: Some(second(Traffic::new(410, 60))),
            ..Beside::default()
        };
        let before = after(&baseline);
        assert_eq!(
            meter(&before, &now, &beside),
            Judged::Refused(Refusal::Contradicted)
        );
    }

    #[test]
    fn a_value_no_router_can_have_counted_since_its_boot_is_unreadable() {
        let baseline = baseline(Traffic::ZERO);
        for counted in [
            Traffic::new(u64::MAX, 0),
            Traffic::new(0, 1 << 63),
            Traffic::new(1_302 * 125 * 125_000_000, 0),
        ] {
            for before in [Before::default(), after(&baseline)] {
                let judged = judged(&before, &reading(counted), Beside::default());
                assert_eq!(judged, Judged::Refused(Refusal::Impossible), "{counted:?}");
            }
        }
        let mut unknown = reading(Traffic::new(1 << 63, 0));
        unknown.uptime = None;
        assert_eq!(
            judged(&after(&baseline), &unknown, Beside::default()),
            Judged::Refused(Refusal::Impossible),
            "also without an uptime: a baseline always fits the database"
        );
    }

    #[test]
    fn a_single_reading_of_more_than_the_line_carries_moves_nothing() {
        let baseline = baseline(Traffic::new(5_000, 0));
        let now = slow(Traffic::new(10 * GB, 0));
        let before = after(&baseline);
        assert_eq!(meter(&before, &now, &Beside::default()), Judged::LookAgain);
        let beside = Beside {
            again: Some(second(Traffic::new(6_000, 0))),
            ..Beside::default()
        };
        assert_eq!(
            meter(&before, &now, &beside),
            Judged::Refused(Refusal::Contradicted)
        );
    }

    #[test]
    fn more_than_the_line_carries_waits_for_the_next_collection_and_then_counts_as_the_sessions_saw_it()
     {
        let baseline = baseline(Traffic::ZERO);
        let now = slow(Traffic::new(10 * GB, 7));
        let beside = |sessions| Beside {
            sessions,
            ..Beside::default()
        };
        let first = beside(Traffic::new(GB / 8, 5));
        let suspect = suspected(judged(&after(&baseline), &now, first));
        let suspect = Suspect::parse(&suspect.text()).unwrap();
        let before = Before {
            suspect: Some(&suspect),
            ..after(&baseline)
        };
        let mut next = slow(Traffic::new(10 * GB + 1_000, 9));
        next.uptime = Some(Duration::from_secs(1_600));
        next.at = at(600);
        let line = 601_000_000 * 5 / 4 + (16 << 20);
        for (sessions, counts) in [
            (Traffic::new(500, 3), Traffic::new(GB / 8 + 500, 8)),
            (Traffic::new(10 * GB, 50), Traffic::new(line, 9)),
            (Traffic::ZERO, Traffic::new(GB / 8, 5)),
        ] {
            let metered = booked(meter(&before, &next, &beside(sessions)));
            assert_eq!(metered.usage, counts);
            assert_eq!(metered.usage + metered.implausible, next.counted);
            assert_eq!(metered.baseline.counted, next.counted);
        }
    }

    #[test]
    fn a_suspected_value_that_is_gone_again_was_none() {
        let baseline = baseline(Traffic::new(5_000, 0));
        let now = slow(Traffic::new(10 * GB, 0));
        let suspect = suspected(judged(&after(&baseline), &now, Beside::default()));
        let before = Before {
            suspect: Some(&suspect),
            ..after(&baseline)
        };
        let mut next = slow(Traffic::new(8_000, 0));
        next.uptime = Some(Duration::from_secs(1_600));
        let metered = booked(meter(&before, &next, &Beside::default()));
        assert_eq!(
            (metered.rule, metered.usage),
            (Rule::Difference, Traffic::new(3_000, 0))
        );
    }

    #[test]
    fn a_suspected_counter_that_jumps_on_stays_suspected() {
        let baseline = baseline(Traffic::ZERO);
        let beside = Beside {
            sessions: Traffic::new(10, 0),
            ..Beside::default()
        };
        let first = slow(Traffic::new(10 * GB, 0));
        let suspect = suspected(judged(&after(&baseline), &first, beside));
        let before = Before {
            suspect: Some(&suspect),
            ..after(&baseline)
        };
        let mut next = slow(Traffic::new(20 * GB, 0));
        next.uptime = Some(Duration::from_secs(1_600));
        let still = suspected(judged(&before, &next, beside));
        assert_eq!(
            still.seen(),
            Traffic::new(20, 0),
            "and what was seen adds up"
        );
    }

    #[test]
    fn a_line_without_limits_is_metered_up_to_a_hundred_gigabit() {
        let now = reading(Traffic::new(3_600 * GB, 0));
        let booked = decide(Some(Traffic::ZERO), false, &now);
        assert_eq!(booked, (Rule::Difference, Traffic::new(3_600 * GB, 0)));
    }

    /// An unconfirmed reset: the queue shows `now` after `then`, and the only session counted `seen`.
    fn doubted(then: u64, now: u64, seen: u64) -> (Rule, u64) {
        let baseline = baseline(Traffic::new(then, 0));
        let before = Before {
            reset_pending: true,
            ..after(&baseline)
        };
        let beside = Beside {
            sessions: Traffic::new(seen, 0),
            witness: Some(Traffic::new(seen, 0)),
            again: None,
        };
        let metered = booked(meter(&before, &reading(Traffic::new(now, 0)), &beside));
        (metered.rule, metered.usage.download.0)
    }

    #[test]
    fn the_only_session_proves_that_an_unconfirmed_reset_happened() {
        assert_eq!(doubted(4 * GB, 5 * GB, 5 * GB), (Rule::ProvenReset, 5 * GB));
        let overhead = 5 * GB + GB / 4;
        assert_eq!(
            doubted(4 * GB, 5 * GB, overhead),
            (Rule::ProvenReset, 5 * GB)
        );
        let less = 5 * GB - GB / 4;
        assert_eq!(doubted(4 * GB, 5 * GB, less), (Rule::ProvenReset, less));
    }

    #[test]
    fn a_session_that_fits_both_answers_or_none_proves_nothing() {
        assert_eq!(doubted(4 * GB, 5 * GB, GB), (Rule::Doubt, GB), "no reset");
        assert_eq!(
            doubted(4 * GB, 5 * GB, 2 * GB),
            (Rule::Doubt, GB),
            "both ways of traffic between two customers, or past the queue"
        );
        assert_eq!(doubted(4 * GB, 5 * GB, 50 * GB), (Rule::Doubt, GB));
        let little = 5 << 20;
        assert_eq!(
            doubted(little, 5 * GB, 5 * GB),
            (Rule::Doubt, 5 * GB - little)
        );
    }

    #[test]
    fn each_direction_is_proven_by_itself() {
        let baseline = baseline(Traffic::new(4 * GB, 1_000));
        let before = Before {
            reset_pending: true,
            ..after(&baseline)
        };
        let beside = Beside {
            witness: Some(Traffic::new(5 * GB, 900)),
            ..Beside::default()
        };
        let now = reading(Traffic::new(5 * GB, 1_900));
        let metered = booked(meter(&before, &now, &beside));
        assert_eq!(metered.usage, Traffic::new(5 * GB, 900));
        assert!(!metered.reset_pending);
    }

    #[test]
    fn a_smaller_counter_bills_no_more_than_the_only_session_counted() {
        let baseline = baseline(Traffic::new(10 * GB, 0));
        let beside = |seen| Beside {
            witness: Some(Traffic::new(seen, 0)),
            again: Some(second(Traffic::new(9 * GB, 0))),
            ..Beside::default()
        };
        let now = reading(Traffic::new(9 * GB, 0));
        let usage = |seen| {
            booked(meter(&after(&baseline), &now, &beside(seen)))
                .usage
                .download
                .0
        };
        assert_eq!(usage(GB), GB, "the baseline was nonsense");
        assert_eq!(usage(9 * GB), 9 * GB);
        assert_eq!(usage(8 * GB), 9 * GB, "frames and packets differ");
    }

    #[test]
    fn our_own_clock_cuts_nothing_wherever_it_jumps() {
        let mut now = slow(Traffic::new(200_000_000, 0));
        for seconds in [-3_600, 0, 1, 86_400] {
            now.at = at(seconds);
            let (_, usage) = decide(Some(Traffic::ZERO), false, &now);
            assert_eq!(usage, Traffic::new(200_000_000, 0), "{seconds}");
        }
    }

    #[test]
    fn a_reboot_only_our_clock_tells_of_cuts_nothing_that_flowed_since() {
        let mut now = slow(Traffic::new(1_000_000_000, 0));
        now.uptime = Some(Duration::from_secs(1_010));
        // 1,000 s of an hour belong to this boot; or the clock was set back meanwhile.
        for seconds in [3_600, -60] {
            now.at = at(seconds);
            let booked = decide(Some(Traffic::ZERO), false, &now);
            let all = (Rule::Difference, Traffic::new(1_000_000_000, 0));
            assert_eq!(booked, all, "{seconds}");
        }
        now.at = at(10);
        let baseline = baseline(Traffic::ZERO);
        suspected(judged(&after(&baseline), &now, Beside::default()));
    }

    #[test]
    fn without_an_uptime_the_line_may_have_carried_for_years() {
        let mut now = slow(Traffic::new(10 * GB, 0));
        now.uptime = None;
        let booked = decide(Some(Traffic::ZERO), false, &now);
        assert_eq!(booked, (Rule::Difference, Traffic::new(10 * GB, 0)));
    }

    #[test]
    fn after_a_reboot_the_line_has_carried_only_since_then() {
        let mut now = slow(Traffic::new(10 * GB, 0));
        now.boot = 4;
        now.uptime = Some(Duration::from_secs(9));
        let baseline = baseline(Traffic::ZERO);
        suspected(judged(&after(&baseline), &now, Beside::default()));
        now.counted = Traffic::new(10_000_000 * 5 / 4 + (16 << 20), 0);
        let metered = booked(judged(&after(&baseline), &now, Beside::default()));
        assert_eq!(metered.usage, now.counted);
    }

    #[test]
    fn what_the_line_carries_is_booked_at_once_and_to_the_byte() {
        let most = decide(Some(Traffic::ZERO), false, &slow(Traffic::new(SLOW, 0)));
        assert_eq!(most.1, Traffic::new(SLOW, 0));
        let baseline = baseline(Traffic::ZERO);
        let more = slow(Traffic::new(SLOW + 1, 0));
        suspected(judged(&after(&baseline), &more, Beside::default()));
    }
}

//! The meter: from two readings of one queue to the bytes between them. Pure.
//!
//! Whatever the router does between two readings, these rules never bill a byte that did not flow and
//! never bill one twice; where two answers are possible, the smaller is booked and a remark says so.
//!
//! | rule | what is seen | booked | new baseline |
//! |---|---|---|---|
//! | first sight | no baseline | nothing: what the counter holds may be older than the account | reading |
//! | difference | same queue, same boot, counter not smaller | reading − baseline | reading |
//! | re-created queue | another queue id | reading: a new queue begins at zero, after the last reading | reading |
//! | reboot | router uptime is smaller than the baseline's | reading: counters begin at zero with the boot, even if they have overtaken the baseline since | reading |
//! | reset | same queue, a counter became smaller | that reading: it was zero in between | reading |
//! | unconfirmed reset of ours | a reset was asked for and no answer came | the smaller of both answers, which is the difference | reading, the doubt stays |
//! | implausible jump | more than the line carries in that time | what the line carries | reading |
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

use crate::store::accounts::Baseline;
use crate::units::{Bytes, Limits, Rate, Traffic};

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

/// What the meter made of a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metered {
    /// Bytes to bill.
    pub usage: Traffic,
    /// Bytes counted beyond what the line carries, not billed.
    pub implausible: Traffic,
    /// The counters up to which usage is booked now.
    pub baseline: Baseline,
    /// A reset of ours that was never confirmed may or may not have happened.
    pub reset_pending: bool,
    /// Which rule applied.
    pub rule: Rule,
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
}

/// A queue without a limit on an interface nobody has yet: 100 Gbit/s.
const FASTEST_LINE: Rate = Rate(100_000_000_000);

/// A queue lets a little more than `max-limit` through: its bucket, and clocks differ. A quarter and 16 MB
/// more than the line carries are plausible.
const TOLERANCE: Bytes = Bytes(16 << 20);

/// Applies the rules above. `reset_pending` says that an earlier reset was never confirmed.
pub fn meter(baseline: Option<&Baseline>, reset_pending: bool, reading: &Reading) -> Metered {
    let (rule, counted) = judge(baseline, reset_pending, reading);
    let (usage, implausible) = match elapsed(rule, baseline, reading) {
        Some(elapsed) => clamp(counted, elapsed, reading.limits),
        None => (counted, Traffic::ZERO),
    };
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

fn judge(baseline: Option<&Baseline>, reset_pending: bool, reading: &Reading) -> (Rule, Traffic) {
    let Some(baseline) = baseline else {
        return (Rule::FirstSight, Traffic::ZERO);
    };
    if baseline.queue != reading.queue {
        return (Rule::Recreated, reading.counted);
    }
    if has_rebooted(baseline, reading) {
        return (Rule::Reboot, reading.counted);
    }
    match baseline.counted.until(reading.counted) {
        None if reset_pending => (Rule::OwnReset, reading.counted),
        None => (Rule::ForeignReset, reading.counted),
        // A counter that was zero when we asked is zero either way.
        Some(difference) if reset_pending && !baseline.counted.is_zero() => {
            (Rule::Doubt, difference)
        }
        Some(difference) => (Rule::Difference, difference),
    }
}

/// An unknown uptime tells nothing, and then a smaller counter still does.
fn has_rebooted(baseline: &Baseline, reading: &Reading) -> bool {
    matches!((baseline.uptime, reading.uptime), (Some(before), Some(now)) if now < before)
}

/// How long the counter may have been counting what is booked, by the router's uptime; `None` when that
/// is not known, and then nothing is cut. A counter that became smaller may have done so by a reboot whose
/// uptime has grown beyond the baseline's since. Elsewhere our clock tells of such a reboot: more time has
/// gone by than the uptime grew. It only ever lengthens the time, and one that was set back tells nothing.
fn elapsed(rule: Rule, baseline: Option<&Baseline>, reading: &Reading) -> Option<Duration> {
    let uptime = reading.uptime?;
    match rule {
        Rule::Reboot | Rule::ForeignReset | Rule::OwnReset => Some(uptime),
        Rule::FirstSight | Rule::Difference | Rule::Recreated | Rule::Doubt => {
            let baseline = baseline?;
            let grown = uptime.checked_sub(baseline.uptime?)?;
            let by_our_clock = (reading.at - baseline.at).to_std().unwrap_or(uptime);
            Some(grown.max(by_our_clock.min(uptime)))
        }
    }
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

    fn decide(before: Option<Traffic>, pending: bool, now: &Reading) -> (Rule, Traffic) {
        let before = before.map(baseline);
        let metered = meter(before.as_ref(), pending, now);
        assert_eq!(
            metered.baseline.counted, now.counted,
            "a reading is always the next baseline"
        );
        (metered.rule, metered.usage)
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
        let mut now = reading(Traffic::new(900_000_000, 0));
        now.limits.download = Rate(8_000_000);
        // 300 s after the baseline's uptime, but of a boot that has lasted 1,300 s.
        let metered = meter(Some(&baseline(Traffic::new(1 << 40, 0))), false, &now);
        assert_eq!(metered.rule, Rule::ForeignReset);
        assert_eq!(metered.usage, Traffic::new(900_000_000, 0));
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
        let before = baseline(Traffic::new(400, 60));
        let metered = meter(Some(&before), true, &now);
        assert_eq!(metered.usage, Traffic::new(100, 10));
        assert_eq!((metered.rule, metered.reset_pending), (Rule::Doubt, true));
    }

    #[test]
    fn an_unconfirmed_reset_that_shows_is_no_doubt_any_more() {
        let now = reading(Traffic::new(30, 5));
        let before = baseline(Traffic::new(400, 60));
        let metered = meter(Some(&before), true, &now);
        assert_eq!(metered.usage, Traffic::new(30, 5));
        assert_eq!(
            (metered.rule, metered.reset_pending),
            (Rule::OwnReset, false)
        );
    }

    #[test]
    fn a_jump_beyond_the_line_is_booked_up_to_the_line_and_the_rest_reported() {
        let mut now = reading(Traffic::new(10 << 30, 0));
        now.limits.download = Rate(8_000_000);
        let metered = meter(Some(&baseline(Traffic::ZERO)), false, &now);
        // 8 Mbit/s for 301 s is 301 MB (10^6), a quarter more, and 16 MB (2^20).
        assert_eq!(
            metered.usage.download,
            Bytes(301_000_000 * 5 / 4 + (16 << 20))
        );
        assert_eq!(
            metered.usage.download + metered.implausible.download,
            Bytes(10 << 30)
        );
    }

    #[test]
    fn our_own_clock_cuts_nothing_wherever_it_jumps() {
        let mut now = reading(Traffic::new(200_000_000, 0));
        now.limits.download = Rate(8_000_000);
        for seconds in [-3_600, 0, 1, 86_400] {
            now.at = at(seconds);
            let metered = meter(Some(&baseline(Traffic::ZERO)), false, &now);
            assert_eq!(metered.usage, Traffic::new(200_000_000, 0), "{seconds}");
        }
    }

    #[test]
    fn a_reboot_only_our_clock_tells_of_cuts_nothing_that_flowed_since() {
        let mut now = reading(Traffic::new(1_000_000_000, 0));
        now.limits.download = Rate(8_000_000);
        now.uptime = Some(Duration::from_secs(1_010));
        // 1,000 s of an hour belong to this boot; or the clock was set back meanwhile.
        for seconds in [3_600, -60] {
            now.at = at(seconds);
            let metered = meter(Some(&baseline(Traffic::ZERO)), false, &now);
            assert_eq!(metered.rule, Rule::Difference);
            assert_eq!(metered.usage, Traffic::new(1_000_000_000, 0), "{seconds}");
        }
        now.at = at(10);
        let metered = meter(Some(&baseline(Traffic::ZERO)), false, &now);
        assert_eq!(
            metered.usage.download,
            Bytes(11_000_000 * 5 / 4 + (16 << 20))
        );
    }

    #[test]
    fn without_an_uptime_nothing_is_cut() {
        let mut now = reading(Traffic::new(10 << 30, 0));
        now.limits.download = Rate(8_000_000);
        now.uptime = None;
        let metered = meter(Some(&baseline(Traffic::ZERO)), false, &now);
        assert_eq!(metered.usage, Traffic::new(10 << 30, 0));
    }

    #[test]
    fn after_a_reboot_the_line_has_carried_only_since_then() {
        let mut now = reading(Traffic::new(10 << 30, 0));
        now.limits.download = Rate(8_000_000);
        now.boot = 4;
        now.uptime = Some(Duration::from_secs(9));
        let metered = meter(Some(&baseline(Traffic::ZERO)), false, &now);
        assert_eq!(
            metered.usage.download,
            Bytes(10_000_000 * 5 / 4 + (16 << 20))
        );
    }
}

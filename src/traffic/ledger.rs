//! The ledger of a service as a page of entries that add up to its balance: proof for a dispute.

use std::cmp::Reverse;
use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::error::Result;
use crate::host::Host;
use crate::store::grants::{self, Entry};
use crate::store::history::Usage;
use crate::store::{self, history, standings};
use crate::units::{Bytes, Traffic};

/// One line of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The day, in WHMCS's time zone; the first of the month for usage whose days are not kept any more.
    pub day: NaiveDate,
    /// What it was.
    pub what: What,
    /// Bytes added; negative when used or taken.
    pub bytes: i64,
}

/// Why a balance is what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An entry of the journal.
    Entry(Entry),
    /// Used on that day, and what of it is not owed.
    Used(Traffic, Bytes),
    /// Used on those days of the month that are not kept any more, and what of it is not owed.
    UsedBefore(Traffic, Bytes),
}

/// A part of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// The newest first.
    pub lines: Vec<Line>,
    /// How many there are in all.
    pub count: u64,
    /// Bytes left; `None` is unlimited. The sum of all lines when the account never was unlimited.
    pub balance: Option<i64>,
}

/// Lines of everything that made the balance of a service what it is, of which the newest `wanted.start` are
/// left out.
pub fn ledger(host: &dyn Host, service: i64, wanted: Range<u32>) -> Result<Ledger> {
    store::ensure_schema(host)?;
    // Which of the sources the lines come from is known when they stand in order.
    let entries = grants::latest(host, service, 0..wanted.end)?;
    let days = history::latest_days(host, service, wanted.end)?;
    let (kept, by_month) = history::kept_by_month(host, service)?;
    let before = before_the_days(&history::months(host, service)?, &by_month);
    let count = grants::count(host, service)? + kept + before.len() as u64;
    let standing = standings::find(host, service)?;
    let (start, end) = (wanted.start as usize, wanted.end as usize);
    let lines = newest_first(&entries, &days, before, host.time_zone());
    Ok(Ledger {
        lines: lines.into_iter().take(end).skip(start).collect(),
        count,
        balance: standing.and_then(|standing| standing.balance),
    })
}

/// Days that are not kept any more are one line of their month: what the month has and its days have not.
fn before_the_days(months: &[Usage], kept: &[Usage]) -> Vec<Line> {
    let rests = months.iter().map(|month| {
        let kept = kept.iter().find(|kept| kept.on == month.on);
        let (used, free) = kept.map_or_else(Default::default, |kept| (kept.traffic, kept.free));
        let rest = |all: Bytes, kept: Bytes| all.0.saturating_sub(kept.0);
        Usage {
            on: month.on,
            traffic: Traffic::new(
                rest(month.traffic.download, used.download),
                rest(month.traffic.upload, used.upload),
            ),
            free: Bytes(rest(month.free, free)),
        }
    });
    rests
        .filter(|rest| !rest.traffic.is_zero())
        .map(|rest| Line {
            what: What::UsedBefore(rest.traffic, rest.free),
            ..used(&rest)
        })
        .collect()
}

/// A day's usage is known when the day is over, that of days before others came first of all.
fn newest_first(entries: &[Entry], days: &[Usage], before: Vec<Line>, zone: Tz) -> Vec<Line> {
    let days = days.iter().map(used);
    let entries = entries.iter().map(|entry| granted(entry, zone));
    let mut lines: Vec<_> = days.chain(entries).chain(before).collect();
    lines.sort_by_key(|line| Reverse(line.day));
    lines
}

fn granted(entry: &Entry, zone: Tz) -> Line {
    Line {
        day: day(entry.at, zone),
        what: What::Entry(entry.clone()),
        bytes: entry.bytes,
    }
}

fn used(usage: &Usage) -> Line {
    let owed = usage.traffic.total().0.saturating_sub(usage.free.0);
    Line {
        day: usage.on,
        what: What::Used(usage.traffic, usage.free),
        bytes: -i64::try_from(owed).unwrap_or(i64::MAX),
    }
}

fn day(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::store::grants::Kind;

    fn date(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    fn entry(kind: Kind, bytes: i64, hour: u32) -> Entry {
        Entry {
            at: Utc.with_ymd_and_hms(2026, 3, 28, hour, 30, 0).unwrap(),
            kind,
            bytes,
            period: String::new(),
            reason: String::new(),
            admin: String::new(),
            waits: None,
        }
    }

    fn usage(day: u32, traffic: Traffic, free: u64) -> Usage {
        Usage {
            on: date(day),
            traffic,
            free: Bytes(free),
        }
    }

    #[test]
    fn days_that_are_gone_are_still_in_the_sum_and_the_newest_line_is_the_first() {
        let kept = [usage(1, Traffic::new(10, 5), 0)];
        let before = before_the_days(&[usage(1, Traffic::new(100, 7), 0)], &kept);
        let days = [usage(30, Traffic::new(10, 5), 0)];
        let lines = newest_first(&[entry(Kind::Grant, 500, 1)], &days, before, Tz::UTC);
        let sum: i64 = lines.iter().map(|line| line.bytes).sum();
        assert_eq!(sum, 500 - 107);
        assert_eq!(lines.len(), 3);
        let none = Bytes(0);
        assert_eq!(lines[0].what, What::Used(Traffic::new(10, 5), none));
        assert_eq!(lines[2].what, What::UsedBefore(Traffic::new(90, 2), none));
    }

    #[test]
    fn what_is_not_owed_is_told_and_the_sum_is_the_balance() {
        let kept = [usage(1, Traffic::new(10, 0), 4)];
        let before = before_the_days(&[usage(1, Traffic::new(100, 0), 34)], &kept);
        let days = [usage(30, Traffic::new(10, 0), 4)];
        let lines = newest_first(&[], &days, before, Tz::UTC);
        let told: Vec<_> = lines
            .into_iter()
            .map(|line| (line.what, line.bytes))
            .collect();
        let today = What::Used(Traffic::new(10, 0), Bytes(4));
        let before = What::UsedBefore(Traffic::new(90, 0), Bytes(30));
        assert_eq!(told, [(today, -6), (before, -60)]);
    }

    #[test]
    fn a_month_whose_days_are_all_kept_has_no_line_of_its_own() {
        let kept = [usage(1, Traffic::new(100, 7), 0)];
        assert_eq!(before_the_days(&kept, &kept), []);
    }

    /// Clocks in Berlin go forward in the night to 29 March 2026: 23:30 UTC is half past midnight.
    #[test]
    fn an_entry_is_of_whmcss_day() {
        let berlin = Tz::Europe__Berlin;
        assert_eq!(granted(&entry(Kind::Grant, 1, 23), berlin).day, date(29));
        assert_eq!(granted(&entry(Kind::Grant, 1, 22), berlin).day, date(28));
    }
}

//! The ledger of a service as a page of entries that add up to its balance: proof for a dispute.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::error::Result;
use crate::host::Host;
use crate::store::grants::{self, Entry};
use crate::store::{self, history, standings};
use crate::units::Traffic;

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
    /// Used on that day.
    Used(Traffic),
    /// Used on those days of the month that are not kept any more.
    UsedBefore(Traffic),
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
fn before_the_days(
    months: &[(NaiveDate, Traffic)],
    kept: &HashMap<NaiveDate, Traffic>,
) -> Vec<Line> {
    let rest = |month: &NaiveDate, total: &Traffic| {
        let kept = kept.get(month).copied().unwrap_or_default();
        Traffic::new(
            total.download.0.saturating_sub(kept.download.0),
            total.upload.0.saturating_sub(kept.upload.0),
        )
    };
    let rests = months
        .iter()
        .map(|(month, total)| (month, rest(month, total)));
    rests
        .filter(|(_, rest)| !rest.is_zero())
        .map(|(month, rest)| Line {
            what: What::UsedBefore(rest),
            ..used(*month, rest)
        })
        .collect()
}

/// A day's usage is known when the day is over, that of days before others came first of all.
fn newest_first(
    entries: &[Entry],
    days: &[(NaiveDate, Traffic)],
    before: Vec<Line>,
    zone: Tz,
) -> Vec<Line> {
    let days = days.iter().map(|(day, traffic)| used(*day, *traffic));
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

fn used(day: NaiveDate, traffic: Traffic) -> Line {
    let bytes = i64::try_from(traffic.total().0).unwrap_or(i64::MAX);
    Line {
        day,
        what: What::Used(traffic),
        bytes: -bytes,
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
        }
    }

    #[test]
    fn days_that_are_gone_are_still_in_the_sum_and_the_newest_line_is_the_first() {
        let kept = HashMap::from([(date(1), Traffic::new(10, 5))]);
        let before = before_the_days(&[(date(1), Traffic::new(100, 7))], &kept);
        let days = [(date(30), Traffic::new(10, 5))];
        let lines = newest_first(&[entry(Kind::Grant, 500, 1)], &days, before, Tz::UTC);
        let sum: i64 = lines.iter().map(|line| line.bytes).sum();
        assert_eq!(sum, 500 - 107);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0].what, What::Used(Traffic::new(10, 5)));
        assert_eq!(lines[2].what, What::UsedBefore(Traffic::new(90, 2)));
    }

    #[test]
    fn a_month_whose_days_are_all_kept_has_no_line_of_its_own() {
        let kept = HashMap::from([(date(1), Traffic::new(100, 7))]);
        assert_eq!(
            before_the_days(&[(date(1), Traffic::new(100, 7))], &kept),
            []
        );
    }

    /// Clocks in Berlin go forward in the night to 29 March 2026: 23:30 UTC is half past midnight.
    #[test]
    fn an_entry_is_of_whmcss_day() {
        let berlin = Tz::Europe__Berlin;
        assert_eq!(granted(&entry(Kind::Grant, 1, 23), berlin).day, date(29));
        assert_eq!(granted(&entry(Kind::Grant, 1, 22), berlin).day, date(28));
    }
}

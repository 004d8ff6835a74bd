//! The ledger of a service as a page of entries that add up to its balance: proof for a dispute.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
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

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// Oldest first.
    pub lines: Vec<Line>,
    /// Bytes left; `None` is unlimited. The sum of `lines` when the account never was unlimited.
    pub balance: Option<i64>,
}

/// Everything that made the balance of a service what it is.
pub fn ledger(host: &dyn Host, service: i64) -> Result<Ledger> {
    store::ensure_schema(host)?;
    let entries = grants::entries(host, service)?;
    let days = history::days(host, service)?;
    let months = history::months(host, service)?;
    let standing = standings::find(host, service)?;
    Ok(Ledger {
        lines: lines(&entries, &days, &months, host.time_zone()),
        balance: standing.and_then(|standing| standing.balance),
    })
}

/// Days that are not kept any more are one line of their month: what the month has and its days have not.
fn lines(
    entries: &[Entry],
    days: &[(NaiveDate, Traffic)],
    months: &[(NaiveDate, Traffic)],
    zone: Tz,
) -> Vec<Line> {
    let mut lines: Vec<_> = entries.iter().map(|entry| granted(entry, zone)).collect();
    lines.extend(days.iter().map(|(day, traffic)| used(*day, *traffic)));
    for (month, total) in months {
        let mut kept = Traffic::ZERO;
        for (_, traffic) in days
            .iter()
            .filter(|(day, _)| day.with_day(1) == Some(*month))
        {
            kept += *traffic;
        }
        let rest = Traffic::new(
            total.download.0.saturating_sub(kept.download.0),
            total.upload.0.saturating_sub(kept.upload.0),
        );
        if !rest.is_zero() {
            lines.push(Line {
                what: What::UsedBefore(rest),
                ..used(*month, rest)
            });
        }
    }
    lines.sort_by_key(|line| line.day);
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
    fn days_that_are_gone_are_still_in_the_sum() {
        let days = [(date(30), Traffic::new(10, 5))];
        let months = [(date(1), Traffic::new(100, 7))];
        let lines = lines(&[entry(Kind::Grant, 500, 1)], &days, &months, Tz::UTC);
        let sum: i64 = lines.iter().map(|line| line.bytes).sum();
        assert_eq!(sum, 500 - 107);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0].what, What::UsedBefore(Traffic::new(90, 2)));
        assert_eq!(lines[2].what, What::Used(Traffic::new(10, 5)));
    }

    /// Clocks in Berlin go forward in the night to 29 March 2026: 23:30 UTC is half past midnight.
    #[test]
    fn an_entry_is_of_whmcss_day() {
        let berlin = Tz::Europe__Berlin;
        assert_eq!(granted(&entry(Kind::Grant, 1, 23), berlin).day, date(29));
        assert_eq!(granted(&entry(Kind::Grant, 1, 22), berlin).day, date(28));
    }
}

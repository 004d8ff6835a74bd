//! How long the history is kept, and by which clock. A clock that runs ahead for one cron run must not cost
//! anybody his history, so none is trusted by itself.
//!
//! | WHMCS's day | is believed |
//! |---|---|
//! | before the last believed day | no; nothing is deleted |
//! | at most as many days later as the router has run since the last collection, and one | yes |
//! | later, and WHMCS's clock disagrees with the router's uptime or the database's clock by more than two days | no; nothing is deleted, and the admin is told |
//! | later, and they agree, or the router started anew | the day after the last believed one |
//!
//! A believed day is stored, once in each day of WHMCS's. Rows that lie behind it were booked by a clock that
//! ran ahead: they go to the days they belong to.

use std::time::{Duration, Instant};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::boundary::instant;
use crate::error::Result;
use crate::host::Host;
use crate::settings::FIELDS;
use crate::store::{self, accounts, batch, history, servers};

/// What clocks may disagree by: time zones, leap days, a collection that took its time.
const TOLERANCE: TimeDelta = TimeDelta::days(2);

/// What one run may delete; the rest is for the next one.
pub const BUDGET: Budget = Budget {
    pieces: 40,
    time: Duration::from_secs(3),
};

/// How much one run may delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Statements, of [`history::PIECE`] rows each.
    pub pieces: usize,
    /// After this no other one begins.
    pub time: Duration,
}

/// What the clocks say at the beginning of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// WHMCS's day.
    today: NaiveDate,
    /// The last day that was believed.
    believed: Option<NaiveDate>,
    /// The day of WHMCS's on which nothing was left to delete.
    swept_on: Option<NaiveDate>,
    /// No other collection of this day of WHMCS's has come to its end.
    first_today: bool,
    /// By how much WHMCS's clock is ahead of the database's.
    ahead: TimeDelta,
    /// Since the last collection, by WHMCS's clock.
    passed: Option<TimeDelta>,
    /// Since then, by the router's uptime; `None` when it started anew.
    ran: Option<TimeDelta>,
}

/// What WHMCS's day is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Belief {
    /// It is the day; rows behind it are wrong.
    Right,
    /// It may be.
    Later(NaiveDate),
    /// It is not.
    Jumped,
    /// It is earlier than what was believed before.
    Behind,
}

impl Clocks {
    /// Reads what is on record; `uptime` is the router's now.
    pub fn new(kept: &servers::Kept, now: DateTime<Utc>, host: &dyn Host) -> Self {
        let zone = host.time_zone();
        let day = |moment: DateTime<Utc>| moment.with_timezone(&zone).date_naive();
        Self {
            today: day(now),
            believed: kept.history_day.or(kept.collected_at.map(day)),
            swept_on: kept.swept_on,
            first_today: kept.collected_at.map(day) != Some(day(now)),
            ahead: now - kept.database_now,
            passed: kept.collected_at.map(|before| now - before),
            ran: None,
        }
    }

    /// With the router's uptime then and now.
    #[must_use]
    pub fn with_uptimes(mut self, before: Option<Duration>, now: Option<Duration>) -> Self {
        let ran = before
            .zip(now)
            .and_then(|(before, now)| now.checked_sub(before));
        self.ran = ran.and_then(|ran| TimeDelta::from_std(ran).ok());
        self
    }

    fn belief(&self) -> Belief {
        let Some(believed) = self.believed else {
            return if self.jumped() {
                Belief::Jumped
            } else {
                Belief::Right
            };
        };
        if self.today < believed {
            return Belief::Behind;
        }
        let ran = self.ran.map_or(0, |ran| ran.num_days().unsigned_abs());
        if self.today <= later(believed, ran + 1) {
            return Belief::Right;
        }
        if self.jumped() {
            return Belief::Jumped;
        }
        Belief::Later(later(believed, 1))
    }

    fn jumped(&self) -> bool {
        let apart = |one: TimeDelta, other: TimeDelta| (one - other).abs() > TOLERANCE;
        let times = self.passed.zip(self.ran);
        apart(self.ahead, TimeDelta::zero())
            || times.is_some_and(|(passed, ran)| apart(passed, ran))
    }
}

fn later(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

/// Once a day: believes or does not believe WHMCS's day, brings back what lies behind it, and begins to delete
/// what is no longer kept; later runs of the day delete what the budget has left. Returns remarks.
pub fn keep(host: &dyn Host, server: i64, clocks: &Clocks, budget: Budget) -> Result<Vec<String>> {
    let mut remarks = Vec::new();
    let mut believed = clocks.believed;
    let mut swept_on = clocks.swept_on;
    if clocks.first_today {
        match clocks.belief() {
            Belief::Right => {
                remarks.extend(bring_back(host, server, clocks.today)?);
                believed = Some(clocks.today);
            }
            Belief::Later(day) => believed = Some(day),
            Belief::Jumped | Belief::Behind => swept_on = Some(clocks.today),
        }
        if clocks.jumped() {
            swept_on = Some(clocks.today);
        }
        remarks.extend(told(clocks));
    }
    if let Some(day) = believed
        && swept_on != Some(clocks.today)
        && sweep(host, server, day, budget)?
    {
        swept_on = Some(clocks.today);
    }
    if (believed, swept_on) != (clocks.believed, clocks.swept_on) || clocks.first_today {
        servers::store_kept(host, server, believed, swept_on)?;
    }
    Ok(remarks)
}

/// What the admin should know of the clocks.
fn told(clocks: &Clocks) -> Option<String> {
    let nothing = "Until they agree again, nothing of the history is deleted; set the clock right";
    let days = |time: TimeDelta| time.num_days().abs();
    if clocks.ahead.abs() > TOLERANCE {
        return Some(format!(
            "WHMCS's clock and the database's are {} days apart. {nothing}.",
            days(clocks.ahead)
        ));
    }
    let (passed, ran) = clocks.passed.zip(clocks.ran)?;
    if clocks.jumped() {
        return Some(format!(
            "Since the last collection {} days have passed by WHMCS's clock and {} by the router's. {nothing}.",
            passed.num_days(),
            ran.num_days()
        ));
    }
    None
}

/// Usage that a clock which ran ahead has booked on days to come goes to the days it belongs to: the latest of
/// them was the present one, and the others lie as far before it.
fn bring_back(host: &dyn Host, server: i64, today: NaiveDate) -> Result<Option<String>> {
    // Another time zone may be a day ahead.
    let last = later(today, 1);
    let Some((latest, services)) = history::beyond(host, server, last)? else {
        return Ok(None);
    };
    let by = Days::new((latest - today).num_days().unsigned_abs());
    for some in services.chunks(batch::IDS) {
        store::transaction(host, || {
            accounts::lock(host, some)?;
            history::move_back(host, some, last, by)
        })?;
    }
    Ok(Some(format!(
        "A clock that ran ahead had booked usage of {} accounts on days up to {latest}; it was booked on the days it belongs to.",
        services.len()
    )))
}

/// Deletes the days of a server's accounts that their products no longer keep on `day`; says whether nothing
/// is left to delete.
pub fn sweep(host: &dyn Host, server: i64, day: NaiveDate, budget: Budget) -> Result<bool> {
    let until: Instant = instant() + budget.time;
    let mut pieces = 0;
    for (days, services) in history::kept_days(host, server, default_days())? {
        let Some(oldest) = day.checked_sub_days(Days::new(days)) else {
            continue;
        };
        for some in services.chunks(batch::IDS) {
            loop {
                if pieces == budget.pieces || instant() > until {
                    return Ok(false);
                }
                let deleted = history::forget_before(host, some, oldest)?;
                if deleted < history::PIECE {
                    break;
                }
                pieces += 1;
            }
        }
    }
    Ok(true)
}

fn default_days() -> u64 {
    FIELDS
        .get(11)
        .and_then(|field| field.default.parse().ok())
        .unwrap_or(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    /// A collection of every five minutes, the first one of 11 March.
    fn clocks() -> Clocks {
        Clocks {
            today: day(3, 11),
            believed: Some(day(3, 10)),
            swept_on: Some(day(3, 10)),
            first_today: true,
            ahead: TimeDelta::seconds(1),
            passed: Some(TimeDelta::minutes(5)),
            ran: Some(TimeDelta::minutes(5)),
        }
    }

    #[test]
    fn an_ordinary_day_is_believed() {
        assert_eq!(clocks().belief(), Belief::Right);
        assert_eq!(told(&clocks()), None);
        let later_today = Clocks {
            believed: Some(day(3, 11)),
            ..clocks()
        };
        assert_eq!(later_today.belief(), Belief::Right);
        let new_server = Clocks {
            believed: None,
            passed: None,
            ran: None,
            ..clocks()
        };
        assert_eq!(new_server.belief(), Belief::Right);
    }

    #[test]
    fn a_day_that_the_router_or_the_database_contradicts_is_not_believed() {
        let ahead = TimeDelta::days(200);
        let host_alone = Clocks {
            today: day(9, 27),
            ahead,
            passed: Some(ahead),
            ..clocks()
        };
        assert_eq!(host_alone.belief(), Belief::Jumped);
        let with_its_database = Clocks {
            ahead: TimeDelta::zero(),
            ..host_alone
        };
        assert_eq!(with_its_database.belief(), Belief::Jumped);
        let told = told(&with_its_database).expect("a sentence");
        assert!(
            told.contains("200 days have passed by WHMCS's clock"),
            "{told}"
        );
    }

    #[test]
    fn a_clock_that_stays_ahead_is_followed_by_a_day_in_a_day() {
        let next_day = Clocks {
            today: day(9, 28),
            ..clocks()
        };
        assert_eq!(next_day.belief(), Belief::Later(day(3, 11)));
    }

    #[test]
    fn days_without_a_collection_are_caught_up_when_the_router_has_run_through_them() {
        let after_a_holiday = Clocks {
            today: day(3, 30),
            passed: Some(TimeDelta::days(20)),
            ran: Some(TimeDelta::days(20)),
            ..clocks()
        };
        assert_eq!(after_a_holiday.belief(), Belief::Right);
        let restarted_in_it = Clocks {
            ran: None,
            ..after_a_holiday
        };
        assert_eq!(restarted_in_it.belief(), Belief::Later(day(3, 11)));
    }

    #[test]
    fn a_clock_that_comes_back_is_right_again_and_one_that_falls_behind_is_not() {
        let back = Clocks {
            passed: Some(TimeDelta::days(-200)),
            ..clocks()
        };
        assert_eq!(back.belief(), Belief::Right);
        assert!(back.jumped(), "nothing is deleted in that very run");
        let behind = Clocks {
            today: day(1, 1),
            ..back
        };
        assert_eq!(behind.belief(), Belief::Behind);
    }
}

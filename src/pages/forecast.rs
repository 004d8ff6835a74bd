//! How long traffic lasts at the pace of the last week. Pure.
//!
//! The week is whole days, today not among them: a day that is not over would make the pace look slow.
//! A day without a row is a day without traffic, but only since the day after the account was made and
//! only as far back as daily rows are kept. Fewer than three such days say nothing.

use chrono::{Days, NaiveDate};

use crate::units::Bytes;

const WEEK: u16 = 7;
const ENOUGH_DAYS: i64 = 3;

/// Beyond this nobody plans, and a date would pretend to know.
const HORIZON_DAYS: i128 = 730;

/// The first day of the week looked at; `None` when there are too few whole days yet. `made` is the day
/// the account was made, `kept` for how many days there are rows.
pub(super) fn week(made: Option<NaiveDate>, kept: u16, today: NaiveDate) -> Option<NaiveDate> {
    let from = today.checked_sub_days(Days::new(u64::from(kept.min(WEEK))))?;
    let first_whole = made?.succ_opt()?;
    let from = from.max(first_whole);
    ((today - from).num_days() >= ENOUGH_DAYS).then_some(from)
}

/// The day on which `balance` bytes are used up when the days from `from` to yesterday, in which `used`
/// bytes went, are like those to come. `None` when nothing was used or nothing is left.
pub(super) fn lasts_until(
    balance: i64,
    used: Bytes,
    from: NaiveDate,
    today: NaiveDate,
) -> Option<NaiveDate> {
    let days = (today - from).num_days();
    if balance <= 0 || used == Bytes(0) || days <= 0 {
        return None;
    }
    let left = i128::from(balance) * i128::from(days) / i128::from(used.0);
    if left > HORIZON_DAYS {
        return None;
    }
    today.checked_add_days(Days::new(u64::try_from(left).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    #[test]
    fn a_week_is_seven_whole_days() {
        assert_eq!(week(Some(day(1)), 60, day(20)), Some(day(13)));
    }

    #[test]
    fn a_younger_account_has_only_its_own_whole_days_and_three_are_needed() {
        assert_eq!(week(Some(day(15)), 60, day(20)), Some(day(16)));
        assert_eq!(week(Some(day(16)), 60, day(20)), Some(day(17)));
        assert_eq!(week(Some(day(17)), 60, day(20)), None);
        assert_eq!(week(Some(day(20)), 60, day(20)), None);
        assert_eq!(week(None, 60, day(20)), None);
    }

    #[test]
    fn days_that_are_not_kept_are_not_taken_for_days_without_traffic() {
        assert_eq!(week(Some(day(1)), 4, day(20)), Some(day(16)));
        assert_eq!(week(Some(day(1)), 2, day(20)), None);
    }

    #[test]
    fn the_pace_is_that_of_the_days_looked_at() {
        // 70 bytes in 7 days are 10 a day.
        let until = |balance| lasts_until(balance, Bytes(70), day(13), day(20));
        assert_eq!(until(49), Some(day(24)));
        assert_eq!(until(50), Some(day(25)));
        assert_eq!(until(9), Some(day(20)));
        assert_eq!(until(0), None);
        assert_eq!(until(-5), None);
    }

    #[test]
    fn nothing_used_and_years_to_go_say_nothing() {
        assert_eq!(lasts_until(100, Bytes(0), day(13), day(20)), None);
        assert_eq!(lasts_until(i64::MAX, Bytes(1), day(13), day(20)), None);
        assert_eq!(lasts_until(100, Bytes(70), day(20), day(20)), None);
    }
}

//! Arithmetic of balances. Pure.
//!
//! | rule | what |
//! |---|---|
//! | grant | the quota of a period is added once; what was left of the last one stays (`rollover = on`) or ends with its period (`off`). What was used beyond a balance is owed either way |
//! | upgrade | a larger quota in mid-period adds its difference for the days left; a smaller one takes nothing |
//! | no second upgrade | the difference is to the largest quota already granted in this period: going down and up again adds nothing |
//! | unlimited | has no balance; a quota after it begins at 0 and is an upgrade from nothing |
//!
//! Example of an upgrade: 100 GB a month from 1 to 30 November, 200 GB from the 16th on. 15 of 30 days
//! are left, so 15/30 of the 100 GB more are added: 50 GB.

use chrono::{Months, NaiveDate};

use crate::units::Bytes;

/// What the new period begins with: what is taken from the old balance.
///
/// Nothing when it rolls over or is owed, else all that is left.
pub fn expired(balance: Option<i64>, rollover: bool) -> i64 {
    match balance {
        Some(left) if !rollover => left.max(0),
        _ => 0,
    }
}

/// What an upgrade from `granted` (0 for nothing yet) to `quota` adds with `left` of `length` days to go.
/// A period without an end has all of it to go.
pub fn upgrade(granted: Bytes, quota: Bytes, days: Option<(u64, u64)>) -> Bytes {
    let more = quota.0.saturating_sub(granted.0);
    let Some((left, length)) = days else {
        return Bytes(more);
    };
    let length = length.max(1);
    let part = u128::from(more) * u128::from(left.min(length)) / u128::from(length);
    Bytes(u64::try_from(part).unwrap_or(u64::MAX))
}

/// Days left of the period that ends on `due`, and all its days; `None` for a period without an end.
pub fn days(billing_cycle: &str, due: Option<NaiveDate>, today: NaiveDate) -> Option<(u64, u64)> {
    let due = due?;
    let begin = start(billing_cycle, due)?;
    let days = |from: NaiveDate| u64::try_from((due - from).num_days()).unwrap_or(0);
    Some((days(today), days(begin)))
}

/// When the period that ends on `due` began; `None` when the cycle does not repeat.
pub fn start(billing_cycle: &str, due: NaiveDate) -> Option<NaiveDate> {
    let months = match billing_cycle.to_ascii_lowercase().as_str() {
        "monthly" => 1,
        "quarterly" => 3,
        "semi-annually" => 6,
        "annually" => 12,
        "biennially" => 24,
        "triennially" => 36,
        _ => return None,
    };
    due.checked_sub_months(Months::new(months))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    #[test]
    fn each_cycle_begins_its_own_months_before_it_is_due() {
        let due = day(12, 31);
        let begins = |cycle| start(cycle, due).map(|begin| begin.to_string());
        for (cycle, begin) in [
            ("Monthly", "2026-11-30"),
            ("Quarterly", "2026-09-30"),
            ("Semi-Annually", "2026-06-30"),
            ("Annually", "2025-12-31"),
            ("Biennially", "2024-12-31"),
            ("Triennially", "2023-12-31"),
        ] {
            assert_eq!(begins(cycle).as_deref(), Some(begin), "{cycle}");
        }
        assert_eq!(begins("One Time"), None);
    }

    #[test]
    fn what_is_left_stays_or_ends_and_what_is_owed_stays_owed() {
        assert_eq!(expired(Some(7), true), 0);
        assert_eq!(expired(Some(7), false), 7);
        assert_eq!(expired(Some(-7), false), 0);
        assert_eq!(expired(None, false), 0);
    }

    #[test]
    fn an_upgrade_adds_the_difference_for_the_days_left() {
        let days = days("Monthly", Some(day(12, 1)), day(11, 16));
        assert_eq!(days, Some((15, 30)));
        let gb = |gb: u64| Bytes(gb << 30);
        assert_eq!(upgrade(gb(100), gb(200), days), gb(50));
        assert_eq!(upgrade(gb(200), gb(100), days), gb(0), "never negative");
        assert_eq!(upgrade(gb(0), gb(10), None), gb(10));
    }

    #[test]
    fn an_overdue_service_has_no_days_left_and_a_prepaid_one_no_more_than_a_cycle() {
        let overdue = days("Monthly", Some(day(11, 1)), day(11, 16));
        assert_eq!(upgrade(Bytes(0), Bytes(600), overdue), Bytes(0));
        let prepaid = days("Monthly", Some(day(12, 1)), day(3, 1));
        assert_eq!(upgrade(Bytes(0), Bytes(600), prepaid), Bytes(600));
    }

    #[test]
    fn a_period_begins_its_cycle_before_it_ends() {
        assert_eq!(start("Quarterly", day(11, 30)), Some(day(8, 30)));
        assert_eq!(start("Monthly", day(3, 31)), Some(day(2, 28)));
        assert_eq!(start("One Time", day(3, 31)), None);
    }
}

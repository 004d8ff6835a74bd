//! Arithmetic of balances. Pure.
//!
//! | rule | what |
//! |---|---|
//! | grant | the quota of a period is added once. With `rollover = on` that is done as soon as it is paid, and what was left stays |
//! | end | with `rollover = off` what is left ends when a later period begins than the one it was granted for, and not before |
//! | wait | with `rollover = off` a grant for a period that has not begun waits for its day, unless nothing is left: then it begins at once |
//! | what waits | a grant that waited adds what was paid for or what is sold when it begins, whichever is more: a smaller package takes nothing that was paid, and a larger one counts from the next period on as it does for everybody |
//! | refund | a grant that waits is withdrawn when it would begin and the invoice of its period is no longer paid; paid again, it is granted again |
//! | debt | what was used beyond a balance is owed. A period takes over a debt of at most `debt` of its quota (50% unless the product says otherwise), and never all of it; the rest is forgiven. So a paid period always opens the account |
//! | upgrade | a larger quota in mid-period adds its difference for the days left until the next period begins, and all of it for each later period that was given already: WHMCS charges an upgrade up to `nextduedate`. What still waits is no part of it, for it is given with what is sold then. A smaller quota takes nothing |
//! | no second upgrade | the difference is to the largest quota already granted in this period: going down and up again adds nothing |
//! | unlimited | has no balance; a quota after it begins at 0 and is an upgrade from nothing |
//!
//! Example of an upgrade: 100 GB a month from 1 to 30 November, 200 GB from the 16th on. 15 of 30 days
//! are left, so 15/30 of the 100 GB more are added: 50 GB.

use chrono::{Months, NaiveDate};

use crate::units::Bytes;

/// What a product says about periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// What is left stays.
    pub rollover: bool,
    /// Percent of a quota that a debt may take from it.
    pub debt: u8,
}

/// How a period changes the balance it finds. Bytes, none of them negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// Left of before, and ended.
    pub expired: i64,
    /// Owed from before, and forgiven.
    pub forgiven: i64,
    /// The quota.
    pub granted: i64,
}

impl Opening {
    /// A period with this quota begins; `ends_another` says that it is later than those granted before.
    pub fn of(balance: Option<i64>, quota: Bytes, terms: Terms, ends_another: bool) -> Self {
        let left = balance.unwrap_or(0);
        let granted = i64::try_from(quota.0).unwrap_or(i64::MAX);
        let share = i128::from(granted) * i128::from(terms.debt.min(100)) / 100;
        let taken_over = share.min(i128::from(granted) - 1).max(0);
        let forgiven = (-i128::from(left) - taken_over).max(0);
        Self {
            expired: if terms.rollover || !ends_another {
                0
            } else {
                left.max(0)
            },
            forgiven: i64::try_from(forgiven).unwrap_or(i64::MAX),
            granted,
        }
    }

    /// What is added to the balance.
    pub fn sum(self) -> i64 {
        self.granted
            .saturating_sub(self.expired)
            .saturating_add(self.forgiven)
    }
}

/// Whether a grant for the period that begins on a day waits for it.
pub fn waits(begins: Option<NaiveDate>, today: NaiveDate, terms: Terms, used_up: bool) -> bool {
    !terms.rollover && !used_up && begins.is_some_and(|begins| begins > today)
}

/// What a grant that waited adds: `paid` is what was paid for, `sold` what is sold when it begins.
pub fn promised(paid: Bytes, sold: Option<Bytes>) -> Option<Bytes> {
    sold.map(|sold| sold.max(paid))
}

/// What an upgrade from `granted` (0 for nothing yet) to `quota` adds with `left` of `length` days to go, and
/// `ahead` later periods given already. A period without an end has all of it to go.
pub fn upgrade(granted: Bytes, quota: Bytes, days: Option<(u64, u64)>, ahead: u64) -> Bytes {
    let more = u128::from(quota.0.saturating_sub(granted.0));
    let (left, length) = days.unwrap_or((1, 1));
    let length = length.max(1);
    let part = more * u128::from(left.min(length)) / u128::from(length);
    let all = (more * u128::from(ahead)).saturating_add(part);
    Bytes(u64::try_from(all).unwrap_or(u64::MAX))
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

    const ON: Terms = Terms {
        rollover: true,
        debt: 50,
    };

    const OFF: Terms = Terms {
        rollover: false,
        debt: 50,
    };

    #[test]
    fn what_is_left_stays_or_ends_with_its_period() {
        let expired = |left, terms, later| Opening::of(left, Bytes(100), terms, later).expired;
        assert_eq!(expired(Some(7), ON, true), 0);
        assert_eq!(expired(Some(7), OFF, true), 7);
        assert_eq!(
            expired(Some(7), OFF, false),
            0,
            "an earlier period ends nothing"
        );
        assert_eq!(expired(Some(-7), OFF, true), 0);
        assert_eq!(expired(None, OFF, true), 0);
    }

    #[test]
    fn a_period_takes_over_a_debt_of_half_its_quota_at_most() {
        let after = |left, debt| {
            let terms = Terms { debt, ..ON };
            let opening = Opening::of(Some(left), Bytes(20), terms, true);
            (opening.forgiven, left + opening.sum())
        };
        assert_eq!(after(-8, 50), (0, 12));
        assert_eq!(after(-10, 50), (0, 10));
        assert_eq!(after(-74, 50), (64, 10));
        assert_eq!(after(-74, 0), (74, 20));
        assert_eq!(
            after(-74, 100),
            (55, 1),
            "a paid period always opens the account"
        );
        assert_eq!(after(5, 50), (0, 25));
    }

    #[test]
    fn a_figure_out_of_its_mind_is_forgiven_and_overflows_nothing() {
        let opening = Opening::of(Some(i64::MIN), Bytes(20), ON, true);
        assert_eq!(opening.forgiven, i64::MAX - 9);
        let most = Opening::of(Some(i64::MAX), Bytes(u64::MAX), OFF, true);
        assert_eq!((most.expired, most.sum()), (i64::MAX, 0));
    }

    #[test]
    fn a_grant_for_a_period_that_has_not_begun_waits_unless_nothing_is_left() {
        let today = day(11, 20);
        let waits = |begins, terms, used_up| waits(begins, today, terms, used_up);
        assert!(waits(Some(day(11, 21)), OFF, false));
        assert!(!waits(Some(day(11, 20)), OFF, false), "its day has come");
        assert!(!waits(Some(day(11, 21)), OFF, true), "nothing is left");
        assert!(!waits(Some(day(11, 21)), ON, false), "it rolls over anyway");
        assert!(!waits(None, OFF, false), "a period without a day");
    }

    #[test]
    fn what_waited_is_the_larger_of_what_was_paid_and_what_is_sold() {
        assert_eq!(promised(Bytes(5), Some(Bytes(3))), Some(Bytes(5)));
        assert_eq!(promised(Bytes(5), Some(Bytes(9))), Some(Bytes(9)));
        assert_eq!(promised(Bytes(5), None), None, "unlimited by now");
    }

    #[test]
    fn an_upgrade_adds_the_difference_for_the_days_left() {
        let days = days("Monthly", Some(day(12, 1)), day(11, 16));
        assert_eq!(days, Some((15, 30)));
        let gb = |gb: u64| Bytes(gb << 30);
        assert_eq!(upgrade(gb(100), gb(200), days, 0), gb(50));
        assert_eq!(upgrade(gb(200), gb(100), days, 2), gb(0), "never negative");
        assert_eq!(upgrade(gb(0), gb(10), None, 0), gb(10));
    }

    #[test]
    fn an_upgrade_adds_all_of_the_difference_for_a_period_given_in_advance() {
        let days = days("Monthly", Some(day(12, 1)), day(11, 16));
        assert_eq!(upgrade(Bytes(100), Bytes(200), days, 2), Bytes(250));
        let most = upgrade(Bytes(0), Bytes(u64::MAX), days, u64::MAX);
        assert_eq!(most, Bytes(u64::MAX));
    }

    #[test]
    fn an_overdue_service_has_no_days_left_and_a_period_no_more_than_a_cycle() {
        let overdue = days("Monthly", Some(day(11, 1)), day(11, 16));
        assert_eq!(upgrade(Bytes(0), Bytes(600), overdue, 0), Bytes(0));
        let far = days("Monthly", Some(day(12, 1)), day(3, 1));
        assert_eq!(upgrade(Bytes(0), Bytes(600), far, 0), Bytes(600));
    }

    #[test]
    fn a_period_begins_its_cycle_before_it_ends() {
        assert_eq!(start("Quarterly", day(11, 30)), Some(day(8, 30)));
        assert_eq!(start("Monthly", day(3, 31)), Some(day(2, 28)));
        assert_eq!(start("One Time", day(3, 31)), None);
    }
}

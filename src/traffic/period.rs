//! Which billing period a grant is for. Pure.
//!
//! WHMCS does not say which period a call of Renew is for, may call it before or after it moves
//! `nextduedate`, and calls it again when an admin retries. So a period is known by the day it **begins**:
//!
//! - An invoice item of the service (`type = 'Hosting'`) carries the day its period begins as `duedate`.
//!   Renew grants every **paid** item not granted yet, whatever `nextduedate` says at the moment. An
//!   invoice paid twice is one item; a Renew that failed is made good by the next.
//! - Create grants the period the service is in. It begins with the latest item due before `nextduedate`
//!   that is not in the future, for several may be paid in advance, else with the first of those that are;
//!   or on `nextduedate` itself when that is not in the future: then the period has begun and its invoice
//!   is still to be paid. Without an item it begins one billing cycle before `nextduedate`.
//! - Create again, of a service that was granted anything before, takes WHMCS's word no more: where the
//!   service has invoices it grants what Renew would, which is what they prove to be paid. So an account
//!   that is created anew on the router gets no period whose invoice is still to be paid.
//! - Items of periods before the first one granted were paid before the account was ours: they count for
//!   nothing, or a service that changed modules would be granted years. The only period of a service that
//!   had no `nextduedate` then counts as one that began on the day it was granted.
//! - A service WHMCS never made an invoice for is renewed by hand: the key is `nextduedate` as it stands,
//!   so that a repeated click grants once.
//! - A service without `nextduedate` (free, one time) has one period, which an invoice that is still to be paid
//!   does not grant. One that had a due date when it was granted a period goes on by its invoices, for a date
//!   that was emptied by hand makes nothing paid.

use chrono::NaiveDate;

use super::balance;
use crate::store::invoices::Item;
use crate::store::services::Service;

/// The key of the only period of a service without due dates.
const ONCE: &str = "once";

/// What was granted to a service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Granted {
    /// The keys of the periods.
    pub keys: Vec<String>,
    /// The day the only period of a service without due dates was granted, if it was.
    pub once: Option<NaiveDate>,
}

impl Granted {
    /// From the keys and the days they were granted on, by WHMCS's time zone.
    pub fn of(grants: impl IntoIterator<Item = (String, NaiveDate)>) -> Self {
        let mut granted = Self::default();
        for (key, day) in grants {
            if key == ONCE {
                granted.once = Some(day);
            }
            granted.keys.push(key);
        }
        granted
    }

    fn is_new(&self, key: &String) -> bool {
        !self.keys.contains(key)
    }

    /// The day from which on paid periods are ours to grant, that day excluded.
    fn first(&self) -> Option<NaiveDate> {
        let begun = self.keys.iter().filter_map(|key| begin(key));
        begun.chain(self.once).min()
    }
}

/// The key of the period that begins on a day. Keys sort as their days do.
fn from(begin: NaiveDate) -> String {
    format!("from {begin}")
}

/// The day a period begins, from its key; `None` for the only period of a service without due dates.
pub fn begin(key: &str) -> Option<NaiveDate> {
    key.strip_prefix("from ")?.parse().ok()
}

/// The period a service is created in.
pub fn of_create(service: &Service, items: &[Item], today: NaiveDate) -> String {
    let Some(due) = service.next_due else {
        return ONCE.to_owned();
    };
    if due <= today {
        return from(due);
    }
    let billed = || {
        let begins = items.iter().map(|item| item.begins);
        begins.filter(|&begins| begins < due)
    };
    let latest = billed().filter(|&begins| begins <= today).max();
    let begin = latest
        .or_else(|| billed().min())
        .or_else(|| balance::start(&service.billing_cycle, due));
    from(begin.unwrap_or(due))
}

/// Whether the invoices of the period that begins on a day say that it is not paid, or no longer. Without one
/// nothing says so.
pub fn is_unpaid(items: &[Item], begins: NaiveDate) -> bool {
    let mut of_day = items.iter().filter(|item| item.begins == begins).peekable();
    of_day.peek().is_some() && !of_day.any(|item| item.paid)
}

/// What follows the present period: the day the next one begins, if one is paid or granted, and how many later
/// ones are in the balance already, which are those granted that do not wait. The present one is the latest
/// given that has begun, else the first that was given.
pub fn ahead(
    service: &Service,
    items: &[Item],
    granted: &Granted,
    waiting: &[NaiveDate],
    today: NaiveDate,
) -> (Option<NaiveDate>, u64) {
    let granted_days: Vec<_> = granted.keys.iter().filter_map(|key| begin(key)).collect();
    let given = || {
        let days = granted_days.iter().copied();
        days.filter(|day| !waiting.contains(day))
    };
    let present = given().filter(|&day| day <= today).max();
    let present = present.or_else(|| given().min());
    let is_later = |day: &NaiveDate| present.is_none_or(|present| *day > present);
    let paid = of_renew(service, items, granted);
    let paid = paid.iter().filter_map(|key| begin(key));
    let next = paid.chain(granted_days.iter().copied()).filter(is_later);
    let later = given().filter(|day| present.is_some() && is_later(day));
    (next.min(), u64::try_from(later.count()).unwrap_or(0))
}

/// Whether a call of Create grants what is paid, as Renew does, instead of the period the service is in.
pub fn is_created_again(items: &[Item], granted: &Granted) -> bool {
    !items.is_empty() && !granted.keys.is_empty()
}

/// The periods a call of Renew is for: those paid and not granted.
pub fn of_renew(service: &Service, items: &[Item], granted: &Granted) -> Vec<String> {
    let is_new = |key: &String| granted.is_new(key);
    let one = |key: String| Some(key).filter(is_new).into_iter().collect();
    let had_due_date = granted.keys.iter().any(|key| begin(key).is_some());
    match service.next_due {
        Some(due) if items.is_empty() => return one(from(due)),
        None if items.is_empty() => return one(ONCE.to_owned()),
        None if !had_due_date && items.iter().any(|item| item.paid) => return one(ONCE.to_owned()),
        None if !had_due_date => return Vec::new(),
        _ => {}
    }
    let first = granted.first();
    let mut keys: Vec<_> = items
        .iter()
        .filter(|item| item.paid && first.is_none_or(|first| item.begins > first))
        .map(|item| from(item.begins))
        .filter(is_new)
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn service(next_due: Option<NaiveDate>) -> Service {
        Service {
            billing_cycle: "Monthly".to_owned(),
            next_due,
            status: "Active".to_owned(),
            dedicated_ip: String::new(),
        }
    }

    fn item(begins: NaiveDate, paid: bool) -> Item {
        Item { begins, paid }
    }

    /// What Renew grants after these keys.
    fn renewed_by(service: &Service, items: &[Item], keys: &[String]) -> Vec<String> {
        let keys = keys.iter().map(|key| (key.clone(), day(1, 1)));
        of_renew(service, items, &Granted::of(keys))
    }

    /// An order of 22 November, its invoice paid before Create or never, `nextduedate` moved or not.
    #[test]
    fn the_first_invoice_is_creates_period_in_whatever_order_whmcs_works() {
        let today = day(11, 22);
        for (due, paid) in [
            (day(11, 22), false),
            (day(11, 22), true),
            (day(12, 22), true),
        ] {
            let items = [item(day(11, 22), paid)];
            let key = of_create(&service(Some(due)), &items, today);
            assert_eq!(key, "from 2026-11-22");
            let later = [item(day(11, 22), true)];
            let renewed = renewed_by(&service(Some(day(12, 22))), &later, &[key]);
            assert!(renewed.is_empty(), "{due} {paid}: {renewed:?}");
        }
    }

    #[test]
    fn a_renewal_is_one_period_before_and_after_the_due_date_moves() {
        let items = [item(day(11, 22), true), item(day(12, 22), true)];
        let granted = ["from 2026-11-22".to_owned()];
        for due in [day(12, 22), day(1, 22)] {
            let keys = renewed_by(&service(Some(due)), &items, &granted);
            assert_eq!(keys, ["from 2026-12-22"], "{due}");
        }
        let both = ["from 2026-11-22".to_owned(), "from 2026-12-22".to_owned()];
        let again = renewed_by(&service(Some(day(12, 22))), &items, &both);
        assert!(again.is_empty(), "a repeated Renew");
    }

    #[test]
    fn an_unpaid_invoice_grants_nothing_and_a_missed_period_is_made_good() {
        let granted = ["from 2026-01-22".to_owned()];
        let items = [
            item(day(2, 22), true),
            item(day(3, 22), true),
            item(day(4, 22), false),
        ];
        let keys = renewed_by(&service(Some(day(4, 22))), &items, &granted);
        assert_eq!(keys, ["from 2026-02-22", "from 2026-03-22"]);
    }

    #[test]
    fn what_was_paid_before_the_account_was_ours_is_not_granted() {
        let items = [
            item(day(1, 22), true),
            item(day(2, 22), true),
            item(day(3, 22), true),
        ];
        let created = of_create(&service(Some(day(4, 22))), &items, day(3, 30));
        assert_eq!(created, "from 2026-03-22");
        let keys = renewed_by(&service(Some(day(4, 22))), &items, &[created]);
        assert!(keys.is_empty());
    }

    #[test]
    fn what_was_paid_before_a_service_without_due_dates_was_granted_is_not_granted_when_it_has_one()
    {
        let paid = [1, 2, 3, 4, 5].map(|month| item(day(month, 22), true));
        let granted = Granted::of([(ONCE.to_owned(), day(3, 22))]);
        let keys = of_renew(&service(Some(day(6, 22))), &paid, &granted);
        assert_eq!(keys, ["from 2026-04-22", "from 2026-05-22"]);
        let both = [(ONCE, day(3, 30)), ("from 2026-02-22", day(2, 22))];
        let granted = Granted::of(both.map(|(key, day)| (key.to_owned(), day)));
        let keys = of_renew(&service(Some(day(6, 22))), &paid[..3], &granted);
        assert_eq!(keys, ["from 2026-03-22"], "the first of all counts");
    }

    /// WHMCS makes the next invoice days before it is due.
    #[test]
    fn the_invoice_of_the_next_period_is_not_creates() {
        let items = [item(day(11, 22), true), item(day(12, 22), false)];
        let key = of_create(&service(Some(day(12, 22))), &items, day(12, 10));
        assert_eq!(key, "from 2026-11-22");
    }

    #[test]
    fn a_service_paid_months_in_advance_is_created_in_the_month_it_is_in() {
        let items = [
            item(day(11, 22), true),
            item(day(12, 22), true),
            item(day(1, 22), true),
        ];
        let due = NaiveDate::from_ymd_opt(2027, 2, 22);
        let key = of_create(&service(due), &items[..2], day(11, 30));
        assert_eq!(key, "from 2026-11-22");
        let key = of_create(&service(due), &items[1..2], day(11, 30));
        assert_eq!(key, "from 2026-12-22", "the first one there is");
    }

    #[test]
    fn an_unpaid_invoice_grants_nothing_where_the_due_date_is_blank() {
        let unpaid = [item(day(11, 22), false)];
        assert!(renewed_by(&service(None), &unpaid, &[]).is_empty());
        let paid = [item(day(11, 22), true)];
        assert_eq!(renewed_by(&service(None), &paid, &[]), [ONCE]);
        let granted = [from(day(11, 22))];
        let next = |is_paid| {
            let items = [item(day(11, 22), true), item(day(12, 22), is_paid)];
            renewed_by(&service(None), &items, &granted)
        };
        assert!(next(false).is_empty(), "a date emptied by hand");
        assert_eq!(next(true), ["from 2026-12-22"]);
    }

    #[test]
    fn a_period_is_unpaid_when_it_has_invoices_and_none_of_them_is_paid() {
        let items = [
            item(day(11, 22), false),
            item(day(12, 22), false),
            item(day(12, 22), true),
        ];
        assert!(is_unpaid(&items, day(11, 22)));
        assert!(!is_unpaid(&items, day(12, 22)), "one was cancelled");
        assert!(!is_unpaid(&items, day(10, 22)), "renewed by hand");
    }

    #[test]
    fn a_key_tells_the_day_its_period_begins() {
        assert_eq!(begin(&from(day(11, 22))), Some(day(11, 22)));
        assert_eq!(begin(ONCE), None);
        assert_eq!(begin("from the start"), None);
    }

    #[test]
    fn a_service_created_again_in_a_period_finds_it_granted() {
        let items = [item(day(11, 22), true), item(day(12, 22), true)];
        let key = of_create(&service(Some(day(12, 30))), &items, day(12, 25));
        assert_eq!(key, "from 2026-12-22", "what Renew granted");
    }

    #[test]
    fn an_upgrade_counts_the_periods_given_in_advance_and_neither_those_that_wait_nor_those_to_be_given()
     {
        let items = [10, 11, 12].map(|month| item(day(month, 22), true));
        let keys = |months: &[u32]| {
            let keys = months
                .iter()
                .map(|&month| (from(day(month, 22)), day(1, 1)));
            Granted::of(keys)
        };
        let due = service(NaiveDate::from_ymd_opt(2027, 1, 22));
        let ahead = |granted: &[u32], waiting: &[NaiveDate]| {
            super::ahead(&due, &items, &keys(granted), waiting, day(10, 30))
        };
        assert_eq!(ahead(&[10, 11, 12], &[]), (Some(day(11, 22)), 2));
        let waiting = [day(11, 22), day(12, 22)];
        assert_eq!(ahead(&[10, 11, 12], &waiting), (Some(day(11, 22)), 0));
        assert_eq!(ahead(&[10, 11, 12], &waiting[1..]), (Some(day(11, 22)), 1));
        assert_eq!(ahead(&[10], &[]), (Some(day(11, 22)), 0), "not renewed yet");
        assert_eq!(ahead(&[12], &[]), (None, 0), "the first given is to come");
    }

    #[test]
    fn only_the_first_create_takes_the_word_of_whmcs_for_a_period_with_an_invoice() {
        let items = [item(day(11, 22), true), item(day(12, 22), false)];
        let granted = Granted::of([(from(day(11, 22)), day(11, 22))]);
        assert!(!is_created_again(&items, &Granted::default()), "the first");
        assert!(is_created_again(&items, &granted));
        assert!(of_renew(&service(Some(day(12, 22))), &items, &granted).is_empty());
        assert!(!is_created_again(&[], &granted), "nothing was ever billed");
    }

    #[test]
    fn without_invoices_the_due_date_decides_and_differs_from_creates_period() {
        let created = of_create(&service(Some(day(12, 22))), &[], day(11, 25));
        assert_eq!(created, "from 2026-11-22");
        let granted = [created];
        let renewed = renewed_by(&service(Some(day(12, 22))), &[], &granted);
        assert_eq!(renewed, ["from 2026-12-22"]);
        let again = renewed_by(&service(Some(day(12, 22))), &[], &renewed);
        assert!(again.is_empty());
    }

    #[test]
    fn a_service_without_due_dates_has_one_period() {
        let key = of_create(&service(None), &[], day(1, 1));
        let paid = [item(day(1, 1), true)];
        assert!(renewed_by(&service(None), &paid, &[key]).is_empty());
    }
}

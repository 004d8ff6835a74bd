//! What is granted, taken and written down, to the byte, by the commands themselves.

use chrono::{Months, NaiveDate};
use mikrotikvpn::store::grants::{self, Kind};
use mikrotikvpn::store::services;
use mikrotikvpn::traffic::ledger::{What, ledger};
use mikrotikvpn::units::{Bytes, Traffic};
use mysql::prelude::Queryable;

use super::cast::{Call, End};
use super::dice::Dice;
use super::full::{Bench, Mode, World};
use super::stage::Order;

const QUOTA: i64 = 161_061_274; // 0.15 GB
const LARGER: i64 = 429_496_730; // 0.4 GB

/// The only service of these worlds.
const SERVICE: i64 = 1;

const MODE: Mode = Mode {
    counter_reset: false,
    session: false,
};

fn world(bench: &mut Bench, product: i64) -> World<'_> {
    let mut world = World::new(bench, MODE, Dice::new(1), None);
    world.order(product);
    success(&mut world, Call::Create);
    world
}

fn answer(world: &mut World<'_>, call: Call) -> String {
    let at = world.invite(call, Some(0));
    loop {
        match world.proceed(at, Order::GoOn).expect("every invariant") {
            None => {}
            Some(End::Answered(answer)) => return answer,
            Some(End::Cut) => panic!("{call:?} was cut off"),
        }
    }
}

fn success(world: &mut World<'_>, call: Call) {
    assert_eq!(answer(world, call), "success", "{call:?}");
}

/// Kind, bytes and what is said of every entry.
fn journal(world: &World<'_>) -> Vec<(Kind, i64, String)> {
    let desk = world.house.desk();
    let entries = grants::entries(&desk, SERVICE).expect("a journal");
    entries
        .into_iter()
        .map(|entry| {
            let words = [entry.period, entry.reason, entry.admin].join("|");
            (entry.kind, entry.bytes, words)
        })
        .collect()
}

fn balance(world: &World<'_>) -> Option<i64> {
    world.accounts[0].rows.balance
}

fn day(world: &World<'_>) -> NaiveDate {
    world.accounts[0].service.periods[0]
}

fn change_package(world: &mut World<'_>, product: i64) {
    world.accounts[0].service.product = product;
    world.save(0).expect("a service");
    success(world, Call::ChangePackage);
}

fn use_up(world: &mut World<'_>, bytes: u64) {
    world.dial(0);
    world.flow(0, Traffic::new(bytes, 0));
    world.quiet_collection().expect("every invariant");
}

#[test]
fn a_paid_period_is_granted_once_and_an_unpaid_one_never() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 1);
    let first = format!("from {}||", day(&world));
    assert_eq!(journal(&world), [(Kind::Grant, QUOTA, first.clone())]);
    use_up(&mut world, 1_000_000);
    success(&mut world, Call::Renew);
    assert_eq!(journal(&world).len(), 1, "nothing was paid");
    let second = format!("from {}||", world.accounts[0].service.due);
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    success(&mut world, Call::Renew);
    let both = [(Kind::Grant, QUOTA, first), (Kind::Grant, QUOTA, second)];
    assert_eq!(journal(&world), both);
    assert_eq!(balance(&world), Some(2 * QUOTA - 1_000_000));
    assert_eq!(world.accounts[0].rows.period, 0, "a new period");
}

#[test]
fn what_was_paid_before_the_account_was_ours_is_not_granted() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 1);
    let before = day(&world) - Months::new(1);
    world.accounts[0]
        .service
        .invoice(&mut world.bench.eye, before);
    success(&mut world, Call::Renew);
    assert_eq!(journal(&world).len(), 1);
}

#[test]
fn a_due_date_entered_later_grants_nothing_that_was_paid_before_create() {
    let mut bench = Bench::new();
    let mut world = World::new(&mut bench, MODE, Dice::new(1), None);
    world.order(1);
    let today = day(&world);
    for months in 1..=24 {
        let before = today - Months::new(months);
        world.accounts[0]
            .service
            .invoice(&mut world.bench.eye, before);
    }
    let blank = "UPDATE tblhosting SET nextduedate = '0000-00-00'";
    world.bench.eye.query_drop(blank).expect("a blank date");
    world.accounts[0].service.once = true;
    success(&mut world, Call::Create);
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    success(&mut world, Call::Renew);
    let next = format!("from {}||", world.accounts[0].service.periods[1]);
    let once = (Kind::Grant, QUOTA, "once||".to_owned());
    assert_eq!(journal(&world), [once, (Kind::Grant, QUOTA, next)]);
}

#[test]
fn a_renewal_before_create_is_kept_for_it_and_granted_once() {
    let mut bench = Bench::new();
    let mut world = World::new(&mut bench, MODE, Dice::new(1), None);
    world.order(1);
    success(&mut world, Call::Renew);
    assert_eq!(balance(&world), Some(QUOTA));
    success(&mut world, Call::Create);
    assert_eq!((balance(&world), journal(&world).len()), (Some(QUOTA), 1));
}

#[test]
fn a_create_run_again_grants_what_is_paid_and_no_period_that_waits_for_its_payment() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 1);
    use_up(&mut world, 200_000_000);
    to_the_next_period(&mut world);
    success(&mut world, Call::Create);
    assert_eq!(journal(&world).len(), 1, "its invoice is not paid");
    world.router_is_as_the_cap_says(0).expect("he stays out");
    success(&mut world, Call::Terminate);
    success(&mut world, Call::Create);
    assert_eq!(balance(&world), Some(QUOTA - 200_000_000));
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Create);
    success(&mut world, Call::Renew);
    assert_eq!(balance(&world), Some(2 * QUOTA - 200_000_000));
    world.router_is_as_the_cap_says(0).expect("he is let in");
}

#[test]
fn an_unsuspension_grants_what_an_invoice_proves_to_be_paid() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 1);
    use_up(&mut world, 200_000_000);
    let refused = answer(&mut world, Call::Unsuspend);
    assert!(refused.contains("used up"), "{refused}");
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Unsuspend);
    assert_eq!(balance(&world), Some(2 * QUOTA - 200_000_000));
    world.router_is_as_the_cap_says(0).expect("he is let in");
}

/// The quota of the product without rollover: 0.1 GB.
const ENDING: i64 = 107_374_182;

/// Days from the beginning of a period to the next.
fn to_the_next_period(world: &mut World<'_>) {
    world.pass(32 * 86_400);
}

#[test]
fn without_rollover_what_is_left_ends_with_its_period_and_not_with_an_early_payment() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 3);
    use_up(&mut world, 7_374_182);
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    success(&mut world, Call::Renew);
    assert_eq!(balance(&world), Some(100_000_000), "its period goes on");
    assert_eq!(world.accounts[0].rows.waiting.len(), 1);
    to_the_next_period(&mut world);
    world.quiet_collection().expect("every invariant");
    assert_eq!(balance(&world), Some(ENDING));
    let second = format!("from {}||", world.accounts[0].service.periods[1]);
    assert_eq!(journal(&world)[1], (Kind::Grant, ENDING, second));
    let ended = (Kind::Expired, -100_000_000, "||".to_owned());
    assert_eq!(journal(&world)[2], ended);
}

#[test]
fn three_periods_paid_in_advance_are_three_grants_each_on_its_day() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 3);
    for _ in 0..3 {
        world.pay(0).expect("every invariant");
    }
    success(&mut world, Call::Renew);
    assert_eq!(world.accounts[0].rows.waiting.len(), 3);
    for waiting in [2, 1, 0] {
        use_up(&mut world, 374_182);
        assert_eq!(balance(&world), Some(ENDING - 374_182));
        to_the_next_period(&mut world);
        world.quiet_collection().expect("every invariant");
        assert_eq!(balance(&world), Some(ENDING), "all of the next one");
        assert_eq!(world.accounts[0].rows.waiting.len(), waiting);
    }
}

#[test]
fn a_grant_that_waits_begins_at_once_where_nothing_is_left() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 3);
    for _ in 0..2 {
        world.pay(0).expect("every invariant");
    }
    success(&mut world, Call::Renew);
    use_up(&mut world, 110_000_000);
    assert_eq!(balance(&world), Some(2 * ENDING - 110_000_000));
    assert_eq!(
        world.accounts[0].rows.waiting.len(),
        1,
        "the other waits on"
    );
    assert_eq!(world.accounts[0].suspensions, 0);
    to_the_next_period(&mut world);
    world.quiet_collection().expect("every invariant");
    assert_eq!(
        balance(&world),
        Some(2 * ENDING - 110_000_000),
        "its period has only begun"
    );
    assert!(
        journal(&world)
            .iter()
            .all(|(kind, ..)| *kind == Kind::Grant)
    );
}

#[test]
fn a_grant_that_waits_is_withdrawn_when_its_invoice_is_no_longer_paid() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 3);
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    let begins = world.accounts[0].service.periods[1];
    let becomes = |world: &mut World<'_>, status: &str| {
        let sql = "UPDATE tblinvoices SET status = ? WHERE duedate = ?";
        let eye = &mut world.bench.eye;
        eye.exec_drop(sql, (status, begins.to_string()))
            .expect("an invoice");
    };
    becomes(&mut world, "Refunded");
    use_up(&mut world, 110_000_000);
    assert_eq!(balance(&world), Some(ENDING - 110_000_000));
    assert!(world.accounts[0].rows.capped && world.accounts[0].rows.waiting.is_empty());
    let reason = format!("|the period from {begins} was not added: its invoice is no longer paid|");
    assert_eq!(journal(&world)[1], (Kind::Correction, 0, reason));
    becomes(&mut world, "Paid");
    success(&mut world, Call::Renew);
    assert_eq!(balance(&world), Some(2 * ENDING - 110_000_000));
}

#[test]
fn a_payment_of_a_capped_account_begins_at_once() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 3);
    use_up(&mut world, 110_000_000);
    assert!(world.accounts[0].rows.capped);
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    assert_eq!(balance(&world), Some(2 * ENDING - 110_000_000));
    world.router_is_as_the_cap_says(0).expect("he is let in");
}

#[test]
fn a_page_or_a_command_gives_what_has_waited_for_its_day() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 3);
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    use_up(&mut world, 1_000);
    to_the_next_period(&mut world);
    mikrotikvpn::traffic::grants::catch_up(&world.house.desk(), SERVICE).expect("a page");
    world.check_books(None).expect("every invariant");
    assert_eq!(balance(&world), Some(ENDING));
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    use_up(&mut world, 1_000);
    to_the_next_period(&mut world);
    success(&mut world, Call::ChangePassword);
    assert_eq!(balance(&world), Some(ENDING));
}

/// The waiting period is sold with what is sold when it begins, and the upgrade is of the present one alone.
#[test]
fn an_upgrade_takes_the_present_period_and_what_waits_is_the_larger_one() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 3);
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    world.pass(15 * 86_400);
    change_package(&mut world, 2);
    let more = (LARGER - ENDING) * 16 / 31;
    assert_eq!(balance(&world), Some(ENDING + more));
    world.pass(17 * 86_400);
    world.quiet_collection().expect("every invariant");
    assert_eq!(
        balance(&world),
        Some(ENDING + more + LARGER),
        "product 2 rolls over"
    );
    let last = journal(&world).pop().map(|(_, bytes, _)| bytes);
    assert_eq!(last, Some(LARGER));
}

#[test]
fn a_period_paid_in_advance_survives_a_termination() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 3);
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    use_up(&mut world, 7_374_182);
    success(&mut world, Call::Terminate);
    success(&mut world, Call::Create);
    assert_eq!(balance(&world), Some(100_000_000), "the period goes on");
    success(&mut world, Call::Terminate);
    to_the_next_period(&mut world);
    success(&mut world, Call::Create);
    assert_eq!(balance(&world), Some(ENDING));
}

#[test]
fn a_paid_period_opens_an_account_whatever_it_owes() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 1);
    use_up(&mut world, 461_061_274);
    assert_eq!(balance(&world), Some(-300_000_000));
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    let taken_over = QUOTA / 2;
    let forgiven = (Kind::Forgiven, 300_000_000 - taken_over, "||".to_owned());
    assert_eq!(journal(&world)[2], forgiven);
    assert_eq!(balance(&world), Some(QUOTA - taken_over));
    world.router_is_as_the_cap_says(0).expect("he is let in");
}

#[test]
fn a_correction_pays_the_debt_first() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 1);
    use_up(&mut world, (LARGER - 1).unsigned_abs());
    success(&mut world, Call::Correct(100));
    assert_eq!(balance(&world), Some(QUOTA - LARGER + 1 + (100 << 20)));
    assert!(world.accounts[0].rows.capped, "more was owed");
}

/// Five days at 1 Mbit/s; what flowed until the first collection that found it slow is owed.
#[test]
fn what_flows_at_the_caps_speed_is_counted_and_shown_but_not_owed() {
    for (product, quota) in [(2, LARGER), (3, ENDING)] {
        let mut bench = Bench::new();
        let mut world = world(&mut bench, product);
        use_up(&mut world, (quota + 8_000_000).unsigned_abs());
        assert!(world.accounts[0].rows.capped);
        use_up(&mut world, 5_000_000);
        assert_eq!(balance(&world), Some(-13_000_000), "until it was seen");
        for _ in 0..3 {
            use_up(&mut world, 50_000_000);
        }
        assert_eq!(balance(&world), Some(-13_000_000));
        assert_eq!(world.accounts[0].rows.free, 150_000_000);
        let used = quota.unsigned_abs() + 8_000_000 + 155_000_000;
        assert_eq!(world.accounts[0].rows.period, used, "all of it is shown");
        let page = ledger(&world.house.desk(), SERVICE, 0..50).expect("a page");
        let sum: i64 = page.lines.iter().map(|line| line.bytes).sum();
        assert_eq!(page.balance, Some(sum), "and the page adds up");
        world.pay(0).expect("every invariant");
        success(&mut world, Call::Renew);
        use_up(&mut world, 1_000_000);
        assert_eq!(
            balance(&world),
            Some(quota - 14_000_000),
            "full speed is owed"
        );
    }
}

#[test]
fn full_speed_is_owed_whoever_gave_it_back() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 2);
    use_up(&mut world, (LARGER + 1_000_000).unsigned_abs());
    use_up(&mut world, 1_000_000);
    use_up(&mut world, 1_000_000);
    assert_eq!(balance(&world), Some(-2_000_000));
    let fields = [("numbers", "vpn1"), ("max-limit", "0/0")];
    let router = &world.router;
    router.exec("/queue/simple/set", &fields).expect("a queue");
    use_up(&mut world, 70_000_000);
    assert_eq!(balance(&world), Some(-72_000_000));
}

/// Ordered on 15 January and due on 15 February: 31 days, of which 16 are left after 15.
#[test]
fn an_upgrade_adds_the_difference_for_the_days_left_once_and_a_downgrade_takes_nothing() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 1);
    assert_eq!(day(&world).to_string(), "2027-01-15");
    world.pass(15 * 86_400);
    change_package(&mut world, 2);
    let more = (LARGER - QUOTA) * 16 / 31;
    assert_eq!(journal(&world)[1], (Kind::Upgrade, more, "||".to_owned()));
    change_package(&mut world, 1);
    change_package(&mut world, 2);
    assert_eq!(journal(&world).len(), 2, "down and up again adds nothing");
    assert_eq!(balance(&world), Some(QUOTA + more));
}

#[test]
fn an_upgrade_adds_as_much_after_the_next_periods_are_paid_as_before() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 1);
    world.pay(0).expect("every invariant");
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    world.pass(15 * 86_400);
    change_package(&mut world, 2);
    let present = (LARGER - QUOTA) * 16 / 31;
    assert_eq!(balance(&world), Some(QUOTA + present + 2 * LARGER));
    change_package(&mut world, 1);
    change_package(&mut world, 2);
    assert_eq!(balance(&world), Some(QUOTA + present + 2 * LARGER));
}

#[test]
fn an_unlimited_account_has_no_balance_and_a_quota_after_it_is_an_upgrade_from_nothing() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 1);
    use_up(&mut world, 1_061_274);
    change_package(&mut world, 4);
    assert_eq!(balance(&world), None);
    let closed = (
        Kind::Expired,
        -160_000_000,
        "|unlimited from now on|".to_owned(),
    );
    assert_eq!(journal(&world)[1], closed);
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    assert_eq!((balance(&world), world.accounts[0].rows.period), (None, 0));
    let page = ledger(&world.house.desk(), SERVICE, 0..50).expect("a page");
    assert_eq!(page.balance, None);
    change_package(&mut world, 2);
    let (kind, bytes, _) = journal(&world).pop().expect("an entry");
    assert_eq!((kind, balance(&world)), (Kind::Upgrade, Some(bytes)));
}

#[test]
fn a_correction_has_a_reason_an_admin_and_a_line_on_the_page_that_adds_up() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 1);
    use_up(&mut world, 61_274);
    success(&mut world, Call::Correct(-3));
    let entry = (Kind::Correction, -(3 << 20), "|an outage|bob".to_owned());
    assert_eq!(journal(&world)[1], entry);
    let desk = world.house.desk();
    let page = ledger(&desk, SERVICE, 0..50).expect("a page");
    let sum: i64 = page.lines.iter().map(|line| line.bytes).sum();
    assert_eq!(page.balance, Some(sum));
    let [used, corrected, granted] = page.lines.as_slice() else {
        panic!("{:?}", page.lines);
    };
    assert!(matches!(&granted.what, What::Entry(entry) if entry.kind == Kind::Grant));
    assert_eq!(used.what, What::Used(Traffic::new(61_274, 0), Bytes(0)));
    assert!(matches!(&corrected.what, What::Entry(entry) if entry.reason == "an outage"));
    let nameless = mikrotikvpn::traffic::grants::correct(&desk, SERVICE, 5, " ", "bob");
    assert!(nameless.is_err_and(|error| error.is_misuse()));
    let missing = mikrotikvpn::traffic::grants::correct(&desk, 77, 5, "why", "bob");
    assert!(missing.is_err_and(|error| error.is_misuse()));
    assert_eq!(
        journal(&world).len(),
        2,
        "what was refused is not written down"
    );
}

#[test]
fn a_correction_lifts_a_cap_on_the_router_at_once() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 1);
    use_up(&mut world, 162_000_000);
    assert!(world.accounts[0].rows.capped);
    success(&mut world, Call::Correct(10));
    assert!(!world.accounts[0].rows.capped);
    world.router_is_as_the_cap_says(0).expect("he is let in");
}

#[test]
fn nothing_of_a_deleted_service_stays() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 1);
    use_up(&mut world, 1_000);
    success(&mut world, Call::Terminate);
    services::forget(&world.house.desk(), SERVICE).expect("it goes");
    assert_eq!(journal(&world), []);
    let page = ledger(&world.house.desk(), SERVICE, 0..50).expect("a page");
    assert_eq!((page.lines.len(), page.balance), (0, None));
}

//! What is granted, taken and written down, to the byte, by the commands themselves.

use chrono::{Months, NaiveDate};
use mikrotikvpn::store::grants::{self, Kind};
use mikrotikvpn::store::services;
use mikrotikvpn::traffic::ledger::{What, ledger};
use mikrotikvpn::units::Traffic;

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

#[test]
fn without_rollover_what_is_left_ends_with_its_period_and_a_debt_stays() {
    let mut bench = Bench::new();
    let mut world = world(&mut bench, 3);
    let quota = 107_374_182; // 0.1 GB
    use_up(&mut world, 7_374_182);
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    assert_eq!(
        journal(&world)[1],
        (
            Kind::Grant,
            quota,
            format!("from {}||", world.accounts[0].service.periods[1])
        )
    );
    assert_eq!(
        journal(&world)[2],
        (Kind::Expired, -100_000_000, "||".to_owned())
    );
    assert_eq!(balance(&world), Some(quota));
    use_up(&mut world, 200_000_000);
    world.pay(0).expect("every invariant");
    success(&mut world, Call::Renew);
    assert_eq!(journal(&world).len(), 4, "there was nothing left to end");
    assert_eq!(balance(&world), Some(2 * quota - 200_000_000));
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
    assert_eq!(used.what, What::Used(Traffic::new(61_274, 0)));
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

//! The ledger under everything that can go wrong, from a seed: traffic, collections, crashes at every
//! step, lost requests and replies, overlapping cron runs, reboots, resets by others, clock steps,
//! commands in between, database errors. Invariants are checked after every step.
//!
//! `pure` is the meter alone against a model of a router, and the arithmetic of balances alone, 100,000
//! schedules each in an ordinary run. `full` is
//! the real collection and the real commands against the simulator and a MariaDB, 200 schedules.
//!
//!     LEDGER_SCHEDULES=1000000 cargo test --release --test ledger_simulation   # pure; full: 1 for 500 of them
//!     LEDGER_SEED=93 cargo test --test ledger_simulation full                  # one alone, with its steps

mod ledger_support;
mod mariadb_support;

use ledger_support::cast::Call;
use ledger_support::schedules::Which;
use ledger_support::{conflicts, full, pure, pure_balance, race, schedules, tally};

/// Schedules of an ordinary run of the pure variant.
const PURE: u64 = 100_000;

/// Schedules of an ordinary run of the full variant.
const FULL: u64 = 200;

#[test]
fn the_pure_meter_keeps_the_promise() {
    let which = schedules::asked(PURE, PURE);
    schedules::run("pure", which, || (), |(), seed| pure::schedule(seed));
}

#[test]
fn the_pure_balance_keeps_the_promise() {
    let which = schedules::asked(PURE, PURE);
    schedules::run(
        "pure",
        which,
        || (),
        |(), seed| pure_balance::schedule(seed),
    );
}

#[test]
fn the_full_ledger_keeps_the_promise() {
    let which = schedules::asked(FULL, PURE);
    schedules::run("full", which, full::Bench::new, full::schedule);
    if matches!(which, Which::Many(count) if count >= FULL) {
        tally::check();
    }
}

#[test]
fn a_renewal_that_races_a_cap_ends_with_the_account_enabled_and_one_mail_at_most() {
    let mut bench = full::Bench::new();
    let collect =
        race::at_every_boundary(&mut bench, &race::RENEWED, Call::UsageUpdate, Call::Renew);
    let renew = race::at_every_boundary(&mut bench, &race::RENEWED, Call::Renew, Call::UsageUpdate);
    assert!(
        collect > 50 && renew > 20,
        "{collect} and {renew} boundaries"
    );
}

#[test]
fn a_change_of_package_that_races_a_collection_sends_no_second_notice() {
    let mut bench = full::Bench::new();
    let scene = &race::CHANGED;
    let collect =
        race::at_every_boundary(&mut bench, scene, Call::UsageUpdate, Call::ChangePackage);
    assert!(collect > 50, "{collect} boundaries");
}

#[test]
fn a_lock_conflict_at_any_statement_of_a_transaction_is_noticed_by_nobody() {
    let mut bench = full::Bench::new();
    for scene in &conflicts::SCENES {
        let statements = conflicts::at_every_statement(&mut bench, scene);
        assert!(statements > 4, "{statements} of {:?}", scene.call);
    }
}

#[test]
fn a_renewal_beside_a_collection_is_granted_however_the_server_isolates_transactions() {
    for session in full::other_isolations() {
        let mut bench = full::Bench::with(session);
        race::at_every_boundary(&mut bench, &race::RENEWED, Call::UsageUpdate, Call::Renew);
        race::at_every_boundary(&mut bench, &race::RENEWED, Call::Renew, Call::UsageUpdate);
    }
}

/// A short form: what differs is what a transaction sees of others.
#[test]
fn the_full_ledger_keeps_the_promise_with_other_isolations() {
    for session in full::other_isolations() {
        let which = schedules::asked(FULL / 5, PURE);
        let bench = || full::Bench::with(session);
        schedules::run(session, which, bench, full::schedule);
    }
}

//! Clocks that run ahead, and what becomes of the history.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use mikrotikvpn::units::Traffic;
use mysql::prelude::Queryable;

use super::cast::Call;
use super::full::{Bench, World};
use super::race::{finish, sold};

const DAY: u64 = 86_400;

/// Product 5 keeps three days.
fn four_days(bench: &mut Bench) -> Result<World<'_>, String> {
    let mut world = sold(bench, 5, 1_000)?;
    for _ in 0..4 {
        world.flow(0, Traffic::new(1_000_000, 0));
        finish(&mut world, Call::UsageUpdate)?;
        world.pass(DAY);
    }
    Ok(world)
}

fn days(world: &World<'_>) -> BTreeMap<String, Traffic> {
    world.accounts[0].rows.days.clone()
}

fn remarks(world: &mut World<'_>) -> String {
    let sql = "SELECT remarks FROM mod_mikrotikvpn_collections ORDER BY id DESC LIMIT 1";
    let found: Option<String> = world.bench.eye.query_first(sql).expect("a journal");
    found.unwrap_or_default()
}

#[test]
fn three_days_and_the_present_one_are_kept() -> Result<(), String> {
    let mut bench = Bench::new();
    let mut world = four_days(&mut bench)?;
    world.flow(0, Traffic::new(2_000_000, 0));
    finish(&mut world, Call::UsageUpdate)?;
    assert_eq!(days(&world).len(), 4, "{:?}", days(&world));
    Ok(())
}

/// The clock of WHMCS alone, and that of the database with it: they are often of one machine.
#[test]
fn one_run_with_a_clock_that_is_ahead_deletes_nothing_and_its_usage_comes_back_to_its_day()
-> Result<(), String> {
    for database_too in [false, true] {
        let mut bench = Bench::new();
        let mut world = four_days(&mut bench)?;
        let before = days(&world);
        let ahead = 200 * i64::try_from(DAY).unwrap_or_default();
        let clocks = world.house.clocks.clone();
        let clock = if database_too {
            &clocks.database
        } else {
            &clocks.host_ahead
        };
        clock.fetch_add(ahead, Ordering::SeqCst);
        world.flow(0, Traffic::new(3_000_000, 500));
        finish(&mut world, Call::UsageUpdate)?;
        let told = remarks(&mut world);
        assert!(told.contains("nothing of the history is deleted"), "{told}");
        let ahead_of_us = days(&world);
        assert_eq!(ahead_of_us.len(), before.len() + 1, "{ahead_of_us:?}");
        clock.fetch_sub(ahead, Ordering::SeqCst);
        world.pass(600);
        world.flow(0, Traffic::new(4_000_000, 0));
        finish(&mut world, Call::UsageUpdate)?;
        let told = remarks(&mut world);
        assert!(told.contains("booked on the days it belongs to"), "{told}");
        let mut expected = before.clone();
        let today = clocks.host().with_timezone(&world.house.zone).date_naive();
        expected.insert(today.to_string(), Traffic::new(7_000_000, 500));
        assert_eq!(days(&world), expected);
        assert_eq!(world.accounts[0].rows.months.len(), 1);
        world.quiet_collection()?;
    }
    Ok(())
}

#[test]
fn a_clock_that_stays_ahead_costs_one_day_of_history_in_a_day() -> Result<(), String> {
    let mut bench = Bench::new();
    let mut world = four_days(&mut bench)?;
    world.house.clocks.host_ahead.store(
        200 * i64::try_from(DAY).unwrap_or_default(),
        Ordering::SeqCst,
    );
    let mut kept = days(&world).len();
    for _ in 0..3 {
        finish(&mut world, Call::UsageUpdate)?;
        let now = days(&world).len();
        assert!(now + 1 >= kept, "{kept} days, then {now}");
        kept = now;
        world.pass(DAY);
    }
    Ok(())
}

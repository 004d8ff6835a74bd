//! A lock conflict at every statement of every transaction, one after the other: nobody notices but the clock.

use mikrotikvpn::host::Host;
use mikrotikvpn::units::Traffic;

use super::account::Rows;
use super::cast::{Call, End};
use super::dice::Dice;
use super::full::{Bench, Mode, World, truth};
use super::race::{begin, sold, succeeded, used_up_and_paid};
use super::stage::{Cue, Failing, Order};

/// What is done, and to whom.
pub struct Scene {
    pub call: Call,
    set: fn(&mut Bench) -> Result<World<'_>, String>,
}

/// Everything that writes in transactions.
pub const SCENES: [Scene; 8] = [
    Scene {
        call: Call::Create,
        set: |bench| Ok(ordered(bench)),
    },
    Scene {
        call: Call::Renew,
        set: used_up_and_paid,
    },
    Scene {
        call: Call::Unsuspend,
        set: used_up_and_paid,
    },
    Scene {
        call: Call::ChangePackage,
        set: sold_a_larger_one,
    },
    Scene {
        call: Call::ChangePassword,
        set: used_up_and_paid,
    },
    Scene {
        call: Call::Correct(100),
        set: used_up_and_paid,
    },
    Scene {
        call: Call::Terminate,
        set: used_up_and_paid,
    },
    Scene {
        call: Call::UsageUpdate,
        set: used_up_and_paid,
    },
];

fn ordered(bench: &mut Bench) -> World<'_> {
    let mode = Mode {
        counter_reset: true,
        session: false,
    };
    let mut world = World::new(bench, mode, Dice::new(1), None);
    world.order(1);
    world
}

fn sold_a_larger_one(bench: &mut Bench) -> Result<World<'_>, String> {
    let mut world = sold(bench, 1, 200_000_000)?;
    world.accounts[0].service.product = 2;
    world.save(0)?;
    Ok(world)
}

const CONFLICTS: [Failing; 3] = [Failing::LockTimeout, Failing::Deadlock, Failing::Changed];

/// Returns how many statements there were.
///
/// # Panics
/// When a conflict is told to anybody, or leaves another result than none.
pub fn at_every_statement(bench: &mut Bench, scene: &Scene) -> usize {
    let (_, calm) = play(bench, scene, None).expect("nothing disturbs it");
    for statement in 0.. {
        for failing in CONFLICTS {
            let played = play(bench, scene, Some((statement, failing)));
            let (met, after) = played.unwrap_or_else(|broken| {
                panic!(
                    "{:?}, {failing:?} at statement {statement}: {broken}",
                    scene.call
                )
            });
            if !met {
                return statement;
            }
            assert_eq!(
                after, calm,
                "{:?}, {failing:?} at statement {statement}",
                scene.call
            );
        }
    }
    unreachable!("an operation has an end")
}

/// What a conflict must not change.
type Outcome = (Rows, u32, u32);

fn play(
    bench: &mut Bench,
    scene: &Scene,
    conflict: Option<(usize, Failing)>,
) -> Result<(bool, Outcome), String> {
    let mut world = (scene.set)(bench)?;
    let at = begin(&mut world, scene.call);
    let (mut inside, mut statement, mut met, mut flowed) = (false, 0, false, false);
    loop {
        let mut order = Order::GoOn;
        match world.cast[at].cue {
            Some(Cue::BeforeSql(name)) => {
                inside |= name == "begin";
                if let Some((_, failing)) = conflict.filter(|(chosen, _)| *chosen == statement)
                    && inside
                    && !met
                {
                    met = true;
                    order = Order::Fail(failing);
                }
                statement += usize::from(inside);
            }
            Some(Cue::AfterSql("commit")) => inside = false,
            // Between the first list and the reset: a tail.
            Some(Cue::BeforeRequest) if !flowed && world.is_resetting(at) => {
                flowed = true;
                world.flow(0, Traffic::new(5_000_000, 700_000));
            }
            _ => {}
        }
        if let Some(end) = world.proceed(at, order)? {
            succeeded(scene.call, &end)?;
            break;
        }
    }
    let account = &world.accounts[0];
    let rows = Rows {
        // They hold the moment of the reading.
        sessions: None,
        ..account.rows.clone()
    };
    let outcome = (rows, account.notices, account.suspensions);
    world.quiet_collection()?;
    Ok((met, outcome))
}

/// Two accounts are collected. When their counters are zero on the router and the tails are about to be booked,
/// somebody locks the row of the first, for so many tries.
fn tails_behind_a_lock(world: &mut World<'_>, tries: usize) -> Result<End, String> {
    let at = begin(world, Call::UsageUpdate);
    let (mut reset, mut waited, mut holder) = (false, 0, None);
    loop {
        match world.cast[at].cue {
            Some(Cue::BeforeRequest) if !reset && world.is_resetting(at) => {
                reset = true;
                for place in 0..world.accounts.len() {
                    world.flow(place, Traffic::new(3_000_000, 200_000));
                }
            }
            Some(Cue::BeforeSql("begin")) if reset && holder.is_none() && waited == 0 => {
                let desk = world.house.desk();
                let sql = "SELECT 1 FROM mod_mikrotikvpn_accounts WHERE service_id = 1 FOR UPDATE";
                let locked = desk.begin().and_then(|()| desk.query(sql, &[]));
                locked.map_err(|error| error.to_string())?;
                holder = Some(desk);
            }
            Some(Cue::Pause) => {
                waited += 1;
                if waited == tries {
                    holder = None;
                }
            }
            _ => {}
        }
        if let Some(end) = world.proceed(at, Order::GoOn)? {
            return if waited > 0 {
                Ok(end)
            } else {
                Err("nobody was in the way".to_owned())
            };
        }
    }
}

fn two_with_traffic(bench: &mut Bench) -> Result<World<'_>, String> {
    let mut world = sold(bench, 4, 50_000_000)?;
    let second = world.order(4);
    let at = world.invite(Call::Create, Some(second));
    while world.proceed(at, Order::GoOn)?.is_none() {}
    world.dial(second);
    world.flow(second, Traffic::new(70_000_000, 0));
    Ok(world)
}

#[test]
fn a_lock_on_one_row_while_the_tails_are_booked_costs_nobody_a_byte() -> Result<(), String> {
    let mut bench = Bench::new();
    let mut world = two_with_traffic(&mut bench)?;
    let end = tails_behind_a_lock(&mut world, 20)?;
    succeeded(Call::UsageUpdate, &end)?;
    for account in &world.accounts {
        assert_eq!(account.rows.billed(), truth(&world.router, &account.name));
        assert_eq!(account.rows.reset_pending, 0);
    }
    world.quiet_collection()
}

#[test]
fn a_lock_that_outlives_the_lease_is_told() -> Result<(), String> {
    let mut bench = Bench::new();
    let mut world = two_with_traffic(&mut bench)?;
    let end = tails_behind_a_lock(&mut world, usize::MAX)?;
    let End::Answered(answer) = end else {
        panic!("{end:?}")
    };
    assert!(answer.contains("held the same rows"), "{answer}");
    world.quiet_collection()
}

#[test]
fn a_row_that_stays_locked_is_told_after_six_tries_and_the_command_may_be_run_again()
-> Result<(), String> {
    let mut bench = Bench::new();
    let mut world = used_up_and_paid(&mut bench)?;
    let before = world.accounts[0].rows.balance;
    let desk = world.house.desk();
    let sql = "SELECT 1 FROM mod_mikrotikvpn_accounts WHERE service_id = 1 FOR UPDATE";
    desk.begin()
        .and_then(|()| desk.query(sql, &[]))
        .map_err(|error| error.to_string())?;
    let at = begin(&mut world, Call::Renew);
    let mut pauses = 0;
    let end = loop {
        pauses += usize::from(world.cast[at].cue == Some(Cue::Pause));
        if let Some(end) = world.proceed(at, Order::GoOn)? {
            break end;
        }
    };
    let End::Answered(answer) = end else {
        panic!("{end:?}")
    };
    assert!(answer.contains("each of the 6 times"), "{answer}");
    assert_eq!((pauses, world.accounts[0].rows.balance), (5, before));
    drop(desk);
    let at = begin(&mut world, Call::Renew);
    let end = loop {
        if let Some(end) = world.proceed(at, Order::GoOn)? {
            break end;
        }
    };
    succeeded(Call::Renew, &end)?;
    world.quiet_collection()
}

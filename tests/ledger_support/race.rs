//! Two operations at the same moment, with every boundary of one as the place where the other comes in
//! between.

use mikrotikvpn::units::Traffic;

use super::cast::{Call, End};
use super::dice::Dice;
use super::full::{Bench, Mode, World};
use super::stage::{Cue, Order};

/// Where the second comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Between {
    /// After so many boundaries of the first.
    Boundary(usize),
    /// After its end.
    End,
}

/// What a race is about.
pub struct Scene {
    /// Before both.
    set: fn(&mut Bench) -> Result<World<'_>, String>,
    /// What WHMCS writes before it calls the second.
    write: fn(&mut World<'_>) -> Result<(), String>,
    /// Afterwards.
    holds: fn(&World<'_>) -> Result<(), String>,
}

/// An account is used up, and its next period was paid just now.
pub const RENEWED: Scene = Scene {
    set: used_up_and_paid,
    write: |_| Ok(()),
    holds: is_enabled_and_told_once,
};

/// An account that had its notice gets a package whose threshold it has not reached.
pub const CHANGED: Scene = Scene {
    set: below_the_threshold_and_told,
    write: sell_one_with_a_lower_threshold,
    holds: |world| world.accounts[0].writes_once_per_crossing(),
};

/// Runs `first` and brings `second` in at each of its boundaries, and after its end. Returns how many
/// boundaries there were.
pub fn at_every_boundary(bench: &mut Bench, scene: &Scene, first: Call, second: Call) -> usize {
    for boundaries in 0.. {
        match race(bench, scene, first, second, boundaries) {
            Ok(Between::Boundary(_)) => {}
            Ok(Between::End) => return boundaries,
            Err(broken) => {
                panic!("{second:?} after {boundaries} boundaries of {first:?}: {broken}")
            }
        }
    }
    unreachable!("an operation has an end")
}

fn race(
    bench: &mut Bench,
    scene: &Scene,
    first: Call,
    second: Call,
    boundaries: usize,
) -> Result<Between, String> {
    let mut world = (scene.set)(bench)?;
    let at = begin(&mut world, first);
    let mut early = None;
    for _ in 0..=boundaries {
        early = world.proceed(at, Order::GoOn)?;
        if early.is_some() {
            break;
        }
    }
    let came_to_its_end = early.is_some();
    (scene.write)(&mut world)?;
    begin(&mut world, second);
    let last = to_its_end_beside(&mut world, &mut early)?;
    let answer = match early {
        Some(answer) => answer,
        None => to_its_end(&mut world, 0)?,
    };
    for (call, answer) in [(first, answer), (second, last)] {
        succeeded(call, &answer)?;
    }
    (scene.holds)(&world)?;
    world.quiet_collection()?;
    (scene.holds)(&world)?;
    Ok(if came_to_its_end {
        Between::End
    } else {
        Between::Boundary(boundaries)
    })
}

/// 0.15 GB were sold, more has flowed since, and the next period was paid just now.
pub fn used_up_and_paid(bench: &mut Bench) -> Result<World<'_>, String> {
    let mut world = sold(bench, 1, 200_000_000)?;
    world.pay(0)?;
    Ok(world)
}

/// 0.4 GB were sold, and less than 0.2 GB are left.
fn below_the_threshold_and_told(bench: &mut Bench) -> Result<World<'_>, String> {
    let mut world = sold(bench, 2, 220_000_000)?;
    finish(&mut world, Call::UsageUpdate)?;
    world.pass(300);
    if world.accounts[0].notices == 1 {
        return Ok(world);
    }
    Err(format!("{} notices went", world.accounts[0].notices))
}

fn sell_one_with_a_lower_threshold(world: &mut World<'_>) -> Result<(), String> {
    world.accounts[0].service.product = 1;
    world.save(0)
}

/// A product is sold, and some traffic flowed.
pub fn sold(bench: &mut Bench, product: i64, download: u64) -> Result<World<'_>, String> {
    let mode = Mode {
        counter_reset: true,
        session: false,
    };
    let mut world = World::new(bench, mode, Dice::new(1), None);
    let place = world.order(product);
    finish(&mut world, Call::Create)?;
    world.dial(place);
    world.flow(place, Traffic::new(download, 0));
    world.pass(300);
    Ok(world)
}

/// From beginning to end, alone.
pub fn finish(world: &mut World<'_>, call: Call) -> Result<(), String> {
    let at = begin(world, call);
    let end = to_its_end(world, at)?;
    succeeded(call, &end)
}

pub fn begin(world: &mut World<'_>, call: Call) -> usize {
    world.invite(call, (!call.collects()).then_some(0))
}

fn to_its_end(world: &mut World<'_>, at: usize) -> Result<End, String> {
    loop {
        if let Some(end) = world.proceed(at, Order::GoOn)? {
            return Ok(end);
        }
    }
}

/// The one that came last to its end. While it waits for a lock, the other goes on to its next commit: that
/// gives every lock back.
fn to_its_end_beside(world: &mut World<'_>, other: &mut Option<End>) -> Result<End, String> {
    loop {
        let waits = world.cast.len() > 1 && world.cast[1].cue == Some(Cue::Pause);
        while waits && other.is_none() && world.cast[0].cue != Some(Cue::AfterSql("commit")) {
            *other = world.proceed(0, Order::GoOn)?;
        }
        if let Some(end) = world.proceed(world.cast.len() - 1, Order::GoOn)? {
            return Ok(end);
        }
    }
}

pub fn succeeded(call: Call, end: &End) -> Result<(), String> {
    match end {
        End::Answered(answer) if answer == "success" => Ok(()),
        other => Err(format!("{call:?} ends with {other:?}")),
    }
}

fn is_enabled_and_told_once(world: &World<'_>) -> Result<(), String> {
    let account = &world.accounts[0];
    let left = account.rows.balance;
    if left.is_none_or(|left| left <= 0) {
        return Err(format!("the renewal is not booked: {left:?} left"));
    }
    if account.suspensions > 1 || account.notices > 1 {
        return Err(format!(
            "{} suspension mails and {} notices went",
            account.suspensions, account.notices
        ));
    }
    world.router_is_as_the_cap_says(0)
}

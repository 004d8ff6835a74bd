//! One fault against one command, and what must hold:
//!
//! - the command returns within its deadline and 200 ms;
//! - `success` is the truth: router and books are as ordered;
//! - an error is the truth: unless it says that part of it may be done, nothing was changed;
//! - nothing that is not ours was touched, at any time;
//! - no password is in any answer, log, mail or table;
//! - once the fault is over, the same command ends with success and everything is as ordered.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::faults::{Row, Strike};
use super::secrets::{forms, leak};
use super::whmcs::Whmcs;
use super::works::Work;
use super::world::{Kind, Seconds, Transport, World};

/// What a command may take beyond its deadline.
const LATE: Duration = Duration::from_millis(200);

/// How one strike ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The command succeeded all the same.
    Succeeded,
    /// It failed, and everything that must hold does.
    Told,
    /// It took too long: to be measured again when nothing else runs.
    Late(String),
    /// Something does not hold, and what.
    Wrong(String),
}

/// How many requests `work` makes when nothing goes wrong.
pub fn requests(whmcs: &Whmcs, transport: Transport, work: Work) -> u64 {
    let mut world = World::new(whmcs, transport, &Kind::default());
    work.prepare(&mut world);
    world.sim.reset_stats();
    let answer = work.run(&world);
    assert_eq!(
        answer, "success",
        "{work:?} over {transport:?}, without a fault"
    );
    assert_eq!(
        work.missing(&world),
        None,
        "{work:?} over {transport:?}, without a fault"
    );
    world.sim.counts().total
}

/// Lets a fault strike at the `nth` request.
pub fn strike(whmcs: &Whmcs, transport: Transport, row: &Row, work: Work, nth: u64) -> Ending {
    let mut world = World::new(whmcs, transport, &(row.kind)());
    work.prepare(&mut world);
    world.honest_counters &= !row.loses_counters();
    row.arm(&mut world, work, nth);
    let counters = !row.loses_counters();
    let foreign = world.foreign(counters);
    let before = world.own_state();

    let seconds = if row.slow {
        Seconds::SHORT
    } else {
        Seconds::LONG
    };
    world.give(seconds);
    let begun = Instant::now();
    let answer = work.run(&world);
    let took = begun.elapsed();
    world.give(Seconds::LONG);

    let bound = work.deadline(seconds) + LATE;
    let late = took > bound;
    let happened = row.strike == Strike::Throughout
        || world.sim.faults().iter().any(|armed| armed.happened > 0);
    if let Some(wrong) = judged(&world, row, work, &answer, &before) {
        return Ending::Wrong(wrong);
    }
    if row.strike == Strike::Once && row.has_hand() {
        world.sim.clear_faults(None);
    }
    row.lift(&world);
    work.after(&world, &answer);
    let again = work.run(&world);
    work.after(&world, &again);
    if row.has_hand() && work.heals_by_create() {
        // What else the other admin did is mended by the command that makes accounts whole.
        let healed = Work::Create.run(&world);
        if healed != "success" {
            return Ending::Wrong(format!(
                "after \"{answer}\" and \"{again}\" Create says \"{healed}\""
            ));
        }
    } else if again != "success" {
        return Ending::Wrong(format!(
            "after \"{answer}\" the repetition says \"{again}\""
        ));
    }
    if let Some(missing) = work.missing(&world) {
        return Ending::Wrong(format!(
            "after \"{answer}\" and a repetition: not {missing}"
        ));
    }
    let after = world.foreign(counters);
    if !row.has_hand() && !row.reboots() && foreign != after {
        return Ending::Wrong(format!(
            "foreign objects changed:\n{}",
            difference(&foreign, &after)
        ));
    }
    if let Some(wrong) = leaked(&world, &[&answer, &again]) {
        return Ending::Wrong(wrong);
    }
    match (late, answer.as_str()) {
        (true, _) => Ending::Late(format!(
            "it took {took:?} with a bound of {bound:?}: {answer}"
        )),
        (false, "success") => Ending::Succeeded,
        // The machine was too busy for the command to come as far as the fault.
        (false, _) if !happened => Ending::Late(format!("before the fault: {answer}")),
        (false, _) => Ending::Told,
    }
}

/// Whether the answer is true.
fn judged(world: &World<'_>, row: &Row, work: Work, answer: &str, before: &str) -> Option<String> {
    if answer == "success" {
        // What another admin did behind the last look is his.
        if row.has_hand() {
            return None;
        }
        let missing = work.missing(world).filter(|_| !work.qualifies(world))?;
        return Some(format!("it says success, but: not {missing}"));
    }
    if answer.contains("Internal error") {
        return Some(format!("a bug of ours: {answer}"));
    }
    let now = world.own_state();
    let changed = now != before && !row.has_hand() && !row.reboots();
    if changed && !admits(answer) {
        return Some(format!(
            "\"{answer}\", but the router was changed:\n{}",
            difference(before, &now)
        ));
    }
    None
}

/// The error says that something may have been done.
fn admits(answer: &str) -> bool {
    [
        "may have been carried out",
        "may be on the router",
        "Running the command again is safe",
        "follows with the next collection",
        "is on the router already",
        "is as ordered already",
    ]
    .iter()
    .any(|words| answer.contains(words))
}

fn leaked(world: &World<'_>, answers: &[&str]) -> Option<String> {
    static FORMS: OnceLock<Vec<String>> = OnceLock::new();
    let forms = FORMS.get_or_init(forms);
    let mut texts = world.whmcs.said();
    texts.extend(answers.iter().map(ToString::to_string));
    texts.push(world.whmcs.dump());
    texts
        .iter()
        .find_map(|text| leak(forms, text).map(|form| format!("\"{form}\" is in: {text}")))
}

/// Lines that only one of them has.
fn difference(before: &str, after: &str) -> String {
    let only = |these: &str, those: &str, sign: &str| {
        let lines = these
            .lines()
            .filter(|line| !those.lines().any(|other| other == *line));
        lines
            .map(|line| [sign, " ", line, "\n"].concat())
            .collect::<String>()
    };
    only(before, after, "-") + &only(after, before, "+")
}

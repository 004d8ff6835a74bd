//! The ledger under everything that can go wrong, from a seed: traffic, collections, crashes at every
//! step, lost requests and replies, overlapping cron runs, reboots, resets by others, clock steps,
//! commands in between, database errors. Invariants are checked after every step.

mod ledger_support;

use ledger_support::{pure, schedules};

/// Schedules of an ordinary run of the pure variant.
const PURE: u64 = 100_000;

#[test]
fn the_meter_alone_keeps_the_promise() {
    let which = schedules::asked("LEDGER_SCHEDULES", PURE);
    schedules::run("pure", which, || (), |(), seed| pure::schedule(seed));
}

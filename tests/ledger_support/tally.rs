//! How often what can happen has happened: a simulation in which nothing goes wrong any more proves
//! nothing, and must not pass.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What a run of the usual length must have seen.
pub const EXPECTED: [&str; 28] = [
    "account capped",
    "cap lifted",
    "cut off",
    "database: answer lost",
    "database: connection lost",
    "database: deadlock",
    "database: lock timeout",
    "database: row changed",
    "grant",
    "grant waits",
    "lock met",
    "lock waited for",
    "mail refused",
    "notice",
    "operations overlap",
    "package changed",
    "queue deleted by others",
    "reboot",
    "reset arrives late",
    "reset by others",
    "reset confirmed",
    "reset in doubt",
    "router fails",
    "server busy",
    "suspension mail",
    "terminated",
    "three months",
    "used free at a cap's speed",
];

static SEEN: Mutex<BTreeMap<&str, u64>> = Mutex::new(BTreeMap::new());

thread_local! {
    static COUNTS: Cell<bool> = const { Cell::new(false) };
}

/// From now on this thread's events count: those of schedules, not of tests that bring them about.
pub fn begin() {
    COUNTS.set(true);
}

/// It happened.
pub fn add(what: &'static str) {
    if !COUNTS.get() {
        return;
    }
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    *seen.entry(what).or_default() += 1;
}

/// Prints what was seen.
///
/// # Panics
/// When something expected was not.
pub fn check() {
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let lines: Vec<_> = seen
        .iter()
        .map(|(what, times)| format!("{what} {times}"))
        .collect();
    println!("full: {}", lines.join(", "));
    let never: Vec<_> = EXPECTED
        .into_iter()
        .filter(|what| !seen.contains_key(what))
        .collect();
    assert!(never.is_empty(), "never happened: {}", never.join(", "));
}

//! Many seeds on all cores; the first that fails is printed with its steps.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// What a schedule broke, and how it came to that.
#[derive(Debug)]
pub struct Failure {
    /// The sentence of the invariant and the figures.
    pub broken: String,
    /// What happened, in order.
    pub steps: Vec<String>,
}

/// Which schedules to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one of `LEDGER_SEED`.
    One(u64),
    /// Seeds from 1 on.
    Many(u64),
}

/// What the environment asks for; `usual` when it asks for nothing.
pub fn asked(variable: &str, usual: u64) -> Which {
    let number = |name| -> Option<u64> {
        let text = std::env::var(name).ok()?;
        let number = text.trim().parse();
        Some(number.unwrap_or_else(|_| panic!("{name} is \"{text}\", not a number")))
    };
    match number("LEDGER_SEED") {
        Some(seed) => Which::One(seed),
        None => Which::Many(number(variable).unwrap_or(usual)),
    }
}

/// Runs `schedule` for every seed, each core with its own `bench`.
///
/// # Panics
/// With the lowest failing seed and its steps.
pub fn run<B>(
    name: &str,
    which: Which,
    bench: impl Fn() -> B + Sync,
    schedule: impl Fn(&mut B, u64) -> Result<(), Failure> + Sync,
) {
    let (first, last) = match which {
        Which::One(seed) => (seed, seed),
        Which::Many(count) => (1, count),
    };
    let next = AtomicU64::new(first);
    let failed = AtomicBool::new(false);
    let begun = Instant::now();
    let worker = || {
        let mut bench = bench();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            // Seeds below a failing one are all begun, so the lowest failing seed is always found.
            if seed > last || failed.load(Ordering::Relaxed) {
                return None;
            }
            if let Err(failure) = schedule(&mut bench, seed) {
                failed.store(true, Ordering::Relaxed);
                return Some((seed, failure));
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let failures: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        let join = |worker: std::thread::ScopedJoinHandle<'_, _>| match worker.join() {
            Ok(failure) => failure,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        workers.into_iter().filter_map(join).collect()
    });
    if let Some((seed, failure)) = failures.into_iter().min_by_key(|(seed, _)| *seed) {
        panic!(
            "{name}: seed {seed} fails; LEDGER_SEED={seed} replays it alone\n{}\n\n{}",
            failure.steps.join("\n"),
            failure.broken
        );
    }
    let schedules = last - first + 1;
    println!("{name}: {schedules} schedules in {:.1?}", begun.elapsed());
}

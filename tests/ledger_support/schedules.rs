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

/// What the environment asks for, see `ledger_simulation.rs`; `usual` schedules when it asks for nothing,
/// and where `usual_pure` are usual, another number of those means as many of these for each.
pub fn asked(usual: u64, usual_pure: u64) -> Which {
    let number = |name| -> Option<u64> {
        let text = std::env::var(name).ok()?;
        let number = text.trim().parse();
        Some(number.unwrap_or_else(|_| panic!("{name} is \"{text}\", not a number")))
    };
    if let Some(seed) = number("LEDGER_SEED") {
        return Which::One(seed);
    }
    let pure = number("LEDGER_SCHEDULES").unwrap_or(usual_pure);
    let in_proportion = u128::from(pure) * u128::from(usual) / u128::from(usual_pure);
    Which::Many(u64::try_from(in_proportion).unwrap_or(u64::MAX).max(1))
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
            "{name}: seed {seed} fails; LEDGER_SEED={seed} cargo test --test ledger_simulation {name} replays it alone\n{}\n\n{}",
            failure.steps.join("\n"),
            failure.broken
        );
    }
    let schedules = last - first + 1;
    println!("{name}: {schedules} schedules in {:.1?}", begun.elapsed());
}

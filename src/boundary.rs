//! Where an operation can be cut off: before and after every SQL statement, commit and request to a
//! router. Nothing in an ordinary build. With the feature `kill-points`, which releases are built
//! without, the boundary whose number is in `MIKROTIKVPN_BOUNDARY` (from 1) ends the process as a power
//! cut would, or panics when `MIKROTIKVPN_AT_BOUNDARY` is `panic`; and a test may watch the boundaries
//! of its thread, see `watch`.

use std::time::Instant;

#[cfg(feature = "kill-points")]
pub use watched::{Watch, watch};

/// A step has ended or is about to begin.
#[cfg(not(feature = "kill-points"))]
#[inline]
pub fn boundary() {}

/// A step has ended or is about to begin.
///
/// # Panics
///
/// At the chosen boundary, when that was asked for.
#[cfg(feature = "kill-points")]
pub fn boundary() {
    use std::sync::atomic::{AtomicU64, Ordering};
    static PASSED: AtomicU64 = AtomicU64::new(0);
    watched::pass();
    let Some(chosen) = variable("MIKROTIKVPN_BOUNDARY").and_then(|text| text.parse::<u64>().ok())
    else {
        return;
    };
    if PASSED.fetch_add(1, Ordering::SeqCst) + 1 != chosen {
        return;
    }
    assert!(
        variable("MIKROTIKVPN_AT_BOUNDARY").as_deref() != Some("panic"),
        "boundary {chosen} was chosen"
    );
    kill();
}

/// The present moment of the clock nobody sets, against which the router's uptime is held.
#[cfg(not(feature = "kill-points"))]
#[inline]
pub fn instant() -> Instant {
    Instant::now()
}

/// The present moment of the clock nobody sets, with the time a watching test has let pass.
#[cfg(feature = "kill-points")]
pub fn instant() -> Instant {
    watched::instant()
}

/// Both at once; one after the other where a test watches, for there a seed must always be the same
/// schedule.
pub async fn both<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) -> (A, B) {
    #[cfg(feature = "kill-points")]
    if watched::is_watched() {
        return (first.await, second.await);
    }
    tokio::join!(first, second)
}

#[cfg(feature = "kill-points")]
mod watched {
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::{Duration, Instant};

    /// What a test does at the boundaries of the thread it watches.
    pub trait Watch {
        /// Called at each boundary; a panic here is the end of the operation.
        fn boundary(&self);

        /// Time that passed on the test's own clock.
        fn passed(&self) -> Duration;
    }

    thread_local! {
        static WATCH: RefCell<Option<Rc<dyn Watch>>> = const { RefCell::new(None) };
    }

    /// From now on `watch` is told of this thread's boundaries.
    pub fn watch(watch: Rc<dyn Watch>) {
        WATCH.with(|watching| *watching.borrow_mut() = Some(watch));
    }

    pub(super) fn is_watched() -> bool {
        watching().is_some()
    }

    pub(super) fn pass() {
        if let Some(watch) = watching() {
            watch.boundary();
        }
    }

    pub(super) fn instant() -> Instant {
        Instant::now() + watching().map_or(Duration::ZERO, |watch| watch.passed())
    }

    fn watching() -> Option<Rc<dyn Watch>> {
        WATCH.with(|watching| watching.borrow().clone())
    }
}

#[cfg(feature = "kill-points")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Uncatchable: neither Rust nor PHP nor the database driver gets to tidy up.
#[cfg(feature = "kill-points")]
fn kill() -> ! {
    let command = format!("kill -KILL {}", std::process::id());
    let _ = std::process::Command::new("sh")
        .args(["-c", &command])
        .status();
    // The signal may reach this process a moment after the shell has ended.
    loop {
        std::thread::park();
    }
}

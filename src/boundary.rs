//! Where an operation can be cut off: before and after every SQL statement, commit and request to a
//! router. Nothing in an ordinary build. With the feature `kill-points`, which releases are built
//! without, the boundary whose number is in `MIKROTIKVPN_BOUNDARY` (from 1) ends the process as a power
//! cut would, or panics when `MIKROTIKVPN_AT_BOUNDARY` is `panic`.

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

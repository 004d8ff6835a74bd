//! A Rust panic becomes a sentence, or a PHP `Error`, that says where it happened and nothing else: a
//! panic message may quote the value that caused it, and that may be a password.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use ext_php_rs::exception::{PhpException, PhpResult};
use ext_php_rs::zend::ce;

thread_local! {
    /// Where this thread panicked last, `file:line`.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Replaces Rust's panic hook, which prints the message to the web server's log, by one that only
/// notes the place. The hook belongs to this library's copy of the Rust runtime; other extensions
/// written in Rust keep theirs.
pub(crate) fn silence() {
    set_hook(Box::new(|info| {
        let place = info
            .location()
            .map(|place| format!("{}:{}", place.file(), place.line()));
        PLACE.with(|last| {
            if let Ok(mut last) = last.try_borrow_mut() {
                *last = place;
            }
        });
    }));
}

/// Runs `body`; a panic in it becomes a PHP `Error`, which WHMCS shows where a loader failed.
pub(crate) fn guarded<T>(body: impl FnOnce() -> PhpResult<T>) -> PhpResult<T> {
    caught(body).unwrap_or_else(|sentence| Err(PhpException::new(sentence, 0, ce::error())))
}

/// Runs `body`; a panic in it becomes the sentence to show.
pub(crate) fn caught<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|payload| {
        // Neither read nor dropped: dropping may panic again, and this is a bug's last moment.
        std::mem::forget(payload);
        let place = PLACE
            .with(RefCell::take)
            .unwrap_or_else(|| "an unknown place".to_owned());
        format!(
            "Internal error in mikrotikvpn {} at {place}. Please report it with this line.",
            env!("CARGO_PKG_VERSION")
        )
    })
}

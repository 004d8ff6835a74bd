//! Values nobody can guess: passwords, keys, tokens. They come from the operating system each time. A generator
//! that lives in the process goes on in a forked child where it stood in the parent, so that parent and children
//! would draw the same.

use rand::rngs::OsRng;
use rand::{CryptoRng, Rng, TryRngCore};

/// The operating system's source. It fails only where there is none at all, and panics then: nothing may be
/// made of values that are not random.
pub(crate) fn source() -> impl CryptoRng {
    OsRng.unwrap_err()
}

/// A number that tells one holder from any other; never 0.
pub(crate) fn token() -> i64 {
    source().random_range(1..i64::MAX)
}

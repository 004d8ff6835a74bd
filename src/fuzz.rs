//! Chance against everything that reads what others wrote, for as long as there is time: `FUZZ_SECONDS` for all
//! targets together (`./build.sh test` gives them a minute). cargo-fuzz needs a compiler of its own; these
//! run wherever the tests do, and each target says what must hold, not only that nothing panics.
//!
//! A failure prints the smallest input that proptest found.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};

/// API sentences, REST lists, durations and timestamps, settings, access-hash lines, username rules.
const TARGETS: u32 = 6;

/// Cases between two looks at the clock.
const BATCH: u32 = 64;

/// Runs one target for its share of the time.
pub(crate) fn target<S: Strategy>(inputs: &S, check: impl Fn(S::Value) -> TestCaseResult) {
    let seconds = std::env::var("FUZZ_SECONDS").ok();
    let seconds = seconds.map_or(3.0, |text| text.parse().expect("FUZZ_SECONDS is a number"));
    let end = Instant::now() + Duration::from_secs_f64(seconds) / TARGETS;
    let mut runner = TestRunner::new(Config {
        cases: BATCH,
        failure_persistence: None,
        ..Config::default()
    });
    loop {
        if let Err(failure) = runner.run(inputs, &check) {
            panic!("{failure}");
        }
        if Instant::now() >= end {
            return;
        }
    }
}

/// What becomes of bytes on their way: some are changed, left out, doubled, put in.
#[derive(Debug, Clone)]
pub(crate) enum Spoil {
    Change(prop::sample::Index, u8),
    Remove(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
    Repeat(prop::sample::Index, usize),
    Cut(prop::sample::Index),
}

impl Spoil {
    fn act(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        let span = |place: &prop::sample::Index, count: usize| {
            let start = place.index(length + 1);
            start..(start + count).min(length)
        };
        match self {
            Self::Change(place, byte) => {
                if length > 0 {
                    bytes[place.index(length)] = *byte;
                }
            }
            Self::Remove(place, count) => drop(bytes.drain(span(place, *count))),
            Self::Insert(place, more) => {
                let at = place.index(length + 1);
                bytes.splice(at..at, more.iter().copied());
            }
            Self::Repeat(place, count) => {
                let again = bytes[span(place, *count)].to_vec();
                bytes.extend(again);
            }
            Self::Cut(place) => bytes.truncate(place.index(length + 1)),
        }
    }
}

/// Up to a handful of them.
pub(crate) fn spoils() -> impl Strategy<Value = Vec<Spoil>> {
    let place = || any::<prop::sample::Index>();
    prop::collection::vec(
        prop_oneof![
            4 => (place(), any::<u8>()).prop_map(|(place, byte)| Spoil::Change(place, byte)),
            1 => (place(), 1_usize..9).prop_map(|(place, count)| Spoil::Remove(place, count)),
            1 => (place(), prop::collection::vec(any::<u8>(), 1..9))
                .prop_map(|(place, more)| Spoil::Insert(place, more)),
            1 => (place(), 1_usize..40).prop_map(|(place, count)| Spoil::Repeat(place, count)),
            1 => place().prop_map(Spoil::Cut),
        ],
        0..5,
    )
}

/// `bytes` after all that.
pub(crate) fn spoilt(mut bytes: Vec<u8>, spoils: &[Spoil]) -> Vec<u8> {
    for spoil in spoils {
        spoil.act(&mut bytes);
    }
    bytes
}

/// Likewise, of a text.
pub(crate) fn spoilt_text(text: &str, spoils: &[Spoil]) -> String {
    let bytes = spoilt(text.as_bytes().to_vec(), spoils);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An error an admin reads: about the settings, a sentence, and not a page of what was pasted.
pub(crate) fn check_misuse(error: &crate::Error) -> TestCaseResult {
    let text = error.to_string();
    prop_assert!(error.is_misuse(), "{text}");
    prop_assert!(text.ends_with('.'), "{text}");
    prop_assert!(text.len() < 1_000, "{} bytes: {text}", text.len());
    Ok(())
}

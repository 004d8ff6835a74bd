//! The moment an operation must be over.

use std::time::{Duration, Instant};

/// One deadline is made at the entry of an operation and spent by everything in it.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// `duration` from now.
    pub fn after(duration: Duration) -> Self {
        Self(later(Instant::now(), duration))
    }

    /// What is left; zero when it has passed.
    pub fn remaining(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// This deadline, or `duration` from now if that comes first.
    #[must_use]
    pub fn sooner(self, duration: Duration) -> Self {
        Self(self.0.min(later(Instant::now(), duration)))
    }
}

/// A month is as good as for ever, and cannot overflow the clock.
fn later(now: Instant, duration: Duration) -> Instant {
    now + duration.min(Duration::from_secs(30 * 86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sooner_of_two_counts_and_a_passed_one_has_nothing_left() {
        let long = Deadline::after(Duration::from_secs(3_600));
        assert!(long.sooner(Duration::from_secs(1)).remaining() <= Duration::from_secs(1));
        let short = Deadline::after(Duration::from_secs(1));
        assert!(short.sooner(Duration::from_secs(3_600)).remaining() <= Duration::from_secs(1));
        assert_eq!(
            long.sooner(Duration::ZERO).remaining(),
            Duration::ZERO,
            "a passed deadline must not wrap around"
        );
    }

    #[test]
    fn the_longest_duration_does_not_overflow() {
        assert!(Deadline::after(Duration::MAX).remaining() > Duration::from_secs(86_400));
    }
}

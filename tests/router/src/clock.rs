//! The router's time: virtual (tests move it) or real (the program).

use std::time::Instant;

use chrono::{DateTime, Duration, Utc};

use crate::version::Version;

/// Microseconds on the simulator's own time line; 0 is the start of the simulation.
pub type Micros = u64;

/// Which time line the router follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockMode {
    /// Stands still until `advance` is called.
    Virtual,
    /// Follows the machine's monotonic clock; `advance` leaps ahead.
    Real,
}

/// The clock behind uptime, session times and dates.
#[derive(Debug)]
pub struct Clock {
    mode: ClockMode,
    started: Instant,
    leapt: Micros,
    wall_at_start: DateTime<Utc>,
}

impl Clock {
    /// A clock at 0; `wall_at_start` is the date the router believes at that moment.
    pub fn new(mode: ClockMode, wall_at_start: DateTime<Utc>) -> Self {
        Self {
            mode,
            started: Instant::now(),
            leapt: 0,
            wall_at_start,
        }
    }

    /// Leaps ahead.
    pub fn advance(&mut self, micros: Micros) {
        self.leapt = self.leapt.saturating_add(micros);
    }

    /// Sets the date without touching the time line (`/system/clock set`: a clock step).
    pub fn set_wall(&mut self, wall: DateTime<Utc>) {
        self.wall_at_start = wall - chrono_micros(self.now());
    }

    /// The present moment.
    pub fn now(&self) -> Micros {
        let elapsed = match self.mode {
            ClockMode::Virtual => 0,
            ClockMode::Real => {
                Micros::try_from(self.started.elapsed().as_micros()).unwrap_or(Micros::MAX)
            }
        };
        self.leapt.saturating_add(elapsed)
    }

    /// The router's local time at a moment.
    pub fn wall(&self, at: Micros) -> DateTime<Utc> {
        self.wall_at_start
            .checked_add_signed(chrono_micros(at))
            .unwrap_or(self.wall_at_start)
    }
}

/// A date and time as the version writes it: ISO from 7.10, `may/01/2023 20:52:13` before.
pub fn timestamp(version: Version, at: DateTime<Utc>) -> String {
    format!("{} {}", date(version, at), at.format("%H:%M:%S"))
}

/// A date as the version writes it.
pub fn date(version: Version, at: DateTime<Utc>) -> String {
    if version.has_iso_dates() {
        at.format("%Y-%m-%d").to_string()
    } else {
        at.format("%b/%d/%Y").to_string().to_lowercase()
    }
}

fn chrono_micros(micros: Micros) -> Duration {
    Duration::microseconds(i64::try_from(micros).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_form_changes_with_7_10() {
        let at = DateTime::from_timestamp(1_682_974_333, 0).unwrap();
        assert_eq!(timestamp(Version::new(7, 9), at), "may/01/2023 20:52:13");
        assert_eq!(timestamp(Version::new(7, 10), at), "2023-05-01 20:52:13");
    }

    #[test]
    fn a_virtual_clock_moves_only_when_told() {
        let mut clock = Clock::new(ClockMode::Virtual, DateTime::UNIX_EPOCH);
        assert_eq!(clock.now(), 0);
        clock.advance(5);
        assert_eq!(clock.now(), 5);
    }
}

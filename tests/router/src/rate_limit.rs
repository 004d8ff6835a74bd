//! A profile's `rate-limit`:
//! `rx[/tx] [rx-burst[/tx-burst] [rx-threshold[/tx-threshold] [rx-time[/tx-time] [priority [rx-min[/tx-min]]]]]]`.
//!
//! Seen from the router: rx is the customer's upload. Missing tx parts are the rx parts.

use crate::duration;
use crate::value::rate;

/// A limit as a queue would have it: upload and download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// Bits per second; the queue's `max-limit`.
    pub max_limit: (u64, u64),
    /// Bits per second; 0 = no burst.
    pub burst_limit: (u64, u64),
    /// Bits per second.
    pub burst_threshold: (u64, u64),
    /// Seconds.
    pub burst_time: (u64, u64),
    /// 1 (high) to 8.
    pub priority: u64,
    /// Bits per second; the queue's `limit-at`.
    pub limit_at: (u64, u64),
}

impl RateLimit {
    /// Reads the text of a profile.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(' ').collect();
        if parts.len() > 6 {
            return None;
        }
        let rates = |index: usize| parts.get(index).map(|part| halves(part, rate));
        let max_limit = rates(0)??;
        let burst_limit = rates(1).unwrap_or(Some((0, 0)))?;
        let burst_threshold =
            rates(2).unwrap_or(Some(if parts.len() > 1 { max_limit } else { (0, 0) }))?;
        let default_time = if parts.len() > 1 { (1, 1) } else { (0, 0) };
        let burst_time = parts
            .get(3)
            .map_or(Some(default_time), |part| halves(part, duration::parse))?;
        let priority = parts.get(4).map_or(Some(8), |part| part.parse().ok())?;
        let limit_at = rates(5).unwrap_or(Some((0, 0)))?;
        let valid = (1..=8).contains(&priority)
            && (max_limit.0 == 0 || limit_at.0 <= max_limit.0)
            && (max_limit.1 == 0 || limit_at.1 <= max_limit.1);
        valid.then_some(Self {
            max_limit,
            burst_limit,
            burst_threshold,
            burst_time,
            priority,
            limit_at,
        })
    }
}

fn halves(text: &str, read: impl Fn(&str) -> Option<u64>) -> Option<(u64, u64)> {
    match text.split_once('/') {
        Some((first, second)) => Some((read(first)?, read(second)?)),
        None => read(text).map(|both| (both, both)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_parts_come_from_the_parts_before() {
        let limit = RateLimit::parse("5M/10M").unwrap();
        assert_eq!(limit.max_limit, (5_000_000, 10_000_000));
        assert_eq!(
            RateLimit::parse("2M").unwrap().max_limit,
            (2_000_000, 2_000_000)
        );
        let burst = RateLimit::parse("1M/2M 3M").unwrap();
        assert_eq!(burst.burst_limit, (3_000_000, 3_000_000));
        assert_eq!(burst.burst_threshold, (1_000_000, 2_000_000));
        assert_eq!(burst.burst_time, (1, 1));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "fast",
            "1M/",
            "1M 2M 1M 1s 9",
            "1M 2M 1M 1s 8 2M",
            "1M 1M 1M 1s 8 1M 1M",
        ] {
            assert_eq!(RateLimit::parse(text), None, "{text}");
        }
    }
}

//! A reading with the resets right behind it.

use super::lists::Counters;
use crate::error::Error;

/// The last counters before a reset, and what is known of the reset.
#[derive(Debug)]
pub struct LastReading {
    /// What was read; empty when that failed.
    pub counters: Counters,
    /// Of each counter that was to be set to zero, in the order given.
    pub fates: Vec<ResetFate>,
    /// What went wrong first, of reading and resetting.
    pub failure: Option<Error>,
}

/// What became of the reset of one counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetFate {
    /// It was not asked for.
    Unsent,
    /// It is zero, and what was read is of the time before.
    Done,
    /// It is zero; what was read may be of the time after.
    DoneAhead,
    /// It is zero; nothing was read.
    DoneUnread,
    /// An item of the same command was missing, and then RouterOS resets none of them.
    Refused,
    /// It may be zero.
    Unknown,
}

impl LastReading {
    pub(super) fn unsent(resets: usize, error: Error) -> Self {
        Self {
            failure: Some(error),
            ..Self::unsent_all(resets)
        }
    }

    pub(super) fn unsent_all(resets: usize) -> Self {
        Self {
            counters: Counters::default(),
            fates: vec![ResetFate::Unsent; resets],
            failure: None,
        }
    }
}

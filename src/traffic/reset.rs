//! Step 5 of a collection: what flowed between the first reading and the reset. Pure.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::cap;
use super::index::ByText;
use super::meter::tail;
use crate::routeros::{Counters, ListedQueue, Queues, ResetFate};
use crate::store::accounts::{Baseline, Booking};
use crate::store::servers::Evidence;
use crate::units::Traffic;

/// A reset that was noted together with the booking of its counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Intended {
    /// Whose.
    pub(super) service: i64,
    /// The queue's place in the first list.
    pub(super) row: usize,
}

/// One intended reset after the second reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tail {
    pub(super) service: i64,
    /// The queue's place in the first list.
    pub(super) row: usize,
    /// What flowed since the first list; `None` when the queue is gone or became another one.
    pub(super) usage: Option<Traffic>,
}

/// Both readings of a router's queues.
pub(super) struct Readings<'a> {
    /// The first, which is booked.
    pub(super) queues: &'a Queues,
    pub(super) evidence: Evidence,
    /// When the second was made.
    pub(super) at: DateTime<Utc>,
    /// How long after the first that was, at most.
    pub(super) after: Duration,
}

/// What became of the resets that were asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fates {
    /// Done; with bytes that are still to be booked.
    pub(super) to_book: Vec<Tail>,
    /// Not asked for in the end.
    pub(super) unsent: Vec<i64>,
    /// Nobody knows. The second list is not proven to be of the same boot as the first. That does not
    /// matter where the baseline becomes zero; here its bytes could be booked once more.
    pub(super) unknown: Vec<i64>,
}

/// Counters by the ids of their queues.
pub(super) struct ById<'a> {
    counters: &'a Counters,
    index: ByText,
}

impl<'a> ById<'a> {
    pub(super) fn new(counters: &'a Counters) -> Self {
        let id = |row| counters.get(row).map_or("", |row| row.id);
        let index = ByText::new(0..counters.len(), counters.len(), id);
        Self { counters, index }
    }

    pub(super) fn counted(&self, id: &str) -> Option<Traffic> {
        let counters = self.counters;
        let key = |row| counters.get(row).map_or("", |row| row.id);
        let row = self.index.find(id, key).next()?;
        counters.get(row)?.counted
    }
}

impl Readings<'_> {
    /// Compares the second reading with the first.
    pub(super) fn tails(&self, intended: &[Intended], second: &ById<'_>) -> Vec<Tail> {
        let tail = |reset: &Intended| {
            let first = self.queues.get(reset.row)?;
            self.tail(&first, second.counted(first.id)?)
        };
        let tails = intended.iter().map(|reset| Tail {
            service: reset.service,
            row: reset.row,
            usage: tail(reset),
        });
        tails.collect()
    }

    /// A counter that became smaller or jumped beyond the line in these seconds tells nothing.
    fn tail(&self, queue: &ListedQueue<'_>, second: Traffic) -> Option<Traffic> {
        let flowed = tail(queue.counted?, second, self.after, queue.max_limit);
        Some(flowed.unwrap_or_default())
    }

    /// Whether the second reading of this queue is certainly older than its reset: had it been zero before
    /// it, a `third` reading after both could not be smaller. It must be of the same boot.
    pub(super) fn is_before_reset(&self, tail: &Tail, second: &ById<'_>, third: &ById<'_>) -> bool {
        let grew_to = || {
            let id = self.queues.get(tail.row)?.id;
            Some((second.counted(id)?, third.counted(id)?))
        };
        grew_to().is_some_and(|(second, third)| second.until(third).is_none())
    }

    /// The booking of a tail whose reset is confirmed. `cap_seen` is what the first reading saw, if nothing
    /// was decided since: the cap the account was kept to.
    pub(super) fn booking(&self, tail: &Tail, cap_seen: &str) -> Option<Booking> {
        let queue = self.queues.get(tail.row)?;
        Some(Booking {
            service: tail.service,
            usage: tail.usage?,
            owed: cap::is_owed(cap_seen, cap_seen, true),
            baseline: Some(self.zero(&queue)),
            reset_pending: 0,
            sessions: None,
            seen: None,
            cap_seen: None,
            suspect: None,
        })
    }

    fn zero(&self, queue: &ListedQueue<'_>) -> Baseline {
        Baseline {
            counted: Traffic::ZERO,
            queue: queue.id.to_owned(),
            boot: self.evidence.boot,
            uptime: self.evidence.uptime,
            at: self.at,
        }
    }
}

impl Fates {
    /// What became of each tail, in the same order.
    pub(super) fn new(tails: Vec<Tail>, resets: &[ResetFate]) -> Self {
        let mut fates = Self::default();
        for (tail, reset) in tails.into_iter().zip(resets) {
            match reset {
                ResetFate::Done if tail.usage.is_some_and(|usage| !usage.is_zero()) => {
                    fates.to_book.push(tail);
                }
                // Its bytes since the first list are lost: they may be counted again from zero.
                ResetFate::Done | ResetFate::DoneAhead | ResetFate::DoneUnread => {}
                ResetFate::Unknown => fates.unknown.push(tail.service),
                ResetFate::Unsent | ResetFate::Refused => fates.unsent.push(tail.service),
            }
        }
        fates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail(service: i64, usage: Option<u64>) -> Tail {
        Tail {
            service,
            row: 0,
            usage: usage.map(|bytes| Traffic::new(bytes, 0)),
        }
    }

    #[test]
    fn only_what_was_read_before_a_reset_that_is_certain_is_booked() {
        let tails = vec![
            tail(1, Some(5)),
            tail(2, None),
            tail(3, Some(0)),
            tail(4, Some(7)),
            tail(5, Some(9)),
            tail(6, Some(11)),
            tail(7, Some(13)),
            tail(8, Some(17)),
        ];
        let fates = Fates::new(
            tails,
            &[
                ResetFate::Done,
                ResetFate::Done,
                ResetFate::Done,
                ResetFate::DoneUnread,
                ResetFate::Unknown,
                ResetFate::Refused,
                ResetFate::Unsent,
                ResetFate::DoneAhead,
            ],
        );
        assert_eq!(fates.to_book, [tail(1, Some(5))]);
        assert_eq!(fates.unknown, [5]);
        assert_eq!(fates.unsent, [6, 7]);
    }
}

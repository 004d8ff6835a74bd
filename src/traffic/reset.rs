//! Step 5 of a collection: what flowed between the first reading and the reset. Pure.

use chrono::{DateTime, Utc};

use super::index::ByText;
use super::meter::{Reading, meter};
use crate::routeros::{Counters, ListedQueue, Queues};
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

impl Readings<'_> {
    /// Compares the second reading with the first.
    pub(super) fn tails(&self, intended: &[Intended], counters: &Counters) -> Vec<Tail> {
        let id = |row| counters.get(row).map_or("", |row| row.id);
        let index = ByText::new(0..counters.len(), counters.len(), id);
        let tail = |reset: &Intended| {
            let first = self.queues.get(reset.row)?;
            let second = index.find(first.id, id).next()?;
            self.tail(&first, counters.get(second)?.counted?)
        };
        let tails = intended.iter().map(|reset| Tail {
            service: reset.service,
            row: reset.row,
            usage: tail(reset),
        });
        tails.collect()
    }

    fn tail(&self, queue: &ListedQueue<'_>, counted: Traffic) -> Option<Traffic> {
        let before = Baseline {
            counted: queue.counted?,
            ..self.zero(queue)
        };
        let second = Reading {
            counted,
            queue: queue.id.to_owned(),
            boot: self.evidence.boot,
            // Without an uptime of its own the second reading must not look like a long time.
            uptime: None,
            at: self.at,
            limits: queue.max_limit,
        };
        Some(meter(Some(&before), false, &second).usage)
    }

    /// The booking of a tail whose reset is confirmed.
    pub(super) fn booking(&self, tail: &Tail) -> Option<Booking> {
        let queue = self.queues.get(tail.row)?;
        Some(Booking {
            service: tail.service,
            usage: tail.usage?,
            baseline: Some(self.zero(&queue)),
            reset_pending: 0,
            sessions: None,
            seen: None,
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
    /// Of the queues that are still there the first `confirmed` were reset, and of the next `doubtful`
    /// nobody knows.
    pub(super) fn new(tails: Vec<Tail>, confirmed: usize, doubtful: usize) -> Self {
        let mut fates = Self::default();
        let mut present = 0;
        for tail in tails {
            let Some(usage) = tail.usage else {
                fates.unsent.push(tail.service);
                continue;
            };
            if present < confirmed {
                if !usage.is_zero() {
                    fates.to_book.push(tail);
                }
            } else if present < confirmed + doubtful {
                fates.unknown.push(tail.service);
            } else {
                fates.unsent.push(tail.service);
            }
            present += 1;
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
    fn queues_that_are_gone_do_not_count_among_those_asked_for() {
        let tails = vec![
            tail(1, Some(5)),
            tail(2, None),
            tail(3, Some(0)),
            tail(4, Some(7)),
            tail(5, Some(9)),
        ];
        let fates = Fates::new(tails.clone(), 2, 1);
        assert_eq!(fates.to_book, [tail(1, Some(5))]);
        assert_eq!(fates.unknown, [4]);
        assert_eq!(fates.unsent, [2, 5]);
        let all = Fates::new(tails, 4, 0);
        assert_eq!(all.to_book.len(), 3, "nothing flowed through 3");
        assert_eq!((all.unknown, all.unsent), (vec![], vec![2]));
    }
}

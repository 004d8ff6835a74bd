//! What the admin should know of a collection.

use super::meter::{self, Refusal, Rule};
use super::sessions;
use crate::routeros::ListedQueue;
use crate::store::accounts::Account;

/// Sentences, cut off when they would fill pages.
pub(super) struct Remarks<'a>(pub(super) &'a mut Vec<String>);

impl Remarks<'_> {
    const MOST: usize = 50;

    pub(super) fn push(&mut self, sentence: impl FnOnce() -> String) {
        match self.0.len() {
            length if length < Self::MOST => self.0.push(sentence()),
            Self::MOST => self.0.push("There are more remarks.".to_owned()),
            _ => {}
        }
    }

    pub(super) fn add(&mut self, account: &Account, remark: &str) {
        self.push(|| format!("Service {} {remark}.", account.service));
    }

    pub(super) fn note_sessions(
        &mut self,
        account: &Account,
        unread: usize,
        metered: &sessions::Metered,
    ) {
        if unread > 0 {
            self.add(
                account,
                "has a session whose interface cannot be told, so it is not counted; name static bindings after service and login, such as l2tp-alice",
            );
        }
        if metered.doubts > 0 {
            self.add(
                account,
                "has sessions that changed their interfaces; the smaller usage was booked",
            );
        }
        if metered.nonsense > 0 {
            self.add(
                account,
                "has a session whose counter shows more than any line carries; nothing of it was booked",
            );
        }
    }

    pub(super) fn note_queue(&mut self, account: &Account, queue: &ListedQueue<'_>, queues: usize) {
        if queues > 1 {
            self.add(
                account,
                "has several queues on the router; only the first is counted",
            );
        }
        if queue.disabled {
            self.add(account, "has a disabled queue, which counts nothing");
        }
    }

    pub(super) fn note_refusal(
        &mut self,
        account: &Account,
        queue: &ListedQueue<'_>,
        refusal: &Refusal,
    ) {
        let shows = queue.counted.map_or(0, |counted| counted.total().0);
        let text = match refusal {
            Refusal::Impossible => format!(
                "has a queue whose counters cannot be read: they show {shows} bytes, which no line carries since the router started; nothing was booked"
            ),
            Refusal::Contradicted => "has a queue whose counters were read twice and do not agree; nothing was booked, the next collection decides".to_owned(),
            Refusal::Suspected(_) => format!(
                "has a queue that shows {shows} bytes, more than its line carries since the last collection; nothing was booked until the next one agrees"
            ),
        };
        self.add(account, &text);
    }

    pub(super) fn note(&mut self, account: &Account, metered: &meter::Metered) {
        if metered.rule == Rule::ForeignReset {
            self.add(
                account,
                "had its counters reset by somebody else; only one system may do that",
            );
        }
        if metered.rule == Rule::Doubt {
            self.add(
                account,
                "may have had its counters reset; the smaller usage was booked",
            );
        }
        if !metered.implausible.is_zero() {
            let bytes = metered.implausible.total().0;
            self.add(
                account,
                &format!("counted {bytes} bytes more than its line carries and its sessions saw; they were not billed"),
            );
        }
    }
}

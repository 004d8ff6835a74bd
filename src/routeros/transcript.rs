//! What was said, for WHMCS's module log: RouterOS words, bounded, never a secret.

use std::cell::RefCell;
use std::collections::VecDeque;

use crate::printable::{excerpt, printable};

const ENTRIES: usize = 50;
const ENTRY_BYTES: usize = 2_048;

/// One command and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Such as `/ppp/secret/add name=alice password=*** profile=vpn`.
    pub request: String,
    /// Such as `*1A`, `4000 rows`, or the refusal.
    pub reply: String,
}

/// The latest exchanges.
#[derive(Debug, Default)]
pub(super) struct Transcript(RefCell<VecDeque<Exchange>>);

impl Transcript {
    pub(super) fn add(&self, request: &str, reply: &str) {
        let mut entries = self.0.borrow_mut();
        if entries.len() == ENTRIES {
            entries.pop_front();
        }
        entries.push_back(Exchange {
            request: shortened(request),
            reply: shortened(reply),
        });
    }

    pub(super) fn entries(&self) -> Vec<Exchange> {
        self.0.borrow().iter().cloned().collect()
    }
}

fn shortened(text: &str) -> String {
    if text.len() <= ENTRY_BYTES {
        return printable(text).into_owned();
    }
    format!("{} ({} bytes)", excerpt(text, ENTRY_BYTES), text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_fifty_are_kept_and_long_ones_are_cut_at_a_character() {
        let transcript = Transcript::default();
        for n in 0..60 {
            transcript.add(&n.to_string(), &"é".repeat(3_000));
        }
        let entries = transcript.entries();
        assert_eq!(entries.len(), 50);
        assert_eq!(entries[0].request, "10");
        assert!(
            entries
                .iter()
                .all(|entry| entry.reply.len() < ENTRY_BYTES + 40)
        );
        assert!(entries[0].reply.ends_with("(6000 bytes)"));
    }
}

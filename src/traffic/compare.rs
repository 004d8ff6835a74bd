//! Compares both meter sources over a day. Pure. A queue that counts much less than the sessions it
//! should see is passed by: by FastTrack, or by a queue above it that matches first.

use chrono::NaiveDate;

use crate::store::accounts::Seen;
use crate::units::Bytes;

/// Headers, the unfinished day's edges and a session's first seconds are no hidden traffic.
const TOLERANCE: Bytes = Bytes(64 << 20);

/// Adds a reading to its day; the first one of another day judges the day before.
///
/// A day hides traffic when its sessions counted more than the queue by half and by 64 MB.
pub fn add(seen: Seen, day: NaiveDate, queue: Bytes, session: Bytes) -> Seen {
    if seen.day == Some(day) {
        return Seen {
            queue: seen.queue + queue,
            session: seen.session + session,
            ..seen
        };
    }
    Seen {
        day: Some(day),
        queue,
        session,
        hidden: hidden(seen),
    }
}

fn hidden(seen: Seen) -> Bytes {
    let more = seen.session.0.saturating_sub(seen.queue.0);
    if more > seen.queue.0 / 2 && more > TOLERANCE.0 {
        Bytes(more)
    } else {
        Bytes(0)
    }
}

/// What the admin reads of an account; `None` when its last day hid nothing.
pub fn remark(hidden: Bytes) -> Option<String> {
    (hidden.0 > 0).then(|| {
        format!(
            "carried {:.2} GB in its sessions on its last whole day that its queue did not see; probably {CAUSE}",
            hidden.as_gb()
        )
    })
}

/// What the admin reads of a server; `None` when no account's last day hid anything.
pub fn server_remark(accounts: u64, hidden: Bytes) -> Option<String> {
    (accounts > 0).then(|| {
        format!(
            "The sessions of {accounts} accounts carried {:.2} GB on their last whole day that the queues did not see; probably {CAUSE}",
            hidden.as_gb()
        )
    })
}

const CAUSE: &str = "a FastTrack rule in /ip/firewall/filter or a queue above theirs hides it. Exclude the VPN's addresses there, or set meter = session in the server's Access Hash";

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    #[test]
    fn a_day_is_judged_by_its_sum_when_it_is_over() {
        let mut seen = Seen::default();
        for _ in 0..4 {
            seen = add(seen, day(1), Bytes(1 << 20), Bytes(1 << 30));
            assert_eq!(seen.hidden, Bytes(0), "not before its end");
        }
        seen = add(seen, day(2), Bytes(0), Bytes(0));
        assert_eq!(seen.hidden, Bytes((4 << 30) - (4 << 20)));
        seen = add(seen, day(3), Bytes(0), Bytes(0));
        assert_eq!(seen.hidden, Bytes(0), "a good day clears it");
    }

    #[test]
    fn headers_and_little_traffic_hide_nothing() {
        let judged = |queue, session| {
            let seen = add(Seen::default(), day(1), Bytes(queue), Bytes(session));
            add(seen, day(2), Bytes(0), Bytes(0)).hidden
        };
        assert_eq!(judged(100 << 30, 149 << 30), Bytes(0));
        assert_eq!(judged(0, 64 << 20), Bytes(0));
        assert_eq!(judged(5 << 30, 1 << 30), Bytes(0));
        assert_eq!(judged(1 << 30, 2 << 30), Bytes(1 << 30));
    }

    #[test]
    fn a_remark_names_the_likely_causes() {
        let text = remark(Bytes(1 << 30)).unwrap();
        assert!(text.contains("FastTrack") && text.contains("a queue above"));
        assert_eq!(remark(Bytes(0)), None);
        assert_eq!(server_remark(0, Bytes(0)), None);
        assert!(
            server_remark(2, Bytes(1 << 30))
                .unwrap()
                .contains("FastTrack")
        );
    }
}

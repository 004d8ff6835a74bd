//! The notice that little traffic is left, and what mails say. Pure.
//!
//! | rule | what |
//! |---|---|
//! | crossing | the balance is at or below the threshold for the first time since it was above: one notice |
//! | used up | the crossing is found together with the end of the traffic, of which another mail tells: that mail alone |
//! | re-armed | the balance is above the threshold again |
//! | never | the threshold is 0, or there is no balance |
//! | override | WHMCS's override of automatic suspension keeps the cap away, not the notice |

use crate::units::Bytes;

/// What a balance means for the notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Crossed: it goes, once.
    Send,
    /// Crossed, and another mail says more: this one counts as done.
    Done,
    /// The next crossing sends again.
    Rearm,
    /// As before.
    Keep,
}

/// Applies the rules above; `sent` says that this crossing has had its notice, `told` that a mail about the
/// end of the traffic went or goes.
pub fn decide(balance: Option<i64>, threshold: Bytes, sent: bool, told: bool) -> Notice {
    let limit = i64::try_from(threshold.0).unwrap_or(i64::MAX);
    let below = limit > 0 && balance.is_some_and(|left| left <= limit);
    match (below, sent) {
        (true, false) if told => Notice::Done,
        (true, false) => Notice::Send,
        (false, true) => Notice::Rearm,
        _ => Notice::Keep,
    }
}

/// The merge fields of both mails, in GB of 2^30 bytes with two decimals: the threshold, what is left and
/// what a billing cycle has.
pub fn variables(
    username: &str,
    threshold: Bytes,
    balance: i64,
    quota: Bytes,
) -> [(&'static str, String); 4] {
    let gb = |bytes: Bytes| format!("{:.2}", bytes.as_gb());
    let sign = if balance < 0 { "-" } else { "" };
    [
        ("username", username.to_owned()),
        ("notification_traffic_remainder", gb(threshold)),
        (
            "traffic_balance_gb",
            format!("{sign}{}", gb(Bytes(balance.unsigned_abs()))),
        ),
        ("traffic_billingcycle_gb", gb(quota)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crossing_sends_once_and_is_armed_again_only_above() {
        let threshold = Bytes(100);
        let mut sent = false;
        let mut notices = Vec::new();
        for balance in [500, 101, 100, 50, -3, 100, 101, 99, 98] {
            match decide(Some(balance), threshold, sent, false) {
                Notice::Done => unreachable!("no other mail went"),
                Notice::Send => {
                    notices.push(balance);
                    sent = true;
                }
                Notice::Rearm => sent = false,
                Notice::Keep => {}
            }
        }
        assert_eq!(notices, [100, 99]);
    }

    #[test]
    fn no_threshold_or_no_balance_means_no_notice() {
        assert_eq!(decide(Some(-5), Bytes(0), false, false), Notice::Keep);
        assert_eq!(decide(None, Bytes(5), false, false), Notice::Keep);
        assert_eq!(decide(None, Bytes(5), true, false), Notice::Rearm);
    }

    #[test]
    fn who_is_told_of_the_end_is_not_told_that_little_is_left() {
        assert_eq!(decide(Some(-5), Bytes(5), false, true), Notice::Done);
        assert_eq!(decide(Some(-5), Bytes(5), true, true), Notice::Keep);
        assert_eq!(decide(Some(6), Bytes(5), true, true), Notice::Rearm);
    }

    #[test]
    fn a_mail_says_gigabytes() {
        let variables = variables("ann", Bytes(5 << 30), -(3 << 29), Bytes(10 << 30));
        let values: Vec<_> = variables.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["ann", "5.00", "-1.50", "10.00"]);
        let used_up = super::variables("ann", Bytes(0), 0, Bytes(0));
        assert_eq!(used_up[2].1, "0.00");
    }
}

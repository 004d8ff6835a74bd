//! The cap: what happens to an account whose traffic is used up. Pure.
//!
//! | rule | what |
//! |---|---|
//! | due | the balance is 0 or less, and WHMCS's override of automatic suspension is not set |
//! | override | `overideautosuspend` is on, and its date is empty or not past |
//! | disabled | `cap = disable`: the secret is disabled, whoever enabled it, and its sessions are ended |
//! | slow | `cap = slow`: the queue has the policy's speeds; the session stays |
//! | walled | `cap = profile`: the secret has the policy's profile; the session is ended once, to get it |
//! | never faster | `cap = slow` gives no direction more than was sold |
//! | takes nothing | a slow cap that leaves the sold speeds, or a profile that is the sold one, is no cap: the secret is disabled |
//! | lifted | what the cap may have changed is put back, and nothing else |
//! | independent | a lifted cap enables only what WHMCS itself has as Active |
//! | owed | usage is taken from the balance: there is no free full speed |
//! | free | usage between two readings of one queue that both saw the router keep the same slow or walled cap, with nothing decided about the cap in between, is counted and shown, but not owed |
//!
//! So a customer who is held to his cap for days owes what he used until he was, and no more than one
//! interval between collections at the cap's own speed.
//!
//! The trace is what a cap may have changed on the router: written before the router is asked and
//! cleared after it was put back, so a crash or a silent router leaves work for the next collection
//! and never an account that stays capped.

use chrono::NaiveDate;

use crate::settings::CapPolicy;
use crate::units::Limits;

/// Whether the account has used up what it may.
pub fn is_due(balance: Option<i64>, overridden: bool) -> bool {
    balance.is_some_and(|left| left <= 0) && !overridden
}

/// What the router has of an account, as far as caps are concerned.
#[derive(Debug, Clone, Copy)]
pub struct Router<'a> {
    /// The speeds of its queue, when that is at work.
    pub limits: Option<Limits>,
    /// The profile of its secret; `None` when it is not known, or when secrets of its differ.
    pub profile: Option<&'a str>,
}

/// Whether the router keeps the account to this policy, as [`crate::store::accounts::Account::cap`] has it:
/// slow or walled. A disabled account uses nothing, and what one with another policy's traces uses is owed.
pub fn is_kept(cap: &str, router: Router<'_>) -> bool {
    match cap.parse() {
        Ok(CapPolicy::Slow(limits)) => router.limits == Some(limits),
        // Walled sessions are counted by the queue as well.
        Ok(CapPolicy::Profile(name)) => {
            router.limits.is_some() && router.profile == Some(name.as_str())
        }
        Ok(CapPolicy::Disable) | Err(()) => false,
    }
}

/// Whether what was used between two readings is owed, by what was seen at each: the policy the router kept,
/// or nothing.
pub fn is_owed(before: &str, now: &str, same_queue: bool) -> bool {
    before.is_empty() || before != now || !same_queue
}

/// Whether WHMCS's own override of automatic suspension holds today. Its last day still counts, and
/// without a date it holds until it is switched off.
pub fn is_overridden(switched_on: bool, until: Option<NaiveDate>, today: NaiveDate) -> bool {
    switched_on && until.is_none_or(|until| today <= until)
}

/// Policies whose traces may be on the router, one a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace(Vec<CapPolicy>);

impl Trace {
    /// As [`Trace::text`] wrote it; lines nobody can read are dropped.
    pub fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(|line| line.parse().ok()).collect())
    }

    /// One policy alone.
    pub fn of(policy: Option<&CapPolicy>) -> Self {
        Self(policy.cloned().into_iter().collect())
    }

    /// This and `policy`.
    #[must_use]
    pub fn with(mut self, policy: &CapPolicy) -> Self {
        if !self.0.contains(policy) {
            self.0.push(policy.clone());
        }
        self
    }

    /// For the database.
    pub fn text(&self) -> String {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        lines.join("\n")
    }

    /// Nothing to put back.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this policy is among them.
    pub fn holds(&self, policy: &CapPolicy) -> bool {
        self.0.contains(policy)
    }

    fn any(&self, is: fn(&CapPolicy) -> bool) -> bool {
        self.0.iter().any(is)
    }
}

/// What the router should have; `None` is none of the cap's business.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whether logins are allowed.
    pub enabled: Option<bool>,
    /// The queue's speeds.
    pub limits: Option<Limits>,
    /// The secret's profile.
    pub profile: Option<String>,
}

/// The account as sold: what a lifted cap puts back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normal {
    /// Speeds.
    pub limits: Limits,
    /// PPP profile.
    pub profile: String,
    /// WHMCS has the service as Active.
    pub active: bool,
}

/// The policy as it is for an account that was sold this: never faster, and disabled where it takes nothing.
pub fn in_force(policy: &CapPolicy, limits: Limits, profile: &str) -> CapPolicy {
    match policy {
        CapPolicy::Slow(slow) => {
            let slow = limits.slower(*slow);
            if slow == limits {
                CapPolicy::Disable
            } else {
                CapPolicy::Slow(slow)
            }
        }
        CapPolicy::Profile(name) if name == profile => CapPolicy::Disable,
        other => other.clone(),
    }
}

/// Applies the rules above: `cap` is the policy in force, if any.
pub fn wanted(cap: Option<&CapPolicy>, trace: &Trace, normal: &Normal) -> Wanted {
    let lifted_disable = trace.any(|policy| matches!(policy, CapPolicy::Disable)) && normal.active;
    let lifted_slow = trace.any(|policy| matches!(policy, CapPolicy::Slow(_)));
    let lifted_profile = trace.any(|policy| matches!(policy, CapPolicy::Profile(_)));
    Wanted {
        enabled: match cap {
            Some(CapPolicy::Disable) => Some(false),
            _ => lifted_disable.then_some(true),
        },
        limits: match cap {
            Some(CapPolicy::Slow(limits)) => Some(*limits),
            _ => lifted_slow.then_some(normal.limits),
        },
        profile: match cap {
            Some(CapPolicy::Profile(name)) => Some(name.clone()),
            _ => lifted_profile.then(|| normal.profile.clone()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Rate;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    fn slow() -> CapPolicy {
        CapPolicy::Slow(Limits {
            download: Rate(1_000_000),
            upload: Rate(64_000),
        })
    }

    fn normal(active: bool) -> Normal {
        Normal {
            limits: Limits::default(),
            profile: "vpn".to_owned(),
            active,
        }
    }

    #[test]
    fn the_last_byte_caps_and_no_balance_never_does() {
        assert!(is_due(Some(0), false) && is_due(Some(-1), false));
        assert!(!is_due(Some(1), false) && !is_due(None, false));
        assert!(!is_due(Some(-1), true));
    }

    #[test]
    fn an_override_holds_through_its_last_day_or_for_ever() {
        assert!(is_overridden(true, Some(day(22)), day(22)));
        assert!(!is_overridden(true, Some(day(21)), day(22)));
        assert!(is_overridden(true, None, day(22)));
        assert!(!is_overridden(false, None, day(22)));
    }

    const SLOW: &str = "slow 1/0.064";

    fn seen(cap: &str, limits: Option<Limits>, profile: Option<&str>) -> bool {
        is_kept(cap, Router { limits, profile })
    }

    #[test]
    fn only_a_slow_or_walled_router_keeps_a_cap() {
        let CapPolicy::Slow(limits) = slow() else {
            panic!("slow")
        };
        let full = Limits::default();
        assert!(seen(SLOW, Some(limits), Some("vpn")));
        assert!(!seen(SLOW, Some(full), Some("vpn")), "full speed");
        assert!(!seen(SLOW, None, Some("vpn")), "no queue at work");
        assert!(seen("profile wall", Some(full), Some("wall")));
        assert!(!seen("profile wall", Some(full), Some("vpn")));
        assert!(!seen("profile wall", Some(full), None), "nobody looked");
        for other in ["", "disable", "disable\nslow 1/0.064", "what"] {
            assert!(!seen(other, Some(limits), Some("wall")), "{other}");
        }
    }

    #[test]
    fn usage_is_free_only_between_two_readings_that_saw_the_same_cap_kept() {
        assert!(!is_owed(SLOW, SLOW, true));
        assert!(is_owed("", SLOW, true), "it has just become slow");
        assert!(is_owed(SLOW, "", true), "somebody gave it its speed back");
        assert!(is_owed(SLOW, "profile wall", true), "another policy");
        assert!(is_owed(SLOW, SLOW, false), "another queue");
        assert!(is_owed("", "", true));
    }

    #[test]
    fn a_trace_reads_back_and_forgets_what_it_cannot_read() {
        let trace = Trace::of(Some(&CapPolicy::Disable))
            .with(&slow())
            .with(&slow());
        assert_eq!(Trace::parse(&trace.text()), trace);
        assert_eq!(trace.text(), "disable\nslow 1/0.064");
        assert!(Trace::parse("what\n").is_empty() && !trace.is_empty());
    }

    #[test]
    fn each_policy_touches_only_its_own() {
        let none = Trace::default();
        let of = |cap: &CapPolicy| wanted(Some(cap), &none, &normal(true));
        assert_eq!(of(&CapPolicy::Disable).enabled, Some(false));
        assert_eq!(of(&CapPolicy::Disable).limits, None);
        assert_eq!(of(&slow()).enabled, None);
        assert!(of(&slow()).limits.is_some());
        assert_eq!(
            of(&CapPolicy::Profile("wall".to_owned()))
                .profile
                .as_deref(),
            Some("wall")
        );
        assert_eq!(wanted(None, &none, &normal(true)), Wanted::default());
    }

    #[test]
    fn a_cap_is_never_faster_than_sold_and_one_that_takes_nothing_disables() {
        let limits = |download, upload| Limits {
            download: Rate(download),
            upload: Rate(upload),
        };
        let slow = |sold, policy| in_force(&CapPolicy::Slow(policy), sold, "vpn");
        let is = |download, upload| CapPolicy::Slow(limits(download, upload));
        assert_eq!(slow(limits(10, 10), limits(2, 1)), is(2, 1));
        assert_eq!(slow(limits(10, 1), limits(5, 5)), is(5, 1));
        assert_eq!(slow(limits(0, 0), limits(5, 5)), is(5, 5), "unlimited");
        assert_eq!(slow(limits(9, 9), limits(0, 5)), is(9, 5), "unlimited");
        assert_eq!(slow(limits(1, 1), limits(50, 50)), CapPolicy::Disable);
        let walled =
            |name: &str| in_force(&CapPolicy::Profile(name.to_owned()), limits(1, 1), "vpn");
        assert_eq!(walled("vpn"), CapPolicy::Disable);
        assert_eq!(walled("wall"), CapPolicy::Profile("wall".to_owned()));
        assert_eq!(
            in_force(&CapPolicy::Disable, limits(1, 1), "vpn"),
            CapPolicy::Disable
        );
    }

    #[test]
    fn a_lifted_cap_puts_back_what_it_may_have_changed() {
        let trace = Trace::of(Some(&CapPolicy::Disable))
            .with(&slow())
            .with(&CapPolicy::Profile("wall".to_owned()));
        let back = wanted(None, &trace, &normal(true));
        assert_eq!(back.enabled, Some(true));
        assert_eq!(back.limits, Some(Limits::default()));
        assert_eq!(back.profile.as_deref(), Some("vpn"));
        let suspended = wanted(None, &trace, &normal(false));
        assert_eq!(suspended.enabled, None, "WHMCS's suspension stays");
    }

    #[test]
    fn another_policy_replaces_the_one_before() {
        let trace = Trace::of(Some(&CapPolicy::Disable));
        let now = wanted(Some(&slow()), &trace, &normal(true));
        assert_eq!(now.enabled, Some(true));
        assert!(now.limits.is_some());
    }
}

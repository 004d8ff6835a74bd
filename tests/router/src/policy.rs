//! What a group of login users may do.

use std::fmt;

/// One permission. In the order replies list them.
const NAMES: [&str; 16] = [
    "local",
    "telnet",
    "ssh",
    "ftp",
    "reboot",
    "read",
    "write",
    "policy",
    "test",
    "winbox",
    "password",
    "web",
    "sniff",
    "sensitive",
    "api",
    "romon",
];
const REST_API: &str = "rest-api";

/// A group's policies: one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PolicySet(u32);

impl PolicySet {
    /// Everything.
    pub const ALL: Self = Self(u32::MAX >> (32 - NAMES.len() - 1));

    /// Applies a comma list; `!name` denies, names not listed keep their state.
    /// `None` if a name is unknown.
    pub fn changed_by(self, list: &str) -> Option<Self> {
        let mut bits = self.0;
        for word in list.split(',').filter(|word| !word.is_empty()) {
            match word.strip_prefix('!') {
                Some(name) => bits &= !bit(name)?,
                None => bits |= bit(word)?,
            }
        }
        Some(Self(bits))
    }

    /// Whether a policy is granted.
    pub fn allows(self, name: &str) -> bool {
        bit(name).is_some_and(|bit| self.0 & bit != 0)
    }
}

/// Granted ones first, then the denied with `!`.
impl fmt::Display for PolicySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = || NAMES.iter().copied().chain([REST_API]);
        let granted = all().filter(|name| self.allows(name)).map(str::to_owned);
        let denied = all()
            .filter(|name| !self.allows(name))
            .map(|name| format!("!{name}"));
        f.write_str(&granted.chain(denied).collect::<Vec<_>>().join(","))
    }
}

fn bit(name: &str) -> Option<u32> {
    let position = NAMES
        .iter()
        .chain(&[REST_API])
        .position(|known| *known == name)?;
    Some(1 << position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unnamed_policies_keep_their_state_and_unknown_ones_are_refused() {
        let set = PolicySet::ALL.changed_by("!write,!ftp").unwrap();
        assert!(set.allows("read") && set.allows("rest-api"));
        assert!(!set.allows("write"));
        assert_eq!(set.changed_by("flying"), None);
        assert!(set.to_string().ends_with("rest-api,!ftp,!write"));
    }
}

//! Sets of IPv4 addresses.

use std::net::Ipv4Addr;

/// Ranges in ascending order that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addresses(Vec<(u32, u32)>);

impl Addresses {
    /// Of first and last addresses, in any order.
    pub fn new(ranges: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut given: Vec<_> = ranges
            .into_iter()
            .filter(|(first, last)| first <= last)
            .collect();
        given.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(given.len());
        for (first, last) in given {
            match merged.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }

    /// What RouterOS writes as a range: `10.0.0.2-10.0.0.9`, `10.0.0.0/24`, one address; `None` for a name.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = text.split(',').map(|part| range(part.trim()));
        parts.collect::<Option<Vec<_>>>().map(Self::new)
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One address of it.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        let address = u32::from(address);
        self.0
            .iter()
            .any(|&(first, last)| (first..=last).contains(&address))
    }

    /// The lowest one.
    pub fn first(&self) -> Option<Ipv4Addr> {
        self.0.first().map(|&(first, _)| first.into())
    }

    /// All of these and of `other`.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        Self::new(self.0.iter().chain(&other.0).copied())
    }

    /// Those that `other` has not.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut left = self.0.clone();
        for &(low, high) in &other.0 {
            left = left
                .into_iter()
                .flat_map(|(first, last)| {
                    let below = low.checked_sub(1).map(|end| (first, last.min(end)));
                    let above = high.checked_add(1).map(|start| (first.max(start), last));
                    if last < low || first > high {
                        [Some((first, last)), None]
                    } else {
                        [below, above]
                    }
                })
                .flatten()
                .filter(|(first, last)| first <= last)
                .collect();
        }
        Self::new(left)
    }

    /// Those that `other` has, too.
    #[must_use]
    pub fn common(&self, other: &Self) -> Self {
        self.without(&self.without(other))
    }

    /// As a pool writes them: `10.0.0.2-10.0.0.9,10.0.1.1`.
    pub fn words(&self) -> Vec<String> {
        let word = |&(first, last): &(u32, u32)| {
            let (first, last) = (Ipv4Addr::from(first), Ipv4Addr::from(last));
            if first == last {
                first.to_string()
            } else {
                format!("{first}-{last}")
            }
        };
        self.0.iter().map(word).collect()
    }
}

impl FromIterator<Ipv4Addr> for Addresses {
    fn from_iter<I: IntoIterator<Item = Ipv4Addr>>(addresses: I) -> Self {
        Self::new(addresses.into_iter().map(|one| (one.into(), one.into())))
    }
}

fn range(text: &str) -> Option<(u32, u32)> {
    if let Some((address, bits)) = text.split_once('/') {
        let (address, bits): (Ipv4Addr, u32) = (address.parse().ok()?, bits.parse().ok()?);
        let mask = u32::MAX.checked_shl(32_u32.checked_sub(bits)?).unwrap_or(0);
        let first = u32::from(address) & mask;
        return Some((first, first | !mask));
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (Ipv4Addr, Ipv4Addr) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then(|| (first.into(), last.into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(text: &str) -> Addresses {
        Addresses::parse(text).unwrap()
    }

    #[test]
    fn ranges_are_merged_and_cut() {
        let all = set("10.0.0.5-10.0.0.9,10.0.0.0-10.0.0.4,10.0.1.0/30");
        assert_eq!(all.words(), ["10.0.0.0-10.0.0.9", "10.0.1.0-10.0.1.3"]);
        let left = all.without(&set("10.0.0.2-10.0.0.3,10.0.1.0/31"));
        assert_eq!(
            left.words(),
            [
                "10.0.0.0-10.0.0.1",
                "10.0.0.4-10.0.0.9",
                "10.0.1.2-10.0.1.3"
            ]
        );
        assert_eq!(
            all.common(&set("10.0.0.9-10.0.1.0")).words(),
            ["10.0.0.9", "10.0.1.0"]
        );
        assert!(
            set("0.0.0.0/0")
                .without(&set("0.0.0.0-255.255.255.255"))
                .is_empty()
        );
    }

    #[test]
    fn names_are_no_addresses() {
        for text in [
            "",
            "ether1",
            "10.0.0.9-10.0.0.1",
            "10.0.0.0/33",
            "10.0.0.1,x",
        ] {
            assert_eq!(Addresses::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_address_is_left_exactly_when_only_the_first_has_it(
            a in prop::collection::vec((0u32..40, 0u32..40), 0..6),
            b in prop::collection::vec((0u32..40, 0u32..40), 0..6),
        ) {
            let has = |ranges: &[(u32, u32)], one| ranges.iter().any(|&(f, l)| (f..=l).contains(&one));
            let (first, second) = (Addresses::new(a.clone()), Addresses::new(b.clone()));
            let (left, both) = (first.without(&second), first.common(&second));
            for one in 0..41 {
                let address = Ipv4Addr::from(one);
                prop_assert_eq!(left.contains(address), has(&a, one) && !has(&b, one));
                prop_assert_eq!(both.contains(address), has(&a, one) && has(&b, one));
            }
        }
    }
}

//! The addresses a server may give out: its Assigned IP Addresses field in WHMCS.

use std::collections::HashSet;
use std::net::Ipv4Addr;

use crate::error::{Error, Result};

/// Ranges in the order the admin wrote them, as first and last address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressPool(Vec<(u32, u32)>);

impl AddressPool {
    /// Reads one entry a line (commas work too): `10.0.0.5`, `10.0.0.5-10.0.0.99` or `10.0.0.0/24`. The
    /// network and broadcast address of a range up to /30 are left out, for many VPN clients refuse them.
    pub fn parse(text: &str) -> Result<Self> {
        let entries = text.split(['\n', ',', ';']).map(str::trim);
        let ranges: Result<Vec<_>> = entries
            .filter(|entry| !entry.is_empty())
            .map(|entry| range(entry).ok_or_else(|| unreadable(entry)))
            .collect();
        let ranges = ranges?;
        if ranges.is_empty() {
            return Err(Error::misuse(
                "The server has no Assigned IP Addresses",
                "Enter the addresses customers may get under System Settings > Servers, one a line, such as 10.20.0.2-10.20.3.254",
            ));
        }
        Ok(Self(ranges))
    }

    /// The first address that is not in `taken`; `None` when all are.
    pub fn first_free(&self, taken: &HashSet<Ipv4Addr>) -> Option<Ipv4Addr> {
        self.0
            .iter()
            .flat_map(|&(first, last)| first..=last)
            .map(Ipv4Addr::from)
            .find(|address| !taken.contains(address))
    }

    /// Whether the admin offers this address.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        let number = u32::from(address);
        self.0
            .iter()
            .any(|&(first, last)| (first..=last).contains(&number))
    }

    /// First and last address of each range, in the order the admin wrote them.
    pub fn ranges(&self) -> impl Iterator<Item = (u32, u32)> {
        self.0.iter().copied()
    }

    /// How many addresses there are; overlapping ranges count twice.
    pub fn len(&self) -> u64 {
        self.0
            .iter()
            .map(|&(first, last)| u64::from(last - first) + 1)
            .sum()
    }

    /// Never: a pool without an address does not parse.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn range(entry: &str) -> Option<(u32, u32)> {
    if let Some((address, bits)) = entry.split_once('/') {
        return network(address.trim().parse().ok()?, bits.trim().parse().ok()?);
    }
    let (first, last) = entry.split_once('-').unwrap_or((entry, entry));
    let first: Ipv4Addr = first.trim().parse().ok()?;
    let last: Ipv4Addr = last.trim().parse().ok()?;
    (first <= last).then(|| (first.into(), last.into()))
}

fn network(address: Ipv4Addr, bits: u32) -> Option<(u32, u32)> {
    // Nobody gives out more than a /8 from one router; a smaller number is a slip.
    let host_bits = 32_u32.checked_sub(bits).filter(|&bits| bits <= 24)?;
    let mask = u32::MAX.checked_shl(host_bits).unwrap_or(0);
    let first = u32::from(address) & mask;
    let last = first | !mask;
    Some(if host_bits >= 2 {
        (first + 1, last - 1)
    } else {
        (first, last)
    })
}

fn unreadable(entry: &str) -> Error {
    Error::misuse(
        format!(
            "The server's Assigned IP Addresses hold \"{}\"",
            entry.escape_debug()
        ),
        "Each line must be an IPv4 address, a range such as 10.20.0.2-10.20.3.254 or a network such as 10.20.0.0/22",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let pool = AddressPool::parse(text).unwrap();
        let mut taken = HashSet::new();
        let mut found = Vec::new();
        while let Some(address) = pool.first_free(&taken) {
            taken.insert(address);
            found.push(address.to_string());
        }
        found
    }

    #[test]
    fn addresses_come_in_the_order_written() {
        assert_eq!(
            all("10.0.0.9\r\n10.0.0.1-10.0.0.2, 10.0.1.0/30\n\n10.0.2.4/31"),
            [
                "10.0.0.9", "10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.1.2", "10.0.2.4", "10.0.2.5"
            ]
        );
    }

    #[test]
    fn the_ends_of_the_address_space_do_not_overflow() {
        assert_eq!(all("255.255.255.255"), ["255.255.255.255"]);
        assert_eq!(all("255.255.255.255/32"), ["255.255.255.255"]);
        assert_eq!(
            AddressPool::parse("10.0.0.0/8").unwrap().len(),
            (1 << 24) - 2
        );
    }

    #[test]
    fn what_is_not_an_address_is_named() {
        for text in [
            "10.0.0",
            "10.0.0.5-10.0.0.1",
            "10.0.0.0/33",
            "10.0.0.0/7",
            "::1",
            "pool1",
        ] {
            let error = AddressPool::parse(text).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
        let error = AddressPool::parse(" \n").unwrap_err().to_string();
        assert!(error.contains("no Assigned IP Addresses"), "{error}");
    }
}

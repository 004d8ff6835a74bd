//! Ranges of an address pool: `a-b`, one address, or a prefix, comma separated.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// First and last address of each range.
pub fn parse(text: &str) -> Option<Vec<(Ipv4Addr, Ipv4Addr)>> {
    text.split(',').map(one).collect()
}

/// The form replies use: `a-b`, one address alone, a prefix as it is.
pub fn normalise(text: &str) -> Option<String> {
    parse(text)?;
    Some(text.to_owned())
}

/// How many addresses the ranges hold.
pub fn size(ranges: &[(Ipv4Addr, Ipv4Addr)]) -> u64 {
    ranges
        .iter()
        .map(|(first, last)| u64::from(u32::from(*last)) - u64::from(u32::from(*first)) + 1)
        .sum()
}

/// The address at a place, lowest first; `None` beyond the last.
pub fn nth(ranges: &[(Ipv4Addr, Ipv4Addr)], place: u64) -> Option<Ipv4Addr> {
    let mut left = place;
    for (first, last) in ranges {
        let (first, last) = (u32::from(*first), u32::from(*last));
        let count = u64::from(last) - u64::from(first) + 1;
        if left < count {
            return Some(Ipv4Addr::from(first + u32::try_from(left).ok()?));
        }
        left -= count;
    }
    None
}

fn one(text: &str) -> Option<(Ipv4Addr, Ipv4Addr)> {
    if let Some((first, last)) = text.split_once('-') {
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        return (first <= last).then_some((first, last));
    }
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Some((address, address));
    }
    let net: Ipv4Net = text.parse().ok()?;
    Some((net.network(), net.broadcast()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_count_their_addresses() {
        let ranges = parse("10.0.0.2-10.0.0.4,10.0.1.1,10.0.2.0/30").unwrap();
        assert_eq!(size(&ranges), 8);
        assert_eq!(nth(&ranges, 0), Some(Ipv4Addr::new(10, 0, 0, 2)));
        assert_eq!(nth(&ranges, 3), Some(Ipv4Addr::new(10, 0, 1, 1)));
        assert_eq!(nth(&ranges, 7), Some(Ipv4Addr::new(10, 0, 2, 3)));
        assert_eq!(nth(&ranges, 8), None);
    }

    #[test]
    fn a_range_backwards_or_half_is_refused() {
        for text in ["10.0.0.4-10.0.0.2", "10.0.0.1-", "x", ""] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

//! Whether FastTrack takes customers' packets past their queues.
//!
//! A connection is on the fast track as soon as one packet of it, in either direction, meets the rule.
//! What an earlier rule accepts does not get there; nor does what the rule itself excludes by address or
//! address list. Other conditions (marks, interfaces) cannot be weighed from here: then the verdict is
//! "unknown".

use super::books::Books;
use super::facts::Facts;
use super::finding::Finding;
use super::pools::shortened;
use super::ranges::Addresses;
use crate::routeros::{AddressListRow, FilterRow};
use crate::settings::MeterSource;

const FASTTRACK: &str = "FastTrack";

/// Name of the address list that is offered, here and in the script for a fresh router.
pub const LIST: &str = "mikrotikvpn";

/// Every rule that puts customers' connections on the fast track.
pub fn fasttrack(facts: &Facts, books: &Books, meter: MeterSource) -> Vec<Finding> {
    let ours = books.addresses();
    if ours.is_empty() {
        return Vec::new();
    }
    let rules: Vec<_> = match &facts.filter {
        Ok(rules) => rules.iter().filter(|rule| !rule.disabled).collect(),
        Err(error) => return vec![Finding::unread(FASTTRACK, error)],
    };
    let lists = match &facts.address_lists {
        Ok(lists) => lists.as_slice(),
        Err(error) => return vec![Finding::unread(FASTTRACK, error)],
    };
    let sight = Sight { ours: &ours, lists };
    let findings: Vec<_> = rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.action == "fasttrack-connection")
        .filter_map(|(place, rule)| {
            let above = rules.get(..place).unwrap_or_default();
            let caught = sight.caught(rule, above);
            (!caught.is_empty()).then(|| complain(rule, &caught, &ours, meter))
        })
        .collect();
    if findings.is_empty() {
        let says = "No rule takes customers' traffic past their queues.";
        return vec![Finding::ok(FASTTRACK, says)];
    }
    findings
}

fn complain(rule: &FilterRow, caught: &Addresses, ours: &Addresses, meter: MeterSource) -> Finding {
    let whose = shortened(&caught.words());
    if !rule.conditions.is_empty() {
        return Finding::unknown(
            FASTTRACK,
            format!(
                "A rule of the chain {} fasttracks under conditions ({}) that cannot be judged from here: \
                 make sure that they leave out the addresses of customers ({whose}).",
                rule.chain,
                rule.conditions.join(", ")
            ),
        );
    }
    let harm = match meter {
        MeterSource::Queue => "their queues neither limit nor count it",
        MeterSource::Session => "their queues do not limit it",
    };
    let says = format!(
        "FastTrack (/ip firewall filter, chain {}) takes traffic of customers ({whose}) past the queues: \
         {harm}.",
        rule.chain
    );
    let finding = match meter {
        MeterSource::Queue => Finding::problem(FASTTRACK, says),
        MeterSource::Session => Finding::warning(FASTTRACK, says),
    };
    let commands = exception(rule, ours);
    commands.into_iter().fold(finding, Finding::mend)
}

/// Commands that keep `ours` off the fast track of `rule`.
fn exception(rule: &FilterRow, ours: &Addresses) -> Vec<String> {
    let mut commands: Vec<_> = list_commands(ours);
    if rule.src_address_list.is_empty() && rule.dst_address_list.is_empty() {
        commands.push(format!(
            "/ip firewall filter set [find action=fasttrack-connection] {}",
            not_listed()
        ));
        return commands;
    }
    // Its own lists must stay.
    for side in ["src", "dst"] {
        commands.push(format!(
            "/ip firewall filter add chain={} action=accept connection-state=established,related \
             {side}-address-list={LIST} place-before=[find action=fasttrack-connection]",
            rule.chain
        ));
    }
    commands
}

/// Commands that put `addresses` into our address list.
pub fn list_commands(addresses: &Addresses) -> Vec<String> {
    let words = addresses.words().into_iter();
    words
        .map(|range| format!("/ip firewall address-list add list={LIST} address={range}"))
        .collect()
}

/// The arguments that make a rule pass over what is in our list.
pub fn not_listed() -> String {
    format!("src-address-list=!{LIST} dst-address-list=!{LIST}")
}

/// Our addresses as the router's rules see them.
struct Sight<'a> {
    ours: &'a Addresses,
    lists: &'a [AddressListRow],
}

impl Sight<'_> {
    /// The addresses of ours whose packets reach `rule` past those `above` it and match.
    fn caught(&self, rule: &FilterRow, above: &[&FilterRow]) -> Addresses {
        let mut upload = self.source(rule);
        let mut download = self.destination(rule);
        let accepts = above.iter().filter(|other| {
            other.chain == rule.chain && other.action == "accept" && is_plain_accept(other)
        });
        for accept in accepts {
            if accept.dst_address.is_empty() && accept.dst_address_list.is_empty() {
                upload = upload.without(&self.source(accept));
            }
            if accept.src_address.is_empty() && accept.src_address_list.is_empty() {
                download = download.without(&self.destination(accept));
            }
        }
        upload.with(&download)
    }

    fn source(&self, rule: &FilterRow) -> Addresses {
        self.matched(&rule.src_address, &rule.src_address_list)
    }

    fn destination(&self, rule: &FilterRow) -> Addresses {
        self.matched(&rule.dst_address, &rule.dst_address_list)
    }

    fn matched(&self, address: &str, list: &str) -> Addresses {
        let by_address = self.side(address, |text| {
            Addresses::parse(text).unwrap_or_else(|| self.ours.clone())
        });
        let by_list = self.side(list, |name| self.listed(name));
        by_address.common(&by_list)
    }

    /// Those of ours that pass a matcher: all for none, the others for one with `!`.
    fn side(&self, matcher: &str, meant: impl Fn(&str) -> Addresses) -> Addresses {
        match matcher.strip_prefix('!') {
            _ if matcher.is_empty() => self.ours.clone(),
            Some(matcher) => self.ours.without(&meant(matcher)),
            None => self.ours.common(&meant(matcher)),
        }
    }

    fn listed(&self, name: &str) -> Addresses {
        let rows = self.lists.iter();
        rows.filter(|row| row.list == name && !row.disabled)
            // A host name's addresses are not known here.
            .filter_map(|row| Addresses::parse(&row.address))
            .fold(Addresses::default(), |all, one| all.with(&one))
    }
}

/// It accepts packets of established connections whatever else they are.
fn is_plain_accept(rule: &FilterRow) -> bool {
    let states = &rule.connection_state;
    rule.conditions.is_empty()
        && (states.is_empty() || states.split(',').any(|state| state == "established"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(action: &str) -> FilterRow {
        FilterRow {
            chain: "forward".into(),
            action: action.into(),
            ..FilterRow::default()
        }
    }

    fn caught(rules: &[FilterRow]) -> Vec<String> {
        let ours = Addresses::parse("10.20.0.2-10.20.0.9").unwrap();
        let lists = [AddressListRow {
            list: "vpn".into(),
            address: "10.20.0.0/24".into(),
            disabled: false,
        }];
        let sight = Sight {
            ours: &ours,
            lists: &lists,
        };
        let (last, above) = rules.split_last().unwrap();
        sight
            .caught(last, &above.iter().collect::<Vec<_>>())
            .words()
    }

    #[test]
    fn a_rule_without_exception_catches_everybody() {
        assert_eq!(
            caught(&[rule("fasttrack-connection")]),
            ["10.20.0.2-10.20.0.9"]
        );
    }

    #[test]
    fn an_exception_must_cover_both_directions() {
        let listed = |src: &str, dst: &str| FilterRow {
            src_address_list: src.into(),
            dst_address_list: dst.into(),
            ..rule("fasttrack-connection")
        };
        assert!(caught(&[listed("!vpn", "!vpn")]).is_empty());
        assert_eq!(caught(&[listed("!vpn", "")]).len(), 1);
        assert_eq!(caught(&[listed("!other", "!vpn")]).len(), 1);
    }

    #[test]
    fn what_is_accepted_above_does_not_get_there() {
        let accept = |src: &str, dst: &str| FilterRow {
            src_address: src.into(),
            dst_address: dst.into(),
            ..rule("accept")
        };
        let track = rule("fasttrack-connection");
        let both = [
            accept("10.20.0.0/24", ""),
            accept("", "10.20.0.0/24"),
            track.clone(),
        ];
        assert!(caught(&both).is_empty());
        assert_eq!(
            caught(&[accept("10.20.0.0/24", ""), track.clone()]).len(),
            1
        );
        // Only what goes from one customer to another.
        assert_eq!(
            caught(&[accept("10.20.0.0/24", "10.20.0.0/24"), track.clone()]).len(),
            1
        );
        let half = FilterRow {
            connection_state: "new".into(),
            ..accept("", "")
        };
        assert_eq!(caught(&[half, track]).len(), 1);
    }

    #[test]
    fn a_rule_for_others_is_none_of_ours() {
        let other = FilterRow {
            src_address: "192.168.0.0/16".into(),
            dst_address: "!10.20.0.0/16".into(),
            ..rule("fasttrack-connection")
        };
        assert!(caught(&[other]).is_empty());
    }
}

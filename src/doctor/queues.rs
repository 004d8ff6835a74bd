//! The queues of our accounts: there once, on, at their address, and not behind a broader one.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;

use super::books::{Books, Expected};
use super::console::quoted;
use super::facts::Facts;
use super::finding::Finding;
use super::pools::{MOST, shortened};
use super::ranges::Addresses;
use crate::account::tag;
use crate::routeros::QueueMatchRow;

const QUEUES: &str = "Queues";
const ORDER: &str = "Queue order";

/// The queues beside our books, and what stands above them.
pub fn queues(facts: &Facts, books: &Books) -> Vec<Finding> {
    if books.accounts.is_empty() {
        return Vec::new();
    }
    let rows = match &facts.queues {
        Ok(rows) => rows,
        Err(error) => return vec![Finding::unread(QUEUES, error)],
    };
    let own = own_queues(rows, books);
    let mut findings = Vec::new();
    for kind in [Fault::Missing, Fault::Doubled, Fault::Off, Fault::Elsewhere] {
        findings.extend(faults(kind, &own, rows, books));
    }
    if findings.is_empty() {
        let says = format!("Each of {} accounts has its queue.", books.accounts.len());
        findings.push(Finding::ok(QUEUES, says));
    }
    findings.extend(order(&own, rows));
    findings
}

/// Places of an account's queues in the router's list, by service.
type Own<'a> = HashMap<i64, (&'a Expected, Vec<usize>)>;

fn own_queues<'a>(rows: &[QueueMatchRow], books: &'a Books) -> Own<'a> {
    let mut own: Own<'a> = books
        .accounts
        .iter()
        .map(|account| (account.service, (account, Vec::new())))
        .collect();
    for (place, row) in rows.iter().enumerate().filter(|(_, row)| !row.dynamic) {
        let service = tag::service_of(&row.comment);
        if let Some((account, places)) = service.and_then(|service| own.get_mut(&service))
            && books.owns(account, &row.comment, &row.name)
        {
            places.push(place);
        }
    }
    own
}

/// What may be wrong with an account's queue.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Missing,
    Doubled,
    Off,
    Elsewhere,
}

impl Fault {
    fn of(account: &Expected, queues: &[&QueueMatchRow], rows: &[QueueMatchRow]) -> Option<Self> {
        match queues {
            [] => Some(Self::Missing),
            [_, _, ..] => Some(Self::Doubled),
            [queue] if queue.disabled || queue.invalid => Some(Self::Off),
            [queue] if !is_in_place(account, queue, rows) => Some(Self::Elsewhere),
            [_] => None,
        }
    }

    fn sentence(self, names: &str) -> String {
        match self {
            Self::Missing => format!(
                "There is no queue for {names}: their traffic is neither limited nor counted. Run Change \
                 Package for these services in WHMCS, which also sets their speed."
            ),
            Self::Doubled => format!(
                "There is more than one queue for {names}: only the first counts. Remove the others."
            ),
            Self::Off => format!(
                "The queue of {names} is disabled or invalid: traffic is neither limited nor counted."
            ),
            Self::Elsewhere => format!(
                "The queue of {names} is not at the account's address, or under a queue that does not \
                 get its packets: it does not count what it should."
            ),
        }
    }

    fn commands(self, account: &Expected, queues: &[&QueueMatchRow]) -> Vec<String> {
        let target = account.address.map(|address| format!("{address}/32"));
        let target = target.unwrap_or_default();
        let find = |name: &str| format!("[find name={}]", quoted(name));
        match (self, queues) {
            (Self::Missing, _) => vec![format!(
                "/queue simple add name={} target={target} comment={}",
                quoted(&account.username),
                quoted(&account.tag)
            )],
            (Self::Doubled, [_, others @ ..]) => others
                .iter()
                .map(|other| format!("/queue simple remove {}", find(&other.name)))
                .collect(),
            (Self::Off, [queue, ..]) => {
                vec![format!("/queue simple enable {}", find(&queue.name))]
            }
            (Self::Elsewhere, [queue, ..]) => vec![format!(
                "/queue simple set {} target={target} parent=none",
                find(&queue.name)
            )],
            (_, []) => Vec::new(),
        }
    }
}

fn faults(kind: Fault, own: &Own<'_>, rows: &[QueueMatchRow], books: &Books) -> Option<Finding> {
    let queues = |places: &[usize]| -> Vec<&QueueMatchRow> {
        places.iter().filter_map(|place| rows.get(*place)).collect()
    };
    // In the order of our books.
    let hit: Vec<_> = books
        .accounts
        .iter()
        .filter_map(|account| own.get(&account.service))
        .filter(|(account, places)| Fault::of(account, &queues(places), rows) == Some(kind))
        .collect();
    if hit.is_empty() {
        return None;
    }
    let names: Vec<_> = hit
        .iter()
        .map(|(account, _)| format!("{} (service {})", account.username, account.service))
        .collect();
    let mut finding = Finding::problem(QUEUES, kind.sentence(&shortened(&names)));
    for (account, places) in hit.into_iter().take(MOST) {
        for command in kind.commands(account, &queues(places)) {
            finding = finding.mend(command);
        }
    }
    Some(finding)
}

/// At the account's address, and where it has a parent, under one that gets its packets.
fn is_in_place(account: &Expected, queue: &QueueMatchRow, rows: &[QueueMatchRow]) -> bool {
    let Some(address) = account.address else {
        return true;
    };
    if Addresses::parse(&queue.target) != Some(std::iter::once(address).collect()) {
        return false;
    }
    if matches!(queue.parent.as_str(), "" | "none") {
        return true;
    }
    let parent = rows.iter().find(|row| row.name == queue.parent);
    parent.is_some_and(|parent| {
        !parent.disabled
            && Addresses::parse(&parent.target).is_some_and(|target| target.contains(address))
    })
}

/// Queues of others that stand above ours and take their packets: the first match wins.
fn order(own: &Own<'_>, rows: &[QueueMatchRow]) -> Vec<Finding> {
    let last: BTreeMap<u32, (usize, &Expected)> = own
        .values()
        .filter_map(|(account, places)| {
            let place = *places.last()?;
            Some((account.address?.into(), (place, *account)))
        })
        .collect();
    let ours: std::collections::HashSet<usize> = own
        .values()
        .flat_map(|(_, places)| places.iter().copied())
        .collect();
    let first = last.values().map(|(place, _)| *place).max();
    let mut findings = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let above = first.is_some_and(|lowest| place < lowest);
        if !above || ours.contains(&place) || row.disabled || row.invalid || is_child(row) {
            continue;
        }
        let Some(target) = Addresses::parse(&row.target) else {
            findings.extend(by_interface(row));
            continue;
        };
        let hidden: Vec<_> = last
            .iter()
            .filter(|(address, (own, _))| {
                *own > place && target.contains(Ipv4Addr::from(**address))
            })
            .map(|(_, (_, account))| account.username.clone())
            .collect();
        if !hidden.is_empty() {
            findings.push(hides(row, &hidden));
        }
    }
    if findings.is_empty() {
        let says = "No queue of others stands above those of accounts and takes their traffic.";
        findings.push(Finding::ok(ORDER, says));
    }
    findings
}

/// It only gets what its parent leaves it.
fn is_child(row: &QueueMatchRow) -> bool {
    !matches!(row.parent.as_str(), "" | "none")
}

fn hides(row: &QueueMatchRow, hidden: &[String]) -> Finding {
    let name = &row.name;
    let says = format!(
        "The queue \"{name}\" (target {}) stands above the queues of {} and takes their traffic",
        row.target,
        shortened(hidden)
    );
    let everywhere = matches!(row.dst.as_str(), "" | "0.0.0.0/0");
    if everywhere && row.packet_marks.is_empty() && row.time.is_empty() {
        let says = format!("{says}: those neither limit nor count it. Move it below them.");
        return Finding::problem(ORDER, says)
            .mend(format!("/queue simple move [find name={}]", quoted(name)));
    }
    let says = format!(
        "{says} where its other conditions (dst, packet-marks or time) are met. If that is not meant, \
         move it below them."
    );
    Finding::warning(ORDER, says).mend(format!("/queue simple move [find name={}]", quoted(name)))
}

/// A queue for an interface gets whatever passes it. Those of single sessions are none of ours.
fn by_interface(row: &QueueMatchRow) -> Option<Finding> {
    if row.dynamic || row.target.starts_with('<') || row.target.starts_with('*') {
        return None;
    }
    let says = format!(
        "The queue \"{}\" stands above those of accounts and gets what passes the interface {}: if \
         customers' traffic passes it, move the queue below theirs.",
        row.name, row.target
    );
    Some(Finding::unknown(ORDER, says))
}

//! Which simple queue counts a packet: the first that matches, found without walking the list.
//!
//! RouterOS walks `/queue/simple` from the top (manual, queues: strict order). Only enabled queues that
//! can match plain traffic stand in the index, by target and by parent, each with its place in the list;
//! the lowest place among the targets an address has is the first match.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};

use crate::tables::{Cell, Id, Row, TableId, Tables};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Net(Ipv4Net),
    Interface(Box<str>),
}

type Slot = (Option<Id>, Key);

/// The index over `/queue/simple`.
#[derive(Debug, Default)]
pub struct QueueIndex {
    slots: HashMap<Slot, BTreeSet<(u64, Id)>>,
    entries: HashMap<Id, (u64, Vec<Slot>)>,
    /// Queues by interface target, also those that do not count.
    by_interface: HashMap<Box<str>, BTreeSet<Id>>,
    interfaces: HashMap<Id, Vec<Box<str>>>,
    lengths: BTreeMap<u8, usize>,
}

impl QueueIndex {
    /// Brings one queue up to date with its row; also after it was removed.
    pub fn refresh(&mut self, tables: &Tables, id: Id) {
        self.forget(id);
        let Some(row) = tables[TableId::Queue].row(id) else {
            return;
        };
        let interfaces = interfaces_of(row);
        for interface in &interfaces {
            self.by_interface
                .entry(interface.clone())
                .or_default()
                .insert(id);
        }
        if !interfaces.is_empty() {
            self.interfaces.insert(id, interfaces);
        }
        let slots = slots_of(row);
        for slot in &slots {
            self.slots
                .entry(slot.clone())
                .or_default()
                .insert((row.rank(), id));
            if let Key::Net(net) = &slot.1 {
                *self.lengths.entry(net.prefix_len()).or_default() += 1;
            }
        }
        self.entries.insert(id, (row.rank(), slots));
    }

    /// Brings all queues up to date, after places changed.
    pub fn rebuild(&mut self, tables: &Tables) {
        *self = Self::default();
        for id in tables[TableId::Queue].ids() {
            self.refresh(tables, id);
        }
    }

    /// The queues that count traffic of an address, outermost parent first.
    pub fn chain(&self, address: Ipv4Addr, interface: &str) -> Vec<Id> {
        let mut chain = Vec::new();
        let mut parent = None;
        while let Some(id) = self.first(parent, address, interface) {
            chain.push(id);
            parent = Some(id);
        }
        chain
    }

    /// Queues that have this interface as target, enabled or not.
    pub fn on_interface(&self, interface: &str) -> Vec<Id> {
        self.by_interface
            .get(interface)
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    fn first(&self, parent: Option<Id>, address: Ipv4Addr, interface: &str) -> Option<Id> {
        let by_net = self.lengths.keys().filter_map(|length| {
            let net = Ipv4Net::new(address, *length).ok()?.trunc();
            self.slots.get(&(parent, Key::Net(net)))?.first().copied()
        });
        let by_interface = self
            .slots
            .get(&(parent, Key::Interface(interface.into())))
            .and_then(|ids| ids.first().copied());
        by_net.chain(by_interface).min().map(|(_, id)| id)
    }

    fn forget(&mut self, id: Id) {
        for interface in self.interfaces.remove(&id).into_iter().flatten() {
            if let Some(ids) = self.by_interface.get_mut(&interface) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.by_interface.remove(&interface);
                }
            }
        }
        let Some((rank, slots)) = self.entries.remove(&id) else {
            return;
        };
        for slot in slots {
            if let Key::Net(net) = &slot.1
                && let Some(count) = self.lengths.get_mut(&net.prefix_len())
            {
                *count -= 1;
                if *count == 0 {
                    self.lengths.remove(&net.prefix_len());
                }
            }
            if let Some(ids) = self.slots.get_mut(&slot) {
                ids.remove(&(rank, id));
                if ids.is_empty() {
                    self.slots.remove(&slot);
                }
            }
        }
    }
}

/// The places of a queue in the index; none if it cannot match plain traffic.
fn slots_of(row: &Row) -> Vec<Slot> {
    let table = TableId::Queue;
    let text = |name: &str| table.column(name).and_then(|column| row.text(column));
    let parent = match table
        .column("parent")
        .and_then(|column| row.cells[column].as_ref())
    {
        Some(Cell::Row(_, id)) => Some(*id),
        _ => None,
    };
    // a queue for another destination or for marked packets does not see the simulator's traffic,
    // which has no marks and goes to no address in particular
    let passes = text("disabled") != Some("true")
        && text("packet-marks").unwrap_or_default().is_empty()
        && matches!(text("dst"), None | Some("0.0.0.0/0"));
    if !passes {
        return Vec::new();
    }
    let targets = text("target").unwrap_or_default();
    targets
        .split(',')
        .filter_map(key_of)
        .map(|key| (parent, key))
        .collect()
}

fn key_of(target: &str) -> Option<Key> {
    match target.parse::<IpNet>() {
        Ok(IpNet::V4(net)) => Some(Key::Net(net.trunc())),
        Ok(IpNet::V6(_)) => None,
        Err(_) => (!target.is_empty()).then(|| Key::Interface(target.into())),
    }
}

fn interfaces_of(row: &Row) -> Vec<Box<str>> {
    let targets = TableId::Queue
        .column("target")
        .and_then(|column| row.text(column))
        .unwrap_or_default();
    let interface = |key: Key| match key {
        Key::Interface(name) => Some(name),
        Key::Net(_) => None,
    };
    targets
        .split(',')
        .filter_map(key_of)
        .filter_map(interface)
        .collect()
}

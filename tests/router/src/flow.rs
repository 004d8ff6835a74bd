//! Traffic: bytes of sessions into interface and queue counters, and the truth for tests.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::clock::Micros;
use crate::range;
use crate::session::Reason;
use crate::state::{Event, State};
use crate::tables::{Id, TableId};

/// Bytes seen from the customer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Traffic {
    /// Bytes the customer sent (the router's rx).
    pub upload: u64,
    /// Bytes the customer received (the router's tx).
    pub download: u64,
}

/// Bytes a packet carries; only packet counters depend on it.
const PACKET: u64 = 1_400;

impl State {
    /// Adds bytes to the session that carries an account's traffic. `false` if it has none.
    pub fn traffic(&mut self, name: &str, bytes: Traffic) -> bool {
        self.settle();
        let Some(id) = self.sessions.carrier(name) else {
            return false;
        };
        self.carry(id, bytes);
        true
    }

    /// Adds bytes to everybody's session.
    pub fn traffic_for_all(&mut self, bytes: Traffic) {
        self.settle();
        for id in self.sessions.carriers() {
            self.carry(id, bytes);
        }
    }

    /// Gives an account's session continuous traffic in bits per second. `false` if it has none.
    pub fn set_rate(&mut self, name: &str, upload_bps: u64, download_bps: u64) -> bool {
        self.settle();
        let Some(id) = self.sessions.carrier(name) else {
            return false;
        };
        let Some(session) = self.sessions.by_id_mut(id) else {
            return false;
        };
        session.demand = (upload_bps, download_bps);
        if session.demand == (0, 0) {
            self.sessions.flowing.remove(&id);
            self.measure(&HashMap::new());
        } else {
            self.sessions.flowing.insert(id);
        }
        true
    }

    /// Brings sessions and counters up to the present moment.
    pub fn settle(&mut self) {
        let now = self.clock.now();
        while let Some((at, event)) = self.events.first().filter(|(at, _)| *at <= now).cloned() {
            self.events.pop_first();
            self.flow_until(at.max(self.settled_at));
            match event {
                Event::Redial(name) => self.redial(&name),
                Event::Timeout(id, session_id) => {
                    // ids of /ppp/active start again after a reboot; the session id tells them apart
                    if self.tables[TableId::Active].text(id, "session-id")
                        == Some(session_id.as_str())
                    {
                        self.end_session(id, Reason::SessionTimeout);
                    }
                }
            }
        }
        self.flow_until(now);
    }

    fn flow_until(&mut self, at: Micros) {
        let elapsed = at.saturating_sub(self.settled_at);
        self.settled_at = self.settled_at.max(at);
        if elapsed == 0 || self.sessions.flowing.is_empty() {
            return;
        }
        let shaped = self.shape();
        let mut rates: HashMap<Id, (u64, u64)> = HashMap::new();
        for (id, (upload_bps, download_bps), chain) in &shaped {
            for queue in chain {
                let rate = rates.entry(*queue).or_default();
                rate.0 += upload_bps;
                rate.1 += download_bps;
            }
            let Some(session) = self.sessions.by_id_mut(*id) else {
                continue;
            };
            let upload = portion(*upload_bps, elapsed, &mut session.remainder.0);
            let download = portion(*download_bps, elapsed, &mut session.remainder.1);
            self.carry(*id, Traffic { upload, download });
        }
        self.measure(&rates);
    }

    /// What each flowing session gets: its demand, cut by every queue that counts it. Sessions in one
    /// queue share its limit in proportion to their demand.
    fn shape(&self) -> Vec<(Id, (u64, u64), Vec<Id>)> {
        let flows: Vec<(Id, (u64, u64), Vec<Id>)> = self
            .sessions
            .flowing
            .iter()
            .filter_map(|id| {
                let session = self.sessions.by_id(*id)?;
                Some((
                    *id,
                    session.demand,
                    self.counting_queues(session.address, session.interface),
                ))
            })
            .collect();
        let mut wanted: HashMap<Id, (u64, u64)> = HashMap::new();
        for (_, demand, chain) in &flows {
            for queue in chain {
                let sum = wanted.entry(*queue).or_default();
                sum.0 += demand.0;
                sum.1 += demand.1;
            }
        }
        flows
            .into_iter()
            .map(|(id, demand, chain)| {
                let mut rate = demand;
                for queue in &chain {
                    let limit = self.max_limit(*queue);
                    let sum = wanted.get(queue).copied().unwrap_or_default();
                    rate.0 = rate.0.min(share(demand.0, sum.0, limit.0));
                    rate.1 = rate.1.min(share(demand.1, sum.1, limit.1));
                }
                (id, rate, chain)
            })
            .collect()
    }

    fn carry(&mut self, id: Id, bytes: Traffic) {
        let Some(session) = self.sessions.by_id_mut(id) else {
            return;
        };
        session.carried.0 += bytes.upload;
        session.carried.1 += bytes.download;
        let (name, address, interface) = (session.name.clone(), session.address, session.interface);
        let used_up = session.is_used_up();
        let truth = self.truth.entry(name).or_default();
        truth.upload += bytes.upload;
        truth.download += bytes.download;
        self.count(TableId::Interface, interface, bytes);
        if let Some(uplink) = self.tables[TableId::Interface].find("ether1") {
            self.count(
                TableId::Interface,
                uplink,
                Traffic {
                    upload: bytes.download,
                    download: bytes.upload,
                },
            );
        }
        if !self.options.queues_stuck {
            for queue in self.counting_queues(address, interface) {
                self.count(TableId::Queue, queue, bytes);
            }
        }
        if used_up {
            // limit-bytes-in/-out: the session is cut when the limit is reached
            self.end_session(id, Reason::NasRequest);
        }
    }

    fn count(&mut self, table: TableId, id: Id, bytes: Traffic) {
        let Some(row) = self.tables[table].row_mut(id) else {
            return;
        };
        row.counters.upload = row.counters.upload.wrapping_add(bytes.upload);
        row.counters.download = row.counters.download.wrapping_add(bytes.download);
        row.counters.upload_packets += bytes.upload.div_ceil(PACKET);
        row.counters.download_packets += bytes.download.div_ceil(PACKET);
    }

    /// The queues that see a session's packets; none if FastTrack takes them past the queues.
    fn counting_queues(&self, address: Ipv4Addr, interface: Id) -> Vec<Id> {
        let name = self
            .tables
            .name(TableId::Interface, interface)
            .unwrap_or_default();
        if self.is_fasttracked(address, name) {
            return Vec::new();
        }
        self.queues.chain(address, name)
    }

    fn max_limit(&self, queue: Id) -> (u64, u64) {
        let text = self.tables[TableId::Queue]
            .text(queue, "max-limit")
            .unwrap_or("0/0");
        let (upload, download) = text.split_once('/').unwrap_or(("0", "0"));
        (upload.parse().unwrap_or(0), download.parse().unwrap_or(0))
    }

    /// Writes the measured rates; queues that carry nothing measure 0.
    fn measure(&mut self, rates: &HashMap<Id, (u64, u64)>) {
        let before = std::mem::take(&mut self.measured);
        for id in before.iter().chain(rates.keys()) {
            if let Some(row) = self.tables[TableId::Queue].row_mut(*id) {
                let rate = rates.get(id).copied().unwrap_or_default();
                row.counters.upload_rate = rate.0;
                row.counters.download_rate = rate.1;
            }
        }
        self.measured = rates.keys().copied().collect();
    }

    /// Whether a rule of the forward chain puts an established connection of this address on the fast
    /// track, in either direction. The first rule that decides wins.
    fn is_fasttracked(&self, address: Ipv4Addr, interface: &str) -> bool {
        let rules = &self.tables[TableId::Filter];
        if rules.is_empty() {
            return false;
        }
        let decides = |upload: bool| {
            rules.iter().find_map(|(id, _)| {
                let text = |column: &str| rules.text(id, column);
                let hit = text("chain") == Some("forward")
                    && text("disabled") != Some("true")
                    && state_matches(text("connection-state"))
                    && side_matches(text("src-address"), upload.then_some(address))
                    && side_matches(text("dst-address"), (!upload).then_some(address))
                    && self.list_matches(text("src-address-list"), upload.then_some(address))
                    && self.list_matches(text("dst-address-list"), (!upload).then_some(address))
                    && interface_matches(text("in-interface"), upload.then_some(interface))
                    && interface_matches(text("out-interface"), (!upload).then_some(interface));
                match text("action") {
                    Some("fasttrack-connection") if hit => Some(true),
                    Some("accept" | "drop" | "reject" | "tarpit") if hit => Some(false),
                    _ => None,
                }
            })
        };
        decides(true) == Some(true) || decides(false) == Some(true)
    }

    /// `None` for the side that is somewhere in the Internet, which no list holds.
    fn list_matches(&self, wanted: Option<&str>, side: Option<Ipv4Addr>) -> bool {
        let Some(wanted) = wanted else { return true };
        let (negated, name) = match wanted.strip_prefix('!') {
            Some(name) => (true, name),
            None => (false, wanted),
        };
        let entries = &self.tables[TableId::AddressList];
        let holds = |address: Ipv4Addr| {
            entries.iter().any(|(id, _)| {
                let text = |column: &str| entries.text(id, column);
                text("list") == Some(name)
                    && text("disabled") != Some("true")
                    && text("address")
                        .and_then(range::parse)
                        .is_some_and(|ranges| {
                            ranges
                                .iter()
                                .any(|(first, last)| (first..=last).contains(&&address))
                        })
            })
        };
        side.is_some_and(holds) != negated
    }
}

fn state_matches(wanted: Option<&str>) -> bool {
    wanted.is_none_or(|states| states.split(',').any(|state| state == "established"))
}

/// `None` for the side that is somewhere in the Internet: only a rule without matcher covers it.
fn side_matches(wanted: Option<&str>, side: Option<Ipv4Addr>) -> bool {
    let Some(wanted) = wanted.filter(|text| *text != "0.0.0.0/0") else {
        return true;
    };
    match (wanted.parse::<Ipv4Net>(), side) {
        (Ok(net), Some(address)) => net.contains(&address),
        _ => false,
    }
}

/// `None` for the uplink.
fn interface_matches(wanted: Option<&str>, interface: Option<&str>) -> bool {
    let Some(wanted) = wanted else { return true };
    let (negated, name) = match wanted.strip_prefix('!') {
        Some(name) => (true, name),
        None => (false, wanted),
    };
    let actual = interface.unwrap_or("ether1");
    let same = name == actual
        || (name == "all-ppp" && actual.starts_with('<'))
        || (name == "all-ethernet" && actual == "ether1");
    same != negated
}

/// A session's part of a queue's limit; 0 = no limit.
fn share(demand: u64, sum: u64, limit: u64) -> u64 {
    if limit == 0 || sum <= limit {
        return demand;
    }
    let part = u128::from(demand) * u128::from(limit) / u128::from(sum.max(1));
    u64::try_from(part).unwrap_or(u64::MAX)
}

/// Whole bytes of a rate over a time; what is left over is kept for the next time.
fn portion(bits_per_second: u64, elapsed: Micros, remainder: &mut u64) -> u64 {
    const PER_BYTE: u128 = 8 * 1_000_000;
    let total = u128::from(bits_per_second) * u128::from(elapsed) + u128::from(*remainder);
    *remainder = u64::try_from(total % PER_BYTE).unwrap_or(0);
    u64::try_from(total / PER_BYTE).unwrap_or(u64::MAX)
}

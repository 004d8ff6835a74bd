//! PPP sessions: a client's dialling, the session it gets, and its end.

use std::collections::{BTreeSet, HashMap};
use std::net::Ipv4Addr;

use crate::clock::Micros;
use crate::state::{Event, State};
use crate::tables::{Id, Row, TableId};

/// A client that dials in.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Dial {
    /// The secret's name.
    pub name: String,
    /// `l2tp`, `pptp`, `sstp`, `ovpn` or `pppoe`; empty = `l2tp`.
    #[serde(default)]
    pub service: String,
    /// The client's address or MAC; empty = made up.
    #[serde(default)]
    pub caller_id: String,
    /// Checked when given.
    #[serde(default)]
    pub password: Option<String>,
    /// Seconds after which the client dials again when it was thrown out; 0 or absent = never.
    #[serde(default)]
    pub redial: Option<u64>,
}

impl Dial {
    /// An L2TP client without password check.
    pub fn l2tp(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            service: "l2tp".to_owned(),
            ..Self::default()
        }
    }

    /// The protocol it uses.
    pub fn service(&self) -> &str {
        if self.service.is_empty() {
            "l2tp"
        } else {
            &self.service
        }
    }

    /// The same client that dials again this many seconds after it was thrown out.
    #[must_use]
    pub fn redial(mut self, seconds: u64) -> Self {
        self.redial = Some(seconds);
        self
    }

    /// The same client with this password.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }
}

/// Why a client is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the sentences say it
pub enum ConnectError {
    #[error("there is no service `{0}`")]
    UnknownService(String),
    #[error("the {0} server is not enabled")]
    ServerDisabled(String),
    #[error("there is no secret `{0}`")]
    NoSecret(String),
    #[error("secret `{0}` is disabled")]
    SecretDisabled(String),
    #[error("wrong password for `{0}`")]
    WrongPassword(String),
    #[error("secret `{0}` does not allow service {1}")]
    WrongService(String, String),
    #[error("secret `{0}` does not allow caller {1}")]
    WrongCaller(String, String),
    #[error("the profile of `{0}` does not exist")]
    NoProfile(String),
    #[error("`{0}` is connected already and its profile allows one session only")]
    AlreadyConnected(String),
    #[error("no remote address for `{0}`: neither secret nor profile nor default profile has one")]
    NoAddress(String),
    #[error("address {0} is in use")]
    AddressBusy(Ipv4Addr),
    #[error("the {0} server or the licence allows no more than {1} sessions")]
    TooManySessions(String, usize),
    #[error("the pool for `{0}` is empty")]
    PoolEmpty(String),
}

/// Why a session ends; the words of `last-disconnect-reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Reason {
    PeerRequest,
    HungUp,
    SessionTimeout,
    NasRequest,
    Reboot,
}

impl Reason {
    /// The word of `last-disconnect-reason`.
    pub fn word(self) -> &'static str {
        match self {
            Self::PeerRequest => "peer-request",
            Self::HungUp => "hung-up",
            Self::SessionTimeout => "session-timeout",
            Self::NasRequest => "nas-request",
            Self::Reboot => "reboot",
        }
    }
}

/// One live session.
#[derive(Debug, Clone)]
pub struct Session {
    /// The account.
    pub name: String,
    /// The customer's address.
    pub address: Ipv4Addr,
    /// When it began.
    pub since: Micros,
    /// Its row in `/interface`.
    pub interface: Id,
    /// Bits per second the customer sends and receives if nothing slows him down.
    pub demand: (u64, u64),
    /// Bytes carried so far.
    pub carried: (u64, u64),
    /// Bits left over from whole bytes, times microseconds.
    pub remainder: (u64, u64),
    /// Where the client calls from.
    pub caller_id: String,
    /// The interface was made for it and goes with it.
    pub owns_interface: bool,
    /// Its dynamic queue.
    pub queue: Option<Id>,
    /// Its row in `/ip/address`.
    pub address_row: Id,
    /// Its row in `/ip/pool/used`.
    pub pool_row: Option<Id>,
    /// Bytes after which it is cut; 0 = never.
    pub limits: (u64, u64),
}

impl Session {
    /// Whether a per-session byte limit of the secret is reached.
    pub fn is_used_up(&self) -> bool {
        (self.limits.0 > 0 && self.carried.0 >= self.limits.0)
            || (self.limits.1 > 0 && self.carried.1 >= self.limits.1)
    }
}

/// A client that dials again.
#[derive(Debug, Clone)]
pub struct Dialer {
    /// How it dials.
    pub dial: Dial,
    every: Micros,
}

/// Live sessions by `/ppp/active` id.
#[derive(Debug, Default)]
pub struct Sessions {
    by_id: HashMap<Id, Session>,
    by_name: HashMap<String, Vec<Id>>,
    /// Oldest first.
    by_address: HashMap<Ipv4Addr, Vec<Id>>,
    by_interface: HashMap<Id, Id>,
    /// Sessions with continuous traffic.
    pub flowing: BTreeSet<Id>,
    given: HashMap<Id, u64>,
    numbered: u32,
}

impl Sessions {
    /// A session by its `/ppp/active` id.
    pub fn by_id(&self, id: Id) -> Option<&Session> {
        self.by_id.get(&id)
    }

    /// A session by its `/ppp/active` id, to change it.
    pub fn by_id_mut(&mut self, id: Id) -> Option<&mut Session> {
        self.by_id.get_mut(&id)
    }

    /// Ids of an account's sessions, oldest first.
    pub fn of(&self, name: &str) -> &[Id] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The session that carries traffic of every account that has one.
    pub fn carriers(&self) -> Vec<Id> {
        let names = self.by_name.keys();
        let mut ids: Vec<_> = names.filter_map(|name| self.carrier(name)).collect();
        ids.sort_unstable();
        ids
    }

    /// The session on an interface.
    pub fn on(&self, interface: Id) -> Option<&Session> {
        self.by_interface
            .get(&interface)
            .and_then(|id| self.by_id.get(id))
    }

    /// The id of the session on an interface.
    pub fn id_on(&self, interface: Id) -> Option<Id> {
        self.by_interface.get(&interface).copied()
    }

    /// Every live session's id.
    pub fn ids(&self) -> Vec<Id> {
        self.by_id.keys().copied().collect()
    }

    /// How many sessions use addresses of these ranges.
    pub fn used_of(&self, ranges: &[(Ipv4Addr, Ipv4Addr)]) -> u64 {
        let inside = |address: &Ipv4Addr| {
            ranges
                .iter()
                .any(|(first, last)| first <= address && address <= last)
        };
        self.by_address
            .keys()
            .filter(|address| inside(address))
            .count() as u64
    }

    /// Whether a session has this address.
    pub fn has_address(&self, address: Ipv4Addr) -> bool {
        self.by_address.contains_key(&address)
    }

    /// Ids of the sessions with this address, oldest first.
    pub fn at(&self, address: Ipv4Addr) -> &[Id] {
        self.by_address.get(&address).map_or(&[], Vec::as_slice)
    }

    /// The session an account's traffic goes through: its oldest, or the newest of those with the same address,
    /// whose route wins.
    pub fn carrier(&self, name: &str) -> Option<Id> {
        let oldest = self.by_id.get(self.of(name).first()?)?;
        let is_own = |id: &&Id| self.by_id.get(id).is_some_and(|one| one.name == name);
        self.at(oldest.address).iter().rev().find(is_own).copied()
    }

    /// The `session-id` of the next session; another after each login.
    pub fn next_number(&mut self) -> String {
        self.numbered += 1;
        format!("0x{:x}", 0x8110_0000_u32.wrapping_add(self.numbered - 1))
    }

    /// Where the search for a free address of a pool goes on.
    pub fn given_of_pool(&self, pool: Id) -> u64 {
        self.given.get(&pool).copied().unwrap_or(0)
    }

    /// Notes where the search went to.
    pub fn note_given(&mut self, pool: Id, place: u64) {
        self.given.insert(pool, place);
    }

    /// Notes a new session.
    pub fn insert(&mut self, id: Id, session: Session) {
        self.by_name
            .entry(session.name.clone())
            .or_default()
            .push(id);
        self.by_address.entry(session.address).or_default().push(id);
        self.by_interface.insert(session.interface, id);
        self.by_id.insert(id, session);
    }

    fn remove(&mut self, id: Id) -> Option<Session> {
        let session = self.by_id.remove(&id)?;
        if let Some(ids) = self.by_address.get_mut(&session.address) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.by_address.remove(&session.address);
            }
        }
        self.by_interface.remove(&session.interface);
        self.flowing.remove(&id);
        if let Some(ids) = self.by_name.get_mut(&session.name) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.by_name.remove(&session.name);
            }
        }
        Some(session)
    }
}

impl State {
    /// Lets a client in or says why not. Gives the id of its row in `/ppp/active`.
    pub fn connect(&mut self, dial: &Dial) -> Result<Id, ConnectError> {
        self.settle();
        let active = self.admit_and_open(dial)?;
        match dial.redial {
            Some(seconds) if seconds > 0 => {
                let every = seconds.saturating_mul(1_000_000);
                self.dialers.insert(
                    dial.name.clone(),
                    Dialer {
                        dial: dial.clone(),
                        every,
                    },
                );
            }
            _ => {
                self.dialers.remove(&dial.name);
            }
        }
        Ok(active)
    }

    /// The client hangs up all its sessions and does not dial again.
    pub fn hang_up(&mut self, name: &str) -> usize {
        self.settle();
        self.dialers.remove(name);
        let ids = self.sessions.of(name).to_vec();
        for id in &ids {
            self.end_session(*id, Reason::PeerRequest);
        }
        ids.len()
    }

    /// Ends a session; a client with redial is scheduled to come again.
    pub fn end_session(&mut self, id: Id, reason: Reason) {
        let active = self.tables[TableId::Active].remove(id);
        let Some(session) = self.sessions.remove(id) else {
            return;
        };
        if reason != Reason::Reboot {
            self.write_logout(active.as_ref(), &session);
        }
        self.tables[TableId::Address].remove(session.address_row);
        if let Some(row) = session.pool_row {
            self.tables[TableId::PoolUsed].remove(row);
        }
        if let Some(queue) = session.queue {
            self.tables[TableId::Queue].remove(queue);
            self.queues.refresh(&self.tables, queue);
        }
        self.close_interface(&session);
        if reason != Reason::Reboot {
            self.remember_last(&session, reason);
        }
        if let Some(dialer) = self.dialers.get(&session.name) {
            self.events
                .insert((self.settled_at + dialer.every, Event::Redial(session.name)));
        }
    }

    /// A thrown-out client tries again; without success it goes on trying.
    pub fn redial(&mut self, name: &str) {
        let Some(dialer) = self.dialers.get(name).cloned() else {
            return;
        };
        if self.sessions.of(name).is_empty() && self.admit_and_open(&dialer.dial).is_err() {
            self.events.insert((
                self.settled_at + dialer.every,
                Event::Redial(name.to_owned()),
            ));
        }
    }

    fn admit_and_open(&mut self, dial: &Dial) -> Result<Id, ConnectError> {
        let service = dial.service().to_owned();
        let caller = self.caller_of(dial);
        self.log_call(&service, &caller);
        let admitted = self.admit(dial);
        if let Err(why) = &admitted {
            self.log_refusal(&service, &caller, dial, why);
        }
        let id = self.open(dial, admitted?);
        if let Some(session) = self.sessions.by_id(id).cloned() {
            let interface = self.interface_name(&session);
            self.log_login(&service, &interface, &session);
        }
        Ok(id)
    }

    fn write_logout(&mut self, active: Option<&Row>, session: &Session) {
        let column = TableId::Active.column("service").unwrap_or_default();
        let service = active.and_then(|row| row.text(column)).unwrap_or_default();
        let interface = self.interface_name(session);
        self.log_logout(service, &interface, session);
    }

    fn interface_name(&self, session: &Session) -> String {
        let name = self.tables.name(TableId::Interface, session.interface);
        name.unwrap_or_default().to_owned()
    }
}

//! PPP sessions: who may connect, what a connection makes and what its end leaves behind.

use std::collections::{BTreeSet, HashMap};
use std::net::Ipv4Addr;

use crate::clock::{self, Micros};
use crate::options::OnlyOne;
use crate::range;
use crate::rate_limit::RateLimit;
use crate::state::{Event, State};
use crate::tables::{Cell, Id, Row, TableId};

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
    fn word(self) -> &'static str {
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
    pub(crate) remainder: (u64, u64),
    caller_id: String,
    owns_interface: bool,
    queue: Option<Id>,
    address_row: Id,
    pool_row: Option<Id>,
    limits: (u64, u64),
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
    by_address: HashMap<Ipv4Addr, Id>,
    by_interface: HashMap<Id, Id>,
    /// Sessions with continuous traffic.
    pub flowing: BTreeSet<Id>,
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

    fn insert(&mut self, id: Id, session: Session) {
        self.by_name
            .entry(session.name.clone())
            .or_default()
            .push(id);
        self.by_address.insert(session.address, id);
        self.by_interface.insert(session.interface, id);
        self.by_id.insert(id, session);
    }

    fn remove(&mut self, id: Id) -> Option<Session> {
        let session = self.by_id.remove(&id)?;
        self.by_address.remove(&session.address);
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

/// What the checks found out about a client that may come in.
struct Admission {
    service: String,
    profile: Id,
    remote: Ipv4Addr,
    local: Option<Ipv4Addr>,
    pool: Option<Id>,
    caller_id: String,
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
        self.tables[TableId::Active].remove(id);
        let Some(session) = self.sessions.remove(id) else {
            return;
        };
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
        let admission = self.admit(dial)?;
        Ok(self.open(dial, admission))
    }

    fn admit(&mut self, dial: &Dial) -> Result<Admission, ConnectError> {
        let name = dial.name.as_str();
        let service = if dial.service.is_empty() {
            "l2tp"
        } else {
            dial.service.as_str()
        };
        let default_profile = self.server_profile(service)?;
        let secret = self.tables[TableId::Secret]
            .find(name)
            .ok_or_else(|| ConnectError::NoSecret(name.into()))?;
        let text = |column: &str| {
            self.tables[TableId::Secret]
                .text(secret, column)
                .unwrap_or_default()
        };
        if text("disabled") == "true" {
            return Err(ConnectError::SecretDisabled(name.into()));
        }
        if dial
            .password
            .as_deref()
            .is_some_and(|password| password != text("password"))
        {
            return Err(ConnectError::WrongPassword(name.into()));
        }
        if text("service") != "any" && text("service") != service {
            return Err(ConnectError::WrongService(name.into(), service.into()));
        }
        let caller_id = if dial.caller_id.is_empty() {
            made_up_caller(service, secret)
        } else {
            dial.caller_id.clone()
        };
        let wanted = text("caller-id");
        if !wanted.is_empty() && !wanted.eq_ignore_ascii_case(&caller_id) {
            return Err(ConnectError::WrongCaller(name.into(), caller_id));
        }
        let secret_address: Option<Ipv4Addr> = text("remote-address").parse().ok();
        let secret_local: Option<Ipv4Addr> = text("local-address").parse().ok();
        let profile = self
            .reference(TableId::Secret, secret, "profile")
            .filter(|id| self.tables[TableId::Profile].row(*id).is_some())
            .ok_or_else(|| ConnectError::NoProfile(name.into()))?;
        self.check_only_one(name, profile, default_profile)?;
        let profiles = [Some(profile), default_profile];
        let (remote, pool) = match secret_address {
            Some(address) => (self.free(address)?, None),
            None => self.profile_address(name, "remote-address", &profiles)?,
        };
        let local = secret_local.or_else(|| {
            self.profile_address(name, "local-address", &profiles)
                .ok()
                .map(|found| found.0)
        });
        Ok(Admission {
            service: service.to_owned(),
            profile,
            remote,
            local,
            pool,
            caller_id,
        })
    }

    /// The default profile of an enabled server; PPPoE servers are not simulated and count as enabled.
    fn server_profile(&self, service: &str) -> Result<Option<Id>, ConnectError> {
        let (table, singleton) = match service {
            "l2tp" => (TableId::L2tpServer, true),
            "pptp" => (TableId::PptpServer, true),
            "sstp" => (TableId::SstpServer, true),
            "ovpn" => (TableId::OvpnServer, !self.options.version.has_ovpn_list()),
            "pppoe" => return Ok(self.tables[TableId::Profile].find("default")),
            other => return Err(ConnectError::UnknownService(other.to_owned())),
        };
        let (flag, on) = if singleton {
            ("enabled", "true")
        } else {
            ("disabled", "false")
        };
        let table_rows = &self.tables[table];
        let server = table_rows
            .ids()
            .into_iter()
            .find(|id| table_rows.text(*id, flag) == Some(on))
            .ok_or_else(|| ConnectError::ServerDisabled(service.to_owned()))?;
        let barred = matches!(service, "l2tp" | "pptp") && !self.options.device_mode_allows_vpn;
        if barred {
            return Err(ConnectError::ServerDisabled(service.to_owned()));
        }
        Ok(self.reference(table, server, "default-profile"))
    }

    fn check_only_one(
        &mut self,
        name: &str,
        profile: Id,
        default_profile: Option<Id>,
    ) -> Result<(), ConnectError> {
        let word = |id: Id| {
            self.tables[TableId::Profile]
                .text(id, "only-one")
                .unwrap_or("default")
                .to_owned()
        };
        let mut only_one = word(profile);
        if only_one == "default" {
            only_one = default_profile.map(word).unwrap_or_default();
        }
        if only_one != "yes" {
            return Ok(());
        }
        let old = self.sessions.of(name).to_vec();
        match self.options.only_one {
            OnlyOne::RefuseNew if !old.is_empty() => {
                Err(ConnectError::AlreadyConnected(name.to_owned()))
            }
            OnlyOne::RefuseNew => Ok(()),
            OnlyOne::DropOld => {
                for id in old {
                    self.end_session(id, Reason::HungUp);
                }
                Ok(())
            }
        }
    }

    /// An address from the profiles: a single address anywhere beats a pool anywhere (manual, PPP AAA).
    fn profile_address(
        &self,
        name: &str,
        property: &str,
        profiles: &[Option<Id>],
    ) -> Result<(Ipv4Addr, Option<Id>), ConnectError> {
        let column = TableId::Profile.column(property).unwrap_or_default();
        let cells: Vec<&Cell> = profiles
            .iter()
            .flatten()
            .filter_map(|id| self.tables[TableId::Profile].row(*id)?.cells[column].as_ref())
            .collect();
        let single = cells.iter().find_map(|cell| match cell {
            Cell::Text(text) => text.parse::<Ipv4Addr>().ok(),
            Cell::Row(..) => None,
        });
        if let Some(address) = single {
            let address = if property == "remote-address" {
                self.free(address)?
            } else {
                address
            };
            return Ok((address, None));
        }
        let pool = cells
            .iter()
            .find_map(|cell| match cell {
                Cell::Row(TableId::Pool, id) if self.tables[TableId::Pool].row(*id).is_some() => {
                    Some(*id)
                }
                _ => None,
            })
            .ok_or_else(|| ConnectError::NoAddress(name.to_owned()))?;
        self.from_pool(pool)
            .map(|address| (address, Some(pool)))
            .ok_or_else(|| ConnectError::PoolEmpty(name.to_owned()))
    }

    /// The first free address of a pool or of the pools that follow it.
    fn from_pool(&self, first: Id) -> Option<Ipv4Addr> {
        let mut seen = BTreeSet::new();
        let mut pool = Some(first);
        while let Some(id) = pool.filter(|id| seen.insert(*id)) {
            let ranges = range::parse(self.tables[TableId::Pool].text(id, "ranges")?)?;
            let free = range::addresses(&ranges).find(|address| self.free(*address).is_ok());
            if free.is_some() {
                return free;
            }
            pool = self.reference(TableId::Pool, id, "next-pool");
        }
        None
    }

    fn free(&self, address: Ipv4Addr) -> Result<Ipv4Addr, ConnectError> {
        if self.sessions.by_address.contains_key(&address) {
            return Err(ConnectError::AddressBusy(address));
        }
        Ok(address)
    }

    fn open(&mut self, dial: &Dial, admission: Admission) -> Id {
        let secret = self.tables[TableId::Secret].find(&dial.name);
        let stored =
            |column: &str| secret.and_then(|id| self.tables[TableId::Secret].text(id, column));
        let limit = |column: &str| {
            stored(column)
                .and_then(|text| text.parse().ok())
                .unwrap_or(0)
        };
        let limits = (limit("limit-bytes-in"), limit("limit-bytes-out"));
        let comment = stored("comment").map(str::to_owned);
        let (interface, owns_interface) = self.open_interface(&dial.name, &admission);
        let interface_name = self
            .tables
            .name(TableId::Interface, interface)
            .unwrap_or_default()
            .to_owned();
        let address_row = self.open_address(&admission, interface);
        let pool_row = admission
            .pool
            .map(|pool| self.open_pool_row(&dial.name, &admission, pool));
        let queue = self.open_queue(&interface_name, admission.profile);
        let now = self.settled_at;

        let active = self.tables[TableId::Active].next_id();
        self.sessions.numbered += 1;
        let session_id = format!(
            "0x{:x}",
            0x8110_0000_u32.wrapping_add(self.sessions.numbered - 1)
        );
        let mut row = Row::new(TableId::Active, true);
        let mut write = |column: &str, text: &str| put(TableId::Active, &mut row, column, text);
        write("name", &dial.name);
        write("service", &admission.service);
        write("caller-id", &admission.caller_id);
        write("address", &admission.remote.to_string());
        write("session-id", &session_id);
        write("limit-bytes-in", &limits.0.to_string());
        write("limit-bytes-out", &limits.1.to_string());
        if let Some(encoding) = encoding(&admission.service) {
            write("encoding", encoding);
        }
        if let Some(comment) = comment {
            write("comment", &comment);
        }
        self.tables[TableId::Active].push(active, row);
        if let Some(ends) = self.session_timeout(admission.profile) {
            self.events
                .insert((now + ends, Event::Timeout(active, session_id)));
        }
        self.truth.entry(dial.name.clone()).or_default();
        self.sessions.insert(
            active,
            Session {
                name: dial.name.clone(),
                address: admission.remote,
                since: now,
                interface,
                demand: (0, 0),
                carried: (0, 0),
                remainder: (0, 0),
                caller_id: admission.caller_id,
                owns_interface,
                queue,
                address_row,
                pool_row,
                limits,
            },
        );
        active
    }

    /// The static binding of the account if it is free, else a dynamic interface `<l2tp-name>`.
    fn open_interface(&mut self, name: &str, admission: &Admission) -> (Id, bool) {
        let kind = format!("{}-in", admission.service);
        let mtu = if matches!(admission.service.as_str(), "pppoe") {
            "1480"
        } else {
            "1450"
        };
        let since = clock::timestamp(self.options.version, self.clock.wall(self.settled_at));
        let interfaces = &self.tables[TableId::Interface];
        let bound = interfaces.ids().into_iter().find(|id| {
            self.sessions.on(*id).is_none()
                && interfaces.text(*id, "type") == Some(kind.as_str())
                && interfaces.text(*id, "user") == Some(name)
                && interfaces.text(*id, "disabled") != Some("true")
                && interfaces.row(*id).is_some_and(|row| !row.dynamic)
        });
        let live = [
            ("client-address", admission.caller_id.as_str()),
            ("actual-mtu", mtu),
            ("mru", mtu),
            ("last-link-up-time", since.as_str()),
            ("encoding", encoding(&admission.service).unwrap_or_default()),
        ];
        if let Some(id) = bound {
            for (column, text) in live {
                self.write_text(TableId::Interface, id, column, text);
            }
            if !self.options.binding_keeps_counters
                && let Some(row) = self.tables[TableId::Interface].row_mut(id)
            {
                row.counters = crate::tables::Counters::default();
            }
            return (id, false);
        }
        let mut row = Row::new(TableId::Interface, true);
        let mut write = |column: &str, text: &str| put(TableId::Interface, &mut row, column, text);
        write("name", &self.free_interface_name(&admission.service, name));
        write("type", &kind);
        write("mtu", mtu);
        write("user", name);
        write("disabled", "false");
        write("link-downs", "0");
        for (column, text) in live {
            write(column, text);
        }
        // dynamic interfaces were captured with ids from *F00000 up
        let id = Id(self.next_dynamic_interface);
        self.next_dynamic_interface += 1;
        self.tables[TableId::Interface].push(id, row);
        (id, true)
    }

    /// `<l2tp-ann>`, and `<l2tp-ann-1>` for a second session.
    fn free_interface_name(&self, service: &str, name: &str) -> String {
        let first = format!("<{service}-{name}>");
        let others = (1..).map(|number: u32| format!("<{service}-{name}-{number}>"));
        let taken = |name: &String| self.tables[TableId::Interface].find(name).is_some();
        std::iter::once(first.clone())
            .chain(others)
            .find(|name| !taken(name))
            .unwrap_or(first)
    }

    fn close_interface(&mut self, session: &Session) {
        let id = session.interface;
        if session.owns_interface {
            let name = self
                .tables
                .name(TableId::Interface, id)
                .unwrap_or_default()
                .to_owned();
            self.tables[TableId::Interface].remove(id);
            self.interface_is_gone(&name, id);
            return;
        }
        let down = clock::timestamp(self.options.version, self.clock.wall(self.settled_at));
        let downs: u64 = self.tables[TableId::Interface]
            .text(id, "link-downs")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        self.write_text(TableId::Interface, id, "last-link-down-time", &down);
        self.write_text(
            TableId::Interface,
            id,
            "link-downs",
            &(downs + 1).to_string(),
        );
        for column in ["client-address", "encoding", "actual-mtu", "mru"] {
            if let Some(column) = TableId::Interface.column(column) {
                self.tables[TableId::Interface].write(id, column, None);
            }
        }
    }

    /// A queue on a vanished interface points to nothing; a new interface of that name is another one.
    pub fn interface_is_gone(&mut self, name: &str, id: Id) {
        for queue in self.queues.on_interface(name) {
            let old = self.tables[TableId::Queue]
                .text(queue, "target")
                .unwrap_or_default();
            let new: Vec<String> = old
                .split(',')
                .map(|part| {
                    if part == name {
                        id.to_string()
                    } else {
                        part.to_owned()
                    }
                })
                .collect();
            self.write_text(TableId::Queue, queue, "target", &new.join(","));
            self.queues.refresh(&self.tables, queue);
        }
    }

    fn open_address(&mut self, admission: &Admission, interface: Id) -> Id {
        let local = admission
            .local
            .or_else(|| self.own_address())
            .unwrap_or(Ipv4Addr::UNSPECIFIED);
        let mut row = Row::new(TableId::Address, true);
        put(
            TableId::Address,
            &mut row,
            "address",
            &format!("{local}/32"),
        );
        put(
            TableId::Address,
            &mut row,
            "network",
            &admission.remote.to_string(),
        );
        put(TableId::Address, &mut row, "disabled", "false");
        if let Some(column) = TableId::Address.column("interface") {
            row.cells[column] = Some(Cell::Row(TableId::Interface, interface));
        }
        let id = self.tables[TableId::Address].next_id();
        self.tables[TableId::Address].push(id, row);
        id
    }

    /// The router's first static address: an unnumbered link borrows it.
    fn own_address(&self) -> Option<Ipv4Addr> {
        let column = TableId::Address.column("address")?;
        let mut rows = self.tables[TableId::Address].iter();
        let (_, row) = rows.find(|(_, row)| !row.dynamic)?;
        row.text(column)?.split('/').next()?.parse().ok()
    }

    fn open_pool_row(&mut self, name: &str, admission: &Admission, pool: Id) -> Id {
        let mut row = Row::new(TableId::PoolUsed, true);
        put(
            TableId::PoolUsed,
            &mut row,
            "address",
            &admission.remote.to_string(),
        );
        put(TableId::PoolUsed, &mut row, "owner", &admission.service);
        put(TableId::PoolUsed, &mut row, "info", name);
        if let Some(column) = TableId::PoolUsed.column("pool") {
            row.cells[column] = Some(Cell::Row(TableId::Pool, pool));
        }
        let id = self.tables[TableId::PoolUsed].next_id();
        self.tables[TableId::PoolUsed].push(id, row);
        id
    }

    /// The dynamic queue of a profile with `rate-limit`.
    fn open_queue(&mut self, interface: &str, profile: Id) -> Option<Id> {
        let limit = RateLimit::parse(self.tables[TableId::Profile].text(profile, "rate-limit")?)?;
        let table = TableId::Queue;
        let mut row = Row::new(table, true);
        for (index, field) in table.columns().iter().enumerate() {
            row.cells[index] = field.default.map(|text| Cell::Text(text.into()));
        }
        let pair = |(upload, download): (u64, u64)| format!("{upload}/{download}");
        put(table, &mut row, "name", interface);
        put(table, &mut row, "target", interface);
        put(table, &mut row, "max-limit", &pair(limit.max_limit));
        put(table, &mut row, "burst-limit", &pair(limit.burst_limit));
        put(
            table,
            &mut row,
            "burst-threshold",
            &pair(limit.burst_threshold),
        );
        put(
            table,
            &mut row,
            "burst-time",
            &format!("{}s/{}s", limit.burst_time.0, limit.burst_time.1),
        );
        put(table, &mut row, "limit-at", &pair(limit.limit_at));
        put(
            table,
            &mut row,
            "priority",
            &pair((limit.priority, limit.priority)),
        );
        if let (Some(Cell::Row(kind, id)), Some(column)) = (
            self.cell(TableId::Profile, profile, "parent-queue"),
            table.column("parent"),
        ) {
            row.cells[column] = Some(Cell::Row(kind, id));
        }
        let position = self.cell(TableId::Profile, profile, "insert-queue-before");
        let id = self.tables[table].next_id();
        self.tables[table].push(id, row);
        let before = match position {
            Some(Cell::Row(_, before)) => Some(before),
            Some(Cell::Text(word)) if &*word == "bottom" => None,
            // dynamic queues stand above the static ones unless told otherwise
            _ => self.tables[table].ids().first().copied(),
        };
        if before.is_some_and(|before| before != id) && self.tables[table].place(id, before) {
            self.queues.rebuild(&self.tables);
        }
        self.queues.refresh(&self.tables, id);
        Some(id)
    }

    fn session_timeout(&self, profile: Id) -> Option<Micros> {
        let seconds = crate::duration::parse(
            self.tables[TableId::Profile].text(profile, "session-timeout")?,
        )?;
        (seconds > 0).then(|| seconds.saturating_mul(1_000_000))
    }

    fn remember_last(&mut self, session: &Session, reason: Reason) {
        let Some(secret) = self.tables[TableId::Secret].find(&session.name) else {
            return;
        };
        let when = clock::timestamp(self.options.version, self.clock.wall(self.settled_at));
        self.write_text(TableId::Secret, secret, "last-logged-out", &when);
        self.write_text(
            TableId::Secret,
            secret,
            "last-caller-id",
            &session.caller_id,
        );
        self.write_text(
            TableId::Secret,
            secret,
            "last-disconnect-reason",
            reason.word(),
        );
    }
}

/// Writes a text into a row that is not in a table yet.
pub fn put(table: TableId, row: &mut Row, column: &str, text: &str) {
    if let Some(index) = table.column(column) {
        row.cells[index] = Some(Cell::Text(text.into()));
    }
}

fn encoding(service: &str) -> Option<&'static str> {
    match service {
        "l2tp" | "pptp" => Some("MPPE128 stateless"),
        "ovpn" => Some("AES-256-CBC/SHA256"),
        "sstp" => Some("AES256-GCM-SHA384"),
        _ => None,
    }
}

/// A caller the test did not care to name: an address, or a MAC in capitals for PPPoE.
fn made_up_caller(service: &str, secret: Id) -> String {
    let number = secret.0 % 65_536;
    let (high, low) = (number / 256, number % 256);
    if service == "pppoe" {
        format!("02:00:00:00:{high:02X}:{low:02X}")
    } else {
        format!("198.18.{high}.{low}")
    }
}

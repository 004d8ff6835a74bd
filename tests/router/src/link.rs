//! What a session makes in other menus (interface, address, queue, pool) and what its end takes away.

use std::net::Ipv4Addr;

use crate::admission::Admission;
use crate::clock::{self, Micros};
use crate::options::DynamicQueues;
use crate::rate_limit::RateLimit;
use crate::session::{Dial, Reason, Session};
use crate::state::{Event, State};
use crate::tables::{Cell, Counters, Id, Row, TableId, put};

impl State {
    /// Opens an admitted session. Gives the id of its row in `/ppp/active`.
    pub fn open(&mut self, dial: &Dial, admission: Admission) -> Id {
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
        let session_id = self.sessions.next_number();
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
        let bound = interfaces.of_user(name).find(|id| {
            self.sessions.on(*id).is_none()
                && interfaces.text(*id, "type") == Some(kind.as_str())
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
                row.counters = Counters::default();
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

    /// Takes the session's interface away, or leaves a static binding not running.
    pub fn close_interface(&mut self, session: &Session) {
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
            None if self.options.dynamic_queues == DynamicQueues::Last => None,
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

    /// Fills the `last-…` properties of the secret, if it is still there.
    pub fn remember_last(&mut self, session: &Session, reason: Reason) {
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

fn encoding(service: &str) -> Option<&'static str> {
    match service {
        "l2tp" | "pptp" => Some("MPPE128 stateless"),
        "ovpn" => Some("AES-256-CBC/SHA256"),
        "sstp" => Some("AES256-GCM-SHA384"),
        _ => None,
    }
}

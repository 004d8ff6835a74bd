//! Connections to the router's own services: who is let in, and the rows `/ip/service` has for them.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use crate::router::Router;
use crate::state::State;
use crate::tables::{Id, Row, TableId, put};

/// Ids of dynamic rows lie far from those of the services.
const FIRST_ROW: u64 = 0x8000_0000;

/// Connections that are open, by number, with the names of their services.
#[derive(Debug, Default)]
pub struct Guests {
    open: BTreeMap<u64, String>,
    last: u64,
}

/// A connection for as long as it is open.
#[derive(Debug)]
pub struct Guest {
    router: Router,
    number: u64,
}

impl Guest {
    /// Lets a connection in; `None` = it is closed without a word.
    pub fn enter(
        router: &Router,
        service: &str,
        local: SocketAddr,
        peer: SocketAddr,
    ) -> Option<Self> {
        let number = router.with(|state| {
            state
                .admits_guest(service, peer.ip())
                .then(|| state.enter(service, local, peer))
        })?;
        Some(Self {
            router: router.clone(),
            number,
        })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.router.with(|state| state.leave(self.number));
    }
}

impl State {
    /// A disabled service, one that does not list the source and, with the option, one that has all the
    /// connections it takes (`max-sessions`, 7.16 and later) let nobody in.
    fn admits_guest(&self, service: &str, source: IpAddr) -> bool {
        let services = &self.tables[TableId::Service];
        let Some(id) = services.find(service) else {
            return true;
        };
        let text = |column: &str| services.text(id, column).unwrap_or_default();
        let inside = text("address")
            .split(',')
            .filter_map(crate::value::prefix)
            .any(|net| net.contains(&source));
        let open = self.guests.open.values();
        let most = text("max-sessions").parse().unwrap_or(usize::MAX);
        let full = self.options.max_sessions_enforced
            && self.options.version.at_least(7, 16)
            && open.filter(|name| *name == service).count() >= most;
        text("disabled") != "true" && (text("address").is_empty() || inside) && !full
    }

    fn enter(&mut self, service: &str, local: SocketAddr, peer: SocketAddr) -> u64 {
        self.guests.last += 1;
        let number = self.guests.last;
        self.guests.open.insert(number, service.to_owned());
        if self.options.version.lists_connections() {
            self.list(number, service, local, peer);
        }
        number
    }

    /// The keys are known (lab report of two CHR 7.23.7), the form of the addresses is not.
    fn list(&mut self, number: u64, service: &str, local: SocketAddr, peer: SocketAddr) {
        let table = TableId::Service;
        let mut row = Row::new(table, true);
        for (column, text) in [
            ("name", service),
            ("port", &local.port().to_string()),
            ("proto", "tcp"),
            ("local", &local.ip().to_string()),
            ("remote", &peer.to_string()),
            ("connection", "true"),
            ("disabled", "false"),
        ] {
            put(table, &mut row, column, text);
        }
        self.tables[table].push(Id(FIRST_ROW + number), row);
    }

    fn leave(&mut self, number: u64) {
        if self.guests.open.remove(&number).is_some() {
            self.tables[TableId::Service].remove(Id(FIRST_ROW + number));
        }
    }

    /// A power cycle ends them all.
    pub fn forget_guests(&mut self) {
        for number in std::mem::take(&mut self.guests.open).into_keys() {
            self.tables[TableId::Service].remove(Id(FIRST_ROW + number));
        }
    }
}

//! The whole router: its rows, sessions and clock; and its first configuration.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::clock::{self, Clock, Micros};
use crate::engine::Caller;
use crate::flow::Traffic;
use crate::guests::Guests;
use crate::menus::Catalogue;
use crate::options::Options;
use crate::queue_index::QueueIndex;
use crate::session::{Dialer, Reason, Sessions};
use crate::tables::{Cell, Counters, Id, Row, TableId, Tables};
use crate::value;

/// Something that happens at a moment of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A thrown-out client dials again.
    Redial(String),
    /// A session reaches its profile's `session-timeout`.
    Timeout(Id, String),
}

/// For a short time after a boot lists are empty and single objects come as an empty list, while
/// `/system/resource` answers already (lab report of tikoci/quickchr, CHR 7.21.5 and 7.22.1).
#[derive(Debug)]
pub struct BootGap {
    ends: Micros,
    menus: Vec<String>,
}

impl BootGap {
    /// Whether a menu is one of those named; without names all are but `/system/resource`.
    fn covers(&self, menu: &str) -> bool {
        if self.menus.is_empty() {
            menu != "/system/resource"
        } else {
            self.menus.iter().any(|named| named == menu)
        }
    }
}

/// The router.
#[derive(Debug)]
pub struct State {
    /// How it behaves.
    pub options: Options,
    /// The menus of its version.
    pub catalogue: Arc<Catalogue>,
    /// Its time.
    pub clock: Clock,
    /// Its rows.
    pub tables: Tables,
    /// Live sessions.
    pub sessions: Sessions,
    /// Which queue counts which address.
    pub queues: QueueIndex,
    /// Bytes really carried, by account name, since the first session of that name.
    pub truth: HashMap<String, Traffic>,
    /// Clients that dial again.
    pub dialers: HashMap<String, Dialer>,
    /// What happens by itself, in time order.
    pub events: BTreeSet<(Micros, Event)>,
    /// Up to where sessions and counters are settled.
    pub settled_at: Micros,
    /// When it was last started.
    pub booted_at: Micros,
    /// Connections to its services.
    pub guests: Guests,
    /// What it does not know yet since then.
    pub gap: Option<BootGap>,
    pub(crate) next_dynamic_interface: u64,
    pub(crate) measured: Vec<Id>,
}

/// First id of dynamic interfaces, as captured.
const DYNAMIC_INTERFACES: u64 = 0x00F0_0000;

impl State {
    /// A router in its first configuration.
    pub fn new(options: Options) -> Self {
        let mut state = Self {
            catalogue: Catalogue::shared(options.version),
            clock: Clock::new(options.clock, options.wall_at_start),
            tables: Tables::new(),
            sessions: Sessions::default(),
            queues: QueueIndex::default(),
            truth: HashMap::new(),
            dialers: HashMap::new(),
            events: BTreeSet::new(),
            settled_at: 0,
            booted_at: 0,
            guests: Guests::default(),
            gap: None,
            next_dynamic_interface: DYNAMIC_INTERFACES,
            measured: Vec::new(),
            options,
        };
        state.configure();
        state
    }

    /// A power cycle: uptime and counters at 0, sessions and dynamic rows gone, configuration kept.
    pub fn reboot(&mut self) {
        self.settle();
        for id in self.sessions.ids() {
            self.end_session(id, Reason::Reboot);
        }
        for table in [TableId::Interface, TableId::Queue, TableId::Filter] {
            for row in self.tables[table].rows_mut() {
                row.counters = Counters::default();
            }
        }
        for table in [TableId::UserActive, TableId::Active, TableId::Log] {
            for id in self.tables[table].ids() {
                self.tables[table].remove(id);
            }
        }
        self.sessions = Sessions::default();
        self.next_dynamic_interface = DYNAMIC_INTERFACES;
        self.booted_at = self.settled_at;
        self.gap = None;
        self.forget_guests();
    }

    /// A power cycle after which menus answer before they know their rows.
    pub fn reboot_with_gap(&mut self, lasts: Micros, menus: &[String]) {
        self.reboot();
        self.gap = Some(BootGap {
            ends: self.booted_at.saturating_add(lasts),
            menus: menus.to_vec(),
        });
    }

    /// Whether a menu's rows are not there yet for a caller. The console itself, the eye of a test, sees them.
    pub fn is_in_boot_gap(&self, caller: &Caller, menu: &str) -> bool {
        caller.source.is_some()
            && self
                .gap
                .as_ref()
                .is_some_and(|gap| self.settled_at < gap.ends && gap.covers(menu))
    }

    /// All counters of queues and interfaces to 0.
    pub fn reset_all_counters(&mut self) {
        self.settle();
        for table in [TableId::Interface, TableId::Queue] {
            for row in self.tables[table].rows_mut() {
                let rate = (row.counters.upload_rate, row.counters.download_rate);
                row.counters = Counters {
                    upload_rate: rate.0,
                    download_rate: rate.1,
                    ..Counters::default()
                };
            }
        }
    }

    /// A stored value.
    pub fn cell(&self, table: TableId, id: Id, column: &str) -> Option<Cell> {
        self.tables[table].row(id)?.cells[table.column(column)?].clone()
    }

    /// The id a reference points to, whether or not it is still there.
    pub fn reference(&self, table: TableId, id: Id, column: &str) -> Option<Id> {
        match self.cell(table, id, column)? {
            Cell::Row(_, target) => Some(target),
            Cell::Text(_) => None,
        }
    }

    /// Writes a text the router itself made.
    pub fn write_text(&mut self, table: TableId, id: Id, column: &str, text: &str) {
        if let Some(column) = table.column(column) {
            self.tables[table].write(id, column, Some(Cell::Text(text.into())));
        }
    }

    /// What reading a value may look at.
    pub fn context(&self) -> value::Context<'_> {
        value::Context {
            tables: &self.tables,
            version: self.options.version,
            empty_unsets: self.options.empty_unsets,
        }
    }

    /// A row with the values of creation.
    pub fn fresh_row(&self, table: TableId) -> Row {
        let mut row = Row::new(table, false);
        for (index, field) in table.columns().iter().enumerate() {
            if let Some(text) = field.default {
                let empty = text.is_empty().then(|| Cell::Text("".into()));
                row.cells[index] =
                    empty.or_else(|| value::parse(field, text, self.context()).ok().flatten());
            }
        }
        row
    }

    /// Adds a row the router comes with.
    pub fn install(&mut self, table: TableId, id: Id, texts: &[(&str, &str)]) {
        let mut row = self.fresh_row(table);
        for (column, text) in texts {
            let parsed = table.column(column).and_then(|index| {
                let field = &table.columns()[index];
                if field.is_writable() {
                    value::parse(field, text, self.context()).ok().flatten()
                } else {
                    Some(Cell::Text((*text).into()))
                }
            });
            if let (Some(index), Some(cell)) = (table.column(column), parsed) {
                row.cells[index] = Some(cell);
            }
        }
        self.tables[table].push(id, row);
    }

    /// A TLS front was started: `/certificate` and `/ip/service` show its certificate.
    pub fn use_certificate(&mut self, identity: &crate::server::Identity, services: &[&str]) {
        const DAYS: i64 = 3_650;
        let id = self.tables[TableId::Certificate].next_id();
        let name = "www-cert";
        let (since, version) = (self.clock.wall(0), self.options.version);
        let until = since + chrono::TimeDelta::days(DAYS);
        self.install(
            TableId::Certificate,
            id,
            &[
                ("name", name),
                ("common-name", "router-sim"),
                ("key-type", "ec"),
                ("key-size", "prime256v1"),
                ("digest-algorithm", "sha256"),
                ("days-valid", &DAYS.to_string()),
                ("key-usage", "digital-signature,key-encipherment,tls-server"),
                ("trusted", "true"),
                ("fingerprint", &identity.fingerprint),
                ("serial-number", "21B9F571B54195D3"),
                ("akid", ""),
                ("skid", ""),
                ("private-key", "true"),
                ("authority", "false"),
                ("crl", "false"),
                ("smart-card-key", "false"),
                ("invalid-before", &clock::timestamp(version, since)),
                ("invalid-after", &clock::timestamp(version, until)),
                ("expires-after", "519w4d15h28m25s"),
            ],
        );
        for service in services {
            self.show_certificate(service, id);
        }
    }

    fn show_certificate(&mut self, service: &str, certificate: Id) {
        let Some(service) = self.tables[TableId::Service].find(service) else {
            return;
        };
        self.write_text(TableId::Service, service, "disabled", "false");
        if let Some(column) = TableId::Service.column("certificate") {
            self.tables[TableId::Service].write(
                service,
                column,
                Some(Cell::Row(TableId::Certificate, certificate)),
            );
        }
    }
}

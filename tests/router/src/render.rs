//! What a reply says of one property of one row.

use std::borrow::Cow;

use crate::clock;
use crate::duration;
use crate::engine::Caller;
use crate::field::Access;
use crate::log;
use crate::menus::VersionMenu;
use crate::options::Masking;
use crate::range;
use crate::record::Value;
use crate::state::State;
use crate::tables::{Cell, Id, Row, TableId};

/// Five asterisks stand for a secret the reader may not see.
const MASK: &str = "*****";

/// The value of a property; `None` = the key is absent.
pub fn value(
    state: &State,
    caller: &Caller,
    menu: &VersionMenu,
    id: Id,
    row: &Row,
    column: usize,
) -> Option<Value> {
    let table = menu.menu.table;
    let field = &table.columns()[column];
    match field.access {
        Access::Hidden => return None,
        Access::Computed => return computed(state, table, id, row, field.name),
        Access::Secret if is_masked(state, caller) => return Some(Value::from(MASK)),
        Access::Secret | Access::Open | Access::ReadOnly => {}
    }
    if field.name == "comment"
        && let Some(raw) = &row.raw_comment
    {
        return Some(Value::Raw(raw.to_vec()));
    }
    if table == TableId::Clock && matches!(field.name, "date" | "time") {
        return Some(wall(state, field.name));
    }
    if table == TableId::Log && field.name == "time" {
        return Some(log::shown_time(state, row.text(column)?));
    }
    match row.cells[column].as_ref()? {
        Cell::Text(text) if &**text == "false" => Some(Value::from("false")),
        Cell::Text(text) => Some(Value::Text(Cow::Owned(text.to_string()))),
        // a dangling reference reads as the raw id of what it named
        Cell::Row(table, target) => Some(Value::from(
            state
                .tables
                .name(*table, *target)
                .map_or_else(|| target.to_string(), str::to_owned),
        )),
    }
}

fn is_masked(state: &State, caller: &Caller) -> bool {
    state.options.masking == Masking::Always || !caller.policies.allows("sensitive")
}

fn wall(state: &State, part: &str) -> Value {
    let now = state.clock.wall(state.settled_at);
    if part == "date" {
        Value::from(clock::date(state.options.version, now))
    } else {
        Value::from(now.format("%H:%M:%S").to_string())
    }
}

fn computed(state: &State, table: TableId, id: Id, row: &Row, name: &str) -> Option<Value> {
    match table {
        TableId::Queue => queue(state, row, name),
        TableId::Interface => interface(state, id, row, name),
        TableId::Active => {
            let since = state
                .sessions
                .by_id(id)
                .map_or(state.settled_at, |session| session.since);
            Some(uptime(state, since))
        }
        TableId::Pool => pool(state, row, name),
        TableId::Resource => Some(match name {
            "uptime" => uptime(state, state.booted_at),
            _ => Value::from(state.options.version.describe()),
        }),
        TableId::Address if name == "actual-interface" => {
            let column = TableId::Address.column("interface")?;
            match row.cells[column].as_ref()? {
                Cell::Row(table, target) => {
                    Some(Value::from(state.tables.name(*table, *target)?.to_owned()))
                }
                Cell::Text(_) => None,
            }
        }
        TableId::Address if name == "invalid" => {
            let interface = TableId::Address
                .column("interface")
                .and_then(|column| row.cells[column].as_ref());
            let dangles = matches!(interface, Some(Cell::Row(table, target)) if state.tables[*table].row(*target).is_none());
            Some(Value::from(dangles))
        }
        TableId::Filter if matches!(name, "bytes" | "packets") => Some(Value::from("0")),
        _ if name == "dynamic" => Some(Value::from(row.dynamic)),
        _ => Some(Value::from("false")),
    }
}

fn uptime(state: &State, since: clock::Micros) -> Value {
    Value::from(duration::format(
        state.settled_at.saturating_sub(since) / 1_000_000,
    ))
}

fn queue(state: &State, row: &Row, name: &str) -> Option<Value> {
    let counters = &row.counters;
    let pair = |upload: u64, download: u64| match (upload, download) {
        (0, 0) => Value::from("0/0"),
        _ => Value::from(format!("{upload}/{download}")),
    };
    Some(match name {
        "bytes" => pair(counters.upload, counters.download),
        "packets" => pair(counters.upload_packets, counters.download_packets),
        "rate" => pair(counters.upload_rate, counters.download_rate),
        "packet-rate" => pair(
            counters.upload_rate / 11_200,
            counters.download_rate / 11_200,
        ),
        "dropped" | "queued-bytes" | "queued-packets" => Value::from("0/0"),
        // measured only with a total queue; the capture shows zeros beside the pairs
        name if name.starts_with("total-") => Value::from("0"),
        "invalid" => {
            let parent = TableId::Queue
                .column("parent")
                .and_then(|column| row.cells[column].as_ref());
            let orphan = matches!(parent, Some(Cell::Row(table, id)) if state.tables[*table].row(*id).is_none());
            let target = TableId::Queue
                .column("target")
                .and_then(|column| row.text(column))
                .unwrap_or_default();
            Value::from(orphan || target.starts_with('*'))
        }
        "dynamic" => Value::from(row.dynamic),
        _ => return None,
    })
}

fn interface(state: &State, id: Id, row: &Row, name: &str) -> Option<Value> {
    let counters = &row.counters;
    // rx = what the router receives = the customer's upload
    let (rx, tx) = (counters.upload, counters.download);
    let (rx_packets, tx_packets) = (counters.upload_packets, counters.download_packets);
    let session = state.sessions.on(id);
    Some(match name {
        "rx-byte" | "fp-rx-byte" => Value::from(rx),
        "tx-byte" => Value::from(tx),
        "rx-packet" | "fp-rx-packet" => Value::from(rx_packets),
        "tx-packet" => Value::from(tx_packets),
        "uptime" => return session.map(|session| uptime(state, session.since)),
        "running" => {
            let disabled = TableId::Interface
                .column("disabled")
                .and_then(|column| row.text(column))
                == Some("true");
            let kind = TableId::Interface
                .column("type")
                .and_then(|column| row.text(column));
            let stands = matches!(kind, Some("ether" | "loopback"));
            Value::from(!disabled && (stands || session.is_some()))
        }
        // a flag only sessions' interfaces carry: a static one has no such key
        "dynamic" => return row.dynamic.then(|| Value::from(true)),
        _ => Value::from("0"),
    })
}

fn pool(state: &State, row: &Row, name: &str) -> Option<Value> {
    let ranges = range::parse(row.text(TableId::Pool.column("ranges")?)?)?;
    let (total, used) = (range::size(&ranges), state.sessions.used_of(&ranges));
    Some(Value::from(match name {
        "total" => total,
        "used" => used,
        _ => total.saturating_sub(used),
    }))
}

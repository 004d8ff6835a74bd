//! `add`.

use std::net::Ipv4Addr;

use super::{items, limits};
use crate::clock;
use crate::engine::{Command, Reply};
use crate::menus::{Menu, VersionMenu};
use crate::state::State;
use crate::tables::put;
use crate::tables::{Cell, Id, Row, TableId};
use crate::trap::Trap;
use crate::value;

/// Arguments that are not properties.
const NOT_PROPERTIES: [&str; 5] = ["copy-from", "place-before", "numbers", "number", ".id"];

/// Makes a row and gives its id.
pub fn add(state: &mut State, command: &Command) -> Result<Reply, Trap> {
    let menu = state
        .catalogue
        .menu(&command.menu)
        .ok_or_else(Trap::no_such_command)?;
    let definition = menu.menu;
    let table = definition.table;
    if table == TableId::UserActive {
        return Err(Trap::failure("action failed (6)"));
    }
    if let Some(name) = definition
        .mandatory
        .iter()
        .find(|name| command.argument(name).is_none())
    {
        return Err(Trap::missing(name));
    }
    let mut row = state.fresh_row(table);
    if let Some(source) = command.argument("copy-from") {
        copy(state, menu, source, &mut row)?;
    }
    let before = command
        .argument("place-before")
        .map(|item| items::one(state, menu, item))
        .transpose()?;
    for (key, text) in &command.arguments {
        if NOT_PROPERTIES.contains(&key.as_str()) {
            continue;
        }
        let unset = key.strip_prefix('!');
        let column = table
            .column(unset.unwrap_or(key))
            .ok_or_else(|| Trap::unknown_parameter(key))?;
        row.cells[column] = match unset {
            Some(_) => None,
            None => value::parse(&table.columns()[column], text, state.context())?,
        };
    }
    complete(state, &definition, &mut row)?;
    refuse_duplicate(state, &definition, &row, None)?;
    limits::check(table, &row)?;

    let id = state.tables[table].next_id();
    state.tables[table].push(id, row);
    if let Some(before) = before
        && state.tables[table].place(id, Some(before))
    {
        state.queues.rebuild(&state.tables);
    }
    if table == TableId::Queue {
        state.queues.refresh(&state.tables, id);
    }
    Ok(Reply::Value(id.to_string()))
}

/// Refuses a name another row has; `except` is the row that is being renamed.
pub fn refuse_duplicate(
    state: &State,
    menu: &Menu,
    row: &Row,
    except: Option<Id>,
) -> Result<(), Trap> {
    let table = menu.table;
    if table == TableId::AddressList {
        return refuse_listed(state, menu, row, except);
    }
    let key = if table == TableId::Address {
        "address"
    } else {
        "name"
    };
    let Some(text) = table.column(key).and_then(|column| row.text(column)) else {
        return Ok(());
    };
    let taken = if table == TableId::Address {
        state.tables[table].ids().into_iter().find(|id| {
            Some(*id) != except
                && state.tables[table].text(*id, "address") == Some(text)
                && !state.tables[table].row(*id).is_some_and(|row| row.dynamic)
                && state.reference(table, *id, "interface") == reference_of(row)
        })
    } else if state.options.names_ignore_case {
        let rows = &state.tables[table];
        let is_same = |name: &str| name.eq_ignore_ascii_case(text);
        let is_twin = |id: &Id| Some(*id) != except && rows.text(*id, key).is_some_and(is_same);
        rows.ids().into_iter().find(is_twin)
    } else {
        state.tables[table].find(text)
    };
    if taken.is_some() && taken != except {
        Err(Trap::failure(menu.duplicate))
    } else {
        Ok(())
    }
}

/// A list holds an address once; it may be in several lists.
fn refuse_listed(state: &State, menu: &Menu, row: &Row, except: Option<Id>) -> Result<(), Trap> {
    let rows = &state.tables[menu.table];
    let same = |id: Id, name: &str| {
        menu.table.column(name).and_then(|column| row.text(column)) == rows.text(id, name)
    };
    let is_taken = |id: &Id| Some(*id) != except && same(*id, "list") && same(*id, "address");
    if rows.ids().iter().any(is_taken) {
        Err(Trap::failure(menu.duplicate))
    } else {
        Ok(())
    }
}

fn reference_of(row: &Row) -> Option<Id> {
    match row
        .cells
        .get(TableId::Address.column("interface")?)?
        .as_ref()?
    {
        Cell::Row(_, id) => Some(*id),
        Cell::Text(_) => None,
    }
}

fn copy(state: &State, menu: &VersionMenu, source: &str, row: &mut Row) -> Result<(), Trap> {
    let table = menu.menu.table;
    let id = items::one(state, menu, source)?;
    let original = state.tables[table].row(id).ok_or_else(Trap::no_such_item)?;
    for (index, field) in table.columns().iter().enumerate() {
        if field.is_writable() && field.name != "name" {
            row.cells[index].clone_from(&original.cells[index]);
        }
    }
    Ok(())
}

/// What the router fills in itself.
fn complete(state: &State, menu: &Menu, row: &mut Row) -> Result<(), Trap> {
    let table = menu.table;
    let has_name = table
        .column("name")
        .is_some_and(|column| row.text(column).is_some());
    if let Some(start) = menu.made_up_name.filter(|_| !has_name) {
        put(table, row, "name", &made_up(state, table, start));
    }
    match table {
        TableId::Secret => {
            let epoch = clock::timestamp(state.options.version, chrono::DateTime::UNIX_EPOCH);
            put(table, row, "last-logged-out", &epoch);
            put(table, row, "last-caller-id", "");
            put(table, row, "last-disconnect-reason", "");
        }
        TableId::Profile => put(table, row, "default", "false"),
        TableId::Interface => {
            put(table, row, "type", menu.interface_type.unwrap_or_default());
            put(table, row, "mtu", "1450");
            put(table, row, "link-downs", "0");
        }
        TableId::Address => complete_address(row)?,
        _ => {}
    }
    Ok(())
}

fn made_up(state: &State, table: TableId, start: &str) -> String {
    let free = (1..u32::MAX)
        .map(|number| format!("{start}{number}"))
        .find(|name| state.tables[table].find(name).is_none());
    free.unwrap_or_default()
}

/// The network of an address is worked out unless given.
fn complete_address(row: &mut Row) -> Result<(), Trap> {
    let table = TableId::Address;
    let text = |name: &str| table.column(name).and_then(|column| row.text(column));
    if text("network").is_some() {
        return Ok(());
    }
    let net: ipnet::Ipv4Net = text("address")
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Trap::invalid_value("address"))?;
    let network: Ipv4Addr = net.network();
    put(table, row, "network", &network.to_string());
    Ok(())
}

//! `set`, `comment`, `enable`, `disable`, `unset`.

use super::add::refuse_duplicate;
use super::{items, limits};
use crate::engine::{Command, Reply};
use crate::field::Kind;
use crate::menus::VersionMenu;
use crate::policy::PolicySet;
use crate::session::Reason;
use crate::state::State;
use crate::tables::{Cell, Counters, Id, Row, TableId};
use crate::trap::Trap;
use crate::value;

/// A column and its new text; `None` = unset, the key vanishes.
type Change = (usize, Option<String>);

/// Changes properties. Nothing is changed if one value or one item is refused.
pub fn set(state: &mut State, command: &Command) -> Result<Reply, Trap> {
    let menu = state
        .catalogue
        .menu(&command.menu)
        .ok_or_else(Trap::no_such_command)?;
    let ids = items::named(state, menu, command)?;
    let mut changes: Vec<Change> = Vec::new();
    let table = menu.menu.table;
    for (key, text) in &command.arguments {
        if matches!(key.as_str(), ".id" | "numbers") {
            continue;
        }
        let unset = key.strip_prefix('!');
        let column = table
            .column(unset.unwrap_or(key))
            .ok_or_else(|| Trap::unknown_parameter(key))?;
        changes.push((column, unset.is_none().then(|| text.clone())));
    }
    apply(state, &command.menu, &ids, &changes)
}

/// Enables or disables rows.
pub fn switch(state: &mut State, command: &Command, enabled: bool) -> Result<Reply, Trap> {
    let menu = state
        .catalogue
        .menu(&command.menu)
        .ok_or_else(Trap::no_such_command)?;
    let ids = items::named(state, menu, command)?;
    let column = menu
        .menu
        .table
        .column("disabled")
        .ok_or_else(Trap::no_such_command)?;
    let text = if enabled { "false" } else { "true" };
    apply(
        state,
        &command.menu,
        &ids,
        &[(column, Some(text.to_owned()))],
    )
}

/// Makes a property absent again; only what is absent from the start can be.
pub fn unset(state: &mut State, command: &Command) -> Result<Reply, Trap> {
    let menu = state
        .catalogue
        .menu(&command.menu)
        .ok_or_else(Trap::no_such_command)?;
    let ids = items::named(state, menu, command)?;
    let table = menu.menu.table;
    let name = command
        .argument("value-name")
        .ok_or_else(|| Trap::missing("value-name"))?;
    let column = table
        .column(name)
        .filter(|_| menu.can_unset(name))
        .ok_or_else(|| Trap::no_match("value-name"))?;
    apply(state, &command.menu, &ids, &[(column, None)])
}

fn apply(state: &mut State, path: &str, ids: &[Id], changes: &[Change]) -> Result<Reply, Trap> {
    let menu = state
        .catalogue
        .menu(path)
        .ok_or_else(Trap::no_such_command)?;
    let definition = menu.menu;
    let table = definition.table;
    if table != TableId::Queue || !state.options.dynamic_queues_editable {
        items::refuse_dynamic(state, table, ids, items::CAN_NOT_CHANGE)?;
    }
    refuse_barred(state, menu, changes)?;
    let mut cells: Vec<Vec<(usize, Option<Cell>)>> = Vec::with_capacity(ids.len());
    for id in ids {
        let mut row = state.tables[table]
            .row(*id)
            .ok_or_else(Trap::no_such_item)?
            .clone();
        let mut parsed = Vec::with_capacity(changes.len());
        for (column, text) in changes {
            let cell = match text {
                Some(text) => read(state, table, *id, *column, text)?,
                None => None,
            };
            row.cells[*column].clone_from(&cell);
            parsed.push((*column, cell));
        }
        refuse_duplicate(state, &definition, &row, Some(*id))?;
        refuse_own_parent(state, table, *id, &row)?;
        limits::check(table, &row)?;
        cells.push(parsed);
    }
    // one new name for several rows: the second would be a duplicate of the first
    let renames = changes
        .iter()
        .any(|(column, _)| table.columns()[*column].name == "name");
    if renames && ids.len() > 1 && definition.table.column("name").is_some() {
        return Err(Trap::failure(definition.duplicate));
    }
    for (id, parsed) in ids.iter().zip(cells) {
        store(state, table, *id, parsed);
    }
    Ok(Reply::Done)
}

/// Writes read values into one row and lets everything that depends on them follow.
fn store(state: &mut State, table: TableId, id: Id, parsed: Vec<(usize, Option<Cell>)>) {
    let old_name = state.tables.name(table, id).map(str::to_owned);
    let differs = |(column, cell): &&(usize, Option<Cell>)| {
        state.tables[table]
            .row(id)
            .is_some_and(|row| row.cells[*column] != *cell)
    };
    let different: Vec<usize> = parsed
        .iter()
        .filter(differs)
        .map(|(column, _)| *column)
        .collect();
    for (column, cell) in parsed {
        if table.columns()[column].name == "comment"
            && let Some(row) = state.tables[table].row_mut(id)
        {
            row.raw_comment = None;
        }
        state.tables[table].write(id, column, cell);
    }
    if table == TableId::Interface {
        renamed(state, id, old_name.as_deref());
    }
    after_change(state, table, id, &different);
}

/// Reads one new value; a group's policies change only where they are named.
fn read(
    state: &State,
    table: TableId,
    id: Id,
    column: usize,
    text: &str,
) -> Result<Option<Cell>, Trap> {
    let field = &table.columns()[column];
    if field.kind == Kind::Policies {
        let old = state.tables[table].text(id, field.name).unwrap_or_default();
        let set = PolicySet::default()
            .changed_by(old)
            .and_then(|set| set.changed_by(text));
        let set = set.ok_or_else(|| Trap::no_match(field.name))?;
        return Ok(Some(Cell::Text(set.to_string().into())));
    }
    value::parse(field, text, state.context())
}

/// Device mode and a flagged router forbid to switch these servers on; switching off stays possible.
fn refuse_barred(state: &State, menu: &VersionMenu, changes: &[Change]) -> Result<(), Trap> {
    let table = menu.menu.table;
    let switches_on = |(column, text): &Change| {
        table.columns()[*column].name == "enabled"
            && text.as_deref().and_then(value::flag) == Some(true)
    };
    if !matches!(table, TableId::L2tpServer | TableId::PptpServer)
        || !changes.iter().any(switches_on)
    {
        return Ok(());
    }
    if state.options.flagged {
        return Err(Trap::failure(FLAGGED));
    }
    if !state.options.device_mode_allows_vpn {
        return Err(Trap::failure("failure: not allowed by device-mode"));
    }
    Ok(())
}

const FLAGGED: &str = "failure: configuration flagged, check all router configuration for unauthorized changes \
                       and update device-mode";

/// A queue may not be its own parent, at whatever distance.
fn refuse_own_parent(state: &State, table: TableId, id: Id, row: &Row) -> Result<(), Trap> {
    if table != TableId::Queue {
        return Ok(());
    }
    let parent = table
        .column("parent")
        .and_then(|column| row.cells[column].clone());
    let mut above = match parent {
        Some(Cell::Row(_, above)) => Some(above),
        _ => None,
    };
    while let Some(queue) = above {
        if queue == id {
            return Err(Trap::no_match("parent"));
        }
        above = state.reference(table, queue, "parent");
    }
    Ok(())
}

/// References by name in queue targets follow the interface's new name.
fn renamed(state: &mut State, id: Id, old: Option<&str>) {
    let new = state
        .tables
        .name(TableId::Interface, id)
        .unwrap_or_default()
        .to_owned();
    let Some(old) = old.filter(|old| *old != new) else {
        return;
    };
    for queue in state.queues.on_interface(old) {
        let target = state.tables[TableId::Queue]
            .text(queue, "target")
            .unwrap_or_default();
        let target: Vec<&str> = target
            .split(',')
            .map(|part| if part == old { new.as_str() } else { part })
            .collect();
        let target = target.join(",");
        state.write_text(TableId::Queue, queue, "target", &target);
        state.queues.refresh(&state.tables, queue);
    }
}

fn after_change(state: &mut State, table: TableId, id: Id, changed: &[usize]) {
    let name = |column: &usize| table.columns()[*column].name;
    match table {
        TableId::Queue => {
            // no evidence either way; the harsher reading is that such an edit starts the counters anew
            let harsh = changed
                .iter()
                .map(name)
                .any(|name| matches!(name, "disabled" | "target" | "parent"));
            if harsh
                && state.options.queue_edit_resets_counters
                && let Some(row) = state.tables[table].row_mut(id)
            {
                row.counters = Counters::default();
            }
            state.queues.refresh(&state.tables, id);
        }
        TableId::Interface => {
            let disabled = state.tables[table].text(id, "disabled") == Some("true");
            if disabled && let Some(session) = state.sessions.id_on(id) {
                state.end_session(session, Reason::NasRequest);
            }
        }
        TableId::Clock => set_clock(state, id, changed),
        _ => {}
    }
}

fn set_clock(state: &mut State, id: Id, changed: &[usize]) {
    let now = state.clock.wall(state.settled_at);
    let text = |name: &str| {
        let column = TableId::Clock
            .column(name)
            .filter(|column| changed.contains(column))?;
        state.tables[TableId::Clock].row(id)?.text(column)
    };
    let date = text("date")
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| now.date_naive());
    let time = text("time")
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| now.time());
    state
        .clock
        .set_wall(chrono::NaiveDateTime::new(date, time).and_utc());
    for name in ["date", "time"] {
        if let Some(column) = TableId::Clock.column(name) {
            state.tables[TableId::Clock].write(id, column, None);
        }
    }
}

//! `print`, `find`, `get`.

use std::borrow::Cow;

use super::items;
use crate::engine::{Caller, Command, Reply};
use crate::menus::VersionMenu;
use crate::octets;
use crate::record::{Record, Value};
use crate::render;
use crate::state::State;
use crate::tables::{Id, TableId};
use crate::trap::Trap;

/// Rows that pass the query, with the properties asked for.
pub fn print(state: &State, caller: &Caller, command: &Command) -> Result<Reply, Trap> {
    let menu = menu_of(state, command)?;
    let ids = matching(state, caller, menu, command)?;
    if command.arguments.iter().any(|(key, _)| key == "count-only") {
        return Ok(Reply::Value(ids.len().to_string()));
    }
    let columns = Columns::of(state, menu, command.proplist.as_deref());
    Ok(Reply::Rows(
        ids.into_iter()
            .filter_map(|id| columns.record(state, caller, menu, id))
            .collect(),
    ))
}

/// Ids of the rows that pass the query.
pub fn find(state: &State, caller: &Caller, command: &Command) -> Result<Reply, Trap> {
    let menu = menu_of(state, command)?;
    let ids: Vec<String> = matching(state, caller, menu, command)?
        .iter()
        .map(Id::to_string)
        .collect();
    Ok(Reply::Value(ids.join(";")))
}

/// One property of one row.
pub fn get(state: &State, caller: &Caller, command: &Command) -> Result<Reply, Trap> {
    let menu = menu_of(state, command)?;
    let ids = items::named(state, menu, command)?;
    let [id] = ids[..] else {
        return Err(Trap::no_such_item());
    };
    let name = command
        .argument("value-name")
        .ok_or_else(|| Trap::missing("value-name"))?;
    let column = menu
        .visible
        .iter()
        .find(|column| menu.menu.table.columns()[**column].name == name)
        .ok_or_else(|| Trap::no_match("value-name"))?;
    let row = state.tables[menu.menu.table]
        .row(id)
        .ok_or_else(Trap::no_such_item)?;
    let value = render::value(state, caller, menu, id, row, *column);
    Ok(Reply::Value(
        value
            .as_ref()
            .and_then(Value::as_text)
            .unwrap_or_default()
            .to_owned(),
    ))
}

fn menu_of<'a>(state: &'a State, command: &Command) -> Result<&'a VersionMenu, Trap> {
    state
        .catalogue
        .menu(&command.menu)
        .ok_or_else(Trap::no_such_command)
}

fn matching(
    state: &State,
    caller: &Caller,
    menu: &VersionMenu,
    command: &Command,
) -> Result<Vec<Id>, Trap> {
    if state.is_in_boot_gap(caller, menu.menu.path) {
        return Ok(Vec::new());
    }
    let table = menu.menu.table;
    let mut ids = candidates(state, menu, command);
    if menu.menu.interface_type.is_some() {
        ids.retain(|id| items::shows(state, menu, *id));
    }
    if command.query.is_empty() {
        return Ok(ids);
    }
    let mut passed = Vec::new();
    for id in ids {
        let Some(row) = state.tables[table].row(id) else {
            continue;
        };
        let property = |name: &str| -> Option<Cow<'_, str>> {
            if name == ".id" {
                return menu.is_list.then(|| Cow::Owned(id.to_string()));
            }
            let column = table
                .column(name)
                .filter(|column| menu.visible.contains(column))?;
            match render::value(state, caller, menu, id, row, column)? {
                Value::Text(text) => Some(text),
                Value::Number(text) => Some(Cow::Owned(text)),
                Value::Raw(bytes) => Some(Cow::Owned(octets::text(&bytes))),
            }
        };
        if command.query.matches(property)? {
            passed.push(id);
        }
    }
    Ok(passed)
}

/// All rows, or the only one a plain equality on id or name can leave.
fn candidates(state: &State, menu: &VersionMenu, command: &Command) -> Vec<Id> {
    let table = &state.tables[menu.menu.table];
    if let Some(wanted) = command.query.demands(".id") {
        return Id::parse(wanted)
            .filter(|id| table.row(*id).is_some())
            .into_iter()
            .collect();
    }
    let repeats = matches!(
        menu.menu.table,
        TableId::Active | TableId::Service | TableId::UserActive
    );
    let indexed = menu.has_names() && !repeats;
    if let Some(wanted) = command.query.demands("name").filter(|_| indexed) {
        return table.find(wanted).into_iter().collect();
    }
    table.ids()
}

/// The columns of a reply.
struct Columns {
    with_id: bool,
    columns: Vec<usize>,
}

impl Columns {
    fn of(state: &State, menu: &VersionMenu, proplist: Option<&[String]>) -> Self {
        let Some(names) = proplist else {
            return Self {
                with_id: menu.is_list,
                columns: menu.visible.clone(),
            };
        };
        let asked = |name: &str| names.iter().any(|asked| asked == name);
        let fields = menu.menu.table.columns();
        Self {
            with_id: menu.is_list && (asked(".id") || state.options.id_with_proplist),
            columns: menu
                .visible
                .iter()
                .copied()
                .filter(|column| asked(fields[*column].name))
                .collect(),
        }
    }

    fn record(&self, state: &State, caller: &Caller, menu: &VersionMenu, id: Id) -> Option<Record> {
        let row = state.tables[menu.menu.table].row(id)?;
        let mut record = Record(Vec::with_capacity(self.columns.len() + 1));
        if self.with_id {
            record.push(".id", id.to_string());
        }
        let fields = menu.menu.table.columns();
        for column in &self.columns {
            if let Some(value) = render::value(state, caller, menu, id, row, *column) {
                record.push(fields[*column].name, value);
            }
        }
        Some(record)
    }
}

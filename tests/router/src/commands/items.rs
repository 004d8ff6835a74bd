//! Which rows a command means: ids, names and, in ordered menus, position numbers.

use crate::engine::Command;
use crate::menus::VersionMenu;
use crate::state::State;
use crate::tables::{Id, TableId};
use crate::trap::Trap;

/// The rows named by `.id` or `numbers`; refused if none is named or one does not exist.
pub fn named(state: &State, menu: &VersionMenu, command: &Command) -> Result<Vec<Id>, Trap> {
    if !menu.is_list {
        return state.tables[menu.menu.table]
            .ids()
            .first()
            .copied()
            .map(|id| vec![id])
            .ok_or_else(Trap::no_such_item);
    }
    let text = [".id", "numbers", "number"]
        .iter()
        .find_map(|key| command.argument(key));
    let text = text
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Trap::missing(".id"))?;
    text.split(',').map(|item| one(state, menu, item)).collect()
}

/// One row by id, name or position.
pub fn one(state: &State, menu: &VersionMenu, item: &str) -> Result<Id, Trap> {
    let table = &state.tables[menu.menu.table];
    let by_name = || {
        if menu.has_names() {
            table.find(item)
        } else {
            None
        }
    };
    let by_position = || {
        let position: usize = item.parse().ok().filter(|_| menu.menu.positions)?;
        table.ids().get(position).copied()
    };
    let id = Id::parse(item)
        .or_else(by_name)
        .or_else(by_position)
        .ok_or_else(Trap::no_such_item)?;
    if shows(state, menu, id) {
        Ok(id)
    } else {
        Err(Trap::no_such_item())
    }
}

/// Whether a menu shows a row: `/interface/l2tp-server` shows l2tp interfaces only.
pub fn shows(state: &State, menu: &VersionMenu, id: Id) -> bool {
    let table = &state.tables[menu.menu.table];
    match menu.menu.interface_type {
        None => table.row(id).is_some(),
        Some(kind) => table.text(id, "type") == Some(kind),
    }
}

/// Refuses rows the router made itself. The text is not known from a real router.
pub fn refuse_dynamic(
    state: &State,
    table: TableId,
    ids: &[Id],
    text: &'static str,
) -> Result<(), Trap> {
    let dynamic = |id: &Id| state.tables[table].row(*id).is_some_and(|row| row.dynamic);
    if ids.iter().any(dynamic) {
        Err(Trap::failure(text))
    } else {
        Ok(())
    }
}

/// What an edit of a dynamic row answers.
pub const CAN_NOT_CHANGE: &str = "failure: can not change dynamic object";

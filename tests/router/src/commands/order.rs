//! `move`.

use super::items;
use crate::engine::{Command, Reply};
use crate::state::State;
use crate::tables::TableId;
use crate::trap::Trap;

/// Puts rows, in the order given, before the destination; to the end if there is none.
///
/// An unknown destination means the end as well, silently: seen on 7.23.7.
pub fn shift(state: &mut State, command: &Command) -> Result<Reply, Trap> {
    let menu = state
        .catalogue
        .menu(&command.menu)
        .ok_or_else(Trap::no_such_command)?;
    let ids = items::named(state, menu, command)?;
    let table = menu.menu.table;
    items::refuse_dynamic(state, table, &ids, items::CAN_NOT_CHANGE)?;
    let destination = command
        .argument("destination")
        .and_then(|item| items::one(state, menu, item).ok());
    if destination.is_some_and(|destination| ids.contains(&destination)) {
        return Err(Trap::failure("failure: can not move object before itself"));
    }
    for id in ids {
        state.tables[table].place(id, destination);
    }
    if table == TableId::Queue {
        state.queues.rebuild(&state.tables);
    }
    Ok(Reply::Done)
}

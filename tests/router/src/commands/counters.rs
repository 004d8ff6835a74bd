//! `reset-counters`, `reset-counters-all`, `monitor-traffic`.

use super::items;
use crate::engine::{Command, Reply};
use crate::record::Record;
use crate::state::State;
use crate::tables::{Counters, Id, TableId};
use crate::trap::Trap;

/// Sets the counters of the named rows to 0; also of dynamic ones.
pub fn reset(state: &mut State, command: &Command) -> Result<Reply, Trap> {
    let menu = state
        .catalogue
        .menu(&command.menu)
        .ok_or_else(Trap::no_such_command)?;
    let ids = items::named(state, menu, command)?;
    let table = menu.menu.table;
    for id in ids {
        zero(state, table, id);
    }
    Ok(Reply::Done)
}

/// Sets the counters of all rows of the menu to 0.
pub fn reset_all(state: &mut State, command: &Command) -> Result<Reply, Trap> {
    let table = state
        .catalogue
        .menu(&command.menu)
        .ok_or_else(Trap::no_such_command)?
        .menu
        .table;
    for id in state.tables[table].ids() {
        zero(state, table, id);
    }
    Ok(Reply::Done)
}

/// One measurement with `once`; without it the command goes on for ever and REST sends nothing.
pub fn monitor(state: &State, command: &Command) -> Result<Reply, Trap> {
    let name = command
        .argument("interface")
        .ok_or_else(|| Trap::missing("interface"))?;
    let table = &state.tables[TableId::Interface];
    let id = Id::parse(name)
        .filter(|id| table.row(*id).is_some())
        .or_else(|| table.find(name));
    let id = id.ok_or_else(|| Trap::no_match("interface"))?;
    if command.argument("once").is_none() {
        return Ok(Reply::Silent);
    }
    let demand = state
        .sessions
        .on(id)
        .map_or((0, 0), |session| session.demand);
    let mut record = Record::default();
    record.push(
        "name",
        table.text(id, "name").unwrap_or_default().to_owned(),
    );
    record.push("rx-bits-per-second", demand.0);
    record.push("tx-bits-per-second", demand.1);
    Ok(Reply::Rows(vec![record]))
}

fn zero(state: &mut State, table: TableId, id: Id) {
    if let Some(row) = state.tables[table].row_mut(id) {
        let (upload_rate, download_rate) = (row.counters.upload_rate, row.counters.download_rate);
        row.counters = Counters {
            upload_rate,
            download_rate,
            ..Counters::default()
        };
    }
}

//! `remove`.

use super::items;
use crate::engine::{Command, Reply};
use crate::policy::PolicySet;
use crate::session::Reason;
use crate::state::State;
use crate::tables::{Id, TableId};
use crate::trap::Trap;

/// Removes rows; what referred to them keeps their id.
pub fn remove(state: &mut State, command: &Command) -> Result<Reply, Trap> {
    let menu = state
        .catalogue
        .menu(&command.menu)
        .ok_or_else(Trap::no_such_command)?;
    let ids = items::named(state, menu, command)?;
    let table = menu.menu.table;
    if table == TableId::Active {
        for id in ids {
            state.end_session(id, Reason::NasRequest);
            // a doubled row has no session of its own
            state.tables[TableId::Active].remove(id);
        }
        return Ok(Reply::Done);
    }
    items::refuse_dynamic(state, table, &ids, "failure: can not remove dynamic object")?;
    for id in &ids {
        refuse_needed(state, table, *id)?;
    }
    for id in ids {
        if table == TableId::Interface {
            if let Some(session) = state.sessions.id_on(id) {
                state.end_session(session, Reason::NasRequest);
            }
            let name = state.tables.name(table, id).unwrap_or_default().to_owned();
            state.interface_is_gone(&name, id);
        }
        state.tables[table].remove(id);
        if table == TableId::Queue {
            state.queues.refresh(&state.tables, id);
        }
    }
    Ok(Reply::Done)
}

fn refuse_needed(state: &State, table: TableId, id: Id) -> Result<(), Trap> {
    match table {
        // the text a real router gives is not known
        TableId::Profile if state.tables[table].text(id, "default") == Some("true") => {
            Err(Trap::failure("failure: can not remove default profile"))
        }
        TableId::UserActive => Err(Trap::failure("action failed (6)")),
        TableId::Group if users_of(state, id) > 0 => {
            Err(Trap::failure("failure: group has some users"))
        }
        TableId::User if is_last_full_user(state, id) => {
            Err(Trap::failure("failure: last full user can not be removed"))
        }
        _ => Ok(()),
    }
}

fn users_of(state: &State, group: Id) -> usize {
    let users = &state.tables[TableId::User];
    users
        .ids()
        .into_iter()
        .filter(|user| state.reference(TableId::User, *user, "group") == Some(group))
        .count()
}

/// One user with all policies must remain.
fn is_last_full_user(state: &State, id: Id) -> bool {
    let is_full = |user: &Id| {
        let group = state.reference(TableId::User, *user, "group");
        let policy = group.and_then(|group| state.tables[TableId::Group].text(group, "policy"));
        policy.and_then(|policy| PolicySet::default().changed_by(policy)) == Some(PolicySet::ALL)
    };
    let full: Vec<Id> = state.tables[TableId::User]
        .ids()
        .into_iter()
        .filter(is_full)
        .collect();
    full == [id]
}

//! The commands of a menu. Names, arguments and permissions are checked before (`engine.rs`).

mod add;
mod counters;
mod items;
mod limits;
mod order;
mod print;
mod remove;
mod set;
mod sign;

use crate::engine::{Caller, Command, Reply};
use crate::state::State;
use crate::trap::Trap;

pub use items::one;

/// Carries out a command that the schema of the version has.
pub fn run(
    state: &mut State,
    caller: &Caller,
    command: &Command,
    name: &str,
) -> Result<Reply, Trap> {
    match name {
        "print" => print::print(state, caller, command),
        "find" => print::find(state, caller, command),
        "get" => print::get(state, caller, command),
        "listen" => Ok(Reply::Silent),
        "add" => add::add(state, command),
        "set" | "comment" => set::set(state, command),
        "enable" => set::switch(state, command, true),
        "disable" => set::switch(state, command, false),
        "unset" => set::unset(state, command),
        "remove" => remove::remove(state, command),
        "sign" => sign::sign(state, command),
        "move" => order::shift(state, command),
        "reset-counters" => counters::reset(state, command),
        "reset-counters-all" => counters::reset_all(state, command),
        "debug" | "error" | "info" | "warning" => write_log(state, command, name),
        "monitor-traffic" => counters::monitor(state, command),
        _ => Err(Trap::no_such_command()),
    }
}

/// A line of somebody's own.
fn write_log(state: &mut State, command: &Command, severity: &str) -> Result<Reply, Trap> {
    let message = command
        .argument("message")
        .ok_or_else(|| Trap::missing("message"))?;
    state.log(&format!("script,{severity}"), message);
    Ok(Reply::Done)
}

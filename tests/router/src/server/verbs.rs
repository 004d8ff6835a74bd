//! What each HTTP verb does to the console. Statuses and shapes as recorded in
//! `data/samples/rest-verbs.json` and `rest-errors.json`.

use hyper::Method;

use super::answer::{Answer, Body};
use super::asked::{Arguments, Asked, url_query};
use super::path::{self, Target};
use crate::commands;
use crate::engine::{Caller, Command, Reply};
use crate::query::Query;
use crate::record::Record;
use crate::state::State;
use crate::tables::Id;
use crate::trap::{Refusal, Trap};

/// Carries out a request; `None` = it never ends by itself.
pub fn perform(
    state: &mut State,
    caller: &Caller,
    asked: &Asked,
    path: &str,
    arguments: Arguments,
) -> Result<Option<Answer>, Trap> {
    let target = path::resolve(&state.catalogue, path)?;
    match asked.method {
        Method::GET => read(state, caller, asked, target).map(Some),
        Method::PUT => create(state, caller, target, arguments).map(Some),
        Method::PATCH => change(state, caller, target, arguments).map(Some),
        Method::DELETE => delete(state, caller, target).map(Some),
        Method::POST => command(state, caller, target, arguments),
        _ => Ok(Some(Answer::new(501, Body::Empty))),
    }
}

fn read(state: &mut State, caller: &Caller, asked: &Asked, target: Target) -> Result<Answer, Trap> {
    let (proplist, conditions) = url_query(asked.query.as_deref().unwrap_or_default());
    let (menu, item) = match target {
        Target::Menu(menu) => return read_menu(state, caller, &menu, proplist, conditions),
        Target::Item(menu, item) => (menu, item),
        Target::Unknown(path) => return Err(no_menu(state, caller, &path)),
    };
    if has_command(state, &menu, &item) {
        return Err(Trap::no_such_command());
    }
    let id = identify(state, caller, &menu, &item)?;
    let row = one_row(state, caller, &menu, &id, proplist)?;
    Ok(Answer::new(200, Body::Object(row)))
}

fn read_menu(
    state: &mut State,
    caller: &Caller,
    menu: &str,
    proplist: Option<Vec<String>>,
    conditions: Vec<(String, String)>,
) -> Result<Answer, Trap> {
    let query = Query::all_equal(conditions);
    let rows = state
        .execute(
            caller,
            &Command {
                query,
                proplist,
                ..Command::new(menu, "print")
            },
        )?
        .rows();
    let is_list = state.catalogue.menu(menu).is_some_and(|menu| menu.is_list);
    let as_object = !is_list && !state.options.singleton_as_array;
    let body = match rows.first() {
        Some(row) if as_object => Body::Object(row.clone()),
        _ => Body::List(rows),
    };
    Ok(Answer::new(200, body))
}

fn create(
    state: &mut State,
    caller: &Caller,
    target: Target,
    arguments: Arguments,
) -> Result<Answer, Trap> {
    let menu = match target {
        Target::Menu(menu) => menu,
        Target::Item(..) => return Err(Trap::no_such_command()),
        Target::Unknown(path) => return Err(no_menu(state, caller, &path)),
    };
    if !has_command(state, &menu, "add") {
        return Err(Trap::no_such_directory("add"));
    }
    let add = Command {
        arguments: arguments.named,
        ..Command::new(&menu, "add")
    };
    let Reply::Value(id) = state.execute(caller, &add)? else {
        return Err(Trap::no_such_command());
    };
    let row = one_row(state, caller, &menu, &id, None)?;
    Ok(Answer::new(state.options.put_status, Body::Object(row)))
}

fn change(
    state: &mut State,
    caller: &Caller,
    target: Target,
    arguments: Arguments,
) -> Result<Answer, Trap> {
    let (menu, item) = row_of(state, caller, target)?;
    let id = identify(state, caller, &menu, &item)?;
    let names_another = |(key, _): &(String, String)| key == ".id" || key == "numbers";
    if arguments.named.iter().any(names_another) {
        return Err(path::bad_identifier());
    }
    let mut set = Command {
        arguments: arguments.named,
        ..Command::new(&menu, "set")
    };
    set.arguments.push((".id".to_owned(), id.clone()));
    state.execute(caller, &set).map_err(|trap| {
        // by name, a bad parameter is reported as if the row were not named (seen on 7.23.7)
        let by_name = !item.starts_with('*');
        if by_name && trap.refusal == Refusal::UnknownParameter {
            path::bad_identifier()
        } else {
            trap
        }
    })?;
    let row = one_row(state, caller, &menu, &id, None)?;
    Ok(Answer::new(200, Body::Object(row)))
}

fn delete(state: &mut State, caller: &Caller, target: Target) -> Result<Answer, Trap> {
    let (menu, item) = row_of(state, caller, target)?;
    if !has_command(state, &menu, "remove") {
        let status = state.options.delete_unsupported_status;
        return Err(Trap {
            status,
            ..Trap::no_such_directory("remove")
        });
    }
    let id = identify(state, caller, &menu, &item)?;
    state.execute(caller, &Command::new(&menu, "remove").with(".id", &id))?;
    Ok(Answer::new(state.options.delete_status, Body::Empty))
}

fn command(
    state: &mut State,
    caller: &Caller,
    target: Target,
    arguments: Arguments,
) -> Result<Option<Answer>, Trap> {
    let (menu, name) = match target {
        Target::Item(menu, name) => (menu, name),
        // a bare collection takes no POST
        Target::Menu(_) => return Err(Trap::no_such_command()),
        Target::Unknown(path) => {
            let (menu, name) = path.rsplit_once('/').unwrap_or(("", ""));
            (menu.to_owned(), name.to_owned())
        }
    };
    if name == "unset" {
        // refused in every body form on 7.21.4, although the schema has it
        return Err(Trap::no_such_command());
    }
    let command = Command {
        arguments: arguments.named,
        query: Query::parse(arguments.query.iter().map(String::as_str))?,
        proplist: arguments.proplist,
        ..Command::new(&menu, &name)
    };
    let reply = state.execute(caller, &command).map_err(|trap| {
        // an unknown row is 404 in `move` as it is in a path, 400 in other commands
        if name == "move" && trap.refusal == Refusal::NoSuchItem {
            Trap {
                status: 404,
                ..trap
            }
        } else {
            trap
        }
    })?;
    let body = match reply {
        Reply::Rows(rows) => Body::List(rows),
        Reply::Value(text) => {
            let mut record = Record::default();
            record.push("ret", text);
            Body::Object(record)
        }
        Reply::Done if name == "set" && state.options.empty_set_reply => Body::Empty,
        Reply::Done => Body::List(Vec::new()),
        Reply::Silent => return Ok(None),
    };
    Ok(Some(Answer::new(200, body)))
}

/// Menu and row of a path that must name a row.
fn row_of(state: &mut State, caller: &Caller, target: Target) -> Result<(String, String), Trap> {
    match target {
        Target::Item(menu, item) => Ok((menu, item)),
        Target::Menu(_) => Err(path::bad_identifier()),
        Target::Unknown(path) => Err(no_menu(state, caller, &path)),
    }
}

/// The console finds the words for a menu that does not exist.
fn no_menu(state: &mut State, caller: &Caller, path: &str) -> Trap {
    state
        .execute(caller, &Command::new(path, "print"))
        .err()
        .unwrap_or_else(Trap::no_such_command)
}

fn has_command(state: &State, menu: &str, name: &str) -> bool {
    state
        .catalogue
        .menu(menu)
        .is_some_and(|menu| menu.commands.contains_key(name))
}

/// The id a path's last part means: an id, or a name where the menu has names.
fn identify(state: &State, caller: &Caller, menu: &str, item: &str) -> Result<String, Trap> {
    let missing = || Trap {
        status: 404,
        ..Trap::no_such_item()
    };
    let menu = state.catalogue.menu(menu).ok_or_else(missing)?;
    let is_id = item.starts_with('*');
    if !menu.is_list || (!is_id && !menu.has_names()) {
        return Err(Trap::failure("no such command prefix"));
    }
    if is_id && Id::parse(item).is_none() {
        return Err(path::bad_identifier());
    }
    let knows_none = state.is_in_boot_gap(caller, menu.menu.path);
    // position numbers are for `numbers`, not for paths
    if knows_none || !is_id && state.tables[menu.menu.table].find(item).is_none() {
        return Err(missing());
    }
    commands::one(state, menu, item)
        .map(|id| id.to_string())
        .map_err(|_| missing())
}

fn one_row(
    state: &mut State,
    caller: &Caller,
    menu: &str,
    id: &str,
    proplist: Option<Vec<String>>,
) -> Result<Record, Trap> {
    let query = Query::all_equal([(".id".to_owned(), id.to_owned())]);
    let rows = state
        .execute(
            caller,
            &Command {
                query,
                proplist,
                ..Command::new(menu, "print")
            },
        )?
        .rows();
    rows.into_iter().next().ok_or_else(|| Trap {
        status: 404,
        ..Trap::no_such_item()
    })
}

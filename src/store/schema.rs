//! Our tables: made and migrated on first use, by whichever request comes first, and looked at once a day.
//!
//! | version | since then |
//! |---|---|
//! | 1 | accounts, history, grants, journal, servers |
//! | 2 | sessions as a meter source and the comparison with queues; grants as the journal of a balance; caps, notices and the outbox of mails |
//! | 3 | what a collection saw of its router; which e-mail templates of ours were made |
//! | 4 | what pages last saw of each service, and their pace of asking |
//! | 5 | what the doctor last said of a router |
//! | 6 | which WHMCS this is; when the tables were last looked at; up to which day the history is kept; settings of products as they could last be read; the pace of a customer's resets; what admins last saw of an account; when a collection was begun; when pages last asked a router in vain; traffic that is not owed, grants that wait for their day, usage WHMCS has heard of; readings that wait for another to agree |
//!
//! A migration only adds: columns that an older version lacks, found by looking, so that it can be
//! repeated, cut off anywhere and run by two requests at once. What they are stands in `tables`.

use std::collections::HashSet;

use super::deviations::{self, Deviation};
use super::rows::Columns;
use super::tables::{TABLES, Table};
use crate::error::{Error, Result};
use crate::host::{Host, Value};

/// The version the statements of this folder are written for.
const VERSION: i64 = 6;

/// What the database says of our tables.
struct State {
    version: i64,
    /// They were found to be sound less than a day ago.
    verified: bool,
}

/// Makes sure that the tables are there and of our version; one small query when they are. Two
/// requests may do it at once. Call it outside transactions: DDL commits implicitly in MySQL.
pub fn ensure(host: &dyn Host) -> Result<()> {
    prepare(host).map(drop)
}

/// Like [`ensure`], for whatever moves accounts or balances: refuses to work with tables that have lost what
/// keeps a byte from being billed or granted twice.
pub fn ensure_sound(host: &dyn Host) -> Result<()> {
    if prepare(host)?.verified {
        return Ok(());
    }
    if let Some(error) = refusal(&deviations::all(host)?) {
        return Err(error);
    }
    host.execute(
        "UPDATE mod_mikrotikvpn_schema SET verified_at = UTC_TIMESTAMP() WHERE id = 1",
        &[],
    )?;
    Ok(())
}

/// Everything that is not as it should be in our tables, after making what is missing altogether.
pub fn deviations(host: &dyn Host) -> Result<Vec<Deviation>> {
    prepare(host)?;
    deviations::all(host)
}

/// What an error of the database comes from, when it is that our tables are not as they should be. Until they
/// are, nothing more is moved.
pub fn explained(host: &dyn Host, error: Error) -> Error {
    if !error.is_about_schema() {
        return error;
    }
    let Some(explanation) = deviations::all(host).ok().as_deref().and_then(refusal) else {
        return error;
    };
    // It may be this very column that is missing.
    let _ = host.execute("UPDATE mod_mikrotikvpn_schema SET verified_at = NULL", &[]);
    explanation.with_notes_of(&error)
}

fn refusal(deviations: &[Deviation]) -> Option<Error> {
    let blocking: Vec<_> = deviations.iter().filter(|one| one.blocks).collect();
    let first = blocking.first()?;
    let more = match blocking.len() {
        1 => String::new(),
        count => format!(" (and {} more, see Test Connection)", count - 1),
    };
    Some(Error::misuse(
        format!(
            "{}{more}, so nothing is moved that could be billed or granted twice",
            first.what
        ),
        first.remedy(),
    ))
}

fn prepare(host: &dyn Host) -> Result<State> {
    if let Some(state) = state(host)? {
        if state.version == VERSION {
            return Ok(state);
        }
        if state.version > VERSION {
            return Err(newer(state.version));
        }
    }
    make(host).map_err(|error| allowed(host, error))?;
    host.execute(
        "INSERT INTO mod_mikrotikvpn_schema (id, version) VALUES (1, ?) \
         ON DUPLICATE KEY UPDATE version = GREATEST(version, ?), verified_at = NULL",
        &[Value::Int(VERSION), Value::Int(VERSION)],
    )?;
    Ok(State {
        version: VERSION,
        verified: false,
    })
}

fn make(host: &dyn Host) -> Result<()> {
    for table in TABLES {
        host.execute(table.0, &[])?;
    }
    migrate(host)
}

/// An error with the statement that allows what the database refused.
fn allowed(host: &dyn Host, error: Error) -> Error {
    if !error.is_denied_by_database() {
        return error;
    }
    let Ok((user, database)) = who(host) else {
        return error;
    };
    Error::misuse(
        format!(
            "WHMCS's database user {user} lacks the right {}, which the tables of the module need",
            error.denied_right().unwrap_or("CREATE")
        ),
        format!("Run this as the database's administrator, and try again: GRANT CREATE, ALTER, INDEX ON `{database}`.* TO {user}"),
    )
    .with_notes_of(&error)
}

/// The user as GRANT takes it, and the database.
fn who(host: &dyn Host) -> Result<(String, String)> {
    let rows = host.query("SELECT CURRENT_USER(), DATABASE()", &[])?;
    let mut columns = Columns::of(rows.into_iter().next().unwrap_or_default());
    let (user, database) = (columns.text()?, columns.text()?);
    let (name, machine) = user.rsplit_once('@').unwrap_or((&user, "%"));
    Ok((format!("'{name}'@'{machine}'"), database))
}

/// `None` before the first use.
fn state(host: &dyn Host) -> Result<Option<State>> {
    let verified = "verified_at > UTC_TIMESTAMP() - INTERVAL 1 DAY";
    for column in [verified, "0"] {
        let sql = format!("SELECT version, {column} FROM mod_mikrotikvpn_schema WHERE id = 1");
        let rows = match host.query(&sql, &[]) {
            // The table, or its column, is yet to come.
            Err(error) if error.is_about_schema() => continue,
            rows => rows?,
        };
        let Some(row) = rows.into_iter().next() else {
            return Ok(None);
        };
        let mut columns = Columns::of(row);
        return Ok(Some(State {
            version: columns.int()?,
            verified: columns.int()? != 0,
        }));
    }
    Ok(None)
}

fn newer(version: i64) -> Error {
    Error::misuse(
        format!(
            "The tables of mikrotikvpn in WHMCS's database are of version {version}, and this extension knows them up to version {VERSION}"
        ),
        "Install the newer release in every PHP that runs WHMCS; an older one must not write to them",
    )
}

/// Adds the columns that came after version 1.
fn migrate(host: &dyn Host) -> Result<()> {
    let present = present_columns(host)?;
    for table in TABLES {
        let missing = table
            .columns()
            .filter(|column| !present.contains(&(table.name().to_owned(), column.name.to_owned())));
        for column in missing {
            // A new column brings its key.
            let mut definition = column.definition.to_owned();
            for key in table.keys().filter(|key| key.columns == [column.name]) {
                definition.extend([", ADD ", &key.definition()]);
            }
            add(host, table, column.name, &definition)?;
        }
    }
    // A grant that is no period's has no key.
    host.execute(
        "ALTER TABLE mod_mikrotikvpn_grants MODIFY period VARCHAR(32) CHARACTER SET ascii NULL",
        &[],
    )?;
    Ok(())
}

fn add(host: &dyn Host, table: Table, column: &str, definition: &str) -> Result<()> {
    let sql = format!(
        "ALTER TABLE {} ADD COLUMN {column} {definition}",
        table.name()
    );
    match host.execute(&sql, &[]) {
        // Another request was faster between the look and the change.
        Err(error) if error.is_duplicate_column() => Ok(()),
        result => result.map(drop),
    }
}

fn present_columns(host: &dyn Host) -> Result<HashSet<(String, String)>> {
    let rows = host.query(
        "SELECT table_name, column_name FROM information_schema.columns \
         WHERE table_schema = DATABASE() AND table_name LIKE 'mod\\_mikrotikvpn\\_%'",
        &[],
    )?;
    rows.into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok((columns.text()?, columns.text()?))
        })
        .collect()
}

//! [`Host`] over WHMCS: its database handle, its mail, its logs, its encryption. One value serves
//! one call from PHP and holds PHP values only for that long.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ext_php_rs::types::{ZendHashTable, Zval};
use mikrotikvpn::boundary::boundary;
use mikrotikvpn::host::{Host, Row, Value};
use mikrotikvpn::printable::html;
use mikrotikvpn::secret::{Mask, Secret};
use mikrotikvpn::{Error, Result};

use crate::engine;

const MODULE: &str = "mikrotikvpn";
const READ: &str = "read its database";
const WRITE: &str = "write to its database";

// Values of PDO's constants; part of PHP's stable interface since 5.1.
const PARAM_NULL: i64 = 0;
const PARAM_INT: i64 = 1;
const PARAM_STR: i64 = 2;
const FETCH_NUM: i64 = 3;

/// Statements kept prepared within one call. MySQL limits them per server (16,382 by default), and
/// no call of ours has more different texts than this.
const STATEMENTS: usize = 64;

/// Longer texts carry rows and come only once.
const LONGEST_KEPT: usize = 4_096;

/// After this long without a statement the database may have ended the connection (`wait_timeout`): a router
/// may take longer to answer than a database waits.
const SILENCE: Duration = Duration::from_secs(1);

/// WHMCS as it is loaded in this PHP process.
#[derive(Default)]
pub(crate) struct Whmcs {
    connection: OnceCell<Zval>,
    pdo: RefCell<Option<Zval>>,
    statements: RefCell<HashMap<String, Zval>>,
    /// When the last statement ended.
    spoke: Cell<Option<Instant>>,
}

impl Whmcs {
    /// Laravel's connection object: it counts nested transactions.
    fn connection(&self, action: &str) -> Result<&Zval> {
        remember(&self.connection, || {
            engine::call(action, "WHMCS\\Database\\Capsule::connection", Vec::new())
        })
    }

    fn pdo(&self, action: &str) -> Result<Zval> {
        if let Some(pdo) = &*self.pdo.borrow() {
            return Ok(pdo.shallow_clone());
        }
        let pdo = engine::method(action, self.connection(action)?, "getPdo", Vec::new())?;
        *self.pdo.borrow_mut() = Some(pdo.shallow_clone());
        Ok(pdo)
    }

    /// Before the first statement after a silence. Laravel connects anew when a statement of its own finds the
    /// connection ended; ours go to its PDO handle directly. What such an end takes back of a transaction
    /// nobody may hide, so inside of one nothing is done.
    fn wake(&self, action: &str) -> Result<()> {
        let spoke = self.spoke.replace(Some(Instant::now()));
        if spoke.is_none_or(|spoke| spoke.elapsed() < SILENCE) || self.in_transaction() {
            return Ok(());
        }
        self.statements.borrow_mut().clear();
        self.pdo.borrow_mut().take();
        let question = engine::string("SELECT 1");
        engine::method(action, self.connection(action)?, "select", vec![&question])?;
        Ok(())
    }

    fn has_spoken(&self) {
        self.spoke.set(Some(Instant::now()));
    }

    /// Runs `sql` and hands back its statement.
    fn run(&self, action: &str, sql: &str, params: &[Value]) -> Result<Zval> {
        let statement = self.prepare(action, sql)?;
        for (position, value) in (1_i64..).zip(params) {
            let (value, kind) = bound(value);
            engine::method(
                action,
                &statement,
                "bindValue",
                vec![&position, &value, &kind],
            )?;
        }
        let done = engine::method(action, &statement, "execute", Vec::new())?;
        if done.is_false() {
            return Err(silent_failure(action, &statement));
        }
        Ok(statement)
    }

    /// Runs a statement without values, unprepared: one round trip, and thousands of rows in its text are
    /// read only once. Hands back the number of affected rows.
    fn run_plain(&self, sql: &str) -> Result<Zval> {
        let pdo = self.pdo(WRITE)?;
        let count = engine::method(WRITE, &pdo, "exec", vec![&engine::string(sql)])?;
        if count.is_false() {
            return Err(silent_failure(WRITE, &pdo));
        }
        Ok(count)
    }

    fn prepare(&self, action: &str, sql: &str) -> Result<Zval> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.shallow_clone());
        }
        let pdo = self.pdo(action)?;
        let statement = engine::method(action, &pdo, "prepare", vec![&engine::string(sql)])?;
        if !statement.is_object() {
            return Err(silent_failure(action, &pdo));
        }
        if sql.len() > LONGEST_KEPT {
            return Ok(statement);
        }
        let mut statements = self.statements.borrow_mut();
        if statements.len() >= STATEMENTS {
            statements.clear();
        }
        statements.insert(sql.to_owned(), statement.shallow_clone());
        Ok(statement)
    }

    fn transaction(&self, method: &str) -> Result<()> {
        engine::method(WRITE, self.connection(WRITE)?, method, Vec::new()).map(drop)
    }
}

impl Host for Whmcs {
    fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        boundary();
        self.wake(READ)?;
        let statement = self.run(READ, sql, params)?;
        let rows = engine::method(READ, &statement, "fetchAll", vec![&FETCH_NUM])?;
        engine::method(READ, &statement, "closeCursor", Vec::new())?;
        self.has_spoken();
        boundary();
        let rows = rows
            .array()
            .ok_or_else(|| Error::whmcs(READ, "no rows came back", None))?;
        Ok(rows
            .values()
            .map(|row| row.array().map(columns).unwrap_or_default())
            .collect())
    }

    fn execute(&self, sql: &str, params: &[Value]) -> Result<u64> {
        boundary();
        self.wake(WRITE)?;
        let count = if params.is_empty() {
            self.run_plain(sql)?
        } else {
            let statement = self.run(WRITE, sql, params)?;
            engine::method(WRITE, &statement, "rowCount", Vec::new())?
        };
        self.has_spoken();
        boundary();
        Ok(count
            .long()
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or_default())
    }

    fn begin(&self) -> Result<()> {
        boundary();
        self.wake(WRITE)?;
        self.transaction("beginTransaction")
    }

    fn commit(&self) -> Result<()> {
        boundary();
        self.transaction("commit")?;
        boundary();
        Ok(())
    }

    fn in_transaction(&self) -> bool {
        let level = self.connection(WRITE).and_then(|connection| {
            engine::method(WRITE, connection, "transactionLevel", Vec::new())
        });
        level.is_ok_and(|level| level.long().is_some_and(|level| level > 0))
    }

    fn rollback(&self) -> Result<()> {
        let taken_back = self.transaction("rollBack");
        if taken_back.is_err() && self.in_transaction() {
            // A deadlock ended WHMCS's transaction and our savepoint in it. Laravel would go on counting both.
            let connection = self.connection(WRITE)?;
            engine::method(WRITE, connection, "rollBack", vec![&0_i64])?;
        }
        taken_back
    }

    fn send_mail(&self, template: &str, service: i64, variables: &[(&str, String)]) -> Result<()> {
        let action = format!("send the e-mail \"{template}\"");
        let mut request = ZendHashTable::new();
        let filled = insert(&mut request, "messagename", engine::string(template))
            .and_then(|()| insert(&mut request, "id", long(service)))
            .and_then(|()| {
                let encoded = encode(&action, variables)?;
                insert(&mut request, "customvars", encoded)
            });
        filled?;
        let mut argument = Zval::new();
        argument.set_hashtable(request);
        boundary();
        let reply = engine::call(
            &action,
            "localAPI",
            vec![&engine::string("SendEmail"), &argument],
        )?;
        boundary();
        check_reply(&action, &reply)
    }

    fn send_admin_mail(&self, subject: &str, text: &str) -> Result<()> {
        let action = "send a mail to the admins";
        let mut request = ZendHashTable::new();
        let mut set = |name: &str, text: &str| insert(&mut request, name, engine::string(text));
        set("type", "system")?;
        set("customsubject", subject)?;
        // WHMCS takes the message for a Smarty template.
        let text = html(text).replace('{', "&#123;");
        set("custommessage", &format!("<p>{text}</p>"))?;
        let mut argument = Zval::new();
        argument.set_hashtable(request);
        boundary();
        let command = engine::string("SendAdminEmail");
        let reply = engine::call(action, "localAPI", vec![&command, &argument])?;
        boundary();
        check_reply(action, &reply)
    }

    fn log_call(&self, action: &str, request: &str, reply: &str, masks: &[Secret]) {
        // WHMCS masks too; doing it here as well keeps the secret out of every hook on the way.
        let mask = Mask::of(masks.iter().map(Secret::expose));
        let request = engine::string(&mask.blank(request));
        let reply = engine::string(&mask.blank(reply));
        let mut list = ZendHashTable::new();
        for form in mask.forms() {
            if list.push(engine::string(form)).is_err() {
                return;
            }
        }
        let mut mask_argument = Zval::new();
        mask_argument.set_hashtable(list);
        let (module, action) = (engine::string(MODULE), engine::string(action));
        let processed = engine::string("");
        let arguments: Vec<&dyn ext_php_rs::convert::IntoZvalDyn> = vec![
            &module,
            &action,
            &request,
            &reply,
            &processed,
            &mask_argument,
        ];
        // A log that cannot be written must not fail the work it describes.
        drop(engine::call(
            "write its module log",
            "logModuleCall",
            arguments,
        ));
    }

    fn log_activity(&self, text: &str, client: Option<i64>) {
        let (text, client) = (engine::string(text), client.unwrap_or_default());
        drop(engine::call(
            "write its activity log",
            "logActivity",
            vec![&text, &client],
        ));
    }

    fn encrypt(&self, secret: &Secret) -> Result<String> {
        convert("encrypt a password", "encrypt", secret.expose())
    }

    fn decrypt(&self, stored: &str) -> Result<Secret> {
        if stored.is_empty() {
            return Ok(Secret::default());
        }
        convert("decrypt a password", "decrypt", stored).map(Secret::new)
    }

    fn now(&self) -> DateTime<Utc> {
        #[cfg(feature = "test-hooks")]
        if let Some(moment) = crate::test_hooks::chosen_moment() {
            return moment;
        }
        Utc::now()
    }

    fn is_client_area(&self) -> bool {
        let constant = engine::string("CLIENTAREA");
        engine::call("tell who is reading", "defined", vec![&constant])
            .is_ok_and(|defined| defined.is_true())
    }

    fn root_folder(&self) -> Result<String> {
        let action = "tell its folder";
        let constant = engine::string("ROOTDIR");
        let root = engine::call(action, "constant", vec![&constant])?;
        engine::text(&root).ok_or_else(|| Error::whmcs(action, "ROOTDIR is no text", None))
    }

    fn time_zone(&self) -> Tz {
        engine::call(
            "tell its time zone",
            "date_default_timezone_get",
            Vec::new(),
        )
        .ok()
        .and_then(|name| engine::text(&name))
        .and_then(|name| name.parse().ok())
        .unwrap_or(Tz::UTC)
    }
}

fn remember(cell: &OnceCell<Zval>, make: impl FnOnce() -> Result<Zval>) -> Result<&Zval> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = make()?;
    Ok(cell.get_or_init(|| value))
}

/// The PHP value and PDO's type for it. Integers stay integers: with emulated prepares a quoted
/// number in `LIMIT` is a syntax error.
fn bound(value: &Value) -> (Zval, i64) {
    match value {
        Value::Null => (Zval::null(), PARAM_NULL),
        Value::Int(number) => (long(*number), PARAM_INT),
        // PDO has no type for floats; Rust's shortest text form reads back as the same number.
        Value::Float(number) => (engine::string(&number.to_string()), PARAM_STR),
        Value::Text(text) => (engine::string(text), PARAM_STR),
    }
}

fn columns(row: &ZendHashTable) -> Row {
    row.values().map(column).collect()
}

fn column(value: &Zval) -> Value {
    if let Some(text) = engine::text(value) {
        return Value::Text(text);
    }
    if let Some(number) = value.long() {
        return Value::Int(number);
    }
    if let Some(number) = value.double() {
        return Value::Float(number);
    }
    value
        .bool()
        .map_or(Value::Null, |flag| Value::Int(i64::from(flag)))
}

/// The handle was set to fail without an exception (`PDO::ERRMODE_SILENT`).
fn silent_failure(action: &str, handle: &Zval) -> Error {
    let info = match engine::method(action, handle, "errorInfo", Vec::new()) {
        Ok(info) => info,
        Err(error) => return error,
    };
    let part = |position| info.array().and_then(|info| info.get_index(position));
    let code = part(1)
        .and_then(Zval::long)
        .and_then(|code| u32::try_from(code).ok());
    let detail = part(2)
        .and_then(engine::text)
        .unwrap_or_else(|| "the database refused without a reason".to_owned());
    Error::whmcs(action, detail, code)
}

/// Merge fields as WHMCS's own API samples pass them: base64 of PHP's serialization.
fn encode(action: &str, variables: &[(&str, String)]) -> Result<Zval> {
    let mut fields = ZendHashTable::new();
    for (name, value) in variables {
        insert(&mut fields, name, engine::string(value))?;
    }
    let mut argument = Zval::new();
    argument.set_hashtable(fields);
    let serialized = engine::call(action, "serialize", vec![&argument])?;
    engine::call(action, "base64_encode", vec![&serialized])
}

fn check_reply(action: &str, reply: &Zval) -> Result<()> {
    let field = |name: &str| {
        reply
            .array()
            .and_then(|reply| reply.get(name))
            .and_then(engine::text)
    };
    if field("result").as_deref() == Some("success") {
        return Ok(());
    }
    let detail = field("message").unwrap_or_else(|| "its API gave no reason".to_owned());
    Err(Error::whmcs(
        action,
        detail.trim_end_matches(['.', ' ']),
        None,
    ))
}

fn convert(action: &str, function: &str, text: &str) -> Result<String> {
    let answer = engine::call(action, function, vec![&engine::string(text)])?;
    engine::text(&answer).ok_or_else(|| Error::whmcs(action, "no text came back", None))
}

fn insert(table: &mut ZendHashTable, name: &str, value: Zval) -> Result<()> {
    table
        .insert(name, value)
        .map_err(|error| Error::bug(format!("a PHP array could not be built: {error}")))
}

fn long(number: i64) -> Zval {
    let mut value = Zval::new();
    value.set_long(number);
    value
}

//! Functions of `MikrotikVpn\Test`, in builds with the feature `test-hooks` only: they drive the
//! host directly and raise a panic on purpose. Used by `tests/module/hooks`.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use chrono::{DateTime, Utc};
use ext_php_rs::boxed::ZBox;
use ext_php_rs::exception::{PhpException, PhpResult};
use ext_php_rs::prelude::*;
use ext_php_rs::types::{ZendHashTable, Zval};
use ext_php_rs::zend::ce;
use mikrotikvpn::Error;
use mikrotikvpn::host::{Host, Value};
use mikrotikvpn::secret::Secret;
use mikrotikvpn::store;

use crate::functions::command;
use crate::host::Whmcs;
use crate::panic::guarded;
use crate::{engine, params, value};

/// Adds every function of this file to the module.
pub(crate) fn register(module: ModuleBuilder) -> ModuleBuilder {
    module
        .function(wrap_function!(query))
        .function(wrap_function!(execute))
        .function(wrap_function!(query_seconds))
        .function(wrap_function!(insert_seconds))
        .function(wrap_function!(transaction))
        .function(wrap_function!(begin))
        .function(wrap_function!(commit))
        .function(wrap_function!(rollback))
        .function(wrap_function!(send_mail))
        .function(wrap_function!(log_call))
        .function(wrap_function!(log_activity))
        .function(wrap_function!(encrypt))
        .function(wrap_function!(decrypt))
        .function(wrap_function!(time_zone))
        .function(wrap_function!(set_now))
        .function(wrap_function!(panic_with))
        .function(wrap_function!(panic_in_command))
        .function(wrap_function!(read_params))
        .function(wrap_function!(to_array))
}

/// Rows with the types the host gave them.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\query")]
pub fn query(sql: &str, arguments: &ZendHashTable) -> PhpResult<ZBox<ZendHashTable>> {
    let rows = Whmcs::default()
        .query(sql, &values(arguments))
        .map_err(|error| coded(&error))?;
    let mut list = ZendHashTable::new();
    for row in rows {
        let mut columns = ZendHashTable::new();
        for column in row {
            columns.push(php(&column))?;
        }
        list.push(columns)?;
    }
    Ok(list)
}

/// The number of rows changed.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\execute")]
pub fn execute(sql: &str, arguments: &ZendHashTable) -> PhpResult<i64> {
    let count = Whmcs::default()
        .execute(sql, &values(arguments))
        .map_err(|error| coded(&error))?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// `[rows, seconds]` of one query, without handing the rows to PHP.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\querySeconds")]
pub fn query_seconds(sql: &str) -> PhpResult<Vec<f64>> {
    let start = Instant::now();
    let rows = Whmcs::default()
        .query(sql, &[])
        .map_err(|error| coded(&error))?;
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    Ok(vec![f64::from(count), start.elapsed().as_secs_f64()])
}

/// Seconds to insert `rows` rows of three integers into `table` in one statement.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\insertSeconds")]
pub fn insert_seconds(table: &str, rows: i64) -> PhpResult<f64> {
    let marks = vec!["(?, ?, ?)"; usize::try_from(rows).unwrap_or_default()].join(", ");
    let values: Vec<Value> = (0..rows * 3).map(Value::Int).collect();
    let start = Instant::now();
    let sql = format!("INSERT INTO {table} VALUES {marks}");
    Whmcs::default()
        .execute(&sql, &values)
        .map_err(|error| coded(&error))?;
    Ok(start.elapsed().as_secs_f64())
}

/// Runs one statement in a transaction of the core.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\transaction")]
pub fn transaction(sql: &str) -> PhpResult<()> {
    let host = Whmcs::default();
    store::transaction(&host, || host.execute(sql, &[]).map(drop)).map_err(|error| coded(&error))
}

/// Starts a transaction.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\begin")]
pub fn begin() -> PhpResult<()> {
    Whmcs::default().begin().map_err(|error| coded(&error))
}

/// Commits it.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\commit")]
pub fn commit() -> PhpResult<()> {
    Whmcs::default().commit().map_err(|error| coded(&error))
}

/// Rolls it back.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\rollback")]
pub fn rollback() -> PhpResult<()> {
    Whmcs::default().rollback().map_err(|error| coded(&error))
}

/// Sends a product e-mail.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\sendMail")]
pub fn send_mail(template: &str, service: i64, fields: &ZendHashTable) -> PhpResult<()> {
    let named: Vec<(String, String)> = fields
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), engine::text(value)?)))
        .collect();
    let fields: Vec<(&str, String)> = named
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    Whmcs::default()
        .send_mail(template, service, &fields)
        .map_err(|error| coded(&error))
}

/// Writes the module log.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\logCall")]
pub fn log_call(action: &str, request: &str, reply: &str, masks: Vec<String>) {
    let masks: Vec<Secret> = masks.into_iter().map(Secret::new).collect();
    Whmcs::default().log_call(action, request, reply, &masks);
}

/// Writes the activity log; client 0 is none.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\logActivity")]
pub fn log_activity(text: &str, client: i64) {
    Whmcs::default().log_activity(text, (client != 0).then_some(client));
}

/// WHMCS's encryption.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\encrypt")]
pub fn encrypt(secret: &str) -> PhpResult<String> {
    Whmcs::default()
        .encrypt(&Secret::new(secret))
        .map_err(|error| coded(&error))
}

/// WHMCS's decryption.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\decrypt")]
pub fn decrypt(stored: &str) -> PhpResult<String> {
    let secret = Whmcs::default()
        .decrypt(stored)
        .map_err(|error| coded(&error))?;
    Ok(secret.expose().to_owned())
}

/// The name of WHMCS's time zone.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\timeZone")]
pub fn time_zone() -> String {
    Whmcs::default().time_zone().name().to_owned()
}

/// What the host takes for the present, in seconds since 1970; 0 is the real present.
static MOMENT: AtomicI64 = AtomicI64::new(0);

/// The moment a test has chosen.
pub(crate) fn chosen_moment() -> Option<DateTime<Utc>> {
    let seconds = MOMENT.load(Ordering::Relaxed);
    (seconds != 0)
        .then(|| DateTime::from_timestamp(seconds, 0))
        .flatten()
}

/// Chooses the present of this process.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\setNow")]
pub fn set_now(seconds: i64) {
    MOMENT.store(seconds, Ordering::Relaxed);
}

/// Panics where WHMCS expects a text, inside a transaction, with `secret` in the message.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\panicInCommand")]
pub fn panic_in_command(params: &ZendHashTable, secret: &str) -> String {
    command(params, |host, _| {
        let result: Result<(), Error> = store::transaction(host, || {
            panic!("the password {secret} is not what it should be")
        });
        format!("{result:?}")
    })
}

/// Panics with `secret` in the message.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\panic")]
pub fn panic_with(secret: &str) -> PhpResult<String> {
    guarded(|| panic!("the password {secret} is not what it should be"))
}

/// What the core would read under each of `names`: `[scalars, options, client]`.
#[allow(clippy::needless_pass_by_value)] // PHP hands over the list
#[php_function]
#[php(name = "MikrotikVpn\\Test\\params")]
pub fn read_params(array: &ZendHashTable, names: Vec<String>) -> PhpResult<Vec<Vec<String>>> {
    guarded(|| {
        let params = params::from_array(array);
        let texts = names.iter().map(|name| params.text(name).to_owned());
        let options = names
            .iter()
            .map(|name| params.option(name).unwrap_or("absent").to_owned());
        let client = names.iter().map(|name| params.client(name).to_owned());
        Ok(vec![texts.collect(), options.collect(), client.collect()])
    })
}

/// JSON text as the PHP array the core's answers become.
#[php_function]
#[php(name = "MikrotikVpn\\Test\\toArray")]
pub fn to_array(json: &str) -> PhpResult<ZBox<ZendHashTable>> {
    let parsed: serde_json::Value =
        serde_json::from_str(json).map_err(|error| PhpException::from(error.to_string()))?;
    Ok(value::array(&parsed)?)
}

fn values(array: &ZendHashTable) -> Vec<Value> {
    array.values().map(core_value).collect()
}

fn core_value(value: &Zval) -> Value {
    if let Some(number) = value.long() {
        return Value::Int(number);
    }
    if let Some(number) = value.double() {
        return Value::Float(number);
    }
    engine::text(value).map_or(Value::Null, Value::Text)
}

fn php(value: &Value) -> Zval {
    let mut zval = Zval::new();
    match value {
        Value::Null => zval.set_null(),
        Value::Int(number) => zval.set_long(*number),
        Value::Float(number) => zval.set_double(*number),
        Value::Text(text) => return engine::string(text),
    }
    zval
}

/// The code says which question of the core's error is answered with yes.
fn coded(error: &Error) -> PhpException {
    let code = match () {
        () if error.is_duplicate_key() => 1062,
        () if error.is_lock_conflict() => 1205,
        () => 0,
    };
    PhpException::new(error.to_string(), code, ce::exception())
}

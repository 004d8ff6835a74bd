//! What WHMCS does for us, as a trait: run SQL, send mail, log, encrypt. The extension implements it
//! over WHMCS's own functions; tests over a plain connection. Never called while a router is being
//! talked to (see `php/`): a PHP fatal error jumps over Rust frames.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::error::Result;
use crate::secret::Secret;

/// One column of one row, or one bound parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// Any integer column. Our own columns stay below 2^63.
    Int(i64),
    /// A floating-point column.
    Float(f64),
    /// Everything else, dates and decimals included; invalid UTF-8 was replaced.
    Text(String),
}

/// The columns of one row, in the order of the statement.
pub type Row = Vec<Value>;

/// WHMCS, seen from the core.
pub trait Host {
    /// Runs a statement that yields rows. `?` marks in `sql` are bound to `params` in order.
    fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>>;

    /// Runs any other statement and returns the number of affected rows as the driver counts them
    /// (MySQL: rows really changed).
    fn execute(&self, sql: &str, params: &[Value]) -> Result<u64>;

    /// Starts a transaction; inside one of WHMCS's own it becomes a savepoint.
    fn begin(&self) -> Result<()>;

    /// Whether a transaction is open, WHMCS's own or ours.
    fn in_transaction(&self) -> bool;

    /// Waits for those whose locks were in the way.
    fn pause(&self, length: Duration) {
        std::thread::sleep(length);
    }

    /// Commits what [`Host::begin`] started.
    fn commit(&self) -> Result<()>;

    /// Takes back what was done since [`Host::begin`]. When the database has taken back WHMCS's own
    /// transaction with it, WHMCS is not told that it were still open.
    fn rollback(&self) -> Result<()>;

    /// Sends the product e-mail template `template` to the owner of `service`, with `variables` as
    /// merge fields.
    fn send_mail(&self, template: &str, service: i64, variables: &[(&str, String)]) -> Result<()>;

    /// Sends a mail of one paragraph to the admins who get WHMCS's system mails.
    fn send_admin_mail(&self, subject: &str, text: &str) -> Result<()>;

    /// Writes WHMCS's module log (kept only while the admin has it switched on). `masks` are the
    /// secret values themselves; WHMCS blanks them wherever they occur.
    fn log_call(&self, action: &str, request: &str, reply: &str, masks: &[Secret]);

    /// Writes WHMCS's activity log, always on. `client` is the owner's id.
    fn log_activity(&self, text: &str, client: Option<i64>);

    /// Encrypts as WHMCS does for `tblhosting.password`.
    fn encrypt(&self, secret: &Secret) -> Result<String>;

    /// Decrypts what WHMCS stored.
    fn decrypt(&self, stored: &str) -> Result<Secret>;

    /// The present moment.
    fn now(&self) -> DateTime<Utc>;

    /// Whether a customer, not an admin or the cron, will read what the call returns.
    fn is_client_area(&self) -> bool {
        false
    }

    /// The folder WHMCS lives in (`ROOTDIR`).
    fn root_folder(&self) -> Result<String>;

    /// WHMCS's time zone: where its days and months begin and end.
    fn time_zone(&self) -> Tz;
}

impl Value {
    /// As an integer; `None` for NULL or text that is not one. Drivers hand over numbers as text
    /// when prepared statements are emulated.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Null | Self::Float(_) => None,
        }
    }

    /// As text; NULL is `None`.
    pub fn as_text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Int(number) => Some(number.to_string()),
            Self::Float(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

//! WHMCS as one actor has it: a connection of its own to the common database, clocks that tests set,
//! a mailer that keeps what it is given, and failures on the director's word.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;
use mikrotikvpn::host::{Host, Row, Value};
use mikrotikvpn::secret::Secret;
use mikrotikvpn::store::LOCK_ORDER;
use mikrotikvpn::{Error, Result};
use mysql::Conn;
use mysql::prelude::Queryable;

use crate::mariadb_support::values::{bound, columns, failure};

use super::stage::{Cue, Failing, Order, Prompter};

/// What every clock here counts from.
pub const EPOCH: i64 = 1_800_000_000;

/// The clocks of one schedule, in seconds since [`EPOCH`].
#[derive(Debug, Clone, Default)]
pub struct Clocks {
    /// The database's.
    pub database: Arc<AtomicI64>,
    /// What WHMCS's own is ahead of it.
    pub host_ahead: Arc<AtomicI64>,
}

impl Clocks {
    /// By WHMCS's clock.
    pub fn host(&self) -> DateTime<Utc> {
        moment(self.database.load(Ordering::SeqCst) + self.host_ahead.load(Ordering::SeqCst))
    }
}

fn moment(seconds: i64) -> DateTime<Utc> {
    Utc.timestamp_opt(EPOCH + seconds, 0)
        .single()
        .unwrap_or_default()
}

/// Connections nobody uses at the moment.
#[derive(Clone, Default)]
pub struct Spare(Arc<Mutex<Vec<Conn>>>);

impl Spare {
    fn take(&self) -> Option<Conn> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// With nothing left open on it.
    fn give_back(&self, mut conn: Conn) {
        conn.query_drop("ROLLBACK").expect("the server answers");
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(conn);
    }
}

/// One process of WHMCS.
pub struct Desk {
    /// `None` once the connection is gone.
    conn: RefCell<Option<Conn>>,
    spare: Spare,
    clocks: Clocks,
    zone: Tz,
    /// The session's time, so that it is set only when it changes.
    told: Cell<i64>,
    open: Cell<bool>,
    /// Places in the order of locks that this transaction has come to.
    locked: RefCell<Vec<usize>>,
    prompter: Option<Prompter>,
}

impl Drop for Desk {
    /// The server rolls back what a process that ends has left open.
    fn drop(&mut self) {
        self.hang_up();
    }
}

impl Desk {
    /// A process; its connection is a spare one or made by `connect`.
    pub fn new(
        spare: &Spare,
        connect: impl FnOnce() -> Conn,
        clocks: Clocks,
        zone: Tz,
        prompter: Option<Prompter>,
    ) -> Self {
        Self {
            conn: RefCell::new(Some(spare.take().unwrap_or_else(connect))),
            spare: spare.clone(),
            clocks,
            zone,
            told: Cell::new(i64::MIN),
            open: Cell::new(false),
            locked: RefCell::default(),
            prompter,
        }
    }

    fn at(&self, cue: Cue) -> Order {
        match &self.prompter {
            Some(prompter) => prompter.at(cue),
            None => Order::GoOn,
        }
    }

    /// Runs one step between its two boundaries.
    fn step<T>(
        &self,
        name: &'static str,
        work: impl FnOnce(&mut Conn) -> mysql::Result<T>,
    ) -> Result<T> {
        if self.prompter.as_ref().is_some_and(Prompter::is_cut) {
            return Err(gone());
        }
        let order = self.at(Cue::BeforeSql(name));
        match order {
            Order::GoOn | Order::Die => {}
            Order::Fail(Failing::AnswerLost) => {
                let outcome = self.run(work);
                self.hang_up();
                return outcome.and(Err(gone()));
            }
            Order::Fail(Failing::LockTimeout | Failing::Refused) => {
                return Err(failed(1205, "Lock wait timeout exceeded"));
            }
            Order::Fail(Failing::Deadlock) => {
                self.roll_back();
                return Err(failed(1213, "Deadlock found when trying to get lock"));
            }
            Order::Fail(Failing::Changed) => {
                self.roll_back();
                return Err(failed(1020, "Record has changed since last read"));
            }
            Order::Fail(Failing::Lost) => {
                self.hang_up();
                return Err(gone());
            }
        }
        let outcome = self.run(work);
        self.at(Cue::AfterSql(name));
        outcome
    }

    fn run<T>(&self, work: impl FnOnce(&mut Conn) -> mysql::Result<T>) -> Result<T> {
        let mut conn = self.conn.borrow_mut();
        let conn = conn.as_mut().ok_or_else(gone)?;
        let now = self.clocks.database.load(Ordering::SeqCst) + EPOCH;
        if self.told.replace(now) != now {
            conn.query_drop(format!("SET timestamp = {now}"))
                .map_err(|error| failure(&error))?;
        }
        work(conn).map_err(|error| failure(&error))
    }

    /// A transaction comes to its tables in one order.
    ///
    /// # Panics
    /// When it does not, or locks a table that has no place in it.
    fn note_locks(&self, sql: &str) {
        if !self.open.get() {
            return;
        }
        let mut locked = self.locked.borrow_mut();
        let words = sql.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        for table in words.filter(|word| word.starts_with("mod_") || word.starts_with("tbl")) {
            let place = LOCK_ORDER.iter().position(|known| *known == table);
            let place = place.unwrap_or_else(|| panic!("{table} has no place among the locks"));
            if locked.contains(&place) {
                continue;
            }
            let last = locked.iter().max().copied();
            assert!(
                last.is_none_or(|last| last < place),
                "{table} is locked after {}",
                LOCK_ORDER[last.unwrap_or_default()]
            );
            locked.push(place);
        }
    }

    fn roll_back(&self) {
        self.open.set(false);
        if let Some(conn) = self.conn.borrow_mut().as_mut() {
            conn.query_drop("ROLLBACK").expect("the server answers");
        }
    }

    /// The connection ends.
    fn hang_up(&self) {
        self.open.set(false);
        if let Some(conn) = self.conn.borrow_mut().take() {
            self.spare.give_back(conn);
        }
    }
}

impl Host for Desk {
    fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        if sql.contains("FOR UPDATE") {
            self.note_locks(sql);
        } else {
            assert!(
                !self.open.get() || !self.locked.borrow().is_empty(),
                "a transaction reads before it has locked what it is about: {sql}"
            );
        }
        self.step("query", |conn| {
            let rows: Vec<mysql::Row> = conn.exec(sql, bound(params))?;
            Ok(rows.into_iter().map(columns).collect())
        })
    }

    fn execute(&self, sql: &str, params: &[Value]) -> Result<u64> {
        self.note_locks(sql);
        self.step("execute", |conn| {
            if params.is_empty() {
                conn.query_drop(sql)?;
            } else {
                conn.exec_drop(sql, bound(params))?;
            }
            Ok(conn.affected_rows())
        })
    }

    fn begin(&self) -> Result<()> {
        assert!(!self.open.get(), "the core nests no transactions");
        self.step("begin", |conn| conn.query_drop("START TRANSACTION"))?;
        self.open.set(true);
        self.locked.borrow_mut().clear();
        Ok(())
    }

    fn commit(&self) -> Result<()> {
        self.step("commit", |conn| {
            // From here on another actor may find what was written.
            self.open.set(false);
            conn.query_drop("COMMIT")
        })
    }

    fn in_transaction(&self) -> bool {
        self.open.get()
    }

    /// Nobody waits for a clock here: others may go on meanwhile.
    fn pause(&self, _: Duration) {
        self.at(Cue::Pause);
    }

    fn rollback(&self) -> Result<()> {
        if self.conn.borrow().is_none() {
            return Err(gone());
        }
        self.roll_back();
        Ok(())
    }

    fn send_mail(&self, template: &str, service: i64, _: &[(&str, String)]) -> Result<()> {
        match self.at(Cue::Mail(template.to_owned(), service)) {
            Order::Fail(_) => Err(Error::whmcs("send an e-mail", "the mailer is down", None)),
            _ => Ok(()),
        }
    }

    fn send_admin_mail(&self, _: &str, _: &str) -> Result<()> {
        Ok(())
    }

    fn log_call(&self, _: &str, _: &str, _: &str, _: &[Secret]) {}

    fn log_activity(&self, _: &str, _: Option<i64>) {}

    fn encrypt(&self, secret: &Secret) -> Result<String> {
        Ok(format!("enc:{}", secret.expose()))
    }

    fn decrypt(&self, stored: &str) -> Result<Secret> {
        Ok(Secret::new(stored.strip_prefix("enc:").unwrap_or(stored)))
    }

    fn now(&self) -> DateTime<Utc> {
        self.clocks.host()
    }

    fn root_folder(&self) -> Result<String> {
        Ok("/srv/whmcs".to_owned())
    }

    fn time_zone(&self) -> Tz {
        self.zone
    }
}

fn gone() -> Error {
    failed(2006, "MySQL server has gone away")
}

fn failed(code: u32, text: &str) -> Error {
    Error::whmcs("use its database", text, Some(code))
}

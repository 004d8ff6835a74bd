//! WHMCS as the store needs it: a database of its own, and clocks that a test sets.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mikrotikvpn::Result;
use mikrotikvpn::host::{Host, Row, Value};
use mikrotikvpn::secret::Secret;
use mysql::Conn;
use mysql::prelude::Queryable;

use crate::mariadb_support::MariaDb;
use crate::mariadb_support::values::{bound, columns, failure};

pub struct Database {
    conn: RefCell<Conn>,
    open: Cell<bool>,
    /// By WHMCS's clock.
    pub now: Cell<DateTime<Utc>>,
    /// Every statement that writes, as it was asked for.
    pub written: RefCell<Vec<String>>,
}

impl Database {
    /// A new one, with our tables.
    pub fn new(name: &str) -> Self {
        let (server, name) = (MariaDb::of_this_process(), format!("store_{name}"));
        server.create(&name);
        let database = Self {
            conn: RefCell::new(server.connect(&name)),
            open: Cell::new(false),
            now: Cell::new(Utc::now()),
            written: RefCell::default(),
        };
        // The server's own threads, which keep statistics, may be in the way of a change of a table for a moment.
        database.run("SET SESSION innodb_lock_wait_timeout = 10");
        mikrotikvpn::store::ensure_schema(&database).expect("our tables");
        database.written.borrow_mut().clear();
        database
    }

    pub fn run(&self, sql: &str) {
        self.execute(sql, &[]).expect(sql);
    }

    /// Rows of two columns, as texts.
    pub fn pairs(&self, sql: &str) -> Vec<(String, String)> {
        let rows = self.query(sql, &[]).expect(sql).into_iter();
        let text = |value: Option<Value>| value.and_then(|value| value.as_text());
        rows.map(|row| {
            let mut columns = row.into_iter();
            let (first, second) = (text(columns.next()), text(columns.next()));
            (first.unwrap_or_default(), second.unwrap_or_default())
        })
        .collect()
    }
}

impl Host for Database {
    fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let rows = self.conn.borrow_mut().exec(sql, bound(params));
        let rows: Vec<mysql::Row> = rows.map_err(|error| failure(&error))?;
        Ok(rows.into_iter().map(columns).collect())
    }

    fn execute(&self, sql: &str, params: &[Value]) -> Result<u64> {
        self.written.borrow_mut().push(sql.to_owned());
        let mut conn = self.conn.borrow_mut();
        let done = if params.is_empty() {
            conn.query_drop(sql)
        } else {
            conn.exec_drop(sql, bound(params))
        };
        done.map_err(|error| failure(&error))?;
        Ok(conn.affected_rows())
    }

    fn begin(&self) -> Result<()> {
        self.open.set(true);
        self.execute("START TRANSACTION", &[]).map(drop)
    }

    fn in_transaction(&self) -> bool {
        self.open.get()
    }

    fn pause(&self, _: Duration) {}

    fn commit(&self) -> Result<()> {
        self.open.set(false);
        self.execute("COMMIT", &[]).map(drop)
    }

    fn rollback(&self) -> Result<()> {
        self.open.set(false);
        self.execute("ROLLBACK", &[]).map(drop)
    }

    fn send_mail(&self, _: &str, _: i64, _: &[(&str, String)]) -> Result<()> {
        Ok(())
    }

    fn send_admin_mail(&self, _: &str, _: &str) -> Result<()> {
        Ok(())
    }

    fn root_folder(&self) -> Result<String> {
        Ok("/srv/whmcs".to_owned())
    }

    fn log_call(&self, _: &str, _: &str, _: &str, _: &[Secret]) {}

    fn log_activity(&self, _: &str, _: Option<i64>) {}

    fn encrypt(&self, secret: &Secret) -> Result<String> {
        Ok(secret.expose().to_owned())
    }

    fn decrypt(&self, stored: &str) -> Result<Secret> {
        Ok(Secret::new(stored))
    }

    fn now(&self) -> DateTime<Utc> {
        self.now.get()
    }

    fn time_zone(&self) -> Tz {
        Tz::UTC
    }
}

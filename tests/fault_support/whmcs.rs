//! WHMCS as one process has it: a database of its own, its logs as the core wrote them, before WHMCS
//! blanks anything in them.

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mikrotikvpn::host::{Host, Row, Value};
use mikrotikvpn::secret::Secret;
use mikrotikvpn::{Error, Result};
use mysql::Conn;
use mysql::prelude::Queryable;

use crate::mariadb_support::MariaDb;
use crate::mariadb_support::values::{bound, columns, failure};

/// A WHMCS that is used again and again, by one thread.
pub struct Whmcs {
    conn: RefCell<Conn>,
    open: Cell<bool>,
    /// Tables and their columns, once they are known.
    known: OnceCell<Vec<(String, String)>>,
    /// Everything that was written to a log or into a mail, as it was given.
    said: RefCell<Vec<String>>,
}

impl Whmcs {
    /// With a database of this name.
    pub fn new(name: &str) -> Self {
        let server = MariaDb::of_this_process();
        server.create(name);
        Self {
            conn: RefCell::new(server.connect(name)),
            open: Cell::new(false),
            known: OnceCell::new(),
            said: RefCell::default(),
        }
    }

    /// As after the installation, our tables included.
    pub fn clear(&self) {
        assert!(!self.open.get(), "a transaction was left open");
        self.said.borrow_mut().clear();
        mikrotikvpn::store::ensure_schema(self).expect("the database works");
        for (table, _) in self.tables() {
            if table != "mod_mikrotikvpn_schema" {
                self.run(&format!("DELETE FROM {table}"), &[]);
            }
        }
        // Of an id that the tests know.
        self.run(
            "INSERT INTO mod_mikrotikvpn_installation (id, mark, system_url, database_name, root) \
             VALUES (1, 'k3f9a2', '', DATABASE(), '/srv/whmcs')",
            &[],
        );
    }

    /// The answer of a query that holds one row of one column.
    pub fn one(&self, sql: &str, params: &[Value]) -> Value {
        let rows = self.query(sql, params).expect(sql);
        let row = rows.into_iter().next().expect(sql);
        row.into_iter().next().expect(sql)
    }

    /// A whole number.
    pub fn int(&self, sql: &str, params: &[Value]) -> i64 {
        self.one(sql, params).as_int().expect(sql)
    }

    /// A text; NULL is empty.
    pub fn text(&self, sql: &str, params: &[Value]) -> String {
        self.one(sql, params).as_text().unwrap_or_default()
    }

    pub fn run(&self, sql: &str, params: &[Value]) {
        self.execute(sql, params).expect(sql);
    }

    /// What was said so far.
    pub fn said(&self) -> Vec<String> {
        self.said.borrow().clone()
    }

    /// Every column of every row, but for what WHMCS itself keeps passwords in.
    pub fn dump(&self) -> String {
        let mut text = String::new();
        for (table, columns) in self.tables() {
            let sql = format!("SELECT {columns} FROM {table}");
            for row in self.query(&sql, &[]).expect("a table of ours") {
                let _ = writeln!(text, "{table}: {row:?}");
            }
        }
        text
    }

    /// Tables with those of their columns that [`Whmcs::dump`] shows. The key of a product is in clear in
    /// WHMCS's own table.
    fn tables(&self) -> &[(String, String)] {
        self.known.get_or_init(|| {
            let sql = "SELECT table_name, GROUP_CONCAT(CONCAT('`', column_name, '`')) FROM information_schema.columns \
                       WHERE table_schema = DATABASE() AND column_name NOT IN ('password', 'configoption19') GROUP BY 1";
            let rows = self.query(sql, &[]).expect("the server answers");
            let text = |value: &Value| value.as_text().unwrap_or_default();
            rows.iter().map(|row| (text(&row[0]), text(&row[1]))).collect()
        })
    }

    fn say(&self, text: String) {
        self.said.borrow_mut().push(text);
    }
}

impl Host for Whmcs {
    fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let rows: Vec<mysql::Row> = self
            .conn
            .borrow_mut()
            .exec(sql, bound(params))
            .map_err(|error| failure(&error))?;
        Ok(rows.into_iter().map(columns).collect())
    }

    fn execute(&self, sql: &str, params: &[Value]) -> Result<u64> {
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
        assert!(!self.open.replace(true), "the core nests no transactions");
        self.execute("START TRANSACTION", &[]).map(drop)
    }

    fn in_transaction(&self) -> bool {
        self.open.get()
    }

    fn commit(&self) -> Result<()> {
        self.open.set(false);
        self.execute("COMMIT", &[]).map(drop)
    }

    fn rollback(&self) -> Result<()> {
        self.open.set(false);
        self.execute("ROLLBACK", &[]).map(drop)
    }

    fn send_mail(&self, template: &str, _: i64, variables: &[(&str, String)]) -> Result<()> {
        self.say(format!("mail {template} {variables:?}"));
        Ok(())
    }

    fn send_admin_mail(&self, subject: &str, text: &str) -> Result<()> {
        self.say(format!("mail to the admins {subject}: {text}"));
        Ok(())
    }

    fn log_call(&self, action: &str, request: &str, reply: &str, _: &[Secret]) {
        self.say(format!("module log {action}\n{request}\n{reply}"));
    }

    fn log_activity(&self, text: &str, _: Option<i64>) {
        self.say(format!("activity {text}"));
    }

    fn encrypt(&self, secret: &Secret) -> Result<String> {
        let mut text = String::new();
        for byte in secret.expose().bytes() {
            let _ = write!(text, "{:02x}", byte ^ 0x5A);
        }
        Ok(text)
    }

    fn decrypt(&self, stored: &str) -> Result<Secret> {
        let bytes = stored.as_bytes().chunks(2).map(|pair| {
            let digits = std::str::from_utf8(pair).ok()?;
            u8::from_str_radix(digits, 16).ok().map(|byte| byte ^ 0x5A)
        });
        bytes
            .collect::<Option<Vec<u8>>>()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .map(Secret::new)
            .ok_or_else(|| Error::whmcs("decrypt a password", "it was not encrypted", None))
    }

    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn root_folder(&self) -> Result<String> {
        Ok("/srv/whmcs".to_owned())
    }

    fn time_zone(&self) -> Tz {
        Tz::UTC
    }
}

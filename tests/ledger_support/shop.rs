//! WHMCS's side of a schedule: products, services, invoices, and the `$params` its calls come with.

use chrono::{Months, NaiveDate};
use mikrotikvpn::params::Params;
use mysql::prelude::Queryable;
use mysql::{Conn, params};

/// Templates of both mails.
pub const NOTICE: &str = "Nearly used up";
pub const SUSPENSION: &str = "Used up";

/// One product.
pub struct Product {
    pub id: i64,
    /// GB of a month; empty is unlimited.
    quota: &'static str,
    /// GB left at which the notice goes.
    threshold: &'static str,
    /// Mbit/s down and up.
    speeds: (&'static str, &'static str),
    days: &'static str,
    frequency: &'static str,
    advanced: &'static str,
    mails: bool,
}

pub const PRODUCTS: [Product; 5] = [
    Product {
        id: 1,
        quota: "0.15",
        threshold: "0.05",
        speeds: ("", ""),
        days: "20",
        frequency: "cron",
        advanced: "",
        mails: true,
    },
    Product {
        id: 2,
        quota: "0.4",
        threshold: "0.2",
        speeds: ("", ""),
        days: "",
        frequency: "daily",
        advanced: "cap = slow 1/1",
        mails: true,
    },
    Product {
        id: 3,
        quota: "0.1",
        threshold: "",
        speeds: ("200", "200"),
        days: "",
        frequency: "cron",
        advanced: "cap = profile walled\nrollover = off",
        mails: true,
    },
    Product {
        id: 4,
        quota: "",
        threshold: "",
        speeds: ("", ""),
        days: "",
        frequency: "cron",
        advanced: "",
        mails: true,
    },
    Product {
        id: 5,
        quota: "0.2",
        threshold: "0.1",
        speeds: ("100", "20"),
        days: "3",
        frequency: "",
        advanced: "",
        mails: false,
    },
];

impl Product {
    /// By `tblproducts.id`.
    pub fn of(id: i64) -> &'static Self {
        PRODUCTS
            .iter()
            .find(|product| product.id == id)
            .expect("a product of this shop")
    }

    fn setting(&self, position: usize) -> &'static str {
        match position {
            1 => "sim",
            4 => self.speeds.0,
            5 => self.speeds.1,
            6 => self.quota,
            12 => self.days,
            13 if self.mails => NOTICE,
            14 => self.threshold,
            15 if self.mails => SUSPENSION,
            20 => self.frequency,
            23 => self.advanced,
            _ => "",
        }
    }

    /// Bytes left at which the notice goes; 0 is never.
    pub fn threshold(&self) -> i64 {
        mikrotikvpn::units::Bytes::from_gb(self.threshold.parse().unwrap_or(0.0))
            .map_or(0, |bytes| i64::try_from(bytes.0).unwrap_or(0))
    }

    /// The queue's `max-limit` as sold.
    pub fn limits(&self) -> String {
        let bits = |mbit: &str| mbit.parse::<u64>().unwrap_or(0) * 1_000_000;
        format!("{}/{}", bits(self.speeds.1), bits(self.speeds.0))
    }

    /// What happens at the end of the balance.
    pub fn cap(&self) -> &'static str {
        self.advanced.lines().next().unwrap_or_default()
    }

    /// The rows of `tblproducts`, once for a database.
    pub fn insert_all(conn: &mut Conn) {
        for product in &PRODUCTS {
            let columns: Vec<_> = (1..=24).map(|n| format!("configoption{n}")).collect();
            let values: Vec<_> = (1..=24)
                .map(|n| format!("'{}'", product.setting(n)))
                .collect();
            conn.query_drop(format!(
                "INSERT INTO tblproducts (id, name, description, servertype, {}) VALUES ({}, 'p', '', 'mikrotikvpn', {})",
                columns.join(","),
                product.id,
                values.join(",")
            ))
            .expect("a product");
        }
    }
}

/// How the router is reached.
#[derive(Debug, Clone)]
pub struct Access {
    pub port: u16,
    pub hash: String,
}

const USER: &str = "whmcs";
const PASSWORD: &str = "router-pass-9";

impl Access {
    /// The router's login.
    pub fn login() -> (&'static str, &'static str) {
        (USER, PASSWORD)
    }

    fn write(&self, conn: &mut Conn) {
        conn.exec_drop(
            "INSERT INTO tblservers (id, type, name, ipaddress, port, username, password, accesshash, assignedips, statusaddress, active) \
             VALUES (1, 'mikrotikvpn', 's', '127.0.0.1', :port, 'whmcs', 'enc:router-pass-9', :hash, '10.20.0.2-10.20.0.99', '', 1)",
            params! {"port" => self.port, "hash" => &self.hash},
        )
        .expect("a server");
    }

    /// The `$params` of a call for the server alone.
    pub fn params(&self) -> Params {
        let mut params = Params::new();
        for (name, value) in [
            ("serverid", "1"),
            ("serverip", "127.0.0.1"),
            ("serverusername", USER),
            ("serverpassword", PASSWORD),
            ("serveraccesshash", self.hash.as_str()),
        ] {
            params.set(name, value);
        }
        params.set("serverport", &self.port.to_string());
        params
    }

    /// The `$params` of a call for a service.
    pub fn params_of(&self, service: &Service) -> Params {
        let mut params = self.params();
        params.set("serviceid", &service.id.to_string());
        params.set("userid", "1");
        params.set("pid", &service.product.to_string());
        params.set("username", &service.name());
        params.set("password", "customer-pass-7");
        params.set("status", service.status);
        let product = Product::of(service.product);
        for position in 1..=24 {
            params.set(
                &format!("configoption{position}"),
                product.setting(position),
            );
        }
        params
    }
}

/// A sold service, as `tblhosting` has it.
#[derive(Debug, Clone)]
pub struct Service {
    pub id: i64,
    pub product: i64,
    pub status: &'static str,
    pub due: NaiveDate,
    pub override_on: bool,
    /// First days of the periods that may be granted: paid, or begun when the account was created.
    pub periods: Vec<NaiveDate>,
    /// It had no due date when it was created.
    pub once: bool,
    /// First days of those that were paid.
    pub paid: Vec<NaiveDate>,
}

const EMPTIED: [&str; 13] = [
    "tblservers",
    "tblhosting",
    "tblinvoices",
    "tblinvoiceitems",
    "mod_mikrotikvpn_accounts",
    "mod_mikrotikvpn_traffic_daily",
    "mod_mikrotikvpn_traffic_monthly",
    "mod_mikrotikvpn_grants",
    "mod_mikrotikvpn_mails",
    "mod_mikrotikvpn_collections",
    "mod_mikrotikvpn_servers",
    "mod_mikrotikvpn_forms",
    "tblemailtemplates",
];

/// Forgets the schedule before and writes the server.
pub fn open(conn: &mut Conn, access: &Access) {
    for table in EMPTIED {
        conn.query_drop(format!("DELETE FROM {table}"))
            .expect(table);
    }
    access.write(conn);
}

impl Service {
    /// An order that was paid: the first invoice is of the period that begins today.
    pub fn order(conn: &mut Conn, id: i64, product: i64, today: NaiveDate) -> Self {
        let due = today + Months::new(1);
        conn.exec_drop(
            "INSERT INTO tblhosting (id, userid, packageid, server, billingcycle, nextduedate, domainstatus, username, password, notes, assignedips) \
             VALUES (?, 1, ?, 1, 'Monthly', ?, 'Pending', ?, 'enc:customer-pass-7', '', '')",
            (id, product, due.to_string(), format!("vpn{id}")),
        )
        .expect("a service");
        let service = Self {
            id,
            product,
            status: "Pending",
            due,
            override_on: false,
            periods: vec![today],
            once: false,
            paid: vec![today],
        };
        service.invoice(conn, today);
        service
    }

    /// Login name, the same for ever.
    pub fn name(&self) -> String {
        format!("vpn{}", self.id)
    }

    /// The period that begins on this day is paid.
    pub fn invoice(&self, conn: &mut Conn, begins: NaiveDate) {
        let begins = begins.to_string();
        conn.exec_drop(
            "INSERT INTO tblinvoices (userid, date, duedate, status, notes) VALUES (1, ?, ?, 'Paid', '')",
            (&begins, &begins),
        )
        .expect("an invoice");
        let invoice = conn.last_insert_id();
        conn.exec_drop(
            "INSERT INTO tblinvoiceitems (invoiceid, userid, type, relid, description, duedate, notes) VALUES (?, 1, 'Hosting', ?, '', ?, '')",
            (invoice, self.id, &begins),
        )
        .expect("an item");
    }

    /// The next period is paid. WHMCS moves the due date before or after it calls Renew.
    pub fn pay(&mut self, conn: &mut Conn) {
        self.invoice(conn, self.due);
        self.periods.push(self.due);
        self.paid.push(self.due);
        self.due = self.due + Months::new(1);
    }

    /// Writes what WHMCS changed; `false` while somebody has locked the row.
    pub fn save(&self, conn: &mut Conn) -> bool {
        let outcome = conn.exec_drop(
            "UPDATE tblhosting SET packageid = ?, domainstatus = ?, nextduedate = ?, overideautosuspend = ? WHERE id = ?",
            (
                self.product,
                self.status,
                self.due.to_string(),
                i32::from(self.override_on),
                self.id,
            ),
        );
        match outcome {
            Err(mysql::Error::MySqlError(error)) if error.code == 1205 => false,
            outcome => {
                outcome.expect("a service");
                true
            }
        }
    }
}

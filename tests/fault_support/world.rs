//! One service sold on one router, among objects that are other people's.

use std::fmt::Write as _;

use mikrotikvpn::host::{Host, Value};
use mikrotikvpn::params::Params;
use mikrotikvpn::secret::Secret;
use router_sim::{
    CertificateStyle, ClockMode, Dial, Options, Record, Router as Sim, Server, ServerOptions,
    TableId,
};

use super::secrets::{NEW_PASSWORD, PASSWORD, PSK, ROUTER_PASSWORD};
use super::whmcs::Whmcs;

/// How the router is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    Rest,
    Api,
}

impl Transport {
    pub const BOTH: [Self; 2] = [Self::Rest, Self::Api];
}

/// What kind of a router.
#[derive(Debug, Clone)]
pub struct Kind {
    pub options: Options,
    pub tls: bool,
    pub certificate: CertificateStyle,
    /// Accounts of others, by the thousand.
    pub crowd: u32,
    /// The counters tell what flowed.
    pub honest_counters: bool,
}

impl Default for Kind {
    fn default() -> Self {
        Self {
            options: Options {
                failed_login_delay_ms: 0,
                // Its uptime must not stand still while a busy machine takes its time.
                clock: ClockMode::Real,
                ..Options::default()
            },
            tls: false,
            certificate: CertificateStyle::CaSigned,
            crowd: 0,
            honest_counters: true,
        }
    }
}

/// Seconds a command and a collection may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds {
    pub command: u64,
    pub collection: u64,
}

impl Seconds {
    /// The shortest the settings allow, for faults that use them up.
    pub const SHORT: Self = Self {
        command: 1,
        collection: 5,
    };
    /// Enough on any machine.
    pub const LONG: Self = Self {
        command: 60,
        collection: 60,
    };

    /// As the server's Access Hash has them.
    fn lines(self) -> String {
        format!(
            "command-timeout = {}\ntimeout = {}",
            self.command, self.collection
        )
    }
}

pub const CLIENT: i64 = 7;
pub const SERVER: i64 = 3;
pub const SERVICE: i64 = 41;
const PRODUCT: i64 = 5;

/// Who our account is called, and what its objects carry.
pub const NAME: &str = "vpn41";
pub const TAG: &str = "isp whmcs:41@k3f9a2";

pub struct World<'a> {
    pub whmcs: &'a Whmcs,
    pub sim: Sim,
    pub server: Server,
    pub transport: Transport,
    product: Vec<(usize, &'static str)>,
    /// What the command of ChangePassword is given.
    pub new_password: Option<&'static str>,
    /// Bytes that were written into the counters and never flowed.
    pub counted_by_hand: u64,
    /// The port without a certificate, once there is one.
    bare: Option<Server>,
    /// No fault makes the counters tell anything but what flowed.
    pub honest_counters: bool,
}

impl<'a> World<'a> {
    pub fn new(whmcs: &'a Whmcs, transport: Transport, kind: &Kind) -> Self {
        whmcs.clear();
        let sim = Sim::new(kind.options.clone());
        sim.add_user("whmcs", ROUTER_PASSWORD, "full").unwrap();
        populate(&sim, kind.crowd);
        let ports = match transport {
            Transport::Rest => ServerOptions::default(),
            Transport::Api => ServerOptions::api(),
        };
        let server = Server::start(
            &sim,
            &ServerOptions {
                certificate: kind.certificate,
                api_anonymous: false,
                plain: ports.plain.filter(|_| !kind.tls),
                api: ports.api.filter(|_| !kind.tls),
                tls: ports.tls.filter(|_| kind.tls),
                api_tls: ports.api_tls.filter(|_| kind.tls),
                authority: None,
            },
        )
        .unwrap();
        let world = Self {
            whmcs,
            sim,
            server,
            transport,
            product: vec![
                (1, "isp"),
                (2, "vpn"),
                (3, "l2tp"),
                (4, "20"),
                (5, "5"),
                (6, "0.001953125"),
                (18, "on"),
                (19, PSK),
                (21, "vpn{service_id}"),
            ],
            new_password: None,
            counted_by_hand: 0,
            bare: None,
            honest_counters: kind.honest_counters,
        };
        world.sell(kind);
        world
    }

    fn sell(&self, kind: &Kind) {
        let address = match (self.transport, kind.tls) {
            (Transport::Rest, false) => self.server.address(),
            (Transport::Rest, true) => self.server.tls_address(),
            (Transport::Api, false) => self.server.api_address(),
            (Transport::Api, true) => self.server.api_tls_address(),
        };
        let transport = match self.transport {
            Transport::Rest => "rest",
            Transport::Api => "api",
        };
        let mut hash = format!("transport = {transport}\n{}", Seconds::LONG.lines());
        if kind.tls {
            let _ = write!(hash, "\ntls-pin = {}", self.server.fingerprint());
        }
        let encrypted = |text: &str| {
            let stored = self.whmcs.encrypt(&Secret::new(text));
            Value::from(stored.expect("it always can"))
        };
        self.whmcs.run(
            "INSERT INTO tblservers (id, name, type, active, ipaddress, port, secure, username, password, accesshash, assignedips) \
             VALUES (?, 'r1', 'mikrotikvpn', 1, '127.0.0.1', ?, ?, 'whmcs', ?, ?, '10.7.0.2-10.7.0.99')",
            &[
                SERVER.into(),
                i64::from(address.expect("it listens").port()).into(),
                (if kind.tls { "on" } else { "" }).into(),
                encrypted(ROUTER_PASSWORD),
                hash.into(),
            ],
        );
        self.whmcs.run(
            "INSERT INTO tblproducts (id, name, servertype) VALUES (?, 'VPN', 'mikrotikvpn')",
            &[PRODUCT.into()],
        );
        self.store_product();
        self.whmcs.run(
            "INSERT INTO tblhosting (id, userid, packageid, server, billingcycle, regdate, nextduedate, domainstatus, password) \
             VALUES (?, ?, ?, ?, 'Monthly', CURDATE(), CURDATE() + INTERVAL 1 MONTH, 'Active', ?)",
            &[
                SERVICE.into(),
                CLIENT.into(),
                PRODUCT.into(),
                SERVER.into(),
                encrypted(PASSWORD),
            ],
        );
    }

    /// The admin changes the product's settings.
    pub fn set_product(&mut self, settings: &[(usize, &'static str)]) {
        for (position, value) in settings {
            self.product.retain(|(other, _)| other != position);
            self.product.push((*position, value));
        }
        self.store_product();
    }

    fn store_product(&self) {
        let columns = self
            .product
            .iter()
            .map(|(position, _)| format!("configoption{position} = ?"));
        let sql = format!(
            "UPDATE tblproducts SET {} WHERE id = {PRODUCT}",
            columns.collect::<Vec<_>>().join(", ")
        );
        let values: Vec<_> = self
            .product
            .iter()
            .map(|(_, value)| (*value).into())
            .collect();
        self.whmcs.run(&sql, &values);
    }

    /// A column of the service's row.
    pub fn service(&self, column: &str) -> String {
        let sql = format!("SELECT {column} FROM tblhosting WHERE id = ?");
        self.whmcs.text(&sql, &[SERVICE.into()])
    }

    /// A column of our record of it, as a whole number; NULL is 0.
    pub fn account(&self, column: &str) -> i64 {
        let sql = format!(
            "SELECT COALESCE(MAX({column}), 0) FROM mod_mikrotikvpn_accounts WHERE service_id = ?"
        );
        self.whmcs.int(&sql, &[SERVICE.into()])
    }

    pub fn set_status(&self, status: &str) {
        self.whmcs.run(
            "UPDATE tblhosting SET domainstatus = ? WHERE id = ?",
            &[status.into(), SERVICE.into()],
        );
    }

    /// The password WHMCS has for the service.
    pub fn password(&self) -> String {
        let stored = self.service("password");
        let secret = self.whmcs.decrypt(&stored).expect("WHMCS encrypted it");
        secret.expose().to_owned()
    }

    pub fn store_password(&self, password: &str) {
        let stored = self.whmcs.encrypt(&Secret::new(password));
        self.whmcs.run(
            "UPDATE tblhosting SET password = ? WHERE id = ?",
            &[stored.expect("it always can").into(), SERVICE.into()],
        );
    }

    /// What WHMCS passes to a function of the module.
    pub fn params(&self) -> Params {
        let mut params = Params::new();
        let row = self
            .whmcs
            .query(
                "SELECT ipaddress, hostname, username, accesshash, secure, port FROM tblservers WHERE id = ?",
                &[SERVER.into()],
            )
            .expect("the database works")
            .remove(0);
        let names = [
            "serverip",
            "serverhostname",
            "serverusername",
            "serveraccesshash",
            "serversecure",
            "serverport",
        ];
        for (name, value) in names.into_iter().zip(row) {
            params.set(name, &value.as_text().unwrap_or_default());
        }
        params.set("serverpassword", &encoded(ROUTER_PASSWORD));
        params.set("serverid", &SERVER.to_string());
        params.set("serviceid", &SERVICE.to_string());
        params.set("userid", &CLIENT.to_string());
        params.set("pid", &PRODUCT.to_string());
        params.set("status", &self.service("domainstatus"));
        params.set("username", &self.service("username"));
        let password = self
            .new_password
            .map_or_else(|| self.password(), str::to_owned);
        params.set("password", &encoded(&password));
        for (position, value) in &self.product {
            params.set(&format!("configoption{position}"), &encoded(value));
        }
        params
    }

    /// The admin pastes the line with the certificate the router has now.
    pub fn trust_the_certificate(&self) {
        self.forget_the_certificate();
        let line = format!("\ntls-pin = {}", self.server.fingerprint());
        self.whmcs.run(
            "UPDATE tblservers SET accesshash = CONCAT(accesshash, ?) WHERE id = ?",
            &[line.into(), SERVER.into()],
        );
    }

    /// No certificate is named any more.
    pub fn forget_the_certificate(&self) {
        self.whmcs.run(
            "UPDATE tblservers SET accesshash = REGEXP_REPLACE(accesshash, '\ntls-pin[^\n]*', '') WHERE id = ?",
            &[SERVER.into()],
        );
    }

    /// The port offers anonymous Diffie-Hellman only, as a service without a certificate does.
    pub fn take_the_certificate_away(&mut self) {
        let bare = ServerOptions {
            plain: None,
            tls: None,
            api: None,
            api_anonymous: true,
            ..ServerOptions::api()
        };
        let bare = Server::start(&self.sim, &bare).unwrap();
        self.set_port(bare.api_tls_address().unwrap().port());
        self.bare = Some(bare);
    }

    /// The port has its certificate again.
    pub fn give_the_certificate_back(&self) {
        let ports = [self.server.tls_address(), self.server.api_tls_address()];
        self.set_port(ports.into_iter().flatten().next().unwrap().port());
    }

    /// WHMCS's tick box for customers who are not to be suspended.
    pub fn override_suspension(&self) {
        self.whmcs.run(
            "UPDATE tblhosting SET overideautosuspend = 1 WHERE id = ?",
            &[SERVICE.into()],
        );
    }

    /// Waits until the port is open: one that was closed opens again in a moment.
    pub fn await_port(&self) {
        let sql = "SELECT port FROM tblservers WHERE id = ?";
        let port = u16::try_from(self.whmcs.int(sql, &[SERVER.into()])).expect("a port");
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::yield_now();
        }
    }

    /// What commands and collections may take from now on.
    pub fn give(&self, seconds: Seconds) {
        self.whmcs.run(
            "UPDATE tblservers SET accesshash = REGEXP_REPLACE(accesshash, 'command-timeout = .*\ntimeout = [0-9]*', ?) WHERE id = ?",
            &[seconds.lines().into(), SERVER.into()],
        );
    }

    fn set_port(&self, port: u16) {
        self.whmcs.run(
            "UPDATE tblservers SET port = ? WHERE id = ?",
            &[i64::from(port).into(), SERVER.into()],
        );
    }

    /// The objects of our account, as its admin sees them.
    pub fn ours(&self, menu: &str) -> Vec<Record> {
        let rows = self.sim.rows(menu);
        rows.into_iter().filter(is_ours).collect()
    }

    /// Bytes booked for the service, both directions, in the history that is never changed.
    pub fn billed(&self) -> u64 {
        let sql = "SELECT COALESCE(SUM(download + upload), 0) FROM mod_mikrotikvpn_traffic_daily";
        u64::try_from(self.whmcs.int(sql, &[])).unwrap_or_default()
    }

    /// Bytes its customer really moved.
    pub fn flowed(&self) -> u64 {
        let truth = self.sim.truth(NAME);
        truth.upload + truth.download
    }

    /// The customer's client dials in.
    pub fn dial(&self) -> bool {
        self.sim.connect(&Dial::l2tp(NAME)).is_ok()
    }

    /// Everything that is not ours, without what changes by itself.
    pub fn foreign(&self, counters: bool) -> String {
        let menus = [
            "/ppp/secret",
            "/ppp/profile",
            "/ppp/active",
            "/queue/simple",
            "/interface",
            "/ip/pool",
            "/ip/address",
            "/ip/service",
            "/user/group",
        ];
        let mut text = String::new();
        for menu in menus {
            let foreign = |row: &&Record| !is_ours(row) && !is_connection(menu, row);
            for row in self.sim.rows(menu).iter().filter(foreign) {
                text.push_str(menu);
                for (key, value) in &row.0 {
                    if !(changes_by_itself(key) || !counters && counts(key)) {
                        let _ = write!(text, " {key}={value:?}");
                    }
                }
                text.push('\n');
            }
        }
        text
    }

    /// Everything that is ours, likewise.
    pub fn own_state(&self) -> String {
        let mut text = String::new();
        for menu in ["/ppp/secret", "/queue/simple", "/ppp/active"] {
            for row in self.ours(menu) {
                text.push_str(menu);
                for (key, value) in &row.0 {
                    if !changes_by_itself(key) && !counts(key) {
                        let _ = write!(text, " {key}={value:?}");
                    }
                }
                text.push('\n');
            }
        }
        text
    }
}

/// WHMCS encodes values as HTML on their way in.
fn encoded(text: &str) -> String {
    html_escape::encode_quoted_attribute(text).into_owned()
}

/// The comment without the words that stand behind our tag.
pub fn tag_of(row: &Record) -> &str {
    let comment = row.text("comment").unwrap_or_default();
    let is_tagged = comment
        .strip_prefix(TAG)
        .is_some_and(|words| words.starts_with(' '));
    if is_tagged { TAG } else { comment }
}

fn is_ours(row: &Record) -> bool {
    let text = |key| row.text(key).unwrap_or_default();
    let interface = format!("<l2tp-{NAME}>");
    tag_of(row) == TAG
        || text("name") == NAME
        || text("name") == interface
        || text("interface") == interface
}

/// Connections to a service, ours among them, are listed beside it (7.19 and later).
fn is_connection(menu: &str, row: &Record) -> bool {
    menu == "/ip/service" && row.text("dynamic") == Some("true")
}

fn changes_by_itself(key: &str) -> bool {
    key.starts_with("last-") || ["uptime", "connection"].contains(&key)
}

fn counts(key: &str) -> bool {
    key.contains("byte") || key.contains("packet") || key.contains("rate") && key != "rate-limit"
}

/// What others have on the router: names and comments that are nearly ours, and some that are odd.
fn populate(sim: &Sim, crowd: u32) {
    let add = |menu: &str, fields: &[(&str, &str)]| {
        sim.exec(&format!("{menu}/add"), fields).expect(menu);
    };
    for profile in ["vpn", "vpn-fast"] {
        add(
            "/ppp/profile",
            &[("name", profile), ("local-address", "10.7.0.1")],
        );
    }
    add(
        "/ppp/profile",
        &[
            ("name", "limited"),
            ("local-address", "10.7.0.1"),
            ("rate-limit", "1M/2M"),
        ],
    );
    let accounts = [
        ("bob", "10.9.0.1", "office <bob@hq>"),
        ("vpn411", "10.9.0.2", "isp whmcs:411@k3f9a2"),
        ("vpn4", "10.9.0.3", "isp whmcs:41@zzzzzz"),
        ("carol@realm<x>", "10.9.0.4", "isp"),
        ("vpn41-x", "10.9.0.5", ""),
    ];
    for (name, address, comment) in accounts {
        let profile = if name == "bob" { "limited" } else { "vpn" };
        add(
            "/ppp/secret",
            &[
                ("name", name),
                ("password", "foreign"),
                ("profile", profile),
                ("remote-address", address),
                ("comment", comment),
            ],
        );
        let queue = [("name", name), ("target", address), ("comment", comment)];
        add("/queue/simple", &queue);
        sim.connect(&Dial::l2tp(name)).expect(name);
        sim.traffic(name, 1_000, 2_000);
    }
    sim.set_comment_bytes(TableId::Queue, "vpn41-x", b"\xcf\xee\x01\\");
    if crowd > 0 {
        sim.seed(&router_sim::Seed {
            accounts: crowd,
            ..router_sim::Seed::default()
        })
        .expect("they fit");
    }
}

/// What WHMCS stores after a new password was accepted.
pub fn accept_new_password(world: &World<'_>) {
    world.store_password(NEW_PASSWORD);
}

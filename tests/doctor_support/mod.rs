//! A router that is prepared to sell VPN accounts, and what WHMCS expects of it.
#![allow(dead_code)] // each test file uses another part of it

pub mod console;

use chrono::{DateTime, Utc};
use mikrotikvpn::doctor::books::{Expected, Offer};
use mikrotikvpn::doctor::ranges::Addresses;
use mikrotikvpn::doctor::{Books, Report, Verdict, examine};
use mikrotikvpn::installation::InstallationId;
use mikrotikvpn::params::Params;
use mikrotikvpn::routeros::TransportKind;
use mikrotikvpn::settings::{ProductSettings, ServerSettings};
use router_sim::{CertificateStyle, Options, Router as Sim};

use crate::routeros_support::bench::Bench;

pub const PSK: &str = "ipsec-key-7788";
pub const PASSWORD: &str = "whmcs-pass-5521";
pub const POOL: &str = "10.20.0.2-10.20.0.99";

/// A router and what is expected of it.
pub struct Patient {
    pub bench: Bench,
    pub settings: Vec<(usize, String)>,
    pub pool: String,
    pub accounts: Vec<Expected>,
    pub tls: bool,
    pub now: DateTime<Utc>,
    pub access_hash: String,
}

impl Patient {
    /// A router in its first configuration, with a login that nobody has used yet.
    pub fn fresh(transport: TransportKind, mut options: Options) -> Self {
        let now = Utc::now();
        options.wall_at_start = now;
        options.servers_enabled = false;
        let bench = Bench::new(transport, options, CertificateStyle::CaSigned);
        Self {
            bench,
            settings: vec![
                (18, "on".into()),
                (19, PSK.into()),
                (17, "on".into()),
                (23, "sstp = on\nopenvpn = on".into()),
            ],
            pool: POOL.into(),
            accounts: vec![],
            tls: true,
            now,
            access_hash: String::new(),
        }
    }

    /// Prepared by hand, with two accounts.
    pub fn healthy(transport: TransportKind, options: Options) -> Self {
        let version = options.version;
        let mut patient = Self::fresh(transport, options);
        let sim = &patient.bench.sim;
        let entry = if transport == TransportKind::Rest {
            "rest-api"
        } else {
            "api"
        };
        let policy = format!("read,write,sensitive,{entry}");
        exec(
            sim,
            "/user/group/add",
            &[("name", "sellers"), ("policy", &policy)],
        );
        let user = [
            ("name", "seller"),
            ("group", "sellers"),
            ("password", PASSWORD),
        ];
        exec(sim, "/user/add", &user);
        exec(
            sim,
            "/interface/l2tp-server/server/set",
            &[
                ("enabled", "yes"),
                ("use-ipsec", "required"),
                ("ipsec-secret", PSK),
            ],
        );
        exec(
            sim,
            "/interface/pptp-server/server/set",
            &[("enabled", "yes")],
        );
        exec(
            sim,
            "/interface/sstp-server/server/set",
            &[
                ("enabled", "yes"),
                ("certificate", "www-cert"),
                ("port", "4443"),
            ],
        );
        if version.has_ovpn_list() {
            exec(
                sim,
                "/interface/ovpn-server/server/add",
                &[
                    ("name", "ovpn"),
                    ("disabled", "no"),
                    ("certificate", "www-cert"),
                ],
            );
        } else {
            exec(
                sim,
                "/interface/ovpn-server/server/set",
                &[("enabled", "yes"), ("certificate", "www-cert")],
            );
        }
        for (service, name, address) in [(7, "alice", "10.20.0.2"), (8, "bob", "10.20.0.3")] {
            patient.account(service, name, address);
        }
        patient
    }

    /// An account as Create makes it.
    pub fn account(&mut self, service: i64, name: &str, address: &str) {
        let tag = format!("vpn whmcs:{service}@k3f9a2");
        let sim = &self.bench.sim;
        exec(
            sim,
            "/queue/simple/add",
            &[
                ("name", name),
                ("target", address),
                ("comment", &tag),
                ("max-limit", "5M/10M"),
            ],
        );
        exec(
            sim,
            "/ppp/secret/add",
            &[
                ("name", name),
                ("remote-address", address),
                ("comment", &tag),
                ("password", "x"),
            ],
        );
        self.accounts.push(Expected {
            service,
            username: name.into(),
            address: Some(address.parse().unwrap()),
            tag,
        });
    }

    /// The product of the server, with one module setting changed.
    pub fn set(&mut self, position: usize, value: &str) {
        self.settings.retain(|(other, _)| *other != position);
        self.settings.push((position, value.into()));
    }

    pub fn books(&self) -> Books {
        let mut params = Params::new();
        for (position, value) in &self.settings {
            params.set(&format!("configoption{position}"), value);
        }
        Books {
            offers: vec![Offer {
                product: 1,
                name: "Gold VPN".into(),
                settings: ProductSettings::parse(&params),
            }],
            pool: Some(Ok(Addresses::parse(&self.pool).unwrap())),
            accounts: self.accounts.clone(),
            lost: Vec::new(),
            installation: InstallationId::parse("k3f9a2"),
        }
    }

    pub fn server(&self) -> ServerSettings {
        let trust = self.tls.then(|| self.bench.pin());
        let mut params = Params::new();
        params.set("serverip", "127.0.0.1");
        params.set("serverusername", "seller");
        params.set("serverpassword", PASSWORD);
        params.set("serveraccesshash", &self.access_hash);
        let mut server = ServerSettings::parse(&params).unwrap();
        let endpoint = self.bench.endpoint(trust);
        server.endpoint.port = endpoint.port;
        server.endpoint.tls = endpoint.tls;
        server.endpoint.transport = endpoint.transport;
        server
    }

    pub fn examine(&self) -> Report {
        let mut log = Vec::new();
        let report = examine(&self.server(), Ok(self.books()), self.now, &mut log);
        let words = format!("{log:?} {report:?} {}", report.text());
        for secret in [PSK, PASSWORD] {
            assert!(!words.contains(secret), "{secret} leaks: {words}");
        }
        report
    }
}

/// Every check that did not end well, with its verdict.
pub fn ailments(report: &Report) -> Vec<(&'static str, Verdict)> {
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding.verdict != Verdict::Ok)
        .map(|finding| (finding.check, finding.verdict))
        .collect()
}

pub fn exec(sim: &Sim, path: &str, arguments: &[(&str, &str)]) {
    sim.exec(path, arguments)
        .unwrap_or_else(|trap| panic!("{path} {arguments:?}: {trap}"));
}

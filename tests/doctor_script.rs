//! The script for a fresh router: every word of it is one the version knows, it stays inside its quotes,
//! and a router it was run on is healthy.

mod doctor_support;
mod routeros_support;

use doctor_support::console::{Line, Told, lines, run, unquoted};
use doctor_support::{PASSWORD, PSK, Patient, ailments, exec};
use mikrotikvpn::doctor::{Verdict, script};
use mikrotikvpn::routeros::{Endpoint, TransportKind, Trust, Version};
use mikrotikvpn::secret::Secret;
use router_sim::{Dial, Options};
use routeros_support::bench::BOTH;
use serde_json::Value;

const EXTRA: &str = include_str!("router/data/extra-menus.json");
const MENUS: [(&str, &str); 4] = [
    ("7.9", include_str!("router/data/menus-7.9.json")),
    ("7.12.2", include_str!("router/data/menus-7.12.2.json")),
    ("7.16.2", include_str!("router/data/menus-7.16.2.json")),
    ("7.24", include_str!("router/data/menus-7.24.json")),
];

fn options(version: &str) -> Options {
    Options::version(version.parse().unwrap())
}

fn script_of(patient: &Patient, endpoint: &Endpoint, version: &str) -> String {
    let version = Version::parse(version);
    script::write(endpoint, &patient.books(), &version, &Secret::new(PASSWORD))
}

/// What the console of one version knows.
struct Console {
    menus: Vec<Value>,
}

impl Console {
    fn of(menus: &str) -> Self {
        let read = |text| serde_json::from_str::<Value>(text).unwrap()["menus"].take();
        Self {
            menus: vec![read(menus), read(EXTRA)],
        }
    }

    fn menu(&self, path: &str) -> Option<&Value> {
        self.menus.iter().find_map(|menus| menus.get(path))
    }

    fn tell(&self, line: &str) -> Told {
        Line::parse(line).tell(|path| self.menu(path).is_some())
    }

    fn check(&self, line: &str) {
        let told = self.tell(line);
        let command = self.menu(&told.menu).unwrap()["commands"]
            .get(&told.command)
            .unwrap_or_else(|| panic!("no command in: {line}"));
        for (name, _) in &told.arguments {
            assert!(command.get(name).is_some(), "no argument {name}: {line}");
        }
        if !told.items.is_empty() {
            let takes = ["number", "numbers"].map(|name| command.get(name).is_some());
            assert!(takes.contains(&true) && told.items.len() == 1, "{line}");
        }
    }
}

#[test]
fn every_command_and_argument_is_known_in_four_versions() {
    let mut seen = 0;
    for (version, menus) in MENUS {
        let console = Console::of(menus);
        for (transport, tls) in BOTH.into_iter().flat_map(|one| [(one, true), (one, false)]) {
            let patient = Patient::fresh(transport, options(version));
            let trust = tls.then(Trust::default);
            let text = script_of(&patient, &patient.bench.endpoint(trust), version);
            for line in lines(&text) {
                console.check(line);
                seen += 1;
            }
        }
    }
    assert!(seen > 16 * 20, "{seen} lines");
}

#[test]
fn openvpn_is_switched_on_as_the_version_asked_for_wants_it() {
    for (version, command) in [
        ("7.16.2", "set enabled=yes"),
        ("7.17", "add name=mikrotikvpn disabled=no"),
    ] {
        // The router at hand is of another version.
        let patient = Patient::fresh(TransportKind::Api, options("7.24"));
        let text = script_of(&patient, &patient.server().endpoint, version);
        let wanted = format!("/interface ovpn-server server {command}");
        assert!(text.contains(&wanted), "{version}: {text}");
    }
}

/// The firewall that home routers come with, as far as it concerns us.
fn default_firewall(patient: &Patient) {
    for line in [
        "/ip firewall filter add chain=input action=accept connection-state=established,related",
        "/ip firewall filter add chain=input action=drop in-interface=ether1 comment=\"defconf: drop\"",
        "/ip firewall filter add chain=forward action=fasttrack-connection connection-state=established,related",
        "/ip firewall filter add chain=forward action=accept connection-state=established,related",
    ] {
        run(&patient.bench.sim, line).unwrap();
    }
}

#[test]
fn a_fresh_router_the_script_was_run_on_is_healthy_and_counts() {
    let versions = ["6.49.10", "7.9", "7.12.2", "7.16.2", "7.24"];
    for (version, transport) in versions
        .iter()
        .flat_map(|one| BOTH.map(|kind| (*one, kind)))
    {
        // Without REST, or with one that is known to be open to an attack.
        if transport == TransportKind::Rest && version != "7.24" {
            continue;
        }
        for with_firewall in [false, true] {
            let mut patient = Patient::fresh(transport, options(version));
            if with_firewall {
                default_firewall(&patient);
            }
            patient.set(2, "vpn gold");
            let text = script_of(&patient, &patient.server().endpoint, version);
            for line in lines(&text) {
                run(&patient.bench.sim, line).unwrap_or_else(|why| panic!("{version}: {why}"));
            }
            let report = patient.examine();
            // Least privilege: the user may not read the key, so it cannot be compared.
            let key = [("IPsec key", Verdict::Unknown)];
            assert_eq!(ailments(&report), key, "{version} {}", report.text());
            sells(&mut patient);
            assert_eq!(ailments(&patient.examine()), key);
            let filter = patient.bench.sim.rows("/ip/firewall/filter");
            let place = |text: &str| {
                filter
                    .iter()
                    .position(|row| row.text("comment") == Some(text))
            };
            if with_firewall {
                assert!(place("mikrotikvpn") < place("defconf: drop"), "{filter:?}");
            }
        }
    }
}

/// A customer comes in, and his queue counts him.
fn sells(patient: &mut Patient) {
    patient.account(7, "alice", "10.20.0.2");
    let sim = &patient.bench.sim;
    exec(
        sim,
        "/ppp/secret/set",
        &[("numbers", "alice"), ("profile", "vpn gold")],
    );
    sim.connect(&Dial::l2tp("alice").password("x")).unwrap();
    sim.traffic("alice", 1_000, 20_000);
    let queue = sim.row("/queue/simple", "name", "alice").unwrap();
    assert_eq!(queue.text("bytes"), Some("1000/20000"));
    let server = &sim.rows("/interface/l2tp-server/server")[0];
    assert_eq!(server.text("ipsec-secret"), Some(PSK));
}

#[test]
fn nothing_in_names_keys_and_hosts_becomes_a_command() {
    let evil =
        "x\"; /system reset-configuration no-defaults=yes\r\n/user add name=eve #$(a)[b]{c}\\ é";
    let mut patient = Patient::fresh(TransportKind::Rest, options("7.24"));
    patient.set(2, "plain");
    let mut endpoint = patient.server().endpoint;
    let sound = lines(&script_of(&patient, &endpoint, "7.24")).len();
    patient.set(2, &evil.replace(['\r', '\n'], " "));
    patient.set(19, evil);
    endpoint.username = evil.into();
    endpoint.host = evil.into();
    let text = script::write(
        &endpoint,
        &patient.books(),
        &Version::parse("7.24"),
        &Secret::new(evil),
    );
    assert_eq!(lines(&text).len(), sound, "{text}");
    assert!(text.is_ascii());
    let console = Console::of(MENUS[3].1);
    let mut carried = 0;
    for line in lines(&text) {
        console.check(line);
        for (_, value) in console.tell(line).arguments {
            if value.contains("22") {
                carried += usize::from(unquoted(&value).ends_with(evil));
            }
        }
    }
    // User, its password, the certificate's name and SAN, the IPsec key.
    assert_eq!(carried, 5, "{text}");
}

#[test]
fn what_is_not_sold_is_not_prepared() {
    let mut patient = Patient::fresh(TransportKind::Api, options("7.24"));
    for position in [17, 18, 19, 23] {
        patient.set(position, "");
    }
    let text = script_of(&patient, &patient.bench.endpoint(None), "7.24");
    for absent in ["-server", "/certificate", "1723", "ipsec"] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
    assert!(text.contains("policy=read,write,api\n"), "{text}");
}

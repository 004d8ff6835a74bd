//! What differs between RouterOS versions.

mod common;

use common::{Sim, keys};
use router_sim::{Dial, Options, Router, Version};
use serde_json::json;

#[test]
fn arguments_are_known_from_the_version_they_came_with() {
    for (version, path, body, known) in [
        (
            "7.16.2",
            "ppp/profile",
            json!({"name": "p", "bridge-port-vid": "5"}),
            false,
        ),
        (
            "7.17",
            "ppp/profile",
            json!({"name": "p", "bridge-port-vid": "5"}),
            true,
        ),
        (
            "7.19",
            "ppp/profile",
            json!({"name": "p", "dhcpv6-lease-time": "1h"}),
            false,
        ),
        (
            "7.20",
            "ppp/profile",
            json!({"name": "p", "dhcpv6-lease-time": "1h"}),
            true,
        ),
        (
            "7.15",
            "user",
            json!({"name": "u", "group": "read", "password": "x", "inactivity-policy": "none"}),
            false,
        ),
        (
            "7.16",
            "user",
            json!({"name": "u", "group": "read", "password": "x", "inactivity-policy": "none"}),
            true,
        ),
        (
            "7.9",
            "ppp/secret",
            json!({"name": "u", "remote-ipv6-prefix": "2001:db8::/56"}),
            true,
        ),
        (
            "7.24",
            "ppp/secret",
            json!({"name": "u", "remote-ipv6-prefix": "2001:db8::/56"}),
            true,
        ),
    ] {
        let sim = Sim::version(version);
        let reply = sim.send("PUT", &format!("/rest/{path}"), Some(&body));
        assert_eq!(
            reply.status,
            if known { 201 } else { 400 },
            "{version} {body}"
        );
        if !known {
            assert!(
                reply.detail().starts_with("unknown parameter "),
                "{version} {body}"
            );
        }
    }
}

#[test]
fn the_ovpn_server_is_one_object_up_to_7_16_and_a_list_from_7_17() {
    let old = Sim::version("7.16");
    assert!(keys(&old.get("/rest/interface/ovpn-server/server")).contains("enabled"));
    assert_eq!(
        old.refused(
            "PUT",
            "/rest/interface/ovpn-server/server",
            json!({"name": "x"})
        )
        .0,
        400
    );
    let new = Sim::version("7.17");
    assert_eq!(
        new.get("/rest/interface/ovpn-server/server")
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let made = new.put("/rest/interface/ovpn-server/server", json!({}));
    assert!(!keys(&made).contains("enabled"));
    assert_eq!(
        (&made["name"], &made["disabled"]),
        (&json!("ovpn-server2"), &json!("true"))
    );
    for sim in [old, new] {
        sim.put(
            "/rest/ppp/secret",
            json!({"name": "ann", "remote-address": "10.0.0.1"}),
        );
        sim.router
            .connect(&Dial {
                service: "ovpn".into(),
                ..Dial::l2tp("ann")
            })
            .unwrap();
    }
}

#[test]
fn dates_change_their_form_with_7_10() {
    for (version, date) in [
        ("7.9", "jan/01/1970 00:00:00"),
        ("7.10", "1970-01-01 00:00:00"),
    ] {
        let sim = Sim::version(version);
        assert_eq!(
            sim.put("/rest/ppp/secret", json!({"name": "ann"}))["last-logged-out"],
            date
        );
        let today = if version == "7.9" {
            "jan/01/2026"
        } else {
            "2026-01-01"
        };
        assert_eq!(sim.get("/rest/system/clock")["date"], today);
    }
}

#[test]
fn the_loopback_is_listed_from_7_14() {
    for (version, listed) in [("7.13.5", false), ("7.14", true)] {
        let rows = Sim::version(version).get("/rest/interface?type=loopback");
        let names: Vec<_> = rows.as_array().unwrap().iter().collect();
        assert_eq!(!names.is_empty(), listed, "{version}");
        assert!(
            names
                .iter()
                .all(|row| row["name"] == "lo" && row["mtu"] == "65536")
        );
    }
}

#[test]
fn the_build_time_is_that_of_the_version() {
    for (version, text) in [
        ("7.9.2", "May/30/2023 13:49:00"),
        ("7.13.3", "2024-01-24 13:16:46"),
    ] {
        let sim = Sim::version(version);
        assert_eq!(sim.get("/rest/system/resource")["build-time"], text);
        assert_eq!(sim.get("/rest/system/package")[0]["build-time"], text);
    }
    let six = Router::new(Options::version("6.49.10".parse().unwrap()));
    let resource = &six.rows("/system/resource")[0];
    assert_eq!(resource.text("factory-software"), Some("6.34"));
}

#[test]
fn the_version_is_told_with_its_channel() {
    assert_eq!(
        Sim::version("7.21.5").get("/rest/system/resource")["version"],
        "7.21.5 (stable)"
    );
    assert_eq!(
        Sim::version("7.24").get("/rest/system/package")[0]["version"],
        "7.24"
    );
}

#[test]
fn plain_http_has_no_rest_before_7_9() {
    assert_eq!(
        Sim::version("7.8")
            .send("GET", "/rest/system/resource", None)
            .status,
        404
    );
    assert_eq!(
        Sim::version("7.9")
            .send("GET", "/rest/system/resource", None)
            .status,
        200
    );
}

#[test]
fn pools_tell_their_use_from_7_21() {
    for (version, told) in [("7.20", false), ("7.21", true)] {
        let sim = Sim::version(version);
        let pool = sim.put(
            "/rest/ip/pool",
            json!({"name": "p", "ranges": "10.0.0.1-10.0.0.9"}),
        );
        assert_eq!(pool.get("available").is_some(), told, "{version}");
    }
}

#[test]
fn a_charset_is_accepted_from_7_2rc5() {
    let sim = Sim::version("7.20");
    let reply = sim.raw(
        "PUT",
        "/rest/ppp/secret",
        "Content-Type: application/json; charset=utf-8\r\n",
        br#"{"name":"ann"}"#,
    );
    assert_eq!(reply.unwrap().status, 201);
}

#[test]
fn every_7_x_can_be_played() {
    for minor in 1..=30 {
        let sim = router_sim::Router::new(router_sim::Options::version(Version::new(7, minor)));
        sim.exec(
            "/ppp/secret/add",
            &[("name", "ann"), ("remote-address", "10.0.0.1")],
        )
        .unwrap();
        sim.connect(&Dial::l2tp("ann")).unwrap();
    }
}

#[test]
fn the_licence_is_that_of_a_chr_or_of_a_device() {
    let license = |options: Options| {
        let router = Router::new(options);
        let rows = router.rows("/system/license");
        assert_eq!(rows.len(), 1);
        ["level", "nlevel"].map(|key| rows[0].text(key).map(str::to_owned))
    };
    let capped = |cap| Options {
        session_cap: Some(cap),
        ..Options::default()
    };
    assert_eq!(
        license(Options::default()),
        [Some("p-unlimited".into()), None]
    );
    for (cap, level) in [(1, "1"), (200, "4"), (500, "5")] {
        assert_eq!(license(capped(cap)), [None, Some(level.into())]);
    }
    let six = Router::new(Options::version("6.49".parse().unwrap()));
    assert!(
        six.exec("/system/device-mode/print", &[]).is_err(),
        "it came with 7"
    );
}

#[test]
fn a_template_is_signed_once_by_itself_or_by_an_authority() {
    let router = Router::new(Options::default());
    let add = |name: &str, usage: &str| {
        let arguments = [("name", name), ("key-usage", usage), ("days-valid", "30")];
        router.exec("/certificate/add", &arguments).unwrap();
    };
    let sign = |arguments: &[(&str, &str)]| router.exec("/certificate/sign", arguments);
    add("authority", "key-cert-sign,crl-sign");
    add("server", "digital-signature,tls-server");
    add("other", "tls-server");
    assert!(
        sign(&[("number", "server"), ("ca", "authority")]).is_err(),
        "the authority is a template itself"
    );
    sign(&[("number", "authority")]).unwrap();
    sign(&[("number", "server"), ("ca", "authority")]).unwrap();
    assert!(
        sign(&[("number", "server")]).is_err(),
        "it is signed already"
    );
    assert!(
        sign(&[("number", "other"), ("ca", "server")]).is_err(),
        "the server's may not sign"
    );
    let row = router.row("/certificate", "name", "server").unwrap();
    assert_eq!(row.text("ca"), Some("authority"));
    assert_eq!(row.text("private-key"), Some("true"));
    assert_eq!(row.text("expires-after"), Some("4w2d"));
    let root = router.row("/certificate", "name", "authority").unwrap();
    assert_eq!(root.text("akid"), Some(""), "it signed itself");
    assert_eq!(row.text("akid"), root.text("skid"));
    assert_ne!(row.text("skid"), root.text("skid"));
}

//! Replies have the keys and forms of captured ones: absent keys absent, empty ones empty.

mod common;

use common::{Sim, keys, sample};
use router_sim::{Dial, Options};
use serde_json::{Value, json};

/// The same keys, and the same values except for those named.
#[track_caller]
fn same_shape(found: &Value, captured: &Value, other_values: &[&str]) {
    assert_eq!(keys(found), keys(captured));
    for key in keys(found) {
        if !other_values.contains(&key.as_str()) {
            assert_eq!(found[&key], captured[&key], "{key}");
        }
    }
}

#[test]
fn a_secret_looks_as_captured() {
    let sim = Sim::version("7.9");
    sim.put(
        "/rest/ip/pool",
        json!({"name": "vpn", "ranges": "172.18.0.10-172.18.0.20"}),
    );
    sim.put(
        "/rest/ppp/profile",
        json!({"name": "ovpn", "remote-address": "vpn"}),
    );
    sim.put("/rest/ppp/secret", json!({
        "name": "user1", "password": "1", "profile": "ovpn", "service": "ovpn", "local-address": "172.18.0.2"
    }));
    sim.router
        .connect(&Dial {
            service: "ovpn".into(),
            caller_id: "172.18.0.2".into(),
            ..Dial::l2tp("user1")
        })
        .unwrap();
    sim.router.disconnect("user1");
    let captured = &sample("rest-ppp.json", "ppp-secret")[0];
    let found = &sim.get("/rest/ppp/secret")[0];
    same_shape(
        found,
        captured,
        &["last-logged-out", "last-disconnect-reason"],
    );
    assert_eq!(found["last-logged-out"], "jan/01/2026 00:00:00");
    assert_eq!(found["last-disconnect-reason"], "peer-request");
}

#[test]
fn a_profile_looks_as_captured_and_a_removed_pool_leaves_its_raw_id() {
    let sim = Sim::version("7.9");
    sim.put(
        "/rest/ip/pool",
        json!({"name": "first", "ranges": "10.9.0.0/24"}),
    );
    sim.put(
        "/rest/ip/pool",
        json!({"name": "second", "ranges": "10.8.0.0/24"}),
    );
    sim.put("/rest/ppp/profile", json!({
        "name": "ovpn", "local-address": "192.168.77.1", "remote-address": "second", "insert-queue-before": "first",
        "parent-queue": "none", "queue-type": "multi-queue-ethernet-default"
    }));
    assert_eq!(
        sim.get("/rest/ppp/profile/ovpn")["remote-address"],
        "second"
    );
    assert_eq!(sim.send("DELETE", "/rest/ip/pool/second", None).status, 204);
    same_shape(
        &sim.get("/rest/ppp/profile/ovpn"),
        &sample("rest-ppp.json", "ppp-profile")[0],
        &[],
    );
}

#[test]
fn a_pppoe_session_looks_as_captured() {
    let sim = Sim::version("7.9");
    sim.put(
        "/rest/ppp/secret",
        json!({"name": "marksilas", "remote-address": "192.168.89.254"}),
    );
    sim.router
        .connect(&Dial {
            service: "pppoe".into(),
            caller_id: "D0:D0:4B:36:7C:C1".into(),
            ..Dial::l2tp("marksilas")
        })
        .unwrap();
    sim.advance(44 * 60 + 55);
    let captured = &sample("rest-ppp.json", "ppp-active-pppoe")[0];
    same_shape(&sim.get("/rest/ppp/active")[0], captured, &[".id"]);

    let interface = &sim.get("/rest/interface?type=pppoe-in")[0];
    let captured = sample("rest-interface.json", "pppoe-dynamic-interface");
    let expected = keys(&captured);
    assert_eq!(keys(interface), expected);
    for key in [
        ".id",
        "type",
        "mtu",
        "actual-mtu",
        "dynamic",
        "running",
        "disabled",
        "link-downs",
        "rx-drop",
    ] {
        assert_eq!(interface[key], captured[key], "{key}");
    }
    assert_eq!(interface["name"], "<pppoe-marksilas>");
    assert_eq!(interface["last-link-up-time"], "jan/01/2026 00:00:00");
}

#[test]
fn a_queue_looks_as_captured() {
    let sim = Sim::new();
    sim.put(
        "/rest/queue/simple",
        json!({"target": "1.0.1.0/24", "comment": "comment"}),
    );
    let captured = &sample("rest-queue.json", "queue-simple")[0];
    same_shape(&sim.get("/rest/queue/simple")[0], captured, &[]);
}

#[test]
fn singletons_look_as_captured() {
    let sim = Sim::with(Options {
        servers_enabled: false,
        ..Options::version("7.14".parse().unwrap())
    });
    same_shape(
        &sim.get("/rest/ppp/aaa"),
        &sample("rest-ppp.json", "ppp-aaa"),
        &[],
    );
    same_shape(
        &sim.get("/rest/system/identity"),
        &sample("rest-system.json", "identity"),
        &[],
    );
    let l2tp = sample("rest-ppp.json", "l2tp-server-singleton");
    // typed by hand: its use-ipsec must be a word of the enumeration, and the order of words is free
    same_shape(
        &sim.get("/rest/interface/l2tp-server/server"),
        &l2tp,
        &["use-ipsec", "authentication"],
    );
    assert_eq!(
        sim.get("/rest/interface/l2tp-server/server")["use-ipsec"],
        "no"
    );
    let sstp = sample("rest-ppp.json", "sstp-server-singleton");
    same_shape(
        &sim.get("/rest/interface/sstp-server/server"),
        &sstp,
        &["pfs"],
    );
    let ovpn = sample("rest-ppp.json", "ovpn-server-singleton-<=7.16");
    let found = Sim::version("7.9").get("/rest/interface/ovpn-server/server");
    assert_eq!(keys(&found), keys(&ovpn));
}

#[test]
fn services_and_users_look_as_captured() {
    let sim = Sim::version("7.9");
    let captured = sample("rest-system.json", "ip-service");
    same_shape(&sim.get("/rest/ip/service/*0"), &captured[0], &[]);
    same_shape(
        &sim.get("/rest/ip/service/www-ssl"),
        &captured[1],
        &["certificate", "disabled"],
    );
    let modern = Sim::version("7.19");
    let captured = sample("rest-system.json", "ip-service-7.19+");
    same_shape(
        &modern.get("/rest/ip/service/*6"),
        &captured,
        &["certificate", "disabled", "tls-version"],
    );
    let group = keys(&sample("rest-system.json", "user-group"));
    assert_eq!(keys(&sim.get("/rest/user/group/*1")), group);
    assert!(
        sim.get("/rest/user")[0].get("password").is_none(),
        "a password is never read"
    );
}

#[test]
fn a_static_binding_with_a_session_looks_as_captured() {
    let sim = Sim::new();
    sim.put(
        "/rest/interface/ovpn-server",
        json!({"name": "ovpn-in1", "user": "user1", "comment": "comment"}),
    );
    sim.put(
        "/rest/ppp/secret",
        json!({"name": "user1", "remote-address": "10.0.0.9"}),
    );
    sim.router
        .connect(&Dial {
            service: "ovpn".into(),
            caller_id: "172.18.0.2".into(),
            ..Dial::l2tp("user1")
        })
        .unwrap();
    sim.advance(85);
    let captured = &sample("rest-ppp.json", "ovpn-interface-row")[0];
    let found = &sim.get("/rest/interface/ovpn-server")[0];
    for key in keys(captured) {
        assert!(found.get(&key).is_some(), "{key}");
    }
    for key in [
        "client-address",
        "name",
        "running",
        "uptime",
        "user",
        "comment",
        "disabled",
    ] {
        assert_eq!(found[key], captured[key], "{key}");
    }
    assert_eq!(
        sim.get("/rest/interface?dynamic=true"),
        json!([]),
        "the session uses the binding"
    );
}

#[test]
fn values_are_normalised_and_always_text() {
    let sim = Sim::new();
    let queue = sim.put("/rest/queue/simple", json!({
        "name": "q", "target": "10.0.0.5", "max-limit": "10M/5M", "burst-time": "90/0", "disabled": true
    }));
    assert_eq!(queue["max-limit"], "10000000/5000000");
    assert_eq!(queue["target"], "10.0.0.5/32");
    assert_eq!(queue["burst-time"], "1m30s/0s");
    assert_eq!(queue["disabled"], "true");
    let secret = sim.put(
        "/rest/ppp/secret",
        json!({"name": "n", "limit-bytes-in": 5_000_000_000_u64}),
    );
    assert_eq!(
        secret["limit-bytes-in"], "5000000000",
        "a JSON number is taken and comes back as text"
    );
    let profile = sim.put(
        "/rest/ppp/profile",
        json!({"name": "p", "only-one": "yes", "session-timeout": "3600"}),
    );
    assert_eq!(profile["only-one"], "yes", "a word stays a word");
    assert_eq!(profile["session-timeout"], "1h");
    for menu in [
        "/rest/queue/simple",
        "/rest/interface",
        "/rest/ppp/secret",
        "/rest/user",
        "/rest/ip/service",
    ] {
        for row in sim.get(menu).as_array().unwrap() {
            assert!(
                row.as_object().unwrap().values().all(Value::is_string),
                "{menu} {row}"
            );
        }
    }
}

#[test]
fn a_comment_vanishes_when_it_is_cleared() {
    let sim = Sim::new();
    sim.put("/rest/ppp/secret", json!({"name": "n", "comment": "x"}));
    for cleared in [json!({"comment": null}), json!({"comment": ""})] {
        sim.send(
            "PATCH",
            "/rest/ppp/secret/n",
            Some(&json!({"comment": "x"})),
        );
        let reply = sim.send("PATCH", "/rest/ppp/secret/n", Some(&cleared));
        assert_eq!(reply.status, 200);
        assert!(reply.json().get("comment").is_none(), "{cleared}");
    }
}

#[test]
fn only_the_interface_of_a_session_is_marked_dynamic() {
    let sim = Sim::version("7.20");
    sim.put(
        "/rest/interface/l2tp-server",
        json!({"name": "bound", "user": "bob"}),
    );
    sim.put(
        "/rest/ppp/secret",
        json!({"name": "ann", "remote-address": "10.0.0.1"}),
    );
    sim.router.connect(&Dial::l2tp("ann")).unwrap();
    let marks: Vec<(Value, Option<Value>)> = sim
        .get("/rest/interface")
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["name"].clone(), row.get("dynamic").cloned()))
        .collect();
    assert_eq!(
        marks,
        [
            (json!("ether1"), None),
            (json!("lo"), None),
            (json!("bound"), None),
            (json!("<l2tp-ann>"), Some(json!("true"))),
        ]
    );
    assert_eq!(sim.get("/rest/interface?dynamic=false"), json!([]));
    assert_eq!(
        sim.get("/rest/interface/l2tp-server/bound").get("dynamic"),
        None
    );
}

#[test]
fn keys_come_in_alphabetical_order() {
    let sim = Sim::new();
    sim.put("/rest/ppp/secret", json!({"name": "n", "comment": "x"}));
    let body = sim.send("GET", "/rest/ppp/secret/n", None).body;
    let text = String::from_utf8(body).unwrap();
    let place = |key: &str| text.find(&format!("\"{key}\":")).unwrap();
    let keys = [".id", "caller-id", "comment", "disabled", "name", "service"];
    assert!(keys.is_sorted_by_key(|key| place(key)), "{text}");
}

#[test]
fn filter_rules_have_disabled_only_once_it_was_written() {
    let sim = Sim::new();
    let rule = sim.put(
        "/rest/ip/firewall/filter",
        json!({"chain": "forward", "action": "accept"}),
    );
    assert!(rule.get("disabled").is_none());
    let path = format!("/rest/ip/firewall/filter/{}", rule[".id"].as_str().unwrap());
    let rule = sim
        .send("PATCH", &path, Some(&json!({"disabled": "no"})))
        .json();
    assert_eq!(rule["disabled"], "false");
}

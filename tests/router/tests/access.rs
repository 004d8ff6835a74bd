//! Who may do what: logins, policies, masked secrets, services.

mod common;

use std::collections::BTreeSet;
use std::net::TcpStream;

use common::{Sim, exchange};
use router_sim::{Masking, MissingRestPolicy, Options};
use serde_json::{Value, json};

fn group(sim: &Sim, name: &str, policy: &str) -> Sim {
    sim.put("/rest/user/group", json!({"name": name, "policy": policy}));
    sim.put(
        "/rest/user",
        json!({"name": name, "group": name, "password": "pw"}),
    );
    as_user(sim, &format!("{name}:pw"))
}

/// The same router seen by another user.
fn as_user(sim: &Sim, user: &str) -> Sim {
    let server = router_sim::Server::start(
        &sim.router,
        &router_sim::ServerOptions {
            tls: None,
            ..router_sim::ServerOptions::default()
        },
    );
    Sim {
        router: sim.router.clone(),
        server: server.unwrap(),
        user: user.to_owned(),
    }
}

#[test]
fn the_initial_admin_has_an_empty_password() {
    let admin = Sim {
        user: "admin:".to_owned(),
        ..Sim::new()
    };
    assert!(admin.get("/rest/ppp/secret").is_array());
}

#[test]
fn reading_needs_read_and_writing_needs_write() {
    let sim = Sim::new();
    sim.put("/rest/ppp/secret", json!({"name": "ann"}));
    let reader = group(&sim, "reader", "read,rest-api");
    assert_eq!(reader.get("/rest/ppp/secret")[0]["name"], "ann");
    let refused = (500, "not enough permissions (9)".to_owned());
    assert_eq!(
        reader.refused("PUT", "/rest/ppp/secret", json!({"name": "bob"})),
        refused
    );
    assert_eq!(
        reader.refused("DELETE", "/rest/ppp/secret/ann", Value::Null),
        refused
    );
    assert_eq!(
        reader.refused("POST", "/rest/queue/simple/reset-counters-all", json!({})),
        refused
    );
    let writer = group(&sim, "writer", "write,rest-api");
    assert_eq!(
        writer.refused("GET", "/rest/ppp/secret", Value::Null),
        refused
    );
    let both = group(&sim, "both", "read,write,rest-api");
    both.put("/rest/ppp/secret", json!({"name": "bob"}));
    assert_eq!(
        both.refused(
            "PUT",
            "/rest/user",
            json!({"name": "x", "group": "full", "password": "x"})
        ),
        refused
    );
    assert_eq!(
        both.refused("POST", "/rest/system/reboot", json!({})),
        refused
    );
}

#[test]
fn a_login_without_rest_api_is_refused() {
    let sim = Sim::new();
    let stranger = group(&sim, "api", "read,write,api");
    assert_eq!(stranger.send("GET", "/rest/ppp/secret", None).status, 401);
    let other = Sim::with(Options {
        missing_rest_policy: MissingRestPolicy::NotEnoughPermissions,
        ..Options::default()
    });
    assert_eq!(
        group(&other, "api", "read,write,api")
            .send("GET", "/rest/ppp/secret", None)
            .status,
        500
    );
}

#[test]
fn secrets_read_five_asterisks_without_sensitive_or_always() {
    let sim = Sim::new();
    sim.put("/rest/ppp/secret", json!({"name": "ann", "password": "pw"}));
    sim.post(
        "/rest/interface/l2tp-server/server/set",
        json!({"ipsec-secret": "psk"}),
    );
    assert_eq!(sim.get("/rest/ppp/secret/ann")["password"], "pw");
    let blind = group(&sim, "blind", "read,rest-api");
    assert_eq!(blind.get("/rest/ppp/secret/ann")["password"], "*****");
    assert_eq!(
        blind.get("/rest/interface/l2tp-server/server")["ipsec-secret"],
        "*****"
    );
    assert_eq!(
        blind.get("/rest/ppp/secret?password=pw"),
        json!([]),
        "a query does not see it either"
    );
    let masked = Sim::with(Options {
        masking: Masking::Always,
        ..Options::default()
    });
    masked.put("/rest/ppp/secret", json!({"name": "ann", "password": "pw"}));
    assert_eq!(masked.get("/rest/ppp/secret/ann")["password"], "*****");
}

#[test]
fn disabled_users_and_users_of_other_addresses_are_refused() {
    let sim = Sim::new();
    let user = group(&sim, "ann", "read,rest-api");
    sim.send("PATCH", "/rest/user/ann", Some(&json!({"disabled": "yes"})));
    assert_eq!(user.send("GET", "/rest/ppp/secret", None).status, 401);
    sim.send(
        "PATCH",
        "/rest/user/ann",
        Some(&json!({"disabled": "no", "address": "10.0.0.0/8"})),
    );
    assert_eq!(user.send("GET", "/rest/ppp/secret", None).status, 401);
    sim.send(
        "PATCH",
        "/rest/user/ann",
        Some(&json!({"address": "127.0.0.0/8"})),
    );
    assert_eq!(user.send("GET", "/rest/ppp/secret", None).status, 200);
}

#[test]
fn only_named_policies_of_a_group_change() {
    let sim = Sim::new();
    sim.put(
        "/rest/user/group",
        json!({"name": "g", "policy": "read,write"}),
    );
    let reply = sim
        .send(
            "PATCH",
            "/rest/user/group/g",
            Some(&json!({"policy": "rest-api,!write"})),
        )
        .json();
    let policy = reply["policy"].as_str().unwrap();
    assert!(policy.starts_with("read,rest-api,!local"), "{policy}");
    assert!(policy.contains("!write"));
}

#[test]
fn rest_leaves_two_rows_per_user_that_cannot_be_removed() {
    let sim = Sim::new();
    sim.get("/rest/ppp/secret");
    let rows = sim.get("/rest/user/active");
    let via: Vec<&str> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["via"].as_str().unwrap())
        .collect();
    assert_eq!(via, ["rest-api", "api"]);
    let path = format!("/rest/user/active/{}", rows[0][".id"].as_str().unwrap());
    assert_eq!(
        sim.refused("DELETE", &path, Value::Null),
        (400, "action failed (6)".to_owned())
    );
    sim.router.reboot();
    assert_eq!(sim.router.rows("/user/active").len(), 0);
}

#[test]
fn a_disabled_service_or_a_foreign_source_gets_no_answer() {
    let sim = Sim::new();
    sim.router
        .exec("/ip/service/disable", &[("numbers", "www")])
        .unwrap();
    assert!(sim.try_send("GET", "/rest/ppp/secret", None).is_none());
    sim.router
        .exec("/ip/service/enable", &[("numbers", "www")])
        .unwrap();
    sim.router
        .exec(
            "/ip/service/set",
            &[("numbers", "www"), ("address", "10.0.0.0/8")],
        )
        .unwrap();
    assert!(sim.try_send("GET", "/rest/ppp/secret", None).is_none());
    sim.router
        .exec(
            "/ip/service/set",
            &[("numbers", "www"), ("address", "10.0.0.0/8,127.0.0.1")],
        )
        .unwrap();
    assert_eq!(sim.send("GET", "/rest/ppp/secret", None).status, 200);
}

#[test]
fn open_connections_are_rows_of_their_service_from_7_19() {
    for (version, listed) in [("7.18", 0), ("7.19", 2)] {
        let sim = Sim::version(version);
        let idle = TcpStream::connect(sim.address()).unwrap();
        let rows = sim.get("/rest/ip/service?name=www");
        let rows = rows.as_array().unwrap();
        let open: Vec<&Value> = rows.iter().filter(|row| row["dynamic"] == "true").collect();
        assert_eq!(open.len(), listed, "the idle one and this one: {version}");
        let own = idle.local_addr().unwrap().to_string();
        if listed > 0 {
            assert!(open.iter().any(|row| row["remote"] == own.as_str()));
            assert!(open.iter().all(|row| row["connection"] == "true"));
        }
        let fixed = sim.get("/rest/ip/service/www");
        assert_eq!(fixed[".id"], "*2", "a name is that of the service");
        assert_eq!(fixed.get("connection"), None);
        drop(idle);
        sim.router.reboot();
        let rows = sim.router.rows("/ip/service");
        let names: BTreeSet<_> = rows.iter().map(|row| row.text("name")).collect();
        assert_eq!(names.len(), rows.len(), "nobody is connected any more");
    }
}

#[test]
fn a_service_may_take_no_more_connections_than_max_sessions() {
    for (version, taken) in [("7.15", 5), ("7.16", 2)] {
        let sim = Sim::with(Options {
            max_sessions_enforced: true,
            ..Options::version(version.parse().unwrap())
        });
        // 7.15 does not know the property, so it is there from the start only
        let set = [("numbers", "www"), ("max-sessions", "2")];
        let known = sim.router.exec("/ip/service/set", &set).is_ok();
        assert_eq!(known, taken == 2, "{version}");
        let mut open: Vec<TcpStream> = (0..5)
            .map(|_| TcpStream::connect(sim.address()).unwrap())
            .collect();
        let answered = |stream: &mut TcpStream| {
            exchange(stream, &sim.user, "GET", "/rest/ppp/secret", "", b"").is_some()
        };
        assert_eq!(
            open.iter_mut()
                .map(answered)
                .filter(|answered| *answered)
                .count(),
            taken
        );
    }
}

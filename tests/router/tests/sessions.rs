//! PPP sessions: who comes in, what a session leaves in other menus, how it ends.

mod common;

use std::time::Duration;

use common::Sim;
use router_sim::{ConnectError, Dial, DynamicQueues, OnlyOne, Options, SameAddress};
use serde_json::{Value, json};

fn l2tp(name: &str) -> Dial {
    Dial::l2tp(name)
}

#[test]
fn a_session_makes_rows_in_four_menus_and_its_end_takes_them_away() {
    let sim = Sim::new();
    let static_rows = |sim: &Sim| {
        ["interface", "ip/address", "queue/simple", "ppp/active"]
            .map(|menu| sim.get(&format!("/rest/{menu}")))
    };
    sim.put(
        "/rest/ppp/profile",
        json!({"name": "p", "rate-limit": "2M/8M", "local-address": "10.0.0.254"}),
    );
    sim.put(
        "/rest/ppp/secret",
        json!({
            "name": "ann", "profile": "p", "remote-address": "10.0.0.1", "comment": "hers"
        }),
    );
    let before = static_rows(&sim);
    sim.router
        .connect(&Dial {
            caller_id: "1.2.3.4".into(),
            ..l2tp("ann")
        })
        .unwrap();
    let active = &sim.get("/rest/ppp/active")[0];
    for (key, value) in [
        ("name", "ann"),
        ("service", "l2tp"),
        ("address", "10.0.0.1"),
        ("caller-id", "1.2.3.4"),
        ("comment", "hers"),
    ] {
        assert_eq!(active[key], value);
    }
    let interface = &sim.get("/rest/interface/%3Cl2tp-ann%3E");
    assert_eq!(
        (&interface["rx-byte"], &interface["tx-byte"]),
        (&json!("0"), &json!("0"))
    );
    assert_eq!(
        (&interface["dynamic"], &interface["type"]),
        (&json!("true"), &json!("l2tp-in"))
    );
    let address = &sim.get("/rest/ip/address?dynamic=true")[0];
    assert_eq!(
        (&address["address"], &address["network"]),
        (&json!("10.0.0.254/32"), &json!("10.0.0.1"))
    );
    let queue = &sim.get("/rest/queue/simple")[0];
    assert_eq!(
        (&queue["name"], &queue["target"]),
        (&json!("<l2tp-ann>"), &json!("<l2tp-ann>"))
    );
    assert_eq!(
        (&queue["max-limit"], &queue["dynamic"]),
        (&json!("2000000/8000000"), &json!("true"))
    );
    sim.advance(60);
    assert_eq!(sim.router.disconnect("ann"), 1);
    assert_eq!(static_rows(&sim), before);
    let secret = sim.get("/rest/ppp/secret/ann");
    assert_eq!(secret["last-logged-out"], "2026-01-01 00:01:00");
    assert_eq!(
        (&secret["last-caller-id"], &secret["last-disconnect-reason"]),
        (&json!("1.2.3.4"), &json!("peer-request"))
    );
}

#[test]
fn only_a_matching_enabled_secret_lets_a_client_in() {
    let sim = Sim::new();
    sim.put("/rest/ppp/secret", json!({
        "name": "ann", "password": "pw", "remote-address": "10.0.0.1", "service": "l2tp", "caller-id": "1.1.1.1"
    }));
    let right = || Dial {
        caller_id: "1.1.1.1".into(),
        ..l2tp("ann").password("pw")
    };
    let refused = |dial: Dial| sim.router.connect(&dial).unwrap_err();
    assert_eq!(refused(l2tp("bob")), ConnectError::NoSecret("bob".into()));
    assert_eq!(
        refused(right().password("no")),
        ConnectError::WrongPassword("ann".into())
    );
    assert!(matches!(
        refused(Dial {
            caller_id: "2.2.2.2".into(),
            ..right()
        }),
        ConnectError::WrongCaller(..)
    ));
    assert!(matches!(
        refused(Dial {
            service: "pptp".into(),
            ..right()
        }),
        ConnectError::WrongService(..)
    ));
    sim.post("/rest/ppp/secret/disable", json!({"numbers": "ann"}));
    assert_eq!(refused(right()), ConnectError::SecretDisabled("ann".into()));
    sim.post("/rest/ppp/secret/enable", json!({"numbers": "ann"}));
    sim.post(
        "/rest/interface/l2tp-server/server/set",
        json!({"enabled": "no"}),
    );
    assert_eq!(
        refused(right()),
        ConnectError::ServerDisabled("l2tp".into())
    );
    sim.post(
        "/rest/interface/l2tp-server/server/set",
        json!({"enabled": "yes"}),
    );
    sim.router.connect(&right()).unwrap();
}

#[test]
fn servers_may_start_disabled_as_on_a_new_router() {
    let sim = Sim::with(Options {
        servers_enabled: false,
        ..Options::default()
    });
    sim.put(
        "/rest/ppp/secret",
        json!({"name": "ann", "remote-address": "10.0.0.1"}),
    );
    for service in ["l2tp", "pptp", "sstp", "ovpn"] {
        let dial = Dial {
            service: service.into(),
            ..l2tp("ann")
        };
        assert_eq!(
            sim.router.connect(&dial),
            Err(ConnectError::ServerDisabled(service.into()))
        );
    }
}

#[test]
fn the_profile_must_still_exist() {
    let sim = Sim::new();
    sim.put("/rest/ppp/profile", json!({"name": "p"}));
    sim.put(
        "/rest/ppp/secret",
        json!({"name": "ann", "profile": "p", "remote-address": "10.0.0.1"}),
    );
    sim.send("DELETE", "/rest/ppp/profile/p", None);
    assert_eq!(
        sim.get("/rest/ppp/secret/ann")["profile"],
        "*1",
        "the dangling reference reads as its raw id"
    );
    assert_eq!(
        sim.router.connect(&l2tp("ann")),
        Err(ConnectError::NoProfile("ann".into()))
    );
}

#[test]
fn addresses_come_from_secret_profile_or_pool_and_are_never_shared() {
    let sim = Sim::new();
    sim.put(
        "/rest/ip/pool",
        json!({"name": "small", "ranges": "10.5.0.1-10.5.0.2"}),
    );
    sim.put(
        "/rest/ppp/profile",
        json!({"name": "pooled", "remote-address": "small"}),
    );
    sim.put(
        "/rest/ppp/profile",
        json!({"name": "single", "remote-address": "10.6.0.1"}),
    );
    for (name, profile) in [
        ("a", "pooled"),
        ("b", "pooled"),
        ("c", "pooled"),
        ("d", "single"),
        ("e", "single"),
        ("f", "default"),
    ] {
        sim.put(
            "/rest/ppp/secret",
            json!({"name": name, "profile": profile}),
        );
    }
    sim.put(
        "/rest/ppp/secret",
        json!({"name": "g", "profile": "pooled", "remote-address": "10.7.0.1"}),
    );
    for name in ["a", "b", "d", "g"] {
        sim.router.connect(&l2tp(name)).unwrap();
    }
    let addresses: Vec<Value> = sim
        .get("/rest/ppp/active")
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["address"].clone())
        .collect();
    assert_eq!(addresses, ["10.5.0.1", "10.5.0.2", "10.6.0.1", "10.7.0.1"]);
    assert_eq!(
        sim.router.connect(&l2tp("c")),
        Err(ConnectError::PoolEmpty("c".into()))
    );
    assert!(matches!(
        sim.router.connect(&l2tp("e")),
        Err(ConnectError::AddressBusy(_))
    ));
    assert_eq!(
        sim.router.connect(&l2tp("f")),
        Err(ConnectError::NoAddress("f".into()))
    );
    assert_eq!(sim.get("/rest/ip/pool/used").as_array().unwrap().len(), 2);
    sim.router.disconnect("a");
    sim.router.connect(&l2tp("c")).unwrap();
}

#[test]
fn only_one_refuses_the_new_session_or_drops_the_old_one() {
    for (only_one, accepted) in [(OnlyOne::RefuseNew, false), (OnlyOne::DropOld, true)] {
        let sim = Sim::with(Options {
            only_one,
            ..Options::default()
        });
        sim.put(
            "/rest/ip/pool",
            json!({"name": "vpn", "ranges": "10.5.0.1-10.5.0.9"}),
        );
        sim.put(
            "/rest/ppp/profile",
            json!({"name": "p", "only-one": "yes", "remote-address": "vpn"}),
        );
        sim.put("/rest/ppp/secret", json!({"name": "ann", "profile": "p"}));
        sim.router.connect(&l2tp("ann")).unwrap();
        assert_eq!(sim.router.connect(&l2tp("ann")).is_ok(), accepted);
        assert_eq!(sim.get("/rest/ppp/active").as_array().unwrap().len(), 1);
    }
}

#[test]
fn without_only_one_a_name_may_have_two_sessions() {
    let sim = Sim::new();
    sim.put(
        "/rest/ip/pool",
        json!({"name": "vpn", "ranges": "10.5.0.1-10.5.0.9"}),
    );
    sim.put(
        "/rest/ppp/profile",
        json!({"name": "p", "remote-address": "vpn"}),
    );
    sim.put("/rest/ppp/secret", json!({"name": "ann", "profile": "p"}));
    sim.router.connect(&l2tp("ann")).unwrap();
    sim.router.connect(&l2tp("ann")).unwrap();
    let rows = sim.get("/rest/interface?type=l2tp-in");
    assert_eq!(
        (&rows[0]["name"], &rows[1]["name"]),
        (&json!("<l2tp-ann>"), &json!("<l2tp-ann-1>"))
    );
    assert_eq!(
        sim.get("/rest/ppp/active?name=ann")
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn disabling_changing_or_removing_a_secret_leaves_the_session() {
    let sim = Sim::new();
    for (number, name) in ["ann", "bob", "carl"].into_iter().enumerate() {
        sim.account(name, &format!("10.0.0.{}", number + 1));
        sim.router.connect(&l2tp(name)).unwrap();
    }
    sim.send(
        "PATCH",
        "/rest/ppp/secret/ann",
        Some(&json!({"disabled": "yes"})),
    );
    sim.send(
        "PATCH",
        "/rest/ppp/secret/bob",
        Some(&json!({"password": "other", "remote-address": "10.0.9.9"})),
    );
    sim.send("DELETE", "/rest/ppp/secret/carl", None);
    let active = sim.get("/rest/ppp/active");
    assert_eq!(active.as_array().unwrap().len(), 3);
    assert_eq!(
        active[1]["address"], "10.0.0.2",
        "the old address until the next login"
    );
}

#[test]
fn removing_the_active_row_ends_the_session_and_a_second_time_is_404() {
    let sim = Sim::new();
    sim.account("ann", "10.0.0.1");
    let id = sim.router.connect(&l2tp("ann")).unwrap();
    let path = format!("/rest/ppp/active/{id}");
    assert_eq!(sim.send("DELETE", &path, None).status, 204);
    assert!(!sim.router.is_connected("ann"));
    assert_eq!(sim.send("DELETE", &path, None).status, 404);
    assert_eq!(
        sim.get("/rest/ppp/secret/ann")["last-disconnect-reason"],
        "nas-request"
    );
}

#[test]
fn a_thrown_out_client_dials_again_only_while_its_secret_allows() {
    let sim = Sim::new();
    sim.account("ann", "10.0.0.1");
    let id = sim.router.connect(&l2tp("ann").redial(5)).unwrap();
    sim.send("DELETE", &format!("/rest/ppp/active/{id}"), None);
    sim.advance(4);
    assert!(!sim.router.is_connected("ann"));
    sim.advance(1);
    assert!(
        sim.router.is_connected("ann"),
        "it came back: removing the row alone does not suspend"
    );
    sim.post("/rest/ppp/secret/disable", json!({"numbers": "ann"}));
    let id = sim.get("/rest/ppp/active")[0][".id"]
        .as_str()
        .unwrap()
        .to_owned();
    sim.send("DELETE", &format!("/rest/ppp/active/{id}"), None);
    sim.advance(60);
    assert!(!sim.router.is_connected("ann"));
    sim.post("/rest/ppp/secret/enable", json!({"numbers": "ann"}));
    sim.advance(5);
    assert!(sim.router.is_connected("ann"), "it never stopped trying");
    sim.router.disconnect("ann");
    sim.advance(60);
    assert!(
        !sim.router.is_connected("ann"),
        "a client that hung up itself stays away"
    );
}

#[test]
fn limits_of_time_and_bytes_end_a_session() {
    let sim = Sim::new();
    sim.put(
        "/rest/ppp/profile",
        json!({"name": "p", "session-timeout": "1m"}),
    );
    sim.put(
        "/rest/ppp/secret",
        json!({"name": "ann", "profile": "p", "remote-address": "10.0.0.1"}),
    );
    sim.put(
        "/rest/ppp/secret",
        json!({"name": "bob", "remote-address": "10.0.0.2", "limit-bytes-out": "1000"}),
    );
    sim.router.connect(&l2tp("ann")).unwrap();
    sim.advance(59);
    assert!(sim.router.is_connected("ann"));
    sim.advance(1);
    assert!(!sim.router.is_connected("ann"));
    sim.router.connect(&l2tp("bob")).unwrap();
    sim.router.traffic("bob", 5_000, 999);
    assert!(
        sim.router.is_connected("bob"),
        "the limit is for the other direction"
    );
    sim.router.traffic("bob", 0, 1);
    assert!(!sim.router.is_connected("bob"));
}

#[test]
fn a_static_binding_takes_the_session_and_keeps_its_counters() {
    let sim = Sim::new();
    sim.account("ann", "10.0.0.1");
    sim.put(
        "/rest/interface/l2tp-server",
        json!({"name": "l2tp-ann", "user": "ann"}),
    );
    for total in [1_000_u64, 2_000] {
        sim.router.connect(&l2tp("ann")).unwrap();
        sim.router.traffic("ann", 0, 1_000);
        assert_eq!(
            sim.get("/rest/interface/l2tp-ann")["tx-byte"],
            total.to_string()
        );
        assert_eq!(sim.get("/rest/interface/l2tp-ann")["running"], "true");
        sim.router.disconnect("ann");
    }
    assert_eq!(sim.get("/rest/interface/l2tp-ann")["link-downs"], "2");
    assert_eq!(sim.get("/rest/interface/l2tp-ann")["running"], "false");
}

#[test]
fn a_reboot_ends_sessions_and_zeroes_counters_but_keeps_the_configuration() {
    let sim = Sim::new();
    sim.account("ann", "10.0.0.1");
    let secret = sim.get("/rest/ppp/secret");
    sim.router.connect(&l2tp("ann").redial(30)).unwrap();
    sim.router.traffic("ann", 10, 20);
    sim.advance(100);
    assert_eq!(sim.get("/rest/system/resource")["uptime"], "1m40s");
    sim.router.reboot();
    assert_eq!(sim.get("/rest/system/resource")["uptime"], "0s");
    assert_eq!(sim.get("/rest/ppp/active"), json!([]));
    assert_eq!(sim.queue_bytes("ann"), "0/0");
    assert_eq!(sim.get("/rest/interface/ether1")["rx-byte"], "0");
    assert_eq!(sim.get("/rest/ppp/secret"), secret);
    assert_eq!(
        sim.router.truth("ann").download,
        20,
        "the truth is not reset"
    );
    sim.advance(30);
    assert!(
        sim.router.is_connected("ann"),
        "clients dial again after a reboot"
    );
}

#[test]
fn lists_can_be_empty_for_a_while_after_a_boot() {
    let sim = Sim::new();
    sim.account("ann", "10.0.0.1");
    let menus = ["/ppp/secret".to_owned()];
    sim.router.reboot_with_gap(Duration::from_secs(20), &menus);
    assert_eq!(sim.get("/rest/ppp/secret"), json!([]));
    assert_eq!(sim.send("GET", "/rest/ppp/secret/ann", None).status, 404);
    let remove = json!({".id": "ann"});
    assert_eq!(
        sim.refused("POST", "/rest/ppp/secret/remove", remove),
        (400, "no such item".to_owned())
    );
    assert_eq!(sim.queue_bytes("ann"), "0/0", "another menu is there");
    assert!(sim.router.row("/ppp/secret", "name", "ann").is_some());
    sim.advance(20);
    assert_eq!(sim.get("/rest/ppp/secret/ann")["name"], "ann");
}

#[test]
fn without_named_menus_a_boot_gap_hides_all_but_the_resource() {
    let sim = Sim::new();
    sim.account("ann", "10.0.0.1");
    sim.router.reboot_with_gap(Duration::from_secs(5), &[]);
    for menu in [
        "/rest/queue/simple",
        "/rest/ppp/active",
        "/rest/system/identity",
    ] {
        assert_eq!(sim.get(menu), json!([]), "{menu}");
    }
    assert_eq!(sim.get("/rest/system/resource")["uptime"], "0s");
    sim.router.reboot();
    assert_eq!(sim.get("/rest/queue/simple/ann")["name"], "ann");
}

#[test]
fn a_queue_on_a_vanished_interface_does_not_match_the_next_one_of_that_name() {
    let sim = Sim::new();
    sim.put(
        "/rest/ppp/secret",
        json!({"name": "ann", "remote-address": "10.0.0.1"}),
    );
    sim.router.connect(&l2tp("ann")).unwrap();
    sim.put(
        "/rest/queue/simple",
        json!({"name": "q", "target": "<l2tp-ann>"}),
    );
    sim.router.traffic("ann", 1, 2);
    assert_eq!(sim.queue_bytes("q"), "1/2");
    sim.router.disconnect("ann");
    assert_eq!(sim.get("/rest/queue/simple/q")["target"], "*F00000");
    assert_eq!(sim.get("/rest/queue/simple/q")["invalid"], "true");
    sim.router.connect(&l2tp("ann")).unwrap();
    sim.router.traffic("ann", 1, 2);
    assert_eq!(sim.queue_bytes("q"), "1/2");
}

#[test]
fn caps_of_the_server_and_the_licence_refuse_further_sessions() {
    let sim = Sim::with(Options {
        session_cap: Some(2),
        ..Options::default()
    });
    for number in 1..=4 {
        sim.account(&format!("u{number}"), &format!("10.0.0.{number}"));
    }
    sim.post(
        "/rest/interface/l2tp-server/server/set",
        json!({"max-sessions": "1"}),
    );
    sim.router.connect(&l2tp("u1")).unwrap();
    assert_eq!(
        sim.router.connect(&l2tp("u2")),
        Err(ConnectError::TooManySessions("l2tp".into(), 1))
    );
    sim.post(
        "/rest/interface/l2tp-server/server/set",
        json!({"max-sessions": "unlimited"}),
    );
    sim.router.connect(&l2tp("u2")).unwrap();
    assert_eq!(
        sim.router.connect(&l2tp("u3")),
        Err(ConnectError::TooManySessions("l2tp".into(), 2))
    );
    sim.router
        .connect(&Dial {
            service: "sstp".into(),
            ..l2tp("u3")
        })
        .unwrap();
}

#[test]
fn a_single_address_anywhere_beats_a_pool_and_a_full_pool_goes_on_to_the_next() {
    let sim = Sim::new();
    sim.put(
        "/rest/ip/pool",
        json!({"name": "more", "ranges": "10.6.0.1"}),
    );
    sim.put(
        "/rest/ip/pool",
        json!({"name": "small", "ranges": "10.5.0.1", "next-pool": "more"}),
    );
    sim.put(
        "/rest/ppp/profile",
        json!({"name": "p", "remote-address": "small"}),
    );
    for name in ["a", "b", "c"] {
        sim.put("/rest/ppp/secret", json!({"name": name, "profile": "p"}));
    }
    sim.router.connect(&l2tp("a")).unwrap();
    sim.router.connect(&l2tp("b")).unwrap();
    let active = sim.get("/rest/ppp/active");
    assert_eq!(
        (&active[0]["address"], &active[1]["address"]),
        (&json!("10.5.0.1"), &json!("10.6.0.1"))
    );
    // the server's default profile has a single address: it wins over the account's pool
    sim.send(
        "PATCH",
        "/rest/ppp/profile/default-encryption",
        Some(&json!({"remote-address": "10.9.0.9"})),
    );
    sim.router.connect(&l2tp("c")).unwrap();
    assert_eq!(sim.get("/rest/ppp/active?name=c")[0]["address"], "10.9.0.9");
}

#[test]
fn removing_or_disabling_a_binding_ends_its_session() {
    let sim = Sim::new();
    sim.account("ann", "10.0.0.1");
    sim.put(
        "/rest/interface/l2tp-server",
        json!({"name": "l2tp-ann", "user": "ann"}),
    );
    sim.router.connect(&l2tp("ann")).unwrap();
    sim.post("/rest/interface/disable", json!({"numbers": "l2tp-ann"}));
    assert!(!sim.router.is_connected("ann"));
    sim.router.connect(&l2tp("ann")).unwrap();
    assert!(
        sim.router.row("/interface", "name", "<l2tp-ann>").is_some(),
        "a disabled binding is not used"
    );
    sim.router.disconnect("ann");
    sim.post(
        "/rest/interface/l2tp-server/enable",
        json!({"numbers": "l2tp-ann"}),
    );
    sim.router.connect(&l2tp("ann")).unwrap();
    sim.post(
        "/rest/interface/l2tp-server/remove",
        json!({"numbers": "l2tp-ann"}),
    );
    assert!(!sim.router.is_connected("ann"));
}

#[test]
fn a_dynamic_queue_stands_where_the_profile_says() {
    let sim = Sim::new();
    sim.put(
        "/rest/queue/simple",
        json!({"name": "top", "target": "10.0.0.0/8"}),
    );
    sim.put(
        "/rest/queue/simple",
        json!({"name": "last", "target": "10.0.0.0/8"}),
    );
    let names = |sim: &Sim| -> Vec<String> {
        sim.router
            .rows("/queue/simple")
            .iter()
            .map(|row| row.text("name").unwrap().to_owned())
            .collect()
    };
    for (position, order) in [
        ("first", ["<l2tp-ann>", "top", "last"]),
        ("bottom", ["top", "last", "<l2tp-ann>"]),
        ("last", ["top", "<l2tp-ann>", "last"]),
    ] {
        sim.put(
            "/rest/ppp/profile",
            json!({"name": "p", "rate-limit": "1M", "insert-queue-before": position}),
        );
        sim.put(
            "/rest/ppp/secret",
            json!({"name": "ann", "profile": "p", "remote-address": "10.0.0.1"}),
        );
        sim.router.connect(&l2tp("ann")).unwrap();
        assert_eq!(names(&sim), order);
        sim.router.disconnect("ann");
        sim.send("DELETE", "/rest/ppp/secret/ann", None);
        sim.send("DELETE", "/rest/ppp/profile/p", None);
    }
}

#[test]
fn a_fixed_address_dialled_twice_is_refused_taken_over_or_had_by_both() {
    for (rule, sessions, bytes) in [
        (SameAddress::RefuseNew, 1, ["5", "0"]),
        (SameAddress::DropOld, 1, ["7", "0"]),
        (SameAddress::Both, 2, ["5", "7"]),
    ] {
        let sim = Sim::with(Options {
            same_address: rule,
            ..Options::default()
        });
        sim.account("ann", "10.0.0.1");
        sim.router.connect(&l2tp("ann")).unwrap();
        sim.router.traffic("ann", 5, 0);
        let second = sim.router.connect(&l2tp("ann"));
        assert_eq!(second.is_ok(), rule != SameAddress::RefuseNew, "{rule:?}");
        if second.is_ok() {
            sim.router.traffic("ann", 7, 0);
        }
        let rows = sim.router.rows("/ppp/active");
        assert_eq!(rows.len(), sessions, "{rule:?}");
        assert!(
            rows.iter()
                .all(|row| row.text("address") == Some("10.0.0.1"))
        );
        // the newer session's route wins; what stood in an ended one's interface is gone
        let carried = ["<l2tp-ann>", "<l2tp-ann-1>"].map(|name| {
            let row = sim.router.row("/interface", "name", name);
            row.map_or("0".to_owned(), |row| {
                row.text("rx-byte").unwrap().to_owned()
            })
        });
        assert_eq!(carried, bytes, "{rule:?}");
        let all = if rule == SameAddress::RefuseNew {
            "5/0"
        } else {
            "12/0"
        };
        assert_eq!(sim.queue_bytes("ann"), all, "one queue counts both");
        assert_eq!(sim.router.disconnect("ann"), sessions);
        sim.router.connect(&l2tp("ann")).unwrap();
    }
}

#[test]
fn without_a_place_in_the_profile_the_dynamic_queue_takes_the_traffic_or_the_static_one_does() {
    for (place, bytes) in [(DynamicQueues::First, "0/0"), (DynamicQueues::Last, "5/70")] {
        let sim = Sim::with(Options {
            dynamic_queues: place,
            ..Options::default()
        });
        sim.account("ann", "10.0.0.1");
        let profile = json!({"numbers": "default", "rate-limit": "1M"});
        sim.post("/rest/ppp/profile/set", profile);
        sim.router.connect(&l2tp("ann")).unwrap();
        sim.router.traffic("ann", 5, 70);
        assert_eq!(sim.queue_bytes("ann"), bytes, "{place:?}");
    }
}

#[test]
fn a_client_that_came_back_by_itself_does_not_dial_a_second_time() {
    let sim = Sim::new();
    sim.put(
        "/rest/ip/pool",
        json!({"name": "vpn", "ranges": "10.5.0.1-10.5.0.9"}),
    );
    sim.put(
        "/rest/ppp/profile",
        json!({"name": "p", "remote-address": "vpn"}),
    );
    sim.put("/rest/ppp/secret", json!({"name": "ann", "profile": "p"}));
    let id = sim.router.connect(&l2tp("ann").redial(5)).unwrap();
    sim.send("DELETE", &format!("/rest/ppp/active/{id}"), None);
    sim.advance(2);
    sim.router.connect(&l2tp("ann").redial(5)).unwrap();
    sim.advance(60);
    assert_eq!(sim.get("/rest/ppp/active").as_array().unwrap().len(), 1);
}

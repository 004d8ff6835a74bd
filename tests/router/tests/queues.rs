//! Traffic: which queue counts it, how it is shaped, who resets what.

mod common;

use std::collections::BTreeMap;

use common::Sim;
use router_sim::{Dial, Options};
use serde_json::json;

fn online(name: &str, address: &str) -> Sim {
    let sim = Sim::new();
    sim.account(name, address);
    sim.router.connect(&Dial::l2tp(name)).unwrap();
    sim
}

#[test]
fn upload_is_first_in_a_queue_and_rx_of_the_interface() {
    let sim = online("ann", "10.0.0.1");
    sim.router.traffic("ann", 1_000, 20_000);
    assert_eq!(sim.queue_bytes("ann"), "1000/20000");
    let interface = &sim.get("/rest/interface?type=l2tp-in")[0];
    assert_eq!(
        (&interface["rx-byte"], &interface["tx-byte"]),
        (&json!("1000"), &json!("20000"))
    );
    let truth = sim.router.truth("ann");
    assert_eq!((truth.upload, truth.download), (1_000, 20_000));
}

#[test]
fn the_first_enabled_match_counts_alone() {
    let sim = online("ann", "10.0.0.1");
    sim.put(
        "/rest/queue/simple",
        json!({"name": "broad", "target": "10.0.0.0/24", "place-before": "ann"}),
    );
    sim.router.traffic("ann", 1, 1);
    assert_eq!(
        (sim.queue_bytes("broad"), sim.queue_bytes("ann")),
        ("1/1".into(), "0/0".into())
    );
    sim.post("/rest/queue/simple/disable", json!({"numbers": "broad"}));
    sim.router.traffic("ann", 2, 2);
    assert_eq!(
        (sim.queue_bytes("broad"), sim.queue_bytes("ann")),
        ("0/0".into(), "2/2".into())
    );
    sim.post("/rest/queue/simple/enable", json!({"numbers": "broad"}));
    sim.post("/rest/queue/simple/move", json!({"numbers": "broad"}));
    sim.router.traffic("ann", 4, 4);
    assert_eq!(sim.queue_bytes("ann"), "6/6", "broad moved to the end");
    sim.post(
        "/rest/queue/simple/move",
        json!({"numbers": "broad", "destination": "ann"}),
    );
    sim.router.traffic("ann", 8, 8);
    assert_eq!(sim.queue_bytes("broad"), "8/8");
    sim.send("DELETE", "/rest/queue/simple/broad", None);
    sim.router.traffic("ann", 1, 1);
    assert_eq!(sim.queue_bytes("ann"), "7/7");
}

#[test]
fn place_before_is_for_creation_only() {
    let sim = online("ann", "10.0.0.1");
    assert_eq!(
        sim.refused(
            "PATCH",
            "/rest/queue/simple/*1",
            json!({"place-before": "*1"})
        ),
        (400, "unknown parameter place-before".to_owned())
    );
    sim.put(
        "/rest/queue/simple",
        json!({"name": "b", "target": "10.0.0.2"}),
    );
    sim.put(
        "/rest/queue/simple",
        json!({"name": "c", "target": "10.0.0.3"}),
    );
    sim.post(
        "/rest/queue/simple/move",
        json!({"numbers": "c,b", "destination": "ann"}),
    );
    let order: Vec<String> = sim
        .router
        .rows("/queue/simple")
        .iter()
        .map(|row| row.text("name").unwrap().into())
        .collect();
    assert_eq!(order, ["c", "b", "ann"], "a block moves in the order given");
    assert_eq!(
        sim.refused("POST", "/rest/queue/simple/move", json!({"numbers": "*99"}))
            .0,
        404
    );
    sim.post(
        "/rest/queue/simple/move",
        json!({"numbers": "c", "destination": "*99"}),
    );
    assert_eq!(
        sim.router.rows("/queue/simple")[2].text("name"),
        Some("c"),
        "unknown destination: the end, silently"
    );
}

#[test]
fn a_child_counts_only_if_its_parent_matches_too() {
    let sim = online("ann", "10.0.0.1");
    sim.put(
        "/rest/queue/simple",
        json!({"name": "office", "target": "10.0.0.0/24"}),
    );
    sim.put(
        "/rest/queue/simple",
        json!({"name": "other", "target": "192.168.0.0/24"}),
    );
    sim.post(
        "/rest/queue/simple/set",
        json!({"numbers": "ann", "parent": "office"}),
    );
    sim.router.traffic("ann", 1, 2);
    assert_eq!(
        (sim.queue_bytes("office"), sim.queue_bytes("ann")),
        ("1/2".into(), "1/2".into())
    );
    sim.post(
        "/rest/queue/simple/set",
        json!({"numbers": "ann", "parent": "other"}),
    );
    sim.router.traffic("ann", 1, 2);
    assert_eq!(
        (sim.queue_bytes("office"), sim.queue_bytes("ann")),
        ("2/4".into(), "0/0".into())
    );
    sim.send("DELETE", "/rest/queue/simple/other", None);
    assert_eq!(
        sim.get("/rest/queue/simple/ann")["invalid"],
        "true",
        "its parent is gone"
    );
    assert!(
        sim.get("/rest/queue/simple/ann")["parent"]
            .as_str()
            .unwrap()
            .starts_with('*')
    );
}

#[test]
fn fasttrack_hides_traffic_from_queues_but_not_from_interfaces() {
    let sim = online("ann", "10.0.0.1");
    let rule = sim.put("/rest/ip/firewall/filter", json!({
        "chain": "forward", "action": "fasttrack-connection", "connection-state": "established,related"
    }));
    let id = rule[".id"].as_str().unwrap();
    sim.router.traffic("ann", 10, 20);
    assert_eq!(sim.queue_bytes("ann"), "0/0");
    assert_eq!(sim.get("/rest/interface?type=l2tp-in")[0]["rx-byte"], "10");
    sim.put(
        "/rest/ip/firewall/filter",
        json!({
            "chain": "forward", "action": "accept", "src-address": "10.0.0.0/24", "place-before": id
        }),
    );
    sim.router.traffic("ann", 10, 20);
    assert_eq!(
        sim.queue_bytes("ann"),
        "0/0",
        "the way back is still on the fast track"
    );
    sim.put(
        "/rest/ip/firewall/filter",
        json!({
            "chain": "forward", "action": "accept", "dst-address": "10.0.0.0/24", "place-before": id
        }),
    );
    sim.router.traffic("ann", 10, 20);
    assert_eq!(
        sim.queue_bytes("ann"),
        "10/20",
        "an accept above keeps these addresses off it"
    );
    for rule in sim.router.rows("/ip/firewall/filter") {
        sim.post(
            "/rest/ip/firewall/filter/disable",
            json!({".id": rule.text(".id").unwrap()}),
        );
    }
    sim.router.traffic("ann", 1, 1);
    assert_eq!(sim.queue_bytes("ann"), "11/21");
}

#[test]
fn what_an_address_list_leaves_out_is_not_on_the_fast_track() {
    let sim = online("ann", "10.0.0.1");
    let list = |address: &str| {
        let arguments = [("list", "vpn"), ("address", address)];
        sim.router.exec("/ip/firewall/address-list/add", &arguments)
    };
    list("10.0.0.1-10.0.0.9").unwrap();
    let again = list("10.0.0.1-10.0.0.9").unwrap_err();
    assert!(again.to_string().contains("already have such entry"));
    assert!(list("10.0.0.9-10.0.0.1").is_err());
    let rule = |lists: &[(&str, &str)]| {
        let track = [("chain", "forward"), ("action", "fasttrack-connection")];
        let arguments: Vec<_> = track.iter().chain(lists).copied().collect();
        sim.router
            .exec("/ip/firewall/filter/add", &arguments)
            .unwrap();
    };
    rule(&[("src-address-list", "!vpn"), ("dst-address-list", "!vpn")]);
    sim.router.traffic("ann", 10, 20);
    assert_eq!(sim.queue_bytes("ann"), "10/20");
    rule(&[("src-address-list", "!vpn")]);
    sim.router.traffic("ann", 10, 20);
    assert_eq!(sim.queue_bytes("ann"), "10/20", "the way back is on it");
}

#[test]
fn continuous_traffic_is_cut_to_the_limit_and_nothing_is_lost_between_looks() {
    let sim = online("ann", "10.0.0.1");
    sim.send(
        "PATCH",
        "/rest/queue/simple/ann",
        Some(&json!({"max-limit": "1M/8M"})),
    );
    sim.router.rate("ann", 500_000, 80_000_000);
    sim.advance(8);
    assert_eq!(sim.queue_bytes("ann"), "500000/8000000");
    assert_eq!(sim.get("/rest/queue/simple/ann")["rate"], "500000/8000000");
    sim.router.rate("ann", 333, 0);
    for _ in 0..1_000 {
        sim.router.advance(std::time::Duration::from_millis(1));
    }
    assert_eq!(
        sim.router.truth("ann").upload,
        500_000 + 333 / 8,
        "fractions of bytes add up"
    );
    sim.router.rate("ann", 0, 0);
    sim.advance(100);
    assert_eq!(sim.router.truth("ann").upload, 500_041);
    assert_eq!(sim.get("/rest/queue/simple/ann")["rate"], "0/0");
}

#[test]
fn sessions_in_one_queue_share_its_limit() {
    let sim = Sim::new();
    for (name, address) in [("ann", "10.0.0.1"), ("bob", "10.0.0.2")] {
        sim.put(
            "/rest/ppp/secret",
            json!({"name": name, "remote-address": address}),
        );
        sim.router.connect(&Dial::l2tp(name)).unwrap();
    }
    sim.put(
        "/rest/queue/simple",
        json!({"name": "both", "target": "10.0.0.0/24", "max-limit": "0/9M"}),
    );
    sim.router.rate("ann", 0, 6_000_000);
    sim.router.rate("bob", 0, 12_000_000);
    sim.advance(8);
    assert_eq!(sim.router.truth("ann").download, 3_000_000);
    assert_eq!(sim.router.truth("bob").download, 6_000_000);
}

#[test]
fn counters_are_reset_by_command_and_by_an_outside_hand() {
    let sim = online("ann", "10.0.0.1");
    let fill = || sim.router.traffic("ann", 5, 5);
    fill();
    assert_eq!(
        sim.post("/rest/queue/simple/reset-counters", json!({".id": "*1"})),
        json!([])
    );
    assert_eq!(sim.queue_bytes("ann"), "0/0");
    assert_eq!(
        sim.get("/rest/interface?type=l2tp-in")[0]["rx-byte"],
        "5",
        "queues and interfaces are apart"
    );
    fill();
    sim.post("/rest/queue/simple/reset-counters-all", json!({}));
    assert_eq!(sim.queue_bytes("ann"), "0/0");
    sim.post(
        "/rest/interface/reset-counters",
        json!({"numbers": "<l2tp-ann>"}),
    );
    assert_eq!(sim.get("/rest/interface?type=l2tp-in")[0]["rx-byte"], "0");
    fill();
    sim.router.reset_counters();
    assert_eq!(sim.queue_bytes("ann"), "0/0");
    assert_eq!(sim.router.truth("ann").upload, 15, "the truth is not reset");
    assert_eq!(
        sim.refused("POST", "/rest/queue/simple/reset-counters", json!({})),
        (400, "missing =.id=".to_owned())
    );
}

#[test]
fn what_an_edit_does_to_counters_is_an_option() {
    for (resets, after) in [(true, "0/0"), (false, "5/5")] {
        let sim = Sim::with(Options {
            queue_edit_resets_counters: resets,
            ..Options::default()
        });
        sim.account("ann", "10.0.0.1");
        sim.router.connect(&Dial::l2tp("ann")).unwrap();
        sim.router.traffic("ann", 5, 5);
        sim.send(
            "PATCH",
            "/rest/queue/simple/ann",
            Some(&json!({"comment": "x", "max-limit": "1M/1M"})),
        );
        assert_eq!(
            sim.queue_bytes("ann"),
            "5/5",
            "a comment or limit never resets"
        );
        sim.send(
            "PATCH",
            "/rest/queue/simple/ann",
            Some(&json!({"target": "10.0.0.0/30"})),
        );
        assert_eq!(sim.queue_bytes("ann"), after);
    }
}

#[test]
fn counters_can_be_stuck_set_back_or_beyond_2_to_53() {
    let sim = Sim::with(Options {
        queues_stuck: true,
        ..Options::default()
    });
    sim.account("ann", "10.0.0.1");
    sim.router.connect(&Dial::l2tp("ann")).unwrap();
    sim.router.traffic("ann", 5, 5);
    assert_eq!(sim.queue_bytes("ann"), "0/0");
    assert!(
        sim.router
            .set_counters("/queue/simple", "ann", 9_007_199_254_740_993, 3)
    );
    assert_eq!(sim.queue_bytes("ann"), "9007199254740993/3");
    assert!(!sim.router.set_counters("/queue/simple", "nobody", 1, 1));
}

/// The index must find what walking the list finds, whatever was added, moved, disabled and removed.
#[test]
fn the_index_agrees_with_walking_the_list() {
    let sim = Sim::new();
    let mut chance = fastrand::Rng::with_seed(11);
    let mut names = Vec::new();
    for number in 0..40 {
        let (name, address) = (format!("u{number}"), format!("10.0.0.{}", number + 1));
        sim.put(
            "/rest/ppp/secret",
            json!({"name": name, "remote-address": address}),
        );
        sim.router.connect(&Dial::l2tp(&name)).unwrap();
        names.push((name, u32::from(10_u8) << 24 | (number + 1)));
    }
    let mut queues = 0;
    for _ in 0..300 {
        let exec =
            |path: &str, arguments: &[(&str, &str)]| sim.router.exec(path, arguments).unwrap();
        let rows = sim.router.rows("/queue/simple");
        let pick = |chance: &mut fastrand::Rng| {
            rows[chance.usize(0..rows.len())]
                .text("name")
                .unwrap()
                .to_owned()
        };
        match if rows.is_empty() { 0 } else { chance.u8(0..6) } {
            0 | 1 => {
                queues += 1;
                let target = format!("10.0.0.{}/{}", chance.u8(0..50), chance.u8(22..=32));
                exec(
                    "/queue/simple/add",
                    &[("name", &format!("q{queues}")), ("target", &target)],
                );
            }
            2 => {
                let (moved, before) = (pick(&mut chance), pick(&mut chance));
                if moved != before {
                    exec(
                        "/queue/simple/move",
                        &[("numbers", &moved), ("destination", &before)],
                    );
                }
            }
            3 => drop(exec(
                "/queue/simple/disable",
                &[("numbers", &pick(&mut chance))],
            )),
            4 => drop(exec(
                "/queue/simple/enable",
                &[("numbers", &pick(&mut chance))],
            )),
            _ => drop(exec(
                "/queue/simple/remove",
                &[("numbers", &pick(&mut chance))],
            )),
        }
        sim.router.reset_counters();
        let (name, address) = &names[chance.usize(0..names.len())];
        sim.router.traffic(name, 7, 7);
        let walked = sim
            .router
            .rows("/queue/simple")
            .iter()
            .find(|row| matches(row, *address))
            .map(|row| row.text("name").unwrap().to_owned());
        let counted: BTreeMap<String, String> = sim
            .router
            .rows("/queue/simple")
            .iter()
            .filter(|row| row.text("bytes") != Some("0/0"))
            .map(|row| {
                (
                    row.text("name").unwrap().to_owned(),
                    row.text("bytes").unwrap().to_owned(),
                )
            })
            .collect();
        assert_eq!(
            counted,
            walked
                .into_iter()
                .map(|name| (name, "7/7".to_owned()))
                .collect()
        );
    }
}

fn matches(row: &router_sim::Record, address: u32) -> bool {
    let net: ipnet::Ipv4Net = row.text("target").unwrap().parse().unwrap();
    row.text("disabled") == Some("false") && net.contains(&std::net::Ipv4Addr::from(address))
}

#[test]
fn a_guaranteed_rate_above_the_limit_is_refused_whichever_of_them_changes() {
    let sim = Sim::new();
    sim.put(
        "/rest/queue/simple",
        json!({"name": "q", "target": "10.0.0.1", "limit-at": "1M/1M", "max-limit": "2M/2M"}),
    );
    for (body, sentence) in [
        (
            json!({"max-limit": "500k/2M"}),
            "failure: upload-max-limit less than upload-limit",
        ),
        (
            json!({"limit-at": "1M/3M"}),
            "failure: download-max-limit less than download-limit",
        ),
    ] {
        assert_eq!(
            sim.refused("PATCH", "/rest/queue/simple/q", body),
            (400, sentence.to_owned())
        );
    }
    let unlimited = json!({"max-limit": "0/0", "limit-at": "5M/5M"});
    let reply = sim.send("PATCH", "/rest/queue/simple/q", Some(&unlimited));
    assert_eq!(reply.status, 200, "0 is no limit");
}

#[test]
fn dynamic_queues_may_be_open_to_scripts() {
    for (editable, status) in [(false, 400), (true, 200)] {
        let sim = Sim::with(Options {
            dynamic_queues_editable: editable,
            ..Options::default()
        });
        sim.put(
            "/rest/ppp/profile",
            json!({"name": "p", "rate-limit": "1M"}),
        );
        sim.put(
            "/rest/ppp/secret",
            json!({"name": "ann", "profile": "p", "remote-address": "10.0.0.1"}),
        );
        sim.router.connect(&Dial::l2tp("ann")).unwrap();
        let set = json!({"numbers": "<l2tp-ann>", "max-limit": "2M/2M"});
        let reply = sim.send("POST", "/rest/queue/simple/set", Some(&set));
        assert_eq!(reply.status, status);
    }
}

#[test]
fn a_queue_is_not_its_own_ancestor() {
    let sim = Sim::new();
    for (name, parent) in [("a", "none"), ("b", "a"), ("c", "b")] {
        let queue = json!({"name": name, "target": "10.0.0.0/8", "parent": parent});
        sim.put("/rest/queue/simple", queue);
    }
    for parent in ["a", "c"] {
        let refused = sim.refused("PATCH", "/rest/queue/simple/a", json!({"parent": parent}));
        let sentence = "input does not match any value of parent";
        assert_eq!(refused, (400, sentence.to_owned()), "{parent}");
    }
}

#[test]
fn nothing_written_into_the_destination_takes_it_away() {
    let sim = Sim::new();
    let made = sim.put(
        "/rest/queue/simple",
        json!({"name": "q", "target": "10.0.0.1", "dst": "10.9.0.0/16"}),
    );
    assert_eq!(made["dst"], "10.9.0.0/16");
    let reply = sim.send("PATCH", "/rest/queue/simple/q", Some(&json!({"dst": ""})));
    assert_eq!(reply.json().get("dst"), None);
}

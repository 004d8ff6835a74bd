//! Verbs, paths, filters and reply shapes, as recorded in `rest-verbs.json`.

mod common;

use common::Sim;
use router_sim::{Dial, Options};
use serde_json::{Value, json};

fn three() -> Sim {
    let sim = Sim::new();
    for (name, comment) in [("ann", "a"), ("bob", ""), ("carl", "c")] {
        let body = json!({"name": name, "comment": comment, "disabled": name == "carl"});
        sim.put("/rest/ppp/secret", body);
    }
    sim
}

fn names(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect()
}

#[test]
fn verbs_answer_201_200_204_and_the_second_delete_404() {
    let sim = Sim::new();
    let created = sim.send("PUT", "/rest/ppp/secret", Some(&json!({"name": "ann"})));
    assert_eq!(created.status, 201);
    let id = created.json()[".id"].as_str().unwrap().to_owned();
    let path = format!("/rest/ppp/secret/{id}");
    let changed = sim.send("PATCH", &path, Some(&json!({"comment": "x"})));
    assert_eq!(
        (changed.status, &changed.json()["comment"]),
        (200, &json!("x"))
    );
    assert_eq!(changed.json()["name"], "ann", "the whole object comes back");
    assert_eq!(sim.get(&path)[".id"], id.as_str(), "one bare object");
    let gone = sim.send("DELETE", &path, None);
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    let again = sim.send("DELETE", &path, None);
    assert_eq!(
        (again.status, again.json()),
        (404, json!({"error": 404, "message": "Not Found"}))
    );
    assert_eq!(sim.send("GET", &path, None).status, 404);
    assert_eq!(
        sim.send("PATCH", &path, Some(&json!({"comment": "x"})))
            .status,
        404
    );
}

#[test]
fn the_other_statuses_and_shapes_seen_are_options() {
    let sim = Sim::with(Options {
        put_status: 200,
        delete_status: 200,
        empty_set_reply: true,
        singleton_as_array: true,
        id_with_proplist: true,
        ..Options::default()
    });
    assert_eq!(
        sim.send("PUT", "/rest/ppp/secret", Some(&json!({"name": "ann"})))
            .status,
        200
    );
    let set = sim.send(
        "POST",
        "/rest/ppp/secret/set",
        Some(&json!({"numbers": "ann", "comment": "x"})),
    );
    assert_eq!((set.status, set.body.len()), (200, 0));
    assert!(sim.get("/rest/system/identity").is_array());
    assert_eq!(
        sim.get("/rest/ppp/secret?.proplist=name"),
        json!([{".id": "*1", "name": "ann"}])
    );
    let gone = sim.send("DELETE", "/rest/ppp/secret/ann", None);
    assert_eq!((gone.status, gone.body.len()), (200, 0));
}

#[test]
fn post_answers_a_list_an_object_or_an_empty_list() {
    let sim = Sim::new();
    assert_eq!(
        sim.post("/rest/ppp/secret/add", json!({"name": "ann"})),
        json!({"ret": "*1"})
    );
    assert_eq!(
        sim.post("/rest/ppp/secret/set", json!({".id": "*1", "comment": "x"})),
        json!([])
    );
    assert_eq!(
        sim.post("/rest/ppp/secret/disable", json!({".id": "*1"})),
        json!([])
    );
    assert_eq!(
        sim.post("/rest/ppp/secret/print", json!({".proplist": "disabled"})),
        json!([{"disabled": "true"}])
    );
    assert_eq!(
        sim.post("/rest/ppp/secret/print", json!({"count-only": ""})),
        json!({"ret": "1"})
    );
    assert_eq!(
        sim.post("/rest/ppp/secret/remove", json!({"numbers": "ann"})),
        json!([])
    );
    assert_eq!(
        sim.post("/rest/system/identity/set", json!({"name": "edge"})),
        json!([])
    );
    assert_eq!(
        sim.get("/rest/system/identity"),
        json!({"name": "edge"}),
        "a singleton is one bare object"
    );
    assert_eq!(
        sim.post(
            "/rest/interface/monitor-traffic",
            json!({"interface": "ether1", "once": ""})
        )[0]["name"],
        "ether1"
    );
}

#[test]
fn head_is_not_implemented_and_webfig_needs_no_login() {
    let sim = Sim::new();
    assert_eq!(sim.send("HEAD", "/rest/ppp/secret", None).status, 501);
    let stranger = Sim {
        user: "nobody:x".to_owned(),
        ..sim
    };
    assert_eq!(stranger.send("GET", "/", None).status, 200);
    assert_eq!(stranger.send("GET", "/rest/ppp/secret", None).status, 401);
}

#[test]
fn singletons_cannot_be_patched_put_or_deleted() {
    let sim = Sim::new();
    let identifier = "missing or invalid resource identifier".to_owned();
    assert_eq!(
        sim.refused("PATCH", "/rest/system/identity", json!({"name": "x"})),
        (400, identifier.clone())
    );
    let l2tp = "/rest/interface/l2tp-server/server";
    assert_eq!(
        sim.refused("PATCH", l2tp, json!({"enabled": "no"})),
        (400, identifier.clone())
    );
    assert_eq!(
        sim.refused("PATCH", "/rest/ppp/secret", json!({"name": "x"})),
        (400, identifier)
    );
    assert_eq!(
        sim.refused("PUT", "/rest/system/identity", json!({"name": "x"}))
            .0,
        400
    );
    assert_eq!(
        sim.refused("DELETE", "/rest/interface/ether1", Value::Null)
            .0,
        400
    );
}

#[test]
fn a_row_is_found_by_id_and_by_name_only_where_there_are_names() {
    let sim = three();
    sim.put("/rest/ppp/secret", json!({"name": "d@v e/é"}));
    assert_eq!(
        sim.get("/rest/ppp/secret/d%40v%20e%2F%C3%A9")["name"],
        "d@v e/é"
    );
    assert_eq!(sim.get("/rest/ppp/secret/bob")[".id"], "*2");
    assert_eq!(
        sim.refused("GET", "/rest/ppp/secret/%2A2", Value::Null).1,
        "missing or invalid resource identifier"
    );
    assert_eq!(
        sim.refused("PATCH", "/rest/ppp/secret/%2A2", json!({"comment": "x"}))
            .0,
        400
    );
    assert_eq!(
        sim.refused("GET", "/rest/ppp/secret/*zz", Value::Null).0,
        400
    );
    assert_eq!(
        sim.refused("GET", "/rest/ppp/secret/nobody", Value::Null).0,
        404
    );
    assert_eq!(
        sim.refused("GET", "/rest/ip/address/office", Value::Null).1,
        "no such command prefix"
    );
    assert_eq!(
        sim.refused("GET", "/rest/ppp/secret/print", Value::Null).1,
        "no such command"
    );
    assert_eq!(
        sim.refused("PATCH", "/rest/ppp/secret/bob", json!({"foo": "1"}))
            .1,
        "missing or invalid resource identifier",
        "by name the bad parameter is not named"
    );
    assert_eq!(
        sim.refused("PATCH", "/rest/ppp/secret/*2", json!({"foo": "1"}))
            .1,
        "unknown parameter foo"
    );
    assert_eq!(
        sim.refused("PATCH", "/rest/queue/simple/*9", Value::Null).0,
        404
    );
}

#[test]
fn numbers_take_ids_names_and_comma_lists_but_positions_only_in_ordered_menus() {
    let sim = three();
    sim.post(
        "/rest/ppp/secret/set",
        json!({"numbers": "ann,*2", "comment": "both"}),
    );
    assert_eq!(
        names(&sim.get("/rest/ppp/secret?comment=both")),
        ["ann", "bob"]
    );
    sim.post("/rest/ppp/secret/remove", json!({".id": "ann,bob"}));
    assert_eq!(names(&sim.get("/rest/ppp/secret")), ["carl"]);
    assert_eq!(
        sim.refused("POST", "/rest/ppp/secret/remove", json!({"numbers": "0"})),
        (400, "no such item".into())
    );
    sim.put(
        "/rest/queue/simple",
        json!({"name": "q", "target": "10.0.0.1"}),
    );
    assert_eq!(
        sim.post("/rest/queue/simple/remove", json!({"numbers": "0"})),
        json!([])
    );
}

#[test]
fn filters_in_the_url_are_equalities_that_all_must_hold() {
    let sim = three();
    assert_eq!(names(&sim.get("/rest/ppp/secret?disabled=true")), ["carl"]);
    assert_eq!(
        names(&sim.get("/rest/ppp/secret?disabled=false&comment=a")),
        ["ann"]
    );
    assert_eq!(
        sim.get("/rest/ppp/secret?comment="),
        json!([]),
        "bob has no comment key at all"
    );
    assert_eq!(sim.get("/rest/ppp/secret?name=nobody"), json!([]));
    assert_eq!(
        sim.get("/rest/ppp/secret?name=ann&disabled=true"),
        json!([])
    );
    assert_eq!(
        sim.get("/rest/ppp/secret?.id=*2&.proplist=name"),
        json!([{"name": "bob"}])
    );
}

#[test]
fn proplist_limits_keys_and_gives_the_id_only_when_asked() {
    let sim = three();
    assert_eq!(
        sim.get("/rest/ppp/secret/ann?.proplist=comment,.id"),
        json!({".id": "*1", "comment": "a"})
    );
    let print = |body: Value| sim.post("/rest/ppp/secret/print", body);
    assert_eq!(
        print(json!({".proplist": ["name"]}))[0],
        json!({"name": "ann"})
    );
    assert_eq!(
        print(json!({".proplist": "name,comment"}))[1],
        json!({"name": "bob"}),
        "bob has no comment"
    );
}

#[test]
fn queries_run_on_a_stack() {
    let sim = three();
    let found = |query: Value| {
        let rows = sim.post("/rest/ppp/secret/print", json!({".query": query}));
        names(&rows).join(" ")
    };
    assert_eq!(found(json!(["name=ann", "name=carl", "#|"])), "ann carl");
    assert_eq!(found(json!(["name=ann", "name=carl", "#|!"])), "bob");
    assert_eq!(found(json!(["comment", "disabled=false"])), "ann");
    assert_eq!(found(json!(["-comment"])), "bob");
    assert_eq!(found(json!([">name=ann", "<name=carl"])), "bob");
    assert_eq!(found(json!(["~name=a"])), "");
    let underflow = sim.refused("POST", "/rest/ppp/secret/print", json!({".query": ["#&"]}));
    assert_eq!(underflow.0, 400);
}

#[test]
fn console_only_arguments_of_print_are_refused_not_ignored() {
    let sim = three();
    assert_eq!(
        sim.refused(
            "POST",
            "/rest/ppp/secret/print",
            json!({"where": "name=ann"})
        ),
        (400, "unknown parameter where".to_owned())
    );
    assert_eq!(
        sim.refused(
            "POST",
            "/rest/ppp/secret/unset",
            json!({".id": "*1", "value-name": "comment"})
        )
        .0,
        400
    );
    assert_eq!(
        sim.refused("POST", "/rest/system/resource/listen", json!({})),
        (400, "unknown parameter follow-only".to_owned())
    );
}

#[test]
fn the_request_target_may_hold_a_raw_star_only() {
    let sim = three();
    let reply = sim.send("DELETE", "/rest/ppp/secret/*2", None);
    assert_eq!(reply.status, 204);
    let head = &sim
        .send("GET", "/rest/ppp/secret", None)
        .head
        .to_lowercase();
    for header in [
        "cache-control:",
        "content-length:",
        "content-type: application/json",
        "date:",
        "expires:",
        "x-frame-options:",
    ] {
        assert!(head.contains(header), "{header}");
    }
}

#[test]
fn lists_are_in_creation_order_with_dynamic_rows_among_them() {
    let sim = three();
    sim.send("DELETE", "/rest/ppp/secret/bob", None);
    sim.put(
        "/rest/ppp/secret",
        json!({"name": "aaron", "remote-address": "10.0.0.1"}),
    );
    assert_eq!(
        names(&sim.get("/rest/ppp/secret")),
        ["ann", "carl", "aaron"]
    );
    sim.router.connect(&Dial::l2tp("aaron")).unwrap();
    assert_eq!(
        names(&sim.get("/rest/interface")),
        ["ether1", "lo", "<l2tp-aaron>"]
    );
}

#[test]
fn an_abandoned_long_command_holds_up_the_same_user() {
    let sim = Sim::with(Options {
        command_limit_s: 1,
        ..Options::default()
    });
    let began = std::time::Instant::now();
    std::thread::scope(|scope| {
        let long = scope.spawn(|| {
            sim.send("POST", "/rest/ppp/secret/listen", Some(&json!({})))
                .status
        });
        while sim.router.waiting() == 0 {
            std::thread::yield_now();
        }
        sim.get("/rest/system/identity");
        assert!(
            began.elapsed() >= std::time::Duration::from_millis(900),
            "{:?}",
            began.elapsed()
        );
        assert_eq!(long.join().unwrap(), 400);
    });
}

#[test]
fn a_row_can_be_copied_and_ids_are_not_used_again() {
    let sim = three();
    let copy = sim.put(
        "/rest/ppp/secret",
        json!({"name": "dora", "copy-from": "carl"}),
    );
    assert_eq!(
        (&copy["comment"], &copy["disabled"]),
        (&json!("c"), &json!("true"))
    );
    sim.send("DELETE", "/rest/ppp/secret/dora", None);
    let next = sim.put("/rest/ppp/secret", json!({"name": "dora"}));
    assert_ne!(next[".id"], copy[".id"]);
    assert_eq!(
        sim.refused(
            "PUT",
            "/rest/ppp/secret",
            json!({"name": "e", "copy-from": "nobody"})
        )
        .0,
        400
    );
}

#[test]
fn references_follow_a_new_name() {
    let sim = three();
    sim.put("/rest/ppp/profile", json!({"name": "old"}));
    sim.post(
        "/rest/ppp/secret/set",
        json!({"numbers": "ann", "profile": "old"}),
    );
    sim.send(
        "PATCH",
        "/rest/ppp/profile/old",
        Some(&json!({"name": "new"})),
    );
    assert_eq!(sim.get("/rest/ppp/secret/ann")["profile"], "new");
}

#[test]
fn a_reboot_can_be_asked_for() {
    let sim = Sim::new();
    sim.advance(100);
    assert_eq!(sim.post("/rest/system/reboot", json!({})), json!([]));
    assert_eq!(sim.get("/rest/system/resource")["uptime"], "0s");
}

/// A test of another crate may start a server inside its own runtime.
#[test]
fn a_server_starts_and_stops_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let router = router_sim::Router::new(Options::default());
        let server =
            router_sim::Server::start(&router, &router_sim::ServerOptions::default()).unwrap();
        assert!(server.url().starts_with("http://127.0.0.1:"));
        let everywhere = "0.0.0.0:0".parse().unwrap();
        let refused = router_sim::ServerOptions {
            tls: Some(everywhere),
            ..router_sim::ServerOptions::default()
        };
        assert!(router_sim::Server::start(&router, &refused).is_err());
    });
}

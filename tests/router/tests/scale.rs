//! Twenty thousand accounts: the simulator must not be the slow part.

mod common;

use std::time::{Duration, Instant};

use common::Sim;
use router_sim::Seed;
use serde_json::json;

/// Times hold for an unoptimised build on a busy machine; a scan where an index belongs is slower by far.
#[test]
fn twenty_thousand_accounts_are_found_counted_and_listed() {
    let sim = Sim::new();
    let limit = |what: &str, began: Instant, seconds: u64| {
        assert!(
            began.elapsed() < Duration::from_secs(seconds),
            "{what}: {:?}",
            began.elapsed()
        );
    };
    let seed = Seed {
        accounts: 20_000,
        connect: true,
        ..Seed::default()
    };
    let began = Instant::now();
    sim.router.seed(&seed).unwrap();
    limit("seed", began, 60);

    let began = Instant::now();
    for number in (1..=20_000).rev().step_by(4) {
        assert!(sim.router.traffic(&format!("account{number}"), 10, 20));
    }
    limit("5,000 traffic calls", began, 10);
    assert_eq!(sim.queue_bytes("account20000"), "10/20");
    assert_eq!(sim.queue_bytes("account19999"), "0/0");

    let began = Instant::now();
    let rows = sim.get("/rest/queue/simple?.proplist=.id,name,bytes");
    assert_eq!(rows.as_array().unwrap().len(), 20_000);
    limit("list", began, 10);

    let ids: Vec<&str> = rows.as_array().unwrap()[19_500..]
        .iter()
        .map(|row| row[".id"].as_str().unwrap())
        .collect();
    let began = Instant::now();
    sim.post(
        "/rest/queue/simple/reset-counters",
        json!({"numbers": ids.join(",")}),
    );
    limit("reset of 500", began, 2);
    assert_eq!(sim.queue_bytes("account20000"), "0/0");
    assert_eq!(sim.queue_bytes("account19496"), "10/20");
}

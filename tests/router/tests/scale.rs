//! Twenty thousand accounts at once. How fast that is, `build.sh bench` shows.

mod common;

use common::Sim;
use router_sim::Seed;
use serde_json::json;

#[test]
fn twenty_thousand_accounts_are_found_counted_and_listed() {
    let sim = Sim::new();
    let seed = Seed {
        accounts: 20_000,
        connect: true,
        ..Seed::default()
    };
    sim.router.seed(&seed).unwrap();

    for number in (1..=20_000).rev().step_by(4) {
        assert!(sim.router.traffic(&format!("account{number}"), 10, 20));
    }
    assert_eq!(sim.queue_bytes("account20000"), "10/20");
    assert_eq!(sim.queue_bytes("account19999"), "0/0");

    let rows = sim.get("/rest/queue/simple?.proplist=.id,name,bytes");
    assert_eq!(rows.as_array().unwrap().len(), 20_000);

    let ids: Vec<&str> = rows.as_array().unwrap()[19_500..]
        .iter()
        .map(|row| row[".id"].as_str().unwrap())
        .collect();
    sim.post(
        "/rest/queue/simple/reset-counters",
        json!({"numbers": ids.join(",")}),
    );
    assert_eq!(sim.queue_bytes("account20000"), "0/0");
    assert_eq!(sim.queue_bytes("account19496"), "10/20");
}

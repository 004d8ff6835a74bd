//! What the router writes down: lines of sessions and logins as captured.

mod common;

use common::Sim;
use router_sim::{Dial, LogoutTotals, OnlyOne, Options};
use serde_json::{Value, json};

/// Topics and messages of the last lines.
fn last(sim: &Sim, count: usize) -> Vec<(String, String)> {
    let rows = sim.router.rows("/log");
    let text = |row: &router_sim::Record, key: &str| row.text(key).unwrap().to_owned();
    rows[rows.len() - count..]
        .iter()
        .map(|row| (text(row, "topics"), text(row, "message")))
        .collect()
}

fn lines(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(topics, message): &(&str, &str)| ((*topics).to_owned(), (*message).to_owned());
    expected.iter().map(owned).collect()
}

fn dial(name: &str, service: &str, caller: &str) -> Dial {
    Dial {
        service: service.to_owned(),
        caller_id: caller.to_owned(),
        ..Dial::l2tp(name)
    }
}

#[test]
fn a_session_is_written_down_as_captured() {
    let sim = Sim::new();
    sim.account("skn001", "10.99.0.2");
    let caller = "52:54:00:AA:00:03";
    sim.router
        .connect(&dial("skn001", "pppoe", caller))
        .unwrap();
    let said = [
        (
            "pppoe,info",
            "PPPoE connection established from 52:54:00:AA:00:03",
        ),
        ("pppoe,ppp,info", "<pppoe-skn001>: authenticated"),
        (
            "pppoe,ppp,info,account",
            "skn001 logged in, 10.99.0.2 from 52:54:00:AA:00:03",
        ),
        ("pppoe,ppp,info", "<pppoe-skn001>: connected"),
    ];
    assert_eq!(last(&sim, 4), lines(&said));
    sim.advance(143);
    sim.router.traffic("skn001", 115_036, 112_418);
    sim.router.disconnect("skn001");
    let said = [
        ("pppoe,ppp,info", "<pppoe-skn001>: terminating..."),
        (
            "pppoe,ppp,info,account",
            "skn001 logged out, 143 115036 112418 83 81 from 52:54:00:AA:00:03",
        ),
        ("pppoe,ppp,info", "<pppoe-skn001>: disconnected"),
    ];
    assert_eq!(last(&sim, 3), lines(&said));
}

#[test]
fn which_total_comes_first_is_not_known() {
    let sim = Sim::with(Options {
        logout_totals: LogoutTotals::DownloadFirst,
        ..Options::default()
    });
    sim.account("ann", "10.0.0.1");
    sim.router
        .connect(&dial("ann", "sstp", "192.0.2.9"))
        .unwrap();
    sim.router.traffic("ann", 5, 70_000);
    sim.router.disconnect("ann");
    let message = "ann logged out, 0 70000 5 50 1 from 192.0.2.9";
    assert_eq!(last(&sim, 2)[0].1, message);
}

#[test]
fn a_refused_login_does_not_say_why() {
    let sim = Sim::with(Options {
        only_one: OnlyOne::RefuseNew,
        ..Options::default()
    });
    sim.account("ann", "10.0.0.1");
    sim.account("bob", "10.0.0.2");
    sim.post("/rest/ppp/secret/disable", json!({"numbers": "bob"}));
    sim.post(
        "/rest/ppp/profile/set",
        json!({"numbers": "default", "only-one": "yes"}),
    );
    let wrong = dial("ann", "l2tp", "192.0.2.9").password("guess");
    for client in [
        wrong,
        dial("bob", "l2tp", "192.0.2.9"),
        dial("nobody", "l2tp", "192.0.2.9"),
    ] {
        sim.router.connect(&client).unwrap_err();
        let message = format!("<192.0.2.9>: user {} authentication failed", client.name);
        let said = [
            ("l2tp,info", "first L2TP UDP packet received from 192.0.2.9"),
            ("l2tp,ppp,error", message.as_str()),
        ];
        assert_eq!(last(&sim, 2), lines(&said));
    }
    sim.router
        .connect(&dial("bob", "sstp", "192.0.2.9"))
        .unwrap_err();
    assert_eq!(last(&sim, 1)[0].1, ": user bob authentication failed");
    sim.router
        .connect(&dial("ann", "l2tp", "192.0.2.9"))
        .unwrap();
    sim.router
        .connect(&dial("ann", "l2tp", "192.0.2.8"))
        .unwrap_err();
    assert_eq!(
        last(&sim, 1)[0].1,
        "<192.0.2.8>: user ann is already active"
    );
}

#[test]
fn logins_to_the_router_itself_are_written_down() {
    let mut sim = Sim::new();
    sim.get("/rest/system/identity");
    let said = [(
        "system,info,account",
        "user whmcs logged in from 127.0.0.1 via rest-api",
    )];
    assert_eq!(last(&sim, 1), lines(&said));
    sim.user = "whmcs:wrong".to_owned();
    assert_eq!(sim.send("GET", "/rest/log", None).status, 401);
    let said = [(
        "system,error,critical",
        "login failure for user whmcs from 127.0.0.1 via rest-api",
    )];
    assert_eq!(last(&sim, 1), lines(&said));
}

#[test]
fn the_newest_thousand_lines_are_kept_until_a_reboot() {
    let sim = Sim::new();
    sim.get("/rest/system/identity");
    for number in 0..1_003 {
        let message = [("message", format!("line {number}"))];
        let message = message
            .each_ref()
            .map(|(name, text)| (*name, text.as_str()));
        sim.router.exec("/log/info", &message).unwrap();
    }
    let rows = sim.get("/rest/log?topics=script,info");
    let rows = rows.as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["message"]), (1_000, &json!("line 3")));
    assert_eq!(rows[0]["buffer"], "memory");
    assert_eq!(
        sim.refused("GET", "/rest/log/error", Value::Null),
        (400, "no such command".to_owned())
    );
    sim.router.reboot();
    assert!(sim.router.rows("/log").is_empty());
}

#[test]
fn the_time_of_a_line_has_three_forms() {
    for (version, today, later) in [
        ("7.9", "00:00:00", "jan/01 00:00:00"),
        ("7.20", "2026-01-01 00:00:00", "2026-01-01 00:00:00"),
        ("7.24.2", "00:00:00", "2026-01-01 00:00:00"),
    ] {
        let sim = Sim::version(version);
        sim.router.exec("/log/info", &[("message", "x")]).unwrap();
        let time = |sim: &Sim| sim.router.rows("/log")[0].text("time").unwrap().to_owned();
        assert_eq!(time(&sim), today, "{version}");
        sim.advance(86_400);
        assert_eq!(time(&sim), later, "{version}");
    }
}

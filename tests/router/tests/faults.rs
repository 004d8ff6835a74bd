//! Faults do what they say, at the request they name, and nothing else.

mod common;

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::{Sim, exchange};
use router_sim::{Dial, Effect, Fault, Hand, TableId};
use serde_json::json;

fn with(effect: Effect) -> Sim {
    let sim = Sim::new();
    sim.account("ann", "10.0.0.1");
    sim.account("bob", "10.0.0.2");
    sim.router.fault(Fault::always(effect).times(1));
    sim
}

#[test]
fn applied_but_error_did_it() {
    let sim = with(Effect::AppliedButError {
        status: 400,
        detail: "failure: odd".into(),
    });
    let refused = sim.refused("PATCH", "/rest/ppp/secret/ann", json!({"comment": "new"}));
    assert_eq!(refused, (400, "failure: odd".to_owned()));
    assert_eq!(sim.get("/rest/ppp/secret/ann")["comment"], "new");
}

#[test]
fn applied_but_no_answer_did_it_and_closes_or_hangs() {
    let sim = with(Effect::AppliedButNoAnswer { hang: false });
    assert!(
        sim.try_send("DELETE", "/rest/ppp/secret/ann", None)
            .is_none()
    );
    assert_eq!(sim.send("GET", "/rest/ppp/secret/ann", None).status, 404);

    sim.router
        .fault(Fault::always(Effect::AppliedButNoAnswer { hang: true }).times(1));
    let mut stream = TcpStream::connect(sim.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    assert!(
        exchange(
            &mut stream,
            &sim.user,
            "DELETE",
            "/rest/ppp/secret/bob",
            "",
            b""
        )
        .is_none()
    );
    assert_eq!(sim.send("GET", "/rest/ppp/secret/bob", None).status, 404);
}

#[test]
fn not_applied_faults_did_nothing() {
    for effect in [
        Effect::CloseBeforeStatus,
        Effect::Reset,
        Effect::Reply {
            status: 401,
            body: String::new(),
        },
        Effect::Error {
            status: 500,
            detail: "x".into(),
        },
    ] {
        let sim = with(effect.clone());
        sim.try_send("DELETE", "/rest/ppp/secret/ann", None);
        assert_eq!(
            sim.send("GET", "/rest/ppp/secret/ann", None).status,
            200,
            "{effect:?}"
        );
    }
}

#[test]
fn a_reset_is_a_reset_and_a_close_is_a_close() {
    for (effect, kind) in [
        (Effect::Reset, Some(ErrorKind::ConnectionReset)),
        (Effect::CloseBeforeStatus, None),
    ] {
        let sim = with(effect);
        let mut stream = TcpStream::connect(sim.address()).unwrap();
        std::io::Write::write_all(
            &mut stream,
            b"GET /rest/ppp/secret HTTP/1.1\r\nHost: x\r\n\r\n",
        )
        .unwrap();
        let read = std::io::Read::read(&mut stream, &mut [0; 64]);
        match kind {
            Some(kind) => assert_eq!(read.unwrap_err().kind(), kind),
            None => assert_eq!(read.unwrap(), 0),
        }
    }
}

#[test]
fn a_cut_reply_is_shorter_than_it_said() {
    let sim = with(Effect::Cut { after: 300 });
    let reply = sim.send("GET", "/rest/ppp/secret", None);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.head.len() + reply.body.len(), 300);
    assert!(sim.get("/rest/ppp/secret").is_array(), "the next is whole");
}

#[test]
fn a_trickled_reply_is_whole_but_slow() {
    let sim = with(Effect::Trickle { bytes: 100, ms: 10 });
    let began = Instant::now();
    let reply = sim.send("GET", "/rest/ppp/secret", None);
    assert_eq!(reply.json().as_array().unwrap().len(), 2);
    let pieces = u32::try_from((reply.head.len() + reply.body.len()) / 100).unwrap();
    assert!(
        began.elapsed() >= Duration::from_millis(10) * (pieces - 1),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn delays_come_before_and_after_the_command() {
    let sim = with(Effect::DelayReply { ms: 300 });
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| {
            sim.try_send("DELETE", "/rest/ppp/secret/ann", None)
                .unwrap();
            Instant::now()
        });
        while sim.router.row("/ppp/secret", "name", "ann").is_some() {
            std::thread::yield_now();
        }
        let applied = Instant::now();
        assert!(
            slow.join().unwrap() > applied,
            "it was carried out before it was answered"
        );
    });
    sim.router
        .fault(Fault::at("/ppp/secret", "print", Effect::Delay { ms: 200 }).times(1));
    let happened = || sim.router.faults().last().map(|armed| armed.happened);
    sim.get("/rest/ppp/profile");
    assert_eq!(happened(), Some(0), "another menu is not met");
    let began = Instant::now();
    sim.get("/rest/ppp/secret");
    assert_eq!(happened(), Some(1));
    assert!(began.elapsed() >= Duration::from_millis(200));
}

#[test]
fn lists_can_be_wrong() {
    let sim = with(Effect::PartialList { rows: 1 });
    assert_eq!(sim.get("/rest/ppp/secret").as_array().unwrap().len(), 1);
    let next = |effect: Effect| {
        sim.router.fault(Fault::always(effect).times(1));
        sim.send("GET", "/rest/ppp/secret", None)
    };
    let broken = next(Effect::BrokenJson);
    assert!(serde_json::from_slice::<serde_json::Value>(&broken.body).is_err());
    assert!(
        broken
            .head
            .contains(&format!("Content-Length: {}", broken.body.len()))
    );
    assert!(String::from_utf8(next(Effect::InvalidUtf8).body).is_err());
    assert!(next(Effect::ControlCharacters).body.contains(&1));
    let backslash = next(Effect::LoneBackslash);
    assert!(serde_json::from_slice::<serde_json::Value>(&backslash.body).is_err());
    assert_eq!(next(Effect::ExtraKeys).json()[0]["x-future-key"], "1");
    assert!(
        next(Effect::MissingKeys {
            keys: vec!["disabled".into()]
        })
        .json()[0]
            .get("disabled")
            .is_none()
    );
    assert_eq!(next(Effect::Numbers).json()[0]["limit-bytes-in"], 0);
    assert_eq!(
        next(Effect::Overwrite {
            key: "name".into(),
            value: "x".into()
        })
        .json()[1]["name"],
        "x"
    );
}

#[test]
fn two_active_rows_may_have_one_name() {
    let sim = Sim::new();
    sim.account("ann", "10.0.0.1");
    sim.router.connect(&Dial::l2tp("ann")).unwrap();
    sim.router
        .fault(Fault::at("/ppp/active", "print", Effect::DoubleRows));
    let rows = sim.get("/rest/ppp/active");
    assert_eq!(rows[0]["name"], rows[1]["name"]);
    assert_ne!(rows[0][".id"], rows[1][".id"]);
}

#[test]
fn ports_can_be_closed_and_opened_again() {
    let sim = Sim::new();
    let fault = sim.router.fault(Fault::always(Effect::Refuse));
    let refused = || {
        TcpStream::connect(sim.address())
            .err()
            .map(|error| error.kind())
    };
    while refused() != Some(ErrorKind::ConnectionRefused) {
        std::thread::yield_now();
    }
    sim.router.clear_faults(Some(fault));
    while refused().is_some() {
        std::thread::yield_now();
    }
    assert!(sim.get("/rest/ppp/secret").is_array());
}

#[test]
fn connections_can_end_at_once() {
    for effect in [
        Effect::CloseOnAccept,
        Effect::ResetOnAccept,
        Effect::TlsFail,
    ] {
        let sim = with(effect);
        assert!(sim.try_send("GET", "/rest/ppp/secret", None).is_none());
        assert!(sim.get("/rest/ppp/secret").is_array());
    }
}

#[test]
fn a_silent_connection_stays_open_and_says_nothing() {
    let sim = with(Effect::HangOnAccept);
    let mut stream = TcpStream::connect(sim.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    let asked = exchange(&mut stream, &sim.user, "GET", "/", "", b"");
    assert!(asked.is_none());
    assert!(
        stream.peek(&mut [0]).is_err_and(|error| matches!(
            error.kind(),
            ErrorKind::WouldBlock | ErrorKind::TimedOut
        ))
    );
    assert!(sim.get("/rest/ppp/secret").is_array());
}

/// On a connection that is kept: first this request, then another.
fn twice(sim: &Sim, path: &str) -> [Option<u16>; 2] {
    let mut stream = TcpStream::connect(sim.address()).unwrap();
    [path, "/"].map(|path| {
        let reply = exchange(&mut stream, &sim.user, "GET", path, "", b"");
        reply.map(|reply| reply.status)
    })
}

#[test]
fn a_kept_connection_can_end_between_two_requests_and_at_a_reboot() {
    let sim = with(Effect::CloseAfterReply);
    assert_eq!(twice(&sim, "/rest/ppp/secret"), [Some(200), None]);
    assert_eq!(twice(&sim, "/rest/ppp/secret"), [Some(200), Some(200)]);

    let sim = with(Effect::Numbers);
    sim.router.connect(&Dial::l2tp("ann")).unwrap();
    let mut kept = TcpStream::connect(sim.address()).unwrap();
    assert!(exchange(&mut kept, &sim.user, "GET", "/", "", b"").is_some());
    sim.router.fault(Fault::always(Effect::Reboot).times(1));
    assert_eq!(twice(&sim, "/rest/ppp/secret"), [None, None]);
    assert!(!sim.router.is_connected("ann"));
    assert!(exchange(&mut kept, &sim.user, "GET", "/", "", b"").is_none());
    assert!(sim.get("/rest/ppp/secret").is_array());
}

#[test]
fn another_hand_may_act_between_a_look_and_a_change() {
    let hand = |path: &str, arguments: &[(&str, &str)]| Hand::new(path, arguments);
    let commands = vec![
        hand("/ppp/secret/set", &[("numbers", "nobody")]),
        hand("/ppp/secret/set", &[("numbers", "ann"), ("name", "eve")]),
    ];
    let sim = with(Effect::Meanwhile { commands });
    let rows = sim.get("/rest/ppp/secret");
    assert_eq!(rows[0]["name"], "eve", "what is refused keeps nothing else");
}

#[test]
fn the_answer_of_another_menu_may_come() {
    let menu = "/ppp/profile".to_owned();
    let sim = with(Effect::CrossDelivered { menu });
    let reply = sim.send("DELETE", "/rest/ppp/secret/ann", None);
    assert_eq!(reply.json()[0]["name"], "default");
    assert_eq!(sim.get("/rest/ppp/secret/ann")["name"], "ann");
}

#[test]
fn a_command_of_the_same_user_and_address_keeps_the_others_waiting() {
    let sim = with(Effect::Busy { ms: 150 });
    let start = Instant::now();
    assert!(sim.get("/rest/ppp/secret").is_array());
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[test]
fn comments_may_hold_bytes_of_no_encoding_until_they_are_written_again() {
    let sim = Sim::new();
    sim.account("ann", "10.0.0.1");
    assert!(
        sim.router
            .set_comment_bytes(TableId::Secret, "ann", b"\xcf\xee\x01\\")
    );
    let body = sim.send("GET", "/rest/ppp/secret", None).body;
    assert!(body.windows(4).any(|window| window == b"\xcf\xee\x01\\"));
    sim.send(
        "PATCH",
        "/rest/ppp/secret/ann",
        Some(&json!({"comment": "clean"})),
    );
    assert_eq!(sim.get("/rest/ppp/secret/ann")["comment"], "clean");
}

#[test]
fn requests_are_counted_by_kind_and_logged() {
    let sim = Sim::new();
    sim.account("ann", "10.0.0.1");
    sim.router.reset_stats();
    sim.get("/rest/ppp/secret");
    sim.get("/rest/ppp/secret/ann");
    sim.send(
        "PATCH",
        "/rest/ppp/secret/*1",
        Some(&json!({"comment": "x"})),
    );
    sim.post("/rest/queue/simple/reset-counters-all", json!({}));
    let counts = sim.router.counts();
    let kinds: Vec<(&str, u64)> = counts
        .requests
        .iter()
        .map(|(kind, count)| (kind.as_str(), *count))
        .collect();
    assert_eq!(
        kinds,
        [
            ("GET /ppp/secret", 1),
            ("GET /ppp/secret/{id}", 1),
            ("PATCH /ppp/secret/{id}", 1),
            ("POST /queue/simple/reset-counters-all", 1),
        ]
    );
    assert_eq!((counts.total, counts.connections), (4, 4));
    let log = sim.router.log();
    assert_eq!(
        (
            log[2].method.as_str(),
            log[2].target.as_str(),
            log[2].status
        ),
        ("PATCH", "/rest/ppp/secret/*1", 200)
    );
    assert_eq!(log[2].body, r#"{"comment":"x"}"#);
}

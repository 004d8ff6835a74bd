//! The program: its line of JSON, its control port, its end.

mod common;

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, Stdio};

use common::{Reply, exchange};
use serde_json::{Value, json};

struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    line: Value,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_router-sim"))
            .args([
                "--rest",
                "127.0.0.1:0",
                "--control",
                "127.0.0.1:0",
                "--parent-stdin",
                "--user",
                "u:a:b",
            ])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Self {
            child,
            stdin,
            line: serde_json::from_str(&line).unwrap(),
        }
    }

    fn send(&self, port: &str, method: &str, path: &str, body: &Value) -> Reply {
        let mut stream = TcpStream::connect(self.line[port].as_str().unwrap()).unwrap();
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let headers = "Content-Type: application/json\r\n";
        exchange(&mut stream, "u:a:b", method, path, headers, body.as_bytes()).unwrap()
    }

    fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let reply = self.send("control", method, path, body);
        assert_eq!(
            reply.status,
            200,
            "{method} {path}: {}",
            String::from_utf8_lossy(&reply.body)
        );
        reply.json()
    }

    fn rest(&self, path: &str) -> Value {
        self.send("rest", "GET", path, &Value::Null).json()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.stdin.take());
        self.child.wait().unwrap();
    }
}

#[test]
fn the_control_port_drives_sessions_traffic_and_time() {
    let program = Program::start(&[
        "--virtual-clock",
        "--seed-accounts",
        "2",
        "--date",
        "2026-01-01T00:00:00Z",
    ]);
    assert_eq!(
        program.rest("/rest/ppp/secret/account2")["remote-address"],
        "10.64.0.2"
    );
    assert_eq!(
        program.rest("/rest/queue/simple/account2")["comment"],
        "sim whmcs:2"
    );
    let name = json!({"name": "account1"});
    assert_eq!(
        program.control("POST", "/connect", &name),
        json!({"id": "*1"})
    );
    program.control(
        "POST",
        "/traffic",
        &json!({"name": "account1", "upload": 100, "download": 2000}),
    );
    assert_eq!(
        program.rest("/rest/queue/simple/account1")["bytes"],
        "100/2000"
    );
    program.control(
        "POST",
        "/rate",
        &json!({"name": "account1", "upload_bps": 800, "download_bps": 8_000}),
    );
    assert_eq!(
        program.control("POST", "/advance", &json!({"seconds": 10})),
        json!({"now": 10.0})
    );
    assert_eq!(
        program.rest("/rest/queue/simple/account1")["bytes"],
        "1100/12000"
    );
    assert_eq!(
        program.control("GET", "/truth", &Value::Null),
        json!({"account1": {"upload": 1100, "download": 12000}})
    );
    program.control("POST", "/reset-counters", &Value::Null);
    assert_eq!(program.rest("/rest/queue/simple/account1")["bytes"], "0/0");
    let exec =
        json!({"path": "/ppp/secret/set", "arguments": {"numbers": "account1", "disabled": "yes"}});
    assert_eq!(program.control("POST", "/exec", &exec), json!([]));
    assert_eq!(
        program.rest("/rest/ppp/secret/account1")["disabled"],
        "true"
    );
    assert_eq!(
        program.control("POST", "/disconnect", &name),
        json!({"ended": 1})
    );
    let refused = program.send("control", "POST", "/connect", &name);
    assert_eq!(
        (refused.status, refused.json()),
        (400, json!({"error": "secret `account1` is disabled"}))
    );
    program.control("POST", "/reboot", &Value::Null);
    assert_eq!(program.rest("/rest/system/resource")["uptime"], "0s");
    let gap = json!({"boot-gap": 3, "menus": ["/ppp/secret"]});
    program.control("POST", "/reboot", &gap);
    assert_eq!(program.rest("/rest/ppp/secret"), json!([]));
    let state = program.control("GET", "/state", &Value::Null);
    assert_eq!(state["/ppp/secret"].as_array().unwrap().len(), 2);
    program.control("POST", "/advance", &json!({"seconds": 3}));
    assert_eq!(
        program.rest("/rest/ppp/secret").as_array().unwrap().len(),
        2
    );
}

#[test]
fn the_control_port_scripts_faults_and_counts_requests() {
    let program = Program::start(&[]);
    let fault = json!({
        "when": {"menu": "/ppp/secret", "command": "print", "times": 1},
        "effect": {"kind": "error", "status": 500, "detail": "odd"}
    });
    assert_eq!(program.control("POST", "/faults", &fault), json!({"id": 1}));
    program.control("POST", "/stats/reset", &Value::Null);
    assert_eq!(
        program
            .send("rest", "GET", "/rest/ppp/secret", &Value::Null)
            .status,
        500
    );
    assert_eq!(
        program
            .send("rest", "GET", "/rest/ppp/secret", &Value::Null)
            .status,
        200
    );
    assert_eq!(
        program.control("GET", "/faults", &Value::Null)[0]["happened"],
        1
    );
    assert_eq!(
        program.control("GET", "/stats", &Value::Null)["requests"],
        json!({"GET /ppp/secret": 2})
    );
    assert_eq!(
        program.control("GET", "/requests", &Value::Null)[1]["status"],
        200
    );
    program.control("DELETE", "/faults/1", &Value::Null);
    assert_eq!(program.control("GET", "/faults", &Value::Null), json!([]));
}

#[test]
fn the_control_port_changes_the_certificate_and_lets_another_admin_act() {
    let program = Program::start(&["--rest-tls", "127.0.0.1:0"]);
    let style = json!({"style": "self-signed"});
    let changed = program.control("POST", "/certificate", &style);
    assert_ne!(changed["fingerprint"], program.line["fingerprint"]);
    let hand = json!({"path": "/ppp/secret/add", "arguments": {"name": "eve"}});
    let fault = json!({"when": {"times": 1}, "effect": {"kind": "meanwhile", "commands": [hand]}});
    program.control("POST", "/faults", &fault);
    assert_eq!(program.rest("/rest/ppp/secret")[0]["name"], "eve");

    let without = Program::start(&[]).send("control", "POST", "/certificate", &style);
    assert_eq!(without.json()["error"], "the router serves no TLS");
}

#[test]
fn the_control_port_says_what_is_wrong() {
    let program = Program::start(&[]);
    for (method, path, body, status, sentence) in [
        (
            "POST",
            "/connect",
            json!({"nam": "x"}),
            400,
            "the body is not as expected: unknown field `nam`",
        ),
        (
            "POST",
            "/traffic",
            json!({"name": "x"}),
            400,
            "`x` has no session",
        ),
        (
            "POST",
            "/exec",
            json!({"path": "/ppp/secret/add"}),
            400,
            "missing =name=",
        ),
        (
            "POST",
            "/advance",
            json!({"seconds": -1}),
            400,
            "cannot convert",
        ),
        (
            "GET",
            "/nothing",
            Value::Null,
            404,
            "there is no GET /nothing",
        ),
    ] {
        let reply = program.send("control", method, path, &body);
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert_eq!(reply.status, status, "{path} {error}");
        assert!(error.starts_with(sentence), "{path} {error}");
    }
}

#[test]
fn a_real_clock_runs_by_itself() {
    let program = Program::start(&[]);
    let began = std::time::Instant::now();
    while program.rest("/rest/system/resource")["uptime"] == "0s" {
        assert!(began.elapsed().as_secs() < 10, "the clock stands still");
        std::thread::yield_now();
    }
}

#[test]
fn bad_options_end_the_program_with_a_sentence() {
    for arguments in [
        &["--rest", "0.0.0.0:0"][..],
        &["--api", "0.0.0.0:0"],
        &["--version", "6.42"],
        &["--version", "6.49", "--rest", "127.0.0.1:0"],
        &["--user", "nameonly"],
        &["--ca-cert", "/nonexistent"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_router-sim"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(
            !output.stderr.is_empty() && output.stdout.is_empty(),
            "{arguments:?}"
        );
    }
}

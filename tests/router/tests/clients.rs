//! What clients nobody here wrote send, and what they read: HTTP in its less usual forms.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine as _;
use common::{Sim, read_reply};
use serde_json::json;

/// Sends bytes as they are, and hands the connection back.
fn written(sim: &Sim, lines: &[&str], body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(sim.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let login = base64::engine::general_purpose::STANDARD.encode(&sim.user);
    let head = lines.join("\r\n");
    write!(
        stream,
        "{head}\r\nHost: router\r\nAuthorization: Basic {login}\r\n\r\n{body}"
    )
    .unwrap();
    stream
}

#[test]
fn a_body_may_come_in_chunks() {
    let sim = Sim::new();
    let mut stream = written(
        &sim,
        &[
            "PUT /rest/ppp/secret HTTP/1.1",
            "Content-Type: application/json",
            "Transfer-Encoding: chunked",
        ],
        "8\r\n{\"name\":\r\n6\r\n\"ann\"}\r\n0\r\n\r\n",
    );
    assert_eq!(read_reply(&mut stream, "PUT").unwrap().status, 201);
    assert_eq!(sim.get("/rest/ppp/secret/ann")["name"], "ann");
}

#[test]
fn a_client_may_ask_before_it_sends_a_large_body() {
    let sim = Sim::new();
    let comment = "x".repeat(2_000);
    let body = json!({"name": "ann", "comment": comment}).to_string();
    let length = format!("Content-Length: {}", body.len());
    let mut stream = written(
        &sim,
        &[
            "PUT /rest/ppp/secret HTTP/1.1",
            "Content-Type: application/json",
            "Expect: 100-continue",
            &length,
        ],
        "",
    );
    assert_eq!(read_reply(&mut stream, "HEAD").unwrap().status, 100);
    stream.write_all(body.as_bytes()).unwrap();
    assert_eq!(read_reply(&mut stream, "PUT").unwrap().status, 201);
}

#[test]
fn one_connection_serves_many_requests_until_a_side_closes_it() {
    let sim = Sim::new();
    let mut stream = written(&sim, &["GET /rest/system/identity HTTP/1.1"], "");
    assert_eq!(read_reply(&mut stream, "GET").unwrap().status, 200);
    let login = base64::engine::general_purpose::STANDARD.encode(&sim.user);
    write!(
        stream,
        "GET /rest/ppp/secret HTTP/1.1\r\nHost: router\r\nAuthorization: Basic {login}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    assert_eq!(read_reply(&mut stream, "GET").unwrap().status, 200);
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    let mut old = written(&sim, &["GET /rest/system/identity HTTP/1.0"], "");
    assert_eq!(read_reply(&mut old, "GET").unwrap().status, 200);
    assert_eq!(old.read(&mut [0]).unwrap(), 0, "HTTP/1.0 ends by itself");
}

#[test]
fn header_names_are_written_as_the_router_writes_them() {
    let sim = Sim::new();
    let head = sim.send("GET", "/rest/system/identity", None).head;
    for name in [
        "Cache-Control",
        "Content-Length",
        "Content-Type",
        "Date",
        "Expires",
        "X-Frame-Options",
    ] {
        assert!(head.contains(&format!("\r\n{name}: ")), "{name}: {head}");
    }
}

#[test]
fn numbers_may_be_octal_or_hexadecimal_and_texts_never_are() {
    let sim = Sim::new();
    let headers = "Content-Type: application/json\r\n";
    let sent = |body: &str| {
        sim.raw("PUT", "/rest/ppp/secret", headers, body.as_bytes())
            .unwrap()
    };
    let reply = sent(r#"{"name":"a","limit-bytes-in":010,"limit-bytes-out":0x10}"#).json();
    assert_eq!(
        (&reply["limit-bytes-in"], &reply["limit-bytes-out"]),
        (&json!("8"), &json!("16"))
    );
    let reply = sent(r#"{"name":"0x10","limit-bytes-in":"010"}"#).json();
    assert_eq!(
        (&reply["name"], &reply["limit-bytes-in"]),
        (&json!("0x10"), &json!("10"))
    );
    assert_eq!(sent(r#"{"name":"c","limit-bytes-in":1e3}"#).status, 400);
}

#[test]
fn bodies_of_get_and_delete_are_passed_over() {
    // libraries that always send json_encode([])
    let sim = Sim::new();
    sim.put("/rest/ppp/secret", json!({"name": "ann@vpn example"}));
    let headers = "content-type: application/json\r\n";
    let path = "/rest/ppp/secret/ann%40vpn%20example";
    assert_eq!(sim.raw("GET", path, headers, b"[]").unwrap().status, 200);
    assert_eq!(sim.raw("DELETE", path, headers, b"[]").unwrap().status, 204);
    let path = "/rest/ppp/active/ann@vpn%20example";
    assert_eq!(sim.raw("DELETE", path, headers, b"[]").unwrap().status, 404);
}

#[test]
fn the_root_refuses_whom_it_lets_in() {
    // a published module tells a good login by this 400 and a bad one by 401
    let mut sim = Sim::new();
    assert_eq!(sim.send("GET", "/rest", None).status, 400);
    sim.user = "whmcs:wrong".to_owned();
    assert_eq!(sim.send("GET", "/rest", None).status, 401);
}

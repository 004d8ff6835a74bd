//! A router with its server, and an HTTP client that sends exactly what it is told.
#![allow(dead_code)] // each test file uses a part
#![allow(clippy::needless_pass_by_value)] // json!({…}) reads better without a reference

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use router_sim::{Options, Router, Server, ServerOptions};
use serde_json::{Value, json};

/// A reply as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The error text.
    pub fn detail(&self) -> String {
        self.json()["detail"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

/// A router that listens on plain HTTP.
pub struct Sim {
    pub router: Router,
    pub server: Server,
    pub user: String,
}

impl Sim {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn version(version: &str) -> Self {
        Self::with(Options::version(version.parse().unwrap()))
    }

    pub fn with(options: Options) -> Self {
        let options = Options {
            failed_login_delay_ms: 0,
            ..options
        };
        let router = Router::new(options);
        router.add_user("whmcs", "pass", "full").unwrap();
        let server = Server::start(
            &router,
            &ServerOptions {
                tls: None,
                ..ServerOptions::default()
            },
        )
        .unwrap();
        Self {
            router,
            server,
            user: "whmcs:pass".to_owned(),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address().unwrap()
    }

    /// One request on a connection of its own; `None` = the connection ended without a status line.
    pub fn try_send(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Reply> {
        let headers = if body.is_some() {
            "Content-Type: application/json\r\n"
        } else {
            ""
        };
        let text = body.map(Value::to_string).unwrap_or_default();
        self.raw(method, path, headers, text.as_bytes())
    }

    pub fn raw(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Option<Reply> {
        let mut stream = TcpStream::connect(self.address()).ok()?;
        exchange(&mut stream, &self.user, method, path, headers, body)
    }

    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        self.try_send(method, path, body).expect("no answer")
    }

    pub fn get(&self, path: &str) -> Value {
        let reply = self.send("GET", path, None);
        assert_eq!(
            reply.status,
            200,
            "GET {path}: {}",
            String::from_utf8_lossy(&reply.body)
        );
        reply.json()
    }

    pub fn put(&self, path: &str, body: Value) -> Value {
        let reply = self.send("PUT", path, Some(&body));
        assert_eq!(
            reply.status,
            201,
            "PUT {path} {body}: {}",
            String::from_utf8_lossy(&reply.body)
        );
        reply.json()
    }

    pub fn post(&self, path: &str, body: Value) -> Value {
        let reply = self.send("POST", path, Some(&body));
        assert_eq!(
            reply.status,
            200,
            "POST {path} {body}: {}",
            String::from_utf8_lossy(&reply.body)
        );
        reply.json()
    }

    /// Status and text of a refused request.
    pub fn refused(&self, method: &str, path: &str, body: Value) -> (u16, String) {
        let body = (!body.is_null()).then_some(body);
        let reply = self.send(method, path, body.as_ref());
        assert!(reply.status >= 400, "{method} {path} was not refused");
        (reply.status, reply.detail())
    }

    /// A secret with a fixed address and a queue for it.
    pub fn account(&self, name: &str, address: &str) {
        self.put(
            "/rest/ppp/secret",
            json!({"name": name, "password": "pw", "remote-address": address}),
        );
        self.put(
            "/rest/queue/simple",
            json!({"name": name, "target": address}),
        );
    }

    /// `bytes` of a queue.
    pub fn queue_bytes(&self, name: &str) -> String {
        self.get(&format!("/rest/queue/simple/{name}"))["bytes"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub fn advance(&self, seconds: u64) {
        self.router.advance(Duration::from_secs(seconds));
    }
}

/// One request and its reply on an open stream.
pub fn exchange<S: Read + Write>(
    stream: &mut S,
    user: &str,
    method: &str,
    path: &str,
    headers: &str,
    body: &[u8],
) -> Option<Reply> {
    let login = base64::engine::general_purpose::STANDARD.encode(user);
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: router\r\nAuthorization: Basic {login}\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut request = head.into_bytes();
    request.extend_from_slice(body);
    stream.write_all(&request).ok()?;
    read_reply(stream, method)
}

pub fn read_reply<S: Read>(stream: &mut S, method: &str) -> Option<Reply> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let length = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")
                .map(str::trim)
                .map(str::to_owned)
        })
        .map_or(0, |length| length.parse().unwrap());
    let mut body = Vec::new();
    if method != "HEAD" {
        // a cut reply leaves a body shorter than announced
        let _ = stream.take(length).read_to_end(&mut body);
    }
    Some(Reply { status, head, body })
}

/// A captured reply from the samples.
pub fn sample(file: &str, id: &str) -> Value {
    let text = std::fs::read_to_string(format!(
        "{}/data/samples/{file}",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let samples = file["samples"].as_array().unwrap();
    samples
        .iter()
        .find(|sample| sample["id"] == id)
        .unwrap_or_else(|| panic!("no sample {id}"))["reply"]
        .clone()
}

/// Keys of an object, sorted.
pub fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

//! A tiny server on a raw socket: it says exactly the bytes a test wants, including wrong ones.
#![allow(dead_code)] // each test file uses another part of it

pub mod bench;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mikrotikvpn::routeros::{Deadline, Endpoint, Router, TransportKind};
use mikrotikvpn::secret::Secret;

/// One HTTP request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub head: String,
    pub body: String,
}

impl Request {
    /// `POST /rest/ppp/secret/print HTTP/1.1`.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// `/rest/ppp/secret/print`.
    pub fn path(&self) -> &str {
        self.line().split(' ').nth(1).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("the request's body is JSON")
    }
}

/// What the server does with a request.
pub enum Say {
    /// These bytes; the connection stays.
    Keep(Vec<u8>),
    /// These bytes; then it closes.
    Close(Vec<u8>),
    /// These bytes, one at a time; the connection stays.
    Trickle(Vec<u8>),
    /// Nothing, for ever.
    Hang,
}

/// The running server. Its threads end with the test process.
pub struct Wire {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
}

impl Wire {
    /// Answers the `n`th request (from 0, over all connections) with `say(n, request)`.
    pub fn serve(say: impl Fn(usize, &Request) -> Say + Send + Sync + 'static) -> Self {
        Self::over("127.0.0.1:0", say, Some)
    }

    /// As [`Wire::serve`] on another address, with `wrap` making the stream to talk over, such as TLS.
    pub fn over<S: Read + Write>(
        address: &str,
        say: impl Fn(usize, &Request) -> Say + Send + Sync + 'static,
        wrap: impl Fn(TcpStream) -> Option<S> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).expect("a free port");
        let wire = Self {
            address: listener.local_addr().expect("its address"),
            seen: Arc::default(),
            connections: Arc::default(),
        };
        let (seen, connections) = (Arc::clone(&wire.seen), Arc::clone(&wire.connections));
        let say = Arc::new((say, wrap));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                connections.fetch_add(1, Ordering::SeqCst);
                let (seen, say) = (Arc::clone(&seen), Arc::clone(&say));
                std::thread::spawn(move || {
                    if let Some(stream) = say.1(stream) {
                        converse(stream, &seen, &say.0);
                    }
                });
            }
        });
        wire
    }

    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().expect("no panic").clone()
    }

    pub fn paths(&self) -> Vec<String> {
        self.requests()
            .iter()
            .map(|r| r.path().to_owned())
            .collect()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint {
            host: self.address.ip().to_string(),
            port: self.address.port(),
            tls: None,
            transport: TransportKind::Rest,
            username: "whmcs".into(),
            password: Secret::new("router-pass-9"),
        }
    }

    pub fn router(&self) -> Router {
        router(&self.endpoint())
    }
}

/// A router with time enough for any test that does not hang.
pub fn router(endpoint: &Endpoint) -> Router {
    Router::new(endpoint, Deadline::after(Duration::from_secs(20))).expect("sound settings")
}

fn converse<S: Read + Write>(
    mut stream: S,
    seen: &Mutex<Vec<Request>>,
    say: &impl Fn(usize, &Request) -> Say,
) {
    while let Some(request) = read_request(&mut stream) {
        let number = {
            let mut seen = seen.lock().expect("no panic");
            seen.push(request.clone());
            seen.len() - 1
        };
        let keeps = match say(number, &request) {
            Say::Keep(bytes) => stream.write_all(&bytes).is_ok(),
            Say::Close(bytes) => {
                let _ = stream.write_all(&bytes);
                false
            }
            Say::Trickle(bytes) => bytes.iter().all(|byte| {
                std::thread::sleep(Duration::from_micros(200));
                stream
                    .write_all(&[*byte])
                    .and_then(|()| stream.flush())
                    .is_ok()
            }),
            Say::Hang => {
                std::thread::sleep(Duration::from_secs(60));
                false
            }
        };
        let _ = stream.flush();
        if !keeps {
            return;
        }
    }
}

fn read_request(stream: &mut impl Read) -> Option<Request> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let mut request = Request {
        head: String::from_utf8_lossy(&head).into_owned(),
        body: String::new(),
    };
    let length = request
        .header("content-length")
        .map_or(0, |length| length.parse().expect("a length is a number"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).expect("requests are UTF-8");
    Some(request)
}

/// An answer with its length, as RouterOS gives it.
pub fn http(status: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A refusal as RouterOS words it.
pub fn refusal(status: &str, detail: &str) -> Vec<u8> {
    let (code, message) = status.split_once(' ').expect("status and phrase");
    let code: u16 = code.parse().expect("a number");
    let body = serde_json::json!({"error": code, "message": message, "detail": detail});
    http(status, body.to_string())
}

/// A sound answer to any request we make.
pub fn sound(request: &Request) -> Vec<u8> {
    http("200 OK", sound_body(request.path()))
}

/// Its body.
pub fn sound_body(path: &str) -> &'static str {
    match path {
        "/rest/ppp/secret/print" => {
            r#"[{".id":"*1","name":"a","profile":"vpn","disabled":"false"},{".id":"*2","name":"b"}]"#
        }
        "/rest/queue/simple/print" => {
            r#"[{".id":"*1","name":"a","bytes":"1/2","max-limit":"5000000/10000000"}]"#
        }
        "/rest/ppp/active/print" => r#"[{".id":"*8","name":"a","uptime":"44m55s"}]"#,
        "/rest/interface/print" => {
            r#"[{".id":"*F00000","name":"<l2tp-a>","rx-byte":"5","tx-byte":"6"}]"#
        }
        "/rest/ppp/profile/print" => r#"[{".id":"*0","name":"default"}]"#,
        "/rest/ip/service/print" => {
            r#"[{".id":"*0","name":"www"},{".id":"*9","name":"www","dynamic":"true"}]"#
        }
        "/rest/system/resource/print" => {
            r#"[{"uptime":"2d20h12m20s","version":"7.20.8 (long-term)","cpu-load":"1"}]"#
        }
        "/rest/system/identity/print" => r#"{"name":"MikroTik"}"#,
        "/rest/user/print" => r#"[{".id":"*1","name":"whmcs","group":"vpn"}]"#,
        "/rest/user/group/print" => {
            r#"[{".id":"*1","name":"vpn","policy":"read,write,rest-api,!ftp,!policy"}]"#
        }
        path if path.ends_with("/add") => r#"{"ret":"*1A"}"#,
        _ => "[]",
    }
}

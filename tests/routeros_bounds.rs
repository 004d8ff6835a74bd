//! What a broken or hostile router may make us hold and wait for: every reader of what a router says is fed
//! ten times what it may take, and the peak of the process's memory and the end of the call are looked at.
//!
//! Each reader has a process of its own, for memory is measured of the whole process, and what one has given
//! back would serve the next.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mikrotikvpn::Result;
use mikrotikvpn::limits::{LIST_BYTES, LOGIN_BYTES, REFUSAL_BYTES, ROW_BYTES};
use mikrotikvpn::routeros::{Deadline, Endpoint, Fingerprint, Query, Router, TransportKind, Trust};
use mikrotikvpn::secret::Secret;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What the process needs whatever it is fed: the runtime, TLS, buffers of sockets.
const BASE: usize = 8 << 20;

/// Time for the call to notice that its own is over, on a machine that has other things to do.
const MARGIN: Duration = Duration::from_secs(3);

struct Case {
    reader: &'static str,
    transport: TransportKind,
    /// What the login is answered with; nothing over REST.
    welcome: Vec<u8>,
    /// What is said first, and what is said over and over.
    opening: Vec<u8>,
    again: Vec<u8>,
    /// The key of [`ASKED`].
    ask: &'static str,
    /// Bytes it may take.
    bound: usize,
    seconds: u64,
    /// Words of the error that ends it, unless the deadline does.
    ends_with: &'static [&'static str],
}

type Ask = fn(&Router) -> Result<()>;

const ASKED: [(&str, Ask); 4] = [
    ("secrets", |router| router.secrets(&Query::all()).map(drop)),
    ("counters", |router| router.queue_counters().map(drop)),
    ("resource", |router| router.resource().map(drop)),
    ("identity", |router| router.identity().map(drop)),
];

fn http(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n",
        100_usize << 30
    );
    [head.as_bytes(), body].concat()
}

fn word(bytes: &[u8]) -> Vec<u8> {
    let mut word = u32::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
    word[0] |= 0xE0;
    [word, bytes.to_vec()].concat()
}

fn sentence(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = words
        .iter()
        .flat_map(|bytes| word(bytes))
        .collect::<Vec<_>>();
    bytes.push(0);
    bytes
}

fn rest(
    reader: &'static str,
    opening: Vec<u8>,
    again: &[u8],
    ends_with: &'static [&'static str],
) -> Case {
    Case {
        reader,
        transport: TransportKind::Rest,
        welcome: Vec::new(),
        opening,
        again: again.to_vec(),
        ask: "secrets",
        bound: LIST_BYTES,
        seconds: 5,
        ends_with,
    }
}

fn api(
    reader: &'static str,
    opening: Vec<u8>,
    again: &[u8],
    ends_with: &'static [&'static str],
) -> Case {
    Case {
        transport: TransportKind::Api,
        welcome: sentence(&[b"!done"]),
        ..rest(reader, opening, again, ends_with)
    }
}

fn much(byte: u8) -> Vec<u8> {
    vec![byte; 1 << 16]
}

fn sound_row() -> String {
    let comment = "x".repeat(2_000);
    format!(r#"{{".id":"*1","name":"a","service":"l2tp","comment":"{comment}"}},"#)
}

fn rest_lists() -> Vec<Case> {
    const LONG: &[&str] = &["longer than"];
    let list = || http("200 OK", b"[");
    let stray = || http("200 OK", br#"[{"service":"l2tp","comment":"x\"},"#);
    let row = sound_row();
    let dirty = [
        br#"{".id":"*1","service":"l2tp","comment":""#,
        &[7; 9_000][..],
        br#""},"#,
    ];
    vec![
        rest(
            "rows without anything",
            list(),
            &b"{},".repeat(10_000),
            &["more than 200000 rows"],
        ),
        rest("sound rows", list(), row.as_bytes(), LONG),
        Case {
            ask: "counters",
            ..rest("sound rows kept small", list(), row.as_bytes(), LONG)
        },
        rest(
            "control characters in one value",
            http("200 OK", br#"[{"comment":""#),
            &much(7),
            LONG,
        ),
        rest(
            "control characters in every row",
            list(),
            &dirty.concat(),
            LONG,
        ),
        rest(
            "a stray quote and rows behind it",
            stray(),
            row.as_bytes(),
            LONG,
        ),
        rest("a stray quote and no end", stray(), &much(b'x'), LONG),
        rest("brackets", http("200 OK", br#"[{"a":"#), &much(b'['), LONG),
        rest("blanks", list(), &much(b' '), LONG),
        Case {
            ask: "resource",
            ..rest(
                "one object",
                http("200 OK", br#"{"version":""#),
                &much(b'7'),
                LONG,
            )
        },
    ]
}

fn rest_heads_and_refusals() -> Vec<Case> {
    const SMALL: usize = 1 << 20;
    let refusal = || http("400 Bad Request", br#"{"detail":"no, "#);
    let head = || b"HTTP/1.1 200 OK\r\nX-A: b\r\nX-B: ".to_vec();
    vec![
        Case {
            bound: REFUSAL_BYTES,
            ..rest("a refusal", refusal(), &much(b'x'), &["no, xxx"])
        },
        Case {
            bound: REFUSAL_BYTES,
            ..rest(
                "a refusal of backslashes",
                refusal(),
                &much(b'\\'),
                &["no, "],
            )
        },
        Case {
            bound: SMALL,
            ..rest("names of a head", head(), b"\r\nX-A: b", &["not HTTP"])
        },
        Case {
            bound: SMALL,
            ..rest("one name of a head", head(), &much(b'x'), &["not HTTP"])
        },
        Case {
            bound: REFUSAL_BYTES,
            seconds: 3,
            ..rest(
                "patience",
                Vec::new(),
                b"HTTP/1.1 100 Continue\r\n\r\n",
                &[],
            )
        },
    ]
}

fn api_lists() -> Vec<Case> {
    const ROWS: &[&str] = &["more than 200000 rows"];
    const LONG: &[&str] = &["more than 67108864 bytes", "longer than any"];
    let nothing = sentence(&[b"!re", b".tag=1"]);
    let row = sentence(&[b"!re", b".tag=1", b"=.id=*1", b"=service=l2tp"]);
    let long = sentence(&[b"!re", b".tag=1", b"=.id=*1", &vec![b'='; 60_000]]);
    let word_of_256_mb = [word(b"!re"), word(b".tag=1"), vec![0xEF, 0xFF, 0xFF, 0xFF]];
    vec![
        api(
            "rows without anything",
            Vec::new(),
            &nothing.repeat(1_000),
            ROWS,
        ),
        api("rows", Vec::new(), &row.repeat(1_000), ROWS),
        api("long rows", Vec::new(), &long, LONG),
        api("one word", word_of_256_mb.concat(), &much(b'x'), LONG),
        api("words", word(b"!re"), &word(b"=a=b"), LONG),
        api("long words", word(b"!re"), &word(&much(b'x')), LONG),
        Case {
            seconds: 3,
            ..api("empty sentences", Vec::new(), &much(0), &[])
        },
    ]
}

fn api_refusals_and_logins() -> Vec<Case> {
    const LOGIN: &[&str] = &["more than 65536 bytes"];
    let long = [&b"=message="[..], &vec![b'x'; 8 << 20]].concat();
    let trap = sentence(&[b"!trap", b".tag=1", &long]);
    vec![
        api("refusals", Vec::new(), &trap, &["more than 67108864 bytes"]),
        Case {
            bound: ROW_BYTES,
            ..api(
                "a farewell",
                sentence(&[b"!fatal", &long]),
                &much(0),
                &["ended the session"],
            )
        },
        Case {
            welcome: Vec::new(),
            bound: LOGIN_BYTES,
            ..api(
                "the login",
                Vec::new(),
                &sentence(&[b"!re", b"=a=b"]),
                LOGIN,
            )
        },
        Case {
            welcome: Vec::new(),
            bound: LOGIN_BYTES,
            ..api("long words at the login", Vec::new(), &trap, LOGIN)
        },
    ]
}

/// Answers whoever connects until ten times the bound went out or nobody listens.
fn feed(case: &Case) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let said = [&case.welcome, &case.opening, &case.again].map(Clone::clone);
    let most = 10 * case.bound;
    std::thread::spawn(move || {
        let [welcome, opening, again] = said;
        for mut stream in listener.incoming().flatten() {
            let mut login = [0; 4_096];
            if welcome.is_empty()
                || (stream.read(&mut login).is_ok() && stream.write_all(&welcome).is_ok())
            {
                talk(stream, &opening, &again, most);
            }
        }
    });
    port
}

fn talk(mut stream: impl Read + Write, opening: &[u8], again: &[u8], most: usize) {
    let mut asked = [0; 4_096];
    if stream.read(&mut asked).is_err() || stream.write_all(opening).is_err() {
        return;
    }
    let mut sent = 0;
    while sent < most && stream.write_all(again).is_ok() {
        sent += again.len();
    }
    // Whoever still listens is to end by itself.
    while stream.read(&mut asked).is_ok_and(|count| count > 0) {}
}

fn endpoint(port: u16, transport: TransportKind, tls: Option<Trust>) -> Endpoint {
    Endpoint {
        host: "127.0.0.1".into(),
        port,
        tls,
        transport,
        username: "whmcs".into(),
        password: Secret::new("router-pass-9"),
    }
}

/// Kilobytes of `field` in the status of this process.
fn memory(field: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    let number = line.split_whitespace().nth(1).unwrap();
    number.parse::<usize>().unwrap() << 10
}

/// What came of asking a router in a process of its own.
struct Measured {
    /// Bytes, beyond what the process had before.
    held: usize,
    took: Duration,
    said: String,
}

const REQUEST: &str = "BOUNDS_REQUEST";

/// Runs [`one_reader`].
fn measure(
    port: u16,
    transport: TransportKind,
    pin: Option<Fingerprint>,
    ask: &str,
    seconds: u64,
) -> Measured {
    let pin = pin.map(|pin| pin.to_string()).unwrap_or_default();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "one_reader", "--ignored", "--nocapture"])
        .env(
            REQUEST,
            format!("{port} {transport:?} {ask} {seconds} {pin}"),
        )
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = output.lines().find_map(|line| line.split_once("MEASURED "));
    let (_, line) = line.unwrap_or_else(|| panic!("{output}"));
    let mut parts = line.splitn(3, ' ');
    let mut number = || parts.next().unwrap().parse::<u64>().unwrap();
    Measured {
        held: usize::try_from(number()).unwrap(),
        took: Duration::from_millis(number()),
        said: parts.next().unwrap_or_default().to_owned(),
    }
}

#[test]
#[ignore = "run by the other test, in a process of its own for each reader"]
fn one_reader() {
    let request = std::env::var(REQUEST).unwrap();
    let parts: Vec<_> = request.split(' ').collect();
    let [port, transport, ask, seconds, pin] = parts[..] else {
        panic!("{request}")
    };
    let transport = match transport {
        "Api" => TransportKind::Api,
        _ => TransportKind::Rest,
    };
    let trust = pin.parse().ok().map(|pin| Trust {
        pins: vec![pin],
        ..Trust::default()
    });
    let endpoint = endpoint(port.parse().unwrap(), transport, trust);
    let allowed = Duration::from_secs(seconds.parse().unwrap());
    let (_, ask) = ASKED.iter().find(|(name, _)| *name == ask).unwrap();

    fs::write("/proc/self/clear_refs", "5").unwrap();
    let (before, began) = (memory("VmRSS"), Instant::now());
    let router = Router::new(&endpoint, Deadline::after(allowed)).unwrap();
    let said = ask(&router).unwrap_err().to_string();
    let took = began.elapsed().as_millis();
    let held = memory("VmHWM").saturating_sub(before);
    println!("MEASURED {held} {took} {said}");
}

fn check(case: &Case) {
    let port = feed(case);
    let measured = measure(port, case.transport, None, case.ask, case.seconds);
    let name = format!("{:?}, {}", case.transport, case.reader);
    check_measured(&name, &measured, case.bound, case.seconds);
    let ends_with = case
        .ends_with
        .iter()
        .chain(&["the time for this operation was over"]);
    let said = measured.said;
    let is_expected = ends_with.into_iter().any(|words| said.contains(words));
    assert!(is_expected, "{name}: {said}");
}

fn check_measured(name: &str, measured: &Measured, bound: usize, seconds: u64) {
    let Measured { held, took, said } = measured;
    println!("{name}: {} KB, {took:.1?}: {said:.120}", held >> 10);
    assert!(*held <= 3 * bound + BASE, "{name}: {held} bytes held");
    assert!(
        *took <= Duration::from_secs(seconds) + MARGIN,
        "{name}: {took:?}"
    );
    assert!(said.len() < 5_000, "{name}: {} bytes said", said.len());
}

/// Certificates of a megabyte, and a handshake that never ends.
fn check_handshakes() {
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let chain = vec![certificate.der().clone(); (1 << 20) / certificate.der().len()];
    let server =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .unwrap();
    let server = Arc::new(server);
    let pin = Fingerprint::of(certificate.der());
    let certificates = move |stream: TcpStream| {
        let session = ServerConnection::new(Arc::clone(&server)).unwrap();
        talk(StreamOwned::new(session, stream), b"", b"", 0);
    };
    // A warning alert, a piece of a handshake message, and no TLS at all, over and over.
    let over_and_over = |record: &'static [u8]| {
        move |stream: TcpStream| talk(stream, b"", &record.repeat(1_000), 10 << 20)
    };
    check_handshake("certificates", pin, certificates);
    check_handshake(
        "alerts",
        pin,
        over_and_over(b"\x15\x03\x03\x00\x02\x01\x5a"),
    );
    check_handshake("fragments", pin, over_and_over(b"\x16\x03\x03\x00\x01\x02"));
    check_handshake("rubbish", pin, over_and_over(b"rubbish "));
}

fn check_handshake(name: &str, pin: Fingerprint, talk: impl Fn(TcpStream) + Send + 'static) {
    const MOST: usize = 64 << 10;
    const SECONDS: u64 = 4;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(talk));
    for transport in [TransportKind::Rest, TransportKind::Api] {
        let measured = measure(port, transport, Some(pin), "identity", SECONDS);
        let name = format!("{transport:?}, {name}");
        check_measured(&name, &measured, MOST, SECONDS);
    }
}

#[test]
fn no_reader_holds_or_waits_for_more_than_its_bounds() {
    for cases in [
        rest_lists(),
        rest_heads_and_refusals(),
        api_lists(),
        api_refusals_and_logins(),
    ] {
        cases.iter().for_each(check);
    }
    check_handshakes();
}

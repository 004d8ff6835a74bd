//! The control port: the simulator's own HTTP with JSON, for tests that are not in Rust.
//!
//! Every error is `{"error": "a sentence"}` with status 400, or 404 for an unknown path.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::engine::{Caller, Command, Reply};
use crate::fault::Fault;
use crate::query::Query;
use crate::record::Record;
use crate::router::{Router, Seed};
use crate::server::{CertificateStyle, StartError, bind};
use crate::session::Dial;
use crate::tables::TableId;

/// Requests above this are refused.
const LARGEST_BODY: usize = 4 << 20;

/// A listening control port; stops when dropped.
#[derive(Debug)]
pub struct Control {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Control {
    /// Starts listening in a thread of its own.
    pub fn start(router: &Router, address: SocketAddr) -> Result<Self, StartError> {
        let listener = bind(address)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        runtime.spawn(listen(router.clone(), listener));
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("router-sim-control".to_owned())
            .spawn(move || {
                runtime.block_on(async { stopped.await.ok() });
                runtime.shutdown_background();
            })?;
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // a panicked server thread has nothing more to tell here
            let _ = thread.join();
        }
    }
}

async fn listen(router: Router, listener: StdListener) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let router = router.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(router.clone(), request));
            // the client's going away is no error
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Why a control request failed: the sentence of the reply.
struct Refused(String);

impl<E: std::fmt::Display> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let (status, body) = match Limited::new(request.into_body(), LARGEST_BODY)
        .collect()
        .await
    {
        Err(error) => (
            400,
            json!({"error": format!("cannot read the body: {error}")}),
        ),
        Ok(body) => match handle(&router, &method, &path, &body.to_bytes()) {
            Some(Ok(body)) => (200, body),
            Some(Err(Refused(sentence))) => (400, json!({"error": sentence})),
            None => (
                404,
                json!({"error": format!("there is no {method} {path}")}),
            ),
        },
    };
    if path.starts_with("/faults") && method != Method::GET {
        router.ports_follow().await;
    }
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    Ok(response)
}

/// `None` = no such request.
fn handle(
    router: &Router,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Option<Result<Json, Refused>> {
    Some(match (method, path) {
        (&Method::POST, "/connect") => connect(router, body),
        (&Method::POST, "/disconnect") => disconnect(router, body),
        (&Method::POST, "/traffic") => traffic(router, body),
        (&Method::POST, "/traffic-for-all") => traffic_for_all(router, body),
        (&Method::POST, "/rate") => rate(router, body),
        (&Method::POST, "/advance") => advance(router, body),
        (&Method::POST, "/reboot") => reboot(router, body),
        (&Method::POST, "/reset-counters") => {
            router.reset_counters();
            Ok(done())
        }
        (&Method::POST, "/set-counters") => set_counters(router, body),
        (&Method::POST, "/certificate") => certificate(router, body),
        (&Method::POST, "/comment-bytes") => comment_bytes(router, body),
        (&Method::POST, "/exec") => exec(router, body),
        (&Method::POST, "/seed") => seed(router, body),
        (&Method::GET, "/faults") => Ok(json!(router.faults())),
        (&Method::POST, "/faults") => {
            read::<Fault>(body).map(|fault| json!({"id": router.fault(fault)}))
        }
        (&Method::DELETE, "/faults") => {
            router.clear_faults(None);
            Ok(done())
        }
        (&Method::GET, "/truth") => Ok(json!(router.truths())),
        (&Method::GET, "/stats") => Ok(json!(router.counts())),
        (&Method::GET, "/requests") => Ok(json!(router.log())),
        (&Method::POST, "/stats/reset") => {
            router.reset_stats();
            Ok(done())
        }
        (&Method::GET, "/state") => Ok(dump(router)),
        (&Method::DELETE, path) => {
            let id = path.strip_prefix("/faults/")?.parse().ok()?;
            router.clear_faults(Some(id));
            Ok(done())
        }
        _ => return None,
    })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    let body = if body.is_empty() {
        b"{}".as_slice()
    } else {
        body
    };
    serde_json::from_slice(body)
        .map_err(|error| Refused(format!("the body is not as expected: {error}")))
}

fn done() -> Json {
    json!({"ok": true})
}

fn connect(router: &Router, body: &[u8]) -> Result<Json, Refused> {
    let id = router.connect(&read::<Dial>(body)?)?;
    Ok(json!({"id": id}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

fn disconnect(router: &Router, body: &[u8]) -> Result<Json, Refused> {
    let Named { name } = read(body)?;
    match router.disconnect(&name) {
        0 => Err(Refused(format!("`{name}` has no session"))),
        ended => Ok(json!({"ended": ended})),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bytes2 {
    name: String,
    #[serde(default)]
    upload: u64,
    #[serde(default)]
    download: u64,
}

fn traffic(router: &Router, body: &[u8]) -> Result<Json, Refused> {
    let Bytes2 {
        name,
        upload,
        download,
    } = read(body)?;
    if router.traffic(&name, upload, download) {
        Ok(done())
    } else {
        Err(Refused(format!("`{name}` has no session")))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ForAll {
    upload: u64,
    download: u64,
}

fn traffic_for_all(router: &Router, body: &[u8]) -> Result<Json, Refused> {
    let ForAll { upload, download } = read(body)?;
    router.traffic_for_all(upload, download);
    Ok(done())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    name: String,
    #[serde(default)]
    upload_bps: u64,
    #[serde(default)]
    download_bps: u64,
}

fn rate(router: &Router, body: &[u8]) -> Result<Json, Refused> {
    let Rate {
        name,
        upload_bps,
        download_bps,
    } = read(body)?;
    if router.rate(&name, upload_bps, download_bps) {
        Ok(done())
    } else {
        Err(Refused(format!("`{name}` has no session")))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

fn advance(router: &Router, body: &[u8]) -> Result<Json, Refused> {
    let Advance { seconds } = read(body)?;
    router.advance(Duration::try_from_secs_f64(seconds)?);
    Ok(json!({"now": router.now().as_secs_f64()}))
}

/// Seconds for which the lists of menus are empty after the boot.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Reboot {
    #[serde(default)]
    boot_gap: f64,
    #[serde(default)]
    menus: Vec<String>,
}

fn reboot(router: &Router, body: &[u8]) -> Result<Json, Refused> {
    let Reboot { boot_gap, menus } = read(body)?;
    if let Some(menu) = menus.iter().find(|menu| !router.has_menu(menu)) {
        return Err(Refused(format!("there is no menu {menu}")));
    }
    router.reboot_with_gap(Duration::try_from_secs_f64(boot_gap)?, &menus);
    Ok(done())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Counters {
    menu: String,
    name: String,
    upload: u64,
    download: u64,
}

fn set_counters(router: &Router, body: &[u8]) -> Result<Json, Refused> {
    let Counters {
        menu,
        name,
        upload,
        download,
    } = read(body)?;
    if router.set_counters(&menu, &name, upload, download) {
        Ok(done())
    } else {
        Err(Refused(format!("there is no `{name}` in {menu}")))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificate {
    style: CertificateStyle,
}

fn certificate(router: &Router, body: &[u8]) -> Result<Json, Refused> {
    let Certificate { style } = read(body)?;
    let changed = router.change_certificate(style)?;
    let identity = changed.ok_or_else(|| Refused("the router serves no TLS".to_owned()))?;
    Ok(json!({"fingerprint": identity.fingerprint, "ca-pem": identity.ca_pem}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CommentBytes {
    menu: String,
    name: String,
    bytes: Vec<u8>,
}

fn comment_bytes(router: &Router, body: &[u8]) -> Result<Json, Refused> {
    let CommentBytes { menu, name, bytes } = read(body)?;
    let table = match menu.as_str() {
        "/ppp/secret" => TableId::Secret,
        "/ppp/profile" => TableId::Profile,
        "/queue/simple" => TableId::Queue,
        "/interface" => TableId::Interface,
        _ => {
            return Err(Refused(format!(
                "comments of {menu} cannot be set as bytes"
            )));
        }
    };
    if router.set_comment_bytes(table, &name, &bytes) {
        Ok(done())
    } else {
        Err(Refused(format!("there is no `{name}` in {menu}")))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exec {
    path: String,
    #[serde(default)]
    arguments: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    query: Vec<String>,
    #[serde(default)]
    user: Option<String>,
}

/// An outside admin's hand, through the same console.
fn exec(router: &Router, body: &[u8]) -> Result<Json, Refused> {
    let Exec {
        path,
        arguments,
        query,
        user,
    } = read(body)?;
    let (menu, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let command = Command {
        arguments: arguments.into_iter().collect(),
        query: Query::parse(query.iter().map(String::as_str))?,
        ..Command::new(menu, name)
    };
    let caller = match user {
        None => Caller::console(),
        Some(user) => router
            .with(|state| state.caller(&user))
            .ok_or_else(|| Refused(format!("there is no login user `{user}`")))?,
    };
    Ok(match router.execute(&caller, &command)? {
        Reply::Rows(rows) => Json::Array(rows.iter().map(plain).collect()),
        Reply::Value(text) => json!({"ret": text}),
        Reply::Done | Reply::Silent => json!([]),
    })
}

fn seed(router: &Router, body: &[u8]) -> Result<Json, Refused> {
    let seed: Seed = read(body)?;
    router.seed(&seed)?;
    Ok(json!({"accounts": seed.accounts}))
}

fn dump(router: &Router) -> Json {
    let menus = [
        "/system/resource",
        "/ppp/secret",
        "/ppp/profile",
        "/ppp/active",
        "/queue/simple",
        "/interface",
        "/ip/address",
        "/ip/pool",
    ];
    menus
        .iter()
        .map(|menu| {
            (
                (*menu).to_owned(),
                Json::Array(router.rows(menu).iter().map(plain).collect()),
            )
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn plain(record: &Record) -> Json {
    record
        .0
        .iter()
        .map(|(key, value)| (key.to_string(), json!(value.as_text())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

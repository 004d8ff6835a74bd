//! REST: the binary API's commands as HTTP.
//!
//! Every command is `POST <menu>/<command>` with strings in a JSON object, lists too: the property
//! list and the query then need no URL encoding, have no length limit, and there is one way to be
//! wrong instead of two. Ids travel in the body; the few that could stand in a path stay raw, because
//! RouterOS refuses `%2A` for `*`.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, TRANSFER_ENCODING};
use reqwest::{Request, Response, StatusCode, Url};
use serde_json::{Map, Value as Json};
use tokio::sync::Semaphore;

use super::command::{Command, Sink, Transport};
use super::deadline::Deadline;
use super::endpoint::Endpoint;
use super::failure::{Peer, is_closed_unanswered, too_late};
use super::json::{self, Decoder, Shape};
use super::resolve::Resolver;
use super::tls;
use crate::error::{Error, Result, Step};
use crate::limits::{LIST_BYTES, REFUSAL_BYTES, STRIDE};
use crate::secret::Secret;

/// RouterOS shares one command rate over all connections and counts sessions; two hide most of the
/// waiting (RB3011, 7.10.2: three lists in 650 ms instead of 1100).
const CONNECTIONS: usize = 2;

/// Longest wait for a connection, however much time the operation has.
const CONNECT: Duration = Duration::from_secs(10);

/// A router reached by REST.
pub(super) struct Rest {
    http: reqwest::Client,
    base: Url,
    peer: Peer,
    username: String,
    password: Secret,
    lanes: Semaphore,
    deadline: Deadline,
    most_bytes: usize,
    /// Some answer came, so the next request may travel on a connection that was kept alive.
    answered: Cell<bool>,
}

impl Rest {
    pub(super) fn new(endpoint: &Endpoint, deadline: Deadline) -> Result<Self> {
        // A connection that does not come up must be known as such before the time is over: then
        // nothing can have been carried out.
        let connect = CONNECT.min(deadline.remaining() * 3 / 4);
        let resolver = Resolver::new(connect * 3 / 4);
        Self::with(endpoint, deadline, connect, resolver)
    }

    fn with(
        endpoint: &Endpoint,
        deadline: Deadline,
        connect: Duration,
        resolver: Resolver,
    ) -> Result<Self> {
        let base = base(endpoint)?;
        if endpoint.username.contains(':') || endpoint.username.contains(char::is_control) {
            return Err(Error::misuse(
                "The router's username holds a colon or a control character",
                "Correct the username in the WHMCS server settings",
            ));
        }
        let tls = match &endpoint.tls {
            Some(trust) => tls::configuration(endpoint, trust)?.client,
            None => tls::believing_nobody()?,
        };
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .http1_only()
            .tcp_nodelay(true)
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(CONNECTIONS)
            .connect_timeout(connect)
            .dns_resolver(Arc::new(resolver))
            .use_preconfigured_tls(tls)
            .build()
            .map_err(|error| Error::bug(format!("no HTTP client could be made: {error}")))?;
        Ok(Self {
            http,
            base,
            peer: Peer::of(endpoint),
            username: endpoint.username.clone(),
            password: endpoint.password.clone(),
            lanes: Semaphore::new(CONNECTIONS),
            deadline,
            most_bytes: LIST_BYTES,
            answered: Cell::new(false),
        })
    }

    async fn exchange(&self, command: Command<'_>, sink: Sink) -> Result<()> {
        let _lane = self
            .lanes
            .acquire()
            .await
            .map_err(|_| Error::bug("the lanes of a router were closed"))?;
        let response = self.answer(&command).await?;
        if response.status().is_success() {
            self.rows(&command, response, &sink).await
        } else {
            let answer = self.refused(&command, response).await?;
            Err(answer.refusal(&command, &self.peer))
        }
    }

    /// Sends the command. One that only looks is sent a second time when a kept-alive connection
    /// ended without an answer; nothing else ever is.
    async fn answer(&self, command: &Command<'_>) -> Result<Response> {
        let repeatable = command.is_read() && self.answered.get();
        let outcome = match self.http.execute(self.request(command)?).await {
            Err(error) if repeatable && is_closed_unanswered(&error) => {
                self.http.execute(self.request(command)?).await
            }
            outcome => outcome,
        };
        let response = outcome.map_err(|error| self.peer.blame(&command.label(), &error))?;
        self.answered.set(true);
        Ok(response)
    }

    fn request(&self, command: &Command<'_>) -> Result<Request> {
        let mut url = self.base.clone();
        url.set_path(&format!("/rest{}", command.path()));
        self.http
            .post(url)
            .basic_auth(&self.username, Some(self.password.expose()))
            // 7.1 to 7.2rc4 answer 415 to anything longer.
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body(command).to_string())
            .build()
            .map_err(|error| Error::bug(format!("a request could not be made: {error}")))
    }

    /// Hands out the rows of a reply as they come. A reply that makes no sense is read to its end all the
    /// same: an aborted request followed by a finished one makes RouterOS 7.21 drop connections.
    async fn rows(&self, command: &Command<'_>, response: Response, sink: &Sink) -> Result<()> {
        let mut decoder = Decoder::new(is_framed(&response));
        let mut hand_out = |record: &_| sink.take(record);
        let mut outcome = Ok(());
        let mut blank = true;
        let read = self
            .pieces(command, response, |piece| {
                blank &= piece.trim_ascii().is_empty();
                if outcome.is_ok() {
                    outcome = decoder.feed(piece, &mut hand_out);
                }
            })
            .await;
        // What is wrong with a list tells more than that it did not end either.
        if !command.is_read() || outcome.is_ok() {
            read?;
        }
        // Sets and removals were seen to answer nothing at all; a list always answers something.
        if !command.is_read() && blank {
            return Ok(());
        }
        let shape = outcome
            .and_then(|()| decoder.finish(&mut hand_out))
            .map_err(|why| Error::nonsense(command.label(), why))?;
        match (command, shape) {
            (Command::Print { .. }, Shape::One) => Err(Error::nonsense(
                command.label(),
                "one object came instead of a list; a router that has just booted may need a minute",
            )),
            _ => Ok(()),
        }
    }

    /// Reads a refusal, or as much of it as its words need.
    async fn refused(&self, command: &Command<'_>, mut response: Response) -> Result<Refused> {
        let (status, framed) = (response.status(), is_framed(&response));
        let mut body = Vec::new();
        while let Some(piece) = self.piece(command, &mut response).await? {
            body.extend_from_slice(&piece);
            if body.len() > REFUSAL_BYTES {
                body.truncate(REFUSAL_BYTES);
                // The connection goes with the response: what else comes on it is of no interest.
                return Ok(Refused {
                    status,
                    framed: true,
                    body: closed(body),
                });
            }
        }
        self.settle(response).await;
        Ok(Refused {
            status,
            framed,
            body,
        })
    }

    /// Reads a body to its end. Memory grows with what has come, not with what is announced.
    async fn pieces(
        &self,
        command: &Command<'_>,
        mut response: Response,
        mut take: impl FnMut(&[u8]),
    ) -> Result<()> {
        let mut length = 0;
        while let Some(piece) = self.piece(command, &mut response).await? {
            length += piece.len();
            if length > self.most_bytes {
                return Err(Error::nonsense(
                    command.label(),
                    format!("it is longer than {} bytes", self.most_bytes),
                ));
            }
            for stride in piece.chunks(STRIDE) {
                // Whoever works through bytes cannot be interrupted by a timer.
                if self.deadline.remaining().is_zero() {
                    return Err(too_late(&self.peer.name, command));
                }
                take(stride);
            }
        }
        self.settle(response).await;
        Ok(())
    }

    async fn piece(&self, command: &Command<'_>, response: &mut Response) -> Result<Option<Bytes>> {
        let piece = response.chunk().await;
        piece.map_err(|error| self.peer.blame(&command.label(), &error))
    }

    /// The connection of a response read to its end goes back to the pool in a task of its own; without
    /// letting that run, the next request finds none and opens another.
    async fn settle(&self, response: Response) {
        drop(response);
        tokio::task::yield_now().await;
    }
}

/// An object that was cut off in its first string, as one that ends there.
fn closed(mut body: Vec<u8>) -> Vec<u8> {
    const LONGEST_ESCAPE: usize = 12;
    let tail = body.len().saturating_sub(LONGEST_ESCAPE);
    let escape = body
        .get(tail..)
        .and_then(|tail| tail.iter().position(|byte| *byte == b'\\'));
    if let Some(escape) = escape {
        body.truncate(tail + escape);
    }
    body.extend(b"\"}");
    body
}

/// The length of the body is known, so nothing is missing at its end.
fn is_framed(response: &Response) -> bool {
    let headers = response.headers();
    headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING)
}

impl Transport for Rest {
    fn send<'a>(
        &'a self,
        command: Command<'a>,
        sink: Sink,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>> {
        Box::pin(self.exchange(command, sink))
    }
}

fn base(endpoint: &Endpoint) -> Result<Url> {
    let scheme = if endpoint.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let (host, port) = (endpoint.authority_host(), endpoint.port);
    Url::parse(&format!("{scheme}://{host}:{port}/rest"))
        .ok()
        .filter(|url| {
            port != 0
                && url.path() == "/rest"
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
        })
        .ok_or_else(|| {
            Error::misuse(
                format!("\"{host}\" with port {port} is no address of a router"),
                "Enter a host name or IP address, without https:// and path, in the WHMCS server settings",
            )
        })
}

/// The JSON object of a command: strings only, whatever the type on the router.
fn body(command: &Command<'_>) -> Json {
    let mut object = Map::new();
    let mut put = |name: &str, value: Json| object.insert(name.to_owned(), value);
    if let Some(id) = command.id() {
        put(".id", id.into());
    }
    for (name, value) in command.fields() {
        put(name, value.expose().into());
    }
    if let Command::Print { proplist, .. } | Command::Read { proplist, .. } = command {
        put(".proplist", proplist.join(",").into());
    }
    if let Command::Print { query, .. } = command
        && !query.is_all()
    {
        put(".query", query.words().into());
    }
    Json::Object(object)
}

/// A whole answer that is no success.
struct Refused {
    status: StatusCode,
    /// See [`is_framed`].
    framed: bool,
    body: Vec<u8>,
}

impl Refused {
    fn refusal(&self, command: &Command<'_>, peer: &Peer) -> Error {
        let label = command.label();
        if self.status.is_redirection() {
            return Error::nonsense(label, format!("it sends us elsewhere ({})", self.status));
        }
        if self.status == StatusCode::NOT_FOUND && (command.id().is_none() || self.is_page()) {
            return no_rest(peer);
        }
        let Some(detail) = self.detail() else {
            return match self.status {
                StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT => Error::network(
                    Step::Reply,
                    &peer.name,
                    format!("{label} was answered with {}", self.status),
                ),
                status => Error::refused(label, status.to_string(), Some(status.as_u16())),
            };
        };
        // RouterOS ends every REST command after 60 s with this text (manual, "REST API").
        if detail.eq_ignore_ascii_case("session closed") {
            return Error::network(
                Step::Reply,
                &peer.name,
                format!("{label} took longer than the 60 s RouterOS allows"),
            );
        }
        let status = Some(self.status.as_u16());
        peer.refusal(&label, &detail, status, command.secrets())
    }

    /// `detail`, which 401 and 404 lack.
    fn detail(&self) -> Option<String> {
        json::object(&self.body, self.framed)?
            .value("detail")
            .map(|detail| detail.trim().to_owned())
            .filter(|detail| !detail.is_empty())
    }

    fn is_page(&self) -> bool {
        self.body.trim_ascii_start().starts_with(b"<")
    }
}

fn no_rest(peer: &Peer) -> Error {
    Error::misuse(
        format!("The router {} has no REST API there (404)", peer.name),
        "It needs RouterOS 7.1 or later with SSL (7.9 or later without), the port of www-ssl or www, \
         and REST not switched off in /ip/service/webserver",
    )
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread::JoinHandle;
    use std::time::Instant;

    use super::*;
    use crate::routeros::endpoint::TransportKind;
    use crate::routeros::query::Query;

    fn endpoint(port: u16) -> Endpoint {
        Endpoint {
            host: "127.0.0.1".into(),
            port,
            tls: None,
            transport: TransportKind::Rest,
            username: "whmcs".into(),
            password: Secret::default(),
        }
    }

    fn rest(port: u16) -> Rest {
        Rest::new(&endpoint(port), Deadline::after(Duration::from_secs(20))).unwrap()
    }

    /// Answers one request with `answer` and gives what it read of the request.
    fn serve_once(answer: Vec<u8>) -> (u16, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4_096];
            let length = stream.read(&mut request).unwrap();
            let _ = stream.write_all(&answer);
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        (port, server)
    }

    fn wait<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(work)
    }

    #[test]
    fn an_id_in_a_path_is_sent_raw() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]".to_vec();
        let (port, server) = serve_once(answer);
        let command = Command::Run {
            menu: "/ppp/secret/*1A",
            command: "get",
            fields: &[],
        };
        wait(rest(port).send(command, Sink::new(|_| ()))).unwrap();
        let request = server.join().unwrap();
        assert!(
            request.starts_with("POST /rest/ppp/secret/*1A/get HTTP/1.1\r\n"),
            "{request}"
        );
    }

    #[test]
    fn an_endless_answer_is_cut_and_an_announced_length_costs_no_memory() {
        let announced = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n[",
            u64::MAX / 2
        );
        let endless = [announced.as_bytes(), &[b' '; 5_000]].concat();
        let (port, server) = serve_once(endless);
        let rest = Rest {
            most_bytes: 1_000,
            ..rest(port)
        };
        let query = Query::all();
        let command = Command::Print {
            menu: "/ppp/secret",
            proplist: &[".id"],
            query: &query,
        };
        let error = wait(rest.send(command, Sink::new(|_| ()))).unwrap_err();
        assert!(
            error.to_string().contains("longer than 1000 bytes"),
            "{error}"
        );
        server.join().unwrap();
    }

    /// The look-up sleeps in the system, where nothing can interrupt it.
    #[test]
    fn a_name_server_that_hangs_is_given_up_in_time_and_not_waited_for_at_the_end() {
        let start = Instant::now();
        let resolver = Resolver::with(Duration::from_millis(100), |_| {
            std::thread::sleep(Duration::from_secs(30));
            Ok(Vec::new())
        });
        let endpoint = Endpoint {
            host: "router.example".into(),
            ..endpoint(1)
        };
        let deadline = Deadline::after(Duration::from_secs(10));
        let rest = Rest::with(&endpoint, deadline, Duration::from_secs(5), resolver).unwrap();
        let router =
            crate::routeros::Router::over(Box::new(rest), endpoint.name(), deadline).unwrap();
        let error = router.identity().unwrap_err();
        assert_eq!(error.step(), Some(Step::Resolve), "{error}");
        drop(router);
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "it waited for the look-up"
        );
    }
}

//! From an endpoint to an open session: name, TCP, TLS, login.
//!
//! Each step has a limit of its own below the operation's deadline: whoever fails here is known not to
//! have been asked anything.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Name, Resolve};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::reply::{Kind, Reply};
use super::sentence::Decoder;
use super::words::sentence_of;
use crate::error::{Error, Result, Step};
use crate::routeros::deadline::Deadline;
use crate::routeros::endpoint::{Endpoint, Trust};
use crate::routeros::failure::{Peer, refusal};
use crate::routeros::resolve::{Resolver, Unresolved};
use crate::routeros::tls;

/// Longest wait for one step, however much time the operation has.
const STEP: Duration = Duration::from_secs(10);

/// TCP, or TLS over it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// Connects and logs in.
pub(super) async fn open(
    endpoint: &Endpoint,
    peer: &Peer,
    deadline: Deadline,
) -> Result<Box<dyn Stream>> {
    let addresses = addresses(endpoint, peer, limit(deadline)).await?;
    let tcp = connect(&addresses, peer, deadline).await?;
    let mut stream: Box<dyn Stream> = match &endpoint.tls {
        None => Box::new(tcp),
        Some(trust) => secure(tcp, endpoint, trust, peer, limit(deadline)).await?,
    };
    log_in(&mut stream, endpoint, peer, limit(deadline)).await?;
    Ok(stream)
}

/// What one step may take: some time must be left to say which one it was.
fn limit(deadline: Deadline) -> Duration {
    STEP.min(deadline.remaining() * 3 / 4)
}

async fn in_time<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn addresses(endpoint: &Endpoint, peer: &Peer, limit: Duration) -> Result<Vec<SocketAddr>> {
    let host = bare(&endpoint.host);
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, endpoint.port)]);
    }
    let unresolved = |why: String| {
        peer.unresolved(&Unresolved {
            host: host.to_owned(),
            why,
        })
    };
    let name: Name = host
        .parse()
        .map_err(|_| unresolved("it is no host name".into()))?;
    let found: Vec<_> = Resolver::new(limit)
        .resolve(name)
        .await
        .map_err(|error| match error.downcast_ref::<Unresolved>() {
            Some(found) => peer.unresolved(found),
            None => unresolved(error.to_string()),
        })?
        .map(|address| SocketAddr::new(address.ip(), endpoint.port))
        .collect();
    if found.is_empty() {
        return Err(unresolved("the answer is empty".into()));
    }
    Ok(found)
}

/// One address after the other; each gets its share of the time that is left.
async fn connect(addresses: &[SocketAddr], peer: &Peer, deadline: Deadline) -> Result<TcpStream> {
    let deadline = deadline.sooner(limit(deadline));
    let mut last = peer.no_connection(None, true);
    for (number, address) in addresses.iter().enumerate() {
        let left = u32::try_from(addresses.len() - number).unwrap_or(u32::MAX);
        match in_time(deadline.remaining() / left, TcpStream::connect(address)).await {
            Ok(stream) => {
                // Commands are small; without this they wait for the acknowledgement of the last one.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => {
                let timeout = error.kind() == io::ErrorKind::TimedOut;
                last = peer.no_connection(Some(error.kind()).filter(|_| !timeout), timeout);
            }
        }
    }
    Err(last)
}

async fn secure(
    tcp: TcpStream,
    endpoint: &Endpoint,
    trust: &Trust,
    peer: &Peer,
    limit: Duration,
) -> Result<Box<dyn Stream>> {
    let configuration = Arc::new(tls::configuration(endpoint, trust)?);
    let host = bare(&endpoint.host);
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| peer.failed(Step::Tls, format!("no certificate can name \"{host}\"")))?;
    let handshake = TlsConnector::from(configuration).connect(name, tcp);
    match in_time(limit, handshake).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Err(peer.failed(
            Step::Tls,
            "it did not finish the TLS handshake in time; check that the port is that of api-ssl",
        )),
        Err(error) => Err(peer.no_handshake(&error)),
    }
}

/// `[2001:db8::1]` without its brackets.
pub(super) fn bare(host: &str) -> &str {
    let host = host.trim();
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

/// The login of 6.43 and later: name and password in one sentence.
async fn log_in(
    stream: &mut Box<dyn Stream>,
    endpoint: &Endpoint,
    peer: &Peer,
    limit: Duration,
) -> Result<()> {
    let mut sentence = Vec::new();
    let words = [
        "/login".to_owned(),
        format!("=name={}", endpoint.username),
        format!("=password={}", endpoint.password.expose()),
    ];
    sentence_of(&mut sentence, words.iter().map(String::as_bytes))
        .ok_or_else(|| Error::bug("the login cannot be written as words"))?;
    let mut answer = Answer::default();
    let conversation = async {
        stream.write_all(&sentence).await?;
        stream.flush().await?;
        let mut chunk = vec![0; 4_096];
        let mut decoder = Decoder::default();
        loop {
            if answer.take_in(&mut decoder) {
                return Ok(());
            }
            match stream.read(&mut chunk).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => decoder.feed(chunk.get(..count).unwrap_or_default()),
            }
        }
    };
    in_time(limit, conversation)
        .await
        .map_err(|error| unanswered(peer, &error))?;
    answer.verdict(endpoint, peer)
}

/// No command was given yet, so nothing can have been carried out.
fn unanswered(peer: &Peer, error: &io::Error) -> Error {
    let service = peer.service();
    let detail = if error.kind() == io::ErrorKind::TimedOut {
        format!("it did not answer the login in time; check that the port is that of {service}")
    } else {
        let plain = if peer.secure {
            ""
        } else {
            "; if the port is that of api-ssl, switch SSL on for this server in WHMCS"
        };
        format!(
            "it closed the connection at the login; check max-sessions and the addresses of {service} in \
             /ip/service{plain}"
        )
    };
    peer.failed(Step::Connect, detail)
}

/// What the router says to the login.
#[derive(Debug, Default)]
struct Answer {
    /// Its first word against it.
    refusal: Option<String>,
    /// It ends the session.
    fatal: Option<String>,
    /// It hands out a challenge.
    challenge: bool,
    /// It is not the binary API.
    nonsense: Option<String>,
}

impl Answer {
    /// Takes in what has come; gives whether that is all.
    fn take_in(&mut self, decoder: &mut Decoder) -> bool {
        loop {
            match decoder.sentence() {
                Ok(None) => return false,
                Err(malformed) => {
                    self.nonsense = Some(malformed.to_string());
                    return true;
                }
                Ok(Some(sentence)) => match Reply::read(sentence) {
                    Ok(reply) if self.hear(&reply) => return true,
                    Ok(_) => {}
                    Err(why) => {
                        self.nonsense = Some(why);
                        return true;
                    }
                },
            }
        }
    }

    fn hear(&mut self, reply: &Reply<'_>) -> bool {
        match reply.kind {
            Kind::Done => self.challenge = reply.record(None).value("ret").is_some(),
            Kind::Fatal => self.fatal = Some(reply.reason()),
            Kind::Trap => {
                self.refusal.get_or_insert_with(|| reply.reason());
            }
            Kind::Row | Kind::Empty => {}
        }
        matches!(reply.kind, Kind::Done | Kind::Fatal)
    }

    fn verdict(self, endpoint: &Endpoint, peer: &Peer) -> Result<()> {
        if let Some(why) = self.nonsense {
            return Err(Error::nonsense("/login", why));
        }
        if let Some(reason) = self.fatal {
            let detail = format!("it ended the session at the login: {reason}");
            return Err(peer.failed(Step::Connect, detail));
        }
        if let Some(reason) = self.refusal {
            let secrets = [endpoint.password.expose()];
            return Err(refusal("/login".into(), reason, None, &secrets));
        }
        if self.challenge {
            return Err(Error::misuse(
                format!(
                    "The router {} runs RouterOS older than 6.43, whose login is not supported",
                    peer.name
                ),
                "Update it to RouterOS 6.49 or 7",
            ));
        }
        Ok(())
    }
}

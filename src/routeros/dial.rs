//! From an endpoint to a byte stream: name, TCP, TLS.
//!
//! Each step has a limit of its own below the operation's deadline: whoever fails here is known not to
//! have been asked anything.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Name, Resolve};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::deadline::Deadline;
use super::endpoint::Endpoint;
use super::failure::Peer;
use super::resolve::{Resolver, Unresolved};
use crate::error::{Result, Step};

/// Longest wait for one step, however much time the operation has.
const STEP: Duration = Duration::from_secs(10);

/// What one step may take: some time must be left to say which one it was.
pub(super) fn limit(deadline: Deadline) -> Duration {
    STEP.min(deadline.remaining() * 3 / 4)
}

pub(super) async fn in_time<T>(
    limit: Duration,
    work: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// A TCP connection.
pub(super) async fn tcp(endpoint: &Endpoint, peer: &Peer, deadline: Deadline) -> Result<TcpStream> {
    let addresses = addresses(endpoint, peer, limit(deadline)).await?;
    connect(&addresses, peer, deadline).await
}

/// TLS over it.
pub(super) async fn secure(
    tcp: TcpStream,
    endpoint: &Endpoint,
    configuration: Arc<ClientConfig>,
    peer: &Peer,
    limit: Duration,
) -> Result<TlsStream<TcpStream>> {
    let host = endpoint.bare_host();
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| peer.failed(Step::Tls, format!("no certificate can name \"{host}\"")))?;
    let handshake = TlsConnector::from(configuration).connect(name, tcp);
    match in_time(limit, handshake).await {
        Ok(stream) => Ok(stream),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Err(peer.ended(
            Step::Tls,
            format!(
                "it did not finish the TLS handshake in time; check that the port is that of {}",
                peer.service()
            ),
            true,
        )),
        Err(error) => Err(peer.no_handshake(&error)),
    }
}

/// The addresses of the endpoint's host.
pub(super) async fn addresses(
    endpoint: &Endpoint,
    peer: &Peer,
    limit: Duration,
) -> Result<Vec<SocketAddr>> {
    let host = endpoint.bare_host();
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, endpoint.port)]);
    }
    let unresolved = |why: String| {
        peer.unresolved(&Unresolved {
            host: host.to_owned(),
            why,
            timed_out: false,
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
            None => unresolved("the look-up failed".into()),
        })?
        .map(|address| SocketAddr::new(address.ip(), endpoint.port))
        .collect();
    if found.is_empty() {
        return Err(unresolved("the answer is empty".into()));
    }
    Ok(found)
}

/// One address after the other; each gets its share of the time that is left.
pub(super) async fn connect(
    addresses: &[SocketAddr],
    peer: &Peer,
    deadline: Deadline,
) -> Result<TcpStream> {
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
                last = peer.no_connection((!timeout).then_some(error.kind()), timeout);
            }
        }
    }
    Err(last)
}

//! The way to a router, one step after the other, with the time each took.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::blocking::Blocking;
use super::certificate::Certificate;
use super::deadline::Deadline;
use super::dial;
use super::endpoint::Endpoint;
use super::failure::Peer;
use super::tls;
use crate::error::Result;

/// How long each step took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The look-up of the name; `None` when an address was given.
    pub resolve: Option<Duration>,
    /// The TCP connection.
    pub connect: Duration,
    /// The TLS handshake; `None` without TLS.
    pub secure: Option<Duration>,
    /// The certificate shown in it, or in the full handshake it resumes.
    pub certificate: Option<Certificate>,
}

/// Goes as far as one can without logging in, and hangs up. The error is that of the step that failed,
/// as every operation with this router would end with.
pub fn approach(endpoint: &Endpoint, deadline: Deadline) -> Result<Way> {
    let peer = Peer::of(endpoint);
    let work = async {
        let began = Instant::now();
        let addresses = dial::addresses(endpoint, &peer, dial::limit(deadline)).await?;
        let resolved = began.elapsed();
        let tcp = dial::connect(&addresses, &peer, deadline).await?;
        let connected = began.elapsed();
        let mut way = Way {
            resolve: endpoint
                .bare_host()
                .parse::<IpAddr>()
                .is_err()
                .then_some(resolved),
            connect: connected.saturating_sub(resolved),
            secure: None,
            certificate: None,
        };
        if let Some(trust) = &endpoint.tls {
            let configuration = tls::configuration(endpoint, trust)?;
            let client = Arc::new(configuration.client);
            let limit = dial::limit(deadline);
            dial::secure(tcp, endpoint, client, &peer, limit).await?;
            way.secure = Some(began.elapsed().saturating_sub(connected));
            way.certificate = configuration.seen.get().map(|(certificate, _)| certificate);
        }
        Ok(way)
    };
    Blocking::new()?.wait(work)
}

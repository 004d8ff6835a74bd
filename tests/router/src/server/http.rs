//! Serving HTTP/1.1 on a connection.

use std::net::IpAddr;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::rest;
use super::wire::{Resettable, SharedPlan, Wire};
use crate::router::Router;

/// What a request needs to know of its connection.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The router.
    pub router: Router,
    /// Where the client is.
    pub source: IpAddr,
    /// Whether it came over TLS.
    pub secure: bool,
    /// What is to happen to the bytes of the reply.
    pub plan: SharedPlan,
    /// The boot of the router it was accepted in.
    pub boot: u64,
}

impl Connection {
    /// The router started anew since: nobody is at the other end any more.
    pub fn is_orphaned(&self) -> bool {
        self.router.boots() != self.boot
    }
}

/// Answers requests until the client goes.
pub async fn speak<S>(stream: S, connection: Connection)
where
    S: AsyncRead + AsyncWrite + Resettable + Unpin + Send + 'static,
{
    let wire = Wire::new(stream, connection.plan.clone());
    let service = service_fn(move |request| rest::answer(connection.clone(), request));
    // errors here are the client's going away or a fault doing its work
    let _ = http1::Builder::new()
        .half_close(false)
        // as the router writes them
        .title_case_headers(true)
        .serve_connection(TokioIo::new(wire), service)
        .await;
}

//! Accepting connections and serving HTTP/1.1 on them.

use std::net::{IpAddr, SocketAddr, TcpListener as StdListener};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::rest;
use super::wire::{Resettable, SharedPlan, Wire};
use crate::fault::Effect;
use crate::router::Router;
use crate::stats::Stats;
use crate::tables::TableId;

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
}

/// Listens until the runtime ends. While a `refuse` fault is in force the port is closed.
pub async fn listen(router: Router, listener: StdListener, acceptor: Option<TlsAcceptor>) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let Ok(address) = listener.local_addr() else {
        return;
    };
    let mut refusing = router.refusing();
    let mut listener = Some(listener);
    loop {
        if *refusing.borrow_and_update() {
            listener = None;
            if refusing.changed().await.is_err() {
                return;
            }
            continue;
        }
        let open = match listener.take() {
            Some(open) => open,
            None => match rebind(address).await {
                Some(open) => open,
                None => continue,
            },
        };
        tokio::select! {
            accepted = open.accept() => {
                if let Ok((stream, peer)) = accepted {
                    tokio::spawn(serve(router.clone(), stream, peer, acceptor.clone()));
                }
            }
            changed = refusing.changed() => {
                if changed.is_err() {
                    return;
                }
            }
        }
        listener = Some(open);
    }
}

/// The same port again after it was closed; somebody else may hold it for a moment.
async fn rebind(address: SocketAddr) -> Option<TcpListener> {
    let listener = TcpListener::bind(address).await.ok();
    if listener.is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    listener
}

async fn serve(router: Router, stream: TcpStream, peer: SocketAddr, acceptor: Option<TlsAcceptor>) {
    router.stats(Stats::note_connection);
    let effects = router.meet_connection();
    if effects.contains(&Effect::ResetOnAccept) {
        stream.reset_on_close();
    }
    if !effects.is_empty() {
        return;
    }
    let service = if acceptor.is_some() { "www-ssl" } else { "www" };
    if !admits(&router, service, peer.ip()) || stream.set_nodelay(true).is_err() {
        return;
    }
    let connection = Connection {
        router: router.clone(),
        source: peer.ip(),
        secure: acceptor.is_some(),
        plan: SharedPlan::default(),
    };
    let Some(acceptor) = acceptor else {
        return speak(stream, connection).await;
    };
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let kind = stream.get_ref().1.handshake_kind();
    router.stats(|stats| stats.note_handshake(kind == Some(rustls::HandshakeKind::Resumed)));
    speak(stream, connection).await;
}

/// A disabled service, or one that does not list the source, closes the connection without a word.
fn admits(router: &Router, service: &str, source: IpAddr) -> bool {
    router.with(|state| {
        let services = &state.tables[TableId::Service];
        let Some(id) = services.find(service) else {
            return true;
        };
        let allowed = services.text(id, "address").unwrap_or_default();
        let inside = allowed
            .split(',')
            .filter_map(crate::value::prefix)
            .any(|net| net.contains(&source));
        services.text(id, "disabled") != Some("true") && (allowed.is_empty() || inside)
    })
}

async fn speak<S>(stream: S, connection: Connection)
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

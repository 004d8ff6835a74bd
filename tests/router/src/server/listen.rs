//! Accepting connections, whatever is spoken on them.

use std::cell::Cell;
use std::net::{SocketAddr, TcpListener as StdListener};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::http::Connection;
use super::tls::Swappable;
use super::wire::{Resettable, SharedPlan};
use super::{api, http};
use crate::fault::Effect;
use crate::guests::Guest;
use crate::router::Router;
use crate::stats::Stats;

/// What a port speaks.
#[derive(Clone)]
pub struct Front {
    pub protocol: Protocol,
    pub tls: Tls,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Rest,
    Api,
}

#[derive(Clone)]
pub enum Tls {
    /// None.
    Plain,
    /// With the router's certificate.
    Certificate(Swappable),
    /// Anonymous Diffie-Hellman only: what api-ssl offers without a certificate.
    Anonymous,
}

impl Front {
    /// Its name in `/ip/service`.
    fn service(&self) -> &'static str {
        match (self.protocol, &self.tls) {
            (Protocol::Rest, Tls::Plain) => "www",
            (Protocol::Rest, _) => "www-ssl",
            (Protocol::Api, Tls::Plain) => "api",
            (Protocol::Api, _) => "api-ssl",
        }
    }
}

/// Listens until the runtime ends. While a `refuse` fault is in force the port is closed.
pub async fn listen(router: Router, listener: StdListener, front: Front) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let Ok(address) = listener.local_addr() else {
        return;
    };
    let mut refusing = router.refusing();
    let mut listener = Some(listener);
    let port = Port::new(&router, address);
    loop {
        if *refusing.borrow_and_update() {
            listener = None;
            port.is(false);
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
        port.is(true);
        tokio::select! {
            accepted = open.accept() => {
                if let Ok((stream, peer)) = accepted {
                    receive(&router, stream, peer, &front);
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

/// Tells the router of a port until it is dropped.
struct Port {
    router: Router,
    address: SocketAddr,
    open: Cell<bool>,
}

impl Port {
    fn new(router: &Router, address: SocketAddr) -> Self {
        router.note_port(address, Some(true));
        Self {
            router: router.clone(),
            address,
            open: Cell::new(true),
        }
    }

    fn is(&self, open: bool) {
        if self.open.replace(open) != open {
            self.router.note_port(self.address, Some(open));
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.router.note_port(self.address, None);
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

/// What is decided as soon as somebody connects; then he is spoken to in a task of his own.
fn receive(router: &Router, stream: TcpStream, peer: SocketAddr, front: &Front) {
    router.stats(Stats::note_connection);
    let effects = router.meet_connection();
    if effects.contains(&Effect::HangOnAccept) {
        tokio::spawn(stay_silent(stream));
        return;
    }
    if effects.contains(&Effect::ResetOnAccept) {
        stream.reset_on_close();
    }
    if !effects.is_empty() {
        return;
    }
    let (Ok(local), Ok(())) = (stream.local_addr(), stream.set_nodelay(true)) else {
        return;
    };
    if let Some(guest) = Guest::enter(router, front.service(), local, peer) {
        tokio::spawn(serve(router.clone(), stream, peer, front.clone(), guest));
    }
}

async fn serve(router: Router, stream: TcpStream, peer: SocketAddr, front: Front, _guest: Guest) {
    let connection = Connection {
        router: router.clone(),
        source: peer.ip(),
        secure: !matches!(front.tls, Tls::Plain),
        plan: SharedPlan::default(),
        boot: router.boots(),
    };
    let acceptor = match &front.tls {
        Tls::Plain => return speak(front.protocol, stream, connection).await,
        Tls::Anonymous => return share_no_cipher(stream).await,
        Tls::Certificate(certificate) => certificate.acceptor(),
    };
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let kind = stream.get_ref().1.handshake_kind();
    router.stats(|stats| stats.note_handshake(kind == Some(rustls::HandshakeKind::Resumed)));
    speak(front.protocol, stream, connection).await;
}

async fn speak<S>(protocol: Protocol, stream: S, connection: Connection)
where
    S: AsyncRead + AsyncWrite + Resettable + Unpin + Send + 'static,
{
    match protocol {
        Protocol::Rest => http::speak(stream, connection).await,
        Protocol::Api => api::speak(stream, connection).await,
    }
}

/// Takes what comes and says nothing, until the client goes.
async fn stay_silent(mut stream: TcpStream) {
    let mut heard = [0; 1_024];
    while stream.read(&mut heard).await.is_ok_and(|count| count > 0) {}
}

/// What a server with anonymous ciphers only says to a client that offers none: fatal alert
/// `handshake_failure`.
async fn share_no_cipher(mut stream: TcpStream) {
    let mut head = [0; 5];
    if stream.read_exact(&mut head).await.is_err() {
        return;
    }
    let mut hello = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    if stream.read_exact(&mut hello).await.is_ok() {
        let _ = stream.write_all(&[0x15, 3, 3, 0, 2, 2, 40]).await;
        let _ = stream.shutdown().await;
    }
}

//! The network side: listeners, TLS, and the two fronts, REST over HTTP and the binary API.

mod answer;
mod api;
mod asked;
mod http;
mod listen;
mod path;
mod rest;
mod tls;
mod verbs;
mod wire;

use std::net::{SocketAddr, TcpListener as StdListener};
use std::thread::JoinHandle;

use socket2::{Domain, Socket, Type};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use self::listen::{Front, Protocol, Tls};
use crate::router::Router;

pub(crate) use tls::Swappable;
pub use tls::{Authority, CertificateStyle, Identity};

/// What to listen on.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// REST over HTTP (`www`); `None` = not.
    pub plain: Option<SocketAddr>,
    /// REST over HTTPS (`www-ssl`); `None` = not.
    pub tls: Option<SocketAddr>,
    /// The binary API (`api`); `None` = not.
    pub api: Option<SocketAddr>,
    /// The binary API over TLS (`api-ssl`); `None` = not.
    pub api_tls: Option<SocketAddr>,
    /// `api-ssl` has no certificate: it offers anonymous Diffie-Hellman only and every usual handshake
    /// fails.
    pub api_anonymous: bool,
    /// The certificate of the TLS ports.
    pub certificate: CertificateStyle,
    /// A certificate authority to sign with; `None` = a new one.
    pub authority: Option<Authority>,
}

impl ServerOptions {
    /// The binary API on free ports, plain and TLS; no REST.
    pub fn api() -> Self {
        let rest = Self::default();
        Self {
            api: rest.plain,
            api_tls: rest.tls,
            plain: None,
            tls: None,
            ..rest
        }
    }
}

impl Default for ServerOptions {
    fn default() -> Self {
        let any = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        Self {
            plain: any,
            tls: any,
            api: None,
            api_tls: None,
            api_anonymous: false,
            certificate: CertificateStyle::CaSigned,
            authority: None,
        }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Only loopback addresses are listened on.
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The port is taken, or threads or sockets ran out.
    #[error("cannot listen: {0}")]
    Io(#[from] std::io::Error),
    /// The certificate could not be made.
    #[error("cannot make the certificate: {0}")]
    Certificate(String),
}

/// A listening router; stops when dropped.
#[derive(Debug)]
pub struct Server {
    plain: Option<SocketAddr>,
    tls: Option<SocketAddr>,
    api: Option<SocketAddr>,
    api_tls: Option<SocketAddr>,
    identity: Option<tls::Swappable>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts listening in threads of its own, so that blocking tests can call it.
    pub fn start(router: &Router, options: &ServerOptions) -> Result<Self, StartError> {
        // everything that can fail comes before the runtime: it must not be dropped inside another one
        let plain = options.plain.map(bind).transpose()?;
        let tls = options.tls.map(bind).transpose()?;
        let api = options.api.map(bind).transpose()?;
        let api_tls = options.api_tls.map(bind).transpose()?;
        let mut services = Vec::new();
        services.extend(tls.as_ref().map(|_| "www-ssl"));
        services.extend(
            api_tls
                .as_ref()
                .filter(|_| !options.api_anonymous)
                .map(|_| "api-ssl"),
        );
        let identity = if services.is_empty() {
            None
        } else {
            Some(tls::Swappable::new(
                options.certificate,
                options.authority.clone(),
            )?)
        };
        let [plain_at, tls_at, api_at, api_tls_at] = [
            local(plain.as_ref())?,
            local(tls.as_ref())?,
            local(api.as_ref())?,
            local(api_tls.as_ref())?,
        ];
        if let Some(identity) = &identity {
            router.with(|state| state.use_certificate(&identity.current(), &services));
            router.serve_with(identity.clone());
        }
        let certificate = match &identity {
            Some(identity) => Tls::Certificate(identity.clone()),
            None => Tls::Anonymous,
        };
        let api_encryption = if options.api_anonymous {
            Tls::Anonymous
        } else {
            certificate.clone()
        };
        let ports = [
            (plain, Protocol::Rest, Tls::Plain),
            (tls, Protocol::Rest, certificate),
            (api, Protocol::Api, Tls::Plain),
            (api_tls, Protocol::Api, api_encryption),
        ];
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let mut listening = JoinSet::new();
        for (listener, protocol, tls) in ports {
            if let Some(listener) = listener {
                let front = Front { protocol, tls };
                listening.spawn_on(
                    listen::listen(router.clone(), listener, front),
                    runtime.handle(),
                );
            }
        }
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("router-sim".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    stopped.await.ok();
                    // a runtime shut down in the background leaves ports open for a moment
                    listening.shutdown().await;
                });
                runtime.shutdown_background();
            })?;
        Ok(Self {
            plain: plain_at,
            tls: tls_at,
            api: api_at,
            api_tls: api_tls_at,
            identity,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// `http://127.0.0.1:port`; empty if plain REST is off.
    pub fn url(&self) -> String {
        self.plain
            .map(|address| format!("http://{address}"))
            .unwrap_or_default()
    }

    /// `https://127.0.0.1:port`; empty if TLS is off.
    pub fn tls_url(&self) -> String {
        self.tls
            .map(|address| format!("https://{address}"))
            .unwrap_or_default()
    }

    /// Address of REST over HTTP.
    pub fn address(&self) -> Option<SocketAddr> {
        self.plain
    }

    /// Address of REST over HTTPS.
    pub fn tls_address(&self) -> Option<SocketAddr> {
        self.tls
    }

    /// Address of the binary API.
    pub fn api_address(&self) -> Option<SocketAddr> {
        self.api
    }

    /// Address of the binary API over TLS.
    pub fn api_tls_address(&self) -> Option<SocketAddr> {
        self.api_tls
    }

    /// The certificate in use now: PEM of its authority and of itself, fingerprint.
    pub fn identity(&self) -> Option<Identity> {
        self.identity.as_ref().map(tls::Swappable::current)
    }

    /// PEM of the authority that signed the certificate (the certificate itself if self-signed).
    pub fn ca_pem(&self) -> String {
        self.identity()
            .map(|identity| identity.ca_pem)
            .unwrap_or_default()
    }

    /// SHA-256 of the certificate's DER in lower-case hexadecimal.
    pub fn fingerprint(&self) -> String {
        self.identity()
            .map(|identity| identity.fingerprint)
            .unwrap_or_default()
    }

    /// The router gets another certificate, as after a re-installation; gives the new one.
    pub fn change_certificate(
        &self,
        style: CertificateStyle,
    ) -> Result<Option<Identity>, StartError> {
        self.identity
            .as_ref()
            .map(|identity| identity.change(style))
            .transpose()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // a panicked server thread has nothing more to tell here
            let _ = thread.join();
        }
    }
}

/// Binds a loopback address; works inside and outside of a runtime.
pub fn bind(address: SocketAddr) -> Result<StdListener, StartError> {
    if !address.ip().is_loopback() {
        return Err(StartError::NotLoopback(address));
    }
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(1_024)?;
    Ok(socket.into())
}

fn local(listener: Option<&StdListener>) -> Result<Option<SocketAddr>, StartError> {
    Ok(listener.map(StdListener::local_addr).transpose()?)
}

//! What went wrong on the way, as a sentence with a remedy.

use std::error::Error as StdError;
use std::io;

use super::resolve::Unresolved;
use super::tls::Untrusted;
use crate::error::{Error, Step};

/// The router as messages need to know it.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    /// `host:port`.
    pub(super) name: String,
    /// TLS is spoken.
    pub(super) secure: bool,
}

impl Peer {
    /// Why `command` brought no answer.
    pub(super) fn blame(&self, command: &str, error: &reqwest::Error) -> Error {
        if let Some(unresolved) = find::<Unresolved>(error) {
            return self.failed(
                Step::Resolve,
                format!(
                    "the host name {} has no address ({}); check the server's hostname in WHMCS and DNS",
                    unresolved.host, unresolved.why
                ),
            );
        }
        if let Some(tls) = find::<rustls::Error>(error) {
            return self.failed(Step::Tls, tls_words(tls));
        }
        if error.is_connect() {
            return self.unconnected(error);
        }
        if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
            return Error::nonsense(command, self.no_http());
        }
        self.failed(
            Step::Reply,
            format!("{} ({command})", self.broken_off(error)),
        )
    }

    fn failed(&self, step: Step, detail: impl Into<String>) -> Error {
        Error::network(step, &self.name, detail)
    }

    fn service(&self) -> &'static str {
        if self.secure { "www-ssl" } else { "www" }
    }

    fn unconnected(&self, error: &reqwest::Error) -> Error {
        let service = self.service();
        let kind = find::<io::Error>(error).map(io::Error::kind);
        let detail = match kind {
            Some(io::ErrorKind::ConnectionRefused) => format!(
                "the connection was refused; check the port, and that {service} is enabled in /ip/service"
            ),
            Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) if self.secure => {
                return self.failed(
                    Step::Tls,
                    "it ended the TLS handshake; check that www-ssl has a certificate in /ip/service, \
                     that the port is its port, and that this machine may connect",
                );
            }
            _ if error.is_timeout() => format!(
                "no connection came up in time; check the address and the firewall, and that {service} \
                 is enabled in /ip/service"
            ),
            Some(kind) => format!("no connection came up: {kind}"),
            None => "no connection came up".into(),
        };
        self.failed(Step::Connect, detail)
    }

    fn no_http(&self) -> &'static str {
        if self.secure {
            "it is not HTTP"
        } else {
            "it is not HTTP; if the port is that of www-ssl, switch SSL on for this server in WHMCS"
        }
    }

    fn broken_off(&self, error: &reqwest::Error) -> &'static str {
        if error.is_timeout() {
            "the answer did not come in time"
        } else if error.is_body() || error.is_decode() {
            "the answer broke off"
        } else if self.secure {
            "the connection was closed before an answer came"
        } else {
            "the connection was closed before an answer came; if the port is that of www-ssl, switch \
             SSL on for this server in WHMCS"
        }
    }
}

/// The connection ended before any of the reply came, as when the router drops one it kept alive.
pub(super) fn is_closed_unanswered(error: &reqwest::Error) -> bool {
    let closed = |kind| {
        matches!(
            kind,
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
        )
    };
    !error.is_connect()
        && !error.is_timeout()
        && (find::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message)
            || find::<io::Error>(error).is_some_and(|error| closed(error.kind())))
}

fn tls_words(error: &rustls::Error) -> String {
    use rustls::{AlertDescription, CertificateError, Error as Tls};
    match error {
        Tls::InvalidCertificate(CertificateError::Other(other)) => other
            .0
            .downcast_ref::<Untrusted>()
            .map_or_else(|| error.to_string(), ToString::to_string),
        Tls::InvalidMessage(_) => {
            "the port does not speak TLS; use the port of www-ssl, or switch SSL \
                                   off for this server in WHMCS if plain www is meant"
                .into()
        }
        Tls::AlertReceived(AlertDescription::HandshakeFailure) | Tls::PeerIncompatible(_) => {
            format!(
                "no common way to encrypt was found ({error}); www-ssl needs a certificate in /ip/service \
             and TLS 1.2 or later"
            )
        }
        other => format!("the TLS handshake failed: {other}"),
    }
}

/// The first `T` among the causes. An `io::Error` hides what it wraps from `source`, so it is opened.
fn find<T: StdError + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref::<T>() {
            return Some(found);
        }
        let inner = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|inner| inner as &(dyn StdError + 'static));
        next = inner.or_else(|| cause.source());
    }
    None
}

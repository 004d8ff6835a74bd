//! What went wrong on the way, as a sentence with a remedy.

use std::error::Error as StdError;
use std::io;

use super::endpoint::{Endpoint, TransportKind};
use super::resolve::Unresolved;
use super::verifier::Untrusted;
use crate::error::{Error, Step};

/// The router as messages need to know it.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    /// `host:port`.
    pub(super) name: String,
    /// TLS is spoken.
    pub(super) secure: bool,
    host: String,
    transport: TransportKind,
}

impl Peer {
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        Self {
            name: endpoint.name(),
            secure: endpoint.tls.is_some(),
            host: endpoint.host.trim().to_owned(),
            transport: endpoint.transport,
        }
    }

    /// Why `command` brought no answer.
    pub(super) fn blame(&self, command: &str, error: &reqwest::Error) -> Error {
        if let Some(unresolved) = find::<Unresolved>(error) {
            return self.unresolved(unresolved);
        }
        if let Some(tls) = find::<rustls::Error>(error) {
            return self.failed(Step::Tls, self.tls_words(tls));
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

    pub(super) fn failed(&self, step: Step, detail: impl Into<String>) -> Error {
        Error::network(step, &self.name, detail)
    }

    /// The RouterOS service spoken to, as `/ip/service` names it.
    pub(super) fn service(&self) -> &'static str {
        match (self.transport, self.secure) {
            (TransportKind::Rest, true) => "www-ssl",
            (TransportKind::Rest, false) => "www",
            (TransportKind::Api, true) => "api-ssl",
            (TransportKind::Api, false) => "api",
        }
    }

    pub(super) fn unresolved(&self, unresolved: &Unresolved) -> Error {
        self.failed(
            Step::Resolve,
            format!(
                "the host name {} has no address ({}); check the server's hostname in WHMCS and DNS",
                unresolved.host, unresolved.why
            ),
        )
    }

    /// Why a TLS handshake failed.
    pub(super) fn no_handshake(&self, error: &io::Error) -> Error {
        let detail = match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(tls) => self.tls_words(tls),
            None => self.handshake_ended(),
        };
        self.failed(Step::Tls, detail)
    }

    fn handshake_ended(&self) -> String {
        let service = self.service();
        let advice = match self.transport {
            TransportKind::Rest => String::new(),
            TransportKind::Api => format!(". {}", self.certificate_commands()),
        };
        format!(
            "it ended the TLS handshake; check that {service} has a certificate in /ip/service, \
             that the port is its port, and that this machine may connect{advice}"
        )
    }

    /// How the API service gets a certificate. Without one it offers anonymous Diffie-Hellman only,
    /// which anybody in between can speak (RouterOS manual, "API", SSL).
    fn certificate_commands(&self) -> String {
        format!(
            "To give it one, run on the router: \
             /certificate add name=api-ssl common-name={} days-valid=3650; \
             /certificate sign api-ssl; \
             /ip service set api-ssl certificate=api-ssl disabled=no \
             and test the connection again",
            self.host
        )
    }

    fn unconnected(&self, error: &reqwest::Error) -> Error {
        let kind = find::<io::Error>(error).map(io::Error::kind);
        self.no_connection(kind, error.is_timeout())
    }

    /// Why no TCP connection came up, or ended before it could be used.
    pub(super) fn no_connection(&self, kind: Option<io::ErrorKind>, timeout: bool) -> Error {
        let service = self.service();
        let detail = match kind {
            Some(io::ErrorKind::ConnectionRefused) => format!(
                "the connection was refused; check the port, and that {service} is enabled in /ip/service"
            ),
            Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) if self.secure => {
                return self.failed(Step::Tls, self.handshake_ended());
            }
            _ if timeout => format!(
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

    fn tls_words(&self, error: &rustls::Error) -> String {
        use rustls::{AlertDescription, CertificateError, Error as Tls};
        let service = self.service();
        match error {
            Tls::InvalidCertificate(CertificateError::Other(other)) => other
                .0
                .downcast_ref::<Untrusted>()
                .map_or_else(|| error.to_string(), ToString::to_string),
            Tls::InvalidMessage(_) => format!(
                "the port does not speak TLS; use the port of {service}, or switch SSL off for this \
                 server in WHMCS if plain {} is meant",
                service.trim_end_matches("-ssl")
            ),
            Tls::AlertReceived(AlertDescription::HandshakeFailure) | Tls::PeerIncompatible(_) => {
                let advice = match self.transport {
                    TransportKind::Rest => String::new(),
                    TransportKind::Api => format!(". {}", self.certificate_commands()),
                };
                format!(
                    "no common way to encrypt was found ({error}); {service} needs a certificate in \
                     /ip/service and TLS 1.2 or later{advice}"
                )
            }
            other => format!("the TLS handshake failed: {other}"),
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
                // TLS that ends without a farewell
                | io::ErrorKind::UnexpectedEof
        )
    };
    !error.is_connect()
        && !error.is_timeout()
        && (find::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message)
            || find::<io::Error>(error).is_some_and(|error| closed(error.kind())))
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

/// The refusal without the secrets we sent, should the router repeat one. A password that happens to
/// be a word of a refusal we go by, such as `item`, gives nothing away and must not hide its meaning.
pub(super) fn refusal(
    label: String,
    detail: String,
    status: Option<u16>,
    secrets: &[&str],
) -> Error {
    let hidden = secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .fold(detail.clone(), |detail, secret| {
            detail.replace(secret, "***")
        });
    let meaning = |error: &Error| {
        (
            error.is_missing_item(),
            error.is_duplicate(),
            error.is_permission(),
        )
    };
    let plain = Error::refused(label.clone(), detail, status);
    let masked = Error::refused(label, hidden, status);
    if meaning(&plain) == meaning(&masked) {
        masked
    } else {
        plain
    }
}

//! What went wrong on the way, as a sentence with a remedy.

use std::error::Error as StdError;
use std::io;

use super::command::Command;
use super::endpoint::{Endpoint, TransportKind};
use super::resolve::Unresolved;
use super::tls_words;
use super::verifier::Untrusted;
use crate::error::{Error, Step};
use crate::secret::{Mask, basic_credentials};

/// The router as messages need to know it.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    /// `host:port`.
    pub(super) name: String,
    /// TLS is spoken.
    pub(super) secure: bool,
    /// The secrets of the login, which a router may repeat.
    mask: Mask,
    host: String,
    transport: TransportKind,
}

impl Peer {
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        Self {
            name: endpoint.name(),
            secure: endpoint.tls.is_some(),
            mask: Mask::of([
                endpoint.password.expose(),
                basic_credentials(&endpoint.username, &endpoint.password).expose(),
            ]),
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
        let broken_off = format!("{} ({command})", self.broken_off(error));
        self.ended(Step::Reply, broken_off, error.is_timeout())
    }

    pub(super) fn failed(&self, step: Step, detail: impl AsRef<str>) -> Error {
        Error::network(step, &self.name, detail)
    }

    /// [`Peer::failed`]; `timeout` when it was for lack of time.
    pub(super) fn ended(&self, step: Step, detail: impl AsRef<str>, timeout: bool) -> Error {
        let error = self.failed(step, detail);
        if timeout {
            error.for_lack_of_time()
        } else {
            error
        }
    }

    /// The router's words without the secrets it may repeat.
    pub(super) fn masked(&self, words: &str) -> String {
        self.mask.blank(words)
    }

    /// The refusal without the secrets we sent, `secrets` among them. A password that happens to be a word of
    /// a refusal we go by, such as `item`, gives nothing away and must not hide its meaning.
    pub(super) fn refusal<'a>(
        &self,
        label: &str,
        detail: &str,
        status: Option<u16>,
        secrets: impl IntoIterator<Item = &'a str>,
    ) -> Error {
        let meaning = |error: &Error| {
            (
                error.is_missing_item(),
                error.is_duplicate(),
                error.is_permission(),
            )
        };
        let hidden = self.mask.and(secrets).blank(detail);
        let plain = Error::refused(label, detail, status);
        let masked = Error::refused(label, hidden, status);
        if meaning(&plain) == meaning(&masked) {
            masked
        } else {
            plain
        }
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
        let Unresolved {
            host,
            why,
            timed_out,
        } = unresolved;
        self.ended(
            Step::Resolve,
            format!(
                "the host name {host} has no address ({why}); check the server's hostname in WHMCS and DNS"
            ),
            *timed_out,
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
        self.ended(Step::Connect, detail, timeout)
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
        use rustls::{AlertDescription, CertificateError, Error as Tls, InvalidMessage};
        let service = self.service();
        match error {
            Tls::InvalidCertificate(CertificateError::Other(other)) => {
                other.0.downcast_ref::<Untrusted>().map_or_else(
                    || tls_words::of_handshake(error).into_owned(),
                    ToString::to_string,
                )
            }
            Tls::InvalidMessage(
                InvalidMessage::HandshakePayloadTooLarge
                | InvalidMessage::CertificatePayloadTooLarge,
            ) => "it shows more certificates than a handshake may hold".to_owned(),
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
                    "no common way to encrypt was found; {service} needs a certificate in \
                     /ip/service and TLS 1.2 or later{advice}"
                )
            }
            other => format!(
                "the TLS handshake failed: {}",
                tls_words::of_handshake(other)
            ),
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

/// The answer to `command` did not come to its end in time.
pub(super) fn too_late(router: &str, command: &Command<'_>) -> Error {
    let path = command.path();
    let detail = format!("the time for this operation was over while waiting for {path}");
    Error::network(Step::Reply, router, detail).for_lack_of_time()
}

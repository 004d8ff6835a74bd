//! A pin, or else the authorities; the signatures of the handshake always.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};

use super::certificate::{Certificate, TrustedBy};
use super::endpoint::Fingerprint;
use super::tls_words;

/// The certificate of a handshake, and why it was believed; `None` for the latter when it was not.
pub(super) type Shown = (Certificate, Option<TrustedBy>);

/// What the last full handshake showed. Resumed ones show nothing, so this counts for them.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Arc<Mutex<Option<Shown>>>);

impl Seen {
    pub(super) fn get(&self) -> Option<Shown> {
        self.0.lock().clone()
    }

    fn note(&self, der: &[u8], trusted: Option<TrustedBy>) -> Option<Certificate> {
        let certificate = Certificate::read(der);
        *self.0.lock() = certificate
            .clone()
            .map(|certificate| (certificate, trusted));
        certificate
    }

    fn forget_trust(&self) {
        if let Some((_, trusted)) = self.0.lock().as_mut() {
            *trusted = None;
        }
    }
}

/// The authorities and whose they are.
pub(super) type Chain = (TrustedBy, Arc<WebPkiServerVerifier>);

#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) pins: Vec<Fingerprint>,
    /// `None`: only pins count, or there are no authorities.
    pub(super) chain: Option<Chain>,
    pub(super) provider: Arc<CryptoProvider>,
    pub(super) seen: Seen,
}

impl Verifier {
    fn untrusted(&self, der: &CertificateDer<'_>, why: impl Into<String>) -> rustls::Error {
        let untrusted = Untrusted {
            seen: Fingerprint::of(der),
            certificate: self.seen.note(der, None),
            pinned: self.pins.clone(),
            why: why.into(),
        };
        CertificateError::Other(OtherError(Arc::new(untrusted))).into()
    }

    /// A peer that shows a certificate without having its key has shown nothing.
    fn signed(
        &self,
        outcome: Result<HandshakeSignatureValid, rustls::Error>,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if outcome.is_err() {
            self.seen.forget_trust();
        }
        outcome
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.pins.contains(&Fingerprint::of(end_entity)) {
            self.seen.note(end_entity, Some(TrustedBy::Pin));
            return Ok(ServerCertVerified::assertion());
        }
        let Some((whose, chain)) = &self.chain else {
            return Err(self.untrusted(end_entity, "this system has no list of authorities"));
        };
        let verified = chain
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            .map_err(|error| self.untrusted(end_entity, words(&error)))?;
        self.seen.note(end_entity, Some(*whose));
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.signed(verify_tls12_signature(
            message,
            certificate,
            signature,
            algorithms,
        ))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.signed(verify_tls13_signature(
            message,
            certificate,
            signature,
            algorithms,
        ))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

fn words(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(reason) => tls_words::of_certificate(reason).to_owned(),
        other => tls_words::of_handshake(other).into_owned(),
    }
}

/// A certificate that was refused.
#[derive(Debug)]
pub(super) struct Untrusted {
    /// What the router showed.
    seen: Fingerprint,
    /// What that says about itself; `None` when it cannot be read.
    certificate: Option<Certificate>,
    /// What it should have been; empty when authorities decide.
    pinned: Vec<Fingerprint>,
    /// Why it is not trusted.
    why: String,
}

/// A whole clause with the remedy.
impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seen, pinned, why, ..
        } = self;
        let facts = self
            .certificate
            .as_ref()
            .map_or_else(|| "it cannot be read".to_owned(), Certificate::clause);
        if pinned.is_empty() {
            return write!(
                f,
                "its certificate is not trusted: {why}; {facts}, its fingerprint is {seen}. If \
                 /certificate on the router shows the same, put this line into the server's Access \
                 Hash: tls-pin = {seen}"
            );
        }
        let expected: Vec<String> = pinned.iter().map(ToString::to_string).collect();
        write!(
            f,
            "its certificate has changed: expected {}, seen {seen}; {facts}. If it was renewed and \
             /certificate on the router shows the same, change the line in the server's Access Hash \
             to: tls-pin = {seen}",
            expected.join(" or ")
        )
    }
}

impl std::error::Error for Untrusted {}

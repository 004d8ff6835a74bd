//! Which certificates are believed. Nothing ever connects unverified.
//!
//! Routers make their own certificates: without a subject alternative name, or with a CA certificate
//! serving as the server's. webpki refuses both, so such a router is trusted by the SHA-256 of its
//! whole certificate; the handshake's signatures are verified all the same.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore,
    SignatureScheme,
};

use super::endpoint::{Endpoint, Fingerprint, Trust};
use crate::error::{Error, Result};

/// The configuration for `endpoint`, the same one as in earlier calls of this process: its session
/// cache makes the next handshake a resumed one (about 2 ms instead of 45 on loopback). A resumed
/// session does not ask the verifier again, so whatever trust means is part of the key. A router that
/// resumes has proved that it is the one believed before; one that got a new certificate and still
/// resumes is therefore noticed only at its next full handshake.
///
/// It is plain data: no file descriptor, no thread; a forked worker may go on using it.
pub(super) fn configuration(endpoint: &Endpoint, trust: &Trust) -> Result<ClientConfig> {
    type Key = (String, Trust);
    static KEPT: Mutex<BTreeMap<Key, ClientConfig>> = Mutex::new(BTreeMap::new());
    /// More routers than one installation has; beyond it the cache starts again.
    const MOST: usize = 512;

    let key = (endpoint.name().to_ascii_lowercase(), trust.clone());
    if let Some(kept) = KEPT.lock().get(&key) {
        return Ok(kept.clone());
    }
    let made = make(trust)?;
    let mut kept = KEPT.lock();
    if kept.len() >= MOST {
        kept.clear();
    }
    // Clones share the session cache. Two threads that both made one end up with the first.
    Ok(kept.entry(key).or_insert(made).clone())
}

/// For plain HTTP: reqwest wants a configuration even when it never comes to TLS.
pub(super) fn believing_nobody() -> Result<ClientConfig> {
    with_verifier(&[], None, Arc::new(ring::default_provider()))
}

fn make(trust: &Trust) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let chain = chain(trust, &provider)?;
    with_verifier(&trust.pins, chain, provider)
}

fn with_verifier(
    pins: &[Fingerprint],
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
) -> Result<ClientConfig> {
    let verifier = Verifier {
        pins: pins.to_vec(),
        chain,
        provider: Arc::clone(&provider),
    };
    let mut configuration = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::bug(format!("no TLS version to offer: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    configuration.resumption = Resumption::in_memory_sessions(16);
    Ok(configuration)
}

/// The check against authorities: `None` when only pins count, or when there are no authorities.
fn chain(
    trust: &Trust,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<WebPkiServerVerifier>>> {
    let roots = if !trust.authorities_pem.is_empty() {
        Arc::new(given_roots(&trust.authorities_pem)?)
    } else if trust.pins.is_empty() {
        system_roots()
    } else {
        return Ok(None);
    };
    if roots.is_empty() {
        return Ok(None);
    }
    WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider))
        .build()
        .map(Some)
        .map_err(|error| Error::bug(format!("no certificate verifier: {error}")))
}

fn given_roots(authorities: &[String]) -> Result<RootCertStore> {
    let wrong = |why: String| {
        Error::misuse(
            format!("A certificate of tls-ca cannot be used: {why}"),
            "Paste the authority's certificate in PEM, from BEGIN CERTIFICATE to END CERTIFICATE",
        )
    };
    let mut roots = RootCertStore::empty();
    for pem in authorities {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| wrong(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(wrong("it holds none".into()));
        }
    }
    Ok(roots)
}

/// Read once in the process. Unreadable files among them do not count: those that could be read do.
fn system_roots() -> Arc<RootCertStore> {
    static ROOTS: Mutex<Option<Arc<RootCertStore>>> = Mutex::new(None);
    let mut kept = ROOTS.lock();
    let roots = kept.get_or_insert_with(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    });
    Arc::clone(roots)
}

/// A pin, or else the authorities.
#[derive(Debug)]
struct Verifier {
    pins: Vec<Fingerprint>,
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn untrusted(&self, seen: Fingerprint, why: impl Into<String>) -> rustls::Error {
        let untrusted = Untrusted {
            seen,
            pinned: self.pins.clone(),
            why: why.into(),
        };
        CertificateError::Other(OtherError(Arc::new(untrusted))).into()
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
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let seen = Fingerprint::of(end_entity);
        if self.pins.contains(&seen) {
            return Ok(ServerCertVerified::assertion());
        }
        let Some(chain) = &self.chain else {
            return Err(self.untrusted(seen, "this system has no list of authorities"));
        };
        chain
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            .map_err(|error| self.untrusted(seen, words(&error)))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

fn words(error: &rustls::Error) -> String {
    let rustls::Error::InvalidCertificate(reason) = error else {
        return error.to_string();
    };
    match reason {
        CertificateError::UnknownIssuer => "no trusted authority issued it".into(),
        CertificateError::BadSignature => "the authority it names did not sign it".into(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired".into()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; check the clocks".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is not made out to this host name or address".into()
        }
        other => other.to_string(),
    }
}

/// A certificate that was refused.
#[derive(Debug)]
pub(super) struct Untrusted {
    /// What the router showed.
    pub(super) seen: Fingerprint,
    /// What it should have been; empty when authorities decide.
    pub(super) pinned: Vec<Fingerprint>,
    /// Why it is not trusted.
    pub(super) why: String,
}

/// A whole clause with the remedy.
impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seen, pinned, why } = self;
        if pinned.is_empty() {
            return write!(
                f,
                "its certificate is not trusted: {why}; its fingerprint is {seen}. If /certificate on \
                 the router shows the same, put this line into the server's Access Hash: tls-pin = {seen}"
            );
        }
        let expected: Vec<String> = pinned.iter().map(ToString::to_string).collect();
        write!(
            f,
            "its certificate has changed: expected {}, seen {seen}. If it was renewed and \
             /certificate on the router shows the same, change the line in the server's Access Hash \
             to: tls-pin = {seen}",
            expected.join(" or ")
        )
    }
}

impl std::error::Error for Untrusted {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routeros::endpoint::TransportKind;
    use crate::secret::Secret;

    fn endpoint(port: u16) -> Endpoint {
        Endpoint {
            host: "router.example".into(),
            port,
            tls: None,
            transport: TransportKind::Rest,
            username: String::new(),
            password: Secret::default(),
        }
    }

    fn same_sessions(a: &ClientConfig, b: &ClientConfig) -> bool {
        // The cache sits behind an Arc inside; its address shows in no other way than by the verifier,
        // which is made together with it.
        std::ptr::eq(
            std::ptr::from_ref(a.crypto_provider().as_ref()),
            std::ptr::from_ref(b.crypto_provider().as_ref()),
        )
    }

    #[test]
    fn another_pin_or_port_gets_another_configuration_and_the_same_gets_the_same() {
        let pinned = |text: &[u8]| Trust {
            pins: vec![Fingerprint::of(text)],
            ..Trust::default()
        };
        let first = configuration(&endpoint(1), &pinned(b"a")).unwrap();
        let again = configuration(&endpoint(1), &pinned(b"a")).unwrap();
        let other_pin = configuration(&endpoint(1), &pinned(b"b")).unwrap();
        let other_port = configuration(&endpoint(2), &pinned(b"a")).unwrap();
        assert!(same_sessions(&first, &again));
        assert!(!same_sessions(&first, &other_pin));
        assert!(!same_sessions(&first, &other_port));
    }

    #[test]
    fn an_authority_that_cannot_be_read_is_misuse() {
        for pem in [
            "",
            "rubbish",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let trust = Trust {
                authorities_pem: vec![pem.into()],
                ..Trust::default()
            };
            let error = configuration(&endpoint(3), &trust).unwrap_err();
            assert!(error.is_misuse(), "{error}");
        }
    }
}

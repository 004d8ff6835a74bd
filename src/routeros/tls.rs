//! Which certificates are believed. Nothing ever connects unverified.
//!
//! Routers make their own certificates: without a subject alternative name, or with a CA certificate
//! serving as the server's. webpki refuses both, so such a router is trusted by the SHA-256 of its
//! whole certificate; the handshake's signatures are verified all the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::blocking::Blocking;
use super::certificate::{Certificate, TrustedBy};
use super::deadline::Deadline;
use super::dial;
use super::endpoint::{Endpoint, Fingerprint, Trust};
use super::failure::Peer;
use super::verifier::{Chain, Seen, Verifier};
use crate::error::{Error, Result};

/// The configuration for `endpoint`, the same one as in earlier calls of this process: its session
/// cache makes the next handshake a resumed one (about 2 ms instead of 45 on loopback). A resumed
/// session does not ask the verifier again, so another trust drops it. A router that resumes has proved
/// that it is the one believed before; one that got a new certificate and still resumes is therefore
/// noticed only at its next full handshake.
///
/// It is plain data: no file descriptor, no thread; a forked worker may go on using it.
pub(super) fn configuration(endpoint: &Endpoint, trust: &Trust) -> Result<Configuration> {
    type Kept = BTreeMap<String, (Trust, Configuration)>;
    static KEPT: Mutex<Kept> = Mutex::new(BTreeMap::new());
    /// More routers than one installation has; beyond it the cache starts again.
    const MOST: usize = 512;

    let name = endpoint.name().to_ascii_lowercase();
    let mut kept = KEPT.lock();
    if let Some((_, configuration)) = kept.get(&name).filter(|(kept, _)| kept == trust) {
        return Ok(configuration.clone());
    }
    kept.remove(&name);
    let made = make(trust)?;
    if kept.len() >= MOST {
        kept.clear();
    }
    // Clones share the session cache.
    kept.insert(name, (trust.clone(), made.clone()));
    Ok(made)
}

/// How to make handshakes, and what the last full one showed. Clones share the sessions.
#[derive(Debug, Clone)]
pub(super) struct Configuration {
    pub(super) client: ClientConfig,
    pub(super) seen: Seen,
}

/// What a router shows of itself before anybody logs in.
#[derive(Debug)]
pub struct Presented {
    /// Its certificate.
    pub certificate: Certificate,
    /// Why it is believed, or the error every operation with this router ends with.
    pub trusted: Result<TrustedBy>,
}

/// Looks at the certificate of `endpoint` by a full handshake; nothing is sent behind it. An error says
/// why no certificate came to be seen; an endpoint without TLS is misuse.
pub fn presented(endpoint: &Endpoint, deadline: Deadline) -> Result<Presented> {
    let Some(trust) = &endpoint.tls else {
        return Err(Error::misuse(
            format!("The server {} is reached without TLS", endpoint.name()),
            "Switch SSL on for it in WHMCS",
        ));
    };
    let Configuration { client, seen } = make(trust)?;
    let peer = Peer::of(endpoint);
    let handshake = async {
        let tcp = dial::tcp(endpoint, &peer, deadline).await?;
        let limit = dial::limit(deadline);
        dial::secure(tcp, endpoint, Arc::new(client), &peer, limit).await
    };
    // The connection needs its runtime also to be closed.
    let outcome = Blocking::new()?.wait(async { handshake.await.map(drop) });
    match (outcome, seen.get()) {
        (Ok(()), Some((certificate, Some(trusted)))) => Ok(Presented {
            certificate,
            trusted: Ok(trusted),
        }),
        (Err(error), Some((certificate, _))) => Ok(Presented {
            certificate,
            trusted: Err(error),
        }),
        (Err(error), None) => Err(error),
        (Ok(()), _) => Err(Error::bug("a believed certificate could not be read")),
    }
}

/// For plain HTTP: reqwest wants a configuration even when it never comes to TLS.
pub(super) fn believing_nobody() -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    Ok(with_verifier(Vec::new(), None, provider)?.client)
}

/// The certificate this process has last seen and believed of `endpoint`, in whichever call.
pub fn believed(endpoint: &Endpoint) -> Option<Certificate> {
    let trust = endpoint.tls.as_ref()?;
    let (certificate, trusted) = configuration(endpoint, trust).ok()?.seen.get()?;
    trusted.map(|_| certificate)
}

fn make(trust: &Trust) -> Result<Configuration> {
    let provider = Arc::new(ring::default_provider());
    let chain = chain(trust, &provider)?;
    with_verifier(trust.pins.clone(), chain, provider)
}

fn with_verifier(
    pins: Vec<Fingerprint>,
    chain: Option<Chain>,
    provider: Arc<CryptoProvider>,
) -> Result<Configuration> {
    let seen = Seen::default();
    let verifier = Verifier {
        pins,
        chain,
        provider: Arc::clone(&provider),
        seen: seen.clone(),
    };
    let mut client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::bug(format!("no TLS version to offer: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    client.resumption = Resumption::in_memory_sessions(16);
    Ok(Configuration { client, seen })
}

/// The check against authorities: `None` when only pins count, or when there are no authorities.
fn chain(trust: &Trust, provider: &Arc<CryptoProvider>) -> Result<Option<Chain>> {
    let (whose, roots) = if !trust.authorities_pem.is_empty() {
        let roots = Arc::new(given_roots(&trust.authorities_pem)?);
        (TrustedBy::Authority, roots)
    } else if trust.pins.is_empty() {
        (TrustedBy::System, system_roots())
    } else {
        return Ok(None);
    };
    if roots.is_empty() {
        return Ok(None);
    }
    WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider))
        .build()
        .map(|verifier| Some((whose, verifier)))
        .map_err(|error| Error::bug(format!("no certificate verifier: {error}")))
}

fn given_roots(authorities: &[String]) -> Result<RootCertStore> {
    let wrong = |why| {
        Error::misuse(
            format!("A certificate of tls-ca cannot be used: {why}"),
            "Paste the authority's certificate in PEM, from BEGIN CERTIFICATE to END CERTIFICATE",
        )
    };
    let mut roots = RootCertStore::empty();
    for pem in authorities {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| wrong("a line of it is damaged"))?;
            roots
                .add(certificate)
                .map_err(|_| wrong("it is no certificate, or a damaged one"))?;
        }
        if roots.len() == before {
            return Err(wrong("there is none in it"));
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

    fn same_sessions(a: &Configuration, b: &Configuration) -> bool {
        // The cache sits behind an Arc inside; its address shows in no other way than by the verifier,
        // which is made together with it.
        std::ptr::eq(
            std::ptr::from_ref(a.client.crypto_provider().as_ref()),
            std::ptr::from_ref(b.client.crypto_provider().as_ref()),
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
        let back = configuration(&endpoint(1), &pinned(b"a")).unwrap();
        assert!(!same_sessions(&first, &back), "it was dropped");
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

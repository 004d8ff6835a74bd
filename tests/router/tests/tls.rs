//! REST over TLS: an authority's certificate, a self-made one, resumption, a changed certificate.

mod common;

use std::net::TcpStream;
use std::sync::Arc;

use common::{Reply, exchange};
use router_sim::{CertificateStyle, Effect, Fault, Options, Router, Server, ServerOptions};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::json;
use sha2::{Digest, Sha256};

fn start(style: CertificateStyle, version: &str) -> (Router, Server) {
    let router = Router::new(Options {
        failed_login_delay_ms: 0,
        ..Options::version(version.parse().unwrap())
    });
    let server = Server::start(
        &router,
        &ServerOptions {
            certificate: style,
            ..ServerOptions::default()
        },
    )
    .unwrap();
    (router, server)
}

fn trusting(pem: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
        .unwrap();
    let config =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
    Arc::new(config)
}

fn get(
    server: &Server,
    config: &Arc<ClientConfig>,
    headers: &str,
    body: &[u8],
) -> Result<Reply, String> {
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = ClientConnection::new(config.clone(), name).unwrap();
    let mut stream = StreamOwned::new(
        connection,
        TcpStream::connect(server.tls_address().unwrap()).unwrap(),
    );
    stream
        .conn
        .complete_io(&mut stream.sock)
        .map_err(|error| error.to_string())?;
    let method = if body.is_empty() { "GET" } else { "PUT" };
    exchange(
        &mut stream,
        "admin:",
        method,
        "/rest/ppp/secret",
        headers,
        body,
    )
    .ok_or_else(|| "no answer".to_owned())
}

#[test]
fn the_signed_certificate_satisfies_an_ordinary_client_and_sessions_resume() {
    let (router, server) = start(CertificateStyle::CaSigned, "7.20");
    let config = trusting(&server.ca_pem());
    for _ in 0..3 {
        assert_eq!(get(&server, &config, "", b"").unwrap().status, 200);
    }
    let counts = router.counts();
    assert_eq!((counts.tls_full, counts.tls_resumed), (1, 2));
    let service = router.row("/ip/service", "name", "www-ssl").unwrap();
    assert_eq!(
        (service.text("disabled"), service.text("certificate")),
        (Some("false"), Some("www-cert"))
    );
}

#[test]
fn the_self_made_certificate_has_no_name_and_is_refused_by_an_ordinary_client() {
    let (_router, server) = start(CertificateStyle::SelfSigned, "7.20");
    let refused = get(&server, &trusting(&server.ca_pem()), "", b"").unwrap_err();
    assert!(refused.contains("certificate"), "{refused}");
    let der = CertificateDer::from_pem_slice(server.ca_pem().as_bytes()).unwrap();
    let fingerprint = format!("{:x}", Sha256::digest(&der));
    assert_eq!(fingerprint, server.fingerprint());
}

#[test]
fn a_changed_certificate_has_another_fingerprint() {
    let (_router, server) = start(CertificateStyle::CaSigned, "7.20");
    let (config, before) = (trusting(&server.ca_pem()), server.fingerprint());
    server
        .change_certificate(CertificateStyle::CaSigned)
        .unwrap();
    assert_ne!(server.fingerprint(), before);
    assert!(
        get(&server, &config, "", b"").is_err(),
        "another authority signed it"
    );
    assert!(get(&server, &trusting(&server.ca_pem()), "", b"").is_ok());
}

#[test]
fn a_failing_handshake_is_a_fault() {
    let (router, server) = start(CertificateStyle::CaSigned, "7.20");
    router.fault(Fault::always(Effect::TlsFail).times(1));
    let config = trusting(&server.ca_pem());
    assert!(get(&server, &config, "", b"").is_err());
    assert!(get(&server, &config, "", b"").is_ok());
}

#[test]
fn versions_before_7_2rc5_refuse_a_charset() {
    for (version, status) in [("7.1", 415), ("7.2rc4", 415), ("7.2", 201)] {
        let (_router, server) = start(CertificateStyle::CaSigned, version);
        let config = trusting(&server.ca_pem());
        let charset = "Content-Type: application/json; charset=utf-8\r\n";
        let body = json!({"name": "ann"}).to_string();
        assert_eq!(
            get(&server, &config, charset, body.as_bytes())
                .unwrap()
                .status,
            status,
            "{version}"
        );
        let exact = "Content-Type: application/json\r\n";
        let body = json!({"name": "bob"}).to_string();
        assert_eq!(
            get(&server, &config, exact, body.as_bytes())
                .unwrap()
                .status,
            201,
            "{version}"
        );
    }
}

#[test]
fn only_loopback_addresses_are_listened_on() {
    let router = Router::new(Options::default());
    let everywhere = ServerOptions {
        plain: Some("0.0.0.0:0".parse().unwrap()),
        ..ServerOptions::default()
    };
    assert!(Server::start(&router, &everywhere).is_err());
}

#[test]
fn a_dropped_server_stops_listening() {
    let (_router, server) = start(CertificateStyle::CaSigned, "7.20");
    let address = server.address().unwrap();
    assert!(TcpStream::connect(address).is_ok());
    drop(server);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn what_the_authority_signs_names_the_key_it_was_signed_with() {
    // object identifier 2.5.29.35, the authority key identifier
    const AUTHORITY_KEY: [u8; 5] = [0x06, 0x03, 0x55, 0x1D, 0x23];
    let holds = |pem: &str| {
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        der.windows(5).any(|bytes| bytes == AUTHORITY_KEY)
    };
    let (_router, server) = start(CertificateStyle::CaSigned, "7.20");
    assert!(holds(&server.identity().unwrap().pem));
    let (_router, server) = start(CertificateStyle::SelfSigned, "7.20");
    assert!(!holds(&server.identity().unwrap().pem));
}

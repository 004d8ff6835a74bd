//! Which certificates the client believes, and that it says what to do about the others.

mod routeros_support;

use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mikrotikvpn::Result;
use mikrotikvpn::error::Step;
use mikrotikvpn::routeros::{
    Deadline, Endpoint, Fingerprint, Query, TransportKind, Trust, TrustedBy, believed, presented,
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use routeros_support::{Say, Wire, router, sound};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{HandshakeKind, ServerConfig, ServerConnection, StreamOwned};

/// A certificate with its key.
struct Identity {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Identity {
    /// As RouterOS makes them by hand: a common name, no alternative name, and a CA on top.
    fn self_made() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "router");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self { certificate, key }
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.certificate)
    }

    fn pin(&self) -> Trust {
        pins(&[self.fingerprint()])
    }
}

/// An authority of our own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self { issuer, pem }
    }

    fn issue(&self, names: &[&str]) -> Identity {
        self.issue_until(names, 2090)
    }

    fn issue_until(&self, names: &[&str], year: i32) -> Identity {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        Identity { certificate, key }
    }

    fn trust(&self) -> Trust {
        Trust {
            authorities_pem: vec![self.pem.clone()],
            ..Trust::default()
        }
    }
}

fn pins(pins: &[Fingerprint]) -> Trust {
    Trust {
        pins: pins.to_vec(),
        ..Trust::default()
    }
}

/// A TLS server, and how each handshake went.
struct Server {
    wire: Wire,
    handshakes: Arc<Mutex<Vec<HandshakeKind>>>,
}

impl Server {
    fn new(identity: &Identity) -> Self {
        Self::on("127.0.0.1:0", identity, rustls::ALL_VERSIONS)
    }

    fn on(
        address: &str,
        identity: &Identity,
        versions: &[&'static rustls::SupportedProtocolVersion],
    ) -> Self {
        let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
        let configuration = builder(versions)
            .with_single_cert(vec![identity.certificate.clone()], key)
            .unwrap();
        Self::with(address, configuration)
    }

    fn with(address: &str, configuration: ServerConfig) -> Self {
        let configuration = Arc::new(configuration);
        let handshakes: Arc<Mutex<Vec<HandshakeKind>>> = Arc::default();
        let seen = Arc::clone(&handshakes);
        let wire = Wire::over(
            address,
            |_, request| Say::Keep(sound(request)),
            move |mut stream| {
                let mut tls = ServerConnection::new(Arc::clone(&configuration)).ok()?;
                while tls.is_handshaking() {
                    tls.complete_io(&mut stream).ok()?;
                }
                seen.lock().unwrap().push(tls.handshake_kind()?);
                Some(StreamOwned::new(tls, stream))
            },
        );
        Self { wire, handshakes }
    }

    fn endpoint(&self, trust: Trust) -> Endpoint {
        Endpoint {
            tls: Some(trust),
            ..self.wire.endpoint()
        }
    }

    fn ask(&self, trust: Trust) -> Result<()> {
        router(&self.endpoint(trust))
            .secrets(&Query::all())
            .map(drop)
    }

    /// The refusal, which must come before any request, and be the same over both transports and to
    /// whoever only looks.
    fn refusal(&self, trust: Trust) -> String {
        let before = self.wire.requests().len();
        let endpoint = self.endpoint(trust);
        let told: Vec<_> = [TransportKind::Rest, TransportKind::Api]
            .into_iter()
            .map(|transport| Endpoint {
                transport,
                ..endpoint.clone()
            })
            .map(|endpoint| router(&endpoint).secrets(&Query::all()).unwrap_err())
            .chain([presented(&endpoint, soon()).unwrap().trusted.unwrap_err()])
            .map(|error| {
                assert_eq!(error.step(), Some(Step::Tls), "{error}");
                error.to_string()
            })
            .collect();
        assert_eq!(self.wire.requests().len(), before, "a request went out");
        assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
        told[0].clone()
    }
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

fn builder(
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> rustls::ConfigBuilder<ServerConfig, rustls::server::WantsServerCert> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
}

#[test]
fn a_self_made_certificate_is_believed_by_its_pin_in_both_versions_of_tls() {
    let identity = Identity::self_made();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = Server::on("127.0.0.1:0", &identity, &[version]);
        server.ask(identity.pin()).unwrap();
        let other = Fingerprint::of(b"other");
        server.ask(pins(&[other, identity.fingerprint()])).unwrap();
    }
}

#[test]
fn an_untrusted_certificate_is_refused_with_the_line_to_paste() {
    let identity = Identity::self_made();
    let told = Server::new(&identity).refusal(Trust::default());
    let line = format!("tls-pin = {}", identity.fingerprint());
    assert!(told.contains(&line), "{told}");
    assert!(told.contains("not trusted"), "{told}");
    for fact in [
        "made out to CN=router",
        "issued by itself",
        "valid from 1975-01-01 to 4096-01-01",
    ] {
        assert!(told.contains(fact), "{told}");
    }
}

#[test]
fn a_look_at_the_certificate_says_whose_it_is_and_why_it_is_believed_and_asks_nothing() {
    let authority = Authority::new("ours");
    let identity = authority.issue(&["127.0.0.1", "vpn.example"]);
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = Server::on("127.0.0.1:0", &identity, &[version]);
        for (trust, by) in [
            (identity.pin(), TrustedBy::Pin),
            (authority.trust(), TrustedBy::Authority),
        ] {
            // What was believed before must not make this look a resumed one, which shows nothing.
            server.ask(trust.clone()).unwrap();
            let found = presented(&server.endpoint(trust), soon()).unwrap();
            assert_eq!(found.trusted.unwrap(), by);
            let certificate = found.certificate;
            assert_eq!(certificate.fingerprint, identity.fingerprint());
            assert_eq!(certificate.names, ["127.0.0.1", "vpn.example"]);
            assert_eq!(certificate.issuer, "CN=ours");
            assert_eq!(
                certificate.not_before.to_string(),
                "2020-01-01 00:00:00 UTC"
            );
            assert_eq!(certificate.not_after.to_string(), "2090-01-01 00:00:00 UTC");
        }
        assert_eq!(server.wire.requests().len(), 2);
        let unknown = presented(&server.endpoint(Trust::default()), soon()).unwrap();
        assert_eq!(unknown.certificate.fingerprint, identity.fingerprint());
        assert!(unknown.trusted.is_err());
    }
}

#[test]
fn a_look_where_no_certificate_can_be_seen_is_an_error_of_its_own() {
    let closing = Wire::over("127.0.0.1:0", |_, _| Say::Hang, |_| None::<TcpStream>);
    let error = presented(&closing.endpoint(), soon()).unwrap_err();
    assert!(error.is_misuse(), "{error}");
    let endpoint = Endpoint {
        tls: Some(Trust::default()),
        ..closing.endpoint()
    };
    let error = presented(&endpoint, soon()).unwrap_err();
    assert_eq!(error.step(), Some(Step::Tls), "{error}");
}

#[test]
fn a_self_made_certificate_is_refused_in_words_of_people() {
    let server = Server::new(&Identity::self_made());
    let told = server.refusal(Trust::default());
    assert!(told.contains("the router made it itself"), "{told}");
    for mark in ["Other(", "Err(", "Error", "::", "{", "UsedAs"] {
        assert!(!told.contains(mark), "{told}");
    }
}

#[test]
fn any_authority_of_a_bundle_vouches() {
    let (one, other) = (Authority::new("one"), Authority::new("other"));
    let bundle = Trust {
        authorities_pem: vec![format!("{}\n{}", one.pem, other.pem)],
        ..Trust::default()
    };
    for authority in [one, other] {
        let server = Server::new(&authority.issue(&["127.0.0.1"]));
        server.ask(bundle.clone()).unwrap();
    }
}

#[test]
fn a_changed_certificate_is_refused_naming_the_old_and_the_new() {
    let (old, new) = (Identity::self_made(), Identity::self_made());
    let told = Server::new(&new).refusal(old.pin());
    assert!(told.contains("changed"), "{told}");
    assert!(
        told.contains(&format!("expected {}", old.fingerprint())),
        "{told}"
    );
    assert!(
        told.contains(&format!("seen {}", new.fingerprint())),
        "{told}"
    );
}

#[test]
fn a_pin_does_not_help_who_lacks_the_key() {
    #[derive(Debug)]
    struct Impostor(Arc<CertifiedKey>);
    impl ResolvesServerCert for Impostor {
        fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
            Some(Arc::clone(&self.0))
        }
    }
    let (real, other) = (Identity::self_made(), Identity::self_made());
    let key = PrivateKeyDer::try_from(other.key.serialize_der()).unwrap();
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let stolen = Arc::new(CertifiedKey::new(vec![real.certificate.clone()], key));
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let resolver = Arc::new(Impostor(Arc::clone(&stolen)));
        let server = Server::with(
            "127.0.0.1:0",
            builder(&[version]).with_cert_resolver(resolver),
        );
        let told = server.refusal(real.pin());
        assert!(told.contains("ignature"), "{told}");
    }
}

#[test]
fn an_authority_vouches_for_addresses_and_names_it_issued_and_for_nothing_else() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let server = Server::new(&ours.issue(&["127.0.0.1"]));
    server.ask(ours.trust()).unwrap();
    let told = server.refusal(other.trust());
    assert!(told.contains("no trusted authority"), "{told}");
    let told = server.refusal(Authority::new("ours").trust());
    assert!(told.contains("did not sign it"), "{told}");

    let server = Server::new(&ours.issue(&["localhost"]));
    let mut endpoint = server.endpoint(ours.trust());
    endpoint.host = "localhost".into();
    router(&endpoint).identity().unwrap();
    let told = server.refusal(ours.trust());
    assert!(told.contains("not made out to"), "{told}");

    let told = Server::new(&ours.issue_until(&["127.0.0.1"], 2021)).refusal(ours.trust());
    assert!(told.contains("expired"), "{told}");
}

#[test]
fn with_pin_and_authority_either_is_enough() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let identity = ours.issue(&["127.0.0.1"]);
    let server = Server::new(&identity);
    let both = |pin: Fingerprint, authority: &Authority| Trust {
        pins: vec![pin],
        ..authority.trust()
    };
    let wrong = Fingerprint::of(b"other");
    server.ask(both(wrong, &ours)).unwrap();
    server.ask(both(identity.fingerprint(), &other)).unwrap();
    server.refusal(both(wrong, &other));
}

#[test]
fn an_ipv6_address_works_with_and_without_brackets() {
    let authority = Authority::new("ours");
    let server = Server::on("[::1]:0", &authority.issue(&["::1"]), rustls::ALL_VERSIONS);
    for host in ["::1", "[::1]"] {
        let mut endpoint = server.endpoint(authority.trust());
        endpoint.host = host.into();
        router(&endpoint).identity().unwrap();
    }
}

#[test]
fn the_next_call_resumes_and_a_changed_pin_does_not() {
    let identity = Identity::self_made();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = Server::on("127.0.0.1:0", &identity, &[version]);
        let endpoint = server.endpoint(identity.pin());
        assert_eq!(believed(&endpoint), None);
        server.ask(identity.pin()).unwrap();
        server.ask(identity.pin()).unwrap();
        let certificate = believed(&endpoint).expect("resumed ones show nothing new");
        assert_eq!(certificate.fingerprint, identity.fingerprint());
        let kinds = server.handshakes.lock().unwrap().clone();
        assert!(
            matches!(
                kinds.as_slice(),
                [
                    HandshakeKind::Full | HandshakeKind::FullWithHelloRetryRequest,
                    HandshakeKind::Resumed
                ]
            ),
            "{kinds:?}"
        );
        server.refusal(pins(&[Fingerprint::of(b"other")]));
        server.refusal(Trust::default());
        assert_eq!(believed(&server.endpoint(Trust::default())), None);
    }
}

#[test]
fn the_authorities_of_the_system_count_when_nothing_else_is_given_and_no_proxy_is_asked() {
    const CHILD: &str = "ROUTEROS_TLS_CHILD";
    // The environment of a running process cannot be changed safely, so a second one gets it.
    if let Ok(port) = std::env::var(CHILD) {
        let mut endpoint = Wire::serve(|_, _| Say::Hang).endpoint();
        endpoint.port = port.parse().unwrap();
        endpoint.tls = Some(Trust::default());
        router(&endpoint).identity().unwrap();
        return;
    }
    let authority = Authority::new("ours");
    let server = Server::new(&authority.issue(&["127.0.0.1"]));
    let file = std::env::temp_dir().join(format!("routeros-tls-{}.pem", std::process::id()));
    std::fs::write(&file, &authority.pem).unwrap();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", std::thread::current().name().unwrap()])
        .env(CHILD, server.wire.address.port().to_string())
        .env("SSL_CERT_FILE", &file)
        .envs(["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].map(|name| (name, "http://127.0.0.1:1")))
        .output()
        .unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert_eq!(server.wire.requests().len(), 1);
}

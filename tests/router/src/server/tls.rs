//! The router's certificate: signed by an own authority, or self-made the way RouterOS does it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::RwLock;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;

use super::StartError;

/// How the certificate of the TLS port is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateStyle {
    /// Signed by the simulator's authority, with SAN 127.0.0.1 and localhost.
    CaSigned,
    /// As `/certificate add; sign` leaves it: CN only, no SAN, CA:TRUE, signs itself.
    SelfSigned,
    /// As self-signed, with twenty days left.
    EndsSoon,
}

const TWENTY_DAYS: Duration = Duration::from_secs(20 * 86_400);

/// An authority to sign with.
#[derive(Debug, Clone)]
pub struct Authority {
    /// Certificate in PEM.
    pub certificate_pem: String,
    /// Private key in PEM.
    pub key_pem: String,
}

/// The certificate in use.
#[derive(Debug, Clone)]
pub struct Identity {
    /// PEM of the authority; the certificate itself if self-signed.
    pub ca_pem: String,
    /// PEM of the certificate.
    pub pem: String,
    /// SHA-256 of the certificate's DER, lower-case hexadecimal.
    pub fingerprint: String,
}

/// A certificate that can be exchanged while the port listens. Its TLS sessions end with it.
#[derive(Clone)]
pub struct Swappable {
    current: Arc<RwLock<(Identity, TlsAcceptor)>>,
    authority: Option<Authority>,
}

impl std::fmt::Debug for Swappable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.current().fmt(f)
    }
}

impl Swappable {
    pub fn new(style: CertificateStyle, authority: Option<Authority>) -> Result<Self, StartError> {
        let made = make(style, authority.as_ref())?;
        Ok(Self {
            current: Arc::new(RwLock::new(made)),
            authority,
        })
    }

    pub fn current(&self) -> Identity {
        self.current.read().0.clone()
    }

    pub fn change(&self, style: CertificateStyle) -> Result<Identity, StartError> {
        let made = make(style, self.authority.as_ref())?;
        let identity = made.0.clone();
        *self.current.write() = made;
        Ok(identity)
    }

    pub fn acceptor(&self) -> TlsAcceptor {
        self.current.read().1.clone()
    }
}

fn make(
    style: CertificateStyle,
    authority: Option<&Authority>,
) -> Result<(Identity, TlsAcceptor), StartError> {
    let key = KeyPair::generate().map_err(certificate_error)?;
    let (certificate, ca_pem) = match style {
        CertificateStyle::SelfSigned | CertificateStyle::EndsSoon => {
            let mut params = self_made();
            if style == CertificateStyle::EndsSoon {
                params.not_after = (SystemTime::now() + TWENTY_DAYS).into();
            }
            let certificate = params.self_signed(&key).map_err(certificate_error)?;
            let pem = certificate.pem();
            (certificate, pem)
        }
        CertificateStyle::CaSigned => {
            let authority = match authority {
                Some(given) => given.clone(),
                None => new_authority()?,
            };
            let ca_key = KeyPair::from_pem(&authority.key_pem).map_err(certificate_error)?;
            let issuer = Issuer::from_ca_cert_pem(&authority.certificate_pem, ca_key)
                .map_err(certificate_error)?;
            let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
            let mut params = CertificateParams::new(names).map_err(certificate_error)?;
            params.distinguished_name = common_name("router-sim");
            // what a router's own authority signs has it; Python 3.13 and later refuse a leaf without
            params.use_authority_key_identifier_extension = true;
            params.key_usages = vec![
                KeyUsagePurpose::DigitalSignature,
                KeyUsagePurpose::KeyEncipherment,
            ];
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            (
                params.signed_by(&key, &issuer).map_err(certificate_error)?,
                authority.certificate_pem,
            )
        }
    };
    let der: CertificateDer<'static> = certificate.der().clone();
    let fingerprint = format!("{:x}", Sha256::digest(&der));
    let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(certificate_error)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(certificate_error)?
        .with_no_client_auth()
        .with_single_cert(vec![der], private)
        .map_err(certificate_error)?;
    let identity = Identity {
        ca_pem,
        pem: certificate.pem(),
        fingerprint,
    };
    Ok((identity, TlsAcceptor::from(Arc::new(config))))
}

/// No subject alternative name and a CA used as server certificate: webpki refuses both.
fn self_made() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name("MyRouter");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn new_authority() -> Result<Authority, StartError> {
    let key = KeyPair::generate().map_err(certificate_error)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name("router-sim authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(&key).map_err(certificate_error)?;
    Ok(Authority {
        certificate_pem: certificate.pem(),
        key_pem: key.serialize_pem(),
    })
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn certificate_error(error: impl std::fmt::Display) -> StartError {
    StartError::Certificate(error.to_string())
}

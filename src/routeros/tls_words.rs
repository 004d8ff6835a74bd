//! What rustls and webpki report, as clauses an admin can act on. Their own texts are names of types.

use std::borrow::Cow;

use rustls::{AlertDescription, CertificateError, Error};

/// Why a certificate is not trusted.
pub(super) fn of_certificate(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::UnknownIssuer => "no trusted authority issued it",
        CertificateError::BadSignature => "the authority it names did not sign it",
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; check the clocks"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is not made out to this host name or address"
        }
        CertificateError::Revoked => "its authority has revoked it",
        CertificateError::BadEncoding => "it is damaged",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "it was not made for a server (key-usage tls-server)"
        }
        CertificateError::UnhandledCriticalExtension => {
            "it demands something that is not known here"
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "it is signed in a way that is not trusted any more, such as with SHA-1"
        }
        CertificateError::Other(other) => match other.0.downcast_ref() {
            Some(error) => by_webpki(error),
            None => BEYOND_THE_RULES,
        },
        _ => BEYOND_THE_RULES,
    }
}

/// What rustls has no word of its own for.
fn by_webpki(error: &webpki::Error) -> &'static str {
    match error {
        // What `/certificate add` makes on a router without further settings.
        webpki::Error::CaUsedAsEndEntity => {
            "the router made it itself, and as that of an authority, not of a server"
        }
        webpki::Error::EndEntityUsedAsCa => "whoever signed it is no authority",
        webpki::Error::UnsupportedCertVersion => "it is of a kind that is too old (not X.509 v3)",
        webpki::Error::NameConstraintViolation | webpki::Error::PathLenConstraintViolated => {
            "its authority may not issue it"
        }
        webpki::Error::MaximumNameConstraintComparisonsExceeded
        | webpki::Error::MaximumPathBuildCallsExceeded
        | webpki::Error::MaximumPathDepthExceeded
        | webpki::Error::MaximumSignatureChecksExceeded => {
            "it comes with more authorities than anybody needs"
        }
        _ => BEYOND_THE_RULES,
    }
}

const BEYOND_THE_RULES: &str = "it does not keep to the rules for certificates";

/// Why a handshake failed, without what a certificate, a missing one or plain text explain better.
pub(super) fn of_handshake(error: &Error) -> Cow<'static, str> {
    match error {
        Error::AlertReceived(alert) => of_alert(*alert),
        // Authorities' signatures are told of where the certificate is judged.
        Error::InvalidCertificate(CertificateError::BadSignature) => {
            "its signature does not fit the certificate it shows, so it may be somebody else".into()
        }
        Error::InvalidCertificate(error) => {
            format!("its certificate cannot be used: {}", of_certificate(error)).into()
        }
        Error::PeerIncompatible(_) => "it offers nothing in common with us".into(),
        Error::NoCertificatesPresented => "it shows no certificate".into(),
        Error::DecryptError => "what it sent was changed on the way".into(),
        Error::PeerSentOversizedRecord => "it sends more at once than TLS allows".into(),
        Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::InvalidMessage(_)
        | Error::PeerMisbehaved(_) => "it does not keep to the rules of TLS".into(),
        Error::FailedToGetCurrentTime => "this machine does not know the time".into(),
        Error::FailedToGetRandomBytes => "this machine has no random numbers".into(),
        _ => "TLS ended without a reason".into(),
    }
}

fn of_alert(alert: AlertDescription) -> Cow<'static, str> {
    let words = match alert {
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
            "it has no way to encrypt in common with us"
        }
        AlertDescription::ProtocolVersion => "it speaks no version of TLS that we do",
        AlertDescription::UnrecognisedName => "it does not know itself by this host name",
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => {
            "it demands a certificate of its clients"
        }
        AlertDescription::AccessDenied => "it denies access",
        AlertDescription::InternalError => "something failed inside it",
        // The numbers are those of RFC 8446, 6.
        other => return format!("it refuses (TLS alert {})", u8::from(other)).into(),
    };
    words.into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::pki_types::{ServerName, UnixTime};
    use rustls::{ContentType, InvalidMessage, OtherError, PeerIncompatible, PeerMisbehaved};

    use super::*;

    /// A sentence for people, without names of types.
    fn assert_words(text: &str) {
        for mark in ["Other(", "Err(", "Error", "::", "{", "(\"", "Context"] {
            assert!(!text.contains(mark), "{text}");
        }
        assert!(text.contains(' '), "{text}");
        let is_name = |word: &str| {
            let capitals = word.chars().filter(char::is_ascii_uppercase).count();
            capitals > 1 && word.chars().any(|c| c.is_ascii_lowercase())
        };
        assert!(!text.split(' ').any(is_name), "{text}");
    }

    fn other(error: webpki::Error) -> CertificateError {
        CertificateError::Other(OtherError(Arc::new(error)))
    }

    fn certificate_errors() -> Vec<CertificateError> {
        let time = UnixTime::since_unix_epoch(std::time::Duration::ZERO);
        vec![
            CertificateError::BadEncoding,
            CertificateError::Expired,
            CertificateError::ExpiredContext {
                time,
                not_after: time,
            },
            CertificateError::NotValidYet,
            CertificateError::NotValidYetContext {
                time,
                not_before: time,
            },
            CertificateError::Revoked,
            CertificateError::UnhandledCriticalExtension,
            CertificateError::UnknownIssuer,
            CertificateError::UnknownRevocationStatus,
            CertificateError::ExpiredRevocationList,
            CertificateError::BadSignature,
            CertificateError::UnsupportedSignatureAlgorithmContext {
                signature_algorithm_id: vec![1],
                supported_algorithms: Vec::new(),
            },
            CertificateError::NotValidForName,
            CertificateError::NotValidForNameContext {
                expected: ServerName::try_from("router.example").unwrap(),
                presented: vec!["Other(".into()],
            },
            CertificateError::InvalidPurpose,
            CertificateError::InvalidOcspResponse,
            CertificateError::ApplicationVerificationFailure,
            other(webpki::Error::CaUsedAsEndEntity),
            other(webpki::Error::EndEntityUsedAsCa),
            other(webpki::Error::UnsupportedCertVersion),
            other(webpki::Error::NameConstraintViolation),
            other(webpki::Error::MaximumPathDepthExceeded),
            other(webpki::Error::ExtensionValueInvalid),
            CertificateError::Other(OtherError(Arc::new(std::fmt::Error))),
        ]
    }

    #[test]
    fn no_error_of_a_certificate_is_told_in_names_of_types() {
        for error in certificate_errors() {
            assert_words(of_certificate(&error));
            assert_words(&of_handshake(&Error::InvalidCertificate(error)));
        }
    }

    #[test]
    fn no_error_of_a_handshake_is_told_in_names_of_types() {
        let alerts = (0..=u8::MAX).map(|code| Error::AlertReceived(AlertDescription::from(code)));
        let others = [
            Error::InappropriateMessage {
                expect_types: vec![ContentType::Alert],
                got_type: ContentType::Handshake,
            },
            Error::InvalidMessage(InvalidMessage::InvalidCcs),
            Error::NoCertificatesPresented,
            Error::UnsupportedNameType,
            Error::DecryptError,
            Error::EncryptError,
            Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
            Error::PeerMisbehaved(PeerMisbehaved::TooManyEmptyFragments),
            Error::General("Other(1)".into()),
            Error::FailedToGetCurrentTime,
            Error::FailedToGetRandomBytes,
            Error::HandshakeNotComplete,
            Error::PeerSentOversizedRecord,
            Error::NoApplicationProtocol,
            Error::BadMaxFragmentSize,
            Error::Other(OtherError(Arc::new(std::fmt::Error))),
        ];
        for error in alerts.chain(others) {
            assert_words(&of_handshake(&error));
        }
    }
}

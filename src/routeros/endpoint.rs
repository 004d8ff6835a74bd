//! Which router, how to reach it, and which certificates to believe.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::secret::Secret;

/// A router and the login for it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Name, IPv4 or IPv6 address (brackets around the latter are optional).
    pub host: String,
    /// TCP port of the service.
    pub port: u16,
    /// Which certificates to accept; `None` speaks without TLS.
    pub tls: Option<Trust>,
    /// The protocol.
    pub transport: TransportKind,
    /// RouterOS user.
    pub username: String,
    /// Its password.
    pub password: Secret,
}

impl Endpoint {
    /// `host:port`, the name of the router in every message; IPv6 in brackets.
    pub fn name(&self) -> String {
        format!("{}:{}", self.authority_host(), self.port)
    }

    /// `[2001:db8::1]` without its brackets.
    pub(super) fn bare_host(&self) -> &str {
        let host = self.host.trim();
        host.strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host)
    }

    /// The host as URLs write it.
    pub fn authority_host(&self) -> String {
        let host = self.host.trim();
        if host.parse::<Ipv6Addr>().is_ok() {
            format!("[{host}]")
        } else {
            host.to_owned()
        }
    }
}

/// The protocol spoken with the router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TransportKind {
    /// REST over HTTP(S): services `www-ssl` and `www`.
    #[default]
    Rest,
    /// The binary API: services `api-ssl` and `api`.
    Api,
}

/// The certificates to accept. Both lists empty: those which the system's authorities vouch for.
/// With both filled, either is enough.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Trust {
    /// Exactly these certificates, whatever they say about themselves.
    pub pins: Vec<Fingerprint>,
    /// Certificates which these authorities vouch for, in PEM; the system's are then not asked.
    pub authorities_pem: Vec<String>,
}

/// SHA-256 of a whole certificate (DER).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a certificate in DER.
    pub fn of(certificate: &[u8]) -> Self {
        use sha2::Digest;
        Self(sha2::Sha256::digest(certificate).into())
    }
}

impl FromStr for Fingerprint {
    type Err = Error;

    /// `sha256:` in front is optional; case, colons between the bytes and white space do not matter.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::misuse(
                format!("\"{text}\" is not a certificate fingerprint"),
                "It is \"sha256:\" and 64 hexadecimal digits, as in the message of Test Connection",
            )
        };
        let lower = text.trim().to_ascii_lowercase();
        let digits = lower.strip_prefix("sha256:").unwrap_or(&lower);
        let nibbles = digits
            .chars()
            .filter(|c| *c != ':' && !c.is_whitespace())
            .map(|c| c.to_digit(16).and_then(|n| u8::try_from(n).ok()))
            .collect::<Option<Vec<u8>>>()
            .ok_or_else(wrong)?;
        let (pairs, rest) = nibbles.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(wrong());
        }
        let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        bytes.try_into().map(Self).map_err(|_| wrong())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_fingerprint_is_read_with_and_without_prefix_colons_and_capitals() {
        let plain = Fingerprint::of(b"certificate");
        let digits = plain.to_string().replace("sha256:", "");
        let colons = digits
            .to_uppercase()
            .as_bytes()
            .chunks(2)
            .map(|pair| String::from_utf8_lossy(pair).into_owned())
            .collect::<Vec<_>>()
            .join(":");
        for text in [
            plain.to_string(),
            digits,
            format!("SHA256:{colons}"),
            colons,
        ] {
            assert_eq!(text.parse::<Fingerprint>().unwrap(), plain, "{text}");
        }
    }

    #[test]
    fn a_fingerprint_of_the_wrong_length_or_alphabet_is_misuse() {
        for text in [
            "",
            "sha256:",
            "ab",
            "sha1:00",
            &"0".repeat(63),
            &"0".repeat(66),
            &"g".repeat(64),
        ] {
            assert!(
                text.parse::<Fingerprint>().unwrap_err().is_misuse(),
                "{text}"
            );
        }
    }

    #[test]
    fn ipv6_gets_brackets_once() {
        let mut endpoint = Endpoint {
            host: "2001:db8::1".into(),
            port: 443,
            tls: None,
            transport: TransportKind::Rest,
            username: String::new(),
            password: Secret::default(),
        };
        assert_eq!(endpoint.name(), "[2001:db8::1]:443");
        endpoint.host = "[2001:db8::1]".into();
        assert_eq!(endpoint.name(), "[2001:db8::1]:443");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,80}") {
            let _ = text.parse::<Fingerprint>();
        }

        #[test]
        fn display_and_parse_are_inverse(bytes in any::<[u8; 32]>()) {
            let print = Fingerprint(bytes);
            prop_assert_eq!(print.to_string().parse::<Fingerprint>().unwrap(), print);
        }
    }
}

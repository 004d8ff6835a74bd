//! What a router's certificate says about itself.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::{DateTime, Utc};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::time::ASN1Time;

use super::endpoint::Fingerprint;
use crate::printable::excerpt;

/// How long before its end a certificate is worth a warning.
const NOTICE_DAYS: i64 = 30;

/// Bytes of a name that messages repeat.
const SHOWN: usize = 120;

/// The facts of one certificate. Texts are printable, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of the whole certificate.
    pub fingerprint: Fingerprint,
    /// Whom it names, such as `CN=router`.
    pub subject: String,
    /// Who vouches for it; the subject itself when it is self-made.
    pub issuer: String,
    /// The host names and IP addresses it is made out to; RouterOS makes certificates without any.
    pub names: Vec<String>,
    /// Valid from.
    pub not_before: DateTime<Utc>,
    /// Valid until.
    pub not_after: DateTime<Utc>,
}

/// Why a certificate is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustedBy {
    /// A line `tls-pin` names its fingerprint.
    Pin,
    /// An authority of `tls-ca` issued it.
    Authority,
    /// An authority of the system issued it.
    System,
}

impl Certificate {
    /// Reads a certificate in DER; `None` when it is none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(der).ok()?;
        let names = parsed
            .subject_alternative_name()
            .ok()
            .flatten()
            .map(|names| names.value.general_names.iter().filter_map(name).collect());
        Some(Self {
            fingerprint: Fingerprint::of(der),
            subject: plain(&parsed.subject().to_string()),
            issuer: plain(&parsed.issuer().to_string()),
            names: names.unwrap_or_default(),
            not_before: moment(parsed.validity().not_before),
            not_after: moment(parsed.validity().not_after),
        })
    }

    /// Nobody but itself vouches for it.
    pub fn is_self_made(&self) -> bool {
        self.subject == self.issuer
    }

    /// A sentence when it has expired, expires within 30 days, or is not valid yet. A pin believes it all
    /// the same: it names the certificate, whatever that says about itself.
    pub fn validity_remark(&self, now: DateTime<Utc>) -> Option<String> {
        let Self {
            fingerprint,
            not_before,
            not_after,
            ..
        } = self;
        let (from, until) = (not_before.date_naive(), not_after.date_naive());
        if now < *not_before {
            return Some(format!(
                "The router's certificate ({fingerprint}) is not valid before {from}; check the clocks."
            ));
        }
        let days = (*not_after - now).num_days();
        let what = if now > *not_after {
            format!("expired on {until}")
        } else if days < NOTICE_DAYS {
            format!("expires on {until}, in {days} days")
        } else {
            return None;
        };
        Some(format!(
            "The router's certificate ({fingerprint}) {what}; renew it, and where it is pinned, change the \
             line tls-pin in the server's Access Hash with it."
        ))
    }

    /// A clause: `made out to …, issued by …, valid from … to …`.
    pub(super) fn clause(&self) -> String {
        let mut clause = format!("it is made out to {}", self.subject_and_names());
        let issuer = if self.is_self_made() {
            "itself"
        } else {
            &self.issuer
        };
        let (from, until) = (self.not_before.date_naive(), self.not_after.date_naive());
        // Writing to a string cannot fail.
        let _ = write!(clause, ", issued by {issuer}, valid from {from} to {until}");
        clause
    }

    fn subject_and_names(&self) -> String {
        const MOST: usize = 5;
        let mut parts = vec![self.subject.as_str()];
        if self.subject.is_empty() {
            parts = vec!["nobody"];
        }
        if self.names.is_empty() {
            return format!("{} without a host name or address", parts.concat());
        }
        parts.extend(self.names.iter().take(MOST).map(String::as_str));
        parts.join(", ")
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(host) => Some(plain(host)),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(four).into());
    }
    let sixteen = <[u8; 16]>::try_from(bytes).ok()?;
    Some(Ipv6Addr::from(sixteen).into())
}

/// A stranger wrote it, and it enters messages.
fn plain(text: &str) -> String {
    excerpt(text, SHOWN)
}

/// A moment beyond what our calendar can say is as good as for ever.
fn moment(time: ASN1Time) -> DateTime<Utc> {
    DateTime::from_timestamp(time.timestamp(), 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DnType, KeyPair, SanType, date_time_ymd};

    use super::*;

    fn der(edit: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.not_before = date_time_ymd(2026, 1, 2);
        params.not_after = date_time_ymd(2027, 3, 4);
        edit(&mut params);
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    fn self_made() -> Certificate {
        let der = der(|params| params.distinguished_name.push(DnType::CommonName, "router"));
        Certificate::read(&der).unwrap()
    }

    #[test]
    fn the_facts_are_those_of_the_certificate() {
        let bytes = der(|params| {
            params.distinguished_name.push(DnType::CommonName, "router");
            params.subject_alt_names = vec![
                SanType::DnsName("vpn.example".try_into().unwrap()),
                SanType::IpAddress("192.0.2.1".parse().unwrap()),
                SanType::IpAddress("2001:db8::1".parse().unwrap()),
            ];
        });
        let certificate = Certificate::read(&bytes).unwrap();
        assert_eq!(certificate.fingerprint, Fingerprint::of(&bytes));
        assert!(
            certificate.subject.ends_with("CN=router"),
            "{certificate:?}"
        );
        assert!(certificate.is_self_made());
        assert_eq!(
            certificate.names,
            ["vpn.example", "192.0.2.1", "2001:db8::1"]
        );
        let clause = certificate.clause();
        for part in [
            "CN=router, vpn.example, 192.0.2.1",
            "issued by itself",
            "from 2026-01-02 to 2027-03-04",
        ] {
            assert!(clause.contains(part), "{clause}");
        }
    }

    #[test]
    fn names_are_short_and_harmless_in_messages_whatever_the_certificate_says() {
        let name = format!("a\r\nb\u{7}<script>alert(1)</script>{}", "x".repeat(20_000));
        let der = der(|params| params.distinguished_name.push(DnType::CommonName, &name));
        let clause = Certificate::read(&der).unwrap().clause();
        assert!(
            !clause.contains(char::is_control) && !clause.contains('<'),
            "{clause}"
        );
        assert!(clause.len() < 500, "{clause}");
    }

    #[test]
    fn the_last_thirty_days_and_what_is_not_valid_are_worth_a_remark() {
        let certificate = self_made();
        let end = certificate.not_after;
        let remark = |at| certificate.validity_remark(at);
        assert_eq!(remark(end - TimeDelta::days(30)), None);
        let soon = remark(end - TimeDelta::days(30) + TimeDelta::seconds(1)).unwrap();
        assert!(soon.contains("expires on 2027-03-04, in 29 days"), "{soon}");
        let late = remark(end + TimeDelta::seconds(1)).unwrap();
        assert!(late.contains("expired on 2027-03-04"), "{late}");
        let early = remark(certificate.not_before - TimeDelta::seconds(1)).unwrap();
        assert!(early.contains("not valid before 2026-01-02"), "{early}");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Certificate::read(&bytes);
        }

        #[test]
        fn no_spoilt_certificate_panics(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
            static GOOD: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| der(|_| {}));
            let mut bytes = GOOD.clone();
            let place = place.index(bytes.len());
            bytes[place] = byte;
            if let Some(certificate) = Certificate::read(&bytes) {
                certificate.clause();
                certificate.validity_remark(DateTime::UNIX_EPOCH);
            }
        }
    }
}

//! A WHMCS server record: how to reach the router, how to trust it, how to meter.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::lines;
use crate::error::{Error, Result};
use crate::params::Params;
use crate::routeros::{Deadline, Endpoint, Router, TransportKind, Trust};

const ACCESS_HASH: &str = "The server's Access Hash";
const KEYS: [&str; 7] = [
    "tls-pin",
    "tls-ca",
    "transport",
    "meter",
    "counter-reset",
    "timeout",
    "command-timeout",
];

/// Everything a call needs to know of a server.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// `tblservers.id`; 0 while the admin tests values that are not saved yet.
    pub id: i64,
    /// The router's address, login and trust.
    pub endpoint: Endpoint,
    /// Where usage comes from.
    pub meter: MeterSource,
    /// Whether a collection sets the router's counters to zero.
    pub counter_reset: bool,
    /// How long one collection may take.
    pub collection_timeout: Duration,
    /// How long a command for one service may talk to the router, whatever it meets.
    pub command_timeout: Duration,
    /// Why the router may only be read, see [`crate::installation`]; nothing forbids to change it when
    /// this is `None`.
    pub read_only: Option<Error>,
}

/// The counters that are billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeterSource {
    /// The account's simple queue.
    Queue,
    /// The dynamic interface of the account's session.
    Session,
}

impl ServerSettings {
    /// Reads the server keys of `$params`.
    pub fn parse(params: &Params) -> Result<Self> {
        let host = host(params)?;
        let secure = params.flag("serversecure");
        let mut hash = AccessHash::parse(params.text("serveraccesshash"))?;
        let port = port(params, secure, hash.transport)?;
        let transport = hash.transport.unwrap_or(match port {
            8728 | 8729 => TransportKind::Api,
            _ => TransportKind::Rest,
        });
        let username = params.text("serverusername").trim().to_owned();
        if username.is_empty() {
            return Err(Error::misuse(
                "The server has no username",
                "Enter the router user under System Settings > Servers",
            ));
        }
        Ok(Self {
            id: params.int("serverid"),
            endpoint: Endpoint {
                host,
                port,
                tls: secure.then(|| std::mem::take(&mut hash.trust)),
                transport,
                username,
                password: params.secret("serverpassword"),
            },
            meter: hash.meter,
            counter_reset: hash.counter_reset,
            collection_timeout: hash.timeout,
            command_timeout: hash.command_timeout,
            read_only: None,
        })
    }

    /// The server's router, for the length of one call. Every connection of the module is made here, so
    /// that none changes what may only be read.
    pub fn router(&self, deadline: Deadline) -> Result<Router> {
        match &self.read_only {
            None => Router::new(&self.endpoint, deadline),
            Some(why) => Router::read_only(&self.endpoint, deadline, why.clone()),
        }
    }
}

struct AccessHash {
    trust: Trust,
    transport: Option<TransportKind>,
    meter: MeterSource,
    counter_reset: bool,
    timeout: Duration,
    command_timeout: Duration,
}

impl AccessHash {
    fn parse(text: &str) -> Result<Self> {
        let mut hash = Self {
            trust: Trust::default(),
            transport: None,
            meter: MeterSource::Queue,
            counter_reset: true,
            timeout: Duration::from_secs(120),
            command_timeout: Duration::from_secs(24),
        };
        for (key, value) in lines::parse(ACCESS_HASH, text)? {
            hash.set(&key, &value)?;
        }
        Ok(hash)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let unfit = |expected| lines::unfit(ACCESS_HASH, key, value, expected);
        match key {
            "tls-pin" => self
                .trust
                .pins
                .push(value.parse().map_err(|_| {
                    unfit("the SHA-256 fingerprint of the router's certificate: sha256: and 64 hexadecimal digits")
                })?),
            "tls-ca" if value.contains("-----BEGIN CERTIFICATE-----") => {
                self.trust.authorities_pem.push(value.to_owned());
            }
            "tls-ca" => return Err(unfit("a certificate in PEM form, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----")),
            "transport" => {
                self.transport = Some(match value.to_ascii_lowercase().as_str() {
                    "rest" => TransportKind::Rest,
                    "api" => TransportKind::Api,
                    _ => return Err(unfit("rest or api")),
                });
            }
            "meter" => {
                self.meter = match value.to_ascii_lowercase().as_str() {
                    "queue" => MeterSource::Queue,
                    "session" => MeterSource::Session,
                    _ => return Err(unfit("queue or session")),
                };
            }
            "counter-reset" => self.counter_reset = lines::switch(ACCESS_HASH, key, value)?,
            "timeout" => {
                self.timeout = seconds(value, 5..=3600)
                    .ok_or_else(|| unfit("the seconds a collection may take, 5 to 3600"))?;
            }
            "command-timeout" => {
                self.command_timeout = seconds(value, 1..=120)
                    .ok_or_else(|| unfit("the seconds a command may take, 1 to 120"))?;
            }
            _ => return Err(lines::unknown(ACCESS_HASH, key, &KEYS)),
        }
        Ok(())
    }
}

fn seconds(value: &str, allowed: RangeInclusive<u64>) -> Option<Duration> {
    let seconds = value
        .parse()
        .ok()
        .filter(|seconds| allowed.contains(seconds));
    seconds.map(Duration::from_secs)
}

/// The hostname when there is one, for it is what a certificate names; else the IP address.
fn host(params: &Params) -> Result<String> {
    let given = [params.text("serverhostname"), params.text("serverip")];
    let host = given
        .into_iter()
        .map(str::trim)
        .find(|text| !text.is_empty());
    let host = host.ok_or_else(|| {
        Error::misuse(
            "The service has no server, or the server has neither hostname nor IP address",
            "Choose a server on the service's page and fill in its address under System Settings > Servers",
        )
    })?;
    if host.contains(['/', ' ', '@']) {
        return Err(Error::misuse(
            format!(
                "The server's hostname \"{}\" is not one",
                lines::shortened(host)
            ),
            "Enter only the name or the IP address, without https:// and without a path; the port has its own field",
        ));
    }
    Ok(host.to_owned())
}

fn port(params: &Params, secure: bool, transport: Option<TransportKind>) -> Result<u16> {
    let given = params.text("serverport").trim();
    if given.is_empty() || given == "0" {
        return Ok(match (transport, secure) {
            (Some(TransportKind::Api), true) => 8729,
            (Some(TransportKind::Api), false) => 8728,
            (_, true) => 443,
            (_, false) => 80,
        });
    }
    given.parse().map_err(|_| {
        Error::misuse(
            format!(
                "The server's port \"{}\" is not one",
                lines::shortened(given)
            ),
            "Enter a number from 1 to 65535, or leave it empty for the default",
        )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fuzz;
    use crate::routeros::Fingerprint;

    fn params(pairs: &[(&str, &str)]) -> Params {
        let mut params = Params::new();
        params.set("serverusername", "whmcs");
        params.set("serverip", "192.0.2.1");
        for (name, value) in pairs {
            params.set(name, value);
        }
        params
    }

    #[test]
    fn the_port_follows_transport_and_tls_when_it_is_empty() {
        let port = |pairs: &[_]| ServerSettings::parse(&params(pairs)).unwrap().endpoint.port;
        assert_eq!(port(&[("serversecure", "on")]), 443);
        assert_eq!(port(&[("serversecure", "")]), 80);
        assert_eq!(port(&[("serveraccesshash", "transport = api")]), 8728);
        assert_eq!(port(&[("serverport", "8443"), ("serversecure", "1")]), 8443);
    }

    #[test]
    fn the_port_of_the_binary_api_chooses_it() {
        let kind = |pairs: &[_]| {
            let settings = ServerSettings::parse(&params(pairs)).unwrap();
            settings.endpoint.transport
        };
        assert_eq!(kind(&[("serverport", "8729")]), TransportKind::Api);
        assert_eq!(kind(&[("serverport", "443")]), TransportKind::Rest);
        let forced = [
            ("serverport", "8729"),
            ("serveraccesshash", "transport = rest"),
        ];
        assert_eq!(kind(&forced), TransportKind::Rest);
    }

    #[test]
    fn an_unknown_key_is_an_error_that_lists_the_known_ones() {
        let error = ServerSettings::parse(&params(&[("serveraccesshash", "tls-verify = off")]));
        let text = error.unwrap_err().to_string();
        assert!(
            text.contains("tls-verify") && text.contains("tls-pin"),
            "{text}"
        );
    }

    #[test]
    fn there_is_no_tls_without_ssl_and_no_trust_line_is_lost() {
        let pin = format!("tls-pin = sha256:{}", "ab".repeat(32));
        let with = params(&[("serversecure", "on"), ("serveraccesshash", &pin)]);
        let endpoint = ServerSettings::parse(&with).unwrap().endpoint;
        assert_eq!(endpoint.tls.unwrap().pins.len(), 1);
        let without = params(&[("serveraccesshash", &pin)]);
        assert!(
            ServerSettings::parse(&without)
                .unwrap()
                .endpoint
                .tls
                .is_none()
        );
    }

    #[test]
    fn the_time_of_a_command_has_bounds() {
        let time = |line: &str| {
            let parsed = ServerSettings::parse(&params(&[("serveraccesshash", line)]));
            parsed
                .map(|settings| settings.command_timeout.as_secs())
                .ok()
        };
        assert_eq!(time(""), Some(24));
        assert_eq!(time("command-timeout = 1"), Some(1));
        assert_eq!(time("Command Timeout = 120"), Some(120));
        for wrong in ["0", "121", "5s", "-1", ""] {
            assert_eq!(time(&format!("command-timeout = {wrong}")), None, "{wrong}");
        }
    }

    /// Sound lines are read for what they say, in any order and spelling; of spoilt ones every line is either
    /// used or named.
    #[test]
    fn fuzz_access_hash_lines() {
        let line = prop_oneof![
            any::<[u8; 32]>().prop_map(|bytes| {
                let print = Fingerprint::of(&bytes).to_string().to_uppercase();
                format!("TLS_Pin = {print}")
            }),
            (5_u64..=3_600).prop_map(|seconds| format!("timeout={seconds}")),
            (1_u64..=120).prop_map(|seconds| format!("command timeout ={seconds}")),
            "(meter = (queue|session)|counter-reset = (on|off|yes|0)|transport=(rest|API)|# .{0,20}|)",
            Just(
                "tls-ca =\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".to_owned()
            ),
        ];
        let inputs = (prop::collection::vec(line, 0..8), fuzz::spoils());
        fuzz::target(&inputs, |(lines, spoils)| {
            let text = lines.join("\n");
            let sound = AccessHash::parse(&text)
                .map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
            let count = |word: &str| lines.iter().filter(|line| line.starts_with(word)).count();
            prop_assert_eq!(sound.trust.pins.len(), count("TLS_Pin"));
            prop_assert_eq!(sound.trust.authorities_pem.len(), count("tls-ca"));
            let last = lines
                .iter()
                .rev()
                .find_map(|line| line.strip_prefix("timeout="));
            let expected = last.map_or(120, |seconds| seconds.parse().unwrap());
            prop_assert_eq!(sound.timeout.as_secs(), expected);
            match AccessHash::parse(&fuzz::spoilt_text(&text, &spoils)) {
                Ok(hash) => {
                    prop_assert!((5..=3_600).contains(&hash.timeout.as_secs()));
                    prop_assert!((1..=120).contains(&hash.command_timeout.as_secs()));
                }
                Err(error) => fuzz::check_misuse(&error)?,
            }
            Ok(())
        });
    }

    #[test]
    fn a_url_as_hostname_is_refused() {
        let error = ServerSettings::parse(&params(&[("serverhostname", "https://router")]));
        assert!(error.unwrap_err().to_string().contains("https://"));
    }
}

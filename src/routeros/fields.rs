//! What can be written to a secret or a queue. `None` is not sent, so the router keeps what it has.

use std::net::Ipv4Addr;

use super::command::Value;
use super::rows;
use crate::secret::Secret;
use crate::units::Limits;

/// Properties of a `/ppp/secret`.
#[derive(Debug, Clone, Copy, Default)]
pub struct SecretFields<'a> {
    /// The login name; unique on the router.
    pub name: Option<&'a str>,
    /// The login password.
    pub password: Option<&'a Secret>,
    /// `any`, `l2tp`, `pptp`, `sstp`, `ovpn`, `pppoe` or `async`.
    pub service: Option<&'a str>,
    /// An existing PPP profile.
    pub profile: Option<&'a str>,
    /// The client's fixed address.
    pub remote_address: Option<Ipv4Addr>,
    /// The router's end of the tunnel.
    pub local_address: Option<Ipv4Addr>,
    /// Free text; an empty one clears it.
    pub comment: Option<&'a str>,
    /// No new login.
    pub disabled: Option<bool>,
}

impl<'a> SecretFields<'a> {
    pub(super) fn words(&self) -> Vec<(&'static str, Value<'a>)> {
        [
            ("name", self.name.map(Value::from)),
            ("password", self.password.map(Value::from)),
            ("service", self.service.map(Value::from)),
            ("profile", self.profile.map(Value::from)),
            ("remote-address", self.remote_address.map(address)),
            ("local-address", self.local_address.map(address)),
            ("comment", self.comment.map(Value::from)),
            ("disabled", self.disabled.map(Value::from)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

/// Properties of a `/queue/simple`.
#[derive(Debug, Clone, Copy, Default)]
pub struct QueueFields<'a> {
    /// The name; unique on the router.
    pub name: Option<&'a str>,
    /// The customer's address.
    pub target: Option<Ipv4Addr>,
    /// Speed limits.
    pub max_limit: Option<Limits>,
    /// Free text; an empty one clears it.
    pub comment: Option<&'a str>,
    /// Neither limits nor counts.
    pub disabled: Option<bool>,
}

impl<'a> QueueFields<'a> {
    pub(super) fn words(&self) -> Vec<(&'static str, Value<'a>)> {
        [
            ("name", self.name.map(Value::from)),
            // RouterOS shows a bare address as /32; sending it so makes comparing easy.
            ("target", self.target.map(|ip| format!("{ip}/32").into())),
            (
                "max-limit",
                self.max_limit
                    .map(|limits| rows::limits_word(limits).into()),
            ),
            ("comment", self.comment.map(Value::from)),
            ("disabled", self.disabled.map(Value::from)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

fn address(ip: Ipv4Addr) -> Value<'static> {
    ip.to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_set_is_sent() {
        assert!(SecretFields::default().words().is_empty());
        assert!(QueueFields::default().words().is_empty());
        let secret = SecretFields {
            comment: Some(""),
            disabled: Some(false),
            ..SecretFields::default()
        };
        let words: Vec<_> = secret
            .words()
            .into_iter()
            .map(|(name, value)| (name, value.expose().to_owned()))
            .collect();
        assert_eq!(
            words,
            [("comment", String::new()), ("disabled", "false".into())]
        );
    }
}

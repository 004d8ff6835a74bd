//! The client page: a view model for `templates/client.tpl`.

use std::time::Duration;

use serde_json::{Value, json};

use super::figures;
use super::live::{Live, look};
use crate::account::server_settings;
use crate::account::tag::Tag;
use crate::error::Result;
use crate::host::Host;
use crate::params::Params;
use crate::routeros::SessionRow;
use crate::secret::Secret;
use crate::settings::{ProductSettings, Protocol, Protocols, ServerSettings, ShowPassword};
use crate::store::accounts::Account;
use crate::store::services::Service;
use crate::store::{self, accounts, services};

/// The page in WHMCS's words: which template, and its variables under one name of ours.
pub fn page(host: &dyn Host, params: &Params) -> Value {
    let view = view(host, params).unwrap_or_else(|error| {
        let service = params.int("serviceid");
        host.log_activity(
            &format!("mikrotikvpn: the client page of service {service} failed: {error}"),
            Some(params.int("userid")),
        );
        json!({"state": "failed"})
    });
    json!({
        "templatefile": "templates/client",
        "vars": {"mikrotikvpn": view},
    })
}

/// Everything that is shown. A service that is not active shows no credential and asks no router; a
/// router that is silent hides none, for the VPN itself may work while its REST service does not.
fn view(host: &dyn Host, params: &Params) -> Result<Value> {
    let status = params.text("status");
    let mut view = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "service": params.int("serviceid"),
        "status": status,
    });
    if status != "Active" {
        view["state"] = "inactive".into();
        return Ok(view);
    }
    let known = Known::load(host, params)?;
    let live = look(&known.server, &known.username, &known.tag);
    match live {
        Ok(Live { secret: None, .. }) => {
            view["state"] = "missing".into();
            return Ok(view);
        }
        Ok(live) => {
            view["state"] = "active".into();
            view["session"] = live.sessions.first().map_or(Value::Null, session);
        }
        Err(error) => {
            let service = params.int("serviceid");
            host.log_call(
                "ClientArea",
                &format!("service {service}"),
                &error.to_string(),
                &[],
            );
            view["state"] = "unreachable".into();
        }
    }
    known.describe_access(params, &mut view);
    known.describe_package(&mut view);
    Ok(view)
}

/// What WHMCS and our records know without the router.
struct Known {
    product: ProductSettings,
    server: ServerSettings,
    service: Service,
    account: Option<Account>,
    username: String,
    tag: Tag,
}

impl Known {
    fn load(host: &dyn Host, params: &Params) -> Result<Self> {
        let id = params.int("serviceid");
        let product = ProductSettings::parse(params)?;
        let server = server_settings(host, params)?;
        store::ensure_schema(host)?;
        let service = services::find(host, id)?
            .ok_or_else(|| crate::Error::bug(format!("WHMCS has no service {id}")))?;
        let account = accounts::of_service(host, id)?;
        let recorded = account.as_ref().map(|account| account.tag.as_str());
        let tag = Tag::new(&product.comment_prefix, id, recorded);
        let username = match &account {
            Some(account) if !account.username.is_empty() => account.username.clone(),
            _ => params.text("username").to_owned(),
        };
        Ok(Self {
            product,
            server,
            service,
            account,
            username,
            tag,
        })
    }

    /// What a device needs to connect.
    fn describe_access(&self, params: &Params, view: &mut Value) {
        let product = &self.product;
        view["server"] = self.server.endpoint.host.clone().into();
        view["protocols"] = protocols(&product.protocols);
        let psk = Some(&product.l2tp_psk)
            .filter(|psk| product.protocols.offers(Protocol::L2tp) && !psk.is_empty());
        view["l2tp_psk"] = psk.map(Secret::expose).into();
        view["username"] = self.username.clone().into();
        view["show_password"] = match product.show_password {
            ShowPassword::Button => "button",
            ShowPassword::Always => "always",
            ShowPassword::Never => "never",
        }
        .into();
        // What a page must not show must not be in its source either.
        view["password"] = match product.show_password {
            ShowPassword::Never => Value::Null,
            _ => params.secret("password").expose().into(),
        };
        view["address"] = self
            .account
            .as_ref()
            .and_then(|account| account.address)
            .map_or(Value::Null, |address| address.to_string().into());
        view["instruction_link"] = product.instruction_link.clone().into();
    }

    /// What was bought, and what is left of it.
    fn describe_package(&self, view: &mut Value) {
        let product = &self.product;
        view["limits"] = json!({
            "download": figures::speed(product.limits.download),
            "upload": figures::speed(product.limits.upload),
        });
        view["traffic"] = figures::traffic(self.account.as_ref(), product, &self.service);
    }
}

fn protocols(protocols: &Protocols) -> Value {
    let shown = Protocol::ALL
        .into_iter()
        .filter(|&protocol| protocols.offers(protocol));
    shown
        .map(|protocol| {
            let profile = protocols.openvpn_profile.as_ref();
            json!({
                "key": protocol.key(),
                "label": protocol.label(),
                "html": protocols.html(protocol),
                "profile": profile.filter(|_| protocol == Protocol::OpenVpn),
            })
        })
        .collect()
}

fn session(session: &SessionRow) -> Value {
    json!({
        "protocol": session.service.to_uppercase(),
        "address": session.address.map(|address| address.to_string()),
        "caller": session.caller_id,
        "uptime": session.uptime.map(duration),
    })
}

/// `2 d 3 h`, `3 h 5 min`, `5 min 7 s`: the two largest units, for a glance.
fn duration(uptime: Duration) -> String {
    let seconds = uptime.as_secs();
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let first = parts.iter().position(|&(count, _)| count > 0).unwrap_or(3);
    let shown = parts.iter().skip(first).take(2);
    let texts: Vec<_> = shown
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    texts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_show_their_two_largest_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (307, "5 min 7 s"),
            (11_100, "3 h 5 min"),
            (183_600, "2 d 3 h"),
        ] {
            assert_eq!(duration(Duration::from_secs(seconds)), text);
        }
    }
}

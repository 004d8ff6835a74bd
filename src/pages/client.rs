//! The page "Information" of the client area and its live status, as raw values: bytes, bits per second, Unix
//! seconds, days as `2026-03-01`. `lib/InformationPage.php` puts them into the visitor's language.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::forecast;
use super::status::{Asker, Status, Subject, status};
use crate::account::tag::{Record, Tag};
use crate::account::{product, server_settings};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::installation::Installation;
use crate::params::Params;
use crate::secret::Secret;
use crate::settings::{CapPolicy, ProductSettings, Protocol, ServerSettings, ShowPassword};
use crate::store::accounts::Account;
use crate::store::services::Service;
use crate::store::{accounts, history, services, standings};
use crate::traffic::grants;
use crate::units::{Bytes, Limits, Rate};

/// The page. `state` is `active`, `unreachable`, `missing`, `inactive`, `foreign` or `failed`; only the first two
/// have more than the service's number. `client` is who is logged in: WHMCS has checked that the service is
/// theirs, and it is checked again here.
pub fn information(host: &dyn Host, params: &Params, client: i64) -> Value {
    view(host, params, client).unwrap_or_else(|error| failed(host, params, &error))
}

/// What the page's live indicator asks for, with the states of the page and no credential in it. `client`
/// is who is logged in: WHMCS has checked that the service is theirs, and it is checked again here.
pub fn live(host: &dyn Host, params: &Params, client: i64) -> Value {
    live_view(host, params, client).unwrap_or_else(|error| failed(host, params, &error))
}

fn failed(host: &dyn Host, params: &Params, error: &Error) -> Value {
    let service = params.int("serviceid");
    host.log_activity(
        &format!("mikrotikvpn: the client page of service {service} failed: {error}"),
        Some(params.int("userid")),
    );
    json!({"state": "failed", "service": service})
}

/// A service that is not active shows no credential and asks no router; a router that is silent hides
/// none, for the VPN itself may work while its REST service does not.
fn view(host: &dyn Host, params: &Params, client: i64) -> Result<Value> {
    let service = params.int("serviceid");
    if services::status_for(host, service, client)?.is_none() {
        return Ok(json!({"state": "foreign", "service": service}));
    }
    let mut view = json!({"service": service, "status": params.text("status")});
    if params.text("status") != "Active" {
        view["state"] = "inactive".into();
        return Ok(view);
    }
    let known = Known::load(host, params)?;
    let status = status(host, &known.subject(), Asker::Page)?;
    view["state"] = state(&status).into();
    if status.is_missing() {
        return Ok(view);
    }
    view["live"] = status.value();
    known.describe_access(params, &mut view);
    known.describe_package(host, &mut view)?;
    Ok(view)
}

fn live_view(host: &dyn Host, params: &Params, client: i64) -> Result<Value> {
    if client == 0 || client != params.int("userid") || params.text("status") != "Active" {
        return Ok(json!({"state": "inactive"}));
    }
    let known = Known::load(host, params)?;
    let status = status(host, &known.subject(), Asker::Poll)?;
    Ok(json!({"state": state(&status), "live": status.value()}))
}

fn state(status: &Status) -> &'static str {
    match status {
        status if status.silent => "unreachable",
        status if status.is_missing() => "missing",
        _ => "active",
    }
}

/// What WHMCS and our records know without the router.
struct Known {
    id: i64,
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
        let installation = Installation::load(host)?;
        // A typo of the admin costs no customer the page; he is told of it where he made it.
        let (product, _) = product::in_force(host, params.int("pid"), params)?;
        let server = server_settings(host, params)?;
        let service = services::find(host, id)?
            .ok_or_else(|| Error::bug(format!("WHMCS has no service {id}")))?;
        grants::catch_up(host, id)?;
        let account = accounts::of_service(host, id)?;
        let record = account.as_ref().map(Record::from);
        let tag = Tag::new(&product.comment_prefix, id, installation.id, record);
        let username = match &account {
            Some(account) if !account.username.is_empty() => account.username.clone(),
            _ => params.text("username").to_owned(),
        };
        Ok(Self {
            id,
            product,
            server,
            service,
            account,
            username,
            tag,
        })
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            service: self.id,
            server: &self.server,
            username: &self.username,
            tag: &self.tag,
            address: self.account.as_ref().and_then(|account| account.address),
        }
    }

    /// What a device needs to connect.
    fn describe_access(&self, params: &Params, view: &mut Value) {
        let product = &self.product;
        view["manual"] = product.instruction_link.clone().into();
        view["server"] = self.server.endpoint.host.clone().into();
        view["protocols"] = protocols(product);
        let psk =
            Some(&product.l2tp_psk).filter(|psk| product.offers(Protocol::L2tp) && !psk.is_empty());
        view["psk"] = psk.map(Secret::expose).into();
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
    }

    /// What was bought, and what is left of it.
    fn describe_package(&self, host: &dyn Host, view: &mut Value) -> Result<()> {
        view["limits"] = limits(self.product.limits);
        view["cap"] = self.cap(host)?;
        let used = self.account.as_ref().map(|account| account.period);
        let used = used.unwrap_or_default();
        let quota = self.product.quotas.of_cycle(&self.service.billing_cycle);
        let balance = self.account.as_ref().and_then(|account| account.balance);
        let due = self.service.next_due;
        let next = grants::next(host, self.id, due, quota)?;
        let until = balance.map_or(Ok(None), |balance| self.lasts_until(host, balance))?;
        view["traffic"] = json!({
            "unlimited": quota.is_none(),
            "balance": balance,
            "quota": quota.map(|quota| quota.0),
            "percent": balance.zip(quota).map(|(balance, quota)| percent(balance, quota)),
            "used": used.total().0,
            "download": used.download.0,
            "upload": used.upload.0,
            "next_grant": next.map(|(_, bytes)| bytes),
            "next_grant_on": next.map(|(day, _)| day.to_string()),
            "lasts_until": until.map(|until| until.to_string()),
            "lasts": until.zip(next.map(|(day, _)| day).or(due)).map(|(until, due)| until >= due),
        });
        Ok(())
    }

    fn cap(&self, host: &dyn Host) -> Result<Value> {
        let standing = standings::find(host, self.id)?;
        if !standing.is_some_and(|standing| standing.capped) {
            return Ok(Value::Null);
        }
        Ok(match &self.product.cap {
            CapPolicy::Disable => json!({"policy": "disable"}),
            CapPolicy::Profile(_) => json!({"policy": "profile"}),
            CapPolicy::Slow(slow) => json!({"policy": "slow", "limits": limits(*slow)}),
        })
    }

    fn lasts_until(&self, host: &dyn Host, balance: i64) -> Result<Option<NaiveDate>> {
        let id = self.id;
        let zone = host.time_zone();
        let today = host.now().with_timezone(&zone).date_naive();
        let made =
            accounts::provisioned_at(host, id)?.map(|at| at.with_timezone(&zone).date_naive());
        let Some(from) = forecast::week(made, self.product.history_days, today) else {
            return Ok(None);
        };
        let used = history::between(host, id, from, today)?.total();
        Ok(forecast::lasts_until(balance, used, from, today))
    }
}

/// Bits per second; null is unlimited.
fn limits(limits: Limits) -> Value {
    let rate = |rate: Rate| (rate != Rate::UNLIMITED).then_some(rate.0);
    json!({"download": rate(limits.download), "upload": rate(limits.upload)})
}

fn protocols(product: &ProductSettings) -> Value {
    let shown = Protocol::ALL
        .into_iter()
        .filter(|&protocol| product.offers(protocol));
    shown
        .map(|protocol| {
            let profile = product.protocols.openvpn_profile.as_ref();
            json!({
                "key": protocol.key(),
                "label": protocol.label(),
                "html": product.protocols.html(protocol),
                "profile": profile.filter(|_| protocol == Protocol::OpenVpn),
            })
        })
        .collect()
}

/// What is left of a quota, 0 to 100; rolled-over traffic does not make it more than full.
fn percent(balance: i64, quota: Bytes) -> u64 {
    let left = u128::try_from(balance).unwrap_or(0);
    let percent = left * 100 / u128::from(quota.0.max(1));
    u64::try_from(percent.min(100)).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_never_below_empty_or_above_full() {
        assert_eq!(percent(-5, Bytes(10)), 0);
        assert_eq!(percent(5, Bytes(10)), 50);
        assert_eq!(percent(25, Bytes(10)), 100);
        assert_eq!(percent(1, Bytes(0)), 100);
    }

    #[test]
    fn an_unlimited_speed_has_no_number() {
        let mixed = Limits {
            download: Rate(5),
            upload: Rate::UNLIMITED,
        };
        assert_eq!(limits(mixed), json!({"download": 5, "upload": null}));
    }
}

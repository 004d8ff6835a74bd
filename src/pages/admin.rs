//! What an admin sees of a service, as plain values: `lib/ServicePanel.php` places and escapes them. And
//! the link in the server list.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use html_escape::encode_double_quoted_attribute as attribute;
use serde_json::{Value, json};

use super::live::{Sight, Subject, look};
use super::sheet::Sheet;
use super::{correction, doubts, ledger};
use crate::account::agreement::{self, InWhmcs};
use crate::account::tag::{Record, Tag};
use crate::account::{product, server_settings};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::installation::Installation;
use crate::params::Params;
use crate::routeros::TransportKind;
use crate::settings::{ProductSettings, ServerSettings};
use crate::store::accounts::Account;
use crate::store::overview::{self, RouterRow};
use crate::store::services::Service;
use crate::store::standings::Standing;
use crate::store::{accounts, checkups, services, standings};
use crate::traffic::{compare, grants};
use crate::units::Bytes;

/// Everything the service page shows. A dead router, wrong settings or books that cannot be read cost
/// their own part of it: `api.error`, `typo` and `error` say so.
///
/// Bytes, bits per second, seconds and Unix times; what is not known is null. `sheet` is of the ledger.
pub fn service(host: &dyn Host, params: &Params, sheet: Sheet) -> Value {
    let mut page = json!({
        "service": params.int("serviceid"),
        "server": params.int("serverid"),
        "error": null,
    });
    let books = match Books::load(host, params) {
        Ok(books) => books,
        Err(error) => {
            page["error"] = error.to_string().into();
            Books::default()
        }
    };
    let asked = ask(host, params, &books);
    books.describe(&mut page);
    describe_router(&asked, &books, &mut page);
    if let Err(error) = describe_forms(host, params, &books, sheet, &mut page) {
        page["error"] = error.to_string().into();
    }
    page
}

/// What our books and WHMCS's know.
#[derive(Default)]
struct Books {
    /// `None` when they could not be read.
    installation: Option<Installation>,
    account: Option<Account>,
    standing: Option<Standing>,
    service: Option<Service>,
    router: Option<RouterRow>,
    /// Accounts of the router with hidden traffic, and how much that was.
    hidden: (u64, Bytes),
    /// Where WHMCS names another server, username or address than the account has.
    differences: Vec<String>,
    /// The day of the next grant and its bytes.
    next_grant: Option<(NaiveDate, u64)>,
    /// The doctor's latest report of the router, and when that was.
    checkup: Option<(DateTime<Utc>, String)>,
}

impl Books {
    fn load(host: &dyn Host, params: &Params) -> Result<Self> {
        let installation = Installation::load(host)?;
        let (service, server) = (params.int("serviceid"), params.int("serverid"));
        grants::catch_up(host, service)?;
        let account = accounts::of_service(host, service)?;
        let row = services::find(host, service)?;
        let due = row.as_ref().and_then(|service| service.next_due);
        let quota = ProductSettings::parse(params).ok().zip(row.as_ref());
        let quota = quota.and_then(|(product, row)| product.quotas.of_cycle(&row.billing_cycle));
        Ok(Self {
            installation: Some(installation),
            differences: differences(host, params, account.as_ref(), row.as_ref())?,
            account,
            standing: standings::find(host, service)?,
            next_grant: grants::next(host, service, due, quota)?,
            service: row,
            router: overview::router(host, server, host.now())?,
            hidden: accounts::hidden_of_server(host, server)?,
            checkup: checkups::latest(host, server)?,
        })
    }

    /// The account there is now: a terminated one has no name.
    fn live_account(&self) -> Option<&Account> {
        self.account
            .as_ref()
            .filter(|account| !account.username.is_empty())
    }

    fn tag(&self, prefix: &str, service: i64) -> Option<Tag> {
        let record = self.account.as_ref().map(Record::from);
        let installation = self.installation.as_ref()?.id;
        Some(Tag::new(prefix, service, installation, record))
    }

    fn describe(&self, page: &mut Value) {
        page["collection"] = self.collection(page["service"].as_i64().unwrap_or_default());
        page["hints"] = self.hints();
        page["checkup"] = self.checkup();
    }

    /// `{at, verdict, checks}` of [`crate::doctor`]; null before the first.
    fn checkup(&self) -> Value {
        let report = self.checkup.as_ref().and_then(|(at, report)| {
            let mut report: Value = serde_json::from_str(report).ok()?;
            let kept = |report: &mut Value, name| report.get_mut(name).map(Value::take);
            let (verdict, checks) = (kept(&mut report, "verdict")?, kept(&mut report, "checks")?);
            Some(json!({"at": at.timestamp(), "verdict": verdict, "checks": checks}))
        });
        report.unwrap_or(Value::Null)
    }

    /// The last collection of the router: `remarks` are of this service or of the router, the rest is a number.
    fn collection(&self, service: i64) -> Value {
        let Some(router) = &self.router else {
            return Value::Null;
        };
        let (remarks, others): (Vec<_>, Vec<_>) = router
            .remarks
            .lines()
            .partition(|remark| concerns(remark, service));
        json!({
            "at": router.collected_at.map(|at| at.timestamp()),
            "tried_at": router.ended_at.map(|at| at.timestamp()),
            "error": router.error,
            "remarks": remarks,
            "other_remarks": others.len(),
            "version": router.version,
            "online": router.online,
            "accounts": router.accounts,
        })
    }

    fn hints(&self) -> Value {
        let own = self.account.as_ref().map(|account| account.seen.hidden);
        let own = own.and_then(compare::remark);
        let own = own.map(|remark| format!("The account {remark}."));
        let (accounts, hidden) = self.hidden;
        let all = compare::server_remark(accounts, hidden).map(|remark| format!("{remark}."));
        let doubt = self.installation.as_ref().and_then(Installation::doubt);
        let doubt = doubt.map(|doubt| doubt.to_string());
        let differences = self.differences.iter().cloned();
        doubt
            .into_iter()
            .chain(differences)
            .chain(own)
            .chain(all)
            .collect()
    }

    /// `left_percent` is of a full billing cycle, 0 to 100.
    fn traffic(&self, product: &ProductSettings) -> Value {
        let (Some(account), Some(service)) = (&self.account, &self.service) else {
            return Value::Null;
        };
        let quota = product.quotas.of_cycle(&service.billing_cycle);
        let percent = account.balance.zip(quota).map(|(balance, quota)| {
            let left = u128::try_from(balance).unwrap_or(0) * 100;
            u64::try_from((left / u128::from(quota.0.max(1))).min(100)).unwrap_or(100)
        });
        json!({
            "download": account.period.download.0,
            "upload": account.period.upload.0,
            "balance": account.balance,
            "quota": quota.map(|quota| quota.0),
            "left_percent": percent,
            "next_grant": self.next_grant.map(|(_, bytes)| bytes),
            "next_grant_on": self.next_grant.map(|(day, _)| day.to_string()),
            "capped": self.standing.as_ref().is_some_and(|standing| standing.capped),
            "cap": product.cap.to_string(),
        })
    }
}

fn differences(
    host: &dyn Host,
    params: &Params,
    account: Option<&Account>,
    service: Option<&Service>,
) -> Result<Vec<String>> {
    let live = account.filter(|account| !account.username.is_empty());
    let (Some(account), Some(service)) = (live, service) else {
        return Ok(Vec::new());
    };
    let whmcs = InWhmcs {
        server: params.int("serverid"),
        username: params.text("username"),
        address: &service.dedicated_ip,
    };
    let found = agreement::differences(host, account, &whmcs)?;
    Ok(found.iter().map(ToString::to_string).collect())
}

/// The journal's remarks begin with the service they are about, or are about the router.
fn concerns(remark: &str, service: i64) -> bool {
    let Some(rest) = remark.strip_prefix("Service ") else {
        return true;
    };
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()) == Some(service)
}

/// What settings and router say; each may fail for itself.
struct Asked {
    product: ProductSettings,
    /// What of them cannot be read.
    typo: Option<Error>,
    server: Result<ServerSettings>,
    /// `None` when wrong settings forbid to ask.
    sight: Option<Result<Sight>>,
}

fn ask(host: &dyn Host, params: &Params, books: &Books) -> Asked {
    let product = product::in_force(host, params.int("pid"), params);
    let (product, typo) =
        product.unwrap_or_else(|_| ProductSettings::lenient(params, &BTreeMap::new()));
    let server = server_settings(host, params);
    let service = params.int("serviceid");
    let tag = books.tag(&product.comment_prefix, service);
    let sight = server.as_ref().ok().zip(tag).map(|(server, tag)| {
        let username = books
            .live_account()
            .map_or(params.text("username"), |account| &account.username);
        let subject = Subject {
            service,
            server,
            username,
            tag: &tag,
        };
        look(host, &subject)
    });
    Asked {
        product,
        typo,
        server,
        sight,
    }
}

impl Asked {
    /// Why the router is not there.
    fn failure(&self) -> Option<String> {
        let error = match (&self.server, &self.sight) {
            (Err(error), _) | (_, Some(Err(error))) => error.to_string(),
            (_, Some(Ok(sight))) => return sight.error.clone(),
            (_, None) => return None,
        };
        Some(error)
    }

    fn sight(&self) -> Option<&Sight> {
        self.sight.as_ref().and_then(|sight| sight.as_ref().ok())
    }
}

fn describe_router(asked: &Asked, books: &Books, page: &mut Value) {
    let failure = asked.failure();
    page["api"] = json!({
        "reached": failure.is_none(),
        "router": asked.server.as_ref().ok().map(|server| server.endpoint.name()),
        "server": asked.server.as_ref().ok().map(|server| server.id),
        "webfig": asked.server.as_ref().ok().map(webfig),
        "error": failure,
    });
    page["typo"] = asked.typo.as_ref().map(ToString::to_string).into();
    let seen = asked.sight().and_then(|sight| sight.seen.as_ref());
    page["account"] = match (seen, books.live_account()) {
        (Some(seen), _) if !seen["account"].is_null() => seen["account"].clone(),
        (Some(_), known) => json!({
            "state": "missing",
            "username": known.map(|account| account.username.as_str()),
            "comment": known.map(|account| account.tag.as_str()),
        }),
        (None, Some(account)) => on_record(account, books.standing.as_ref()),
        (None, None) => json!({"state": "none"}),
    };
    page["sessions"] = seen.map_or(Value::Null, |seen| seen["sessions"].clone());
    let at = asked.sight().and_then(|sight| sight.at);
    page["as_of"] = at.map(|at| at.timestamp()).into();
    page["limits"] = json!({
        "download": asked.product.limits.download.0,
        "upload": asked.product.limits.upload.0,
    });
    page["traffic"] = books.traffic(&asked.product);
}

/// While the router is silent: what we last left on it.
fn on_record(account: &Account, standing: Option<&Standing>) -> Value {
    json!({
        "state": "recorded",
        "username": account.username,
        "profile": standing.and_then(|standing| standing.profile.as_deref()),
        "address": account.address.map(|address| address.to_string()),
        "comment": account.tag,
    })
}

fn describe_forms(
    host: &dyn Host,
    params: &Params,
    books: &Books,
    sheet: Sheet,
    page: &mut Value,
) -> Result<()> {
    let service = params.int("serviceid");
    page["mails"] = doubts::list(host, Some(service))?;
    let Some(account) = &books.account else {
        return Ok(());
    };
    page["ledger"] = ledger::view(host, service, params.text("username"), sheet)?;
    if account.balance.is_some() {
        page["correction"] = correction::view(host, service)?;
    }
    Ok(())
}

/// The router's own web page: beside REST on its port, beside the binary API on the usual one.
fn webfig(server: &ServerSettings) -> String {
    let endpoint = &server.endpoint;
    let scheme = if endpoint.tls.is_some() {
        "https"
    } else {
        "http"
    };
    match endpoint.transport {
        TransportKind::Rest => format!("{scheme}://{}/", endpoint.name()),
        TransportKind::Api => format!("{scheme}://{}/", endpoint.authority_host()),
    }
}

/// A link to the router's own web page, for the server list; `label` is its text.
pub fn webfig_link(params: &Params, label: &str) -> String {
    let Ok(server) = ServerSettings::parse(params) else {
        return String::new();
    };
    format!(
        "<a href=\"{}\" target=\"_blank\" rel=\"noopener noreferrer\">{}</a>",
        attribute(&webfig(&server)),
        html_escape::encode_text(label)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(pairs: &[(&str, &str)]) -> String {
        let mut params = Params::new();
        params.set("serverusername", "admin");
        for (name, value) in pairs {
            params.set(name, value);
        }
        webfig_link(&params, "Open <WebFig>")
    }

    #[test]
    fn a_hostile_hostname_stays_inside_its_attribute() {
        let link = link(&[("serverip", "x\"onclick=\"alert(1)")]);
        assert!(!link.contains("\"onclick"), "{link}");
        assert!(link.ends_with(">Open &lt;WebFig&gt;</a>"), "{link}");
    }

    #[test]
    fn webfig_is_where_the_router_serves_it() {
        let at = |pairs: &[_]| {
            let link = link(pairs);
            link.split('"').nth(1).unwrap_or_default().to_owned()
        };
        let secure = ("serversecure", "on");
        let ip = ("serverip", "192.0.2.1");
        assert_eq!(at(&[ip, secure]), "https://192.0.2.1:443/");
        let port = ("serverport", "8443");
        assert_eq!(at(&[ip, secure, port]), "https://192.0.2.1:8443/");
        // The API's own port serves no pages.
        let api = ("serverport", "8729");
        assert_eq!(at(&[ip, secure, api]), "https://192.0.2.1/");
        assert_eq!(
            at(&[("serverip", "2001:db8::1")]),
            "http://[2001:db8::1]:80/"
        );
        assert_eq!(link(&[("serverip", "")]), "");
    }

    #[test]
    fn remarks_of_other_services_are_not_this_services() {
        assert!(concerns("Service 7 has no queue on the router.", 7));
        assert!(concerns("Service 7: the e-mail failed.", 7));
        assert!(concerns("Product 3: the setting is wrong.", 7));
        assert!(!concerns("Service 71 has no queue.", 7));
    }
}

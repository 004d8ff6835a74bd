//! The admin's pages: rows of the service page and the link in the server list, as HTML that is safe
//! whatever the router put into a comment.

use html_escape::{encode_double_quoted_attribute as attribute, encode_text as text};
use serde_json::{Map, Value};

use super::live::{Live, look};
use super::{correction, ledger};
use crate::account::server_settings;
use crate::account::tag::Tag;
use crate::error::Result;
use crate::host::Host;
use crate::params::{Params, is_on};
use crate::settings::{ProductSettings, ServerSettings};
use crate::store::{self, accounts, servers};
use crate::traffic::compare;
use crate::units::Bytes;

/// Rows of the service page: label and HTML. A dead router or wrong settings are a row, too.
pub fn service_fields(host: &dyn Host, params: &Params) -> Value {
    let mut rows = Map::new();
    if let Err(error) = fill(host, params, &mut rows) {
        rows.insert("Router".to_owned(), Value::from(bad(&error.to_string())));
    }
    if let Err(error) = fill_books(host, params, &mut rows) {
        rows.insert("Traffic".to_owned(), Value::from(bad(&error.to_string())));
    }
    Value::Object(rows)
}

/// What needs neither router nor settings, and is wanted most when one of them is wrong.
fn fill_books(host: &dyn Host, params: &Params, rows: &mut Map<String, Value>) -> Result<()> {
    store::ensure_schema(host)?;
    let service = params.int("serviceid");
    let Some(account) = accounts::of_service(host, service)? else {
        return Ok(());
    };
    let print = ledger::field(host, service, params.text("username"))?;
    rows.insert("Traffic ledger".to_owned(), print.into());
    if account.balance.is_some() {
        let field = correction::field(host, service)?;
        rows.insert("Add or take traffic".to_owned(), field.into());
    }
    Ok(())
}

fn fill(host: &dyn Host, params: &Params, rows: &mut Map<String, Value>) -> Result<()> {
    let product = ProductSettings::parse(params)?;
    let server = server_settings(host, params)?;
    store::ensure_schema(host)?;
    let id = params.int("serviceid");
    let account = accounts::of_service(host, id)?;
    let recorded = account.as_ref().map(|account| account.tag.as_str());
    let tag = Tag::new(&product.comment_prefix, id, recorded);
    let username = match &account {
        Some(account) if !account.username.is_empty() => &account.username,
        _ => params.text("username"),
    };
    let mut row = |label: &str, html: String| rows.insert(label.to_owned(), html.into());
    match look(&server, username, &tag) {
        Ok(live) => {
            row(
                "Router",
                good(&format!("Connected to {}", server.endpoint.host)),
            );
            row("Account on the router", account_html(&live, username, &tag));
            row("Connection", connection_html(&live));
        }
        Err(error) => {
            row("Router", bad(&error.to_string()));
        }
    }
    row(
        "Limits",
        format!(
            "{} down, {} up",
            product.limits.download, product.limits.upload
        ),
    );
    if let Some(account) = &account {
        let used = account.period;
        let balance = account.balance.map_or_else(
            || "unlimited".to_owned(),
            |left| format!("{} left", signed_gb(left)),
        );
        row(
            "Traffic",
            format!(
                "{} down and {} up in this period, {balance}",
                gb(used.download),
                gb(used.upload)
            ),
        );
    }
    row("Last collection", collection_html(host, &server)?);
    let hidden = account
        .map(|account| account.seen.hidden)
        .unwrap_or_default();
    if let Some(remark) = compare::remark(hidden) {
        row("Hidden traffic", bad(&format!("The account {remark}")));
    }
    let (accounts, hidden) = accounts::hidden_of_server(host, server.id)?;
    if let Some(remark) = compare::server_remark(accounts, hidden) {
        row("Server", bad(&remark));
    }
    Ok(())
}

fn account_html(live: &Live, username: &str, tag: &Tag) -> String {
    let Some(secret) = &live.secret else {
        return bad(&format!(
            "There is no PPP secret \"{username}\" with the comment \"{}\"; run Create",
            tag.current()
        ));
    };
    let address = secret
        .remote_address
        .map_or_else(|| "no address".to_owned(), |address| address.to_string());
    let state = if secret.disabled {
        "disabled"
    } else {
        "enabled"
    };
    let summary = format!(
        "{} ({state}), profile {}, service {}, {address}, comment \"{}\"",
        secret.name, secret.profile, secret.service, secret.comment
    );
    text(&summary).into_owned()
}

fn connection_html(live: &Live) -> String {
    let lines: Vec<_> = live
        .sessions
        .iter()
        .map(|session| {
            let minutes = session.uptime.map_or(0, |uptime| uptime.as_secs() / 60);
            format!(
                "{} from {}, for {minutes} min",
                session.service, session.caller_id
            )
        })
        .collect();
    if lines.is_empty() {
        return "not connected".to_owned();
    }
    text(&lines.join("; ")).into_owned()
}

fn collection_html(host: &dyn Host, server: &ServerSettings) -> Result<String> {
    let zone = host.time_zone();
    let at = servers::collected_at(host, server.id)?;
    Ok(at.map_or_else(
        || "never yet".to_owned(),
        |at| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
    ))
}

fn good(words: &str) -> String {
    format!(
        "<span class=\"label label-success\">OK</span> {}",
        text(words)
    )
}

fn bad(words: &str) -> String {
    format!(
        "<span class=\"label label-danger\">Problem</span> {}",
        text(words)
    )
}

fn gb(bytes: Bytes) -> String {
    format!("{:.2} GB", bytes.as_gb())
}

fn signed_gb(bytes: i64) -> String {
    let sign = if bytes < 0 { "-" } else { "" };
    format!("{sign}{}", gb(Bytes(bytes.unsigned_abs())))
}

/// A link to the router's own web page, for the server list.
pub fn webfig_link(params: &Params) -> String {
    let Ok(server) = ServerSettings::parse(params) else {
        return String::new();
    };
    let scheme = if is_on(params.text("serversecure")) {
        "https"
    } else {
        "http"
    };
    let address = format!(
        "{scheme}://{}:{}/",
        server.endpoint.host, server.endpoint.port
    );
    format!(
        "<a href=\"{}\" target=\"_blank\" rel=\"noopener noreferrer\">Open WebFig</a>",
        attribute(&address)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_hostname_stays_inside_its_attribute() {
        let mut params = Params::new();
        params.set("serverusername", "admin");
        params.set("serverip", "x\"onclick=\"alert(1)");
        let link = webfig_link(&params);
        assert!(!link.contains("\"onclick"), "{link}");
    }
}

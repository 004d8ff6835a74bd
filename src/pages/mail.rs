//! E-mail: the templates we give an admin to begin with, and our merge fields in the mails WHMCS sends about
//! a service of ours, such as the product's welcome mail.

use std::collections::HashSet;

use html_escape::encode_text as text;
use serde_json::{Map, Value, json};

use crate::account::product;
use crate::error::Result;
use crate::host::Host;
use crate::params::Params;
use crate::settings::{
    NOTICE_TEMPLATE, ProductSettings, Protocol, SUSPENSION_TEMPLATE, ServerSettings,
};
use crate::store::mail_templates::{self, NewTemplate};
use crate::store::{self, products, servers, services};

/// The templates that have yet to be made: a list of `kind` (`notice`, `suspension`) and `language` (WHMCS's
/// name of it, `""` for the default one). A template that the admin removed is not among them.
pub fn missing_templates(host: &dyn Host) -> Result<Value> {
    store::ensure_schema(host)?;
    let names = [NOTICE_TEMPLATE, SUSPENSION_TEMPLATE];
    let present = mail_templates::present(host, names)?;
    let mut missing = Vec::new();
    for (kind, name) in KINDS {
        let is = |set: &HashSet<_>, language: &str| {
            set.contains(&(name.to_owned(), language.to_owned()))
        };
        let removed = is(&present.made, "") && !is(&present.rows, "");
        if removed {
            continue;
        }
        let default = std::iter::once("");
        let languages = default.chain(present.languages.iter().map(String::as_str));
        let wanted = languages
            .filter(|language| !is(&present.made, language) && !is(&present.rows, language));
        missing.extend(wanted.map(|language| json!({"kind": kind, "language": language})));
    }
    Ok(missing.into())
}

const KINDS: [(&str, &str); 2] = [
    ("notice", NOTICE_TEMPLATE),
    ("suspension", SUSPENSION_TEMPLATE),
];

/// Makes a template of ours in one language, once and for all: one that is there, whoever made it, stays.
pub fn make_template(
    host: &dyn Host,
    kind: &str,
    language: &str,
    subject: &str,
    message: &str,
) -> Result<()> {
    let Some((_, name)) = KINDS.into_iter().find(|(word, _)| *word == kind) else {
        return Ok(());
    };
    let template = NewTemplate {
        name: name.to_owned(),
        language: language.to_owned(),
        subject: subject.to_owned(),
        message: message.to_owned(),
    };
    let now = host.now().with_timezone(&host.time_zone());
    mail_templates::make_once(host, &template, now)
}

/// Our merge fields for a mail of `template` that is about `related`, as HTML; none unless it is a product
/// template and a service of this module. The pre-shared key is only for a service that is Active, as WHMCS
/// calls it before it sends the welcome mail.
pub fn merge_fields(host: &dyn Host, template: &str, related: i64) -> Result<Value> {
    let none = json!({});
    if template.is_empty() || related <= 0 {
        return Ok(none);
    }
    // An id alone says nothing: that of an invoice may be that of a service, too.
    let Some((server, status)) = services::of_this_module(host, related)? else {
        return Ok(none);
    };
    if !mail_templates::is_product_template(host, template)? {
        return Ok(none);
    }
    let Some(sold) = products::of_service(host, related)? else {
        return Ok(none);
    };
    store::ensure_schema(host)?;
    let (product, _) = product::in_force(host, sold.id, &sold.params)?;
    let address = address(host, server)?;
    Ok(Value::Object(fields(
        &product,
        &address,
        status == "Active",
    )))
}

/// What a device connects to; empty when the server's settings do not say.
fn address(host: &dyn Host, server: i64) -> Result<String> {
    let mut params = Params::new();
    for (name, value) in servers::find(host, server)?
        .into_iter()
        .flat_map(|server| server.columns)
    {
        params.set(name, &value);
    }
    Ok(
        ServerSettings::parse(&params)
            .map_or_else(|_| String::new(), |server| server.endpoint.host),
    )
}

fn fields(product: &ProductSettings, server: &str, is_active: bool) -> Map<String, Value> {
    let offered = Protocol::ALL
        .into_iter()
        .filter(|protocol| product.offers(*protocol));
    let protocols: Vec<_> = offered.map(Protocol::label).collect();
    let shown = is_active && product.offers(Protocol::L2tp);
    let psk = shown.then(|| product.l2tp_psk.expose());
    let link = product.instruction_link.as_deref();
    [
        ("vpn_server", server),
        ("vpn_protocols", &protocols.join(", ")),
        ("vpn_l2tp_psk", psk.unwrap_or_default()),
        ("vpn_instruction_link", link.unwrap_or_default()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), text(value).into()))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(pairs: &[(usize, &str)]) -> ProductSettings {
        let mut params = Params::new();
        for (position, value) in pairs {
            params.set(&format!("configoption{position}"), value);
        }
        ProductSettings::parse(&params).unwrap()
    }

    #[test]
    fn a_mail_tells_what_the_product_offers_and_is_html() {
        let product = product(&[
            (16, "https://x.test/?a=1&b=2"),
            (18, "on"),
            (19, "a<b"),
            (23, "sstp = on"),
        ]);
        assert_eq!(
            Value::Object(fields(&product, "vpn.example.test", true)),
            json!({
                "vpn_server": "vpn.example.test", "vpn_protocols": "L2TP/IPsec, SSTP",
                "vpn_l2tp_psk": "a&lt;b", "vpn_instruction_link": "https://x.test/?a=1&amp;b=2",
            })
        );
    }

    #[test]
    fn the_key_is_for_those_who_may_connect_with_it() {
        let l2tp = product(&[(18, "on"), (19, "psk")]);
        assert_eq!(fields(&l2tp, "", false)["vpn_l2tp_psk"], "");
        let other = product(&[(17, "on"), (19, "psk")]);
        assert_eq!(fields(&other, "", true)["vpn_l2tp_psk"], "");
    }
}

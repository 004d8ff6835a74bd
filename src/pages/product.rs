//! A product's Module Settings tab: the fields, and which of them hold what cannot be used. WHMCS stores
//! whatever is typed there, so it is said where it was typed, in the activity log, and when a server is tested.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use html_escape::encode_text as text;
use serde_json::{Map, Value, json};

use crate::account::names::{self, RuleContext};
use crate::account::product;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::params::Params;
use crate::settings::{FIELDS, Field, FieldKind, ProductSettings};
use crate::store;
use crate::store::products::{self, Product};

/// `ConfigOptions`: the fields in the order of their storage. `product` is the one whose tab is shown, 0 when
/// that is not known. A field's Description is what is wrong with its stored value, usually nothing; what the
/// field is for is added where the admin's language is known.
pub fn fields(host: &dyn Host, product: i64) -> Value {
    let stored = if product > 0 {
        products::of_this_module(host, product).ok().flatten()
    } else {
        None
    };
    let problems = stored.map_or_else(BTreeMap::new, |product| problems(&product.params));
    let mut fields: Vec<_> = FIELDS.iter().map(field).collect();
    for (position, error) in &problems {
        if let Some(field) = fields.get_mut(position - 1) {
            warn(field, &error.to_string());
        }
    }
    if let (Some(first), false) = (fields.first_mut(), problems.is_empty()) {
        warn(first, &summary(&problems));
    }
    let labels = FIELDS.iter().map(|field| field.label.to_owned());
    Value::Object(labels.zip(fields).collect::<Map<_, _>>())
}

fn field(field: &Field) -> Value {
    let mut option = json!({
        "FriendlyName": field.label,
        "Description": "",
        "Default": field.offered(),
        // WHMCS runs Loaders in simple mode only, and simple mode hides every other field.
        "SimpleMode": true,
    });
    match field.kind {
        FieldKind::Text(size) => {
            option["Type"] = "text".into();
            option["Size"] = size.to_string().into();
        }
        FieldKind::Password => {
            option["Type"] = "password".into();
            option["Size"] = "25".into();
        }
        FieldKind::YesNo => option["Type"] = "yesno".into(),
        FieldKind::Dropdown(choices) => {
            option["Type"] = "dropdown".into();
            option["Options"] = choices
                .iter()
                .map(|(value, label)| ((*value).to_owned(), Value::from(*label)))
                .collect::<Map<_, _>>()
                .into();
        }
        FieldKind::TextArea => {
            option["Type"] = "textarea".into();
            option["Rows"] = "6".into();
            option["Cols"] = "60".into();
        }
        FieldKind::Loader(function) => {
            option["Type"] = "text".into();
            option["Size"] = "25".into();
            option["Loader"] = function.into();
        }
    }
    option
}

/// Puts a warning into a field's description, which WHMCS shows as HTML.
fn warn(field: &mut Value, sentence: &str) {
    let description = field["Description"].as_str().unwrap_or_default();
    let warning = format!(
        "<div class=\"alert alert-danger mikrotikvpn-wrong\" role=\"alert\">{}</div>",
        text(sentence)
    );
    field["Description"] = format!("{warning}{description}").into();
}

fn summary(problems: &BTreeMap<usize, Error>) -> String {
    let labels = problems
        .keys()
        .filter_map(|position| FIELDS.get(position - 1))
        .map(|field| format!("\"{}\"", field.label));
    format!(
        "No account can be created with these settings. To be mended: {}.",
        labels.collect::<Vec<_>>().join(", ")
    )
}

/// What cannot be used, by position of the setting: every one of them, not only the first. A field that is
/// right by itself may be wrong beside another.
pub fn problems(params: &Params) -> BTreeMap<usize, Error> {
    let checked = (1..=FIELDS.len()).map(|position| {
        let alone = params.only(&format!("configoption{position}"));
        (position, check(&alone))
    });
    let mut problems: BTreeMap<_, _> = checked
        .filter_map(|(position, checked)| Some((position, checked.err()?)))
        .collect();
    let (readable, _) = ProductSettings::lenient(params, &BTreeMap::new());
    for (position, error) in readable.contradictions() {
        problems.entry(position).or_insert(error);
    }
    problems
}

fn check(params: &Params) -> Result<()> {
    let product = ProductSettings::parse(params)?;
    let mut random = crate::random::source();
    if !product.username_rule.is_empty() {
        let longest = RuleContext {
            client: 999_999,
            service: 9_999_999,
            now: chrono::DateTime::UNIX_EPOCH.with_timezone(&Tz::UTC),
        };
        names::username(&product.username_rule, &longest, &mut random)?;
    }
    if !product.password_rule.is_empty() {
        names::password(&product.password_rule, &mut random)?;
    }
    Ok(())
}

/// The hook `ProductEdit`: what is wrong with a product of ours that was just saved, a sentence each.
pub fn saved(host: &dyn Host, product: i64) -> Result<Vec<String>> {
    let Some(saved) = products::of_this_module(host, product)? else {
        return Ok(Vec::new());
    };
    store::ensure_schema(host)?;
    product::remember(host, saved.id, &saved.params)?;
    Ok(sentences(&saved).collect())
}

/// What is wrong with the products that may be sold on `server`. Nothing is sold on one that is not saved
/// yet (0), and what is wrong elsewhere is not its fault.
pub fn check_sold_on(host: &dyn Host, server: i64) -> Result<()> {
    if server == 0 {
        return Ok(());
    }
    let products = products::sold_on(host, server)?;
    let sentences: Vec<_> = products.iter().flat_map(sentences).collect();
    if sentences.is_empty() {
        return Ok(());
    }
    let subject = sentences.join(" ");
    Err(Error::misuse(
        format!(
            "The router answers as it should, but {}",
            subject.trim_end_matches('.')
        ),
        "Save the product's Module Settings with a value that fits, then test the connection again",
    ))
}

fn sentences(product: &Product) -> impl Iterator<Item = String> + use<> {
    let named = format!("product {} \"{}\"", product.id, product.name);
    problems(&product.params)
        .into_values()
        .map(move |error| format!("{named} cannot be sold: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(usize, &str)]) -> Params {
        let mut params = Params::new();
        for (position, value) in pairs {
            params.set(&format!("configoption{position}"), value);
        }
        params
    }

    #[test]
    fn every_setting_has_a_type_whmcs_knows_and_there_are_at_most_24() {
        assert!(FIELDS.len() <= 24);
        for option in FIELDS.iter().map(field) {
            let label = option["FriendlyName"].as_str().unwrap();
            let kind = option["Type"].as_str().unwrap();
            let known = ["text", "password", "yesno", "dropdown", "radio", "textarea"];
            assert!(known.contains(&kind), "{label}");
        }
    }

    #[test]
    fn every_wrong_setting_is_named_and_the_right_ones_are_not() {
        let wrong = problems(&params(&[
            (1, "isp"),
            (4, "fast"),
            (6, "10"),
            (12, "0"),
            (21, "a b {service_id}"),
            (22, "3:a-z"),
            (23, "colour = red"),
        ]));
        let positions: Vec<_> = wrong.keys().copied().collect();
        assert_eq!(positions, [4, 12, 21, 22, 23]);
        for (position, error) in &wrong {
            let label = FIELDS[position - 1].label;
            assert!(error.to_string().contains(label), "{label}: {error}");
        }
        assert!(
            problems(&Params::new()).is_empty(),
            "the defaults can be used"
        );
    }

    #[test]
    fn an_offer_without_its_key_or_its_protocol_is_marked_at_the_field_to_be_mended() {
        let positions = |pairs: &[(usize, &str)]| -> Vec<usize> {
            problems(&params(pairs)).into_keys().collect()
        };
        assert_eq!(positions(&[(3, "pptp"), (18, "on")]), [18]);
        assert_eq!(positions(&[(18, "on")]), [19]);
        assert_eq!(positions(&[(18, "on"), (19, "key")]), Vec::<usize>::new());
        assert_eq!(positions(&[(3, "l2tp"), (23, "sstp = on")]), [23]);
        // What cannot be read is told first.
        assert_eq!(positions(&[(3, "ipsec"), (18, "on")]), [3, 19]);
    }

    #[test]
    fn a_rule_is_checked_with_the_longest_numbers_there_may_be() {
        let rule = format!("{}{{service_id}}", "x".repeat(58));
        assert_eq!(problems(&params(&[(21, &rule)])).len(), 1);
        assert!(problems(&params(&[(21, "vpn{service_id}-{random_letter_4}")])).is_empty());
    }

    #[test]
    fn a_warning_is_text_and_goes_before_what_is_there() {
        let mut field = json!({"Description": "Mbit/s, e.g. 100"});
        warn(&mut field, "holds \"<b>\"");
        let html = field["Description"].as_str().unwrap();
        assert!(
            html.contains("&lt;b&gt;") && html.ends_with("Mbit/s, e.g. 100"),
            "{html}"
        );
    }
}

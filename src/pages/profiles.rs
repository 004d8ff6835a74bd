//! The choices of the module setting "PPP profile", with a mark behind those that should not be chosen: the
//! field then shows that a product names one the router lacks, instead of another one.

use serde_json::{Map, Value};

use crate::account::bypass;
use crate::doctor::Books;
use crate::routeros::ProfileRow;
use crate::settings::MeterSource;

/// Value and label of each choice: the router's profiles, and those that products of its server name.
pub fn choices(profiles: &[ProfileRow], books: &Books, meter: MeterSource) -> Value {
    let caps = books.cap_profiles();
    let is_cap = |name: &str| caps.iter().any(|(profile, _)| *profile == name);
    let present = profiles.iter().map(|row| {
        let mark = mark(row, is_cap(&row.name), meter);
        (row.name.clone(), labelled(&row.name, mark))
    });
    let named = books.profiles();
    let lacking = named
        .iter()
        .filter(|(name, _)| !profiles.iter().any(|row| row.name == *name))
        .map(|(name, _)| {
            (
                (*name).to_owned(),
                labelled(name, Some("the router does not have it")),
            )
        });
    Value::Object(present.chain(lacking).collect::<Map<_, _>>())
}

fn labelled(name: &str, mark: Option<&str>) -> Value {
    match mark {
        Some(mark) => format!("{name} ({mark})").into(),
        None => name.into(),
    }
}

fn mark(row: &ProfileRow, is_cap: bool, meter: MeterSource) -> Option<&'static str> {
    if meter == MeterSource::Queue && !bypass::of_profile(row).is_empty() {
        return Some("takes traffic past the queues, see Test Connection");
    }
    (is_cap && bypass::holds_nobody_back(row))
        .then_some("a cap that holds nobody back: it needs an address-list or a filter")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Offer;
    use crate::params::Params;
    use crate::settings::ProductSettings;

    fn row(name: &str) -> ProfileRow {
        ProfileRow {
            name: name.to_owned(),
            ..ProfileRow::default()
        }
    }

    fn books(profile: &str, cap: &str) -> Books {
        let mut params = Params::new();
        params.set("configoption2", profile);
        params.set("configoption23", &format!("cap = profile {cap}"));
        Books {
            offers: vec![Offer {
                product: 1,
                name: "VPN".to_owned(),
                settings: ProductSettings::parse(&params),
            }],
            ..Books::default()
        }
    }

    #[test]
    fn profiles_that_products_name_and_the_router_lacks_are_choices_with_a_mark() {
        let shown = choices(&[row("vpn")], &books("gold", "walled"), MeterSource::Queue);
        assert_eq!(shown["vpn"], "vpn");
        for lacking in ["gold", "walled"] {
            let label = format!("{lacking} (the router does not have it)");
            assert_eq!(shown[lacking], label);
        }
    }

    #[test]
    fn a_cap_without_a_wall_and_a_way_past_the_queues_are_marked() {
        let mut fast = row("gold");
        fast.rate_limit = "5M/10M".to_owned();
        let mut walled = row("walled");
        walled.remote_address = "pool".to_owned();
        let books = books("gold", "walled");
        let shown = choices(&[fast.clone(), walled.clone()], &books, MeterSource::Queue);
        assert!(shown["gold"].as_str().unwrap().contains("past the queues"));
        assert!(shown["walled"].as_str().unwrap().contains("address-list"));
        walled.address_list = "walled".to_owned();
        let shown = choices(&[fast, walled], &books, MeterSource::Session);
        assert_eq!(
            (&shown["gold"], &shown["walled"]),
            (&"gold".into(), &"walled".into())
        );
    }
}

//! What WHMCS bills by usage: download, upload and their sum in GB since the first of this month.
//!
//! WHMCS overwrites its record of a calendar month with each value it is given and adds up the months.
//! So a value is the month's whole usage from our own books, the same however often it is asked for,
//! and never a difference since the last time. Months are those of WHMCS's time zone, as in the books.
//! A service that ended is reported until WHMCS has heard of all it used; what it used before is billed
//! like that of any other. Its name may be another's by now: then the living one has it.
//! What is collected after WHMCS asked for the last time in a month stays out of its record of that
//! month; the books here have it.

use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::host::Host;
use crate::store::{self, history};
use crate::units::{Bytes, Traffic};

/// System name (stored in WHMCS's billing tables: never change one) and label.
const METRICS: [(&str, &str); 3] = [
    ("download", "Download"),
    ("upload", "Upload"),
    ("total", "Traffic"),
];

/// The metrics there are, by system name.
pub fn list() -> Value {
    let metrics = METRICS.map(|(name, label)| (name.to_owned(), Value::from(label)));
    Value::Object(metrics.into_iter().collect())
}

/// Usage of the present month by username, for every account of `server`, those without traffic
/// included, and for ended ones with usage WHMCS has not heard of; of one account alone when there is a
/// `tenant`.
pub fn usage(host: &dyn Host, server: i64, tenant: Option<&str>) -> Result<Value> {
    store::ensure_schema(host)?;
    let today = host.now().with_timezone(&host.time_zone()).date_naive();
    let mut rows = history::month_of_services(host, server, today, tenant)?;
    let mut tenants = Map::new();
    // The living come first.
    rows.retain(|row| {
        let is_first = !tenants.contains_key(&row.username);
        if is_first {
            tenants.insert(row.username.clone(), values(row.traffic));
        }
        is_first
    });
    let news = rows.iter().filter(|row| row.traffic.total() != row.told);
    history::store_told(host, today, news)?;
    Ok(Value::Object(tenants))
}

fn values(traffic: Traffic) -> Value {
    let gb = |bytes: Bytes| json!(bytes.as_gb());
    json!({
        "download": gb(traffic.download),
        "upload": gb(traffic.upload),
        "total": gb(traffic.total()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_of_the_list_has_a_value_even_without_traffic() {
        let names: Vec<_> = list().as_object().unwrap().keys().cloned().collect();
        let none = values(Traffic::ZERO);
        let valued: Vec<_> = none.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, valued);
        assert_eq!(none["total"], json!(0.0));
    }

    #[test]
    fn a_gigabyte_is_the_one_of_the_quotas() {
        let one = values(Traffic::new(1 << 30, 1 << 29));
        assert_eq!(one, json!({"download": 1.0, "upload": 0.5, "total": 1.5}));
    }
}

//! The page "Traffic history": what was added to and taken from a customer's traffic other than by use.

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::sheet::Sheet;
use super::visitor;
use crate::host::Host;
use crate::params::Params;
use crate::store::grants::{self, Entry};
use crate::store::{self, standings};
use crate::traffic::grants::catch_up;
use crate::traffic::period;

/// The page. `state` is `shown` or one of [`visitor::figures`]; `entries` are in order, the newest first, with
/// their place as of [`Sheet::place`]; bytes are signed numbers, `at` is in Unix seconds; `balance` is null for
/// unlimited traffic.
pub fn page(host: &dyn Host, params: &Params, client: i64, sheet: Sheet) -> Value {
    visitor::figures(host, params, client, "traffic history", |service| {
        store::ensure_schema(host)?;
        catch_up(host, service)?;
        let zone = host.time_zone();
        let changes = grants::latest_changes(host, service, sheet.rows())?;
        let standing = standings::find(host, service)?;
        let mut view = json!({
            "state": "shown",
            "entries": changes.iter().map(|change| entry(change, zone)).collect::<Value>(),
            "balance": standing.and_then(|standing| standing.balance),
        });
        sheet.place(grants::count_changes(host, service)?, &mut view);
        Ok(view)
    })
}

/// What an admin wrote as the reason, and who, is for admins. A grant that waits is shown with the beginning
/// of its day.
fn entry(entry: &Entry, zone: Tz) -> Value {
    let begins = entry.waits.and_then(|day| day.and_hms_opt(0, 0, 0));
    // Where clocks go forward at midnight the day begins at one.
    let begins = begins.and_then(|begins| zone.from_local_datetime(&begins).earliest());
    json!({
        "at": begins.map_or(entry.at.timestamp(), |begins| begins.timestamp()),
        "kind": entry.kind.as_str(),
        "begins": begin(&entry.period).map(|day| day.to_string()),
        "bytes": entry.bytes,
    })
}

/// The first day of the period a grant is for, from its key (see `traffic::period`).
pub(super) fn begin(period: &str) -> Option<NaiveDate> {
    period::begin(period)
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::store::grants::Kind;

    #[test]
    fn an_entry_tells_when_what_and_how_much_but_not_the_admins_reason() {
        let mut shown = Entry {
            at: Utc.with_ymd_and_hms(2026, 3, 28, 23, 30, 0).unwrap(),
            kind: Kind::Grant,
            bytes: 10 << 30,
            period: "from 2026-03-28".to_owned(),
            reason: String::new(),
            admin: String::new(),
            waits: None,
        };
        assert_eq!(
            entry(&shown, Tz::UTC),
            json!({"at": 1_774_740_600, "kind": "grant", "begins": "2026-03-28", "bytes": 10_737_418_240_i64})
        );
        shown.waits = NaiveDate::from_ymd_opt(2026, 4, 28);
        assert_eq!(entry(&shown, Tz::UTC)["at"], 1_777_334_400, "its day");
        shown.waits = None;
        shown.kind = Kind::Correction;
        shown.period = String::new();
        shown.bytes = -1;
        shown.reason = "he shouted at me".to_owned();
        shown.admin = "bob".to_owned();
        assert_eq!(
            entry(&shown, Tz::UTC),
            json!({"at": 1_774_740_600, "kind": "correction", "begins": null, "bytes": -1})
        );
    }
}

//! The ledger of a service as a page to print: every entry of its balance, proof for a dispute.

use serde_json::{Value, json};

use super::history::begin;
use super::sheet::Sheet;
use crate::error::Result;
use crate::host::Host;
use crate::traffic::ledger::{Line, What, ledger};

/// One page of it: `entries` newest first, in bytes, with its place as of [`Sheet::place`]; `balance` is null
/// when it is unlimited; `printed_at` is a Unix time.
pub fn view(host: &dyn Host, service: i64, username: &str, sheet: Sheet) -> Result<Value> {
    let ledger = ledger(host, service, sheet.rows())?;
    let mut view = json!({
        "username": username,
        "printed_at": host.now().timestamp(),
        "entries": ledger.lines.iter().map(entry).collect::<Value>(),
        "balance": ledger.balance,
    });
    sheet.place(ledger.count, &mut view);
    Ok(view)
}

/// `kind` is grant, upgrade, expired, forgiven or correction, with `begins` (the first day of the period, or null),
/// `admin` and `reason`, which may be empty; or used (on that day) or used_before (on the month's days that are not kept), with `download` and
/// `upload` and `free`, the bytes of them that are not owed.
fn entry(line: &Line) -> Value {
    let mut entry = match &line.what {
        What::Entry(entry) => json!({
            "kind": entry.kind.as_str(),
            "begins": begin(&entry.period).map(|day| day.to_string()),
            "admin": entry.admin,
            "reason": entry.reason,
        }),
        What::Used(traffic, free) | What::UsedBefore(traffic, free) => json!({
            "free": free.0,
            "kind": if matches!(line.what, What::Used(..)) { "used" } else { "used_before" },
            "download": traffic.download.0,
            "upload": traffic.upload.0,
        }),
    };
    entry["day"] = line.day.to_string().into();
    entry["bytes"] = line.bytes.into();
    entry
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};

    use super::*;
    use crate::store::grants::{Entry, Kind};
    use crate::units::{Bytes, Traffic};

    fn line(what: What, bytes: i64) -> Line {
        let day = NaiveDate::from_ymd_opt(2026, 3, 28).unwrap();
        Line { day, what, bytes }
    }

    #[test]
    fn a_correction_says_who_and_why_and_usage_in_which_direction() {
        let correction = Entry {
            at: DateTime::UNIX_EPOCH,
            kind: Kind::Correction,
            bytes: -5,
            period: String::new(),
            reason: "outage of 3 March".to_owned(),
            admin: "bob".to_owned(),
            waits: None,
        };
        assert_eq!(
            entry(&line(What::Entry(correction), -5)),
            json!({
                "day": "2026-03-28", "bytes": -5, "kind": "correction", "begins": null, "admin": "bob",
                "reason": "outage of 3 March",
            })
        );
        let used = Traffic::new(3, 2);
        assert_eq!(
            entry(&line(What::UsedBefore(used, Bytes(1)), -5)),
            json!({"day": "2026-03-28", "bytes": -5, "kind": "used_before", "download": 3, "upload": 2, "free": 1})
        );
        assert_eq!(entry(&line(What::Used(used, Bytes(0)), -5))["kind"], "used");
    }
}

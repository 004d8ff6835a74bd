//! The dashboard: every router at a glance, from our own books. No router is asked.

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::doubts;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::store::overview::{self, RouterRow};
use crate::store::{self, cron_php, installation};

/// Remarks shown of one router; the others are counted.
const MOST_REMARKS: usize = 3;

/// `routers`, and how many accounts are capped: since midnight of WHMCS's day (`capped_today`) and at all
/// (`capped`); `warnings` are about none of them, and `mails` are those in doubt. Times are Unix times. A few
/// statements, unless our tables have yet to be made.
pub fn page(host: &dyn Host) -> Result<Value> {
    let zone = host.time_zone();
    let midnight = midnight(host.now(), zone);
    let read = || {
        let rows = overview::routers(host, midnight)?;
        let mails = doubts::list(host, None)?;
        let installation = installation::load(host)?;
        Ok((rows, installation, mails, cron_php::complaint(host)?))
    };
    let (rows, installation, mails, cron) = read().or_else(|_: Error| {
        store::ensure_schema(host)?;
        read()
    })?;
    let warnings: Vec<_> = installation
        .doubt()
        .iter()
        .map(ToString::to_string)
        .chain(cron)
        .collect();
    let sum = |pick: fn(&RouterRow) -> u64| rows.iter().map(pick).sum::<u64>();
    Ok(json!({
        "capped_today": sum(|row| row.capped_since),
        "capped": sum(|row| row.capped),
        "warnings": warnings,
        "mails": mails,
        "routers": rows.iter().map(router).collect::<Value>(),
    }))
}

/// `state` is `disabled`, `unknown` (never collected), `failed` or `reachable`, by the last collection.
fn router(row: &RouterRow) -> Value {
    let state = match (row.disabled, &row.error, row.ended_at) {
        (true, ..) => "disabled",
        (_, Some(_), _) => "failed",
        (_, None, Some(_)) => "reachable",
        (_, None, None) => "unknown",
    };
    let remarks: Vec<_> = row.remarks.lines().collect();
    json!({
        "id": row.id,
        "name": row.name,
        "state": state,
        "error": row.error,
        "version": row.version,
        "accounts": row.accounts,
        "online": row.online,
        "collected_at": row.collected_at.map(|at| at.timestamp()),
        "remarks": remarks.iter().take(MOST_REMARKS).collect::<Vec<_>>(),
        "more_remarks": remarks.len().saturating_sub(MOST_REMARKS),
    })
}

/// The beginning of WHMCS's day. Where the clock is put forward at midnight it is the first moment after.
fn midnight(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let day = now.with_timezone(&zone).date_naive();
    let hours = (0..24).filter_map(|hour| day.and_hms_opt(hour, 0, 0));
    let mut begins = hours.filter_map(|time| zone.from_local_datetime(&time).earliest());
    begins.next().map_or(now, |begin| begin.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 29, hour, 30, 0).unwrap()
    }

    #[test]
    fn a_day_begins_at_its_own_midnight_and_at_one_where_there_is_none() {
        assert_eq!(
            midnight(at(3), Tz::UTC).to_string(),
            "2026-03-29 00:00:00 UTC"
        );
        let berlin = midnight(at(23), chrono_tz::Europe::Berlin);
        assert_eq!(berlin.to_string(), "2026-03-29 22:00:00 UTC");
        // Beirut put its clock forward at midnight of this day.
        let beirut = midnight(at(3), chrono_tz::Asia::Beirut);
        assert_eq!(beirut.to_string(), "2026-03-28 22:00:00 UTC");
    }

    #[test]
    fn a_router_says_how_its_last_collection_went() {
        let mut row = RouterRow {
            id: 1,
            name: "r".to_owned(),
            disabled: false,
            version: "7.20".to_owned(),
            online: Some(1),
            collected_at: None,
            ended_at: None,
            error: None,
            accounts: 2,
            capped: 1,
            capped_since: 0,
            remarks: "a\nb\nc\nd\ne".to_owned(),
        };
        let state = |row: &RouterRow| router(row)["state"].clone();
        assert_eq!(state(&row), "unknown");
        row.ended_at = Some(at(1));
        assert_eq!(state(&row), "reachable");
        row.error = Some("refused".to_owned());
        assert_eq!(state(&row), "failed");
        row.disabled = true;
        assert_eq!(state(&row), "disabled");
        let shown = router(&row);
        assert_eq!(shown["remarks"], json!(["a", "b", "c"]));
        assert_eq!(shown["more_remarks"], 2);
    }
}

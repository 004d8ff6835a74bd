//! WHMCS's activity log, read only to keep it readable: what comes every few minutes is written once a day.

use chrono::DateTime;
use chrono_tz::Tz;

use crate::error::Result;
use crate::host::{Host, Value};

/// How many of the latest entries are looked at: the table has no key but its number.
const LATEST: usize = 20_000;

/// Whether an entry that begins with `text` was written since a moment in WHMCS's time zone.
pub fn was_written(host: &dyn Host, text: &str, since: DateTime<Tz>) -> Result<bool> {
    let sql = format!(
        "SELECT 1 FROM tblactivitylog \
         WHERE id > (SELECT CAST(COALESCE(MAX(id), 0) AS SIGNED) - {LATEST} FROM tblactivitylog) \
         AND date >= ? AND LEFT(description, ?) = ? LIMIT 1"
    );
    let since = since.format("%Y-%m-%d %H:%M:%S").to_string();
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let rows = host.query(&sql, &[since.into(), Value::Int(length), text.into()])?;
    Ok(!rows.is_empty())
}

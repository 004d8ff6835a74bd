//! What the doctor last said of each server, in `mod_mikrotikvpn_servers`: a report takes seconds, and the
//! page that shows it must not.

use chrono::{DateTime, Utc};

use super::execute;
use super::rows::{Columns, moment};
use crate::error::Result;
use crate::host::Host;

/// Keeps a report, in JSON, as that of this moment.
pub fn store(host: &dyn Host, server: i64, at: DateTime<Utc>, report: &str) -> Result<()> {
    execute(
        host,
        "INSERT INTO mod_mikrotikvpn_servers (server_id, checked_at, report) VALUES (?, ?, ?) \
         ON DUPLICATE KEY UPDATE checked_at = VALUES(checked_at), report = VALUES(report)",
        &[server.into(), moment(at), report.into()],
    )?;
    Ok(())
}

/// The latest report and its moment; `None` before the first one.
pub fn latest(host: &dyn Host, server: i64) -> Result<Option<(DateTime<Utc>, String)>> {
    let rows = host.query(
        "SELECT checked_at, report FROM mod_mikrotikvpn_servers WHERE server_id = ?",
        &[server.into()],
    )?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let mut columns = Columns::of(row);
    Ok(columns.moment()?.zip(columns.optional_text()?))
}

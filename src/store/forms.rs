//! `mod_mikrotikvpn_forms`: forms an admin has sent. WHMCS saves a page as often as its button is pressed
//! or the browser repeats it, and tells a module nothing: each form carries a token that counts once.

use chrono::{DateTime, Utc};

use super::execute;
use super::rows::{Columns, moment};
use crate::error::Result;
use crate::host::Host;
use crate::limits::SENTENCE_BYTES;
use crate::printable::excerpt;

/// A form that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// When.
    pub at: DateTime<Utc>,
    /// What came of it, as a sentence; empty when the process ended before it was known.
    pub outcome: String,
}

/// Uses up a form's token; says whether it was unused.
pub fn use_once(host: &dyn Host, service: i64, token: &str, now: DateTime<Utc>) -> Result<bool> {
    let sql = "INSERT IGNORE INTO mod_mikrotikvpn_forms (token, service_id, used_at, outcome) \
               VALUES (?, ?, ?, '')";
    Ok(execute(host, sql, &[token.into(), service.into(), moment(now)])? == 1)
}

/// Notes what came of a form.
pub fn store_outcome(host: &dyn Host, token: &str, outcome: &str) -> Result<()> {
    let sql = "UPDATE mod_mikrotikvpn_forms SET outcome = ? WHERE token = ?";
    execute(
        host,
        sql,
        &[excerpt(outcome, SENTENCE_BYTES).into(), token.into()],
    )?;
    Ok(())
}

/// The form sent last for a service.
pub fn last(host: &dyn Host, service: i64) -> Result<Option<Sent>> {
    let rows = host.query(
        "SELECT used_at, outcome FROM mod_mikrotikvpn_forms WHERE service_id = ? \
         ORDER BY id DESC LIMIT 1",
        &[service.into()],
    )?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let mut columns = Columns::of(row);
    Ok(Some(Sent {
        at: columns.moment()?.unwrap_or_default(),
        outcome: columns.text()?,
    }))
}

/// Deletes the forms of a service.
pub fn forget_service(host: &dyn Host, service: i64) -> Result<()> {
    let sql = "DELETE FROM mod_mikrotikvpn_forms WHERE service_id = ?";
    execute(host, sql, &[service.into()])?;
    Ok(())
}

/// The login name of one of WHMCS's admins.
pub fn admin_name(host: &dyn Host, admin: i64) -> Result<Option<String>> {
    let sql = "SELECT username FROM tbladmins WHERE id = ?";
    let rows = host.query(sql, &[admin.into()])?;
    rows.into_iter()
        .next()
        .map(|row| Columns::of(row).text())
        .transpose()
}

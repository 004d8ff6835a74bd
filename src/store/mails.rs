//! `mod_mikrotikvpn_mails`: the outbox. A mail is written by the transaction that decides on it, so it
//! is neither lost nor decided on twice, and sent later. Whoever sends it claims it before: a crash
//! between the two leaves a claim, and that mail is reported instead of sent a second time.

use chrono::{DateTime, Utc};

use super::batch;
use super::execute;
use super::rows::{Columns, moment};
use crate::error::Result;
use crate::host::Host;

/// Which mail it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Little traffic is left.
    Notice,
    /// The traffic is used up.
    Suspension,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Suspension => "suspension",
        }
    }
}

/// A mail that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its row.
    pub id: i64,
    /// Whose owner gets it.
    pub service: i64,
    /// WHMCS's template.
    pub template: String,
    /// Merge fields as a JSON object.
    pub variables: String,
}

/// A mail to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMail {
    /// Whose owner gets it.
    pub service: i64,
    /// Which one it is.
    pub kind: Kind,
    /// WHMCS's template.
    pub template: String,
    /// Merge fields as a JSON object.
    pub variables: String,
}

/// Writes mails, within the transaction that decided on them.
pub fn add(host: &dyn Host, mails: &[NewMail], now: DateTime<Utc>) -> Result<()> {
    let rows = mails.iter().map(|mail| {
        [
            mail.service.into(),
            mail.kind.as_str().into(),
            mail.template.as_str().into(),
            mail.variables.as_str().into(),
            moment(now),
        ]
    });
    batch::insert(
        host,
        "INSERT INTO mod_mikrotikvpn_mails (service_id, kind, template, variables, created_at)",
        "",
        rows,
    )?;
    Ok(())
}

/// Takes back mails that nobody has begun to send, because what they say is true no longer.
pub fn withdraw(host: &dyn Host, kind: Kind, services: &[i64]) -> Result<()> {
    batch::over_ids(
        host,
        "DELETE FROM mod_mikrotikvpn_mails WHERE claim = 0 AND kind = ? AND service_id IN",
        &[kind.as_str().into()],
        services,
    )?;
    Ok(())
}

/// Mails of a server's services that nobody has begun to send, those that failed least first.
pub fn waiting(host: &dyn Host, server: i64, most: i64) -> Result<Vec<Mail>> {
    let rows = host.query(
        "SELECT m.id, m.service_id, m.template, m.variables FROM mod_mikrotikvpn_mails m \
         JOIN mod_mikrotikvpn_accounts a ON a.service_id = m.service_id \
         WHERE a.server_id = ? AND m.claim = 0 ORDER BY m.attempts, m.id LIMIT ?",
        &[server.into(), most.into()],
    )?;
    rows.into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok(Mail {
                id: columns.int()?,
                service: columns.int()?,
                template: columns.text()?,
                variables: columns.text()?,
            })
        })
        .collect()
}

/// Claims a mail; `false` when somebody else has.
pub fn claim(host: &dyn Host, mail: i64, token: i64) -> Result<bool> {
    let updated = execute(
        host,
        "UPDATE mod_mikrotikvpn_mails SET claim = ?, claimed_at = UTC_TIMESTAMP() \
         WHERE id = ? AND claim = 0",
        &[token.into(), mail.into()],
    )?;
    Ok(updated == 1)
}

/// The mail went.
pub fn sent(host: &dyn Host, mail: i64) -> Result<()> {
    execute(
        host,
        "DELETE FROM mod_mikrotikvpn_mails WHERE id = ?",
        &[mail.into()],
    )?;
    Ok(())
}

/// WHMCS refused it; it waits for a later run.
pub fn failed(host: &dyn Host, mail: i64, error: &str) -> Result<()> {
    execute(
        host,
        "UPDATE mod_mikrotikvpn_mails SET claim = 0, claimed_at = NULL, attempts = attempts + 1, \
         last_error = ? WHERE id = ?",
        &[error.into(), mail.into()],
    )?;
    Ok(())
}

/// Removes mails whose sender ended before it could say how it went, and returns their services: whether
/// they went cannot be known. A sender that is still at work is younger than `minutes`.
pub fn take_abandoned(host: &dyn Host, server: i64, minutes: i64) -> Result<Vec<(i64, String)>> {
    let rows = host.query(
        "SELECT m.id, m.service_id, m.template FROM mod_mikrotikvpn_mails m \
         JOIN mod_mikrotikvpn_accounts a ON a.service_id = m.service_id WHERE a.server_id = ? \
         AND m.claim <> 0 AND m.claimed_at < UTC_TIMESTAMP() - INTERVAL ? MINUTE",
        &[server.into(), minutes.into()],
    )?;
    let mut taken = Vec::with_capacity(rows.len());
    for row in rows {
        let mut columns = Columns::of(row);
        let (id, service) = (columns.int()?, columns.int()?);
        sent(host, id)?;
        taken.push((service, columns.text()?));
    }
    Ok(taken)
}

/// Deletes all that wait.
pub fn forget_all(host: &dyn Host) -> Result<()> {
    execute(host, "DELETE FROM mod_mikrotikvpn_mails", &[])?;
    Ok(())
}

/// Deletes the mails of a service.
pub fn forget_service(host: &dyn Host, service: i64) -> Result<()> {
    let sql = "DELETE FROM mod_mikrotikvpn_mails WHERE service_id = ?";
    execute(host, sql, &[service.into()])?;
    Ok(())
}

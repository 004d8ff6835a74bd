//! `mod_mikrotikvpn_mails`: the outbox. A mail is written by the transaction that decides on it, so it
//! is neither lost nor decided on twice, and sent later. Whoever sends it claims it before: a crash
//! between the two leaves a claim, and an admin decides what becomes of that mail: nothing is sent twice by
//! itself.

use chrono::{DateTime, Utc};

use super::batch;
use super::execute;
use super::rows::{Columns, moment};
use crate::error::Result;
use crate::host::{Host, Row};
use crate::limits::SENTENCE_BYTES;
use crate::printable::excerpt;

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

impl Mail {
    fn read(row: Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.int()?,
            service: columns.int()?,
            template: columns.text()?,
            variables: columns.text()?,
        })
    }
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
    rows.into_iter().map(Mail::read).collect()
}

/// One mail that waits.
pub fn waiting_one(host: &dyn Host, mail: i64) -> Result<Option<Mail>> {
    let sql = "SELECT id, service_id, template, variables FROM mod_mikrotikvpn_mails \
               WHERE id = ? AND claim = 0";
    let rows = host.query(sql, &[mail.into()])?;
    rows.into_iter().next().map(Mail::read).transpose()
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
        &[excerpt(error, SENTENCE_BYTES).into(), mail.into()],
    )?;
    Ok(())
}

/// A mail whose sender ended before it could say how it went: whether it went cannot be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Its row.
    pub id: i64,
    /// Whose owner may have got it.
    pub service: i64,
    /// WHMCS's template.
    pub template: String,
    /// When its sender began.
    pub at: DateTime<Utc>,
}

/// A mailer has answered or given up long before; a claim of times to come is older than the clock.
const IN_DOUBT: &str = "claim <> 0 AND (claimed_at < UTC_TIMESTAMP() - INTERVAL 15 MINUTE \
     OR claimed_at > UTC_TIMESTAMP() + INTERVAL 1 MINUTE)";

/// Those in doubt of a service, or of every service; the oldest `most`.
pub fn in_doubt(host: &dyn Host, service: Option<i64>, most: i64) -> Result<Vec<Doubt>> {
    let sql = format!(
        "SELECT id, service_id, template, claimed_at FROM mod_mikrotikvpn_mails \
         WHERE {IN_DOUBT} AND (? IS NULL OR service_id = ?) ORDER BY id LIMIT ?"
    );
    let rows = host.query(&sql, &[service.into(), service.into(), most.into()])?;
    rows.into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok(Doubt {
                id: columns.int()?,
                service: columns.int()?,
                template: columns.text()?,
                at: columns.moment()?.unwrap_or_default(),
            })
        })
        .collect()
}

/// Puts a mail in doubt back among those that wait; `false` when it is not in doubt, or not any more.
pub fn send_again(host: &dyn Host, service: i64, mail: i64) -> Result<bool> {
    let sql = format!(
        "UPDATE mod_mikrotikvpn_mails SET claim = 0, claimed_at = NULL \
         WHERE id = ? AND service_id = ? AND {IN_DOUBT}"
    );
    Ok(execute(host, &sql, &[mail.into(), service.into()])? == 1)
}

/// Forgets a mail in doubt; `false` when it is not in doubt, or not any more.
pub fn give_up(host: &dyn Host, service: i64, mail: i64) -> Result<bool> {
    let sql =
        format!("DELETE FROM mod_mikrotikvpn_mails WHERE id = ? AND service_id = ? AND {IN_DOUBT}");
    Ok(execute(host, &sql, &[mail.into(), service.into()])? == 1)
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

//! `mod_mikrotikvpn_grants`: the journal of what was added to and taken from balances. A grant for a
//! period is there once; everything else has no period.

use std::ops::Range;

use chrono::{DateTime, Utc};

use super::accounts;
use super::execute;
use super::rows::{Columns, moment};
use crate::error::Result;
use crate::host::{Host, Row, Value};

/// Why a balance changed other than by usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The quota of a period.
    Grant,
    /// The difference to a larger package.
    Upgrade,
    /// Left of the last period, and ended with it.
    Expired,
    /// Written by an admin.
    Correction,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Grant, Self::Upgrade, Self::Expired, Self::Correction];

    /// As the table has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Upgrade => "upgrade",
            Self::Expired => "expired",
            Self::Correction => "correction",
        }
    }
}

/// One row of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub kind: Kind,
    /// Bytes added; negative when taken.
    pub bytes: i64,
    /// The key of the period, or empty.
    pub period: String,
    /// In the admin's words.
    pub reason: String,
    /// Which admin.
    pub admin: String,
}

/// Writes the grant of a period unless it is there; says whether it was not. The caller adds to the
/// balance in the same transaction.
pub fn once(
    host: &dyn Host,
    service: i64,
    period: &str,
    bytes: i64,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT IGNORE INTO mod_mikrotikvpn_grants (service_id, period, bytes, granted_at) \
               VALUES (?, ?, ?, ?)";
    let params = [service.into(), period.into(), bytes.into(), moment(now)];
    Ok(execute(host, sql, &params)? == 1)
}

/// Writes any other entry.
pub fn add(host: &dyn Host, service: i64, entry: &Entry) -> Result<()> {
    execute(
        host,
        "INSERT INTO mod_mikrotikvpn_grants (service_id, period, bytes, granted_at, kind, reason, admin) \
         VALUES (?, NULL, ?, ?, ?, ?, ?)",
        &[
            service.into(),
            entry.bytes.into(),
            moment(entry.at),
            entry.kind.as_str().into(),
            entry.reason.as_str().into(),
            entry.admin.as_str().into(),
        ],
    )?;
    Ok(())
}

/// The keys of the periods granted to a service.
pub fn periods(host: &dyn Host, service: i64) -> Result<Vec<String>> {
    let sql =
        "SELECT period FROM mod_mikrotikvpn_grants WHERE service_id = ? AND period IS NOT NULL";
    let rows = host.query(sql, &[service.into()])?;
    rows.into_iter()
        .map(|row| Columns::of(row).text())
        .collect()
}

/// The journal of a service, oldest first.
pub fn entries(host: &dyn Host, service: i64) -> Result<Vec<Entry>> {
    let mut entries = latest(host, service, 0..u32::MAX)?;
    entries.reverse();
    Ok(entries)
}

/// Entries of a service's journal, the newest first, of which the first `wanted.start` are left out.
pub fn latest(host: &dyn Host, service: i64, wanted: Range<u32>) -> Result<Vec<Entry>> {
    select(host, service, "", wanted)
}

/// How many entries the journal of a service has.
pub fn count(host: &dyn Host, service: i64) -> Result<u64> {
    select_count(host, service, "")
}

/// Like [`latest`], without the periods of unlimited traffic, for which nothing was granted.
pub fn latest_changes(host: &dyn Host, service: i64, wanted: Range<u32>) -> Result<Vec<Entry>> {
    select(host, service, CHANGES, wanted)
}

/// How many of those there are.
pub fn count_changes(host: &dyn Host, service: i64) -> Result<u64> {
    select_count(host, service, CHANGES)
}

const CHANGES: &str = "AND bytes <> 0";

fn select(host: &dyn Host, service: i64, only: &str, wanted: Range<u32>) -> Result<Vec<Entry>> {
    let Range { start, end } = wanted;
    let sql = format!(
        "SELECT granted_at, kind, bytes, period, reason, admin FROM mod_mikrotikvpn_grants \
         WHERE service_id = ? {only} ORDER BY granted_at DESC, id DESC LIMIT {start}, {}",
        end.saturating_sub(start)
    );
    let rows = host.query(&sql, &[service.into()])?;
    rows.into_iter().map(entry).collect()
}

fn select_count(host: &dyn Host, service: i64, only: &str) -> Result<u64> {
    let sql = format!("SELECT COUNT(*) FROM mod_mikrotikvpn_grants WHERE service_id = ? {only}");
    let row = host.query(&sql, &[service.into()])?.into_iter().next();
    row.map_or(Ok(0), |row| Columns::of(row).count())
}

fn entry(row: Row) -> Result<Entry> {
    let mut columns = Columns::of(row);
    let at = columns.moment()?.unwrap_or_default();
    let kind = columns.text()?;
    let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind);
    Ok(Entry {
        at,
        kind: kind.unwrap_or(Kind::Correction),
        bytes: columns.int()?,
        period: columns.text()?,
        reason: columns.text()?,
        admin: columns.text()?,
    })
}

/// How a balance changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Change {
    /// Bytes to add; an account without a balance begins at 0.
    pub bytes: i64,
    /// Usage of the period begins at 0 again.
    pub new_period: bool,
}

/// Makes sure that a service has a row, also before Create, and locks it until the transaction ends. Not by
/// INSERT IGNORE alone: that takes a shared lock on a row that is there, and two who hold one wait for each
/// other when they write.
pub fn lock_row(host: &dyn Host, service: i64) -> Result<()> {
    if accounts::lock_revision(host, service)?.is_none() {
        let sql = "INSERT INTO mod_mikrotikvpn_accounts (service_id) VALUES (?)";
        execute(host, sql, &[service.into()])?;
    }
    Ok(())
}

/// Changes a balance. Its entry is written in the same transaction.
pub fn change_balance(host: &dyn Host, service: i64, change: Change) -> Result<()> {
    let new = Value::Int(i64::from(change.new_period));
    execute(
        host,
        "UPDATE mod_mikrotikvpn_accounts SET balance = COALESCE(balance, 0) + ?, \
         period_download = IF(?, 0, period_download), period_upload = IF(?, 0, period_upload) \
         WHERE service_id = ?",
        &[change.bytes.into(), new.clone(), new, service.into()],
    )?;
    Ok(())
}

/// The account is unlimited from now on; `new_period` as in [`Change`].
pub fn remove_balance(host: &dyn Host, service: i64, new_period: bool) -> Result<()> {
    let new = Value::Int(i64::from(new_period));
    execute(
        host,
        "UPDATE mod_mikrotikvpn_accounts SET balance = NULL, granted_quota = NULL, \
         period_download = IF(?, 0, period_download), period_upload = IF(?, 0, period_upload) \
         WHERE service_id = ?",
        &[new.clone(), new, service.into()],
    )?;
    Ok(())
}

/// The largest quota this period's grants are based on.
pub fn store_granted_quota(host: &dyn Host, service: i64, quota: i64) -> Result<()> {
    let sql = "UPDATE mod_mikrotikvpn_accounts SET granted_quota = ? WHERE service_id = ?";
    execute(host, sql, &[quota.into(), service.into()])?;
    Ok(())
}

/// Deletes the journal of a service.
pub fn forget_service(host: &dyn Host, service: i64) -> Result<()> {
    let sql = "DELETE FROM mod_mikrotikvpn_grants WHERE service_id = ?";
    execute(host, sql, &[service.into()])?;
    Ok(())
}

//! `mod_mikrotikvpn_grants`: the journal of what was added to and taken from balances. A grant for a
//! period is there once; everything else has no period.

use std::collections::HashMap;
use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};

use super::rows::{Columns, MOST, date, moment};
use super::{accounts, batch, execute};
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
    /// A debt beyond what a paid period carries over.
    Forgiven,
    /// Written by an admin.
    Correction,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Grant,
        Self::Upgrade,
        Self::Expired,
        Self::Forgiven,
        Self::Correction,
    ];

    /// As the table has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Upgrade => "upgrade",
            Self::Expired => "expired",
            Self::Forgiven => "forgiven",
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
    /// The day a grant waits for; `None` once it is in the balance.
    pub waits: Option<NaiveDate>,
}

/// Writes the grant of a period unless it is there; says whether it was not. One that `waits` for its day
/// is no part of the balance before; any other the caller adds to it in the same transaction.
pub fn once(
    host: &dyn Host,
    service: i64,
    period: &str,
    bytes: i64,
    waits: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT IGNORE INTO mod_mikrotikvpn_grants (service_id, period, bytes, granted_at, waits) \
               VALUES (?, ?, ?, ?, ?)";
    let params = [
        service.into(),
        period.into(),
        bytes.into(),
        moment(now),
        waits.map(date).into(),
    ];
    Ok(execute(host, sql, &params)? == 1)
}

/// A grant that waits for its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Whose.
    pub service: i64,
    /// The key of its period.
    pub period: String,
    /// What was paid for, in bytes.
    pub bytes: i64,
    /// Its day, by WHMCS's time zone.
    pub begins: NaiveDate,
}

/// The grants of these services that wait, by service and in the order of their periods.
pub fn waiting(host: &dyn Host, services: &[i64]) -> Result<HashMap<i64, Vec<Waiting>>> {
    let sql = "SELECT service_id, period, bytes, waits FROM mod_mikrotikvpn_grants \
               WHERE waits IS NOT NULL AND service_id IN";
    let mut all: HashMap<i64, Vec<Waiting>> = HashMap::new();
    for row in batch::select_ids(host, sql, services, "ORDER BY period")? {
        let mut columns = Columns::of(row);
        let grant = Waiting {
            service: columns.int()?,
            period: columns.text()?,
            bytes: columns.int()?,
            begins: columns.date()?.unwrap_or_default(),
        };
        all.entry(grant.service).or_default().push(grant);
    }
    Ok(all)
}

/// The grants of one service that wait, in the order of their periods.
pub fn waiting_of(host: &dyn Host, service: i64) -> Result<Vec<Waiting>> {
    let mut waiting = waiting(host, &[service])?;
    Ok(waiting.remove(&service).unwrap_or_default())
}

/// Accounts of a server with a grant whose day has come.
pub fn due(host: &dyn Host, server: i64, today: NaiveDate) -> Result<Vec<i64>> {
    let sql = "SELECT DISTINCT g.service_id FROM mod_mikrotikvpn_grants g \
               JOIN mod_mikrotikvpn_accounts a ON a.service_id = g.service_id \
               WHERE g.waits <= ? AND a.server_id = ? AND a.username IS NOT NULL ORDER BY 1";
    let rows = host.query(sql, &[date(today), server.into()])?;
    rows.into_iter().map(|row| Columns::of(row).int()).collect()
}

/// A grant that waited is given, with so many bytes; `false` when somebody else has given it. The caller
/// adds them to the balance in the same transaction.
pub fn give(host: &dyn Host, waiting: &Waiting, bytes: i64, now: DateTime<Utc>) -> Result<bool> {
    let sql = "UPDATE mod_mikrotikvpn_grants SET waits = NULL, bytes = ?, granted_at = ? \
               WHERE service_id = ? AND period = ? AND waits IS NOT NULL";
    let params = [
        bytes.into(),
        moment(now),
        waiting.service.into(),
        waiting.period.as_str().into(),
    ];
    Ok(execute(host, sql, &params)? == 1)
}

/// A grant that waits is no more; `false` when somebody else has given or withdrawn it.
pub fn withdraw(host: &dyn Host, waiting: &Waiting) -> Result<bool> {
    let sql = "DELETE FROM mod_mikrotikvpn_grants \
               WHERE service_id = ? AND period = ? AND waits IS NOT NULL";
    let params = [waiting.service.into(), waiting.period.as_str().into()];
    Ok(execute(host, sql, &params)? == 1)
}

/// The latest period whose grant is in the balance, by its key.
pub fn latest_given(host: &dyn Host, service: i64) -> Result<Option<String>> {
    let sql =
        "SELECT MAX(period) FROM mod_mikrotikvpn_grants WHERE service_id = ? AND waits IS NULL";
    let rows = host.query(sql, &[service.into()])?;
    rows.into_iter()
        .next()
        .map_or(Ok(None), |row| Columns::of(row).optional_text())
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

/// The keys of the periods granted to a service, those of waiting grants among them, and when.
pub fn periods(host: &dyn Host, service: i64) -> Result<Vec<(String, DateTime<Utc>)>> {
    let sql = "SELECT period, granted_at FROM mod_mikrotikvpn_grants \
               WHERE service_id = ? AND period IS NOT NULL";
    let rows = host.query(sql, &[service.into()])?;
    rows.into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok((columns.text()?, columns.moment()?.unwrap_or_default()))
        })
        .collect()
}

/// The journal of a service, oldest first, without grants that wait.
pub fn entries(host: &dyn Host, service: i64) -> Result<Vec<Entry>> {
    let mut entries = latest(host, service, 0..u32::MAX)?;
    entries.reverse();
    Ok(entries)
}

/// Entries of a service's journal, without grants that wait, the newest first, of which the first `wanted.start` are left out.
pub fn latest(host: &dyn Host, service: i64, wanted: Range<u32>) -> Result<Vec<Entry>> {
    select(host, service, GIVEN, wanted)
}

/// How many entries the journal of a service has.
pub fn count(host: &dyn Host, service: i64) -> Result<u64> {
    select_count(host, service, GIVEN)
}

/// Like [`latest`], with grants that wait and without the periods of unlimited traffic, for which nothing was
/// granted.
pub fn latest_changes(host: &dyn Host, service: i64, wanted: Range<u32>) -> Result<Vec<Entry>> {
    select(host, service, CHANGES, wanted)
}

/// How many of those there are.
pub fn count_changes(host: &dyn Host, service: i64) -> Result<u64> {
    select_count(host, service, CHANGES)
}

const GIVEN: &str = "AND waits IS NULL";

const CHANGES: &str = "AND bytes <> 0";

fn select(host: &dyn Host, service: i64, only: &str, wanted: Range<u32>) -> Result<Vec<Entry>> {
    let Range { start, end } = wanted;
    let sql = format!(
        "SELECT granted_at, kind, bytes, period, reason, admin, waits FROM mod_mikrotikvpn_grants \
         WHERE service_id = ? {only} ORDER BY COALESCE(waits, granted_at) DESC, id DESC LIMIT {start}, {}",
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
        waits: columns.date()?,
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
    // What is forgiven of the largest debt, and a quota.
    let bytes = change.bytes.clamp(-2 * MOST, 2 * MOST);
    execute(
        host,
        &format!(
            "UPDATE mod_mikrotikvpn_accounts \
             SET balance = LEAST(GREATEST(COALESCE(balance, 0), -{MOST}), {MOST}) + ?, \
             period_download = IF(?, 0, period_download), period_upload = IF(?, 0, period_upload) \
             WHERE service_id = ?"
        ),
        &[bytes.into(), new.clone(), new, service.into()],
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

/// What is sold for a period now, as the latest command knew it; `None` is unlimited.
pub fn store_quota(host: &dyn Host, service: i64, quota: Option<i64>) -> Result<()> {
    let sql = "UPDATE mod_mikrotikvpn_accounts SET quota = ? WHERE service_id = ?";
    execute(host, sql, &[quota.into(), service.into()])?;
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

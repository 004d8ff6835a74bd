//! How accounts stand: balance, cap and notice. The columns of `mod_mikrotikvpn_accounts` that decide
//! about them, with what WHMCS's `tblhosting` says of the service.

use std::net::Ipv4Addr;

use chrono::{DateTime, NaiveDate, Utc};

use super::rows::{Columns, MOST, moment};
use super::services::ENDED;
use super::{batch, execute};
use crate::error::Result;
use crate::host::{Host, Row, Value};
use crate::units::{Bytes, Limits, Rate};

/// What WHMCS says of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// `tblhosting.id`.
    pub service: i64,
    /// `tblproducts.id`.
    pub product: i64,
    /// Such as `Active`.
    pub status: String,
    /// `overideautosuspend`.
    pub override_on: bool,
    /// `overidesuspenduntil`.
    pub override_until: Option<NaiveDate>,
}

/// What our record says of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whose.
    pub service: i64,
    /// `tblservers.id`.
    pub server: i64,
    /// Login name; empty when there is no account now.
    pub username: String,
    /// The comment on the router.
    pub tag: String,
    /// Its address.
    pub address: Option<Ipv4Addr>,
    /// The router's id of the queue that was last read, empty before that; `None` until Create has come to
    /// its end.
    pub queue: Option<String>,
    /// Bytes left; `None` is unlimited.
    pub balance: Option<i64>,
    /// Traffic of a billing cycle.
    pub quota: Option<Bytes>,
    /// The largest quota this period's grants are based on.
    pub granted_quota: Option<Bytes>,
    /// The cap is in force.
    pub capped: bool,
    /// Policies that may have left traces on the router, see `traffic::cap::Trace`.
    pub trace: String,
    /// The router was seen to be as the cap wants it.
    pub done: bool,
    /// This crossing of the threshold has had its notice.
    pub noticed: bool,
    /// PPP profile as sold; `None` when it was never recorded.
    pub profile: Option<String>,
    /// Speeds as sold; `None` when they were never recorded.
    pub limits: Option<Limits>,
}

const COLUMNS: &str = "service_id, server_id, username, tag, address, \
     IF(provisioned_at IS NULL, NULL, baseline_queue), balance, quota, granted_quota, \
     capped_at IS NOT NULL, cap, cap_done, noticed, profile, limit_download, limit_upload";

impl Standing {
    fn read(row: Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        Ok(Self {
            service: columns.int()?,
            server: columns.int()?,
            username: columns.text()?,
            tag: columns.text()?,
            address: columns.text()?.parse().ok(),
            queue: columns.optional_text()?,
            // As the statements that change it take it.
            balance: columns.optional_int()?.map(|left| left.clamp(-MOST, MOST)),
            quota: bytes(&mut columns)?,
            granted_quota: bytes(&mut columns)?,
            capped: columns.int()? != 0,
            trace: columns.text()?,
            done: columns.int()? != 0,
            noticed: columns.int()? != 0,
            profile: columns.optional_text()?,
            limits: limits(&mut columns)?,
        })
    }
}

impl Owner {
    fn read(row: Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        Ok(Self {
            service: columns.int()?,
            product: columns.int()?,
            status: columns.text()?,
            override_on: columns.int()? != 0,
            override_until: columns.date()?,
        })
    }
}

fn bytes(columns: &mut Columns) -> Result<Option<Bytes>> {
    let number = columns.optional_int()?;
    Ok(number
        .and_then(|bytes| u64::try_from(bytes).ok())
        .map(Bytes))
}

fn limits(columns: &mut Columns) -> Result<Option<Limits>> {
    let (download, upload) = (bytes(columns)?, bytes(columns)?);
    Ok(download.zip(upload).map(|(download, upload)| Limits {
        download: Rate(download.0),
        upload: Rate(upload.0),
    }))
}

/// Services of a server about whose balance there is anything to decide or do: at most `threshold`
/// bytes left, capped or to be put back, waiting for the next crossing, suspended or ended. The first `most` of those
/// behind the service `after`, by service.
pub fn concerned(
    host: &dyn Host,
    server: i64,
    threshold: Bytes,
    after: i64,
    most: usize,
) -> Result<Vec<i64>> {
    let sql = format!(
        "SELECT h.id FROM tblhosting h JOIN mod_mikrotikvpn_accounts a ON a.service_id = h.id \
         WHERE a.server_id = ? AND a.username IS NOT NULL AND (a.balance <= ? \
         OR a.capped_at IS NOT NULL OR a.cap <> '' OR a.noticed <> 0 OR h.domainstatus = 'Suspended' OR h.domainstatus IN {ENDED}) \
         AND h.id > ? ORDER BY h.id LIMIT {most}"
    );
    let threshold = i64::try_from(threshold.0).unwrap_or(i64::MAX);
    let rows = host.query(&sql, &[server.into(), threshold.into(), after.into()])?;
    rows.into_iter().map(|row| Columns::of(row).int()).collect()
}

/// What WHMCS says of these services, by service.
pub fn owners(host: &dyn Host, services: &[i64]) -> Result<Vec<Owner>> {
    let sql = "SELECT h.id, h.packageid, h.domainstatus, h.overideautosuspend, h.overidesuspenduntil \
         FROM tblhosting h WHERE h.id IN";
    let rows = batch::select_ids(host, sql, services, "ORDER BY h.id")?;
    rows.into_iter().map(Owner::read).collect()
}

/// Those of these services that WHMCS has as Active and that no cap keeps out, by service.
pub fn allowed(host: &dyn Host, services: &[i64]) -> Result<Vec<i64>> {
    let sql = "SELECT h.id FROM tblhosting h JOIN mod_mikrotikvpn_accounts a ON a.service_id = h.id \
         WHERE h.domainstatus = 'Active' AND a.cap NOT LIKE '%disable%' AND h.id IN";
    let rows = batch::select_ids(host, sql, services, "ORDER BY h.id")?;
    rows.into_iter().map(|row| Columns::of(row).int()).collect()
}

/// The standings of these services, locked until the transaction ends, by service.
pub fn lock(host: &dyn Host, services: &[i64]) -> Result<Vec<Standing>> {
    let sql = format!("SELECT {COLUMNS} FROM mod_mikrotikvpn_accounts WHERE service_id IN");
    let rows = batch::select_ids(host, &sql, services, "ORDER BY service_id FOR UPDATE")?;
    rows.into_iter().map(Standing::read).collect()
}

/// What readings saw of the caps of these services counts no longer: what they use next is owed.
pub fn forget_seen(host: &dyn Host, services: &[i64]) -> Result<()> {
    let set = "UPDATE mod_mikrotikvpn_accounts SET cap_seen = NULL WHERE service_id = ?";
    for service in services {
        execute(host, set, &[(*service).into()])?;
    }
    Ok(())
}

/// The standing of one service.
pub fn find(host: &dyn Host, service: i64) -> Result<Option<Standing>> {
    let sql = format!("SELECT {COLUMNS} FROM mod_mikrotikvpn_accounts WHERE service_id = ?");
    let rows = host.query(&sql, &[service.into()])?;
    rows.into_iter().next().map(Standing::read).transpose()
}

/// Stores cap and notice of rows that this transaction has locked. Whatever is decided about a cap that the
/// router has yet to be brought to ends what a reading has seen of it.
pub fn store(host: &dyn Host, standings: &[Standing], now: DateTime<Utc>) -> Result<()> {
    let rows = standings.iter().map(|standing| {
        [
            standing.service.into(),
            standing.capped.then(|| moment(now)).into(),
            standing.trace.as_str().into(),
            Value::Int(i64::from(standing.done)),
            Value::Int(i64::from(standing.noticed)),
        ]
    });
    batch::insert(
        host,
        "INSERT INTO mod_mikrotikvpn_accounts (service_id, capped_at, cap, cap_done, noticed)",
        "ON DUPLICATE KEY UPDATE \
         capped_at = IF(VALUES(capped_at) IS NULL, NULL, COALESCE(capped_at, VALUES(capped_at))), \
         cap = VALUES(cap), cap_done = VALUES(cap_done), noticed = VALUES(noticed), \
         cap_seen = IF(VALUES(capped_at) IS NULL OR VALUES(cap_done) = 0, NULL, cap_seen)",
        rows,
    )?;
    Ok(())
}

//! `mod_mikrotikvpn_accounts`: what we know of each service on its router.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::batch;
use super::rows::{Columns, count, moment};
use crate::error::Result;
use crate::host::{Host, Row, Value};
use crate::units::{Bytes, Traffic};

/// Our record of a service on one router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `tblhosting.id`.
    pub service: i64,
    /// `tblservers.id`.
    pub server: i64,
    /// Login name on the router; empty once the account was terminated.
    pub username: String,
    /// The fixed address, claimed for this service alone.
    pub address: Option<Ipv4Addr>,
    /// The comment last written on the router, see `account::tag`.
    pub tag: String,
    /// Changes with every booking: who booked from an older one has lost the race and books nothing.
    pub revision: u64,
    /// The counters up to which usage is booked; `None` before the first reading.
    pub baseline: Option<Baseline>,
    /// 0, or the collection that asked for a counter reset nobody has confirmed yet.
    pub reset_pending: i64,
    /// Usage since the last grant.
    pub period: Traffic,
    /// Traffic of a billing cycle; `None` is unlimited.
    pub quota: Option<Bytes>,
    /// Bytes left, possibly negative; `None` is unlimited.
    pub balance: Option<i64>,
    /// Create has once come to its end: WHMCS knows the credentials.
    pub provisioned: bool,
}

/// The counters up to which usage is booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// What the queue had counted.
    pub counted: Traffic,
    /// The router's id of that queue.
    pub queue: String,
    /// The boot of the router it was counted in, see [`super::servers::Evidence`].
    pub boot: u64,
    /// The router's uptime when it was read.
    pub uptime: Option<Duration>,
    /// When it was read, by our clock; for people only.
    pub at: DateTime<Utc>,
}

const COLUMNS: &str = "service_id, server_id, username, address, tag, revision, \
     baseline_download, baseline_upload, baseline_queue, baseline_boot, baseline_uptime, \
     baseline_at, reset_pending, period_download, period_upload, quota, balance, \
     provisioned_at IS NOT NULL";

impl Account {
    fn read(row: Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        Ok(Self {
            service: columns.int()?,
            server: columns.int()?,
            username: columns.text()?,
            address: columns.text()?.parse().ok(),
            tag: columns.text()?,
            revision: columns.count()?,
            baseline: baseline(&mut columns)?,
            reset_pending: columns.int()?,
            period: Traffic::new(columns.count()?, columns.count()?),
            quota: columns
                .optional_int()?
                .and_then(|bytes| u64::try_from(bytes).ok())
                .map(Bytes),
            balance: columns.optional_int()?,
            provisioned: columns.int()? != 0,
        })
    }
}

fn baseline(columns: &mut Columns) -> Result<Option<Baseline>> {
    let download = columns.optional_int()?;
    let upload = columns.optional_int()?;
    let queue = columns.text()?;
    let boot = columns.count()?;
    let uptime = columns.optional_int()?;
    let at = columns.moment()?;
    let (Some(download), Some(upload), Some(at)) = (download, upload, at) else {
        return Ok(None);
    };
    let unsigned = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Some(Baseline {
        counted: Traffic::new(unsigned(download), unsigned(upload)),
        queue,
        boot,
        uptime: uptime.map(|seconds| Duration::from_secs(unsigned(seconds))),
        at,
    }))
}

/// The account of a service, terminated or not.
pub fn of_service(host: &dyn Host, service: i64) -> Result<Option<Account>> {
    let sql = format!("SELECT {COLUMNS} FROM mod_mikrotikvpn_accounts WHERE service_id = ?");
    let rows = host.query(&sql, &[service.into()])?;
    rows.into_iter().next().map(Account::read).transpose()
}

/// The accounts a server has now, by service.
pub fn of_server(host: &dyn Host, server: i64) -> Result<Vec<Account>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM mod_mikrotikvpn_accounts \
         WHERE server_id = ? AND username IS NOT NULL ORDER BY service_id"
    );
    let rows = host.query(&sql, &[server.into()])?;
    rows.into_iter().map(Account::read).collect()
}

/// Services of a server with their present revision, locked until the transaction ends.
pub fn lock_revisions(host: &dyn Host, server: i64) -> Result<Vec<(i64, u64)>> {
    let sql = "SELECT service_id, revision FROM mod_mikrotikvpn_accounts \
               WHERE server_id = ? ORDER BY service_id FOR UPDATE";
    let rows = host.query(sql, &[server.into()])?;
    rows.into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok((columns.int()?, columns.count()?))
        })
        .collect()
}

/// Services of a server whose reset this collection asked for and that nobody booked since, locked
/// until the transaction ends.
pub fn lock_marked(host: &dyn Host, server: i64, collection: i64) -> Result<Vec<i64>> {
    let sql = "SELECT service_id FROM mod_mikrotikvpn_accounts \
               WHERE server_id = ? AND reset_pending = ? ORDER BY service_id FOR UPDATE";
    let rows = host.query(sql, &[server.into(), collection.into()])?;
    rows.into_iter().map(|row| Columns::of(row).int()).collect()
}

/// The present revision of one account, locked until the transaction ends.
pub fn lock_revision(host: &dyn Host, service: i64) -> Result<Option<u64>> {
    let sql = "SELECT revision FROM mod_mikrotikvpn_accounts WHERE service_id = ? FOR UPDATE";
    let rows = host.query(sql, &[service.into()])?;
    rows.into_iter()
        .next()
        .map(|row| Columns::of(row).count())
        .transpose()
}

/// Addresses of a server that nobody may get: claimed by our accounts, or written as dedicated IP of
/// a service that is neither ended nor this one.
pub fn taken_addresses(host: &dyn Host, server: i64, service: i64) -> Result<HashSet<Ipv4Addr>> {
    let sql = "SELECT address FROM mod_mikrotikvpn_accounts \
               WHERE server_id = ? AND address IS NOT NULL \
               UNION SELECT dedicatedip FROM tblhosting \
               WHERE server = ? AND dedicatedip <> '' AND id <> ? \
               AND domainstatus NOT IN ('Terminated', 'Cancelled', 'Fraud')";
    let rows = host.query(sql, &[server.into(), server.into(), service.into()])?;
    // Other modules write other things into dedicatedip; what is no address is none of ours.
    Ok(rows
        .into_iter()
        .filter_map(|row| Columns::of(row).text().ok()?.trim().parse().ok())
        .collect())
}

/// Claims username and address for a service that has none. A duplicate key means that another
/// request was faster; see [`crate::Error::is_duplicate_key`].
pub fn claim(
    host: &dyn Host,
    service: i64,
    server: i64,
    username: &str,
    address: Ipv4Addr,
) -> Result<()> {
    let params = [
        server.into(),
        username.into(),
        address.to_string().into(),
        service.into(),
    ];
    // Not ON DUPLICATE KEY UPDATE: it would swallow the collision of an address as well.
    let again = host.execute(
        "UPDATE mod_mikrotikvpn_accounts SET server_id = ?, username = ?, address = ? \
         WHERE service_id = ? AND username IS NULL",
        &params,
    )?;
    if again == 0 {
        host.execute(
            "INSERT INTO mod_mikrotikvpn_accounts (server_id, username, address, service_id) \
             VALUES (?, ?, ?, ?)",
            &params,
        )?;
    }
    Ok(())
}

/// Gives username and address back. What the service used and has left stays, for it may be created
/// again; a row without any history goes.
pub fn retire(host: &dyn Host, service: i64) -> Result<()> {
    host.execute(
        "UPDATE mod_mikrotikvpn_accounts SET username = NULL, address = NULL, tag = '', \
         baseline_download = NULL, baseline_upload = NULL, baseline_queue = '', baseline_at = NULL, \
         baseline_uptime = NULL, reset_pending = 0, provisioned_at = NULL, revision = revision + 1 \
         WHERE service_id = ?",
        &[service.into()],
    )?;
    host.execute(
        "DELETE FROM mod_mikrotikvpn_accounts WHERE service_id = ? AND balance IS NULL \
         AND period_download = 0 AND period_upload = 0",
        &[service.into()],
    )?;
    Ok(())
}

/// Deletes all we know of an account, when WHMCS deletes the service itself.
pub fn forget(host: &dyn Host, service: i64) -> Result<()> {
    let sql = "DELETE FROM mod_mikrotikvpn_accounts WHERE service_id = ?";
    host.execute(sql, &[service.into()])?;
    Ok(())
}

/// Notes that Create has come to its end.
pub fn store_provisioned(host: &dyn Host, service: i64, now: DateTime<Utc>) -> Result<()> {
    host.execute(
        "UPDATE mod_mikrotikvpn_accounts SET provisioned_at = COALESCE(provisioned_at, ?) \
         WHERE service_id = ?",
        &[moment(now), service.into()],
    )?;
    Ok(())
}

/// Stores the comment now on the router and the quota now sold.
pub fn store_shape(host: &dyn Host, service: i64, tag: &str, quota: Option<Bytes>) -> Result<()> {
    let sql = "UPDATE mod_mikrotikvpn_accounts SET tag = ?, quota = ? WHERE service_id = ?";
    host.execute(
        sql,
        &[
            tag.into(),
            quota.map(|quota| count(quota.0)).into(),
            service.into(),
        ],
    )?;
    Ok(())
}

/// Adds to the balance, which begins at 0 when there was none. Returns nothing: the caller has checked
/// by the grant's key that this is the first time.
pub fn add_balance(host: &dyn Host, service: i64, bytes: i64) -> Result<()> {
    let sql = "UPDATE mod_mikrotikvpn_accounts \
               SET balance = COALESCE(balance, 0) + ?, period_download = 0, period_upload = 0 \
               WHERE service_id = ?";
    host.execute(sql, &[bytes.into(), service.into()])?;
    Ok(())
}

/// One account's part of a booking.
#[derive(Debug, Clone)]
pub struct Booking {
    /// Whose.
    pub service: i64,
    /// Bytes to add.
    pub usage: Traffic,
    /// The counters up to which usage is now booked.
    pub baseline: Baseline,
    /// See [`Account::reset_pending`].
    pub reset_pending: i64,
}

/// Adds usage and stores baselines. The rows must be locked by this transaction, so that none is new.
pub fn book(host: &dyn Host, bookings: &[Booking]) -> Result<()> {
    batch::insert(
        host,
        "INSERT INTO mod_mikrotikvpn_accounts (service_id, baseline_download, baseline_upload, \
         baseline_queue, baseline_boot, baseline_uptime, baseline_at, reset_pending, \
         period_download, period_upload, balance)",
        "ON DUPLICATE KEY UPDATE revision = revision + 1, \
         baseline_download = VALUES(baseline_download), baseline_upload = VALUES(baseline_upload), \
         baseline_queue = VALUES(baseline_queue), baseline_boot = VALUES(baseline_boot), \
         baseline_uptime = VALUES(baseline_uptime), baseline_at = VALUES(baseline_at), \
         reset_pending = VALUES(reset_pending), \
         period_download = period_download + VALUES(period_download), \
         period_upload = period_upload + VALUES(period_upload), \
         balance = balance - VALUES(balance)",
        bookings.iter().map(booking_row),
    )?;
    Ok(())
}

fn booking_row(booking: &Booking) -> [Value; 11] {
    let Booking {
        service,
        usage,
        baseline,
        reset_pending,
    } = booking;
    [
        (*service).into(),
        count(baseline.counted.download.0),
        count(baseline.counted.upload.0),
        baseline.queue.as_str().into(),
        count(baseline.boot),
        baseline.uptime.map(|uptime| count(uptime.as_secs())).into(),
        moment(baseline.at),
        (*reset_pending).into(),
        count(usage.download.0),
        count(usage.upload.0),
        count(usage.total().0),
    ]
}

/// The counters of every account whose reset this collection asked for, and that nobody booked
/// since, are zero now.
pub fn confirm_resets(
    host: &dyn Host,
    server: i64,
    collection: i64,
    uptime: Option<Duration>,
    at: DateTime<Utc>,
) -> Result<u64> {
    let sql = "UPDATE mod_mikrotikvpn_accounts \
               SET baseline_download = 0, baseline_upload = 0, baseline_uptime = ?, baseline_at = ?, \
               reset_pending = 0, revision = revision + 1 WHERE server_id = ? AND reset_pending = ?";
    let uptime = uptime.map(|uptime| count(uptime.as_secs()));
    let params = [uptime.into(), moment(at), server.into(), collection.into()];
    host.execute(sql, &params)
}

/// Resets that were asked for and never sent, or whose outcome is unknown, by service.
pub fn mark_resets(
    host: &dyn Host,
    services: &[i64],
    collection: i64,
    reset_pending: i64,
) -> Result<()> {
    batch::over_ids(
        host,
        "UPDATE mod_mikrotikvpn_accounts SET reset_pending = ?, revision = revision + 1 \
         WHERE reset_pending = ? AND service_id IN",
        &[reset_pending.into(), collection.into()],
        services,
    )?;
    Ok(())
}

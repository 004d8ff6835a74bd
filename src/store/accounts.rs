//! `mod_mikrotikvpn_accounts`: what we know of each service on its router.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use super::batch;
use super::execute;
use super::history::Used;
use super::rows::{Columns, MOST, add, count, date, moment};
use super::services::ENDED;
use crate::error::Result;
use crate::host::{Host, Row, Value};
use crate::units::{Bytes, Limits, Traffic};

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
    /// The sessions up to whose counters usage is booked, see `traffic::sessions`; `None` before the
    /// first reading.
    pub sessions: Option<String>,
    /// What both meter sources saw on one day.
    pub seen: Seen,
    /// The policy the router was brought to, as `CapPolicy` is written; empty without a cap.
    pub cap: String,
    /// The policy the router was seen to keep when the baseline was read; empty when it was none.
    pub cap_seen: String,
    /// A reading of the queue that waits for the next collection to agree, see `traffic::meter`.
    pub suspect: Option<String>,
    /// Usage booked since the sessions were last read.
    pub ahead: Traffic,
}

/// What both meter sources saw of an account on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// The day, in WHMCS's time zone; `None` before the first reading.
    pub day: Option<NaiveDate>,
    /// Bytes its queue counted on that day.
    pub queue: Bytes,
    /// Bytes its sessions counted on that day.
    pub session: Bytes,
    /// Bytes the sessions counted beyond the queue on the last whole day, when that was much.
    pub hidden: Bytes,
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
    /// When it was read, by our clock.
    pub at: DateTime<Utc>,
}

const COLUMNS: &str = "service_id, server_id, username, address, tag, revision, \
     baseline_download, baseline_upload, baseline_queue, baseline_boot, baseline_uptime, \
     baseline_at, reset_pending, period_download, period_upload, quota, balance, \
     provisioned_at IS NOT NULL, sessions, seen_day, seen_queue, seen_session, hidden, \
     IF(capped_at IS NOT NULL AND cap_done <> 0, cap, ''), cap_seen, \
     suspect, ahead_download, ahead_upload";

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
            sessions: columns.optional_text()?,
            seen: Seen {
                day: columns.date()?,
                queue: Bytes(columns.count()?),
                session: Bytes(columns.count()?),
                hidden: Bytes(columns.count()?),
            },
            cap: columns.text()?,
            cap_seen: columns.text()?,
            suspect: columns.optional_text()?,
            ahead: Traffic::new(columns.count()?, columns.count()?),
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

/// Under what an account is to be found on its router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// `tblhosting.id`.
    pub service: i64,
    /// Login name.
    pub username: String,
    /// Its address.
    pub address: Option<Ipv4Addr>,
    /// The comment last written there.
    pub tag: String,
}

/// Where the accounts a server has now are to be found, by service.
pub fn named(host: &dyn Host, server: i64) -> Result<Vec<Named>> {
    let rows = host.query(
        "SELECT service_id, username, address, tag FROM mod_mikrotikvpn_accounts \
         WHERE server_id = ? AND username IS NOT NULL ORDER BY service_id",
        &[server.into()],
    )?;
    let read = |row| Named::read(&mut Columns::of(row));
    rows.into_iter().map(read).collect()
}

impl Named {
    fn read(columns: &mut Columns) -> Result<Self> {
        Ok(Self {
            service: columns.int()?,
            username: columns.text()?,
            address: columns.text()?.parse().ok(),
            tag: columns.text()?,
        })
    }
}

/// An account that WHMCS should no longer have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Where it is to be found.
    pub account: Named,
    /// The status that says so; `None` when the service was deleted.
    pub status: Option<String>,
}

impl Lost {
    /// `tblhosting.id`.
    pub fn service(&self) -> i64 {
        self.account.service
    }
}

/// The accounts of a server whose service was deleted or has ended, by service.
pub fn lost(host: &dyn Host, server: i64) -> Result<Vec<Lost>> {
    let sql = format!(
        "SELECT a.service_id, a.username, a.address, a.tag, h.domainstatus \
         FROM mod_mikrotikvpn_accounts a LEFT JOIN tblhosting h ON h.id = a.service_id \
         WHERE a.server_id = ? AND a.username IS NOT NULL \
         AND (h.id IS NULL OR h.domainstatus IN {ENDED}) ORDER BY a.service_id"
    );
    let rows = host.query(&sql, &[server.into()])?;
    let read = |row| {
        let mut columns = Columns::of(row);
        Ok(Lost {
            account: Named::read(&mut columns)?,
            status: columns.optional_text()?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// The accounts a server has now with their present revision, sorted by service.
pub fn revisions(host: &dyn Host, server: i64) -> Result<Vec<(i64, u64)>> {
    // By pages in the order of the unique key: the rows of all accounts, as a driver hands them over,
    // are many times larger than what is kept of them.
    let sql = format!(
        "SELECT username, service_id, revision FROM mod_mikrotikvpn_accounts \
         WHERE server_id = ? AND username > ? ORDER BY username LIMIT {PAGE}"
    );
    let mut known = Vec::new();
    let mut last = String::new();
    loop {
        let rows = host.query(&sql, &[server.into(), last.as_str().into()])?;
        let is_last = rows.len() < PAGE;
        for row in rows {
            let mut columns = Columns::of(row);
            last = columns.text()?;
            known.push((columns.int()?, columns.count()?));
        }
        if is_last {
            known.sort_unstable();
            return Ok(known);
        }
    }
}

/// Rows of one page of [`revisions`]. MariaDB was seen to begin each page at the server's first name: fewer
/// of them are less to pass over.
const PAGE: usize = 10_000;

/// The accounts of these services, locked until the transaction ends, by service.
pub fn lock(host: &dyn Host, services: &[i64]) -> Result<Vec<Account>> {
    let sql = format!("SELECT {COLUMNS} FROM mod_mikrotikvpn_accounts WHERE service_id IN");
    let rows = batch::select_ids(host, &sql, services, "ORDER BY service_id FOR UPDATE")?;
    rows.into_iter().map(Account::read).collect()
}

/// Those of these services whose reset this collection asked for and that nobody booked since, locked
/// until the transaction ends, sorted; each with [`Account::cap_seen`].
pub fn lock_marked(
    host: &dyn Host,
    services: &[i64],
    collection: i64,
) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT service_id, reset_pending, cap_seen FROM mod_mikrotikvpn_accounts \
               WHERE service_id IN";
    let mut marked = Vec::new();
    for row in batch::select_ids(host, sql, services, "ORDER BY service_id FOR UPDATE")? {
        let mut columns = Columns::of(row);
        let service = columns.int()?;
        if columns.int()? == collection {
            marked.push((service, columns.text()?));
        }
    }
    Ok(marked)
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

/// Whether an account has a baseline, locked until the transaction ends.
pub fn has_baseline(host: &dyn Host, service: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM mod_mikrotikvpn_accounts \
               WHERE service_id = ? AND baseline_at IS NOT NULL FOR UPDATE";
    Ok(!host.query(sql, &[service.into()])?.is_empty())
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
    let again = execute(
        host,
        "UPDATE mod_mikrotikvpn_accounts SET server_id = ?, username = ?, address = ? \
         WHERE service_id = ? AND username IS NULL",
        &params,
    )?;
    if again == 0 {
        execute(
            host,
            "INSERT INTO mod_mikrotikvpn_accounts (server_id, username, address, service_id) \
             VALUES (?, ?, ?, ?)",
            &params,
        )?;
    }
    Ok(())
}

const RETIRE: &str = "UPDATE mod_mikrotikvpn_accounts SET username = NULL, address = NULL, tag = '', \
     baseline_download = NULL, baseline_upload = NULL, baseline_queue = '', baseline_at = NULL, \
     baseline_uptime = NULL, reset_pending = 0, provisioned_at = NULL, sessions = NULL, suspect = NULL, \
     ahead_download = 0, ahead_upload = 0, \
     seen_day = NULL, hidden = 0, cap = '', cap_done = 0, cap_seen = NULL, revision = revision + 1";

/// Like [`retire`] for every account, with all of its history.
pub fn retire_all(host: &dyn Host) -> Result<()> {
    execute(host, RETIRE, &[])?;
    Ok(())
}

/// Gives username and address back. What the service used and has left stays, for it may be created
/// again; a row without any history goes.
pub fn retire(host: &dyn Host, service: i64) -> Result<()> {
    execute(
        host,
        &format!("{RETIRE} WHERE service_id = ?"),
        &[service.into()],
    )?;
    execute(
        host,
        "DELETE FROM mod_mikrotikvpn_accounts WHERE service_id = ? AND balance IS NULL \
         AND period_download = 0 AND period_upload = 0",
        &[service.into()],
    )?;
    Ok(())
}

/// Deletes all we know of an account, when WHMCS deletes the service itself.
pub fn forget(host: &dyn Host, service: i64) -> Result<()> {
    let sql = "DELETE FROM mod_mikrotikvpn_accounts WHERE service_id = ?";
    execute(host, sql, &[service.into()])?;
    Ok(())
}

/// Notes that Create has come to its end.
pub fn store_provisioned(host: &dyn Host, service: i64, now: DateTime<Utc>) -> Result<()> {
    execute(
        host,
        "UPDATE mod_mikrotikvpn_accounts SET provisioned_at = COALESCE(provisioned_at, ?) \
         WHERE service_id = ?",
        &[moment(now), service.into()],
    )?;
    Ok(())
}

/// When Create came to its end; `None` before.
pub fn provisioned_at(host: &dyn Host, service: i64) -> Result<Option<DateTime<Utc>>> {
    let sql = "SELECT provisioned_at FROM mod_mikrotikvpn_accounts WHERE service_id = ?";
    let rows = host.query(sql, &[service.into()])?;
    rows.into_iter()
        .next()
        .map_or(Ok(None), |row| Columns::of(row).moment())
}

/// What an account looks like on the router as sold: what a lifted cap puts back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold<'a> {
    /// The comment.
    pub tag: &'a str,
    /// Traffic of a billing cycle; `None` is unlimited.
    pub quota: Option<Bytes>,
    /// PPP profile.
    pub profile: &'a str,
    /// Speeds.
    pub limits: Limits,
}

/// Stores the comment now on the router and what is sold now.
pub fn store_sold(host: &dyn Host, service: i64, sold: &Sold<'_>) -> Result<()> {
    execute(
        host,
        "UPDATE mod_mikrotikvpn_accounts SET tag = ?, quota = ?, profile = ?, limit_download = ?, \
         limit_upload = ? WHERE service_id = ?",
        &[
            sold.tag.into(),
            sold.quota.map(|quota| count(quota.0)).into(),
            sold.profile.into(),
            count(sold.limits.download.0),
            count(sold.limits.upload.0),
            service.into(),
        ],
    )?;
    Ok(())
}

/// Bytes the sessions of a server's accounts counted beyond their queues on their last whole day, and
/// how many accounts that were.
pub fn hidden_of_server(host: &dyn Host, server: i64) -> Result<(u64, Bytes)> {
    let sql = "SELECT COUNT(*), COALESCE(SUM(hidden), 0) FROM mod_mikrotikvpn_accounts \
               WHERE server_id = ? AND username IS NOT NULL AND hidden > 0";
    let rows = host.query(sql, &[server.into()])?;
    let Some(row) = rows.into_iter().next() else {
        return Ok((0, Bytes(0)));
    };
    let mut columns = Columns::of(row);
    Ok((columns.count()?, Bytes(columns.count()?)))
}

/// One account's part of a booking.
#[derive(Debug, Clone)]
pub struct Booking {
    /// Whose.
    pub service: i64,
    /// Bytes to add.
    pub usage: Traffic,
    /// Whether they are taken from the balance, see `traffic::cap`.
    pub owed: bool,
    /// The counters up to which usage is now booked; `None` leaves them.
    pub baseline: Option<Baseline>,
    /// See [`Account::reset_pending`].
    pub reset_pending: i64,
    /// See [`Account::sessions`]; `None` leaves them.
    pub sessions: Option<String>,
    /// See [`Account::seen`]; `None` leaves it.
    pub seen: Option<Seen>,
    /// See [`Account::cap_seen`]; `None` leaves it.
    pub cap_seen: Option<String>,
    /// See [`Account::suspect`]; a new baseline without one ends it.
    pub suspect: Option<String>,
}

impl Booking {
    /// As the history has it.
    pub fn used(&self) -> Used {
        let all = self.usage.total();
        Used {
            service: self.service,
            traffic: self.usage,
            free: if self.owed { Bytes(0) } else { all },
        }
    }

    /// Nothing but the counters up to which usage is booked.
    pub fn begin(service: i64, baseline: Baseline) -> Self {
        Self {
            service,
            usage: Traffic::ZERO,
            owed: true,
            baseline: Some(baseline),
            reset_pending: 0,
            sessions: None,
            seen: None,
            cap_seen: Some(String::new()),
            suspect: None,
        }
    }
}

/// Adds usage and stores baselines. The rows must be locked by this transaction, so that none is new.
pub fn book(host: &dyn Host, bookings: &[Booking]) -> Result<()> {
    // MySQL assigns from left to right: what decides about the others is assigned last.
    let tail = format!(
        "ON DUPLICATE KEY UPDATE revision = revision + 1, \
         suspect = IF(VALUES(baseline_at) IS NULL, COALESCE(VALUES(suspect), suspect), VALUES(suspect)), \
         ahead_download = IF(VALUES(sessions) IS NULL, ahead_download + VALUES(period_download), 0), \
         ahead_upload = IF(VALUES(sessions) IS NULL, ahead_upload + VALUES(period_upload), 0), \
         baseline_queue = IF(VALUES(baseline_at) IS NULL, baseline_queue, VALUES(baseline_queue)), \
         baseline_boot = IF(VALUES(baseline_at) IS NULL, baseline_boot, VALUES(baseline_boot)), \
         baseline_uptime = IF(VALUES(baseline_at) IS NULL, baseline_uptime, VALUES(baseline_uptime)), \
         baseline_download = COALESCE(VALUES(baseline_download), baseline_download), \
         baseline_upload = COALESCE(VALUES(baseline_upload), baseline_upload), \
         baseline_at = COALESCE(VALUES(baseline_at), baseline_at), \
         reset_pending = VALUES(reset_pending), {}, {}, \
         balance = GREATEST(balance, -{MOST}) - LEAST(VALUES(balance), {MOST}), \
         sessions = COALESCE(VALUES(sessions), sessions), \
         seen_queue = IF(VALUES(seen_day) IS NULL, seen_queue, VALUES(seen_queue)), \
         seen_session = IF(VALUES(seen_day) IS NULL, seen_session, VALUES(seen_session)), \
         hidden = IF(VALUES(seen_day) IS NULL, hidden, VALUES(hidden)), \
         cap_seen = COALESCE(VALUES(cap_seen), cap_seen), \
         seen_day = COALESCE(VALUES(seen_day), seen_day)",
        add("period_download"),
        add("period_upload"),
    );
    batch::insert(
        host,
        "INSERT INTO mod_mikrotikvpn_accounts (service_id, baseline_download, baseline_upload, \
         baseline_queue, baseline_boot, baseline_uptime, baseline_at, reset_pending, \
         period_download, period_upload, balance, sessions, seen_queue, seen_session, hidden, cap_seen, seen_day, \
         suspect)",
        &tail,
        bookings.iter().map(booking_row),
    )?;
    Ok(())
}

fn booking_row(booking: &Booking) -> [Value; 18] {
    let usage = booking.usage;
    let seen = booking.seen.unwrap_or_default();
    let [download, upload, queue, boot, uptime, at] = baseline_columns(booking.baseline.as_ref());
    [
        booking.service.into(),
        download,
        upload,
        queue,
        boot,
        uptime,
        at,
        booking.reset_pending.into(),
        count(usage.download.0),
        count(usage.upload.0),
        count(if booking.owed { usage.total().0 } else { 0 }),
        booking.sessions.clone().into(),
        count(seen.queue.0),
        count(seen.session.0),
        count(seen.hidden.0),
        booking.cap_seen.clone().into(),
        seen.day.map(date).into(),
        booking.suspect.clone().into(),
    ]
}

fn baseline_columns(baseline: Option<&Baseline>) -> [Value; 6] {
    let Some(baseline) = baseline else {
        return [
            Value::Null,
            Value::Null,
            "".into(),
            Value::Int(0),
            Value::Null,
            Value::Null,
        ];
    };
    [
        count(baseline.counted.download.0),
        count(baseline.counted.upload.0),
        baseline.queue.as_str().into(),
        count(baseline.boot),
        baseline.uptime.map(|uptime| count(uptime.as_secs())).into(),
        moment(baseline.at),
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
    execute(host, sql, &params)
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

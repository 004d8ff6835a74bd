//! `mod_mikrotikvpn_servers`: the lease of a collection, what we know of the router's boots, how it
//! went last; and the columns of WHMCS's `tblservers` that `$params` does not carry.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use super::execute;
use super::rows::{Columns, count, date, moment};
use crate::error::Result;
use crate::host::{Host, Row, Value};
use crate::limits::SENTENCE_BYTES;
use crate::printable::excerpt;

/// The right to collect a server, until it is released or expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    server: i64,
    token: i64,
}

/// What is known of a router's boots. A boot is a number of ours that grows whenever the router's
/// uptime is seen to have become smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// The present boot.
    pub boot: u64,
    /// The uptime last seen in it.
    pub uptime: Option<Duration>,
}

impl Evidence {
    /// With an uptime read just now: a smaller one means another boot. An unknown one tells nothing.
    #[must_use]
    pub fn with_uptime(self, uptime: Option<Duration>) -> Self {
        let Some(now) = uptime else { return self };
        let rebooted = self.uptime.is_some_and(|before| now < before);
        Self {
            boot: self.boot + u64::from(rebooted),
            uptime: Some(now),
        }
    }
}

/// The addresses the admin offers on a server, as typed.
pub fn assigned_ips(host: &dyn Host, server: i64) -> Result<String> {
    let rows = host.query(
        "SELECT assignedips FROM tblservers WHERE id = ?",
        &[server.into()],
    )?;
    rows.into_iter()
        .next()
        .map_or(Ok(String::new()), |row| Columns::of(row).text())
}

/// What a server is called in WHMCS; `None` for one it does not have.
pub fn name(host: &dyn Host, server: i64) -> Result<Option<String>> {
    let sql = "SELECT name FROM tblservers WHERE id = ?";
    let rows = host.query(sql, &[server.into()])?;
    rows.into_iter()
        .next()
        .map(|row| Columns::of(row).text())
        .transpose()
}

/// The server's stored password, encrypted; WHMCS leaves it out of `$params` on some pages.
pub fn encrypted_password(host: &dyn Host, server: i64) -> Result<String> {
    let rows = host.query(
        "SELECT password FROM tblservers WHERE id = ?",
        &[server.into()],
    )?;
    rows.into_iter()
        .next()
        .map_or(Ok(String::new()), |row| Columns::of(row).text())
}

/// A server as WHMCS keeps it, for work that no `$params` come with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// `tblservers.id`.
    pub id: i64,
    /// The columns under the names they have in `$params`, without the password.
    pub columns: Vec<(&'static str, String)>,
    /// How its latest collection failed, if it did.
    pub last_error: Option<String>,
    /// That failed, or the process that made it died in it.
    pub failing: bool,
}

const PARAMS: [(&str, &str); 6] = [
    ("serverip", "ipaddress"),
    ("serverhostname", "hostname"),
    ("serverusername", "username"),
    ("serveraccesshash", "accesshash"),
    ("serversecure", "secure"),
    ("serverport", "port"),
];

/// A lease has run out, or reaches further than any does: the database's clock was set back since.
const FREE: &str =
    "(lease_until < UTC_TIMESTAMP() OR lease_until > UTC_TIMESTAMP() + INTERVAL 2 HOUR)";

/// The latest collection of server row `m` began and never ended: whoever made it died.
const DIED: &str =
    "(m.started_at IS NOT NULL AND (m.ended_at IS NULL OR m.ended_at < m.started_at))";

/// When server `s` was last begun to be collected, or could first have been.
const LAST_START: &str = "COALESCE(m.started_at, m.ended_at, (SELECT MIN(a.provisioned_at) \
     FROM mod_mikrotikvpn_accounts a WHERE a.server_id = s.id))";

/// Servers to collect in a cron run: in use, not under a lease, and not collected for `interval`, with a
/// living service whose product is collected every cron run (setting 20, where empty means the default);
/// with products of every day only when no collection has begun for `missed`: then WHMCS's own daily round
/// has not come to this server, for instance because it died at another.
///
/// Those whose latest start is the oldest come first. One that failed has its start counted as 15 minutes
/// later, one in which the process died as an hour later: they stand behind the others, but not for ever.
/// All moments are of the database's clock.
pub fn due(host: &dyn Host, interval: Duration, missed: Duration) -> Result<Vec<Server>> {
    let columns = PARAMS.map(|(_, column)| format!("s.{column}")).join(", ");
    let sql = format!(
        "SELECT s.id, m.last_error, COALESCE(m.last_error IS NOT NULL OR {DIED}, 0), {columns} \
         FROM tblservers s \
         LEFT JOIN mod_mikrotikvpn_servers m ON m.server_id = s.id \
         WHERE s.type = 'mikrotikvpn' AND s.active = 1 AND s.disabled = 0 \
         AND (m.lease_until IS NULL OR {FREE}) \
         AND (m.ended_at IS NULL OR m.ended_at > UTC_TIMESTAMP() + INTERVAL 1 MINUTE \
         OR m.ended_at <= UTC_TIMESTAMP() - INTERVAL ? SECOND) \
         AND EXISTS (SELECT 1 FROM tblhosting h JOIN tblproducts p ON p.id = h.packageid \
         WHERE h.server = s.id AND h.domainstatus IN ('Active', 'Suspended') \
         AND p.servertype = 'mikrotikvpn' AND (p.configoption20 IN ('', 'cron') \
         OR {LAST_START} > UTC_TIMESTAMP() + INTERVAL 1 MINUTE \
         OR {LAST_START} <= UTC_TIMESTAMP() - INTERVAL ? SECOND)) \
         ORDER BY LEAST(COALESCE(m.started_at, m.ended_at, TIMESTAMP '2000-01-01 00:00:00'), UTC_TIMESTAMP()) \
         + INTERVAL (CASE WHEN {DIED} THEN 3600 WHEN m.last_error IS NOT NULL THEN 900 ELSE 0 END) SECOND, \
         s.id"
    );
    let rows = host.query(&sql, &[count(interval.as_secs()), count(missed.as_secs())])?;
    rows.into_iter().map(Server::read).collect()
}

/// One server, whatever its state.
pub fn find(host: &dyn Host, server: i64) -> Result<Option<Server>> {
    let columns = PARAMS.map(|(_, column)| format!("s.{column}")).join(", ");
    let sql = format!("SELECT s.id, NULL, 0, {columns} FROM tblservers s WHERE s.id = ?");
    let rows = host.query(&sql, &[server.into()])?;
    rows.into_iter().next().map(Server::read).transpose()
}

impl Server {
    fn read(row: Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        let id = columns.int()?;
        let last_error = Some(columns.text()?).filter(|text| !text.is_empty());
        let failing = columns.int()? != 0;
        let pairs = PARAMS.map(|(name, _)| columns.text().map(|text| (name, text)));
        Ok(Self {
            id,
            last_error,
            failing,
            columns: pairs.into_iter().collect::<Result<_>>()?,
        })
    }
}

/// Takes the right to collect `server` for `length`; `None` while somebody else has it, and for `interval`
/// after a collection that went well. The database's clock decides, for web heads differ in theirs. That an
/// attempt begins is written with it, before the router is asked anything: whatever becomes of the process, the
/// next run knows. `token` must be new and not 0.
pub fn take_lease(
    host: &dyn Host,
    server: i64,
    token: i64,
    length: Duration,
    interval: Duration,
) -> Result<Option<Lease>> {
    execute(
        host,
        "INSERT IGNORE INTO mod_mikrotikvpn_servers (server_id) VALUES (?)",
        &[server.into()],
    )?;
    // A collection that ended in times to come ended before the database's clock was set back.
    let sql = format!(
        "UPDATE mod_mikrotikvpn_servers SET lease_token = ?, \
         lease_until = UTC_TIMESTAMP() + INTERVAL ? SECOND, started_at = UTC_TIMESTAMP() \
         WHERE server_id = ? AND (lease_token = 0 OR lease_until IS NULL OR {FREE}) \
         AND (ended_at IS NULL OR last_error IS NOT NULL OR ended_at > UTC_TIMESTAMP() + INTERVAL 1 MINUTE \
         OR ended_at <= UTC_TIMESTAMP() - INTERVAL ? SECOND)"
    );
    let updated = execute(
        host,
        &sql,
        &[
            token.into(),
            count(length.as_secs()),
            server.into(),
            count(interval.as_secs()),
        ],
    )?;
    Ok((updated == 1).then_some(Lease { server, token }))
}

/// Whether the lease is still ours, locking it until the transaction ends.
pub fn holds(host: &dyn Host, lease: Lease) -> Result<bool> {
    let rows = host.query(
        "SELECT 1 FROM mod_mikrotikvpn_servers WHERE server_id = ? AND lease_token = ? FOR UPDATE",
        &[lease.server.into(), lease.token.into()],
    )?;
    Ok(!rows.is_empty())
}

/// Gives the right back, if it is still ours.
pub fn release_lease(host: &dyn Host, lease: Lease) -> Result<()> {
    execute(
        host,
        "UPDATE mod_mikrotikvpn_servers SET lease_token = 0, lease_until = NULL \
         WHERE server_id = ? AND lease_token = ?",
        &[lease.server.into(), lease.token.into()],
    )?;
    Ok(())
}

/// What is known of the router's boots; the first boot before anything is known.
pub fn evidence(host: &dyn Host, server: i64) -> Result<Evidence> {
    let rows = host.query(
        "SELECT boot, uptime FROM mod_mikrotikvpn_servers WHERE server_id = ?",
        &[server.into()],
    )?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(Evidence {
            boot: 1,
            uptime: None,
        });
    };
    let mut columns = Columns::of(row);
    Ok(Evidence {
        boot: columns.count()?,
        uptime: columns
            .optional_int()?
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map(Duration::from_secs),
    })
}

/// Stores what a reading taught about the router's boots.
pub fn store_evidence(host: &dyn Host, server: i64, evidence: Evidence) -> Result<()> {
    let uptime = evidence.uptime.map(|uptime| count(uptime.as_secs()));
    execute(
        host,
        "INSERT INTO mod_mikrotikvpn_servers (server_id, boot, uptime) VALUES (?, ?, ?) \
         ON DUPLICATE KEY UPDATE boot = VALUES(boot), uptime = VALUES(uptime)",
        &[server.into(), count(evidence.boot), uptime.into()],
    )?;
    Ok(())
}

/// What a collection saw of its router, for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sighting {
    /// RouterOS version.
    pub version: String,
    /// Accounts of ours that were connected.
    pub online: usize,
}

/// Notes how the latest collection went: what it saw when it went well, and then the moment counts as the
/// server's last collection, else the error.
pub fn store_outcome(
    host: &dyn Host,
    server: i64,
    at: DateTime<Utc>,
    outcome: std::result::Result<&Sighting, &str>,
) -> Result<()> {
    let (collected, version, online) = outcome.map_or_else(
        |_| (Value::Null, Value::Null, Value::Null),
        |seen| {
            let version: String = seen.version.chars().take(LONGEST_VERSION).collect();
            (moment(at), version.into(), count(seen.online as u64))
        },
    );
    execute(
        host,
        "INSERT INTO mod_mikrotikvpn_servers \
         (server_id, collected_at, version, online, last_error, ended_at) \
         VALUES (?, ?, COALESCE(?, ''), ?, ?, UTC_TIMESTAMP()) \
         ON DUPLICATE KEY UPDATE collected_at = COALESCE(VALUES(collected_at), collected_at), \
         version = IF(VALUES(version) = '', version, VALUES(version)), \
         online = COALESCE(VALUES(online), online), \
         last_error = VALUES(last_error), ended_at = VALUES(ended_at)",
        &[
            server.into(),
            collected,
            version,
            online,
            outcome
                .err()
                .map(|error| excerpt(error, SENTENCE_BYTES))
                .into(),
        ],
    )?;
    Ok(())
}

/// The width of the column.
const LONGEST_VERSION: usize = 64;

/// What is known of time when a collection begins, and up to which day the history is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// By the database's clock.
    pub database_now: DateTime<Utc>,
    /// The last collection that went well.
    pub collected_at: Option<DateTime<Utc>>,
    /// The last day of WHMCS's that was believed.
    pub history_day: Option<NaiveDate>,
    /// The day of WHMCS's on which nothing was left to delete.
    pub swept_on: Option<NaiveDate>,
}

/// Reads it.
pub fn kept(host: &dyn Host, server: i64) -> Result<Kept> {
    let rows = host.query(
        "SELECT UTC_TIMESTAMP(), m.collected_at, m.history_day, m.swept_on FROM (SELECT 1 AS one) one \
         LEFT JOIN mod_mikrotikvpn_servers m ON m.server_id = ?",
        &[server.into()],
    )?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(Kept::default());
    };
    let mut columns = Columns::of(row);
    Ok(Kept {
        database_now: columns.moment()?.unwrap_or_default(),
        collected_at: columns.moment()?,
        history_day: columns.date()?,
        swept_on: columns.date()?,
    })
}

/// Stores up to which day the history is kept.
pub fn store_kept(
    host: &dyn Host,
    server: i64,
    history_day: Option<NaiveDate>,
    swept_on: Option<NaiveDate>,
) -> Result<()> {
    execute(
        host,
        "UPDATE mod_mikrotikvpn_servers SET history_day = ?, swept_on = ? WHERE server_id = ?",
        &[
            history_day.map(date).into(),
            swept_on.map(date).into(),
            server.into(),
        ],
    )?;
    Ok(())
}

/// When the server was last collected with success.
pub fn collected_at(host: &dyn Host, server: i64) -> Result<Option<DateTime<Utc>>> {
    let rows = host.query(
        "SELECT collected_at FROM mod_mikrotikvpn_servers WHERE server_id = ?",
        &[server.into()],
    )?;
    rows.into_iter()
        .next()
        .map_or(Ok(None), |row| Columns::of(row).moment())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_smaller_uptime_is_another_boot() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let first = Evidence {
            boot: 1,
            uptime: None,
        };
        let seen = first.with_uptime(seconds(100));
        assert_eq!(seen.boot, 1);
        assert_eq!(seen.with_uptime(seconds(100)).boot, 1);
        assert_eq!(seen.with_uptime(seconds(99)).boot, 2);
        assert_eq!(seen.with_uptime(None), seen);
    }
}

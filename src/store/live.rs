//! `mod_mikrotikvpn_live`, `_pace` and `_resets`: what pages last saw of each service on its router, and who may
//! ask the router next or end a session there. One row is claimed by one conditional UPDATE, and the database's clock
//! decides, so the limits hold over every web worker and machine.

use std::ops::Range;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::rows::{Columns, count};
use crate::error::Result;
use crate::host::{Host, Value};

/// Whose pages ask: neither customers nor admins take the router from the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The client area's pages and their polls.
    Customers,
    /// An admin's pages of services.
    Admins,
}

impl Lane {
    /// The slots of a router that serve these pages: so many requests they may send it in any second.
    fn slots(self) -> Range<u8> {
        match self {
            Self::Customers => 0..5,
            Self::Admins => 5..9,
        }
    }
}

/// What is on record of a service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// When the router last answered; `None` before it ever did.
    pub at: Option<DateTime<Utc>>,
    /// What it said, as `pages::status` writes it.
    pub seen: String,
    /// That was longer ago than a page that polls would let pass.
    pub stale: bool,
    /// How the router answered those who asked it last.
    pub hearing: Hearing,
}

/// Whether pages reach a router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hearing {
    /// It answered whoever asked last, or nobody has asked.
    #[default]
    Answers,
    /// Somebody asked it in vain since it last answered, which proves nothing.
    Failed,
    /// That was a moment ago.
    Doubted,
    /// It does not answer.
    Silent,
    /// It did not a moment ago: nobody is to wait for it again so soon.
    Resting,
}

/// What is known without asking.
pub fn find(host: &dyn Host, service: i64, server: i64) -> Result<Record> {
    let rows = host.query(
        "SELECT l.seen_at, l.seen, l.seen_at < UTC_TIMESTAMP() - INTERVAL 15 SECOND, \
         p.silent AND p.asked_at > UTC_TIMESTAMP(6), p.silent, \
         p.failed_at > UTC_TIMESTAMP(6) - INTERVAL 10 SECOND, p.failed_at IS NOT NULL \
         FROM (SELECT 1 AS one) one LEFT JOIN mod_mikrotikvpn_live l ON l.service_id = ? \
         LEFT JOIN (SELECT server_id, MAX(silent) AS silent, MAX(asked_at) AS asked_at, \
         MAX(failed_at) AS failed_at \
         FROM mod_mikrotikvpn_pace WHERE server_id = ? GROUP BY server_id) p ON 1 = 1",
        &[service.into(), server.into()],
    )?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(Record::default());
    };
    let mut columns = Columns::of(row);
    Ok(Record {
        at: columns.moment()?,
        seen: columns.text()?,
        stale: columns.int()? != 0,
        hearing: hearing(&mut columns)?,
    })
}

fn hearing(columns: &mut Columns) -> Result<Hearing> {
    let worst_first = [
        Hearing::Resting,
        Hearing::Silent,
        Hearing::Doubted,
        Hearing::Failed,
    ];
    let mut found = Hearing::Answers;
    for hearing in worst_first {
        if columns.int()? != 0 && found == Hearing::Answers {
            found = hearing;
        }
    }
    Ok(found)
}

/// Takes the right to ask about a service, which comes back after `interval`. A clock that was set back
/// by more than a minute frees it, too.
pub fn claim(host: &dyn Host, service: i64, interval: Duration) -> Result<bool> {
    let taken = refused_if_locked(host.execute(
        "UPDATE mod_mikrotikvpn_live SET asked_at = UTC_TIMESTAMP(6) WHERE service_id = ? \
         AND (asked_at IS NULL OR asked_at <= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND \
         OR asked_at > UTC_TIMESTAMP(6) + INTERVAL 60 SECOND)",
        &[service.into(), microseconds(interval)],
    ))?;
    if taken > 0 {
        return Ok(true);
    }
    let first = refused_if_locked(host.execute(
        "INSERT IGNORE INTO mod_mikrotikvpn_live (service_id, asked_at) VALUES (?, UTC_TIMESTAMP(6))",
        &[service.into()],
    ))?;
    Ok(first > 0)
}

/// Gives a claim back that led to no request.
pub fn unclaim(host: &dyn Host, service: i64) -> Result<()> {
    let sql = "UPDATE mod_mikrotikvpn_live SET asked_at = NULL WHERE service_id = ?";
    host.execute(sql, &[service.into()])?;
    Ok(())
}

/// Takes the right to send up to `wanted` requests to a server now; returns how many. Each slot of the lane
/// serves once a second.
pub fn take_slots(host: &dyn Host, server: i64, lane: Lane, wanted: u8) -> Result<u64> {
    let taken = take_free_slots(host, server, lane, wanted)?;
    if taken > 0 || has_slots(host, server, lane)? {
        return Ok(taken);
    }
    let slots = lane
        .slots()
        .map(|slot| format!("(?, {slot}, '2000-01-01')"));
    let sql = format!(
        "INSERT IGNORE INTO mod_mikrotikvpn_pace (server_id, slot, asked_at) VALUES {}",
        slots.collect::<Vec<_>>().join(", ")
    );
    let servers: Vec<Value> = lane.slots().map(|_| server.into()).collect();
    refused_if_locked(host.execute(&sql, &servers))?;
    take_free_slots(host, server, lane, wanted)
}

fn take_free_slots(host: &dyn Host, server: i64, lane: Lane, wanted: u8) -> Result<u64> {
    let Range { start, end } = lane.slots();
    // A fixed order of locking: two requests never wait for each other.
    let sql = format!(
        "UPDATE mod_mikrotikvpn_pace SET asked_at = UTC_TIMESTAMP(6) WHERE server_id = ? \
         AND slot >= {start} AND slot < {end} AND (asked_at <= UTC_TIMESTAMP(6) - INTERVAL 1 SECOND \
         OR asked_at > UTC_TIMESTAMP(6) + INTERVAL 60 SECOND) ORDER BY slot LIMIT {wanted}"
    );
    refused_if_locked(host.execute(&sql, &[server.into()]))
}

fn has_slots(host: &dyn Host, server: i64, lane: Lane) -> Result<bool> {
    let sql = "SELECT 1 FROM mod_mikrotikvpn_pace WHERE server_id = ? AND slot = ?";
    let first = i64::from(lane.slots().start);
    Ok(!host.query(sql, &[server.into(), first.into()])?.is_empty())
}

/// The router was asked in vain, which took `spent`. It is silent when that is `certain`, or when it had been
/// asked in vain already before this was tried: one page that ran out of its time proves nothing, and neither
/// do several at once, for a busy web server makes them all late. A silent router is asked by nobody for
/// `length`, at most a minute. Returns whether it is silent.
pub fn note_failure(
    host: &dyn Host,
    server: i64,
    certain: bool,
    spent: Duration,
    length: Duration,
) -> Result<bool> {
    // The columns are set from left to right; the first two go by what `failed_at` was.
    host.execute(
        "UPDATE mod_mikrotikvpn_pace SET \
         silent = IF(? OR failed_at <= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND, 1, silent), \
         asked_at = IF(silent, UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND, asked_at), \
         failed_at = COALESCE(failed_at, UTC_TIMESTAMP(6)) WHERE server_id = ? ORDER BY slot",
        &[
            i64::from(certain).into(),
            microseconds(spent),
            microseconds(length),
            server.into(),
        ],
    )?;
    let sql = "SELECT COALESCE(MAX(silent), 0) FROM mod_mikrotikvpn_pace WHERE server_id = ?";
    let rows = host.query(sql, &[server.into()])?;
    let silent = rows.into_iter().next().map(|row| Columns::of(row).int());
    Ok(silent.transpose()?.unwrap_or_default() != 0)
}

/// The router answers again.
pub fn note_answer(host: &dyn Host, server: i64) -> Result<()> {
    let sql = "UPDATE mod_mikrotikvpn_pace SET silent = 0, failed_at = NULL WHERE server_id = ? ORDER BY slot";
    refused_if_locked(host.execute(sql, &[server.into()]))?;
    Ok(())
}

/// Keeps what the router said just now.
pub fn store(host: &dyn Host, service: i64, seen: &str) -> Result<()> {
    host.execute(
        "UPDATE mod_mikrotikvpn_live SET seen_at = UTC_TIMESTAMP(), seen = ? WHERE service_id = ?",
        &[seen.into(), service.into()],
    )?;
    Ok(())
}

/// What an admin's page last saw of a service, as `pages::live` writes it, and when.
pub fn looked(host: &dyn Host, service: i64) -> Result<Option<(DateTime<Utc>, String)>> {
    let sql = "SELECT looked_at, looked FROM mod_mikrotikvpn_live \
               WHERE service_id = ? AND looked_at IS NOT NULL";
    let row = host.query(sql, &[service.into()])?.into_iter().next();
    row.map(|row| {
        let mut columns = Columns::of(row);
        Ok((columns.moment()?.unwrap_or_default(), columns.text()?))
    })
    .transpose()
}

/// Keeps what it saw just now.
pub fn store_looked(host: &dyn Host, service: i64, looked: &str) -> Result<()> {
    host.execute(
        "INSERT INTO mod_mikrotikvpn_live (service_id, looked_at, looked) VALUES (?, UTC_TIMESTAMP(), ?) \
         ON DUPLICATE KEY UPDATE looked_at = VALUES(looked_at), looked = VALUES(looked)",
        &[service.into(), looked.into()],
    )?;
    Ok(())
}

/// What is on record is no longer true: the next page asks anew.
pub fn forget(host: &dyn Host, service: i64) -> Result<()> {
    let sql = "DELETE FROM mod_mikrotikvpn_live WHERE service_id = ?";
    host.execute(sql, &[service.into()])?;
    Ok(())
}

/// Takes a customer's right to reset a connection, which comes back after `interval`.
pub fn claim_reset(host: &dyn Host, service: i64, interval: Duration) -> Result<bool> {
    let first = refused_if_locked(host.execute(
        "INSERT IGNORE INTO mod_mikrotikvpn_resets (service_id, reset_at) VALUES (?, UTC_TIMESTAMP(6))",
        &[service.into()],
    ))?;
    if first > 0 {
        return Ok(true);
    }
    let taken = refused_if_locked(host.execute(
        "UPDATE mod_mikrotikvpn_resets SET reset_at = UTC_TIMESTAMP(6) WHERE service_id = ? \
         AND (reset_at <= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND \
         OR reset_at > UTC_TIMESTAMP(6) + INTERVAL 60 SECOND)",
        &[service.into(), microseconds(interval)],
    ))?;
    Ok(taken > 0)
}

/// Deletes everything of a service, when WHMCS deletes the service itself.
pub fn forget_service(host: &dyn Host, service: i64) -> Result<()> {
    forget(host, service)?;
    let sql = "DELETE FROM mod_mikrotikvpn_resets WHERE service_id = ?";
    host.execute(sql, &[service.into()])?;
    Ok(())
}

/// Whoever loses a deadlock asks no router.
fn refused_if_locked(changed: Result<u64>) -> Result<u64> {
    match changed {
        Err(error) if error.is_lock_conflict() => Ok(0),
        changed => changed,
    }
}

fn microseconds(length: Duration) -> Value {
    count(u64::try_from(length.as_micros()).unwrap_or(u64::MAX))
}

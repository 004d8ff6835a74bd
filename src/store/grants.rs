//! `mod_mikrotikvpn_grants`: bytes added to balances, each once.

use chrono::{DateTime, Utc};

use super::accounts;
use super::rows::{count, moment};
use crate::error::Result;
use crate::host::Host;
use crate::units::Bytes;

/// Grants `bytes` to a service for `period` unless that was done before; says whether it was the
/// first time. Runs inside a transaction of the caller, with the balance.
pub fn grant_once(
    host: &dyn Host,
    service: i64,
    period: &str,
    bytes: Bytes,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT IGNORE INTO mod_mikrotikvpn_grants (service_id, period, bytes, granted_at) \
               VALUES (?, ?, ?, ?)";
    let params = [service.into(), period.into(), count(bytes.0), moment(now)];
    let first = host.execute(sql, &params)? == 1;
    if first {
        accounts::add_balance(host, service, i64::try_from(bytes.0).unwrap_or(i64::MAX))?;
    }
    Ok(first)
}

/// Deletes the grants of a service.
pub fn forget_service(host: &dyn Host, service: i64) -> Result<()> {
    let sql = "DELETE FROM mod_mikrotikvpn_grants WHERE service_id = ?";
    host.execute(sql, &[service.into()])?;
    Ok(())
}

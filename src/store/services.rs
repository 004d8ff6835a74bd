//! WHMCS's `tblhosting`: what `$params` leaves out of a service, and what we write back.

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;

use super::execute;
use super::rows::{Columns, MOST};
use super::{accounts, forms, grants, history, live, mails};
use crate::error::Result;
use crate::host::{Host, Value};

/// WHMCS's statuses of a service nobody may use any more, as a list of SQL.
pub(super) const ENDED: &str = "('Terminated', 'Cancelled', 'Fraud')";

/// Whether a service with this status may be used no more.
pub fn is_ended(status: &str) -> bool {
    ENDED.contains(&format!("'{status}'"))
}

/// What a module call needs of a service beyond `$params`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Such as `Monthly`, `Semi-Annually`, `One Time`, `Free Account`.
    pub billing_cycle: String,
    /// `None` for free accounts and one-time payments.
    pub next_due: Option<NaiveDate>,
    /// Such as `Active`.
    pub status: String,
    /// Dedicated IP, as typed or as we wrote it.
    pub dedicated_ip: String,
}

/// Reads a service.
pub fn find(host: &dyn Host, service: i64) -> Result<Option<Service>> {
    let rows = host.query(
        "SELECT billingcycle, nextduedate, domainstatus, dedicatedip FROM tblhosting WHERE id = ?",
        &[service.into()],
    )?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let mut columns = Columns::of(row);
    Ok(Some(Service {
        billing_cycle: columns.text()?,
        next_due: columns.date()?,
        status: columns.text()?,
        dedicated_ip: columns.text()?,
    }))
}

/// The status of a service of this module, when it is the client's own.
pub fn status_for(host: &dyn Host, service: i64, client: i64) -> Result<Option<String>> {
    let rows = host.query(
        "SELECT h.domainstatus FROM tblhosting h JOIN tblproducts p ON p.id = h.packageid \
         WHERE h.id = ? AND h.userid = ? AND p.servertype = 'mikrotikvpn'",
        &[service.into(), client.into()],
    )?;
    rows.into_iter()
        .next()
        .map(|row| Columns::of(row).text())
        .transpose()
}

/// Server and status of a service whose product is of this module.
pub fn of_this_module(host: &dyn Host, service: i64) -> Result<Option<(i64, String)>> {
    let rows = host.query(
        "SELECT h.server, h.domainstatus FROM tblhosting h JOIN tblproducts p ON p.id = h.packageid \
         WHERE h.id = ? AND p.servertype = 'mikrotikvpn'",
        &[service.into()],
    )?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let mut columns = Columns::of(row);
    Ok(Some((columns.int()?, columns.text()?)))
}

/// Another service on a server of this module that has the username and is not ended, if any.
pub fn with_username(host: &dyn Host, username: &str, except: i64) -> Result<Option<i64>> {
    let rows = host.query(
        "SELECT h.id FROM tblhosting h JOIN tblservers s ON s.id = h.server \
         WHERE s.type = 'mikrotikvpn' AND h.username = ? AND h.id <> ? \
         AND h.domainstatus NOT IN ('Terminated', 'Cancelled', 'Fraud') LIMIT 1",
        &[username.into(), except.into()],
    )?;
    rows.into_iter()
        .next()
        .map(|row| Columns::of(row).int())
        .transpose()
}

/// Stores what Create decided. `password` is encrypted, and `None` when WHMCS has it already.
pub fn store_credentials(
    host: &dyn Host,
    service: i64,
    username: &str,
    password: Option<&str>,
    address: &str,
) -> Result<()> {
    execute(
        host,
        "UPDATE tblhosting SET username = ?, password = COALESCE(?, password), dedicatedip = ? \
         WHERE id = ?",
        &[
            username.into(),
            password.into(),
            address.into(),
            service.into(),
        ],
    )?;
    Ok(())
}

/// Clears the address of a service, if it still is that one.
pub fn clear_address(host: &dyn Host, service: i64, address: &str) -> Result<()> {
    execute(
        host,
        "UPDATE tblhosting SET dedicatedip = '' WHERE id = ? AND dedicatedip = ?",
        &[service.into(), address.into()],
    )?;
    Ok(())
}

/// Writes usage and quota of all accounts of a server into WHMCS's own columns, in MB, in one
/// statement that comes to each account before its service. They are an INT, so what is beyond 2 PB is shown
/// as 2 PB. `now` is in WHMCS's time zone, as
/// `lastupdate` is.
pub fn store_figures(host: &dyn Host, server: i64, now: DateTime<Tz>) -> Result<()> {
    let sql = format!(
        "UPDATE mod_mikrotikvpn_accounts a STRAIGHT_JOIN tblhosting h ON h.id = a.service_id \
         SET h.bwusage = LEAST(ROUND((LEAST(a.period_download, {MOST}) \
         + LEAST(a.period_upload, {MOST})) / 1048576), 2147483647), \
         h.bwlimit = LEAST(ROUND(COALESCE(a.quota, 0) / 1048576), 2147483647), h.lastupdate = ? \
         WHERE a.server_id = ? AND h.server = ?"
    );
    execute(
        host,
        &sql,
        &[
            Value::Text(now.format("%Y-%m-%d %H:%M:%S").to_string()),
            server.into(),
            server.into(),
        ],
    )?;
    Ok(())
}

/// Takes a deleted service's account as one without owner: what the router still counts is metered, and a
/// collection that finds nothing of it there forgets it.
pub fn disown(host: &dyn Host, service: i64) -> Result<()> {
    super::transaction(host, || {
        mails::forget_service(host, service)?;
        forms::forget_service(host, service)?;
        live::forget(host, service)
    })
}

/// Deletes everything we keep of a service that is deleted in WHMCS and on no router.
pub fn forget(host: &dyn Host, service: i64) -> Result<()> {
    super::transaction(host, || {
        accounts::forget(host, service)?;
        history::forget_service(host, service)?;
        grants::forget_service(host, service)?;
        mails::forget_service(host, service)?;
        forms::forget_service(host, service)?;
        live::forget_service(host, service)
    })
}

//! `mod_mikrotikvpn_traffic_daily` and `_monthly`: usage by day and month of WHMCS's time zone.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::batch;
use super::execute;
use super::rows::{Columns, count, date};
use crate::error::Result;
use crate::host::Host;
use crate::units::Traffic;

/// Adds usage to a day and its month. Services without usage get no row.
pub fn add(host: &dyn Host, day: NaiveDate, usage: &[(i64, Traffic)]) -> Result<()> {
    let month = day.with_day(1).unwrap_or(day);
    add_to(host, "mod_mikrotikvpn_traffic_daily", "day", day, usage)?;
    add_to(
        host,
        "mod_mikrotikvpn_traffic_monthly",
        "month",
        month,
        usage,
    )
}

fn add_to(
    host: &dyn Host,
    table: &str,
    column: &str,
    when: NaiveDate,
    usage: &[(i64, Traffic)],
) -> Result<()> {
    let when = date(when);
    let rows = usage
        .iter()
        .filter(|(_, traffic)| !traffic.is_zero())
        .map(|(service, traffic)| {
            [
                (*service).into(),
                when.clone(),
                count(traffic.download.0),
                count(traffic.upload.0),
            ]
        });
    batch::insert(
        host,
        &format!("INSERT INTO {table} (service_id, {column}, download, upload)"),
        "ON DUPLICATE KEY UPDATE download = download + VALUES(download), \
         upload = upload + VALUES(upload)",
        rows,
    )?;
    Ok(())
}

/// The kept days of a service, oldest first.
pub fn days(host: &dyn Host, service: i64) -> Result<Vec<(NaiveDate, Traffic)>> {
    let sql = "SELECT day, download, upload FROM mod_mikrotikvpn_traffic_daily \
               WHERE service_id = ? ORDER BY day";
    host.query(sql, &[service.into()])?
        .into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            let day = columns.date()?.unwrap_or_default();
            Ok((day, Traffic::new(columns.count()?, columns.count()?)))
        })
        .collect()
}

/// Usage of a service from one day to the day before another.
pub fn between(
    host: &dyn Host,
    service: i64,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Traffic> {
    let sql = "SELECT COALESCE(SUM(download), 0), COALESCE(SUM(upload), 0) \
               FROM mod_mikrotikvpn_traffic_daily WHERE service_id = ? AND day >= ? AND day < ?";
    let rows = host.query(sql, &[service.into(), date(from), date(until)])?;
    rows.into_iter().next().map_or(Ok(Traffic::ZERO), |row| {
        let mut columns = Columns::of(row);
        Ok(Traffic::new(columns.count()?, columns.count()?))
    })
}

/// Usage of the month `day` is in, by WHMCS's username, for the living services of a server; one without
/// usage has zero. Of one username alone when `only` names it.
pub fn month_by_username(
    host: &dyn Host,
    server: i64,
    day: NaiveDate,
    only: Option<&str>,
) -> Result<Vec<(String, Traffic)>> {
    let month = day.with_day(1).unwrap_or(day);
    let sql = "SELECT h.username, COALESCE(m.download, 0), COALESCE(m.upload, 0) FROM tblhosting h \
               JOIN tblproducts p ON p.id = h.packageid \
               LEFT JOIN mod_mikrotikvpn_traffic_monthly m ON m.service_id = h.id AND m.month = ? \
               WHERE h.server = ? AND h.username <> '' AND p.servertype = 'mikrotikvpn' \
               AND h.domainstatus IN ('Active', 'Suspended') AND (? IS NULL OR h.username = ?) ORDER BY h.id";
    let params = [date(month), server.into(), only.into(), only.into()];
    host.query(sql, &params)?
        .into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            let username = columns.text()?;
            Ok((username, Traffic::new(columns.count()?, columns.count()?)))
        })
        .collect()
}

/// The months of a service, as their first days, oldest first.
pub fn months(host: &dyn Host, service: i64) -> Result<Vec<(NaiveDate, Traffic)>> {
    let sql = "SELECT month, download, upload FROM mod_mikrotikvpn_traffic_monthly \
               WHERE service_id = ? ORDER BY month";
    host.query(sql, &[service.into()])?
        .into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            let month = columns.date()?.unwrap_or_default();
            Ok((month, Traffic::new(columns.count()?, columns.count()?)))
        })
        .collect()
}

/// The last collection of the server a service is on; `None` when there was none since the account was made.
pub fn collected_at(host: &dyn Host, service: i64) -> Result<Option<DateTime<Utc>>> {
    let sql = "SELECT s.collected_at FROM mod_mikrotikvpn_accounts a \
               JOIN mod_mikrotikvpn_servers s ON s.server_id = a.server_id \
               WHERE a.service_id = ? AND s.collected_at >= a.provisioned_at";
    let row = host.query(sql, &[service.into()])?.into_iter().next();
    row.map_or(Ok(None), |row| Columns::of(row).moment())
}

/// Deletes the days of a server's accounts that their products no longer keep. `default_days` counts for
/// products whose setting (`configoption12`, text) is empty.
pub fn forget_days(
    host: &dyn Host,
    server: i64,
    today: NaiveDate,
    default_days: u16,
) -> Result<u64> {
    execute(
        host,
        "DELETE d FROM mod_mikrotikvpn_traffic_daily d \
         JOIN mod_mikrotikvpn_accounts a ON a.service_id = d.service_id \
         JOIN tblhosting h ON h.id = a.service_id \
         JOIN tblproducts p ON p.id = h.packageid \
         WHERE a.server_id = ? AND d.day < CAST(? AS DATE) - INTERVAL \
         IF(p.configoption12 REGEXP '^[1-9][0-9]{0,3}$', CAST(p.configoption12 AS UNSIGNED), ?) DAY",
        &[server.into(), date(today), i64::from(default_days).into()],
    )
}

/// Deletes the days and months of a service.
pub fn forget_service(host: &dyn Host, service: i64) -> Result<()> {
    for table in [
        "mod_mikrotikvpn_traffic_daily",
        "mod_mikrotikvpn_traffic_monthly",
    ] {
        let sql = format!("DELETE FROM {table} WHERE service_id = ?");
        execute(host, &sql, &[service.into()])?;
    }
    Ok(())
}

//! `mod_mikrotikvpn_traffic_daily` and `_monthly`: usage by day and month of WHMCS's time zone.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};

use super::batch;
use super::execute;
use super::rows::{Columns, count, date};
use crate::error::Result;
use crate::host::{Host, Row};
use crate::units::Traffic;

/// Adds usage to a day and its month. Services without usage get no row.
pub fn add(host: &dyn Host, day: NaiveDate, usage: &[(i64, Traffic)]) -> Result<()> {
    add_to(host, "mod_mikrotikvpn_traffic_daily", "day", day, usage)?;
    add_to(
        host,
        "mod_mikrotikvpn_traffic_monthly",
        "month",
        first(day),
        usage,
    )
}

/// The day its month begins with.
fn first(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn add_to(
    host: &dyn Host,
    table: &str,
    column: &str,
    when: NaiveDate,
    usage: &[(i64, Traffic)],
) -> Result<()> {
    change(host, table, column, when, usage, |name| {
        format!("{name} + VALUES({name})")
    })
}

fn take_from(
    host: &dyn Host,
    table: &str,
    column: &str,
    when: NaiveDate,
    usage: &[(i64, Traffic)],
) -> Result<()> {
    change(host, table, column, when, usage, |name| {
        format!("{name} - LEAST({name}, VALUES({name}))")
    })
}

fn change(
    host: &dyn Host,
    table: &str,
    column: &str,
    when: NaiveDate,
    usage: &[(i64, Traffic)],
    sum: impl Fn(&str) -> String,
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
        &format!(
            "ON DUPLICATE KEY UPDATE download = {}, upload = {}",
            sum("download"),
            sum("upload")
        ),
        rows,
    )?;
    Ok(())
}

/// The kept days of a service, oldest first.
pub fn days(host: &dyn Host, service: i64) -> Result<Vec<(NaiveDate, Traffic)>> {
    let mut days = latest_days(host, service, u32::MAX)?;
    days.reverse();
    Ok(days)
}

/// The newest kept days of a service, at most so many, the newest first.
pub fn latest_days(host: &dyn Host, service: i64, most: u32) -> Result<Vec<(NaiveDate, Traffic)>> {
    let sql = format!(
        "SELECT day, download, upload FROM mod_mikrotikvpn_traffic_daily \
         WHERE service_id = ? ORDER BY day DESC LIMIT {most}"
    );
    dated(host.query(&sql, &[service.into()])?)
}

/// How many days of a service are kept, and what they add up to in each month, which is its first day.
pub fn kept_by_month(host: &dyn Host, service: i64) -> Result<(u64, HashMap<NaiveDate, Traffic>)> {
    let sql = "SELECT DATE_FORMAT(day, '%Y-%m-01'), SUM(download), SUM(upload), COUNT(*) \
               FROM mod_mikrotikvpn_traffic_daily WHERE service_id = ? GROUP BY 1";
    let mut days = 0;
    let mut months = HashMap::new();
    for row in host.query(sql, &[service.into()])? {
        let mut columns = Columns::of(row);
        let month = columns.date()?.unwrap_or_default();
        months.insert(month, Traffic::new(columns.count()?, columns.count()?));
        days += columns.count()?;
    }
    Ok((days, months))
}

fn dated(rows: Vec<Row>) -> Result<Vec<(NaiveDate, Traffic)>> {
    rows.into_iter()
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
    dated(host.query(sql, &[service.into()])?)
}

/// The last collection of the server a service is on; `None` when there was none since the account was made.
pub fn collected_at(host: &dyn Host, service: i64) -> Result<Option<DateTime<Utc>>> {
    let sql = "SELECT s.collected_at FROM mod_mikrotikvpn_accounts a \
               JOIN mod_mikrotikvpn_servers s ON s.server_id = a.server_id \
               WHERE a.service_id = ? AND s.collected_at >= a.provisioned_at";
    let row = host.query(sql, &[service.into()])?.into_iter().next();
    row.map_or(Ok(None), |row| Columns::of(row).moment())
}

/// Rows that one statement deletes: what WHMCS waits for meanwhile, it hardly notices.
pub const PIECE: u64 = 5_000;

/// How many days the products of a server's accounts keep, with the services of each number. `default_days`
/// counts for products whose setting (`configoption12`, text) is empty.
pub fn kept_days(
    host: &dyn Host,
    server: i64,
    default_days: u64,
) -> Result<BTreeMap<u64, Vec<i64>>> {
    let rows = host.query(
        "SELECT a.service_id, p.configoption12 FROM mod_mikrotikvpn_accounts a \
         JOIN tblhosting h ON h.id = a.service_id JOIN tblproducts p ON p.id = h.packageid \
         WHERE a.server_id = ? ORDER BY a.service_id",
        &[server.into()],
    )?;
    let mut kept: BTreeMap<u64, Vec<i64>> = BTreeMap::new();
    for row in rows {
        let mut columns = Columns::of(row);
        let service = columns.int()?;
        let days = columns
            .text()?
            .parse()
            .ok()
            .filter(|days| (1..=9_999).contains(days));
        kept.entry(days.unwrap_or(default_days))
            .or_default()
            .push(service);
    }
    Ok(kept)
}

/// Deletes at most [`PIECE`] days of these services before a day, by the primary key; no other table is locked.
pub fn forget_before(host: &dyn Host, services: &[i64], day: NaiveDate) -> Result<u64> {
    let ids: Vec<_> = services.iter().map(ToString::to_string).collect();
    let sql = format!(
        "DELETE FROM mod_mikrotikvpn_traffic_daily WHERE service_id IN ({}) AND day < ? \
         ORDER BY service_id, day LIMIT {PIECE}",
        ids.join(",")
    );
    execute(host, &sql, &[date(day)])
}

/// Services of a server with usage on days after `last`, and the latest of those days.
pub fn beyond(
    host: &dyn Host,
    server: i64,
    last: NaiveDate,
) -> Result<Option<(NaiveDate, Vec<i64>)>> {
    let rows = host.query(
        "SELECT d.service_id, MAX(d.day) FROM mod_mikrotikvpn_traffic_daily d \
         JOIN mod_mikrotikvpn_accounts a ON a.service_id = d.service_id \
         WHERE d.day > ? AND a.server_id = ? GROUP BY d.service_id ORDER BY d.service_id",
        &[date(last), server.into()],
    )?;
    let (mut latest, mut services) = (None, Vec::with_capacity(rows.len()));
    for row in rows {
        let mut columns = Columns::of(row);
        services.push(columns.int()?);
        latest = latest.max(columns.date()?);
    }
    Ok(latest.map(|latest| (latest, services)))
}

/// Moves the usage that these services have on days after `last` to so many days before. Their accounts are
/// locked by this transaction.
pub fn move_back(host: &dyn Host, services: &[i64], last: NaiveDate, by: Days) -> Result<()> {
    let sql = "SELECT service_id, day, download, upload FROM mod_mikrotikvpn_traffic_daily WHERE service_id IN";
    let tail = format!("AND day > '{last}' ORDER BY service_id, day FOR UPDATE");
    let mut days: BTreeMap<NaiveDate, Vec<(i64, Traffic)>> = BTreeMap::new();
    for row in batch::select_ids(host, sql, services, &tail)? {
        let mut columns = Columns::of(row);
        let (service, day) = (columns.int()?, columns.date()?.unwrap_or_default());
        let usage = Traffic::new(columns.count()?, columns.count()?);
        days.entry(day).or_default().push((service, usage));
    }
    for (day, usage) in &days {
        let right = day.checked_sub_days(by).unwrap_or(*day);
        take_from(host, "mod_mikrotikvpn_traffic_daily", "day", *day, usage)?;
        add_to(host, "mod_mikrotikvpn_traffic_daily", "day", right, usage)?;
    }
    for (day, usage) in &days {
        let right = day.checked_sub_days(by).unwrap_or(*day);
        take_from(
            host,
            "mod_mikrotikvpn_traffic_monthly",
            "month",
            first(*day),
            usage,
        )?;
        add_to(
            host,
            "mod_mikrotikvpn_traffic_monthly",
            "month",
            first(right),
            usage,
        )?;
    }
    for (table, column) in [("daily", "day"), ("monthly", "month")] {
        batch::over_ids(
            host,
            &format!(
                "DELETE FROM mod_mikrotikvpn_traffic_{table} WHERE download = 0 AND upload = 0 AND {column} > ? AND service_id IN"
            ),
            &[date(last)],
            services,
        )?;
    }
    Ok(())
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

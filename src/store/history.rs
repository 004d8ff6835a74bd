//! `mod_mikrotikvpn_traffic_daily` and `_monthly`: usage by day and month of WHMCS's time zone.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};

use super::batch;
use super::execute;
use super::rows::{self as sql, Columns, count, date};
use crate::error::Result;
use crate::host::{Host, Row};
use crate::units::{Bytes, Traffic};

/// What one service used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// Whose.
    pub service: i64,
    /// How much.
    pub traffic: Traffic,
    /// What of it was not taken from the balance.
    pub free: Bytes,
}

/// Usage of a day, or of a month by its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Which.
    pub on: NaiveDate,
    /// All of it.
    pub traffic: Traffic,
    /// What of it was not taken from the balance.
    pub free: Bytes,
}

/// Adds usage to a day and its month. Services without usage get no row.
pub fn add(host: &dyn Host, day: NaiveDate, usage: &[Used]) -> Result<()> {
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
    usage: &[Used],
) -> Result<()> {
    change(host, table, column, when, usage, sql::add)
}

fn take_from(
    host: &dyn Host,
    table: &str,
    column: &str,
    when: NaiveDate,
    usage: &[Used],
) -> Result<()> {
    change(host, table, column, when, usage, |name| {
        format!("{name} = {name} - LEAST({name}, VALUES({name}))")
    })
}

fn change(
    host: &dyn Host,
    table: &str,
    column: &str,
    when: NaiveDate,
    usage: &[Used],
    sum: impl Fn(&str) -> String,
) -> Result<()> {
    let when = date(when);
    let used = usage.iter().filter(|used| !used.traffic.is_zero());
    let rows = used.map(|used| {
        let traffic = used.traffic;
        [
            used.service.into(),
            when.clone(),
            count(traffic.download.0),
            count(traffic.upload.0),
            count(used.free.0),
        ]
    });
    batch::insert(
        host,
        &format!("INSERT INTO {table} (service_id, {column}, download, upload, free)"),
        &format!(
            "ON DUPLICATE KEY UPDATE {}, {}, {}",
            sum("download"),
            sum("upload"),
            sum("free")
        ),
        rows,
    )?;
    Ok(())
}

/// The kept days of a service, oldest first.
pub fn days(host: &dyn Host, service: i64) -> Result<Vec<Usage>> {
    let mut days = latest_days(host, service, u32::MAX)?;
    days.reverse();
    Ok(days)
}

/// The newest kept days of a service, at most so many, the newest first.
pub fn latest_days(host: &dyn Host, service: i64, most: u32) -> Result<Vec<Usage>> {
    let sql = format!(
        "SELECT day, download, upload, free FROM mod_mikrotikvpn_traffic_daily \
         WHERE service_id = ? ORDER BY day DESC LIMIT {most}"
    );
    usage(host.query(&sql, &[service.into()])?)
}

/// How many days of a service are kept, and what they add up to in each month.
pub fn kept_by_month(host: &dyn Host, service: i64) -> Result<(u64, Vec<Usage>)> {
    let sql = "SELECT DATE_FORMAT(day, '%Y-%m-01'), SUM(download), SUM(upload), SUM(free) \
               FROM mod_mikrotikvpn_traffic_daily WHERE service_id = ? GROUP BY 1";
    let months = usage(host.query(sql, &[service.into()])?)?;
    let sql = "SELECT COUNT(*) FROM mod_mikrotikvpn_traffic_daily WHERE service_id = ?";
    let row = host.query(sql, &[service.into()])?.into_iter().next();
    let days = row.map_or(Ok(0), |row| Columns::of(row).count())?;
    Ok((days, months))
}

fn usage(rows: Vec<Row>) -> Result<Vec<Usage>> {
    rows.into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok(Usage {
                on: columns.date()?.unwrap_or_default(),
                traffic: Traffic::new(columns.count()?, columns.count()?),
                free: Bytes(columns.count()?),
            })
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

/// A service's usage of one month, as WHMCS is to hear of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthOfService {
    /// `tblhosting.id`.
    pub service: i64,
    /// WHMCS's name for it.
    pub username: String,
    /// What it used.
    pub traffic: Traffic,
    /// Bytes WHMCS has heard of.
    pub told: Bytes,
}

/// Usage of the month `day` is in for the living services of a server, of which one without usage has
/// zero, and behind them for those that ended with usage WHMCS has not heard of. Of one username alone when
/// `only` names it.
pub fn month_of_services(
    host: &dyn Host,
    server: i64,
    day: NaiveDate,
    only: Option<&str>,
) -> Result<Vec<MonthOfService>> {
    let sql = "SELECT h.id, h.username, COALESCE(m.download, 0), COALESCE(m.upload, 0), COALESCE(m.told, 0) \
               FROM tblhosting h JOIN tblproducts p ON p.id = h.packageid \
               LEFT JOIN mod_mikrotikvpn_traffic_monthly m ON m.service_id = h.id AND m.month = ? \
               WHERE h.server = ? AND h.username <> '' AND p.servertype = 'mikrotikvpn' \
               AND (h.domainstatus IN ('Active', 'Suspended') OR m.download + m.upload > m.told) \
               AND (? IS NULL OR h.username = ?) \
               ORDER BY h.domainstatus NOT IN ('Active', 'Suspended'), h.id";
    let params = [date(first(day)), server.into(), only.into(), only.into()];
    host.query(sql, &params)?
        .into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok(MonthOfService {
                service: columns.int()?,
                username: columns.text()?,
                traffic: Traffic::new(columns.count()?, columns.count()?),
                told: Bytes(columns.count()?),
            })
        })
        .collect()
}

/// WHMCS has heard of this usage of the month `day` is in.
pub fn store_told<'a>(
    host: &dyn Host,
    day: NaiveDate,
    told: impl Iterator<Item = &'a MonthOfService>,
) -> Result<()> {
    let month = date(first(day));
    let rows = told.map(|known| {
        let told = count(known.traffic.total().0);
        [known.service.into(), month.clone(), told]
    });
    batch::insert(
        host,
        "INSERT INTO mod_mikrotikvpn_traffic_monthly (service_id, month, told)",
        "ON DUPLICATE KEY UPDATE told = VALUES(told)",
        rows,
    )?;
    Ok(())
}

/// The months of a service, as their first days, oldest first.
pub fn months(host: &dyn Host, service: i64) -> Result<Vec<Usage>> {
    let sql = "SELECT month, download, upload, free FROM mod_mikrotikvpn_traffic_monthly \
               WHERE service_id = ? ORDER BY month";
    usage(host.query(sql, &[service.into()])?)
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
    let sql = "SELECT service_id, day, download, upload, free FROM mod_mikrotikvpn_traffic_daily WHERE service_id IN";
    let tail = format!("AND day > '{last}' ORDER BY service_id, day FOR UPDATE");
    let mut days: BTreeMap<NaiveDate, Vec<Used>> = BTreeMap::new();
    for row in batch::select_ids(host, sql, services, &tail)? {
        let mut columns = Columns::of(row);
        let (service, day) = (columns.int()?, columns.date()?.unwrap_or_default());
        days.entry(day).or_default().push(Used {
            service,
            traffic: Traffic::new(columns.count()?, columns.count()?),
            free: Bytes(columns.count()?),
        });
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

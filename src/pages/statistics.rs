//! The page "Traffic statistics" and its downloads: what a service used on each day that is kept and in
//! each month. Days and months are those of WHMCS's time zone; one without usage has no row in the
//! database and is a zero here.

use std::fmt::Write;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use serde_json::{Value, json};

use super::visitor;
use crate::account::product;
use crate::error::Result;
use crate::host::Host;
use crate::params::Params;
use crate::settings::ChartEngine;
use crate::store::{self, history};
use crate::units::Traffic;

/// Usage of a day or a month, which is its first day; in lists the oldest is first.
type Usage = (NaiveDate, Traffic);

/// What is known of a service's past.
struct Figures {
    days: Vec<Usage>,
    months: Vec<Usage>,
    /// The last collection; `None` before the first.
    collected_at: Option<DateTime<Utc>>,
    engine: ChartEngine,
    /// How many days are kept beside today.
    kept: u16,
}

/// The page. `state` is `shown`, `waiting` (nothing was collected yet) or one of [`visitor::figures`];
/// bytes are numbers, days are ISO dates, a month is its first day, `collected_at` is in Unix seconds.
pub fn page(host: &dyn Host, params: &Params, client: i64) -> Value {
    visitor::figures(host, params, client, "traffic statistics", |service| {
        let figures = Figures::load(host, params, service)?;
        Ok(json!({
            "state": if figures.is_empty() { "waiting" } else { "shown" },
            "engine": figures.engine.as_str(),
            "kept": figures.kept,
            "collected_at": figures.collected_at.map(|at| at.timestamp()),
            "days": table(&figures.days),
            "months": table(&figures.months),
        }))
    })
}

/// The same figures for a spreadsheet: `name` and `body` of the file `days.csv` or `months.csv`. Without
/// them `state` says why: as on the page, or `unknown` for any other file.
pub fn download(host: &dyn Host, params: &Params, client: i64, file: &str) -> Value {
    let head = match file {
        "days.csv" => "day",
        "months.csv" => "month",
        _ => return json!({"state": "unknown"}),
    };
    visitor::figures(host, params, client, "traffic download", |service| {
        let figures = Figures::load(host, params, service)?;
        let body = match head {
            "day" => csv(head, &figures.days, "%Y-%m-%d"),
            _ => csv(head, &figures.months, "%Y-%m"),
        };
        Ok(json!({
            "state": "shown",
            "name": format!("traffic-{service}-{file}"),
            "body": body,
        }))
    })
}

impl Figures {
    fn load(host: &dyn Host, params: &Params, service: i64) -> Result<Self> {
        store::ensure_schema(host)?;
        let (product, _) = product::in_force(host, params.int("pid"), params)?;
        let today = host.now().with_timezone(&host.time_zone()).date_naive();
        let kept = product.history_days;
        let on = |usage: history::Usage| (usage.on, usage.traffic);
        let days = history::days(host, service)?.into_iter().map(on).collect();
        let months: Vec<_> = history::months(host, service)?
            .into_iter()
            .map(on)
            .collect();
        Ok(Self {
            days: every_day(days, &months, today, kept),
            months: every_month(&months, today),
            collected_at: history::collected_at(host, service)?,
            engine: product.chart_engine,
            kept,
        })
    }

    /// Neither collected nor used: the account waits for its first collection.
    fn is_empty(&self) -> bool {
        self.collected_at.is_none() && self.months.iter().all(|(_, used)| used.is_zero())
    }
}

/// Every day that is kept, up to today, zeros included. It begins with the first day of use, unless there
/// was use before the days that are kept: then with the first of those.
fn every_day(days: Vec<Usage>, months: &[Usage], today: NaiveDate, kept: u16) -> Vec<Usage> {
    let window = today
        .checked_sub_days(Days::new(kept.into()))
        .unwrap_or(today);
    let days: Vec<_> = days.into_iter().filter(|(day, _)| *day >= window).collect();
    let older = sum(months) != sum(&days);
    let begin = match days.first() {
        _ if older => window,
        Some((day, _)) => (*day).min(today),
        None => today,
    };
    // A row of tomorrow is left by a time zone that was set further west.
    let end = days.last().map_or(today, |(day, _)| (*day).max(today));
    fill(&days, begin.iter_days().take_while(|day| *day <= end))
}

/// Every month from the first with usage up to this one, zeros included.
fn every_month(months: &[Usage], today: NaiveDate) -> Vec<Usage> {
    let now = today.with_day(1).unwrap_or(today);
    let begin = months.first().map_or(now, |(month, _)| *month);
    let end = months.last().map_or(now, |(month, _)| (*month).max(now));
    let all = (0..).map_while(|count| begin.checked_add_months(Months::new(count)));
    fill(months, all.take_while(|month| *month <= end))
}

/// `known` on each of `dates`, which are in order as it is.
fn fill(known: &[Usage], dates: impl Iterator<Item = NaiveDate>) -> Vec<Usage> {
    let mut known = known.iter().peekable();
    dates
        .map(|date| {
            let found = known.next_if(|(day, _)| *day == date);
            (date, found.map_or(Traffic::ZERO, |(_, used)| *used))
        })
        .collect()
}

fn sum(usage: &[Usage]) -> Traffic {
    usage
        .iter()
        .fold(Traffic::ZERO, |sum, (_, used)| sum + *used)
}

fn table(usage: &[Usage]) -> Value {
    let rows: Value = usage
        .iter()
        .map(|(date, used)| {
            let mut row = bytes(*used);
            row["date"] = date.to_string().into();
            row
        })
        .collect();
    json!({"rows": rows, "sum": bytes(sum(usage))})
}

fn bytes(used: Traffic) -> Value {
    json!({
        "download": used.download.0,
        "upload": used.upload.0,
        "total": used.total().0,
    })
}

/// Dates and digits alone: no cell needs quotes, and none can be a formula. Lines end as RFC 4180 wants.
fn csv(head: &str, usage: &[Usage], format: &str) -> String {
    let mut text = format!("{head},download_bytes,upload_bytes,total_bytes\r\n");
    for (date, used) in usage {
        let date = date.format(format);
        let (download, upload, total) = (used.download.0, used.upload.0, used.total().0);
        let _ = write!(text, "{date},{download},{upload},{total}\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn used(date: NaiveDate, download: u64, upload: u64) -> Usage {
        (date, Traffic::new(download, upload))
    }

    #[test]
    fn days_without_use_are_zeros_and_the_first_day_of_use_is_the_first() {
        let days = vec![used(date(2, 27), 5, 1), used(date(3, 1), 7, 0)];
        let months = vec![used(date(2, 1), 5, 1), used(date(3, 1), 7, 0)];
        assert_eq!(
            every_day(days, &months, date(3, 2), 60),
            [
                used(date(2, 27), 5, 1),
                used(date(2, 28), 0, 0),
                used(date(3, 1), 7, 0),
                used(date(3, 2), 0, 0),
            ]
        );
    }

    /// The whole window is known then, and its days without use are zeros that count.
    #[test]
    fn use_before_the_days_that_are_kept_makes_the_window_whole() {
        let months = vec![used(date(1, 1), 90, 0), used(date(3, 1), 7, 0)];
        let shown = every_day(vec![used(date(3, 9), 7, 0)], &months, date(3, 10), 5);
        assert_eq!(shown.len(), 6);
        assert_eq!(shown.first(), Some(&used(date(3, 5), 0, 0)));
        let same_month = vec![used(date(3, 1), 8, 0)];
        let shown = every_day(vec![used(date(3, 9), 7, 0)], &same_month, date(3, 10), 5);
        assert_eq!(shown.first(), Some(&used(date(3, 5), 0, 0)));
    }

    #[test]
    fn days_the_product_keeps_no_more_are_not_shown_before_they_are_deleted() {
        let days = vec![used(date(3, 1), 1, 1), used(date(3, 9), 7, 0)];
        let months = vec![used(date(3, 1), 8, 1)];
        let shown = every_day(days, &months, date(3, 10), 2);
        let expected = [
            used(date(3, 8), 0, 0),
            used(date(3, 9), 7, 0),
            used(date(3, 10), 0, 0),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn an_account_that_used_nothing_has_today_and_this_month() {
        let today = date(3, 10);
        assert_eq!(every_day(Vec::new(), &[], today, 60), [used(today, 0, 0)]);
        assert_eq!(every_month(&[], today), [used(date(3, 1), 0, 0)]);
    }

    #[test]
    fn months_without_use_are_zeros() {
        let months = vec![used(date(1, 1), 4, 2), used(date(3, 1), 1, 0)];
        assert_eq!(
            every_month(&months, date(4, 30)),
            [
                used(date(1, 1), 4, 2),
                used(date(2, 1), 0, 0),
                used(date(3, 1), 1, 0),
                used(date(4, 1), 0, 0),
            ]
        );
    }

    #[test]
    fn a_day_that_has_not_begun_here_is_shown_all_the_same() {
        let days = vec![used(date(4, 1), 3, 0)];
        let months = vec![used(date(4, 1), 3, 0)];
        let shown = every_day(days, &months, date(3, 31), 60);
        assert_eq!(shown, [used(date(3, 31), 0, 0), used(date(4, 1), 3, 0)]);
        assert_eq!(every_month(&months, date(3, 31)), months);
    }

    #[test]
    fn a_table_adds_up_and_keeps_every_byte() {
        let table = table(&[used(date(3, 1), 1 << 53, 1), used(date(3, 2), 2, 3)]);
        assert_eq!(
            table["rows"][0],
            json!({"date": "2026-03-01", "download": 9_007_199_254_740_992_u64, "upload": 1,
                "total": 9_007_199_254_740_993_u64})
        );
        assert_eq!(table["sum"]["total"], 9_007_199_254_740_998_u64);
    }

    #[test]
    fn a_download_has_iso_dates_and_bytes() {
        let usage = vec![used(date(3, 1), 10, 5)];
        assert_eq!(
            csv("day", &usage, "%Y-%m-%d"),
            "day,download_bytes,upload_bytes,total_bytes\r\n2026-03-01,10,5,15\r\n"
        );
        assert!(csv("month", &usage, "%Y-%m").ends_with("\r\n2026-03,10,5,15\r\n"));
    }
}

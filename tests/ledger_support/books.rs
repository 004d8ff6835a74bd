//! What the database and the router show, read by somebody who changes nothing.

use std::collections::HashMap;

use mikrotikvpn::units::Traffic;
use mysql::Conn;
use mysql::prelude::Queryable;
use router_sim::{Record, Router};

use super::account::{Counter, Rows};

/// The rows of every service.
pub fn read(eye: &mut Conn) -> HashMap<i64, Rows> {
    let mut all: HashMap<i64, Rows> = HashMap::new();
    accounts(eye, &mut all);
    for (table, column) in [("daily", "day"), ("monthly", "month")] {
        let sql = format!(
            "SELECT service_id, CAST({column} AS CHAR), download, upload, free FROM mod_mikrotikvpn_traffic_{table}"
        );
        let rows: Vec<(i64, String, u64, u64, u64)> = eye.exec(sql, ()).expect("history");
        for (service, when, download, upload, free) in rows {
            let rows = all.entry(service).or_default();
            let kept = if table == "daily" {
                &mut rows.days
            } else {
                rows.free += free;
                &mut rows.months
            };
            kept.insert(when, Traffic::new(download, upload));
        }
    }
    let grants: Vec<Grant> = eye
        .exec(
            "SELECT service_id, period, kind, bytes, CAST(waits AS CHAR) FROM mod_mikrotikvpn_grants ORDER BY id",
            (),
        )
        .expect("grants");
    for (service, period, kind, bytes, waits) in grants {
        let rows = all.entry(service).or_default();
        rows.periods.extend(period.clone());
        if waits.is_some() {
            rows.waiting.extend(waits);
            continue;
        }
        rows.granted += bytes;
        rows.given.extend(period);
        if kind == "expired" {
            rows.expired -= bytes;
        }
    }
    all
}

/// Service, period, kind, bytes and the day it waits for.
type Grant = (i64, Option<String>, String, i64, Option<String>);

type Columns = (
    i64,
    (Option<u64>, Option<u64>, String),
    (i64, u64),
    (Option<i64>, Option<String>),
    (bool, bool, bool, String),
    i64,
);

fn accounts(eye: &mut Conn, all: &mut HashMap<i64, Rows>) {
    let sql = "SELECT a.service_id, a.baseline_download, a.baseline_upload, a.baseline_queue, a.reset_pending, \
        a.period_download + a.period_upload, a.balance, a.sessions, a.provisioned_at IS NOT NULL, \
        a.capped_at IS NOT NULL, a.noticed, a.cap, h.bwusage \
        FROM mod_mikrotikvpn_accounts a JOIN tblhosting h ON h.id = a.service_id";
    let rows: Vec<mysql::Row> = eye.exec(sql, ()).expect("accounts");
    for mut row in rows {
        let mut next = 0;
        let mut take = || {
            next += 1;
            row.take::<mysql::Value, _>(next - 1).expect("a column")
        };
        let columns: Columns = (
            from(take()),
            (from(take()), from(take()), from(take())),
            (from(take()), from(take())),
            (from(take()), from(take())),
            (from(take()), from(take()), from(take()), from(take())),
            from(take()),
        );
        let (
            service,
            (download, upload, queue),
            (reset_pending, period),
            (balance, sessions),
            flags,
            bwusage,
        ) = columns;
        let rows = all.entry(service).or_default();
        rows.present = true;
        rows.baseline = download.zip(upload).map(|(download, upload)| Counter {
            id: queue,
            shown: Traffic::new(download, upload),
        });
        (rows.reset_pending, rows.period) = (reset_pending, period);
        (rows.balance, rows.sessions) = (balance, sessions);
        (rows.provisioned, rows.capped, rows.noticed, rows.trace) = flags;
        rows.bwusage = u64::try_from(bwusage).unwrap_or(0);
    }
}

fn from<T: mysql::prelude::FromValue>(value: mysql::Value) -> T {
    mysql::from_value(value)
}

/// The router's counters that are billed.
#[derive(Default)]
pub struct Counters {
    queues: Vec<Record>,
    sessions: Vec<Record>,
    interfaces: Vec<Record>,
}

/// As they are now: those of the sessions' interfaces, or those of the queues.
pub fn counters(router: &Router, session: bool) -> Counters {
    if session {
        return Counters {
            sessions: router.rows("/ppp/active"),
            interfaces: router.rows("/interface"),
            ..Counters::default()
        };
    }
    Counters {
        queues: router.rows("/queue/simple"),
        ..Counters::default()
    }
}

impl Counters {
    /// The one of this account.
    pub fn of(&self, name: &str) -> Option<Counter> {
        self.queue(name).or_else(|| self.session(name))
    }

    fn queue(&self, name: &str) -> Option<Counter> {
        let row = named(&self.queues, name)?;
        let (upload, download) = row.text("bytes")?.split_once('/')?;
        Some(Counter {
            id: row.text(".id")?.to_owned(),
            shown: Traffic::new(download.parse().ok()?, upload.parse().ok()?),
        })
    }

    fn session(&self, name: &str) -> Option<Counter> {
        let session = named(&self.sessions, name)?;
        let interface = named(&self.interfaces, &format!("<l2tp-{name}>"))?;
        let number = |key| interface.text(key).and_then(|text| text.parse().ok());
        Some(Counter {
            id: format!("{} {}", session.text("session-id")?, interface.text(".id")?),
            shown: Traffic::new(number("tx-byte")?, number("rx-byte")?),
        })
    }
}

fn named<'a>(rows: &'a [Record], name: &str) -> Option<&'a Record> {
    rows.iter().find(|row| row.text("name") == Some(name))
}

//! A long history that becomes a short one.

use std::time::Duration;

use chrono::{Days, NaiveDate};
use mikrotikvpn::traffic::retention::{Budget, sweep};

use super::database::Database;

const SERVICES: i64 = 7;
const DAYS: u64 = 3_650;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 11).expect("a day")
}

/// Seven services of a product that keeps this many days, with ten years of history each.
fn ten_years(name: &str, keeps: &str) -> Database {
    let database = Database::new(name);
    database.run(&format!(
        "INSERT INTO tblproducts (id, name, description, servertype, configoption12) VALUES (1, 'p', '', 'mikrotikvpn', '{keeps}')"
    ));
    for service in 1..=SERVICES {
        database.run(&format!(
            "INSERT INTO tblhosting (id, userid, packageid, server, notes, assignedips, password) VALUES ({service}, 1, 1, 1, '', '', '')"
        ));
        database.run(&format!(
            "INSERT INTO mod_mikrotikvpn_accounts (service_id, server_id) VALUES ({service}, 1)"
        ));
        let day = |age| today() - Days::new(age);
        let rows: Vec<_> = (0..DAYS)
            .map(|age| format!("({service}, '{}', 1, 1)", day(age)))
            .collect();
        database.run(&format!(
            "INSERT INTO mod_mikrotikvpn_traffic_daily (service_id, day, download, upload) VALUES {}",
            rows.join(",")
        ));
    }
    database.written.borrow_mut().clear();
    database
}

fn left(database: &Database) -> Vec<(String, String)> {
    database
        .pairs("SELECT COUNT(*), MIN(day) FROM mod_mikrotikvpn_traffic_daily GROUP BY service_id")
}

const TIME: Duration = Duration::from_secs(60);

#[test]
fn a_shortened_history_goes_in_pieces_that_lock_nothing_else_and_in_as_many_runs_as_it_takes() {
    let database = ten_years("pieces", "60");
    let budget = Budget {
        pieces: 2,
        time: TIME,
    };
    let mut runs = 1;
    while !sweep(&database, 1, today(), budget).expect("rows go") {
        runs += 1;
    }
    assert_eq!(runs, 3, "25,123 rows, 10,000 a run");
    let oldest = (today() - Days::new(60)).to_string();
    assert_eq!(left(&database), vec![("61".to_owned(), oldest); 7]);
    for statement in database.written.borrow().iter() {
        assert!(
            statement.starts_with("DELETE FROM mod_mikrotikvpn_traffic_daily WHERE service_id IN"),
            "{statement}"
        );
        assert!(
            statement.ends_with("LIMIT 5000") && !statement.contains("JOIN"),
            "{statement}"
        );
    }
}

#[test]
fn a_run_ends_with_its_time() {
    let database = ten_years("time", "60");
    let budget = Budget {
        pieces: 100,
        time: Duration::ZERO,
    };
    let finished = sweep(&database, 1, today(), budget).expect("rows go");
    assert!(!finished && database.written.borrow().len() <= 1);
}

#[test]
fn what_the_setting_does_not_say_is_the_default() {
    for (name, keeps) in [
        ("empty", ""),
        ("word", "x"),
        ("none", "0"),
        ("huge", "10000"),
    ] {
        let database = ten_years(name, keeps);
        let all = Budget {
            pieces: 100,
            time: TIME,
        };
        assert!(sweep(&database, 1, today(), all).expect("rows go"));
        assert_eq!(left(&database)[0].0, "61", "{keeps:?}");
    }
}

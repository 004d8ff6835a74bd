//! Texts of others, however long they are.

use chrono::Utc;
use mikrotikvpn::host::Host;
use mikrotikvpn::store::collections::{self, Outcome};
use mikrotikvpn::store::mails::{self, Kind, NewMail};
use mikrotikvpn::store::{forms, servers};

use super::database::Database;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn an_error_of_any_length_is_kept_as_far_as_its_column_goes() {
    let database = Database::new("texts");
    database.run("SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
    let (now, long) = (Utc::now(), "ошибка ".repeat(1_500_000));
    let entry = collections::open(&database, 1, now).expect("an entry");
    let outcome = Outcome {
        remarks: vec![long.clone(); 50],
        ..Outcome::default()
    };
    collections::close(&database, entry, now, &outcome, Some(&long)).expect("it is closed");
    servers::store_outcome(&database, 1, now, Err(&long)).expect("it is noted");
    let mail = NewMail {
        service: 1,
        kind: Kind::Notice,
        template: "Little left".to_owned(),
        variables: "{}".to_owned(),
    };
    mails::add(&database, &[mail], now).expect("a mail");
    mails::failed(&database, 1, &long).expect("it is noted");
    forms::use_once(&database, 1, TOKEN, now).expect("a form");
    forms::store_outcome(&database, TOKEN, &long).expect("it is noted");
    for (table, column) in [
        ("collections", "error"),
        ("collections", "remarks"),
        ("servers", "last_error"),
        ("mails", "last_error"),
        ("forms", "outcome"),
    ] {
        let sql = format!("SELECT {column} FROM mod_mikrotikvpn_{table}");
        let kept = database.query(&sql, &[]).expect(&sql).remove(0).remove(0);
        let kept = kept.as_text().unwrap_or_default();
        assert!(
            kept.starts_with("ошибка ") && kept.ends_with('…'),
            "{table}"
        );
        assert!(
            (3_900..=60_000).contains(&kept.len()),
            "{table}: {}",
            kept.len()
        );
    }
}

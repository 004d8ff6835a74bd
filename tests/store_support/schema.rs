//! The tables: made, brought up from an older release, and looked at.

use mikrotikvpn::host::Host;
use mikrotikvpn::store::{self, Deviation};

use super::database::Database;

/// Name, columns and keys of every table of ours as the database has them.
fn parts(database: &Database) -> Vec<(String, String, Part)> {
    let mut parts = Vec::new();
    for (table, column) in database.pairs(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() \
         AND table_name LIKE 'mod\\_%' ORDER BY 1, ordinal_position",
    ) {
        parts.push((table, column, Part::Column));
    }
    for (table, key) in database.pairs(
        "SELECT DISTINCT table_name, index_name FROM information_schema.statistics \
         WHERE table_schema = DATABASE() AND table_name LIKE 'mod\\_%' ORDER BY 1, 2",
    ) {
        parts.push((table, key, Part::Key));
    }
    parts
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Column,
    Key,
}

fn only(database: &Database, what: &str) -> Deviation {
    let found = store::deviations(database).expect("the tables can be read");
    let about = found.iter().find(|one| one.what.contains(what));
    about
        .unwrap_or_else(|| panic!("nothing is said of {what}: {found:?}"))
        .clone()
}

#[test]
fn tables_that_were_just_made_have_nothing_wrong() {
    let database = Database::new("fresh");
    assert_eq!(store::deviations(&database).expect("the tables"), []);
    store::ensure_sound_schema(&database).expect("nothing is wrong");
}

#[test]
fn each_column_and_key_that_is_lost_is_named_and_its_remedy_mends_it() {
    let database = Database::new("lost");
    let mut kept = 0;
    for (table, name, part) in parts(&database) {
        if table == "mod_mikrotikvpn_schema" {
            continue;
        }
        match (part, name.as_str()) {
            // With its column, which counts by itself or is in other keys, too.
            (Part::Key, "PRIMARY") => {
                let uncounted = database.pairs(&format!(
                    "SELECT column_name, column_type FROM information_schema.columns WHERE table_schema = DATABASE() \
                     AND table_name = '{table}' AND extra = 'auto_increment'"
                ));
                for (column, kind) in uncounted {
                    database.run(&format!(
                        "ALTER TABLE {table} MODIFY {column} {kind} NOT NULL"
                    ));
                }
                database.run(&format!("ALTER TABLE {table} DROP PRIMARY KEY"));
            }
            (Part::Key, _) => database.run(&format!("ALTER TABLE {table} DROP KEY {name}")),
            (Part::Column, _) => {
                // MariaDB keeps a column that a unique key of several has.
                let sql = format!("ALTER TABLE {table} DROP COLUMN {name}");
                if database.execute(&sql, &[]).is_err() {
                    kept += 1;
                    continue;
                }
            }
        }
        let what = match part {
            Part::Column => format!("The table {table} has no column {name}"),
            Part::Key if name == "PRIMARY" => format!("The table {table} has no PRIMARY KEY"),
            Part::Key => format!("KEY {name}"),
        };
        let unique = part == Part::Column || name == "PRIMARY" || is_unique(&name);
        assert_eq!(only(&database, &what).blocks, unique, "{what}");
        if unique {
            database.run("UPDATE mod_mikrotikvpn_schema SET verified_at = NULL");
            let refusal = store::ensure_sound_schema(&database).expect_err(&what);
            assert!(refusal.to_string().contains(&table), "{refusal}");
        }
        mend(&database);
    }
    assert!(kept < 15, "{kept} columns could not be dropped");
}

/// Runs every remedy, as an admin would.
fn mend(database: &Database) {
    for _ in 0..5 {
        let found = store::deviations(database).expect("the tables can be read");
        match found.first() {
            Some(deviation) => database.run(&deviation.sql),
            None => return,
        }
    }
    panic!("{:?}", store::deviations(database));
}

fn is_unique(key: &str) -> bool {
    matches!(key, "address" | "username" | "period" | "token")
}

#[test]
fn a_column_that_was_changed_is_named_and_its_remedy_mends_it() {
    let database = Database::new("changed");
    for (change, words) in [
        (
            "accounts MODIFY balance INT NULL",
            "balance of the table mod_mikrotikvpn_accounts is int instead of bigint",
        ),
        (
            "grants MODIFY bytes BIGINT NULL",
            "bytes of the table mod_mikrotikvpn_grants may be NULL",
        ),
        (
            "accounts MODIFY address VARCHAR(15) CHARACTER SET ascii NOT NULL",
            "may not be NULL",
        ),
        (
            "traffic_daily MODIFY download BIGINT UNSIGNED NOT NULL",
            "has no default",
        ),
        (
            "mails MODIFY id BIGINT UNSIGNED NOT NULL",
            "does not count by itself",
        ),
        ("accounts ENGINE=MyISAM", "engine MyISAM"),
        (
            "grants DROP KEY period, ADD UNIQUE KEY period (service_id)",
            "UNIQUE KEY period (service_id, period)",
        ),
        (
            "grants DROP KEY period, ADD KEY period (service_id, period)",
            "UNIQUE KEY period (service_id, period)",
        ),
    ] {
        database.run(&format!("ALTER TABLE mod_mikrotikvpn_{change}"));
        assert!(only(&database, words).blocks, "{change}");
        mend(&database);
    }
    database.run("ALTER TABLE mod_mikrotikvpn_grants MODIFY reason VARCHAR(255) CHARACTER SET latin1 NOT NULL DEFAULT ''");
    assert!(!only(&database, "character set latin1").blocks);
    mend(&database);
    database.run("DROP TABLE mod_mikrotikvpn_pace");
    assert!(only(&database, "The table mod_mikrotikvpn_pace is missing").blocks);
    mend(&database);
}

#[test]
fn the_tables_are_looked_at_once_a_day_and_after_an_error_that_tells_of_them() {
    let database = Database::new("daily");
    store::ensure_sound_schema(&database).expect("nothing is wrong");
    database.run("ALTER TABLE mod_mikrotikvpn_grants DROP KEY period");
    store::ensure_sound_schema(&database).expect("it was looked at just now");
    database
        .run("UPDATE mod_mikrotikvpn_schema SET verified_at = UTC_TIMESTAMP() - INTERVAL 25 HOUR");
    let refusal = store::ensure_sound_schema(&database).expect_err("a day has passed");
    assert!(
        refusal
            .to_string()
            .contains("UNIQUE KEY period (service_id, period)"),
        "{refusal}"
    );
    mend(&database);
    store::ensure_sound_schema(&database).expect("it is mended");
    database.run("ALTER TABLE mod_mikrotikvpn_grants DROP COLUMN bytes");
    let error = database
        .query("SELECT bytes FROM mod_mikrotikvpn_grants", &[])
        .expect_err("it is gone");
    let told = store::explained(&database, error.with_note("Half of it is done."));
    let text = told.to_string();
    assert!(
        text.contains("has no column bytes") && text.ends_with("Half of it is done."),
        "{text}"
    );
    store::ensure_sound_schema(&database).expect_err("nothing is moved until it is mended");
}

#[test]
fn tables_of_a_newer_release_are_refused_by_everything() {
    let database = Database::new("newer");
    database.run("UPDATE mod_mikrotikvpn_schema SET version = version + 1");
    let version = database
        .pairs("SELECT version, id FROM mod_mikrotikvpn_schema")
        .remove(0)
        .0;
    for refusal in [
        store::ensure_schema(&database),
        store::ensure_sound_schema(&database),
    ] {
        let refusal = refusal
            .expect_err("they are of a newer release")
            .to_string();
        assert!(refusal.contains(&format!("version {version}")), "{refusal}");
        assert!(refusal.contains("Install the newer release"), "{refusal}");
    }
}

//! Our tables: made and migrated on first use, by whichever request comes first.
//!
//! | version | since then |
//! |---|---|
//! | 1 | accounts, history, grants, journal, servers |
//! | 2 | sessions as a meter source and the comparison with queues; grants as the journal of a balance; caps, notices and the outbox of mails |
//! | 3 | what a collection saw of its router; which e-mail templates of ours were made |
//! | 4 | what pages last saw of each service, and their pace of asking |
//! | 5 | what the doctor last said of a router |
//! | 6 | which WHMCS this is |
//!
//! A migration only adds: columns that an older version lacks, found by looking, so that it can be
//! repeated, cut off anywhere and run by two requests at once.

use crate::error::Result;
use crate::host::{Host, Value};

/// The version the statements of this folder are written for.
const VERSION: i64 = 6;

/// Makes sure that the tables are there and of our version; one small query when they are. Two
/// requests may do it at once. Call it outside transactions: DDL commits implicitly in MySQL.
pub fn ensure(host: &dyn Host) -> Result<()> {
    let found = version(host);
    if found >= Some(VERSION) {
        return Ok(());
    }
    for statement in TABLES {
        host.execute(statement, &[])?;
    }
    if found.is_some() {
        migrate(host)?;
    }
    host.execute(
        "INSERT INTO mod_mikrotikvpn_schema (id, version) VALUES (1, ?) \
         ON DUPLICATE KEY UPDATE version = GREATEST(version, VALUES(version))",
        &[Value::Int(VERSION)],
    )?;
    Ok(())
}

/// Adds the columns that came after version 1.
fn migrate(host: &dyn Host) -> Result<()> {
    for (table, column, definition) in ADDED {
        let present = host.query(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() \
             AND table_name = ? AND column_name = ?",
            &[table.into(), column.into()],
        )?;
        if !present.is_empty() {
            continue;
        }
        let sql = format!("ALTER TABLE {table} ADD COLUMN {column} {definition}");
        match host.execute(&sql, &[]) {
            // Another request was faster between the look and the change.
            Err(error) if error.is_duplicate_column() => {}
            result => drop(result?),
        }
    }
    // A grant that is no period's has no key.
    host.execute(
        "ALTER TABLE mod_mikrotikvpn_grants MODIFY period VARCHAR(32) CHARACTER SET ascii NULL",
        &[],
    )?;
    Ok(())
}

/// Table, column and definition of what came after version 1.
const ADDED: [(&str, &str, &str); 21] = [
    (ACCOUNTS, "sessions", "TEXT NULL"),
    (ACCOUNTS, "seen_day", "DATE NULL"),
    (ACCOUNTS, "seen_queue", "BIGINT UNSIGNED NOT NULL DEFAULT 0"),
    (
        ACCOUNTS,
        "seen_session",
        "BIGINT UNSIGNED NOT NULL DEFAULT 0",
    ),
    (ACCOUNTS, "hidden", "BIGINT UNSIGNED NOT NULL DEFAULT 0"),
    (ACCOUNTS, "granted_quota", "BIGINT UNSIGNED NULL"),
    (ACCOUNTS, "profile", "VARCHAR(191) NULL"),
    (ACCOUNTS, "limit_download", "BIGINT UNSIGNED NULL"),
    (ACCOUNTS, "limit_upload", "BIGINT UNSIGNED NULL"),
    (ACCOUNTS, "capped_at", "DATETIME NULL"),
    (ACCOUNTS, "cap", "VARCHAR(1000) NOT NULL DEFAULT ''"),
    (ACCOUNTS, "cap_done", "TINYINT NOT NULL DEFAULT 0"),
    (ACCOUNTS, "noticed", "TINYINT NOT NULL DEFAULT 0"),
    (
        GRANTS,
        "kind",
        "VARCHAR(12) CHARACTER SET ascii NOT NULL DEFAULT 'grant'",
    ),
    (GRANTS, "reason", "VARCHAR(255) NOT NULL DEFAULT ''"),
    (GRANTS, "admin", "VARCHAR(100) NOT NULL DEFAULT ''"),
    (SERVERS, "ended_at", "DATETIME NULL"),
    (SERVERS, "version", "VARCHAR(64) NOT NULL DEFAULT ''"),
    (SERVERS, "online", "INT UNSIGNED NULL"),
    (SERVERS, "checked_at", "DATETIME NULL"),
    (SERVERS, "report", "MEDIUMTEXT NULL"),
];

const ACCOUNTS: &str = "mod_mikrotikvpn_accounts";
const GRANTS: &str = "mod_mikrotikvpn_grants";
const SERVERS: &str = "mod_mikrotikvpn_servers";

/// `None` before the first use.
fn version(host: &dyn Host) -> Option<i64> {
    let rows = host.query(
        "SELECT version FROM mod_mikrotikvpn_schema WHERE id = 1",
        &[],
    );
    rows.ok()?.first()?.first()?.as_int()
}

const TABLES: [&str; 13] = [
    "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_schema (
        id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
        version INT UNSIGNED NOT NULL
    ) ENGINE=InnoDB",
    // One row for each service we provisioned or are about to. An address or username is claimed
    // by writing it here, before the router is touched: the unique keys decide between two orders. Both
    // become NULL when the account is terminated; usage and balance stay until the service is deleted.
    "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_accounts (
        service_id INT UNSIGNED NOT NULL PRIMARY KEY,
        server_id INT UNSIGNED NOT NULL DEFAULT 0,
        username VARCHAR(63) CHARACTER SET ascii NULL,
        address VARCHAR(15) CHARACTER SET ascii NULL,
        tag VARCHAR(191) NOT NULL DEFAULT '',
        revision BIGINT UNSIGNED NOT NULL DEFAULT 0,
        baseline_download BIGINT UNSIGNED NULL,
        baseline_upload BIGINT UNSIGNED NULL,
        baseline_queue VARCHAR(32) CHARACTER SET ascii NOT NULL DEFAULT '',
        baseline_boot BIGINT UNSIGNED NOT NULL DEFAULT 0,
        baseline_uptime BIGINT UNSIGNED NULL,
        baseline_at DATETIME NULL,
        reset_pending BIGINT NOT NULL DEFAULT 0,
        period_download BIGINT UNSIGNED NOT NULL DEFAULT 0,
        period_upload BIGINT UNSIGNED NOT NULL DEFAULT 0,
        quota BIGINT UNSIGNED NULL,
        balance BIGINT NULL,
        provisioned_at DATETIME NULL,
        sessions TEXT NULL,
        seen_day DATE NULL,
        seen_queue BIGINT UNSIGNED NOT NULL DEFAULT 0,
        seen_session BIGINT UNSIGNED NOT NULL DEFAULT 0,
        hidden BIGINT UNSIGNED NOT NULL DEFAULT 0,
        granted_quota BIGINT UNSIGNED NULL,
        profile VARCHAR(191) NULL,
        limit_download BIGINT UNSIGNED NULL,
        limit_upload BIGINT UNSIGNED NULL,
        capped_at DATETIME NULL,
        cap VARCHAR(1000) NOT NULL DEFAULT '',
        cap_done TINYINT NOT NULL DEFAULT 0,
        noticed TINYINT NOT NULL DEFAULT 0,
        UNIQUE KEY address (server_id, address),
        UNIQUE KEY username (server_id, username)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_traffic_daily (
        service_id INT UNSIGNED NOT NULL,
        day DATE NOT NULL,
        download BIGINT UNSIGNED NOT NULL DEFAULT 0,
        upload BIGINT UNSIGNED NOT NULL DEFAULT 0,
        PRIMARY KEY (service_id, day),
        KEY day (day)
    ) ENGINE=InnoDB",
    "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_traffic_monthly (
        service_id INT UNSIGNED NOT NULL,
        month DATE NOT NULL,
        download BIGINT UNSIGNED NOT NULL DEFAULT 0,
        upload BIGINT UNSIGNED NOT NULL DEFAULT 0,
        PRIMARY KEY (service_id, month)
    ) ENGINE=InnoDB",
    "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_grants (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        service_id INT UNSIGNED NOT NULL,
        period VARCHAR(32) CHARACTER SET ascii NULL,
        bytes BIGINT NOT NULL,
        granted_at DATETIME NOT NULL,
        kind VARCHAR(12) CHARACTER SET ascii NOT NULL DEFAULT 'grant',
        reason VARCHAR(255) NOT NULL DEFAULT '',
        admin VARCHAR(100) NOT NULL DEFAULT '',
        UNIQUE KEY period (service_id, period)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    // Written in the transaction that decides on the mail, sent later. A row goes when its mail went.
    "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_mails (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        service_id INT UNSIGNED NOT NULL,
        kind VARCHAR(12) CHARACTER SET ascii NOT NULL,
        template VARCHAR(255) NOT NULL,
        variables TEXT NOT NULL,
        created_at DATETIME NOT NULL,
        attempts INT UNSIGNED NOT NULL DEFAULT 0,
        claim BIGINT NOT NULL DEFAULT 0,
        claimed_at DATETIME NULL,
        last_error TEXT NULL,
        KEY service (service_id)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_collections (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        server_id INT UNSIGNED NOT NULL,
        started_at DATETIME NOT NULL,
        finished_at DATETIME NULL,
        accounts INT UNSIGNED NOT NULL DEFAULT 0,
        download BIGINT UNSIGNED NOT NULL DEFAULT 0,
        upload BIGINT UNSIGNED NOT NULL DEFAULT 0,
        remarks TEXT NULL,
        error TEXT NULL,
        KEY server (server_id, started_at)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_servers (
        server_id INT UNSIGNED NOT NULL PRIMARY KEY,
        lease_token BIGINT NOT NULL DEFAULT 0,
        lease_until DATETIME NULL,
        boot BIGINT UNSIGNED NOT NULL DEFAULT 1,
        uptime BIGINT UNSIGNED NULL,
        collected_at DATETIME NULL,
        ended_at DATETIME NULL,
        last_error TEXT NULL,
        version VARCHAR(64) NOT NULL DEFAULT '',
        online INT UNSIGNED NULL,
        checked_at DATETIME NULL,
        report MEDIUMTEXT NULL
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    // E-mail templates of ours that were made once: what an admin removes stays removed.
    "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_templates (
        name VARCHAR(100) NOT NULL,
        language VARCHAR(50) NOT NULL,
        PRIMARY KEY (name, language)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    // The state of a connection as a page last saw it, and when the router was last asked.
    "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_live (
        service_id INT UNSIGNED NOT NULL PRIMARY KEY,
        asked_at DATETIME(6) NULL,
        seen_at DATETIME NULL,
        seen TEXT NULL
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    // Five slots for each router: a page that sends it a request takes one, for a second.
    "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_pace (
        server_id INT UNSIGNED NOT NULL,
        slot TINYINT UNSIGNED NOT NULL,
        asked_at DATETIME(6) NOT NULL,
        silent TINYINT NOT NULL DEFAULT 0,
        PRIMARY KEY (server_id, slot)
    ) ENGINE=InnoDB",
    // What an admin has sent, for the page may be saved twice.
    "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_forms (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        token CHAR(32) CHARACTER SET ascii NOT NULL,
        service_id INT UNSIGNED NOT NULL,
        used_at DATETIME NOT NULL,
        outcome TEXT NOT NULL,
        UNIQUE KEY token (token),
        KEY service (service_id, id)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    // One row: the id of this WHMCS in the comments of our objects, where WHMCS lived when that was noted,
    // and of which other place the admin was told.
    "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_installation (
        id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
        mark CHAR(6) CHARACTER SET ascii NOT NULL,
        system_url VARCHAR(500) NOT NULL,
        database_name VARCHAR(64) NOT NULL,
        root VARCHAR(1000) NOT NULL,
        told VARCHAR(1000) NOT NULL DEFAULT ''
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
];

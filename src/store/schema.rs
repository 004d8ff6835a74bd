//! Our tables: made and migrated on first use, by whichever request comes first.

use crate::error::Result;
use crate::host::{Host, Value};

/// The version the statements of this folder are written for.
const VERSION: i64 = 1;

/// Makes sure that the tables are there and of our version; one small query when they are. Two
/// requests may do it at once. Call it outside transactions: DDL commits implicitly in MySQL.
pub fn ensure(host: &dyn Host) -> Result<()> {
    if version(host) == Some(VERSION) {
        return Ok(());
    }
    for statement in TABLES {
        host.execute(statement, &[])?;
    }
    host.execute(
        "INSERT INTO mod_mikrotikvpn_schema (id, version) VALUES (1, ?) \
         ON DUPLICATE KEY UPDATE version = GREATEST(version, VALUES(version))",
        &[Value::Int(VERSION)],
    )?;
    Ok(())
}

/// `None` before the first use.
fn version(host: &dyn Host) -> Option<i64> {
    let rows = host.query(
        "SELECT version FROM mod_mikrotikvpn_schema WHERE id = 1",
        &[],
    );
    rows.ok()?.first()?.first()?.as_int()
}

const TABLES: [&str; 7] = [
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
        period VARCHAR(32) CHARACTER SET ascii NOT NULL,
        bytes BIGINT NOT NULL,
        granted_at DATETIME NOT NULL,
        UNIQUE KEY period (service_id, period)
    ) ENGINE=InnoDB",
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
        last_error TEXT NULL
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
];

//! Our tables as they should be, in one place: they are made from these statements, older ones are brought to
//! them, and what a database has is compared with them.
//!
//! One column or key a line: [`Table`] reads them.

/// The statements that make the tables.
pub(super) const TABLES: [Table; 15] = [
    Table(
        "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_schema (
        id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
        version INT UNSIGNED NOT NULL,
        verified_at DATETIME NULL
    ) ENGINE=InnoDB",
    ),
    // One row for each service we provisioned or are about to. An address or username is claimed
    // by writing it here, before the router is touched: the unique keys decide between two orders. Both
    // become NULL when the account is terminated; usage and balance stay until the service is deleted.
    Table(
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
        cap_seen VARCHAR(1000) NULL,
        noticed TINYINT NOT NULL DEFAULT 0,
        suspect TEXT NULL,
        ahead_download BIGINT UNSIGNED NOT NULL DEFAULT 0,
        ahead_upload BIGINT UNSIGNED NOT NULL DEFAULT 0,
        UNIQUE KEY address (server_id, address),
        UNIQUE KEY username (server_id, username)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    ),
    Table(
        "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_traffic_daily (
        service_id INT UNSIGNED NOT NULL,
        day DATE NOT NULL,
        download BIGINT UNSIGNED NOT NULL DEFAULT 0,
        upload BIGINT UNSIGNED NOT NULL DEFAULT 0,
        free BIGINT UNSIGNED NOT NULL DEFAULT 0,
        PRIMARY KEY (service_id, day),
        KEY day (day)
    ) ENGINE=InnoDB",
    ),
    Table(
        "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_traffic_monthly (
        service_id INT UNSIGNED NOT NULL,
        month DATE NOT NULL,
        download BIGINT UNSIGNED NOT NULL DEFAULT 0,
        upload BIGINT UNSIGNED NOT NULL DEFAULT 0,
        free BIGINT UNSIGNED NOT NULL DEFAULT 0,
        told BIGINT UNSIGNED NOT NULL DEFAULT 0,
        PRIMARY KEY (service_id, month)
    ) ENGINE=InnoDB",
    ),
    Table(
        "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_grants (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        service_id INT UNSIGNED NOT NULL,
        period VARCHAR(32) CHARACTER SET ascii NULL,
        bytes BIGINT NOT NULL,
        granted_at DATETIME NOT NULL,
        kind VARCHAR(12) CHARACTER SET ascii NOT NULL DEFAULT 'grant',
        reason VARCHAR(255) NOT NULL DEFAULT '',
        admin VARCHAR(100) NOT NULL DEFAULT '',
        waits DATE NULL,
        UNIQUE KEY period (service_id, period),
        KEY waits (waits)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    ),
    // Written in the transaction that decides on the mail, sent later. A row goes when its mail went.
    Table(
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
    ),
    Table(
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
    ),
    Table(
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
        report MEDIUMTEXT NULL,
        history_day DATE NULL,
        swept_on DATE NULL,
        started_at DATETIME NULL
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    ),
    // E-mail templates of ours that were made once: what an admin removes stays removed.
    Table(
        "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_templates (
        name VARCHAR(100) NOT NULL,
        language VARCHAR(50) NOT NULL,
        PRIMARY KEY (name, language)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    ),
    // The state of a connection as a page last saw it, and when the router was last asked.
    Table(
        "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_live (
        service_id INT UNSIGNED NOT NULL PRIMARY KEY,
        asked_at DATETIME(6) NULL,
        seen_at DATETIME NULL,
        seen TEXT NULL,
        looked_at DATETIME NULL,
        looked MEDIUMTEXT NULL
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    ),
    // When a customer last reset a connection; the row above does not outlive the reset.
    Table(
        "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_resets (
        service_id INT UNSIGNED NOT NULL PRIMARY KEY,
        reset_at DATETIME(6) NOT NULL
    ) ENGINE=InnoDB",
    ),
    // A product's module settings when all of them could be read: position and text as JSON.
    Table(
        "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_products (
        product_id INT UNSIGNED NOT NULL PRIMARY KEY,
        texts MEDIUMTEXT NOT NULL
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    ),
    // Five slots for the pages of each router's customers and four for admins': a page that sends it a request
    // takes one, for a second.
    Table(
        "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_pace (
        server_id INT UNSIGNED NOT NULL,
        slot TINYINT UNSIGNED NOT NULL,
        asked_at DATETIME(6) NOT NULL,
        silent TINYINT NOT NULL DEFAULT 0,
        failed_at DATETIME(6) NULL,
        PRIMARY KEY (server_id, slot)
    ) ENGINE=InnoDB",
    ),
    // What an admin has sent, for the page may be saved twice.
    Table(
        "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_forms (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        token CHAR(32) CHARACTER SET ascii NOT NULL,
        service_id INT UNSIGNED NOT NULL,
        used_at DATETIME NOT NULL,
        outcome TEXT NOT NULL,
        UNIQUE KEY token (token),
        KEY service (service_id, id)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    ),
    // One row: the id of this WHMCS in the comments of our objects, where WHMCS lived when that was noted,
    // and of which other place the admin was told.
    Table(
        "CREATE TABLE IF NOT EXISTS mod_mikrotikvpn_installation (
        id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
        mark CHAR(6) CHARACTER SET ascii NOT NULL,
        system_url VARCHAR(500) NOT NULL,
        database_name VARCHAR(64) NOT NULL,
        root VARCHAR(1000) NOT NULL,
        told VARCHAR(1000) NOT NULL DEFAULT ''
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    ),
];

/// One of our tables, as the statement that makes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table(pub(super) &'static str);

/// A column of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: &'static str,
    /// What stands behind the name.
    pub(super) definition: &'static str,
    /// The character set of the table, which counts for texts without one of their own.
    charset: Option<&'static str>,
}

/// A key of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// `PRIMARY` for the primary one, as the server calls it.
    pub(super) name: &'static str,
    pub(super) unique: bool,
    pub(super) columns: Vec<&'static str>,
}

impl Table {
    pub(super) fn name(self) -> &'static str {
        let words = self.0.split_whitespace();
        words
            .into_iter()
            .find(|word| word.starts_with("mod_mikrotikvpn_"))
            .unwrap_or_default()
    }

    pub(super) fn columns(self) -> impl Iterator<Item = Column> {
        let charset = self.0.rsplit_once("DEFAULT CHARSET=").map(|(_, name)| name);
        let lines = self.lines().filter(|line| key(line).is_none());
        lines.filter_map(move |line| {
            let (name, definition) = line.split_once(' ')?;
            let definition = definition.trim_end_matches(" PRIMARY KEY");
            Some(Column {
                name,
                definition,
                charset,
            })
        })
    }

    pub(super) fn keys(self) -> impl Iterator<Item = Key> {
        self.lines().filter_map(|line| {
            let of_its_own = || {
                let (name, _) = line.strip_suffix(" PRIMARY KEY")?.split_once(' ')?;
                Some(Key {
                    name: "PRIMARY",
                    unique: true,
                    columns: vec![name],
                })
            };
            key(line).or_else(of_its_own)
        })
    }

    fn lines(self) -> impl Iterator<Item = &'static str> {
        let lines = self.0.lines().skip(1).map(str::trim);
        lines
            .filter(|line| !line.starts_with(')'))
            .map(|line| line.trim_end_matches(','))
    }
}

/// A line that is about a key alone.
fn key(line: &'static str) -> Option<Key> {
    let (head, columns) = line.strip_suffix(')')?.split_once('(')?;
    let mut words = head.split_whitespace();
    let (unique, name) = match (words.next()?, words.next()) {
        ("PRIMARY", Some("KEY")) => (true, "PRIMARY"),
        ("UNIQUE", Some("KEY")) => (true, words.next()?),
        ("KEY", Some(name)) => (false, name),
        _ => return None,
    };
    Some(Key {
        name,
        unique,
        columns: columns.split(", ").collect(),
    })
}

impl Column {
    /// As servers spell it, such as `bigint unsigned`.
    pub(super) fn kind(self) -> String {
        let words = self.definition.split(' ');
        let kind: Vec<_> = words
            .take_while(|word| !matches!(*word, "CHARACTER" | "NOT" | "NULL"))
            .collect();
        kind.join(" ").to_ascii_lowercase()
    }

    pub(super) fn nullable(self) -> bool {
        !self.definition.contains("NOT NULL")
    }

    pub(super) fn has_default(self) -> bool {
        self.definition.contains(" DEFAULT ")
    }

    pub(super) fn counts_itself(self) -> bool {
        self.definition.contains("AUTO_INCREMENT")
    }

    /// Of a text.
    pub(super) fn charset(self) -> Option<&'static str> {
        let kind = self.kind();
        if !kind.contains("char") && !kind.contains("text") {
            return None;
        }
        match self.definition.split_once("CHARACTER SET ") {
            Some((_, own)) => own.split(' ').next(),
            None => self.charset,
        }
    }
}

impl Key {
    /// As a statement adds it.
    pub(super) fn definition(&self) -> String {
        let columns = self.columns.join(", ");
        match (self.name, self.unique) {
            ("PRIMARY", _) => format!("PRIMARY KEY ({columns})"),
            (name, true) => format!("UNIQUE KEY {name} ({columns})"),
            (name, false) => format!("KEY {name} ({columns})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> Table {
        let known = TABLES.into_iter().find(|table| table.name() == name);
        known.expect("a table of ours")
    }

    #[test]
    fn a_definition_is_read_as_the_server_reads_it() {
        let grants = table("mod_mikrotikvpn_grants");
        let names: Vec<_> = grants.columns().map(|column| column.name).collect();
        assert_eq!(
            names,
            [
                "id",
                "service_id",
                "period",
                "bytes",
                "granted_at",
                "kind",
                "reason",
                "admin",
                "waits"
            ]
        );
        let id = grants.columns().next().expect("a column");
        assert_eq!(
            (id.kind().as_str(), id.counts_itself()),
            ("bigint unsigned", true)
        );
        let period = grants.columns().nth(2).expect("a column");
        assert_eq!(period.kind(), "varchar(32)");
        assert_eq!((period.nullable(), period.charset()), (true, Some("ascii")));
        let reason = grants.columns().nth(6).expect("a column");
        assert_eq!(
            (reason.has_default(), reason.charset()),
            (true, Some("utf8mb4"))
        );
        let keys: Vec<_> = grants.keys().map(|key| key.definition()).collect();
        assert_eq!(
            keys,
            [
                "PRIMARY KEY (id)",
                "UNIQUE KEY period (service_id, period)",
                "KEY waits (waits)"
            ]
        );
    }

    #[test]
    fn every_table_has_a_primary_key_and_columns() {
        for table in TABLES {
            assert!(table.name().starts_with("mod_mikrotikvpn_"), "{}", table.0);
            assert!(table.keys().any(|key| key.name == "PRIMARY"), "{}", table.0);
            assert!(table.columns().count() > 1, "{}", table.0);
            assert!(
                table.columns().all(|column| !column.kind().is_empty()),
                "{}",
                table.0
            );
        }
    }
}

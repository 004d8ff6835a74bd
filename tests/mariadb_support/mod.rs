//! A private MariaDB for one test process: own data folder under `target`, own unix socket, no network.
//! A shell of ours waits at a pipe and ends it by its pid when this process ends, however that happens.
//!
//! `DATABASE_ROOT` names a folder with another Debian whose server is taken instead, a later MariaDB or a
//! MySQL; `tests/databases` fetches them.

pub mod values;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use mysql::prelude::Queryable;
use mysql::{Conn, OptsBuilder};

const MISSING: &str = "the simulation of the ledger needs MariaDB: install mariadb-server (Debian, Ubuntu), then run this again";

/// WHMCS's tables, as the stand-in WHMCS has them.
const WHMCS: &str = include_str!("../whmcs/src/schema.sql");

/// Those of them the core reads or writes.
const TABLES: [&str; 7] = [
    "tblconfiguration",
    "tblproducts",
    "tblservers",
    "tblhosting",
    "tblinvoices",
    "tblinvoiceitems",
    "tblemailtemplates",
];

const LOG_SIZE: &str = "--innodb-log-file-size=16M";

/// Nothing here outlives the test, so durability is traded for speed. A lock nobody gives back at once
/// is a lock timeout: the one who has it stands still until the other has ended.
const OPTIONS: [&str; 14] = [
    "--no-defaults",
    "--skip-networking",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--skip-grant-tables",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
    "--default-storage-engine=InnoDB",
    "--sql-mode=",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-flush-method=nosync",
    "--innodb-buffer-pool-size=64M",
    "--performance-schema=0",
];

/// What only MariaDB takes.
const MARIADB: &[&str] = &["--innodb-lock-wait-timeout=0", LOG_SIZE];

/// What only MySQL takes; a lock there is waited for by whole seconds.
const MYSQL: &[&str] = &[
    "--innodb-lock-wait-timeout=1",
    "--mysqlx=OFF",
    "--secure-file-priv=NULL",
];

/// A server, and how it is started.
struct Program {
    /// The program, behind what runs it.
    words: Vec<PathBuf>,
    options: &'static [&'static str],
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// This machine's.
    Here,
    /// A MariaDB of another Debian: it needs no tables of its own, for nobody logs in.
    MariaDb,
    /// A MySQL of another Debian.
    MySql,
}

impl Program {
    fn of_environment() -> Self {
        let Some(root) = std::env::var_os("DATABASE_ROOT").map(PathBuf::from) else {
            let program = find("mariadbd").unwrap_or_else(|| panic!("{MISSING}"));
            return Self {
                words: vec![program],
                options: MARIADB,
                kind: Kind::Here,
            };
        };
        let mariadb = root.join("usr/sbin/mariadbd");
        let (program, options, kind) = if mariadb.is_file() {
            (mariadb, MARIADB, Kind::MariaDb)
        } else {
            (root.join("usr/sbin/mysqld"), MYSQL, Kind::MySql)
        };
        // Its own loader with its own libraries: neither a mount nor chroot is needed.
        let words = vec![
            root.join("usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
            PathBuf::from("--library-path"),
            root.join("usr/lib/x86_64-linux-gnu"),
            program,
        ];
        assert!(words[3].is_file(), "{} has no server", root.display());
        Self {
            words,
            options,
            kind,
        }
    }

    /// Makes a data folder.
    fn prepare(&self, store: &Path, folder: &Path) {
        match self.kind {
            Kind::Here => run(Command::new("cp")
                .args(["-a", "--sparse=always"])
                .arg(template(store))
                .arg(folder)),
            Kind::MariaDb => fs::create_dir(folder).expect("target can be written to"),
            Kind::MySql => {
                let mut command = Command::new(&self.words[0]);
                command
                    .args(&self.words[1..])
                    .args(["--no-defaults", "--initialize-insecure"])
                    .args(user())
                    .arg(option("--datadir=", folder));
                run(&mut command);
            }
        }
    }
}

/// The server of this process.
pub struct MariaDb {
    socket: PathBuf,
    /// Ends the server when its standard input does.
    _keeper: Child,
}

impl MariaDb {
    /// Started by the first who asks.
    pub fn of_this_process() -> &'static Self {
        static SERVER: OnceLock<MariaDb> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let program = Program::of_environment();
        let store = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ledger");
        let home = store.join(std::process::id().to_string());
        // The number may have been another process's before.
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(&home).expect("target can be written to");
        program.prepare(&store, &home.join("db"));
        let socket = home.join("sock");
        let keeper = Command::new("sh")
            .arg("-c")
            .arg(r#"home=$1; shift; "$@" >"$home/log" 2>&1 <&- & db=$!; read -r _; kill "$db"; wait "$db"; rm -rf "$home""#)
            .arg("sh")
            .arg(&home)
            .args(&program.words)
            .args(OPTIONS)
            .args(program.options)
            .args(user())
            .arg(option("--datadir=", &home.join("db")))
            .arg(option("--socket=", &socket))
            .stdin(Stdio::piped())
            .spawn()
            .expect("there is a shell");
        let server = Self {
            socket,
            _keeper: keeper,
        };
        server.await_ready(&home.join("log"));
        server
    }

    fn await_ready(&self, log: &Path) {
        let begun = Instant::now();
        while let Err(error) = Conn::new(self.options(None)) {
            let said = fs::read_to_string(log).unwrap_or_default();
            let has_ended = said.contains("Aborting");
            assert!(
                begun.elapsed() < Duration::from_secs(60) && !has_ended,
                "MariaDB does not start: {error}\n{said}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A new database with WHMCS's tables.
    pub fn create(&self, name: &str) {
        let mut root = Conn::new(self.options(None)).expect("the server answers");
        let sql = format!("DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name}; USE {name}");
        for statement in sql.split("; ") {
            root.query_drop(statement).expect(statement);
        }
        for statement in tables() {
            root.query_drop(statement).expect(statement);
        }
    }

    /// A connection as WHMCS makes it.
    pub fn connect(&self, database: &str) -> Conn {
        Conn::new(self.options(Some(database))).expect("the server answers")
    }

    fn options(&self, database: Option<&str>) -> OptsBuilder {
        OptsBuilder::new()
            .socket(self.socket.to_str())
            .user(Some("root"))
            .db_name(database)
            .stmt_cache_size(256)
    }
}

fn tables() -> impl Iterator<Item = &'static str> {
    let wanted = |statement: &&str| {
        let name = statement.strip_prefix("CREATE TABLE ");
        name.and_then(|rest| rest.split([' ', '(']).next())
            .is_some_and(|name| TABLES.contains(&name))
    };
    WHMCS.split(";\n").map(str::trim).filter(wanted)
}

/// A fresh data folder takes seconds to make, so one is kept and copied.
fn template(store: &Path) -> PathBuf {
    let template = store.join("template");
    if template.is_dir() {
        return template;
    }
    let new = store.join(format!("template.{}", std::process::id()));
    let program = find("mariadb-install-db").unwrap_or_else(|| panic!("{MISSING}"));
    let name = new.file_name().expect("a name was joined");
    // The program breaks in a folder with a blank, so it is told the last part of the path alone.
    run(Command::new(program)
        .current_dir(store)
        .args([
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            LOG_SIZE,
        ])
        .args(user())
        .arg(option("--datadir=", &Path::new(".").join(name))));
    // Another process may have been faster.
    let _ = fs::rename(&new, &template);
    let _ = fs::remove_dir_all(&new);
    template
}

fn option(name: &str, path: &Path) -> String {
    format!("{name}{}", path.display())
}

/// The server refuses to run as root unless it is told to.
fn user() -> Option<&'static str> {
    let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    root.then_some("--user=root")
}

/// Ordinary users have no `sbin` on their path.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let folders = path.split(':').chain(["/usr/sbin", "/usr/local/sbin"]);
    folders
        .map(|folder| Path::new(folder).join(program))
        .find(|file| file.is_file())
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

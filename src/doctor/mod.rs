//! The doctor: what an experienced network engineer would look at before selling VPN accounts on a
//! router. Each check gives a verdict, its evidence and the console commands that mend it.
//!
//! | file | what lives there |
//! |---|---|
//! | `books`, `facts` | what WHMCS expects, what the router says; everything is read first |
//! | `login`, `system`, `vpn`, `pools`, `lost`, `fasttrack`, `queues` | the checks: pure functions of both |
//! | `finding` | verdicts and the report |
//! | `tables` | our own tables, which are not the router's |
//! | `console`, `ranges` | RouterOS's quoting, sets of addresses |
//! | `script` | the commands that prepare a fresh router |
//!
//! A menu that the user may not read gives "unknown" with the reason; a healthy router gives nothing but
//! "ok" and, where a check needs more rights than our user should have, "unknown".

pub mod books;
pub mod console;
mod facts;
mod fasttrack;
mod finding;
mod login;
pub(crate) mod lost;
mod pools;
mod queues;
pub mod ranges;
pub mod script;
mod system;
mod tables;
mod vpn;

use std::time::Duration;

use chrono::{DateTime, Utc};

pub use self::books::{Books, Offer};
use self::facts::Facts;
pub use self::finding::{Finding, Report, Verdict};
use crate::account::{names, server_settings, stored_server_settings};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::params::Params;
use crate::routeros::{Deadline, Exchange, Version};
use crate::settings::ServerSettings;
use crate::store::{cron_php, servers};

/// The newest version whose commands are known.
const NEWEST: &str = "7.24";

/// How long an examination may take: an admin waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Examines the server in `params`: with the values there, or with WHMCS's own when there is nothing but
/// `serverid`. Wrong settings are a finding, too.
pub fn visit(host: &dyn Host, params: &Params, log: &mut Vec<Exchange>) -> Report {
    match server_of(host, params) {
        Ok(server) => {
            let books = Books::read(host, &server);
            let mut report = examine(&server, books, host.now(), log);
            report.findings.extend(tables::tables(host));
            report.findings.extend(cron(host));
            report
        }
        Err(error) => Report {
            findings: vec![Finding::problem("Settings", error.to_string())],
        },
    }
}

/// The PHP of WHMCS's cron, by what it said itself.
fn cron(host: &dyn Host) -> Option<Finding> {
    const CRON: &str = "Cron";
    match cron_php::complaint(host) {
        Ok(complaint) => complaint.map(|complaint| Finding::problem(CRON, complaint)),
        Err(error) => Some(Finding::unread(CRON, &error)),
    }
}

/// The script that prepares a fresh router as the server in `params`, for the RouterOS version in `version`,
/// else for the one the router says it runs, else for the newest known. Its user gets a new password, which
/// is in the text and nowhere else.
pub fn prepare(host: &dyn Host, params: &Params) -> Result<String> {
    let server = server_of(host, params)?;
    let books = Books::read(host, &server)?;
    let asked = params.text("version").trim();
    let version = if asked.is_empty() {
        present_version(&server).unwrap_or_else(|| Version::parse(NEWEST))
    } else {
        Version::parse(asked)
    };
    if !version.at_least(6, 43) {
        return Err(Error::misuse(
            format!("\"{asked}\" is no RouterOS version the module works with"),
            "Give one such as 7.16.2; 6.43 is the oldest",
        ));
    }
    let password = names::password("24:a-zA-Z0-9", &mut crate::random::source())?;
    Ok(script::write(&server.endpoint, &books, &version, &password))
}

fn present_version(server: &ServerSettings) -> Option<Version> {
    let router = server.router(Deadline::after(PATIENCE / 2)).ok()?;
    router.resource().ok().map(|resource| resource.version)
}

fn server_of(host: &dyn Host, params: &Params) -> Result<ServerSettings> {
    let id = params.int("serverid");
    let is_given = ["serverip", "serverhostname"]
        .iter()
        .any(|name| !params.text(name).trim().is_empty());
    if is_given || id == 0 {
        return server_settings(host, params);
    }
    let server = servers::find(host, id)?.ok_or_else(|| {
        Error::misuse(
            format!("WHMCS has no server {id}"),
            "The number is that in the address of the server's page under System Settings > Servers",
        )
    })?;
    stored_server_settings(host, &server)
}

/// Examines a router. `books` is what WHMCS has on record, or why that could not be read; `now` is the
/// present moment. What was said to the router goes to `log`.
pub fn examine(
    server: &ServerSettings,
    books: Result<Books>,
    now: DateTime<Utc>,
    log: &mut Vec<Exchange>,
) -> Report {
    let mut report = Report::default();
    let books = books.unwrap_or_else(|error| {
        report.findings.push(Finding::unread("Records", &error));
        Books::default()
    });
    if let Some(why) = &server.read_only {
        let finding = Finding::problem("Installation", why.to_string());
        report.findings.push(finding);
    }
    match reach(server, &books, log) {
        Ok(facts) => report.findings.extend(checks(server, &books, &facts, now)),
        Err(error) => report
            .findings
            .push(Finding::problem(login::CONNECTION, error.to_string())),
    }
    report
}

/// Goes the way to the router step by step and reads what it says.
fn reach(server: &ServerSettings, books: &Books, log: &mut Vec<Exchange>) -> Result<Facts> {
    let deadline = Deadline::after(PATIENCE);
    let router = server.router(deadline)?;
    let facts = Facts::read(&router, &server.endpoint, books, deadline);
    log.extend(router.transcript());
    facts
}

fn checks(
    server: &ServerSettings,
    books: &Books,
    facts: &Facts,
    now: DateTime<Utc>,
) -> Vec<Finding> {
    let endpoint = &server.endpoint;
    let mut findings = vec![login::connection(facts, endpoint)];
    findings.extend(system::version(facts, endpoint));
    findings.push(login::rights(facts, endpoint));
    findings.extend(login::lists(facts));
    findings.push(login::encryption(endpoint));
    findings.push(login::connections(facts, endpoint));
    findings.push(system::clock(facts, now));
    findings.extend(system::device_mode(facts, books));
    findings.push(system::license(facts, books));
    findings.extend(vpn::profiles(facts, books, server.meter));
    findings.extend(vpn::servers(facts));
    findings.extend(vpn::ipsec(facts, books));
    findings.extend(vpn::shown_certificate(facts, now));
    findings.extend(vpn::certificates(facts, endpoint));
    findings.extend(pools::pools(facts, books));
    findings.extend(pools::secrets(facts, books, server.meter));
    findings.extend(lost::services(facts, books));
    findings.extend(fasttrack::fasttrack(facts, books, server.meter));
    findings.extend(queues::queues(facts, books));
    findings
}

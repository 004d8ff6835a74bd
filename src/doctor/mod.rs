//! The doctor: what an experienced network engineer would look at before selling VPN accounts on a
//! router. Each check gives a verdict, its evidence and the console commands that mend it.
//!
//! | file | what lives there |
//! |---|---|
//! | `books`, `facts` | what WHMCS expects, what the router says; everything is read first |
//! | `login`, `system`, `vpn`, `pools`, `fasttrack`, `queues` | the checks: pure functions of both |
//! | `finding` | verdicts and the report |
//! | `console`, `ranges` | RouterOS's quoting, sets of addresses |
//!
//! A menu that the user may not read gives "unknown" with the reason; a healthy router gives nothing but
//! "ok" and, where a check needs more rights than our user should have, "unknown".

pub mod books;
pub mod console;
mod facts;
mod fasttrack;
mod finding;
mod login;
mod pools;
mod queues;
pub mod ranges;
mod system;
mod vpn;

use std::time::Duration;

use chrono::{DateTime, Utc};

pub use self::books::Books;
use self::facts::Facts;
pub use self::finding::{Finding, Report, Verdict};
use crate::account::{server_settings, stored_server_settings};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::params::Params;
use crate::routeros::{Deadline, Exchange, Router};
use crate::settings::ServerSettings;
use crate::store::servers;

/// How long an examination may take: an admin waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Examines the server in `params`: with the values there, or with WHMCS's own when there is nothing but
/// `serverid`. Wrong settings are a finding, too.
pub fn visit(host: &dyn Host, params: &Params, log: &mut Vec<Exchange>) -> Report {
    match server_of(host, params) {
        Ok(server) => {
            let books = Books::read(host, &server);
            examine(&server, books, host.now(), log)
        }
        Err(error) => Report {
            findings: vec![Finding::problem("Settings", error.to_string())],
        },
    }
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
    let router = Router::new(&server.endpoint, deadline)?;
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
    findings.extend(vpn::profiles(facts, books));
    findings.extend(vpn::servers(facts));
    findings.extend(vpn::ipsec(facts, books));
    findings.extend(vpn::shown_certificate(facts, now));
    findings.extend(vpn::certificates(facts, endpoint));
    findings.extend(pools::pools(facts, books));
    findings.extend(pools::secrets(facts, books));
    findings.extend(fasttrack::fasttrack(facts, books, server.meter));
    findings.extend(queues::queues(facts, books));
    findings
}

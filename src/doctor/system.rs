//! Version, clock, device mode and licence.

use chrono::{DateTime, TimeDelta, Utc};

use super::books::{Books, service};
use super::facts::Facts;
use super::finding::Finding;
use crate::routeros::{Endpoint, ServiceRow, TransportKind, Version};
use crate::settings::Protocol;

const VERSION: &str = "Version";
const CLOCK: &str = "Clock";
const DEVICE_MODE: &str = "Device mode";
const LICENSE: &str = "Licence";

const UPDATE: &str = "/system package update install";

/// Versions that cannot do the work, or that are known to do it badly.
pub fn version(facts: &Facts, endpoint: &Endpoint) -> Vec<Finding> {
    let version = &facts.resource.version;
    if endpoint.transport == TransportKind::Rest && !version.at_least(7, 1) {
        return vec![
            Finding::problem(
                VERSION,
                format!(
                    "The router runs RouterOS {version}, which has no REST interface. Update it to \
                     RouterOS 7.1 or later, or put \"transport = api\" into the server's Access Hash."
                ),
            )
            .mend(UPDATE),
        ];
    }
    let warnings = known_bad(version, serves_rest(facts, endpoint));
    if warnings.is_empty() {
        return vec![Finding::ok(VERSION, format!("RouterOS {version}."))];
    }
    warnings
        .into_iter()
        .map(|bug| {
            Finding::warning(
                VERSION,
                format!("The router runs RouterOS {version}: {bug}."),
            )
            .mend(UPDATE)
        })
        .collect()
}

/// What is known against a version, where it concerns us.
fn known_bad(version: &Version, serves_rest: bool) -> Vec<&'static str> {
    let since = |text: &str| *version >= Version::parse(text);
    let mut bugs = Vec::new();
    if serves_rest && since("7.1beta4") && !since("7.20.1") {
        bugs.push(
            "its REST service can be crashed from the network (CVE-2025-10948); 7.20.1 and later cannot",
        );
    }
    if since("7.17") && !since("7.18") {
        bugs.push("7.17 becomes unstable when many simple queues are added; 7.18 and later do not");
    }
    if since("7.19") && !since("7.19.1") {
        bugs.push(
            "7.19 refuses changes in /ip service (\"configured elsewhere\"); 7.19.1 does not",
        );
    }
    bugs
}

/// Whether anybody can reach REST. It is asked through REST, or one of its services is on.
fn serves_rest(facts: &Facts, endpoint: &Endpoint) -> bool {
    let serves = |row: &ServiceRow| !row.disabled && matches!(row.name.as_str(), "www" | "www-ssl");
    match &facts.services {
        Ok(services) => services.iter().any(serves),
        Err(_) => endpoint.transport == TransportKind::Rest,
    }
}

/// The router's clock beside ours.
pub fn clock(facts: &Facts, now: DateTime<Utc>) -> Finding {
    /// Less is the way of a request, and does no harm.
    const MOST: TimeDelta = TimeDelta::seconds(120);
    let clock = match &facts.clock {
        Ok(clock) => clock,
        Err(error) => return Finding::unread(CLOCK, error),
    };
    let (Some(local), Some(offset)) = (clock.local, clock.offset) else {
        return Finding::unknown(
            CLOCK,
            "The router's clock could not be read from its reply.",
        );
    };
    let utc = local.and_utc() - TimeDelta::seconds(offset.into());
    let difference = (utc - now).abs();
    if difference <= MOST {
        return Finding::ok(CLOCK, "The clocks of the router and of this machine agree.");
    }
    let side = if utc > now { "ahead of" } else { "behind" };
    let finding = Finding::warning(
        CLOCK,
        format!(
            "The router's clock ({} UTC) is {} {side} this machine's: certificates and logs will be \
             misjudged. Let the router set it by NTP.",
            utc.format("%Y-%m-%d %H:%M:%S"),
            length(difference),
        ),
    );
    if facts.resource.version.at_least(7, 1) {
        finding
            .mend("/system ntp client set enabled=yes")
            .mend("/system ntp client servers add address=pool.ntp.org")
    } else {
        finding.mend("/system ntp client set enabled=yes server-dns-names=pool.ntp.org")
    }
}

fn length(difference: TimeDelta) -> String {
    let (days, hours, minutes) = (
        difference.num_days(),
        difference.num_hours(),
        difference.num_minutes(),
    );
    match (days, hours) {
        (0, 0) => format!("{minutes} minutes"),
        (0, hours) => format!("{hours} hours"),
        (days, _) => format!("{days} days"),
    }
}

/// What the device mode forbids. Changing it needs somebody at the router.
pub fn device_mode(facts: &Facts, books: &Books) -> Vec<Finding> {
    let mode = match &facts.device_mode {
        Ok(mode) => mode,
        Err(error) if error.is_missing_menu() => {
            return vec![Finding::ok(DEVICE_MODE, "This version has none.")];
        }
        Err(error) => return vec![Finding::unread(DEVICE_MODE, error)],
    };
    let confirm = "Within five minutes press its button or switch its power off and on";
    let mut findings = Vec::new();
    if mode.flagged {
        findings.push(
            Finding::problem(
                DEVICE_MODE,
                format!(
                    "RouterOS has flagged this router: it found signs of an intruder and refuses to \
                     switch VPN servers on. Check its users, scripts and schedules first. {confirm}."
                ),
            )
            .mend("/system device-mode update flagged=no"),
        );
    }
    let forbidden: Vec<_> = needed_modes(books)
        .into_iter()
        .filter(|name| mode.forbidden.iter().any(|one| one == name))
        .collect();
    if !forbidden.is_empty() {
        let update: Vec<_> = forbidden.iter().map(|name| format!("{name}=yes")).collect();
        findings.push(
            Finding::problem(
                DEVICE_MODE,
                format!(
                    "The router's device mode ({}) forbids {}, which products offer. {confirm}.",
                    mode.mode,
                    forbidden.join(" and ")
                ),
            )
            .mend(format!("/system device-mode update {}", update.join(" "))),
        );
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            DEVICE_MODE,
            format!("The mode {} allows what products offer.", mode.mode),
        ));
    }
    findings
}

fn needed_modes(books: &Books) -> Vec<&'static str> {
    let mut needed = Vec::new();
    if books.offers(Protocol::L2tp) {
        needed.extend(["l2tp", "ipsec"]);
    }
    if books.offers(Protocol::Pptp) {
        needed.push("pptp");
    }
    needed
}

/// How many sessions the licence allows of each protocol, beside how many there may be (RouterOS
/// manual, "Licence").
pub fn license(facts: &Facts, books: &Books) -> Finding {
    let license = match &facts.license {
        Ok(license) => license,
        Err(error) => return Finding::unread(LICENSE, error),
    };
    if !license.chr_level.is_empty() {
        return chr_license(&license.chr_level);
    }
    let Some(level) = license.level else {
        return Finding::unknown(LICENSE, "The router does not say which licence it has.");
    };
    let cap = match level {
        0 => {
            return Finding::warning(
                LICENSE,
                "The router runs on the trial licence, which ends after 24 hours. Buy a licence.",
            );
        }
        1 => 1,
        2..=4 => 200,
        5 => 500,
        _ => {
            return Finding::ok(
                LICENSE,
                format!("Level {level}, which does not limit sessions."),
            );
        }
    };
    capped(facts, books, level, cap)
}

fn chr_license(level: &str) -> Finding {
    if level == "free" {
        return Finding::warning(
            LICENSE,
            "The free CHR licence limits every interface to 1 Mbit/s upload. Buy a licence P1 or larger.",
        );
    }
    Finding::ok(
        LICENSE,
        format!("CHR {level}, which does not limit sessions."),
    )
}

fn capped(facts: &Facts, books: &Books, level: u8, cap: usize) -> Finding {
    let limited = |service: &str| level < 5 || service != "ovpn";
    for protocol in ["l2tp", "pptp", "pppoe", "ovpn"] {
        let sessions = facts.sessions.as_deref().unwrap_or_default();
        let live = sessions
            .iter()
            .filter(|row| row.service == protocol)
            .count();
        if limited(protocol) && live >= cap {
            return Finding::problem(
                LICENSE,
                format!(
                    "{live} {protocol} sessions are live and licence level {level} allows {cap}: nobody \
                     else can connect. Buy a higher level, or move accounts to another server."
                ),
            );
        }
    }
    let accounts = books.accounts.len();
    let only_unlimited = !Protocol::ALL
        .into_iter()
        .any(|one| books.offers(one) && one != Protocol::Sstp && limited(service(one)));
    if accounts <= cap || (only_unlimited && !books.offers.is_empty()) {
        return Finding::ok(
            LICENSE,
            format!("Level {level}: {cap} sessions of each protocol, for {accounts} accounts."),
        );
    }
    Finding::warning(
        LICENSE,
        format!(
            "There are {accounts} accounts, and licence level {level} allows {cap} sessions of each \
             protocol at a time. Buy a higher level, or sell on another server."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_with_a_known_fault_are_named() {
        let bugs = |version: &str, rest| known_bad(&Version::parse(version), rest).len();
        for (version, rest, count) in [
            ("6.49.10", false, 0),
            ("7.16.2", false, 0),
            ("7.16.2", true, 1),
            ("7.17", true, 2),
            ("7.17.2", false, 1),
            ("7.18", false, 0),
            ("7.19 (stable)", false, 1),
            ("7.19.1", false, 0),
            ("7.20", true, 1),
            ("7.20.1", true, 0),
            ("7.24", true, 0),
        ] {
            assert_eq!(bugs(version, rest), count, "{version} {rest}");
        }
    }
}

//! The way in: our user's rights, the service it comes through, its encryption.

use super::console::quoted;
use super::facts::Facts;
use super::finding::Finding;
use crate::error::Error;
use crate::routeros::{Endpoint, TransportKind};

/// The check that fails when nothing else can be looked at.
pub const CONNECTION: &str = "Connection";
const RIGHTS: &str = "Rights";
const MENUS: &str = "Lists";
const ENCRYPTION: &str = "Encryption";
const CONNECTIONS: &str = "Connections";

/// Name of the group that is offered, here and in the script for a fresh router.
pub const GROUP: &str = "mikrotikvpn";

/// What the router's user must be allowed: the way in, and what we do there.
pub fn needed_policies(transport: TransportKind) -> [&'static str; 3] {
    let entry = match transport {
        TransportKind::Rest => "rest-api",
        TransportKind::Api => "api",
    };
    ["read", "write", entry]
}

/// Policies that do no harm beside the needed ones: the other transport, and reading the IPsec key.
const HARMLESS: [&str; 3] = ["api", "rest-api", "sensitive"];

/// The service spoken to, as `/ip service` names it.
pub fn service_name(endpoint: &Endpoint) -> &'static str {
    match (endpoint.transport, endpoint.tls.is_some()) {
        (TransportKind::Rest, true) => "www-ssl",
        (TransportKind::Rest, false) => "www",
        (TransportKind::Api, true) => "api-ssl",
        (TransportKind::Api, false) => "api",
    }
}

/// Which steps led to the router, and how long each took.
pub fn connection(facts: &Facts, endpoint: &Endpoint) -> Finding {
    let way = &facts.way;
    let steps = [
        ("DNS", way.resolve),
        ("TCP", Some(way.connect)),
        ("TLS", way.secure),
        ("login", Some(facts.login)),
    ];
    let times: Vec<_> = steps
        .into_iter()
        .filter_map(|(step, took)| Some(format!("{step} {} ms", took?.as_millis())))
        .collect();
    let says = format!("{} was reached: {}.", endpoint.name(), times.join(", "));
    Finding::ok(CONNECTION, says)
}

/// The policies of our user: all it needs, and no more.
pub fn rights(facts: &Facts, endpoint: &Endpoint) -> Finding {
    let user = endpoint.username.as_str();
    let group = match &facts.group {
        Ok(group) => group,
        Err(error) => return Finding::unread(RIGHTS, error),
    };
    let needed = needed_policies(endpoint.transport);
    let missing: Vec<_> = needed
        .into_iter()
        .filter(|policy| !group.policies.iter().any(|given| given == policy))
        .collect();
    if !missing.is_empty() {
        return Finding::problem(
            RIGHTS,
            format!(
                "The router user \"{user}\" lacks the policy {}.",
                missing.join(" and ")
            ),
        )
        .mend(format!(
            "/user group set {} policy={}",
            quoted(&group.name),
            needed.join(",")
        ));
    }
    let spare = |policy: &&String| {
        !needed.contains(&policy.as_str()) && !HARMLESS.contains(&policy.as_str())
    };
    let more: Vec<_> = group.policies.iter().filter(spare).cloned().collect();
    if more.is_empty() {
        return Finding::ok(
            RIGHTS,
            format!("The user \"{user}\" may do what is needed and no more."),
        );
    }
    // Whoever may compare the IPsec key now may do so afterwards.
    let sensitive = if group.policies.iter().any(|policy| policy == "sensitive") {
        ",sensitive"
    } else {
        ""
    };
    Finding::warning(
        RIGHTS,
        format!(
            "The router user \"{user}\" (group {}) may do more than is needed: {}. Whoever takes over \
             WHMCS could do it, too.",
            group.name,
            more.join(", ")
        ),
    )
    .mend(format!(
        "/user group add name={GROUP} policy={}{sensitive}",
        needed.join(",")
    ))
    .mend(format!("/user set {} group={GROUP}", quoted(user)))
}

/// A user may log in and still not be shown one of the menus we cannot do without.
pub fn lists(facts: &Facts) -> Vec<Finding> {
    let needed = [
        facts.secrets.as_ref().err(),
        facts.queues.as_ref().err(),
        facts.sessions.as_ref().err(),
        facts.interfaces.as_ref().err(),
    ];
    let findings: Vec<_> = needed.into_iter().flatten().map(unlisted).collect();
    if findings.is_empty() {
        return vec![Finding::ok(
            MENUS,
            "Secrets, queues, sessions and interfaces can be read.",
        )];
    }
    findings
}

fn unlisted(error: &Error) -> Finding {
    if error.is_refused() {
        Finding::problem(MENUS, error.to_string())
    } else {
        Finding::unread(MENUS, error)
    }
}

/// Passwords in clear.
pub fn encryption(endpoint: &Endpoint) -> Finding {
    if endpoint.tls.is_some() {
        return Finding::ok(
            ENCRYPTION,
            "TLS, and the router's certificate was verified.",
        );
    }
    let (plain, secure, port) = match endpoint.transport {
        TransportKind::Rest => ("www", "www-ssl", 443),
        TransportKind::Api => ("api", "api-ssl", 8729),
    };
    Finding::warning(
        ENCRYPTION,
        format!(
            "The service {plain} has no encryption: the router's password and the passwords of all \
             customers cross the network in clear. Give {secure} a certificate, then switch SSL on for \
             this server in WHMCS and set its port to {port}."
        ),
    )
    .mend("/certificate add name=mikrotikvpn common-name=mikrotikvpn days-valid=3650")
    .mend("/certificate sign mikrotikvpn")
    .mend(format!(
        "/ip service set {secure} certificate=mikrotikvpn disabled=no"
    ))
}

/// How many connections the service takes at one time (7.16 and later).
pub fn connections(facts: &Facts, endpoint: &Endpoint) -> Finding {
    /// A cron run, an order and two pages, each with two connections.
    const LEAST: u32 = 8;
    let name = service_name(endpoint);
    let services = match &facts.services {
        Ok(services) => services,
        Err(error) => return Finding::unread(CONNECTIONS, error),
    };
    let Some(service) = services.iter().find(|row| !row.dynamic && row.name == name) else {
        return Finding::unknown(
            CONNECTIONS,
            format!("/ip service does not list the service {name}."),
        );
    };
    let Some(most) = service.max_sessions else {
        return Finding::ok(
            CONNECTIONS,
            "This version does not limit the connections to a service.",
        );
    };
    let open = services
        .iter()
        .filter(|row| row.dynamic && row.name == name)
        .count();
    let says = format!("The service {name} takes {most} connections at a time");
    if most < LEAST || open * 10 >= most as usize * 8 {
        return Finding::warning(
            CONNECTIONS,
            format!(
                "{says} ({open} are open), too few for a cron run beside orders and pages: whoever comes \
                 next is turned away."
            ),
        )
        .mend(format!("/ip service set {name} max-sessions={}", most.max(LEAST) * 2));
    }
    Finding::ok(CONNECTIONS, format!("{says}."))
}

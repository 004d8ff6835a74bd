//! What products promise: PPP profiles, VPN servers, the IPsec key, certificates.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::books::{Books, Offer, offers, service};
use super::console::quoted;
use super::facts::Facts;
use super::finding::{Finding, Verdict};
use super::login::service_name;
use crate::account::bypass::{self, Bypass};
use crate::routeros::{Endpoint, ProfileRow, VpnServerRow};
use crate::settings::{MeterSource, Protocol};

const PROFILES: &str = "PPP profiles";
const SERVERS: &str = "VPN servers";
const IPSEC: &str = "IPsec key";
const CERTIFICATES: &str = "Certificates";

/// How long before its end a certificate is worth a warning.
const NOTICE: Duration = Duration::from_secs(30 * 86_400);

/// Settings of products, and the profiles they name.
pub fn profiles(facts: &Facts, books: &Books, meter: MeterSource) -> Vec<Finding> {
    let mut findings: Vec<_> = books
        .unsound_offers()
        .map(|(offer, error)| {
            let Offer { product, name, .. } = offer;
            let says = format!("The product {product} \"{name}\" cannot be sold: {error}");
            Finding::problem("Products", says)
        })
        .collect();
    let present = match &facts.profiles {
        Ok(profiles) => profiles,
        Err(error) => {
            findings.push(Finding::unread(PROFILES, error));
            return findings;
        }
    };
    let used = books.profiles();
    for (profile, product) in &used {
        if let Some(row) = present.iter().find(|row| row.name == *profile) {
            findings.extend(past_queues(row, product, meter));
        } else {
            let says = format!(
                "The product \"{product}\" uses the PPP profile \"{profile}\", which the router does not \
                 have. Add it, or choose another in the product's module settings."
            );
            findings.push(Finding::problem(PROFILES, says).mend(format!(
                "/ppp profile add name={} use-encryption=yes change-tcp-mss=yes{}",
                quoted(profile),
                books.wall(profile)
            )));
        }
    }
    for (profile, product) in books.cap_profiles() {
        let row = present.iter().find(|row| row.name == profile);
        findings.extend(row.and_then(|row| without_walls(row, product)));
    }
    if findings.is_empty() && !used.is_empty() {
        findings.push(Finding::ok(
            PROFILES,
            "The router has every profile that products use.",
        ));
    }
    findings
}

/// What in a profile carries traffic past queues. Where sessions are billed, it is counted all the same.
fn past_queues(row: &ProfileRow, product: &str, meter: MeterSource) -> Vec<Finding> {
    let verdict = match meter {
        MeterSource::Queue => Finding::problem,
        MeterSource::Session => Finding::warning,
    };
    let finding = |Bypass { says, command }| {
        let says = format!(
            "The PPP profile \"{}\" of the product \"{product}\": {says}.",
            row.name
        );
        verdict(PROFILES, says).mend(command)
    };
    bypass::of_profile(row).into_iter().map(finding).collect()
}

/// A capped account keeps its address, for the secret's own wins over the profile's, and its queue: only
/// what the firewall does with the profile's customers holds them back.
fn without_walls(row: &ProfileRow, product: &str) -> Option<Finding> {
    if !bypass::holds_nobody_back(row) {
        return None;
    }
    let name = &row.name;
    let pool = match row.remote_address.as_str() {
        "" => String::new(),
        pool => format!(
            " Its remote-address ({pool}) has no effect: the address in the account's secret wins."
        ),
    };
    let says = format!(
        "The product \"{product}\" caps with the PPP profile \"{name}\", which changes nothing for a customer: \
         he keeps his address and his speed.{pool} Give the profile an address-list and the firewall a rule \
         for it, or give the profile an incoming-filter."
    );
    let list = quoted(name);
    Some(Finding::problem(PROFILES, says).mend(format!(
        "/ppp profile set [find name={list}] address-list={list}"
    )))
}

/// The servers of the protocols that products offer.
pub fn servers(facts: &Facts) -> Vec<Finding> {
    facts
        .vpn_servers
        .iter()
        .flat_map(|(protocol, servers)| match servers {
            Ok(servers) => server(facts, *protocol, servers),
            Err(error) => vec![Finding::unread(SERVERS, error)],
        })
        .collect()
}

fn server(facts: &Facts, protocol: Protocol, servers: &[VpnServerRow]) -> Vec<Finding> {
    let label = protocol.label();
    let running: Vec<_> = servers.iter().filter(|row| row.enabled).collect();
    if running.is_empty() {
        let says = format!("Products offer {label}, and the router's server for it is off.");
        return vec![Finding::problem(SERVERS, says).mend(switch_on(facts, protocol, servers))];
    }
    let mut findings = Vec::new();
    if protocol == Protocol::L2tp && running.iter().any(|row| row.fast_path) {
        let says =
            "The L2TP server allows fast path, which takes traffic past queues and counters.";
        findings.push(
            Finding::warning(SERVERS, says)
                .mend("/interface l2tp-server server set allow-fast-path=no"),
        );
    }
    findings.extend(without_certificate(facts, protocol, &running));
    findings.extend(shared_port(facts, protocol, &running));
    if findings.is_empty() {
        findings.push(Finding::ok(SERVERS, format!("{label} is on.")));
    }
    findings
}

fn switch_on(facts: &Facts, protocol: Protocol, servers: &[VpnServerRow]) -> String {
    let menu = format!("/interface {}-server server", service(protocol));
    match protocol {
        Protocol::L2tp => {
            format!("{menu} set enabled=yes use-ipsec=required ipsec-secret=<pre-shared key>")
        }
        Protocol::Pptp => format!("{menu} set enabled=yes"),
        Protocol::Sstp => format!("{menu} set enabled=yes certificate=<certificate>"),
        Protocol::OpenVpn if !facts.resource.version.at_least(7, 17) => {
            format!("{menu} set enabled=yes certificate=<certificate>")
        }
        Protocol::OpenVpn if servers.is_empty() => {
            format!("{menu} add name=ovpn disabled=no certificate=<certificate>")
        }
        Protocol::OpenVpn => format!("{menu} set [find] disabled=no"),
    }
}

/// OpenVPN does not work without a certificate, and SSTP only with other RouterOS devices.
fn without_certificate(
    facts: &Facts,
    protocol: Protocol,
    running: &[&VpnServerRow],
) -> Option<Finding> {
    let lacks = |row: &&VpnServerRow| matches!(row.certificate.as_str(), "" | "none");
    let verdict = match protocol {
        Protocol::OpenVpn => Finding::problem,
        Protocol::Sstp => Finding::warning,
        Protocol::L2tp | Protocol::Pptp => return None,
    };
    if !running.iter().all(lacks) {
        return None;
    }
    let label = protocol.label();
    let items = if protocol == Protocol::OpenVpn && facts.resource.version.at_least(7, 17) {
        "[find] "
    } else {
        ""
    };
    let says = format!("The {label} server has no certificate: clients of customers refuse it.");
    Some(verdict(SERVERS, says).mend(format!(
        "/interface {}-server server set {items}certificate=<certificate>",
        service(protocol)
    )))
}

/// Two services on one port: one of them does not run.
fn shared_port(facts: &Facts, protocol: Protocol, running: &[&VpnServerRow]) -> Option<Finding> {
    if protocol != Protocol::Sstp {
        return None;
    }
    let services = facts.services.as_ref().ok()?;
    let port = running.iter().find_map(|row| row.port)?;
    let other = services
        .iter()
        .find(|row| !row.disabled && !row.dynamic && row.port == Some(port))?;
    Some(
        Finding::warning(
            SERVERS,
            format!(
                "The SSTP server and the service {} are both on port {port}: only one of them can run. \
                 Move one, and tell WHMCS or the customers the new port.",
                other.name
            ),
        )
        .mend("/interface sstp-server server set port=4443"),
    )
}

/// The pre-shared key of L2TP beside that of each product. Neither is ever shown.
pub fn ipsec(facts: &Facts, books: &Books) -> Vec<Finding> {
    let l2tp = facts
        .vpn_servers
        .iter()
        .find(|(protocol, _)| *protocol == Protocol::L2tp)
        .and_then(|(_, servers)| servers.as_ref().ok()?.first());
    let Some(server) = l2tp.filter(|server| server.enabled) else {
        return Vec::new();
    };
    let mut findings: Vec<_> = books
        .sound_offers()
        .filter(|(_, settings)| offers(settings, Protocol::L2tp))
        .map(|(product, settings)| {
            let given = !settings.l2tp_psk.is_empty();
            if matches!(server.use_ipsec.as_str(), "" | "no") {
                return without_ipsec(product, given);
            }
            match &server.ipsec_secret {
                None => Finding::unknown(
                    IPSEC,
                    "The router does not show its key to this user (that takes the policy sensitive), so \
                     it could not be compared with the products'.",
                ),
                Some(key) if *key == settings.l2tp_psk => {
                    Finding::ok(IPSEC, "It is the same on the router and in the products.")
                }
                Some(_) => Finding::problem(
                    IPSEC,
                    format!(
                        "The L2TP IPsec pre-shared key of the product \"{product}\" is not the one of the \
                         router's L2TP server: its customers cannot connect. Enter the same key in both."
                    ),
                )
                .mend("/interface l2tp-server server set ipsec-secret=<pre-shared key>"),
            }
        })
        .collect();
    // One line says it for all products that are alike.
    findings.dedup();
    findings
}

fn without_ipsec(product: &str, given: bool) -> Finding {
    let (verdict, says) = if given {
        (
            Verdict::Problem,
            format!(
                "The product \"{product}\" gives its customers an IPsec key, and the router's L2TP server \
                 does not use IPsec."
            ),
        )
    } else {
        (
            Verdict::Warning,
            "The router's L2TP server does not use IPsec: what customers send is not encrypted. Use it, \
             and enter its key in the products."
                .to_owned(),
        )
    };
    let finding = match verdict {
        Verdict::Problem => Finding::problem(IPSEC, says),
        _ => Finding::warning(IPSEC, says),
    };
    finding
        .mend("/interface l2tp-server server set use-ipsec=required ipsec-secret=<pre-shared key>")
}

/// The certificate the router showed us; a pin believes one that has expired, too.
pub fn shown_certificate(facts: &Facts, now: DateTime<Utc>) -> Option<Finding> {
    let certificate = facts.way.certificate.as_ref()?;
    let Some(remark) = certificate.validity_remark(now) else {
        let until = certificate.not_after.date_naive();
        let says = format!("The one shown to us is valid until {until}.");
        return Some(Finding::ok(CERTIFICATES, says));
    };
    Some(Finding::warning(CERTIFICATES, remark))
}

/// The certificates of the servers that customers use, and of our own service.
pub fn certificates(facts: &Facts, endpoint: &Endpoint) -> Vec<Finding> {
    let used = used_certificates(facts, endpoint);
    if used.is_empty() {
        return Vec::new();
    }
    let present = match &facts.certificates {
        Ok(certificates) => certificates,
        Err(error) => return vec![Finding::unread(CERTIFICATES, error)],
    };
    let mut findings = Vec::new();
    for name in &used {
        let Some(row) = present.iter().find(|row| row.name == *name) else {
            continue;
        };
        let what = if row.revoked {
            "was revoked".to_owned()
        } else if row.expired {
            "has expired".to_owned()
        } else if let Some(left) = row.expires_after.filter(|left| *left < NOTICE) {
            format!("expires in {} days", left.as_secs() / 86_400)
        } else {
            continue;
        };
        let says = format!(
            "The router's certificate \"{name}\" {what}. Make a new one and give it to what uses the old; \
             where WHMCS pins it, change the line tls-pin in the server's Access Hash with it."
        );
        let finding = if row.revoked || row.expired {
            Finding::problem(CERTIFICATES, says)
        } else {
            Finding::warning(CERTIFICATES, says)
        };
        let new = quoted(&format!("{name}-new"));
        findings.push(
            finding
                .mend(format!(
                    "/certificate add copy-from={} name={new} days-valid=3650",
                    quoted(name)
                ))
                .mend(format!("/certificate sign {new}")),
        );
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            CERTIFICATES,
            format!("Valid: {}.", used.join(", ")),
        ));
    }
    findings
}

fn used_certificates(facts: &Facts, endpoint: &Endpoint) -> Vec<String> {
    let own =
        facts.services.iter().flatten().filter(|row| {
            endpoint.tls.is_some() && !row.dynamic && row.name == service_name(endpoint)
        });
    let servers = facts
        .vpn_servers
        .iter()
        .flat_map(|(_, servers)| servers.iter().flatten())
        .filter(|row| row.enabled);
    let mut names: Vec<_> = own
        .map(|row| row.certificate.clone())
        .chain(servers.map(|row| row.certificate.clone()))
        .filter(|name| !matches!(name.as_str(), "" | "none"))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

//! Addresses of customers that somebody else hands out.

use std::net::Ipv4Addr;

use super::books::{Books, Expected};
use super::console::quoted;
use super::facts::Facts;
use super::finding::Finding;
use super::ranges::Addresses;
use crate::account::bypass::{self, Bypass};
use crate::account::tag;
use crate::routeros::SecretRow;
use crate::settings::MeterSource;

const ADDRESSES: &str = "Addresses";
const SECRETS: &str = "Secrets";

/// The addresses WHMCS gives out must be in no pool of the router.
pub fn pools(facts: &Facts, books: &Books) -> Vec<Finding> {
    let Some(assigned) = &books.pool else {
        return Vec::new();
    };
    if let Err(error) = assigned {
        return vec![Finding::problem(ADDRESSES, error.to_string())];
    }
    let ours = books.addresses();
    let pools = match &facts.pools {
        Ok(pools) => pools,
        Err(error) => return vec![Finding::unread(ADDRESSES, error)],
    };
    let mut findings = Vec::new();
    for pool in pools {
        let Some(ranges) = Addresses::parse(&pool.ranges) else {
            let says = format!(
                "The ranges of the pool \"{}\" could not be read.",
                pool.name
            );
            findings.push(Finding::unknown(ADDRESSES, says));
            continue;
        };
        let shared = ranges.common(&ours);
        if shared.is_empty() {
            continue;
        }
        let says = format!(
            "The router's pool \"{}\" holds addresses that WHMCS gives to customers ({}): two may get the \
             same one.",
            pool.name,
            shortened(&shared.words())
        );
        let left = ranges.without(&ours);
        let item = format!("[find name={}]", quoted(&pool.name));
        let command = if left.is_empty() {
            format!("/ip pool remove {item}")
        } else {
            format!("/ip pool set {item} ranges={}", left.words().join(","))
        };
        findings.push(Finding::problem(ADDRESSES, says).mend(command));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            ADDRESSES,
            "No pool of the router holds an address of customers.",
        ));
    }
    findings
}

/// Secrets of others with an address of ours, accounts without their secret, and secrets that are not as
/// on record or lead traffic past their queue.
pub fn secrets(facts: &Facts, books: &Books, meter: MeterSource) -> Vec<Finding> {
    if books.pool.is_none() {
        return Vec::new();
    }
    let secrets = match &facts.secrets {
        Ok(secrets) => secrets,
        Err(error) => return vec![Finding::unread(SECRETS, error)],
    };
    let index = books.by_service();
    let owner = |comment: &str, name: &str| {
        tag::service_of(comment)
            .and_then(|service| index.get(&service))
            .filter(|account| books.owns(account, comment, name))
    };
    let ours = books.addresses();
    let mut findings = Vec::new();
    let mut served = std::collections::HashSet::new();
    let mut foreign = Vec::new();
    for secret in secrets {
        if let Some(account) = owner(&secret.comment, &secret.name) {
            served.insert(account.service);
            findings.extend(changed(account, secret));
            if meter == MeterSource::Queue {
                findings.extend(
                    bypass::of_secret(secret)
                        .into_iter()
                        .map(|way| past_queue(account, secret, way)),
                );
            }
            continue;
        }
        if let Some(address) = secret.remote_address.filter(|one| ours.contains(*one)) {
            foreign.push((secret, address));
        }
    }
    let (elsewhere, foreign): (Vec<_>, Vec<_>) = foreign.into_iter().partition(|(secret, _)| {
        tag::installation_of(&secret.comment).is_some_and(|id| Some(id) != books.installation)
    });
    if !elsewhere.is_empty() {
        // They may be customers of a live WHMCS, of which this one is a copy: no command of ours touches them.
        findings.push(Finding::problem(
            SECRETS,
            format!(
                "PPP secrets of another WHMCS have addresses this one gives to customers: {}. Change nothing of \
                 theirs; take their addresses out of the server's Assigned IP Addresses here.",
                shortened(&named(&elsewhere))
            ),
        ));
    }
    if !foreign.is_empty() {
        let mut finding = Finding::problem(
            SECRETS,
            format!(
                "PPP secrets that are not this WHMCS's have addresses it gives to customers: {}. Their \
                 traffic would be billed to others. Give them addresses of their own, or take theirs out \
                 of the server's Assigned IP Addresses.",
                shortened(&named(&foreign))
            ),
        );
        for (secret, _) in foreign.iter().take(MOST) {
            finding = finding.mend(format!(
                "/ppp secret set [find name={}] remote-address=<another address>",
                quoted(&secret.name)
            ));
        }
        findings.push(finding);
    }
    let lost: Vec<_> = books
        .accounts
        .iter()
        .filter(|account| !served.contains(&account.service))
        .map(|account| format!("{} (service {})", account.username, account.service))
        .collect();
    if !lost.is_empty() {
        findings.push(Finding::problem(
            SECRETS,
            format!(
                "The router has no PPP secret for {}. Run Create or Change Package for these services in \
                 WHMCS.",
                shortened(&lost)
            ),
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            SECRETS,
            format!(
                "Every one of {} accounts has its secret, and nobody else has an address of theirs.",
                books.accounts.len()
            ),
        ));
    }
    findings
}

fn named(secrets: &[(&SecretRow, Ipv4Addr)]) -> Vec<String> {
    secrets
        .iter()
        .map(|(secret, address)| format!("{} ({address})", secret.name))
        .collect()
}

/// What somebody changed by hand: the queue is at the address on record, the customer has the name on record.
fn changed(account: &Expected, secret: &SecretRow) -> Option<Finding> {
    let Expected {
        service,
        username,
        address,
        ..
    } = account;
    let find = |rest: String| {
        format!(
            "/ppp secret set [find name={}] {rest}",
            quoted(&secret.name)
        )
    };
    if secret.name != *username {
        let says = format!(
            "The PPP secret of service {service} is called {} instead of {username}.",
            secret.name
        );
        let rename = find(format!("name={}", quoted(username)));
        return Some(Finding::problem(SECRETS, says).mend(rename));
    }
    let ours = (*address)?;
    if secret.remote_address == Some(ours) {
        return None;
    }
    let has = match secret.remote_address {
        Some(address) => format!("the address {address}"),
        None => "no fixed address".to_owned(),
    };
    let says = format!(
        "The PPP secret {username} (service {service}) has {has} instead of {ours}, where its queue limits and \
         counts."
    );
    Some(Finding::problem(SECRETS, says).mend(find(format!("remote-address={ours}"))))
}

fn past_queue(account: &Expected, secret: &SecretRow, way: Bypass) -> Finding {
    let Bypass { says, command } = way;
    let says = format!(
        "The PPP secret {} (service {}): {says}.",
        secret.name, account.service
    );
    Finding::problem(SECRETS, says).mend(command)
}

/// How many objects one finding names.
pub const MOST: usize = 5;

/// The first of them, and how many more there are.
pub fn shortened(names: &[String]) -> String {
    let first = names
        .iter()
        .take(MOST)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(MOST) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

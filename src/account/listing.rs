//! The accounts of a router for WHMCS's Server Sync tool: what carries our tag, in one request.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::tag::{self, Record};
use crate::error::Result;
use crate::host::Host;
use crate::installation::{Installation, InstallationId};
use crate::params::Params;
use crate::routeros::{Deadline, Exchange, Query, SecretRow};
use crate::settings::{ProductSettings, ServerSettings};
use crate::store::sync::{self, KnownAccount};

/// WHMCS's names of the two states an account may have.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// `WHMCS\Service\Status::ACTIVE`.
    pub active: &'a str,
    /// `WHMCS\Service\Status::SUSPENDED`.
    pub suspended: &'a str,
}

/// Every account of ours on `server`, in the order of the router. One that our books do not know, but
/// which carries a tag of one of our products, is listed too: to find those is what the tool is for.
pub fn accounts(
    host: &dyn Host,
    server: &ServerSettings,
    words: Words<'_>,
    log: &mut Vec<Exchange>,
) -> Result<Vec<Value>> {
    let installation = Installation::load(host)?;
    let known = sync::known(host, server.id)?;
    let prefixes = prefixes(host)?;
    let router = server.router(Deadline::after(server.collection_timeout))?;
    let secrets = router.secrets(&Query::all());
    log.extend(router.transcript());
    let books = Books {
        known: known
            .iter()
            .map(|account| (account.service, account))
            .collect(),
        prefixes,
        installation: installation.id,
        now: host.now(),
        zone: host.time_zone(),
    };
    Ok(secrets?
        .iter()
        .filter_map(|secret| books.account(secret, words))
        .collect())
}

/// As the settings read them. A prefix that cannot be used is on no router.
fn prefixes(host: &dyn Host) -> Result<HashSet<String>> {
    let stored = sync::prefixes(host)?;
    let read = stored.iter().filter_map(|prefix| {
        let mut params = Params::new();
        params.set("configoption1", prefix);
        Some(ProductSettings::parse(&params).ok()?.comment_prefix)
    });
    Ok(read.collect())
}

struct Books<'a> {
    known: HashMap<i64, &'a KnownAccount>,
    prefixes: HashSet<String>,
    installation: InstallationId,
    now: DateTime<Utc>,
    zone: Tz,
}

impl Books<'_> {
    fn account(&self, secret: &SecretRow, words: Words<'_>) -> Option<Value> {
        let service = tag::service_of(&secret.comment)?;
        let known = self.known.get(&service).copied();
        if !self.is_ours(known, secret) && !self.is_of_a_product(&secret.comment) {
            return None;
        }
        let none = KnownAccount::default();
        let account = known.unwrap_or(&none);
        let suspended = secret.disabled && !account.is_disabled_by_its_cap();
        Some(json!({
            "email": account.email,
            "username": secret.name,
            "domain": account.domain,
            "uniqueIdentifier": secret.name,
            // A cap may have put the account into another profile for a while.
            "product": account.profile.as_deref().unwrap_or(&secret.profile),
            "primaryip": secret.remote_address.map(|address| address.to_string()).unwrap_or_default(),
            "created": self.created(account),
            "status": if suspended { words.suspended } else { words.active },
        }))
    }

    fn is_ours(&self, known: Option<&KnownAccount>, secret: &SecretRow) -> bool {
        known.is_some_and(|known| {
            let record = Record {
                service: known.service,
                tag: &known.tag,
                username: &known.username,
                address: None,
            };
            record.owns(self.installation, &secret.comment, &secret.name)
        })
    }

    /// On no record of ours, but under the prefix of one of our products and not another installation's.
    fn is_of_a_product(&self, comment: &str) -> bool {
        let ours = tag::installation_of(comment).is_none_or(|id| id == self.installation);
        ours && tag::prefix_of(comment).is_some_and(|prefix| self.prefixes.contains(prefix))
    }

    /// In WHMCS's time zone. A secret does not tell its age: what is on no record is as if made now.
    fn created(&self, account: &KnownAccount) -> String {
        const FORMAT: &str = "%Y-%m-%d %H:%M:%S";
        let local = |at: DateTime<Utc>| at.with_timezone(&self.zone).format(FORMAT).to_string();
        let registered = || account.registered.map(|day| format!("{day} 00:00:00"));
        let made = account.provisioned_at.map(local);
        made.or_else(registered).unwrap_or_else(|| local(self.now))
    }
}

impl KnownAccount {
    /// WHMCS's own status stays Active while the traffic is used up, and only an admin's or the cron's
    /// suspension makes it Suspended.
    fn is_disabled_by_its_cap(&self) -> bool {
        self.capped && self.status != "Suspended"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Words<'_> = Words {
        active: "A",
        suspended: "S",
    };

    fn known() -> KnownAccount {
        KnownAccount {
            service: 7,
            username: "ann".to_owned(),
            tag: "isp whmcs:7@k3f9a2".to_owned(),
            profile: Some("gold".to_owned()),
            status: "Active".to_owned(),
            provisioned_at: DateTime::from_timestamp(1_800_000_000, 0),
            email: "ann@example.test".to_owned(),
            ..KnownAccount::default()
        }
    }

    fn secret(comment: &str, disabled: bool) -> SecretRow {
        SecretRow {
            name: "ann".to_owned(),
            profile: "walled".to_owned(),
            comment: comment.to_owned(),
            remote_address: "10.0.0.9".parse().ok(),
            disabled,
            ..SecretRow::default()
        }
    }

    fn listed(known: &KnownAccount, secret: &SecretRow) -> Option<Value> {
        let books = Books {
            known: HashMap::from([(known.service, known)]),
            prefixes: HashSet::from(["mikrotikvpn".to_owned()]),
            installation: InstallationId::parse("k3f9a2").unwrap(),
            now: DateTime::from_timestamp(1_900_000_000, 0).unwrap(),
            zone: Tz::UTC,
        };
        books.account(secret, WORDS)
    }

    #[test]
    fn an_account_of_ours_is_described_by_router_and_books() {
        let row = listed(&known(), &secret("isp whmcs:7@k3f9a2 VIP", false)).unwrap();
        assert_eq!(
            row,
            json!({
                "email": "ann@example.test", "username": "ann", "domain": "", "uniqueIdentifier": "ann",
                "product": "gold", "primaryip": "10.0.0.9", "created": "2027-01-15 08:00:00", "status": "A",
            })
        );
    }

    #[test]
    fn only_a_suspension_is_one() {
        let status = |known: &KnownAccount, disabled| {
            let row = listed(known, &secret("isp whmcs:7@k3f9a2", disabled)).unwrap();
            row["status"].as_str().unwrap().to_owned()
        };
        let mut account = known();
        assert_eq!(status(&account, true), "S", "an admin disabled it");
        account.capped = true;
        assert_eq!(status(&account, true), "A", "the cap did");
        account.status = "Suspended".to_owned();
        assert_eq!(status(&account, true), "S");
        assert_eq!(status(&account, false), "A");
    }

    #[test]
    fn what_carries_another_tag_is_not_ours() {
        for comment in [
            "",
            "isp whmcs:70@k3f9a2",
            "isp whmcs:7",
            "isp whmcs:7@zzzzzz",
            "mikrotikvpn whmcs:9@zzzzzz",
            "whmcs:7",
            "my mikrotikvpn whmcs:9",
        ] {
            assert_eq!(listed(&known(), &secret(comment, false)), None, "{comment}");
        }
        let orphan = listed(&known(), &secret("mikrotikvpn whmcs:9", true)).unwrap();
        assert_eq!(orphan["status"], "S");
        assert_eq!(orphan["email"], "");
        assert_eq!(orphan["product"], "walled");
        assert_eq!(orphan["created"], "2030-03-17 17:46:40");
    }
}

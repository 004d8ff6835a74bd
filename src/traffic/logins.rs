//! What somebody changed by hand about an account's login, as a collection sees it. Pure.
//!
//! | rule | what is seen | why it matters |
//! |---|---|---|
//! | missing | no secret with the account's comment | the customer cannot log in, or does so uncounted |
//! | renamed | a secret with another name than on record | the customer's credentials are wrong |
//! | moved | a secret with another address than on record | the queue is at the old one: nothing is counted |
//! | locked | every secret is disabled | remarked where neither WHMCS nor a cap wants that |

use crate::routeros::ListedSecret;
use crate::store::accounts::Account;

/// An account's login beside our record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Login {
    /// What is wrong, to be read after "Service 7 ".
    pub(super) remarks: Vec<String>,
    /// There are secrets, and all of them are disabled.
    pub(super) locked: bool,
}

/// What the admin reads of an account that should not be locked.
pub(super) const LOCKED: &str = "is Active, but its PPP secret was disabled on the router; run Unsuspend to enable it, or Suspend if that is meant";

/// Applies the rules above; `own` are the secrets with the account's comment. An account whose Create has
/// not come to its end may lack anything.
pub(super) fn judge(account: &Account, own: &[ListedSecret<'_>]) -> Login {
    if !account.provisioned {
        return Login::default();
    }
    if own.is_empty() {
        return Login {
            remarks: vec![missing(account)],
            locked: false,
        };
    }
    let wrong = own.iter().flat_map(|secret| {
        [renamed(account, secret), moved(account, secret)]
            .into_iter()
            .flatten()
    });
    Login {
        remarks: wrong.collect(),
        locked: own.iter().all(|secret| secret.disabled),
    }
}

fn missing(account: &Account) -> String {
    format!(
        "has no PPP secret with the comment \"{}\" on the router; run Create, which makes \"{}\" again",
        account.tag, account.username
    )
}

fn renamed(account: &Account, secret: &ListedSecret<'_>) -> Option<String> {
    (secret.name != account.username).then(|| {
        format!(
            "logs in as \"{}\", but its PPP secret is called \"{}\" on the router; run Change Package, which renames it back",
            account.username,
            secret.name.escape_debug()
        )
    })
}

fn moved(account: &Account, secret: &ListedSecret<'_>) -> Option<String> {
    let ours = account.address?;
    if secret.address == Some(ours) {
        return None;
    }
    let name = secret.name.escape_debug();
    let has = match secret.address {
        Some(address) => format!("the address {address}"),
        None => "no fixed address".to_owned(),
    };
    Some(format!(
        "has {has} in its PPP secret \"{name}\" instead of {ours}, where its queue limits and counts; run Change Package, which sets it back"
    ))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::store::accounts::Seen;
    use crate::units::Traffic;

    const OURS: Ipv4Addr = Ipv4Addr::new(10, 8, 0, 2);

    fn account() -> Account {
        Account {
            service: 7,
            server: 1,
            username: "vpn7".to_owned(),
            address: Some(OURS),
            tag: "vpn whmcs:7".to_owned(),
            revision: 1,
            baseline: None,
            reset_pending: 0,
            period: Traffic::ZERO,
            quota: None,
            balance: None,
            provisioned: true,
            sessions: None,
            seen: Seen::default(),
            cap: String::new(),
            cap_seen: String::new(),
            suspect: None,
            ahead: Traffic::ZERO,
        }
    }

    fn secret() -> ListedSecret<'static> {
        ListedSecret {
            id: "*1",
            name: "vpn7",
            profile: "default",
            comment: "vpn whmcs:7",
            address: Some(OURS),
            disabled: false,
        }
    }

    fn remark(change: impl FnOnce(&mut ListedSecret<'static>)) -> String {
        let mut secret = secret();
        change(&mut secret);
        let login = judge(&account(), &[secret]);
        assert_eq!(login.remarks.len(), 1, "{login:?}");
        login.remarks.into_iter().next().unwrap()
    }

    #[test]
    fn a_login_as_on_record_is_no_remark() {
        assert_eq!(judge(&account(), &[secret()]), Login::default());
    }

    #[test]
    fn another_address_in_the_secret_is_told_with_both_addresses() {
        let text = remark(|secret| secret.address = Some(Ipv4Addr::new(10, 8, 0, 9)));
        assert!(
            text.contains("\"vpn7\"") && text.contains("10.8.0.9"),
            "{text}"
        );
        assert!(text.contains("10.8.0.2"), "{text}");
        let text = remark(|secret| secret.address = None);
        assert!(text.contains("no fixed address"), "{text}");
    }

    #[test]
    fn a_renamed_secret_is_told_with_both_names() {
        let text = remark(|secret| secret.name = "guest");
        assert!(
            text.contains("\"vpn7\"") && text.contains("\"guest\""),
            "{text}"
        );
    }

    #[test]
    fn a_deleted_secret_is_told_where_create_has_come_to_its_end() {
        let mut account = account();
        let login = judge(&account, &[]);
        assert!(login.remarks[0].contains("no PPP secret"), "{login:?}");
        account.provisioned = false;
        assert_eq!(judge(&account, &[]), Login::default());
    }

    #[test]
    fn only_an_account_with_no_enabled_secret_is_locked() {
        let mut locked = secret();
        locked.disabled = true;
        assert!(judge(&account(), &[locked]).locked);
        assert!(!judge(&account(), &[locked, secret()]).locked);
    }
}

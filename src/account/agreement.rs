//! Where WHMCS and our record name different things: commands that sell refuse, and the service's page tells.
//!
//! | named by WHMCS | differs when |
//! |---|---|
//! | server | there is an account, and it is on another one |
//! | username | Create has come to its end, and WHMCS names another one |
//! | Dedicated IP | the account has an address, and something else is entered |
//!
//! An empty field names nothing: Create fills it in again.

use crate::error::{Error, Result};
use crate::host::Host;
use crate::store::accounts::Account;
use crate::store::servers;

/// What WHMCS names for a service.
#[derive(Debug, Clone, Copy)]
pub struct InWhmcs<'a> {
    /// `tblservers.id`; 0 is none.
    pub server: i64,
    /// Username.
    pub username: &'a str,
    /// `dedicatedip`, as typed.
    pub address: &'a str,
}

/// The differences, each with both values and what to do.
pub fn differences(host: &dyn Host, account: &Account, whmcs: &InWhmcs<'_>) -> Result<Vec<Error>> {
    let mut found = Vec::new();
    if account.server != whmcs.server {
        let label = |id| Ok::<_, Error>(label(id, servers::name(host, id)?.as_deref()));
        found.push(of_server(&label(account.server)?, &label(whmcs.server)?));
    }
    found.extend(of_username(account, whmcs.username.trim()));
    found.extend(of_address(account, whmcs.address.trim()));
    Ok(found)
}

fn label(id: i64, name: Option<&str>) -> String {
    match (id, name) {
        (0, _) => "no server".to_owned(),
        (id, Some(name)) => format!("server {id} \"{name}\""),
        (id, None) => format!("server {id}, which is deleted"),
    }
}

fn of_server(ours: &str, theirs: &str) -> Error {
    Error::misuse(
        format!("The service's account is on {ours}, but WHMCS names {theirs}"),
        format!(
            "Choose {ours} on the service's page again; or run Terminate, which removes the account where it is, and then Create"
        ),
    )
}

fn of_username(account: &Account, theirs: &str) -> Option<Error> {
    let ours = &account.username;
    let differs = account.provisioned && !theirs.is_empty() && theirs != ours;
    differs.then(|| {
        Error::misuse(
            format!(
                "The service's account on the router has the username \"{ours}\", but WHMCS names \"{}\"",
                theirs.escape_debug()
            ),
            format!(
                "Enter {ours} on the service's page again; or run Terminate and then Create, which makes an account with the new one"
            ),
        )
    })
}

fn of_address(account: &Account, theirs: &str) -> Option<Error> {
    let ours = account.address?;
    let differs = !theirs.is_empty() && theirs.parse() != Ok(ours);
    differs.then(|| {
        Error::misuse(
            format!(
                "The service's account has the address {ours}, but its Dedicated IP in WHMCS is \"{}\"",
                theirs.escape_debug()
            ),
            format!(
                "Enter {ours} on the service's page again; or run Terminate and then Create, which makes an account with the new one"
            ),
        )
    })
}

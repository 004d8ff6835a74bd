//! Accounts that WHMCS should no longer have: the service was deleted, or its status says that it ended,
//! without Terminate.

use std::collections::HashMap;

use super::books::Books;
use super::console::quoted;
use super::facts::Facts;
use super::finding::Finding;
use crate::account::tag::{self, Record};
use crate::installation::InstallationId;
use crate::store::accounts::Lost;

const LOST: &str = "Ended services";

/// What the router still has of one of them.
#[derive(Debug)]
pub struct Left<'a> {
    /// The account by our records.
    pub lost: &'a Lost,
    /// Its secrets: name, and whether logins are allowed.
    secrets: Vec<(String, bool)>,
    /// Its queues.
    queues: Vec<String>,
}

/// What `secrets` (comment, name, whether logins are allowed) and `queues` (comment, name) hold of `lost`.
pub fn left<'a, 'b>(
    lost: &'a [Lost],
    installation: InstallationId,
    secrets: impl Iterator<Item = (&'b str, &'b str, bool)>,
    queues: impl Iterator<Item = (&'b str, &'b str)>,
) -> Vec<Left<'a>> {
    let mut left: HashMap<i64, Left<'a>> = lost
        .iter()
        .map(|lost| (lost.service(), Left::nothing(lost)))
        .collect();
    if !left.is_empty() {
        for (comment, name, enabled) in secrets {
            if let Some(left) = owner(&mut left, installation, comment, name) {
                left.secrets.push((name.to_owned(), enabled));
            }
        }
        for (comment, name) in queues {
            if let Some(left) = owner(&mut left, installation, comment, name) {
                left.queues.push(name.to_owned());
            }
        }
    }
    let mut left: Vec<_> = left.into_values().collect();
    left.sort_unstable_by_key(|left| left.lost.service());
    left
}

fn owner<'a, 'l>(
    left: &'l mut HashMap<i64, Left<'a>>,
    installation: InstallationId,
    comment: &str,
    name: &str,
) -> Option<&'l mut Left<'a>> {
    let left = left.get_mut(&tag::service_of(comment)?)?;
    let account = &left.lost.account;
    let record = Record {
        service: account.service,
        tag: &account.tag,
        username: &account.username,
        address: account.address,
    };
    record.owns(installation, comment, name).then_some(left)
}

impl<'a> Left<'a> {
    fn nothing(lost: &'a Lost) -> Self {
        Self {
            lost,
            secrets: Vec::new(),
            queues: Vec::new(),
        }
    }

    /// Whether the router has nothing of it.
    pub fn is_nothing(&self) -> bool {
        self.secrets.is_empty() && self.queues.is_empty()
    }

    fn is_enabled(&self) -> bool {
        self.secrets.iter().any(|(_, enabled)| *enabled)
    }

    /// What is wrong, without a full stop.
    pub fn sentence(&self) -> String {
        let (service, name) = (self.lost.service(), &self.lost.account.username);
        let state = if self.is_enabled() {
            format!("its login \"{name}\" is enabled on the router")
        } else {
            format!("its account \"{name}\" is still on the router, with its login disabled")
        };
        match &self.lost.status {
            None => format!("Service {service} was deleted in WHMCS, and {state}"),
            Some(status) => format!("Service {service} is {status} in WHMCS, and {state}"),
        }
    }

    /// The console commands that remove it.
    pub fn commands(&self) -> Vec<String> {
        let remove = |menu: &str, name: &str| format!("{menu} remove [find name={}]", quoted(name));
        let secrets = self.secrets.iter();
        secrets
            .map(|(name, _)| remove("/ppp secret", name))
            .chain(self.queues.iter().map(|name| remove("/queue simple", name)))
            .collect()
    }

    /// The sentence with what to do, for the remarks of a collection, which disables what has ended.
    pub fn remark(&self) -> String {
        let remedy = match self.lost.status {
            None => "remove it there",
            Some(_) if self.is_enabled() => "it is disabled now; run Terminate, or remove it there",
            Some(_) => "run Terminate, or remove it there",
        };
        format!(
            "{}; {remedy}: {}",
            self.sentence(),
            self.commands().join("; ")
        )
    }
}

/// A problem for each.
pub fn services(facts: &Facts, books: &Books) -> Vec<Finding> {
    let (Ok(secrets), Ok(queues), Some(installation)) =
        (&facts.secrets, &facts.queues, books.installation)
    else {
        return Vec::new();
    };
    let secrets = secrets
        .iter()
        .map(|row| (row.comment.as_str(), row.name.as_str(), !row.disabled));
    let queues = queues.iter().filter(|row| !row.dynamic);
    let queues = queues.map(|row| (row.comment.as_str(), row.name.as_str()));
    left(&books.lost, installation, secrets, queues)
        .iter()
        .filter(|left| !left.is_nothing())
        .map(|left| {
            let says = format!("{}.", left.sentence());
            let commands = left.commands().into_iter();
            commands.fold(Finding::problem(LOST, says), Finding::mend)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::accounts::Named;

    fn us() -> InstallationId {
        InstallationId::parse("k3f9a2").unwrap()
    }

    fn lost(status: Option<&str>) -> Vec<Lost> {
        vec![Lost {
            account: Named {
                service: 7,
                username: "ann".to_owned(),
                address: None,
                tag: "isp whmcs:7@k3f9a2".to_owned(),
            },
            status: status.map(ToOwned::to_owned),
        }]
    }

    #[test]
    fn a_login_of_a_deleted_service_is_named_with_the_commands_that_remove_it() {
        let lost = lost(None);
        let tag = "isp whmcs:7@k3f9a2";
        let secrets = [(tag, "ann", true), ("isp whmcs:7@zzzzzz", "bob", true)];
        let left = left(&lost, us(), secrets.into_iter(), [(tag, "ann")].into_iter());
        assert_eq!(
            left[0].remark(),
            "Service 7 was deleted in WHMCS, and its login \"ann\" is enabled on the router; remove it \
             there: /ppp secret remove [find name=ann]; /queue simple remove [find name=ann]"
        );
    }

    #[test]
    fn an_ended_service_whose_login_is_disabled_is_told_too() {
        let lost = lost(Some("Cancelled"));
        let secrets = [("isp whmcs:7@k3f9a2", "ann", false)];
        let left = left(&lost, us(), secrets.into_iter(), std::iter::empty());
        let remark = left[0].remark();
        assert!(
            remark.contains("is Cancelled in WHMCS") && remark.contains("login disabled"),
            "{remark}"
        );
        assert!(remark.contains("run Terminate"), "{remark}");
    }

    #[test]
    fn what_is_on_no_router_is_nothing() {
        let lost = lost(None);
        let left = left(&lost, us(), std::iter::empty(), std::iter::empty());
        assert!(left[0].is_nothing());
    }
}

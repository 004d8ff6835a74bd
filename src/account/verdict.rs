//! Whose an object on the router is, and whether nobody can use a service there any more: decided here and
//! nowhere else, for every command and for caps. Pure.
//!
//! | an object that | is |
//! |---|---|
//! | carries our tag | ours |
//! | has the id and the name, or the id and the address on record | ours; its tag is put back |
//! | has the name and the address on record | ours; its tag is put back |
//! | has one of the two, or both under the tag of another service or installation | somebody else's, in our place |
//!
//! The record speaks from the end of Create on. Before that a claimed name proves nothing: who has it may
//! have had it first.
//!
//! | what is seen last | suspended, or nothing but the queue is left |
//! |---|---|
//! | an enabled login that is ours, or that is in our place | no: it is named |
//! | a session of our login, or one from our address | no: it is named |
//! | neither | yes |
//!
//! Right after a start RouterOS answers `[]` for lists it has not loaded yet, while `/system/resource`
//! answers already. So an empty list is weighed where something should be in it:
//!
//! | the router started | and the list | so |
//! |---|---|---|
//! | longer ago than [`SETTLED`] | was empty twice, the second time read as a whole (sessions: by name again) | it is believed |
//! | just now | has rows of others | it is believed |
//! | just now | has no row at all | it is read again, and in the end not believed |
//! | just now | is that of sessions, and no interface is one's either | it is believed |

use std::net::Ipv4Addr;
use std::time::Duration;

use super::tag::{self, Tag};
use crate::error::Error;
use crate::routeros::{Id, InterfaceRow, QueueRow, SecretRow, SessionRow};

/// From this uptime on a router is believed when it says that it has nothing.
pub const SETTLED: Duration = Duration::from_secs(300);

/// How a service's objects on the router are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// `tblhosting.id`.
    pub service: i64,
    /// Login name; the queue has the same.
    pub username: String,
    /// What the objects carry.
    pub tag: Tag,
    /// What else is known of them, once Create has come to its end.
    pub record: Option<OnRecord>,
}

/// What our record says of objects that may have lost their tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnRecord {
    /// The customer's fixed address.
    pub address: Ipv4Addr,
    /// The queue's id when it was last read.
    pub queue: Option<Id>,
}

/// Whose an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// It carries our tag.
    Ours,
    /// It is ours by our record and has lost its tag.
    Untagged,
    /// Somebody else's, with our name or our address.
    InOurPlace,
    /// Somebody else's.
    Foreign,
}

impl Whose {
    /// Whether it may be changed.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Ours | Self::Untagged)
    }
}

impl Owner {
    /// Whose a secret is.
    pub fn of_secret(&self, row: &SecretRow) -> Whose {
        self.judge(&row.comment, &row.name, None, row.remote_address)
    }

    /// Whose a queue is. Those the router makes for a session are nobody's.
    pub fn of_queue(&self, row: &QueueRow) -> Whose {
        if row.dynamic {
            return Whose::Foreign;
        }
        self.judge(&row.comment, &row.name, Some(&row.id), row.address())
    }

    fn judge(
        &self,
        comment: &str,
        name: &str,
        id: Option<&Id>,
        address: Option<Ipv4Addr>,
    ) -> Whose {
        if self.tag.owns(comment, name, address) {
            return Whose::Ours;
        }
        let named = name == self.username;
        let Some(record) = &self.record else {
            return if named {
                Whose::InOurPlace
            } else {
                Whose::Foreign
            };
        };
        let at_home = address == Some(record.address);
        let known = id.is_some() && id == record.queue.as_ref();
        let claimed = tag::service_of(comment).is_some_and(|service| service != self.service)
            || self.tag.whose(comment) == tag::Whose::OtherInstallation;
        let agreeing = [named, at_home, known].into_iter().filter(|agrees| *agrees);
        match agreeing.count() {
            2.. if !claimed => Whose::Untagged,
            _ if named || at_home => Whose::InOurPlace,
            _ => Whose::Foreign,
        }
    }

    /// Login names that are ours: of our secrets, and the one on record unless somebody else has it now.
    pub fn names<'a>(&self, secrets: impl IntoIterator<Item = &'a SecretRow>) -> Vec<String> {
        let mut names = Vec::new();
        let mut lent = false;
        for secret in secrets {
            if self.of_secret(secret).is_ours() {
                names.push(secret.name.clone());
            } else {
                lent |= secret.name == self.username;
            }
        }
        if !lent {
            names.push(self.username.clone());
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The comment of an object of ours with the current tag, if it has another one.
    pub fn recommented(&self, comment: &str) -> Option<String> {
        (!self.tag.is_current(comment)).then(|| self.tag.written_into(comment))
    }

    /// The comment of a secret that lost its tag, with the one on record.
    pub fn tag_put_back(&self, row: &SecretRow) -> Option<String> {
        let is_lost = self.of_secret(row) == Whose::Untagged;
        is_lost.then(|| self.tag.put_back_into(&row.comment))
    }

    /// Why these secrets do not let a service count as closed, if they do not: `left` are all that the router
    /// shows under its tag, name and address.
    pub fn open_login(&self, left: &[SecretRow]) -> Option<Error> {
        left.iter()
            .filter(|row| !row.disabled)
            .find_map(|row| match self.of_secret(row) {
                Whose::Ours | Whose::Untagged => Some(still_enabled(&row.name)),
                Whose::InOurPlace => self.record.as_ref().map(|_| self.in_our_place(row)),
                Whose::Foreign => None,
            })
    }

    /// Why nothing is sold or ended beside these secrets, if so: an enabled one is in our place.
    pub fn login_in_our_place(&self, secrets: &[SecretRow]) -> Option<Error> {
        let mut others = secrets
            .iter()
            .filter(|row| !row.disabled && self.of_secret(row) == Whose::InOurPlace);
        others
            .find(|_| self.record.is_some())
            .map(|row| self.in_our_place(row))
    }

    /// Whether somebody else's queue takes the traffic of our address from every queue below it.
    pub fn takes_traffic(&self, row: &QueueRow) -> bool {
        let record = self.record.as_ref();
        !row.disabled
            && self.of_queue(row) == Whose::InOurPlace
            && record.is_some_and(|record| row.address() == Some(record.address))
    }

    /// The sentence about somebody else's queue above ours.
    pub fn queue_above(&self, row: &QueueRow) -> Error {
        Error::misuse(
            format!(
                "The router has a simple queue \"{}\" for {} that does not belong to this service (its comment is \"{}\") and is above its own, so its traffic would not be counted",
                row.name.escape_debug(),
                row.target,
                row.comment.escape_debug()
            ),
            format!(
                "Disable or remove it on the router; or, if it is this service's after all, give it the comment \"{}\" and run the command again",
                self.tag.recorded()
            ),
        )
    }

    /// The sentence about somebody else's secret that uses our name or address.
    pub fn in_our_place(&self, row: &SecretRow) -> Error {
        let mine = if row.name == self.username {
            format!("the login name \"{}\"", row.name)
        } else {
            let address = self
                .record
                .as_ref()
                .map(|record| record.address.to_string());
            format!(
                "the address {} of this service for the login \"{}\"",
                address.unwrap_or_default(),
                row.name
            )
        };
        Error::misuse(
            format!(
                "The router has a PPP secret that uses {mine} and does not belong to this service (its comment is \"{}\")",
                row.comment.escape_debug()
            ),
            format!(
                "Disable or remove it on the router; or, if it is this service's after all, give it the comment \"{}\" and run the command again",
                self.tag.recorded()
            ),
        )
    }
}

fn still_enabled(name: &str) -> Error {
    Error::misuse(
        format!("The router still allows the login \"{name}\" of this service"),
        "Somebody else may have enabled or added it just now; look under PPP > Secrets on the router",
    )
}

/// A session from our address under the name of somebody else: it is not ours to end.
pub fn session_in_our_place(session: &SessionRow) -> Error {
    let address = session.address.map(|address| address.to_string());
    Error::misuse(
        format!(
            "The router has a session of \"{}\" with the address {} of this service",
            session.name,
            address.unwrap_or_default()
        ),
        "End it on the router and take the address from whoever gets it there: another PPP secret, or a pool that overlaps with the server's Assigned IP Addresses",
    )
}

/// A session that is still there after it was ended.
pub fn session_stays(session: &SessionRow) -> Error {
    Error::misuse(
        format!(
            "The router was told to end the session of \"{}\" and still has it",
            session.name
        ),
        "Run the command again, or end it under PPP > Active Connections on the router",
    )
}

/// A list that says it has nothing where there should be something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// There is nothing.
    Believed,
    /// The router may not have loaded it yet.
    ReadAgain,
}

/// Weighs an empty list: `others` says whether it has rows of anybody, as far as that was asked.
pub fn weigh(uptime: Option<Duration>, others: bool) -> Empty {
    if others || is_settled(uptime) {
        Empty::Believed
    } else {
        Empty::ReadAgain
    }
}

/// Weighs an empty list of sessions beside the interfaces of their names and of the router's ports, which no
/// router is without.
pub fn weigh_sessions(uptime: Option<Duration>, interfaces: &[InterfaceRow]) -> Empty {
    let is_port = |row: &InterfaceRow| row.kind == PORT;
    let ports_only = !interfaces.is_empty() && interfaces.iter().all(is_port);
    weigh(uptime, ports_only)
}

/// The kind of interface that every router has.
pub const PORT: &str = "ether";

/// A router that does not tell its uptime is taken for one that runs.
pub fn is_settled(uptime: Option<Duration>) -> bool {
    uptime.is_none_or(|uptime| uptime >= SETTLED)
}

/// The end of reading again.
pub fn not_loaded(menu: &str, uptime: Option<Duration>) -> Error {
    let seconds = uptime.unwrap_or_default().as_secs();
    Error::misuse(
        format!(
            "The router started {seconds} seconds ago and shows nothing in {menu} yet, so it cannot be told whether the account is there"
        ),
        "Run the command again in a few minutes",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::installation::InstallationId;

    const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

    fn owner() -> Owner {
        Owner {
            service: 7,
            username: "ann".to_owned(),
            tag: Tag::new("isp", 7, InstallationId::parse("k3f9a2").unwrap(), None),
            record: Some(OnRecord {
                address: ADDRESS,
                queue: Some(Id::new("*2")),
            }),
        }
    }

    fn secret(name: &str, comment: &str, last: u8) -> SecretRow {
        SecretRow {
            name: name.to_owned(),
            comment: comment.to_owned(),
            remote_address: Some(Ipv4Addr::new(10, 0, 0, last)),
            ..SecretRow::default()
        }
    }

    fn queue(id: &str, name: &str, target: &str) -> QueueRow {
        QueueRow {
            id: Id::new(id),
            name: name.to_owned(),
            target: target.to_owned(),
            ..QueueRow::default()
        }
    }

    #[test]
    fn a_secret_is_ours_by_tag_or_by_name_and_address_together() {
        for (name, comment, last, whose) in [
            ("renamed", "isp whmcs:7@k3f9a2", 9, Whose::Ours),
            ("ann", "", 2, Whose::Untagged),
            ("ann", "VIP", 2, Whose::Untagged),
            ("ann", "ips whmcs:7", 2, Whose::Untagged),
            ("ann", "isp whmcs:7", 2, Whose::Untagged),
            ("ann", "isp whmcs:8@k3f9a2", 2, Whose::InOurPlace),
            ("ann", "isp whmcs:7@zzzzzz", 2, Whose::InOurPlace),
            ("ann", "", 9, Whose::InOurPlace),
            ("bob", "", 2, Whose::InOurPlace),
            ("bob", "", 9, Whose::Foreign),
        ] {
            let row = secret(name, comment, last);
            assert_eq!(
                owner().of_secret(&row),
                whose,
                "{name} \"{comment}\" {last}"
            );
        }
    }

    #[test]
    fn a_claim_whose_creation_never_ended_takes_nothing_by_name_and_address() {
        let claimed = Owner {
            record: None,
            ..owner()
        };
        let row = secret("ann", "", 2);
        assert_eq!(claimed.of_secret(&row), Whose::InOurPlace);
        assert!(claimed.open_login(&[row]).is_none(), "he had it first");
    }

    #[test]
    fn a_queue_is_also_known_by_its_id_and_a_dynamic_one_is_nobodys() {
        let of = |row: &QueueRow| owner().of_queue(row);
        assert_eq!(of(&queue("*9", "ann", "10.0.0.2/32")), Whose::Untagged);
        assert_eq!(of(&queue("*2", "ann", "10.0.0.77/32")), Whose::Untagged);
        assert_eq!(of(&queue("*2", "bob", "10.0.0.2/32")), Whose::Untagged);
        assert_eq!(of(&queue("*2", "bob", "10.0.0.77/32")), Whose::Foreign);
        assert_eq!(of(&queue("*9", "bob", "10.0.0.2/32")), Whose::InOurPlace);
        assert_eq!(of(&queue("*9", "ann", "10.0.0.77/32")), Whose::InOurPlace);
        let dynamic = QueueRow {
            dynamic: true,
            ..queue("*9", "ann", "10.0.0.2/32")
        };
        assert_eq!(of(&dynamic), Whose::Foreign);
    }

    #[test]
    fn nobody_is_closed_out_while_a_login_of_ours_or_in_our_place_is_enabled() {
        let disabled = SecretRow {
            disabled: true,
            ..secret("ann", "isp whmcs:7@k3f9a2", 2)
        };
        let foreign = secret("bob", "", 9);
        assert!(owner().open_login(&[disabled.clone(), foreign]).is_none());
        for (open, named) in [
            (secret("ann", "isp whmcs:7@k3f9a2", 2), "\"ann\""),
            (secret("ann", "", 2), "\"ann\""),
            (secret("ann", "boss", 9), "\"boss\""),
            (secret("bob", "isp whmcs:8", 2), "10.0.0.2"),
        ] {
            let error = owner().open_login(&[disabled.clone(), open]).unwrap();
            assert!(error.to_string().contains(named), "{error}");
        }
    }

    #[test]
    fn a_name_that_somebody_else_has_now_is_not_ours() {
        let ours = secret("renamed", "isp whmcs:7@k3f9a2", 2);
        let other = secret("ann", "boss", 9);
        assert_eq!(owner().names([&ours]), ["ann", "renamed"]);
        assert_eq!(owner().names([&ours, &other]), ["renamed"]);
    }

    #[test]
    fn only_a_router_that_runs_or_shows_others_is_believed_to_have_nothing() {
        let young = Some(Duration::from_secs(20));
        assert_eq!(weigh(Some(SETTLED), false), Empty::Believed);
        assert_eq!(weigh(None, false), Empty::Believed);
        assert_eq!(weigh(young, true), Empty::Believed);
        assert_eq!(weigh(young, false), Empty::ReadAgain);
    }

    #[test]
    fn a_session_that_has_an_interface_is_not_believed_to_be_none() {
        let young = Some(Duration::from_secs(20));
        let interface = |kind: &str| InterfaceRow {
            kind: kind.to_owned(),
            ..InterfaceRow::default()
        };
        let seen = |kinds: &[&str]| {
            let rows: Vec<_> = kinds.iter().map(|kind| interface(kind)).collect();
            weigh_sessions(young, &rows)
        };
        assert_eq!(seen(&["ether"]), Empty::Believed);
        assert_eq!(seen(&["ether", "l2tp-in"]), Empty::ReadAgain);
        assert_eq!(seen(&[]), Empty::ReadAgain, "no router is without a port");
    }
}

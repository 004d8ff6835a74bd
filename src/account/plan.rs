//! The plan: from what WHMCS wants and what the router has to an ordered list of operations. Pure.
//!
//! Order is safety. To enable, the queue comes before the secret, for no session may start unmetered.
//! To disable or remove, the secret comes before the sessions, or the client dials in again between
//! the two; the queue goes last, after a last reading.

use std::net::Ipv4Addr;

use super::tag::{self, Whose};
use super::verdict::Owner;
use crate::error::{Error, Result};
use crate::routeros::{Id, QueueRow, SecretRow};
use crate::secret::Secret;
use crate::units::Limits;

/// What WHMCS wants for one account.
#[derive(Debug, Clone)]
pub struct Desired {
    /// Whose objects it is about.
    pub owner: Owner,
    /// What there should be.
    pub state: State,
}

/// The state an account should have.
#[derive(Debug, Clone)]
pub enum State {
    /// Nothing is left on the router.
    Absent,
    /// No login, no session. An account that is not there is left that way.
    Disabled,
    /// Secret and queue are there and have this shape.
    Present(Box<Shape>),
}

/// How a present account looks.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The customer's fixed address: the secret's remote address and the queue's target.
    pub address: Ipv4Addr,
    /// PPP profile.
    pub profile: String,
    /// PPP service.
    pub service: &'static str,
    /// Speed limits.
    pub limits: Limits,
    /// Whether logins are allowed; `None` leaves what is there, and a new account follows `enabled_if_new`.
    pub enabled: Option<bool>,
    /// Whether an account that has to be made anew allows logins.
    pub enabled_if_new: bool,
    /// Written when given. Never compared: what routers return for passwords cannot be trusted.
    pub password: Option<Secret>,
    /// The password for an account that has to be made anew.
    pub password_if_new: Secret,
    /// Whether live sessions are ended, for instance because the password changed.
    pub end_sessions: bool,
}

/// What the router has under the account's name or tag.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// Our secrets, the one with our name first.
    pub secrets: Vec<SecretRow>,
    /// Our queues, the one with our name first; not looked at where nothing is to be done about them.
    pub queues: Vec<QueueRow>,
    /// A secret of somebody else that has our name.
    pub foreign_secret: Option<SecretRow>,
    /// A queue of somebody else that has our name.
    pub foreign_queue: Option<QueueRow>,
    /// All secrets that were seen and are not ours.
    pub other_secrets: Vec<SecretRow>,
    /// A queue of somebody else that takes our address's traffic before ours does.
    pub queue_above: Option<QueueRow>,
    /// An object with our prefix and service but without an id, whose name and address are not those of our
    /// record: it may be another WHMCS's.
    pub stray: Option<Stray>,
}

/// An object that cannot be told to be ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    kind: &'static str,
    name: String,
    address: Option<Ipv4Addr>,
    comment: String,
}

impl Stray {
    /// A secret.
    pub fn secret(row: &SecretRow) -> Self {
        Self {
            kind: SECRET,
            name: row.name.clone(),
            address: row.remote_address,
            comment: row.comment.clone(),
        }
    }

    /// A queue.
    pub fn queue(row: &QueueRow) -> Self {
        Self {
            kind: QUEUE,
            name: row.name.clone(),
            address: row.address(),
            comment: row.comment.clone(),
        }
    }
}

const SECRET: &str = "PPP secret";
const QUEUE: &str = "simple queue";

/// One change on the router.
#[derive(Debug, Clone)]
pub enum Operation {
    /// Adds our queue.
    AddQueue {
        /// Its name.
        name: String,
        /// What it looks like.
        change: QueueChange,
    },
    /// Changes our queue.
    SetQueue {
        /// As it was.
        before: QueueRow,
        /// What is written.
        change: QueueChange,
    },
    /// Removes our queue and its counters.
    RemoveQueue {
        /// As it was.
        before: QueueRow,
    },
    /// Adds our secret.
    AddSecret {
        /// Its name.
        name: String,
        /// What it looks like.
        change: SecretChange,
    },
    /// Changes our secret.
    SetSecret {
        /// As it was.
        before: SecretRow,
        /// What is written.
        change: SecretChange,
    },
    /// Removes our secret.
    RemoveSecret {
        /// As it was.
        before: SecretRow,
    },
    /// Ends every session with one of these names.
    EndSessions {
        /// Login names.
        names: Vec<String>,
        /// Nobody may be left at this address, whatever his name.
        address: Option<Ipv4Addr>,
    },
}

/// Properties of a queue to write; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueChange {
    /// A new name.
    pub name: Option<String>,
    /// The customer's address. Changing it may discard the counters.
    pub target: Option<Ipv4Addr>,
    /// Speed limits.
    pub limits: Option<Limits>,
    /// Our tag.
    pub comment: Option<String>,
    /// A disabled queue neither limits nor counts.
    pub disabled: Option<bool>,
}

/// Properties of a secret to write; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecretChange {
    /// A new login name.
    pub name: Option<String>,
    /// A new password.
    pub password: Option<Secret>,
    /// PPP service.
    pub service: Option<String>,
    /// PPP profile.
    pub profile: Option<String>,
    /// The customer's fixed address.
    pub address: Option<Ipv4Addr>,
    /// Our tag.
    pub comment: Option<String>,
    /// Whether logins are refused.
    pub disabled: Option<bool>,
}

impl Operation {
    /// Whether the queue's counters may be lost or misjudged after it, so that a last reading must be
    /// booked before.
    pub fn discards_counters(&self) -> bool {
        match self {
            Self::RemoveQueue { .. } => true,
            // With other limits, the meter would judge what flowed before by the new line.
            Self::SetQueue { change, .. } => change.target.is_some() || change.limits.is_some(),
            _ => false,
        }
    }

    /// Whether it gives a login a PPP profile it did not have.
    pub fn gives_profile(&self) -> bool {
        match self {
            Self::AddSecret { .. } => true,
            Self::SetSecret { change, .. } => change.profile.is_some(),
            _ => false,
        }
    }

    /// Whether it changes a login.
    pub fn is_of_secret(&self) -> bool {
        matches!(
            self,
            Self::AddSecret { .. } | Self::SetSecret { .. } | Self::RemoveSecret { .. }
        )
    }

    /// Whether a part of it stays when it is taken back.
    pub fn lasts(&self) -> bool {
        match self {
            Self::SetSecret { change, .. } => change.password.is_some(),
            Self::RemoveQueue { .. } | Self::RemoveSecret { .. } | Self::EndSessions { .. } => true,
            Self::AddQueue { .. } | Self::SetQueue { .. } | Self::AddSecret { .. } => false,
        }
    }

    /// Whether `observed` cannot tell if it happened: it writes a password into a secret that is as it
    /// should be in all that can be read.
    pub fn is_secret(&self, observed: &Observed) -> bool {
        let Self::SetSecret { before, change } = self else {
            return false;
        };
        let readable = SecretChange {
            password: None,
            ..change.clone()
        };
        change.password.is_some()
            && observed
                .secrets
                .iter()
                .any(|row| row.id == before.id && readable.is_in(row))
    }

    /// What takes this operation back, given the id its object has now. `None` when nothing does: a
    /// removed object's password is not known, and a session cannot be called back.
    pub fn inverse(&self, id: &Id) -> Option<Self> {
        match self {
            Self::AddQueue { name, .. } => Some(Self::RemoveQueue {
                before: QueueRow {
                    id: id.clone(),
                    name: name.clone(),
                    ..QueueRow::default()
                },
            }),
            Self::AddSecret { name, .. } => Some(Self::RemoveSecret {
                before: SecretRow {
                    id: id.clone(),
                    name: name.clone(),
                    ..SecretRow::default()
                },
            }),
            Self::SetQueue { before, change } => Some(Self::SetQueue {
                before: before.clone(),
                change: change.back_to(before),
            }),
            Self::SetSecret { before, change } => {
                let back = change.back_to(before);
                (back != SecretChange::default()).then(|| Self::SetSecret {
                    before: before.clone(),
                    change: back,
                })
            }
            Self::RemoveQueue { .. } | Self::RemoveSecret { .. } | Self::EndSessions { .. } => None,
        }
    }
}

impl QueueChange {
    fn back_to(&self, before: &QueueRow) -> Self {
        Self {
            name: self.name.as_ref().map(|_| before.name.clone()),
            target: self.target.and_then(|_| before.address()),
            limits: self.limits.map(|_| before.max_limit),
            comment: self.comment.as_ref().map(|_| before.comment.clone()),
            disabled: self.disabled.map(|_| before.disabled),
        }
    }

    /// Whether a queue has all of it.
    pub fn is_in(&self, row: &QueueRow) -> bool {
        same(self.name.as_ref(), &row.name)
            && self
                .target
                .is_none_or(|target| row.address() == Some(target))
            && self.limits.is_none_or(|limits| row.max_limit == limits)
            && same(self.comment.as_ref(), &row.comment)
            && self
                .disabled
                .is_none_or(|disabled| row.disabled == disabled)
    }
}

impl SecretChange {
    /// The old password is not known, so it is not taken back.
    fn back_to(&self, before: &SecretRow) -> Self {
        Self {
            name: self.name.as_ref().map(|_| before.name.clone()),
            password: None,
            service: self.service.as_ref().map(|_| before.service.clone()),
            profile: self.profile.as_ref().map(|_| before.profile.clone()),
            address: self.address.and(before.remote_address),
            comment: self.comment.as_ref().map(|_| before.comment.clone()),
            disabled: self.disabled.map(|_| before.disabled),
        }
    }

    /// Whether a secret is known to have all of it; never when a password is among it.
    pub fn is_in(&self, row: &SecretRow) -> bool {
        self.password.is_none()
            && same(self.name.as_ref(), &row.name)
            && same(self.service.as_ref(), &row.service)
            && same(self.profile.as_ref(), &row.profile)
            && self
                .address
                .is_none_or(|address| row.remote_address == Some(address))
            && same(self.comment.as_ref(), &row.comment)
            && self
                .disabled
                .is_none_or(|disabled| row.disabled == disabled)
    }
}

fn same(wanted: Option<&String>, present: &str) -> bool {
    wanted.is_none_or(|wanted| wanted == present)
}

/// What leads from `observed` to `desired`; an empty list when nothing is to be done. A foreign object
/// with our name is an error only where ours would have to take that name, or where it is the same
/// service's of another WHMCS: then ours cannot be told to be gone.
pub fn plan(desired: &Desired, observed: &Observed) -> Result<Vec<Operation>> {
    if let Some(stray) = &observed.stray {
        return Err(unclear(desired, stray));
    }
    if let Some(other) = &observed.foreign_secret
        && desired.owner.tag.whose(&other.comment) == Whose::OtherInstallation
    {
        return Err(of_other_installation(desired, &other.comment));
    }
    match &desired.state {
        State::Absent => Ok(removal(desired, observed)),
        State::Disabled => Ok(disabling(desired, observed)),
        State::Present(shape) => {
            see_place_free(desired, observed)?;
            let queue = queue_operation(desired, shape, observed)?;
            let secret = secret_operation(desired, shape, observed)?;
            Ok(presence(desired, shape, observed, queue, secret))
        }
    }
}

/// Nothing is sold where somebody else logs in, or where nothing would be counted.
fn see_place_free(desired: &Desired, observed: &Observed) -> Result<()> {
    let owner = &desired.owner;
    let above = || {
        observed
            .queue_above
            .as_ref()
            .map(|row| owner.queue_above(row))
    };
    let why = owner.login_in_our_place(&observed.other_secrets);
    why.or_else(above).map_or(Ok(()), Err)
}

fn removal(desired: &Desired, observed: &Observed) -> Vec<Operation> {
    let secrets = observed.secrets.iter().cloned();
    let queues = observed.queues.iter().cloned();
    secrets
        .map(|before| Operation::RemoveSecret { before })
        .chain(end_sessions(desired, observed, address(desired)))
        .chain(queues.map(|before| Operation::RemoveQueue { before }))
        .collect()
}

fn disabling(desired: &Desired, observed: &Observed) -> Vec<Operation> {
    let closing = |secret: &SecretRow| SecretChange {
        disabled: (!secret.disabled).then_some(true),
        comment: desired.owner.tag_put_back(secret),
        ..SecretChange::default()
    };
    let secrets = observed.secrets.iter();
    secrets
        .map(|secret| (secret.clone(), closing(secret)))
        .filter(|(_, change)| *change != SecretChange::default())
        .map(|(before, change)| Operation::SetSecret { before, change })
        .chain(end_sessions(desired, observed, address(desired)))
        .collect()
}

fn address(desired: &Desired) -> Option<Ipv4Addr> {
    let record = desired.owner.record.as_ref();
    record.map(|record| record.address)
}

fn presence(
    desired: &Desired,
    shape: &Shape,
    observed: &Observed,
    queue: Option<Operation>,
    secret: Option<Operation>,
) -> Vec<Operation> {
    let sessions = if shape.end_sessions || shape.enabled == Some(false) {
        end_sessions(desired, observed, None)
    } else {
        None
    };
    let ordered = if shape.enabled == Some(false) {
        [secret, sessions, queue]
    } else {
        [queue, secret, sessions]
    };
    let closed = closed_copies(desired, observed);
    closed
        .into_iter()
        .chain(ordered.into_iter().flatten())
        .collect()
}

/// One login is sold: those that carry our tag beside it, such as a copy made with its comment, are closed.
fn closed_copies(desired: &Desired, observed: &Observed) -> Vec<Operation> {
    let copies = observed.secrets.iter().skip(1);
    let open: Vec<_> = copies.filter(|row| !row.disabled).collect();
    let names = open.iter().map(|row| row.name.clone());
    let names: Vec<_> = names
        .filter(|name| *name != desired.owner.username)
        .collect();
    let end = (!names.is_empty()).then_some(Operation::EndSessions {
        names,
        address: None,
    });
    let close = |row: &SecretRow| Operation::SetSecret {
        before: row.clone(),
        change: SecretChange {
            disabled: Some(true),
            ..SecretChange::default()
        },
    };
    open.into_iter().map(close).chain(end).collect()
}

/// Sessions carry the login name only. If a secret of somebody else has our name, they are his.
fn end_sessions(
    desired: &Desired,
    observed: &Observed,
    address: Option<Ipv4Addr>,
) -> Option<Operation> {
    let secrets = observed.secrets.iter().chain(&observed.foreign_secret);
    let names = desired.owner.names(secrets);
    (!names.is_empty()).then_some(Operation::EndSessions { names, address })
}

fn queue_operation(
    desired: &Desired,
    shape: &Shape,
    observed: &Observed,
) -> Result<Option<Operation>> {
    let named = |row: &QueueRow| row.name == desired.owner.username;
    if let Some(foreign) = &observed.foreign_queue
        && !observed.queues.first().is_some_and(named)
    {
        return Err(taken(QUEUE, &desired.owner.username, &foreign.comment));
    }
    let Some(before) = observed.queues.first() else {
        return Ok(Some(Operation::AddQueue {
            name: desired.owner.username.clone(),
            change: QueueChange {
                name: Some(desired.owner.username.clone()),
                target: Some(shape.address),
                limits: Some(shape.limits),
                comment: Some(desired.owner.tag.current().to_owned()),
                disabled: Some(false),
            },
        }));
    };
    let change = QueueChange {
        name: (!named(before)).then(|| desired.owner.username.clone()),
        target: (before.address() != Some(shape.address)).then_some(shape.address),
        limits: (before.max_limit != shape.limits).then_some(shape.limits),
        comment: desired.owner.recommented(&before.comment),
        disabled: before.disabled.then_some(false),
    };
    Ok(
        (change != QueueChange::default()).then(|| Operation::SetQueue {
            before: before.clone(),
            change,
        }),
    )
}

fn secret_operation(
    desired: &Desired,
    shape: &Shape,
    observed: &Observed,
) -> Result<Option<Operation>> {
    let named = |row: &SecretRow| row.name == desired.owner.username;
    if let Some(foreign) = &observed.foreign_secret
        && !observed.secrets.first().is_some_and(named)
    {
        return Err(taken(SECRET, &desired.owner.username, &foreign.comment));
    }
    let Some(before) = observed.secrets.first() else {
        return Ok(Some(Operation::AddSecret {
            name: desired.owner.username.clone(),
            change: SecretChange {
                name: Some(desired.owner.username.clone()),
                password: Some(shape.password_if_new.clone()),
                service: Some(shape.service.to_owned()),
                profile: Some(shape.profile.clone()),
                address: Some(shape.address),
                comment: Some(desired.owner.tag.current().to_owned()),
                disabled: Some(!shape.enabled.unwrap_or(shape.enabled_if_new)),
            },
        }));
    };
    let disabled = shape.enabled.map(|enabled| !enabled);
    let change = SecretChange {
        name: (!named(before)).then(|| desired.owner.username.clone()),
        password: shape.password.clone(),
        service: (before.service != shape.service).then(|| shape.service.to_owned()),
        profile: (before.profile != shape.profile).then(|| shape.profile.clone()),
        address: (before.remote_address != Some(shape.address)).then_some(shape.address),
        comment: desired.owner.recommented(&before.comment),
        disabled: disabled.filter(|&disabled| before.disabled != disabled),
    };
    Ok(
        (change != SecretChange::default()).then(|| Operation::SetSecret {
            before: before.clone(),
            change,
        }),
    )
}

fn unclear(desired: &Desired, stray: &Stray) -> Error {
    let at = |address: Option<Ipv4Addr>| {
        address.map_or_else(String::new, |address| format!(" at {address}"))
    };
    let wanted = match &desired.state {
        State::Present(shape) => at(Some(shape.address)),
        State::Absent | State::Disabled => String::new(),
    };
    Error::misuse(
        format!(
            "The router has a {} \"{}\"{} with the comment \"{}\", which does not say of which WHMCS it is, and this service's account is \"{}\"{wanted}",
            stray.kind,
            stray.name.escape_debug(),
            at(stray.address),
            stray.comment.escape_debug(),
            desired.owner.username,
        ),
        "Nothing was changed; if another WHMCS sells on this router, give this product another comment prefix; if it is this service's, remove it or give it that name and address on the router",
    )
}

fn of_other_installation(desired: &Desired, comment: &str) -> Error {
    let other = tag::installation_of(comment);
    let other = other.map_or_else(String::new, |id| format!(" (installation {id})"));
    Error::misuse(
        format!(
            "The account \"{}\" on the router is that of the same service of another WHMCS{other}",
            desired.owner.username
        ),
        "Nothing was changed; run the command there, or give the service here another username",
    )
}

fn taken(kind: &str, name: &str, comment: &str) -> Error {
    Error::misuse(
        format!(
            "The router has a {kind} \"{name}\" that does not belong to this service (its comment is \"{}\")",
            comment.escape_debug()
        ),
        "Nothing was changed; rename or remove it on the router, or give the service another username",
    )
}

#[cfg(test)]
mod tests {
    use super::super::tag::Tag;
    use super::super::verdict::OnRecord;
    use super::*;
    use crate::installation::InstallationId;

    fn installation() -> InstallationId {
        InstallationId::parse("k3f9a2").unwrap()
    }

    fn desired(state: State) -> Desired {
        Desired {
            owner: Owner {
                service: 7,
                username: "ann".to_owned(),
                tag: Tag::new("isp", 7, installation(), None),
                record: None,
            },
            state,
        }
    }

    fn shape() -> Shape {
        Shape {
            address: Ipv4Addr::new(10, 0, 0, 2),
            profile: "vpn".to_owned(),
            service: "any",
            limits: Limits::default(),
            enabled: Some(true),
            enabled_if_new: true,
            password: None,
            password_if_new: Secret::new("p"),
            end_sessions: false,
        }
    }

    fn present(change: impl FnOnce(&mut Shape)) -> Desired {
        let mut shape = shape();
        change(&mut shape);
        desired(State::Present(Box::new(shape)))
    }

    fn secret() -> SecretRow {
        SecretRow {
            id: Id::new("*1"),
            name: "ann".to_owned(),
            service: "any".to_owned(),
            profile: "vpn".to_owned(),
            remote_address: Some(Ipv4Addr::new(10, 0, 0, 2)),
            comment: "isp whmcs:7@k3f9a2".to_owned(),
            ..SecretRow::default()
        }
    }

    fn queue() -> QueueRow {
        QueueRow {
            id: Id::new("*2"),
            name: "ann".to_owned(),
            target: "10.0.0.2/32".to_owned(),
            comment: "isp whmcs:7@k3f9a2".to_owned(),
            ..QueueRow::default()
        }
    }

    fn observed() -> Observed {
        Observed {
            secrets: vec![secret()],
            queues: vec![queue()],
            ..Observed::default()
        }
    }

    fn kinds(operations: &[Operation]) -> Vec<&'static str> {
        let kind = |operation: &Operation| match operation {
            Operation::AddQueue { .. } => "add queue",
            Operation::SetQueue { .. } => "set queue",
            Operation::RemoveQueue { .. } => "remove queue",
            Operation::AddSecret { .. } => "add secret",
            Operation::SetSecret { .. } => "set secret",
            Operation::RemoveSecret { .. } => "remove secret",
            Operation::EndSessions { .. } => "end sessions",
        };
        operations.iter().map(kind).collect()
    }

    fn planned(desired: &Desired, observed: &Observed) -> Vec<&'static str> {
        kinds(&plan(desired, observed).unwrap())
    }

    #[test]
    fn what_is_as_it_should_be_needs_nothing() {
        assert_eq!(planned(&present(|_| ()), &observed()), [""; 0]);
    }

    #[test]
    fn to_enable_the_queue_comes_before_the_secret() {
        let order = planned(&present(|_| ()), &Observed::default());
        assert_eq!(order, ["add queue", "add secret"]);
        let mut seen = observed();
        seen.secrets[0].disabled = true;
        seen.queues[0].disabled = true;
        assert_eq!(
            planned(&present(|_| ()), &seen),
            ["set queue", "set secret"]
        );
    }

    #[test]
    fn to_disable_the_secret_comes_before_the_sessions() {
        let order = planned(&desired(State::Disabled), &observed());
        assert_eq!(order, ["set secret", "end sessions"]);
        let order = planned(
            &present(|shape| {
                shape.enabled = Some(false);
                shape.limits.download = crate::units::Rate(1);
            }),
            &observed(),
        );
        assert_eq!(order, ["set secret", "end sessions", "set queue"]);
    }

    #[test]
    fn to_remove_the_queue_goes_last_and_its_counters_are_said_to_be_lost() {
        let operations = plan(&desired(State::Absent), &observed()).unwrap();
        assert_eq!(
            kinds(&operations),
            ["remove secret", "end sessions", "remove queue"]
        );
        let lost: Vec<_> = operations
            .iter()
            .map(Operation::discards_counters)
            .collect();
        assert_eq!(lost, [false, false, true]);
    }

    #[test]
    fn every_secret_with_our_tag_is_disabled_and_removed_copies_too() {
        let mut seen = observed();
        let copy = SecretRow {
            id: Id::new("*9"),
            name: "ann-copy".to_owned(),
            ..secret()
        };
        seen.secrets.push(copy);
        let order = planned(&desired(State::Disabled), &seen);
        assert_eq!(order, ["set secret", "set secret", "end sessions"]);
        let operations = plan(&desired(State::Absent), &seen).unwrap();
        let Some(Operation::EndSessions { names, .. }) = operations.get(2) else {
            panic!("{operations:?}");
        };
        assert_eq!(names, &["ann", "ann-copy"]);
    }

    #[test]
    fn a_suspension_puts_a_lost_tag_back_in_the_request_that_disables() {
        let mut seen = observed();
        seen.secrets[0].comment = "VIP".to_owned();
        let mut desired = desired(State::Disabled);
        desired.owner.record = Some(OnRecord {
            address: Ipv4Addr::new(10, 0, 0, 2),
            queue: None,
        });
        let operations = plan(&desired, &seen).unwrap();
        let Some(Operation::SetSecret { change, .. }) = operations.first() else {
            panic!("{operations:?}");
        };
        assert_eq!(change.comment.as_deref(), Some("isp whmcs:7@k3f9a2 VIP"));
        assert_eq!(change.disabled, Some(true));
    }

    #[test]
    fn sessions_of_a_foreign_secret_with_our_name_are_left_alone() {
        let foreign = SecretRow {
            comment: "the boss".to_owned(),
            ..secret()
        };
        let seen = Observed {
            foreign_secret: Some(foreign),
            ..Observed::default()
        };
        assert_eq!(planned(&desired(State::Absent), &seen), [""; 0]);
    }

    #[test]
    fn a_foreign_object_with_our_name_is_an_error_that_shows_its_comment() {
        let foreign = SecretRow {
            comment: "the boss".to_owned(),
            ..secret()
        };
        let seen = Observed {
            foreign_secret: Some(foreign),
            ..Observed::default()
        };
        let error = plan(&present(|_| ()), &seen).unwrap_err().to_string();
        assert!(error.contains("the boss"), "{error}");
    }

    #[test]
    fn an_object_without_an_id_at_another_name_or_address_is_refused_and_both_are_named() {
        let stray = SecretRow {
            name: "vpn1".to_owned(),
            comment: "isp whmcs:7".to_owned(),
            ..secret()
        };
        let seen = Observed {
            stray: Some(Stray::secret(&stray)),
            ..Observed::default()
        };
        for desired in [
            present(|_| ()),
            desired(State::Disabled),
            desired(State::Absent),
        ] {
            let error = plan(&desired, &seen).unwrap_err().to_string();
            assert!(
                error.contains("\"vpn1\" at 10.0.0.2") && error.contains("\"ann\""),
                "{error}"
            );
        }
    }

    #[test]
    fn the_same_service_of_another_installation_is_never_said_to_be_done() {
        let seen = Observed {
            foreign_secret: Some(SecretRow {
                comment: "isp whmcs:7@zzzzzz".to_owned(),
                ..secret()
            }),
            ..Observed::default()
        };
        for desired in [
            present(|_| ()),
            desired(State::Disabled),
            desired(State::Absent),
        ] {
            let error = plan(&desired, &seen).unwrap_err().to_string();
            assert!(error.contains("installation zzzzzz"), "{error}");
        }
    }

    #[test]
    fn another_address_and_other_limits_need_a_last_reading() {
        let moved = plan(
            &present(|shape| shape.address = Ipv4Addr::new(10, 0, 0, 9)),
            &observed(),
        );
        assert!(moved.unwrap()[0].discards_counters());
        let faster = plan(&present(|shape| shape.limits.upload.0 = 5), &observed());
        assert!(faster.unwrap()[0].discards_counters());
    }

    #[test]
    fn what_is_taken_back_is_what_was_there_and_never_a_password() {
        let desired = present(|shape| {
            shape.profile = "other".to_owned();
            shape.password = Some(Secret::new("new"));
        });
        let operations = plan(&desired, &observed()).unwrap();
        let Some(Operation::SetSecret { change, .. }) = operations[0].inverse(&Id::new("*1"))
        else {
            panic!("{operations:?}");
        };
        assert_eq!(change.profile.as_deref(), Some("vpn"));
        assert_eq!(change.password, None);
        assert_eq!(change.disabled, None, "what was not changed is not written");
    }

    #[test]
    fn a_password_is_never_known_to_be_there() {
        let change = SecretChange {
            password: Some(Secret::new("p")),
            ..SecretChange::default()
        };
        assert!(!change.is_in(&secret()));
        assert!(SecretChange::default().is_in(&secret()));
    }
}

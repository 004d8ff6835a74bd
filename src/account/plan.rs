//! The plan: from what WHMCS wants and what the router has to an ordered list of operations. Pure.
//!
//! Order is safety. To enable, the queue comes before the secret, for no session may start unmetered.
//! To disable or remove, the secret comes before the sessions, or the client dials in again between
//! the two; the queue goes last, after a last reading.

use std::net::Ipv4Addr;

use super::tag::Tag;
use crate::error::{Error, Result};
use crate::routeros::{Id, QueueRow, SecretRow};
use crate::secret::Secret;
use crate::units::Limits;

/// What WHMCS wants for one account.
#[derive(Debug, Clone)]
pub struct Desired {
    /// Login name; the queue has the same.
    pub username: String,
    /// What our objects carry.
    pub tag: Tag,
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
    /// Secrets with our tag, the one with our name first.
    pub secrets: Vec<SecretRow>,
    /// Static queues with our tag, the one with our name first.
    pub queues: Vec<QueueRow>,
    /// A secret of somebody else that has our name.
    pub foreign_secret: Option<SecretRow>,
    /// A queue of somebody else that has our name.
    pub foreign_queue: Option<QueueRow>,
}

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
    /// Whether the queue's counters may be lost by it, so that a last reading must be booked before.
    pub fn discards_counters(&self) -> bool {
        match self {
            Self::RemoveQueue { .. } => true,
            Self::SetQueue { change, .. } => change.target.is_some(),
            _ => false,
        }
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
            Self::SetSecret { before, change } => Some(Self::SetSecret {
                before: before.clone(),
                change: change.back_to(before),
            }),
            Self::RemoveQueue { .. } | Self::RemoveSecret { .. } | Self::EndSessions { .. } => None,
        }
    }
}

impl QueueChange {
    fn back_to(&self, before: &QueueRow) -> Self {
        Self {
            name: self.name.as_ref().map(|_| before.name.clone()),
            target: self.target.and_then(|_| single_target(before)),
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
                .is_none_or(|target| single_target(row) == Some(target))
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

/// The address of a queue that has exactly one.
fn single_target(queue: &QueueRow) -> Option<Ipv4Addr> {
    queue.target.trim_end_matches("/32").parse().ok()
}

/// What leads from `observed` to `desired`; an empty list when nothing is to be done. A foreign object
/// with our name is an error only where ours would have to take that name.
pub fn plan(desired: &Desired, observed: &Observed) -> Result<Vec<Operation>> {
    match &desired.state {
        State::Absent => Ok(removal(desired, observed)),
        State::Disabled => Ok(disabling(desired, observed)),
        State::Present(shape) => {
            let queue = queue_operation(desired, shape, observed)?;
            let secret = secret_operation(desired, shape, observed)?;
            Ok(presence(desired, shape, observed, queue, secret))
        }
    }
}

fn removal(desired: &Desired, observed: &Observed) -> Vec<Operation> {
    let secrets = observed.secrets.iter().cloned();
    let queues = observed.queues.iter().cloned();
    secrets
        .map(|before| Operation::RemoveSecret { before })
        .chain(end_sessions(desired, observed))
        .chain(queues.map(|before| Operation::RemoveQueue { before }))
        .collect()
}

fn disabling(desired: &Desired, observed: &Observed) -> Vec<Operation> {
    let enabled = observed.secrets.iter().filter(|secret| !secret.disabled);
    enabled
        .map(|secret| Operation::SetSecret {
            before: secret.clone(),
            change: SecretChange {
                disabled: Some(true),
                ..SecretChange::default()
            },
        })
        .chain(end_sessions(desired, observed))
        .collect()
}

fn presence(
    desired: &Desired,
    shape: &Shape,
    observed: &Observed,
    queue: Option<Operation>,
    secret: Option<Operation>,
) -> Vec<Operation> {
    let sessions = if shape.end_sessions || shape.enabled == Some(false) {
        end_sessions(desired, observed)
    } else {
        None
    };
    let ordered = if shape.enabled == Some(false) {
        [secret, sessions, queue]
    } else {
        [queue, secret, sessions]
    };
    ordered.into_iter().flatten().collect()
}

/// Sessions carry the login name only. If a secret of somebody else has our name, they are his.
fn end_sessions(desired: &Desired, observed: &Observed) -> Option<Operation> {
    let mut names: Vec<_> = observed
        .secrets
        .iter()
        .map(|secret| secret.name.clone())
        .collect();
    if observed.foreign_secret.is_none() {
        names.push(desired.username.clone());
    }
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then_some(Operation::EndSessions { names })
}

fn queue_operation(
    desired: &Desired,
    shape: &Shape,
    observed: &Observed,
) -> Result<Option<Operation>> {
    let named = |row: &QueueRow| row.name == desired.username;
    if let Some(foreign) = &observed.foreign_queue
        && !observed.queues.first().is_some_and(named)
    {
        return Err(taken("simple queue", &desired.username, &foreign.comment));
    }
    let Some(before) = observed.queues.first() else {
        return Ok(Some(Operation::AddQueue {
            name: desired.username.clone(),
            change: QueueChange {
                name: Some(desired.username.clone()),
                target: Some(shape.address),
                limits: Some(shape.limits),
                comment: Some(desired.tag.current().to_owned()),
                disabled: Some(false),
            },
        }));
    };
    let change = QueueChange {
        name: (!named(before)).then(|| desired.username.clone()),
        target: (single_target(before) != Some(shape.address)).then_some(shape.address),
        limits: (before.max_limit != shape.limits).then_some(shape.limits),
        comment: recommented(&desired.tag, &before.comment),
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
    let named = |row: &SecretRow| row.name == desired.username;
    if let Some(foreign) = &observed.foreign_secret
        && !observed.secrets.first().is_some_and(named)
    {
        return Err(taken("PPP secret", &desired.username, &foreign.comment));
    }
    let Some(before) = observed.secrets.first() else {
        return Ok(Some(Operation::AddSecret {
            name: desired.username.clone(),
            change: SecretChange {
                name: Some(desired.username.clone()),
                password: Some(shape.password_if_new.clone()),
                service: Some(shape.service.to_owned()),
                profile: Some(shape.profile.clone()),
                address: Some(shape.address),
                comment: Some(desired.tag.current().to_owned()),
                disabled: Some(!shape.enabled.unwrap_or(shape.enabled_if_new)),
            },
        }));
    };
    let disabled = shape.enabled.map(|enabled| !enabled);
    let change = SecretChange {
        name: (!named(before)).then(|| desired.username.clone()),
        password: shape.password.clone(),
        service: (before.service != shape.service).then(|| shape.service.to_owned()),
        profile: (before.profile != shape.profile).then(|| shape.profile.clone()),
        address: (before.remote_address != Some(shape.address)).then_some(shape.address),
        comment: recommented(&desired.tag, &before.comment),
        disabled: disabled.filter(|&disabled| before.disabled != disabled),
    };
    Ok(
        (change != SecretChange::default()).then(|| Operation::SetSecret {
            before: before.clone(),
            change,
        }),
    )
}

/// A former tag is replaced; words an admin wrote behind it stay.
fn recommented(tag: &Tag, comment: &str) -> Option<String> {
    if tag.is_current(comment) {
        return None;
    }
    let former = tag
        .all()
        .find(|former| super::tag::carries(comment, former));
    let words = former.and_then(|former| comment.trim().strip_prefix(former));
    Some(format!("{}{}", tag.current(), words.unwrap_or_default()))
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

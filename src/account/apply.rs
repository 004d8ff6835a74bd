//! Carries a plan out, one operation after the other, and knows how to take it back.
//!
//! Neither an error nor a timeout proves that nothing happened (routers were seen to answer 400 after
//! doing it), so after one the router is read again before anything is decided.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::observe::{observe, sessions, sessions_left};
use super::plan::{Desired, Observed, Operation, QueueChange, SecretChange};
use super::verdict;
use crate::error::{Error, Result};
use crate::routeros::{Id, QueueFields, Router, SecretFields, SessionRow};

/// RouterOS takes a moment to say goodbye to a client: how often a session is looked for after it was ended,
/// and how long in between.
const FAREWELLS: usize = 6;
const FAREWELL: Duration = Duration::from_millis(500);

/// What was done so far: enough to take it back.
#[derive(Debug, Default)]
pub struct Done {
    inverses: Vec<Operation>,
    /// The queue that was made, if any: its counters begin at zero.
    pub new_queue: Option<Id>,
    /// An operation may or may not have happened, and the router could not be asked.
    doubtful: bool,
    /// Something was done that nothing takes back: a password was written, a session was ended.
    lasting: bool,
}

/// Runs `operations` in order. `recovery` is a second connection with time left: it reads the state
/// again when an operation fails, for the first one may be unusable by then. On an error, `done`
/// holds what had been carried out.
pub fn apply(
    router: &Router,
    recovery: &Router,
    desired: &Desired,
    operations: &[Operation],
    done: &mut Done,
) -> Result<()> {
    for operation in operations {
        let id = match carry_out(router, operation) {
            Ok(id) => id,
            Err(error) if error.never_reached_router() || error.is_misuse() => return Err(error),
            Err(error) => match look(recovery, desired, operation) {
                Seen::Done(id) => id,
                Seen::NotDone => return Err(error),
                Seen::Unclear => {
                    done.doubtful = true;
                    done.keep_queues_behind(operation);
                    return Err(error);
                }
            },
        };
        if matches!(operation, Operation::AddQueue { .. }) {
            done.new_queue = Some(id.clone());
        }
        done.lasting |= operation.lasts();
        done.inverses.extend(operation.inverse(&id));
    }
    Ok(())
}

/// What the router shows of an operation that answered with an error.
enum Seen {
    /// It happened, to the object with this id.
    Done(Id),
    /// It did not.
    NotDone,
    /// Nobody can tell.
    Unclear,
}

fn look(recovery: &Router, desired: &Desired, operation: &Operation) -> Seen {
    if let Operation::EndSessions { names, address } = operation {
        return match sessions(recovery, names, *address) {
            Ok(sessions) if sessions.is_empty() => Seen::Done(Id::default()),
            // Some of them may have been ended.
            _ => Seen::Unclear,
        };
    }
    let Ok(observed) = observe(recovery, desired) else {
        return Seen::Unclear;
    };
    if let Some(id) = found(operation, &observed) {
        return Seen::Done(id);
    }
    if operation.is_secret(&observed) {
        return Seen::Unclear;
    }
    Seen::NotDone
}

impl Done {
    /// Whoever may have been let in by `operation` stays counted and limited: no queue is taken back while nobody
    /// knows whether the login is there.
    fn keep_queues_behind(&mut self, operation: &Operation) {
        if operation.is_of_secret() {
            self.inverses.retain(Operation::is_of_secret);
        }
    }

    /// Takes back what was done before `error` and adds to it what state the router is left in. Also
    /// returns whether the router is certainly as it was.
    pub fn undo_after(self, error: Error, router: &Router) -> (Error, bool) {
        let nothing = self.inverses.is_empty() && !self.lasting;
        let doubtful = self.doubtful || self.lasting;
        match self.take_back(router) {
            Ok(()) if !doubtful && nothing => (error, true),
            Ok(()) if !doubtful => (
                error.with_note("What had been done on the router was taken back; it is safe to try again."),
                true,
            ),
            _ => (
                error.with_note(
                    "Part of it may be on the router; running the command again finishes it, Terminate removes it.",
                ),
                false,
            ),
        }
    }

    fn take_back(self, router: &Router) -> Result<()> {
        for inverse in self.inverses.iter().rev() {
            carry_out(router, inverse)?;
        }
        Ok(())
    }
}

/// Returns the id of the object the operation was about; empty for sessions.
fn carry_out(router: &Router, operation: &Operation) -> Result<Id> {
    match operation {
        Operation::AddQueue { change, .. } => router.add_queue(&queue_fields(change)),
        Operation::SetQueue { before, change } => router
            .set_queue(&before.id, &queue_fields(change))
            .map(|()| before.id.clone()),
        Operation::RemoveQueue { before } => {
            router.remove_queue(&before.id).map(|()| before.id.clone())
        }
        Operation::AddSecret { change, .. } => router.add_secret(&secret_fields(change)),
        Operation::SetSecret { before, change } => router
            .set_secret(&before.id, &secret_fields(change))
            .map(|()| before.id.clone()),
        Operation::RemoveSecret { before } => {
            router.remove_secret(&before.id).map(|()| before.id.clone())
        }
        Operation::EndSessions { names, address } => end_sessions(router, names, *address),
    }
}

/// Sessions are listed only now, after the login was refused, and again until they are seen to be gone. With an
/// `address` nobody may stay: who was let in at the last moment goes, too. Without, the client may dial anew.
fn end_sessions(router: &Router, names: &[String], address: Option<Ipv4Addr>) -> Result<Id> {
    let mut ended: Vec<Id> = Vec::new();
    let mut listed = sessions(router, names, address)?;
    let mut looks = 0;
    loop {
        let (own, others): (Vec<_>, Vec<_>) = listed
            .into_iter()
            .partition(|session| names.contains(&session.name));
        let goes =
            |session: &SessionRow| looks == 0 || address.is_some() || ended.contains(&session.id);
        let due: Vec<_> = own.into_iter().filter(goes).collect();
        let Some(first) = due.first() else {
            return others.first().map_or(Ok(Id::default()), |other| {
                Err(verdict::session_in_our_place(other))
            });
        };
        for session in &due {
            if !ended.contains(&session.id) {
                router.remove_session(&session.id)?;
                ended.push(session.id.clone());
            }
        }
        if looks == FAREWELLS || (looks > 0 && !router.pause(FAREWELL)?) {
            return Err(verdict::session_stays(first));
        }
        looks += 1;
        listed = sessions_left(router, names, address)?;
    }
}

/// The object's id if what `operation` wanted is there although it answered with an error.
fn found(operation: &Operation, observed: &Observed) -> Option<Id> {
    match operation {
        Operation::AddQueue { name, .. } => observed
            .queues
            .iter()
            .find(|row| row.name == *name)
            .map(|row| row.id.clone()),
        Operation::SetQueue { before, change } => observed
            .queues
            .iter()
            .find(|row| row.id == before.id && change.is_in(row))
            .map(|row| row.id.clone()),
        Operation::AddSecret { name, .. } => observed
            .secrets
            .iter()
            .find(|row| row.name == *name)
            .map(|row| row.id.clone()),
        Operation::SetSecret { before, change } => observed
            .secrets
            .iter()
            .find(|row| row.id == before.id && change.is_in(row))
            .map(|row| row.id.clone()),
        Operation::RemoveQueue { before } => {
            let gone = observed.queues.iter().all(|row| row.id != before.id);
            gone.then(|| before.id.clone())
        }
        Operation::RemoveSecret { before } => {
            let gone = observed.secrets.iter().all(|row| row.id != before.id);
            gone.then(|| before.id.clone())
        }
        Operation::EndSessions { .. } => None,
    }
}

fn queue_fields(change: &QueueChange) -> QueueFields<'_> {
    QueueFields {
        name: change.name.as_deref(),
        target: change.target,
        max_limit: change.limits,
        comment: change.comment.as_deref(),
        disabled: change.disabled,
    }
}

fn secret_fields(change: &SecretChange) -> SecretFields<'_> {
    SecretFields {
        name: change.name.as_deref(),
        password: change.password.as_ref(),
        service: change.service.as_deref(),
        profile: change.profile.as_deref(),
        remote_address: change.address,
        local_address: None,
        comment: change.comment.as_deref(),
        disabled: change.disabled,
    }
}

//! What WHMCS orders for one service. Each command is the engine with another desired state, returns
//! when the router and the database agree, and may be run again at any time.

use super::apply::{Done, apply};
use super::bypass;
use super::call::{Call, Routers};
use super::create;
use super::names;
use super::observe::{self, observe};
use super::plan::{Desired, Operation, Shape, State, plan};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::params::Params;
use crate::routeros::{Exchange, Query, Router};
use crate::settings::CapPolicy;
use crate::store::{self, accounts, services};
use crate::traffic::enforce::enforce_one;
use crate::traffic::settle::{settle, settle_as_active};
use crate::traffic::{grants, last_reading};

/// What a command is called in WHMCS's module log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Makes the account.
    Create,
    /// Refuses logins and ends sessions.
    Suspend,
    /// Allows logins again.
    Unsuspend,
    /// Removes the account.
    Terminate,
    /// Writes WHMCS's new password and ends sessions.
    ChangePassword,
    /// Brings limits, profile, service and quota to those of the product; sessions go on.
    ChangePackage,
    /// Ends sessions; the client dials in again.
    ResetConnection,
}

impl Command {
    /// Whether it goes where our record says that the account is, whatever WHMCS names now: what must not be
    /// online is taken off where it is.
    pub fn follows_record(self) -> bool {
        matches!(
            self,
            Self::Suspend | Self::Terminate | Self::ResetConnection
        )
    }

    /// WHMCS's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "CreateAccount",
            Self::Suspend => "SuspendAccount",
            Self::Unsuspend => "UnsuspendAccount",
            Self::Terminate => "TerminateAccount",
            Self::ChangePassword => "ChangePassword",
            Self::ChangePackage => "ChangePackage",
            Self::ResetConnection => "resetConnection",
        }
    }
}

/// Runs `command` for the service of `params`. What was said to the router is added to `log`, also
/// when it fails.
pub fn run(
    host: &dyn Host,
    params: &Params,
    command: Command,
    log: &mut Vec<Exchange>,
) -> Result<()> {
    let mut call = Call::begin(host, params, command)?;
    match command {
        Command::Create => create::create(&mut call, log),
        Command::Suspend => bring_to(&call, State::Disabled, log),
        Command::Unsuspend => unsuspend(&mut call, log),
        Command::Terminate => terminate(&call, log),
        Command::ChangePassword => {
            let password = call.password()?;
            names::check_password(&password)?;
            note_cap(&mut call)?;
            let state = present(&call, |shape| {
                shape.password = Some(password);
                shape.end_sessions = true;
            })?;
            bring_to(&call, state, log)
        }
        Command::ChangePackage => change_package(&mut call, log),
        Command::ResetConnection => reset_connection(&call, log),
    }
}

/// The product, or its policy, may be another one than when the account was capped. What the command is
/// about to bring to the router is written down before, or no grant would put it back.
pub(super) fn note_cap(call: &mut Call<'_>) -> Result<()> {
    if call.account.is_some() {
        let host = call.host;
        let settled = store::transaction(host, || settle(host, &[call.id]))?;
        call.capped = settled.jobs.iter().any(|job| job.cap.is_some());
    }
    Ok(())
}

/// Whatever fails once the router is as ordered says so.
fn on_router(error: Error) -> Error {
    error.with_note("The router is as ordered already; running the command again finishes it.")
}

fn present(call: &Call<'_>, change: impl FnOnce(&mut Shape)) -> Result<State> {
    let mut shape = call.shape()?;
    change(&mut shape);
    Ok(State::Present(Box::new(shape)))
}

/// Observe, plan, apply; a failed change is taken back, a failed suspension is not: it only ever
/// moves towards safety, and running it again finishes it.
fn bring_to(call: &Call<'_>, state: State, log: &mut Vec<Exchange>) -> Result<()> {
    let take_back = matches!(state, State::Present(_));
    let desired = call.desired(state)?;
    let routers = call.routers()?;
    let mut done = Done::default();
    let result = apply_plan(call, &routers, &desired, &mut done);
    let result = match result {
        Err(error) if take_back => Err(done.undo_after(error, &routers.recovery).0),
        Err(error) => Err(error.with_note("Running the command again is safe.")),
        Ok(()) => remember_queue(call, &done).map_err(on_router),
    };
    log.extend(routers.work.transcript());
    log.extend(routers.recovery.transcript());
    result
}

/// Counters that an operation would discard are read and booked before it.
fn apply_plan(
    call: &Call<'_>,
    routers: &Routers,
    desired: &Desired,
    done: &mut Done,
) -> Result<()> {
    let observed = observe(&routers.work, desired)?;
    let operations = plan(desired, &observed)?;
    if operations.iter().any(Operation::gives_profile) {
        let source = call.server.meter;
        bypass::check(&routers.work, source, &call.product, &observed.secrets)?;
    }
    let ends = |operation: &Operation| matches!(operation, Operation::EndSessions { .. });
    if operations.iter().any(ends) {
        let (router, source) = (&routers.work, call.server.meter);
        last_reading::book_sessions(call.host, router, source, call.id, &desired.owner.username)?;
    }
    let before = operations
        .iter()
        .position(Operation::discards_counters)
        .unwrap_or(operations.len());
    let (first, rest) = operations.split_at(before);
    apply(&routers.work, &routers.recovery, desired, first, done)?;
    if !matches!(desired.state, State::Present(_)) {
        see_closed(&routers.work, desired)?;
    }
    if !rest.is_empty() {
        last_reading::book(
            call.host,
            &routers.work,
            call.server.meter,
            call.id,
            &observed.queues,
        )?;
    }
    apply(&routers.work, &routers.recovery, desired, rest, done)
}

/// That nobody can log in any more is seen, not concluded; and before the queue goes, for whoever is left would
/// surf without limit and uncounted.
fn see_closed(router: &Router, desired: &Desired) -> Result<()> {
    let left = observe::secrets_left(router, &desired.owner)?;
    desired.owner.open_login(&left).map_or(Ok(()), Err)
}

/// A queue that had to be made anew begins at zero.
fn remember_queue(call: &Call<'_>, done: &Done) -> Result<()> {
    match &done.new_queue {
        Some(queue) => last_reading::begin(call.host, call.server.id, call.id, queue),
        None => Ok(()),
    }
}

fn terminate(call: &Call<'_>, log: &mut Vec<Exchange>) -> Result<()> {
    if call.live_account().is_none() && call.params.text("username").trim().is_empty() {
        // Never created, or terminated before: nothing can carry our tag unless our record was lost.
        return if call.account.is_some() {
            Ok(())
        } else {
            see_no_tag(call, log)
        };
    }
    bring_to(call, State::Absent, log)?;
    let host = call.host;
    let address = call.live_account().and_then(|account| account.address);
    store::transaction(host, || {
        accounts::retire(host, call.id)?;
        match address {
            Some(address) => services::clear_address(host, call.id, &address.to_string()),
            None => Ok(()),
        }
    })
    .map_err(on_router)
}

/// Without a record and a username only the tag tells whether the account is there.
fn see_no_tag(call: &Call<'_>, log: &mut Vec<Exchange>) -> Result<()> {
    let tag = call.tag();
    let routers = call.routers()?;
    let secrets = routers.work.secrets(&Query::all());
    log.extend(routers.work.transcript());
    match secrets?.iter().find(|row| observe::owns_secret(&tag, row)) {
        None => Ok(()),
        Some(row) => Err(Error::misuse(
            format!(
                "The router has the login \"{}\" with the comment \"{}\" of this service, of which WHMCS has no record",
                row.name.escape_debug(),
                row.comment.escape_debug()
            ),
            format!(
                "Enter {} as the service's username and run Terminate again",
                row.name.escape_debug()
            ),
        )),
    }
}

fn change_package(call: &mut Call<'_>, log: &mut Vec<Exchange>) -> Result<()> {
    note_cap(call)?;
    let state = present(call, |_| ())?;
    bring_to(call, state, log)?;
    let host = call.host;
    let settled = store::transaction(host, || {
        grants::upgrade(host, call.id, &call.product, &call.service)?;
        call.record_sold()?;
        settle(host, &[call.id])
    })
    .map_err(on_router)?;
    enforce_one(host, &settled.jobs, Some(call.deadline), log)
}

/// What was used up stays out, whoever asks; what an invoice proves to be paid is granted before that is
/// decided, for WHMCS may unsuspend a service before it renews it.
fn unsuspend(call: &mut Call<'_>, log: &mut Vec<Exchange>) -> Result<()> {
    let host = call.host;
    let mut capped = call.capped;
    if call.live_account().is_some() {
        let settled = store::transaction(host, || {
            grants::grant_invoiced(host, call.id, &call.product, &call.service)?;
            settle_as_active(host, call.id)
        })?;
        capped = settled.jobs.iter().any(|job| job.cap.is_some());
    }
    call.capped = capped;
    if capped && call.policy() == CapPolicy::Disable {
        return Err(Error::misuse(
            "The traffic of this service is used up, so it stays disabled",
            "Let the customer renew, or add traffic on the service's page, or set Override Auto-Suspend there; then run Unsuspend again",
        ));
    }
    let state = present(call, |shape| shape.enabled = Some(true))?;
    bring_to(call, state, log)?;
    let settled = store::transaction(host, || {
        call.record_sold()?;
        settle_as_active(host, call.id)
    })
    .map_err(on_router)?;
    enforce_one(host, &settled.jobs, Some(call.deadline), log)
}

fn reset_connection(call: &Call<'_>, log: &mut Vec<Exchange>) -> Result<()> {
    let desired = call.desired(State::Disabled)?;
    let routers = call.routers()?;
    let result = (|| {
        let observed = observe(&routers.work, &desired)?;
        if let Some(other) = &observed.foreign_secret
            && desired.owner.record.is_some()
        {
            return Err(desired.owner.in_our_place(other));
        }
        if let Some(other) = desired.owner.login_in_our_place(&observed.other_secrets) {
            return Err(other);
        }
        // Only the sessions of a suspension, not the suspension itself.
        let sessions: Vec<_> = plan(&desired, &observed)?
            .into_iter()
            .filter_map(|operation| match operation {
                Operation::EndSessions { names, .. } => Some(Operation::EndSessions {
                    names,
                    address: None,
                }),
                _ => None,
            })
            .collect();
        let mut done = Done::default();
        apply(
            &routers.work,
            &routers.recovery,
            &desired,
            &sessions,
            &mut done,
        )
    })();
    log.extend(routers.work.transcript());
    log.extend(routers.recovery.transcript());
    result.map_err(|error: Error| error.with_note("Running the command again is safe."))
}

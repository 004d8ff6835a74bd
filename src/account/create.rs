//! CreateAccount: claims a username and an address in the database, makes queue and secret on the
//! router, and only then tells WHMCS. Two orders at once cannot get the same address, for the claim is
//! a row under a unique key; a failure takes everything back, and a crash is finished by the next try.

use std::collections::HashSet;
use std::net::Ipv4Addr;

use super::addresses::AddressPool;
use super::apply::{Done, apply};
use super::bypass;
use super::call::{Call, Routers};
use super::commands::note_cap;
use super::names::{self, RuleContext};
use super::observe::observe_with_address;
use super::plan::{Desired, Shape, State, plan};
use super::verdict::Owner;
use crate::error::{Error, Result};
use crate::params::encoded;
use crate::routeros::{Exchange, SecretRow};
use crate::secret::Secret;
use crate::store::accounts::{self, Baseline, Booking};
use crate::store::{self, servers, services};
use crate::traffic::sessions::Book;
use crate::traffic::settle::settle_as_active;
use crate::traffic::{enforce, grants};
use crate::units::Traffic;

/// How often another name or address is tried when somebody else was faster or the router has it.
const TRIES: usize = 20;

/// What a service will log in with.
struct Identity {
    username: String,
    address: Ipv4Addr,
    password: Secret,
    /// This call claimed it, so this call gives it back when it fails.
    claimed: bool,
}

/// Creates the account, or finishes a creation that was left half done.
pub(super) fn create(call: &mut Call<'_>, log: &mut Vec<Exchange>) -> Result<()> {
    if let Some((_, error)) = call.product.contradictions().into_iter().next() {
        return Err(error);
    }
    let routers = call.routers()?;
    let password = password(call)?;
    // Addresses the router has given to something that is not ours.
    let mut unusable = HashSet::new();
    for _ in 0..TRIES {
        let identity = identify(call, password.clone(), &unusable)?;
        let address = identity.address;
        // Of an account from before; the grant that lifts it comes with the account.
        if let Err(error) = note_cap(call) {
            give_back(call, &identity)?;
            return Err(error);
        }
        let made = make(call, &routers, &identity, log);
        match made {
            Ok(Made::Done(done)) => {
                return finish(call, &identity, &done, log).map_err(|error| {
                    error.with_note(
                        "The account is on the router already; running Create again finishes it.",
                    )
                });
            }
            Ok(Made::NameTaken) => give_back(call, &identity)?,
            Ok(Made::AddressTaken) => {
                give_back(call, &identity)?;
                if !identity.claimed {
                    return Err(Error::misuse(
                        format!(
                            "The router uses the address {address} of this service for something else"
                        ),
                        "Remove that from the router, or run Terminate and Create to get another address",
                    ));
                }
                unusable.insert(address);
            }
            Err((error, clean)) => {
                if clean {
                    give_back(call, &identity)?;
                }
                return Err(error);
            }
        }
    }
    Err(Error::misuse(
        "The router already uses the names or addresses that come next for something else",
        "Take addresses in use out of the server's Assigned IP Addresses, or make the product's username rule longer",
    ))
}

enum Made {
    Done(Done),
    /// Something that is not ours has the address.
    AddressTaken,
    /// Something that is not ours has the name, and the rule may give another.
    NameTaken,
}

/// The router's part. An error comes with whether the router is certainly as it was.
fn make(
    call: &Call<'_>,
    routers: &Routers,
    identity: &Identity,
    log: &mut Vec<Exchange>,
) -> std::result::Result<Made, (Error, bool)> {
    let desired = desired(call, identity);
    let result = (|| {
        let (observed, taken) =
            observe_with_address(&routers.work, &desired, Some(identity.address))
                .map_err(|error| (error, true))?;
        if taken {
            return Ok(Made::AddressTaken);
        }
        let foreign = observed.foreign_secret.is_some() || observed.foreign_queue.is_some();
        if foreign && identity.claimed && names::is_random(&call.product.username_rule) {
            return Ok(Made::NameTaken);
        }
        see_own(&desired, identity, &observed.secrets).map_err(|error| (error, true))?;
        let source = call.server.meter;
        bypass::check(&routers.work, source, &call.product, &observed.secrets)
            .map_err(|error| (error, true))?;
        let operations = plan(&desired, &observed).map_err(|error| (error, true))?;
        let mut done = Done::default();
        match apply(
            &routers.work,
            &routers.recovery,
            &desired,
            &operations,
            &mut done,
        ) {
            Ok(()) => Ok(Made::Done(done)),
            Err(error) => Err(done.undo_after(error, &routers.recovery)),
        }
    })();
    log.extend(routers.work.transcript());
    log.extend(routers.recovery.transcript());
    result
}

/// Before an account is on record, a login with our tag but another name and another address may be that of the
/// customer who had this service number before our record was lost.
fn see_own(desired: &Desired, identity: &Identity, secrets: &[SecretRow]) -> Result<()> {
    if desired.owner.record.is_some() {
        return Ok(());
    }
    let (name, address) = (&identity.username, identity.address);
    let differs =
        |row: &&SecretRow| row.name != *name && row.remote_address.is_some_and(|at| at != address);
    let Some(other) = secrets.iter().find(differs) else {
        return Ok(());
    };
    let at = other.remote_address.map(|at| at.to_string());
    let (theirs, at) = (other.name.escape_debug(), at.unwrap_or_default());
    Err(Error::misuse(
        format!(
            "The router has the login \"{theirs}\" at {at} with the comment of this service, of which WHMCS has no record, and the new account would be \"{name}\" at {address}"
        ),
        format!(
            "If it is this service's, enter {theirs} as its username and {at} as its Dedicated IP and run Create again; if not, remove it or its comment on the router"
        ),
    ))
}

fn desired(call: &Call<'_>, identity: &Identity) -> Desired {
    let mut shape = Shape {
        address: identity.address,
        profile: call.product.profile.clone(),
        service: call.product.service.as_str(),
        limits: call.product.limits,
        enabled: Some(true),
        enabled_if_new: true,
        password: Some(identity.password.clone()),
        password_if_new: identity.password.clone(),
        end_sessions: false,
    };
    call.cap(&mut shape);
    Desired {
        owner: Owner {
            service: call.id,
            username: identity.username.clone(),
            tag: call.tag(),
            record: call.record(),
        },
        state: State::Present(Box::new(shape)),
    }
}

/// The database's part, in one transaction: from here on WHMCS knows the account.
fn finish(
    call: &Call<'_>,
    identity: &Identity,
    done: &Done,
    log: &mut Vec<Exchange>,
) -> Result<()> {
    let host = call.host;
    // WHMCS keeps what was typed encoded, and reads it so: what it has is left as it is.
    let password = match call.params.secret("password") {
        known if known.expose() == identity.password.expose() => None,
        _ => Some(host.encrypt(&Secret::new(encoded(identity.password.expose())))?),
    };
    let now = host.now();
    let evidence = servers::evidence(host, call.server.id)?;
    let known = call
        .account
        .as_ref()
        .is_some_and(|account| account.provisioned || account.sessions.is_some());
    let settled = store::transaction(host, || {
        accounts::lock_revision(host, call.id)?;
        call.record_sold()?;
        if let Some(queue) = &done.new_queue
            // See `last_reading::begin`.
            && !accounts::has_baseline(host, call.id)?
        {
            let baseline = Baseline {
                counted: Traffic::ZERO,
                queue: queue.to_string(),
                boot: evidence.boot,
                uptime: evidence.uptime,
                at: now,
            };
            let begin = Booking {
                // A new account's first session is known from its beginning.
                sessions: (!known).then(|| Book::default().text()),
                ..Booking::begin(call.id, baseline)
            };
            accounts::book(host, &[begin])?;
        }
        services::store_credentials(
            host,
            call.id,
            &identity.username,
            password.as_deref(),
            &identity.address.to_string(),
        )?;
        grants::grant_first(host, call.id, &call.product, &call.service)?;
        accounts::store_provisioned(host, call.id, now)?;
        settle_as_active(host, call.id)
    })?;
    enforce::enforce_one(host, &settled.jobs, Some(call.deadline), log)
}

fn give_back(call: &Call<'_>, identity: &Identity) -> Result<()> {
    if identity.claimed {
        store::transaction(call.host, || accounts::retire(call.host, call.id))?;
    }
    Ok(())
}

/// The name and address on record, or newly claimed ones.
fn identify(call: &Call<'_>, password: Secret, unusable: &HashSet<Ipv4Addr>) -> Result<Identity> {
    if let Some(account) = call.live_account() {
        if account.server != call.server.id {
            return Err(Error::misuse(
                format!(
                    "The service's account is still on server {}",
                    account.server
                ),
                "Choose that server on the service's page and run Terminate, then choose the new one and run Create",
            ));
        }
        if let Some(address) = account.address {
            return Ok(Identity {
                username: account.username.clone(),
                address,
                password,
                claimed: false,
            });
        }
    }
    claim(call, password, unusable)
}

fn claim(call: &Call<'_>, password: Secret, unusable: &HashSet<Ipv4Addr>) -> Result<Identity> {
    let host = call.host;
    let pool = AddressPool::parse(&servers::assigned_ips(host, call.server.id)?)?;
    let mut last = None;
    for _ in 0..TRIES {
        let username = free_username(call)?;
        let mut taken = accounts::taken_addresses(host, call.server.id, call.id)?;
        taken.extend(unusable);
        let address = match call.service.dedicated_ip.trim() {
            "" => pool.first_free(&taken).ok_or_else(|| no_address(&pool))?,
            wish => wished(wish, &pool, &taken, unusable)?,
        };
        match accounts::claim(host, call.id, call.server.id, &username, address) {
            Ok(()) => {
                return Ok(Identity {
                    username,
                    address,
                    password,
                    claimed: true,
                });
            }
            Err(error) if error.is_duplicate_key() || error.is_lock_conflict() => {
                last = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    let error = last.unwrap_or_else(|| Error::bug("no claim was tried"));
    Err(error.with_note("Another order was faster each time; try again."))
}

/// The address an admin entered for the service: it or none.
fn wished(
    wish: &str,
    pool: &AddressPool,
    taken: &HashSet<Ipv4Addr>,
    unusable: &HashSet<Ipv4Addr>,
) -> Result<Ipv4Addr> {
    let fault = match wish.parse() {
        Err(_) => "is no IPv4 address",
        Ok(address) if !pool.contains(address) => "is not among the server's Assigned IP Addresses",
        Ok(address) if unusable.contains(&address) => "is used by something else on the router",
        Ok(address) if taken.contains(&address) => "is another service's already",
        Ok(address) => return Ok(address),
    };
    Err(Error::misuse(
        format!(
            "The service's Dedicated IP \"{}\" {fault}",
            wish.escape_debug()
        ),
        "Enter a free one of the server's Assigned IP Addresses on the service's page, or clear the field to get the next that is free",
    ))
}

fn no_address(pool: &AddressPool) -> Error {
    Error::misuse(
        format!(
            "All {} addresses of the server's Assigned IP Addresses are in use",
            pool.len()
        ),
        "Add addresses there under System Settings > Servers, or terminate accounts nobody needs; nothing was changed on the router",
    )
}

/// A name by the product's rule, WHMCS's own or ours, that no other service has.
fn free_username(call: &Call<'_>) -> Result<String> {
    let given = call.params.text("username").trim();
    let rule = match (call.product.username_rule.as_str(), given) {
        ("", "") => names::DEFAULT_USERNAME_RULE,
        ("", given) => return free(call, given.to_owned()),
        (rule, _) => rule,
    };
    let now = call.host.now();
    let context = RuleContext {
        client: call.params.int("userid"),
        service: call.id,
        now: now.with_timezone(&call.host.time_zone()),
    };
    let mut rng = crate::random::source();
    for _ in 1..TRIES {
        let name = names::username(rule, &context, &mut rng)?;
        match free(call, name) {
            Err(error) if error.is_misuse() && names::is_random(rule) => {}
            result => return result,
        }
    }
    free(call, names::username(rule, &context, &mut rng)?)
}

fn free(call: &Call<'_>, name: String) -> Result<String> {
    names::check_username(&name)?;
    match services::with_username(call.host, &name, call.id)? {
        None => Ok(name),
        Some(other) => Err(Error::misuse(
            format!("The username \"{name}\" belongs to service {other} already"),
            "Give the service another username, or add {random_digit_4} to the product's username rule",
        )),
    }
}

/// The product's rule makes a password once; after that WHMCS's own is the one.
fn password(call: &Call<'_>) -> Result<Secret> {
    let given = call.params.secret("password");
    let known = call
        .account
        .as_ref()
        .is_some_and(|account| account.provisioned);
    let rule = match call.product.password_rule.as_str() {
        "" if given.is_empty() => names::DEFAULT_PASSWORD_RULE,
        "" => return names::check_password(&given).map(|()| given),
        _ if known && !given.is_empty() => return Ok(given),
        rule => rule,
    };
    names::password(rule, &mut crate::random::source())
}

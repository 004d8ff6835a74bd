//! Reads what the router has under an account's name, tag or address: two small requests.

use std::net::Ipv4Addr;

use super::plan::{Desired, Observed, Stray, single_target};
use super::tag::{Tag, Whose};
use crate::error::{Error, Result};
use crate::routeros::{Query, QueueRow, Router, SecretRow};

/// What the router has for `desired`.
pub fn observe(router: &Router, desired: &Desired) -> Result<Observed> {
    let (observed, _) = observe_with_address(router, desired, None)?;
    Ok(observed)
}

/// Also says whether something that is not ours uses `address`.
pub fn observe_with_address(
    router: &Router,
    desired: &Desired,
    address: Option<Ipv4Addr>,
) -> Result<(Observed, bool)> {
    let secrets = router.secrets(&query(desired, "remote-address", address))?;
    let queues = router.queues(&query(desired, "target", address))?;
    let taken = address.is_some_and(|address| is_taken(&desired.tag, address, &secrets, &queues));
    Ok((sorted(desired, secrets, queues)?, taken))
}

fn query(desired: &Desired, field: &str, address: Option<Ipv4Addr>) -> Query {
    let by_name = Query::field("name", &desired.username);
    let by_tag = desired.tag.all().map(|tag| Query::field("comment", tag));
    let mut query = by_tag.fold(by_name, Query::or);
    if let Some(address) = address {
        // A queue's target reads back with its prefix length, a secret's address without.
        query = query
            .or(Query::field(field, &address.to_string()))
            .or(Query::field(field, &format!("{address}/32")));
    }
    query
}

fn is_taken(tag: &Tag, address: Ipv4Addr, secrets: &[SecretRow], queues: &[QueueRow]) -> bool {
    let has = |at: Option<Ipv4Addr>| at == Some(address);
    secrets
        .iter()
        .any(|row| has(row.remote_address) && !owns_secret(tag, row))
        || queues
            .iter()
            .any(|row| has(single_target(row)) && !row.dynamic && !owns_queue(tag, row))
}

/// Whether a secret is the account's.
pub fn owns_secret(tag: &Tag, row: &SecretRow) -> bool {
    tag.owns(&row.comment, &row.name, row.remote_address)
}

/// Whether a queue is the account's.
pub fn owns_queue(tag: &Tag, row: &QueueRow) -> bool {
    tag.owns(&row.comment, &row.name, single_target(row))
}

fn sorted(desired: &Desired, secrets: Vec<SecretRow>, queues: Vec<QueueRow>) -> Result<Observed> {
    let tag = &desired.tag;
    let mut observed = Observed::default();
    for row in secrets {
        if owns_secret(tag, &row) {
            observed.secrets.push(row);
            continue;
        }
        if tag.whose(&row.comment) == Whose::Unmarked {
            observed.stray.get_or_insert_with(|| Stray::secret(&row));
        }
        if row.name == desired.username {
            observed.foreign_secret = Some(row);
        }
    }
    for row in queues.into_iter().filter(|row| !row.dynamic) {
        if owns_queue(tag, &row) {
            observed.queues.push(row);
            continue;
        }
        if tag.whose(&row.comment) == Whose::Unmarked {
            observed.stray.get_or_insert_with(|| Stray::queue(&row));
        }
        if row.name == desired.username {
            observed.foreign_queue = Some(row);
        }
    }
    observed
        .secrets
        .sort_by_key(|row| row.name != desired.username);
    observed
        .queues
        .sort_by_key(|row| row.name != desired.username);
    // An object with our tag and no id could not be changed, and would be made a second time.
    let nameless = observed
        .secrets
        .iter()
        .any(|row| row.id.as_str().is_empty())
        || observed.queues.iter().any(|row| row.id.as_str().is_empty());
    if nameless {
        return Err(Error::nonsense("print", "a row has no .id"));
    }
    Ok(observed)
}

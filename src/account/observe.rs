//! Reads what the router has under an account's name, tag or address: two small requests. What should be there
//! and is not, is read again before it is believed, by the table of `verdict`.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::plan::{Desired, Observed, State, Stray};
use super::tag::{self, Tag};
use super::verdict::{self, Empty, Owner, Whose};
use crate::error::{Error, Result};
use crate::routeros::{Query, QueueRow, Router, SecretRow, SessionRow};

/// How often a list is read that a router may not have loaded yet, and how long it is left alone in between.
const LOOKS: usize = 8;
const PAUSE: Duration = Duration::from_secs(1);

/// The services a login may use; their sessions' interfaces are called after them.
const SERVICES: [&str; 5] = ["l2tp", "pptp", "sstp", "ovpn", "pppoe"];

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
    let owner = &desired.owner;
    let secrets = secrets(router, owner, address)?;
    let queues = if matches!(desired.state, State::Disabled) {
        Vec::new()
    } else {
        queues(router, owner, address)?
    };
    let taken = address.is_some_and(|address| is_taken(owner, address, &secrets, &queues));
    Ok((sorted(owner, secrets, queues)?, taken))
}

/// All secrets that are left under the name, tag or address of `owner`, once the list is known to be loaded.
pub(super) fn secrets_left(router: &Router, owner: &Owner) -> Result<Vec<SecretRow>> {
    router.secrets(&query(owner, "remote-address", None))
}

fn secrets(router: &Router, owner: &Owner, address: Option<Ipv4Addr>) -> Result<Vec<SecretRow>> {
    let query = query(owner, "remote-address", address);
    let list = List {
        menu: "/ppp/secret",
        ask: &|query| router.secrets(query),
        is_ours: &|row| owner.of_secret(row).is_ours(),
        concerns: &|row| owner.of_secret(row) != Whose::Foreign || is_unmarked(owner, &row.comment),
    };
    list.read(router, owner, &query)
}

fn queues(router: &Router, owner: &Owner, address: Option<Ipv4Addr>) -> Result<Vec<QueueRow>> {
    let query = query(owner, "target", address);
    let list = List {
        menu: "/queue/simple",
        ask: &|query| router.queues(query),
        is_ours: &|row| owner.of_queue(row).is_ours(),
        concerns: &|row| owner.of_queue(row) != Whose::Foreign || is_unmarked(owner, &row.comment),
    };
    list.read(router, owner, &query)
}

fn query(owner: &Owner, field: &str, address: Option<Ipv4Addr>) -> Query {
    let by_name = Query::field("name", &owner.username);
    let by_tag = owner.tag.all().map(|tag| Query::field("comment", tag));
    let mut query = by_tag.fold(by_name, Query::or);
    let recorded = owner.record.as_ref().map(|record| record.address);
    if let Some(address) = address.or(recorded) {
        // A queue's target reads back with its prefix length, a secret's address without.
        query = query
            .or(Query::field(field, &address.to_string()))
            .or(Query::field(field, &format!("{address}/32")));
    }
    query
}

/// A menu that should hold something of an account on record.
struct List<'a, Row> {
    menu: &'static str,
    ask: &'a dyn Fn(&Query) -> Result<Vec<Row>>,
    /// Whether a row may be changed.
    is_ours: &'a dyn Fn(&Row) -> bool,
    /// Whether a row is of the account or stands in its place.
    concerns: &'a dyn Fn(&Row) -> bool,
}

impl<Row> List<'_, Row> {
    /// Routers find comments as a whole only. So where an account on record is not found, its tag with an
    /// admin's words behind it is looked for in the whole menu.
    fn read(&self, router: &Router, owner: &Owner, query: &Query) -> Result<Vec<Row>> {
        let rows = (self.ask)(query)?;
        if owner.record.is_none() || rows.iter().any(self.is_ours) {
            return Ok(rows);
        }
        let uptime = router.resource()?.uptime;
        for look in 1.. {
            let all = (self.ask)(&Query::all())?;
            if verdict::weigh(uptime, !all.is_empty()) == Empty::Believed {
                return Ok(all.into_iter().filter(|row| (self.concerns)(row)).collect());
            }
            if look == LOOKS || !router.pause(PAUSE)? {
                break;
            }
        }
        Err(verdict::not_loaded(self.menu, uptime))
    }
}

/// The sessions of `names` and those from `address`. That there is none is believed by `verdict`.
pub(super) fn sessions(
    router: &Router,
    names: &[String],
    address: Option<Ipv4Addr>,
) -> Result<Vec<SessionRow>> {
    let Some(query) = sessions_query(names, address) else {
        return Ok(Vec::new());
    };
    let rows = router.sessions(&query)?;
    if !rows.is_empty() {
        return Ok(rows);
    }
    let uptime = router.resource()?.uptime;
    if verdict::is_settled(uptime) {
        return router.sessions(&query);
    }
    for look in 1.. {
        let interfaces = router.interfaces(&interfaces_query(names))?;
        if verdict::weigh_sessions(uptime, &interfaces) == Empty::Believed {
            return Ok(Vec::new());
        }
        if look == LOOKS || !router.pause(PAUSE)? {
            break;
        }
        let rows = router.sessions(&query)?;
        if !rows.is_empty() {
            return Ok(rows);
        }
    }
    Err(verdict::not_loaded("/ppp/active", uptime))
}

/// The sessions that are left after some were ended: the list is known to be loaded.
pub(super) fn sessions_left(
    router: &Router,
    names: &[String],
    address: Option<Ipv4Addr>,
) -> Result<Vec<SessionRow>> {
    sessions_query(names, address).map_or(Ok(Vec::new()), |query| router.sessions(&query))
}

fn sessions_query(names: &[String], address: Option<Ipv4Addr>) -> Option<Query> {
    let by_name = names.iter().map(|name| Query::field("name", name));
    let by_address = address.map(|address| Query::field("address", &address.to_string()));
    by_name.chain(by_address).reduce(Query::or)
}

/// The interfaces of these logins' sessions, and the ports every router has.
fn interfaces_query(names: &[String]) -> Query {
    let ports = Query::field("type", verdict::PORT);
    let called = names.iter().flat_map(|name| {
        SERVICES.map(|service| Query::field("name", &format!("<{service}-{name}>")))
    });
    called.fold(ports, Query::or)
}

fn is_taken(owner: &Owner, address: Ipv4Addr, secrets: &[SecretRow], queues: &[QueueRow]) -> bool {
    let secret =
        |row: &SecretRow| row.remote_address == Some(address) && !owner.of_secret(row).is_ours();
    let queue = |row: &QueueRow| {
        row.address() == Some(address) && !row.dynamic && !owner.of_queue(row).is_ours()
    };
    secrets.iter().any(secret) || queues.iter().any(queue)
}

/// Whether a secret carries the account's tag.
pub fn owns_secret(tag: &Tag, row: &SecretRow) -> bool {
    tag.owns(&row.comment, &row.name, row.remote_address)
}

/// Whether a queue carries the account's tag.
pub fn owns_queue(tag: &Tag, row: &QueueRow) -> bool {
    tag.owns(&row.comment, &row.name, row.address())
}

fn is_unmarked(owner: &Owner, comment: &str) -> bool {
    owner.tag.whose(comment) == tag::Whose::Unmarked
}

fn sorted(owner: &Owner, secrets: Vec<SecretRow>, queues: Vec<QueueRow>) -> Result<Observed> {
    let mut observed = Observed::default();
    let named = |name: &str| name == owner.username;
    for row in secrets {
        if owner.of_secret(&row).is_ours() {
            observed.secrets.push(row);
            continue;
        }
        if is_unmarked(owner, &row.comment) {
            observed.stray.get_or_insert_with(|| Stray::secret(&row));
        }
        if named(&row.name) {
            observed.foreign_secret = Some(row.clone());
        }
        observed.other_secrets.push(row);
    }
    for row in queues.into_iter().filter(|row| !row.dynamic) {
        if owner.of_queue(&row).is_ours() {
            observed.queues.push(row);
            continue;
        }
        if is_unmarked(owner, &row.comment) {
            observed.stray.get_or_insert_with(|| Stray::queue(&row));
        }
        // The first queue in the list that matches takes the traffic.
        if observed.queues.is_empty() && owner.takes_traffic(&row) {
            observed.queue_above.get_or_insert_with(|| row.clone());
        }
        if named(&row.name) {
            observed.foreign_queue = Some(row);
        }
    }
    let recorded = owner.record.as_ref().map(|record| record.address);
    observed
        .secrets
        .sort_by_key(|row| (!named(&row.name), row.remote_address != recorded));
    observed.queues.sort_by_key(|row| !named(&row.name));
    // An object of ours without an id could not be changed, and would be made a second time.
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

//! `/certificate sign`: a template becomes a certificate, of its own making or an authority's.

use super::items;
use crate::clock;
use crate::duration;
use crate::engine::{Command, Reply};
use crate::menus::VersionMenu;
use crate::state::State;
use crate::tables::{Id, TableId};
use crate::trap::Trap;

const TABLE: TableId = TableId::Certificate;
const DAY: u64 = 86_400;

/// Signs the templates named. What a real router says to one that is signed already, or to an authority
/// that is none, is not known.
pub fn sign(state: &mut State, command: &Command) -> Result<Reply, Trap> {
    let menu = state
        .catalogue
        .menu(&command.menu)
        .ok_or_else(Trap::no_such_command)?;
    let ids = items::named(state, menu, command)?;
    let authority = command
        .argument("ca")
        .map(|name| authority(state, menu, name))
        .transpose()?;
    if ids.iter().any(|id| is(state, *id, "private-key")) {
        return Err(Trap::failure("failure: already signed"));
    }
    for id in ids {
        make(state, id, authority);
    }
    Ok(Reply::Done)
}

fn authority(state: &State, menu: &VersionMenu, name: &str) -> Result<Id, Trap> {
    let id = items::one(state, menu, name).map_err(|_| Trap::no_match("ca"))?;
    if is(state, id, "authority") {
        Ok(id)
    } else {
        Err(Trap::no_match("ca"))
    }
}

fn is(state: &State, id: Id, flag: &str) -> bool {
    state.tables[TABLE].text(id, flag) == Some("true")
}

fn make(state: &mut State, id: Id, authority: Option<Id>) {
    let text = |name: &str| state.tables[TABLE].text(id, name).unwrap_or_default();
    let days: u64 = text("days-valid").parse().unwrap_or(365);
    let usage = text("key-usage").to_owned();
    let may_sign = usage.is_empty() || usage.split(',').any(|word| word == "key-cert-sign");
    let now = state.clock.wall(state.settled_at);
    let end = now + chrono::TimeDelta::seconds(i64::try_from(days * DAY).unwrap_or(i64::MAX));
    let version = state.options.version;
    // Nobody compares it: no handshake shows a certificate made here.
    let fingerprint = format!("{:064x}", id.0);
    // the key's own name, and that of the key it is signed with: a root names none (capture of a self-made one)
    let key = format!("{:040x}", id.0);
    let signed_with = authority.and_then(|id| state.tables[TABLE].text(id, "skid"));
    let signed_with = signed_with.unwrap_or_default().to_owned();
    let ca = authority.and_then(|id| state.tables.name(TABLE, id).map(str::to_owned));
    for (name, value) in [
        ("private-key", "true"),
        ("authority", if may_sign { "true" } else { "false" }),
        ("trusted", "true"),
        ("crl", "false"),
        ("smart-card-key", "false"),
        ("key-type", "rsa"),
        ("fingerprint", &fingerprint),
        ("skid", &key),
        ("akid", &signed_with),
        ("invalid-before", &clock::timestamp(version, now)),
        ("invalid-after", &clock::timestamp(version, end)),
        ("expires-after", &duration::format(days * DAY)),
    ] {
        state.write_text(TABLE, id, name, value);
    }
    if let Some(ca) = ca {
        state.write_text(TABLE, id, "ca", &ca);
    }
}

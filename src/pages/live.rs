//! The account as the router has it now, for admins: two small requests. Admins share them as customers do (see
//! `status`), with slots of their own: a router is asked for at most two of their pages in a second, and not at
//! all for a while after it did not answer. Whoever comes then sees what was seen last, with its time.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::account::observe::owns_secret;
use crate::account::tag::Tag;
use crate::error::Result;
use crate::host::Host;
use crate::routeros::{Deadline, Query, SecretRow, SessionRow};
use crate::settings::ServerSettings;
use crate::store::live::{self, Hearing, Lane};

/// How long a router is left alone after it did not answer.
const SILENCE: Duration = Duration::from_secs(10);

/// Of the account and of its sessions.
const REQUESTS: u8 = 2;

/// Whose account is looked at.
pub(super) struct Subject<'a> {
    pub service: i64,
    pub server: &'a ServerSettings,
    pub username: &'a str,
    pub tag: &'a Tag,
}

/// What there is to show.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// `account`, null when the router has no secret of ours with that name, and `sessions`, the longest first;
    /// `None` before the router ever said.
    pub seen: Option<Value>,
    /// When that was, if it was not now.
    pub at: Option<DateTime<Utc>>,
    /// Why the router does not answer.
    pub error: Option<String>,
}

/// Asks the router, if it is not to be left alone. Only the database can make it fail.
pub(super) fn look(host: &dyn Host, subject: &Subject<'_>) -> Result<Sight> {
    let (service, server) = (subject.service, subject.server);
    let record = live::find(host, service, server.id)?;
    let waits = matches!(record.hearing, Hearing::Resting | Hearing::Doubted)
        || live::take_slots(host, server.id, Lane::Admins, REQUESTS)? < u64::from(REQUESTS);
    if waits {
        let router = server.endpoint.name();
        let is_silent = !matches!(record.hearing, Hearing::Answers | Hearing::Failed);
        let error = is_silent.then(|| {
            format!("The router {router} did not answer a moment ago. It is asked again when the page is opened in a few seconds.")
        });
        return remembered(host, service, error);
    }
    let began = Instant::now();
    match ask(subject) {
        Ok(seen) => {
            live::store_looked(host, service, &seen.to_string())?;
            if record.hearing != Hearing::Answers {
                live::note_answer(host, server.id)?;
            }
            Ok(Sight {
                seen: Some(seen),
                ..Sight::default()
            })
        }
        Err(error) => {
            let (certain, spent) = (!error.is_timeout(), began.elapsed());
            live::note_failure(host, server.id, certain, spent, SILENCE)?;
            remembered(host, service, Some(error.to_string()))
        }
    }
}

fn remembered(host: &dyn Host, service: i64, error: Option<String>) -> Result<Sight> {
    let looked = live::looked(host, service)?;
    let (at, seen) = looked
        .and_then(|(at, seen)| Some((at, serde_json::from_str(&seen).ok()?)))
        .unzip();
    Ok(Sight { seen, at, error })
}

/// No call of WHMCS in here: the router is being talked to.
fn ask(subject: &Subject<'_>) -> Result<Value> {
    let router = subject.server.router(Deadline::after(super::PATIENCE))?;
    let by_name = Query::field("name", subject.username);
    let secret = router
        .secrets(&by_name)?
        .into_iter()
        .find(|secret| owns_secret(subject.tag, secret));
    let mut sessions = match secret {
        Some(_) => router.sessions(&by_name)?,
        None => Vec::new(),
    };
    sessions.sort_by_key(|session| std::cmp::Reverse(session.uptime));
    Ok(json!({
        "account": secret.as_ref().map(account),
        "sessions": sessions.iter().map(session).collect::<Value>(),
    }))
}

fn account(secret: &SecretRow) -> Value {
    json!({
        "state": "found",
        "username": secret.name,
        "enabled": !secret.disabled,
        "profile": secret.profile,
        "service": secret.service,
        "address": secret.remote_address.map(|address| address.to_string()),
        "comment": secret.comment,
    })
}

fn session(session: &SessionRow) -> Value {
    json!({
        "protocol": session.service.to_uppercase(),
        "address": session.address.map(|address| address.to_string()),
        "caller": session.caller_id,
        "seconds": session.uptime.map(|uptime| uptime.as_secs()),
    })
}

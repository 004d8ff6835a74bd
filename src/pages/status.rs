//! The live status of one account, as its owner sees it: at most two requests for a page, one for a poll.
//!
//! | who asks | what it asks the router |
//! |---|---|
//! | page, connected | sessions, then the queue for the present speed |
//! | page, not connected | sessions, then the secret: an account that is missing is another page |
//! | poll, not connected | sessions |
//! | poll, connected | the queue and the sessions, one of them each time |
//!
//! A service is asked about once in [`INTERVAL`], and a router gets five requests a second from all pages
//! together; whoever comes sooner gets what was seen last, with its time. A router that did not answer twice in
//! a row, or refused, is left alone for [`SILENCE`], so that its customers do not wait for it one after the
//! other. Once proves nothing: a page has little time, and a busy web server uses it up.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::account::observe::{owns_queue, owns_secret};
use crate::account::tag::Tag;
use crate::error::Result;
use crate::host::Host;
use crate::routeros::{Deadline, Query, QueueRow, SessionRow};
use crate::settings::ServerSettings;
use crate::store::live::{self, Hearing, Lane};

/// How often a service is asked about.
const INTERVAL: Duration = Duration::from_secs(5);

/// How long a router is left alone after it did not answer.
const SILENCE: Duration = Duration::from_secs(10);

/// Uptimes are whole seconds, so a beginning reckoned from one wavers by as much.
const WAVERING_SECONDS: i64 = 3;

/// Whose status.
pub(super) struct Subject<'a> {
    pub service: i64,
    pub server: &'a ServerSettings,
    pub username: &'a str,
    pub tag: &'a Tag,
    pub address: Option<Ipv4Addr>,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    Page,
    Poll,
}

impl Asker {
    fn requests(self) -> u8 {
        match self {
            Self::Page => 2,
            Self::Poll => 1,
        }
    }
}

/// What is known now.
#[derive(Debug, Default)]
pub(super) struct Status {
    /// What the router said last.
    seen: Seen,
    /// When that was; `None` before it ever answered.
    at: Option<DateTime<Utc>>,
    /// What was seen is not of now.
    stale: bool,
    /// The router does not answer.
    pub silent: bool,
}

/// What a router said of an account, kept between requests as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Seen {
    /// Whether the account is on the router; `None` when nobody has looked.
    exists: Option<bool>,
    session: Option<Session>,
    /// Bits per second, download and upload.
    speed: Option<(u64, u64)>,
    /// The latest request was for the queue.
    looked_at_queue: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Session {
    protocol: String,
    address: Option<Ipv4Addr>,
    caller: String,
    /// Unix seconds.
    since: Option<i64>,
}

impl Status {
    /// The router was asked and has no such account.
    pub fn is_missing(&self) -> bool {
        self.seen.exists == Some(false)
    }

    /// `connected` is null when nobody knows; moments are Unix seconds, speeds bits per second. What is `stale`
    /// is to be shown with its time, and has no present speed.
    pub fn value(&self) -> Value {
        let session = self.seen.session.as_ref();
        let stale = self.stale || self.silent;
        let speed = self.seen.speed.filter(|_| session.is_some() && !stale);
        json!({
            "connected": self.at.map(|_| session.is_some()),
            "at": self.at.map(|at| at.timestamp()),
            "stale": stale,
            "protocol": session.map(|session| &session.protocol),
            "address": session.and_then(|session| session.address).map(|address| address.to_string()),
            "caller": session.map(|session| &session.caller),
            "since": session.and_then(|session| session.since),
            "download": speed.map(|(download, _)| download),
            "upload": speed.map(|(_, upload)| upload),
        })
    }
}

/// Asks the router if that is allowed now, and tells what is known. Only the database can make it fail.
pub(super) fn status(host: &dyn Host, subject: &Subject<'_>, asker: Asker) -> Result<Status> {
    let (service, server) = (subject.service, subject.server.id);
    let record = live::find(host, service, server)?;
    let known = Status {
        seen: serde_json::from_str(&record.seen).unwrap_or_default(),
        at: record.at,
        stale: record.stale,
        silent: matches!(record.hearing, Hearing::Silent | Hearing::Resting),
    };
    if record.hearing == Hearing::Resting || !live::claim(host, service, INTERVAL)? {
        return Ok(known);
    }
    let requests = live::take_slots(host, server, Lane::Customers, asker.requests())?;
    if requests == 0 {
        live::unclaim(host, service)?;
        return Ok(known);
    }
    let began = Instant::now();
    match ask(subject, asker, requests, &known.seen) {
        Ok(answer) => {
            let now = host.now();
            let seen = answer.merge(&known.seen, now);
            live::store(host, service, &json!(seen).to_string())?;
            if record.hearing != Hearing::Answers {
                live::note_answer(host, server)?;
            }
            Ok(Status {
                seen,
                at: Some(now),
                stale: false,
                silent: false,
            })
        }
        Err(error) => {
            let spent = began.elapsed();
            let silent = live::note_failure(host, server, !error.is_timeout(), spent, SILENCE)?;
            let request = format!("service {service}");
            host.log_call("ClientArea", &request, &error.to_string(), &[]);
            Ok(Status {
                silent,
                stale: true,
                ..known
            })
        }
    }
}

/// What was heard just now.
#[derive(Debug, Default)]
struct Answer {
    exists: Option<bool>,
    session: Heard<SessionRow>,
    speed: Heard<(u64, u64)>,
}

#[derive(Debug, Default)]
enum Heard<T> {
    #[default]
    NotAsked,
    Nothing,
    This(T),
}

impl<T> From<Option<T>> for Heard<T> {
    fn from(heard: Option<T>) -> Self {
        heard.map_or(Self::Nothing, Self::This)
    }
}

/// No call of WHMCS in here: the router is being talked to.
fn ask(subject: &Subject<'_>, asker: Asker, requests: u64, before: &Seen) -> Result<Answer> {
    let router = subject.server.router(Deadline::after(super::PATIENCE))?;
    let by_name = Query::field("name", subject.username);
    if asker == Asker::Poll && before.session.is_some() && !before.looked_at_queue {
        return Ok(Answer {
            speed: speed(&router.queues(&by_name)?, subject.tag).into(),
            ..Answer::default()
        });
    }
    let session = longest(router.sessions(&by_name)?, subject.address);
    let certain = session
        .as_ref()
        .is_some_and(|session| session.address.is_some() && session.address == subject.address);
    let mut answer = Answer {
        session: session.into(),
        ..Answer::default()
    };
    if certain {
        // Nobody else gets that address from us, so the account was there when it logged in.
        answer.exists = Some(true);
    }
    if requests < 2 {
        return Ok(answer);
    }
    if certain {
        answer.speed = speed(&router.queues(&by_name)?, subject.tag).into();
    } else {
        let secrets = router.secrets(&by_name)?;
        let ours = secrets
            .iter()
            .any(|secret| owns_secret(subject.tag, secret));
        answer.exists = Some(ours);
    }
    Ok(answer)
}

/// The session with the account's own address before others, and the one that stands longest.
fn longest(sessions: Vec<SessionRow>, address: Option<Ipv4Addr>) -> Option<SessionRow> {
    sessions.into_iter().max_by_key(|session| {
        let own = address.is_some() && session.address == address;
        (own, session.uptime)
    })
}

fn speed(queues: &[QueueRow], tag: &Tag) -> Option<(u64, u64)> {
    let queue = queues
        .iter()
        .find(|queue| !queue.dynamic && owns_queue(tag, queue))?;
    let (download, upload) = queue.rate?;
    Some((download.0, upload.0))
}

impl Answer {
    /// What is known after it. A session that may be another account's of the same name is nobody's.
    fn merge(self, before: &Seen, now: DateTime<Utc>) -> Seen {
        let exists = self.exists.or(before.exists);
        let looked_at_queue = matches!(self.session, Heard::NotAsked);
        let session = match self.session {
            Heard::NotAsked => before.session.clone(),
            Heard::This(row) if exists == Some(true) => {
                Some(session(&row, before.session.as_ref(), now))
            }
            Heard::This(_) | Heard::Nothing => None,
        };
        // A speed outlives the request for the session it belongs to, and no more.
        let speed = match self.speed {
            Heard::This(speed) => Some(speed),
            Heard::Nothing => None,
            Heard::NotAsked => before
                .speed
                .filter(|_| session.is_some() && session == before.session),
        };
        Seen {
            exists,
            session,
            speed,
            looked_at_queue,
        }
    }
}

fn session(row: &SessionRow, before: Option<&Session>, now: DateTime<Utc>) -> Session {
    let mut session = Session {
        protocol: protocol(&row.service),
        address: row.address,
        caller: row.caller_id.clone(),
        since: row
            .uptime
            .and_then(|uptime| i64::try_from(uptime.as_secs()).ok())
            .map(|uptime| now.timestamp() - uptime),
    };
    let earlier = before.and_then(|before| before.since);
    if let Some((since, earlier)) = session.since.zip(earlier)
        && (since - earlier).abs() <= WAVERING_SECONDS
    {
        session.since = Some(earlier);
    }
    session
}

/// RouterOS's word as people write it.
fn protocol(service: &str) -> String {
    match service {
        "ovpn" => "OpenVPN".to_owned(),
        "pppoe" => "PPPoE".to_owned(),
        service => service.to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn row(address: [u8; 4], uptime: u64) -> SessionRow {
        SessionRow {
            service: "ovpn".to_owned(),
            caller_id: "<b>".to_owned(),
            address: Some(address.into()),
            uptime: Some(Duration::from_secs(uptime)),
            ..SessionRow::default()
        }
    }

    fn connected(exists: Option<bool>) -> Answer {
        Answer {
            exists,
            session: Heard::This(row([10, 7, 0, 2], 60)),
            speed: Heard::NotAsked,
        }
    }

    #[test]
    fn the_accounts_own_address_goes_before_a_longer_session() {
        let rows = vec![row([10, 9, 9, 9], 500), row([10, 7, 0, 2], 5)];
        let own = longest(rows.clone(), Some(Ipv4Addr::new(10, 7, 0, 2))).unwrap();
        assert_eq!(own.uptime, Some(Duration::from_secs(5)));
        assert_eq!(
            longest(rows, None).unwrap().uptime,
            Some(Duration::from_secs(500))
        );
        assert!(longest(Vec::new(), None).is_none());
    }

    #[test]
    fn a_session_is_shown_only_when_the_account_is_known_to_be_ours() {
        for (asked, before, shown) in [
            (Some(true), None, true),
            (Some(false), None, false),
            (None, None, false),
            (None, Some(true), true),
            (None, Some(false), false),
            (Some(false), Some(true), false),
        ] {
            let before = Seen {
                exists: before,
                ..Seen::default()
            };
            let seen = connected(asked).merge(&before, now());
            assert_eq!(seen.session.is_some(), shown, "{asked:?} {before:?}");
        }
    }

    #[test]
    fn a_speed_stays_with_its_session_and_goes_with_it() {
        let first = connected(Some(true)).merge(&Seen::default(), now());
        let queue = Answer {
            speed: Heard::This((5, 3)),
            ..Answer::default()
        };
        let measured = queue.merge(&first, now());
        assert_eq!(
            (measured.speed, measured.looked_at_queue),
            (Some((5, 3)), true)
        );
        assert_eq!(measured.session, first.session);
        let again = connected(None).merge(&measured, now());
        assert_eq!((again.speed, again.looked_at_queue), (Some((5, 3)), false));
        let gone = Answer {
            session: Heard::Nothing,
            ..Answer::default()
        };
        let gone = gone.merge(&measured, now());
        assert_eq!((gone.session, gone.speed), (None, None));
    }

    #[test]
    fn the_beginning_of_a_session_does_not_waver() {
        let first = connected(Some(true)).merge(&Seen::default(), now());
        let since = |seen: &Seen| seen.session.as_ref().unwrap().since.unwrap();
        let later = connected(None).merge(&first, now() + chrono::Duration::seconds(2));
        assert_eq!(since(&later), since(&first));
        let other = connected(None).merge(&first, now() + chrono::Duration::seconds(9));
        assert_eq!(
            since(&other),
            since(&first) + 9,
            "a session that began anew"
        );
    }

    #[test]
    fn what_is_kept_reads_back_and_what_cannot_be_read_is_nothing() {
        let seen = connected(Some(true)).merge(&Seen::default(), now());
        let text = json!(seen).to_string();
        assert_eq!(serde_json::from_str::<Seen>(&text).unwrap(), seen);
        for text in ["", "{}", "null", "{\"exists\": 7}"] {
            let read: Seen = serde_json::from_str(text).unwrap_or_default();
            assert_eq!(read, Seen::default(), "{text}");
        }
    }
}

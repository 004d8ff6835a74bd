//! The last reading of one account, before its queue is removed or changed in a way that may lose its
//! counters, and before its sessions are ended where those are billed; and the first one of a queue
//! that was just made.
//!
//! A reading that the meter does not believe is repeated here; what stays unbelievable is not booked, and
//! the activity log says so.

use crate::boundary::instant;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::routeros::{Id, ListedInterface, ListedSession, Query, QueueRow, Router, SessionRow};
use crate::settings::MeterSource;
use crate::store::accounts::{self, Account, Baseline, Booking};
use crate::store::{self, history, servers};
use crate::traffic::cap;
use crate::traffic::meter::{
    Again, Before, Beside, Judged, Metered, Reading, Refusal, Suspect, meter,
};
use crate::traffic::sessions::{self, Book, Join};
use crate::units::{Limits, Traffic};

/// How often a collection that books the account at the same moment may be faster.
const TRIES: usize = 5;

/// Reads the account's queue once more and books what flowed. `queues` are ours as observed before;
/// without one, or without an account on record, there is nothing to book.
pub fn book(
    host: &dyn Host,
    router: &Router,
    source: MeterSource,
    service: i64,
    queues: &[QueueRow],
) -> Result<()> {
    let mut nonsense = None;
    for _ in 0..TRIES {
        let Some(account) = accounts::of_service(host, service)? else {
            return Ok(());
        };
        let Some(queue) = counted_queue(&account, queues) else {
            return Ok(());
        };
        let began = instant();
        let Some((reading, is_on)) = read(host, router, &account, queue)? else {
            return Ok(());
        };
        let mut judged = judge(&account, &reading, None);
        if judged == Judged::LookAgain {
            let again = read(host, router, &account, queue)?;
            let counted = again.map(|(again, _)| again.counted);
            let after = instant().saturating_duration_since(began);
            judged = judge(&account, &reading, Some(Again { counted, after }));
        }
        let booking = match judged {
            Judged::Booked(metered) => {
                let limits = is_on.then_some(reading.limits);
                booked(source, &account, limits, metered)
            }
            Judged::Refused(Refusal::Suspected(suspect)) => suspected(&account, &suspect),
            Judged::LookAgain | Judged::Refused(_) => {
                nonsense = Some(&queue.name);
                continue;
            }
        };
        let is_suspected = booking.suspect.is_some();
        if store_booking(host, &account, &booking)? {
            if is_suspected {
                tell_of_nonsense(host, service, &queue.name);
            }
            return Ok(());
        }
    }
    let Some(name) = nonsense else {
        return Err(overtaken());
    };
    // Nobody is kept from a suspension or an end by a counter that shows nonsense.
    tell_of_nonsense(host, service, name);
    Ok(())
}

fn tell_of_nonsense(host: &dyn Host, service: i64, queue: &str) {
    let text = format!(
        "mikrotikvpn: the last reading of the queue \"{queue}\" of service {service} shows more than its line carries; nothing of it was billed"
    );
    host.log_activity(&text, None);
}

/// Reads the account's sessions once more and books what flowed, where sessions are billed.
pub fn book_sessions(
    host: &dyn Host,
    router: &Router,
    source: MeterSource,
    service: i64,
    name: &str,
) -> Result<()> {
    if source != MeterSource::Session {
        return Ok(());
    }
    for _ in 0..TRIES {
        let Some(account) = accounts::of_service(host, service)? else {
            return Ok(());
        };
        let resource = router.resource()?;
        let began = instant();
        let sessions = router.sessions(&any_of(&numbered(name)))?;
        let Some(interfaces) = interface_names(&sessions, name) else {
            return Ok(());
        };
        let interfaces = router.interfaces(&any_of(&interfaces))?;
        let between = instant().saturating_duration_since(began);
        if !resource.is_same_boot_as(&router.resource()?, between) {
            continue;
        }
        let sessions = sessions.iter().map(ListedSession::from).collect();
        let interfaces = interfaces.iter().map(ListedInterface::from).collect();
        let (readings, _) = Join::new(&sessions, &interfaces).readings(name);
        let evidence = servers::evidence(host, account.server)?.with_uptime(resource.uptime);
        let book = account.sessions.as_deref().and_then(Book::parse);
        let metered = sessions::meter(book.as_ref(), &readings, evidence.boot, resource.uptime);
        let booking = Booking {
            service,
            usage: metered.usage,
            // Whether a cap is kept shows the queue.
            owed: true,
            baseline: None,
            reset_pending: -i64::from(account.reset_pending != 0),
            sessions: Some(metered.book.text()),
            seen: None,
            cap_seen: Some(String::new()),
            suspect: None,
        };
        if store_booking(host, &account, &booking)? {
            return Ok(());
        }
    }
    Err(overtaken())
}

/// How many sessions of one login are told apart.
const SESSIONS: usize = 4;

/// A name and what RouterOS makes of it for further sessions.
fn numbered(name: &str) -> Vec<String> {
    let further = (1..SESSIONS).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(further).collect()
}

/// What the interfaces of these sessions may be called; `None` without a session of that name.
fn interface_names(sessions: &[SessionRow], name: &str) -> Option<Vec<String>> {
    let own = sessions.iter().filter(|session| session.name == name);
    let mut names: Vec<_> = own
        .flat_map(|session| {
            let full = format!("{}-{name}", session.service);
            let mut names: Vec<_> = numbered(&full)
                .iter()
                .map(|full| format!("<{full}>"))
                .collect();
            names.extend([full, name.to_owned()]);
            names
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then_some(names)
}

fn any_of(names: &[String]) -> Query {
    let queries = names.iter().map(|name| Query::field("name", name));
    queries.reduce(Query::or).unwrap_or_else(Query::all)
}

fn overtaken() -> Error {
    Error::whmcs(
        "book the last traffic of the account",
        "a collection of the same router was faster each time",
        None,
    )
}

/// The queue made just now begins at zero: what it counts from here on is the account's. An account with
/// a baseline needs nothing: its next reading is of another queue, and all of that is booked. To write zero
/// over it would bill again what a faster collection has booked of the new queue already.
pub fn begin(host: &dyn Host, server: i64, service: i64, queue: &Id) -> Result<()> {
    let evidence = servers::evidence(host, server)?;
    let at = host.now();
    store::transaction(host, || {
        if accounts::lock_revision(host, service)?.is_none()
            || accounts::has_baseline(host, service)?
        {
            return Ok(());
        }
        let baseline = Baseline {
            counted: Traffic::ZERO,
            queue: queue.to_string(),
            boot: evidence.boot,
            uptime: evidence.uptime,
            at,
        };
        accounts::book(host, &[Booking::begin(service, baseline)])
    })
}

/// The queue whose counters are billed: the one on record, else the first.
pub fn counted_queue<'a>(account: &Account, queues: &'a [QueueRow]) -> Option<&'a QueueRow> {
    let recorded = account.baseline.as_ref().map(|baseline| &baseline.queue);
    queues
        .iter()
        .find(|row| Some(row.id.as_str()) == recorded.map(String::as_str))
        .or_else(|| queues.first())
}

/// The queue's counters now, and whether it is on; `None` when it is gone or unreadable.
fn read(
    host: &dyn Host,
    router: &Router,
    account: &Account,
    queue: &QueueRow,
) -> Result<Option<(Reading, bool)>> {
    let (uptime, rows) = router.queues_with_uptime(&Query::field("name", &queue.name))?;
    let Some(row) = rows.into_iter().find(|row| row.id == queue.id) else {
        return Ok(None);
    };
    let Some(counted) = row.counted else {
        return Ok(None);
    };
    // The router's boots are recorded by collections only, under their lease.
    let evidence = servers::evidence(host, account.server)?.with_uptime(uptime);
    let reading = Reading {
        counted,
        queue: row.id.to_string(),
        boot: evidence.boot,
        uptime,
        at: host.now(),
        limits: row.max_limit,
    };
    Ok(Some((reading, !row.disabled)))
}

/// Sessions are not read here, so they are no witness.
fn judge(account: &Account, reading: &Reading, again: Option<Again>) -> Judged {
    let suspect = account.suspect.as_deref().and_then(Suspect::parse);
    let before = Before {
        baseline: account.baseline.as_ref(),
        reset_pending: account.reset_pending != 0,
        suspect: suspect.as_ref(),
    };
    let beside = Beside {
        again,
        ..Beside::default()
    };
    meter(&before, reading, &beside)
}

/// `limits` are those the queue holds the account to.
fn booked(
    source: MeterSource,
    account: &Account,
    limits: Option<Limits>,
    metered: Metered,
) -> Booking {
    let router = cap::Router {
        limits,
        profile: None,
    };
    let kept = cap::is_kept(&account.cap, router);
    let cap_seen = if kept { account.cap.as_str() } else { "" };
    let baseline = account.baseline.as_ref();
    let same_queue = baseline.is_some_and(|before| before.queue == metered.baseline.queue);
    Booking {
        service: account.service,
        usage: match source {
            MeterSource::Queue => metered.usage,
            MeterSource::Session => Traffic::ZERO,
        },
        owed: cap::is_owed(&account.cap_seen, cap_seen, same_queue),
        // Where sessions are billed this is no reading of theirs.
        cap_seen: (source == MeterSource::Queue).then(|| cap_seen.to_owned()),
        baseline: Some(metered.baseline),
        // No longer the mark of any collection, so that none confirms what it did not see.
        reset_pending: -i64::from(metered.reset_pending),
        sessions: None,
        seen: None,
        suspect: None,
    }
}

fn suspected(account: &Account, suspect: &Suspect) -> Booking {
    Booking {
        service: account.service,
        usage: Traffic::ZERO,
        owed: true,
        baseline: None,
        reset_pending: -i64::from(account.reset_pending != 0),
        sessions: None,
        seen: None,
        cap_seen: None,
        suspect: Some(suspect.text()),
    }
}

/// `false` when somebody else booked since the account was loaded.
fn store_booking(host: &dyn Host, account: &Account, booking: &Booking) -> Result<bool> {
    let day = host.now().with_timezone(&host.time_zone()).date_naive();
    store::transaction(host, || {
        if accounts::lock_revision(host, account.service)? != Some(account.revision) {
            return Ok(false);
        }
        accounts::book(host, std::slice::from_ref(booking))?;
        history::add(host, day, &[booking.used()])?;
        Ok(true)
    })
}

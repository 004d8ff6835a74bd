//! A collection of one router: read everything in a handful of requests, book it in one transaction, set
//! the counters to zero, book the tail.
//!
//! | step | where | what |
//! |---|---|---|
//! | 1 | database | take the server's lease, load its accounts |
//! | 2 | router | five lists |
//! | 3 | – | usage by the meter, of queues and of sessions; the server's setting says which is billed |
//! | 4 | database | one transaction: the lease is still ours; usage, baselines and intended resets |
//! | 5 | router, database | read once more, reset, book the tail with baselines at zero |
//! | 6 | database, router | caps and notices are decided in one transaction, then carried out |
//! | 7 | database | WHMCS's figures, retention, mails, journal |
//!
//! A crash between any two steps books nothing twice: the next collection finds the stored baseline
//! and the counter and decides by the meter's rules.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use super::enforce::{self, enforce};
use super::meter::{Metered, Reading, Rule, meter};
use super::sessions::{self, Book, Join};
use super::settle::{Products, settle};
use super::{compare, outbox};
use crate::account::tag;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::routeros::{Deadline, Exchange, Id, Lists, QueueRow, Router, SecretRow};
use crate::settings::{FIELDS, MeterSource, ServerSettings};
use crate::store::accounts::{self, Account, Baseline, Booking, Seen};
use crate::store::collections::{self, Outcome};
use crate::store::servers::{self, Evidence, Lease, Sighting};
use crate::store::{self, history, services, standings};
use crate::units::Traffic;

/// Queues whose counters one request resets: with ids of four digits a body of 3 KB.
const RESETS_A_REQUEST: usize = 500;

/// A lease outlives the longest collection by this much, for the database's part of it.
const LEASE_MARGIN: Duration = Duration::from_secs(120);

/// How long the journal is kept.
const JOURNAL_DAYS: i64 = 30;

/// No collection was made, for another one of the same router is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Collected {
    /// This is what it did.
    Done(Outcome),
    /// Somebody else holds the server's lease, or has just done this very work.
    Busy,
}

/// Collects one router. What was said to it is added to `log`, also when it fails.
pub fn collect(
    host: &dyn Host,
    server: &ServerSettings,
    log: &mut Vec<Exchange>,
) -> Result<Collected> {
    collect_after(host, server, Duration::ZERO, log)
}

/// Collects one router unless that was done with success less than `interval` ago.
pub fn collect_after(
    host: &dyn Host,
    server: &ServerSettings,
    interval: Duration,
    log: &mut Vec<Exchange>,
) -> Result<Collected> {
    store::ensure_schema(host)?;
    let length = server.collection_timeout + LEASE_MARGIN;
    let token = rand::random_range(1..i64::MAX);
    let Some(lease) = servers::take_lease(host, server.id, token, length, interval)? else {
        return Ok(Collected::Busy);
    };
    let result = under_lease(host, server, lease, log);
    let seen = result.as_ref().map(|outcome| &outcome.seen);
    let seen = seen.map_err(ToString::to_string);
    let seen = seen.as_ref().copied().map_err(String::as_str);
    let noted = servers::store_outcome(host, server.id, host.now(), seen);
    servers::release_lease(host, lease)?;
    noted.and(result).map(Collected::Done)
}

fn under_lease(
    host: &dyn Host,
    server: &ServerSettings,
    lease: Lease,
    log: &mut Vec<Exchange>,
) -> Result<Outcome> {
    let id = collections::open(host, server.id, host.now())?;
    let router = Router::new(&server.endpoint, Deadline::after(server.collection_timeout))?;
    let collection = Collection {
        host,
        server,
        lease,
        id,
        router,
    };
    let mut outcome = Outcome::default();
    let result = collection.run(&mut outcome);
    log.extend(collection.router.transcript());
    // Mails that wait go out whatever the router did, and fail nothing.
    match outbox::deliver(host, server.id) {
        Ok(remarks) => outcome.remarks.extend(remarks),
        Err(error) => outcome.remarks.push(error.to_string()),
    }
    let text = result.as_ref().err().map(ToString::to_string);
    collections::close(host, id, host.now(), &outcome, text.as_deref())?;
    result.map(|()| outcome)
}

struct Collection<'a> {
    host: &'a dyn Host,
    server: &'a ServerSettings,
    lease: Lease,
    /// The journal entry; also marks the resets asked for.
    id: i64,
    router: Router,
}

/// One account with its counters as read.
struct Read<'a> {
    account: &'a Account,
    queue: Option<QueueRead<'a>>,
    sessions: sessions::Metered,
    seen: Seen,
}

struct QueueRead<'a> {
    row: &'a QueueRow,
    metered: Metered,
}

impl Collection<'_> {
    fn run(&self, outcome: &mut Outcome) -> Result<()> {
        let host = self.host;
        let known = accounts::of_server(host, self.server.id)?;
        let evidence = servers::evidence(host, self.server.id)?;
        let lists = self.router.lists()?;
        let at = host.now();
        let evidence = evidence.with_uptime(lists.resource.uptime);
        outcome.seen = sighting(&lists, &known);
        let metering = Metering {
            lists: &lists,
            source: self.server.meter,
            evidence,
            at,
            day: self.day(at),
        };
        let reads = metering.all(&known, &mut outcome.remarks);
        let booked = self.book(&reads, evidence, at, outcome)?;
        let reset = self.reset(&reads, &booked, evidence, outcome);
        // A router that would not reset a counter keeps nobody from the end of what he bought.
        self.settle(&lists, outcome)?;
        reset?;
        self.finish(at)
    }

    /// Step 6.
    fn settle(&self, lists: &Lists, outcome: &mut Outcome) -> Result<()> {
        let host = self.host;
        let products = Products::of_server(host, self.server.id)?;
        outcome.remarks.extend_from_slice(&products.remarks);
        let owners = standings::concerned(host, self.server.id, products.highest_threshold())?;
        if owners.is_empty() {
            return Ok(());
        }
        let settled = store::transaction(host, || settle(host, &owners, &products))?;
        outcome.remarks.extend(settled.remarks);
        let seen = enforce::Seen {
            secrets: &lists.secrets,
            queues: &lists.queues,
            sessions: &lists.sessions,
        };
        let remarks = enforce(host, &self.router, seen, &settled.jobs)?;
        outcome.remarks.extend(remarks);
        Ok(())
    }

    /// WHMCS's day.
    fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.host.time_zone()).date_naive()
    }

    /// Sessions are billed by difference: their counters end with them anyway.
    fn resets(&self) -> bool {
        self.server.counter_reset && self.server.meter == MeterSource::Queue
    }

    /// Step 4. Returns the services booked, with whether a reset of their counters is intended.
    fn book(
        &self,
        reads: &[Read<'_>],
        evidence: Evidence,
        at: DateTime<Utc>,
        outcome: &mut Outcome,
    ) -> Result<HashMap<i64, bool>> {
        let host = self.host;
        let (bookings, accounts) = store::transaction(host, || {
            self.check_lease()?;
            let current = revisions(host, self.server.id)?;
            // An account that somebody booked or changed since it was loaded: our reading may be the
            // older one, so it waits for the next collection.
            let valid = |read: &&Read<'_>| {
                current.get(&read.account.service) == Some(&read.account.revision)
            };
            let valid: Vec<_> = reads.iter().filter(valid).collect();
            let moved: Vec<_> = valid.iter().filter(|read| has_moved(read)).collect();
            let bookings: Vec<_> = moved.iter().map(|read| self.booking(read)).collect();
            accounts::book(host, &bookings)?;
            self.add_history(at, &bookings)?;
            servers::store_evidence(host, self.server.id, evidence)?;
            Ok((bookings, valid.len()))
        })?;
        outcome.accounts = accounts;
        outcome.usage += total(&bookings);
        Ok(bookings
            .iter()
            .map(|booking| (booking.service, booking.reset_pending == self.id))
            .collect())
    }

    fn booking(&self, read: &Read<'_>) -> Booking {
        let queue = read.queue.as_ref().map(|queue| &queue.metered);
        let counts = queue.is_some_and(|metered| !metered.baseline.counted.is_zero());
        let doubt = queue.map_or(read.account.reset_pending != 0, |metered| {
            metered.reset_pending
        });
        Booking {
            service: read.account.service,
            usage: read.billed(self.server.meter),
            baseline: queue.map(|metered| metered.baseline.clone()),
            reset_pending: if self.resets() && counts {
                self.id
            } else {
                -i64::from(doubt)
            },
            sessions: Some(read.sessions.book.text()),
            seen: Some(read.seen),
        }
    }

    /// Step 5. What cannot be confirmed stays marked, and the next collection books the smaller usage.
    fn reset(
        &self,
        reads: &[Read<'_>],
        booked: &HashMap<i64, bool>,
        evidence: Evidence,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let intended: Vec<_> = reads
            .iter()
            .filter(|read| booked.get(&read.account.service) == Some(&true))
            .filter_map(|read| Some((read.account, read.queue.as_ref()?)))
            .collect();
        if intended.is_empty() {
            return Ok(());
        }
        let queues = match self.router.queue_counters() {
            Ok(queues) => queues,
            Err(error) => {
                self.abandon(&intended)?;
                return Err(error);
            }
        };
        let at = self.host.now();
        let by_id: HashMap<&Id, &QueueRow> = queues.iter().map(|row| (&row.id, row)).collect();
        let tails: Vec<_> = intended
            .iter()
            .map(|(account, queue)| (*account, queue.row, tail(queue, &by_id, evidence, at)))
            .collect();
        let present: Vec<_> = tails.iter().filter(|(_, _, tail)| tail.is_some()).collect();
        let mut confirmed = 0;
        let mut failure = None;
        for chunk in present.chunks(RESETS_A_REQUEST) {
            let ids: Vec<_> = chunk.iter().map(|(_, row, _)| &row.id).collect();
            if let Err(error) = self.router.reset_queue_counters(&ids) {
                failure = Some(error);
                break;
            }
            confirmed += chunk.len();
        }
        self.book_tails(&tails, confirmed, failure.is_some(), evidence, at, outcome)?;
        failure.map_or(Ok(()), Err)
    }

    /// Nothing was sent: the marks go, so that the next collection has no doubt.
    fn abandon(&self, intended: &[(&Account, &QueueRead<'_>)]) -> Result<()> {
        let services: Vec<_> = intended
            .iter()
            .map(|(account, _)| account.service)
            .collect();
        accounts::mark_resets(self.host, &services, self.id, 0)
    }

    /// One transaction for what flowed between the first and the second list. `confirmed` of the
    /// queues that are still there were reset; when `doubt`, the next chunk's outcome is unknown.
    fn book_tails(
        &self,
        tails: &[(&Account, &QueueRow, Option<Metered>)],
        confirmed: usize,
        doubt: bool,
        evidence: Evidence,
        at: DateTime<Utc>,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let host = self.host;
        let doubtful = if doubt { RESETS_A_REQUEST } else { 0 };
        let mut bookings = Vec::new();
        let mut unsent = Vec::new();
        let mut unknown_outcome = Vec::new();
        let mut present = 0;
        for (account, _, tail) in tails {
            let Some(tail) = tail else {
                unsent.push(account.service);
                continue;
            };
            let (reset, unknown) = (present < confirmed, present < confirmed + doubtful);
            present += 1;
            match (reset, unknown) {
                (true, _) if tail.usage.is_zero() => {}
                (true, _) => bookings.push(Booking {
                    service: account.service,
                    usage: tail.usage,
                    baseline: Some(Baseline {
                        counted: Traffic::ZERO,
                        ..tail.baseline.clone()
                    }),
                    reset_pending: 0,
                    sessions: None,
                    seen: None,
                }),
                // The second list is not proven to be of the same boot as the first. That does not
                // matter where the baseline becomes zero; elsewhere it could be booked once more.
                (false, true) => unknown_outcome.push(account.service),
                (false, false) => unsent.push(account.service),
            }
        }
        store::transaction(host, || {
            self.check_lease()?;
            if !bookings.is_empty() {
                let marked = accounts::lock_marked(host, self.server.id, self.id)?;
                let marked: HashSet<_> = marked.into_iter().collect();
                bookings.retain(|booking| marked.contains(&booking.service));
                accounts::book(host, &bookings)?;
                self.add_history(at, &bookings)?;
            }
            accounts::mark_resets(host, &unsent, self.id, 0)?;
            accounts::mark_resets(host, &unknown_outcome, self.id, -1)?;
            accounts::confirm_resets(host, self.server.id, self.id, evidence.uptime, at)
        })?;
        outcome.usage += total(&bookings);
        Ok(())
    }

    fn add_history(&self, at: DateTime<Utc>, bookings: &[Booking]) -> Result<()> {
        let day = self.day(at);
        let usage: Vec<_> = bookings
            .iter()
            .map(|booking| (booking.service, booking.usage))
            .collect();
        history::add(self.host, day, &usage)
    }

    /// Step 7.
    fn finish(&self, at: DateTime<Utc>) -> Result<()> {
        let host = self.host;
        let zone = host.time_zone();
        let now = at.with_timezone(&zone);
        services::store_figures(host, self.server.id, now)?;
        let today = now.date_naive();
        let before = servers::collected_at(host, self.server.id)?;
        if before.is_none_or(|before| before.with_timezone(&zone).date_naive() != today) {
            history::forget_days(host, self.server.id, today, default_history_days())?;
            let oldest = at - chrono::Duration::days(JOURNAL_DAYS);
            collections::forget(host, self.server.id, oldest)?;
        }
        Ok(())
    }

    fn check_lease(&self) -> Result<()> {
        if servers::holds(self.host, self.lease)? {
            return Ok(());
        }
        Err(Error::whmcs(
            "book this collection",
            "it took so long that another collection of the same server has begun; nothing was booked twice",
            None,
        ))
    }
}

impl Read<'_> {
    fn billed(&self, source: MeterSource) -> Traffic {
        match (source, &self.queue) {
            (MeterSource::Session, _) => self.sessions.usage,
            (MeterSource::Queue, Some(queue)) => queue.metered.usage,
            (MeterSource::Queue, None) => Traffic::ZERO,
        }
    }
}

/// Step 3.
struct Metering<'a> {
    lists: &'a Lists,
    source: MeterSource,
    evidence: Evidence,
    at: DateTime<Utc>,
    day: NaiveDate,
}

impl<'a> Metering<'a> {
    /// Every account of which anything could be read.
    fn all(&self, known: &'a [Account], remarks: &mut Vec<String>) -> Vec<Read<'a>> {
        let mut by_service = queues_by_service(&self.lists.queues);
        let names = names_by_service(&self.lists.secrets);
        let join = Join::new(&self.lists.sessions, &self.lists.interfaces);
        let mut remarks = Remarks(remarks);
        let mut reads = Vec::with_capacity(known.len());
        for account in known {
            let mut queues = by_service.remove(&account.service).unwrap_or_default();
            queues.retain(|queue| tag::carries(&queue.comment, &account.tag));
            let secrets = names.get(&account.service).map_or(&[][..], Vec::as_slice);
            let queue = self.queue(account, &queues, &mut remarks);
            let sessions = self.sessions(account, secrets, &join, &mut remarks);
            if queue.is_none() && self.source == MeterSource::Queue {
                continue;
            }
            let counted = queue.as_ref().map(|queue| queue.metered.usage);
            let seen = compare::add(
                account.seen,
                self.day,
                counted.unwrap_or_default().total(),
                sessions.usage.total(),
            );
            if seen.day != account.seen.day
                && let Some(remark) = compare::remark(seen.hidden)
            {
                remarks.add(account, &remark);
            }
            reads.push(Read {
                account,
                queue,
                sessions,
                seen,
            });
        }
        reads
    }

    fn queue(
        &self,
        account: &Account,
        queues: &[&'a QueueRow],
        remarks: &mut Remarks<'_>,
    ) -> Option<QueueRead<'a>> {
        let Some(row) = own_queue(account, queues) else {
            if account.provisioned {
                remarks.add(account, "has no queue on the router; run Create for it");
            }
            return None;
        };
        if queues.len() > 1 {
            remarks.add(
                account,
                "has several queues on the router; only the first is counted",
            );
        }
        let Some(reading) = reading(row, self.evidence, self.at) else {
            remarks.add(account, "has a queue whose counters cannot be read");
            return None;
        };
        let pending = account.reset_pending != 0;
        let metered = meter(account.baseline.as_ref(), pending, &reading);
        remarks.note(account, row, &metered);
        Some(QueueRead { row, metered })
    }

    /// Sessions have the names of the account's secrets.
    fn sessions(
        &self,
        account: &Account,
        secrets: &[&SecretRow],
        join: &Join<'_>,
        remarks: &mut Remarks<'_>,
    ) -> sessions::Metered {
        let mut readings = Vec::new();
        let mut unread = 0;
        for secret in secrets {
            if tag::carries(&secret.comment, &account.tag) {
                let (read, unclear) = join.readings(&secret.name);
                readings.extend(read);
                unread += unclear;
            }
        }
        let book = account.sessions.as_deref().and_then(Book::parse);
        let evidence = self.evidence;
        let metered = sessions::meter(book.as_ref(), &readings, evidence.boot, evidence.uptime);
        if self.source == MeterSource::Session {
            remarks.note_sessions(account, unread, &metered);
        }
        metered
    }
}

fn sighting(lists: &Lists, known: &[Account]) -> Sighting {
    let connected: HashSet<_> = lists
        .sessions
        .iter()
        .map(|session| session.name.as_str())
        .collect();
    let online = known
        .iter()
        .filter(|account| connected.contains(account.username.as_str()));
    Sighting {
        version: lists.resource.version.to_string(),
        online: online.count(),
    }
}

fn names_by_service(secrets: &[SecretRow]) -> HashMap<i64, Vec<&SecretRow>> {
    let mut by_service: HashMap<i64, Vec<&SecretRow>> = HashMap::with_capacity(secrets.len());
    for secret in secrets {
        if let Some(service) = tag::service_of(&secret.comment) {
            by_service.entry(service).or_default().push(secret);
        }
    }
    by_service
}

fn queues_by_service(queues: &[QueueRow]) -> HashMap<i64, Vec<&QueueRow>> {
    let mut by_service: HashMap<i64, Vec<&QueueRow>> = HashMap::with_capacity(queues.len());
    for queue in queues.iter().filter(|queue| !queue.dynamic) {
        if let Some(service) = tag::service_of(&queue.comment) {
            by_service.entry(service).or_default().push(queue);
        }
    }
    by_service
}

/// The queue on record, else the one with the account's name, else the first.
fn own_queue<'a>(account: &Account, queues: &[&'a QueueRow]) -> Option<&'a QueueRow> {
    let recorded = account
        .baseline
        .as_ref()
        .map(|baseline| baseline.queue.as_str());
    let by_id = queues.iter().find(|row| Some(row.id.as_str()) == recorded);
    let by_name = || queues.iter().find(|row| row.name == account.username);
    by_id.or_else(by_name).or(queues.first()).copied()
}

fn reading(queue: &QueueRow, evidence: Evidence, at: DateTime<Utc>) -> Option<Reading> {
    Some(Reading {
        counted: queue.counted?,
        queue: queue.id.to_string(),
        boot: evidence.boot,
        uptime: evidence.uptime,
        at,
        limits: queue.max_limit,
    })
}

/// What flowed since the first list; `None` when the queue is gone or became another one.
fn tail(
    read: &QueueRead<'_>,
    by_id: &HashMap<&Id, &QueueRow>,
    evidence: Evidence,
    at: DateTime<Utc>,
) -> Option<Metered> {
    let row = by_id.get(&read.row.id)?;
    let second = reading(row, evidence, at)?;
    // Without an uptime of its own the second reading must not look like a long time.
    let second = Reading {
        uptime: None,
        ..second
    };
    let mut metered = meter(Some(&read.metered.baseline), false, &second);
    metered.baseline.uptime = evidence.uptime;
    Some(metered)
}

/// Whether booking would change anything that matters: bytes, the queue, the boot, a doubt or a session.
fn has_moved(read: &Read<'_>) -> bool {
    read.sessions.changed
        || read
            .queue
            .as_ref()
            .is_some_and(|queue| queue_moved(read.account, queue))
}

fn queue_moved(account: &Account, queue: &QueueRead<'_>) -> bool {
    let Some(before) = &account.baseline else {
        return true;
    };
    let now = &queue.metered.baseline;
    before.counted != now.counted
        || !now.counted.is_zero()
        || before.queue != now.queue
        || before.boot != now.boot
        || account.reset_pending != 0
}

fn revisions(host: &dyn Host, server: i64) -> Result<HashMap<i64, u64>> {
    Ok(accounts::lock_revisions(host, server)?
        .into_iter()
        .collect())
}

fn total(bookings: &[Booking]) -> Traffic {
    let mut total = Traffic::ZERO;
    for booking in bookings {
        total += booking.usage;
    }
    total
}

fn default_history_days() -> u16 {
    FIELDS
        .get(11)
        .and_then(|field| field.default.parse().ok())
        .unwrap_or(60)
}

/// What the admin should know of a collection; cut off when it would fill pages.
struct Remarks<'a>(&'a mut Vec<String>);

impl Remarks<'_> {
    const MOST: usize = 50;

    fn add(&mut self, account: &Account, remark: &str) {
        match self.0.len() {
            length if length < Self::MOST => {
                self.0
                    .push(format!("Service {} {remark}.", account.service));
            }
            Self::MOST => self.0.push("There are more remarks.".to_owned()),
            _ => {}
        }
    }

    fn note_sessions(&mut self, account: &Account, unread: usize, metered: &sessions::Metered) {
        if unread > 0 {
            self.add(
                account,
                "has a session whose interface cannot be told, so it is not counted; name static bindings after service and login, such as l2tp-alice",
            );
        }
        if metered.doubts > 0 {
            self.add(
                account,
                "has sessions that changed their interfaces; the smaller usage was booked",
            );
        }
        if !metered.implausible.is_zero() {
            let bytes = metered.implausible.total().0;
            self.add(
                account,
                &format!("counted {bytes} bytes more than a line carries; they were not billed"),
            );
        }
    }

    fn note(&mut self, account: &Account, queue: &QueueRow, metered: &Metered) {
        if queue.disabled {
            self.add(account, "has a disabled queue, which counts nothing");
        }
        if metered.rule == Rule::ForeignReset {
            self.add(
                account,
                "had its counters reset by somebody else; only one system may do that",
            );
        }
        if metered.rule == Rule::Doubt {
            self.add(
                account,
                "may have had its counters reset; the smaller usage was booked",
            );
        }
        if !metered.implausible.is_zero() {
            let bytes = metered.implausible.total().0;
            self.add(
                account,
                &format!("counted {bytes} bytes more than its line carries; they were not billed"),
            );
        }
    }
}

//! A collection of one router: read everything in a handful of requests, book it in one transaction, set
//! the counters to zero, book the tail.
//!
//! | step | where | what |
//! |---|---|---|
//! | 1 | database | take the server's lease, load its accounts |
//! | 2 | router | five lists |
//! | 3 | – | usage by the meter, of queues and of sessions; the server's setting says which is billed |
//! | 4 | database | one transaction: the lease is still ours; usage, baselines and intended resets; where a counter shows what only a second reading can tell, the queues are read once more and those accounts booked in another |
//! | 5 | router, database | read once more, reset, book the tail with baselines at zero |
//! | 6 | database, router | caps and notices are decided in one transaction, then carried out |
//! | 7 | database | WHMCS's figures, retention, mails, journal |
//!
//! A crash between any two steps books nothing twice: the next collection finds the stored baseline
//! and the counter and decides by the meter's rules.

use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};

use super::enforce::{self, enforce};
use super::grants;
use super::logins::LOCKED;
use super::meter::Suspect;
use super::metering::{self, Metering, Read};
use super::outbox;
use super::remarks::Remarks;
use super::reset::{ById, Fates, Intended, Readings, Tail};
use super::retention::{self, Clocks};
use super::settle::{Products, settle};
use crate::account::verdict::{Empty, weigh};
use crate::boundary::instant;
use crate::doctor::lost;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::installation::Installation;
use crate::routeros::{
    Deadline, Exchange, Id, Interfaces, LastReading, Lists, Queues, ResetFate, Router, believed,
};
use crate::settings::{MeterSource, ServerSettings};
use crate::store::accounts::{self, Account, Booking};
use crate::store::collections::{self, Outcome};
use crate::store::history::Used;
use crate::store::servers::{self, Evidence, Lease};
use crate::store::{self, history, services, standings};
use crate::units::Traffic;

/// Accounts that are held in memory at one time: all of a server's would need more than its lists.
const AT_ONCE: usize = store::batch::IDS;

/// Queues whose counters one request resets again: with ids of four digits a body of 3 KB.
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
    store::ensure_sound_schema(host)?;
    let installation = Installation::load(host)?;
    installation.tell(host);
    let length = server.collection_timeout + LEASE_MARGIN;
    let until = instant() + length;
    let token = crate::random::token();
    let Some(lease) = servers::take_lease(host, server.id, token, length, interval)? else {
        return Ok(Collected::Busy);
    };
    let result = under_lease(host, server, installation, lease, until, log);
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
    installation: Installation,
    lease: Lease,
    until: Instant,
    log: &mut Vec<Exchange>,
) -> Result<Outcome> {
    let id = collections::open(host, server.id, host.now())?;
    // A customer's new period waits for no router.
    let begun = grants::catch_up_server(host, server.id);
    let router = server.router(Deadline::after(server.collection_timeout))?;
    let collection = Collection {
        host,
        server,
        lease,
        until,
        id,
        router,
        installation,
    };
    let mut outcome = Outcome::default();
    match begun {
        Ok(remarks) => outcome.remarks.extend(remarks),
        Err(error) => outcome.remarks.push(error.to_string()),
    }
    let result = collection.run(&mut outcome);
    log.extend(collection.router.transcript());
    outcome.remarks.extend(collection.router.remarks());
    match &server.read_only {
        // The customers of a copy are the original's to write to.
        Some(why) => outcome.remarks.push(why.to_string()),
        None => deliver_mails(host, server.id, &mut outcome),
    }
    let text = result.as_ref().err().map(ToString::to_string);
    collections::close(host, id, host.now(), &outcome, text.as_deref())?;
    result.map(|()| outcome)
}

/// Mails that wait go out whatever the router did, and fail nothing.
fn deliver_mails(host: &dyn Host, server: i64, outcome: &mut Outcome) {
    match outbox::deliver(host, server) {
        Ok(remarks) => outcome.remarks.extend(remarks),
        Err(error) => outcome.remarks.push(error.to_string()),
    }
}

struct Collection<'a> {
    host: &'a dyn Host,
    server: &'a ServerSettings,
    lease: Lease,
    /// When it runs out.
    until: Instant,
    /// The journal entry; also marks the resets asked for.
    id: i64,
    router: Router,
    installation: Installation,
}

/// What has been booked so far.
#[derive(Default)]
struct Booked {
    accounts: usize,
    /// Accounts with a session, whether or not they could be booked.
    online: usize,
    /// The history has them in one go.
    usage: Vec<Used>,
    /// Resets noted with it.
    resets: Vec<Intended>,
    /// Accounts that cannot log in.
    locked: Vec<i64>,
    /// What the admin should know.
    remarks: Vec<String>,
    /// Accounts whose queues have to be read once more, with the revisions they had.
    unclear: Vec<(i64, u64)>,
}

impl Booked {
    /// What was booked of those that were unclear; whether they are online was counted before.
    fn add(&mut self, other: Self) {
        self.resets.extend(other.resets);
        self.locked.extend(other.locked);
    }
}

impl Collection<'_> {
    fn run(&self, outcome: &mut Outcome) -> Result<()> {
        let host = self.host;
        let known = accounts::revisions(host, self.server.id)?;
        let before = servers::evidence(host, self.server.id)?;
        let clocks = Clocks::new(&servers::kept(host, self.server.id)?, host.now(), host);
        let began = instant();
        let mut lists = self.router.lists()?;
        let at = host.now();
        let evidence = before.with_uptime(lists.resource.uptime);
        let clocks = clocks.with_uptimes(before.uptime, evidence.uptime);
        outcome.seen.version = lists.resource.version.to_string();
        let (source, day) = (self.server.meter, self.day(at));
        let metering = Metering::new(&lists, self.installation.id, source, evidence, at, day);
        let mut booked = self.book(&known, &metering, outcome)?;
        drop(known);
        let unclear = std::mem::take(&mut booked.unclear);
        booked.add(self.look_again(&unclear, metering, began, outcome)?);
        let Booked { resets, locked, .. } = booked;
        self.tell_of_locked(&locked, outcome)?;
        // What the other steps do not look at is not kept for them.
        lists.interfaces = Interfaces::default();
        let reset = self.reset(&lists.queues, &resets, evidence, began, outcome);
        drop(resets);
        // A router that would not reset a counter keeps nobody from the end of what he bought.
        if self.server.read_only.is_none() {
            self.settle(&lists, outcome)?;
        }
        self.tell_of_lost(&lists, outcome)?;
        reset?;
        self.finish(at, &clocks, outcome)
    }

    /// Step 6.
    fn settle(&self, lists: &Lists, outcome: &mut Outcome) -> Result<()> {
        let host = self.host;
        let products = Products::of_server(host, self.server.id)?;
        outcome.remarks.extend_from_slice(&products.remarks);
        let threshold = products.highest_threshold();
        let mut jobs = Vec::new();
        let mut last = 0;
        loop {
            let services = standings::concerned(host, self.server.id, threshold, last, AT_ONCE)?;
            let Some(service) = services.last() else {
                break;
            };
            last = *service;
            let settled = store::transaction(host, || settle(host, &services))?;
            let mut remarks = Remarks(&mut outcome.remarks);
            settled
                .remarks
                .into_iter()
                .for_each(|text| remarks.push(|| text));
            jobs.extend(settled.jobs);
            if services.len() < AT_ONCE {
                break;
            }
        }
        let seen = enforce::Seen::of(lists, &jobs);
        let remarks = enforce(host, &self.router, &seen, &jobs)?;
        outcome.remarks.extend(remarks);
        Ok(())
    }

    /// Accounts whose service was deleted or has ended. A deleted one that is on the router no more is
    /// forgotten.
    fn tell_of_lost(&self, lists: &Lists, outcome: &mut Outcome) -> Result<()> {
        let host = self.host;
        let lost = accounts::lost(host, self.server.id)?;
        let uptime = lists.resource.uptime;
        let is_loaded = weigh(uptime, lists.secrets.iter().next().is_some()) == Empty::Believed
            && weigh(uptime, lists.queues.iter().next().is_some()) == Empty::Believed;
        let secrets = lists.secrets.iter();
        let secrets = secrets.map(|row| (row.comment, row.name, !row.disabled));
        let queues = lists.queues.iter().filter(|row| !row.dynamic);
        let queues = queues.map(|row| (row.comment, row.name));
        for left in lost::left(&lost, self.installation.id, secrets, queues) {
            if !left.is_nothing() {
                Remarks(&mut outcome.remarks).push(|| format!("{}.", left.remark()));
            } else if left.lost.status.is_none() && is_loaded && self.server.read_only.is_none() {
                services::forget(host, left.lost.service())?;
            }
        }
        Ok(())
    }

    /// WHMCS's day.
    fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.host.time_zone()).date_naive()
    }

    /// Sessions are billed by difference: their counters end with them anyway.
    fn resets(&self) -> bool {
        self.server.counter_reset
            && self.server.meter == MeterSource::Queue
            && self.server.read_only.is_none()
    }

    /// Step 4, in one transaction.
    fn book(
        &self,
        known: &[(i64, u64)],
        metering: &Metering<'_>,
        outcome: &mut Outcome,
    ) -> Result<Booked> {
        let host = self.host;
        let mut booked = store::transaction(host, || {
            self.check_lease()?;
            let mut booked = Booked::default();
            for some in known.chunks(AT_ONCE) {
                self.book_some(some, metering, &mut booked)?;
            }
            history::add(host, self.day(metering.at), &booked.usage)?;
            servers::store_evidence(host, self.server.id, metering.evidence)?;
            Ok(booked)
        })?;
        outcome.remarks.append(&mut booked.remarks);
        outcome.accounts += booked.accounts;
        outcome.usage += total(&booked.usage);
        if !metering.is_second() {
            outcome.seen.online = booked.online;
        }
        Ok(booked)
    }

    /// Step 4 once more, for accounts of which only a second reading can tell: no request when there are none.
    fn look_again(
        &self,
        unclear: &[(i64, u64)],
        metering: Metering<'_>,
        began: Instant,
        outcome: &mut Outcome,
    ) -> Result<Booked> {
        if unclear.is_empty() {
            return Ok(Booked::default());
        }
        let counters = match self.router.queue_counters() {
            Ok(counters) => counters,
            Err(error) => {
                let accounts = unclear.len();
                Remarks(&mut outcome.remarks).push(|| {
                    format!("The queues of {accounts} accounts could not be read once more, so nothing of them was booked: {error}")
                });
                return Ok(Booked::default());
            }
        };
        let after = instant().saturating_duration_since(began);
        self.book(unclear, &metering.with_second(&counters, after), outcome)
    }

    fn book_some(
        &self,
        known: &[(i64, u64)],
        metering: &Metering<'_>,
        booked: &mut Booked,
    ) -> Result<()> {
        let services: Vec<_> = known.iter().map(|(service, _)| *service).collect();
        let mut bookings = Vec::with_capacity(known.len());
        for account in accounts::lock(self.host, &services)? {
            booked.online += usize::from(metering.is_online(&account));
            // An account that somebody booked or changed since the router was read: our reading may be
            // the older one, so it waits for the next collection.
            if known
                .binary_search(&(account.service, account.revision))
                .is_err()
            {
                continue;
            }
            let mut remarks = Remarks(&mut booked.remarks);
            let read = metering.read(&account, &mut remarks);
            if matches!(read, metering::Outcome::LookAgain) {
                booked.unclear.push((account.service, account.revision));
                continue;
            }
            if metering.login(&account, &mut remarks).locked {
                booked.locked.push(account.service);
            }
            let metering::Outcome::Read(read) = read else {
                continue;
            };
            booked.accounts += 1;
            if !read.has_moved(&account) {
                continue;
            }
            let booking = self.booking(&account, &read);
            booked.usage.push(booking.used());
            if booking.reset_pending == self.id
                && let Some(queue) = &read.queue
            {
                booked.resets.push(Intended {
                    service: account.service,
                    row: queue.row,
                });
            }
            bookings.push(booking);
        }
        accounts::book(self.host, &bookings)
    }

    /// Logins that neither WHMCS nor a cap wants disabled.
    fn tell_of_locked(&self, locked: &[i64], outcome: &mut Outcome) -> Result<()> {
        let mut remarks = Remarks(&mut outcome.remarks);
        for service in standings::allowed(self.host, locked)? {
            remarks.push(|| format!("Service {service} {LOCKED}."));
        }
        Ok(())
    }

    fn booking(&self, account: &Account, read: &Read) -> Booking {
        let queue = read.queue.as_ref().map(|queue| &queue.metered);
        let counts = queue.is_some_and(|metered| !metered.baseline.counted.is_zero());
        let doubt = queue.map_or(account.reset_pending != 0, |metered| metered.reset_pending);
        Booking {
            service: account.service,
            usage: read.billed(self.server.meter),
            owed: read.is_owed(account),
            baseline: queue.map(|metered| metered.baseline.clone()),
            reset_pending: if self.resets() && counts {
                self.id
            } else {
                -i64::from(doubt)
            },
            sessions: Some(read.sessions.book.text()),
            seen: Some(read.seen),
            // What is not booked yet keeps what was seen when the baseline was read.
            cap_seen: (queue.is_some() || self.server.meter == MeterSource::Session)
                .then(|| read.cap_seen(account).to_owned()),
            suspect: read.suspect.as_ref().map(Suspect::text),
        }
    }

    /// Step 5. What cannot be confirmed stays marked, and the next collection books the smaller usage.
    fn reset(
        &self,
        queues: &Queues,
        intended: &[Intended],
        evidence: Evidence,
        began: Instant,
        outcome: &mut Outcome,
    ) -> Result<()> {
        if intended.is_empty() {
            return Ok(());
        }
        let rows = intended.iter().filter_map(|reset| queues.get(reset.row));
        let ids: Vec<_> = rows.map(|row| Id::new(row.id)).collect();
        let LastReading {
            counters,
            mut fates,
            mut failure,
        } = self.router.queue_counters_then_reset(&ids);
        if fates.iter().all(|fate| *fate == ResetFate::Unsent) {
            self.abandon(intended)?;
            return failure.map_or(Ok(()), Err);
        }
        let readings = Readings {
            queues,
            evidence,
            at: self.host.now(),
            after: instant().saturating_duration_since(began),
        };
        let second = ById::new(&counters);
        let tails = readings.tails(intended, &second);
        if let Err(error) = self.prove(&readings, &tails, &second, &mut fates) {
            failure.get_or_insert(error);
        }
        drop(second);
        drop(counters);
        if let Err(error) = self.reset_again(&ids, &tails, &mut fates) {
            failure.get_or_insert(error);
        }
        let fates = Fates::new(tails, &fates);
        self.book_tails(&readings, &fates, outcome)?;
        failure.map_or(Ok(()), Err)
    }

    /// Commands of one write have no order, so a reading may be younger than the reset behind it, and
    /// what it shows is then counted again from zero. One more reading tells which are certainly older.
    fn prove(
        &self,
        readings: &Readings<'_>,
        tails: &[Tail],
        second: &ById<'_>,
        fates: &mut [ResetFate],
    ) -> Result<()> {
        let is_open = |tail: &Tail, fate: &ResetFate| {
            *fate == ResetFate::DoneAhead && tail.usage.is_some_and(|usage| !usage.is_zero())
        };
        if !tails
            .iter()
            .zip(fates.iter())
            .any(|(tail, fate)| is_open(tail, fate))
        {
            return Ok(());
        }
        let counters = self.router.queue_counters()?;
        if !self.is_same_boot(readings.evidence.uptime, self.router.resource()?.uptime) {
            return Ok(());
        }
        let third = ById::new(&counters);
        for (tail, fate) in tails.iter().zip(fates) {
            if is_open(tail, fate) && readings.is_before_reset(tail, second, &third) {
                *fate = ResetFate::Done;
            }
        }
        Ok(())
    }

    /// Whether a router with these uptimes, both read in this collection, has certainly not started anew
    /// in between.
    fn is_same_boot(&self, before: Option<Duration>, now: Option<Duration>) -> bool {
        before
            .zip(now)
            .is_some_and(|(before, now)| before <= now && before > self.server.collection_timeout)
    }

    /// Somebody removed a queue between the two lists, so the router reset none of those named with it:
    /// those that are still there once more.
    fn reset_again(&self, ids: &[Id], tails: &[Tail], fates: &mut [ResetFate]) -> Result<()> {
        let refused = fates.iter().zip(tails).enumerate();
        let present: Vec<_> = refused
            .filter(|(_, (fate, tail))| **fate == ResetFate::Refused && tail.usage.is_some())
            .map(|(place, _)| place)
            .collect();
        for some in present.chunks(RESETS_A_REQUEST) {
            let ids: Vec<_> = some
                .iter()
                .filter_map(|place| ids.get(*place).cloned())
                .collect();
            let outcome = self.router.reset_queue_counters(&ids);
            let fate = if outcome.is_ok() {
                ResetFate::Done
            } else {
                ResetFate::Unknown
            };
            for place in some {
                if let Some(known) = fates.get_mut(*place) {
                    *known = fate;
                }
            }
            outcome?;
        }
        Ok(())
    }

    /// Nothing was sent: the marks go, so that the next collection has no doubt.
    fn abandon(&self, intended: &[Intended]) -> Result<()> {
        let services: Vec<_> = intended.iter().map(|reset| reset.service).collect();
        store::transaction_until(self.host, self.until, || {
            accounts::mark_resets(self.host, &services, self.id, 0)
        })
    }

    /// One transaction for what flowed between the first and the second list. It is repeated as long as nobody
    /// else may collect: the counters are zero, and what is not booked now is in doubt for the whole router.
    fn book_tails(
        &self,
        readings: &Readings<'_>,
        fates: &Fates,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let (host, uptime, at) = (self.host, readings.evidence.uptime, readings.at);
        let usage = store::transaction_until(host, self.until, || {
            self.check_lease()?;
            let mut usage = Vec::new();
            for some in fates.to_book.chunks(AT_ONCE) {
                let services: Vec<_> = some.iter().map(|tail| tail.service).collect();
                let marked = accounts::lock_marked(host, &services, self.id)?;
                let bookings: Vec<_> = some
                    .iter()
                    .filter_map(|tail| {
                        let at =
                            marked.binary_search_by_key(&tail.service, |(service, _)| *service);
                        let (_, cap_seen) = marked.get(at.ok()?)?;
                        readings.booking(tail, cap_seen)
                    })
                    .collect();
                accounts::book(host, &bookings)?;
                usage.extend(bookings.iter().map(Booking::used));
            }
            history::add(host, self.day(at), &usage)?;
            accounts::mark_resets(host, &fates.unsent, self.id, 0)?;
            accounts::mark_resets(host, &fates.unknown, self.id, -1)?;
            accounts::confirm_resets(host, self.server.id, self.id, uptime, at)?;
            Ok(usage)
        })?;
        outcome.usage += total(&usage);
        Ok(())
    }

    /// Step 7.
    fn finish(&self, at: DateTime<Utc>, clocks: &Clocks, outcome: &mut Outcome) -> Result<()> {
        let host = self.host;
        let zone = host.time_zone();
        let now = at.with_timezone(&zone);
        services::store_figures(host, self.server.id, now)?;
        let remarks = retention::keep(host, self.server.id, clocks, retention::BUDGET)?;
        for remark in &remarks {
            let router = self.server.endpoint.name();
            host.log_activity(&format!("mikrotikvpn: {router}: {remark}"), None);
        }
        outcome.remarks.extend(remarks);
        let today = now.date_naive();
        let before = servers::collected_at(host, self.server.id)?;
        if before.is_none_or(|before| before.with_timezone(&zone).date_naive() != today) {
            let oldest = at - chrono::Duration::days(JOURNAL_DAYS);
            collections::forget(host, self.server.id, oldest)?;
            self.tell_of_certificate(at);
        }
        Ok(())
    }

    /// Once a day: nobody looks at a router that works, and tomorrow it may not be believed any more.
    fn tell_of_certificate(&self, at: DateTime<Utc>) {
        let certificate = believed(&self.server.endpoint);
        if let Some(remark) = certificate.and_then(|certificate| certificate.validity_remark(at)) {
            let router = self.server.endpoint.name();
            let text = format!("mikrotikvpn: {router}: {remark}");
            self.host.log_activity(&text, None);
        }
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

fn total(usage: &[Used]) -> Traffic {
    let mut total = Traffic::ZERO;
    for used in usage {
        total += used.traffic;
    }
    total
}

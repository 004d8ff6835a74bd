//! Brings the router to what caps want: disables, throttles, switches profiles, and puts all of it
//! back. Accounts that need the same are changed by one request; what fails or finds no time stays
//! marked in the record, and the next collection finishes it.
//!
//! Order is safety, as in `account::plan`: queues before secrets when enabling, secrets before
//! sessions when disabling. Only the account's own objects are touched (`account::verdict` says which).
//!
//! | a session that is to end | so |
//! |---|---|
//! | has the name of a login of the account | it is ended |
//! | has the account's address, and a name that no secret of the router has (any more) | it is ended |
//! | has the account's address, and the name of somebody else's secret | it is named, and the cap stays to be done |
//! | is listed again after it was ended | it is named, and the cap stays to be done |
//!
//! A cap that stays to be done keeps nobody, so what is used is owed. The same holds while the profile of a
//! walled cap holds nobody back, which each collection looks up and tells.
//!
//! | what keeps a cap from the router | so |
//! |---|---|
//! | it is to be slow and has no working queue | its login is disabled |
//! | the router refuses its speeds, or its profile is not there | its login is disabled |
//! | an enabled login in the account's place that is not its own | it is named, and stays to be done |
//! | the router is silent | it stays to be done |
//!
//! A service that WHMCS has as Suspended is kept out like one that ended, whoever enables its login.
//!
//! A command that lifts a cap looks once more whether the router did what it said it did.
//!
//! A login that is disabled in place of another cap is in the trace before it is disabled on the router, so
//! that whatever lifts the cap enables it again; each collection tries the cap that was meant once more.

use super::cap::Trace;
use super::remarks::Remarks;
use super::settle::{Job, settle};
use crate::account::bypass;
use crate::account::stored_server_settings;
use crate::account::tag::{self, Record, Tag};
use crate::account::verdict::{Owner, Whose, session_in_our_place, session_stays};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::installation::{Installation, InstallationId};
use crate::routeros::{
    Deadline, Exchange, Id, Lists, Query, QueueFields, QueueRow, Router, SecretFields, SecretRow,
    SessionRow,
};
use crate::settings::CapPolicy;
use crate::store::standings::Standing;
use crate::store::{self, servers, standings};
use crate::units::Limits;
use std::collections::{HashMap, HashSet};
use std::net::Ipv4Addr;
use std::time::Duration;

/// Objects one request changes: with ids of four digits a body of 3 KB.
const IDS_A_REQUEST: usize = 500;

/// RouterOS takes a moment to say goodbye to a client: how often a session is looked for after it was ended,
/// and how long in between.
const FAREWELLS: usize = 4;
const FAREWELL: Duration = Duration::from_millis(500);

/// Names one query asks for; beyond that all sessions are listed.
const NAMES_A_QUERY: usize = 20;

/// What a collection or a command has read of the router about the accounts of some jobs.
#[derive(Debug, Default)]
pub struct Seen {
    /// Of `/ppp/secret`.
    pub secrets: Vec<SecretRow>,
    /// Of `/queue/simple`.
    pub queues: Vec<QueueRow>,
    /// Of `/ppp/active`.
    pub sessions: Vec<SessionRow>,
}

impl Seen {
    /// The rows of the lists that the jobs are about: jobs are few where accounts are many.
    pub fn of(lists: &Lists, jobs: &[Job]) -> Self {
        if jobs.is_empty() {
            return Self::default();
        }
        let index = Index::of(jobs);
        let secrets: Vec<_> = lists
            .secrets
            .iter()
            .filter(|row| index.meets(row.comment, row.name, row.address))
            .map(SecretRow::from)
            .collect();
        let queues = lists
            .queues
            .iter()
            .filter(|row| index.meets(row.comment, row.name, None));
        let names: HashSet<_> = secrets.iter().map(|row| row.name.as_str()).collect();
        let online = lists
            .sessions
            .iter()
            .filter(|row| names.contains(row.name) || index.meets("", row.name, row.address));
        Self {
            queues: queues.map(QueueRow::from).collect(),
            sessions: online.map(SessionRow::from).collect(),
            secrets,
        }
    }
}

/// Which job an object may be about: by its comment, and by the name and address on record, for a comment
/// may be lost.
struct Index<'a> {
    services: HashSet<i64>,
    names: HashMap<&'a str, i64>,
    addresses: HashMap<Ipv4Addr, i64>,
}

impl<'a> Index<'a> {
    fn of(jobs: &'a [Job]) -> Self {
        let addresses = jobs
            .iter()
            .filter_map(|job| Some((job.address?, job.service)));
        Self {
            services: jobs.iter().map(|job| job.service).collect(),
            names: jobs
                .iter()
                .map(|job| (job.username.as_str(), job.service))
                .collect(),
            addresses: addresses.collect(),
        }
    }

    /// The services an object may be of, each once.
    fn services(&self, comment: &str, name: &str, address: Option<Ipv4Addr>) -> [Option<i64>; 3] {
        let tagged = tag::service_of(comment).filter(|service| self.services.contains(service));
        let named = self.names.get(name).copied();
        let placed = address.and_then(|address| self.addresses.get(&address).copied());
        let named = named.filter(|service| Some(*service) != tagged);
        let placed = placed.filter(|service| Some(*service) != tagged && Some(*service) != named);
        [tagged, named, placed]
    }

    fn meets(&self, comment: &str, name: &str, address: Option<Ipv4Addr>) -> bool {
        self.services(comment, name, address) != [None; 3]
    }
}

/// Requests to make, by what they change.
#[derive(Debug, Default)]
struct Actions {
    /// Objects that lost their tag, and the comment with it.
    retag: Vec<Untagged>,
    disable: Batch,
    limits: Vec<(Limits, Batch)>,
    profiles: Vec<(String, Batch)>,
    enable: Batch,
    end: Ends,
    remarks: Vec<String>,
    /// Services that cannot be finished now.
    unfinished: HashSet<i64>,
    /// Logins of services whose cap leaves them online, should it not come to the router.
    online_caps: HashMap<i64, Vec<Login>>,
    /// Of those, whose cap did not, and why.
    fallen: Vec<(i64, String)>,
}

#[derive(Debug)]
struct Untagged {
    menu: Menu,
    id: Id,
    service: i64,
    comment: String,
}

#[derive(Debug, Clone, Copy)]
enum Menu {
    Secrets,
    Queues,
}

#[derive(Debug)]
struct Login {
    id: Id,
    name: String,
    enabled: bool,
}

/// Whose sessions end.
#[derive(Debug, Default)]
struct Ends {
    /// Login names of accounts.
    names: HashMap<String, i64>,
    /// Their addresses: whoever is there under another name.
    addresses: HashMap<Ipv4Addr, i64>,
    /// Sessions that were there before: a list that leaves one of them out may be wrong.
    before: HashMap<Id, i64>,
}

impl Ends {
    fn add(&mut self, name: &str, job: &Job) {
        self.names.insert(name.to_owned(), job.service);
        self.visitors(job);
    }

    fn visitors(&mut self, job: &Job) {
        self.addresses
            .extend(job.address.map(|address| (address, job.service)));
    }

    /// Whose session this is, if it is to end.
    fn service(&self, row: &SessionRow) -> Option<i64> {
        let placed = || self.addresses.get(&row.address?);
        self.names.get(&row.name).or_else(placed).copied()
    }

    fn services(&self) -> HashSet<i64> {
        let placed = self.addresses.values();
        self.names.values().chain(placed).copied().collect()
    }

    fn query(&self) -> Query {
        if self.names.len() + self.addresses.len() > NAMES_A_QUERY {
            return Query::all();
        }
        let names = self.names.keys().map(|name| Query::field("name", name));
        let placed = self.addresses.keys();
        let placed = placed.map(|address| Query::field("address", &address.to_string()));
        let queries = names.chain(placed);
        queries.reduce(Query::or).unwrap_or_else(Query::all)
    }
}

/// Ids to change together, with the services they belong to.
#[derive(Debug, Default)]
struct Batch(Vec<(Id, i64)>);

impl Job {
    /// What our record says of the account.
    fn record(&self) -> Record<'_> {
        Record {
            service: self.service,
            tag: &self.tag,
            username: &self.username,
            address: self.address,
        }
    }

    fn owner(&self, installation: InstallationId) -> Owner {
        Owner {
            service: self.service,
            username: self.username.clone(),
            tag: Tag::of_record(installation, &self.record()),
            record: self.on_record.clone(),
        }
    }

    /// Nobody has decided anew since.
    fn is_as_decided(&self, standing: &Standing) -> bool {
        standing.capped == self.cap.is_some() && standing.trace == self.trace
    }

    /// Its login is to be disabled in place of its own cap, and that is noted.
    fn has_fallen(&self) -> bool {
        self.cap != Some(CapPolicy::Disable)
            && !self.done
            && Trace::parse(&self.trace).holds(&CapPolicy::Disable)
    }
}

/// Does `jobs` and notes which are done. Returns remarks; what the router refuses is one of them.
pub fn enforce(host: &dyn Host, router: &Router, seen: &Seen, jobs: &[Job]) -> Result<Vec<String>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let mut remarks = carry_out(host, router, seen, jobs)?;
    remarks.extend(weigh_profiles(host, router, jobs)?);
    Ok(remarks)
}

/// What is used within a profile that holds nobody back is owed, for it is no cap.
fn weigh_profiles(host: &dyn Host, router: &Router, jobs: &[Job]) -> Result<Vec<String>> {
    let mut walled: HashMap<&str, Vec<i64>> = HashMap::new();
    for job in jobs {
        if let Some(CapPolicy::Profile(name)) = &job.cap {
            walled.entry(name).or_default().push(job.service);
        }
    }
    let mut remarks = Vec::new();
    for (name, services) in walled {
        let rows = router.profiles(&Query::field("name", name));
        let reason = match rows {
            Ok(rows) if rows.iter().any(bypass::holds_nobody_back) => {
                "holds nobody back on the router: give it an address list, an interface list or filters, and let the firewall block what uses them".to_owned()
            }
            Ok(_) => continue,
            Err(error) => format!("could not be read: {error}"),
        };
        standings::forget_seen(host, &services)?;
        let reason = reason.trim_end_matches('.');
        for service in services {
            Remarks(&mut remarks).push(|| format!("Service {service} owes what it uses although its traffic is used up, for the profile \"{name}\" of its cap {reason}."));
        }
    }
    Ok(remarks)
}

fn carry_out(host: &dyn Host, router: &Router, seen: &Seen, jobs: &[Job]) -> Result<Vec<String>> {
    let (mut remarks, overtaken) = bring(host, router, seen, jobs)?;
    for service in overtaken {
        remarks.extend(follow(host, router, service)?);
    }
    Ok(remarks)
}

/// One round: returns remarks, and the services whose cap somebody else changed meanwhile.
fn bring(
    host: &dyn Host,
    router: &Router,
    seen: &Seen,
    jobs: &[Job],
) -> Result<(Vec<String>, Vec<i64>)> {
    let installation = Installation::load(host)?.id;
    let mut actions = actions(jobs, seen, installation);
    let lifts = actions.lifts() && jobs.iter().all(|job| job.cap.is_none());
    restrict(router, &mut actions);
    let mut jobs = jobs.to_vec();
    fall_back(host, router, &mut actions, &mut jobs)?;
    allow(router, &mut actions);
    if let [job] = jobs.as_slice()
        && lifts
    {
        see_lifted(router, job, installation, &mut actions);
    }
    let overtaken = confirm(host, &jobs, &actions.unfinished)?;
    Ok((actions.remarks, overtaken))
}

/// What the router answered with success and did not do stays to be done.
fn see_lifted(router: &Router, job: &Job, installation: InstallationId, done: &mut Actions) {
    if done.is_told(job.service) {
        return;
    }
    match look(router, job) {
        Ok(seen) if !actions(std::slice::from_ref(job), &seen, installation).lifts() => {}
        Ok(_) => done.postpone(
            job.service,
            "the router said that it gave the account back what the cap took, and does not show it",
        ),
        Err(error) => done.give_up([job.service], &error),
    }
}

/// A cap that was lifted while it was being carried out: whoever lifted it may have asked the router
/// before we did, so he who pays is let in now, not after the next collection.
fn follow(host: &dyn Host, router: &Router, service: i64) -> Result<Vec<String>> {
    let settled = store::transaction(host, || settle(host, &[service]))?;
    let Some(job) = settled.jobs.iter().find(|job| job.is_open()) else {
        return Ok(Vec::new());
    };
    match look(router, job) {
        Ok(seen) => {
            let (remarks, _) = bring(host, router, &seen, std::slice::from_ref(job))?;
            Ok(remarks)
        }
        Err(error) => Ok(vec![format!(
            "Service {service} follows with the next collection: {error}"
        )]),
    }
}

/// Does the job of one account in the middle of a command, whose `deadline` is kept; without one there is
/// the time of a command. An error says that the record is right and the router follows.
pub fn enforce_one(
    host: &dyn Host,
    jobs: &[Job],
    deadline: Option<Deadline>,
    log: &mut Vec<Exchange>,
) -> Result<()> {
    let Some(job) = jobs.iter().find(|job| job.is_open()) else {
        return Ok(());
    };
    let followed = |error: Error| {
        error.with_note(
            "The balance is booked; the account on the router follows with the next collection.",
        )
    };
    let standing = standings::find(host, job.service)?;
    let Some(server) = standing
        .map(|standing| servers::find(host, standing.server))
        .transpose()?
        .flatten()
    else {
        return Ok(());
    };
    let settings = stored_server_settings(host, &server).map_err(followed)?;
    let deadline = deadline.unwrap_or_else(|| Deadline::after(settings.command_timeout));
    if let Some(why) = &settings.read_only {
        return Err(followed(why.clone()));
    }
    let router = settings.router(deadline).map_err(followed)?;
    let result = look(&router, job);
    let remarks =
        result.and_then(|seen| carry_out(host, &router, &seen, std::slice::from_ref(job)));
    log.extend(router.transcript());
    match remarks.map_err(followed)?.first() {
        None => Ok(()),
        Some(remark) => Err(followed(Error::misuse(
            remark.trim_end_matches('.'),
            "Mend that on the router or run the command again",
        ))),
    }
}

fn look(router: &Router, job: &Job) -> Result<Seen> {
    let name = job.username.as_str();
    let query = |field: &str| {
        let known = Query::field("name", name).or(Query::field("comment", &job.tag));
        let address = job.address.map(|address| address.to_string());
        address.map_or(known.clone(), |address| {
            // A queue's target reads back with its prefix length, a secret's address without.
            known
                .or(Query::field(field, &address))
                .or(Query::field(field, &format!("{address}/32")))
        })
    };
    let sessions = Query::field("name", name);
    let sessions = match job.address {
        Some(address) => sessions.or(Query::field("address", &address.to_string())),
        None => sessions,
    };
    let (secrets, queues, sessions) =
        router.observe(&query("remote-address"), &query("target"), &sessions)?;
    Ok(Seen {
        secrets,
        queues,
        sessions,
    })
}

/// What the router needs. Pure.
fn actions(jobs: &[Job], seen: &Seen, installation: InstallationId) -> Actions {
    let mut actions = Actions::default();
    let index = Index::of(jobs);
    let secrets = by_service(&seen.secrets, |row| {
        index.services(&row.comment, &row.name, row.remote_address)
    });
    let queues = by_service(&seen.queues, |row| {
        index.services(&row.comment, &row.name, row.address())
    });
    let online = Online::of(&seen.sessions);
    for job in jobs {
        let owner = job.owner(installation);
        // A tag of the last release without the address: enough to switch off what has our name.
        let tagged = |comment: &str, name: &str| job.record().owns(installation, comment, name);
        let found = Found {
            secrets: rows(&secrets, job.service)
                .map(|row| match owner.of_secret(row) {
                    _ if tagged(&row.comment, &row.name) => (row, Whose::Ours),
                    whose => (row, whose),
                })
                .collect(),
            queues: rows(&queues, job.service)
                .map(|row| match owner.of_queue(row) {
                    _ if !row.dynamic && tagged(&row.comment, &row.name) => (row, Whose::Ours),
                    whose => (row, whose),
                })
                .filter(|(_, whose)| whose.is_ours())
                .collect(),
            owner,
        };
        actions.add(job, &found, &online);
    }
    let before = seen.sessions.iter();
    let before = before.filter_map(|row| Some((row.id.clone(), actions.end.service(row)?)));
    actions.end.before = before.collect();
    actions
}

/// Who is online.
struct Online<'a> {
    names: HashSet<&'a str>,
    addresses: HashMap<Ipv4Addr, Vec<&'a str>>,
}

impl<'a> Online<'a> {
    fn of(sessions: &'a [SessionRow]) -> Self {
        let mut addresses: HashMap<_, Vec<_>> = HashMap::new();
        for row in sessions {
            if let Some(address) = row.address {
                addresses
                    .entry(address)
                    .or_default()
                    .push(row.name.as_str());
            }
        }
        Self {
            names: sessions.iter().map(|row| row.name.as_str()).collect(),
            addresses,
        }
    }

    /// Somebody has the address of the account, and none of its names.
    fn has_visitor(&self, job: &Job, found: &Found<'_>) -> bool {
        let there = job.address.and_then(|address| self.addresses.get(&address));
        there.is_some_and(|names| {
            let is_own = |name: &&str| found.own_secrets().any(|row| row.name == **name);
            names.iter().any(|name| !is_own(name))
        })
    }
}

/// What the router shows of one job.
struct Found<'a> {
    owner: Owner,
    secrets: Vec<(&'a SecretRow, Whose)>,
    /// Ours only.
    queues: Vec<(&'a QueueRow, Whose)>,
}

impl Found<'_> {
    fn own_secrets(&self) -> impl Iterator<Item = &SecretRow> {
        let own = self.secrets.iter().filter(|(_, whose)| whose.is_ours());
        own.map(|(row, _)| *row)
    }

    /// Whether traffic of the account's address goes through a queue of ours, as far as that was read.
    fn is_metered(&self, address: Option<Ipv4Addr>) -> bool {
        self.queues.iter().any(|(row, _)| {
            let elsewhere = !row.target.is_empty() && address.is_some() && row.address() != address;
            !row.disabled && !elsewhere
        })
    }

    /// An enabled login in the account's place.
    fn stranger(&self) -> Option<Error> {
        let others = self.secrets.iter().filter(|(_, whose)| !whose.is_ours());
        let others: Vec<_> = others.map(|(row, _)| (*row).clone()).collect();
        self.owner.open_login(&others)
    }
}

fn by_service<Row>(
    rows: &[Row],
    services: impl Fn(&Row) -> [Option<i64>; 3],
) -> HashMap<i64, Vec<&Row>> {
    let mut found: HashMap<i64, Vec<&Row>> = HashMap::new();
    for row in rows {
        for service in services(row).into_iter().flatten() {
            found.entry(service).or_default().push(row);
        }
    }
    found
}

fn rows<'a, Row>(rows: &HashMap<i64, Vec<&'a Row>>, service: i64) -> impl Iterator<Item = &'a Row> {
    rows.get(&service).cloned().unwrap_or_default().into_iter()
}

impl Actions {
    fn add(&mut self, job: &Job, found: &Found<'_>, online: &Online<'_>) {
        let service = job.service;
        if job.cap.is_some()
            && let Some(error) = found.stranger()
        {
            self.postpone(service, &error.to_string());
        }
        self.retag(service, found);
        let metered = found.is_metered(job.address);
        if matches!(job.cap, Some(CapPolicy::Slow(_) | CapPolicy::Profile(_))) {
            let logins = found.own_secrets().map(|row| Login {
                id: row.id.clone(),
                name: row.name.clone(),
                enabled: !row.disabled,
            });
            self.online_caps.insert(service, logins.collect());
        }
        if let Some(limits) = job.wanted.limits {
            let slower = found
                .queues
                .iter()
                .filter(|(row, _)| row.max_limit != limits);
            for (queue, _) in slower {
                push(&mut self.limits, limits, &queue.id, service);
            }
        }
        let falls = matches!(job.cap, Some(CapPolicy::Slow(_))) && !metered;
        if falls {
            let reason = "it has no working queue on the router to slow it down";
            self.fallen.push((service, reason.to_owned()));
        }
        for secret in found.own_secrets() {
            let other_profile = job
                .wanted
                .profile
                .as_ref()
                .filter(|profile| **profile != secret.profile);
            if let Some(profile) = other_profile {
                push(&mut self.profiles, profile.clone(), &secret.id, service);
            }
            let switched = job.wanted.profile.is_some() && (other_profile.is_some() || !job.done);
            let enabled = !secret.disabled;
            match job.wanted.enabled {
                Some(false) => {
                    if enabled {
                        self.disable.0.push((secret.id.clone(), service));
                    }
                    if enabled && job.suspended {
                        self.remark(|| format!("Service {service} is Suspended in WHMCS, and its login \"{}\" was enabled on the router, so it is disabled again; run Unsuspend to let it in.", secret.name));
                    }
                    if enabled || !job.done || online.names.contains(secret.name.as_str()) {
                        self.end.add(&secret.name, job);
                    }
                }
                // A login allowed without a queue would not be metered.
                Some(true) if !enabled && metered => {
                    self.enable.0.push((secret.id.clone(), service));
                }
                Some(true) if !enabled && !falls => self.postpone(
                    service,
                    "it has no working queue, so its login was not allowed again; run Unsuspend or Change Package for it",
                ),
                _ => {}
            }
            if switched {
                self.end.add(&secret.name, job);
            }
        }
        let closes = job.wanted.enabled == Some(false);
        let walls = matches!(job.cap, Some(CapPolicy::Profile(_)));
        if (closes || walls) && online.has_visitor(job, found) {
            self.end.visitors(job);
        }
        self.weigh_missing(job, found);
    }

    /// Where no login is seen none was closed, and none opened: a list may not be loaded yet.
    fn weigh_missing(&mut self, job: &Job, found: &Found<'_>) {
        if found.own_secrets().next().is_some() {
            return;
        }
        self.unfinished.insert(job.service);
        if job.cap.is_none() && job.wanted.enabled == Some(true) {
            self.postpone(
                job.service,
                "the router shows no login of it to allow again; run Create for it if it stays so",
            );
        }
    }

    fn retag(&mut self, service: i64, found: &Found<'_>) {
        let tag = &found.owner.tag;
        let secrets = found
            .secrets
            .iter()
            .map(|(row, whose)| (Menu::Secrets, &row.id, &row.comment, *whose));
        let queues = found
            .queues
            .iter()
            .map(|(row, whose)| (Menu::Queues, &row.id, &row.comment, *whose));
        let untagged = secrets
            .chain(queues)
            .filter(|(.., whose)| *whose == Whose::Untagged);
        self.retag
            .extend(untagged.map(|(menu, id, comment, _)| Untagged {
                menu,
                id: id.clone(),
                service,
                comment: tag.put_back_into(comment),
            }));
    }

    /// The service is for the next collection, for a reason of its own.
    fn postpone(&mut self, service: i64, reason: &str) {
        self.unfinished.insert(service);
        let reason = reason.trim_end_matches('.');
        self.remark(|| format!("Service {service}: {reason}."));
    }

    /// Something is to be put back.
    fn lifts(&self) -> bool {
        !(self.limits.is_empty() && self.profiles.is_empty() && self.enable.0.is_empty())
    }

    /// It is known already not to be finished.
    fn is_told(&self, service: i64) -> bool {
        self.unfinished.contains(&service)
    }

    fn remark(&mut self, sentence: impl FnOnce() -> String) {
        Remarks(&mut self.remarks).push(sentence);
    }

    /// A change was not made. What would leave a capped account as it is ends in its login's being disabled;
    /// the rest is for the next collection.
    fn give_up(&mut self, services: impl IntoIterator<Item = i64>, error: &Error) {
        for service in services {
            if error.is_refused() && self.online_caps.contains_key(&service) {
                if self.fallen.iter().all(|(fallen, _)| *fallen != service) {
                    self.fallen.push((service, error.to_string()));
                }
            } else if self.unfinished.insert(service) {
                self.remark(|| {
                    format!(
                        "Service {service} could not be brought to what its balance says: {error}"
                    )
                });
            }
        }
    }
}

fn push<Key: PartialEq>(batches: &mut Vec<(Key, Batch)>, key: Key, id: &Id, service: i64) {
    let entry = (id.clone(), service);
    match batches.iter_mut().find(|(known, _)| *known == key) {
        Some((_, batch)) => batch.0.push(entry),
        None => batches.push((key, Batch(vec![entry]))),
    }
}

/// All that makes an account less than it is; and speeds and profiles that are put back.
fn restrict(router: &Router, actions: &mut Actions) {
    for lost in std::mem::take(&mut actions.retag) {
        let comment = Some(lost.comment.as_str());
        let done = match lost.menu {
            Menu::Secrets => {
                let fields = SecretFields {
                    comment,
                    ..SecretFields::default()
                };
                router.set_secret(&lost.id, &fields)
            }
            Menu::Queues => {
                let fields = QueueFields {
                    comment,
                    ..QueueFields::default()
                };
                router.set_queue(&lost.id, &fields)
            }
        };
        if let Err(error) = done {
            actions.postpone(
                lost.service,
                &format!("its tag could not be put back: {error}"),
            );
        }
    }
    let disable = std::mem::take(&mut actions.disable);
    change(actions, &disable, |ids| {
        router.set_secrets(ids, &disabled(true))
    });
    for (limits, batch) in std::mem::take(&mut actions.limits) {
        let fields = QueueFields {
            max_limit: Some(limits),
            ..QueueFields::default()
        };
        change(actions, &batch, |ids| router.set_queues(ids, &fields));
    }
    for (profile, batch) in std::mem::take(&mut actions.profiles) {
        let fields = SecretFields {
            profile: Some(&profile),
            ..SecretFields::default()
        };
        change(actions, &batch, |ids| router.set_secrets(ids, &fields));
    }
}

/// Disables the logins of accounts whose own cap cannot be had. Noted first: what a crash leaves disabled must
/// be known to whoever lifts the cap.
fn fall_back(
    host: &dyn Host,
    router: &Router,
    actions: &mut Actions,
    jobs: &mut [Job],
) -> Result<()> {
    let fallen = std::mem::take(&mut actions.fallen);
    if fallen.is_empty() {
        return Ok(());
    }
    note_disabled(host, jobs, &fallen)?;
    let mut disable = Batch::default();
    for (service, _) in &fallen {
        let logins = actions.online_caps.remove(service).unwrap_or_default();
        let noted = jobs
            .iter()
            .any(|job| job.service == *service && job.has_fallen());
        // Somebody has just decided anew about the others.
        for login in logins.into_iter().filter(|_| noted) {
            if login.enabled {
                disable.0.push((login.id, *service));
            }
            actions.end.names.insert(login.name, *service);
        }
        actions.unfinished.remove(service);
    }
    change(actions, &disable, |ids| {
        router.set_secrets(ids, &disabled(true))
    });
    for (service, reason) in fallen {
        if actions.unfinished.insert(service) {
            let cap = jobs.iter().find(|job| job.service == service);
            let cap = cap.and_then(|job| job.cap.as_ref().map(ToString::to_string));
            actions.remark(|| told_of_fall(service, &cap.unwrap_or_default(), &reason));
        }
    }
    Ok(())
}

fn told_of_fall(service: i64, cap: &str, reason: &str) -> String {
    let reason = reason.trim_end_matches('.');
    format!(
        "Service {service} cannot have the cap \"{cap}\", so its login is disabled instead: {reason}."
    )
}

/// Adds the disabled login to the traces of the jobs that are still as they were decided.
fn note_disabled(host: &dyn Host, jobs: &mut [Job], fallen: &[(i64, String)]) -> Result<()> {
    let mut services: Vec<_> = fallen.iter().map(|(service, _)| *service).collect();
    services.sort_unstable();
    let noted = store::transaction(host, || {
        let mut noted = HashMap::new();
        let mut changed = Vec::new();
        for mut standing in standings::lock(host, &services)? {
            let Some(job) = jobs.iter().find(|job| job.service == standing.service) else {
                continue;
            };
            if !job.is_as_decided(&standing) {
                continue;
            }
            let trace = Trace::parse(&standing.trace)
                .with(&CapPolicy::Disable)
                .text();
            noted.insert(standing.service, trace.clone());
            if trace != standing.trace || standing.done {
                standing.trace = trace;
                standing.done = false;
                changed.push(standing);
            }
        }
        standings::store(host, &changed, host.now())?;
        Ok(noted)
    })?;
    for job in jobs {
        if let Some(trace) = noted.get(&job.service) {
            job.trace.clone_from(trace);
            job.done = false;
        }
    }
    Ok(())
}

/// Lets in who may be in; whose queue could not be changed stays outside until it can.
fn allow(router: &Router, actions: &mut Actions) {
    let mut enable = std::mem::take(&mut actions.enable);
    enable
        .0
        .retain(|(_, service)| !actions.unfinished.contains(service));
    change(actions, &enable, |ids| {
        router.set_secrets(ids, &disabled(false))
    });
    end_sessions(router, actions);
}

fn disabled(disabled: bool) -> SecretFields<'static> {
    SecretFields {
        disabled: Some(disabled),
        ..SecretFields::default()
    }
}

/// One request for many; when the router refuses it, one for each, so that a single bad row does not
/// keep the others.
fn change(actions: &mut Actions, batch: &Batch, run: impl Fn(&[&Id]) -> Result<()>) {
    for chunk in batch.0.chunks(IDS_A_REQUEST) {
        let ids: Vec<_> = chunk.iter().map(|(id, _)| id).collect();
        let Err(error) = run(&ids) else { continue };
        if !error.is_refused() || chunk.len() == 1 {
            actions.give_up(chunk.iter().map(|(_, service)| *service), &error);
            continue;
        }
        for (id, service) in chunk {
            if let Err(error) = run(&[id]) {
                actions.give_up([*service], &error);
            }
        }
    }
}

/// Sessions are listed only now, after logins were refused: one that began in between is ended too. Then they
/// are looked at until none of them is left.
fn end_sessions(router: &Router, actions: &mut Actions) {
    let end = std::mem::take(&mut actions.end);
    if end.names.is_empty() && end.addresses.is_empty() {
        return;
    }
    let due = router
        .sessions(&end.query())
        .and_then(|rows| spare_others(router, &end, rows, actions));
    let due = match due {
        Ok(due) => due,
        Err(error) => return actions.give_up(end.services(), &error),
    };
    let batch = due.iter().map(|(row, service)| (row.id.clone(), *service));
    change(actions, &Batch(batch.collect()), |ids| {
        router.remove_sessions(ids)
    });
    let ended = due.into_iter().map(|(row, service)| (row.id, service));
    let ended: HashMap<_, _> = ended.chain(end.before.clone()).collect();
    if let Err(error) = see_ended(router, &end, &ended, actions) {
        actions.give_up(ended.into_values(), &error);
    }
}

/// The sessions that are to end. Of those at an account's address under another name, one whose name a secret
/// has is somebody else's.
fn spare_others(
    router: &Router,
    end: &Ends,
    rows: Vec<SessionRow>,
    actions: &mut Actions,
) -> Result<Vec<(SessionRow, i64)>> {
    let rows = rows.into_iter();
    let rows = rows.filter_map(|row| end.service(&row).map(|service| (row, service)));
    let (mut due, visitors): (Vec<_>, Vec<_>) =
        rows.partition(|(row, _)| end.names.contains_key(&row.name));
    for (row, service) in visitors {
        if router.secrets(&Query::field("name", &row.name))?.is_empty() {
            due.push((row, service));
        } else {
            actions.postpone(service, &session_in_our_place(&row).to_string());
        }
    }
    Ok(due)
}

fn see_ended(
    router: &Router,
    end: &Ends,
    ended: &HashMap<Id, i64>,
    actions: &mut Actions,
) -> Result<()> {
    if ended.is_empty() {
        return Ok(());
    }
    for look in 0.. {
        let mut rows = router.sessions(&end.query())?;
        rows.retain(|row| ended.contains_key(&row.id) && !actions.is_told(ended[&row.id]));
        if rows.is_empty() {
            break;
        }
        if look == FAREWELLS || !router.pause(FAREWELL)? {
            for row in rows {
                actions.postpone(ended[&row.id], &session_stays(&row).to_string());
            }
            break;
        }
    }
    Ok(())
}

/// Notes what is done. A cap that was lifted while the router was being asked leaves its trace, for what
/// was just done must be put back. Returns the services of which that, or the reverse, is true.
fn confirm(host: &dyn Host, jobs: &[Job], unfinished: &HashSet<i64>) -> Result<Vec<i64>> {
    let open: HashMap<_, _> = jobs
        .iter()
        .filter(|job| job.is_open() || (!job.ended && unfinished.contains(&job.service)))
        .map(|job| (job.service, job))
        .collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let mut services: Vec<_> = open.keys().copied().collect();
    services.sort_unstable();
    store::transaction(host, || {
        let mut changed = Vec::new();
        let mut overtaken = Vec::new();
        for mut standing in standings::lock(host, &services)? {
            let Some(job) = open.get(&standing.service) else {
                continue;
            };
            let same = job.is_as_decided(&standing);
            if same && unfinished.contains(&standing.service) {
                if standing.done {
                    standing.done = false;
                    changed.push(standing);
                }
                continue;
            }
            if same {
                standing.trace = Trace::of(job.cap.as_ref()).text();
                standing.done = true;
            } else if let Some(policy) = &job.cap {
                standing.trace = Trace::parse(&standing.trace).with(policy).text();
                standing.done = false;
            }
            if !same {
                overtaken.push(standing.service);
            }
            changed.push(standing);
        }
        standings::store(host, &changed, host.now())?;
        Ok(overtaken)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::CapPolicy;
    use crate::traffic::cap::Wanted;
    use crate::units::Rate;

    fn job(wanted: Wanted, done: bool) -> Job {
        Job {
            service: 7,
            username: "ann".to_owned(),
            tag: "isp whmcs:7@k3f9a2".to_owned(),
            address: None,
            on_record: None,
            wanted,
            cap: Some(CapPolicy::Disable),
            trace: "disable".to_owned(),
            done,
            ended: false,
            suspended: false,
        }
    }

    fn secret(comment: &str, disabled: bool) -> SecretRow {
        SecretRow {
            id: Id::new("*1"),
            name: "ann".to_owned(),
            profile: "vpn".to_owned(),
            comment: comment.to_owned(),
            disabled,
            ..SecretRow::default()
        }
    }

    fn queue() -> QueueRow {
        QueueRow {
            id: Id::new("*2"),
            comment: "isp whmcs:7@k3f9a2".to_owned(),
            ..QueueRow::default()
        }
    }

    fn enabled(enabled: bool) -> Wanted {
        Wanted {
            enabled: Some(enabled),
            ..Wanted::default()
        }
    }

    fn plan(job: &Job, secrets: &[SecretRow], queues: &[QueueRow]) -> Actions {
        let seen = Seen {
            secrets: secrets.to_vec(),
            queues: queues.to_vec(),
            sessions: Vec::new(),
        };
        let installation = InstallationId::parse("k3f9a2").unwrap();
        actions(std::slice::from_ref(job), &seen, installation)
    }

    #[test]
    fn a_manual_enable_is_undone_even_when_the_cap_was_done() {
        let planned = plan(
            &job(enabled(false), true),
            &[secret("isp whmcs:7@k3f9a2", false)],
            &[],
        );
        assert_eq!(planned.disable.0.len(), 1);
        assert!(planned.end.names.contains_key("ann"));
    }

    #[test]
    fn a_cap_that_is_done_asks_for_nothing() {
        let planned = plan(
            &job(enabled(false), true),
            &[secret("isp whmcs:7@k3f9a2", true)],
            &[],
        );
        assert!(planned.disable.0.is_empty() && planned.end.names.is_empty());
    }

    #[test]
    fn what_is_not_ours_is_not_touched() {
        for comment in [
            "isp whmcs:7",
            "isp whmcs:7@zzzzzz",
            "isp whmcs:77@k3f9a2",
            "isp",
        ] {
            let planned = plan(&job(enabled(false), false), &[secret(comment, false)], &[]);
            assert!(planned.disable.0.is_empty(), "{comment}");
            assert!(planned.end.names.is_empty(), "{comment}");
        }
    }

    #[test]
    fn no_login_is_allowed_again_without_a_queue_that_meters() {
        let job = job(enabled(true), false);
        let secrets = [secret("isp whmcs:7@k3f9a2", true)];
        let planned = plan(&job, &secrets, &[]);
        assert!(planned.enable.0.is_empty() && planned.unfinished.contains(&7));
        let off = QueueRow {
            disabled: true,
            ..queue()
        };
        assert!(plan(&job, &secrets, &[off]).enable.0.is_empty());
        assert_eq!(plan(&job, &secrets, &[queue()]).enable.0.len(), 1);
    }

    #[test]
    fn a_throttled_session_stays_and_a_walled_one_ends_once() {
        let slow = Wanted {
            limits: Some(Limits {
                download: Rate(1),
                upload: Rate(1),
            }),
            ..Wanted::default()
        };
        let secrets = [secret("isp whmcs:7@k3f9a2", false)];
        let planned = plan(&job(slow, false), &secrets, &[queue()]);
        assert_eq!(planned.limits.len(), 1);
        assert!(planned.end.names.is_empty() && planned.disable.0.is_empty());
        let walled = |profile: &str, done| {
            let wanted = Wanted {
                profile: Some(profile.to_owned()),
                ..Wanted::default()
            };
            plan(&job(wanted, done), &secrets, &[queue()])
                .end
                .names
                .len()
        };
        assert_eq!(walled("wall", false), 1);
        assert_eq!(walled("vpn", true), 0, "it has the profile and was ended");
    }

    fn capped(policy: &str) -> Job {
        let cap: CapPolicy = policy.parse().unwrap();
        Job {
            trace: policy.to_owned(),
            wanted: crate::traffic::cap::wanted(
                Some(&cap),
                &Trace::of(Some(&cap)),
                &crate::traffic::cap::Normal {
                    limits: Limits::default(),
                    profile: "vpn".to_owned(),
                    active: true,
                },
            ),
            cap: Some(cap),
            ..job(Wanted::default(), false)
        }
    }

    #[test]
    fn what_keeps_a_slow_or_walled_cap_from_the_router_ends_in_a_disabled_login() {
        let secrets = [secret("isp whmcs:7@k3f9a2", false)];
        let falls = |planned: &Actions| planned.fallen.len();
        assert_eq!(falls(&plan(&capped("slow 1/1"), &secrets, &[])), 1);
        assert_eq!(falls(&plan(&capped("slow 1/1"), &secrets, &[queue()])), 0);
        let refused = Error::refused(
            "/ppp/secret/set",
            "input does not match any value of profile",
            None,
        );
        let mut planned = plan(&capped("profile walled"), &secrets, &[queue()]);
        planned.give_up([7], &refused);
        planned.give_up([7], &refused);
        assert_eq!(falls(&planned), 1);
        assert!(planned.remarks.is_empty(), "it is told when it was done");
        let silent = Error::network(crate::error::Step::Reply, "r", "it was closed");
        let mut planned = plan(&capped("profile walled"), &secrets, &[queue()]);
        planned.give_up([7], &silent);
        assert_eq!(
            falls(&planned),
            0,
            "a silent router has no other cap either"
        );
        assert!(planned.unfinished.contains(&7));
        assert!(
            planned.remarks[0].starts_with("Service 7 "),
            "{:?}",
            planned.remarks
        );
    }

    #[test]
    fn a_cap_whose_login_is_not_seen_is_not_done() {
        let planned = plan(&job(enabled(false), false), &[], &[queue()]);
        assert!(planned.unfinished.contains(&7));
    }
}

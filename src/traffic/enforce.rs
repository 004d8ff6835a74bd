//! Brings the router to what caps want: disables, throttles, switches profiles, and puts all of it
//! back. Accounts that need the same are changed by one request; what fails or finds no time stays
//! marked in the record, and the next collection finishes it.
//!
//! Order is safety, as in `account::plan`: queues before secrets when enabling, secrets before
//! sessions when disabling. Only objects with the account's own comment are touched, and only sessions
//! of the names they have.

use super::cap::Trace;
use super::settle::{Job, settle};
use crate::account::{stored_server_settings, tag, tag::Record};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::installation::{Installation, InstallationId};
use crate::routeros::{
    Deadline, Exchange, Id, Lists, Query, QueueFields, QueueRow, Router, SecretFields, SecretRow,
    SessionRow,
};
use crate::store::{self, servers, standings};
use crate::units::Limits;
use std::collections::{HashMap, HashSet};

/// Objects one request changes: with ids of four digits a body of 3 KB.
const IDS_A_REQUEST: usize = 500;

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
        let services: HashSet<_> = jobs.iter().map(|job| job.service).collect();
        let is_meant = |comment| {
            let service = tag::service_of(comment);
            service.is_some_and(|service| services.contains(&service))
        };
        let secrets: Vec<_> = lists
            .secrets
            .iter()
            .filter(|row| is_meant(row.comment))
            .map(SecretRow::from)
            .collect();
        let queues = lists.queues.iter().filter(|row| is_meant(row.comment));
        let names: HashSet<_> = secrets.iter().map(|row| row.name.as_str()).collect();
        let online = lists.sessions.iter().filter(|row| names.contains(row.name));
        Self {
            queues: queues.map(QueueRow::from).collect(),
            sessions: online.map(SessionRow::from).collect(),
            secrets,
        }
    }
}

/// Requests to make, by what they change.
#[derive(Debug, Default)]
struct Actions {
    disable: Batch,
    limits: Vec<(Limits, Batch)>,
    profiles: Vec<(String, Batch)>,
    enable: Batch,
    /// Login names whose sessions end, and whose they are.
    end: HashMap<String, i64>,
    remarks: Vec<String>,
    /// Services that cannot be finished now.
    unfinished: HashSet<i64>,
}

/// Ids to change together, with the services they belong to.
#[derive(Debug, Default)]
struct Batch(Vec<(Id, i64)>);

/// Does `jobs` and notes which are done. Returns remarks; what the router refuses is one of them.
pub fn enforce(host: &dyn Host, router: &Router, seen: &Seen, jobs: &[Job]) -> Result<Vec<String>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
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
    let mut actions = actions(jobs, seen, Installation::load(host)?.id);
    carry_out(router, &mut actions);
    let overtaken = confirm(host, jobs, &actions.unfinished)?;
    Ok((actions.remarks, overtaken))
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
    let remarks = result.and_then(|seen| enforce(host, &router, &seen, std::slice::from_ref(job)));
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
    let query = |name| Query::field("name", name).or(Query::field("comment", &job.tag));
    let name = job.username.as_str();
    let sessions = Query::field("name", name);
    let (secrets, queues, sessions) = router.observe(&query(name), &query(name), &sessions)?;
    Ok(Seen {
        secrets,
        queues,
        sessions,
    })
}

/// What the router needs. Pure.
fn actions(jobs: &[Job], seen: &Seen, installation: InstallationId) -> Actions {
    let mut actions = Actions::default();
    let secrets = by_service(&seen.secrets, |row| &row.comment);
    let queues = by_service(&seen.queues, |row| &row.comment);
    let online: HashSet<_> = seen.sessions.iter().map(|row| row.name.as_str()).collect();
    for job in jobs {
        let record = Record {
            service: job.service,
            tag: &job.tag,
            username: &job.username,
            address: None,
        };
        let own = |comment: &str, name: &str| record.owns(installation, comment, name);
        let secrets: Vec<_> = rows(&secrets, job.service)
            .filter(|row| own(&row.comment, &row.name))
            .collect();
        let queues: Vec<_> = rows(&queues, job.service)
            .filter(|row| own(&row.comment, &row.name) && !row.dynamic)
            .collect();
        actions.add(job, &secrets, &queues, &online);
    }
    actions
}

fn by_service<Row>(rows: &[Row], comment: fn(&Row) -> &String) -> HashMap<i64, Vec<&Row>> {
    let mut found: HashMap<i64, Vec<&Row>> = HashMap::new();
    for row in rows {
        if let Some(service) = tag::service_of(comment(row)) {
            found.entry(service).or_default().push(row);
        }
    }
    found
}

fn rows<'a, Row>(
    rows: &'a HashMap<i64, Vec<&'a Row>>,
    service: i64,
) -> impl Iterator<Item = &'a Row> {
    rows.get(&service).into_iter().flatten().copied()
}

impl Actions {
    fn add(
        &mut self,
        job: &Job,
        secrets: &[&SecretRow],
        queues: &[&QueueRow],
        online: &HashSet<&str>,
    ) {
        let service = job.service;
        if let Some(limits) = job.wanted.limits {
            for queue in queues.iter().filter(|row| row.max_limit != limits) {
                push(&mut self.limits, limits, &queue.id, service);
            }
        }
        // A login allowed without a queue would not be metered.
        let metered = queues.iter().any(|row| !row.disabled);
        for secret in secrets {
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
                    if enabled || !job.done || online.contains(secret.name.as_str()) {
                        self.end.insert(secret.name.clone(), service);
                    }
                }
                Some(true) if !enabled && metered => {
                    self.enable.0.push((secret.id.clone(), service));
                }
                Some(true) if !enabled => {
                    self.unfinished.insert(service);
                    self.remarks.push(format!(
                        "Service {service} has no working queue, so its login was not allowed again; run Unsuspend or Change Package for it."
                    ));
                }
                _ => {}
            }
            if switched {
                self.end.insert(secret.name.clone(), service);
            }
        }
    }

    /// These services are for the next collection.
    fn give_up(&mut self, services: impl IntoIterator<Item = i64>, error: &Error) {
        let before = self.unfinished.len();
        self.unfinished.extend(services);
        let more = self.unfinished.len() - before;
        if more > 0 {
            self.remarks.push(format!(
                "{more} accounts could not be brought to what their balance says: {error}"
            ));
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

fn carry_out(router: &Router, actions: &mut Actions) {
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
    let mut enable = std::mem::take(&mut actions.enable);
    // Whose queue could not be changed stays outside until it can.
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

/// Sessions are listed only now, after logins were refused: one that began in between is ended too.
fn end_sessions(router: &Router, actions: &mut Actions) {
    let end = std::mem::take(&mut actions.end);
    if end.is_empty() {
        return;
    }
    let sessions = match router.sessions(&by_names(&end)) {
        Ok(sessions) => sessions,
        Err(error) => return actions.give_up(end.into_values(), &error),
    };
    let batch = sessions
        .into_iter()
        .filter_map(|row| Some((row.id, *end.get(&row.name)?)))
        .collect();
    change(actions, &Batch(batch), |ids| router.remove_sessions(ids));
}

fn by_names(names: &HashMap<String, i64>) -> Query {
    if names.len() > NAMES_A_QUERY {
        return Query::all();
    }
    let queries = names.keys().map(|name| Query::field("name", name));
    queries.reduce(Query::or).unwrap_or_else(Query::all)
}

/// Notes what is done. A cap that was lifted while the router was being asked leaves its trace, for what
/// was just done must be put back. Returns the services of which that, or the reverse, is true.
fn confirm(host: &dyn Host, jobs: &[Job], unfinished: &HashSet<i64>) -> Result<Vec<i64>> {
    let open: HashMap<_, _> = jobs
        .iter()
        .filter(|job| job.is_open())
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
            let same = standing.capped == job.cap.is_some() && standing.trace == job.trace;
            if same && unfinished.contains(&standing.service) {
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
            wanted,
            cap: Some(CapPolicy::Disable),
            trace: "disable".to_owned(),
            done,
            ended: false,
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
        assert!(planned.end.contains_key("ann"));
    }

    #[test]
    fn a_cap_that_is_done_asks_for_nothing() {
        let planned = plan(
            &job(enabled(false), true),
            &[secret("isp whmcs:7@k3f9a2", true)],
            &[],
        );
        assert!(planned.disable.0.is_empty() && planned.end.is_empty());
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
            assert!(planned.end.is_empty(), "{comment}");
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
        assert!(planned.end.is_empty() && planned.disable.0.is_empty());
        let walled = |profile: &str, done| {
            let wanted = Wanted {
                profile: Some(profile.to_owned()),
                ..Wanted::default()
            };
            plan(&job(wanted, done), &secrets, &[queue()]).end.len()
        };
        assert_eq!(walled("wall", false), 1);
        assert_eq!(walled("vpn", true), 0, "it has the profile and was ended");
    }
}

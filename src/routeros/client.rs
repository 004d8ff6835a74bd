//! The typed operations, asynchronous; `router` is their blocking front.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use super::command::{Command, Follower, OneWrite, Sink, Together, Transport, Value};
use super::deadline::Deadline;
use super::device::{GroupRow, VpnServerRow};
use super::failure::too_late;
use super::last_reading::{LastReading, ResetFate};
use super::lists::{Counters, List, Lists};
use super::plausible::Judge;
use super::query::Query;
use super::record::{Lack, Record};
use super::rows::{Id, QueueRow, ResourceRow, Row, SecretRow, SessionRow};
use super::transcript::{Exchange, Transcript};
use crate::boundary::{both, boundary, instant};
use crate::error::{Error, Result, Step};
use crate::limits::{ID_LENGTH, ROW_BYTES, VALUE_BYTES};
use crate::printable::excerpt;

/// One router behind a transport.
pub(super) struct Client {
    transport: Box<dyn Transport>,
    name: String,
    deadline: Deadline,
    transcript: Transcript,
    remarks: RefCell<Vec<String>>,
}

impl Client {
    pub(super) fn new(transport: Box<dyn Transport>, name: String, deadline: Deadline) -> Self {
        Self {
            transport,
            name,
            deadline,
            transcript: Transcript::default(),
            remarks: RefCell::default(),
        }
    }

    pub(super) async fn list<R: Row + 'static>(&self, query: &Query) -> Result<Vec<R>> {
        let command = Command::Print {
            menu: R::MENU,
            proplist: R::PROPLIST,
            query,
        };
        let add = |rows: &mut Vec<R>, record: &Record| rows.push(R::read(record));
        self.gather(command, add).await
    }

    /// All rows of a menu.
    async fn all<L: List + 'static>(&self) -> Result<L> {
        let query = Query::all();
        self.gather(whole::<L>(&query), L::add).await
    }

    pub(super) async fn queue_counters(&self) -> Result<Counters> {
        self.all().await
    }

    pub(super) async fn resource(&self) -> Result<ResourceRow> {
        let record = self.read(ResourceRow::MENU, ResourceRow::PROPLIST).await?;
        if record.value("version").is_none() {
            // Seen for a short while after boot: replies of other menus.
            return Err(Error::nonsense(
                "/system/resource/print",
                "it has no version; a router that has just booted may need a minute",
            ));
        }
        Ok(ResourceRow::read(&record))
    }

    pub(super) async fn identity(&self) -> Result<String> {
        let record = self.read("/system/identity", &["name"]).await?;
        Ok(record.value("name").unwrap_or_default().to_owned())
    }

    pub(super) async fn group_of(&self, user: &str) -> Result<GroupRow> {
        let unknown = || {
            Error::misuse(
                format!(
                    "The router {} lists no user \"{user}\" with a group",
                    self.name
                ),
                "Use a local user of the router (/user), with the policies read, write and rest-api (api over the binary API)",
            )
        };
        let group = self
            .first(
                "/user",
                &[".id", "name", "group"],
                &Query::field("name", user),
            )
            .await?
            .and_then(|record| record.value("group").map(str::to_owned))
            .ok_or_else(unknown)?;
        self.list(&Query::field("name", &group))
            .await?
            .into_iter()
            .next()
            .ok_or_else(unknown)
    }

    /// The servers of a VPN protocol; its menu is one object or a list of them.
    pub(super) async fn vpn_servers(&self, menu: &str) -> Result<Vec<VpnServerRow>> {
        let command = Command::Print {
            menu,
            proplist: VpnServerRow::PROPLIST,
            query: &Query::all(),
        };
        let records = self.send(command).await?;
        Ok(records.iter().map(VpnServerRow::read).collect())
    }

    /// The one row of a menu that is not a list.
    pub(super) async fn only<R: Row>(&self) -> Result<R> {
        Ok(R::read(&self.read(R::MENU, R::PROPLIST).await?))
    }

    /// The resource first, alone: its uptime must not be younger than any counter, and a wrong
    /// password fails one login instead of two. Then two lanes; both run to their end, because an
    /// aborted request followed by a finished one makes RouterOS 7.21 drop connections.
    pub(super) async fn lists(&self) -> Result<Lists> {
        let lists = async {
            let (metered, live) = both(
                async { Ok::<_, Error>((self.all().await?, self.all().await?)) },
                async { Ok::<_, Error>((self.all().await?, self.all().await?)) },
            )
            .await;
            Ok((metered?, live?))
        };
        let (resource, ((queues, secrets), (sessions, interfaces))) =
            self.within_one_boot(lists).await?;
        Ok(Lists {
            resource,
            queues,
            sessions,
            interfaces,
            secrets,
        })
    }

    /// What `read` brings, with the uptime it was read at. Counters of another boot than the uptime's
    /// would be billed again when that boot is noticed, so the uptime is asked for before and after.
    pub(super) async fn within_one_boot<T>(
        &self,
        read: impl Future<Output = Result<T>>,
    ) -> Result<(ResourceRow, T)> {
        let before = self.resource().await?;
        let began = instant();
        let value = read.await?;
        let between = instant().saturating_duration_since(began);
        let after = self.resource().await?;
        if before.is_same_boot_as(&after, between) {
            return Ok((before, value));
        }
        Err(Error::network(
            Step::Reply,
            &self.name,
            "it started anew while it was read",
        ))
    }

    /// One after the other: rows of one account are few, and a second connection costs a handshake.
    pub(super) async fn observe(
        &self,
        secrets: &Query,
        queues: &Query,
        sessions: &Query,
    ) -> Result<(Vec<SecretRow>, Vec<QueueRow>, Vec<SessionRow>)> {
        Ok((
            self.list(secrets).await?,
            self.list(queues).await?,
            self.list(sessions).await?,
        ))
    }

    pub(super) async fn pause(&self, length: Duration) -> Result<bool> {
        let in_time = self.deadline.remaining() > length;
        if in_time {
            tokio::time::sleep(length).await;
        }
        Ok(in_time)
    }

    pub(super) async fn add(&self, menu: &str, fields: &[(&str, Value<'_>)]) -> Result<Id> {
        let records = self.send(Command::Add { menu, fields }).await?;
        let id = records
            .first()
            .and_then(|record| record.value("ret"))
            .filter(|id| !id.is_empty());
        id.map(Id::new).ok_or_else(|| {
            Error::nonsense(
                format!("{menu}/add"),
                "it does not tell the id of the new row",
            )
        })
    }

    pub(super) async fn set(
        &self,
        menu: &str,
        id: &Id,
        fields: &[(&str, Value<'_>)],
    ) -> Result<()> {
        let id = usable(id)?;
        self.send(Command::Set { menu, id, fields }).await?;
        Ok(())
    }

    pub(super) async fn remove(&self, menu: &str, id: &Id) -> Result<()> {
        let id = usable(id)?;
        match self.send(Command::Remove { menu, id }).await {
            Err(error) if error.is_missing_item() => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    pub(super) async fn reset_queue_counters(&self, ids: &[Id]) -> Result<()> {
        self.run_on(QueueRow::MENU, "reset-counters", ids, Vec::new())
            .await
    }

    /// One command for many rows: RouterOS takes a list of ids joined by commas, and does nothing at all
    /// when it refuses one of them.
    pub(super) async fn run_on<'a>(
        &self,
        menu: &str,
        command: &str,
        ids: &[impl Borrow<Id>],
        fields: Vec<(&'a str, Value<'a>)>,
    ) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut all = vec![(".id", Value::from(joined(ids)?))];
        all.extend(fields);
        self.send(Command::Run {
            menu,
            command,
            fields: &all,
        })
        .await?;
        Ok(())
    }

    pub(super) async fn queue_counters_then_reset(&self, ids: &[Id]) -> LastReading {
        let share = self.resets_a_command(ids.len());
        let fields = ids
            .chunks(share)
            .map(|some| Ok([(".id", Value::from(joined(some)?))]));
        let fields: Vec<_> = match fields.collect::<Result<_>>() {
            Ok(fields) => fields,
            Err(error) => return LastReading::unsent(ids.len(), error),
        };
        let resets: Vec<_> = fields
            .iter()
            .map(|some| Asked::<()>::of(reset(some)))
            .collect();
        let query = Query::all();
        let read = Asked::<Counters>::of(whole::<Counters>(&query));
        let Together { first, others } = self.send_together(&read, &resets).await;
        self.note(&read.command, first.as_ref().map(|()| read.summary()));
        self.remark(&read);
        for (reset, other) in resets.iter().zip(&others) {
            let outcome = other.outcome.as_ref().map(|()| reset.summary());
            self.note(&reset.command, outcome);
        }
        let mut reading = LastReading::unsent_all(ids.len());
        let is_read = first.is_ok();
        match first {
            Ok(()) => reading.counters = read.take(),
            Err(error) if others.is_empty() => reading.failure = Some(error),
            Err(error) => {
                let note = "The counters may have been set to zero all the same.";
                reading.failure = Some(error.with_note(note));
            }
        }
        for (fates, other) in reading.fates.chunks_mut(share).zip(others) {
            fates.fill(match &other.outcome {
                Ok(()) if !is_read => ResetFate::DoneUnread,
                Ok(()) if other.ahead => ResetFate::DoneAhead,
                Ok(()) => ResetFate::Done,
                Err(error) if error.is_missing_item() => ResetFate::Refused,
                Err(error) if error.never_reached_router() => ResetFate::Unsent,
                Err(_) => ResetFate::Unknown,
            });
            if let Err(error) = other.outcome
                && !error.is_missing_item()
            {
                reading.failure.get_or_insert(error);
            }
        }
        reading
    }

    /// One write takes a few commands; where each is one of its own, so many ids make a body of 3 KB.
    fn resets_a_command(&self, ids: usize) -> usize {
        const LEAST: usize = 500;
        let together = self.transport.one_write().map_or(0, OneWrite::most);
        match together.saturating_sub(1) {
            0 => LEAST,
            resets => ids.div_ceil(resets).max(LEAST),
        }
    }

    /// What was left out of answers so far, a sentence each.
    pub(super) fn remarks(&self) -> Vec<String> {
        self.remarks.borrow().clone()
    }

    pub(super) fn transcript(&self) -> Vec<Exchange> {
        self.transcript.entries()
    }

    async fn read(&self, menu: &str, proplist: &[&str]) -> Result<Record> {
        let records = self.send(Command::Read { menu, proplist }).await?;
        match <[Record; 1]>::try_from(records) {
            Ok([record]) => Ok(record),
            Err(records) => Err(Error::nonsense(
                format!("{menu}/print"),
                format!(
                    "it has {} rows instead of one; a router that has just booted may need a minute",
                    records.len()
                ),
            )),
        }
    }

    async fn first(&self, menu: &str, proplist: &[&str], query: &Query) -> Result<Option<Record>> {
        let command = Command::Print {
            menu,
            proplist,
            query,
        };
        Ok(self.send(command).await?.into_iter().next())
    }

    async fn send(&self, command: Command<'_>) -> Result<Vec<Record>> {
        let add = |records: &mut Vec<Record>, record: &Record| records.push(record.clone());
        self.gather(command, add).await
    }

    /// Sends a command and makes one value of its records, as they come.
    async fn gather<T: Default + 'static>(
        &self,
        command: Command<'_>,
        add: impl Fn(&mut T, &Record) + 'static,
    ) -> Result<T> {
        let asked = Asked::of(command);
        let outcome = self.ask(&asked, add).await;
        self.note(&command, outcome.as_ref().map(|()| asked.summary()));
        self.remark(&asked);
        outcome.map(|()| asked.take())
    }

    /// In one write where the transport can. The outcomes are of answers that belong to their commands.
    async fn send_together(
        &self,
        read: &Asked<'_, Counters>,
        resets: &[Asked<'_, ()>],
    ) -> Together {
        let Some(transport) = self.transport.one_write() else {
            return self.send_in_turn(read, resets).await;
        };
        let first = (read.command, read.sink(Counters::add));
        let others = resets
            .iter()
            .map(|reset| (reset.command, reset.sink(|(), _| ())));
        let others: Vec<_> = others.collect();
        let work = transport.send_together(first, &others);
        match self.in_time(&read.command, work).await {
            Ok(mut together) => {
                together.first = together.first.and_then(|()| read.verdict());
                for (reset, other) in resets.iter().zip(&mut together.others) {
                    if other.outcome.is_ok() {
                        other.outcome = reset.verdict();
                    }
                }
                together
            }
            Err(error) if error.never_reached_router() => Together::unsent(error),
            // It is not known how far they came.
            Err(error) => Together {
                first: Err(error),
                others: resets
                    .iter()
                    .map(|reset| Follower {
                        outcome: Err(too_late(&self.name, &reset.command)),
                        ahead: false,
                    })
                    .collect(),
            },
        }
    }

    /// Nothing more is sent after one that failed for any other reason than a missing item, or whose answer
    /// is not its own.
    async fn send_in_turn(&self, read: &Asked<'_, Counters>, resets: &[Asked<'_, ()>]) -> Together {
        let mut together = Together {
            first: self.ask(read, Counters::add).await,
            others: Vec::new(),
        };
        let mut goes_on = together.first.is_ok();
        for reset in resets {
            if !goes_on {
                break;
            }
            let outcome = self.ask(reset, |(), _| ()).await;
            goes_on = outcome
                .as_ref()
                .map_or_else(Error::is_missing_item, |()| true);
            together.others.push(Follower {
                outcome,
                ahead: false,
            });
        }
        together
    }

    async fn ask<T: Default + 'static>(
        &self,
        asked: &Asked<'_, T>,
        add: impl Fn(&mut T, &Record) + 'static,
    ) -> Result<()> {
        let work = self.transport.send(asked.command, asked.sink(add));
        self.in_time(&asked.command, work)
            .await
            .and_then(|outcome| outcome)
            .and_then(|()| asked.verdict())
    }

    fn note(&self, command: &Command<'_>, outcome: std::result::Result<String, &Error>) {
        let reply = outcome.unwrap_or_else(|error| {
            error
                .refusal()
                .map_or_else(|| error.to_string(), str::to_owned)
        });
        self.transcript.add(&command.to_string(), &reply);
    }

    /// What was left out of an answer is told once, however often it is asked for.
    fn remark<T: Default + 'static>(&self, asked: &Asked<'_, T>) {
        let mut remarks = self.remarks.borrow_mut();
        for remark in asked.remarks() {
            if !remarks.contains(&remark) {
                remarks.push(remark);
            }
        }
    }

    async fn in_time<T>(&self, command: &Command<'_>, work: impl Future<Output = T>) -> Result<T> {
        let remaining = self.deadline.remaining();
        if remaining.is_zero() {
            return Err(Error::network(
                Step::Connect,
                &self.name,
                format!(
                    "the time for this operation was over before {} was sent",
                    command.path()
                ),
            )
            .for_lack_of_time());
        }
        boundary();
        let outcome = tokio::time::timeout(remaining, work).await;
        boundary();
        outcome.map_err(|_| too_late(&self.name, command))
    }
}

/// A command, and what the records of its reply have come to so far.
struct Asked<'a, T> {
    command: Command<'a>,
    gathered: Rc<RefCell<Gathered<T>>>,
}

#[derive(Default)]
struct Gathered<T> {
    rows: usize,
    /// The new row's id.
    ret: Option<String>,
    /// Whether they belong to the command.
    judge: Judge,
    left_out: LeftOut,
    value: T,
}

/// What of an answer was not kept.
#[derive(Debug, Clone, Copy, Default)]
struct LeftOut {
    /// Rows that are too long, or whose id is none.
    rows: usize,
    /// Rows that lack values which are too long.
    values: usize,
}

impl<'a, T: Default + 'static> Asked<'a, T> {
    fn of(command: Command<'a>) -> Self {
        let gathered = Gathered {
            judge: Judge::of(&command),
            ..Gathered::default()
        };
        Self {
            command,
            gathered: Rc::new(RefCell::new(gathered)),
        }
    }

    fn sink(&self, add: impl Fn(&mut T, &Record) + 'static) -> Sink {
        let gathered = Rc::clone(&self.gathered);
        let may_leave_out = is_whole_list(&self.command);
        Sink::new(move |record| {
            let mut gathered = gathered.borrow_mut();
            gathered.rows += 1;
            let LeftOut { rows, values } = &mut gathered.left_out;
            if record.lack == Lack::Row {
                *rows += 1;
                return;
            }
            *values += usize::from(record.lack == Lack::Values);
            let is_left_out = may_leave_out && !is_fit_for_the_books(record);
            *rows += usize::from(is_left_out);
            gathered.judge.look(record);
            if is_left_out {
                return;
            }
            if gathered.rows == 1 {
                gathered.ret = record.value("ret").map(str::to_owned);
            }
            add(&mut gathered.value, record);
        })
    }

    /// Whether the answer belongs to the command.
    fn verdict(&self) -> Result<()> {
        let gathered = RefCell::borrow(&self.gathered);
        // What a look at one account did not see may be that account.
        if gathered.left_out.rows > 0 && !is_whole_list(&self.command) {
            return Err(Error::nonsense(
                self.command.label(),
                format!(
                    "a row of it is longer than {ROW_BYTES} bytes; look at its texts on the router"
                ),
            ));
        }
        gathered.judge.verdict(&self.command)
    }

    fn remarks(&self) -> impl Iterator<Item = String> {
        let LeftOut { rows, values } = RefCell::borrow(&self.gathered).left_out;
        let path = self.command.path();
        let of_rows = (rows > 0).then(|| {
            format!(
                "The router's answer to {path} has rows ({rows}) that are longer than {ROW_BYTES} bytes or \
                 have an id that is none; they were left out, and accounts among them were not seen."
            )
        });
        let path = self.command.path();
        let of_values = (values > 0).then(|| {
            format!(
                "The router's answer to {path} has rows ({values}) with texts longer than {VALUE_BYTES} bytes; \
                 they were read without those texts."
            )
        });
        of_rows.into_iter().chain(of_values)
    }

    /// For the transcript.
    fn summary(&self) -> String {
        let gathered = RefCell::borrow(&self.gathered);
        match (self.command.is_read(), gathered.rows) {
            (true, 1) => "1 row".to_owned(),
            (true, rows) => format!("{rows} rows"),
            (false, _) => gathered.ret.clone().unwrap_or_else(|| "done".to_owned()),
        }
    }

    fn take(self) -> T {
        self.gathered.take().value
    }
}

/// All rows of a list.
fn whole<L: List>(query: &Query) -> Command<'_> {
    Command::Print {
        menu: L::MENU,
        proplist: L::PROPLIST,
        query,
    }
}

/// All rows of a menu are asked for, with their ids.
fn is_whole_list(command: &Command<'_>) -> bool {
    match command {
        Command::Print {
            proplist, query, ..
        } => query.is_all() && proplist.contains(&".id"),
        _ => false,
    }
}

/// The books keep both ids; with another kind of `.id` nothing could be done to the row either.
fn is_fit_for_the_books(record: &Record) -> bool {
    let session = record.value("session-id").unwrap_or_default();
    record.value(".id").is_none_or(is_id) && session.len() <= ID_LENGTH
}

/// RouterOS writes `*` and hexadecimal digits, some menus words.
fn is_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b',';
    (1..=ID_LENGTH).contains(&id.len()) && id.bytes().all(is_plain)
}

/// A row without an id can be seen but not touched: an empty id must never reach the router.
fn usable(id: &Id) -> Result<&str> {
    if is_id(id.as_str()) {
        return Ok(id.as_str());
    }
    Err(Error::nonsense(
        "a list",
        format!(
            "\"{}\" is no id of a row",
            excerpt(id.as_str(), 2 * ID_LENGTH)
        ),
    ))
}

fn joined(ids: &[impl Borrow<Id>]) -> Result<String> {
    let ids = ids
        .iter()
        .map(|id| usable(id.borrow()))
        .collect::<Result<Vec<_>>>()?;
    Ok(ids.join(","))
}

fn reset<'a>(fields: &'a [(&'a str, Value<'a>)]) -> Command<'a> {
    Command::Run {
        menu: QueueRow::MENU,
        command: "reset-counters",
        fields,
    }
}

//! Step 3 of a collection: what one account's rows in the router's lists mean. Pure.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use super::index::ByService;
use super::logins::{self, Login};
use super::meter::{self, Again, Before, Beside, Judged, Reading, Refusal, Suspect, meter};
use super::remarks::Remarks;
use super::reset::ById;
use super::sessions::{self, Book, Join};
use super::{cap, compare};
use crate::account::tag::Record;
use crate::installation::InstallationId;
use crate::routeros::{Counters, ListedQueue, ListedSecret, Lists};
use crate::settings::MeterSource;
use crate::store::accounts::{Account, Seen};
use crate::store::servers::Evidence;
use crate::units::{Limits, Traffic};

/// The lists of one router, ready to be read account by account.
pub(super) struct Metering<'a> {
    lists: &'a Lists,
    installation: InstallationId,
    source: MeterSource,
    pub(super) evidence: Evidence,
    pub(super) at: DateTime<Utc>,
    day: NaiveDate,
    queues: ByService,
    secrets: ByService,
    join: Join<'a>,
    again: Option<(ById<'a>, Duration)>,
}

/// What became of an account.
#[allow(clippy::large_enum_variant)] // there is one at a time
pub(super) enum Outcome {
    /// It can be booked.
    Read(Read),
    /// Nothing of it can be billed.
    Nothing,
    /// Only a second reading of its queue can tell. Nothing was remarked yet.
    LookAgain,
}

/// One account with its counters as read.
pub(super) struct Read {
    /// `None` without a queue whose counters count.
    pub(super) queue: Option<QueueRead>,
    /// Its queue's reading waits for the next collection to agree.
    pub(super) suspect: Option<Suspect>,
    pub(super) sessions: sessions::Metered,
    pub(super) seen: Seen,
    /// The router keeps the account to the cap on record.
    pub(super) keeps_cap: bool,
}

pub(super) struct QueueRead {
    /// Its place in the list.
    pub(super) row: usize,
    pub(super) metered: meter::Metered,
}

impl<'a> Metering<'a> {
    /// `at` is the moment of the reading, `day` WHMCS's day of it.
    pub(super) fn new(
        lists: &'a Lists,
        installation: InstallationId,
        source: MeterSource,
        evidence: Evidence,
        at: DateTime<Utc>,
        day: NaiveDate,
    ) -> Self {
        let queues = lists.queues.iter();
        let secrets = lists.secrets.iter();
        Self {
            lists,
            installation,
            source,
            evidence,
            at,
            day,
            queues: ByService::new(queues.map(|row| (!row.dynamic).then_some(row.comment))),
            secrets: ByService::new(secrets.map(|row| Some(row.comment))),
            join: Join::new(&lists.sessions, &lists.interfaces),
            again: None,
        }
    }

    /// With the counters of all queues as they were up to `after` later.
    #[must_use]
    pub(super) fn with_second(mut self, counters: &'a Counters, after: Duration) -> Self {
        self.again = Some((ById::new(counters), after));
        self
    }

    /// Whether it has the second reading.
    pub(super) fn is_second(&self) -> bool {
        self.again.is_some()
    }

    /// What could be read of an account.
    pub(super) fn read(&self, account: &Account, remarks: &mut Remarks<'_>) -> Outcome {
        let sessions = self.sessions(account);
        let queue = self.queue(account, &sessions);
        let judged = queue.as_ref().and_then(|found| found.judged.as_ref());
        if judged == Some(&Judged::LookAgain) {
            return Outcome::LookAgain;
        }
        self.remark(account, queue.as_ref(), &sessions, remarks);
        let keeps_cap = self.keeps_cap(account, queue.as_ref());
        let read = match queue.and_then(|found| Some((found.row, found.judged?))) {
            Some((row, Judged::Booked(metered))) => {
                let queue = QueueRead { row, metered };
                self.counted(account, queue, sessions.metered, remarks)
            }
            Some((_, Judged::Refused(Refusal::Suspected(suspect)))) => {
                Self::uncounted(account, Some(suspect), sessions.metered)
            }
            _ if self.source == MeterSource::Session => {
                Self::uncounted(account, None, sessions.metered)
            }
            _ => return Outcome::Nothing,
        };
        Outcome::Read(Read { keeps_cap, ..read })
    }

    fn counted(
        &self,
        account: &Account,
        queue: QueueRead,
        sessions: sessions::Metered,
        remarks: &mut Remarks<'_>,
    ) -> Read {
        let counted = queue.metered.usage.total();
        let seen = compare::add(account.seen, self.day, counted, sessions.usage.total());
        if seen.day != account.seen.day
            && let Some(remark) = compare::remark(seen.hidden)
        {
            remarks.add(account, &remark);
        }
        Read {
            queue: Some(queue),
            suspect: None,
            sessions,
            seen,
            keeps_cap: false,
        }
    }

    /// The comparison of both meters needs both.
    fn uncounted(account: &Account, suspect: Option<Suspect>, sessions: sessions::Metered) -> Read {
        Read {
            queue: None,
            suspect,
            sessions,
            seen: account.seen,
            keeps_cap: false,
        }
    }

    fn remark(
        &self,
        account: &Account,
        queue: Option<&Found<'_>>,
        sessions: &SessionsRead,
        remarks: &mut Remarks<'_>,
    ) {
        match queue {
            Some(found) => found.remark(account, remarks),
            None if account.provisioned => {
                remarks.add(account, "has no queue on the router; run Create for it");
            }
            None => {}
        }
        if self.source == MeterSource::Session {
            remarks.note_sessions(account, sessions.unread, &sessions.metered);
        }
    }

    /// Whether the account can log in as our record says. What is wrong with it becomes a remark, except
    /// that it is locked: whether it should be is not known here.
    pub(super) fn login(&self, account: &Account, remarks: &mut Remarks<'_>) -> Login {
        let own: Vec<_> = self.secrets(account).collect();
        let login = logins::judge(account, &own);
        for remark in &login.remarks {
            remarks.add(account, remark);
        }
        login
    }

    /// The account's secrets.
    fn secrets<'b>(&'b self, account: &'b Account) -> impl Iterator<Item = ListedSecret<'a>> + 'b {
        let rows = self.secrets.find(account.service);
        rows.filter_map(|row| self.lists.secrets.get(row))
            .filter(move |secret| {
                Record::from(account).owns(self.installation, secret.comment, secret.name)
            })
    }

    /// Whether somebody is connected by the account's name.
    pub(super) fn is_online(&self, account: &Account) -> bool {
        self.join.of_login(&account.username).next().is_some()
    }

    fn queue(&self, account: &Account, sessions: &SessionsRead) -> Option<Found<'a>> {
        let rows = self.queues.find(account.service);
        let own: Vec<_> = rows
            .filter_map(|row| Some((row, self.lists.queues.get(row)?)))
            .filter(|(_, queue)| self.owns_queue(account, queue))
            .collect();
        let (row, queue) = own_queue(account, &own)?;
        let judged = self.reading(&queue).map(|reading| {
            let suspect = account.suspect.as_deref().and_then(Suspect::parse);
            let before = Before {
                baseline: account.baseline.as_ref(),
                reset_pending: account.reset_pending != 0,
                suspect: suspect.as_ref(),
            };
            meter(&before, &reading, &self.beside(&queue, sessions))
        });
        Some(Found {
            row,
            queue,
            of: own.len(),
            judged,
        })
    }

    fn beside(&self, queue: &ListedQueue<'_>, sessions: &SessionsRead) -> Beside {
        let again = self.again.as_ref().map(|(counters, after)| Again {
            counted: counters.counted(queue.id),
            after: *after,
        });
        Beside {
            sessions: sessions.unbilled,
            witness: sessions.witness,
            again,
        }
    }

    fn keeps_cap(&self, account: &Account, queue: Option<&Found<'_>>) -> bool {
        if account.cap.is_empty() {
            return false;
        }
        let mut profiles = self.secrets(account).map(|secret| secret.profile);
        let first = profiles.next();
        let router = cap::Router {
            limits: queue.and_then(Found::limits),
            profile: first.filter(|first| profiles.all(|other| other == *first)),
        };
        cap::is_kept(&account.cap, router)
    }

    /// A queue whose tag has no id is also known by its own id.
    fn owns_queue(&self, account: &Account, queue: &ListedQueue<'_>) -> bool {
        let record = Record::from(account);
        record.owns(self.installation, queue.comment, queue.name)
            || (record.wrote(queue.comment) && recorded_queue(account) == Some(queue.id))
    }

    fn reading(&self, queue: &ListedQueue<'_>) -> Option<Reading> {
        Some(Reading {
            counted: queue.counted?,
            queue: queue.id.to_owned(),
            boot: self.evidence.boot,
            uptime: self.evidence.uptime,
            at: self.at,
            limits: queue.max_limit,
        })
    }

    /// Sessions have the names of the account's secrets.
    fn sessions(&self, account: &Account) -> SessionsRead {
        let mut readings = Vec::new();
        let (mut unread, mut logins) = (0, 0);
        for secret in self.secrets(account) {
            let (read, unclear) = self.join.readings(secret.name);
            readings.extend(read);
            unread += unclear;
            logins += 1;
        }
        let book = account.sessions.as_deref().and_then(Book::parse);
        let evidence = self.evidence;
        let metered = sessions::meter(book.as_ref(), &readings, evidence.boot, evidence.uptime);
        let only = metered.only.filter(|_| logins == 1 && unread == 0);
        SessionsRead {
            unread,
            unbilled: metered.usage.beyond(account.ahead),
            witness: only.map(|counted| counted.beyond(account.ahead)),
            metered,
        }
    }
}

/// An account's sessions.
struct SessionsRead {
    /// Those whose interfaces cannot be told.
    unread: usize,
    /// See [`Beside::sessions`].
    unbilled: Traffic,
    /// See [`Beside::witness`].
    witness: Option<Traffic>,
    metered: sessions::Metered,
}

/// An account's queue.
struct Found<'a> {
    row: usize,
    queue: ListedQueue<'a>,
    /// How many it has.
    of: usize,
    /// `None` when its counters are no numbers.
    judged: Option<Judged>,
}

impl Found<'_> {
    /// The speeds it holds the account to.
    fn limits(&self) -> Option<Limits> {
        (!self.queue.disabled).then_some(self.queue.max_limit)
    }

    fn remark(&self, account: &Account, remarks: &mut Remarks<'_>) {
        remarks.note_queue(account, &self.queue, self.of);
        match &self.judged {
            None => remarks.add(account, "has a queue whose counters cannot be read"),
            Some(Judged::Booked(metered)) => remarks.note(account, metered),
            Some(Judged::Refused(refusal)) => {
                remarks.note_refusal(account, &self.queue, refusal);
            }
            Some(Judged::LookAgain) => {}
        }
    }
}

impl Read {
    /// Bytes to bill.
    pub(super) fn billed(&self, source: MeterSource) -> Traffic {
        match (source, &self.queue) {
            (MeterSource::Session, _) => self.sessions.usage,
            (MeterSource::Queue, Some(queue)) => queue.metered.usage,
            (MeterSource::Queue, None) => Traffic::ZERO,
        }
    }

    /// The cap the router was seen to keep, as the booking stores it.
    pub(super) fn cap_seen<'a>(&self, account: &'a Account) -> &'a str {
        if self.keeps_cap { &account.cap } else { "" }
    }

    /// See [`cap::is_owed`].
    pub(super) fn is_owed(&self, account: &Account) -> bool {
        let baseline = account.baseline.as_ref();
        let queue = self.queue.as_ref().map(|queue| &queue.metered.baseline);
        let same = baseline.zip(queue).is_some_and(|(a, b)| a.queue == b.queue);
        cap::is_owed(&account.cap_seen, self.cap_seen(account), same)
    }

    /// Whether booking would change anything that matters: bytes, the queue, the boot, a doubt, a session or
    /// what was seen of a cap.
    pub(super) fn has_moved(&self, account: &Account) -> bool {
        let queue = self.queue.as_ref();
        self.sessions.changed
            || self.suspect.is_some()
            || queue.is_some_and(|queue| queue_moved(account, queue))
            || self.cap_seen(account) != account.cap_seen
    }
}

/// The queue on record, else the one with the account's name, else the first.
fn own_queue<'a>(
    account: &Account,
    queues: &[(usize, ListedQueue<'a>)],
) -> Option<(usize, ListedQueue<'a>)> {
    let recorded = recorded_queue(account);
    let by_id = queues.iter().find(|(_, row)| Some(row.id) == recorded);
    let by_name = || queues.iter().find(|(_, row)| row.name == account.username);
    by_id.or_else(by_name).or(queues.first()).copied()
}

fn recorded_queue(account: &Account) -> Option<&str> {
    let baseline = account.baseline.as_ref()?;
    Some(&baseline.queue)
}

fn queue_moved(account: &Account, queue: &QueueRead) -> bool {
    let Some(before) = &account.baseline else {
        return true;
    };
    let now = &queue.metered.baseline;
    before.counted != now.counted
        || !now.counted.is_zero()
        || before.queue != now.queue
        || before.boot != now.boot
        || account.reset_pending != 0
        || account.suspect.is_some()
}

//! The second meter source: counters of the interfaces of an account's sessions. Pure.
//!
//! A session is known by its id and the router's boot, for ids begin anew with a boot. Its interface is
//! part of what is remembered: where a session is seen on another interface than before, or an
//! interface under another session, nobody can tell which is whose, and the smaller usage is booked.
//!
//! | rule | what is seen | booked |
//! |---|---|---|
//! | first sight | no record of the account's sessions | nothing: their bytes may be older than the account |
//! | new session | an id not known in this boot, on an interface of its own | all it counted: counters begin at zero with the session |
//! | difference | the same session, counter not smaller | reading − baseline |
//! | reset | the same session, a counter became smaller | the reading |
//! | reboot | another boot | all that is counted: every session is new |
//! | static binding | an interface that outlives its sessions | as a queue: by difference, nothing at first sight |
//! | doubt | session and interface were paired otherwise before | what the interface counted since, if it is known and grew |
//! | missing row | a session that is not listed, an interface without counters | nothing; what is known of it is kept |
//! | nonsense | more than the fastest line carries since the boot, or since the last reading | nothing; what is known is kept |
//!
//! What a session carries between the last reading and its end is lost: no router tells it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::index::ByText;
use super::meter::{flows, is_possible};
use crate::routeros::{Interfaces, ListedInterface, ListedSession, Sessions};
use crate::units::{Limits, Traffic};

/// How many sessions of an account are remembered, ended ones included: a row that was missing from one
/// list may be in the next, and must not look new then.
const REMEMBERED: usize = 32;

/// One session's counters, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionReading {
    /// The session's id; empty for a static binding.
    pub id: String,
    /// The router's id of its interface.
    pub interface: String,
    /// Bytes counted.
    pub counted: Traffic,
}

/// What is known of an account's sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    boot: u64,
    /// Seconds of uptime at the last reading.
    uptime: Option<u64>,
    /// Oldest first.
    sessions: Vec<Known>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    id: String,
    interface: String,
    download: u64,
    upload: u64,
}

/// What the meter made of an account's sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metered {
    /// Bytes to bill.
    pub usage: Traffic,
    /// What the account's only session counted, when it was there at both readings.
    pub only: Option<Traffic>,
    /// Sessions whose counters hold nonsense.
    pub nonsense: usize,
    /// Sessions of which nobody can tell which counter is theirs.
    pub doubts: usize,
    /// What is known now.
    pub book: Book,
    /// The book holds anything new that a later reading needs.
    pub changed: bool,
}

impl Book {
    /// For the database.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As [`Book::text`] wrote it; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn differs(&self, after: &Self) -> bool {
        self.boot != after.boot || self.sessions != after.sessions
    }

    fn knows(&self, reading: &SessionReading) -> Pairing {
        let same = |known: &Known| known.id == reading.id && known.interface == reading.interface;
        if let Some(known) = self.sessions.iter().find(|known| same(known)) {
            return Pairing::Same(known.clone());
        }
        let half = |known: &Known| {
            (!reading.id.is_empty() && known.id == reading.id)
                || (!known.id.is_empty() && known.interface == reading.interface)
        };
        if !self.sessions.iter().any(half) {
            return Pairing::New;
        }
        let interface = |known: &&Known| known.interface == reading.interface;
        let known = self.sessions.iter().rev().find(interface);
        Pairing::Other(known.map(|known| Traffic::new(known.download, known.upload)))
    }

    fn remember(&mut self, known: Known) {
        self.sessions
            .retain(|other| other.id != known.id || other.interface != known.interface);
        self.sessions.push(known);
    }
}

impl Known {
    fn of(reading: &SessionReading) -> Self {
        Self {
            id: reading.id.clone(),
            interface: reading.interface.clone(),
            download: reading.counted.download.0,
            upload: reading.counted.upload.0,
        }
    }

    fn counted(&self) -> Traffic {
        Traffic::new(self.download, self.upload)
    }

    /// What the same session has counted since, and what is known of it now.
    fn then(&self, reading: &SessionReading) -> (Traffic, Self) {
        let grown = self.counted().until(reading.counted);
        (grown.unwrap_or(reading.counted), Self::of(reading))
    }
}

enum Pairing {
    Same(Known),
    /// With what the interface had counted, if it is known.
    Other(Option<Traffic>),
    New,
}

/// Applies the rules above to the sessions that could be read, in the router's `boot`.
pub fn meter(
    known: Option<&Book>,
    readings: &[SessionReading],
    boot: u64,
    uptime: Option<Duration>,
) -> Metered {
    let seconds = uptime.map(|uptime| uptime.as_secs());
    // Only the uptimes of the two readings themselves prove a reboot: the number of boots that others have
    // seen may be given to a reading too late, and then all its sessions would be billed again.
    let same_boot = known.filter(|known| match (known.uptime, seconds) {
        (Some(then), Some(now)) => now >= then,
        _ => known.boot == boot,
    });
    let mut metered = Metered {
        book: same_boot.cloned().unwrap_or_default(),
        ..Metered::default()
    };
    let before = metered.book.clone();
    let elapsed = match same_boot {
        Some(then) => seconds
            .zip(then.uptime)
            .and_then(|(now, then)| now.checked_sub(then)),
        None => seconds,
    };
    for reading in readings {
        let (counted, after) = match before.knows(reading) {
            _ if known.is_none() => (Traffic::ZERO, Known::of(reading)),
            Pairing::Same(then) => then.then(reading),
            Pairing::Other(then) => {
                metered.doubts += 1;
                let grown = then.and_then(|then| then.until(reading.counted));
                (grown.unwrap_or_default(), Known::of(reading))
            }
            // A static binding may have counted before the account was, or before this boot was noted.
            Pairing::New if reading.id.is_empty() && same_boot.is_some() => {
                (Traffic::ZERO, Known::of(reading))
            }
            Pairing::New => (reading.counted, Known::of(reading)),
        };
        // A queue limits nothing where FastTrack passes it by, so no limit of the product counts here.
        let limits = Limits::default();
        let is_carried = |seconds| {
            let elapsed = Duration::from_secs(seconds);
            flows(Traffic::ZERO, counted, elapsed, limits)
        };
        if !is_possible(reading.counted, uptime) || !elapsed.is_none_or(is_carried) {
            metered.nonsense += 1;
            continue;
        }
        metered.usage += counted;
        metered.only = only(&before, readings, &after).then_some(counted);
        metered.book.remember(after);
    }
    let surplus = metered.book.sessions.len().saturating_sub(REMEMBERED);
    metered.book.sessions.drain(..surplus);
    metered.book.boot = boot;
    metered.book.uptime = seconds;
    metered.changed = known.is_none_or(|known| known.differs(&metered.book));
    metered
}

/// Whether this is the account's only session, was known before and has not begun anew.
fn only(before: &Book, readings: &[SessionReading], after: &Known) -> bool {
    let same = |known: &Known| known.id == after.id && known.interface == after.interface;
    let known = before.sessions.iter().find(|known| same(known));
    let has_grown = known.is_some_and(|known| known.counted().until(after.counted()).is_some());
    readings.len() == 1 && !after.id.is_empty() && has_grown
}

/// Sessions and interfaces of a whole router, ready to be joined by login name.
///
/// The session of a dynamic interface is `<service-name>`; a second one of the same name is
/// `<service-name-1>`, which is also the first of a login `name-1`: where both are possible, neither is
/// read. Sessions and interfaces of one name are paired in the order the router made them. A static
/// binding has the admin's name for it; `service-name`, as manuals write it, and the bare name are known.
#[derive(Debug)]
pub struct Join<'a> {
    sessions: &'a Sessions,
    interfaces: &'a Interfaces,
    /// Sessions by login name.
    by_login: ByText,
    /// Interfaces by name.
    by_name: ByText,
    /// Interfaces of second and further sessions, by what stands before their number.
    numbered: ByText,
}

impl<'a> Join<'a> {
    /// Indexes the lists.
    pub fn new(sessions: &'a Sessions, interfaces: &'a Interfaces) -> Self {
        let named = 0..interfaces.len();
        let with_number = named.clone().filter(|&row| base(interfaces, row).is_some());
        Self {
            sessions,
            interfaces,
            by_login: ByText::new(0..sessions.len(), sessions.len(), |row| {
                login(sessions, row)
            }),
            by_name: ByText::new(named, interfaces.len(), |row| name(interfaces, row)),
            numbered: ByText::new(with_number, 0, |row| {
                base(interfaces, row).unwrap_or_default()
            }),
        }
    }

    /// The sessions of a login name whose counters can be told, and how many cannot.
    pub fn readings(&self, name: &str) -> (Vec<SessionReading>, usize) {
        let mut readings = Vec::new();
        let mut unread = 0;
        let sessions: Vec<_> = self.of_login(name).collect();
        let mut services: Vec<_> = sessions.iter().map(|row| row.service).collect();
        services.sort_unstable();
        services.dedup();
        for service in services {
            let of_service = sessions.iter().filter(|row| row.service == service);
            let mut of_service: Vec<_> = of_service.collect();
            let mut interfaces = self.interfaces(service, name);
            of_service.sort_by_key(|row| made(row.id));
            interfaces.sort_by_key(|row| made(row.id));
            let before = readings.len();
            if of_service.len() == interfaces.len() {
                let pairs = of_service.iter().zip(&interfaces);
                readings
                    .extend(pairs.filter_map(|(session, interface)| reading(session, interface)));
            } else if let ([_], []) = (of_service.as_slice(), interfaces.as_slice()) {
                readings.extend(self.binding(service, name));
            }
            unread += of_service.len() - (readings.len() - before);
        }
        (readings, unread)
    }

    /// The sessions of a login name, in no order.
    pub fn of_login(&self, name: &str) -> impl Iterator<Item = ListedSession<'a>> {
        let sessions = self.sessions;
        self.by_login
            .find(name, |row| login(sessions, row))
            .filter_map(|row| sessions.get(row))
    }

    fn interfaces(&self, service: &str, name: &str) -> Vec<ListedInterface<'a>> {
        let own = format!("{service}-{name}");
        let interfaces = self.interfaces;
        let numbered = self
            .numbered
            .find(&own, |row| base(interfaces, row).unwrap_or_default())
            .filter_map(|row| interfaces.get(row))
            .filter(|row| inner(row.name).is_some_and(|inner| !self.is_first(inner)));
        let first = self.interface(&format!("<{own}>"));
        first.into_iter().chain(numbered).collect()
    }

    /// The interface of exactly that name.
    fn interface(&self, full: &str) -> Option<ListedInterface<'a>> {
        let interfaces = self.interfaces;
        let rows = self.by_name.find(full, |row| name(interfaces, row));
        rows.max().and_then(|row| interfaces.get(row))
    }

    /// Whether an interface with that name between its brackets may be of a login's first session.
    fn is_first(&self, inner: &str) -> bool {
        inner.match_indices('-').any(|(dash, _)| {
            let (service, login) = (inner.get(..dash), inner.get(dash + 1..));
            let mut sessions = login.into_iter().flat_map(|login| self.of_login(login));
            sessions.any(|session| Some(session.service) == service)
        })
    }

    fn binding(&self, service: &str, name: &str) -> Option<SessionReading> {
        let named = format!("{service}-{name}");
        let kind = format!("{service}-in");
        let interface = [named.as_str(), name]
            .into_iter()
            .filter_map(|name| self.interface(name))
            .find(|interface| interface.kind == kind)?;
        Some(SessionReading {
            id: String::new(),
            interface: interface.id.to_owned(),
            counted: interface.counted?,
        })
    }
}

fn reading(session: &ListedSession<'_>, interface: &ListedInterface<'_>) -> Option<SessionReading> {
    let id = if session.session_id.is_empty() {
        session.id
    } else {
        session.session_id
    };
    Some(SessionReading {
        id: id.to_owned(),
        interface: interface.id.to_owned(),
        counted: interface.counted?,
    })
}

fn login(sessions: &Sessions, row: usize) -> &str {
    sessions.get(row).map_or("", |row| row.name)
}

fn name(interfaces: &Interfaces, row: usize) -> &str {
    interfaces.get(row).map_or("", |row| row.name)
}

/// `l2tp-ann` of the interface `<l2tp-ann-1>`.
fn base(interfaces: &Interfaces, row: usize) -> Option<&str> {
    without_number(inner(interfaces.get(row)?.name)?)
}

/// The name of a dynamic interface without its brackets.
fn inner(name: &str) -> Option<&str> {
    name.strip_prefix('<')?.strip_suffix('>')
}

/// `l2tp-ann` of `l2tp-ann-1`.
fn without_number(inner: &str) -> Option<&str> {
    let (base, number) = inner.rsplit_once('-')?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some(base)
}

/// Ids are hexadecimal and grow: the order the router made its rows in.
fn made(id: &str) -> u64 {
    u64::from_str_radix(id.trim_start_matches('*'), 16).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(id: &str, interface: &str, download: u64) -> SessionReading {
        SessionReading {
            id: id.to_owned(),
            interface: interface.to_owned(),
            counted: Traffic::new(download, 0),
        }
    }

    fn next(known: Option<&Book>, readings: &[SessionReading], boot: u64) -> (u64, Book) {
        let metered = meter(known, readings, boot, None);
        (metered.usage.download.0, metered.book)
    }

    #[test]
    fn first_sight_books_nothing_and_a_known_account_all_of_a_new_session() {
        let (usage, book) = next(None, &[reading("a", "*1", 500)], 1);
        assert_eq!(usage, 0);
        let both = [reading("a", "*1", 700), reading("b", "*2", 30)];
        assert_eq!(next(Some(&book), &both, 1).0, 230);
        let empty = Book::default();
        assert_eq!(next(Some(&empty), &[reading("a", "*1", 500)], 0).0, 500);
    }

    #[test]
    fn a_repeated_id_after_a_reboot_is_another_session() {
        let (_, book) = next(Some(&Book::default()), &[reading("a", "*1", 500)], 1);
        let (usage, book) = next(Some(&book), &[reading("a", "*1", 600)], 2);
        assert_eq!(usage, 600);
        assert_eq!(next(Some(&book), &[reading("a", "*1", 650)], 2).0, 50);
    }

    #[test]
    fn a_smaller_counter_was_reset() {
        let (_, book) = next(Some(&Book::default()), &[reading("a", "*1", 500)], 1);
        assert_eq!(next(Some(&book), &[reading("a", "*1", 20)], 1).0, 20);
    }

    #[test]
    fn the_only_session_is_a_witness_when_it_was_there_at_both_readings() {
        let (_, book) = next(Some(&Book::default()), &[reading("a", "*1", 500)], 1);
        let only = |readings: &[SessionReading]| meter(Some(&book), readings, 1, None).only;
        assert_eq!(only(&[reading("a", "*1", 700)]), Some(Traffic::new(200, 0)));
        assert_eq!(only(&[reading("b", "*2", 700)]), None, "another session");
        assert_eq!(only(&[reading("a", "*1", 400)]), None, "begun anew");
        let two = [reading("a", "*1", 700), reading("b", "*2", 1)];
        assert_eq!(only(&two), None, "not alone");
    }

    #[test]
    fn a_session_missing_from_one_list_is_not_new_in_the_next() {
        let (_, book) = next(Some(&Book::default()), &[reading("a", "*1", 500)], 1);
        let (usage, book) = next(Some(&book), &[], 1);
        assert_eq!(usage, 0);
        assert_eq!(next(Some(&book), &[reading("a", "*1", 510)], 1).0, 10);
    }

    #[test]
    fn swapped_interfaces_book_what_each_counted_since() {
        let first = [reading("a", "*1", 500), reading("b", "*2", 20)];
        let (_, book) = next(Some(&Book::default()), &first, 1);
        let swapped = [reading("a", "*2", 21), reading("b", "*1", 501)];
        let metered = meter(Some(&book), &swapped, 1, None);
        assert_eq!((metered.usage, metered.doubts), (Traffic::new(2, 0), 2));
        let elsewhere = meter(Some(&book), &[reading("a", "*3", 900)], 1, None);
        assert_eq!((elsewhere.usage, elsewhere.doubts), (Traffic::ZERO, 1));
    }

    #[test]
    fn a_static_binding_is_counted_by_difference() {
        let (_, book) = next(Some(&Book::default()), &[], 1);
        let (usage, book) = next(Some(&book), &[reading("", "*9", 800)], 1);
        assert_eq!(usage, 0, "it may be older than the account");
        assert_eq!(next(Some(&book), &[reading("", "*9", 850)], 1).0, 50);
    }

    #[test]
    fn a_value_no_line_carries_books_nothing_and_what_is_known_stays() {
        let second = |uptime| Some(Duration::from_secs(uptime));
        let known = Some(Book::default());
        let first = meter(known.as_ref(), &[reading("a", "*1", 5)], 1, second(10_000));
        for nonsense in [u64::MAX, 1 << 40] {
            let jump = [reading("a", "*1", nonsense)];
            let metered = meter(Some(&first.book), &jump, 1, second(10_001));
            assert_eq!((metered.usage, metered.nonsense), (Traffic::ZERO, 1));
            let after = meter(
                Some(&metered.book),
                &[reading("a", "*1", 9)],
                1,
                second(10_002),
            );
            assert_eq!(after.usage, Traffic::new(4, 0));
        }
    }

    #[test]
    fn no_more_than_some_ended_sessions_are_remembered_and_the_live_ones_always() {
        let (_, mut book) = next(Some(&Book::default()), &[reading("live", "*1", 5)], 1);
        for number in 0..100 {
            let id = format!("{number}");
            let both = [
                reading(&id, &format!("*{id}x"), 1),
                reading("live", "*1", 5),
            ];
            book = next(Some(&book), &both, 1).1;
        }
        assert_eq!(book.sessions.len(), REMEMBERED);
        assert_eq!(next(Some(&book), &[reading("live", "*1", 6)], 1).0, 1);
    }

    #[test]
    fn a_reading_without_traffic_is_nothing_new() {
        let first = meter(None, &[], 1, None);
        assert!(first.changed, "the first sight itself is");
        let quiet = meter(Some(&first.book), &[], 1, Some(Duration::from_secs(9)));
        assert!(!quiet.changed);
        assert!(meter(Some(&first.book), &[reading("a", "*1", 0)], 1, None).changed);
        assert!(
            meter(Some(&first.book), &[], 2, None).changed,
            "another boot"
        );
    }

    #[test]
    fn what_is_known_survives_the_database() {
        let (_, book) = next(None, &[reading("0x81", "*1", 5)], 3);
        assert_eq!(Book::parse(&book.text()), Some(book));
        assert_eq!(Book::parse("?"), None);
    }

    fn session<'a>(id: &'a str, name: &'a str) -> ListedSession<'a> {
        ListedSession {
            id,
            name,
            service: "l2tp",
            session_id: id,
            address: None,
        }
    }

    fn interface<'a>(id: &'a str, name: &'a str, download: u64) -> ListedInterface<'a> {
        ListedInterface {
            id,
            name,
            kind: "l2tp-in",
            counted: Some(Traffic::new(download, 0)),
        }
    }

    /// What is read for `name`, and how many sessions are not.
    fn joined(
        sessions: &[ListedSession<'_>],
        interfaces: &[ListedInterface<'_>],
        name: &str,
    ) -> (Vec<SessionReading>, usize) {
        let sessions = sessions.iter().copied().collect();
        let interfaces = interfaces.iter().copied().collect();
        Join::new(&sessions, &interfaces).readings(name)
    }

    #[test]
    fn two_sessions_of_one_name_are_paired_in_the_order_they_were_made() {
        let sessions = [session("*B", "ann"), session("*A", "ann")];
        let interfaces = [
            interface("*F1", "<l2tp-ann>", 10),
            interface("*F2", "<l2tp-ann-1>", 20),
        ];
        let (readings, unread) = joined(&sessions, &interfaces, "ann");
        assert_eq!(unread, 0);
        assert_eq!(
            readings,
            [reading("*A", "*F1", 10), reading("*B", "*F2", 20)]
        );
    }

    #[test]
    fn an_interface_that_may_be_anothers_is_nobodys() {
        let sessions = [
            session("*A", "ann"),
            session("*B", "ann"),
            session("*C", "ann-1"),
        ];
        let interfaces = [
            interface("*F1", "<l2tp-ann>", 10),
            interface("*F2", "<l2tp-ann-1>", 20),
        ];
        let (readings, unread) = joined(&sessions, &interfaces, "ann");
        assert!(readings.is_empty() && unread == 2);
        assert_eq!(joined(&sessions, &interfaces, "bob"), (Vec::new(), 0));
    }

    #[test]
    fn a_static_binding_is_found_by_its_name_and_kind() {
        let sessions = [session("*A", "ann")];
        let binding = [interface("*F9", "l2tp-ann", 7)];
        let (readings, _) = joined(&sessions, &binding, "ann");
        assert_eq!(readings, [reading("", "*F9", 7)]);
        let mut ether = interface("*F9", "ann", 7);
        ether.kind = "ether";
        let (readings, unread) = joined(&sessions, &[ether], "ann");
        assert!(readings.is_empty() && unread == 1);
    }
}

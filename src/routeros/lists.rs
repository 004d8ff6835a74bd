//! What a collection reads of a router, kept small.
//!
//! A router may have 100,000 accounts, and PHP's processes little memory: a list keeps only what a
//! collection needs of each row, with all texts of the list behind each other in one. Rows are added as
//! they come and looked at where they stand. Direction is the customer's, as in `rows`.

use std::net::Ipv4Addr;

use super::record::Record;
use super::rows::{self, Id, InterfaceRow, QueueRow, ResourceRow, SecretRow, SessionRow};
use crate::units::{Limits, Traffic};

/// What one collection reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lists {
    /// `/system/resource`, read before every counter.
    pub resource: ResourceRow,
    /// `/queue/simple`.
    pub queues: Queues,
    /// `/ppp/active`, read before the interfaces.
    pub sessions: Sessions,
    /// `/interface`.
    pub interfaces: Interfaces,
    /// `/ppp/secret`.
    pub secrets: Secrets,
}

/// A list: where it is found, what to ask for, how a row is added.
pub(super) trait List: Default {
    const MENU: &'static str;
    const PROPLIST: &'static [&'static str];
    fn add(&mut self, record: &Record);
}

/// `N` texts of each row, behind each other.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Texts<const N: usize> {
    text: String,
    /// Where the texts of each row end. No list is longer than `LIST_BYTES`.
    ends: Vec<[u32; N]>,
}

impl<const N: usize> Default for Texts<N> {
    fn default() -> Self {
        Self {
            text: String::new(),
            ends: Vec::new(),
        }
    }
}

impl<const N: usize> Texts<N> {
    fn push(&mut self, texts: [&str; N]) {
        self.ends.push(texts.map(|text| {
            self.text.push_str(text);
            u32::try_from(self.text.len()).unwrap_or(u32::MAX)
        }));
    }

    fn row(&self, row: usize) -> Option<[&str; N]> {
        let ends = self.ends.get(row)?;
        let before = row.checked_sub(1).and_then(|before| self.ends.get(before));
        let mut start = before.and_then(|ends| ends.last()).copied().unwrap_or(0);
        Some(ends.map(|end| {
            let text = self.text.get(start as usize..end as usize);
            start = end;
            text.unwrap_or_default()
        }))
    }
}

/// Makes `len`, `is_empty`, `get` and `iter` of a list.
macro_rules! rows_of {
    ($list:ident, $row:ident) => {
        impl $list {
            /// How many rows it has.
            pub fn len(&self) -> usize {
                self.texts.ends.len()
            }

            /// It has none.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// All rows, in the router's order.
            pub fn iter(&self) -> impl Iterator<Item = $row<'_>> {
                (0..self.len()).filter_map(|row| self.get(row))
            }
        }
    };
}

/// Queues of `/queue/simple`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Queues {
    texts: Texts<3>,
    figures: Vec<QueueFigures>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct QueueFigures {
    max_limit: Limits,
    counted: Option<Traffic>,
    disabled: bool,
    dynamic: bool,
}

/// One of [`Queues`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedQueue<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Free text.
    pub comment: &'a str,
    /// Speed limits.
    pub max_limit: Limits,
    /// Bytes since its counters were zero; `None` when missing or unreadable.
    pub counted: Option<Traffic>,
    /// Neither limits nor counts.
    pub disabled: bool,
    /// Made by the router for a session; cannot be changed.
    pub dynamic: bool,
}

rows_of!(Queues, ListedQueue);

impl Queues {
    /// The row at this place.
    pub fn get(&self, row: usize) -> Option<ListedQueue<'_>> {
        let [id, name, comment] = self.texts.row(row)?;
        let figures = self.figures.get(row)?;
        Some(ListedQueue {
            id,
            name,
            comment,
            max_limit: figures.max_limit,
            counted: figures.counted,
            disabled: figures.disabled,
            dynamic: figures.dynamic,
        })
    }
}

impl List for Queues {
    const MENU: &'static str = "/queue/simple";
    const PROPLIST: &'static [&'static str] = &[
        ".id",
        "name",
        "max-limit",
        "comment",
        "disabled",
        "dynamic",
        "bytes",
    ];

    fn add(&mut self, record: &Record) {
        self.texts
            .push([".id", "name", "comment"].map(|name| text(record, name)));
        self.figures.push(QueueFigures {
            max_limit: rows::limits(record),
            counted: rows::queue_counters(record),
            disabled: rows::flag(record, "disabled"),
            dynamic: rows::flag(record, "dynamic"),
        });
    }
}

/// What was not asked for keeps its default.
impl From<ListedQueue<'_>> for QueueRow {
    fn from(row: ListedQueue<'_>) -> Self {
        Self {
            id: Id::new(row.id),
            name: row.name.to_owned(),
            comment: row.comment.to_owned(),
            max_limit: row.max_limit,
            counted: row.counted,
            disabled: row.disabled,
            dynamic: row.dynamic,
            ..Self::default()
        }
    }
}

/// Counters of the queues of `/queue/simple`, and nothing else of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters {
    texts: Texts<1>,
    counted: Vec<Option<Traffic>>,
}

/// One of [`Counters`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedCounters<'a> {
    /// The queue's id.
    pub id: &'a str,
    /// Bytes since its counters were zero; `None` when missing or unreadable.
    pub counted: Option<Traffic>,
}

rows_of!(Counters, ListedCounters);

impl Counters {
    /// The row at this place.
    pub fn get(&self, row: usize) -> Option<ListedCounters<'_>> {
        let [id] = self.texts.row(row)?;
        let counted = *self.counted.get(row)?;
        Some(ListedCounters { id, counted })
    }
}

impl List for Counters {
    const MENU: &'static str = Queues::MENU;
    const PROPLIST: &'static [&'static str] = &[".id", "bytes"];

    fn add(&mut self, record: &Record) {
        self.texts.push([text(record, ".id")]);
        self.counted.push(rows::queue_counters(record));
    }
}

/// Logins of `/ppp/secret`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Secrets {
    texts: Texts<4>,
    figures: Vec<SecretFigures>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SecretFigures {
    address: Option<Ipv4Addr>,
    disabled: bool,
}

/// One of [`Secrets`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedSecret<'a> {
    /// Its id.
    pub id: &'a str,
    /// Login name.
    pub name: &'a str,
    /// PPP profile.
    pub profile: &'a str,
    /// Free text.
    pub comment: &'a str,
    /// The client's fixed address; `None` without one, or when the router says no address there.
    pub address: Option<Ipv4Addr>,
    /// No new login.
    pub disabled: bool,
}

rows_of!(Secrets, ListedSecret);

impl Secrets {
    /// The row at this place.
    pub fn get(&self, row: usize) -> Option<ListedSecret<'_>> {
        let [id, name, profile, comment] = self.texts.row(row)?;
        let figures = self.figures.get(row)?;
        Some(ListedSecret {
            id,
            name,
            profile,
            comment,
            address: figures.address,
            disabled: figures.disabled,
        })
    }
}

impl List for Secrets {
    const MENU: &'static str = "/ppp/secret";
    const PROPLIST: &'static [&'static str] = &[
        ".id",
        "name",
        "profile",
        "remote-address",
        "comment",
        "disabled",
    ];

    fn add(&mut self, record: &Record) {
        self.texts
            .push([".id", "name", "profile", "comment"].map(|name| text(record, name)));
        self.figures.push(SecretFigures {
            address: rows::parsed(record, "remote-address"),
            disabled: rows::flag(record, "disabled"),
        });
    }
}

/// What was not asked for keeps its default.
impl From<ListedSecret<'_>> for SecretRow {
    fn from(row: ListedSecret<'_>) -> Self {
        Self {
            id: Id::new(row.id),
            name: row.name.to_owned(),
            profile: row.profile.to_owned(),
            remote_address: row.address,
            comment: row.comment.to_owned(),
            disabled: row.disabled,
            ..Self::default()
        }
    }
}

/// Live sessions of `/ppp/active`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sessions {
    texts: Texts<4>,
    addresses: Vec<Option<Ipv4Addr>>,
}

/// One of [`Sessions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedSession<'a> {
    /// Its id.
    pub id: &'a str,
    /// Login name. Several sessions may have the same.
    pub name: &'a str,
    /// `l2tp`, `pptp`, …
    pub service: &'a str,
    /// Such as `0x81100000`; another one after each login.
    pub session_id: &'a str,
    /// The client's address in the tunnel.
    pub address: Option<Ipv4Addr>,
}

rows_of!(Sessions, ListedSession);

impl Sessions {
    /// The row at this place.
    pub fn get(&self, row: usize) -> Option<ListedSession<'_>> {
        let [id, name, service, session_id] = self.texts.row(row)?;
        Some(ListedSession {
            id,
            name,
            service,
            session_id,
            address: self.addresses.get(row).copied().flatten(),
        })
    }
}

impl List for Sessions {
    const MENU: &'static str = "/ppp/active";
    const PROPLIST: &'static [&'static str] = &[".id", "name", "service", "session-id", "address"];

    fn add(&mut self, record: &Record) {
        self.texts
            .push([".id", "name", "service", "session-id"].map(|name| text(record, name)));
        self.addresses.push(rows::parsed(record, "address"));
    }
}

impl<'a> From<&'a SessionRow> for ListedSession<'a> {
    fn from(row: &'a SessionRow) -> Self {
        Self {
            id: row.id.as_str(),
            name: &row.name,
            service: &row.service,
            session_id: &row.session_id,
            address: row.address,
        }
    }
}

/// What was not asked for keeps its default.
impl From<ListedSession<'_>> for SessionRow {
    fn from(row: ListedSession<'_>) -> Self {
        Self {
            id: Id::new(row.id),
            name: row.name.to_owned(),
            service: row.service.to_owned(),
            session_id: row.session_id.to_owned(),
            address: row.address,
            ..Self::default()
        }
    }
}

impl<'a> FromIterator<ListedSession<'a>> for Sessions {
    fn from_iter<I: IntoIterator<Item = ListedSession<'a>>>(rows: I) -> Self {
        let mut list = Self::default();
        for row in rows {
            list.texts
                .push([row.id, row.name, row.service, row.session_id]);
            list.addresses.push(row.address);
        }
        list
    }
}

/// Rows of `/interface`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interfaces {
    texts: Texts<3>,
    counted: Vec<Option<Traffic>>,
}

/// One of [`Interfaces`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedInterface<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name; sessions have `<l2tp-alice>`.
    pub name: &'a str,
    /// `l2tp-in`, `ether`, …
    pub kind: &'a str,
    /// Bytes since its counters were zero, as the customer at its other end sees them; `None` when
    /// missing or unreadable.
    pub counted: Option<Traffic>,
}

rows_of!(Interfaces, ListedInterface);

impl Interfaces {
    /// The row at this place.
    pub fn get(&self, row: usize) -> Option<ListedInterface<'_>> {
        let [id, name, kind] = self.texts.row(row)?;
        let counted = *self.counted.get(row)?;
        Some(ListedInterface {
            id,
            name,
            kind,
            counted,
        })
    }
}

impl List for Interfaces {
    const MENU: &'static str = "/interface";
    const PROPLIST: &'static [&'static str] = &[".id", "name", "type", "rx-byte", "tx-byte"];

    fn add(&mut self, record: &Record) {
        self.texts
            .push([".id", "name", "type"].map(|name| text(record, name)));
        self.counted.push(rows::interface_counters(record));
    }
}

impl<'a> From<&'a InterfaceRow> for ListedInterface<'a> {
    fn from(row: &'a InterfaceRow) -> Self {
        Self {
            id: row.id.as_str(),
            name: &row.name,
            kind: &row.kind,
            counted: row.counted,
        }
    }
}

impl<'a> FromIterator<ListedInterface<'a>> for Interfaces {
    fn from_iter<I: IntoIterator<Item = ListedInterface<'a>>>(rows: I) -> Self {
        let mut list = Self::default();
        for row in rows {
            list.texts.push([row.id, row.name, row.kind]);
            list.counted.push(row.counted);
        }
        list
    }
}

fn text<'a>(record: &'a Record, name: &str) -> &'a str {
    record.value(name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(pairs: &[(&str, &str)]) -> Record {
        pairs.iter().copied().collect()
    }

    #[test]
    fn every_row_is_found_where_it_was_put_with_its_own_texts() {
        let mut queues = Queues::default();
        queues.add(&record(&[
            ("comment", "isp whmcs:7"),
            (".id", "*1"),
            ("bytes", "1/2"),
        ]));
        queues.add(&record(&[]));
        queues.add(&record(&[
            ("name", "é"),
            (".id", "*1A"),
            ("dynamic", "true"),
        ]));
        let first = queues.get(0).unwrap();
        assert_eq!(
            (first.id, first.name, first.comment),
            ("*1", "", "isp whmcs:7")
        );
        assert_eq!(first.counted, Some(Traffic::new(2, 1)));
        let second = queues.get(1).unwrap();
        assert_eq!((second.id, second.name, second.comment), ("", "", ""));
        assert_eq!(second.counted, None);
        let third = queues.get(2).unwrap();
        assert_eq!((third.id, third.name, third.comment), ("*1A", "é", ""));
        assert!(third.dynamic && !first.dynamic);
        assert_eq!(queues.get(3), None);
        assert_eq!(queues.iter().count(), 3);
    }

    #[test]
    fn every_list_asks_for_the_id_and_none_for_a_password() {
        for list in [
            Queues::PROPLIST,
            Counters::PROPLIST,
            Secrets::PROPLIST,
            Sessions::PROPLIST,
            Interfaces::PROPLIST,
        ] {
            assert!(list.contains(&".id"), "{list:?}");
            assert!(!list.iter().any(|name| name.contains("password")));
        }
    }
}

//! Whether an answer belongs to its command. After an aborted request RouterOS (7.21 at least) was seen to
//! give one request the answer of another, and right after boot it answers with other menus; what
//! comes then is sound in itself.

use super::command::Command;
use super::query::Query;
use super::record::Record;
use crate::error::{Error, Result};

/// Looks at the records of one answer as they come.
#[derive(Debug, Default)]
pub(super) enum Judge {
    /// Anything is fine.
    #[default]
    Lenient,
    /// Every row passes the query, and some row has a property that only this menu has.
    List {
        query: Query,
        telltale: &'static [&'static str],
        strange: bool,
        unmarked: usize,
        marked: bool,
    },
    /// Nothing comes, or the one record with `ret`; an object without any property is nothing.
    Change { records: usize, strange: bool },
}

impl Judge {
    pub(super) fn of(command: &Command<'_>) -> Self {
        match command {
            Command::Print {
                menu,
                query,
                proplist,
            } => Self::List {
                query: checkable(query, proplist),
                telltale: telltale(menu),
                strange: false,
                unmarked: 0,
                marked: false,
            },
            Command::Read { .. } => Self::Lenient,
            _ => Self::Change {
                records: 0,
                strange: false,
            },
        }
    }

    /// The next record has come.
    pub(super) fn look(&mut self, record: &Record) {
        match self {
            Self::Lenient => {}
            Self::List {
                query,
                telltale,
                strange,
                unmarked,
                marked,
            } => {
                *strange |= !passes(query, record);
                if !*marked {
                    *marked = telltale.iter().any(|name| record.value(name).is_some());
                    *unmarked += usize::from(!*marked);
                }
            }
            Self::Change { records, strange } => {
                *records += 1;
                *strange |= !(record.ends.is_empty() || record.value("ret").is_some());
            }
        }
    }

    /// All have come.
    pub(super) fn verdict(&self, command: &Command<'_>) -> Result<()> {
        let belongs = match self {
            Self::Lenient => true,
            Self::List {
                telltale,
                strange,
                unmarked,
                marked,
                ..
            } => !strange && (*marked || *unmarked == 0 || telltale.is_empty()),
            Self::Change { records, strange } => !strange && *records <= 1,
        };
        if belongs {
            return Ok(());
        }
        Err(Error::nonsense(
            command.label(),
            "it is the answer to another command; a router that has just booted or lost a connection may need a minute",
        ))
    }
}

/// Properties every row of a menu has one of, and rows of other menus have not; none where we know of none.
fn telltale(menu: &str) -> &'static [&'static str] {
    match menu {
        "/ppp/secret" => &["service", "profile"],
        "/ppp/active" => &["session-id", "uptime", "caller-id"],
        "/queue/simple" => &["bytes", "max-limit", "target"],
        "/interface" => &["type", "rx-byte", "tx-byte"],
        _ => &[],
    }
}

/// The query, if the rows have what it is about.
fn checkable(query: &Query, proplist: &[&str]) -> Query {
    let is_known = |word: &String| {
        let name = word.split_once('=').map_or(word.as_str(), |(name, _)| name);
        word.starts_with('#') || proplist.contains(&name)
    };
    if query.words().iter().all(is_known) {
        query.clone()
    } else {
        Query::all()
    }
}

/// RouterOS's own rule, see [`Query`]. Values are compared without regard to case: what the router took
/// for equal is not ours to dispute.
fn passes(query: &Query, record: &Record) -> bool {
    let mut stack = Vec::new();
    for word in query.words() {
        let value = match word.as_str() {
            "#|" | "#&" => {
                let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else {
                    return true;
                };
                if word == "#|" {
                    left || right
                } else {
                    left && right
                }
            }
            word => {
                let (name, wanted) = word.split_once('=').unwrap_or((word, ""));
                record
                    .value(name)
                    .is_some_and(|value| value.eq_ignore_ascii_case(wanted))
            }
        };
        stack.push(value);
    }
    stack.into_iter().all(|value| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(pairs: &[(&str, &str)]) -> Record {
        pairs.iter().copied().collect()
    }

    fn belong(command: &Command<'_>, records: &[Record]) -> bool {
        let mut judge = Judge::of(command);
        for record in records {
            judge.look(record);
        }
        judge.verdict(command).is_ok()
    }

    fn print(query: &Query) -> Command<'_> {
        Command::Print {
            menu: "/ppp/secret",
            proplist: &[".id", "name", "profile", "comment"],
            query,
        }
    }

    #[test]
    fn rows_that_were_not_asked_for_are_no_answer() {
        let query = Query::field("name", "ann").or(Query::field("comment", "isp whmcs:1"));
        let ask = |rows: &[Record]| belong(&print(&query), rows);
        let ann = || record(&[("name", "Ann"), ("profile", "vpn")]);
        let tagged = record(&[("name", "x"), ("comment", "isp whmcs:1")]);
        assert!(ask(&[]));
        assert!(ask(&[ann(), tagged]));
        assert!(!ask(&[
            ann(),
            record(&[("name", "bob"), ("profile", "vpn")])
        ]));
        assert!(!ask(&[Record::default()]), "a row without a word");
    }

    #[test]
    fn a_whole_list_of_another_menu_is_no_answer_and_one_odd_row_is() {
        let all = Query::all();
        let ask = |rows: &[Record]| belong(&print(&all), rows);
        let named = || record(&[("name", "default")]);
        assert!(!ask(&[named(), named()]));
        assert!(ask(&[
            named(),
            record(&[("name", "ann"), ("service", "any")])
        ]));
    }

    #[test]
    fn a_change_answers_nothing_or_one_value() {
        let command = Command::Remove {
            menu: "/ppp/secret",
            id: "*1",
        };
        let is_fine = |rows: &[Record]| belong(&command, rows);
        assert!(is_fine(&[]));
        assert!(is_fine(&[record(&[("ret", "*2")])]));
        assert!(is_fine(&[Record::default()]));
        assert!(!is_fine(&[record(&[("name", "ann")])]));
        assert!(!is_fine(&[
            record(&[("ret", "*2")]),
            record(&[("ret", "*3")])
        ]));
    }
}

//! What can be said to a router, independent of the protocol that carries it.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use super::query::Query;
use super::record::Record;
use crate::error::{Error, Result};
use crate::secret::Secret;

/// Carries commands to one router: REST, the binary API, or a double in the process.
pub trait Transport {
    /// Sends `command`, gives `sink` the records of the reply as they come and waits for its end.
    ///
    /// Rows come for [`Command::Print`] and [`Command::Read`]; one record with `ret` (the new id) for
    /// [`Command::Add`]; for the others whatever the router says, usually nothing. Until this returns
    /// `Ok` nobody knows whether the records are all.
    fn send<'a>(
        &'a self,
        command: Command<'a>,
        sink: Sink,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

    /// For a transport that can send several commands at one moment.
    fn one_write(&self) -> Option<&dyn OneWrite> {
        None
    }
}

/// Several commands in one write.
pub trait OneWrite {
    /// How many it takes.
    fn most(&self) -> usize;

    /// Sends `first` and the `others` right behind it; each has a sink for its records.
    fn send_together<'a>(
        &'a self,
        first: (Command<'a>, Sink),
        others: &'a [(Command<'a>, Sink)],
    ) -> Pin<Box<dyn Future<Output = Together> + 'a>>;
}

/// Where the records of one reply go, one by one. A list of 100,000 rows is never held as a whole in the
/// router's words.
#[derive(Clone)]
pub struct Sink(Rc<dyn Fn(&Record)>);

impl Sink {
    /// `take` is called for every record, in order.
    pub fn new(take: impl Fn(&Record) + 'static) -> Self {
        Self(Rc::new(take))
    }

    /// Takes the next record.
    pub fn take(&self, record: &Record) {
        (self.0)(record);
    }
}

/// What became of commands that were sent together.
#[derive(Debug)]
pub struct Together {
    /// The first.
    pub first: Result<()>,
    /// The others, as far as they were sent.
    pub others: Vec<Follower>,
}

/// A command behind another one.
#[derive(Debug)]
pub struct Follower {
    /// What became of it.
    pub outcome: Result<()>,
    /// The router said that it was done with it before it was done with the first: what that brought may
    /// be of the time after it. Replies mix, and the order between commands is not defined.
    pub ahead: bool,
}

impl Together {
    /// The first failed and nothing else was sent.
    pub fn unsent(error: Error) -> Self {
        Self {
            first: Err(error),
            others: Vec::new(),
        }
    }
}

/// One command. Menus are written as on the console: `/ppp/secret`.
#[derive(Debug, Clone, Copy)]
pub enum Command<'a> {
    /// Rows of a list menu.
    Print {
        /// The menu.
        menu: &'a str,
        /// The properties wanted. Asking for all can touch slow ones.
        proplist: &'a [&'a str],
        /// Which rows.
        query: &'a Query,
    },
    /// The one row of a menu that is not a list, such as `/system/resource`.
    Read {
        /// The menu.
        menu: &'a str,
        /// The properties wanted.
        proplist: &'a [&'a str],
    },
    /// Adds a row.
    Add {
        /// The menu.
        menu: &'a str,
        /// Its properties.
        fields: &'a [(&'a str, Value<'a>)],
    },
    /// Changes a row.
    Set {
        /// The menu.
        menu: &'a str,
        /// The row, such as `*1A`.
        id: &'a str,
        /// The properties to change.
        fields: &'a [(&'a str, Value<'a>)],
    },
    /// Removes a row.
    Remove {
        /// The menu.
        menu: &'a str,
        /// The row.
        id: &'a str,
    },
    /// Any other command of the menu.
    Run {
        /// The menu.
        menu: &'a str,
        /// The command, such as `reset-counters`.
        command: &'a str,
        /// Its arguments.
        fields: &'a [(&'a str, Value<'a>)],
    },
}

impl Command<'_> {
    /// Menu and verb: `/ppp/secret/add`.
    pub fn path(&self) -> String {
        match self {
            Self::Print { menu, .. } | Self::Read { menu, .. } => format!("{menu}/print"),
            Self::Add { menu, .. } => format!("{menu}/add"),
            Self::Set { menu, .. } => format!("{menu}/set"),
            Self::Remove { menu, .. } => format!("{menu}/remove"),
            Self::Run { menu, command, .. } => format!("{menu}/{command}"),
        }
    }

    /// Short, for messages: verb and object, `/ppp/secret/add alice`.
    pub fn label(&self) -> String {
        let name = || {
            self.fields()
                .iter()
                .find(|(name, _)| *name == "name")
                .map(|(_, value)| value.to_string())
        };
        match name().or_else(|| self.id().map(str::to_owned)) {
            Some(object) => format!("{} {object}", self.path()),
            None => self.path(),
        }
    }

    /// It only looks: doing it twice changes nothing.
    pub fn is_read(&self) -> bool {
        matches!(self, Self::Print { .. } | Self::Read { .. })
    }

    /// The arguments of a write.
    pub fn fields(&self) -> &[(&str, Value<'_>)] {
        match self {
            Self::Add { fields, .. } | Self::Set { fields, .. } | Self::Run { fields, .. } => {
                fields
            }
            Self::Print { .. } | Self::Read { .. } | Self::Remove { .. } => &[],
        }
    }

    /// The secrets among its arguments.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.fields().iter().filter_map(|(_, value)| match value {
            Value::Secret(secret) => Some(secret.expose()),
            Value::Plain(_) => None,
        })
    }

    /// The row it acts on.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Set { id, .. } | Self::Remove { id, .. } => Some(id),
            _ => None,
        }
    }
}

/// The command in RouterOS words, secrets as `***`: `/ppp/secret/add name=alice password=***`.
impl fmt::Display for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())?;
        if let Some(id) = self.id() {
            write!(f, " .id={id}")?;
        }
        for (name, value) in self.fields() {
            write!(f, " {name}={value}")?;
        }
        if let Self::Print { query, .. } = self {
            for word in query.words() {
                write!(f, " ?{word}")?;
            }
        }
        Ok(())
    }
}

/// One argument. Displays as text, or as `***` when secret.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// May be shown.
    Plain(Cow<'a, str>),
    /// Must not be shown.
    Secret(&'a Secret),
}

impl Value<'_> {
    /// The text for the wire.
    pub fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose(),
        }
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => f.write_str(text),
            Self::Secret(_) => f.write_str("***"),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Plain(text.into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Plain(text.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(yes: bool) -> Self {
        Self::Plain(if yes { "true" } else { "false" }.into())
    }
}

impl<'a> From<&'a Secret> for Value<'a> {
    fn from(secret: &'a Secret) -> Self {
        Self::Secret(secret)
    }
}

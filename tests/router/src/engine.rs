//! The console: one entry for every protocol. A front turns its request into a [`Command`] and the
//! [`Reply`] or [`Trap`] into its own words.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::commands;
use crate::menus::VersionMenu;
use crate::policy::PolicySet;
use crate::query::Query;
use crate::record::Record;
use crate::state::State;
use crate::tables::TableId;
use crate::trap::Trap;

/// Who gives a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Login name.
    pub name: String,
    /// What the group allowed at login.
    pub policies: PolicySet,
    /// Where the connection came from; `None` = the console itself.
    pub source: Option<IpAddr>,
}

impl Caller {
    /// Somebody at the router's own console: may do everything.
    pub fn console() -> Self {
        Self {
            name: "console".to_owned(),
            policies: PolicySet::ALL,
            source: None,
        }
    }
}

/// One command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// Path of the menu with slashes, for example `/ppp/secret`.
    pub menu: String,
    /// For example `add`.
    pub command: String,
    /// Argument names and values, also `.id`.
    pub arguments: Vec<(String, String)>,
    /// Which rows `print` gives.
    pub query: Query,
    /// Which properties `print` gives; `None` = all.
    pub proplist: Option<Vec<String>>,
}

impl Command {
    /// A command without arguments.
    pub fn new(menu: &str, command: &str) -> Self {
        Self {
            menu: menu.to_owned(),
            command: command.to_owned(),
            ..Self::default()
        }
    }

    /// The same with one more argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.arguments.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value of an argument.
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.arguments
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What a command gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Rows: `!re` sentences.
    Rows(Vec<Record>),
    /// A value: `!done` with `=ret=`.
    Value(String),
    /// Nothing: a bare `!done`.
    Done,
    /// The command goes on without ever sending anything, until it is killed.
    Silent,
}

impl Reply {
    /// The rows; none for other replies.
    pub fn rows(self) -> Vec<Record> {
        match self {
            Self::Rows(rows) => rows,
            _ => Vec::new(),
        }
    }
}

impl State {
    /// Carries out a command.
    pub fn execute(&mut self, caller: &Caller, command: &Command) -> Result<Reply, Trap> {
        self.settle();
        if command.menu == "/system" && command.command == "reboot" {
            permit(caller, "reboot")?;
            self.reboot();
            return Ok(Reply::Done);
        }
        let name = canonical(&command.command);
        let menu = self
            .catalogue
            .menu(&command.menu)
            .ok_or_else(|| self.no_menu(&command.menu))?;
        let listen = name == "listen";
        let arguments = menu
            .commands
            .get(if listen { "print" } else { name })
            .ok_or_else(Trap::no_such_command)?;
        if !SUPPORTED.contains(&name) {
            return Err(Trap::no_such_command());
        }
        if listen && !arguments.contains("follow-only") {
            return Err(Trap::unknown_parameter("follow-only"));
        }
        permit(caller, policy(name))?;
        if command.menu.starts_with("/user") && policy(name) == "write" {
            permit(caller, "policy")?;
        }
        let takes_items = arguments.contains("numbers") || arguments.contains("number");
        for (key, _) in &command.arguments {
            let known = arguments.contains(key.as_str())
                || (takes_items && key == ".id")
                || unsets(menu, arguments, name, key);
            if !known || (name == "print" && NOT_OVER_API.contains(&key.as_str())) {
                return Err(Trap::unknown_parameter(key));
            }
        }
        let has_none = menu.is_list && self.is_in_boot_gap(caller, menu.menu.path);
        if has_none && takes_items && name != "add" {
            return Err(Trap::no_such_item());
        }
        commands::run(self, caller, command, name)
    }

    /// The refusal for a path that is no menu.
    fn no_menu(&self, path: &str) -> Trap {
        if self.catalogue.is_directory(path) {
            return Trap::no_such_command();
        }
        let mut at = String::new();
        for part in path.split('/').skip(1) {
            at = format!("{at}/{part}");
            if self.catalogue.menu(&at).is_none() && !self.catalogue.is_directory(&at) {
                return Trap::no_such_menu(self.options.version, part);
            }
        }
        Trap::no_such_command()
    }

    /// Checks a login; the caller has the policies of its group at this moment.
    pub fn login(&self, name: &str, password: &str, source: Option<IpAddr>) -> Option<Caller> {
        let users = &self.tables[TableId::User];
        let id = users.find(name)?;
        let stored = users
            .row(id)?
            .text(TableId::User.column("password")?)
            .unwrap_or_default();
        if stored != password || users.text(id, "disabled") == Some("true") {
            return None;
        }
        let allowed = users.text(id, "address").unwrap_or_default();
        let inside = |source: IpAddr| {
            allowed
                .split(',')
                .filter_map(crate::value::prefix)
                .any(|net| net.contains(&source))
        };
        if !allowed.is_empty() && !source.is_none_or(inside) {
            return None;
        }
        self.caller(name).map(|caller| Caller { source, ..caller })
    }

    /// A login user without asking for the password.
    pub fn caller(&self, name: &str) -> Option<Caller> {
        let id = self.tables[TableId::User].find(name)?;
        let group = self.reference(TableId::User, id, "group")?;
        let policy = self.tables[TableId::Group].text(group, "policy")?;
        let policies = PolicySet::default().changed_by(policy)?;
        Some(Caller {
            name: name.to_owned(),
            policies,
            source: None,
        })
    }
}

/// `=!routes=` unsets a property, as the console's `set 0 !routes` does; `add` takes it as well (verbose exports
/// are full of it, and community.routeros sends it for every property that can be disabled).
fn unsets(menu: &VersionMenu, arguments: &BTreeSet<String>, command: &str, key: &str) -> bool {
    key.strip_prefix('!').is_some_and(|name| {
        matches!(command, "add" | "set") && arguments.contains(name) && menu.can_unset(name)
    })
}

/// What the simulator carries out; the other words of the schema (`edit`, `export`, `reset` …)
/// are refused rather than pretended.
const SUPPORTED: [&str; 20] = [
    "print",
    "listen",
    "get",
    "find",
    "add",
    "set",
    "remove",
    "enable",
    "disable",
    "comment",
    "move",
    "sign",
    "unset",
    "reset-counters",
    "reset-counters-all",
    "monitor-traffic",
    "debug",
    "error",
    "info",
    "warning",
];

/// Arguments of the console's own `print` that would change the reply and that an API request does not
/// carry (conditions are queries there).
const NOT_OVER_API: [&str; 9] = [
    "where",
    "from",
    "file",
    "append",
    "group-by",
    "order-by",
    "on-event",
    "follow-strict",
    "proplist",
];

fn canonical(command: &str) -> &str {
    if command == "getall" {
        "print"
    } else {
        command
    }
}

fn policy(command: &str) -> &'static str {
    match command {
        "print" | "listen" | "get" | "find" | "monitor-traffic" => "read",
        _ => "write",
    }
}

fn permit(caller: &Caller, policy: &str) -> Result<(), Trap> {
    if caller.policies.allows(policy) {
        Ok(())
    } else {
        Err(Trap::permission())
    }
}

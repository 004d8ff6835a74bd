//! The menus: which table each shows, with which properties, and the texts of its own errors.
//!
//! Command and argument names come from the schema of the version; here stands what a schema does
//! not say: types, values at creation, which keys are absent when unset.

mod certificate;
mod interface;
mod ip;
mod ppp;
mod queue;
mod server;
mod system;
mod user;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::field::{Access, Field, Kind};
use crate::schema::{Commands, Schema};
use crate::tables::TableId;
use crate::version::Version;

/// Whether a menu holds rows or is one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Rows with ids.
    List,
    /// One object without id.
    Singleton,
    /// A singleton up to 7.16, a list from 7.17.
    ListSince717,
}

/// What a schema does not say about a menu.
#[derive(Debug, Clone, Copy)]
pub struct Menu {
    /// Path with slashes.
    pub path: &'static str,
    /// The table it shows.
    pub table: TableId,
    /// Rows or one object.
    pub shape: Shape,
    /// Only interfaces of this type are shown.
    pub interface_type: Option<&'static str>,
    /// The read-only properties shown; empty = all of the table.
    pub shows: &'static [&'static str],
    /// Arguments `add` is refused without.
    pub mandatory: &'static [&'static str],
    /// What `add` and rename say when the name is taken.
    pub duplicate: &'static str,
    /// Start of the name `add` makes up when none is given.
    pub made_up_name: Option<&'static str>,
    /// Position numbers are understood where an item is asked for.
    pub positions: bool,
}

impl Menu {
    const fn list(path: &'static str, table: TableId) -> Self {
        Self {
            path,
            table,
            shape: Shape::List,
            interface_type: None,
            shows: &[],
            mandatory: &[],
            duplicate: "failure: already have such name",
            made_up_name: None,
            positions: false,
        }
    }

    const fn singleton(path: &'static str, table: TableId) -> Self {
        Self {
            shape: Shape::Singleton,
            ..Self::list(path, table)
        }
    }
}

/// A menu as one version has it.
#[derive(Debug)]
pub struct VersionMenu {
    /// What is the same in all versions.
    pub menu: Menu,
    /// Rows or one object in this version.
    pub is_list: bool,
    /// Commands and argument names.
    pub commands: Commands,
    /// Columns a reply shows, in the menu's order: that of the binary API.
    pub visible: Vec<usize>,
}

impl VersionMenu {
    /// Whether rows are found by name in the path.
    pub fn has_names(&self) -> bool {
        self.is_list && self.menu.table.column("name").is_some()
    }
}

impl VersionMenu {
    /// Whether a property can be made absent or empty again: what is so from the start.
    pub fn can_unset(&self, name: &str) -> bool {
        let table = self.menu.table;
        table.column(name).is_some_and(|column| {
            let field = &table.columns()[column];
            field.access == Access::Open
                && field.default.is_none_or(str::is_empty)
                && field.kind != Kind::Name
                && !self.menu.mandatory.contains(&name)
        })
    }
}

/// Every menu of one version.
#[derive(Debug)]
pub struct Catalogue {
    menus: HashMap<&'static str, VersionMenu>,
    directories: HashMap<String, BTreeSet<String>>,
}

impl Catalogue {
    /// The menus of a version, read from `data/` once in a process.
    pub fn shared(version: Version) -> Arc<Self> {
        static READ: Mutex<BTreeMap<Version, Arc<Catalogue>>> = Mutex::new(BTreeMap::new());
        let mut read = READ.lock();
        let catalogue = read
            .entry(version)
            .or_insert_with(|| Arc::new(Self::of(version)));
        Arc::clone(catalogue)
    }

    /// The menus of a version.
    pub fn of(version: Version) -> Self {
        let schema = Schema::of(version);
        let menus: HashMap<_, _> = ALL
            .iter()
            .filter_map(|menu| {
                Some((
                    menu.path,
                    version_menu(*menu, version, schema.menu(menu.path)?.clone()),
                ))
            })
            .collect();
        let mut directories: HashMap<String, BTreeSet<String>> = HashMap::new();
        for path in menus.keys() {
            let mut at = String::new();
            for part in path.split('/').skip(1) {
                directories
                    .entry(at.clone())
                    .or_default()
                    .insert(part.to_owned());
                at = format!("{at}/{part}");
            }
        }
        Self { menus, directories }
    }

    /// A menu by path.
    pub fn menu(&self, path: &str) -> Option<&VersionMenu> {
        self.menus.get(path)
    }

    /// Whether a path leads to menus without being one (`/ip`).
    pub fn is_directory(&self, path: &str) -> bool {
        self.directories.contains_key(path)
    }
}

/// The columns of a table, in the order in which the binary API gives them: what can be written, what is only
/// read, flags, `disabled`, `comment` (traces of `/queue/simple`, `/ip/address` and `/interface`; the manual's
/// reference lists the properties of all menus in this order).
pub fn columns(table: TableId) -> &'static [Field] {
    match table {
        TableId::Secret => ppp::SECRET,
        TableId::Profile => ppp::PROFILE,
        TableId::Active => ppp::ACTIVE,
        TableId::Aaa => ppp::AAA,
        TableId::Queue => queue::SIMPLE,
        TableId::QueueType => queue::TYPE,
        TableId::Interface => interface::INTERFACE,
        TableId::L2tpServer => server::L2TP,
        TableId::PptpServer => server::PPTP,
        TableId::SstpServer => server::SSTP,
        TableId::OvpnServer => server::OVPN,
        TableId::Address => ip::ADDRESS,
        TableId::Pool => ip::POOL,
        TableId::PoolUsed => ip::POOL_USED,
        TableId::Service => ip::SERVICE,
        TableId::Filter => ip::FILTER,
        TableId::AddressList => ip::ADDRESS_LIST,
        TableId::Resource => system::RESOURCE,
        TableId::Identity => system::IDENTITY,
        TableId::Package => system::PACKAGE,
        TableId::Clock => system::CLOCK,
        TableId::DeviceMode => system::DEVICE_MODE,
        TableId::License => system::LICENSE,
        TableId::User => user::USER,
        TableId::Group => user::GROUP,
        TableId::UserActive => user::ACTIVE,
        TableId::Certificate => certificate::CERTIFICATE,
        TableId::Log => system::LOG,
    }
}

const ALL: &[Menu] = &[
    Menu {
        mandatory: &["name"],
        duplicate: "failure: secret with the same name already exists",
        ..Menu::list("/ppp/secret", TableId::Secret)
    },
    Menu {
        mandatory: &["name"],
        ..Menu::list("/ppp/profile", TableId::Profile)
    },
    Menu::list("/ppp/active", TableId::Active),
    Menu::singleton("/ppp/aaa", TableId::Aaa),
    Menu {
        mandatory: &["target"],
        made_up_name: Some("queue"),
        positions: true,
        ..Menu::list("/queue/simple", TableId::Queue)
    },
    Menu {
        shows: interface::READ_ONLY,
        duplicate: "failure: already have interface with such name",
        ..Menu::list("/interface", TableId::Interface)
    },
    interface::binding("/interface/l2tp-server", "l2tp-in", interface::MRU),
    interface::binding("/interface/pptp-server", "pptp-in", interface::MRU),
    interface::binding("/interface/sstp-server", "sstp-in", interface::NO_MRU),
    interface::binding("/interface/ovpn-server", "ovpn-in", interface::NO_MRU),
    Menu::singleton("/interface/l2tp-server/server", TableId::L2tpServer),
    Menu::singleton("/interface/pptp-server/server", TableId::PptpServer),
    Menu::singleton("/interface/sstp-server/server", TableId::SstpServer),
    Menu {
        shape: Shape::ListSince717,
        made_up_name: Some("ovpn-server"),
        ..Menu::list("/interface/ovpn-server/server", TableId::OvpnServer)
    },
    Menu {
        mandatory: &["address", "interface"],
        duplicate: "failure: already have such address",
        ..Menu::list("/ip/address", TableId::Address)
    },
    Menu {
        mandatory: &["ranges"],
        made_up_name: Some("pool"),
        ..Menu::list("/ip/pool", TableId::Pool)
    },
    Menu::list("/ip/pool/used", TableId::PoolUsed),
    Menu::list("/ip/service", TableId::Service),
    Menu {
        mandatory: &["chain"],
        positions: true,
        ..Menu::list("/ip/firewall/filter", TableId::Filter)
    },
    Menu {
        mandatory: &["list", "address"],
        duplicate: "failure: already have such entry",
        ..Menu::list("/ip/firewall/address-list", TableId::AddressList)
    },
    Menu::list("/log", TableId::Log),
    Menu::singleton("/system/resource", TableId::Resource),
    Menu::singleton("/system/identity", TableId::Identity),
    Menu::list("/system/package", TableId::Package),
    Menu::singleton("/system/clock", TableId::Clock),
    Menu::singleton("/system/device-mode", TableId::DeviceMode),
    Menu::singleton("/system/license", TableId::License),
    Menu {
        mandatory: &["name", "group", "password"],
        duplicate: "failure: user with the same name already exists",
        ..Menu::list("/user", TableId::User)
    },
    Menu {
        mandatory: &["name"],
        duplicate: "failure: group with the same name already exists",
        ..Menu::list("/user/group", TableId::Group)
    },
    Menu::list("/user/active", TableId::UserActive),
    Menu {
        mandatory: &["name"],
        ..Menu::list("/certificate", TableId::Certificate)
    },
];

fn version_menu(menu: Menu, version: Version, commands: Commands) -> VersionMenu {
    let is_list = match menu.shape {
        Shape::List => true,
        Shape::Singleton => false,
        Shape::ListSince717 => version.has_ovpn_list(),
    };
    let writable = |name: &str| {
        ["set", "add"].iter().any(|command| {
            commands
                .get(*command)
                .is_some_and(|names| names.contains(name))
        }) || (name == "disabled" && commands.contains_key("disable"))
    };
    let fields = menu.table.columns();
    let visible: Vec<usize> = (0..fields.len())
        .filter(|index| {
            let field = &fields[*index];
            match field.access {
                Access::Hidden => false,
                Access::Open | Access::Secret => {
                    writable(field.name) || menu.shows.contains(&field.name)
                }
                Access::ReadOnly | Access::Computed => {
                    let since = menus_since(menu.path, field.name);
                    (menu.shows.is_empty() || menu.shows.contains(&field.name))
                        && version.at_least(since.0, since.1)
                }
            }
        })
        .collect();
    VersionMenu {
        menu,
        is_list,
        commands,
        visible,
    }
}

/// The version a read-only property came with.
fn menus_since(path: &str, property: &str) -> (u32, u32) {
    match (path, property) {
        // in the readable names of 7.21.5, absent in older captures
        ("/ip/pool", "total" | "used" | "available") => (7, 21),
        // /ip/service rows became richer in 7.19
        ("/ip/service", "dynamic" | "proto" | "local" | "remote" | "connection") => (7, 19),
        ("/interface/ovpn-server/server", "inactive") => (7, 17),
        _ => (6, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An argument the schema knows but the table does not would be accepted and lost.
    #[test]
    fn every_argument_of_every_version_has_a_column() {
        let generic = ["numbers", "copy-from", "place-before"];
        for version in [
            "7.1", "7.9", "7.12", "7.13", "7.14", "7.15", "7.16", "7.17", "7.18", "7.19", "7.20",
            "7.21", "7.22", "7.23", "7.24",
        ] {
            let catalogue = Catalogue::of(version.parse().unwrap());
            for menu in catalogue.menus.values() {
                for command in ["add", "set"] {
                    for argument in menu.commands.get(command).into_iter().flatten() {
                        assert!(
                            generic.contains(&argument.as_str())
                                || menu.menu.table.column(argument).is_some(),
                            "{version} {} {command} {argument}",
                            menu.menu.path,
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn every_menu_exists_in_the_oldest_and_the_newest_schema() {
        for version in ["7.1", "7.24"] {
            let catalogue = Catalogue::of(version.parse().unwrap());
            for menu in ALL {
                assert!(
                    catalogue.menu(menu.path).is_some(),
                    "{version} {}",
                    menu.path
                );
            }
        }
    }
}

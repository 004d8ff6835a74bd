//! Which commands and argument names each version knows, from `data/`.
//!
//! A data file exists for four versions only. For one between them the next newer file is taken and
//! the recorded differences are undone, newest first, so that 7.17 has the ovpn server list of 7.17
//! and not yet the arguments of 7.21. 7.1 to 7.8 have no data and use 7.9's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::version::Version;

const FILES: [((u32, u32), &str); 4] = [
    ((7, 9), include_str!("../data/menus-7.9.json")),
    ((7, 12), include_str!("../data/menus-7.12.2.json")),
    ((7, 16), include_str!("../data/menus-7.16.2.json")),
    ((7, 24), include_str!("../data/menus-7.24.json")),
];
const EXTRA: &str = include_str!("../data/extra-menus.json");
const DIFFERENCES: &str = include_str!("../data/diffs-7.9-to-7.24.txt");

/// Argument names of each command of one menu.
pub type Commands = BTreeMap<String, BTreeSet<String>>;

/// The commands of every menu in one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    menus: BTreeMap<String, Commands>,
}

impl Schema {
    /// The schema of a version: data at or above it with the later changes undone.
    pub fn of(version: Version) -> Self {
        let position = FILES
            .iter()
            .position(|((major, minor), _)| !version.at_least(*major, minor + 1))
            .unwrap_or(FILES.len() - 1);
        let ((_, newest), text) = FILES[position];
        let mut schema = Self {
            menus: menus_of(text),
        };
        let older = menus_of(FILES[position.saturating_sub(1)].1);
        for step in steps().iter().rev() {
            if step.minor <= newest && !version.at_least(7, step.minor) && step.minor > 9 {
                for change in &step.changes {
                    schema.undo(change, &older);
                }
            }
        }
        schema.menus.extend(menus_of(EXTRA));
        if !version.has_rest() {
            // came with version 7, like REST
            schema.menus.remove("/system/device-mode");
        }
        schema
    }

    /// The commands of a menu; `None` if the version has no such menu.
    pub fn menu(&self, path: &str) -> Option<&Commands> {
        self.menus.get(path)
    }

    /// The argument names of a command.
    #[cfg(test)]
    pub fn arguments(&self, menu: &str, command: &str) -> Option<&BTreeSet<String>> {
        self.menus.get(menu)?.get(command)
    }

    fn undo(&mut self, change: &Change, older: &BTreeMap<String, Commands>) {
        match change {
            Change::Arguments {
                menu,
                command,
                added,
                removed,
            } => {
                if let Some(arguments) = self
                    .menus
                    .get_mut(menu)
                    .and_then(|menu| menu.get_mut(command))
                {
                    swap(arguments, added, removed);
                }
            }
            Change::Everywhere {
                command,
                added,
                removed,
                only,
            } => {
                for (path, commands) in &mut self.menus {
                    if (only.is_empty() || only.contains(path))
                        && let Some(arguments) = commands.get_mut(command)
                    {
                        swap(arguments, added, removed);
                    }
                }
            }
            Change::CommandsAdded { menu, names } => {
                if let Some(commands) = self.menus.get_mut(menu) {
                    commands.retain(|name, _| !names.contains(name));
                }
            }
            Change::CommandsRemoved { menu, names } => {
                if let (Some(commands), Some(old)) = (self.menus.get_mut(menu), older.get(menu)) {
                    for name in names {
                        commands.insert(name.clone(), old.get(name).cloned().unwrap_or_default());
                    }
                }
            }
            Change::MenuAdded { menu } => {
                self.menus.remove(menu);
            }
        }
    }
}

/// One minor version of the difference file.
struct Step {
    minor: u32,
    changes: Vec<Change>,
}

enum Change {
    Arguments {
        menu: String,
        command: String,
        added: Vec<String>,
        removed: Vec<String>,
    },
    Everywhere {
        command: String,
        added: Vec<String>,
        removed: Vec<String>,
        only: Vec<String>,
    },
    CommandsAdded {
        menu: String,
        names: Vec<String>,
    },
    CommandsRemoved {
        menu: String,
        names: Vec<String>,
    },
    MenuAdded {
        menu: String,
    },
}

fn swap(arguments: &mut BTreeSet<String>, added: &[String], removed: &[String]) {
    arguments.retain(|name| !added.contains(name));
    arguments.extend(removed.iter().cloned());
}

fn menus_of(text: &str) -> BTreeMap<String, Commands> {
    let file: Value = serde_json::from_str(text).unwrap_or_default();
    let menus = file["menus"].as_object().cloned().unwrap_or_default();
    menus
        .iter()
        .map(|(path, menu)| (path.clone(), commands_of(menu)))
        .collect()
}

fn commands_of(menu: &Value) -> Commands {
    let commands = menu["commands"].as_object().cloned().unwrap_or_default();
    commands
        .iter()
        .map(|(name, arguments)| {
            let names = arguments
                .as_object()
                .map(|names| names.keys().cloned().collect());
            (name.clone(), names.unwrap_or_default())
        })
        .collect()
}

fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in DIFFERENCES.lines() {
        if let Some(heading) = line.strip_prefix("== ") {
            let minor = heading
                .rsplit(' ')
                .next()
                .and_then(|to| to.split('.').nth(1)?.parse().ok());
            steps.push(Step {
                minor: minor.unwrap_or(0),
                changes: Vec::new(),
            });
        } else if let (Some(step), Some(change)) = (steps.last_mut(), change(line.trim())) {
            step.changes.push(change);
        }
    }
    steps
}

fn change(line: &str) -> Option<Change> {
    if let Some(rest) = line.strip_prefix("+ menu ") {
        return Some(Change::MenuAdded {
            menu: rest.split(' ').next()?.to_owned(),
        });
    }
    if let Some(rest) = line.strip_prefix("[generic] ") {
        let (added, removed) = rest.split_once(" - ")?;
        let (removed, menus) = removed.split_once(" in ")?;
        let command = added.split(' ').next()?.to_owned();
        return Some(Change::Everywhere {
            command,
            added: quoted(added),
            removed: quoted(removed),
            only: quoted(menus),
        });
    }
    let (subject, what) = line.split_once(": ")?;
    if let Some(names) = what.strip_prefix("+ cmds ") {
        return Some(Change::CommandsAdded {
            menu: subject.to_owned(),
            names: quoted(names),
        });
    }
    if let Some(names) = what.strip_prefix("- cmds ") {
        return Some(Change::CommandsRemoved {
            menu: subject.to_owned(),
            names: quoted(names),
        });
    }
    let (menu, command) = subject.split_once(' ')?;
    let (added, removed) = what.strip_prefix('+')?.split_once("] -")?;
    Some(Change::Arguments {
        menu: menu.to_owned(),
        command: command.to_owned(),
        added: quoted(added),
        removed: quoted(removed),
    })
}

/// The words between single quotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('\'')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(text: &str) -> Schema {
        Schema::of(text.parse().unwrap())
    }

    /// Undoing all recorded changes from the newest file must give the older files again.
    #[test]
    fn undoing_the_differences_leads_to_the_older_files() {
        for (minor, file) in [(16, FILES[2].1), (12, FILES[1].1), (9, FILES[0].1)] {
            let mut walked = Schema {
                menus: menus_of(FILES[3].1),
            };
            let recorded = menus_of(file);
            for step in steps().iter().rev().filter(|step| step.minor > minor) {
                for change in &step.changes {
                    walked.undo(change, &recorded);
                }
            }
            for (menu, command) in [
                ("/ppp/secret", "add"),
                ("/ppp/profile", "set"),
                ("/queue/simple", "add"),
                ("/queue/simple", "print"),
                ("/ip/service", "set"),
                ("/interface/ovpn-server/server", "set"),
                ("/interface/l2tp-server/server", "set"),
                ("/user", "add"),
                ("/ip/firewall/filter", "add"),
            ] {
                assert_eq!(
                    walked.menus[menu].get(command),
                    recorded[menu].get(command),
                    "{minor} {menu} {command}"
                );
            }
            let commands = |menus: &BTreeMap<String, Commands>| -> Vec<String> {
                menus["/interface/ovpn-server/server"]
                    .keys()
                    .cloned()
                    .collect()
            };
            assert_eq!(commands(&walked.menus), commands(&recorded), "{minor}");
        }
    }

    #[test]
    fn the_ovpn_server_becomes_a_list_in_7_17() {
        let menu = "/interface/ovpn-server/server";
        assert!(schema("7.16.2").arguments(menu, "add").is_none());
        assert!(
            schema("7.16.2")
                .arguments(menu, "set")
                .unwrap()
                .contains("enabled")
        );
        let seventeen = schema("7.17");
        assert!(seventeen.arguments(menu, "add").unwrap().contains("name"));
        assert!(
            !seventeen
                .arguments(menu, "add")
                .unwrap()
                .contains("push-routes-ipv6")
        );
        assert!(
            !seventeen
                .arguments(menu, "set")
                .unwrap()
                .contains("enabled")
        );
        assert!(
            schema("7.21.5")
                .arguments(menu, "add")
                .unwrap()
                .contains("push-routes-ipv6")
        );
    }

    #[test]
    fn versions_without_data_use_the_nearest() {
        assert_eq!(schema("7.1"), schema("7.9"));
        assert_eq!(schema("7.30"), schema("7.24"));
        assert!(
            !schema("7.15")
                .arguments("/ip/service", "set")
                .unwrap()
                .contains("max-sessions")
        );
        assert!(
            schema("7.16")
                .arguments("/ip/service", "set")
                .unwrap()
                .contains("max-sessions")
        );
    }
}

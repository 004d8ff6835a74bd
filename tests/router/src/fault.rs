//! Scripted faults: what goes wrong, at which request, how often.
//!
//! A fault is a condition and an effect; the same form is used in Rust and as JSON on the control port.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::record::{Record, Value};

/// Which requests a fault meets. Absent conditions meet everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct When {
    /// HTTP method.
    pub method: Option<String>,
    /// Path as sent, without the query string, for example `/rest/ppp/secret`.
    pub path: Option<String>,
    /// Start of the path.
    pub path_prefix: Option<String>,
    /// Menu the request is for, for example `/queue/simple`.
    pub menu: Option<String>,
    /// Console command: GET is `print`, PUT `add`, PATCH `set`, DELETE `remove`, POST its last part.
    pub command: Option<String>,
    /// Login name.
    pub user: Option<String>,
    /// The fault begins with this matching request; 1 = the first.
    pub nth: Option<u64>,
    /// How many times it happens; absent = every time from then on.
    pub times: Option<u64>,
    /// Chance of each matching request, 0 to 1.
    pub probability: Option<f64>,
    /// Seed of the chance, so that a run can be repeated.
    pub seed: Option<u64>,
}

/// What goes wrong. Times are real milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum Effect {
    /// The port is closed: connection refused. Met at once and until cleared; conditions do not count.
    Refuse,
    /// A new connection is closed after the TCP handshake.
    CloseOnAccept,
    /// A new connection is reset after the TCP handshake.
    ResetOnAccept,
    /// The TLS handshake fails; plain connections are closed.
    TlsFail,
    /// A new connection is accepted and never spoken to: no handshake, no answer.
    HangOnAccept,
    /// Somebody at the console does this just before the command is carried out: another admin, or fate.
    Meanwhile {
        /// Commands in their order; what the router refuses of them is passed over.
        commands: Vec<Hand>,
    },
    /// Not carried out; the router starts anew and every connection ends.
    Reboot,
    /// A command of the same user and address, left alone by its client, goes on for so long; this one
    /// waits for it.
    Busy {
        /// Milliseconds.
        ms: u64,
    },
    /// Not carried out; the rows of another menu come, as after an abort (7.21).
    CrossDelivered {
        /// The menu.
        menu: String,
    },
    /// Carried out and answered; then the connection is closed, without a word of it before.
    CloseAfterReply,
    /// The command is carried out after a delay.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// The reply is held back after the command was carried out.
    DelayReply {
        /// Milliseconds.
        ms: u64,
    },
    /// Not carried out; the connection is closed before the status line.
    CloseBeforeStatus,
    /// Not carried out; the connection is reset.
    Reset,
    /// Not carried out; never answered.
    Hang,
    /// Carried out; the reply is cut after so many bytes, counted from the status line.
    Cut {
        /// Bytes that still go out.
        after: usize,
    },
    /// Carried out; the reply comes in small pieces.
    Trickle {
        /// Bytes of a piece.
        bytes: usize,
        /// Milliseconds between pieces.
        ms: u64,
    },
    /// Not carried out; this is the reply.
    Reply {
        /// HTTP status.
        status: u16,
        /// Body text as sent.
        #[serde(default)]
        body: String,
    },
    /// Not carried out; an error body with this text.
    Error {
        /// HTTP status.
        status: u16,
        /// `detail`.
        detail: String,
    },
    /// Carried out, and then an error all the same (a 7.23.7 did this).
    AppliedButError {
        /// HTTP status.
        status: u16,
        /// `detail`.
        detail: String,
    },
    /// Carried out, and then the connection is closed, or never answered with `hang`.
    AppliedButNoAnswer {
        /// Stay silent instead of closing.
        #[serde(default)]
        hang: bool,
    },
    /// A list has only its first rows.
    PartialList {
        /// Rows that are left.
        rows: usize,
    },
    /// The JSON text ends early though the HTTP reply is whole.
    BrokenJson,
    /// `comment` holds bytes that are not UTF-8.
    InvalidUtf8,
    /// `comment` holds raw control characters.
    ControlCharacters,
    /// `comment` ends with a lone backslash.
    LoneBackslash,
    /// Rows have keys no client knows.
    ExtraKeys,
    /// Rows lack these keys.
    MissingKeys {
        /// Names of the keys.
        keys: Vec<String>,
    },
    /// Whole numbers come as JSON numbers.
    Numbers,
    /// Each row comes twice, the second time with another id: two sessions with one name.
    DoubleRows,
    /// Binary API: not carried out; these refusals, each in a `!trap` of its own.
    SeveralTraps {
        /// Their texts.
        texts: Vec<String>,
    },
    /// Binary API: refusals come without a category.
    BareTraps,
    /// Binary API: carried out; a sentence nobody knows comes before the reply.
    UnknownWord,
    /// Binary API: carried out; a reserved control byte comes before the reply.
    ControlByte,
    /// Binary API: carried out; every length of the reply takes five bytes.
    LongLengths,
    /// Binary API: not carried out; `!fatal` with this bare reason, then the connection closes.
    Fatal {
        /// The reason.
        reason: String,
    },
    /// Binary API: rows come as `!re` without any word.
    EmptyRows,
    /// A row more, with `.dead`, as `listen` tells of deletions.
    DeadRow {
        /// `true` on a live router, `yes` in the manual.
        spelling: String,
    },
    /// Binary API: the reply waits for another one and mixes with it.
    Interleave,
    /// Binary API: at `/cancel`, the `!done` of the cancelled command comes before the one of `/cancel`.
    SwappedDone,
    /// The named keys get this text: a counter that goes backwards, a value above 2^53.
    Overwrite {
        /// Key.
        key: String,
        /// Text.
        value: String,
    },
}

/// One command of an outside hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hand {
    /// Menu and command, for example `/ppp/secret/set`; `/traffic` is bytes that flow: `name`, `download`,
    /// `upload`; `/advance` is time that passes: whole `seconds`.
    pub path: String,
    /// Its arguments.
    #[serde(default)]
    pub arguments: BTreeMap<String, String>,
}

impl Hand {
    /// A command with arguments.
    pub fn new(path: &str, arguments: &[(&str, &str)]) -> Self {
        Self {
            path: path.to_owned(),
            arguments: arguments
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }
}

impl Effect {
    /// Whether it acts on connections rather than on requests.
    pub fn is_for_connections(&self) -> bool {
        matches!(
            self,
            Self::Refuse
                | Self::CloseOnAccept
                | Self::ResetOnAccept
                | Self::TlsFail
                | Self::HangOnAccept
        )
    }

    /// Changes the rows of a reply.
    pub fn spoil(&self, rows: &mut Vec<Record>) {
        match self {
            Self::PartialList { rows: left } => rows.truncate(*left),
            Self::InvalidUtf8 => comment(rows, b"\xcf\xee\xeb\xfc\xe7 \xff"),
            Self::ControlCharacters => comment(rows, b"a\x01b\x0bc\td"),
            Self::LoneBackslash => comment(rows, b"C:\\"),
            Self::ExtraKeys => {
                for record in rows {
                    record.push("x-future-key", "1");
                    record.push(".nextid", "*2");
                }
            }
            Self::MissingKeys { keys } => {
                for record in rows {
                    record
                        .0
                        .retain(|(name, _)| !keys.iter().any(|key| key == name));
                }
            }
            Self::Numbers => {
                for (_, value) in rows.iter_mut().flat_map(|record| &mut record.0) {
                    let number = value
                        .as_text()
                        .filter(|text| text.parse::<i64>().is_ok())
                        .map(str::to_owned);
                    if let Some(number) = number {
                        *value = Value::Number(number);
                    }
                }
            }
            Self::DoubleRows => {
                let mut doubled = Vec::with_capacity(rows.len() * 2);
                for (number, record) in rows.drain(..).enumerate() {
                    let mut twin = record.clone();
                    for (key, value) in &mut twin.0 {
                        if key == ".id" {
                            *value = Value::from(format!("*{:X}", 0xE000 + number));
                        }
                    }
                    doubled.extend([record, twin]);
                }
                *rows = doubled;
            }
            Self::DeadRow { spelling } => {
                let mut record = Record::default();
                record.push(".id", "*DEAD");
                record.push(".dead", spelling.clone());
                rows.push(record);
            }
            Self::Overwrite { key, value } => {
                for (name, old) in rows.iter_mut().flat_map(|record| &mut record.0) {
                    if name == key {
                        *old = Value::from(value.clone());
                    }
                }
            }
            _ => {}
        }
    }
}

fn comment(rows: &mut [Record], bytes: &[u8]) {
    for record in rows {
        record.0.retain(|(key, _)| key != "comment");
        record
            .0
            .push(("comment".into(), Value::Raw(bytes.to_vec())));
    }
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Fault {
    /// Which requests.
    #[serde(default)]
    pub when: When,
    /// What happens.
    pub effect: Effect,
}

impl Fault {
    /// A fault that meets every request.
    pub fn always(effect: Effect) -> Self {
        Self {
            when: When::default(),
            effect,
        }
    }

    /// A fault for one command of one menu.
    pub fn at(menu: &str, command: &str, effect: Effect) -> Self {
        let when = When {
            menu: Some(menu.to_owned()),
            command: Some(command.to_owned()),
            ..When::default()
        };
        Self { when, effect }
    }

    /// Happens only so many times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.when.times = Some(times);
        self
    }

    /// Begins with the nth matching request; 1 = the first.
    #[must_use]
    pub fn from_nth(mut self, nth: u64) -> Self {
        self.when.nth = Some(nth);
        self
    }
}

/// What a fault looks at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Path without query string.
    pub path: &'a str,
    /// Menu.
    pub menu: &'a str,
    /// Console command.
    pub command: &'a str,
    /// Login name.
    pub user: &'a str,
}

/// A fault in force.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Armed {
    /// Number to clear it by.
    pub id: u64,
    /// The fault.
    pub fault: Fault,
    /// Requests that met its conditions.
    pub met: u64,
    /// Times it happened.
    pub happened: u64,
    #[serde(skip)]
    chance: fastrand::Rng,
}

/// All faults in force.
#[derive(Debug, Default)]
pub struct Faults {
    armed: Vec<Armed>,
    last: u64,
}

impl Faults {
    /// Puts a fault in force.
    pub fn add(&mut self, fault: Fault) -> u64 {
        self.last += 1;
        let chance = fastrand::Rng::with_seed(fault.when.seed.unwrap_or(self.last));
        self.armed.push(Armed {
            id: self.last,
            fault,
            met: 0,
            happened: 0,
            chance,
        });
        self.last
    }

    /// Ends one fault, or all.
    pub fn clear(&mut self, id: Option<u64>) {
        self.armed
            .retain(|armed| id.is_some_and(|id| id != armed.id));
    }

    /// The faults in force.
    pub fn list(&self) -> &[Armed] {
        &self.armed
    }

    /// Whether ports are to be closed.
    pub fn refuse(&self) -> bool {
        self.armed
            .iter()
            .any(|armed| armed.fault.effect == Effect::Refuse)
    }

    /// The effects a request meets.
    pub fn meet(&mut self, facts: &Facts<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for armed in &mut self.armed {
            if !armed.fault.effect.is_for_connections() && matches(&armed.fault.when, facts) {
                effects.extend(armed.fire());
            }
        }
        effects
    }

    /// The effects a new connection meets.
    pub fn meet_connection(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        for armed in &mut self.armed {
            if armed.fault.effect.is_for_connections() && armed.fault.effect != Effect::Refuse {
                effects.extend(armed.fire());
            }
        }
        effects
    }
}

impl Armed {
    fn fire(&mut self) -> Option<Effect> {
        self.met += 1;
        let when = &self.fault.when;
        let due = self.met >= when.nth.unwrap_or(1)
            && when.times.is_none_or(|times| self.happened < times)
            && when
                .probability
                .is_none_or(|probability| self.chance.f64() < probability);
        due.then(|| {
            self.happened += 1;
            self.fault.effect.clone()
        })
    }
}

fn matches(when: &When, facts: &Facts<'_>) -> bool {
    let same = |wanted: &Option<String>, found: &str| {
        wanted.as_deref().is_none_or(|wanted| wanted == found)
    };
    same(&when.method, facts.method)
        && same(&when.path, facts.path)
        && same(&when.menu, facts.menu)
        && same(&when.command, facts.command)
        && same(&when.user, facts.user)
        && when
            .path_prefix
            .as_deref()
            .is_none_or(|start| facts.path.starts_with(start))
}

/// A duration of milliseconds.
pub fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts<'a>(menu: &'a str, command: &'a str) -> Facts<'a> {
        Facts {
            method: "GET",
            path: "/rest",
            menu,
            command,
            user: "admin",
        }
    }

    #[test]
    fn a_fault_happens_from_its_nth_match_for_so_many_times() {
        let mut faults = Faults::default();
        faults.add(
            Fault::at("/ppp/secret", "add", Effect::Hang)
                .from_nth(2)
                .times(2),
        );
        let met: Vec<usize> = (0..5)
            .map(|_| faults.meet(&facts("/ppp/secret", "add")).len())
            .collect();
        assert_eq!(met, [0, 1, 1, 0, 0]);
        assert!(faults.meet(&facts("/ppp/secret", "set")).is_empty());
    }

    #[test]
    fn a_chance_repeats_with_its_seed() {
        let run = || {
            let mut faults = Faults::default();
            let mut fault = Fault::always(Effect::Hang);
            fault.when.probability = Some(0.5);
            fault.when.seed = Some(7);
            faults.add(fault);
            (0..50)
                .map(|_| faults.meet(&facts("/", "x")).len())
                .collect::<Vec<_>>()
        };
        let first = run();
        assert_eq!(first, run());
        assert!(first.contains(&0) && first.contains(&1));
    }

    #[test]
    fn faults_are_written_as_json() {
        let text = r#"{"when":{"menu":"/ppp/secret","times":1},"effect":{"kind":"applied-but-no-answer","hang":true}}"#;
        let fault: Fault = serde_json::from_str(text).unwrap();
        assert_eq!(fault.effect, Effect::AppliedButNoAnswer { hang: true });
        assert!(serde_json::from_str::<Fault>(r#"{"wen":{},"effect":{"kind":"hang"}}"#).is_err());
    }
}

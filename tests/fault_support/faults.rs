//! Everything that goes wrong with routers (the numbers are those of the simulator's list of faults),
//! and when it strikes.

use router_sim::{CertificateStyle, Effect, Fault, Hand, TableId, When};

use super::works::Work;
use super::world::{Kind, NAME, TAG, World};

/// When a fault strikes. The requests are those of a command that meets no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// From before the first request until it is lifted.
    Throughout,
    /// At one request, once. Every request has its turn, on a router of its own.
    Once,
    /// Likewise, but only the first, the middle and the last request have a turn: for faults that are to
    /// the module what another one is.
    Here,
    /// At one request and every one after it. Likewise.
    Onward,
}

/// One row of the table.
#[derive(Clone)]
pub struct Row {
    /// In the list of faults.
    pub number: u8,
    pub name: &'static str,
    pub strike: Strike,
    pub act: Act,
    pub kind: fn() -> Kind,
    /// The command takes as long as it may.
    pub slow: bool,
}

/// What the fault does.
#[derive(Clone)]
pub enum Act {
    /// The simulator does it to requests or connections.
    Effect(fn() -> Effect),
    /// As [`Act::Effect`], for these requests only.
    At(&'static str, &'static str, fn() -> Effect),
    /// The world is like that.
    World(fn(&mut World<'_>, Work)),
    /// Another admin acts just before a request.
    Hand(fn() -> Vec<Hand>),
}

impl Row {
    /// Another admin changed what is ours: what a command did may be undone by him after it was done.
    pub fn has_hand(&self) -> bool {
        matches!(self.act, Act::Hand(_))
    }

    /// What flowed is no longer what the counters say, for they were touched by somebody else.
    pub fn loses_counters(&self) -> bool {
        self.has_hand() || self.reboots()
    }

    /// The router itself starts anew: counters and sessions of everybody go.
    pub fn reboots(&self) -> bool {
        matches!(&self.act, Act::Effect(effect) if effect() == Effect::Reboot)
            || self.name.contains("reboot")
    }

    /// Arms it, for the `nth` request from now.
    pub fn arm(&self, world: &mut World<'_>, work: Work, nth: u64) {
        let effect = match &self.act {
            Act::World(change) => return change(world, work),
            Act::Effect(effect) | Act::At(_, _, effect) => effect(),
            Act::Hand(commands) => Effect::Meanwhile {
                commands: commands(),
            },
        };
        let mut when = When::default();
        if let Act::At(menu, command, _) = self.act {
            when.menu = Some(menu.to_owned());
            when.command = Some(command.to_owned());
        }
        when.nth = (self.strike != Strike::Throughout).then_some(nth);
        when.times = matches!(self.strike, Strike::Once | Strike::Here).then_some(1);
        world.sim.fault(Fault { when, effect });
    }

    /// Ends it. What another admin did is mended where it stands in the way for good.
    pub fn lift(&self, world: &World<'_>) {
        world.sim.clear_faults(None);
        world.sim.end_commands();
        world.await_port();
        // The admin follows the advice of the error: he removes what has our name.
        for menu in ["/ppp/secret", "/queue/simple"] {
            let foreign = world.sim.rows(menu).into_iter().any(|row| {
                row.text("name") == Some(NAME) && row.text("comment") == Some("not yours")
            });
            if foreign {
                let path = format!("{menu}/remove");
                world
                    .sim
                    .exec(&path, &[("numbers", NAME)])
                    .expect("it is there");
            }
        }
        if self.name.contains("anonymous") {
            world.give_the_certificate_back();
        } else if self.name.contains("certificate") || self.name.contains("own making") {
            // The admin pastes the new line.
            world.trust_the_certificate();
        }
    }
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn plain() -> Kind {
    Kind::default()
}

fn tls() -> Kind {
    Kind {
        tls: true,
        ..Kind::default()
    }
}

const fn row(number: u8, name: &'static str, strike: Strike, effect: fn() -> Effect) -> Row {
    Row {
        number,
        name,
        strike,
        act: Act::Effect(effect),
        kind: plain,
        slow: false,
    }
}

const fn slow(row: Row) -> Row {
    Row { slow: true, ..row }
}

const fn over_tls(row: Row) -> Row {
    Row { kind: tls, ..row }
}

const fn with(row: Row, kind: fn() -> Kind) -> Row {
    Row { kind, ..row }
}

const fn world(number: u8, name: &'static str, change: fn(&mut World<'_>, Work)) -> Row {
    Row {
        number,
        name,
        strike: Strike::Throughout,
        act: Act::World(change),
        kind: plain,
        slow: false,
    }
}

const fn hand(name: &'static str, commands: fn() -> Vec<Hand>) -> Row {
    Row {
        number: 23,
        name,
        strike: Strike::Once,
        act: Act::Hand(commands),
        kind: plain,
        slow: false,
    }
}

fn error(status: u16, detail: &str) -> Effect {
    Effect::Error {
        status,
        detail: detail.to_owned(),
    }
}

/// All of them.
#[allow(clippy::too_many_lines)] // a table
pub fn rows() -> Vec<Row> {
    use Strike::{Here, Once, Onward, Throughout};
    vec![
        row(16, "connection refused", Throughout, || Effect::Refuse),
        over_tls(row(16, "TLS handshake fails", Throughout, || {
            Effect::TlsFail
        })),
        with(
            world(16, "certificate changed", |world, _| {
                world
                    .server
                    .change_certificate(CertificateStyle::CaSigned)
                    .expect("it can be made");
            }),
            tls,
        ),
        with(
            world(16, "certificate of its own making", |world, _| {
                world.forget_the_certificate();
            }),
            || Kind {
                certificate: CertificateStyle::SelfSigned,
                ..tls()
            },
        ),
        with(
            world(16, "no certificate (anonymous DH)", |world, _| {
                world.take_the_certificate_away();
            }),
            tls,
        ),
        row(17, "every reply 20 ms late", Throughout, || {
            Effect::DelayReply { ms: 20 }
        }),
        slow(row(17, "reply stalls for 7 s", Once, || {
            Effect::DelayReply { ms: 7_000 }
        })),
        row(17, "killed after 60 s: Session closed", Here, || {
            error(400, "Session closed")
        }),
        row(17, "done, then Session closed", Once, || {
            Effect::AppliedButError {
                status: 400,
                detail: text("Session closed"),
            }
        }),
        row(17, "byte by byte", Throughout, || Effect::Trickle {
            bytes: 1,
            ms: 0,
        }),
        over_tls(row(17, "byte by byte (TLS)", Throughout, || {
            Effect::Trickle { bytes: 1, ms: 0 }
        })),
        slow(row(17, "byte by byte, too slowly", Here, || {
            Effect::Trickle { bytes: 1, ms: 200 }
        })),
        row(17, "cut after a few bytes", Here, || Effect::Cut {
            after: 5,
        }),
        row(17, "cut in the middle", Once, || Effect::Cut { after: 190 }),
        over_tls(row(17, "cut in the middle (TLS)", Here, || Effect::Cut {
            after: 190,
        })),
        row(17, "closed without a word", Once, || {
            Effect::CloseBeforeStatus
        }),
        row(17, "closed without a word, from then on", Onward, || {
            Effect::CloseBeforeStatus
        }),
        over_tls(row(17, "closed without a word (TLS)", Here, || {
            Effect::CloseBeforeStatus
        })),
        row(17, "RST", Here, || Effect::Reset),
        over_tls(row(17, "RST (TLS)", Here, || Effect::Reset)),
        row(17, "closed after every reply", Throughout, || {
            Effect::CloseAfterReply
        }),
        slow(row(17, "port accepts and is silent", Throughout, || {
            Effect::HangOnAccept
        })),
        slow(over_tls(row(
            17,
            "silent in the TLS handshake",
            Throughout,
            || Effect::HangOnAccept,
        ))),
        slow(row(17, "no answer", Once, || Effect::Hang)),
        slow(row(17, "no answer, from then on", Onward, || Effect::Hang)),
        row(18, "done, and an error", Once, || Effect::AppliedButError {
            status: 400,
            detail: text("failure: odd"),
        }),
        row(18, "done, and closed", Once, || {
            Effect::AppliedButNoAnswer { hang: false }
        }),
        row(18, "done, and closed, from then on", Onward, || {
            Effect::AppliedButNoAnswer { hang: false }
        }),
        slow(row(18, "done, and silence", Once, || {
            Effect::AppliedButNoAnswer { hang: true }
        })),
        slow(row(18, "done, and silence, from then on", Onward, || {
            Effect::AppliedButNoAnswer { hang: true }
        })),
        row(19, "a login refused that is good", Here, || {
            error(401, "invalid user name or password (6)")
        }),
        row(19, "the answer of another menu", Once, || {
            Effect::CrossDelivered {
                menu: text("/ppp/profile"),
            }
        }),
        row(19, "RST for every connection", Throughout, || {
            Effect::ResetOnAccept
        }),
        row(20, "the user is busy for 200 ms", Here, || Effect::Busy {
            ms: 200,
        }),
        slow(row(20, "the user is busy for 20 s", Here, || {
            Effect::Busy { ms: 20_000 }
        })),
        row(21, "max-sessions: closed at once", Throughout, || {
            Effect::CloseOnAccept
        }),
        row(21, "!fatal not logged in", Once, || Effect::Fatal {
            reason: text("not logged in"),
        }),
        row(21, "reboot", Once, || Effect::Reboot),
        world(22, "bytes of no encoding", |world, _| {
            world
                .sim
                .set_comment_bytes(TableId::Secret, "bob", b"\xcf\xee\xeb\xfc \xff");
            world
                .sim
                .set_comment_bytes(TableId::Queue, "bob", b"\xcf\xee\xeb\xfc \xff");
        }),
        world(22, "raw control characters", |world, _| {
            world
                .sim
                .set_comment_bytes(TableId::Secret, "bob", b"a\x01b\x0bc\td");
            world
                .sim
                .set_comment_bytes(TableId::Queue, "bob", b"a\x01b\x0bc\td");
        }),
        world(22, "a lone backslash", |world, _| {
            world.sim.set_comment_bytes(TableId::Secret, "bob", b"C:\\");
            world.sim.set_comment_bytes(TableId::Queue, "bob", b"C:\\");
        }),
        hand("another admin renames the secret", || {
            vec![Hand::new(
                "/ppp/secret/set",
                &[("numbers", NAME), ("name", "renamed")],
            )]
        }),
        hand("another admin renames the queue", || {
            vec![Hand::new(
                "/queue/simple/set",
                &[("numbers", NAME), ("name", "renamed")],
            )]
        }),
        hand("another admin moves the queue", || {
            vec![Hand::new(
                "/queue/simple/move",
                &[("numbers", NAME), ("destination", "bob")],
            )]
        }),
        hand("another admin disables both", || {
            vec![
                Hand::new("/ppp/secret/disable", &[("numbers", NAME)]),
                Hand::new("/queue/simple/disable", &[("numbers", NAME)]),
            ]
        }),
        hand("another admin enables the secret", || {
            vec![Hand::new("/ppp/secret/enable", &[("numbers", NAME)])]
        }),
        hand("another admin removes the secret", || {
            vec![Hand::new("/ppp/secret/remove", &[("numbers", NAME)])]
        }),
        hand("another admin removes the queue", || {
            vec![Hand::new("/queue/simple/remove", &[("numbers", NAME)])]
        }),
        hand("another admin ends the session", || {
            vec![Hand::new("/ppp/active/remove", &[("numbers", NAME)])]
        }),
        hand("another admin edits the secret", || {
            let fields = [
                ("numbers", NAME),
                ("profile", "limited"),
                ("remote-address", "10.7.0.77"),
            ];
            vec![Hand::new("/ppp/secret/set", &fields)]
        }),
        hand("the secret anew, with another id", || {
            vec![
                Hand::new("/ppp/secret/remove", &[("numbers", NAME)]),
                Hand::new(
                    "/ppp/secret/add",
                    &[
                        ("name", NAME),
                        ("password", "by hand"),
                        ("remote-address", "10.7.0.2"),
                        ("comment", TAG),
                    ],
                ),
            ]
        }),
        hand("the queue anew, with another id", || {
            vec![
                Hand::new("/queue/simple/remove", &[("numbers", NAME)]),
                Hand::new(
                    "/queue/simple/add",
                    &[("name", NAME), ("target", "10.7.0.2"), ("comment", TAG)],
                ),
            ]
        }),
        hand("another admin takes the name", || {
            vec![
                Hand::new(
                    "/ppp/secret/add",
                    &[("name", NAME), ("comment", "not yours")],
                ),
                Hand::new(
                    "/queue/simple/add",
                    &[
                        ("name", NAME),
                        ("target", "10.99.0.1"),
                        ("comment", "not yours"),
                    ],
                ),
            ]
        }),
        hand("another admin resets all counters", || {
            vec![Hand::new("/queue/simple/reset-counters-all", &[])]
        }),
        row(24, "keys no client knows", Throughout, || Effect::ExtraKeys),
        row(24, "keys missing", Throughout, || Effect::MissingKeys {
            keys: [
                "dynamic",
                "service",
                "caller-id",
                "radius",
                "limit-bytes-in",
            ]
            .map(str::to_owned)
            .to_vec(),
        }),
        row(24, "numbers as JSON numbers", Throughout, || {
            Effect::Numbers
        }),
        row(24, "an interface of unknown type", Throughout, || {
            Effect::Overwrite {
                key: text("type"),
                value: text("quantum-in"),
            }
        }),
        Row {
            act: Act::At("/ppp/active", "print", || Effect::DoubleRows),
            ..row(24, "two sessions of one name", Throughout, || {
                Effect::DoubleRows
            })
        },
        row(24, "can not change dynamic object", Here, || {
            error(400, "failure: can not change dynamic object")
        }),
        row(25, "several traps", Here, || Effect::SeveralTraps {
            texts: vec![text("failure: one"), text("failure: two")],
        }),
        row(25, "traps without category", Throughout, || {
            Effect::BareTraps
        }),
        row(25, "a reply word nobody knows", Once, || {
            Effect::UnknownWord
        }),
        row(25, "a control byte", Here, || Effect::ControlByte),
        row(25, "lengths of five bytes", Throughout, || {
            Effect::LongLengths
        }),
        row(25, "rows without a word", Here, || Effect::EmptyRows),
        row(25, "a row that is .dead=true", Throughout, || {
            Effect::DeadRow {
                spelling: text("true"),
            }
        }),
        row(25, "a row that is .dead=yes", Throughout, || {
            Effect::DeadRow {
                spelling: text("yes"),
            }
        }),
        slow(row(25, "a reply that waits for another", Here, || {
            Effect::Interleave
        })),
        row(26, "refused by device-mode", Here, || {
            error(400, "failure: not allowed by device-mode")
        }),
        row(26, "refused, for it is flagged", Here, || {
            error(
                400,
                "failure: configuration flagged, check all router configuration for unauthorized changes and update",
            )
        }),
        with(
            row(26, "licence cap reached", Throughout, || Effect::BareTraps),
            || {
                let mut kind = plain();
                kind.options.session_cap = Some(5);
                kind.honest_counters = false;
                kind
            },
        ),
        row(26, "not enough permissions", Here, || {
            error(500, "not enough permissions (9)")
        }),
        with(
            row(27, "5,000 secrets and queues", Throughout, || {
                Effect::BareTraps
            }),
            || Kind {
                crowd: 5_000,
                ..plain()
            },
        ),
        row(27, "half a list", Once, || Effect::PartialList { rows: 1 }),
        row(27, "broken JSON", Here, || Effect::BrokenJson),
        with(
            row(28, "the queue is stuck at 0", Throughout, || {
                Effect::BareTraps
            }),
            || {
                let mut kind = plain();
                kind.options.queues_stuck = true;
                kind.honest_counters = false;
                kind
            },
        ),
        world(28, "a counter that went backwards", |world, _| {
            world.honest_counters = false;
            world.counted_by_hand = 2;
            world.sim.set_counters("/queue/simple", NAME, 1, 1);
        }),
        world(28, "reboot, and the counter overtakes", |world, _| {
            world.sim.reboot();
            world.honest_counters = false;
            if world.dial() {
                world.sim.traffic(NAME, 1 << 20, 1 << 20);
            }
        }),
        world(28, "a counter beyond 2^53", |world, _| {
            world.honest_counters = false;
            // Even what a balance cannot hold must not be capped here: the command has to end as ordered.
            world.override_suspension();
            let beyond = (1 << 53) + 1;
            world.counted_by_hand = 2 * beyond;
            world
                .sim
                .set_counters("/queue/simple", NAME, beyond, beyond);
        }),
    ]
}

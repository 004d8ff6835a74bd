//! The meter alone: one account on a model of a router, with books that are kept as `traffic::collect`
//! and `traffic::last_reading` keep them. A schedule costs microseconds, so a million can be run.
//!
//! # What may be lost
//! Billed traffic never exceeds the true traffic. What is missing is bounded by the events that destroy
//! knowledge, and by nothing else:
//!
//! | event | lost at most |
//! |---|---|
//! | reset of ours, confirmed | what flowed between the second list and the reset: one round trip |
//! | reset of ours, unconfirmed (lost reply, crash, late arrival) | what the counter showed when it happened |
//! | reset by others, reboot, queue deleted by others | what the counter showed when it happened |
//! | first sight of a queue that counted before | what it showed |
//! | more than the line carries | what the sessions did not see or the line does not carry, which is reported |
//! | no queue, traffic past the queue, a counter that holds nonsense | what flowed meanwhile |
//!
//! A reply may hold nonsense: a value no line carries, or next to nothing. A counter may jump, and stay.
//! The session's interface counts frames, a little more or less than the queue's packets, and in some
//! schedules what a FastTrack rule hides from the queue: it must never lead to a byte that did not flow.

use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use mikrotikvpn::store::accounts::Baseline;
use mikrotikvpn::store::servers::Evidence;
use mikrotikvpn::traffic::meter::{Metered, Reading, Rule, Suspect};
use mikrotikvpn::traffic::sessions::Book;
use mikrotikvpn::units::{Bytes, Limits, Rate, Traffic};

use super::dice::Dice;
use super::pure_tasks::{Fate, LEASE, Task};
use super::schedules::Failure;

/// What a counter jumps by.
pub const JUMP: u64 = 1 << 56;

/// One booking of the account.
#[derive(Debug, Default)]
pub struct Booking {
    pub usage: Traffic,
    pub baseline: Option<Baseline>,
    pub reset_pending: i64,
    pub sessions: Option<Book>,
    pub suspect: Option<Suspect>,
}

/// Seconds a router needs until it answers again.
const BOOT: u64 = 15;

/// One queue's counters.
#[derive(Debug, Clone)]
pub struct Queue {
    pub id: u32,
    pub counted: Traffic,
    /// Its counter holds nonsense.
    jumped: bool,
}

/// One session with its interface.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: u32,
    pub counted: Traffic,
}

/// The part of a router that the meter sees.
#[derive(Debug)]
pub struct Router {
    /// Milliseconds, for the router shows whole seconds.
    pub uptime: u64,
    pub queue: Option<Queue>,
    pub queues_made: u32,
    pub session: Option<Session>,
    pub sessions_made: u32,
    pub limits: Limits,
}

/// The account's row, the server's row and the history, as one number each.
#[derive(Debug)]
pub struct Books {
    pub baseline: Option<Baseline>,
    pub reset_pending: i64,
    pub revision: u64,
    pub evidence: Evidence,
    pub lease: Option<(u64, u64)>,
    pub collections: i64,
    pub billed: Traffic,
    pub sessions: Option<Book>,
    pub suspect: Option<Suspect>,
    pub ahead: Traffic,
}

impl Router {
    pub fn add_queue(&mut self) -> u32 {
        self.queues_made += 1;
        self.queue = Some(Queue {
            id: self.queues_made,
            counted: Traffic::ZERO,
            jumped: false,
        });
        self.queues_made
    }
}

/// One schedule.
pub struct World {
    pub dice: Dice,
    pub router: Router,
    pub books: Books,
    /// Milliseconds since the beginning, by a clock nobody sets.
    pub now: u64,
    /// What our clock is off.
    pub clock_step: i64,
    pub counter_reset: bool,
    /// Bytes that flowed.
    pub carried: Traffic,
    /// Bytes that may be missing, by the table above.
    pub bound: u64,
    /// Some traffic passes the queue by.
    hides: bool,
    frames: Frames,
    pub tasks: Vec<Task>,
    steps: Option<Vec<String>>,
}

/// What an interface counts for the packets of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frames {
    Equal,
    Larger,
    Smaller,
}

impl Frames {
    fn of(self, packets: Traffic) -> Traffic {
        let one = |bytes: Bytes| match self {
            Self::Equal => bytes.0,
            Self::Larger => bytes.0 + bytes.0 / 32,
            Self::Smaller => bytes.0 - bytes.0 / 32,
        };
        Traffic::new(one(packets.download), one(packets.upload))
    }
}

/// Runs one schedule; a failing one is run again with its steps written down.
pub fn schedule(seed: u64) -> Result<(), Failure> {
    let Err(_) = World::new(seed, None).run() else {
        return Ok(());
    };
    let mut world = World::new(seed, Some(Vec::new()));
    let Err(broken) = world.run() else {
        return Ok(());
    };
    let steps = world.steps.take().unwrap_or_default();
    Err(Failure { broken, steps })
}

impl World {
    fn new(seed: u64, steps: Option<Vec<String>>) -> Self {
        let mut dice = Dice::new(seed);
        let limit = if dice.once_in(4) {
            Rate(dice.between(1, 100) * 1_000_000)
        } else {
            Rate::UNLIMITED
        };
        let hides = dice.once_in(4);
        let frames = match dice.below(3) {
            // More than the queue's bytes is only then no more than flowed.
            0 if !hides => Frames::Larger,
            1 => Frames::Smaller,
            _ => Frames::Equal,
        };
        Self {
            router: Router {
                uptime: dice.spread(30),
                queue: None,
                queues_made: 0,
                session: None,
                sessions_made: 0,
                limits: Limits {
                    download: limit,
                    upload: limit,
                },
            },
            books: Books {
                baseline: None,
                reset_pending: 0,
                revision: 0,
                evidence: Evidence {
                    boot: 1,
                    uptime: None,
                },
                lease: None,
                collections: 0,
                billed: Traffic::ZERO,
                sessions: None,
                suspect: None,
                ahead: Traffic::ZERO,
            },
            hides,
            frames,
            now: 0,
            clock_step: 0,
            counter_reset: !dice.once_in(3),
            carried: Traffic::ZERO,
            bound: 0,
            tasks: vec![Task::create()],
            dice,
            steps,
        }
    }

    fn run(&mut self) -> Result<(), String> {
        for _ in 0..self.dice.between(20, 120) {
            let before = self.books.billed;
            self.step();
            bills_no_more_than_flowed(self)?;
            takes_nothing_back(self, before)?;
        }
        while !self.tasks.is_empty() {
            self.step_task(0);
            bills_no_more_than_flowed(self)?;
        }
        self.quiet_collection()
    }

    fn step(&mut self) {
        match self.dice.below(23) {
            0..=9 if !self.tasks.is_empty() => {
                let task = self.dice.place(self.tasks.len());
                self.step_task(task);
            }
            0..=3 | 16 => self.begin_collection(),
            4..=12 => self.flow(),
            13 => self.wait(),
            14 if self.dice.once_in(2) => self.reboot(),
            14 => self.foreign_reset(),
            15 if self.dice.once_in(4) => self.delete_queue(),
            15 => self.clock_step = i64::try_from(self.dice.spread(26)).unwrap_or(0) - (1 << 24),
            17 if self.router.queue.is_none() => self.begin(Task::create()),
            17 => self.begin(Task::change()),
            18 if self.dice.once_in(3) => self.begin(Task::terminate()),
            18 => self.change_limits(),
            20 | 21 => self.dial(),
            22 if self.dice.once_in(8) => self.jump(),
            _ => {
                if self.tasks.is_empty()
                    && let Err(broken) = self.quiet_collection()
                {
                    self.note(|| broken);
                }
            }
        }
    }

    /// Three at once are as bad as thirty.
    fn begin(&mut self, task: Task) {
        if self.tasks.len() < 3 {
            self.tasks.push(task);
        }
    }

    fn begin_collection(&mut self) {
        self.begin(Task::collect());
    }

    fn step_task(&mut self, place: usize) {
        let mut task = self.tasks.swap_remove(place);
        let fate = Fate::roll(&mut self.dice);
        let going_on = task.step(self, fate);
        self.note(|| format!("{fate:?} {task}"));
        if going_on {
            self.tasks.push(task);
        }
    }
}

/// What others and the clock do.
impl World {
    /// Traffic, as much as the line carries in the time it takes.
    fn flow(&mut self) {
        let time = self.dice.spread(22);
        let rate = self.router.limits.download;
        let most = if rate == Rate::UNLIMITED {
            u64::MAX
        } else {
            rate.0 / 8_000 * time
        };
        let download = self.dice.spread(34).min(most);
        let upload = self.dice.spread(34).min(most);
        self.pass(time);
        let bytes = Traffic::new(download, upload);
        self.carried += bytes;
        let hidden = self.hides && self.dice.once_in(3);
        match &mut self.router.queue {
            Some(queue) if !hidden => {
                queue.counted += bytes;
                if queue.jumped {
                    self.lose(bytes);
                }
            }
            _ => self.lose(bytes),
        }
        if let Some(session) = &mut self.router.session {
            session.counted += self.frames.of(bytes);
        }
        self.note(|| format!("{download}/{upload} bytes in {time} ms"));
    }

    fn wait(&mut self) {
        let time = self.dice.spread(33);
        self.pass(time);
        self.note(|| format!("{time} ms pass"));
    }

    fn pass(&mut self, time: u64) {
        self.now += time;
        self.router.uptime += time;
    }

    /// The customer dials in, or hangs up.
    fn dial(&mut self) {
        self.router.session = if self.router.session.is_some() {
            None
        } else {
            self.router.sessions_made += 1;
            Some(Session {
                id: self.router.sessions_made,
                counted: Traffic::ZERO,
            })
        };
        self.note(|| "dialled or hung up".to_owned());
    }

    /// The counter holds nonsense from now on: more than the line carries in all this schedule's time. What
    /// is plausible for the line cannot be told from traffic.
    fn jump(&mut self) {
        let is_limited = self.router.limits.download != Rate::UNLIMITED;
        let Some(queue) = self.router.queue.as_mut().filter(|_| is_limited) else {
            return;
        };
        let shown = queue.counted;
        queue.counted += Traffic::new(JUMP, 0);
        queue.jumped = true;
        self.lose(shown);
        self.note(|| "the counter jumps".to_owned());
    }

    fn reboot(&mut self) {
        self.router.session = None;
        self.lose_counter();
        self.pass(0);
        self.router.uptime = 0;
        self.note(|| "reboot".to_owned());
    }

    fn foreign_reset(&mut self) {
        self.lose_counter();
        if self.dice.once_in(3)
            && let Some(session) = &mut self.router.session
        {
            session.counted = Traffic::ZERO;
        }
        self.note(|| "reset by others".to_owned());
    }

    fn delete_queue(&mut self) {
        self.lose_counter();
        self.router.queue = None;
        self.note(|| "queue deleted by others".to_owned());
    }

    fn change_limits(&mut self) {
        if self.router.limits.download != Rate::UNLIMITED {
            // Faster only: what a slower line cuts off is the business of the full variant.
            let faster = Rate(self.router.limits.download.0 + 1_000_000);
            self.router.limits.download = faster;
            self.router.limits.upload = faster;
        }
    }

    /// The counter becomes zero without a trace: what it showed may be missing.
    pub fn lose_counter(&mut self) {
        if let Some(queue) = &mut self.router.queue {
            let shown = queue.counted;
            queue.counted = Traffic::ZERO;
            queue.jumped = false;
            self.lose(shown);
        }
    }

    /// So much more may be missing.
    pub fn lose(&mut self, bytes: Traffic) {
        self.bound = self.bound.saturating_add(bytes.total().0);
    }
}

/// What the tasks do with router and books.
impl World {
    /// Whether the router answers.
    pub fn answers(&self) -> bool {
        self.router.uptime >= BOOT * 1_000
    }

    pub fn uptime(&self) -> Duration {
        Duration::from_secs(self.router.uptime / 1_000)
    }

    /// Our clock, wherever it was set to.
    pub fn clock(&self) -> DateTime<Utc> {
        let seconds = i64::try_from(self.now / 1_000).unwrap_or(0) + self.clock_step;
        Utc.timestamp_opt(1_800_000_000 + seconds, 0)
            .single()
            .unwrap_or_default()
    }

    /// One booking of the account, with its revision: `store::accounts::book`.
    pub fn book(&mut self, booking: Booking) {
        let books = &mut self.books;
        books.billed += booking.usage;
        books.reset_pending = booking.reset_pending;
        books.revision += 1;
        if booking.sessions.is_some() {
            books.sessions = booking.sessions;
            books.ahead = Traffic::ZERO;
        } else {
            books.ahead += booking.usage;
        }
        if booking.baseline.is_some() {
            books.baseline = booking.baseline;
            books.suspect = booking.suspect;
        } else if booking.suspect.is_some() {
            books.suspect = booking.suspect;
        }
    }

    /// The queue goes in good order: only what is not booked is missing then.
    pub fn lose_what_is_not_booked(&mut self) {
        let Some(queue) = &self.router.queue else {
            return;
        };
        let booked = |baseline: &&Baseline| baseline.queue == queue.id.to_string();
        let baseline = self.books.baseline.as_ref().filter(booked);
        let known = baseline.is_some_and(|baseline| baseline.counted == queue.counted);
        if !known {
            let shown = queue.counted;
            self.lose(shown);
        }
    }

    pub fn note(&mut self, step: impl FnOnce() -> String) {
        if self.steps.is_some() {
            let books = &self.books;
            let state = format!(
                "   carried {:?} billed {:?} bound {} counter {:?} baseline {:?} pending {} evidence {:?} uptime {}",
                (self.carried.download.0, self.carried.upload.0),
                (books.billed.download.0, books.billed.upload.0),
                self.bound,
                self.router.queue.as_ref().map(|queue| (
                    queue.id,
                    queue.counted.download.0,
                    queue.counted.upload.0
                )),
                books.baseline.as_ref().map(|baseline| (
                    &baseline.queue,
                    baseline.counted.download.0,
                    baseline.counted.upload.0,
                    baseline.boot
                )),
                books.reset_pending,
                (books.evidence.boot, books.evidence.uptime),
                self.router.uptime / 1_000,
            );
            let line = step() + &state;
            self.steps
                .iter_mut()
                .for_each(|steps| steps.push(line.clone()));
        }
    }

    /// A collection that nothing disturbs, with what must hold after it.
    fn quiet_collection(&mut self) -> Result<(), String> {
        self.pass(LEASE + 1_000);
        let mut task = Task::collect();
        let before = self.books.billed;
        while task.step(self, Fate::Good) {
            self.note(|| format!("undisturbed {task}"));
            bills_no_more_than_flowed(self)?;
            takes_nothing_back(self, before)?;
        }
        loses_no_more_than_the_bound(self)?;
        bills_everything_where_nothing_was_lost(self)?;
        self.bound = missing(self);
        Ok(())
    }
}

/// What a reading that counts may cost.
pub fn lost(metered: &Metered, reading: &Reading) -> Traffic {
    let not_billed = match metered.rule {
        Rule::FirstSight => metered.baseline.counted,
        Rule::ForeignReset | Rule::OwnReset | Rule::ProvenReset => {
            reading.counted.beyond(metered.usage)
        }
        _ => Traffic::ZERO,
    };
    not_billed + metered.implausible
}

fn missing(world: &World) -> u64 {
    let Bytes(carried) = world.carried.total();
    carried.saturating_sub(world.books.billed.total().0)
}

/// Billed traffic never exceeds the true traffic, in either direction.
fn bills_no_more_than_flowed(world: &World) -> Result<(), String> {
    let (billed, carried) = (world.books.billed, world.carried);
    if billed.download <= carried.download && billed.upload <= carried.upload {
        return Ok(());
    }
    Err(format!("billed {billed:?}, but only {carried:?} flowed"))
}

/// Billed traffic never decreases.
fn takes_nothing_back(world: &World, before: Traffic) -> Result<(), String> {
    let billed = world.books.billed;
    if billed.download >= before.download && billed.upload >= before.upload {
        return Ok(());
    }
    Err(format!("billed {billed:?} after {before:?}"))
}

/// What is missing after an undisturbed collection is no more than the table of this file allows.
fn loses_no_more_than_the_bound(world: &World) -> Result<(), String> {
    let missing = missing(world);
    if missing <= world.bound {
        return Ok(());
    }
    Err(format!(
        "{missing} bytes are missing, at most {} may be",
        world.bound
    ))
}

/// With resets off, and nothing else that destroys counters, everything is billed after the next
/// collection.
fn bills_everything_where_nothing_was_lost(world: &World) -> Result<(), String> {
    if world.bound > 0 || world.books.billed == world.carried {
        return Ok(());
    }
    Err(format!(
        "billed {:?} of {:?} although nothing was lost",
        world.books.billed, world.carried
    ))
}

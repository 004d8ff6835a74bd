//! What works on the account of the pure variant: collections, last readings, commands. Each is cut
//! into the steps between which anything may happen, in the order of the code it stands for.

use std::fmt;
use std::time::Duration;

use mikrotikvpn::routeros::ResourceRow;
use mikrotikvpn::store::accounts::Baseline;
use mikrotikvpn::store::servers::Evidence;
use mikrotikvpn::traffic::meter::{
    Again, Before, Beside, Judged, Metered, Reading, Refusal, Suspect, meter, tail,
};
use mikrotikvpn::traffic::sessions::{self, Book, SessionReading};
use mikrotikvpn::units::{Rate, Traffic};

use super::dice::Dice;
use super::pure::{Booking, JUMP, Session, World, lost};

/// A lease outlives every collection that gets its turns; a collection that is slower loses it.
pub const LEASE: u64 = 240_000;

/// What becomes of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It works.
    Good,
    /// The process dies before it.
    Crash,
    /// It fails before anything happened.
    Lost,
    /// It happens, and the answer is lost.
    NoAnswer,
    /// The row is missing in the list, or cannot be read.
    Missing,
    /// It happens when nobody waits for it any more.
    Late,
    /// The counters in the reply are nonsense.
    Nonsense,
}

impl Fate {
    pub fn roll(dice: &mut Dice) -> Self {
        match dice.below(60) {
            0 | 1 => Self::Crash,
            2 | 3 => Self::Lost,
            4 | 5 => Self::NoAnswer,
            6 => Self::Missing,
            7 => Self::Late,
            8 => Self::Nonsense,
            _ => Self::Good,
        }
    }
}

/// One task and where it stands.
#[derive(Debug, Clone)]
pub struct Task {
    kind: Kind,
    at: Step,
    token: u64,
    /// When the uptime was read.
    read_at: u64,
    /// The collection's id: the mark of its resets.
    id: i64,
    loaded: Option<Loaded>,
    reading: Option<Reading>,
    session: Option<Session>,
    again: Option<Again>,
    /// One reply of a collection may be nonsense.
    had_nonsense: bool,
    metered: Option<Metered>,
    /// What the second list shows, and what flowed since the first.
    tail: Option<(Traffic, Traffic)>,
    /// The counter when our reset happened, and what flowed since it was read.
    reset: Option<(u64, u64)>,
    /// The router answered that it was done.
    sent: bool,
    /// The books know of it.
    confirmed: bool,
    new_queue: Option<u32>,
    tries: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Collect,
    Create,
    Change,
    Terminate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Lease,
    Account,
    Evidence,
    Uptime,
    Queue,
    UptimeAgain,
    Book,
    Again,
    SecondList,
    Reset,
    BookTail,
    Release,
    Remove,
    Retarget,
    Retire,
    AddQueue,
    Begin,
    LateReset,
}

/// The account and the server as they were loaded.
#[derive(Debug, Clone)]
struct Loaded {
    baseline: Option<Baseline>,
    pending: i64,
    revision: u64,
    evidence: Evidence,
    sessions: Option<Book>,
    suspect: Option<Suspect>,
    ahead: Traffic,
}

impl Loaded {
    fn before(&self) -> Before<'_> {
        Before {
            baseline: self.baseline.as_ref(),
            reset_pending: self.pending != 0,
            suspect: self.suspect.as_ref(),
        }
    }
}

impl Task {
    /// `traffic::collect`.
    pub fn collect() -> Self {
        Self::new(Kind::Collect, Step::Lease)
    }

    /// A queue is made, and `last_reading::begin`.
    pub fn create() -> Self {
        Self::new(Kind::Create, Step::AddQueue)
    }

    /// `last_reading::book`, and then an edit that sets the counters to zero.
    pub fn change() -> Self {
        Self::new(Kind::Change, Step::Account)
    }

    /// `last_reading::book`, and then the queue goes.
    pub fn terminate() -> Self {
        Self::new(Kind::Terminate, Step::Account)
    }

    fn new(kind: Kind, at: Step) -> Self {
        Self {
            kind,
            at,
            token: 0,
            read_at: 0,
            id: 0,
            loaded: None,
            reading: None,
            session: None,
            again: None,
            had_nonsense: false,
            metered: None,
            tail: None,
            reset: None,
            sent: false,
            confirmed: false,
            new_queue: None,
            tries: 0,
        }
    }

    /// Does the next step; `false` when there is none any more.
    pub fn step(&mut self, world: &mut World, fate: Fate) -> bool {
        if fate == Fate::Crash {
            return self.end(world);
        }
        let next = match self.at {
            Step::Lease => self.lease(world, fate),
            Step::Account => self.account(world, fate),
            Step::Evidence => self.evidence(world, fate),
            Step::Uptime => self.uptime(world, fate),
            Step::Queue => self.queue(world, fate),
            Step::UptimeAgain => self.uptime_again(world, fate),
            Step::Book if self.kind == Kind::Collect => self.book(world, fate),
            Step::Book => self.book_last(world, fate),
            Step::Again => self.look_again(world, fate),
            Step::SecondList => self.second_list(world, fate),
            Step::Reset => self.send_reset(world, fate),
            Step::BookTail => self.book_tail(world, fate),
            Step::Release => self.release(world, fate),
            Step::Remove => Self::remove(world, fate),
            Step::Retarget => Self::retarget(world, fate),
            Step::Retire => Self::retire(world, fate),
            Step::AddQueue => self.add_queue(world, fate),
            Step::Begin => self.begin(world, fate),
            Step::LateReset => {
                world.lose_counter();
                None
            }
        };
        match next {
            Some(next) => {
                self.at = next;
                true
            }
            None => self.end(world),
        }
    }

    /// A reset that happened and was not confirmed in the books may cost all the counter showed.
    fn end(&mut self, world: &mut World) -> bool {
        if let Some((shown, since)) = self.reset.take() {
            let lost = if self.confirmed { since } else { shown };
            world.lose(Traffic::new(lost, 0));
        }
        false
    }

    /// Where a failure leads: a collection gives its lease back, anything else is over.
    fn failed(&self) -> Option<Step> {
        (self.kind == Kind::Collect).then_some(Step::Release)
    }

    fn lease(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        let held = world
            .books
            .lease
            .is_some_and(|(_, until)| until >= world.now);
        if held || fate == Fate::Lost {
            return None;
        }
        self.token = world.dice.roll();
        world.books.lease = Some((self.token, world.now + LEASE));
        world.books.collections += 1;
        self.id = world.books.collections;
        (fate != Fate::NoAnswer).then_some(Step::Account)
    }

    fn account(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        if fate == Fate::Lost {
            return self.failed();
        }
        self.loaded = Some(Loaded {
            baseline: world.books.baseline.clone(),
            pending: world.books.reset_pending,
            revision: world.books.revision,
            evidence: world.books.evidence,
            sessions: world.books.sessions.clone(),
            suspect: world.books.suspect.clone(),
            ahead: world.books.ahead,
        });
        Some(Step::Evidence)
    }

    fn evidence(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        if fate == Fate::Lost {
            return self.failed();
        }
        if let Some(loaded) = &mut self.loaded {
            loaded.evidence = world.books.evidence;
        }
        Some(Step::Uptime)
    }

    fn uptime(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        if !world.answers() || fate == Fate::Lost {
            return self.failed();
        }
        let loaded = self.loaded.as_mut()?;
        loaded.evidence = loaded.evidence.with_uptime(Some(world.uptime()));
        self.read_at = world.now;
        Some(Step::Queue)
    }

    /// What a reply says of a counter.
    fn counters(&mut self, world: &mut World, fate: Fate, shown: Traffic) -> Traffic {
        if fate != Fate::Nonsense || self.had_nonsense {
            return shown;
        }
        self.had_nonsense = true;
        let is_limited = world.router.limits.download != Rate::UNLIMITED;
        match world.dice.below(4) {
            0 => Traffic::new(u64::MAX, u64::MAX),
            1 => Traffic::new(1 << 63, shown.upload.0),
            2 if is_limited => Traffic::new(shown.download.0 + JUMP, shown.upload.0),
            2 => Traffic::new(u64::MAX / 3, 0),
            _ => Traffic::new(shown.download.0.min(world.dice.below(1_000)), 0),
        }
    }

    fn queue(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        if !world.answers() || fate == Fate::Lost {
            return self.failed();
        }
        let evidence = self.loaded.as_ref()?.evidence;
        self.reading = reading(world, evidence, evidence.uptime);
        self.session = world.router.session.clone();
        if fate == Fate::Missing {
            self.reading = None;
        }
        if let Some(mut reading) = self.reading.take() {
            reading.counted = self.counters(world, fate, reading.counted);
            self.reading = Some(reading);
        }
        Some(Step::UptimeAgain)
    }

    /// `ResourceRow::is_same_boot_as`.
    fn uptime_again(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        let row = |uptime| ResourceRow {
            uptime,
            ..ResourceRow::default()
        };
        let before = row(self.loaded.as_ref()?.evidence.uptime);
        let between = Duration::from_millis(world.now - self.read_at);
        let same = before.is_same_boot_as(&row(Some(world.uptime())), between);
        if !world.answers() || fate == Fate::Lost || !same {
            return self.failed();
        }
        Some(Step::Book)
    }

    /// Step 4 of a collection.
    fn book(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        let ours = world
            .books
            .lease
            .is_some_and(|(token, _)| token == self.token);
        if fate == Fate::Lost || !ours {
            return self.failed();
        }
        let loaded = self.loaded.clone()?;
        let mut marked = false;
        if let Some(reading) = self.reading.clone()
            && loaded.revision == world.books.revision
        {
            let sessions = self.sessions(&loaded);
            match meter(&loaded.before(), &reading, &self.beside(&loaded, &sessions)) {
                Judged::LookAgain => return Some(Step::Again),
                Judged::Booked(metered) if has_moved(&loaded, &metered) || sessions.changed => {
                    world.lose(lost(&metered, &reading));
                    marked = world.counter_reset && !metered.baseline.counted.is_zero();
                    world.book(Booking {
                        usage: metered.usage,
                        baseline: Some(metered.baseline.clone()),
                        reset_pending: if marked {
                            self.id
                        } else {
                            -i64::from(metered.reset_pending)
                        },
                        sessions: Some(sessions.book),
                        suspect: None,
                    });
                    self.metered = Some(metered);
                }
                Judged::Refused(Refusal::Suspected(suspect)) => {
                    world.lose(reading.counted);
                    world.book(Booking {
                        reset_pending: -i64::from(loaded.pending != 0),
                        sessions: Some(sessions.book),
                        suspect: Some(suspect),
                        ..Booking::default()
                    });
                }
                Judged::Booked(_) | Judged::Refused(_) => {}
            }
        }
        world.books.evidence = loaded.evidence;
        if fate == Fate::NoAnswer {
            return self.failed();
        }
        Some(if marked {
            Step::SecondList
        } else {
            Step::Release
        })
    }

    /// One more reading of the queue, and then `book` again.
    fn look_again(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        if !world.answers() || fate == Fate::Lost {
            return self.failed();
        }
        let id = self.reading.as_ref()?.queue.clone();
        let queue = world.router.queue.clone();
        let queue = queue.filter(|queue| queue.id.to_string() == id && fate != Fate::Missing);
        self.again = Some(Again {
            counted: queue.map(|queue| self.counters(world, fate, queue.counted)),
            after: Duration::from_millis(world.now - self.read_at),
        });
        Some(Step::Book)
    }

    fn sessions(&self, loaded: &Loaded) -> sessions::Metered {
        let readings: Vec<_> = self.session.iter().map(session_reading).collect();
        let Evidence { boot, uptime } = loaded.evidence;
        sessions::meter(loaded.sessions.as_ref(), &readings, boot, uptime)
    }

    fn beside(&self, loaded: &Loaded, sessions: &sessions::Metered) -> Beside {
        Beside {
            sessions: sessions.usage.beyond(loaded.ahead),
            witness: sessions.only.map(|only| only.beyond(loaded.ahead)),
            again: self.again,
        }
    }

    fn second_list(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        if !world.answers() || fate == Fate::Lost {
            // Nothing was sent: the mark goes.
            if world.books.reset_pending == self.id {
                world.books.reset_pending = 0;
                world.books.revision += 1;
            }
            return self.failed();
        }
        let first = self.metered.as_ref()?.baseline.clone();
        let queue = world.router.queue.clone();
        let queue = queue.filter(|queue| queue.id.to_string() == first.queue);
        let shown = queue.filter(|_| fate != Fate::Missing);
        let after = Duration::from_millis(world.now - self.read_at);
        self.tail = shown.map(|queue| {
            let second = self.counters(world, fate, queue.counted);
            match tail(first.counted, second, after, world.router.limits) {
                Some(flowed) => (second, flowed),
                None => (Traffic::ZERO, Traffic::ZERO),
            }
        });
        Some(if self.tail.is_some() {
            Step::Reset
        } else {
            Step::BookTail
        })
    }

    fn send_reset(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        let (read, _) = self.tail?;
        let id = self.reading.as_ref()?.queue.clone();
        let arrives = world.answers() && fate != Fate::Lost && fate != Fate::Missing;
        let queue = world.router.queue.as_mut();
        let queue = queue.filter(|queue| queue.id.to_string() == id);
        if let Some(queue) = queue
            && arrives
            && fate != Fate::Late
        {
            let shown = queue.counted;
            let since = shown.total().0.checked_sub(read.total().0);
            self.reset = Some((shown.total().0, since.unwrap_or(shown.total().0)));
            queue.counted = Traffic::ZERO;
        } else if fate == Fate::Late {
            let mut late = Self::collect();
            late.at = Step::LateReset;
            world.tasks.push(late);
        }
        self.sent = self.reset.is_some() && fate != Fate::NoAnswer;
        Some(Step::BookTail)
    }

    fn book_tail(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        let sent = self.sent;
        let ours = world
            .books
            .lease
            .is_some_and(|(token, _)| token == self.token);
        if fate == Fate::Lost || !ours {
            return self.failed();
        }
        let marked = world.books.reset_pending == self.id;
        match &self.tail {
            None if marked => {
                world.books.reset_pending = 0;
                world.books.revision += 1;
            }
            Some(_) if marked && !sent => {
                world.books.reset_pending = -1;
                world.books.revision += 1;
            }
            Some((_, flowed)) if marked => {
                let first = self.metered.as_ref()?.baseline.clone();
                world.book(Booking {
                    usage: *flowed,
                    baseline: Some(Baseline {
                        counted: Traffic::ZERO,
                        at: world.clock(),
                        ..first
                    }),
                    ..Booking::default()
                });
                self.confirmed = true;
            }
            _ => {}
        }
        Some(Step::Release)
    }

    fn release(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        let ours = world
            .books
            .lease
            .is_some_and(|(token, _)| token == self.token);
        if ours && fate != Fate::Lost {
            world.books.lease = None;
        }
        None
    }

    /// `last_reading::book_reading`.
    fn book_last(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        let then = match self.kind {
            Kind::Terminate => Step::Remove,
            _ => Step::Retarget,
        };
        if fate == Fate::Lost {
            return None;
        }
        let loaded = self.loaded.as_ref()?;
        let Some(reading) = &self.reading else {
            return Some(then);
        };
        if loaded.revision != world.books.revision {
            self.tries += 1;
            return (self.tries < 5).then_some(Step::Account);
        }
        let judge = |again| {
            let beside = Beside {
                again,
                ..Beside::default()
            };
            meter(&loaded.before(), reading, &beside)
        };
        let judged = match judge(None) {
            Judged::LookAgain => judge(Some(self.again_at_once(world, reading))),
            judged => judged,
        };
        match judged {
            Judged::Booked(metered) => {
                world.lose(lost(&metered, reading));
                world.book(Booking {
                    usage: metered.usage,
                    reset_pending: -i64::from(metered.reset_pending),
                    baseline: Some(metered.baseline),
                    ..Booking::default()
                });
            }
            Judged::Refused(Refusal::Suspected(suspect)) => {
                world.lose(reading.counted);
                world.book(Booking {
                    reset_pending: -i64::from(loaded.pending != 0),
                    suspect: Some(suspect),
                    ..Booking::default()
                });
            }
            Judged::LookAgain | Judged::Refused(_) => {}
        }
        (fate != Fate::NoAnswer).then_some(then)
    }

    fn again_at_once(&self, world: &World, reading: &Reading) -> Again {
        let queue = world.router.queue.as_ref();
        let queue = queue.filter(|queue| queue.id.to_string() == reading.queue);
        Again {
            counted: queue.map(|queue| queue.counted),
            after: Duration::from_millis(world.now - self.read_at),
        }
    }

    fn remove(world: &mut World, fate: Fate) -> Option<Step> {
        if !world.answers() || fate == Fate::Lost {
            return None;
        }
        world.lose_what_is_not_booked();
        world.router.queue = None;
        world.router.session = None;
        (fate != Fate::NoAnswer).then_some(Step::Retire)
    }

    fn retarget(world: &mut World, fate: Fate) -> Option<Step> {
        if world.answers() && fate != Fate::Lost {
            world.lose_counter();
        }
        None
    }

    fn retire(world: &mut World, fate: Fate) -> Option<Step> {
        if fate != Fate::Lost {
            world.books.baseline = None;
            world.books.sessions = None;
            world.books.suspect = None;
            world.books.ahead = Traffic::ZERO;
            world.books.reset_pending = 0;
            world.books.revision += 1;
        }
        None
    }

    fn add_queue(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        if !world.answers() || fate == Fate::Lost || world.router.queue.is_some() {
            return None;
        }
        self.new_queue = Some(world.router.add_queue());
        (fate != Fate::NoAnswer).then_some(Step::Begin)
    }

    /// `last_reading::begin`.
    fn begin(&mut self, world: &mut World, fate: Fate) -> Option<Step> {
        if fate == Fate::Lost {
            return None;
        }
        if world.books.baseline.is_some() {
            return None;
        }
        let baseline = Baseline {
            counted: Traffic::ZERO,
            queue: self.new_queue?.to_string(),
            boot: world.books.evidence.boot,
            uptime: world.books.evidence.uptime,
            at: world.clock(),
        };
        let is_new = world.books.sessions.is_none();
        world.book(Booking {
            baseline: Some(baseline),
            sessions: is_new.then(Book::default),
            ..Booking::default()
        });
        None
    }
}

fn has_moved(loaded: &Loaded, metered: &Metered) -> bool {
    let Some(before) = &loaded.baseline else {
        return true;
    };
    let now = &metered.baseline;
    before.counted != now.counted
        || !now.counted.is_zero()
        || before.queue != now.queue
        || before.boot != now.boot
        || loaded.pending != 0
        || loaded.suspect.is_some()
}

fn session_reading(session: &Session) -> SessionReading {
    SessionReading {
        id: session.id.to_string(),
        interface: format!("*{:X}", session.id),
        counted: session.counted,
    }
}

fn reading(world: &World, evidence: Evidence, uptime: Option<Duration>) -> Option<Reading> {
    let queue = world.router.queue.as_ref()?;
    Some(Reading {
        counted: queue.counted,
        queue: queue.id.to_string(),
        boot: evidence.boot,
        uptime,
        at: world.clock(),
        limits: world.router.limits,
    })
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} #{} now at {:?}", self.kind, self.id, self.at)
    }
}

//! The whole ledger: the real collection and the real commands against the simulator and a real
//! database, with accounts, time, traffic and misfortunes from a seed.
//!
//! # What may be missing
//! | event | lost at most |
//! |---|---|
//! | reset of ours, confirmed | what flowed between the second list and the reset |
//! | reset of ours, unconfirmed; reset by others; reboot | what the counter showed |
//! | a queue goes | what its last booked reading has not |
//! | a session ends (`meter = session`) | what its last booked reading has not |
//! | an account nobody has read yet; no queue, or no secret (`meter = session`) | what flowed meanwhile |

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use chrono::NaiveDate;
use chrono_tz::Tz;
use mikrotikvpn::units::Traffic;
use mysql::Conn;
use mysql::prelude::Queryable;
use router_sim::{Options, Router, Server, ServerOptions};

use super::account::{Account, Counter};
use super::cast::{Call, House, Running};
use super::desk::{Clocks, Spare};
use super::dice::Dice;
use super::schedules::Failure;
use super::shop::{self, Access, PRODUCTS, Product, Service};
use super::stage::Order;
use super::tally;
use crate::mariadb_support::MariaDb;

/// What one core works with: a database of its own.
pub struct Bench {
    database: String,
    session: &'static str,
    spare: Spare,
    pub eye: Conn,
}

/// As MariaDB and MySQL are unless somebody sets them otherwise.
const REPEATABLE_READ: &str = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ";

/// As many set them.
const READ_COMMITTED: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// As MariaDB 11.6 and later are.
const SNAPSHOT: &str = "SET SESSION innodb_snapshot_isolation = ON";

/// Those besides the usual one that this server knows.
pub fn other_isolations() -> impl Iterator<Item = &'static str> {
    let mut conn = MariaDb::of_this_process().connect("information_schema");
    let version: Option<String> = conn.query_first("SELECT VERSION()").expect("a version");
    let is_mariadb = version.is_some_and(|version| version.contains("MariaDB"));
    std::iter::once(READ_COMMITTED).chain(is_mariadb.then_some(SNAPSHOT))
}

impl Bench {
    pub fn new() -> Self {
        Self::with(REPEATABLE_READ)
    }

    /// One whose connections begin with this setting.
    pub fn with(session: &'static str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let database = format!("ledger_{}", MADE.fetch_add(1, Ordering::SeqCst));
        let server = MariaDb::of_this_process();
        server.create(&database);
        let mut bench = Self {
            eye: server.connect(&database),
            session,
            spare: Spare::default(),
            database,
        };
        mikrotikvpn::store::ensure_schema(&bench.house(Tz::UTC).desk()).expect("our tables");
        Product::insert_all(&mut bench.eye);
        bench
    }

    fn house(&self, zone: Tz) -> House {
        House {
            database: self.database.clone(),
            session: self.session,
            spare: self.spare.clone(),
            clocks: Clocks::default(),
            zone,
            micros: Arc::new(AtomicU64::new(0)),
        }
    }
}

/// Operations under way at once: three are as bad as thirty.
const MOST: usize = 3;

/// How a router is collected.
#[derive(Debug, Clone, Copy)]
pub struct Mode {
    pub counter_reset: bool,
    pub session: bool,
}

impl Mode {
    fn roll(dice: &mut Dice) -> Self {
        Self {
            counter_reset: dice.once_in(2),
            session: dice.once_in(3),
        }
    }

    fn hash(self) -> String {
        let reset = if self.counter_reset { "on" } else { "off" };
        let meter = if self.session { "session" } else { "queue" };
        format!("counter-reset = {reset}\nmeter = {meter}")
    }
}

/// One schedule.
pub struct World<'a> {
    pub bench: &'a mut Bench,
    pub dice: Dice,
    pub house: House,
    pub router: Router,
    _server: Server,
    access: Access,
    pub mode: Mode,
    pub accounts: Vec<Account>,
    pub cast: Vec<Running>,
    pub reboots: u32,
    /// The router's next request gets lost on its way.
    pub loses_request: bool,
    /// Resets that were lost on their way, by their ids: they may still arrive.
    pub late: Vec<String>,
    steps: Option<Vec<String>>,
}

/// Runs one schedule; a failing one is run again with its steps written down.
pub fn schedule(bench: &mut Bench, seed: u64) -> Result<(), Failure> {
    tally::begin();
    let mut dice = Dice::new(seed);
    let mode = Mode::roll(&mut dice);
    let Err(broken) = World::new(bench, mode, dice.clone(), None).run() else {
        return Ok(());
    };
    let mut world = World::new(bench, mode, dice, Some(Vec::new()));
    let again = world.run().err().unwrap_or_else(|| "nothing".to_owned());
    let mut steps = world.steps.take().unwrap_or_default();
    steps.insert(0, format!("{mode:?}"));
    if again != broken {
        steps.push(format!("run again it broke: {again}"));
    }
    Err(Failure { broken, steps })
}

impl<'a> World<'a> {
    pub fn new(bench: &'a mut Bench, mode: Mode, dice: Dice, steps: Option<Vec<String>>) -> Self {
        let router = Router::new(Options::default());
        let (user, password) = Access::login();
        router.add_user(user, password, "full").expect("a user");
        router
            .exec(
                "/ppp/profile/add",
                &[("name", "walled"), ("address-list", "walled")],
            )
            .expect("a profile");
        let rest = ServerOptions {
            tls: None,
            ..ServerOptions::default()
        };
        let server = Server::start(&router, &rest).expect("a free port");
        let access = Access {
            port: server.address().map_or(0, |address| address.port()),
            hash: mode.hash(),
        };
        shop::open(&mut bench.eye, &access);
        // Its clocks change in March and October; schedules begin in January.
        let house = bench.house(Tz::Europe__Berlin);
        Self {
            bench,
            dice,
            house,
            router,
            _server: server,
            access,
            mode,
            accounts: Vec::new(),
            cast: Vec::new(),
            reboots: 0,
            loses_request: false,
            late: Vec::new(),
            steps,
        }
    }

    fn run(&mut self) -> Result<(), String> {
        for _ in 0..self.dice.between(1, 4) {
            let product = self.dice.place(PRODUCTS.len());
            self.order(PRODUCTS[product].id);
        }
        for _ in 0..self.dice.between(15, 45) {
            self.step()?;
        }
        if self.house.clocks.database.load(Ordering::SeqCst) > 90 * 86_400 {
            tally::add("three months");
        }
        self.quiet_collection()
    }

    /// WHMCS's day.
    pub fn today(&self) -> NaiveDate {
        let now = self.house.clocks.host();
        now.with_timezone(&self.house.zone).date_naive()
    }

    /// A customer orders.
    pub fn order(&mut self, product: i64) -> usize {
        let id = i64::try_from(self.accounts.len()).unwrap_or(0) + 1;
        let today = self.today();
        let service = Service::order(&mut self.bench.eye, id, product, today);
        self.accounts.push(Account::new(service));
        self.accounts.len() - 1
    }

    fn step(&mut self) -> Result<(), String> {
        match self.dice.below(24) {
            0..=5 => self.flow_somewhere(),
            6..=8 if !self.cast.is_empty() => {
                let at = self.dice.place(self.cast.len());
                return self.play(at);
            }
            6..=12 => return self.collect(),
            13..=16 => return self.command(),
            17 | 18 => self.misfortune(),
            19 | 20 => self.wait(),
            21 => return self.change_in_whmcs(),
            _ => return self.quiet_collection(),
        }
        Ok(())
    }

    fn collect(&mut self) -> Result<(), String> {
        let call = match self.dice.below(5) {
            0 | 1 => Call::UsageUpdate,
            2 | 3 => Call::AfterCronJob,
            _ => Call::CollectNow,
        };
        // The least interval has mostly passed.
        if !self.dice.once_in(4) {
            self.pass(300);
        }
        self.enter(call, None)
    }

    fn command(&mut self) -> Result<(), String> {
        let place = self.dice.place(self.accounts.len());
        let call = self.next_call(place);
        let busy = self
            .cast
            .iter()
            .any(|running| running.place == Some(place) && running.call.is_exclusive());
        if self.cast.len() >= MOST || busy && call.is_exclusive() {
            return Ok(());
        }
        self.prepare(call, place)?;
        self.enter(call, Some(place))
    }

    /// What WHMCS, the customer or an admin would do next.
    fn next_call(&mut self, place: usize) -> Call {
        let megabytes = i64::try_from(self.dice.between(0, 600)).unwrap_or(0) - 200;
        match (self.accounts[place].service.status, self.dice.below(16)) {
            ("Pending" | "Terminated", _) => Call::Create,
            (_, 0..=4) => Call::Renew,
            (_, 5) => Call::Correct(megabytes),
            (_, 6) => Call::Terminate,
            ("Suspended", _) | (_, 14) => Call::Unsuspend,
            (_, 7 | 8) => Call::Suspend,
            (_, 9..=11) => Call::ChangePackage,
            (_, 12) => Call::ChangePassword,
            (_, 13) => Call::ResetConnection,
            _ => Call::Create,
        }
    }

    /// What WHMCS writes before it calls.
    pub fn prepare(&mut self, call: Call, place: usize) -> Result<(), String> {
        let account = &mut self.accounts[place];
        match call {
            Call::Renew if !self.dice.once_in(4) => return self.pay(place),
            Call::ChangePackage => {
                account.service.product = PRODUCTS[self.dice.place(PRODUCTS.len())].id;
            }
            // One that is due begins with the first, paid or not.
            Call::Create if account.rows.periods.is_empty() => {
                let due = account.service.due;
                account.service.periods.push(due);
            }
            _ => return Ok(()),
        }
        self.save(place)?;
        self.check_books(None)
    }

    /// The next period is paid.
    pub fn pay(&mut self, place: usize) -> Result<(), String> {
        let creates =
            |running: &Running| running.call == Call::Create && running.place == Some(place);
        let is_first = self.accounts[place].rows.periods.is_empty();
        let is_created = is_first && self.cast.iter().any(creates);
        let service = &mut self.accounts[place].service;
        service.pay(&mut self.bench.eye);
        if is_created {
            // To the Create under way it is the next one that may be due.
            service.periods.push(service.due);
        }
        self.save(place)?;
        self.check_books(None)
    }

    /// WHMCS writes a service; who has locked it goes on until he gives it back.
    pub fn save(&mut self, place: usize) -> Result<(), String> {
        while !self.accounts[place].service.save(&mut self.bench.eye) {
            self.proceed(0, Order::GoOn)?;
        }
        Ok(())
    }

    /// An operation begins and goes as far as the dice let it.
    fn enter(&mut self, call: Call, place: Option<usize>) -> Result<(), String> {
        if self.cast.len() >= MOST {
            return Ok(());
        }
        self.invite(call, place);
        self.play(self.cast.len() - 1)
    }

    /// An operation that stands before its first step.
    pub fn invite(&mut self, call: Call, place: Option<usize>) -> usize {
        let mut params = match place {
            Some(place) => self.access.params_of(&self.accounts[place].service),
            None => self.access.params(),
        };
        if call == Call::CollectNow {
            params.set("serviceid", "1");
        }
        self.cast.push(Running {
            call,
            place,
            actor: self.house.enter(call, params),
            cue: None,
            paid: place.map_or(0, |place| self.accounts[place].service.paid.len()),
            reboots: self.reboots,
            read: Vec::new(),
            resets: Vec::new(),
        });
        self.note(|| format!("{call:?} of {place:?} begins"));
        self.cast.len() - 1
    }

    pub fn note(&mut self, step: impl FnOnce() -> String) {
        if let Some(steps) = &mut self.steps {
            let router = &self.router;
            let state = |account: &Account| {
                let counter = |counter: &Option<Counter>| {
                    counter.as_ref().map_or("-".to_owned(), |counter| {
                        format!("{}: {}", counter.id, figures(counter.shown))
                    })
                };
                let rows = &account.rows;
                format!(
                    "\n    {} {}: carried {} billed {} may lose {} counter {} baseline {} pending {} left {:?} capped {} {}",
                    account.name,
                    account.service.status,
                    figures(truth(router, &account.name)),
                    figures(rows.billed()),
                    account.allowance,
                    counter(&account.counter),
                    counter(&rows.baseline),
                    rows.reset_pending,
                    rows.balance,
                    rows.capped,
                    rows.trace,
                )
            };
            let states: String = self.accounts.iter().map(state).collect();
            steps.push(step() + &states);
        }
    }
}

pub fn figures(traffic: Traffic) -> String {
    format!("{}/{}", traffic.download.0, traffic.upload.0)
}

pub fn truth(router: &Router, name: &str) -> Traffic {
    let truth = router.truth(name);
    Traffic::new(truth.download, truth.upload)
}

//! The arithmetic of balances alone: payments, debts, waiting grants and caps of one account over months,
//! with books that are kept as `traffic::grants`, `traffic::opening` and `traffic::settle` keep them.
//!
//! # What must hold
//! | rule | what |
//! |---|---|
//! | who pays is opened | after a period began something is left, whatever was owed |
//! | nothing ends early | what is left ends only when a later period begins whose day has come |
//! | no payment is lost | every paid period is given once, and none waits beyond its day or while nothing is left |
//! | a debt is bounded | no period takes over more than its share |
//! | no free full speed | what is not owed flowed while the router kept the cap |
//! | the sum | the balance is what was granted, forgiven and corrected less what ended and what is owed |

use chrono::{Days, Months, NaiveDate};
use mikrotikvpn::traffic::balance::{self, Opening, Terms};
use mikrotikvpn::traffic::cap;
use mikrotikvpn::units::Bytes;

use super::dice::Dice;
use super::schedules::Failure;

/// The policy of every account here, as records have it.
const SLOW: &str = "slow 1/1";

/// A paid period that waits.
struct Waiting {
    begins: NaiveDate,
    paid: Bytes,
}

/// What flowed since the last reading.
#[derive(Default)]
struct Flowed {
    /// While the router kept the cap.
    held: i64,
    /// While it did not.
    free: i64,
}

struct World {
    dice: Dice,
    terms: Terms,
    today: NaiveDate,
    /// The first day nobody has paid for.
    due: NaiveDate,
    sold: Bytes,
    balance: i64,
    waiting: Vec<Waiting>,
    given: Vec<NaiveDate>,
    paid: usize,
    /// On record.
    capped: bool,
    done: bool,
    seen: &'static str,
    /// On the router.
    slow: bool,
    flowed: Flowed,
    /// Everything that was added and taken but usage.
    journal: i64,
    owed: i64,
    not_owed: i64,
    /// Everything that ever flowed while the router kept the cap.
    held: i64,
    steps: Option<Vec<String>>,
}

/// Runs one schedule; a failing one is run again with its steps written down.
pub fn schedule(seed: u64) -> Result<(), Failure> {
    let Err(_) = World::new(seed, None).run() else {
        return Ok(());
    };
    let mut world = World::new(seed, Some(Vec::new()));
    let broken = world.run().err().unwrap_or_default();
    let steps = world.steps.take().unwrap_or_default();
    Err(Failure { broken, steps })
}

impl World {
    fn new(seed: u64, steps: Option<Vec<String>>) -> Self {
        let mut dice = Dice::new(seed);
        let first = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap_or_default();
        let today = first + Days::new(dice.below(400));
        let debt = [0, 50, 99, 100][dice.place(4)];
        let sold = Bytes(1 + dice.spread(40));
        Self {
            terms: Terms {
                rollover: dice.once_in(3),
                debt,
            },
            today,
            due: today + Months::new(1),
            sold,
            balance: 0,
            waiting: Vec::new(),
            given: Vec::new(),
            paid: 0,
            capped: false,
            done: true,
            seen: "",
            slow: false,
            flowed: Flowed::default(),
            journal: 0,
            owed: 0,
            not_owed: 0,
            held: 0,
            dice,
            steps,
        }
    }

    fn run(&mut self) -> Result<(), String> {
        self.paid = 1;
        self.open(self.today, self.sold)?;
        for _ in 0..self.dice.between(10, 60) {
            self.step()?;
            self.adds_up()?;
        }
        self.collect(true)?;
        self.lost_no_payment()
    }

    fn step(&mut self) -> Result<(), String> {
        match self.dice.below(12) {
            0..=2 => self.flow(),
            3..=5 => {
                let reached = !self.dice.once_in(4);
                return self.collect(reached);
            }
            6 | 7 => self.pass(),
            8 | 9 => {
                for _ in 0..self.dice.between(1, 3) {
                    self.pay()?;
                }
            }
            10 => return self.correct(),
            _ => {
                self.sold = Bytes(1 + self.dice.spread(40));
                self.note("another package");
            }
        }
        Ok(())
    }

    fn flow(&mut self) {
        let bytes = i64::try_from(self.dice.spread(42)).unwrap_or(0);
        if self.slow {
            self.flowed.held += bytes;
            self.held += bytes;
        } else {
            self.flowed.free += bytes;
        }
        self.note("traffic");
    }

    fn pass(&mut self) {
        let days = self.dice.spread(6);
        self.today = self.today + Days::new(days);
        self.note("days pass");
    }

    /// A collection; a router that is away is not read, and no grant waits for it.
    fn collect(&mut self, reached: bool) -> Result<(), String> {
        self.settle()?;
        if reached {
            let now = if self.capped && self.done && self.slow {
                SLOW
            } else {
                ""
            };
            let flowed = std::mem::take(&mut self.flowed);
            let all = flowed.held + flowed.free;
            if cap::is_owed(self.seen, now, true) {
                self.owed += all;
                self.balance -= all;
            } else {
                self.not_owed += all;
            }
            self.seen = now;
            self.settle()?;
            self.enforce();
        }
        self.note("collection");
        self.gives_no_full_speed()?;
        self.waits_for_nothing_in_vain()
    }

    /// As `traffic::settle`: what waited is given, then the cap is decided.
    fn settle(&mut self) -> Result<(), String> {
        while let Some(next) = self.waiting.first() {
            if next.begins > self.today && !cap::is_due(Some(self.balance), false) {
                break;
            }
            let Waiting { begins, paid } = self.waiting.remove(0);
            let quota = balance::promised(paid, Some(self.sold)).unwrap_or_default();
            self.open(begins, quota)?;
        }
        let due = cap::is_due(Some(self.balance), false);
        if due != self.capped {
            (self.capped, self.done, self.seen) = (due, false, "");
        }
        Ok(())
    }

    fn enforce(&mut self) {
        if self.dice.once_in(5) {
            return;
        }
        (self.slow, self.done) = (self.capped, true);
    }

    /// The next period is paid and renewed, whatever the day.
    fn pay(&mut self) -> Result<(), String> {
        let begins = self.due;
        self.due = self.due + Months::new(1);
        self.paid += 1;
        let used_up = cap::is_due(Some(self.balance), false);
        if balance::waits(Some(begins), self.today, self.terms, used_up) {
            let paid = self.sold;
            self.waiting.push(Waiting { begins, paid });
        } else {
            self.open(begins, self.sold)?;
        }
        self.settle()?;
        self.enforce();
        self.note("payment");
        self.waits_for_nothing_in_vain()
    }

    fn correct(&mut self) -> Result<(), String> {
        let bytes = i64::try_from(self.dice.spread(40)).unwrap_or(0) - (1 << 38);
        self.balance += bytes;
        self.journal += bytes;
        self.settle()?;
        self.enforce();
        self.note("correction");
        Ok(())
    }

    /// As `traffic::opening`.
    fn open(&mut self, begins: NaiveDate, quota: Bytes) -> Result<(), String> {
        let latest = self.given.iter().max().copied();
        let ends_another = latest.is_none_or(|latest| latest < begins);
        let before = self.balance;
        let opening = Opening::of(Some(before), quota, self.terms, ends_another);
        self.balance += opening.sum();
        self.journal += opening.sum();
        self.given.push(begins);
        self.note("a period begins");
        if self.balance <= 0 {
            return Err(format!("{} is left of a paid period", self.balance));
        }
        if opening.expired > 0 && (begins > self.today || !ends_another) {
            return Err(format!("{opening:?} ends what is left before its period"));
        }
        let share = i128::from(quota.0) * i128::from(self.terms.debt) / 100;
        let taken_over = i128::from(before.min(0)) + i128::from(opening.forgiven);
        if -taken_over > share {
            return Err(format!("{opening:?} takes over {taken_over}, not {share}"));
        }
        Ok(())
    }

    fn gives_no_full_speed(&self) -> Result<(), String> {
        if self.not_owed <= self.held {
            return Ok(());
        }
        Err(format!("{} is free, {} was held", self.not_owed, self.held))
    }

    fn waits_for_nothing_in_vain(&self) -> Result<(), String> {
        let late = |waiting: &Waiting| waiting.begins <= self.today;
        if self.waiting.iter().any(late) || self.balance <= 0 && !self.waiting.is_empty() {
            return Err(format!("{} grants wait in vain", self.waiting.len()));
        }
        Ok(())
    }

    fn adds_up(&self) -> Result<(), String> {
        let sum = self.journal - self.owed;
        if sum == self.balance {
            return Ok(());
        }
        Err(format!("the balance is {}, not {sum}", self.balance))
    }

    fn lost_no_payment(&self) -> Result<(), String> {
        let mut different = self.given.clone();
        different.sort_unstable();
        different.dedup();
        let known = different.len() + self.waiting.len();
        if known == self.paid && different.len() == self.given.len() {
            return Ok(());
        }
        Err(format!("{} paid, {:?} given", self.paid, self.given))
    }

    fn note(&mut self, what: &str) {
        if let Some(steps) = &mut self.steps {
            let begins = self.waiting.iter().map(|waiting| waiting.begins);
            let waiting: Vec<_> = begins.collect();
            steps.push(format!(
                "{} {what}: left {} sold {} given {:?} waiting {waiting:?} capped {} slow {} seen \"{}\"",
                self.today, self.balance, self.sold.0, self.given, self.capped, self.slow, self.seen
            ));
        }
    }
}

//! What others and the clocks do to a schedule, and what may be missing because of it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mikrotikvpn::units::Traffic;
use router_sim::Dial;

use super::account::Account;
use super::books;
use super::cast::{Reset, Running};
use super::full::{World, figures};

impl World<'_> {
    pub fn flow_somewhere(&mut self) {
        let place = self.dice.place(self.accounts.len());
        let bytes = Traffic::new(self.dice.spread(28), self.dice.spread(26));
        self.dial(place);
        self.flow(place, bytes);
    }

    /// The customer is online, if the router lets him in.
    pub fn dial(&mut self, place: usize) {
        let name = &self.accounts[place].name;
        if !self.router.is_connected(name) {
            // Refused: there is no secret, or it is disabled.
            let _ = self.router.connect(&Dial::l2tp(name).redial(20));
        }
        self.look(None);
    }

    /// Traffic, in the time the line needs for it.
    pub fn flow(&mut self, place: usize, bytes: Traffic) {
        let name = self.accounts[place].name.clone();
        let queue = self.router.row("/queue/simple", "name", &name);
        let limits = queue.and_then(|row| row.text("max-limit").map(str::to_owned));
        self.pass(seconds_for(bytes, limits.as_deref().unwrap_or("0/0")));
        let before = self.counter(place);
        if !self.router.traffic(&name, bytes.upload.0, bytes.download.0) {
            return;
        }
        let account = &mut self.accounts[place];
        // What flows before Create has come to its end is nobody's yet.
        let rows = &account.rows;
        let unread = !rows.provisioned
            || self.mode.session && rows.sessions.is_none()
            || !self.mode.session && rows.baseline.is_none();
        if unread {
            account.lose(bytes);
        }
        self.look(None);
        let grown = before
            .zip(self.counter(place))
            .and_then(|(then, now)| then.until(now));
        let counted = grown.unwrap_or(Traffic::ZERO);
        self.accounts[place].lose(counted.until(bytes).unwrap_or(Traffic::ZERO));
        self.note(|| format!("{name}: {} bytes", figures(bytes)));
    }

    fn counter(&self, place: usize) -> Option<Traffic> {
        let account = &self.accounts[place];
        let counter = if self.mode.session {
            &account.session
        } else {
            &account.queue
        };
        counter.as_ref().map(|counter| counter.shown)
    }

    pub fn wait(&mut self) {
        self.pass_some(22);
    }

    pub fn pass_some(&mut self, bits: u64) {
        let time = self.dice.spread(bits);
        self.pass(time);
    }

    /// Time passes for everybody.
    pub fn pass(&mut self, seconds: u64) {
        self.house
            .clocks
            .database
            .fetch_add(i64::try_from(seconds).unwrap_or(0), Ordering::SeqCst);
        self.house
            .micros
            .fetch_add(seconds * 1_000_000, Ordering::SeqCst);
        self.router.advance(Duration::from_secs(seconds));
        self.note(|| format!("{seconds} s"));
        self.look(None);
    }

    pub fn misfortune(&mut self) {
        let place = self.dice.place(self.accounts.len());
        match self.dice.below(8) {
            0 | 1 => self.reboot(),
            2 => self.foreign_reset(),
            3 | 4 => self.hang_up(place),
            5 if self.dice.once_in(3) => self.delete_queue(place),
            5 | 6 => {
                let ahead = i64::try_from(self.dice.spread(23)).unwrap_or(0) - (1 << 21);
                self.house.clocks.host_ahead.store(ahead, Ordering::SeqCst);
                self.note(|| format!("WHMCS's clock is {ahead} s ahead"));
            }
            _ => {
                let date = format!("20{}-01-01", self.dice.between(10, 40));
                self.router
                    .exec("/system/clock/set", &[("date", &date)])
                    .expect("a date");
                self.note(|| format!("the router's clock says {date}"));
            }
        }
    }

    fn reboot(&mut self) {
        self.lose_all_counters();
        self.router.reboot();
        self.refresh();
        self.note(|| "reboot".to_owned());
        let time = self.dice.between(15, 90);
        self.pass(time);
    }

    fn foreign_reset(&mut self) {
        self.lose_all_counters();
        self.router.reset_counters();
        self.refresh();
        self.note(|| "reset by others".to_owned());
    }

    fn lose_all_counters(&mut self) {
        for place in 0..self.accounts.len() {
            if let Some(shown) = self.counter(place) {
                self.accounts[place].lose(shown);
            }
        }
    }

    fn hang_up(&mut self, place: usize) {
        let name = self.accounts[place].name.clone();
        self.router.disconnect(&name);
        self.look(None);
        self.note(|| format!("{name} hangs up"));
    }

    fn delete_queue(&mut self, place: usize) {
        let name = self.accounts[place].name.clone();
        // There may be none.
        let _ = self
            .router
            .exec("/queue/simple/remove", &[("numbers", &name)]);
        self.look(None);
        self.note(|| format!("the queue of {name} is deleted by others"));
    }

    pub fn change_in_whmcs(&mut self) -> Result<(), String> {
        let place = self.dice.place(self.accounts.len());
        let service = &mut self.accounts[place].service;
        service.override_on = !service.override_on && self.dice.once_in(2);
        let on = service.override_on;
        self.save(place)?;
        self.note(|| format!("override of {place} is {on}"));
        self.check_books(None)
    }

    /// What has become of the counters: the work of `by`, or of nobody here.
    pub fn look(&mut self, mut by: Option<&mut Running>) {
        let seen = books::counters(&self.router);
        for (place, account) in self.accounts.iter_mut().enumerate() {
            let queue = seen.queue(&account.name);
            let session = seen.session(&account.name);
            if self.mode.session {
                match (&account.session, &session) {
                    (Some(then), Some(now)) if then.id == now.id => {
                        if then.shown.until(now.shown).is_none() {
                            account.lose(then.shown);
                        }
                    }
                    (Some(then), _) => account.lose_session(&then.clone()),
                    (None, _) => {}
                }
            } else {
                match (&account.queue, &queue) {
                    (Some(then), Some(now)) if then.id == now.id => {
                        if then.shown.until(now.shown).is_none() {
                            zeroed(account, place, &mut by);
                        }
                    }
                    (Some(then), _) => account.lose_queue(&then.clone()),
                    (None, _) => {}
                }
            }
            account.queue = queue;
            account.session = session;
        }
        if let Some(running) = by {
            running.read = self
                .accounts
                .iter()
                .map(|account| account.queue.clone())
                .collect();
        }
    }

    /// Takes the counters as they are, whatever became of them.
    fn refresh(&mut self) {
        let seen = books::counters(&self.router);
        for account in &mut self.accounts {
            account.queue = seen.queue(&account.name);
            account.session = seen.session(&account.name);
        }
    }
}

/// A queue's counter went to zero: by a reset of a collection, or by an edit.
fn zeroed(account: &mut Account, place: usize, by: &mut Option<&mut Running>) {
    let Some(then) = account.queue.as_ref() else {
        return;
    };
    let shown = then.shown;
    match by {
        Some(running) if running.call.collects() => {
            let read = running.read.get(place).cloned().flatten();
            let read = read.filter(|read| read.id == then.id);
            let since = read
                .and_then(|read| read.shown.until(shown))
                .unwrap_or(shown);
            running.resets.push(Reset {
                place,
                shown,
                since,
            });
        }
        _ => account.lose(shown),
    }
}

/// What a line with this `max-limit` needs, with nothing to spare.
fn seconds_for(bytes: Traffic, limits: &str) -> u64 {
    let (upload, download) = limits.split_once('/').unwrap_or(("0", "0"));
    let time = |bytes: u64, rate: &str| {
        let rate: u64 = rate.parse().unwrap_or(0);
        (bytes * 8).checked_div(rate).unwrap_or(0)
    };
    time(bytes.download.0, download).max(time(bytes.upload.0, upload)) + 1
}

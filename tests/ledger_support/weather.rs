//! What others and the clocks do to a schedule, and what may be missing because of it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mikrotikvpn::units::Traffic;
use router_sim::Dial;

use super::account::{Account, Counter};
use super::books;
use super::cast::{Reset, Running};
use super::full::{World, figures};
use super::tally;

impl World<'_> {
    pub fn flow_somewhere(&mut self) {
        let place = self.dice.place(self.accounts.len());
        let download = match self.dice.below(2) {
            0 => self.dice.spread(24),
            _ => self.dice.between(20 << 20, 200 << 20),
        };
        let bytes = Traffic::new(download, self.dice.spread(26));
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
        let held = self.is_held(place);
        let account = &mut self.accounts[place];
        if held {
            account.held += bytes.total().0;
        }
        // What flows before Create has come to its end is nobody's yet, and a session goes on when
        // Terminate has removed its secret and was cut off.
        let rows = &account.rows;
        let secret = self.router.row("/ppp/secret", "name", &name);
        let unread = !rows.provisioned
            || self.mode.session && secret.is_none()
            || self.mode.session && rows.sessions.is_none()
            || !self.mode.session && rows.baseline.is_none();
        if unread {
            account.lose(bytes);
        }
        if let Some(flowed) = &mut account.since_reboot {
            *flowed += bytes.total().0;
        }
        self.look(None);
        let grown = before
            .zip(self.counter(place))
            .and_then(|(then, now)| then.until(now));
        let counted = grown.unwrap_or(Traffic::ZERO);
        self.accounts[place].lose(counted.until(bytes).unwrap_or(Traffic::ZERO));
        self.note(|| format!("{name}: {} bytes", figures(bytes)));
    }

    /// The router keeps the account to its product's cap, whoever brought it to that.
    fn is_held(&self, place: usize) -> bool {
        let name = &self.accounts[place].name;
        let of = |menu, field| {
            let row = self.router.row(menu, "name", name)?;
            row.text(field).map(str::to_owned)
        };
        of("/queue/simple", "max-limit").as_deref() == Some("1000000/1000000")
            || of("/ppp/secret", "profile").as_deref() == Some("walled")
    }

    fn counter(&self, place: usize) -> Option<Traffic> {
        let counter = self.accounts[place].counter.as_ref();
        counter.map(|counter| counter.shown)
    }

    /// Hours or weeks.
    pub fn wait(&mut self) {
        let days = self.dice.between(10, 50);
        match self.dice.below(3) {
            0 => self.pass_some(17),
            _ => self.pass(days * 86_400),
        }
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
            0..=5 if !self.late.is_empty() => self.late_reset(),
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

    /// A reset of ours arrives when nobody waits for it any more.
    fn late_reset(&mut self) {
        let Some(ids) = self.late.pop() else { return };
        // A queue may have gone meanwhile.
        let arrived = self
            .router
            .exec("/queue/simple/reset-counters", &[("numbers", &ids)]);
        self.note(|| format!("a reset of {ids} arrives late: {arrived:?}"));
        tally::add("reset arrives late");
        self.look(None);
    }

    fn reboot(&mut self) {
        tally::add("reboot");
        self.lose_all_counters();
        self.router.reboot();
        self.reboots += 1;
        for account in &mut self.accounts {
            account.since_reboot = Some(0);
        }
        self.refresh();
        self.note(|| "reboot".to_owned());
        let time = self.dice.between(15, 90);
        self.pass(time);
    }

    fn foreign_reset(&mut self) {
        tally::add("reset by others");
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
        tally::add("queue deleted by others");
        self.accounts[place].without_queue = true;
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
        let seen = books::counters(&self.router, self.mode.session);
        for (place, account) in self.accounts.iter_mut().enumerate() {
            let now = seen.of(&account.name);
            match account.counter.clone() {
                Some(then) if now.as_ref().is_some_and(|now| now.id == then.id) => {
                    let grown = now.as_ref().and_then(|now| then.shown.until(now.shown));
                    if grown.is_none() {
                        zeroed(account, place, &then, &mut by);
                    }
                }
                Some(then) if self.mode.session => account.lose_session(&then),
                Some(then) => account.lose_queue(&then),
                None => {}
            }
            account.counter = now;
        }
        if let Some(running) = by {
            running.read = self
                .accounts
                .iter()
                .map(|account| account.counter.clone())
                .collect();
        }
    }

    /// Takes the counters as they are, whatever became of them.
    fn refresh(&mut self) {
        let seen = books::counters(&self.router, self.mode.session);
        for account in &mut self.accounts {
            account.counter = seen.of(&account.name);
        }
    }
}

/// A counter went to zero where it is: by a reset of a collection, or by an edit.
fn zeroed(account: &mut Account, place: usize, then: &Counter, by: &mut Option<&mut Running>) {
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

//! What must hold: after every transaction, and after a collection that nothing disturbed.

use super::books;
use super::cast::{Call, End, Running};
use super::full::{World, truth};
use super::shop::Product;
use super::stage::Order;
use super::tally;

impl World<'_> {
    /// The books as they are now, with everything that holds at every moment.
    pub fn check_books(&mut self, mut by: Option<&mut Running>) -> Result<(), String> {
        self.counts_every_enabled_login()?;
        let mut all = books::read(&mut self.bench.eye);
        let today = self.today();
        for (place, account) in self.accounts.iter_mut().enumerate() {
            let rows = all.remove(&account.service.id).unwrap_or_default();
            let truth = truth(&self.router, &account.name);
            let was_pending = account.rows.reset_pending != 0;
            let book = account.rows.sessions.clone();
            let result = account.observe(rows, today);
            result.map_err(|broken| format!("service {}: {broken}", place + 1))?;
            let knows = by.as_ref().is_some_and(|by| by.reboots == self.reboots);
            if self.mode.session && knows && account.rows.sessions != book {
                account.reboot_is_booked(book.as_deref());
            }
            let zero = account
                .rows
                .baseline
                .as_ref()
                .is_some_and(|baseline| baseline.shown.is_zero());
            if let Some(running) = by.as_deref_mut()
                && was_pending
                && account.rows.reset_pending == 0
                && zero
            {
                for reset in running.resets.extract_if(.., |reset| reset.place == place) {
                    tally::add("reset confirmed");
                    account.lose(reset.since);
                }
            }
            let held = account
                .bills_no_more_than_flowed(truth)
                .and_then(|()| account.writes_once_per_crossing());
            held.map_err(|broken| format!("service {}: {broken}", place + 1))?;
        }
        Ok(())
    }

    /// An enabled login has a queue of ours at its address that is on, at every moment.
    fn counts_every_enabled_login(&mut self) -> Result<(), String> {
        for account in &mut self.accounts {
            let row = |menu| self.router.row(menu, "name", &account.name);
            let Some(queue) = row("/queue/simple") else {
                let is_enabled =
                    row("/ppp/secret").is_some_and(|row| row.text("disabled") == Some("false"));
                if is_enabled && !account.without_queue {
                    return Err(format!("{} may log in and has no queue", account.name));
                }
                continue;
            };
            account.without_queue = false;
            let Some(secret) =
                row("/ppp/secret").filter(|row| row.text("disabled") == Some("false"))
            else {
                continue;
            };
            let address = secret.text("remote-address").unwrap_or_default();
            let counts = queue.text("target") == Some(&format!("{address}/32"))
                && queue.text("disabled") == Some("false")
                && queue
                    .text("comment")
                    .is_some_and(|tag| tag.contains("whmcs:"));
            if !counts {
                return Err(format!(
                    "{} may log in past its queue: {secret:?} {queue:?}",
                    account.name
                ));
            }
        }
        Ok(())
    }

    /// A collection that nothing disturbs, with what must hold after it.
    pub fn quiet_collection(&mut self) -> Result<(), String> {
        while !self.cast.is_empty() {
            self.proceed(0, Order::GoOn)?;
        }
        self.pass(300);
        self.note(|| "a quiet collection".to_owned());
        let at = self.invite(Call::UsageUpdate, None);
        loop {
            match self.proceed(at, Order::GoOn)? {
                None => {}
                Some(End::Answered(answer)) if answer == "success" => break,
                Some(answer) => {
                    return Err(format!("an undisturbed collection failed: {answer:?}"));
                }
            }
        }
        self.check_after_quiet()
    }

    /// A command was cut off between removing the secret and ending its session. Whose session that is nobody
    /// can tell, so none of it is read; what is known of it is kept for the command's repetition.
    fn has_session_without_secret(&self, place: usize) -> bool {
        let name = &self.accounts[place].name;
        let has_secret = self.router.row("/ppp/secret", "name", name).is_some();
        self.mode.session && !has_secret && self.router.is_connected(name)
    }

    fn check_after_quiet(&mut self) -> Result<(), String> {
        let today = self.today();
        for place in 0..self.accounts.len() {
            let truth = truth(&self.router, &self.accounts[place].name);
            let unread = self.has_session_without_secret(place);
            let account = &mut self.accounts[place];
            let bounded = if unread {
                Ok(())
            } else {
                account.loses_no_more_than_the_bound(truth)
            };
            let held = bounded
                .and_then(|()| account.no_grant_waits_beyond_its_day(today))
                .and_then(|()| account.cap_and_notice_are_as_the_balance_says())
                .and_then(|()| account.whmcs_figure_is_the_period())
                .and_then(|()| self.router_is_as_the_cap_says(place));
            held.map_err(|broken| format!("service {}: {broken}", place + 1))?;
        }
        Ok(())
    }

    /// After an undisturbed collection: an account that is used up is capped on the router, and one that
    /// is not has what it bought.
    pub fn router_is_as_the_cap_says(&self, place: usize) -> Result<(), String> {
        let account = &self.accounts[place];
        let row = |menu| self.router.row(menu, "name", &account.name);
        let (Some(secret), Some(queue)) = (row("/ppp/secret"), row("/queue/simple")) else {
            return Ok(());
        };
        if !account.rows.provisioned {
            return Ok(());
        }
        let product = Product::of(account.service.product);
        let (disabled, profile) = (secret.text("disabled"), secret.text("profile"));
        let limits = queue.text("max-limit").unwrap_or_default();
        let connected = self.router.is_connected(&account.name);
        let right = match (account.is_due(), product.cap()) {
            (true, "") => disabled == Some("true") && !connected,
            (true, "cap = slow 1/1") => limits == "1000000/1000000",
            (true, _) => profile == Some("walled"),
            (false, _) if account.enabled == Some(true) => {
                disabled == Some("false")
                    && profile == Some("default-encryption")
                    && limits == product.limits()
            }
            (false, _) => true,
        };
        if right {
            return Ok(());
        }
        Err(format!(
            "the router is not as the balance says: due {}, {disabled:?} {profile:?} {limits} connected {connected}",
            account.is_due()
        ))
    }
}

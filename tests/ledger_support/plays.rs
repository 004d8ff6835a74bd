//! Operations of a schedule go on, step by step, and go wrong.

use router_sim::{Effect, Fault, Router};

use super::account::Account;
use super::cast::{Call, End, Running};
use super::full::World;
use super::shop::NOTICE;
use super::stage::{Cue, Failing, Order};
use super::tally;

impl World<'_> {
    /// Goes on with one operation until it ends or the dice leave it standing.
    pub fn play(&mut self, at: usize) -> Result<(), String> {
        let often = [6, 15, 40, 1_000][self.dice.place(4)];
        while at < self.cast.len() {
            let mut order = Order::GoOn;
            // Rare places get their share: mails, and what a collection asks of the router after it
            // has booked resets.
            let rare = match self.cast[at].cue {
                Some(Cue::Mail(..)) => true,
                Some(Cue::BeforeRequest) => self.is_resetting(at),
                _ => false,
            };
            if rare && self.dice.once_in(6) {
                order = self.failure(at);
            } else if self.dice.once_in(often) {
                match self.dice.below(8) {
                    0 => {
                        tally::add("cut off");
                        order = Order::Die;
                    }
                    1 | 2 => order = self.failure(at),
                    3 | 4 => self.flow_somewhere(),
                    5 => self.misfortune(),
                    6 => self.pass_some(9),
                    _ => return Ok(()),
                }
            }
            if self.proceed(at, order)?.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// One step of one operation; what it returned, if that was its last.
    pub fn proceed(&mut self, at: usize, order: Order) -> Result<Option<End>, String> {
        if self.cast.len() > 1 {
            tally::add("operations overlap");
        }
        let mut running = self.cast.swap_remove(at);
        if order != Order::GoOn {
            let (call, cue) = (running.call, &running.cue);
            self.note(|| format!("{call:?} meets {order:?} at {cue:?}"));
        }
        if let (Some(Cue::Mail(template, service)), Order::GoOn) = (&running.cue, order) {
            self.mail(template, *service);
        }
        let cue = running.actor.order(order);
        self.router.clear_faults(None);
        if std::mem::take(&mut self.loses_request) {
            self.late.extend(lost_reset(&self.router));
        }
        let ended = match &cue {
            Cue::AfterRequest => {
                self.look(Some(&mut running));
                None
            }
            Cue::AfterSql("commit") => {
                self.check_books(Some(&mut running))?;
                None
            }
            Cue::Pause => {
                tally::add("lock waited for");
                self.pass(1);
                None
            }
            Cue::End(answer) => {
                self.end(&mut running, answer.as_deref())?;
                Some(answer.clone().map_or(End::Cut, End::Answered))
            }
            _ if order != Order::GoOn => {
                self.check_books(Some(&mut running))?;
                None
            }
            _ => None,
        };
        running.cue = Some(cue);
        if ended.is_none() {
            self.cast.push(running);
            let last = self.cast.len() - 1;
            self.cast.swap(at, last);
        }
        Ok(ended)
    }

    pub fn is_resetting(&self, at: usize) -> bool {
        let marked = |account: &Account| account.rows.reset_pending > 0;
        self.cast[at].call.collects() && self.accounts.iter().any(marked)
    }

    /// One that goes wrong in a way its place allows.
    fn failure(&mut self, at: usize) -> Order {
        match &self.cast[at].cue {
            Some(Cue::BeforeRequest) => {
                self.break_the_router();
                Order::GoOn
            }
            Some(Cue::BeforeSql(name)) => {
                let commits = matches!(*name, "commit" | "execute");
                let (name, failing) = match self.dice.below(6) {
                    0 | 1 => ("database: lock timeout", Failing::LockTimeout),
                    2 => ("database: deadlock", Failing::Deadlock),
                    3 => ("database: row changed", Failing::Changed),
                    4 if commits => ("database: answer lost", Failing::AnswerLost),
                    _ => ("database: connection lost", Failing::Lost),
                };
                tally::add(name);
                Order::Fail(failing)
            }
            Some(Cue::Mail(..)) => {
                tally::add("mail refused");
                Order::Fail(Failing::Refused)
            }
            _ => Order::GoOn,
        }
    }

    fn break_the_router(&mut self) {
        let effect = match self.dice.below(9) {
            0 | 1 => Effect::CloseBeforeStatus,
            2 => Effect::Reset,
            3 | 4 => Effect::AppliedButNoAnswer { hang: false },
            5 => Effect::AppliedButError {
                status: 500,
                detail: "internal".to_owned(),
            },
            6 => Effect::PartialList {
                rows: self.dice.place(3),
            },
            7 => Effect::BrokenJson,
            _ => Effect::MissingKeys {
                keys: vec!["bytes".to_owned(), "rx-byte".to_owned()],
            },
        };
        self.note(|| format!("the router's next answer: {effect:?}"));
        tally::add("router fails");
        self.loses_request = matches!(effect, Effect::CloseBeforeStatus | Effect::Reset);
        self.router.fault(Fault::always(effect).times(1));
    }

    fn mail(&mut self, template: &str, service: i64) {
        let account = self
            .accounts
            .iter_mut()
            .find(|account| account.service.id == service);
        if let Some(account) = account {
            if template == NOTICE {
                tally::add("notice");
                account.notices += 1;
            } else {
                tally::add("suspension mail");
                account.suspensions += 1;
            }
        }
    }

    /// What WHMCS makes of an answer.
    fn end(&mut self, running: &mut Running, answer: Option<&str>) -> Result<(), String> {
        let (call, place) = (running.call, running.place);
        self.note(|| format!("{call:?} of {place:?} ends: {answer:?}"));
        self.look(Some(running));
        self.check_books(Some(running))?;
        for reset in running.resets.drain(..) {
            tally::add("reset in doubt");
            self.accounts[reset.place].lose(reset.shown);
        }
        let done = answer == Some("success");
        match answer {
            Some(answer) if answer.contains("ERROR 1205") => tally::add("lock met"),
            Some(answer) if answer.contains("is being collected") => tally::add("server busy"),
            _ => {}
        }
        if let Some(answer) =
            answer.filter(|answer| answer.contains("PANIC") || answer.contains("Internal error"))
        {
            return Err(format!("{call:?} has a bug: {answer}"));
        }
        let Some(place) = place else { return Ok(()) };
        let account = &mut self.accounts[place];
        if !done {
            if call.is_exclusive() {
                account.enabled = None;
            }
            return Ok(());
        }
        match call {
            Call::Create | Call::Unsuspend => {
                account.service.status = "Active";
                account.enabled = Some(true);
            }
            Call::Suspend => {
                account.service.status = "Suspended";
                account.enabled = Some(false);
            }
            Call::Renew => account.has_what_was_paid(running.paid)?,
            Call::ChangePackage => tally::add("package changed"),
            Call::Terminate => {
                tally::add("terminated");
                account.service.status = "Terminated";
                account.enabled = None;
            }
            _ => {}
        }
        self.save(place)
    }
}

/// The ids in a reset that was sent and never got there.
fn lost_reset(router: &Router) -> Option<String> {
    let request = router.log().pop()?;
    if request.target != "/rest/queue/simple/reset-counters" {
        return None;
    }
    let body: serde_json::Value = serde_json::from_str(&request.body).ok()?;
    Some(body.get(".id")?.as_str()?.to_owned())
}

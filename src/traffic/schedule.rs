//! Which servers are collected when. A product says how often (setting 20): a server with any product
//! of "every cron run" is due at the end of every cron run, all others once a day, when WHMCS asks for
//! each server's usage, or at the end of a cron run when WHMCS has not asked for more than a day.
//!
//! Cron runs may overlap, follow each other within seconds, or be started by hand: a server has one
//! lease and a least interval, both by the database's clock, for web heads differ in theirs. One call
//! keeps to a budget, see [`Turns`].

use std::collections::VecDeque;
use std::time::Duration;

use crate::account::stored_server_settings;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::routeros::Exchange;
use crate::secret::{Secret, basic_credentials};
use crate::settings::ServerSettings;
use crate::store;
use crate::store::servers::{self, Server};
use crate::traffic::collect::{Collected, collect_after};

/// From the end of one collection of a server to the next. WHMCS advises a cron run every five minutes.
pub const INTERVAL: Duration = Duration::from_secs(240);

/// What all collections of one cron run may take together: the next run is five minutes away and WHMCS's
/// own work comes first.
pub const BUDGET: Duration = Duration::from_secs(60);

/// Less than this is not worth a login. Servers left over are first in the next run.
const LEAST_SHARE: Duration = Duration::from_secs(5);

/// A server that is collected daily has been missed when no collection of it has begun for so long: WHMCS's
/// daily round takes a while, and may be moved by an hour or two.
const MISSED: Duration = Duration::from_secs(26 * 3_600);

/// Servers to collect now, in the order of their turns.
pub fn due(host: &dyn Host) -> Result<Vec<Server>> {
    store::ensure_schema(host)?;
    servers::due(host, INTERVAL, MISSED)
}

/// The turns of the servers that are due, and what of the budget each may use.
///
/// | whose turn | its share |
/// |---|---|
/// | went well last time | an equal part of what is left, those behind that failed last time not counted |
/// | failed last time, others that did not are behind it | the least |
/// | failed last time, or ran out of its share in this run | half of what is left; all of it when it is the last |
///
/// A server that runs out of its share has another turn behind all others: what they leave is its own. A router
/// that hangs can so take time from those that hang, too, and from nobody else, and one that is slow comes to
/// the time it needs.
#[derive(Debug)]
pub struct Turns<S> {
    first: VecDeque<Waiting<S>>,
    again: VecDeque<Late<S>>,
}

#[derive(Debug)]
struct Waiting<S> {
    server: S,
    failing: bool,
}

/// A server whose share was not enough, and what came of it.
#[derive(Debug)]
struct Late<S> {
    server: S,
    share: Duration,
    error: Error,
}

/// One of them.
#[derive(Debug)]
pub struct Turn<S> {
    /// Whose.
    pub server: S,
    /// What it may use.
    pub share: Duration,
}

impl<S> Turns<S> {
    /// Of these, in their order; each says whether it failed last time.
    pub fn of(servers: impl IntoIterator<Item = (S, bool)>) -> Self {
        let first = servers
            .into_iter()
            .map(|(server, failing)| Waiting { server, failing });
        Self {
            first: first.collect(),
            again: VecDeque::new(),
        }
    }

    /// The next, when so much of the budget is left; `None` when that is not enough for anybody.
    pub fn next(&mut self, left: Duration) -> Option<Turn<S>> {
        if left < LEAST_SHARE {
            return None;
        }
        if let Some(waiting) = self.first.pop_front() {
            let share = self.share(left, waiting.failing).max(LEAST_SHARE);
            return Some(Turn {
                server: waiting.server,
                share,
            });
        }
        let share = if self.again.len() > 1 { left / 2 } else { left }.max(LEAST_SHARE);
        let place = self.again.iter().position(|late| share > late.share)?;
        let server = self.again.remove(place)?.server;
        Some(Turn { server, share })
    }

    /// The server of this turn ran out of its share.
    pub fn ran_out(&mut self, server: S, share: Duration, error: Error) {
        self.again.push_back(Late {
            server,
            share,
            error,
        });
    }

    /// Those that ran out of their share and had no other turn.
    pub fn left_over(self) -> impl Iterator<Item = (S, Error)> {
        self.again.into_iter().map(|late| (late.server, late.error))
    }

    /// Of one that has just been taken.
    fn share(&self, left: Duration, failing: bool) -> Duration {
        let sound = self.first.iter().filter(|waiting| !waiting.failing).count();
        let others = self.first.len() + self.again.len();
        match (failing, sound, others) {
            (false, sound, _) => left / u32::try_from(sound + 1).unwrap_or(u32::MAX),
            (true, 0, 0) => left,
            (true, 0, _) => left / 2,
            (true, _, _) => LEAST_SHARE,
        }
    }
}

/// What came of a turn.
#[derive(Debug)]
pub struct Attempt {
    /// As [`collect_after`] gives it.
    pub result: Result<Collected>,
    /// It might have gone well with a larger share.
    pub ran_out: bool,
    /// What the module log must not show.
    pub masks: Vec<Secret>,
}

/// Collects one server of [`due`] in at most `share`.
pub fn collect_due(
    host: &dyn Host,
    server: &Server,
    share: Duration,
    log: &mut Vec<Exchange>,
) -> Attempt {
    let settings = stored_server_settings(host, server).inspect_err(|error| {
        // Kept like every other failure, so that it is told once; that it cannot be is told by then.
        let _ = servers::store_outcome(host, server.id, host.now(), Err(&error.to_string()));
    });
    let mut settings = match settings {
        Ok(settings) => settings,
        Err(error) => return Attempt::failed(error),
    };
    let is_limited = share < settings.collection_timeout;
    settings.collection_timeout = settings.collection_timeout.min(share);
    let result = collect_after(host, &settings, INTERVAL, log);
    Attempt {
        ran_out: is_limited && result.as_ref().is_err_and(Error::is_timeout),
        result,
        masks: masks(&settings),
    }
}

impl Attempt {
    fn failed(error: Error) -> Self {
        Self {
            result: Err(error),
            ran_out: false,
            masks: Vec::new(),
        }
    }
}

fn masks(settings: &ServerSettings) -> Vec<Secret> {
    let endpoint = &settings.endpoint;
    vec![
        endpoint.password.clone(),
        basic_credentials(&endpoint.username, &endpoint.password),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Step;

    /// What a router does with its turn: the seconds it needs, or all it is given.
    #[derive(Debug, Clone, Copy)]
    enum Router {
        Needs(u64),
        Hangs,
    }

    /// One cron run, with a clock of its own: who was collected, and the seconds that were not used.
    fn run(routers: &[(Router, bool)]) -> (Vec<usize>, u64) {
        let servers = (0..routers.len()).map(|n| (n, routers[n].1));
        let mut turns = Turns::of(servers);
        let (mut left, mut done) = (BUDGET, Vec::new());
        while let Some(turn) = turns.next(left) {
            let spent = match routers[turn.server].0 {
                Router::Needs(seconds) => Duration::from_secs(seconds).min(turn.share),
                Router::Hangs => turn.share,
            };
            left = left.saturating_sub(spent);
            match routers[turn.server].0 {
                Router::Needs(seconds) if Duration::from_secs(seconds) <= turn.share => {
                    done.push(turn.server);
                }
                _ => {
                    let late = Error::network(Step::Reply, "r", "late").for_lack_of_time();
                    turns.ran_out(turn.server, turn.share, late);
                }
            }
        }
        (done, left.as_secs())
    }

    #[test]
    fn what_quick_routers_leave_belongs_to_the_one_that_needs_it() {
        let mut routers = vec![(Router::Needs(0), false); 14];
        for slow in [0, 6, 13] {
            routers[slow].0 = Router::Needs(9);
            let (done, _) = run(&routers);
            assert_eq!(done.len(), 14, "slow at {slow}: {done:?}");
            routers[slow].0 = Router::Needs(0);
        }
    }

    #[test]
    fn routers_that_hang_take_no_time_from_those_that_do_not() {
        let mut routers = vec![(Router::Hangs, true); 13];
        routers.insert(5, (Router::Needs(9), false));
        // One that failed last time and has waited long enough stands before him with the least share.
        let (done, _) = run(&routers);
        assert_eq!(done, [5]);
    }

    #[test]
    fn a_slow_router_among_those_that_hang_comes_to_its_time_by_and_by() {
        let mut order: Vec<usize> = (0..14).collect();
        let is_collected = |order: &[usize]| {
            let routers: Vec<_> = order
                .iter()
                .map(|n| {
                    (
                        if *n == 9 {
                            Router::Needs(9)
                        } else {
                            Router::Hangs
                        },
                        true,
                    )
                })
                .collect();
            !run(&routers).0.is_empty()
        };
        // Whoever had a turn goes behind those that had none.
        let runs = (1..=14).find(|_| {
            let collected = is_collected(&order);
            order.rotate_left(4);
            collected
        });
        assert!(runs.is_some());
    }

    #[test]
    fn a_hanging_router_leaves_every_other_its_part() {
        let mut turns = Turns::of([(1, false), (2, false), (3, false)]);
        let turn = turns.next(BUDGET).unwrap();
        assert_eq!((turn.server, turn.share), (1, BUDGET / 3));
        let turn = turns.next(BUDGET).unwrap();
        assert_eq!((turn.server, turn.share), (2, BUDGET / 2));
    }

    #[test]
    fn no_share_is_too_small_to_log_in_and_none_goes_beyond_the_budget() {
        let mut turns = Turns::of((0..1_000).map(|n| (n, false)));
        assert_eq!(turns.next(BUDGET).unwrap().share, LEAST_SHARE);
        assert!(turns.next(LEAST_SHARE / 2).is_none());
    }

    #[test]
    fn nobody_has_another_turn_with_no_more_time_than_before() {
        let late = || Error::network(Step::Reply, "r", "late").for_lack_of_time();
        let mut turns = Turns::of([(1, false)]);
        let turn = turns.next(BUDGET).unwrap();
        turns.ran_out(turn.server, turn.share, late());
        assert!(turns.next(BUDGET / 2).is_none());
        assert!(turns.next(BUDGET).is_none());
        assert_eq!(turns.left_over().count(), 1);
    }
}

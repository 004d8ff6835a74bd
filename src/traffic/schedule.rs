//! Which servers are collected when. A product says how often (setting 20): a server with any product
//! of "every cron run" is due at the end of every cron run, all others once a day, when WHMCS asks for
//! each server's usage.
//!
//! Cron runs may overlap, follow each other within seconds, or be started by hand: a server has one
//! lease and a least interval, both by the database's clock, for web heads differ in theirs. One call
//! keeps to a budget, and routers that hang take no more than their share of it.

use std::time::Duration;

use crate::account::stored_server_settings;
use crate::error::Result;
use crate::host::Host;
use crate::routeros::{Deadline, Exchange};
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

/// Servers to collect now, those that have waited longest first.
pub fn due(host: &dyn Host) -> Result<Vec<Server>> {
    store::ensure_schema(host)?;
    servers::due(host, INTERVAL)
}

/// Collects one server of [`due`] in at most `share`.
pub fn collect_due(
    host: &dyn Host,
    server: &Server,
    share: Duration,
    log: &mut Vec<Exchange>,
) -> Result<Collected> {
    let mut settings = stored_server_settings(host, server).inspect_err(|error| {
        // Kept like every other failure, so that it is told once; that it cannot be is told by then.
        let _ = servers::store_outcome(host, server.id, host.now(), Err(&error.to_string()));
    })?;
    settings.collection_timeout = settings.collection_timeout.min(share);
    collect_after(host, &settings, INTERVAL, log)
}

/// The part of the budget the next of `left` servers may use, `None` when it is used up. What a quick
/// one leaves goes to those behind it.
pub fn share(budget: Deadline, left: usize) -> Option<Duration> {
    let remaining = budget.remaining();
    let part = remaining / u32::try_from(left).unwrap_or(u32::MAX).max(1);
    (remaining >= LEAST_SHARE).then(|| part.max(LEAST_SHARE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hanging_router_leaves_every_other_its_part() {
        let of_three = share(Deadline::after(BUDGET), 3).unwrap();
        assert!(
            of_three <= BUDGET / 3 && of_three > BUDGET / 4,
            "{of_three:?}"
        );
    }

    #[test]
    fn no_share_is_too_small_to_log_in_and_none_goes_beyond_the_budget() {
        assert_eq!(share(Deadline::after(BUDGET), 1_000), Some(LEAST_SHARE));
        assert_eq!(share(Deadline::after(LEAST_SHARE / 2), 1), None);
    }
}

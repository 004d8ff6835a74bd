//! The last reading of one account, before its queue is removed or changed in a way that may lose its
//! counters; and the first one of a queue that was just made.

use crate::error::{Error, Result};
use crate::host::Host;
use crate::routeros::{Id, Query, QueueRow, ResourceRow, Router};
use crate::store::accounts::{self, Account, Baseline, Booking};
use crate::store::{self, history, servers};
use crate::traffic::meter::{Reading, meter};
use crate::units::Traffic;

/// How often a collection that books the account at the same moment may be faster.
const TRIES: usize = 5;

/// Reads the account's queue once more and books what flowed. `queues` are ours as observed before;
/// without one, or without an account on record, there is nothing to book.
pub fn book(host: &dyn Host, router: &Router, service: i64, queues: &[QueueRow]) -> Result<()> {
    for _ in 0..TRIES {
        let Some(account) = accounts::of_service(host, service)? else {
            return Ok(());
        };
        let Some(queue) = counted_queue(&account, queues) else {
            return Ok(());
        };
        // The uptime first: read after the counters, it could be that of a later boot.
        let resource = router.resource()?;
        let rows = router.queues(&Query::field("name", &queue.name))?;
        let Some(row) = rows.into_iter().find(|row| row.id == queue.id) else {
            return Ok(());
        };
        if book_reading(host, &account, &row, &resource)? {
            return Ok(());
        }
    }
    Err(Error::whmcs(
        "book the last traffic of the account",
        "a collection of the same router was faster each time",
        None,
    ))
}

/// The queue made just now begins at zero: what it counts from here on is the account's.
pub fn begin(host: &dyn Host, server: i64, service: i64, queue: &Id) -> Result<()> {
    let evidence = servers::evidence(host, server)?;
    let at = host.now();
    store::transaction(host, || {
        if accounts::lock_revision(host, service)?.is_none() {
            return Ok(());
        }
        let baseline = Baseline {
            counted: Traffic::ZERO,
            queue: queue.to_string(),
            boot: evidence.boot,
            uptime: evidence.uptime,
            at,
        };
        let booking = Booking {
            service,
            usage: Traffic::ZERO,
            baseline,
            reset_pending: 0,
        };
        accounts::book(host, &[booking])
    })
}

/// The queue whose counters are billed: the one on record, else the first.
pub fn counted_queue<'a>(account: &Account, queues: &'a [QueueRow]) -> Option<&'a QueueRow> {
    let recorded = account.baseline.as_ref().map(|baseline| &baseline.queue);
    queues
        .iter()
        .find(|row| Some(row.id.as_str()) == recorded.map(String::as_str))
        .or_else(|| queues.first())
}

/// `false` when somebody else booked since the account was loaded.
fn book_reading(
    host: &dyn Host,
    account: &Account,
    row: &QueueRow,
    resource: &ResourceRow,
) -> Result<bool> {
    let Some(counted) = row.counted else {
        return Ok(true);
    };
    // The router's boots are recorded by collections only, under their lease.
    let evidence = servers::evidence(host, account.server)?.with_uptime(resource.uptime);
    let at = host.now();
    let reading = Reading {
        counted,
        queue: row.id.to_string(),
        boot: evidence.boot,
        uptime: resource.uptime,
        at,
        limits: row.max_limit,
    };
    let metered = meter(
        account.baseline.as_ref(),
        account.reset_pending != 0,
        &reading,
    );
    let day = at.with_timezone(&host.time_zone()).date_naive();
    store::transaction(host, || {
        if accounts::lock_revision(host, account.service)? != Some(account.revision) {
            return Ok(false);
        }
        let booking = Booking {
            service: account.service,
            usage: metered.usage,
            baseline: metered.baseline.clone(),
            // No longer the mark of any collection, so that none confirms what it did not see.
            reset_pending: -i64::from(metered.reset_pending),
        };
        accounts::book(host, &[booking])?;
        history::add(host, day, &[(account.service, metered.usage)])?;
        Ok(true)
    })
}

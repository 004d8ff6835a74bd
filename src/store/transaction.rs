//! The one place that runs a transaction: in one order of locks, and again when the database says that
//! somebody else was in the way.

use std::time::{Duration, Instant};

use crate::boundary::instant;
use crate::error::{Error, Result};
use crate::host::{Host, Value};

/// The order in which every transaction comes to its tables, rows of one table by their keys. Whoever keeps to
/// it waits for others and never they for him: a deadlock needs two orders. WHMCS's own tables are among
/// them, for its requests lock their rows, too.
pub const LOCK_ORDER: [&str; 15] = [
    "mod_mikrotikvpn_servers",
    "mod_mikrotikvpn_accounts",
    "tblhosting",
    "mod_mikrotikvpn_traffic_daily",
    "mod_mikrotikvpn_traffic_monthly",
    "mod_mikrotikvpn_grants",
    "mod_mikrotikvpn_mails",
    "mod_mikrotikvpn_forms",
    "mod_mikrotikvpn_live",
    "mod_mikrotikvpn_resets",
    "mod_mikrotikvpn_collections",
    "mod_mikrotikvpn_templates",
    "tblemailtemplates",
    "mod_mikrotikvpn_installation",
    "mod_mikrotikvpn_products",
];

/// Before each repetition; a lock timeout has waited by itself.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(20),
    Duration::from_millis(60),
    Duration::from_millis(150),
    Duration::from_millis(400),
    Duration::from_secs(1),
];

/// No repetition begins later than this: an admin waits, and a lock timeout is 50 seconds by default.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `work` in one transaction: committed when it returns `Ok`, else rolled back, also when it
/// panics: WHMCS goes on with this very connection.
///
/// What met a lock of somebody else's is rolled back and done again, up to five times. So `work` does nothing
/// but read and write the database, and keeps nothing from one try to the next. It locks the rows it is about
/// before it reads anything: MariaDB 11.6 and later refuse to lock a row that was changed since the
/// transaction's first plain read (`innodb_snapshot_isolation`).
pub fn transaction<T>(host: &dyn Host, work: impl Fn() -> Result<T>) -> Result<T> {
    repeated(host, patience(), || once(host, &work))
}

/// Like [`transaction`], and done again until the moment `until`: for what cannot be made good later.
pub fn transaction_until<T>(
    host: &dyn Host,
    until: Instant,
    work: impl Fn() -> Result<T>,
) -> Result<T> {
    repeated(host, |_| instant() < until, || once(host, &work))
}

/// Runs one statement that writes; one that stands alone is repeated as a transaction is.
pub(super) fn execute(host: &dyn Host, sql: &str, params: &[Value]) -> Result<u64> {
    if host.in_transaction() {
        return host.execute(sql, params);
    }
    repeated(host, patience(), || host.execute(sql, params))
}

fn patience() -> impl Fn(usize) -> bool {
    let until = instant() + PATIENCE;
    move |tries| tries < PAUSES.len() && instant() < until
}

fn repeated<T>(
    host: &dyn Host,
    may_repeat: impl Fn(usize) -> bool,
    work: impl Fn() -> Result<T>,
) -> Result<T> {
    let nested = host.in_transaction();
    for tries in 0.. {
        let error = match work() {
            Err(error) if error.is_lock_conflict() => error,
            done => return done,
        };
        if nested {
            return Err(error.with_note(
                "WHMCS had a transaction of its own open, which a deadlock takes back as well, so it was not tried again; run it again.",
            ));
        }
        if !may_repeat(tries) {
            return Err(gave_up(error, tries + 1));
        }
        host.pause(PAUSES[tries.min(PAUSES.len() - 1)]);
    }
    unreachable!("the last try returns")
}

fn gave_up(error: Error, tries: usize) -> Error {
    error.with_note(&format!(
        "Other requests held the same rows each of the {tries} times this was tried, so nothing of it was written; it may be run again."
    ))
}

/// One try. A lock timeout takes back only its statement; here the whole transaction goes.
fn once<T>(host: &dyn Host, work: impl Fn() -> Result<T>) -> Result<T> {
    host.begin()?;
    let open = Open(host);
    // The first error is the one to tell; a connection that is gone has rolled back anyway.
    let value = work()?;
    host.commit()?;
    std::mem::forget(open);
    Ok(value)
}

/// A transaction that is rolled back unless it is forgotten.
struct Open<'a>(&'a dyn Host);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let _ = self.0.rollback();
    }
}

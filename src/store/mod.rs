//! Every SQL statement of the project and the schema of our tables. Nothing here knows a router.
//! Our tables begin with `mod_mikrotikvpn_`; the others are WHMCS's own. Moments are stored as
//! DATETIME in UTC, days and months as DATE in WHMCS's time zone.

pub mod accounts;
pub mod batch;
pub mod checkups;
pub mod collections;
pub mod forms;
pub mod grants;
pub mod history;
pub mod invoices;
pub mod live;
pub mod mail_templates;
pub mod mails;
pub mod overview;
pub mod products;
mod rows;
mod schema;
pub mod servers;
pub mod services;
pub mod standings;
pub mod sync;

pub use schema::ensure as ensure_schema;

use crate::error::Result;
use crate::host::Host;

/// Runs `work` in one transaction: committed when it returns `Ok`, else rolled back, also when it
/// panics: WHMCS goes on with this very connection.
pub fn transaction<T>(host: &dyn Host, work: impl FnOnce() -> Result<T>) -> Result<T> {
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

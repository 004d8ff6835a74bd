//! Every SQL statement of the project and the schema of our tables. Nothing here knows a router.
//! Our tables begin with `mod_mikrotikvpn_`; the others are WHMCS's own. Moments are stored as
//! DATETIME in UTC, days and months as DATE in WHMCS's time zone.

pub mod accounts;
pub mod batch;
pub mod collections;
pub mod grants;
pub mod history;
pub mod mail_templates;
mod rows;
mod schema;
pub mod servers;
pub mod services;

pub use schema::ensure as ensure_schema;

use crate::error::Result;
use crate::host::Host;

/// Runs `work` in one transaction: committed when it returns `Ok`, else rolled back.
pub fn transaction<T>(host: &dyn Host, work: impl FnOnce() -> Result<T>) -> Result<T> {
    host.begin()?;
    match work() {
        Ok(value) => {
            host.commit()?;
            Ok(value)
        }
        Err(error) => {
            // The first error is the one to tell; a connection that is gone has rolled back anyway.
            let _ = host.rollback();
            Err(error)
        }
    }
}

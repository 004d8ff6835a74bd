//! The ledger: readings become usage (`meter`, pure), usage is booked (`collect`), and what a customer
//! may still use is granted (`grants`). The promise: never bill a byte twice, never lose a byte that
//! can be known, and say what cannot be known.

pub mod collect;
pub mod grants;
pub mod last_reading;
pub mod meter;
pub mod metrics;
pub mod schedule;

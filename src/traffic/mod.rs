//! The ledger: readings become usage (`meter` and `sessions`, pure), usage is booked (`collect`, with
//! `metering` and `reset` as its steps), what
//! a customer may still use is granted (`grants`, `opening`), and what a balance means is decided (`settle`)
//! and carried out (`enforce`, `outbox`). `retention` decides what of the history is kept. The promise: never bill a byte twice, never lose a byte that can
//! be known, and say what cannot be known.
//!
//! Pure, with their rules on top: `meter`, `sessions`, `compare`, `logins`, `balance`, `period`, `cap`, `notice`.

pub mod balance;
pub mod cap;
pub mod collect;
pub mod compare;
pub mod enforce;
pub mod grants;
mod index;
pub mod last_reading;
pub mod ledger;
mod logins;
pub mod meter;
mod metering;
pub mod metrics;
pub mod notice;
mod opening;
pub mod outbox;
pub mod period;
mod remarks;
mod reset;
pub mod retention;
pub mod schedule;
pub mod sessions;
pub mod settle;

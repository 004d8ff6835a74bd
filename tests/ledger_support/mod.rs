//! What the simulation of the ledger is made of; `ledger_simulation.rs` says how to run it.
//!
//! - `dice`, `schedules`: chance from a seed, and many seeds on all cores;
//! - `pure`, `pure_tasks`: the meter alone against a model of a router and of the books.

pub mod dice;
pub mod pure;
pub mod pure_tasks;
pub mod schedules;

//! What the simulation of the ledger is made of; `ledger_simulation.rs` says how to run it.
//!
//! - `dice`, `schedules`: chance from a seed, and many seeds on all cores;
//! - `pure`, `pure_tasks`: the meter alone against a model of a router and of the books; `pure_balance`:
//!   payments, debts and waiting grants alone;
//! - `full`: one schedule of the whole ledger; `plays`, `weather`, `checks`: what happens in it and what
//!   must hold; `account`: one account, with the invariants of every moment; `race`: two at every boundary;
//!   `conflicts`: a lock conflict at every statement; `clocks`: clocks that run ahead;
//!   `tally`: whether enough went wrong; `rules`: grants and corrections to the byte;
//! - `stage`, `cast`: operations as threads of which one runs at a time; `shop`, `desk`: WHMCS before and
//!   behind the module; `books`: what the database shows.

pub mod account;
pub mod books;
pub mod cast;
pub mod checks;
mod clocks;
pub mod conflicts;
pub mod desk;
pub mod dice;
pub mod full;
pub mod plays;
pub mod pure;
pub mod pure_balance;
pub mod pure_tasks;
pub mod race;
mod rules;
pub mod schedules;
pub mod shop;
pub mod stage;
pub mod tally;
pub mod weather;

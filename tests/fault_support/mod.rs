//! What the fault matrix is made of; `fault_matrix.rs` says how to run it.
//!
//! - `faults`: everything that goes wrong, and when it strikes;
//! - `works`: the commands, what each needs before it and what is so when it is done;
//! - `world`: a router with other people's objects beside ours, and one service sold on it;
//! - `whmcs`: a WHMCS of one process over a real database;
//! - `cell`: one fault against one command, and what must hold;
//! - `table`: all of them, and the table that is left behind.
//!
//! A further file, `secrets`, looks for marked passwords wherever they must not be.

pub mod cell;
pub mod faults;
pub mod secrets;
pub mod table;
pub mod whmcs;
pub mod works;
pub mod world;

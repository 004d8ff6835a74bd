//! Accounts: one engine for every command. What WHMCS wants (`Desired`) and what the router has
//! (`Observed`) make a plan (pure), and the plan is applied with an inverse for each step. Running a
//! command again finishes what a lost reply, a timeout or a crash left half done.
//!
//! Reading order: `verdict`, `plan`, `observe`, `apply`, `call`, `commands`, `create`.

pub mod addresses;
pub mod agreement;
pub mod apply;
pub mod bypass;
mod call;
pub mod commands;
mod create;
pub mod listing;
pub mod names;
pub mod observe;
pub mod plan;
pub(crate) mod product;
pub mod tag;
pub mod verdict;

pub(crate) use call::{server_settings, stored_server_settings};

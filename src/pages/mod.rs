//! What the pages show, as plain values: templates only place and escape them. Nothing here changes
//! anything but [`correction::save`] and [`doubts::save`], the two forms, and a router that does not answer costs a page at most [`PATIENCE`].

pub mod admin;
pub mod client;
pub mod correction;
pub mod doubts;
mod forecast;
pub mod history;
mod ledger;
mod live;
pub mod mail;
pub mod overview;
pub mod product;
pub mod profiles;
pub mod sheet;
pub mod statistics;
mod status;
pub mod visitor;

use std::time::Duration;

/// How long a page waits for a router.
pub const PATIENCE: Duration = Duration::from_secs(3);

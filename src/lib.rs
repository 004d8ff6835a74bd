//! Core of mikrotikvpn, a WHMCS server module that sells VPN accounts on MikroTik routers.
//!
//! Everything that thinks is here; nothing here knows PHP. The extension in `php/` turns WHMCS's calls
//! into [`Params`](params::Params), implements [`Host`](host::Host) over WHMCS, and calls [`module`].
//!
//! | room | what lives there |
//! |---|---|
//! | [`module`] | what WHMCS calls, by its names; errors become sentences and log entries |
//! | [`account`] | one engine for every lifecycle command: desired, observed, plan, apply |
//! | [`traffic`] | the ledger: readings to usage, collection, grants |
//! | [`doctor`] | what is wrong with a router, and the commands that mend it |
//! | [`pages`] | what the client and admin pages show |
//! | [`routeros`] | the router: transport, TLS trust, rows, typed operations, deadline |
//! | [`store`] | every SQL statement and the schema of our tables |
//! | [`settings`] | product and server settings, parsed once |
//! | [`installation`] | which WHMCS this is, and what may be done while that is not known |
//! | [`boundary`] | where a test may cut an operation off |
//! | [`limits`] | what a router may make us hold, repeat or wait for |
//! | [`host`], [`params`], [`error`], [`units`], [`secret`], [`mod@printable`], `random` | the words all of them share |
//!
//! Dependencies point one way: `module → pages, doctor, traffic, account → store, routeros → units, error`.
//! `routeros` knows nothing of WHMCS and `store` nothing of routers. Reading order: `units`, `settings`,
//! `account::plan`, `traffic::meter`, `traffic::collect`.

pub mod account;
pub mod boundary;
pub mod doctor;
pub mod error;
#[cfg(test)]
mod fuzz;
pub mod host;
pub mod installation;
pub mod limits;
pub mod module;
pub mod pages;
pub mod params;
pub mod printable;
mod random;
pub mod routeros;
pub mod secret;
pub mod settings;
pub mod store;
pub mod traffic;
pub mod units;

pub use error::{Error, Result};

//! Core of mikrotikvpn.
pub mod error;
pub mod host;
pub mod params;
pub mod routeros;
pub mod secret;
pub mod units;

pub use error::{Error, Result};

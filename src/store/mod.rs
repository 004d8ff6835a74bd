//! Every SQL statement of the project and the schema of our tables. Nothing here knows a router.
//! Our tables begin with `mod_mikrotikvpn_`; the others are WHMCS's own. Moments are stored as
//! DATETIME in UTC, days and months as DATE in WHMCS's time zone. Whoever locks rows of several tables does
//! it in one [`transaction`], in the order of [`LOCK_ORDER`].

pub mod accounts;
pub mod activity;
pub mod batch;
pub mod checkups;
pub mod collections;
pub mod cron_php;
mod deviations;
pub mod forms;
pub mod grants;
pub mod history;
pub mod installation;
pub mod invoices;
pub mod live;
pub mod mail_templates;
pub mod mails;
pub mod overview;
pub mod products;
mod rows;
mod schema;
pub mod servers;
pub mod services;
pub mod standings;
pub mod sync;
mod tables;
mod transaction;

pub use deviations::Deviation;
pub use schema::{
    deviations, ensure as ensure_schema, ensure_sound as ensure_sound_schema, explained,
};
use transaction::execute;
pub use transaction::{LOCK_ORDER, transaction, transaction_until};

//! The router: everything that is said to RouterOS and understood from it.
//!
//! [`Router`] is the blocking front others use. Below it, [`Transport`] carries protocol-neutral
//! [`Command`]s (REST or the binary API) and hands out raw [`Record`]s as they come, which `rows` turns into typed rows and `lists` into the
//! small lists of a collection.
//! Reading order: `router`, `client`, `command`, `rest`, `json`, `api`, `rows`, `lists`, `tls`.
//!
//! Nothing here knows WHMCS, and nothing outlives a [`Router`]: runtime, sockets and threads are made
//! in the call and end with it, because php-fpm forks. What stays in the process is plain data: the
//! TLS configurations with their session caches.

mod api;
mod blocking;
mod certificate;
mod client;
mod command;
mod deadline;
mod device;
mod dial;
#[cfg(test)]
mod dropped;
mod endpoint;
mod failure;
mod fields;
mod json;
mod last_reading;
mod lists;
mod plausible;
mod query;
mod read_only;
mod record;
mod resolve;
mod rest;
mod router;
mod rows;
mod time;
mod tls;
mod tls_words;
mod transcript;
mod verifier;
mod version;
mod way;

pub use certificate::{Certificate, TrustedBy};
pub use command::{Command, Follower, OneWrite, Sink, Together, Transport, Value};
pub use deadline::Deadline;
pub use device::{
    AddressListRow, CertificateRow, ClockRow, DeviceModeRow, FilterRow, GroupRow, LicenseRow,
    PoolRow, QueueMatchRow, VpnServerRow,
};
pub use endpoint::{Endpoint, Fingerprint, TransportKind, Trust};
pub use fields::{QueueFields, SecretFields};
pub use last_reading::{LastReading, ResetFate};
pub use lists::{
    Counters, Interfaces, ListedCounters, ListedInterface, ListedQueue, ListedSecret,
    ListedSession, Lists, Queues, Secrets, Sessions,
};
pub use query::Query;
pub use record::Record;
pub use router::Router;
pub use rows::{
    Id, InterfaceRow, ProfileRow, QueueRow, ResourceRow, SecretRow, ServiceRow, SessionRow,
};
pub use tls::{Presented, believed, presented};
pub use transcript::Exchange;
pub use version::Version;
pub use way::{Way, approach};

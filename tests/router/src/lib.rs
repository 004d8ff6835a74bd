//! A strict RouterOS simulator: REST and the binary API, two fronts over the same console.
//!
//! Layout, from the wire inwards:
//! - `server/`: listeners, TLS, REST (`rest.rs`, `path.rs`), the binary API (`api/`), bytes that misbehave (`wire.rs`);
//! - `control.rs`: the simulator's own HTTP port for tests in other languages;
//! - `engine.rs`: the console, one entry for every protocol; `commands/`: what each command does;
//! - `menus/`: types, defaults and error texts of each menu; `schema.rs`: names per version from `data/`;
//! - `tables.rs`, `value.rs`, `render.rs`, `octets.rs`: rows as stored, values on the way in and out;
//! - `session.rs`, `flow.rs`, `queue_index.rs`: PPP sessions, traffic, which queue counts it;
//! - `guests.rs`, `presence.rs`, `log.rs`: connections to the router's own services, login users, what it
//!   writes down;
//! - `router.rs`: the handle for tests; `fault.rs`, `stats.rs`: what goes wrong and what was asked.
//!
//! ```no_run
//! use router_sim::{Dial, Options, Router, Server, ServerOptions};
//!
//! let router = Router::new(Options::default());
//! router.add_user("whmcs", "secret", "full").unwrap();
//! let server = Server::start(&router, &ServerOptions::default()).unwrap();
//! println!("{}/rest/ppp/secret", server.url());
//! router.exec("/ppp/secret/add", &[("name", "ann"), ("remote-address", "10.0.0.2")]).unwrap();
//! router.connect(&Dial::l2tp("ann")).unwrap();
//! router.traffic("ann", 1_000, 20_000);
//! ```

mod admission;
mod clock;
mod commands;
mod control;
mod duration;
mod engine;
mod factory;
mod fault;
mod field;
mod flow;
mod guests;
mod json;
mod link;
mod log;
mod menus;
mod octets;
mod options;
mod policy;
mod presence;
mod query;
mod queue_index;
mod range;
mod rate_limit;
mod record;
mod render;
mod router;
mod schema;
mod server;
mod session;
mod state;
mod stats;
mod tables;
mod trap;
mod value;
mod version;

pub use clock::ClockMode;
pub use control::Control;
pub use engine::{Caller, Command, Reply};
pub use fault::{Armed, Effect, Fault, Hand, When};
pub use flow::Traffic;
pub use options::{
    DynamicQueues, LogoutTotals, Masking, MissingRestPolicy, OnlyOne, Options, SameAddress,
};
pub use policy::PolicySet;
pub use query::Query;
pub use record::{Record, Value};
pub use router::{Router, Seed};
pub use server::{Authority, CertificateStyle, Identity, Server, ServerOptions, StartError};
pub use session::{ConnectError, Dial};
pub use stats::{Counts, LoggedRequest};
pub use tables::TableId;
pub use trap::{Refusal, Trap};
pub use version::{BadVersion, Version};

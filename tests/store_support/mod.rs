//! What the tests of the store are made of: `database` is WHMCS over a database of its own; the others hold
//! tests.

mod database;
mod retention;
mod schema;
mod texts;

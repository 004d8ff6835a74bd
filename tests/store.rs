//! The store in a real database: what no statement on paper shows.

mod mariadb_support;
mod store_support;

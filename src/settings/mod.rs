//! Settings, parsed once into values that cannot be wrong: a product's module settings
//! ([`ProductSettings`]) and a WHMCS server record ([`ServerSettings`]). Whatever does not parse is an
//! error that names the field, what it holds and what was expected.

mod lenient;
mod lines;
pub(crate) mod number;
mod product;
mod server;

pub(crate) use lines::shortened;
pub use product::{
    CapPolicy, ChartEngine, CollectionFrequency, FIELDS, Field, FieldKind, NOTICE_TEMPLATE,
    PppService, ProductSettings, Protocol, Protocols, Quotas, SUSPENSION_TEMPLATE, ShowPassword,
};
pub use server::{MeterSource, ServerSettings};

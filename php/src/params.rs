//! WHMCS's `$params` as the core's [`Params`]: scalars only. Objects are never touched: `model` is a
//! database model whose every property may run a query, and it drags the client's record along.

use ext_php_rs::types::{ZendHashTable, Zval};
use mikrotikvpn::params::Params;

use crate::engine;

/// Copies the scalars of `$params`, of `configoptions` and of `clientsdetails`.
pub(crate) fn from_array(array: &ZendHashTable) -> Params {
    let mut params = Params::new();
    for (name, value) in scalars(array) {
        params.set(&name, &value);
    }
    for (name, value) in nested(array, "configoptions") {
        params.set_option(&name, &value);
    }
    for (name, value) in nested(array, "clientsdetails") {
        params.set_client(&name, &value);
    }
    params
}

fn nested(array: &ZendHashTable, name: &str) -> Vec<(String, String)> {
    array
        .get(name)
        .and_then(Zval::array)
        .map(|inner| scalars(inner).collect())
        .unwrap_or_default()
}

fn scalars(array: &ZendHashTable) -> impl Iterator<Item = (String, String)> {
    array
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), scalar(value.dereference())?)))
}

/// As PHP prints it: `true` is "1", `false` and null are "".
fn scalar(value: &Zval) -> Option<String> {
    if value.is_string() {
        return engine::text(value);
    }
    if value.is_scalar() || value.is_null() {
        return value.coerce_to_string();
    }
    None
}

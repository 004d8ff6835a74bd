//! The core's answers as PHP arrays.

use ext_php_rs::boxed::ZBox;
use ext_php_rs::error::Result;
use ext_php_rs::types::{ZendHashTable, Zval};
use serde_json::{Number, Value};

use crate::engine;

/// An object becomes an associative array in the same order, an array a list. WHMCS expects an
/// array in every place this is used for, so anything else becomes an empty one.
pub(crate) fn array(value: &Value) -> Result<ZBox<ZendHashTable>> {
    match value {
        Value::Object(fields) => {
            let mut table = with_capacity(fields.len());
            for (name, field) in fields {
                table.insert(name.as_str(), zval(field)?)?;
            }
            Ok(table)
        }
        Value::Array(items) => {
            let mut table = with_capacity(items.len());
            for item in items {
                table.push(zval(item)?)?;
            }
            Ok(table)
        }
        _ => Ok(ZendHashTable::new()),
    }
}

fn zval(value: &Value) -> Result<Zval> {
    Ok(match value {
        Value::Null => Zval::null(),
        Value::Bool(flag) => {
            let mut zval = Zval::new();
            zval.set_bool(*flag);
            zval
        }
        Value::Number(number) => number_zval(number),
        Value::String(text) => engine::string(text),
        Value::Array(_) | Value::Object(_) => {
            let mut zval = Zval::new();
            zval.set_hashtable(array(value)?);
            zval
        }
    })
}

/// PHP has signed 64-bit integers; what does not fit becomes a float, as in PHP itself.
fn number_zval(number: &Number) -> Zval {
    let mut zval = Zval::new();
    match number.as_i64() {
        Some(integer) => zval.set_long(integer),
        None => zval.set_double(number.as_f64().unwrap_or_default()),
    }
    zval
}

fn with_capacity(length: usize) -> ZBox<ZendHashTable> {
    ZendHashTable::with_capacity(u32::try_from(length).unwrap_or_default())
}

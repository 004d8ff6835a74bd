//! Between the core's values and the database's.

use mikrotikvpn::Error;
use mikrotikvpn::host::{Row, Value};
use mysql::Params;
use mysql::consts::ColumnType;

/// As the core is told of a statement that failed.
pub fn failure(error: &mysql::Error) -> Error {
    let code = match error {
        mysql::Error::MySqlError(error) => Some(u32::from(error.code)),
        _ => None,
    };
    Error::whmcs("use its database", error.to_string(), code)
}

/// The parameters of a statement.
pub fn bound(params: &[Value]) -> Params {
    if params.is_empty() {
        return Params::Empty;
    }
    let value = |value: &Value| match value {
        Value::Null => mysql::Value::NULL,
        Value::Int(number) => mysql::Value::Int(*number),
        Value::Float(number) => mysql::Value::Double(*number),
        Value::Text(text) => mysql::Value::Bytes(text.clone().into_bytes()),
    };
    Params::Positional(params.iter().map(value).collect())
}

/// A row as the core is given it.
pub fn columns(row: mysql::Row) -> Row {
    let types: Vec<_> = row
        .columns_ref()
        .iter()
        .map(mysql::Column::column_type)
        .collect();
    let values = row.unwrap().into_iter().zip(types);
    values.map(|(value, kind)| column(value, kind)).collect()
}

/// Dates and decimals as text, as PHP has them.
fn column(value: mysql::Value, kind: ColumnType) -> Value {
    match value {
        mysql::Value::NULL => Value::Null,
        mysql::Value::Int(number) => Value::Int(number),
        mysql::Value::UInt(number) => Value::Int(i64::try_from(number).unwrap_or(i64::MAX)),
        mysql::Value::Float(number) => Value::Float(f64::from(number)),
        mysql::Value::Double(number) => Value::Float(number),
        mysql::Value::Bytes(bytes) => Value::Text(String::from_utf8_lossy(&bytes).into_owned()),
        mysql::Value::Date(year, month, day, hour, minute, second, _) => Value::Text(match kind {
            ColumnType::MYSQL_TYPE_DATE => format!("{year:04}-{month:02}-{day:02}"),
            _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
        }),
        mysql::Value::Time(..) => unreachable!("no column of WHMCS's or ours is a time"),
    }
}

//! Statements with many rows: thousands of accounts must not cost thousands of round trips.

use std::fmt::Write as _;

use super::execute;
use crate::error::Result;
use crate::host::{Host, Row, Value};

/// Text of one statement. Servers refuse packets above `max_allowed_packet`, by default 4 MB or more; half
/// a megabyte is some 1,500 bookings, and larger ones are no faster.
const BYTES: usize = 512 << 10;

/// Bound values of one statement; MySQL takes at most 65,535.
const BOUND: usize = 20_000;

/// Ids of one query. MariaDB makes a temporary table of a list of 1,000 and more
/// (`in_predicate_conversion_threshold`), on disk when a row holds a TEXT.
pub const IDS: usize = 900;

/// Runs `INSERT … VALUES (…),(…) <tail>` for all `rows`, a few thousand at a time. In `tail` a new value is
/// `VALUES(column)`: MySQL 8.0.20 and later warn of it in favour of a name for the row, which no MariaDB knows;
///  and a derived table, which both know, makes a SELECT of every row: booking 10,000 accounts took MariaDB 10.11
/// 1.2 s instead of 0.74 s. `head` ends before
/// the word VALUES; every row has as many values as `head` names columns. Returns the affected rows.
pub(super) fn insert<const COLUMNS: usize>(
    host: &dyn Host,
    head: &str,
    tail: &str,
    rows: impl Iterator<Item = [Value; COLUMNS]>,
) -> Result<u64> {
    let mut affected = 0;
    let mut statement = Statement::default();
    for row in rows {
        statement.begin(&[head, " VALUES "]);
        statement.text.push('(');
        for (position, value) in row.iter().enumerate() {
            if position > 0 {
                statement.text.push(',');
            }
            statement.value(value);
        }
        statement.text.push(')');
        if statement.is_full() {
            affected += statement.run(host, tail)?;
        }
    }
    Ok(affected + statement.run(host, tail)?)
}

/// Runs `<head> (…ids…)` for all `ids`, with `first` bound before them.
pub(super) fn over_ids(host: &dyn Host, head: &str, first: &[Value], ids: &[i64]) -> Result<u64> {
    let mut affected = 0;
    let mut statement = Statement::default();
    for &id in ids {
        if statement.text.is_empty() {
            statement.bound = first.to_vec();
        }
        statement.begin(&[head, " ("]);
        statement.value(&Value::Int(id));
        if statement.is_full() {
            affected += statement.run(host, ")")?;
        }
    }
    Ok(affected + statement.run(host, ")")?)
}

/// Runs `<head> (…ids…) <tail>` for all `ids` and returns the rows.
pub(super) fn select_ids(host: &dyn Host, head: &str, ids: &[i64], tail: &str) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for chunk in ids.chunks(IDS) {
        let numbers: Vec<_> = chunk.iter().map(ToString::to_string).collect();
        let sql = format!("{head} ({}) {tail}", numbers.join(","));
        rows.extend(host.query(&sql, &[])?);
    }
    Ok(rows)
}

/// A statement that grows row by row.
#[derive(Default)]
struct Statement {
    text: String,
    bound: Vec<Value>,
}

impl Statement {
    /// Before each row: `head` before the first, a comma before the others.
    fn begin(&mut self, head: &[&str]) {
        if self.text.is_empty() {
            self.text.reserve(BYTES + BYTES / 8);
            self.text.extend(head.iter().copied());
        } else {
            self.text.push(',');
        }
    }

    /// What needs no quoting stands in the text: binding a hundred thousand values one by one through
    /// PHP takes longer than the database needs to read them.
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.text.push_str("NULL"),
            Value::Int(number) => {
                // Writing to a String cannot fail.
                let _ = write!(self.text, "{number}");
            }
            Value::Text(text) if is_plain(text) => {
                self.text.push('\'');
                self.text.push_str(text);
                self.text.push('\'');
            }
            Value::Text(_) | Value::Float(_) => {
                self.text.push('?');
                self.bound.push(value.clone());
            }
        }
    }

    fn is_full(&self) -> bool {
        self.text.len() >= BYTES || self.bound.len() >= BOUND
    }

    /// Runs what has come together, if anything, and begins anew.
    fn run(&mut self, host: &dyn Host, tail: &str) -> Result<u64> {
        if self.text.is_empty() {
            return Ok(0);
        }
        let Self { mut text, bound } = std::mem::take(self);
        text.extend([" ", tail]);
        execute(host, &text, &bound)
    }
}

/// Printable ASCII without what could end a literal or stand for a bound value: the same between single
/// quotes in every SQL mode and character set.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'\'' | b'\\' | b'?'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_need_quoting_is_bound() {
        let mut statement = Statement::default();
        statement.begin(&["INSERT ", "VALUES "]);
        for value in [
            Value::Int(i64::MIN),
            Value::Null,
            "2026-01-31 23:59:59".into(),
            "*1A".into(),
            "{\"a\":1}".into(),
            "it's".into(),
            "\\".into(),
            "a?b".into(),
            "é".into(),
            Value::Float(0.5),
        ] {
            statement.begin(&[]);
            statement.value(&value);
        }
        assert_eq!(
            statement.text,
            "INSERT VALUES ,-9223372036854775808,NULL,'2026-01-31 23:59:59','*1A','{\"a\":1}',?,?,?,?,?"
        );
        assert_eq!(statement.bound.len(), 5);
    }
}

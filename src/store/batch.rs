//! Statements with many rows: thousands of accounts must not cost thousands of round trips.

use crate::error::Result;
use crate::host::{Host, Row, Value};

/// Rows of one statement. MySQL takes 65,535 bound values in a statement and, by default, packets of
/// 16 MB: this many rows of ten columns stay well below both.
const ROWS: usize = 2_000;

/// Runs `INSERT … VALUES (…),(…) <tail>` for all `rows`, a few thousand at a time. `head` ends before
/// the word VALUES; every row has as many values as `head` names columns. Returns the affected rows.
pub(super) fn insert(host: &dyn Host, head: &str, tail: &str, rows: &[Vec<Value>]) -> Result<u64> {
    let mut affected = 0;
    for chunk in rows.chunks(ROWS) {
        let width = chunk.first().map_or(0, Vec::len);
        let group = format!("({})", marks(width));
        let groups = vec![group.as_str(); chunk.len()].join(",");
        let sql = format!("{head} VALUES {groups} {tail}");
        affected += host.execute(&sql, &chunk.concat())?;
    }
    Ok(affected)
}

/// Runs `<head> (…ids…)<tail>` for all `ids`, with `first` bound before them.
pub(super) fn over_ids(host: &dyn Host, head: &str, first: &[Value], ids: &[i64]) -> Result<u64> {
    let mut affected = 0;
    for chunk in ids.chunks(ROWS * 5) {
        let sql = format!("{head} ({})", marks(chunk.len()));
        let mut params = first.to_vec();
        params.extend(chunk.iter().map(|&id| Value::Int(id)));
        affected += host.execute(&sql, &params)?;
    }
    Ok(affected)
}

/// Runs `<head> (…ids…) <tail>` for all `ids` and returns the rows.
pub(super) fn select_ids(host: &dyn Host, head: &str, ids: &[i64], tail: &str) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for chunk in ids.chunks(ROWS * 5) {
        let sql = format!("{head} ({}) {tail}", marks(chunk.len()));
        let params: Vec<_> = chunk.iter().map(|&id| Value::Int(id)).collect();
        rows.extend(host.query(&sql, &params)?);
    }
    Ok(rows)
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(",")
}

//! `mod_mikrotikvpn_collections`: the journal of collections.

use chrono::{DateTime, Utc};

use super::execute;
use super::rows::{Columns, count, moment};
use super::servers::Sighting;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::limits::{REMARKS_BYTES, SENTENCE_BYTES};
use crate::printable::excerpt;
use crate::units::Traffic;

/// How a collection went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Accounts whose counters were read and booked.
    pub accounts: usize,
    /// Bytes booked.
    pub usage: Traffic,
    /// What the admin should know, one sentence each.
    pub remarks: Vec<String>,
    /// What it saw of the router; in the server's row, not in the journal.
    pub seen: Sighting,
}

/// Opens a journal entry; its id also marks the resets this collection asks for.
pub fn open(host: &dyn Host, server: i64, at: DateTime<Utc>) -> Result<i64> {
    execute(
        host,
        "INSERT INTO mod_mikrotikvpn_collections (server_id, started_at) VALUES (?, ?)",
        &[server.into(), moment(at)],
    )?;
    let rows = host.query("SELECT LAST_INSERT_ID()", &[])?;
    let id = rows.into_iter().next().map(|row| Columns::of(row).int());
    id.transpose()?
        .filter(|&id| id > 0)
        .ok_or_else(|| Error::bug("the journal entry has no id"))
}

/// Closes an entry.
pub fn close(
    host: &dyn Host,
    collection: i64,
    at: DateTime<Utc>,
    outcome: &Outcome,
    error: Option<&str>,
) -> Result<()> {
    execute(
        host,
        "UPDATE mod_mikrotikvpn_collections SET finished_at = ?, accounts = ?, download = ?, \
         upload = ?, remarks = ?, error = ? WHERE id = ?",
        &[
            moment(at),
            count(outcome.accounts as u64),
            count(outcome.usage.download.0),
            count(outcome.usage.upload.0),
            remarks(&outcome.remarks).into(),
            error.map(|error| excerpt(error, SENTENCE_BYTES)).into(),
            collection.into(),
        ],
    )?;
    Ok(())
}

/// One a line, as much of them as the column takes.
fn remarks(sentences: &[String]) -> String {
    let mut text = String::new();
    for sentence in sentences {
        let sentence = excerpt(sentence, SENTENCE_BYTES);
        if text.len() + 1 + sentence.len() > REMARKS_BYTES {
            break;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&sentence);
    }
    text
}

/// Deletes entries of a server older than `before`.
pub fn forget(host: &dyn Host, server: i64, before: DateTime<Utc>) -> Result<()> {
    execute(
        host,
        "DELETE FROM mod_mikrotikvpn_collections WHERE server_id = ? AND started_at < ?",
        &[server.into(), moment(before)],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_never_outgrow_their_column() {
        let many: Vec<_> = (0..1_000)
            .map(|n| format!("{n}\0{}", "é".repeat(5_000)))
            .collect();
        let text = remarks(&many);
        assert!(
            text.len() <= 65_535 && text.starts_with("0 é"),
            "{}",
            text.len()
        );
        assert!(text.lines().count() > 10);
        assert_eq!(remarks(&["One.".into(), "Two.".into()]), "One.\nTwo.");
    }
}

//! The ledger of a service as a page to print: every entry of its balance, proof for a dispute.

use serde_json::{Value, json};

use crate::error::Result;
use crate::host::Host;
use crate::traffic::ledger::{Line, ledger};

/// `entries` oldest first, in bytes; `balance` is null when it is unlimited; `printed_at` is a Unix time.
pub fn view(host: &dyn Host, service: i64, username: &str) -> Result<Value> {
    let ledger = ledger(host, service)?;
    let entry =
        |line: &Line| json!({"day": line.day.to_string(), "text": line.text, "bytes": line.bytes});
    Ok(json!({
        "username": username,
        "printed_at": host.now().timestamp(),
        "entries": ledger.lines.iter().map(entry).collect::<Value>(),
        "balance": ledger.balance,
    }))
}

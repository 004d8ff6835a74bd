//! What must hold between the values of one row.

use crate::tables::{Row, TableId};
use crate::trap::Trap;

/// A guaranteed rate of a queue may not be above its limit; 0 is no limit. The sentences as public clients of
/// `/queue/simple` look for them, the one of the totals by analogy.
const SIDES: [(&str, &str, &str, &str); 3] = [
    (
        "limit-at",
        "max-limit",
        "upload",
        "failure: upload-max-limit less than upload-limit",
    ),
    (
        "limit-at",
        "max-limit",
        "download",
        "failure: download-max-limit less than download-limit",
    ),
    (
        "total-limit-at",
        "total-max-limit",
        "total",
        "failure: total-max-limit less than total-limit",
    ),
];

/// Refuses a row whose values contradict each other.
pub fn check(table: TableId, row: &Row) -> Result<(), Trap> {
    if table != TableId::Queue {
        return Ok(());
    }
    let text = |name: &str| table.column(name).and_then(|column| row.text(column));
    for (guaranteed, most, side, sentence) in SIDES {
        let rate = |name: &str| half(text(name).unwrap_or("0"), side);
        if rate(most) > 0 && rate(guaranteed) > rate(most) {
            return Err(Trap::failure(sentence));
        }
    }
    Ok(())
}

/// One side of `upload/download`; of a single rate, that.
fn half(text: &str, side: &str) -> u64 {
    let (upload, download) = text.split_once('/').unwrap_or((text, text));
    let rate = if side == "download" { download } else { upload };
    rate.parse().unwrap_or(0)
}

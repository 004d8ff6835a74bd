//! WHMCS's `tblinvoices` and `tblinvoiceitems`: which periods of a service were billed and paid.

use chrono::NaiveDate;

use super::rows::Columns;
use crate::error::Result;
use crate::host::Host;

/// One billed period of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The day the period begins: WHMCS writes the due date the service had into the item.
    pub begins: NaiveDate,
    /// Its invoice is paid.
    pub paid: bool,
}

/// The billed periods of a service. Items without a date of their own have that of their invoice.
pub fn items(host: &dyn Host, service: i64) -> Result<Vec<Item>> {
    let rows = host.query(
        "SELECT t.duedate, i.duedate, i.date, i.status FROM tblinvoiceitems t \
         JOIN tblinvoices i ON i.id = t.invoiceid WHERE t.type = 'Hosting' AND t.relid = ?",
        &[service.into()],
    )?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let mut columns = Columns::of(row);
        let dates = [columns.date()?, columns.date()?, columns.date()?];
        let paid = columns.text()?.eq_ignore_ascii_case("paid");
        if let Some(begins) = dates.into_iter().flatten().next() {
            items.push(Item { begins, paid });
        }
    }
    Ok(items)
}

//! WHMCS's `tblemailtemplates`.

use super::rows::Columns;
use crate::error::Result;
use crate::host::Host;

/// Names of the product templates in the default language.
pub fn product_templates(host: &dyn Host) -> Result<Vec<String>> {
    let rows = host.query(
        "SELECT name FROM tblemailtemplates WHERE type = 'product' AND language = '' ORDER BY name",
        &[],
    )?;
    rows.into_iter()
        .map(|row| Columns::of(row).text())
        .collect()
}

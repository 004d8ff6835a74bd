//! Our own tables in WHMCS's database.

use super::finding::Finding;
use crate::host::Host;
use crate::store;

const CHECK: &str = "Tables";

/// What is not as it should be in them, or why that cannot be told.
pub(super) fn tables(host: &dyn Host) -> Vec<Finding> {
    let deviations = match store::deviations(host) {
        Ok(deviations) => deviations,
        Err(error) => return vec![Finding::problem(CHECK, error.to_string())],
    };
    if deviations.is_empty() {
        return vec![Finding::ok(
            CHECK,
            "The tables in WHMCS's database are as they should be.",
        )];
    }
    let findings = deviations.into_iter().map(|deviation| {
        let says = format!("{}. {}.", deviation.what, deviation.remedy());
        if deviation.blocks {
            Finding::problem(CHECK, says)
        } else {
            Finding::warning(CHECK, says)
        }
    });
    findings.collect()
}

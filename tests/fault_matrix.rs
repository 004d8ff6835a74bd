//! Every fault against every command and the collection, over both transports. Leaves the table in
//! `target/fault-matrix.txt`.
//!
//! `FAULT=part of a name` runs only the faults of such names.

mod fault_support;
mod mariadb_support;

use std::path::Path;

use fault_support::faults;
use fault_support::table::Matrix;

/// Threads for what needs the processor, and for what waits.
const QUICK: usize = 3;
const SLOW: usize = 24;

#[test]
fn every_fault_leaves_the_truth_and_the_means_to_finish() {
    let wanted = std::env::var("FAULT").ok();
    let named = |name: &str| {
        wanted
            .as_ref()
            .is_none_or(|part| name.contains(part.as_str()))
    };
    let rows: Vec<_> = faults::rows()
        .into_iter()
        .filter(|row| named(row.name))
        .collect();
    let matrix = Matrix::run(rows, QUICK, SLOW);
    let table = matrix.table();
    println!("{table}\n{} strikes", matrix.strikes());
    if wanted.is_none() {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .parent()
            .expect("target");
        std::fs::write(target.join("fault-matrix.txt"), &table).expect("target can be written to");
    }
    let wrong = matrix.wrong();
    assert!(
        wrong.is_empty(),
        "{} things do not hold:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    assert_eq!(matrix.empty(), 0, "empty cells");
}

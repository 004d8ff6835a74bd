//! Long lists in parts: an account of many years has thousands of entries.

use std::ops::Range;

use serde_json::Value;

/// Entries on one part.
const ENTRIES: u32 = 50;

/// Which part of a list is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sheet(u32);

impl Sheet {
    /// The part with this number, counted from 1. Any other number is the nearest there can be.
    pub fn number(number: i64) -> Self {
        let last = u32::MAX / ENTRIES;
        Self(u32::try_from(number.max(1)).unwrap_or(last).min(last))
    }

    /// Its rows, counted from 0.
    pub(super) fn rows(self) -> Range<u32> {
        (self.0 - 1) * ENTRIES..self.0 * ENTRIES
    }

    /// Adds to `view` how many entries there are (`count`), which of them its `entries` are (`from` and `to`,
    /// counted from 1), and the numbers of the parts beside it, or null (`newer`, `older`).
    pub(super) fn place(self, count: u64, view: &mut Value) {
        let shown = view["entries"].as_array().map_or(0, Vec::len) as u64;
        let before = u64::from(self.rows().start);
        view["count"] = count.into();
        view["from"] = (before + u64::from(shown > 0)).into();
        view["to"] = (before + shown).into();
        view["newer"] = (self.0 > 1).then_some(self.0 - 1).into();
        view["older"] = (before + shown < count && shown > 0)
            .then_some(self.0 + 1)
            .into();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn place(number: i64, shown: usize, count: u64) -> Value {
        let mut view = json!({"entries": vec![0; shown]});
        Sheet::number(number).place(count, &mut view);
        let numbers = ["from", "to", "newer", "older"].map(|name| view[name].clone());
        Value::from(numbers.to_vec())
    }

    #[test]
    fn a_part_says_where_it_is_and_what_is_beside_it() {
        assert_eq!(place(1, 50, 120), json!([1, 50, null, 2]));
        assert_eq!(place(2, 50, 120), json!([51, 100, 1, 3]));
        assert_eq!(place(3, 20, 120), json!([101, 120, 2, null]));
        assert_eq!(place(1, 50, 50), json!([1, 50, null, null]));
        assert_eq!(place(1, 0, 0), json!([0, 0, null, null]));
    }

    #[test]
    fn a_number_nobody_would_ask_for_is_a_part_all_the_same() {
        for number in [0, -7, i64::MIN] {
            assert_eq!(Sheet::number(number).rows(), 0..50);
        }
        let last = Sheet::number(i64::MAX).rows();
        assert_eq!(last.end - last.start, 50);
        assert_eq!(place(i64::MAX, 0, 120)[3], Value::Null);
    }
}

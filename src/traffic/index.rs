//! Finds rows in the lists of a collection. An index holds places only: keys stay in their list.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::account::tag;

/// Rows by a text of theirs.
#[derive(Debug, Default)]
pub(super) struct ByText {
    rows: HashTable<u32>,
    hasher: RandomState,
}

impl ByText {
    /// Indexes `rows`, `most` of them at most; `key` is the text of a row.
    pub(super) fn new<'a>(
        rows: impl Iterator<Item = usize>,
        most: usize,
        key: impl Fn(usize) -> &'a str,
    ) -> Self {
        let mut index = Self {
            rows: HashTable::with_capacity(most),
            hasher: RandomState::new(),
        };
        let hasher = &index.hasher;
        for place in rows.filter_map(|row| u32::try_from(row).ok()) {
            let hash = |place: &u32| hasher.hash_one(key(*place as usize));
            index.rows.insert_unique(hash(&place), place, hash);
        }
        index
    }

    /// The rows whose text is `text`, in no order.
    pub(super) fn find<'a>(
        &self,
        text: &str,
        key: impl Fn(usize) -> &'a str,
    ) -> impl Iterator<Item = usize> {
        self.rows
            .iter_hash(self.hasher.hash_one(text))
            .map(|place| *place as usize)
            .filter(move |&row| key(row) == text)
    }
}

/// Rows by the service their comment names.
#[derive(Debug, Default)]
pub(super) struct ByService(Vec<(i64, u32)>);

impl ByService {
    /// Indexes the rows with these comments, given in their order. `None` leaves a row out.
    pub(super) fn new<'a>(comments: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut rows: Vec<_> = (0_u32..)
            .zip(comments)
            .filter_map(|(place, comment)| Some((tag::service_of(comment?)?, place)))
            .collect();
        rows.sort_unstable();
        Self(rows)
    }

    /// The rows that name `service`, in the router's order.
    pub(super) fn find(&self, service: i64) -> impl Iterator<Item = usize> {
        let first = self.0.partition_point(|(of, _)| *of < service);
        let rows = self.0.get(first..).unwrap_or_default().iter();
        rows.take_while(move |(of, _)| *of == service)
            .map(|(_, place)| *place as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_text_are_found_all_and_no_others() {
        let names = ["ann", "bob", "ann", "", "ann-1"];
        let index = ByText::new(0..names.len(), 1, |row| names[row]);
        let find = |name| {
            let mut rows: Vec<_> = index.find(name, |row| names[row]).collect();
            rows.sort_unstable();
            rows
        };
        assert_eq!(find("ann"), [0, 2]);
        assert_eq!(find(""), [3]);
        assert!(find("an").is_empty());
    }

    #[test]
    fn rows_of_one_service_are_found_in_their_order() {
        let comments = ["isp whmcs:9", "isp whmcs:7", "by hand", "isp whmcs:7 VIP"];
        let shown = comments
            .iter()
            .enumerate()
            .map(|(row, text)| (row != 0).then_some(*text));
        let index = ByService::new(shown);
        assert_eq!(index.find(7).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(index.find(9).count(), 0, "left out");
        assert_eq!(index.find(8).count(), 0);
    }
}

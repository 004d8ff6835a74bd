//! One row as the router sent it.

/// Names and values of one row, in the router's words; `rows` decodes it, for every transport alike.
///
/// All of them stand in one text, which the next row uses again: a list of 10,000 rows has 200,000 names
/// and values, and giving each a place of its own took longer than reading them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Name, value, name, value, … without anything between them.
    pub(super) text: String,
    /// Where each name ends, and where the value behind it.
    pub(super) ends: Vec<(usize, usize)>,
    /// What was sent and is not here.
    pub(super) lack: Lack,
}

/// What of a row was too long to be kept, see [`limits`](crate::limits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Lack {
    #[default]
    Nothing,
    /// Some values; the row is as if they had not been sent.
    Values,
    /// The row itself: what is here, if anything, is not all of it.
    Row,
}

impl Record {
    /// Makes room for the next row.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.lack = Lack::Nothing;
    }

    /// Appends a name with its value.
    pub(super) fn push(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let middle = self.text.len();
        self.text.push_str(value);
        self.ends.push((middle, self.text.len()));
    }

    /// The value of `name`; `None` when the router did not send it.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut start = 0;
        for &(middle, end) in &self.ends {
            if self.text.get(start..middle) == Some(name) {
                return self.text.get(middle..end);
            }
            start = end;
        }
        None
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Record {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut record = Self::default();
        for (name, value) in pairs {
            record.push(name.as_ref(), value.as_ref());
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whole_and_values_may_be_empty() {
        let record: Record = [("name", ""), ("na", "me"), ("é", "ü"), ("", "x")]
            .into_iter()
            .collect();
        assert_eq!(record.value("name"), Some(""));
        assert_eq!(record.value("na"), Some("me"));
        assert_eq!(record.value("é"), Some("ü"));
        assert_eq!(record.value(""), Some("x"));
        assert_eq!(record.value("nam"), None);
        assert_eq!(record.value("me"), None);
    }
}

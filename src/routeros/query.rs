//! Which rows of a list: RouterOS's query stack.

/// A condition on rows. Words go on a stack; `#|` and `#&` join the two on top of it. A row passes
/// when nothing false is left on the stack (RouterOS manual, "API", queries). A property that a row
/// lacks never equals anything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    words: Vec<String>,
}

impl Query {
    /// Every row.
    pub fn all() -> Self {
        Self::default()
    }

    /// Rows whose `name` is exactly `value`.
    pub fn field(name: &str, value: &str) -> Self {
        Self {
            words: vec![format!("{name}={value}")],
        }
    }

    /// Rows that pass either; every row if one of them is [`Query::all`].
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.is_all() || other.is_all() {
            return Self::all();
        }
        self.join(other, "#|")
    }

    /// Rows that pass both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.is_all(), other.is_all()) {
            (true, _) => other,
            (_, true) => self,
            _ => self.join(other, "#&"),
        }
    }

    /// It holds no condition.
    pub fn is_all(&self) -> bool {
        self.words.is_empty()
    }

    /// The words without the `?` that the binary API puts in front and REST does not.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    fn join(mut self, other: Self, operator: &str) -> Self {
        self.words.extend(other.words);
        self.words.push(operator.to_owned());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_conditions_are_in_stack_order() {
        let a = Query::field("name", "a");
        let b = Query::field("name", "b=c");
        let c = Query::field("disabled", "true");
        assert_eq!(
            a.or(b).and(c).words(),
            ["name=a", "name=b=c", "#|", "disabled=true", "#&"]
        );
    }

    #[test]
    fn all_swallows_in_or_and_vanishes_in_and() {
        let a = || Query::field("name", "a");
        assert!(a().or(Query::all()).is_all());
        assert!(Query::all().or(a()).is_all());
        assert_eq!(a().and(Query::all()), a());
        assert_eq!(Query::all().and(a()), a());
    }
}

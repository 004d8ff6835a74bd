//! The comment that says whose an object on the router is: `<prefix> whmcs:<service id>`. Whatever does
//! not carry it is not ours and is never changed.

/// The tags one service's objects may carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    current: String,
    /// What was written before the admin changed the product's comment prefix.
    former: Option<String>,
}

impl Tag {
    /// The tag by the product's prefix, and the one our records say was written last.
    pub fn new(prefix: &str, service: i64, recorded: Option<&str>) -> Self {
        let current = format!("{prefix} whmcs:{service}");
        let former = recorded
            .filter(|former| !former.is_empty() && *former != current)
            .map(ToOwned::to_owned);
        Self { current, former }
    }

    /// What is written now.
    pub fn current(&self) -> &str {
        &self.current
    }

    /// Every comment of ours to search for.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        [Some(self.current.as_str()), self.former.as_deref()]
            .into_iter()
            .flatten()
    }

    /// Whether an object with this comment is ours.
    pub fn owns(&self, comment: &str) -> bool {
        self.all().any(|tag| carries(comment, tag))
    }

    /// Whether the comment already has the current tag; an admin's own words may follow it.
    pub fn is_current(&self, comment: &str) -> bool {
        carries(comment, &self.current)
    }
}

/// Whether `comment` is `tag`, possibly with an admin's own words behind it.
pub fn carries(comment: &str, tag: &str) -> bool {
    comment
        .trim()
        .strip_prefix(tag)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// The service a comment names, if it has the form of a tag. Whether it is really ours is decided by
/// [`carries`] with the tag on record.
pub fn service_of(comment: &str) -> Option<i64> {
    let (_, rest) = comment.split_once(" whmcs:")?;
    let digits = rest.split(char::is_whitespace).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_tag_is_ours() {
        let tag = Tag::new("isp", 12, None);
        assert!(tag.owns("isp whmcs:12"));
        assert!(tag.owns(" isp whmcs:12 VIP, ask Bob"));
        for foreign in [
            "isp whmcs:123",
            "isp2 whmcs:12",
            "whmcs:12",
            "x isp whmcs:12",
            "",
        ] {
            assert!(!tag.owns(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_changed_prefix_still_knows_what_was_written_before() {
        let tag = Tag::new("new", 12, Some("old whmcs:12"));
        assert!(tag.owns("old whmcs:12") && tag.owns("new whmcs:12"));
        assert!(!tag.is_current("old whmcs:12"));
        assert_eq!(tag.all().count(), 2);
    }

    #[test]
    fn the_service_is_read_from_a_comment() {
        assert_eq!(service_of("my isp whmcs:12 note"), Some(12));
        assert_eq!(service_of("whmcs:12"), None);
        assert_eq!(service_of("isp whmcs:x"), None);
    }
}

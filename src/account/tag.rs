//! The comment that says whose an object on the router is: `<prefix> whmcs:<service id>@<installation>`.
//! Whatever does not carry it is not ours and is never changed.
//!
//! The installation decides, see [`crate::installation`]: the same prefix and service number with another
//! id is another WHMCS's. Release 0.1.0 wrote no id. Such an object is ours while our record still holds
//! that comment and agrees with the object's name (where something is changed also with its address); the
//! next command that writes to it adds the id, and from then on no object without one is that account's.

use std::net::Ipv4Addr;

use crate::installation::InstallationId;
use crate::store::accounts::Account;

/// Between prefix and service.
const WORD: &str = " whmcs:";

/// Between service and installation.
const AT: char = '@';

/// What one service's objects carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    service: i64,
    installation: InstallationId,
    current: String,
    /// The product's prefix and the service: what release 0.1.0 would have written.
    unmarked: String,
    /// The comment written last, with the name and address of the account then; empty before the first.
    recorded: (String, String, Option<Ipv4Addr>),
}

/// An account by our record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// `tblhosting.id`.
    pub service: i64,
    /// The comment written last.
    pub tag: &'a str,
    /// Login name; the queue has the same.
    pub username: &'a str,
    /// Its address.
    pub address: Option<Ipv4Addr>,
}

/// Whose an object is by its comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// This service's of this installation.
    Ours,
    /// The tag has no id: name and address decide, see [`Record::takes_over`].
    Unmarked,
    /// The same service number of another installation.
    OtherInstallation,
    /// Another service's, or nobody's we know.
    Stranger,
}

impl Tag {
    /// The tag by the product's prefix; `record` is what we know of the account.
    pub fn new(
        prefix: &str,
        service: i64,
        installation: InstallationId,
        record: Option<Record<'_>>,
    ) -> Self {
        let unmarked = format!("{prefix}{WORD}{service}");
        let recorded = record.map(|record| {
            let (tag, username) = (record.tag.to_owned(), record.username.to_owned());
            (tag, username, record.address)
        });
        Self {
            service,
            installation,
            current: format!("{unmarked}{AT}{installation}"),
            unmarked,
            recorded: recorded.unwrap_or_default(),
        }
    }

    /// What our records say is on the router.
    pub fn recorded(&self) -> &str {
        match self.recorded.0.as_str() {
            "" => &self.current,
            recorded => recorded,
        }
    }

    /// The tag by our record alone, where the product's prefix is not at hand.
    pub fn of_record(installation: InstallationId, record: &Record<'_>) -> Self {
        Self {
            service: record.service,
            installation,
            current: record.tag.to_owned(),
            unmarked: record.tag.to_owned(),
            recorded: (
                record.tag.to_owned(),
                record.username.to_owned(),
                record.address,
            ),
        }
    }

    /// What is written now.
    pub fn current(&self) -> &str {
        &self.current
    }

    /// Every comment to search for: what is written now, what was written last (the admin may have changed
    /// the product's prefix), and what release 0.1.0 wrote.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        let recorded = self.record().tag;
        let former = Some(recorded).filter(|tag| !tag.is_empty() && *tag != self.current);
        let is_marked = installation_of(recorded).is_some();
        let unmarked =
            Some(self.unmarked.as_str()).filter(|tag| !is_marked && former != Some(*tag));
        [Some(self.current.as_str()), former, unmarked]
            .into_iter()
            .flatten()
    }

    /// Whose an object with this comment is.
    pub fn whose(&self, comment: &str) -> Whose {
        match whose(comment, self.service, self.installation) {
            // Without an id a tag is worth its prefix: the product's now, or the recorded one.
            Whose::Unmarked
                if !carries(comment, &self.unmarked) && !self.record().wrote(comment) =>
            {
                Whose::Stranger
            }
            whose => whose,
        }
    }

    /// Whether the object is ours: by its tag, or by the record of an account whose tag has no id yet.
    pub fn owns(&self, comment: &str, name: &str, address: Option<Ipv4Addr>) -> bool {
        match self.whose(comment) {
            Whose::Ours => true,
            Whose::Unmarked => self.record().takes_over(comment, name, address),
            Whose::OtherInstallation | Whose::Stranger => false,
        }
    }

    /// Whether the comment already has the current tag; an admin's own words may follow it.
    pub fn is_current(&self, comment: &str) -> bool {
        carries(comment, &self.current)
    }

    /// The comment with the current tag. An admin's own words stay: behind a former tag, or what he wrote in
    /// its place; not a tag that was mistyped, and not what nobody can read.
    pub fn written_into(&self, comment: &str) -> String {
        format!("{}{}", self.current, words_of(comment))
    }

    /// The comment with the tag our records say is there, for an object that has lost it.
    pub fn put_back_into(&self, comment: &str) -> String {
        format!("{}{}", self.recorded(), words_of(comment))
    }

    fn record(&self) -> Record<'_> {
        let (tag, username, address) = &self.recorded;
        Record {
            service: self.service,
            tag,
            username,
            address: *address,
        }
    }
}

impl Record<'_> {
    /// Whether an object is this account's, where it is only looked at or switched off: by its tag, or by
    /// its name while our record has no id either.
    pub fn owns(&self, installation: InstallationId, comment: &str, name: &str) -> bool {
        match whose(comment, self.service, installation) {
            Whose::Ours => true,
            Whose::Unmarked => self.wrote(comment) && name == self.username,
            Whose::OtherInstallation | Whose::Stranger => false,
        }
    }

    /// Whether an object whose tag has no id is this account's: our record has that very tag, and name and
    /// address agree.
    pub fn takes_over(&self, comment: &str, name: &str, address: Option<Ipv4Addr>) -> bool {
        self.wrote(comment) && name == self.username && address == self.address
    }

    /// Whether the comment is the one we wrote last.
    pub fn wrote(&self, comment: &str) -> bool {
        !self.tag.is_empty() && carries(comment, self.tag)
    }
}

impl<'a> From<&'a Account> for Record<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            service: account.service,
            tag: &account.tag,
            username: &account.username,
            address: account.address,
        }
    }
}

/// Whether `comment` is `tag`, possibly with an admin's own words behind it.
fn carries(comment: &str, tag: &str) -> bool {
    comment
        .trim()
        .strip_prefix(tag)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

fn whose(comment: &str, service: i64, installation: InstallationId) -> Whose {
    match parts(comment) {
        Some(parts) if parts.service != service => Whose::Stranger,
        None => Whose::Stranger,
        Some(Parts { id: None, .. }) => Whose::Unmarked,
        Some(Parts { id: Some(id), .. }) if id == installation => Whose::Ours,
        Some(_) => Whose::OtherInstallation,
    }
}

/// The service a comment names, if it has the form of a tag. Whether it is really ours is decided by
/// [`Tag::owns`] or [`Record::owns`].
pub fn service_of(comment: &str) -> Option<i64> {
    Some(parts(comment)?.service)
}

/// The installation a comment names.
pub fn installation_of(comment: &str) -> Option<InstallationId> {
    parts(comment)?.id
}

/// The prefix in front of a tag.
pub fn prefix_of(comment: &str) -> Option<&str> {
    Some(parts(comment)?.prefix)
}

/// What an admin wrote behind the tag or instead of it, with a blank before it.
fn words_of(comment: &str) -> String {
    let words = parts(comment).map_or(comment, |parts| parts.words).trim();
    let unreadable = |letter: char| letter.is_control() || letter == char::REPLACEMENT_CHARACTER;
    if words.is_empty() || words.contains(unreadable) {
        return String::new();
    }
    format!(" {words}")
}

/// A comment that has the form of a tag.
struct Parts<'a> {
    prefix: &'a str,
    service: i64,
    id: Option<InstallationId>,
    words: &'a str,
}

fn parts(comment: &str) -> Option<Parts<'_>> {
    let (prefix, rest) = comment.trim().split_once(WORD)?;
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (tag, words) = rest.split_at(end);
    let (service, id) = match tag.split_once(AT) {
        Some((service, id)) => (service, Some(InstallationId::parse(id)?)),
        None => (tag, None),
    };
    Some(Parts {
        prefix,
        service: service.parse().ok()?,
        id,
        words,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us() -> InstallationId {
        InstallationId::parse("k3f9a2").unwrap()
    }

    const ADDRESS: Option<Ipv4Addr> = Some(Ipv4Addr::new(10, 0, 0, 2));

    fn recorded(tag: &str) -> Record<'_> {
        Record {
            service: 12,
            tag,
            username: "ann",
            address: ADDRESS,
        }
    }

    fn tag(prefix: &str, record: &str) -> Tag {
        Tag::new(prefix, 12, us(), Some(recorded(record)))
    }

    #[test]
    fn an_object_with_the_service_and_the_installation_is_ours_whatever_it_is_called() {
        let tag = tag("isp", "");
        for ours in [
            "isp whmcs:12@k3f9a2",
            " isp whmcs:12@k3f9a2 VIP, ask Bob",
            "a former prefix whmcs:12@k3f9a2",
        ] {
            assert!(tag.owns(ours, "any", None), "{ours}");
        }
        for foreign in [
            "isp whmcs:123@k3f9a2",
            "isp whmcs:1@k3f9a2",
            "isp whmcs:12@k3f9a",
            "isp whmcs:12@k3f9a2x",
            "isp whmcs:12 @k3f9a2",
            "whmcs:12@k3f9a2",
            "",
        ] {
            assert!(!tag.owns(foreign, "ann", ADDRESS), "{foreign}");
        }
    }

    #[test]
    fn the_same_service_of_another_installation_is_foreign() {
        let tag = tag("isp", "isp whmcs:12@k3f9a2");
        let other = "isp whmcs:12@zzzzzz";
        assert_eq!(tag.whose(other), Whose::OtherInstallation);
        assert!(!tag.owns(other, "ann", ADDRESS));
        assert!(!recorded("isp whmcs:12").owns(us(), other, "ann"));
        // Not even when our record was copied from there.
        assert!(!recorded(other).owns(us(), other, "ann"));
    }

    #[test]
    fn an_object_without_an_id_is_ours_only_by_its_name_and_address_on_record() {
        let tag = tag("isp", "isp whmcs:12");
        let bare = "isp whmcs:12 VIP";
        assert_eq!(tag.whose(bare), Whose::Unmarked);
        assert!(tag.owns(bare, "ann", ADDRESS));
        assert!(!tag.owns(bare, "bob", ADDRESS));
        assert!(!tag.owns(bare, "ann", None));
        let record = recorded("isp whmcs:12");
        assert!(record.owns(us(), bare, "ann") && !record.owns(us(), bare, "bob"));
    }

    #[test]
    fn an_object_without_an_id_is_nobodys_once_our_record_has_one() {
        for record in ["", "isp whmcs:12@k3f9a2"] {
            assert!(!tag("isp", record).owns("isp whmcs:12", "ann", ADDRESS));
            assert!(!recorded(record).owns(us(), "isp whmcs:12", "ann"));
        }
    }

    #[test]
    fn what_was_written_before_is_searched_for_and_rewritten_with_its_words() {
        let all = |tag: &Tag| tag.all().map(str::to_owned).collect::<Vec<_>>();
        let renamed = tag("new", "old whmcs:12@k3f9a2");
        assert_eq!(
            all(&renamed),
            ["new whmcs:12@k3f9a2", "old whmcs:12@k3f9a2"]
        );
        assert!(!renamed.is_current("old whmcs:12@k3f9a2"));
        assert_eq!(
            renamed.written_into("old whmcs:12@k3f9a2 VIP"),
            "new whmcs:12@k3f9a2 VIP"
        );
        let old = tag("isp", "isp whmcs:12");
        assert_eq!(all(&old), ["isp whmcs:12@k3f9a2", "isp whmcs:12"]);
        assert_eq!(
            old.written_into("isp whmcs:12 VIP"),
            "isp whmcs:12@k3f9a2 VIP"
        );
        assert_eq!(old.written_into("by hand"), "isp whmcs:12@k3f9a2 by hand");
        assert_eq!(old.put_back_into("by hand"), "isp whmcs:12 by hand");
        assert_eq!(old.put_back_into("ips whmcs:12"), "isp whmcs:12");
        assert_eq!(old.put_back_into("\u{FFFD}"), "isp whmcs:12");
        let first = Tag::new("isp", 12, us(), None);
        assert_eq!(all(&first), ["isp whmcs:12@k3f9a2", "isp whmcs:12"]);
    }

    #[test]
    fn service_installation_and_prefix_are_read_from_a_comment() {
        assert_eq!(service_of("my isp whmcs:12 note"), Some(12));
        assert_eq!(service_of("my isp whmcs:12@k3f9a2 note"), Some(12));
        assert_eq!(prefix_of(" my isp whmcs:12@k3f9a2"), Some("my isp"));
        assert_eq!(installation_of("isp whmcs:12@k3f9a2"), Some(us()));
        for none in [
            "whmcs:12",
            "isp whmcs:x",
            "isp whmcs:12@",
            "isp whmcs:@k3f9a2",
        ] {
            assert_eq!(service_of(none), None, "{none}");
        }
    }
}

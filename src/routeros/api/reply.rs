//! What one sentence from the router means.

use std::borrow::Cow;

use super::sentence::Sentence;
use crate::routeros::record::Record;

/// A sentence of a reply.
#[derive(Debug)]
pub(super) struct Reply<'a> {
    pub(super) kind: Kind,
    /// The tag of the command it answers.
    pub(super) tag: Option<&'a [u8]>,
    sentence: Sentence<'a>,
}

/// Its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `!re`: a row. One without any word is a row that has none of the properties asked for.
    Row,
    /// `!done`: always the last of a reply.
    Done,
    /// `!trap`: a refusal; several may come before `!done`.
    Trap,
    /// `!fatal`: the session is over, no `!done` follows.
    Fatal,
    /// `!empty` (7.18 and later): there are no rows.
    Empty,
}

impl<'a> Reply<'a> {
    /// What the sentence says; the error is a clause about the answer.
    pub(super) fn read(sentence: Sentence<'a>) -> Result<Self, String> {
        let first = sentence.words().next().unwrap_or_default();
        let kind = match first {
            b"!re" => Kind::Row,
            b"!done" => Kind::Done,
            b"!trap" => Kind::Trap,
            b"!fatal" => Kind::Fatal,
            b"!empty" => Kind::Empty,
            _ => return Err(unknown(first)),
        };
        let tag = sentence
            .words()
            .skip(1)
            .find_map(|word| word.strip_prefix(b".tag="));
        Ok(Self {
            kind,
            tag,
            sentence,
        })
    }

    /// Names and values. Bytes that are not UTF-8 are replaced: comments hold whatever Winbox's code
    /// page was.
    pub(super) fn record(&self) -> Record {
        let mut record = Record {
            lack: self.sentence.lack(),
            ..Record::default()
        };
        for (name, value) in self.attributes() {
            record.push(&text(name), &text(value));
        }
        record
    }

    /// The row went while it was listed (`listen` says so, written `true` or `yes`).
    pub(super) fn is_dead(&self) -> bool {
        self.attributes()
            .any(|(name, value)| name == b".dead" && matches!(value, b"true" | b"yes"))
    }

    /// The reason of a `!trap` or `!fatal`: `=message=`, or a bare word.
    pub(super) fn reason(&self) -> String {
        // Its beginning is as good.
        let message = self
            .sentence
            .words()
            .find_map(|word| word.strip_prefix(b"=message="));
        let bare = || {
            self.sentence
                .words()
                .skip(1)
                .find(|word| !word.starts_with(b".tag=") && !word.starts_with(b"="))
        };
        let reason = message.or_else(bare).map(text).unwrap_or_default();
        match reason.trim() {
            "" => "no reason was given".into(),
            reason => reason.to_owned(),
        }
    }

    /// Roughly its length in bytes.
    pub(super) fn size(&self) -> usize {
        self.sentence.size()
    }

    /// A value may hold `=` and be empty; a name holds none.
    fn attributes(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        self.sentence.whole_words().filter_map(|word| {
            let pair = word.strip_prefix(b"=")?;
            let middle = pair.iter().position(|byte| *byte == b'=')?;
            let (name, value) = pair.split_at_checked(middle)?;
            Some((name, value.get(1..)?))
        })
    }
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn unknown(word: &[u8]) -> String {
    const SHOWN: usize = 40;
    if word.starts_with(b"!") {
        let shown = word.get(..SHOWN).unwrap_or(word);
        format!("it holds the unknown reply word {:?}", text(shown))
    } else {
        "it is not the binary API".into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sentence::{Decoder, end, push};
    use super::*;

    fn with<T>(words: &[&[u8]], look: impl FnOnce(Result<Reply<'_>, String>) -> T) -> T {
        let mut bytes = Vec::new();
        for word in words {
            push(&mut bytes, word).unwrap();
        }
        end(&mut bytes);
        let mut decoder = Decoder::default();
        decoder.feed(&bytes);
        look(Reply::read(decoder.sentence().unwrap().unwrap()))
    }

    #[test]
    fn attributes_may_be_empty_hold_equal_signs_and_stand_in_any_order() {
        let words: [&[u8]; 6] = [
            b"!re",
            b"=.id=*1",
            b".tag=7",
            b"=comment=a=b==",
            b"=caller-id=",
            b"=dirt=\xcf\xee\x01",
        ];
        with(&words, |reply| {
            let reply = reply.unwrap();
            assert_eq!(reply.tag, Some(&b"7"[..]));
            let record = reply.record();
            assert_eq!(record.value(".id"), Some("*1"));
            assert_eq!(record.value("comment"), Some("a=b=="));
            assert_eq!(record.value("caller-id"), Some(""));
            assert_eq!(record.value("dirt"), Some("\u{fffd}\u{fffd}\u{1}"));
            assert_eq!(record.value(".tag"), None);
        });
    }

    #[test]
    fn a_reason_is_a_message_or_a_bare_word_or_said_to_be_missing() {
        let reason = |words: &[&[u8]]| with(words, |reply| reply.unwrap().reason());
        assert_eq!(
            reason(&[b"!trap", b"=category=0", b"=message=no such item (4)"]),
            "no such item (4)"
        );
        assert_eq!(
            reason(&[b"!fatal", b".tag=3", b"not logged in"]),
            "not logged in"
        );
        assert_eq!(reason(&[b"!trap", b".tag=3"]), "no reason was given");
    }

    #[test]
    fn both_spellings_of_dead_are_known() {
        for (word, dead) in [
            (&b"=.dead=true"[..], true),
            (b"=.dead=yes", true),
            (b"=.dead=false", false),
            (b"=dead=yes", false),
        ] {
            let found = with(&[b"!re", word], |reply| reply.unwrap().is_dead());
            assert_eq!(found, dead, "{}", text(word));
        }
    }

    #[test]
    fn other_first_words_are_named() {
        let told = with(&[b"!news"], |reply| reply.unwrap_err());
        assert!(told.contains("\"!news\""), "{told}");
        let told = with(&[b"HTTP/1.1 400 Bad Request"], |reply| reply.unwrap_err());
        assert!(told.contains("not the binary API"), "{told}");
    }

    proptest! {
        #[test]
        fn no_words_panic(words in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..30), 1..6)) {
            let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
            with(&words, |reply| {
                if let Ok(reply) = reply {
                    reply.record();
                    reply.reason();
                    reply.is_dead();
                }
            });
        }
    }
}

//! JSON as RouterOS writes it, which is not always JSON.
//!
//! Names and comments are raw bytes on the router. Replies were seen with text in 8-bit code pages,
//! raw control characters and lone backslashes inside strings; one such comment must not lose the
//! list. Good replies take the fast path; only a reply that fails is repaired and tried once more.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::record::Record;

/// A reply: a list of rows, or one bare object.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    List(Vec<Record>),
    One(Record),
}

/// Reads a reply, or says what is wrong with it.
///
/// `whole` says that the transfer itself proved complete (by length or chunks). Otherwise nothing is
/// repaired: repair judges a stray quote by what follows it, and where the end is in doubt it could
/// take a cut list for a short one.
pub(super) fn parse(body: &[u8], whole: bool) -> Result<Reply, String> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        None => return Err("it is empty".into()),
        Some(b'<') => {
            return Err("a web page came instead of data, as from WebFig or a proxy".into());
        }
        Some(_) => {}
    }
    serde_json::from_slice(body)
        .or_else(|error| {
            if whole {
                serde_json::from_slice(&repaired(body))
            } else {
                Err(error)
            }
        })
        .map_err(|error| reason(&error))
}

/// Where, never what: the text around it could hold a secret.
fn reason(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "it breaks off",
        _ => "it is not a list of rows in JSON",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

impl<'de> Deserialize<'de> for Reply {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Shape;
        impl<'de> Visitor<'de> for Shape {
            type Value = Reply;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("rows or one row")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Reply, A::Error> {
                let mut list = Vec::new();
                while let Some(row) = rows.next_element_seed(Row(Record::like(list.last())))? {
                    list.push(row);
                }
                Ok(Reply::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Reply, A::Error> {
                Row(Record::default()).visit_map(map).map(Reply::One)
            }
        }
        deserializer.deserialize_any(Shape)
    }
}

/// A row, read into the empty record given.
struct Row(Record);

impl<'de> DeserializeSeed<'de> for Row {
    type Value = Record;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Record, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
        let Self(Record { mut text, mut ends }) = self;
        let mut start = 0;
        while map.next_key_seed(Spelling(&mut text))?.is_some() {
            let middle = text.len();
            if map.next_value_seed(Spelling(&mut text))? {
                ends.push((middle, text.len()));
            } else {
                text.truncate(start);
            }
            start = text.len();
        }
        Ok(Record { text, ends })
    }
}

/// A name or value, appended as text; `false` for null, which is taken as absent. RouterOS sends strings
/// only; anything else is taken by its spelling.
struct Spelling<'a>(&'a mut String);

impl<'de> DeserializeSeed<'de> for Spelling<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Spelling<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<bool, E> {
        self.0.push_str(text);
        Ok(true)
    }

    fn visit_bool<E: de::Error>(self, yes: bool) -> Result<bool, E> {
        self.visit_str(if yes { "true" } else { "false" })
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<bool, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<bool, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<bool, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<bool, A::Error> {
        let spelling = spell(de::value::SeqAccessDeserializer::new(seq))?;
        self.visit_str(&spelling)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<bool, A::Error> {
        let spelling = spell(de::value::MapAccessDeserializer::new(map))?;
        self.visit_str(&spelling)
    }
}

fn spell<'de, D: Deserializer<'de>>(nested: D) -> Result<String, D::Error> {
    serde_json::Value::deserialize(nested).map(|value| value.to_string())
}

/// `body` with its strings made valid. Nothing outside strings is touched, so a list that breaks off
/// still does.
fn repaired(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let mut rest = text.as_bytes();
    let mut fixed = Vec::with_capacity(rest.len());
    let mut inside = false;
    while let [byte, tail @ ..] = rest {
        rest = match (inside, byte) {
            (true, b'\\') => escape(tail, &mut fixed, &mut inside),
            (true, 0x00..=0x1F) => {
                fixed.extend(format!("\\u{byte:04x}").bytes());
                tail
            }
            (_, b'"') => {
                inside = !inside;
                fixed.push(b'"');
                tail
            }
            _ => {
                fixed.push(*byte);
                tail
            }
        };
    }
    fixed
}

/// Copies the escape whose backslash was just read, doubles that backslash when it is a lone one, and
/// gives what follows.
fn escape<'a>(tail: &'a [u8], fixed: &mut Vec<u8>, inside: &mut bool) -> &'a [u8] {
    match tail {
        [b'"', after @ ..] if closes(after) => {
            *inside = false;
            fixed.extend(br#"\\""#);
            after
        }
        [
            letter @ (b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't'),
            after @ ..,
        ] => {
            fixed.extend([b'\\', *letter]);
            after
        }
        [b'u', digits @ ..] => match code_point(digits) {
            Some((character, after)) => {
                fixed.extend(character.text().bytes());
                after
            }
            None => lone(tail, fixed),
        },
        _ => lone(tail, fixed),
    }
}

fn lone<'a>(tail: &'a [u8], fixed: &mut Vec<u8>) -> &'a [u8] {
    fixed.extend(br"\\");
    tail
}

/// A quote behind a backslash ends the string after all when the next property, row or the end of
/// the list follows it. In valid JSON that never follows an escaped quote: the string would have to
/// be closed by the next plain quote, which here stands before a name.
fn closes(after: &[u8]) -> bool {
    match after.trim_ascii_start() {
        [b',', next @ ..] => starts_property(next),
        [b'}', next @ ..] => match next.trim_ascii_start() {
            [b',', row @ ..] => row
                .trim_ascii_start()
                .strip_prefix(b"{")
                .is_some_and(starts_property),
            [b']', end @ ..] => end.trim_ascii().is_empty(),
            end => end.is_empty(),
        },
        _ => false,
    }
}

fn starts_property(text: &[u8]) -> bool {
    let Some(name) = text.trim_ascii_start().strip_prefix(b"\"") else {
        return false;
    };
    let length = name
        .iter()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_'))
        .count();
    match name.split_at_checked(length) {
        Some((_, [b'"', colon @ ..])) => length > 0 && colon.trim_ascii_start().starts_with(b":"),
        _ => false,
    }
}

/// The character whose `\u` was just read, with its second half where it has one.
fn code_point(digits: &[u8]) -> Option<(Escaped, &[u8])> {
    let (first, after) = hex4(digits)?;
    let second = after.strip_prefix(br"\u").and_then(hex4);
    if let (0xD800..0xDC00, Some((low @ 0xDC00..0xE000, after))) = (first, second) {
        return Some((Escaped(first, Some(low)), after));
    }
    let half = (0xD800..0xE000).contains(&first);
    Some((Escaped(if half { 0xFFFD } else { first }, None), after))
}

struct Escaped(u16, Option<u16>);

impl Escaped {
    fn text(&self) -> String {
        let second = self
            .1
            .map(|low| format!("\\u{low:04x}"))
            .unwrap_or_default();
        format!("\\u{:04x}{second}", self.0)
    }
}

fn hex4(text: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, after) = text.split_at_checked(4)?;
    let digits = std::str::from_utf8(digits).ok()?;
    let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let value = u16::from_str_radix(digits, 16).ok()?;
    plain.then_some((value, after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(body: &[u8]) -> Vec<Record> {
        match parse(body, true) {
            Ok(Reply::List(rows)) => rows,
            other => panic!("{other:?}"),
        }
    }

    fn names(body: &[u8]) -> Vec<String> {
        list(body)
            .iter()
            .map(|row| row.value("name").unwrap_or("?").to_owned())
            .collect()
    }

    /// Three rows; the comment of the middle one is raw bytes between its quotes.
    fn around(comment: &[u8]) -> Vec<u8> {
        [
            br#"[{".id":"*1","name":"a"}, {".id":"*2","comment":""#,
            comment,
            br#"","name":"b"},{"name":"c","comment":"x"}]"#,
        ]
        .concat()
    }

    #[test]
    fn dirty_comments_lose_neither_the_list_nor_a_row() {
        let dirty: [&[u8]; 12] = [
            b"\xEA\xEB\xE8\xE5\xED\xF2",
            b"truncated \xD0",
            b"bell \x07 tab \t line \n nul \x00",
            br"C:\windows\system32",
            br"ends with \",
            br"\",
            br"\u12",
            br"\uD800 half",
            br"\uDC00 other half",
            br"\uZZZZ",
            br"\ \x \' \8",
            b"\x01\xFF\\",
        ];
        for comment in dirty {
            let shown = String::from_utf8_lossy(comment).into_owned();
            assert_eq!(names(&around(comment)), ["a", "b", "c"], "{shown:?}");
        }
    }

    #[test]
    fn a_backslash_at_the_end_of_the_last_value_of_a_row_is_only_that() {
        let rows = list(br#"[{"name":"a","comment":"x\"},{"name":"b","comment":"y\"}]"#);
        assert_eq!(rows[0].value("comment"), Some("x\\"));
        assert_eq!(rows[1].value("comment"), Some("y\\"));
    }

    #[test]
    fn what_was_valid_beside_the_dirt_stays_as_it_was() {
        let rows = list(&around(
            br#"\" \\ \n \u00e9 \ud83d\ude00 \q \",\"name\":\"z\"},{ "#,
        ));
        assert_eq!(
            rows[1].value("comment"),
            Some("\" \\ \n é 😀 \\q \",\"name\":\"z\"},{ ")
        );
        assert_eq!(rows.len(), 3);
    }

    #[test]
    fn values_that_are_no_strings_are_spelled() {
        let rows =
            list(br#"[{"n":1500,"b":true,"z":null,"big":18446744073709551615,"l":["a",1]}]"#);
        assert_eq!(rows[0].value("n"), Some("1500"));
        assert_eq!(rows[0].value("b"), Some("true"));
        assert_eq!(rows[0].value("z"), None);
        assert_eq!(rows[0].value("big"), Some("18446744073709551615"));
        assert_eq!(rows[0].value("l"), Some(r#"["a",1]"#));
    }

    #[test]
    fn what_is_no_list_of_rows_is_an_error() {
        for body in [
            "",
            " \r\n",
            "<html>",
            "\u{feff}<!DOCTYPE html>",
            "[",
            "[{}",
            "[{},",
            "[{}] x",
            "[1]",
            "[\"a\"]",
            "[null]",
            "nothing",
            "\"text\"",
            "3",
            "null",
            "[[]]",
            "{",
            "[{\"a\"}]",
        ] {
            assert!(parse(body.as_bytes(), true).is_err(), "{body}");
        }
        assert!(parse(b"[]", false).is_ok());
        assert!(parse(b"{}", false).is_ok());
    }

    #[test]
    fn a_web_page_is_called_one() {
        let error = parse(b"\n <html><body>WebFig</body></html>", true).unwrap_err();
        assert!(error.contains("web page"), "{error}");
    }

    #[test]
    fn a_list_cut_at_any_byte_is_an_error() {
        let bodies: [&[u8]; 3] = [
            br#"[{".id":"*1","comment":"say \"hi\"},{"},{".id":"*2","name":"a\\"}]"#,
            &around(b"\xE9 \x07 \\q"),
            br#"[{"name":"a","comment":"x\"},{"name":"b","comment":"y\"}]"#,
        ];
        for body in bodies {
            assert!(parse(body, true).is_ok());
            for end in 0..body.len() {
                assert!(parse(&body[..end], true).is_err(), "cut at {end}");
            }
        }
    }

    #[test]
    fn a_transfer_whose_end_is_in_doubt_is_not_repaired() {
        let whole = br#"[{"comment":"x\"}]y"},{"comment":"z"}]"#;
        let cut = br#"[{"comment":"x\"}]"#;
        assert!(parse(whole, false).is_ok());
        assert!(parse(cut, false).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&body, true);
        }

        #[test]
        fn nothing_like_json_panics(body in "[\\[\\]{}\":,a\\\\u0d8\u{1}]{0,60}") {
            let _ = parse(body.as_bytes(), true);
        }

        #[test]
        fn any_bytes_between_quotes_keep_the_other_rows(
            comment in proptest::collection::vec(any::<u8>().prop_filter("quote", |b| *b != b'"'), 0..40)
        ) {
            prop_assert_eq!(names(&around(&comment)), ["a", "b", "c"]);
        }

        #[test]
        fn repairing_valid_json_changes_nothing(comment in ".{0,40}", name in "[a-z\"\\\\,:{}\\[\\]]{0,30}") {
            let body = serde_json::json!([{"comment": comment, "name": name}, {"name": "end"}]).to_string();
            let fixed = repaired(body.as_bytes());
            let before: serde_json::Value = serde_json::from_str(&body).unwrap();
            let after: serde_json::Value = serde_json::from_slice(&fixed).unwrap();
            prop_assert_eq!(before, after);
        }
    }
}

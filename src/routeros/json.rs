//! JSON as RouterOS writes it, which is not always JSON, row by row as it comes.
//!
//! Names and comments are raw bytes on the router. Replies were seen with text in 8-bit code pages,
//! raw control characters and lone backslashes inside strings; one such comment must not lose the
//! list. Good rows take the fast path; only a row that fails is repaired and tried once more.
//!
//! At no time more than one row is held, and of a row no more than `ROW_BYTES`.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::record::{Lack, Record};
use crate::limits::{LIST_ROWS, ROW_BYTES, VALUE_BYTES};

/// What a whole reply was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A list of rows.
    List,
    /// One bare object.
    One,
}

/// Reads a reply from pieces and hands out every row as soon as it is whole. Only when
/// [`Decoder::finish`] is content was the reply a whole one; before that its rows prove nothing.
#[derive(Debug)]
pub(super) struct Decoder {
    /// The transfer itself proves complete (by length or chunks). Otherwise nothing is repaired: repair
    /// judges a stray quote by what follows it, and where the end is in doubt it could take a cut list
    /// for a short one.
    whole: bool,
    /// What is fed was repaired: its rows end where they seem to, and only bytes of no encoding are left.
    repaired: bool,
    shape: Shape,
    place: Place,
    /// What has come since the last whole row.
    pending: Vec<u8>,
    /// Everything from a row on that can only be understood together with what follows it.
    rest: Option<Box<Repair>>,
    row: RowEnd,
    rows: usize,
    record: Record,
}

/// Where in the reply the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    /// Behind the bracket that opens the list.
    First,
    /// Behind a comma.
    Next,
    Row,
    /// In a row that is too long to be kept.
    LongRow,
    /// Behind a row.
    Behind,
    End,
    /// In a row, or behind one, whose end depends on what follows.
    Rest,
}

impl Decoder {
    pub(super) fn new(whole: bool) -> Self {
        Self {
            whole,
            repaired: false,
            shape: Shape::List,
            place: Place::Start,
            pending: Vec::new(),
            rest: None,
            row: RowEnd::default(),
            rows: 0,
            record: Record::default(),
        }
    }

    /// More has come. The error says what is wrong with the reply.
    pub(super) fn feed(
        &mut self,
        mut bytes: &[u8],
        sink: &mut dyn FnMut(&Record),
    ) -> Result<(), String> {
        while let [byte, rest @ ..] = bytes {
            match self.place {
                Place::Row => bytes = self.in_row(bytes, sink)?,
                Place::LongRow => bytes = self.in_long_row(bytes, sink)?,
                Place::Rest => {
                    return match &mut self.rest {
                        Some(repair) => repair.feed(bytes, sink),
                        None => Err(self.no_row()),
                    };
                }
                _ => {
                    bytes = rest;
                    self.between(*byte)?;
                }
            }
        }
        Ok(())
    }

    /// Nothing more will come.
    pub(super) fn finish(mut self, sink: &mut dyn FnMut(&Record)) -> Result<Shape, String> {
        match self.place {
            Place::End => Ok(self.shape),
            Place::Start if self.pending.is_empty() => Err("it is empty".into()),
            // A stray quote may have hidden the end of the row.
            Place::Row if self.whole => {
                self.begin_repair(sink)?;
                self.finish_repair(sink)
            }
            Place::Rest => self.finish_repair(sink),
            _ => Err(self.broken_off()),
        }
    }

    fn between(&mut self, byte: u8) -> Result<(), String> {
        if self.place == Place::Start && (!self.pending.is_empty() || byte == 0xEF) {
            return self.mark(byte);
        }
        self.place = match (self.place, byte) {
            (place, b' ' | b'\t' | b'\r' | b'\n') => place,
            (Place::Start, b'[') => Place::First,
            (Place::Start, b'<') => {
                return Err("a web page came instead of data, as from WebFig or a proxy".into());
            }
            (Place::First | Place::Next, b'{') if self.rows >= LIST_ROWS => {
                return Err(format!("it has more than {LIST_ROWS} rows"));
            }
            (Place::Start | Place::First | Place::Next, b'{') => {
                if self.place == Place::Start {
                    self.shape = Shape::One;
                }
                self.pending.push(byte);
                self.row = RowEnd::default();
                Place::Row
            }
            (Place::Behind, b',') => Place::Next,
            (Place::First | Place::Behind, b']') => Place::End,
            _ => return Err(self.no_row()),
        };
        Ok(())
    }

    /// The mark of UTF-8 that may stand before everything.
    fn mark(&mut self, byte: u8) -> Result<(), String> {
        self.pending.push(byte);
        match self.pending.as_slice() {
            [0xEF] | [0xEF, 0xBB] => Ok(()),
            [0xEF, 0xBB, 0xBF] => {
                self.pending = Vec::new();
                Ok(())
            }
            _ => Err(self.no_row()),
        }
    }

    /// Takes the bytes of the row in hand and gives what follows it.
    fn in_row<'a>(
        &mut self,
        bytes: &'a [u8],
        sink: &mut dyn FnMut(&Record),
    ) -> Result<&'a [u8], String> {
        let length = self.row.find(bytes);
        let (own, rest) = bytes.split_at(length.unwrap_or(bytes.len()));
        if self.pending.len() + own.len() <= ROW_BYTES {
            self.pending.extend_from_slice(own);
            if length.is_some() {
                self.whole_row(sink)?;
            }
        } else if self.whole && self.row.stray_quote {
            // It is long because its end was missed.
            self.begin_repair(sink)?;
            self.feed(own, sink)?;
        } else {
            self.pending = Vec::new();
            self.place = Place::LongRow;
            if length.is_some() {
                self.leave_out(sink)?;
            }
        }
        Ok(rest)
    }

    fn in_long_row<'a>(
        &mut self,
        bytes: &'a [u8],
        sink: &mut dyn FnMut(&Record),
    ) -> Result<&'a [u8], String> {
        let Some(length) = self.row.find(bytes) else {
            return Ok(&[]);
        };
        self.leave_out(sink)?;
        Ok(bytes.get(length..).unwrap_or_default())
    }

    /// The row in hand has ended and is too long.
    fn leave_out(&mut self, sink: &mut dyn FnMut(&Record)) -> Result<(), String> {
        if self.row.stray_quote && !self.repaired {
            // Its end may lie elsewhere, and what follows in it.
            return Err(format!(
                "a row is longer than {ROW_BYTES} bytes and may hold others (row {})",
                self.rows + 1
            ));
        }
        self.record.clear();
        self.record.lack = Lack::Row;
        self.end_row(sink);
        Ok(())
    }

    fn whole_row(&mut self, sink: &mut dyn FnMut(&Record)) -> Result<(), String> {
        let read = if self.repaired {
            read_repaired(&self.pending, &mut self.record)
        } else {
            read_row(&self.pending, &mut self.record)
        };
        if read.is_err() {
            if !self.whole {
                return Err(self.no_row());
            }
            if self.row.stray_quote {
                return self.begin_repair(sink);
            }
            let fixed = repaired(&self.pending);
            read_repaired(&fixed, &mut self.record).map_err(|_| self.no_row())?;
        }
        self.end_row(sink);
        Ok(())
    }

    fn end_row(&mut self, sink: &mut dyn FnMut(&Record)) {
        self.rows += 1;
        sink(&self.record);
        self.pending.clear();
        self.place = match self.shape {
            Shape::List => Place::Behind,
            Shape::One => Place::End,
        };
    }

    /// Everything from the row in hand on is repaired as it comes. What stands before it is valid, and
    /// repairing changes nothing of it: the outcome is that of repairing the whole reply.
    fn begin_repair(&mut self, sink: &mut dyn FnMut(&Record)) -> Result<(), String> {
        let decoder = Self {
            repaired: true,
            shape: self.shape,
            rows: self.rows,
            place: match self.shape {
                Shape::List => Place::Next,
                Shape::One => Place::Start,
            },
            ..Self::new(false)
        };
        let mut repair = Box::new(Repair::new(decoder));
        self.place = Place::Rest;
        let fed = repair.feed(&std::mem::take(&mut self.pending), sink);
        self.rest = Some(repair);
        fed
    }

    fn finish_repair(self, sink: &mut dyn FnMut(&Record)) -> Result<Shape, String> {
        match self.rest {
            Some(repair) => repair.finish(sink).map(|_| self.shape),
            None => Err(self.no_row()),
        }
    }

    /// Where, never what: the text around it could hold a secret.
    fn no_row(&self) -> String {
        format!("it is not a list of rows in JSON (row {})", self.rows + 1)
    }

    fn broken_off(&self) -> String {
        format!("it breaks off (in row {})", self.rows + 1)
    }
}

/// Looks for the end of a row whose first brace was read.
#[derive(Debug, Default)]
struct RowEnd {
    /// Braces and brackets open within it.
    depth: usize,
    inside: bool,
    /// The byte before is a backslash that belongs to the next.
    escaping: bool,
    /// A quote stood behind a backslash: it may have ended the string after all.
    stray_quote: bool,
}

impl RowEnd {
    /// How many of `bytes` belong to the row; `None`: all of them, and more will come.
    fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        for (position, &byte) in bytes.iter().enumerate() {
            if self.escaping {
                self.escaping = false;
                self.stray_quote |= byte == b'"';
                continue;
            }
            match byte {
                b'"' => self.inside = !self.inside,
                b'\\' => self.escaping = self.inside,
                _ if self.inside => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth == 0 => return Some(position + 1),
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
        }
        None
    }
}

fn read_row(text: &[u8], record: &mut Record) -> serde_json::Result<()> {
    record.clear();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    Row(record).deserialize(&mut deserializer)?;
    deserializer.end()
}

fn read_repaired(text: &[u8], record: &mut Record) -> serde_json::Result<()> {
    read_row(String::from_utf8_lossy(text).as_bytes(), record)
}

/// The object of a small answer, such as a refusal; `None` for anything else.
pub(super) fn object(body: &[u8], whole: bool) -> Option<Record> {
    let mut last = None;
    let mut keep = |record: &Record| last = Some(record.clone());
    let mut decoder = Decoder::new(whole);
    decoder.feed(body, &mut keep).ok()?;
    let shape = decoder.finish(&mut keep).ok()?;
    last.filter(|_| shape == Shape::One)
}

/// A row, read into the empty record given.
struct Row<'a>(&'a mut Record);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Record { text, ends, lack } = self.0;
        let mut start = 0;
        while map.next_key_seed(Spelling(text))?.is_some() {
            let middle = text.len();
            let is_there = map.next_value_seed(Spelling(text))?;
            let is_long = text.len() - middle > VALUE_BYTES;
            if is_there && !is_long {
                ends.push((middle, text.len()));
            } else {
                text.truncate(start);
            }
            if is_long {
                *lack = Lack::Values;
            }
            start = text.len();
        }
        Ok(())
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

/// Repairs what comes, and reads it.
#[derive(Debug)]
struct Repair {
    /// What has come and waits for what follows it.
    raw: Vec<u8>,
    fixed: Vec<u8>,
    /// Between the quotes of a string.
    inside: bool,
    decoder: Decoder,
}

impl Repair {
    fn new(decoder: Decoder) -> Self {
        Self {
            raw: Vec::new(),
            fixed: Vec::new(),
            inside: false,
            decoder,
        }
    }

    fn feed(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&Record)) -> Result<(), String> {
        self.raw.extend_from_slice(bytes);
        self.repair(false);
        self.read(sink)
    }

    fn finish(mut self, sink: &mut dyn FnMut(&Record)) -> Result<Shape, String> {
        self.repair(true);
        self.read(sink)?;
        self.decoder.finish(sink)
    }

    /// As far as can be told: everything when it was the `last` that comes.
    fn repair(&mut self, last: bool) {
        let mut rest = self.raw.as_slice();
        while !rest.is_empty() && (last || rest.len() > LOOK_AHEAD) {
            rest = step(rest, &mut self.fixed, &mut self.inside);
        }
        let used = self.raw.len() - rest.len();
        self.raw.drain(..used);
    }

    fn read(&mut self, sink: &mut dyn FnMut(&Record)) -> Result<(), String> {
        let read = self.decoder.feed(&self.fixed, sink);
        self.fixed.clear();
        read
    }
}

/// How far behind a character one must look to know what it means: an escape takes twelve bytes, and the
/// names of RouterOS's properties have less than fifty.
const LOOK_AHEAD: usize = 256;

/// `body` with its strings made valid but for bytes of no encoding. Nothing outside strings is touched, so
/// a list that breaks off still does.
fn repaired(body: &[u8]) -> Vec<u8> {
    let mut rest = body;
    let mut fixed = Vec::with_capacity(rest.len());
    let mut inside = false;
    while !rest.is_empty() {
        rest = step(rest, &mut fixed, &mut inside);
    }
    fixed
}

/// Repairs what stands first in `text` and gives the rest; [`LOOK_AHEAD`] bytes behind it decide.
fn step<'a>(text: &'a [u8], fixed: &mut Vec<u8>, inside: &mut bool) -> &'a [u8] {
    let [byte, tail @ ..] = text else { return text };
    match (*inside, byte) {
        (true, b'\\') => return escape(tail, fixed, inside),
        (true, 0x00..=0x1F) => {
            let hex = |digit: u8| b"0123456789abcdef".get(usize::from(digit)).copied();
            fixed.extend(br"\u00");
            fixed.extend([hex(byte >> 4), hex(byte & 15)].into_iter().flatten());
        }
        (_, b'"') => {
            *inside = !*inside;
            fixed.push(b'"');
        }
        _ => fixed.push(*byte),
    }
    tail
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
    const NEAR: usize = LOOK_AHEAD - 2;
    // Only of the very end all is known.
    let is_all = after.len() <= NEAR;
    let near = after.get(..NEAR).unwrap_or(after);
    match near.trim_ascii_start() {
        [b',', next @ ..] => starts_property(next),
        [b'}', next @ ..] => match next.trim_ascii_start() {
            [b',', row @ ..] => row
                .trim_ascii_start()
                .strip_prefix(b"{")
                .is_some_and(starts_property),
            [b']', end @ ..] => is_all && end.trim_ascii().is_empty(),
            end => is_all && end.is_empty(),
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
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::fuzz;

    /// The rows of a reply that comes in pieces of `size` bytes.
    fn pieces(body: &[u8], whole: bool, size: usize) -> Result<(Shape, Vec<Record>), String> {
        let mut rows = Vec::new();
        let mut keep = |record: &Record| rows.push(record.clone());
        let mut decoder = Decoder::new(whole);
        for piece in body.chunks(size) {
            decoder.feed(piece, &mut keep)?;
        }
        let shape = decoder.finish(&mut keep)?;
        Ok((shape, rows))
    }

    fn parse(body: &[u8], whole: bool) -> Result<(Shape, Vec<Record>), String> {
        let once = pieces(body, whole, body.len().max(1));
        assert_eq!(pieces(body, whole, 1), once, "byte by byte");
        once
    }

    fn list(body: &[u8]) -> Vec<Record> {
        match parse(body, true) {
            Ok((Shape::List, rows)) => rows,
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
    fn a_value_that_is_too_long_is_left_out_and_a_row_that_is_too_long_is_only_counted() {
        let (value, row) = ("x".repeat(VALUE_BYTES + 1), "x".repeat(ROW_BYTES));
        let rows = list(
            format!(
                r#"[{{"name":"a","comment":"{value}","x":"y"}},{{"name":"b","comment":"{row}"}},{{"name":"c"}}]"#
            )
            .as_bytes(),
        );
        let [a, b, c] = &rows[..] else {
            panic!("{} rows", rows.len())
        };
        assert_eq!((a.lack, a.value("comment")), (Lack::Values, None));
        assert_eq!((a.value("name"), a.value("x")), (Some("a"), Some("y")));
        assert_eq!((b.lack, b.value("name")), (Lack::Row, None));
        assert_eq!((c.lack, c.value("name")), (Lack::Nothing, Some("c")));
    }

    #[test]
    fn a_row_that_is_too_long_hides_no_other_behind_a_stray_quote() {
        let body = format!(
            r#"[{{"comment":"\"}},{{"comment":"{}"}},{{"name":"c"}}]"#,
            "x".repeat(ROW_BYTES)
        );
        let rows = list(body.as_bytes());
        let lacks: Vec<_> = rows.iter().map(|row| row.lack).collect();
        assert_eq!(lacks, [Lack::Nothing, Lack::Row, Lack::Nothing]);
        assert_eq!(rows[2].value("name"), Some("c"));
        assert!(
            parse(body.as_bytes(), false).is_err(),
            "its end is in doubt"
        );
    }

    #[test]
    fn a_list_of_more_rows_than_any_router_has_is_an_error() {
        let body = format!("[{}{{}}]", "{},".repeat(LIST_ROWS));
        let error = pieces(body.as_bytes(), true, 50_000).unwrap_err();
        assert!(error.contains("more than 200000 rows"), "{error}");
        let body = format!("[{}{{}}]", "{},".repeat(LIST_ROWS - 1));
        assert_eq!(
            pieces(body.as_bytes(), true, 50_000).unwrap().1.len(),
            LIST_ROWS
        );
    }

    #[test]
    fn a_list_with_a_stray_quote_is_repaired_as_it_comes_and_never_held_as_a_whole() {
        let row = br#"{"name":"a","comment":"x\"},"#;
        let mut decoder = Decoder::new(true);
        let mut rows = 0;
        let mut count = |_: &Record| rows += 1;
        decoder.feed(b"[", &mut count).unwrap();
        for _ in 0..20_000 {
            decoder.feed(row, &mut count).unwrap();
            let repair = decoder.rest.as_ref();
            let held = repair.map_or(0, |repair| repair.raw.len() + repair.decoder.pending.len());
            assert!(held + decoder.pending.len() < ROW_BYTES + 1_000);
        }
        decoder.feed(br#"{"name":"end"}]"#, &mut count).unwrap();
        decoder.finish(&mut count).unwrap();
        assert_eq!(rows, 20_001);
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

    fn written(rows: &[BTreeMap<String, String>]) -> Vec<u8> {
        serde_json::to_vec(rows).unwrap()
    }

    /// A list is read as it was written. Of a spoilt one no row is made up, and what is read takes no more
    /// room than the text it was in.
    #[test]
    fn fuzz_lists() {
        let key = "[a-z.-]{1,12}";
        let value = prop_oneof![3 => "\\PC{0,20}", 1 => ".{0,20}", 1 => "[0-9/:*A-F,\"\\\\]{0,20}"];
        let row = prop::collection::btree_map(key, value, 0..6);
        let inputs = (
            prop::collection::vec(row, 0..8),
            fuzz::spoils(),
            any::<bool>(),
        );
        fuzz::target(&inputs, |(rows, spoils, whole)| {
            let body = written(&rows);
            let Ok((Shape::List, read)) = parse(&body, whole) else {
                return Err(TestCaseError::fail("a sound list is read"));
            };
            prop_assert_eq!(read.len(), rows.len());
            for (record, row) in read.iter().zip(&rows) {
                for (key, value) in row {
                    prop_assert_eq!(record.value(key), Some(value.as_str()));
                }
            }
            let body = fuzz::spoilt(body, &spoils);
            let Ok((Shape::List, read)) = parse(&body, whole) else {
                return Ok(());
            };
            let braces = body.split(|byte| *byte == b'{').count() - 1;
            prop_assert!(read.len() <= braces);
            // A byte of no encoding becomes a mark of three.
            let room: usize = read.iter().map(|record| record.text.len()).sum();
            prop_assert!(room <= 3 * body.len());
            Ok(())
        });
    }

    /// What comes of a whole reply that is read, and if need be repaired, at once.
    fn at_once(body: &[u8]) -> Option<Vec<Record>> {
        type Rows = Vec<serde_json::Map<String, serde_json::Value>>;
        let rows: Rows = serde_json::from_slice(body)
            .or_else(|_| serde_json::from_str(&String::from_utf8_lossy(&repaired(body))))
            .ok()?;
        let record = |row: serde_json::Map<String, serde_json::Value>| {
            let text = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            row.into_iter()
                .map(|(name, value)| (name, text(value)))
                .collect()
        };
        Some(rows.into_iter().map(record).collect())
    }

    /// Between the quotes of a comment: what looks like the frame around it, and what is no JSON.
    fn dirt() -> impl Strategy<Value = Vec<u8>> {
        let pieces: [&[u8]; 12] = [
            b"x", b"\\", b"\"", b"\\\"", b",", b"}", b"{", b"]", b"\"b\":", b"\xE9", b"\x07",
            b"\\u00e9",
        ];
        let some = proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..8);
        some.prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_whole_reply_wherever_it_is_dirty(
            comments in proptest::collection::vec(dirt(), 1..6),
        ) {
            let mut body = b"[".to_vec();
            for comment in comments {
                body.extend([br#"{"name":"a","comment":""#, comment.as_slice(), br#""},"#].concat());
            }
            body.extend(br#"{"name":"end"}]"#);
            let rows = parse(&body, true).ok().map(|(_, rows)| rows);
            prop_assert_eq!(rows, at_once(&body));
        }

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

//! A reply of the binary API, from rows to sentences.

use super::words::Pen;
use crate::engine::Reply;
use crate::fault::Effect;
use crate::octets;
use crate::record::{Record, Value};
use crate::trap::Trap;
use crate::version::Version;

/// Makes the sentences of one reply.
pub struct Writer<'a> {
    pub version: Version,
    pub tag: Option<&'a str>,
    pub effects: &'a [Effect],
}

impl Writer<'_> {
    /// The sentences of a reply; `None` while there are none.
    pub fn sentences(&self, outcome: Result<Reply, Trap>) -> Option<Vec<Vec<u8>>> {
        let mut sentences = self.oddities();
        match outcome {
            Ok(Reply::Silent) => return None,
            Ok(Reply::Rows(rows)) => sentences.extend(self.rows(rows)),
            Ok(Reply::Value(text)) => sentences.push(self.done(Some(&text))),
            Ok(Reply::Done) => sentences.push(self.done(None)),
            Err(trap) => {
                sentences.push(self.trap(&trap.api_text(), trap.category));
                sentences.extend(trap.echo.map(|text| self.trap(text, None)));
                sentences.push(self.done(None));
            }
        }
        Some(sentences)
    }

    /// Refusals, one after the other.
    pub fn traps(&self, texts: &[String]) -> Vec<Vec<u8>> {
        let mut sentences: Vec<_> = texts.iter().map(|text| self.trap(text, None)).collect();
        sentences.push(self.done(None));
        sentences
    }

    /// `!trap`.
    pub fn trap(&self, text: &str, category: Option<u8>) -> Vec<u8> {
        let mut words = self.begin("!trap");
        if let Some(category) = category.filter(|_| !self.has(&Effect::BareTraps)) {
            words.push(format!("=category={category}").into_bytes());
        }
        words.push(octets::bytes(&format!("=message={text}")));
        self.pen().sentence(words)
    }

    /// `!done`.
    pub fn done(&self, ret: Option<&str>) -> Vec<u8> {
        let mut words = self.begin("!done");
        words.extend(ret.map(|ret| octets::bytes(&format!("=ret={ret}"))));
        self.pen().sentence(words)
    }

    /// Sentences as a test wrote them: a word in a line, an empty line between two.
    pub fn scripted(&self, text: &str) -> Vec<Vec<u8>> {
        let text = text.replace("{tag}", self.tag.unwrap_or_default());
        text.split("\n\n")
            .filter(|sentence| !sentence.is_empty())
            .map(|sentence| self.pen().sentence(sentence.lines()))
            .collect()
    }

    fn rows(&self, mut rows: Vec<Record>) -> Vec<Vec<u8>> {
        for effect in self.effects {
            effect.spoil(&mut rows);
        }
        let mut sentences: Vec<_> = rows.iter().map(|row| self.row(row)).collect();
        if sentences.is_empty() && self.version.says_empty() {
            sentences.push(self.pen().sentence(self.begin("!empty")));
        }
        sentences.push(self.done(None));
        sentences
    }

    fn row(&self, record: &Record) -> Vec<u8> {
        let mut words = self.begin("!re");
        if !self.has(&Effect::EmptyRows) {
            words.extend(record.0.iter().map(|(name, value)| self.word(name, value)));
        }
        self.pen().sentence(words)
    }

    fn word(&self, name: &str, value: &Value) -> Vec<u8> {
        let mut word = format!("={name}=").into_bytes();
        match value {
            Value::Raw(bytes) => word.extend_from_slice(bytes),
            Value::Text(text) => word.extend(octets::bytes(&self.spelt(name, text))),
            Value::Number(text) => word.extend(text.bytes()),
        }
        word
    }

    /// Version 6 writes `no` and `yes` for `disabled` in old samples, and knows no `rest-api`.
    fn spelt(&self, name: &str, text: &str) -> String {
        if self.version.has_rest() {
            return text.to_owned();
        }
        match (name, text) {
            ("disabled", "true") => "yes".to_owned(),
            ("disabled", "false") => "no".to_owned(),
            ("policy", _) => {
                let known = |word: &&str| !word.ends_with("rest-api");
                text.split(',').filter(known).collect::<Vec<_>>().join(",")
            }
            _ => text.to_owned(),
        }
    }

    /// What faults put before a reply.
    fn oddities(&self) -> Vec<Vec<u8>> {
        let mut odd = Vec::new();
        if self.has(&Effect::UnknownWord) {
            odd.push(self.pen().sentence(self.begin("!news")));
        }
        if self.has(&Effect::ControlByte) {
            odd.push(vec![0xF9]);
        }
        odd
    }

    fn begin(&self, word: &str) -> Vec<Vec<u8>> {
        let mut words = vec![word.as_bytes().to_vec()];
        words.extend(self.tag.map(|tag| octets::bytes(&format!(".tag={tag}"))));
        words
    }

    fn pen(&self) -> Pen {
        Pen {
            long_lengths: self.has(&Effect::LongLengths),
        }
    }

    fn has(&self, effect: &Effect) -> bool {
        self.effects.contains(effect)
    }
}

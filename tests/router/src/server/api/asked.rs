//! A sentence of a client, from words to a command.

use crate::engine::Command;
use crate::octets;
use crate::query::Query;
use crate::trap::Trap;

/// What a client asks.
#[derive(Debug, Default)]
pub struct Asked {
    /// The first word, such as `/ppp/secret/print`.
    pub path: String,
    /// Echoed in every sentence of the reply.
    pub tag: Option<String>,
    /// Names and values.
    pub named: Vec<(String, String)>,
    proplist: Option<Vec<String>>,
    query: Vec<String>,
    unknown: Option<String>,
}

impl Asked {
    /// Reads a sentence. Attribute order does not count, query order does.
    pub fn read(words: &[Vec<u8>]) -> Self {
        let mut words = words.iter().map(|word| octets::text(word));
        let mut asked = Self {
            path: words.next().unwrap_or_default(),
            ..Self::default()
        };
        for word in words {
            asked.word(&word);
        }
        asked
    }

    fn word(&mut self, word: &str) {
        if let Some(pair) = word.strip_prefix('=') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if name == ".proplist" {
                self.proplist = Some(value.split(',').map(str::to_owned).collect());
            } else {
                self.named.push((name.to_owned(), value.to_owned()));
            }
        } else if let Some(condition) = word.strip_prefix('?') {
            self.query.push(condition.to_owned());
        } else if let Some(tag) = word.strip_prefix(".tag=") {
            self.tag = Some(tag.to_owned());
        } else {
            self.unknown.get_or_insert_with(|| word.to_owned());
        }
    }

    /// Menu and command.
    pub fn parts(&self) -> (&str, &str) {
        let (menu, name) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        (menu, if name == "getall" { "print" } else { name })
    }

    /// The value of an argument.
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.named
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// What the console is told.
    pub fn command(&self) -> Result<Command, Trap> {
        if let Some(word) = &self.unknown {
            return Err(Trap::unknown_parameter(word));
        }
        let (menu, name) = self.parts();
        Ok(Command {
            arguments: self.named.clone(),
            query: Query::parse(self.query.iter().map(String::as_str))?,
            proplist: self.proplist.clone(),
            ..Command::new(menu, name)
        })
    }

    /// The words for the log, one in a line.
    pub fn text(words: &[Vec<u8>]) -> String {
        let words: Vec<_> = words
            .iter()
            .map(|word| String::from_utf8_lossy(word))
            .collect();
        words.join("\n")
    }
}

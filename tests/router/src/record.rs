//! One row of a reply: keys and values in the order they are sent.

use std::borrow::Cow;

/// A value on its way out. Replies hold text only; `Raw` is text no encoding vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Ordinary text.
    Text(Cow<'static, str>),
    /// Bytes sent as they are: 8-bit code pages, control characters, lone backslashes.
    Raw(Vec<u8>),
    /// Sent without quotes in JSON; only a fault makes these.
    Number(String),
}

impl Value {
    /// The text, unless it is raw bytes.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(text) => Some(text),
            Self::Raw(_) => None,
        }
    }
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::from(if flag { "true" } else { "false" })
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::from(number.to_string())
    }
}

/// One object of a reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record(pub Vec<(Cow<'static, str>, Value)>);

impl Record {
    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The text of a key; `None` when the key is absent.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.value(key).and_then(Value::as_text)
    }

    /// Appends a key.
    pub fn push(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        self.0.push((key.into(), value.into()));
    }
}

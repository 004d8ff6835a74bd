//! The query stack of `print`: words that push truth values and words that combine them.
//!
//! Rules from the manual's page of the binary API (queries); REST's `.query` has the same words
//! without the leading `?`. Regular expressions are not part of it.

use std::cmp::Ordering;

use crate::trap::Trap;

/// A parsed `.query`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Has(String),
    Lacks(String),
    Compare(String, Ordering, String),
    Operations(Vec<Operation>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Operation {
    Not,
    And,
    Or,
    CopyTop,
    CopyOf(usize),
    ReplaceAllWith(usize),
}

impl Query {
    /// Reads query words without their leading `?`.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, Trap> {
        let words = words.into_iter().map(word).collect::<Result<_, _>>()?;
        Ok(Self { words })
    }

    /// Equality on every pair, as `GET /rest/menu?a=b&c=d` means it.
    pub fn all_equal(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let words = pairs
            .into_iter()
            .map(|(name, value)| Word::Compare(name, Ordering::Equal, value))
            .collect();
        Self { words }
    }

    /// No condition at all.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The value the query demands of a key in every case; lets `print` use an index.
    pub fn demands(&self, key: &str) -> Option<&str> {
        if self
            .words
            .iter()
            .any(|word| matches!(word, Word::Operations(_)))
        {
            return None;
        }
        self.words.iter().find_map(|word| match word {
            Word::Compare(name, Ordering::Equal, value) if name == key => Some(value.as_str()),
            _ => None,
        })
    }

    /// Whether a row passes; `value` gives a property's text or `None` if the row has none.
    pub fn matches<'a>(
        &self,
        value: impl Fn(&str) -> Option<std::borrow::Cow<'a, str>>,
    ) -> Result<bool, Trap> {
        let mut stack: Vec<bool> = Vec::with_capacity(4);
        for word in &self.words {
            match word {
                Word::Has(name) => stack.push(value(name).is_some()),
                Word::Lacks(name) => stack.push(value(name).is_none()),
                Word::Compare(name, wanted, text) => {
                    stack.push(value(name).is_some_and(|found| compare(&found, text) == *wanted));
                }
                Word::Operations(operations) => {
                    for operation in operations {
                        apply(operation, &mut stack)
                            .ok_or_else(|| Trap::failure("invalid query"))?;
                    }
                }
            }
        }
        Ok(stack.iter().all(|truth| *truth))
    }
}

fn word(text: &str) -> Result<Word, Trap> {
    if let Some(operations) = text.strip_prefix('#') {
        return Ok(Word::Operations(operations_of(operations)?));
    }
    if let Some(name) = text.strip_prefix('-') {
        return Ok(Word::Lacks(name.to_owned()));
    }
    let (ordering, rest) = match text.as_bytes().first() {
        Some(b'<') => (Ordering::Less, &text[1..]),
        Some(b'>') => (Ordering::Greater, &text[1..]),
        Some(b'=') => (Ordering::Equal, &text[1..]),
        Some(_) => (Ordering::Equal, text),
        None => return Err(Trap::failure("invalid query")),
    };
    match rest.split_once('=') {
        Some((name, value)) => Ok(Word::Compare(name.to_owned(), ordering, value.to_owned())),
        None if ordering == Ordering::Equal => Ok(Word::Has(rest.to_owned())),
        None => Err(Trap::failure("invalid query")),
    }
}

fn operations_of(text: &str) -> Result<Vec<Operation>, Trap> {
    let mut operations = Vec::new();
    let mut characters = text.chars().peekable();
    let mut after_index = false;
    while let Some(character) = characters.next() {
        let mut index = None;
        match character {
            '!' => operations.push(Operation::Not),
            '&' => operations.push(Operation::And),
            '|' => operations.push(Operation::Or),
            '.' if after_index => {}
            '.' => operations.push(Operation::CopyTop),
            '0'..='9' => {
                let mut digits = character.to_string();
                while let Some(digit) = characters.next_if(char::is_ascii_digit) {
                    digits.push(digit);
                }
                let number = digits.parse().map_err(|_| Trap::failure("invalid query"))?;
                operations.push(match characters.peek() {
                    Some(_) => Operation::CopyOf(number),
                    None => Operation::ReplaceAllWith(number),
                });
                index = Some(number);
            }
            _ => return Err(Trap::failure("invalid query")),
        }
        after_index = index.is_some();
    }
    Ok(operations)
}

fn apply(operation: &Operation, stack: &mut Vec<bool>) -> Option<()> {
    match operation {
        Operation::Not => {
            let top = stack.pop()?;
            stack.push(!top);
        }
        Operation::And => {
            let (a, b) = (stack.pop()?, stack.pop()?);
            stack.push(a && b);
        }
        Operation::Or => {
            let (a, b) = (stack.pop()?, stack.pop()?);
            stack.push(a || b);
        }
        Operation::CopyTop => stack.push(*stack.last()?),
        Operation::CopyOf(index) => stack.push(at(stack, *index)?),
        Operation::ReplaceAllWith(index) => *stack = vec![at(stack, *index)?],
    }
    Some(())
}

/// Index 0 is the top.
fn at(stack: &[bool], index: usize) -> Option<bool> {
    stack.iter().rev().nth(index).copied()
}

fn compare(found: &str, wanted: &str) -> Ordering {
    match (found.parse::<i128>(), wanted.parse::<i128>()) {
        (Ok(found), Ok(wanted)) => found.cmp(&wanted),
        _ => found.cmp(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(words: &[&str]) -> bool {
        let query = Query::parse(words.iter().copied()).unwrap();
        query
            .matches(|name| match name {
                "name" => Some("ann".into()),
                "mtu" => Some("1450".into()),
                "disabled" => Some("false".into()),
                _ => None,
            })
            .unwrap()
    }

    #[test]
    fn words_test_presence_absence_and_values() {
        assert!(passes(&["name"]));
        assert!(!passes(&["comment"]));
        assert!(passes(&["-comment"]));
        assert!(passes(&["name=ann"]));
        assert!(passes(&["=name=ann"]));
        assert!(!passes(&["name=bob"]));
        assert!(passes(&[">mtu=900"]), "numbers compare as numbers");
        assert!(!passes(&["<mtu=900"]));
        assert!(
            !passes(&["comment="]),
            "a row without the key equals nothing"
        );
    }

    #[test]
    fn words_left_on_the_stack_are_all_needed() {
        assert!(passes(&["name=ann", "disabled=false"]));
        assert!(!passes(&["name=ann", "disabled=true"]));
    }

    #[test]
    fn operations_combine_the_stack() {
        assert!(passes(&["name=bob", "name=ann", "#|"]));
        assert!(!passes(&["name=bob", "name=ann", "#&"]));
        assert!(passes(&["name=bob", "#!"]));
        assert!(passes(&["name=bob", "name=ann", "#|!", "#!"]));
        assert!(
            passes(&["name=bob", "name=ann", "#0"]),
            "a last index replaces the stack"
        );
        assert!(!passes(&["name=bob", "name=ann", "#1"]));
        assert!(passes(&["name=bob", "name=ann", "#1.!.&", "#0"]));
    }

    #[test]
    fn an_empty_stack_is_an_error() {
        let query = Query::parse(["#&"]).unwrap();
        assert!(query.matches(|_| None).is_err());
        assert!(Query::parse(["#x"]).is_err());
        assert!(
            Query::parse(["~name=a"])
                .unwrap()
                .matches(|_| None)
                .is_ok_and(|passed| !passed)
        );
    }

    #[test]
    fn an_index_may_serve_plain_equality_only() {
        assert_eq!(Query::parse(["name=a"]).unwrap().demands("name"), Some("a"));
        assert_eq!(
            Query::parse(["name=a", "#!"]).unwrap().demands("name"),
            None
        );
    }
}

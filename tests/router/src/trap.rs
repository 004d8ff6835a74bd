//! What the console says when it refuses: one text, whatever protocol asked.

use std::borrow::Cow;

use crate::version::Version;

/// What kind of refusal it is; a front needs it only to choose its own status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The item named by `.id` or `numbers` is not there.
    NoSuchItem,
    /// An argument the command does not know.
    UnknownParameter,
    /// The user's group lacks a policy.
    Permission,
    /// Everything else.
    Other,
}

/// A refused command: the text is `detail` in REST and `!trap =message=` in the binary API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Trap {
    /// The console's sentence, without the API's number for a missing item.
    pub text: Cow<'static, str>,
    /// `=category=` of the binary API; absent where captures show none.
    pub category: Option<u8>,
    /// HTTP status REST gives when the item is not part of the path.
    pub status: u16,
    /// Kind of refusal.
    pub refusal: Refusal,
    /// A second sentence the binary API adds, in a `!trap` of its own.
    pub echo: Option<&'static str>,
}

impl Trap {
    /// A refusal with status 400 and no category.
    pub fn failure(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            text: text.into(),
            category: None,
            status: 400,
            refusal: Refusal::Other,
            echo: None,
        }
    }

    /// A bad argument: category 1.
    pub fn argument(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            category: Some(1),
            ..Self::failure(text)
        }
    }

    /// `no such item`: category 0; the API adds `(4)`, REST does not.
    pub fn no_such_item() -> Self {
        Self {
            category: Some(0),
            refusal: Refusal::NoSuchItem,
            ..Self::failure("no such item")
        }
    }

    /// `no such command`.
    pub fn no_such_command() -> Self {
        Self {
            category: Some(0),
            ..Self::failure("no such command")
        }
    }

    /// `no such command or directory (x)`.
    pub fn no_such_directory(name: &str) -> Self {
        Self {
            category: Some(0),
            ..Self::failure(format!("no such command or directory ({name})"))
        }
    }

    /// What a version says of a menu it has not: one sentence to REST; over the binary API 7.13 to 7.19 say
    /// two and version 6 says only the second (traces of 6.49.17 and of CHRs without `/system/routerboard`).
    pub fn no_such_menu(version: Version, name: &str) -> Self {
        const PREFIX: &str = "no such command prefix";
        if !version.has_rest() {
            return Self::failure(PREFIX);
        }
        let says_both = version.at_least(7, 13) && !version.at_least(7, 20);
        Self {
            echo: says_both.then_some(PREFIX),
            ..Self::no_such_directory(name)
        }
    }

    /// `unknown parameter x`.
    pub fn unknown_parameter(name: &str) -> Self {
        Self {
            refusal: Refusal::UnknownParameter,
            ..Self::failure(format!("unknown parameter {name}"))
        }
    }

    /// `missing =x=`.
    pub fn missing(name: &str) -> Self {
        Self::failure(format!("missing ={name}="))
    }

    /// The value does not parse.
    pub fn invalid_value(argument: &str) -> Self {
        Self::argument(format!("invalid value for argument {argument}"))
    }

    /// The value does not parse, with the colon some menus put behind the argument's name.
    pub fn invalid_value_of(argument: &str) -> Self {
        Self::argument(format!("invalid value for argument {argument}:"))
    }

    /// A word or an object that does not exist.
    pub fn no_match(argument: &str) -> Self {
        Self::argument(format!("input does not match any value of {argument}"))
    }

    /// A number outside its range.
    pub fn out_of_range(argument: &str, low: u64, high: u64) -> Self {
        Self::argument(format!("value of {argument} out of range ({low}..{high})"))
    }

    /// The user's group lacks the policy: 500, not 403.
    pub fn permission() -> Self {
        Self {
            status: 500,
            refusal: Refusal::Permission,
            ..Self::failure("not enough permissions (9)")
        }
    }

    /// The sentence of the binary API, with the number of the missing item.
    pub fn api_text(&self) -> String {
        match self.refusal {
            Refusal::NoSuchItem => format!("{} (4)", self.text),
            _ => self.text.to_string(),
        }
    }
}

//! The one error type. Its text is a sentence an admin can act on: what happened, to which object,
//! and what to do. It never holds a secret: credentials travel as [`Secret`](crate::secret::Secret)
//! and no constructor here takes one. Strangers' words in it are short and [`printable`].

use std::fmt;

use crate::limits::{SENTENCE_BYTES, WORDS_BYTES};
use crate::printable::{excerpt, printable};

/// What every fallible function of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something could not be done. One of six families; see the questions (`is_…`) below.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{kind}{note}")]
pub struct Error {
    kind: Box<Kind>,
    /// What state things are in now, as whole sentences with a space before them; often empty.
    note: String,
}

#[derive(Debug, Clone)]
enum Kind {
    Refused {
        command: String,
        detail: String,
        status: Option<u16>,
    },
    Nonsense {
        command: String,
        detail: String,
    },
    Network {
        step: Step,
        router: String,
        detail: String,
        timed_out: bool,
    },
    Misuse {
        subject: String,
        remedy: String,
    },
    Whmcs {
        action: String,
        detail: String,
        code: Option<u32>,
    },
    Bug {
        detail: String,
    },
}

/// Where on the way to the router a network error happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The name could not be resolved.
    Resolve,
    /// No TCP connection came up.
    Connect,
    /// The TLS handshake failed or the certificate is not trusted.
    Tls,
    /// A request was sent, or partly sent, and no whole answer came: it may have been carried out.
    Reply,
}

impl Error {
    /// The router understood `command` (such as `/ppp/secret/add alice`) and said no, in its own words.
    pub fn refused(command: impl AsRef<str>, detail: impl AsRef<str>, status: Option<u16>) -> Self {
        Self::new(Kind::Refused {
            command: excerpt(command.as_ref(), WORDS_BYTES),
            detail: excerpt(detail.as_ref(), WORDS_BYTES),
            status,
        })
    }

    /// The router's answer to `command` makes no sense.
    pub fn nonsense(command: impl AsRef<str>, detail: impl AsRef<str>) -> Self {
        Self::new(Kind::Nonsense {
            command: excerpt(command.as_ref(), WORDS_BYTES),
            detail: excerpt(detail.as_ref(), WORDS_BYTES),
        })
    }

    /// The network failed at `step` on the way to `router` (`host:port`). `detail` is a whole clause.
    pub fn network(step: Step, router: impl AsRef<str>, detail: impl AsRef<str>) -> Self {
        Self::new(Kind::Network {
            step,
            router: excerpt(router.as_ref(), WORDS_BYTES),
            detail: excerpt(detail.as_ref(), SENTENCE_BYTES),
            timed_out: false,
        })
    }

    /// Settings or use are wrong: `subject` says what, `remedy` what was expected and where to mend it.
    /// Both are whole sentences without the final full stop.
    pub fn misuse(subject: impl AsRef<str>, remedy: impl AsRef<str>) -> Self {
        Self::new(Kind::Misuse {
            subject: excerpt(subject.as_ref(), SENTENCE_BYTES),
            remedy: excerpt(remedy.as_ref(), SENTENCE_BYTES),
        })
    }

    /// WHMCS or its database failed while doing `action`. `code` is the driver's error number.
    pub fn whmcs(action: impl AsRef<str>, detail: impl AsRef<str>, code: Option<u32>) -> Self {
        Self::new(Kind::Whmcs {
            action: excerpt(action.as_ref(), WORDS_BYTES),
            detail: excerpt(detail.as_ref(), WORDS_BYTES),
            code,
        })
    }

    /// We contradicted ourselves.
    pub fn bug(detail: impl AsRef<str>) -> Self {
        Self::new(Kind::Bug {
            detail: excerpt(detail.as_ref(), SENTENCE_BYTES),
        })
    }

    fn new(kind: Kind) -> Self {
        Self {
            kind: Box::new(kind),
            note: String::new(),
        }
    }

    /// Adds a sentence that says what state things are in now, or whether trying again is safe.
    #[must_use]
    pub fn with_note(mut self, sentence: &str) -> Self {
        self.note.push(' ');
        self.note.push_str(&printable(sentence));
        self
    }

    /// A network error whose reason is the time that was given, and nothing the router did.
    #[must_use]
    pub fn for_lack_of_time(mut self) -> Self {
        if let Kind::Network { timed_out, .. } = &mut *self.kind {
            *timed_out = true;
        }
        self
    }

    /// With the notes of another error, which this one explains.
    #[must_use]
    pub fn with_notes_of(mut self, other: &Self) -> Self {
        self.note.push_str(&other.note);
        self
    }

    /// The router said no.
    pub fn is_refused(&self) -> bool {
        matches!(*self.kind, Kind::Refused { .. })
    }

    /// The network failed, at whatever step.
    pub fn is_network(&self) -> bool {
        matches!(*self.kind, Kind::Network { .. })
    }

    /// Settings or use are wrong; trying again without a change is useless.
    pub fn is_misuse(&self) -> bool {
        matches!(*self.kind, Kind::Misuse { .. })
    }

    /// The step at which the network failed.
    pub fn step(&self) -> Option<Step> {
        match *self.kind {
            Kind::Network { step, .. } => Some(step),
            _ => None,
        }
    }

    /// The network failed for want of time: with more of it, the router might have answered.
    pub fn is_timeout(&self) -> bool {
        matches!(
            *self.kind,
            Kind::Network {
                timed_out: true,
                ..
            }
        )
    }

    /// The router was not even asked: name, TCP or TLS failed before any command could be sent.
    pub fn never_reached_router(&self) -> bool {
        matches!(self.step(), Some(Step::Resolve | Step::Connect | Step::Tls))
    }

    /// The router's refusal in its own words.
    pub fn refusal(&self) -> Option<&str> {
        match &*self.kind {
            Kind::Refused { detail, .. } => Some(detail),
            _ => None,
        }
    }

    /// The object asked for is not (or no longer) there: `no such item`, or 404 over REST.
    /// RouterOS adds numbers such as `(4)` at will, so only the words count.
    pub fn is_missing_item(&self) -> bool {
        match &*self.kind {
            Kind::Refused { detail, status, .. } => {
                *status == Some(404) || contains(detail, "no such item")
            }
            _ => false,
        }
    }

    /// User name or password of the router login are wrong.
    pub fn is_login(&self) -> bool {
        match &*self.kind {
            Kind::Refused { detail, status, .. } => {
                *status == Some(401)
                    || contains(detail, "invalid user name or password")
                    || contains(detail, "cannot log in")
            }
            _ => false,
        }
    }

    /// The router user lacks a policy.
    pub fn is_permission(&self) -> bool {
        self.refusal()
            .is_some_and(|detail| contains(detail, "not enough permissions"))
    }

    /// The router knows no such menu or command: its version is another one.
    pub fn is_missing_menu(&self) -> bool {
        self.refusal()
            .is_some_and(|detail| contains(detail, "no such command"))
    }

    /// An object with that name exists already.
    pub fn is_duplicate(&self) -> bool {
        self.refusal().is_some_and(|detail| {
            contains(detail, "already exists") || contains(detail, "already have")
        })
    }

    /// The database refused a row because a unique key has that value (MySQL 1062).
    pub fn is_duplicate_key(&self) -> bool {
        self.database_code() == Some(1062)
    }

    /// The database has that column already (MySQL 1060).
    pub fn is_duplicate_column(&self) -> bool {
        self.database_code() == Some(1060)
    }

    /// The database user may not do that (MySQL 1044, 1142 and 1227).
    pub fn is_denied_by_database(&self) -> bool {
        matches!(self.database_code(), Some(1044 | 1142 | 1227))
    }

    /// The right that is lacking for it, in the database's word, such as `CREATE`.
    pub fn denied_right(&self) -> Option<&str> {
        let Kind::Whmcs { detail, .. } = &*self.kind else {
            return None;
        };
        let (before, _) = detail.split_once(" command denied")?;
        before.rsplit(' ').next()
    }

    /// The database could not get a lock in time (MySQL 1205), chose us as the victim of a deadlock (1213),
    /// or the row was changed since this transaction first read anything (1020, MariaDB 11.6 and later). The
    /// transaction may be tried again from its beginning.
    pub fn is_lock_conflict(&self) -> bool {
        matches!(self.database_code(), Some(1020 | 1205 | 1213))
    }

    /// The database does not know a table or a column, or does not take a value that our tables have room for:
    /// they may not be as they should be (MySQL 1048, 1054, 1146, 1264, 1364 and 1406).
    pub fn is_about_schema(&self) -> bool {
        matches!(
            self.database_code(),
            Some(1048 | 1054 | 1146 | 1264 | 1364 | 1406)
        )
    }

    fn database_code(&self) -> Option<u32> {
        match *self.kind {
            Kind::Whmcs { code, .. } => code,
            _ => None,
        }
    }
}

fn contains(haystack: &str, needle: &str) -> bool {
    haystack.to_ascii_lowercase().contains(needle)
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused {
                command,
                detail,
                status,
            } => write_refusal(f, command, detail, *status),
            Self::Nonsense { command, detail } => write!(
                f,
                "The router's answer to \"{command}\" could not be understood: {detail}. \
                 Check that the port belongs to RouterOS and that no proxy stands between."
            ),
            Self::Network {
                step: Step::Reply,
                router,
                detail,
                ..
            } => write!(
                f,
                "The router {router} did not answer completely: {detail}. The command may have been \
                 carried out; running it again is safe."
            ),
            Self::Network { router, detail, .. } => {
                write!(f, "The router {router} cannot be reached: {detail}.")
            }
            Self::Misuse { subject, remedy } => write!(f, "{subject}. {remedy}."),
            Self::Whmcs { action, detail, .. } => {
                write!(f, "WHMCS could not {action}: {detail}.")
            }
            Self::Bug { detail } => write!(
                f,
                "Internal error in mikrotikvpn: {detail}. Please report it; nothing was changed on purpose."
            ),
        }
    }
}

fn write_refusal(
    f: &mut fmt::Formatter<'_>,
    command: &str,
    detail: &str,
    status: Option<u16>,
) -> fmt::Result {
    if status == Some(401) || contains(detail, "invalid user name or password") {
        return write!(
            f,
            "The router refused the login. Check username and password in the WHMCS server settings, \
             and that the user's group has the policies read, write and rest-api (api over the binary API)."
        );
    }
    write!(f, "The router refused \"{command}\": {detail}.")?;
    if status == Some(403) {
        write!(
            f,
            " Check that /ip/service on the router lets this machine's address in."
        )?;
    } else if contains(detail, "not enough permissions") {
        write!(
            f,
            " Give the router user's group the policies read, write and rest-api (api over the binary API)."
        )?;
    } else if contains(detail, "input does not match any value of profile") {
        write!(
            f,
            " Create that PPP profile on the router or choose another one in the product's module settings."
        )?;
    } else if contains(detail, "device-mode") || contains(detail, "configuration flagged") {
        write!(
            f,
            " Allow the feature in /system/device-mode on the router and confirm it there."
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_item_is_known_by_words_or_by_404_and_by_nothing_else() {
        assert!(Error::refused("x", "no such item (4)", None).is_missing_item());
        assert!(Error::refused("x", "No such item", Some(400)).is_missing_item());
        assert!(Error::refused("x", "Not Found", Some(404)).is_missing_item());
        assert!(!Error::refused("x", "no such command", Some(400)).is_missing_item());
    }

    #[test]
    fn only_a_broken_answer_says_that_the_command_may_have_been_carried_out() {
        let reply = Error::network(Step::Reply, "r:443", "the connection was closed");
        assert!(!reply.never_reached_router());
        assert!(reply.to_string().contains("may have been"));
        let connect = Error::network(Step::Connect, "r:443", "connection refused");
        assert!(connect.never_reached_router());
        assert!(!connect.to_string().contains("may have been"));
    }

    #[test]
    fn a_stranger_cannot_make_a_sentence_long_or_let_it_do_anything() {
        let words = format!("<script>\0\u{1b}[2J\n{}", "x".repeat(60 << 20));
        for error in [
            Error::refused("/ppp/secret/print", &words, None),
            Error::nonsense("/ppp/secret/print", &words),
            Error::network(Step::Reply, "r:443", &words),
            Error::misuse(&words, "Change it"),
            Error::whmcs("read its database", &words, None),
            Error::bug(&words),
        ] {
            let sentence = error.to_string();
            assert!(sentence.len() < 5_000, "{} bytes", sentence.len());
            assert!(!sentence.contains(char::is_control) && !sentence.contains('<'));
        }
    }
}

//! Text that must never be shown: passwords and pre-shared keys.

use std::fmt::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::printable::{html, printable};

/// A secret. `Debug` and `Display` print `***`, so it cannot leak through a log or an error;
/// the few places that need the text call [`Secret::expose`].
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the wire and for the masks of the module log only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// No text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Blanks secrets in other people's words, in every form in which we send or write them: as they are, as
/// JSON, HTML, URLs and `printable` write them, in base64 and in hexadecimal digits.
#[derive(Clone, Default)]
pub struct Mask(Vec<String>);

impl Mask {
    /// Of these secrets. Empty ones have nothing to hide.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut forms: Vec<String> = secrets
            .into_iter()
            .filter(|secret| !secret.is_empty())
            .flat_map(forms)
            .collect();
        // The longest first, so that no form is left half visible by a shorter one.
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        Self(forms)
    }

    /// With more secrets.
    #[must_use]
    pub fn and<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all = Self::of(secrets).0;
        all.extend(self.0.iter().cloned());
        all.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        all.dedup();
        Self(all)
    }

    /// `text` with `***` for each secret.
    pub fn blank(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, form| {
            if text.contains(form.as_str()) {
                text.replace(form.as_str(), "***")
            } else {
                text
            }
        })
    }

    /// Everything that is blanked.
    pub fn forms(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What HTTP's `Authorization: Basic` sends for a login (RFC 7617); nothing without a password.
pub fn basic_credentials(username: &str, password: &Secret) -> Secret {
    if password.is_empty() {
        return Secret::default();
    }
    Secret(BASE64.encode(format!("{username}:{}", password.expose())))
}

fn forms(secret: &str) -> Vec<String> {
    /// Digits of shorter ones are those of counters and dates.
    const LEAST: usize = 6;
    let mut forms = vec![
        secret.to_owned(),
        json(secret),
        html(secret),
        utf8_percent_encode(secret, UNRESERVED).to_string(),
        printable(secret).into_owned(),
    ];
    if secret.len() >= LEAST {
        let encoded = BASE64.encode(secret);
        forms.push(encoded.trim_end_matches('=').to_owned());
        let digits = secret.bytes().fold(String::new(), |mut digits, byte| {
            // Writing to a string cannot fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        });
        forms.push(digits.to_uppercase());
        forms.push(digits);
    }
    forms
}

fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or(&quoted).to_owned()
}

/// What RFC 3986 escapes; PHP's `rawurlencode` does the same.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_blanked_in_every_form_in_which_it_is_sent_or_written() {
        let secret = Secret::new("p\"ä<&7 /x");
        let mask = Mask::of([secret.expose()]);
        for form in [
            "p\"ä<&7 /x",
            r#"p\"ä<&7 /x"#,
            "p&quot;ä&lt;&amp;7 /x",
            "p%22%C3%A4%3C%267%20%2Fx",
            "p\"ä‹&7 /x",
            "cCLDpDwmNyAveA==",
            "7022c3a43c2637202f78",
            "7022C3A43C2637202F78",
        ] {
            let blanked = mask.blank(&format!("before {form} behind"));
            assert!(
                blanked.starts_with("before ***") && blanked.ends_with(" behind"),
                "{form}: {blanked}"
            );
        }
        assert!(!format!("{mask:?}").contains("ä"));
    }

    #[test]
    fn a_short_secret_does_not_blank_the_digits_of_figures() {
        assert_eq!(
            Mask::of(["abc"]).blank("616263 rows of abc"),
            "616263 rows of ***"
        );
        assert_eq!(Mask::of([""]).blank("text"), "text");
    }
}

//! `key = value` lines: the server's Access Hash and the product's advanced field. Empty lines and
//! lines that start with `#` are skipped; PEM blocks may follow their key over several lines.

use std::iter::Peekable;

use crate::error::{Error, Result};

/// Reads `text` into pairs in order; keys in lower case with single hyphens for spaces and
/// underscores, so that `chart engine`, `chart_engine` and `chart-engine` are one key.
/// `field` is how errors call the place, such as `The server's Access Hash`.
pub(super) fn parse(field: &str, text: &str) -> Result<Vec<(String, String)>> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut lines = text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        if is_skipped(line) {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err(Error::misuse(
                format!("{field} holds the line \"{}\"", shortened(line)),
                "Each line there must be written as key = value",
            ));
        };
        let mut value = value.trim().to_owned();
        if value.is_empty() || value.contains("-----BEGIN") {
            read_pem(&mut value, &mut lines);
        }
        pairs.push((normalized(key), value));
    }
    Ok(pairs)
}

/// An error for a key nobody knows, naming those that exist.
pub(super) fn unknown(field: &str, key: &str, known: &[&str]) -> Error {
    Error::misuse(
        format!("{field} holds the unknown key \"{}\"", shortened(key)),
        format!("Known keys are {}", known.join(", ")),
    )
}

/// An error for a value that does not fit its key.
pub(super) fn unfit(field: &str, key: &str, value: &str, expected: &str) -> Error {
    Error::misuse(
        format!("{field} holds \"{key} = {}\"", shortened(value)),
        format!("Expected {expected}"),
    )
}

/// `on` or `off`, in the words people use for them.
pub(super) fn switch(field: &str, key: &str, value: &str) -> Result<bool> {
    match value.to_ascii_lowercase().as_str() {
        "on" | "yes" | "true" | "1" => Ok(true),
        "off" | "no" | "false" | "0" => Ok(false),
        _ => Err(unfit(field, key, value, "on or off")),
    }
}

fn normalized(key: &str) -> String {
    key.trim()
        .to_ascii_lowercase()
        .split([' ', '_', '-'])
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// Reads the block that begins in `value` or behind it, and those right behind it: a bundle has several.
fn read_pem<'a>(value: &mut String, lines: &mut Peekable<impl Iterator<Item = &'a str>>) {
    if value.is_empty() {
        skip(lines);
    }
    read_block(value, lines);
    if !value.contains("-----END") {
        return;
    }
    loop {
        skip(lines);
        let Some(line) = lines.next_if(|line| line.starts_with("-----BEGIN")) else {
            return;
        };
        let mut block = line.to_owned();
        read_block(&mut block, lines);
        value.push('\n');
        value.push_str(&block);
    }
}

fn read_block<'a>(value: &mut String, lines: &mut impl Iterator<Item = &'a str>) {
    while !value.contains("-----END") {
        let Some(line) = lines.next() else { return };
        if !value.is_empty() {
            value.push('\n');
        }
        value.push_str(line);
        if !value.contains("-----BEGIN") {
            return;
        }
    }
}

fn skip<'a>(lines: &mut Peekable<impl Iterator<Item = &'a str>>) {
    while lines.next_if(|line| is_skipped(line)).is_some() {}
}

fn is_skipped(line: &str) -> bool {
    line.is_empty() || line.starts_with('#')
}

/// Enough of what was typed to find it again, and not a whole key pasted into the wrong field.
pub(crate) fn shortened(text: &str) -> String {
    const LIMIT: usize = 40;
    if text.chars().count() <= LIMIT {
        return text.to_owned();
    }
    text.chars().take(LIMIT).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_whatever_joins_their_words() {
        let pairs = parse("x", "# note\n\nChart Engine = google\nshow_password=never").unwrap();
        assert_eq!(
            pairs,
            [
                ("chart-engine".to_owned(), "google".to_owned()),
                ("show-password".to_owned(), "never".to_owned())
            ]
        );
    }

    #[test]
    fn a_certificate_may_span_lines_in_two_ways() {
        let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
        for text in [
            format!("tls-ca = {pem}\nmeter = queue"),
            format!("tls-ca =\n{pem}\nmeter = queue"),
        ] {
            let pairs = parse("x", &text).unwrap();
            assert_eq!(pairs.len(), 2, "{text}");
            assert_eq!(pairs[0].1, pem);
        }
    }

    #[test]
    fn a_bundle_of_certificates_is_one_value() {
        let block =
            |text| format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----");
        let (first, second) = (block("AAAA"), block("BBBB="));
        for text in [
            format!("tls-ca = {first}\n{second}\nmeter = queue"),
            format!("tls-ca =\n\n# intermediate\n{first}\n\n# root\n{second}\n\nmeter = queue"),
        ] {
            let pairs = parse("x", &text).unwrap();
            let keys: Vec<_> = pairs.iter().map(|(key, _)| key.as_str()).collect();
            assert_eq!(keys, ["tls-ca", "meter"], "{text}");
            for part in [&first, &second] {
                assert!(pairs[0].1.contains(part.as_str()), "{text}");
            }
        }
    }

    #[test]
    fn a_line_without_equals_sign_is_named() {
        let error = parse("The server's Access Hash", "tls-pin").unwrap_err();
        assert!(error.to_string().contains("\"tls-pin\""), "{error}");
    }
}

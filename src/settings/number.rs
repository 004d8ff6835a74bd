//! Numbers as admins type them. Nothing that two readers may take for two numbers is read: `1,000` is a
//! thousand in English and one in German, and `1.000` the other way round.
//!
//! | typed | read as |
//! |---|---|
//! | `1000`, `0.5`, `12.75`, `-2.5`, `+3` | what it says |
//! | `0.125` | what it says: no group of thousands begins with 0 |
//! | `1,000`, `1.500`, `1 000`, `1'000` | nothing; say 1000, or 1500 (or 1.5, if that is meant) |
//! | `1,5` | nothing; say 1.5 |
//! | `1e9`, `inf`, `0x10`, `5 GB` | nothing |

/// The number `text` says; `None` when it says none, or one that can be misread.
pub(crate) fn read(text: &str) -> Option<f64> {
    let digits = text.trim().trim_start_matches(['+', '-']);
    let plain = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !plain || in_thousands(digits).is_some() {
        return None;
    }
    text.trim().parse().ok()
}

/// `expected`, and how to write what `text` most likely means.
pub(crate) fn expected(text: &str, expected: &str) -> String {
    let text = text.trim();
    match instead(text).filter(|_| read(text).is_none()) {
        Some(instead) => format!(
            "{expected}, without a comma and without marks between thousands: say {instead}"
        ),
        None => expected.to_owned(),
    }
}

fn instead(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let decimal = decimal(digits);
    match (in_thousands(digits), decimal) {
        (Some(whole), Some(decimal)) => Some(format!(
            "{sign}{whole}, or {sign}{decimal} if that is meant"
        )),
        (Some(written), None) | (None, Some(written)) => Some(format!("{sign}{written}")),
        (None, None) => None,
    }
}

/// Two groups of digits with one mark between them, as a number with a fraction and no needless zeros.
fn decimal(digits: &str) -> Option<String> {
    let (whole, fraction) = digits.split_once([',', '.'])?;
    let are_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let decimal = format!("{whole}.{fraction}");
    Some(
        decimal
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
    )
}

/// The digits of a number in groups of three, all of them behind the first group.
fn in_thousands(digits: &str) -> Option<String> {
    let separates = |letter: char| ".,'’_".contains(letter) || letter.is_whitespace();
    let mut groups = digits.split(separates);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<_> = groups.collect();
    let are_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let fits = matches!(first.len(), 1..=3)
        && are_digits(first)
        && !first.starts_with('0')
        && !rest.is_empty()
        && rest
            .iter()
            .all(|group| group.len() == 3 && are_digits(group));
    fits.then(|| format!("{first}{}", rest.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_is_written() {
        for (text, number) in [
            ("0", 0.0),
            ("1000", 1000.0),
            (" 12.5 ", 12.5),
            ("0.125", 0.125),
            ("1000.125", 1000.125),
            ("1.0000", 1.0),
            ("-2.5", -2.5),
            ("+3", 3.0),
        ] {
            assert_eq!(read(text), Some(number), "{text}");
        }
    }

    #[test]
    fn what_can_be_misread_is_refused_and_told_how_to_be_written() {
        for (text, instead) in [
            ("1,000", "1000, or 1 if"),
            ("1.000", "1000, or 1 if"),
            ("1 000", "1000"),
            ("1\u{a0}000", "1000"),
            ("1\u{202f}000", "1000"),
            ("1'000", "1000"),
            ("1,000,000", "1000000"),
            ("1.500", "1500, or 1.5 if"),
            ("-1.500", "-1500, or -1.5 if"),
            ("12,345", "12345, or 12.345 if"),
            ("1,5", "1.5"),
            ("0,064", "0.064"),
            ("-2,5", "-2.5"),
        ] {
            assert_eq!(read(text), None, "{text}");
            let told = expected(text, "a number");
            assert!(told.contains(&format!(": say {instead}")), "{text}: {told}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_read_and_nothing_is_made_of_it() {
        for text in [
            "", ".", "-", "1e9", "inf", "NaN", "0x10", "5 GB", "--1", "1..5", "١٠",
        ] {
            assert_eq!(read(text), None, "{text}");
            assert_eq!(expected(text, "a number"), "a number", "{text}");
        }
    }
}

//! Text as RouterOS's console takes it.

use std::fmt::Write;

/// `text` as one value of a console command. What is not plain is written as `\XX` byte by byte, so that
/// nothing in it ends the string, names a variable (`$`) or is a command of its own.
pub fn quoted(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(is_bare) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for byte in text.bytes() {
        if is_bare(byte) || b" +()=!".contains(&byte) {
            quoted.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(quoted, "\\{byte:02X}");
        }
    }
    quoted.push('"');
    quoted
}

/// What needs no quotes around it.
fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-/:,@".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the console makes of a quoted string (RouterOS manual, "Scripting", constant escapes).
    fn unquoted(text: &str) -> String {
        let Some(inner) = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
        else {
            return text.to_owned();
        };
        let mut bytes = Vec::new();
        let mut rest = inner.bytes();
        while let Some(byte) = rest.next() {
            assert!(!b"\"$[]{}?;".contains(&byte), "{text} is not inert");
            if byte == b'\\' {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                let digits = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
            } else {
                bytes.push(byte);
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn plain_words_stay_plain() {
        assert_eq!(quoted("router.example"), "router.example");
        assert_eq!(quoted("10.0.0.2-10.0.0.9"), "10.0.0.2-10.0.0.9");
        assert_eq!(quoted(""), "\"\"");
        assert_eq!(quoted("a b"), "\"a b\"");
    }

    #[test]
    fn nothing_gets_out_of_the_quotes() {
        assert_eq!(quoted("x\"; /system reset"), "\"x\\22\\3B /system reset\"");
        assert_eq!(quoted("$(a)[b]"), "\"\\24(a)\\5Bb\\5D\"");
        assert_eq!(quoted("a\nb"), "\"a\\0Ab\"");
        assert_eq!(quoted("é"), "\"\\C3\\A9\"");
    }

    proptest! {
        #[test]
        fn the_console_reads_back_what_was_meant(text in ".{0,40}") {
            let quoted = quoted(&text);
            prop_assert!(quoted.is_ascii() && !quoted.contains(char::is_control));
            prop_assert_eq!(unquoted(&quoted), text);
        }
    }
}

//! Words of strangers in sentences of ours: what a router, a certificate or a database says is repeated in
//! logs, on terminals, in generated scripts and on WHMCS's pages, of which some do not escape.

use std::borrow::Cow;

/// `text` as it may stand anywhere: in one line, without control characters and marks that turn the direction
/// of writing, and without anything HTML takes for a tag or a character reference. What is harmless stays
/// as it was.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text
        .char_indices()
        .any(|(at, c)| stand_in(text, at, c) != c)
    {
        return Cow::Borrowed(text);
    }
    let shown = text.char_indices().map(|(at, c)| stand_in(text, at, c));
    Cow::Owned(shown.collect())
}

/// [`printable`], and no longer than `most` bytes; what was cut off is marked.
pub fn excerpt(text: &str, most: usize) -> String {
    // Cut first: nothing of a text of megabytes is looked at but its beginning.
    let kept = text.floor_char_boundary_of(most);
    let mut shown = printable(kept).into_owned();
    // A stand-in may be longer than what it stands for.
    let whole = shown.len() <= most && kept.len() == text.len();
    if !whole {
        const MARK: &str = "…";
        let room = most.saturating_sub(MARK.len());
        shown.truncate(shown.floor_char_boundary_of(room).len());
        shown.push_str(MARK);
    }
    shown
}

/// As PHP's `htmlspecialchars` writes it.
pub fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#039;")
}

/// What `c`, which stands at `at` in `text`, is replaced by; itself if it is harmless.
fn stand_in(text: &str, at: usize, c: char) -> char {
    match c {
        c if c.is_control() => ' ',
        // Line and paragraph separators; marks, embeddings, overrides and isolates of direction.
        '\u{2028}' | '\u{2029}' => ' ',
        '\u{061C}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
        '<' => '‹',
        // A path through menus, such as `System Settings > Servers`, is no tag.
        '>' if !is_between_blanks(text, at) => '›',
        '&' if starts_reference(text.get(at + 1..).unwrap_or_default()) => '＆',
        c => c,
    }
}

fn is_between_blanks(text: &str, at: usize) -> bool {
    let before = text.get(..at).is_some_and(|text| text.ends_with(' '));
    let behind = text.get(at + 1..).is_some_and(|text| text.starts_with(' '));
    before && behind
}

/// `lt;`, `#60;`, `#x3C;`: behind an ampersand HTML reads another character.
fn starts_reference(rest: &str) -> bool {
    const LONGEST: usize = 32;
    let name = rest.strip_prefix('#').unwrap_or(rest);
    let length = name
        .bytes()
        .take(LONGEST)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    length > 0 && name.as_bytes().get(length) == Some(&b';')
}

/// `str::floor_char_boundary` is newer than our least Rust.
trait Floor {
    /// The longest beginning of at most `most` bytes.
    fn floor_char_boundary_of(&self, most: usize) -> &str;
}

impl Floor for str {
    fn floor_char_boundary_of(&self, most: usize) -> &str {
        let mut end = most.min(self.len());
        while !self.is_char_boundary(end) {
            end -= 1;
        }
        self.get(..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_harmless_stays_and_what_is_not_is_replaced() {
        for (text, shown) in [
            ("no such item (4)", "no such item (4)"),
            ("R&D, AT&T \"x\" it's", "R&D, AT&T \"x\" it's"),
            ("System Settings > Servers", "System Settings > Servers"),
            ("<script>alert(1)</script>", "‹script›alert(1)‹/script›"),
            ("<l2tp-alice>", "‹l2tp-alice›"),
            ("&lt;b&#x3c;", "＆lt;b＆#x3c;"),
            ("7.20.8\n/user add name=evil", "7.20.8 /user add name=evil"),
            ("\u{1b}[2J\u{9b}31m\0", " [2J 31m "),
            ("a\u{202e}b\u{2028}c", "a\u{fffd}b c"),
            ("Кириллица é 😀", "Кириллица é 😀"),
        ] {
            assert_eq!(printable(text), shown, "{text:?}");
        }
    }

    #[test]
    fn an_excerpt_is_cut_at_a_character_and_says_so() {
        assert_eq!(excerpt("abc", 3), "abc");
        assert_eq!(excerpt("abcdef", 5), "ab…");
        assert_eq!(excerpt("éééé", 6), "é…");
        assert_eq!(excerpt("<<", 2), "…", "stand-ins are longer");
    }

    proptest! {
        #[test]
        fn nothing_printable_is_a_tag_or_a_control_character(text in "(\\PC|[<>&;#a-c \u{0}-\u{1f}]){0,60}") {
            let shown = printable(&text);
            prop_assert!(!shown.contains(char::is_control) && !shown.contains('<'));
            prop_assert_eq!(printable(&shown), shown.as_ref(), "once is enough");
            prop_assert_eq!(html_escape::decode_html_entities(&shown), shown.as_ref());
        }

        #[test]
        fn an_excerpt_is_never_longer_than_it_may_be(text in "[<a-zé😀]{0,40}", most in 3_usize..60) {
            prop_assert!(excerpt(&text, most).len() <= most);
        }
    }
}

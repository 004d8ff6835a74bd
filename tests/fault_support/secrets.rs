//! Marked passwords, and every form in which one may be written.

/// Each with characters that JSON, URLs and HTML write differently; customers' within ASCII.
pub const ROUTER_PASSWORD: &str = "Rout3r\"/&ß<pw>\\ +%";
pub const PASSWORD: &str = "Old-s3cret\"/&'<pw>\\ +%";
pub const NEW_PASSWORD: &str = "New-s3cret\"/&'<pw>\\ +%";
pub const PSK: &str = "Shar3d-key\"/&ß<pw>\\ +%";

/// The forms of all of them.
pub fn forms() -> Vec<String> {
    let mut forms = Vec::new();
    for secret in [ROUTER_PASSWORD, PASSWORD, NEW_PASSWORD, PSK] {
        let json = serde_json::to_string(secret).expect("a text");
        forms.extend([
            secret.to_owned(),
            json.trim_matches('"').to_owned(),
            ascii_json(secret),
            json.trim_matches('"').replace('/', "\\/"),
            percent(secret),
            percent(secret).replace("%20", "+"),
            percent(secret).to_lowercase(),
            html_escape::encode_quoted_attribute(secret).into_owned(),
            base64(secret.as_bytes()),
            base64(format!("whmcs:{secret}").as_bytes()),
            hex(secret),
            // The beginning and the end alone, whatever became of the middle.
            secret.chars().take(9).collect(),
        ]);
    }
    forms
}

/// The first of them that is in `text`.
pub fn leak<'a>(forms: &'a [String], text: &str) -> Option<&'a str> {
    forms
        .iter()
        .map(String::as_str)
        .find(|form| text.contains(form))
}

/// JSON as PHP writes it: everything beyond ASCII as \u.
fn ascii_json(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '/' => "\\/".to_owned(),
        c if c.is_ascii() => c.to_string(),
        c => format!("\\u{:04x}", u32::from(c)),
    };
    text.chars().map(escape).collect()
}

fn hex(text: &str) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    let pair = |byte: u8| [digit(byte >> 4), digit(byte & 15)];
    text.bytes().flat_map(pair).collect()
}

fn percent(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |index| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..=chunk.len() {
            let digit = bits >> (18 - 6 * index) & 63;
            text.push(char::from(DIGITS[digit as usize]));
        }
    }
    text
}

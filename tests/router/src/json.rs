//! Records as JSON bytes. Written by hand because the router's own JSON is not always JSON:
//! bytes of 8-bit code pages go out as they are stored.

use crate::octets;
use crate::record::{Record, Value};

/// A JSON array of objects.
pub fn list(records: &[Record]) -> Vec<u8> {
    let mut out = Vec::with_capacity(records.len() * 128 + 2);
    out.push(b'[');
    for (index, record) in records.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_object(&mut out, record);
    }
    out.push(b']');
    out
}

/// A JSON object.
pub fn object(record: &Record) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    write_object(&mut out, record);
    out
}

/// JSON with the numbers a router takes beside those of the standard (octal `017`, hexadecimal `0x1F`)
/// rewritten as decimal ones. Texts stay as they are: in them every number is decimal.
pub fn decimal(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let length = match byte {
            b'"' => quoted(&text[at..]),
            b'0'..=b'9' => text[at..]
                .iter()
                .position(|byte| !(byte.is_ascii_alphanumeric() || b".+-".contains(byte)))
                .unwrap_or(text.len() - at),
            _ => 1,
        };
        let token = &text[at..at + length];
        match other_radix(token) {
            Some(number) => out.extend_from_slice(number.to_string().as_bytes()),
            None => out.extend_from_slice(token),
        }
        at += length;
    }
    out
}

/// Bytes of the text literal a slice begins with.
fn quoted(text: &[u8]) -> usize {
    let mut escaped = false;
    for (index, byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

/// The value of an octal or hexadecimal token.
fn other_radix(token: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(token)
        .ok()?
        .strip_prefix('0')
        .filter(|digits| !digits.is_empty())?;
    match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => u64::from_str_radix(digits, 8).ok(),
    }
}

fn write_object(out: &mut Vec<u8>, record: &Record) {
    // REST gives keys in alphabetical order, as in all of the manual's samples
    let mut pairs: Vec<_> = record.0.iter().collect();
    pairs.sort_by_key(|(key, _)| key);
    out.push(b'{');
    for (index, (key, value)) in pairs.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_text(out, key);
        out.push(b':');
        match value {
            Value::Text(text) => write_text(out, text),
            Value::Number(number) => out.extend_from_slice(number.as_bytes()),
            Value::Raw(bytes) => {
                out.push(b'"');
                out.extend_from_slice(bytes);
                out.push(b'"');
            }
        }
    }
    out.push(b'}');
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\0'..='\x1f' => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(character)).as_bytes());
            }
            _ => octets::push(out, character),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_valid_json() {
        let mut record = Record::default();
        record.push("comment", "a\"b\\c\u{1}é\n".to_owned());
        let parsed: serde_json::Value = serde_json::from_slice(&object(&record)).unwrap();
        assert_eq!(parsed["comment"], "a\"b\\c\u{1}é\n");
    }

    #[test]
    fn octal_and_hexadecimal_numbers_are_rewritten_outside_of_texts() {
        let text = br#"{"a":010,"b":[0x1F,0,10,0.5,-3],"c":"010 \" 0x1F","0x1":1e3,"d":08}"#;
        let wanted = br#"{"a":8,"b":[31,0,10,0.5,-3],"c":"010 \" 0x1F","0x1":1e3,"d":08}"#;
        assert_eq!(
            String::from_utf8(decimal(text)).unwrap(),
            String::from_utf8(wanted.to_vec()).unwrap()
        );
        assert_eq!(decimal(b"\"open"), b"\"open");
    }

    #[test]
    fn raw_bytes_go_out_as_they_are() {
        let mut record = Record::default();
        record
            .0
            .push(("comment".into(), Value::Raw(vec![0xc0, 0x01, b'\\'])));
        assert_eq!(list(&[record]), b"[{\"comment\":\"\xc0\x01\\\"}]");
    }
}

//! Records as JSON bytes. Written by hand because the router's own JSON is not always JSON:
//! bytes of 8-bit code pages go out as they are stored.

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

fn write_object(out: &mut Vec<u8>, record: &Record) {
    out.push(b'{');
    for (index, (key, value)) in record.0.iter().enumerate() {
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
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
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
    fn raw_bytes_go_out_as_they_are() {
        let mut record = Record::default();
        record
            .0
            .push(("comment".into(), Value::Raw(vec![0xc0, 0x01, b'\\'])));
        assert_eq!(list(&[record]), b"[{\"comment\":\"\xc0\x01\\\"}]");
    }
}

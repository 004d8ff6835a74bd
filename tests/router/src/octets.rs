//! Text that may hold bytes no encoding vouches for. A router keeps bytes (names and comments in 8-bit code
//! pages are common), the simulator keeps text: a byte that is not UTF-8 becomes one of the last characters
//! there are, and that byte again on the way out.

/// Character of the byte 0x80; the 127 others follow it up to the last one there is.
const FIRST: u32 = 0x0010_FF80;

/// The text that stands for these bytes; nothing is lost.
pub fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if u32::from(character) < FIRST {
                text.push(character);
            } else {
                // it would come out as another byte
                let mut buffer = [0; 4];
                text.extend(character.encode_utf8(&mut buffer).bytes().map(stand_in));
            }
        }
        text.extend(chunk.invalid().iter().copied().map(stand_in));
    }
    text
}

/// The bytes a text stands for.
pub fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        push(&mut bytes, character);
    }
    bytes
}

/// Appends the bytes of one character.
pub fn push(bytes: &mut Vec<u8>, character: char) {
    match u32::from(character).checked_sub(FIRST) {
        // 128 characters are left from there on
        Some(offset) => bytes.push(0x80 | u8::try_from(offset).unwrap_or_default()),
        None => bytes.extend(character.encode_utf8(&mut [0; 4]).bytes()),
    }
}

/// Only bytes from 0x80 on are ever not UTF-8.
fn stand_in(byte: u8) -> char {
    char::from_u32(FIRST + u32::from(byte & 0x7F)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bytes_come_out_as_they_went_in() {
        let every: Vec<u8> = (0..=255).collect();
        for sample in [
            every.as_slice(),
            b"\xcf\xee\xeb\xfc\xe7 \xff",
            "schön 中 \u{10FFFF}\u{10FF80}".as_bytes(),
            b"\xe2\x82",
        ] {
            assert_eq!(bytes(&text(sample)), sample);
        }
        assert_eq!(text("schön".as_bytes()), "schön");
    }
}

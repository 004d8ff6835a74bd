//! Words and sentences: the framing of the binary API.
//!
//! A word is its length and its bytes, a sentence is words up to an empty one. The decoder takes bytes
//! as they come; that some are missing is no error. It keeps what has come and reserves nothing for
//! what is only announced.

use std::fmt;
use std::ops::Range;

/// Longest sentence. A row is a few hundred bytes; a comment can make it tens of thousands.
const MOST_BYTES: usize = 16 << 20;

/// Most words of one sentence. Keeping where each word is costs more than the shortest words do.
const MOST_WORDS: usize = 16_384;

/// Bytes that have been read are given back when so many have gathered.
const SPENT: usize = 64 << 10;

/// Appends a word with its length in the shortest of the five forms. `None`: it is empty, which would
/// end the sentence, or longer than any length can say.
#[must_use]
pub(super) fn push(out: &mut Vec<u8>, word: &[u8]) -> Option<()> {
    let length = u32::try_from(word.len())
        .ok()
        .filter(|length| *length > 0)?;
    announce(out, length);
    out.extend_from_slice(word);
    Some(())
}

fn announce(out: &mut Vec<u8>, length: u32) {
    let [a, b, c, d] = length.to_be_bytes();
    match length {
        0..0x80 => out.push(d),
        0x80..0x4000 => out.extend([c | 0x80, d]),
        0x4000..0x20_0000 => out.extend([b | 0xC0, c, d]),
        0x20_0000..0x1000_0000 => out.extend([a | 0xE0, b, c, d]),
        _ => out.extend([0xF0, a, b, c, d]),
    }
}

/// Ends a sentence.
pub(super) fn end(out: &mut Vec<u8>) {
    out.push(0);
}

/// Bytes that cannot be the binary API. Nothing behind them can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    /// 0xF8 and above in place of a length: reserved, a client must stop.
    Control(u8),
    /// 0xF1 to 0xF7 in place of a length: not defined.
    Undefined(u8),
    /// More bytes or words than any sentence has.
    TooLong,
}

/// A clause about an answer.
impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Control(byte) => write!(f, "it holds the reserved control byte {byte:#04x}"),
            Self::Undefined(byte) => write!(f, "it holds {byte:#04x} where a length must be"),
            Self::TooLong => f.write_str("it announces a sentence longer than any RouterOS sends"),
        }
    }
}

/// Sentences from bytes.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    buffer: Vec<u8>,
    /// Where the sentence in hand begins.
    start: usize,
    /// Where its next word begins; everything before it is in `words`.
    next: usize,
    /// Its words so far.
    words: Vec<Range<usize>>,
    /// The words are a whole sentence that was given out.
    given: bool,
}

impl Decoder {
    /// More bytes have come.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.forget_given();
        if self.start >= SPENT || self.start == self.buffer.len() {
            self.give_back();
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next sentence with at least one word; `None` while bytes are missing.
    pub(super) fn sentence(&mut self) -> Result<Option<Sentence<'_>>, Malformed> {
        self.forget_given();
        while let Some(word) = self.word()? {
            self.next = word.end;
            if !word.is_empty() {
                if self.words.len() == MOST_WORDS {
                    return Err(Malformed::TooLong);
                }
                self.words.push(word);
            } else if self.words.is_empty() {
                // An empty sentence says nothing.
                self.start = self.next;
            } else {
                self.given = true;
                return Ok(Some(Sentence {
                    buffer: &self.buffer,
                    words: &self.words,
                }));
            }
        }
        Ok(None)
    }

    /// Some bytes of an unfinished sentence have come.
    #[cfg(test)]
    pub(super) fn is_inside(&self) -> bool {
        !self.given && self.start < self.buffer.len()
    }

    /// The word at `next`, if all of it has come.
    fn word(&self) -> Result<Option<Range<usize>>, Malformed> {
        let rest = self.buffer.get(self.next..).unwrap_or_default();
        let Some((length, prefix)) = length(rest)? else {
            return Ok(None);
        };
        let start = self.next + prefix;
        let end = start.saturating_add(length);
        if end - self.start > MOST_BYTES {
            return Err(Malformed::TooLong);
        }
        Ok((end <= self.buffer.len()).then_some(start..end))
    }

    fn forget_given(&mut self) {
        if std::mem::take(&mut self.given) {
            self.words.clear();
            self.start = self.next;
        }
    }

    fn give_back(&mut self) {
        let spent = self.start.min(self.buffer.len());
        self.buffer.drain(..spent);
        for word in &mut self.words {
            *word = word.start - spent..word.end - spent;
        }
        self.next -= spent;
        self.start = 0;
    }
}

/// A length and the bytes it takes.
fn length(bytes: &[u8]) -> Result<Option<(usize, usize)>, Malformed> {
    let Some(&first) = bytes.first() else {
        return Ok(None);
    };
    let (bits, more) = match first {
        0..0x80 => (first, 0),
        0x80..0xC0 => (first & 0x3F, 1),
        0xC0..0xE0 => (first & 0x1F, 2),
        0xE0..0xF0 => (first & 0x0F, 3),
        0xF0 => (0, 4),
        0xF1..0xF8 => return Err(Malformed::Undefined(first)),
        0xF8.. => return Err(Malformed::Control(first)),
    };
    let Some(rest) = bytes.get(1..=more) else {
        return Ok(None);
    };
    let value = rest
        .iter()
        .fold(u64::from(bits), |value, byte| value << 8 | u64::from(*byte));
    let value = usize::try_from(value).map_err(|_| Malformed::TooLong)?;
    Ok(Some((value, 1 + more)))
}

/// A whole sentence: one word at least.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sentence<'a> {
    buffer: &'a [u8],
    words: &'a [Range<usize>],
}

impl<'a> Sentence<'a> {
    /// Its words.
    pub(super) fn words(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let buffer = self.buffer;
        self.words
            .iter()
            .map(move |word| buffer.get(word.clone()).unwrap_or_default())
    }

    /// Its length in bytes, roughly.
    pub(super) fn size(&self) -> usize {
        match (self.words.first(), self.words.last()) {
            (Some(first), Some(last)) => last.end - first.start,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fuzz;

    type Sentences = Vec<Vec<Vec<u8>>>;

    fn encoded(sentences: &[Vec<Vec<u8>>]) -> Vec<u8> {
        let mut out = Vec::new();
        for sentence in sentences {
            for word in sentence {
                push(&mut out, word).unwrap();
            }
            end(&mut out);
        }
        out
    }

    /// Everything that can be decoded from `bytes` fed in `pieces`.
    fn decoded<'a>(
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<(Sentences, bool), Malformed> {
        let mut decoder = Decoder::default();
        let mut sentences = Vec::new();
        for piece in pieces {
            decoder.feed(piece);
            while let Some(sentence) = decoder.sentence()? {
                sentences.push(sentence.words().map(<[u8]>::to_vec).collect());
            }
        }
        Ok((sentences, decoder.is_inside()))
    }

    #[test]
    fn every_length_is_written_in_its_shortest_form_and_read_back() {
        for (length, prefix) in [
            (1, 1),
            (0x7F, 1),
            (0x80, 2),
            (0x3FFF, 2),
            (0x4000, 3),
            (0x1F_FFFF, 3),
            (0x20_0000, 4),
        ] {
            let sentences = vec![vec![vec![b'x'; length]]];
            let bytes = encoded(&sentences);
            assert_eq!(bytes.len(), prefix + length + 1, "{length:#x}");
            assert_eq!(decoded([&bytes[..]]), Ok((sentences, false)), "{length:#x}");
        }
    }

    #[test]
    fn the_lengths_of_the_manual_are_written_and_read() {
        for (bytes, length) in [
            (&[0x00][..], 0),
            (&[0x7F], 0x7F),
            (&[0x80, 0x80], 0x80),
            (&[0xBF, 0xFF], 0x3FFF),
            (&[0xC0, 0x40, 0x00], 0x4000),
            (&[0xDF, 0xFF, 0xFF], 0x1F_FFFF),
            (&[0xE0, 0x20, 0x00, 0x00], 0x20_0000),
            (&[0xEF, 0xFF, 0xFF, 0xFF], 0xFFF_FFFF),
            (&[0xF0, 0x10, 0x00, 0x00, 0x00], 0x1000_0000),
            (&[0xF0, 0xFF, 0xFF, 0xFF, 0xFF], 0xFFFF_FFFF),
        ] {
            let mut written = Vec::new();
            announce(&mut written, length);
            assert_eq!(written, bytes);
            let read = usize::try_from(length).unwrap();
            assert_eq!(super::length(bytes), Ok(Some((read, bytes.len()))));
            for cut in 0..bytes.len() {
                assert_eq!(super::length(&bytes[..cut]), Ok(None));
            }
        }
    }

    #[test]
    fn a_length_in_a_longer_form_than_needed_is_read() {
        for prefix in [
            &[0x05][..],
            &[0x80, 0x05],
            &[0xC0, 0, 0x05],
            &[0xE0, 0, 0, 0x05],
            &[0xF0, 0, 0, 0, 0x05],
        ] {
            let bytes = [prefix, b"!done", &[0]].concat();
            let sentences = vec![vec![b"!done".to_vec()]];
            assert_eq!(decoded([&bytes[..]]), Ok((sentences, false)), "{prefix:?}");
        }
    }

    #[test]
    fn reserved_bytes_end_the_reading_also_inside_a_sentence() {
        for byte in 0xF1..=0xFF {
            let malformed = if byte < 0xF8 {
                Malformed::Undefined(byte)
            } else {
                Malformed::Control(byte)
            };
            assert_eq!(decoded([&[byte][..]]), Err(malformed));
            assert_eq!(decoded([&[1, b'x', byte][..]]), Err(malformed));
        }
    }

    #[test]
    fn an_announced_length_costs_no_memory_and_a_senseless_one_is_refused() {
        let mut decoder = Decoder::default();
        decoder.feed(&[0xE0, 0xFF, 0xFF, 0x00]);
        assert!(decoder.sentence().unwrap().is_none());
        assert!(decoder.buffer.capacity() < 1_000);
        decoder.feed(b"abc");
        assert!(decoder.sentence().unwrap().is_none());
        assert!(decoder.buffer.capacity() < 1_000);
        let announced = [0xF0, 0xFF, 0xFF, 0xFF, 0xFF];
        assert_eq!(decoded([&announced[..]]), Err(Malformed::TooLong));
    }

    #[test]
    fn a_sentence_that_never_ends_is_refused() {
        let mut decoder = Decoder::default();
        for _ in 0..MOST_WORDS {
            decoder.feed(&[1, b'x']);
            assert!(decoder.sentence().unwrap().is_none());
        }
        decoder.feed(&[1, b'x']);
        assert_eq!(decoder.sentence().unwrap_err(), Malformed::TooLong);

        let mut decoder = Decoder::default();
        let mut word = Vec::new();
        push(&mut word, &vec![b'x'; 1 << 20]).unwrap();
        let refused = (0..17).any(|_| {
            decoder.feed(&word);
            decoder.sentence().is_err()
        });
        assert!(refused);
    }

    #[test]
    fn what_was_read_is_given_back() {
        let mut decoder = Decoder::default();
        let bytes = encoded(&vec![vec![vec![b'x'; 1_000]]; 10]);
        for _ in 0..1_000 {
            decoder.feed(&bytes);
            while decoder.sentence().unwrap().is_some() {}
        }
        assert!(decoder.buffer.capacity() < 1 << 20);
    }

    #[test]
    fn an_empty_word_cannot_be_written_and_empty_sentences_are_passed_over() {
        assert_eq!(push(&mut Vec::new(), b""), None);
        let bytes = [0, 0, 1, b'a', 0, 0, 0, 1, b'b', 0, 0];
        let sentences = vec![vec![b"a".to_vec()], vec![b"b".to_vec()]];
        assert_eq!(decoded([&bytes[..]]), Ok((sentences, false)));
    }

    fn sentences() -> impl Strategy<Value = Sentences> {
        let word = prop_oneof![
            9 => prop::collection::vec(any::<u8>(), 1..20),
            1 => prop::collection::vec(any::<u8>(), 1..20_000),
        ];
        prop::collection::vec(prop::collection::vec(word, 1..6), 0..6)
    }

    /// Spoilt sentences are read alike however they come, nothing is made up, and memory follows what has
    /// come, not what is announced.
    #[test]
    fn fuzz_sentences() {
        let inputs = (sentences(), fuzz::spoils(), 1_usize..50);
        fuzz::target(&inputs, |(sentences, spoils, size)| {
            let bytes = fuzz::spoilt(encoded(&sentences), &spoils);
            let whole = decoded([&bytes[..]]);
            prop_assert_eq!(&whole, &decoded(bytes.chunks(size)));
            if let Ok((sentences, inside)) = &whole {
                let again = encoded(sentences);
                prop_assert!(again.len() <= bytes.len());
                prop_assert_eq!(decoded([&again[..]]), Ok((sentences.clone(), false)));
                prop_assert!(*inside || bytes.is_empty() || bytes.ends_with(&[0]));
            }
            let mut decoder = Decoder::default();
            for piece in bytes.chunks(size) {
                decoder.feed(piece);
                while let Ok(Some(sentence)) = decoder.sentence() {
                    prop_assert!(sentence.size() <= bytes.len());
                }
            }
            prop_assert!(decoder.buffer.capacity() <= 2 * bytes.len() + 64);
            prop_assert!(decoder.words.capacity() <= bytes.len() + 8);
            Ok(())
        });
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_in_one_piece_and_byte_by_byte(sentences in sentences()) {
            let bytes = encoded(&sentences);
            prop_assert_eq!(&decoded([&bytes[..]]), &Ok((sentences.clone(), false)));
            prop_assert_eq!(decoded(bytes.chunks(1)), Ok((sentences, false)));
        }

        #[test]
        fn a_cut_anywhere_leaves_whole_sentences_and_no_error(
            sentences in sentences(), place in any::<prop::sample::Index>(),
        ) {
            let bytes = encoded(&sentences);
            let cut = place.index(bytes.len() + 1);
            let (head, tail) = bytes.split_at(cut);
            let (found, inside) = decoded([head]).unwrap();
            prop_assert_eq!(&found[..], &sentences[..found.len()]);
            let used = encoded(&found).len();
            prop_assert_eq!(inside, used < cut);
            prop_assert_eq!(decoded([head, tail]), Ok((sentences, false)));
        }

        #[test]
        fn no_bytes_panic_and_pieces_do_not_matter(
            bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..40,
        ) {
            prop_assert_eq!(decoded([&bytes[..]]), decoded(bytes.chunks(size)));
        }
    }
}

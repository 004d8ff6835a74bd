//! Words and sentences: the framing of the binary API.
//!
//! A word is its length and its bytes, a sentence is words up to an empty one. The decoder takes bytes
//! as they come; that some are missing is no error. It keeps what has come and reserves nothing for
//! what is only announced; of a word that is too long it keeps the beginning.

use std::fmt;
use std::ops::Range;

use crate::limits::{LIST_BYTES, ROW_BYTES, VALUE_BYTES, WORDS_BYTES};
use crate::routeros::record::Lack;

/// Bytes that are kept of a word that is too long: the words of a refusal may have to be masked before they
/// are cut.
const BEGINNING: usize = 2 * WORDS_BYTES;

/// Words as short as a tag are kept whatever the sentence holds.
const SHORT: usize = 64;

/// Longest name of a property with the signs around it.
const NAME: usize = 256;

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

/// A word, or the beginning of one that is too long.
#[derive(Debug, Clone)]
struct Word {
    kept: Range<usize>,
    is_whole: bool,
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
    words: Vec<Word>,
    /// Bytes of the last of them that are still to come and not to be kept.
    passing: usize,
    /// Bytes of the sentence that were not kept, or will not be.
    passed: usize,
    /// What that makes of it.
    lack: Lack,
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
        let passing = self.passing.min(bytes.len());
        self.passing -= passing;
        self.buffer
            .extend_from_slice(bytes.get(passing..).unwrap_or_default());
    }

    /// The next sentence with at least one word; `None` while bytes are missing.
    pub(super) fn sentence(&mut self) -> Result<Option<Sentence<'_>>, Malformed> {
        self.forget_given();
        while self.passing == 0 {
            let Some((word, length)) = self.word()? else {
                break;
            };
            self.next = word.kept.end;
            if length > 0 {
                if self.words.len() == MOST_WORDS {
                    return Err(Malformed::TooLong);
                }
                self.pass(length - word.kept.len());
                self.words.push(word);
            } else if self.words.is_empty() {
                // An empty sentence says nothing.
                self.start = self.next;
            } else {
                self.given = true;
                return Ok(Some(Sentence {
                    buffer: &self.buffer,
                    words: &self.words,
                    passed: self.passed,
                    lack: self.lack,
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

    /// The word at `next` and its length, if all that is kept of it has come.
    fn word(&mut self) -> Result<Option<(Word, usize)>, Malformed> {
        let rest = self.buffer.get(self.next..).unwrap_or_default();
        let Some((length, prefix)) = length(rest)? else {
            return Ok(None);
        };
        if self.passed.saturating_add(length) > LIST_BYTES {
            return Err(Malformed::TooLong);
        }
        let wanted = if length > VALUE_BYTES + NAME {
            BEGINNING
        } else {
            length
        };
        let is_long = self.next - self.start + wanted > ROW_BYTES;
        let kept = if is_long && length > SHORT { 0 } else { wanted };
        let start = self.next + prefix;
        let end = start + kept;
        if end > self.buffer.len() {
            return Ok(None);
        }
        if kept < length {
            self.lack = match self.lack {
                Lack::Row => Lack::Row,
                _ if is_long => Lack::Row,
                _ => Lack::Values,
            };
        }
        let word = Word {
            kept: start..end,
            is_whole: kept == length,
        };
        Ok(Some((word, length)))
    }

    /// The next `count` bytes are not kept.
    fn pass(&mut self, count: usize) {
        let here = count.min(self.buffer.len() - self.next);
        self.buffer.drain(self.next..self.next + here);
        self.passing = count - here;
        self.passed += count;
    }

    fn forget_given(&mut self) {
        if std::mem::take(&mut self.given) {
            self.words.clear();
            self.start = self.next;
            self.passed = 0;
            self.lack = Lack::Nothing;
        }
    }

    fn give_back(&mut self) {
        let spent = self.start.min(self.buffer.len());
        self.buffer.drain(..spent);
        for word in &mut self.words {
            word.kept = word.kept.start - spent..word.kept.end - spent;
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
    words: &'a [Word],
    passed: usize,
    lack: Lack,
}

impl<'a> Sentence<'a> {
    /// Its words, or what was kept of them.
    pub(super) fn words(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let buffer = self.buffer;
        self.words
            .iter()
            .map(move |word| buffer.get(word.kept.clone()).unwrap_or_default())
    }

    /// Those that are here from end to end.
    pub(super) fn whole_words(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let whole = self.words.iter().map(|word| word.is_whole);
        let words = self.words().zip(whole);
        words.filter_map(|(word, is_whole)| is_whole.then_some(word))
    }

    /// What was sent and is not here.
    pub(super) fn lack(&self) -> Lack {
        self.lack
    }

    /// Its length in bytes, roughly.
    pub(super) fn size(&self) -> usize {
        match (self.words.first(), self.words.last()) {
            (Some(first), Some(last)) => self.passed + last.kept.end - first.kept.start,
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
            let mut bytes = Vec::new();
            push(&mut bytes, &vec![b'x'; length]).unwrap();
            assert_eq!(bytes.len(), prefix + length, "{length:#x}");
            end(&mut bytes);
            let kept = if length > VALUE_BYTES + NAME {
                BEGINNING
            } else {
                length
            };
            let sentences = vec![vec![vec![b'x'; kept]]];
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
        push(&mut word, &vec![b'x'; 8 << 20]).unwrap();
        let refused = (0..9).any(|_| {
            decoder.feed(&word);
            decoder.sentence().is_err()
        });
        assert!(refused);
    }

    #[test]
    fn of_a_word_that_is_too_long_the_beginning_is_kept_and_the_words_around_it() {
        for size in [1, 7, 4_096, 1 << 20] {
            let mut bytes = Vec::new();
            for word in [&b"!re"[..], &vec![b'x'; 100_000], b"=name=a", b".tag=7"] {
                push(&mut bytes, word).unwrap();
            }
            end(&mut bytes);
            let mut decoder = Decoder::default();
            let mut seen = None;
            for piece in bytes.chunks(size) {
                decoder.feed(piece);
                assert!(decoder.buffer.len() < BEGINNING + 64 + size, "{size}");
                if let Some(sentence) = decoder.sentence().unwrap() {
                    assert_eq!(sentence.lack(), Lack::Values);
                    assert!(sentence.size() > 100_000);
                    seen = Some(
                        sentence
                            .whole_words()
                            .map(<[u8]>::to_vec)
                            .collect::<Vec<_>>(),
                    );
                }
            }
            let words = [b"!re".to_vec(), b"=name=a".to_vec(), b".tag=7".to_vec()];
            assert_eq!(seen.unwrap(), words, "{size}");
        }
    }

    #[test]
    fn a_sentence_of_many_words_is_kept_up_to_a_bound_and_its_tag_is_found() {
        let mut bytes = encoded(&[vec![vec![b'x'; 60_000]; 50]]);
        bytes.pop();
        push(&mut bytes, b".tag=7").unwrap();
        end(&mut bytes);
        let mut decoder = Decoder::default();
        decoder.feed(&bytes);
        let sentence = decoder.sentence().unwrap().unwrap();
        assert_eq!(sentence.lack(), Lack::Row);
        assert!(sentence.words().map(<[u8]>::len).sum::<usize>() <= ROW_BYTES);
        assert_eq!(sentence.whole_words().last(), Some(&b".tag=7"[..]));
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

//! Words and sentences on the wire.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// How much a client may say in one sentence.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    pub words: usize,
    pub bytes: usize,
}

impl Limit {
    /// A real router limits what it reads before login too; the values are not published.
    pub const STRANGER: Self = Self {
        words: 32,
        bytes: 4_096,
    };
    /// Enough for the ids of 100,000 rows.
    pub const USER: Self = Self {
        words: 4_096,
        bytes: 4 << 20,
    };
}

/// Reads the next sentence that has words; an error ends the connection.
pub async fn sentence(
    reader: &mut (impl AsyncRead + Unpin),
    limit: Limit,
) -> io::Result<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    let mut bytes = 0;
    loop {
        let length = length(reader).await?;
        bytes += length;
        if bytes > limit.bytes || words.len() > limit.words {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if length > 0 {
            let mut word = vec![0; length];
            reader.read_exact(&mut word).await?;
            words.push(word);
        } else if !words.is_empty() {
            return Ok(words);
        }
    }
}

async fn length(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<usize> {
    let first = reader.read_u8().await?;
    let (start, more) = match first {
        0..=0x7F => (first, 0),
        0x80..=0xBF => (first - 0x80, 1),
        0xC0..=0xDF => (first - 0xC0, 2),
        0xE0..=0xEF => (first - 0xE0, 3),
        0xF0 => (0, 4),
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    let mut length = usize::from(start);
    for _ in 0..more {
        length = length * 256 + usize::from(reader.read_u8().await?);
    }
    Ok(length)
}

/// Writes sentences.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pen {
    /// Every length takes five bytes, which is allowed.
    pub long_lengths: bool,
}

impl Pen {
    /// A sentence of these words.
    pub fn sentence<W: AsRef<[u8]>>(self, words: impl IntoIterator<Item = W>) -> Vec<u8> {
        let mut out = Vec::new();
        for word in words {
            let word = word.as_ref();
            self.length(&mut out, word.len());
            out.extend_from_slice(word);
        }
        out.push(0);
        out
    }

    fn length(self, out: &mut Vec<u8>, length: usize) {
        let [a, b, c, d] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
        if self.long_lengths || length >= 0x1000_0000 {
            out.extend([0xF0, a, b, c, d]);
        } else if length >= 0x20_0000 {
            out.extend([0xE0 + a, b, c, d]);
        } else if length >= 0x4000 {
            out.extend([0xC0 + b, c, d]);
        } else if length >= 0x80 {
            out.extend([0x80 + c, d]);
        } else {
            out.push(d);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_length_is_read_as_written() {
        let limit = Limit {
            words: 2,
            bytes: 3 << 20,
        };
        for long_lengths in [false, true] {
            for length in [1, 0x7F, 0x80, 0x3FFF, 0x4000, 0x1F_FFFF, 0x20_0000] {
                let words = vec![vec![b'x'; length]];
                let bytes = Pen { long_lengths }.sentence(&words);
                let read = sentence(&mut &bytes[..], limit).await.unwrap();
                assert!(read == words, "{length}");
            }
        }
    }

    #[tokio::test]
    async fn strangers_may_not_say_much_and_control_bytes_end_it() {
        let long = Pen::default().sentence(["x".repeat(5_000)]);
        assert!(sentence(&mut &long[..], Limit::STRANGER).await.is_err());
        assert!(sentence(&mut &long[..], Limit::USER).await.is_ok());
        let many = Pen::default().sentence(["x"; 100]);
        assert!(sentence(&mut &many[..], Limit::STRANGER).await.is_err());
        assert!(sentence(&mut &[0xF8][..], Limit::USER).await.is_err());
    }
}

//! Bytes, rates and directions. Download and upload are **always seen from the customer**;
//! RouterOS says the opposite in places, and only `routeros::rows` knows that.

use std::fmt;
use std::ops::{Add, AddAssign};

/// A number of bytes. 1 GB is 2^30 bytes everywhere in this project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Bytes(pub u64);

impl Bytes {
    /// One GB: 2^30 bytes.
    pub const GB: Self = Self(1 << 30);
    /// One MB: 2^20 bytes, the unit of WHMCS's usage columns.
    pub const MB: Self = Self(1 << 20);
    /// One PB: 2^50 bytes. No amount that is typed may be larger: it would be a slip, and thousands of them
    /// still add up inside the database's BIGINT.
    pub const PB: Self = Self(1 << 50);

    /// This many GB, rounded to the nearest byte; `None` when negative, not a number or above one PB.
    pub fn from_gb(gb: f64) -> Option<Self> {
        let bytes = gb * Self::GB.as_f64();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (0.0..=Self::PB.as_f64())
            .contains(&bytes)
            .then(|| Self(bytes.round() as u64))
    }

    /// In GB, for people.
    pub fn as_gb(self) -> f64 {
        self.as_f64() / Self::GB.as_f64()
    }

    /// Whole MB, rounded to the nearest: what WHMCS's `bwusage` and `bwlimit` hold.
    pub fn as_whole_mb(self) -> u64 {
        self.0.saturating_add(Self::MB.0 / 2) / Self::MB.0
    }

    #[allow(clippy::cast_precision_loss)]
    fn as_f64(self) -> f64 {
        self.0 as f64
    }
}

impl Add for Bytes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// Bits per second. Zero means unlimited, as in RouterOS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Rate(pub u64);

impl Rate {
    /// No limit.
    pub const UNLIMITED: Self = Self(0);

    /// The slower of both: no limit is faster than any.
    #[must_use]
    pub fn slower(self, other: Self) -> Self {
        match (self, other) {
            (Self::UNLIMITED, rate) | (rate, Self::UNLIMITED) => rate,
            _ => self.min(other),
        }
    }

    /// This many Mbit/s (10^6 bits, as RouterOS counts `M`), rounded to the nearest bit.
    pub fn from_mbit(mbit: f64) -> Option<Self> {
        let bits = mbit * 1e6;
        // RouterOS keeps limits as 64-bit numbers, but no queue above 4 Tbit/s makes sense:
        // a larger number is a slip of the unit.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (0.0..=4e12)
            .contains(&bits)
            .then(|| Self(bits.round() as u64))
    }

    /// In Mbit/s, for people.
    #[allow(clippy::cast_precision_loss)]
    pub fn as_mbit(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::UNLIMITED {
            f.write_str("unlimited")
        } else {
            write!(f, "{} Mbit/s", self.as_mbit())
        }
    }
}

/// Bytes in both directions, seen from the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Traffic {
    /// To the customer.
    pub download: Bytes,
    /// From the customer.
    pub upload: Bytes,
}

impl Traffic {
    /// Nothing.
    pub const ZERO: Self = Self {
        download: Bytes(0),
        upload: Bytes(0),
    };

    /// From raw byte counts.
    pub const fn new(download: u64, upload: u64) -> Self {
        Self {
            download: Bytes(download),
            upload: Bytes(upload),
        }
    }

    /// Both directions together: what quotas count.
    pub fn total(self) -> Bytes {
        self.download + self.upload
    }

    /// What a counter that shows this has counted when it shows `later`; `None` when either direction
    /// became smaller.
    pub fn until(self, later: Self) -> Option<Self> {
        Some(Self::new(
            later.download.0.checked_sub(self.download.0)?,
            later.upload.0.checked_sub(self.upload.0)?,
        ))
    }

    /// What is left of each direction without `part`; nothing where that is more.
    #[must_use]
    pub fn beyond(self, part: Self) -> Self {
        Self::new(
            self.download.0.saturating_sub(part.download.0),
            self.upload.0.saturating_sub(part.upload.0),
        )
    }

    /// Nothing in either direction.
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }
}

impl Add for Traffic {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            download: self.download + other.download,
            upload: self.upload + other.upload,
        }
    }
}

impl AddAssign for Traffic {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Speed limits in both directions, seen from the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Limits {
    /// To the customer.
    pub download: Rate,
    /// From the customer.
    pub upload: Rate,
}

impl Limits {
    /// The slower of both in each direction.
    #[must_use]
    pub fn slower(self, other: Self) -> Self {
        Self {
            download: self.download.slower(other.download),
            upload: self.upload.slower(other.upload),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gigabyte_is_two_to_the_thirtieth() {
        assert_eq!(Bytes::from_gb(1.5), Some(Bytes(1_610_612_736)));
        assert_eq!(Bytes::from_gb(-1.0), None);
        assert_eq!(Bytes::from_gb(f64::NAN), None);
        assert_eq!(Bytes::from_gb(1e12), None);
    }

    #[test]
    fn no_amount_above_a_petabyte_is_taken() {
        assert_eq!(Bytes::from_gb(1_048_576.0), Some(Bytes::PB));
        assert_eq!(Bytes::from_gb(1_048_576.001), None);
    }

    #[test]
    fn megabytes_round_to_the_nearest() {
        assert_eq!(Bytes((1 << 20) - 1).as_whole_mb(), 1);
        assert_eq!(Bytes((1 << 19) - 1).as_whole_mb(), 0);
    }
}

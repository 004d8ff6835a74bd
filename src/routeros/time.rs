//! Durations and timestamps in every form RouterOS has used.

use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime};

/// `1h2m3s`, `3w4d12h23m12s`, `453us`, `0s`, `01:22:53` and `1d02:03:04`; `None` for anything else.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (digits, tail) = rest.split_at(end);
        if tail.starts_with(':') {
            return sum.checked_add(clock(rest)?);
        }
        let (unit, after) = split_unit(tail)?;
        sum = sum.checked_add(times(unit, digits.parse().ok()?)?)?;
        rest = after;
    }
    Some(sum)
}

/// Longest word first: `ms` is not `m` and a stray `s`.
const UNITS: [(&str, Duration); 8] = [
    ("us", Duration::from_micros(1)),
    ("ms", Duration::from_millis(1)),
    ("ns", Duration::from_nanos(1)),
    ("w", Duration::from_secs(604_800)),
    ("d", Duration::from_secs(86_400)),
    ("h", Duration::from_secs(3_600)),
    ("m", Duration::from_secs(60)),
    ("s", Duration::from_secs(1)),
];

fn split_unit(text: &str) -> Option<(Duration, &str)> {
    UNITS
        .iter()
        .find_map(|(word, unit)| Some((*unit, text.strip_prefix(word)?)))
}

fn times(unit: Duration, count: u64) -> Option<Duration> {
    let nanoseconds = unit.as_nanos().checked_mul(u128::from(count))?;
    let seconds = u64::try_from(nanoseconds / 1_000_000_000).ok()?;
    let below = u32::try_from(nanoseconds % 1_000_000_000).ok()?;
    Some(Duration::new(seconds, below))
}

/// `HH:MM:SS`, or `HH:MM`.
fn clock(text: &str) -> Option<Duration> {
    let mut parts = text.split(':').map(|part| {
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<u64>().ok()).flatten()
    });
    let hours = parts.next()??;
    let minutes = parts.next()??;
    let seconds = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() {
        return None;
    }
    let total = hours
        .checked_mul(3_600)?
        .checked_add(minutes.checked_mul(60)?)?
        .checked_add(seconds)?;
    Some(Duration::from_secs(total))
}

/// `2025-07-22 18:11:25` (since about 7.10) and `may/01/2023 20:52:13` (before), in the router's
/// local time. The first day of 1970 stands for "never".
pub(super) fn timestamp(text: &str) -> Option<NaiveDateTime> {
    let moment = moment(text)?;
    (moment.date() > NaiveDate::from_ymd_opt(1970, 1, 1)?).then_some(moment)
}

/// As [`timestamp`], where 1970 is what a clock says that nobody has set.
pub(super) fn moment(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim().to_ascii_lowercase();
    ["%Y-%m-%d %H:%M:%S", "%b/%d/%Y %H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
}

/// `+02:00` and `-03:30` in seconds, east positive.
pub(super) fn offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let distance = i32::try_from(clock(digits)?.as_secs()).ok()?;
    // No place on earth is further from UTC than 14 hours.
    (distance <= 14 * 3_600).then_some(sign * distance)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fuzz;

    #[test]
    fn durations_in_every_known_form() {
        let seconds = |text| duration(text).map(|d| d.as_secs());
        assert_eq!(seconds("1h2m3s"), Some(3_723));
        assert_eq!(seconds("3w4d12h23m12s"), Some(2_204_592));
        assert_eq!(seconds("44m55s"), Some(2_695));
        assert_eq!(seconds("0s"), Some(0));
        assert_eq!(seconds("01:22:53"), Some(4_973));
        assert_eq!(seconds("1d02:03:04"), Some(93_784));
        assert_eq!(seconds("1w2d03:00:00"), Some(788_400));
        assert_eq!(duration("453us"), Some(Duration::from_micros(453)));
        assert_eq!(duration("2s15ms"), Some(Duration::from_millis(2_015)));
    }

    #[test]
    fn other_words_are_no_duration() {
        for text in [
            "",
            "never",
            "5",
            "5x",
            "s",
            "1h2",
            "1:",
            ":1:2",
            "1:2:3:4",
            "-1s",
            "+1:00:00",
            "1::2",
            "99999999999999999999s",
            "18446744073709551615w",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn timestamps_in_both_forms() {
        let wanted = |y, m, d, h, min, s| NaiveDate::from_ymd_opt(y, m, d)?.and_hms_opt(h, min, s);
        assert_eq!(
            timestamp("2025-07-22 18:11:25"),
            wanted(2025, 7, 22, 18, 11, 25)
        );
        assert_eq!(
            timestamp("may/01/2023 20:52:13"),
            wanted(2023, 5, 1, 20, 52, 13)
        );
        assert_eq!(
            timestamp("Mar/02/2025 11:30:44"),
            wanted(2025, 3, 2, 11, 30, 44)
        );
        assert_eq!(timestamp("jan/01/1970 00:00:00"), None);
        assert_eq!(timestamp("1970-01-01 00:00:00"), None);
        assert_eq!(timestamp("2025-02-30 00:00:00"), None);
        assert_eq!(timestamp(""), None);
    }

    #[test]
    fn distances_from_utc_have_a_sign() {
        assert_eq!(offset("+02:00"), Some(7_200));
        assert_eq!(offset("-03:30"), Some(-12_600));
        assert_eq!(offset("00:00"), Some(0));
        for text in ["", "+", "2", "+99:00", "--02:00"] {
            assert_eq!(offset(text), None, "{text}");
        }
    }

    /// Every duration and moment is read as RouterOS writes it; of a spoilt one what is read has the text
    /// for it.
    #[test]
    fn fuzz_durations_and_timestamps() {
        let inputs = (
            0_u64..200 * 604_800,
            1_u32..24_000,
            0_u32..86_400,
            fuzz::spoils(),
        );
        fuzz::target(&inputs, |(seconds, day, second, spoils)| {
            let forms = [units(seconds, true), units(seconds, false)];
            for form in &forms {
                prop_assert_eq!(
                    duration(form),
                    Some(Duration::from_secs(seconds)),
                    "{}",
                    form
                );
                let spoilt = fuzz::spoilt_text(form, &spoils);
                if let Some(read) = duration(&spoilt) {
                    let digits: u32 = spoilt.chars().map(|c| u32::from(c.is_ascii_digit())).sum();
                    prop_assert!(digits > 0 && spoilt.is_ascii(), "{}", spoilt);
                    prop_assert_eq!(duration(&format!(" {spoilt}\t")), Some(read));
                }
            }
            let moment = NaiveDate::from_ymd_opt(1970, 1, 1)
                .and_then(|first| first.checked_add_days(chrono::Days::new(day.into())))
                .and_then(|date| date.and_hms_opt(second / 3_600, second / 60 % 60, second % 60))
                .unwrap();
            for form in ["%Y-%m-%d %H:%M:%S", "%b/%d/%Y %H:%M:%S"] {
                let text = moment.format(form).to_string();
                prop_assert_eq!(timestamp(&text), Some(moment));
                prop_assert_eq!(timestamp(&text.to_lowercase()), Some(moment));
                if let Some(read) = timestamp(&fuzz::spoilt_text(&text, &spoils)) {
                    prop_assert!(read.date() > NaiveDate::from_ymd_opt(1970, 1, 1).unwrap());
                }
            }
            Ok(())
        });
    }

    /// `1w2d3h4m5s`, or `1w2d03:04:05`.
    fn units(seconds: u64, words: bool) -> String {
        let (weeks, days) = (seconds / 604_800, seconds / 86_400 % 7);
        let [hours, minutes, rest] = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60];
        if words {
            format!("{weeks}w{days}d{hours}h{minutes}m{rest}s")
        } else {
            format!("{weeks}w{days}d{hours:02}:{minutes:02}:{rest:02}")
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,30}", near in "[0-9:wdhmsu/ -]{0,24}") {
            for text in [&text, &near] {
                let _ = duration(text);
                let _ = timestamp(text);
                let _ = offset(text);
            }
        }

        #[test]
        fn the_units_add_up(w in 0u64..100, d in 0u64..7, h in 0u64..24, m in 0u64..60, s in 0u64..60) {
            let wanted = (((w * 7 + d) * 24 + h) * 60 + m) * 60 + s;
            let units = duration(&format!("{w}w{d}d{h}h{m}m{s}s"));
            let clock = duration(&format!("{w}w{d}d{h:02}:{m:02}:{s:02}"));
            prop_assert_eq!(units, Some(Duration::from_secs(wanted)));
            prop_assert_eq!(clock, units);
        }
    }
}

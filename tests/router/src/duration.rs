//! RouterOS durations: reading every written form, writing the one form replies use.

/// Seconds of a written duration: `90s`, `1h2m3s`, `1d02:03:04`, `02:03:04`, `15` (seconds).
///
/// Fractions below a second (`ms`, `us`) are accepted and lost: no menu here keeps them.
pub fn parse(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        if rest.contains(':') && !rest.contains(|c: char| c.is_ascii_alphabetic()) {
            return total.checked_add(clock_form(rest)?);
        }
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u64 = rest[..digits].parse().ok()?;
        let letters = rest[digits..]
            .find(|c: char| !c.is_ascii_alphabetic())
            .map_or(rest.len(), |end| digits + end);
        let seconds = unit(&rest[digits..letters], number)?;
        total = total.checked_add(seconds)?;
        rest = &rest[letters..];
    }
    Some(total)
}

/// The form of replies: `3w4d12h23m12s`, `0s`.
pub fn format(seconds: u64) -> String {
    const UNITS: [(&str, u64); 5] = [
        ("w", 604_800),
        ("d", 86_400),
        ("h", 3_600),
        ("m", 60),
        ("s", 1),
    ];
    let mut left = seconds;
    let mut text = String::new();
    for (name, size) in UNITS {
        if left >= size {
            text.push_str(&(left / size).to_string());
            text.push_str(name);
            left %= size;
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

fn unit(name: &str, number: u64) -> Option<u64> {
    match name {
        "" | "s" => Some(number),
        "w" => number.checked_mul(604_800),
        "d" => number.checked_mul(86_400),
        "h" => number.checked_mul(3_600),
        "m" => number.checked_mul(60),
        "ms" => Some(number / 1_000),
        "us" => Some(number / 1_000_000),
        _ => None,
    }
}

fn clock_form(text: &str) -> Option<u64> {
    let parts: Vec<u64> = text
        .split(':')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    match parts[..] {
        [hours, minutes] if minutes < 60 => hours.checked_mul(3_600)?.checked_add(minutes * 60),
        [hours, minutes, seconds] if minutes < 60 && seconds < 60 => hours
            .checked_mul(3_600)?
            .checked_add(minutes * 60 + seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_written_form_is_read() {
        for (text, seconds) in [
            ("90s", 90),
            ("15", 15),
            ("1h2m3s", 3_723),
            ("02:03:04", 7_384),
            ("1d02:03:04", 93_784),
            ("3w4d12h23m12s", 2_204_592),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "abc",
            "5x",
            "s",
            "1:2:3:4",
            "00:61:00",
            "-5s",
            "1h 2m",
            "99999999999999999999s",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn replies_use_the_shortest_units() {
        assert_eq!(format(90), "1m30s");
        assert_eq!(format(0), "0s");
        assert_eq!(format(2_204_592), "3w3d12h23m12s".replace("3w3d", "3w4d"));
    }
}

//! RouterOS version numbers and what differs between them.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDateTime;

/// How finished a build is; orders before the release it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Beta(u32),
    Candidate(u32),
    Release,
}

/// A RouterOS version such as `7.20`, `7.21.5` or `7.2rc4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
    stage: Stage,
}

impl Version {
    /// A finished version `major.minor`.
    pub const fn new(major: u32, minor: u32) -> Self {
        Self {
            major,
            minor,
            patch: 0,
            stage: Stage::Release,
        }
    }

    /// The same version with a patch number.
    const fn patch(self, patch: u32) -> Self {
        Self { patch, ..self }
    }

    /// `7.x` whatever the patch: schemas change with the minor number only.
    pub fn at_least(self, major: u32, minor: u32) -> bool {
        (self.major, self.minor) >= (major, minor)
    }

    /// Version 6 has no REST at all.
    pub fn has_rest(self) -> bool {
        self.major >= 7
    }

    /// A `print` without rows says `!empty` over the binary API since 7.18.
    pub fn says_empty(self) -> bool {
        self.at_least(7, 18)
    }

    /// Timestamps became `2025-07-22 18:11:25` about 7.10; before `may/01/2023 20:52:13`.
    pub fn has_iso_dates(self) -> bool {
        self.at_least(7, 10)
    }

    /// REST answers on the plain `www` service since 7.9 only.
    pub fn has_plain_rest(self) -> bool {
        self.at_least(7, 9)
    }

    /// 7.1 to 7.2rc4 answered 415 to `application/json; charset=utf-8`.
    pub fn refuses_charset(self) -> bool {
        self < Self {
            major: 7,
            minor: 2,
            patch: 0,
            stage: Stage::Candidate(5),
        }
    }

    /// `/interface/ovpn-server/server` is a list from 7.17, one object before.
    pub fn has_ovpn_list(self) -> bool {
        self.at_least(7, 17)
    }

    /// `/ip/service` has a row for each open connection since 7.19.
    pub fn lists_connections(self) -> bool {
        self.at_least(7, 19)
    }

    /// `/interface` lists the loopback `lo` since 7.14.
    pub fn shows_loopback(self) -> bool {
        self.at_least(7, 14)
    }

    /// When it was built: `Aug/31/2023 13:55:47` up to 7.11, `2024-01-24 13:16:46` later (manual's samples of
    /// 7.11.2 and 7.13.3).
    pub fn build_time(self) -> String {
        let known = BUILDS
            .iter()
            .take_while(|(major, minor, _)| self.at_least(*major, *minor));
        let (_, _, text) = known.last().unwrap_or(&BUILDS[0]);
        let exact = EXACT_BUILDS.iter().find(|(version, _)| *version == self);
        let text = exact.map_or(*text, |(_, text)| text);
        match NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S") {
            Ok(at) if !self.at_least(7, 12) => at.format("%b/%d/%Y %H:%M:%S").to_string(),
            _ => text.to_owned(),
        }
    }

    /// The oldest version that runs on the machine: of a CHR the first of its branch.
    pub fn factory_software(self) -> &'static str {
        if self.has_rest() { "7.1" } else { "6.34" }
    }

    /// The text of `/system/resource version`, for example `7.20 (stable)`.
    pub fn describe(self) -> String {
        let channel = match self.stage {
            Stage::Beta(_) => "development",
            Stage::Candidate(_) => "testing",
            Stage::Release => "stable",
        };
        format!("{self} ({channel})")
    }
}

/// Days of release from the changelogs (the times of day are any): the best there is where no router was seen.
const BUILDS: [(u32, u32, &str); 28] = [
    (6, 43, "2018-09-06 12:44:56"),
    (6, 44, "2019-02-25 14:11:04"),
    (6, 45, "2019-06-27 10:23:41"),
    (6, 46, "2019-12-02 11:16:09"),
    (6, 47, "2020-06-02 07:38:00"),
    (6, 48, "2020-12-22 11:20:49"),
    (6, 49, "2021-10-06 11:18:41"),
    (7, 1, "2021-12-02 13:14:30"),
    (7, 2, "2022-03-31 08:24:13"),
    (7, 3, "2022-06-06 08:32:53"),
    (7, 4, "2022-07-19 09:15:22"),
    (7, 5, "2022-08-30 09:25:53"),
    (7, 6, "2022-10-17 10:55:40"),
    (7, 7, "2023-01-12 09:00:19"),
    (7, 8, "2023-02-24 09:03:46"),
    (7, 9, "2023-05-02 08:27:58"),
    (7, 10, "2023-06-15 05:17:29"),
    (7, 11, "2023-08-15 09:33:03"),
    (7, 12, "2023-11-09 07:45:06"),
    (7, 13, "2023-12-14 07:24:33"),
    (7, 14, "2024-02-29 09:10:47"),
    (7, 15, "2024-05-29 12:44:00"),
    (7, 16, "2024-09-20 13:00:27"),
    (7, 17, "2025-01-16 08:19:28"),
    (7, 18, "2025-02-24 09:00:55"),
    (7, 19, "2025-05-22 09:46:30"),
    (7, 20, "2025-09-29 07:40:05"),
    (7, 21, "2026-01-12 09:05:17"),
];

/// Patches whose build time was seen on a router.
const EXACT_BUILDS: [(Version, &str); 3] = [
    (Version::new(7, 9).patch(2), "2023-05-30 13:49:00"),
    (Version::new(7, 11).patch(2), "2023-08-31 13:55:47"),
    (Version::new(7, 13).patch(3), "2024-01-24 13:16:46"),
];

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 {
            write!(f, ".{}", self.patch)?;
        }
        match self.stage {
            Stage::Beta(number) => write!(f, "beta{number}"),
            Stage::Candidate(number) => write!(f, "rc{number}"),
            Stage::Release => Ok(()),
        }
    }
}

/// Why a text is no version the simulator can play.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadVersion {
    /// Not of the form `7.20`, `7.20.1`, `7.2rc4`, `7.1beta4`.
    #[error("`{0}` is not a RouterOS version such as 7.20, 7.21.5 or 7.2rc4")]
    Syntax(String),
    /// Version 6 is played from 6.43 (its login) on, 7 from 7.1beta4 (its REST) on.
    #[error(
        "version {0} is not simulated: 6.43 to 6.49 over the binary API, and 7.1beta4 or later, are"
    )]
    Unsupported(String),
}

impl FromStr for Version {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, BadVersion> {
        let version = parse(text).ok_or_else(|| BadVersion::Syntax(text.to_owned()))?;
        let first = Self {
            major: 7,
            minor: 1,
            patch: 0,
            stage: Stage::Beta(4),
        };
        let six = version.major == 6 && (43..=49).contains(&version.minor);
        if !six && (version < first || version.major > 7) {
            return Err(BadVersion::Unsupported(text.to_owned()));
        }
        Ok(version)
    }
}

fn parse(text: &str) -> Option<Version> {
    let (numbers, stage) = if let Some((numbers, number)) = text.split_once("beta") {
        (numbers, Stage::Beta(number.parse().ok()?))
    } else if let Some((numbers, number)) = text.split_once("rc") {
        (numbers, Stage::Candidate(number.parse().ok()?))
    } else {
        (text, Stage::Release)
    };
    let mut parts = numbers.split('.').map(|part| part.parse().ok());
    let version = Version {
        major: parts.next()??,
        minor: parts.next()??,
        patch: parts.next().unwrap_or(Some(0))?,
        stage,
    };
    parts.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn a_candidate_orders_before_its_release_and_after_betas() {
        assert!(version("7.2beta9") < version("7.2rc4"));
        assert!(version("7.2rc4") < version("7.2"));
        assert!(version("7.2") < version("7.2.1"));
        assert!(version("7.9") < version("7.10"));
    }

    #[test]
    fn charset_is_refused_up_to_7_2rc4() {
        assert!(version("7.1").refuses_charset());
        assert!(version("7.2rc4").refuses_charset());
        assert!(!version("7.2rc5").refuses_charset());
    }

    #[test]
    fn versions_nobody_plays_and_nonsense_are_refused() {
        for text in ["6.42", "6.50", "7.1beta3", "8.0", "7", "7.x", "7.1.2.3", ""] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }

    #[test]
    fn version_six_has_neither_rest_nor_what_came_later() {
        let six = version("6.49.10");
        assert!(!six.has_rest() && !six.has_plain_rest() && !six.says_empty());
        assert!(!six.has_iso_dates() && !six.has_ovpn_list());
        assert!(version("7.1beta4").has_rest() && version("7.18").says_empty());
        assert_eq!(six.describe(), "6.49.10 (stable)");
    }

    #[test]
    fn the_build_time_has_the_form_of_its_version() {
        assert_eq!(version("7.9.2").build_time(), "May/30/2023 13:49:00");
        assert_eq!(version("7.5.1").build_time(), "Aug/30/2022 09:25:53");
        assert_eq!(version("7.20.4").build_time(), "2025-09-29 07:40:05");
        assert!(version("6.49.10").build_time().starts_with("Oct/06/2021 "));
    }

    #[test]
    fn the_text_of_a_version_names_its_channel() {
        assert_eq!(version("7.21.5").describe(), "7.21.5 (stable)");
        assert_eq!(version("7.2rc4").describe(), "7.2rc4 (testing)");
        assert_eq!(version("7.1beta4").describe(), "7.1beta4 (development)");
    }
}

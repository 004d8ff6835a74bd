//! Usernames and passwords by the product's rules, and what RouterOS takes as a username.

use chrono::{DateTime, Datelike, Timelike};
use chrono_tz::Tz;
use rand::Rng;
use rand::seq::IndexedRandom;

use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::settings::shortened;

/// Letters and digits a username is made of; no capital, for some dialers change the case, and no
/// letter that is easily taken for another when it is read aloud.
const LETTERS: &[char] = &[
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'u', 'v',
    'w', 'x', 'y', 'z',
];
const DIGITS: &[char] = &['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const LONGEST_USERNAME: usize = 63;
const LONGEST_PASSWORD: usize = 64;

/// Where a username rule takes its values from.
#[derive(Debug, Clone, Copy)]
pub struct RuleContext {
    /// `tblclients.id`.
    pub client: i64,
    /// `tblhosting.id`.
    pub service: i64,
    /// The moment, in WHMCS's time zone.
    pub now: DateTime<Tz>,
}

/// Expands a username rule (design: module setting 21).
pub fn username(rule: &str, context: &RuleContext, rng: &mut impl Rng) -> Result<String> {
    let mut name = String::new();
    let mut rest = rule;
    while let Some((before, after)) = rest.split_once('{') {
        name.push_str(before);
        let (token, after) = after.split_once('}').ok_or_else(|| unknown_token(after))?;
        name.push_str(&expanded(token, context, rng)?);
        rest = after;
    }
    name.push_str(rest);
    check_username(&name).map_err(|_| {
        Error::misuse(
            format!(
                "The product's module setting \"Username rule\" makes \"{}\", which is no username",
                name.escape_debug()
            ),
            NAME_REMEDY,
        )
    })?;
    Ok(name)
}

/// Whether expanding the rule again may give another name.
pub fn is_random(rule: &str) -> bool {
    rule.contains("{random_")
}

fn expanded(token: &str, context: &RuleContext, rng: &mut impl Rng) -> Result<String> {
    let now = &context.now;
    Ok(match token {
        "client_id" => context.client.to_string(),
        "service_id" => context.service.to_string(),
        "unixtime" => now.timestamp().to_string(),
        "year" => format!("{:04}", now.year()),
        "month" => format!("{:02}", now.month()),
        "day" => format!("{:02}", now.day()),
        "hour" => format!("{:02}", now.hour()),
        "minute" => format!("{:02}", now.minute()),
        "second" => format!("{:02}", now.second()),
        _ => random(token, rng).ok_or_else(|| unknown_token(token))?,
    })
}

fn random(token: &str, rng: &mut impl Rng) -> Option<String> {
    let (alphabet, count) = match token.strip_prefix("random_letter_") {
        Some(count) => (LETTERS, count),
        None => (DIGITS, token.strip_prefix("random_digit_")?),
    };
    let count: usize = count.parse().ok()?;
    (1..=LONGEST_USERNAME)
        .contains(&count)
        .then(|| pick(alphabet, count, rng))
}

fn pick(alphabet: &[char], count: usize, rng: &mut impl Rng) -> String {
    (0..count).filter_map(|_| alphabet.choose(rng)).collect()
}

fn unknown_token(token: &str) -> Error {
    Error::misuse(
        format!(
            "The product's module setting \"Username rule\" holds {{{}}}",
            shortened(token)
        ),
        "Known are {client_id}, {service_id}, {random_digit_N}, {random_letter_N}, {unixtime}, {year}, {month}, {day}, {hour}, {minute} and {second}",
    )
}

/// Refuses what RouterOS, URLs or `<l2tp-…>` interface names cannot carry: only `A-Z a-z 0-9 . _ @ -`,
/// beginning with a letter or digit, at most 63 bytes.
pub fn check_username(name: &str) -> Result<()> {
    let fits = name.len() <= LONGEST_USERNAME
        && name.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte));
    if fits {
        return Ok(());
    }
    Err(Error::misuse(
        format!(
            "The username \"{}\" cannot be used for a VPN account",
            shortened(name).escape_debug()
        ),
        format!("{NAME_REMEDY}; mend the username of the service or the product's username rule"),
    ))
}

const NAME_REMEDY: &str = "Use 1 to 63 letters, digits or . _ @ - and begin with a letter or digit";

/// Makes a password by a rule `length:characters`, where `a-z` is a range (design: module setting 22).
pub fn password(rule: &str, rng: &mut impl Rng) -> Result<Secret> {
    let wrong = || {
        Error::misuse(
            format!(
                "The product's module setting \"Password rule\" holds \"{}\"",
                shortened(rule).escape_debug()
            ),
            "Expected length:characters with a length from 6 to 64 and printable ASCII characters, such as 16:a-zA-Z2-9",
        )
    };
    let (length, characters) = rule.split_once(':').ok_or_else(wrong)?;
    let length: usize = length.trim().parse().map_err(|_| wrong())?;
    let alphabet = alphabet(characters).ok_or_else(wrong)?;
    if !(6..=LONGEST_PASSWORD).contains(&length) {
        return Err(wrong());
    }
    Ok(Secret::new(pick(&alphabet, length, rng)))
}

/// The characters a rule names, each once; `None` when there are fewer than two or one is unfit.
fn alphabet(characters: &str) -> Option<Vec<char>> {
    let given: Vec<char> = characters.chars().collect();
    let mut alphabet = Vec::new();
    let mut rest = given.as_slice();
    while let Some(first) = rest.first() {
        if let [from, '-', to, tail @ ..] = rest {
            // All of them are printable ASCII, or the rule is refused anyway.
            if !(from.is_ascii_graphic() && to.is_ascii_graphic()) {
                return None;
            }
            alphabet.extend(*from..=*to);
            rest = tail;
        } else {
            alphabet.push(*first);
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    alphabet.sort_unstable();
    alphabet.dedup();
    let fits = alphabet.len() >= 2 && alphabet.iter().all(char::is_ascii_graphic);
    fits.then_some(alphabet)
}

/// Refuses what WHMCS, RouterOS and MS-CHAPv2 do not all carry alike: only printable ASCII without a blank at
/// either end, at most 255 characters, which is what PAP's length byte counts.
pub fn check_password(password: &Secret) -> Result<()> {
    if fits(password.expose(), 1, 255) {
        return Ok(());
    }
    Err(Error::misuse(
        "The password cannot be used for a VPN account",
        "Enter one of 1 to 255 letters, digits and signs of printable ASCII on the service's page, without a blank at its beginning or end",
    ))
}

/// Most characters of a password that a customer chooses: he types it into every device.
pub const LONGEST_CUSTOMERS_PASSWORD: u8 = 64;

/// Whether a customer may choose this password; `least` is the product's setting.
pub fn is_fit_for_customers(password: &Secret, least: u8) -> bool {
    fits(password.expose(), least, LONGEST_CUSTOMERS_PASSWORD)
}

fn fits(password: &str, least: u8, most: u8) -> bool {
    (usize::from(least)..=usize::from(most)).contains(&password.len())
        && password.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && password.trim_matches(' ') == password
}

/// A password when neither WHMCS nor a rule gives one.
pub const DEFAULT_PASSWORD_RULE: &str = "14:a-km-zA-HJ-NP-Z2-9";

/// A username when neither WHMCS nor a rule gives one.
pub const DEFAULT_USERNAME_RULE: &str = "vpn{service_id}";

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::fuzz;

    /// Whatever a rule says, it gives a name RouterOS takes, or an error that is about the rule.
    #[test]
    fn fuzz_username_rules() {
        let part = prop_oneof![
            3 => "[a-zA-Z0-9._@-]{0,8}",
            3 => "\\{(client_id|service_id|unixtime|year|month|day|hour|minute|second)\\}",
            3 => "\\{random_(digit|letter)_[0-9]{1,3}\\}",
            1 => "\\{random_digit_[0-9]{20,30}\\}",
            1 => "\\PC{0,6}",
        ];
        let inputs = (
            prop::collection::vec(part, 0..6),
            any::<(u32, u32)>(),
            fuzz::spoils(),
        );
        fuzz::target(&inputs, |(parts, (client, service), spoils)| {
            let context = RuleContext {
                client: client.into(),
                service: service.into(),
                now: Tz::UTC.timestamp_opt(i64::from(client), 0).unwrap(),
            };
            let rule = parts.concat();
            for rule in [fuzz::spoilt_text(&rule, &spoils), rule] {
                match username(&rule, &context, &mut crate::random::source()) {
                    Ok(name) => {
                        prop_assert!(check_username(&name).is_ok(), "{}", name);
                        prop_assert!(!name.contains('{'), "{}", name);
                        let shows =
                            !rule.contains("{service_id}") || name.contains(&service.to_string());
                        prop_assert!(shows, "{}", name);
                        let again =
                            username(&rule, &context, &mut crate::random::source()).unwrap();
                        prop_assert_eq!(again.len(), name.len());
                        prop_assert!(is_random(&rule) || again == name);
                    }
                    Err(error) => fuzz::check_misuse(&error)?,
                }
                match password(&rule, &mut crate::random::source()) {
                    Ok(secret) => {
                        prop_assert!((6..=LONGEST_PASSWORD).contains(&secret.expose().len()));
                    }
                    Err(error) => fuzz::check_misuse(&error)?,
                }
            }
            Ok(())
        });
    }

    #[test]
    fn a_range_of_all_characters_costs_no_memory_and_no_error_repeats_a_page() {
        let every = "\0-\u{10FFFF}".repeat(100);
        let error = password(&format!("12:{every}"), &mut crate::random::source()).unwrap_err();
        assert!(error.to_string().len() < 1_000, "{error}");
        let error = check_username(&"ü".repeat(10_000)).unwrap_err();
        assert!(error.to_string().len() < 1_000, "{error}");
        let error = expand(&format!("{{{}}}", "x".repeat(10_000))).unwrap_err();
        assert!(error.to_string().len() < 1_000, "{error}");
    }

    fn expand(rule: &str) -> Result<String> {
        let now = chrono_tz::Europe::Berlin
            .with_ymd_and_hms(2026, 3, 9, 7, 5, 2)
            .unwrap();
        let context = RuleContext {
            client: 7,
            service: 12,
            now,
        };
        username(rule, &context, &mut StdRng::seed_from_u64(1))
    }

    #[test]
    fn every_token_expands() {
        let name = expand("{client_id}.{service_id}.{year}{month}{day}.{hour}{minute}{second}");
        assert_eq!(name.unwrap(), "7.12.20260309.070502");
        assert_eq!(expand("u{unixtime}").unwrap(), "u1773036302");
        let name = expand("x{random_digit_3}{random_letter_5}").unwrap();
        assert_eq!(name.len(), 9);
        assert!(name[1..4].bytes().all(|byte| byte.is_ascii_digit()));
        assert!(name[4..].bytes().all(|byte| byte.is_ascii_lowercase()));
    }

    #[test]
    fn a_broken_rule_is_named() {
        for rule in [
            "{nonsense}",
            "vpn{service_id",
            "{random_letter_0}",
            "{random_digit_x}",
        ] {
            let error = expand(rule).unwrap_err().to_string();
            assert!(error.contains("Username rule"), "{rule}: {error}");
        }
    }

    #[test]
    fn names_a_router_or_a_url_cannot_carry_are_refused() {
        for name in [
            "",
            "a b",
            "a/b",
            "*1",
            "<l2tp-x>",
            "käse",
            ".a",
            "a\"",
            &"a".repeat(64),
        ] {
            assert!(check_username(name).is_err(), "{name}");
        }
        for name in ["a", "user@realm", "vpn-1_2.x", &"a".repeat(63)] {
            assert!(check_username(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_password_keeps_to_its_rule() {
        let mut rng = StdRng::seed_from_u64(1);
        let made = password("12:a-c9-", &mut rng).unwrap();
        assert_eq!(made.expose().len(), 12);
        assert!(made.expose().chars().all(|letter| "abc9-".contains(letter)));
        for rule in [
            "", "12", "x:abc", "5:abc", "65:abc", "12:a", "12:ab c", "12:äb",
        ] {
            assert!(password(rule, &mut rng).is_err(), "{rule}");
        }
    }

    #[test]
    fn a_password_is_what_whmcs_and_the_router_carry_alike() {
        let fits = |text: &str| check_password(&Secret::new(text)).is_ok();
        for text in ["a", "correct horse battery", "p\"a'<>&;~", &"x".repeat(255)] {
            assert!(fits(text), "{text}");
        }
        for text in [
            "",
            " a",
            "a ",
            "a\0b",
            "a\r\nb",
            "a\tb",
            "пароль мой",
            "a\u{fffd}b",
            "ü",
            "\u{7f}",
            &"x".repeat(256),
            &"x".repeat(1_000_000),
        ] {
            assert!(!fits(text), "{}", shortened(text).escape_debug());
            let error = check_password(&Secret::new(text)).unwrap_err().to_string();
            let repeats = text.len() > 2 && error.contains(text);
            assert!(!repeats && error.len() < 300, "{error}");
        }
    }

    #[test]
    fn a_customer_chooses_no_shorter_password_than_the_product_says_and_none_of_more_than_64() {
        let fits =
            |length: usize, least| is_fit_for_customers(&Secret::new("x".repeat(length)), least);
        assert_eq!(
            [fits(7, 8), fits(8, 8), fits(64, 8), fits(65, 8)],
            [false, true, true, false]
        );
        assert_eq!([fits(11, 12), fits(12, 12)], [false, true]);
        assert!(!is_fit_for_customers(&Secret::new("geheimä1"), 8));
    }

    #[test]
    fn our_own_defaults_are_valid_rules() {
        assert_eq!(expand(DEFAULT_USERNAME_RULE).unwrap(), "vpn12");
        assert!(password(DEFAULT_PASSWORD_RULE, &mut crate::random::source()).is_ok());
    }
}

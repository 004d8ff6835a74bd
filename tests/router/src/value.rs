//! Reading a written value: refused with the console's sentence, or stored in the form replies use.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::duration;
use crate::field::{Field, Kind};
use crate::policy::PolicySet;
use crate::range;
use crate::rate_limit::RateLimit;
use crate::tables::{Cell, Id, TableId, Tables};
use crate::trap::Trap;
use crate::version::Version;

/// What reading a value may look at.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Rows that references point to.
    pub tables: &'a Tables,
    /// The version played.
    pub version: Version,
    /// `""` unsets typed properties.
    pub empty_unsets: bool,
}

/// Reads a value; `None` = the property is unset and its key vanishes.
pub fn parse(field: &Field, text: &str, context: Context<'_>) -> Result<Option<Cell>, Trap> {
    if text.is_empty() && unsets(field, context) {
        return Ok(None);
    }
    let references = match field.kind {
        Kind::Reference(table, words) => Some((table, words)),
        Kind::QueuePosition => Some((TableId::Queue, ["first", "bottom"].as_slice())),
        Kind::AddressOrPool if text.parse::<Ipv4Addr>().is_err() => {
            let pool = context.tables[TableId::Pool].find(text);
            // in `/ppp/profile` the sentence ends with a colon
            let pool = pool.ok_or_else(|| Trap::invalid_value_of(field.name))?;
            return Ok(Some(Cell::Row(TableId::Pool, pool)));
        }
        _ => None,
    };
    match references {
        Some((table, words)) => reference(field.name, table, words, text, context.tables).map(Some),
        None => stored_form(field, text, context).map(|text| Some(Cell::Text(text.into()))),
    }
}

/// Whether an empty text makes a property absent: texts do; whether typed ones do is not known.
fn unsets(field: &Field, context: Context<'_>) -> bool {
    let takes_empty = matches!(
        field.kind,
        // community.routeros takes `dst` of a queue away by writing nothing into it
        Kind::Text | Kind::PrefixList | Kind::AddressList | Kind::Target
    );
    field.default.is_none() && (takes_empty || (context.empty_unsets && field.kind != Kind::Name))
}

fn stored_form(field: &Field, text: &str, context: Context<'_>) -> Result<String, Trap> {
    let (name, tables) = (field.name, context.tables);
    let invalid = || Trap::invalid_value(name);
    let no_match = || Trap::no_match(name);
    Ok(match field.kind {
        Kind::Text => text.to_owned(),
        Kind::Name => Some(text.to_owned())
            .filter(|text| !text.is_empty())
            .ok_or_else(invalid)?,
        Kind::Flag => flag(text).ok_or_else(no_match)?.to_string(),
        Kind::Words(words) => word(words, text).ok_or_else(no_match)?.to_owned(),
        Kind::WordSet(words) => word_set(words, text).ok_or_else(no_match)?,
        Kind::NumberOr(special, ..) if text == special => text.to_owned(),
        Kind::Number(low, high) | Kind::NumberOr(_, low, high) => number(name, text, low, high)?,
        Kind::Address | Kind::AddressOrPool => {
            text.parse::<Ipv4Addr>().map_err(|_| invalid())?.to_string()
        }
        Kind::Address6 => text.parse::<Ipv6Addr>().map_err(|_| invalid())?.to_string(),
        Kind::Prefix6 => text.parse::<Ipv6Net>().map_err(|_| invalid())?.to_string(),
        Kind::AddressWithLength => address_with_length(text).ok_or_else(invalid)?.to_string(),
        Kind::AddressList => {
            joined(text, |part| part.parse::<Ipv4Addr>().ok()).ok_or_else(invalid)?
        }
        Kind::PrefixList if text.is_empty() => String::new(),
        Kind::PrefixList => joined(text, prefix).ok_or_else(invalid)?,
        Kind::Duration => duration::format(duration::parse(text).ok_or_else(invalid)?),
        Kind::DurationPair => {
            pair(text, |half| duration::parse(half).map(duration::format)).ok_or_else(invalid)?
        }
        Kind::Rate => rate(text).ok_or_else(invalid)?.to_string(),
        Kind::RatePair => pair(text, rate).ok_or_else(invalid)?,
        Kind::NumberPair(low, high) => number_pair(name, text, low, high)?,
        // a pair of queue types in a profile came with 7.19
        Kind::ProfileQueueType if text.contains('/') && !context.version.at_least(7, 19) => {
            return Err(no_match());
        }
        Kind::ProfileQueueType if text.contains('/') => queue_type_pair(name, text, tables)?,
        Kind::QueueType | Kind::ProfileQueueType => queue_type(name, text, tables)?.to_owned(),
        Kind::QueueTypePair => queue_type_pair(name, text, tables)?,
        Kind::Decimal => decimal(text).ok_or_else(invalid)?,
        Kind::DecimalPair => pair(text, decimal).ok_or_else(invalid)?,
        Kind::Targets => joined(text, |part| target(part, tables)).ok_or_else(invalid)?,
        Kind::Target => target(text, tables).ok_or_else(invalid)?,
        Kind::RateLimit => RateLimit::parse(text)
            .map(|_| text.to_owned())
            .ok_or_else(invalid)?,
        Kind::ListedAddress => range::parse(text)
            .filter(|ranges| ranges.len() == 1)
            .map(|_| text.to_owned())
            .ok_or_else(invalid)?,
        Kind::Ranges => range::normalise(text).ok_or_else(invalid)?,
        Kind::Policies => PolicySet::default()
            .changed_by(text)
            .ok_or_else(no_match)?
            .to_string(),
        Kind::Mac => mac(text).ok_or_else(invalid)?,
        Kind::Date => date(text).ok_or_else(invalid)?.to_string(),
        Kind::TimeOfDay => chrono::NaiveTime::parse_from_str(text, "%H:%M:%S")
            .map_err(|_| invalid())?
            .to_string(),
        Kind::Reference(..) | Kind::QueuePosition => return Err(no_match()),
    })
}

/// Bits per second of `10M`, `512k`, `10000000`.
pub fn rate(text: &str) -> Option<u64> {
    let (digits, factor) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 1_000),
        b'M' => (&text[..text.len() - 1], 1_000_000),
        b'G' => (&text[..text.len() - 1], 1_000_000_000),
        _ => (text, 1),
    };
    decimal_digits(digits)?.checked_mul(factor)
}

/// An address or prefix; a bare address is a prefix of full length, host bits are cleared.
pub fn prefix(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>()
        .ok()
        .or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
        .map(|net| net.trunc())
}

/// `yes`/`true` and `no`/`false`.
pub fn flag(text: &str) -> Option<bool> {
    match text {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

fn word<'a>(words: &[&'a str], text: &str) -> Option<&'a str> {
    words.iter().find(|word| **word == text).copied()
}

fn word_set(words: &[&str], text: &str) -> Option<String> {
    let named: Vec<&str> = text
        .split(',')
        .map(|part| word(words, part))
        .collect::<Option<_>>()?;
    let listed: Vec<&str> = words
        .iter()
        .filter(|word| named.contains(word))
        .copied()
        .collect();
    Some(listed.join(","))
}

/// Only digits: a sign, a blank or an exponent is refused.
fn decimal_digits(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

fn number(name: &str, text: &str, low: u64, high: u64) -> Result<String, Trap> {
    let number = decimal_digits(text).ok_or_else(|| Trap::invalid_value(name))?;
    if number < low || number > high {
        return Err(Trap::out_of_range(name, low, high));
    }
    Ok(number.to_string())
}

fn number_pair(name: &str, text: &str, low: u64, high: u64) -> Result<String, Trap> {
    let (first, second) = text
        .split_once('/')
        .ok_or_else(|| Trap::invalid_value(name))?;
    Ok(format!(
        "{}/{}",
        number(name, first, low, high)?,
        number(name, second, low, high)?
    ))
}

fn pair<T: ToString>(text: &str, half: impl Fn(&str) -> Option<T>) -> Option<String> {
    let (first, second) = text.split_once('/')?;
    Some(format!(
        "{}/{}",
        half(first)?.to_string(),
        half(second)?.to_string()
    ))
}

fn joined<T: ToString>(text: &str, part: impl Fn(&str) -> Option<T>) -> Option<String> {
    let parts: Vec<String> = text
        .split(',')
        .map(|text| part(text).map(|value| value.to_string()))
        .collect::<Option<_>>()?;
    Some(parts.join(","))
}

/// A fraction such as `0.1`, at most 10.
fn decimal(text: &str) -> Option<String> {
    let valid = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    (valid && text.parse::<f64>().is_ok_and(|number| number <= 10.0)).then(|| text.to_owned())
}

fn date(text: &str) -> Option<chrono::NaiveDate> {
    let forms = ["%Y-%m-%d", "%b/%d/%Y"];
    forms
        .iter()
        .find_map(|form| chrono::NaiveDate::parse_from_str(text, form).ok())
}

fn address_with_length(text: &str) -> Option<Ipv4Net> {
    text.parse::<Ipv4Net>()
        .ok()
        .or_else(|| text.parse::<Ipv4Addr>().ok().map(Ipv4Net::from))
}

fn target(text: &str, tables: &Tables) -> Option<String> {
    if let Some(net) = prefix(text) {
        return Some(net.to_string());
    }
    tables[TableId::Interface]
        .find(text)
        .map(|_| text.to_owned())
}

fn queue_type<'a>(name: &str, text: &'a str, tables: &Tables) -> Result<&'a str, Trap> {
    tables[TableId::QueueType]
        .find(text)
        .map(|_| text)
        .ok_or_else(|| Trap::no_match(name))
}

fn queue_type_pair(name: &str, text: &str, tables: &Tables) -> Result<String, Trap> {
    let (first, second) = text
        .split_once('/')
        .ok_or_else(|| Trap::invalid_value(name))?;
    Ok(format!(
        "{}/{}",
        queue_type(name, first, tables)?,
        queue_type(name, second, tables)?
    ))
}

fn reference(
    name: &str,
    table: TableId,
    words: &[&str],
    text: &str,
    tables: &Tables,
) -> Result<Cell, Trap> {
    if words.contains(&text) {
        return Ok(Cell::Text(text.into()));
    }
    let by_id = || Id::parse(text).filter(|id| tables[table].row(*id).is_some());
    tables[table]
        .find(text)
        .or_else(by_id)
        .map(|id| Cell::Row(table, id))
        .ok_or_else(|| Trap::no_match(name))
}

/// Upper case with colons.
fn mac(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split([':', '-', '.']).collect();
    let valid = parts.len() == 6
        && parts
            .iter()
            .all(|part| part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_hexdigit()));
    valid.then(|| parts.join(":").to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, text: &str) -> Result<String, String> {
        let tables = Tables::new();
        let context = Context {
            tables: &tables,
            version: Version::new(7, 20),
            empty_unsets: false,
        };
        match parse(&Field::new("x", kind), text, context) {
            Ok(Some(Cell::Text(stored))) => Ok(stored.into()),
            Ok(other) => Ok(format!("{other:?}")),
            Err(trap) => Err(trap.text.into_owned()),
        }
    }

    const INVALID: &str = "invalid value for argument x";
    const NO_MATCH: &str = "input does not match any value of x";

    #[test]
    fn values_are_stored_in_the_form_of_replies() {
        for (kind, written, stored) in [
            (Kind::Flag, "yes", "true"),
            (Kind::Flag, "false", "false"),
            (Kind::Words(&["no", "yes"]), "yes", "yes"),
            (Kind::RatePair, "10M/512k", "10000000/512000"),
            (Kind::RatePair, "0/1G", "0/1000000000"),
            (
                Kind::Targets,
                "10.0.0.5,10.1.0.0/16",
                "10.0.0.5/32,10.1.0.0/16",
            ),
            (Kind::Targets, "10.0.0.5/24", "10.0.0.0/24"),
            (Kind::Duration, "90s", "1m30s"),
            (Kind::DurationPair, "5/90", "5s/1m30s"),
            (Kind::AddressWithLength, "10.0.0.5", "10.0.0.5/32"),
            (Kind::AddressWithLength, "10.0.0.5/24", "10.0.0.5/24"),
            (Kind::Mac, "d0:d0:4b:36:7c:c1", "D0:D0:4B:36:7C:C1"),
            (Kind::WordSet(&["pap", "chap"]), "chap,pap", "pap,chap"),
            (Kind::NumberOr("disabled", 1, 9), "disabled", "disabled"),
            (Kind::NumberPair(1, 8), "1/8", "1/8"),
        ] {
            assert_eq!(read(kind, written).as_deref(), Ok(stored), "{written}");
        }
    }

    #[test]
    fn what_does_not_parse_is_refused_with_the_sentence_of_its_kind() {
        for (kind, written, sentence) in [
            (Kind::Flag, "maybe", NO_MATCH),
            (Kind::Flag, "Yes", NO_MATCH),
            (Kind::Words(&["no", "yes"]), "true", NO_MATCH),
            (Kind::Words(&["no", "yes"]), "", NO_MATCH),
            (Kind::RatePair, "10M", INVALID),
            (Kind::RatePair, "10m/5M", INVALID),
            (Kind::RatePair, "-1/5M", INVALID),
            (Kind::RatePair, "10M/5M/1M", INVALID),
            (Kind::Address, "10.0.0.256", INVALID),
            (Kind::Address, "10.0.0.1/32", INVALID),
            (Kind::Address, "", INVALID),
            (Kind::Targets, "nowhere", INVALID),
            (Kind::Targets, "10.0.0.1,,10.0.0.2", INVALID),
            (Kind::Number(0, 9), "1e1", INVALID),
            (
                Kind::Number(1, 254),
                "255",
                "value of x out of range (1..254)",
            ),
            (
                Kind::NumberPair(1, 8),
                "9/1",
                "value of x out of range (1..8)",
            ),
            (Kind::Duration, "soon", INVALID),
            (
                Kind::AddressOrPool,
                "nopool",
                "invalid value for argument x:",
            ),
            (Kind::Reference(TableId::Profile, &[]), "nope", NO_MATCH),
            (Kind::Name, "", INVALID),
        ] {
            assert_eq!(
                read(kind, written),
                Err(sentence.to_owned()),
                "{kind:?} {written}"
            );
        }
    }
}

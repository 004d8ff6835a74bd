//! The form with which an admin adds or takes traffic, and what it does.

use rand::Rng;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::host::Host;
use crate::params::Params;
use crate::random;
use crate::settings::number;
use crate::store::{self, forms};
use crate::traffic::grants;
use crate::units::Bytes;

/// The form: a token that counts once, and what came of the form sent before.
pub fn view(host: &dyn Host, service: i64) -> Result<Value> {
    let token: u128 = random::source().random();
    let last = forms::last(host, service)?;
    Ok(json!({
        "token": format!("{token:032x}"),
        "last": last.map(|sent| json!({"at": sent.at.timestamp(), "outcome": sent.outcome})),
    }))
}

/// The form was sent: books it, unless this very form was sent before. What came of it is shown with the
/// next field, for WHMCS takes no answer, and is in the activity log.
pub fn save(host: &dyn Host, params: &Params, form: &Params, admin: i64) -> Result<()> {
    let gb = form.text("gb").trim();
    if gb.is_empty() {
        return Ok(());
    }
    store::ensure_sound_schema(host)?;
    let service = params.int("serviceid");
    let token = token(form)?;
    if !forms::use_once(host, service, token, host.now())? {
        return Ok(());
    }
    let admin = forms::admin_name(host, admin)?.unwrap_or_else(|| format!("admin {admin}"));
    let reason = form.text("reason").trim();
    let booked = bytes(gb).and_then(|bytes| grants::correct(host, service, bytes, reason, &admin));
    let outcome = match booked {
        Ok(()) => format!("{admin} booked {gb} GB: {reason}"),
        Err(error) => format!("{admin} wanted to book {gb} GB: {error}"),
    };
    let text = format!("mikrotikvpn: traffic of service {service}: {outcome}");
    host.log_activity(&text, Some(params.int("userid")));
    forms::store_outcome(host, token, &outcome)
}

fn token(form: &Params) -> Result<&str> {
    let token = form.text("token");
    let known = token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    known.then_some(token).ok_or_else(|| {
        Error::misuse(
            "The form for more traffic came without its token",
            "Open the service's page again and repeat the entry",
        )
    })
}

/// Bytes of a number of GB, negative ones to take.
fn bytes(gb: &str) -> Result<i64> {
    number::read(gb)
        .and_then(|gb| {
            let bytes = i64::try_from(Bytes::from_gb(gb.abs())?.0).ok()?;
            (bytes != 0).then_some(if gb < 0.0 { -bytes } else { bytes })
        })
        .ok_or_else(|| {
            let expected = number::expected(gb, "one such as 10 or -2.5");
            Error::misuse(
                format!("\"{gb}\" is not a number of GB between -1048576 and 1048576"),
                format!("Enter {expected}; 1 GB is 2^30 bytes"),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gigabytes_are_read_with_sign_and_fraction() {
        assert_eq!(bytes("10").unwrap(), 10 << 30);
        assert_eq!(bytes("-2.5").unwrap(), -(5 << 29));
        assert_eq!(bytes("+0.5").unwrap(), 1 << 29);
    }

    #[test]
    fn an_amount_that_another_reader_would_take_for_another_one_is_refused_with_how_to_write_it() {
        for (gb, words) in [
            ("1,000", "say 1000"),
            ("-1.000", "say -1000"),
            ("1 000", "say 1000"),
            ("-2,5", "say -2.5"),
        ] {
            let error = bytes(gb).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_by_name() {
        for gb in [
            "ten", "0", "NaN", "inf", "1e9", "1 GB", "1048577", "-1048577",
        ] {
            let error = bytes(gb).unwrap_err();
            assert!(error.to_string().contains(gb), "{error}");
        }
    }

    #[test]
    fn a_form_without_its_token_books_nothing() {
        let mut form = Params::new();
        for token in ["", "1", &"g".repeat(32), &"0".repeat(33)] {
            form.set("token", token);
            assert!(super::token(&form).is_err(), "{token}");
        }
        form.set("token", &"0f".repeat(16));
        assert!(super::token(&form).is_ok());
    }
}

//! Which WHMCS this is. Its id is made once, is part of every comment of ours on a router, and so tells
//! our objects from those of another WHMCS that sells on the same router, even under the same prefix and
//! the same service number.
//!
//! The id lives in the database, and a database can be copied. Beside it stands where WHMCS lived when
//! the id was noted; when that is another place now, WHMCS was moved or copied, and nobody but the admin
//! can tell which. Until he does, routers are only read: a copy that reset counters or ended sessions
//! would do it to the customers of the original.

use std::fmt;

use rand::Rng;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::random;
use crate::store::{self, accounts, installation, mails};

/// Characters of an id: without those that are read for others (i, l, o) and without u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// An id: six characters, one of a milliard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InstallationId([u8; Self::LENGTH]);

impl InstallationId {
    const LENGTH: usize = 6;

    /// A new one.
    pub fn random() -> Self {
        Self(std::array::from_fn(|_| {
            let place = random::source().random_range(0..ALPHABET.len());
            ALPHABET.get(place).copied().unwrap_or(b'0')
        }))
    }

    /// Reads one; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let id: [u8; Self::LENGTH] = text.as_bytes().try_into().ok()?;
        id.iter()
            .all(|byte| ALPHABET.contains(byte))
            .then_some(Self(id))
    }

    /// As it stands in comments.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for InstallationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a WHMCS lives. Not the machine's name: web machines, nodes of a cluster and failovers differ in
/// it and are one WHMCS.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Home {
    /// WHMCS's System URL.
    pub system_url: String,
    /// The database's name.
    pub database: String,
    /// WHMCS's folder.
    pub root: String,
}

impl Home {
    /// With the System URL as it is compared: without its scheme, which changes when HTTPS comes, and
    /// without the slash at its end.
    pub fn new(system_url: &str, database: &str, root: &str) -> Self {
        let url = system_url.trim();
        let url = url.split_once("://").map_or(url, |(_, rest)| rest);
        Self {
            system_url: url.trim_end_matches('/').to_lowercase(),
            database: database.to_owned(),
            root: root.trim_end_matches('/').to_owned(),
        }
    }

    /// What is another than in `before`, as a clause: `System URL a.example, was b.example`.
    fn differences(&self, before: &Self) -> Vec<String> {
        let parts = [
            ("System URL", &self.system_url, &before.system_url),
            ("database", &self.database, &before.database),
            ("folder", &self.root, &before.root),
        ];
        parts
            .into_iter()
            .filter(|(_, now, before)| now != before)
            .map(|(what, now, before)| format!("{what} \"{now}\", was \"{before}\""))
            .collect()
    }
}

/// This WHMCS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Its id.
    pub id: InstallationId,
    /// Where it lived when that was noted.
    pub noted: Home,
    /// Where it lives now.
    pub present: Home,
}

impl Installation {
    /// The installation by its record, which is made on first use.
    pub fn load(host: &dyn Host) -> Result<Self> {
        store::ensure_schema(host)?;
        installation::load(host)
    }

    /// Why no router may be changed now; `None` while WHMCS lives where it did.
    pub fn doubt(&self) -> Option<Error> {
        let differences = self.present.differences(&self.noted);
        if differences.is_empty() {
            return None;
        }
        Some(Error::misuse(
            format!(
                "This WHMCS was moved or is a copy ({}), so routers are read and nothing on them is changed",
                differences.join("; ")
            ),
            "Say which on the page of any VPN service (the buttons WHMCS was moved and WHMCS is a copy), or run php modules/servers/mikrotikvpn/installation.php moved (or copy) in WHMCS's folder",
        ))
    }

    /// Tells the admins of a doubt, once for each place WHMCS is found in.
    pub fn tell(&self, host: &dyn Host) {
        let Some(doubt) = self.doubt() else {
            return;
        };
        let text = doubt.to_string();
        let told = installation::claim_telling(host, &self.present).and_then(|is_ours| {
            if !is_ours {
                return Ok(());
            }
            host.log_activity(&format!("mikrotikvpn: {text}"), None);
            host.send_admin_mail("MikroTik VPN changes nothing on its routers", &text)
        });
        if let Err(error) = told {
            host.log_activity(
                &format!("mikrotikvpn: the admins got no mail of that: {error}"),
                None,
            );
        }
    }
}

/// Notes what the admin says: `moved` keeps the id. A `copy` gets an id of its own and forgets the logins
/// of the original, which stay what they are on the routers; mails that wait are the original's to send.
pub fn decide(host: &dyn Host, answer: &str) -> Result<()> {
    let known = Installation::load(host)?;
    if known.doubt().is_none() {
        return Err(Error::misuse(
            "This WHMCS lives where it did when its id was noted, so there is nothing to decide",
            "Say moved or copy only where the module asks for it",
        ));
    }
    let id = match answer {
        "moved" => known.id,
        "copy" => InstallationId::random(),
        _ => {
            return Err(Error::misuse(
                format!("\"{}\" is no answer", answer.escape_debug()),
                "Say moved or copy",
            ));
        }
    };
    store::transaction(host, || {
        if id != known.id {
            accounts::retire_all(host)?;
            mails::forget_all(host)?;
        }
        installation::store(host, id, &known.present)
    })?;
    host.log_activity(
        &format!("mikrotikvpn: an admin said of this WHMCS: {answer}; its id on routers is {id}"),
        None,
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Home {
        Home::new("https://Billing.example/shop/", "whmcs", "/srv/whmcs/")
    }

    fn doubt(present: Home) -> Option<String> {
        let installation = Installation {
            id: InstallationId::random(),
            noted: home(),
            present,
        };
        installation.doubt().map(|error| error.to_string())
    }

    #[test]
    fn an_id_is_read_back_and_nothing_else_is_one() {
        let id = InstallationId::random();
        assert_eq!(InstallationId::parse(id.as_str()), Some(id));
        for none in ["", "k3f9a", "k3f9a22", "K3F9A2", "k3f9al", "k3f9ä"] {
            assert_eq!(InstallationId::parse(none), None, "{none}");
        }
    }

    #[test]
    fn a_scheme_a_slash_and_capitals_are_no_other_place() {
        let same = Home::new("http://billing.example/shop", "whmcs", "/srv/whmcs");
        assert_eq!(doubt(same), None);
    }

    #[test]
    fn each_part_that_differs_is_named_with_what_it_was() {
        let staging = Home::new("https://staging.example", "whmcs", "/srv/whmcs");
        let text = doubt(staging).unwrap();
        assert!(
            text.contains("System URL \"staging.example\", was \"billing.example/shop\""),
            "{text}"
        );
        assert!(!text.contains("database"), "{text}");
        for other in [
            Home::new("https://billing.example/shop", "whmcs_dev", "/srv/whmcs"),
            Home::new("https://billing.example/shop", "whmcs", "/srv/staging"),
        ] {
            assert!(doubt(other).is_some());
        }
    }
}

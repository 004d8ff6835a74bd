//! What WHMCS and our own records expect of a router.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use super::console::quoted;
use super::ranges::Addresses;
use crate::account::addresses::AddressPool;
use crate::account::tag::Record;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::installation::{Installation, InstallationId};
use crate::settings::{CapPolicy, ProductSettings, Protocol, ServerSettings};
use crate::store::accounts::Lost;
use crate::store::{accounts, products, servers};

/// The records of one server.
#[derive(Debug, Default)]
pub struct Books {
    /// What is sold on it.
    pub offers: Vec<Offer>,
    /// The addresses customers may get; `None` for a server that is not saved yet.
    pub pool: Option<Result<Addresses>>,
    /// The accounts it should have.
    pub accounts: Vec<Expected>,
    /// Those of them whose service was deleted or has ended.
    pub lost: Vec<Lost>,
    /// Which WHMCS this is; `None` where there are no accounts yet.
    pub installation: Option<InstallationId>,
}

/// A product that has services on the server, or that may get some.
#[derive(Debug)]
pub struct Offer {
    /// `tblproducts.id`.
    pub product: i64,
    /// Its name in WHMCS.
    pub name: String,
    /// Its settings, or what is wrong with them.
    pub settings: Result<ProductSettings>,
}

/// An account by our records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// `tblhosting.id`.
    pub service: i64,
    /// Login name.
    pub username: String,
    /// Its address.
    pub address: Option<Ipv4Addr>,
    /// The comment its objects carry.
    pub tag: String,
}

impl Books {
    /// Reads the records of a server; there are none of one that is not saved yet.
    pub fn read(host: &dyn Host, server: &ServerSettings) -> Result<Self> {
        if server.id == 0 {
            return Ok(Self::default());
        }
        let installation = Installation::load(host)?;
        let offers = products::sold_on(host, server.id)?;
        let addresses = servers::assigned_ips(host, server.id)?;
        let accounts = accounts::named(host, server.id)?;
        Ok(Self {
            offers: offers
                .into_iter()
                .map(|product| Offer {
                    product: product.id,
                    name: product.name,
                    settings: ProductSettings::parse(&product.params),
                })
                .collect(),
            pool: Some(AddressPool::parse(&addresses).map(|pool| Addresses::new(pool.ranges()))),
            accounts: accounts
                .into_iter()
                .map(|account| Expected {
                    service: account.service,
                    username: account.username,
                    address: account.address,
                    tag: account.tag,
                })
                .collect(),
            lost: accounts::lost(host, server.id)?,
            installation: Some(installation.id),
        })
    }

    /// Whether an object with this comment and name is `account`'s.
    pub fn owns(&self, account: &Expected, comment: &str, name: &str) -> bool {
        let record = Record {
            service: account.service,
            tag: &account.tag,
            username: &account.username,
            address: account.address,
        };
        self.installation
            .is_some_and(|installation| record.owns(installation, comment, name))
    }

    /// The products whose settings can be read.
    pub fn sound_offers(&self) -> impl Iterator<Item = (&str, &ProductSettings)> {
        self.offers
            .iter()
            .filter_map(|offer| Some((offer.name.as_str(), offer.settings.as_ref().ok()?)))
    }

    /// The products whose settings cannot be read, and why.
    pub fn unsound_offers(&self) -> impl Iterator<Item = (&Offer, &Error)> {
        self.offers
            .iter()
            .filter_map(|offer| Some((offer, offer.settings.as_ref().err()?)))
    }

    /// Whether some product offers `protocol`: on its client page, or as the only service it allows.
    pub fn offers(&self, protocol: Protocol) -> bool {
        self.sound_offers()
            .any(|(_, settings)| offers(settings, protocol))
    }

    /// The PPP profiles that products use, each once, with the name of a product.
    pub fn profiles(&self) -> Vec<(&str, &str)> {
        let mut profiles = Vec::new();
        for (product, settings) in self.sound_offers() {
            profiles.push((settings.profile.as_str(), product));
            if let CapPolicy::Profile(name) = &settings.cap {
                profiles.push((name.as_str(), product));
            }
        }
        profiles.sort_unstable();
        profiles.dedup_by_key(|(profile, _)| *profile);
        profiles
    }

    /// The PPP profiles that caps switch to, each once, with the name of a product.
    pub fn cap_profiles(&self) -> Vec<(&str, &str)> {
        let mut profiles: Vec<_> = self
            .sound_offers()
            .filter_map(|(product, settings)| match &settings.cap {
                CapPolicy::Profile(name) => Some((name.as_str(), product)),
                _ => None,
            })
            .collect();
        profiles.sort_unstable();
        profiles.dedup_by_key(|(profile, _)| *profile);
        profiles
    }

    /// What a profile needs on the router beyond what every profile does: one that caps needs something that
    /// tells the firewall its customers.
    pub fn wall(&self, profile: &str) -> String {
        if self.cap_profiles().iter().any(|(name, _)| *name == profile) {
            format!(" address-list={}", quoted(profile))
        } else {
            String::new()
        }
    }

    /// The accounts by service.
    pub fn by_service(&self) -> HashMap<i64, &Expected> {
        let pairs = self
            .accounts
            .iter()
            .map(|account| (account.service, account));
        pairs.collect()
    }

    /// Every address that is a customer's or may become one's.
    pub fn addresses(&self) -> Addresses {
        let own: Addresses = self.accounts.iter().filter_map(|one| one.address).collect();
        match &self.pool {
            Some(Ok(pool)) => pool.with(&own),
            _ => own,
        }
    }
}

/// Whether a product offers `protocol`.
pub fn offers(settings: &ProductSettings, protocol: Protocol) -> bool {
    settings.protocols.offers(protocol) || settings.service.as_str() == service(protocol)
}

/// RouterOS's word for a protocol.
pub fn service(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Pptp => "pptp",
        Protocol::L2tp => "l2tp",
        Protocol::Sstp => "sstp",
        Protocol::OpenVpn => "ovpn",
    }
}

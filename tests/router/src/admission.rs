//! Who may connect, and with which addresses.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::options::{OnlyOne, SameAddress};
use crate::range;
use crate::session::{ConnectError, Dial, Reason};
use crate::state::State;
use crate::tables::{Cell, Id, TableId};

/// What the checks found out about a client that may come in.
pub struct Admission {
    /// Service word.
    pub service: String,
    /// The secret's profile.
    pub profile: Id,
    /// The customer's address.
    pub remote: Ipv4Addr,
    /// The router's address on the link.
    pub local: Option<Ipv4Addr>,
    /// The pool the address came from.
    pub pool: Option<Id>,
    /// Where the client calls from.
    pub caller_id: String,
}

impl State {
    /// Checks a client against its secret, profile and server.
    pub fn admit(&mut self, dial: &Dial) -> Result<Admission, ConnectError> {
        let name = dial.name.as_str();
        let service = dial.service();
        let default_profile = self.server_profile(service)?;
        let secret = self.tables[TableId::Secret]
            .find(name)
            .ok_or_else(|| ConnectError::NoSecret(name.into()))?;
        let text = |column: &str| {
            self.tables[TableId::Secret]
                .text(secret, column)
                .unwrap_or_default()
        };
        if text("disabled") == "true" {
            return Err(ConnectError::SecretDisabled(name.into()));
        }
        if dial
            .password
            .as_deref()
            .is_some_and(|password| password != text("password"))
        {
            return Err(ConnectError::WrongPassword(name.into()));
        }
        if text("service") != "any" && text("service") != service {
            return Err(ConnectError::WrongService(name.into(), service.into()));
        }
        let caller_id = self.caller_of(dial);
        let wanted = text("caller-id");
        if !wanted.is_empty() && !wanted.eq_ignore_ascii_case(&caller_id) {
            return Err(ConnectError::WrongCaller(name.into(), caller_id));
        }
        let secret_address: Option<Ipv4Addr> = text("remote-address").parse().ok();
        let secret_local: Option<Ipv4Addr> = text("local-address").parse().ok();
        let profile = self
            .reference(TableId::Secret, secret, "profile")
            .filter(|id| self.tables[TableId::Profile].row(*id).is_some())
            .ok_or_else(|| ConnectError::NoProfile(name.into()))?;
        self.check_only_one(name, profile, default_profile)?;
        self.check_caps(service)?;
        let profiles = [Some(profile), default_profile];
        let (remote, pool) = match secret_address {
            Some(address) => (self.claim(address)?, None),
            None => self.profile_address(name, "remote-address", &profiles)?,
        };
        let local = secret_local.or_else(|| {
            self.profile_address(name, "local-address", &profiles)
                .ok()
                .map(|found| found.0)
        });
        Ok(Admission {
            service: service.to_owned(),
            profile,
            remote,
            local,
            pool,
            caller_id,
        })
    }

    /// Where a client calls from; made up if the test did not care to say.
    pub fn caller_of(&self, dial: &Dial) -> String {
        if dial.caller_id.is_empty() {
            let secret = self.tables[TableId::Secret].find(&dial.name);
            made_up_caller(dial.service(), secret.unwrap_or(Id(0)))
        } else {
            dial.caller_id.clone()
        }
    }

    /// The default profile of an enabled server; PPPoE servers are not simulated and count as enabled.
    fn server_profile(&self, service: &str) -> Result<Option<Id>, ConnectError> {
        let (table, singleton) = match service {
            "l2tp" => (TableId::L2tpServer, true),
            "pptp" => (TableId::PptpServer, true),
            "sstp" => (TableId::SstpServer, true),
            "ovpn" => (TableId::OvpnServer, !self.options.version.has_ovpn_list()),
            "pppoe" => return Ok(self.tables[TableId::Profile].find("default")),
            other => return Err(ConnectError::UnknownService(other.to_owned())),
        };
        let (flag, on) = if singleton {
            ("enabled", "true")
        } else {
            ("disabled", "false")
        };
        let table_rows = &self.tables[table];
        let server = table_rows
            .ids()
            .into_iter()
            .find(|id| table_rows.text(*id, flag) == Some(on))
            .ok_or_else(|| ConnectError::ServerDisabled(service.to_owned()))?;
        let barred = matches!(service, "l2tp" | "pptp") && !self.options.device_mode_allows_vpn;
        if barred {
            return Err(ConnectError::ServerDisabled(service.to_owned()));
        }
        Ok(self.reference(table, server, "default-profile"))
    }

    /// The licence's cap and the L2TP server's `max-sessions`.
    fn check_caps(&self, service: &str) -> Result<(), ConnectError> {
        let server = self.tables[TableId::L2tpServer].ids().first().copied();
        let own = server.filter(|_| service == "l2tp").and_then(|id| {
            self.tables[TableId::L2tpServer]
                .text(id, "max-sessions")?
                .parse::<usize>()
                .ok()
        });
        let Some(cap) = own.into_iter().chain(self.options.session_cap).min() else {
            return Ok(());
        };
        let column = TableId::Active.column("service").unwrap_or_default();
        let live = self.tables[TableId::Active]
            .iter()
            .filter(|(_, row)| row.text(column) == Some(service))
            .count();
        if live < cap {
            Ok(())
        } else {
            Err(ConnectError::TooManySessions(service.to_owned(), cap))
        }
    }

    fn check_only_one(
        &mut self,
        name: &str,
        profile: Id,
        default_profile: Option<Id>,
    ) -> Result<(), ConnectError> {
        let word = |id: Id| {
            self.tables[TableId::Profile]
                .text(id, "only-one")
                .unwrap_or("default")
                .to_owned()
        };
        let mut only_one = word(profile);
        if only_one == "default" {
            only_one = default_profile.map(word).unwrap_or_default();
        }
        if only_one != "yes" {
            return Ok(());
        }
        let old = self.sessions.of(name).to_vec();
        match self.options.only_one {
            OnlyOne::RefuseNew if !old.is_empty() => {
                Err(ConnectError::AlreadyConnected(name.to_owned()))
            }
            OnlyOne::RefuseNew => Ok(()),
            OnlyOne::DropOld => {
                for id in old {
                    self.end_session(id, Reason::HungUp);
                }
                Ok(())
            }
        }
    }

    /// An address from the profiles: a single address anywhere beats a pool anywhere (manual, PPP AAA).
    fn profile_address(
        &mut self,
        name: &str,
        property: &str,
        profiles: &[Option<Id>],
    ) -> Result<(Ipv4Addr, Option<Id>), ConnectError> {
        let column = TableId::Profile.column(property).unwrap_or_default();
        let cells: Vec<&Cell> = profiles
            .iter()
            .flatten()
            .filter_map(|id| self.tables[TableId::Profile].row(*id)?.cells[column].as_ref())
            .collect();
        let single = cells.iter().find_map(|cell| match cell {
            Cell::Text(text) => text.parse::<Ipv4Addr>().ok(),
            Cell::Row(..) => None,
        });
        if let Some(address) = single {
            let address = if property == "remote-address" {
                self.claim(address)?
            } else {
                address
            };
            return Ok((address, None));
        }
        let pool = cells
            .iter()
            .find_map(|cell| match cell {
                Cell::Row(TableId::Pool, id) if self.tables[TableId::Pool].row(*id).is_some() => {
                    Some(*id)
                }
                _ => None,
            })
            .ok_or_else(|| ConnectError::NoAddress(name.to_owned()))?;
        self.free_of_pool(pool)
            .map(|address| (address, Some(pool)))
            .ok_or_else(|| ConnectError::PoolEmpty(name.to_owned()))
    }

    /// A free address of a pool or of the pools that follow it.
    fn free_of_pool(&mut self, first: Id) -> Option<Ipv4Addr> {
        let mut seen = BTreeSet::new();
        let mut pool = Some(first);
        while let Some(id) = pool.filter(|id| seen.insert(*id)) {
            let ranges = range::parse(self.tables[TableId::Pool].text(id, "ranges")?)?;
            let size = range::size(&ranges);
            // going on after the last one given keeps a full pool of thousands quick
            let start = self.sessions.given_of_pool(id);
            let places = (0..size).map(|step| (start + step) % size);
            for place in places {
                let address = range::nth(&ranges, place)?;
                if !self.sessions.has_address(address) {
                    self.sessions.note_given(id, place + 1);
                    return Some(address);
                }
            }
            pool = self.reference(TableId::Pool, id, "next-pool");
        }
        None
    }

    /// A fixed address, also when a session has it, if the options say so.
    fn claim(&mut self, address: Ipv4Addr) -> Result<Ipv4Addr, ConnectError> {
        let holders = self.sessions.at(address).to_vec();
        match self.options.same_address {
            SameAddress::RefuseNew if !holders.is_empty() => {
                return Err(ConnectError::AddressBusy(address));
            }
            SameAddress::DropOld => {
                for id in holders {
                    self.end_session(id, Reason::HungUp);
                }
            }
            SameAddress::RefuseNew | SameAddress::Both => {}
        }
        Ok(address)
    }
}

/// A caller the test did not care to name: an address, or a MAC in capitals for PPPoE.
fn made_up_caller(service: &str, secret: Id) -> String {
    let number = secret.0 % 65_536;
    let (high, low) = (number / 256, number % 256);
    if service == "pppoe" {
        format!("02:00:00:00:{high:02X}:{low:02X}")
    } else {
        format!("198.18.{high}.{low}")
    }
}

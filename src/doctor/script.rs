//! The script that prepares a fresh router for what a server sells: one plain console command a line, for
//! the version asked for, every value quoted.

use std::net::{IpAddr, Ipv4Addr};

use super::books::{Books, offers};
use super::console::quoted;
use super::fasttrack::{list_commands, not_listed};
use super::login::{GROUP, needed_policies, service_name};
use super::ranges::Addresses;
use crate::routeros::{Endpoint, TransportKind, Version};
use crate::secret::Secret;
use crate::settings::{ProductSettings, Protocol};

/// Name of everything the script adds that must have one, and comment of its firewall rules.
const NAME: &str = "mikrotikvpn";

/// Lifetime of the certificates it makes.
const DAYS: u32 = 3_650;

/// A script as RouterOS imports it. `password` becomes that of the user WHMCS logs in with; the text holds
/// it and the products' IPsec key, so it must not be logged.
pub fn write(endpoint: &Endpoint, books: &Books, version: &Version, password: &Secret) -> String {
    let writer = Writer {
        endpoint,
        books,
        version,
        password,
        profile: default_profile(books),
    };
    writer.all().join("\n") + "\n"
}

struct Writer<'a> {
    endpoint: &'a Endpoint,
    books: &'a Books,
    version: &'a Version,
    password: &'a Secret,
    /// The profile that servers give to whoever has none of his own.
    profile: &'a str,
}

impl Writer<'_> {
    fn all(&self) -> Vec<String> {
        let mut lines = self.heading();
        let parts = [
            (
                "The user of WHMCS: it may do what the module needs and no more",
                self.user(),
            ),
            (
                "A certificate authority, and the router's certificate",
                self.certificates(),
            ),
            ("The service WHMCS talks to", self.service()),
            ("PPP profiles", self.profiles()),
            ("VPN servers", self.servers()),
            (
                "Customers' traffic stays off the fast track, which would take it past queues and counters",
                self.fasttrack(),
            ),
            (
                "What must be let in. Better still: add src-address=<the address of WHMCS> to the first rule",
                self.firewall(),
            ),
        ];
        for (title, commands) in parts {
            if !commands.is_empty() {
                lines.push(String::new());
                lines.push(format!("# {title}"));
                lines.extend(commands);
            }
        }
        lines
    }

    fn heading(&self) -> Vec<String> {
        let authority = match self.endpoint.tls {
            Some(_) => {
                "# SSL on. Test Connection then names the line for the Access Hash that trusts the certificate."
            }
            None => {
                "# SSL off: passwords would cross the network in clear. Switch it on and make the script anew."
            }
        };
        vec![
            format!("# Prepares a fresh router with RouterOS {} for the module MikroTik VPN of WHMCS.", self.version),
            "# It holds passwords: import it once (/import file-name=mikrotikvpn.rsc) and delete it.".to_owned(),
            format!(
                "# In WHMCS, under System Settings > Servers: user {}, the password below, port {},",
                printable(&self.endpoint.username),
                self.endpoint.port
            ),
            authority.to_owned(),
        ]
    }

    fn user(&self) -> Vec<String> {
        vec![
            format!(
                "/user group add name={GROUP} policy={}",
                needed_policies(self.endpoint.transport).join(",")
            ),
            format!(
                "/user add name={} group={GROUP} password={}",
                quoted(&self.endpoint.username),
                quoted(self.password.expose())
            ),
        ]
    }

    /// Servers of OpenVPN and SSTP need the certificate as well.
    fn certificates(&self) -> Vec<String> {
        let needed = self.endpoint.tls.is_some()
            || self.offers(Protocol::OpenVpn)
            || self.offers(Protocol::Sstp);
        if !needed {
            return Vec::new();
        }
        let host = self.endpoint.host.trim().trim_matches(['[', ']']);
        let kind = if host.parse::<IpAddr>().is_ok() {
            "IP"
        } else {
            "DNS"
        };
        vec![
            format!(
                "/certificate add name={NAME}-ca common-name=\"{NAME} CA\" key-usage=key-cert-sign,crl-sign \
                 key-size=2048 days-valid={DAYS}"
            ),
            format!("/certificate sign {NAME}-ca"),
            format!(
                "/certificate add name={NAME} common-name={} subject-alt-name={} \
                 key-usage=digital-signature,key-encipherment,tls-server key-size=2048 days-valid={DAYS}",
                quoted(host),
                quoted(&format!("{kind}:{host}"))
            ),
            format!("/certificate sign {NAME} ca={NAME}-ca"),
        ]
    }

    fn service(&self) -> Vec<String> {
        let name = service_name(self.endpoint);
        let certificate = match self.endpoint.tls {
            Some(_) => format!(" certificate={NAME}"),
            None => String::new(),
        };
        let mut lines = vec![format!(
            "/ip service set {name} port={}{certificate} disabled=no",
            self.endpoint.port
        )];
        // REST of these versions can be crashed from the network (CVE-2025-10948).
        let is_fixed = *self.version >= Version::parse("7.20.1");
        if self.endpoint.transport == TransportKind::Api && !is_fixed {
            lines.push("/ip service set www disabled=yes".to_owned());
            lines.push("/ip service set www-ssl disabled=yes".to_owned());
        }
        lines
    }

    fn profiles(&self) -> Vec<String> {
        let gateway = gateway(&self.books.addresses());
        let arguments = format!("local-address={gateway} use-encryption=yes change-tcp-mss=yes");
        let names = self.books.profiles().into_iter();
        names
            .map(|(name, _)| {
                if matches!(name, "default" | "default-encryption") {
                    format!("/ppp profile set [find name={name}] {arguments}")
                } else {
                    let wall = self.books.wall(name);
                    format!("/ppp profile add name={} {arguments}{wall}", quoted(name))
                }
            })
            .collect()
    }

    fn servers(&self) -> Vec<String> {
        let profile = quoted(self.profile);
        let offered = Protocol::ALL.into_iter().filter(|one| self.offers(*one));
        offered
            .map(|protocol| match protocol {
                Protocol::Pptp => format!(
                    "/interface pptp-server server set enabled=yes authentication=mschap2 \
                     default-profile={profile}"
                ),
                Protocol::L2tp => format!(
                    "/interface l2tp-server server set enabled=yes authentication=mschap2 \
                     default-profile={profile} {}",
                    self.ipsec()
                ),
                Protocol::Sstp => format!(
                    "/interface sstp-server server set enabled=yes authentication=mschap2 \
                     default-profile={profile} certificate={NAME} port={} tls-version=only-1.2",
                    self.sstp_port()
                ),
                Protocol::OpenVpn if self.version.at_least(7, 17) => format!(
                    "/interface ovpn-server server add name={NAME} disabled=no port=1194 \
                     default-profile={profile} certificate={NAME} require-client-certificate=no"
                ),
                Protocol::OpenVpn => format!(
                    "/interface ovpn-server server set enabled=yes port=1194 \
                     default-profile={profile} certificate={NAME} require-client-certificate=no"
                ),
            })
            .collect()
    }

    /// Without a key in the products there is none to demand of customers.
    fn ipsec(&self) -> String {
        let keys = self
            .offering(Protocol::L2tp)
            .map(|settings| &settings.l2tp_psk);
        match keys.into_iter().find(|key| !key.is_empty()) {
            Some(key) => format!("use-ipsec=required ipsec-secret={}", quoted(key.expose())),
            None => "use-ipsec=no".to_owned(),
        }
    }

    /// Its own, unless WHMCS talks to the router there.
    fn sstp_port(&self) -> u16 {
        const OWN: u16 = 443;
        if self.endpoint.port == OWN {
            4_443
        } else {
            OWN
        }
    }

    fn fasttrack(&self) -> Vec<String> {
        let addresses = self.books.addresses();
        if addresses.is_empty() {
            return Vec::new();
        }
        let mut lines = list_commands(&addresses);
        lines.push(format!(
            "/ip firewall filter set [find action=fasttrack-connection] {}",
            not_listed()
        ));
        lines
    }

    /// Each rule goes above the first of its chain, whatever a fresh router has there. The first one makes
    /// sure that there is one.
    fn firewall(&self) -> Vec<String> {
        let rule = |condition: &str| {
            format!(
                "/ip firewall filter add chain=input action=accept {condition} comment={NAME} \
                 place-before=[:pick [find chain=input dynamic=no] 0]"
            )
        };
        let mut conditions = vec![format!("protocol=tcp dst-port={}", self.endpoint.port)];
        if self.offers(Protocol::L2tp) {
            conditions.push("protocol=udp dst-port=500,1701,4500".to_owned());
            conditions.push("protocol=ipsec-esp".to_owned());
        }
        if self.offers(Protocol::Pptp) {
            conditions.push("protocol=tcp dst-port=1723".to_owned());
            conditions.push("protocol=gre".to_owned());
        }
        if self.offers(Protocol::Sstp) {
            conditions.push(format!("protocol=tcp dst-port={}", self.sstp_port()));
        }
        if self.offers(Protocol::OpenVpn) {
            conditions.push("protocol=tcp dst-port=1194".to_owned());
        }
        let mut lines = vec![format!(
            "/ip firewall filter add chain=input action=passthrough comment={NAME}"
        )];
        lines.extend(conditions.iter().map(|condition| rule(condition)));
        lines
    }

    fn offers(&self, protocol: Protocol) -> bool {
        self.books.offers(protocol)
    }

    fn offering(&self, protocol: Protocol) -> Option<&ProductSettings> {
        let mut all = self.books.sound_offers().map(|(_, settings)| settings);
        all.find(|settings| offers(settings, protocol))
    }
}

fn default_profile(books: &Books) -> &str {
    let mut all = books.sound_offers();
    all.next()
        .map_or("default-encryption", |(_, settings)| &settings.profile)
}

/// An address for the router's end of all tunnels that no customer can get.
fn gateway(customers: &Addresses) -> Ipv4Addr {
    const CANDIDATES: [Ipv4Addr; 3] = [
        Ipv4Addr::new(10, 255, 255, 254),
        Ipv4Addr::new(172, 31, 255, 254),
        Ipv4Addr::new(192, 168, 255, 254),
    ];
    let below = customers
        .first()
        .and_then(|first| u32::from(first).checked_sub(1))
        .map(Ipv4Addr::from)
        .filter(|address| !matches!(address.octets()[3], 0 | 255));
    let free = |address: &Ipv4Addr| !customers.contains(*address);
    below
        .into_iter()
        .chain(CANDIDATES)
        .find(free)
        .unwrap_or(Ipv4Addr::new(100, 64, 0, 1))
}

/// For a comment, which a line break or a backslash at its end would end.
fn printable(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " ._@-".contains(c);
    let shown = text.chars().map(|c| if is_plain(c) { c } else { '?' });
    shown.collect()
}

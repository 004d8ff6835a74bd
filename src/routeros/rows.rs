//! Typed rows of the menus we read, and the one place where RouterOS's direction becomes the customer's.
//!
//! RouterOS writes queue pairs as `upload/download`, and an interface's rx is what the customer sends.
//! Both are swapped here and nowhere else. No key is required: a missing one leaves its default, an
//! unreadable counter is `None` and never zero.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;
use std::time::Duration;

use chrono::NaiveDateTime;

use super::record::Record;
use super::time;
use super::version::Version;
use crate::units::{Bytes, Limits, Rate, Traffic};

/// A row's id, such as `*1A`: opaque, valid until the row goes, never to be stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Id(String);

impl Id {
    /// From the router's text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A login of `/ppp/secret`. Its password is never asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SecretRow {
    /// Its id.
    pub id: Id,
    /// Login name.
    pub name: String,
    /// `any`, `l2tp`, …
    pub service: String,
    /// PPP profile; a raw id when that profile was removed.
    pub profile: String,
    /// The client's fixed address.
    pub remote_address: Option<Ipv4Addr>,
    /// The router's end.
    pub local_address: Option<Ipv4Addr>,
    /// Free text.
    pub comment: String,
    /// No new login.
    pub disabled: bool,
    /// End of the last session in the router's local time; `None` when there was none.
    pub last_logged_out: Option<NaiveDateTime>,
    /// Where the last session came from.
    pub last_caller_id: String,
    /// Why it ended.
    pub last_disconnect_reason: String,
    /// Networks behind the client that are routed to it while it is connected; empty without.
    pub routes: String,
    /// The same for IPv6.
    pub ipv6_routes: String,
    /// The client's own IPv6 prefix; empty without.
    pub remote_ipv6_prefix: String,
}

/// A live session of `/ppp/active`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionRow {
    /// Its id.
    pub id: Id,
    /// Login name. Several sessions may have the same.
    pub name: String,
    /// `l2tp`, `pptp`, …
    pub service: String,
    /// Where it comes from: address or MAC.
    pub caller_id: String,
    /// The client's address in the tunnel.
    pub address: Option<Ipv4Addr>,
    /// How long it stands.
    pub uptime: Option<Duration>,
    /// Such as `0x81100000`; another one after each login.
    pub session_id: String,
    /// Such as `MPPE128 stateless`.
    pub encoding: String,
}

/// A queue of `/queue/simple`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueRow {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Addresses (a bare one ends in `/32`) or interfaces, joined by commas.
    pub target: String,
    /// Speed limits.
    pub max_limit: Limits,
    /// The queue above it, or `none`.
    pub parent: String,
    /// Free text.
    pub comment: String,
    /// Neither limits nor counts.
    pub disabled: bool,
    /// Made by the router for a session; cannot be changed.
    pub dynamic: bool,
    /// The router cannot use it, for instance because its target interface is gone.
    pub invalid: bool,
    /// Bytes since its counters were zero; `None` when missing or unreadable.
    pub counted: Option<Traffic>,
    /// Present speed, (download, upload). For display only: its unit is disputed.
    pub rate: Option<(Rate, Rate)>,
}

impl QueueRow {
    /// The address it is for; `None` when that is not exactly one.
    pub fn address(&self) -> Option<Ipv4Addr> {
        self.target.trim_end_matches("/32").parse().ok()
    }
}

/// A row of `/interface`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InterfaceRow {
    /// Its id.
    pub id: Id,
    /// Its name; sessions have `<l2tp-alice>`.
    pub name: String,
    /// `l2tp-in`, `ether`, …
    pub kind: String,
    /// Its link is up.
    pub running: bool,
    /// Made by the router for a session.
    pub dynamic: bool,
    /// Switched off.
    pub disabled: bool,
    /// Free text.
    pub comment: String,
    /// Bytes since its counters were zero, as the customer at its other end sees them; `None` when
    /// missing or unreadable.
    pub counted: Option<Traffic>,
}

/// A row of `/ppp/profile`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileRow {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// An address or a pool.
    pub local_address: String,
    /// An address or a pool.
    pub remote_address: String,
    /// In RouterOS's own words, rx (the customer's upload) first.
    pub rate_limit: String,
    /// Where the queue that `rate_limit` gives each session stands: `first`, `bottom` or above a queue's
    /// name. Where it stands when unset is not documented.
    pub insert_queue_before: String,
    /// The pool customers get IPv6 prefixes from, or `none`.
    pub remote_ipv6_prefix_pool: String,
    /// The pool their routers get IPv6 prefixes from by DHCPv6, or `none`.
    pub dhcpv6_pd_pool: String,
    /// The firewall's list that customers' addresses are in while they are connected.
    pub address_list: String,
    /// The firewall's chain for what customers send.
    pub incoming_filter: String,
    /// The firewall's chain for what customers get.
    pub outgoing_filter: String,
    /// The interface list their interfaces are in.
    pub interface_list: String,
    /// The script that is run when they connect.
    pub on_up: String,
    /// `yes`, `no` or `default`.
    pub only_one: String,
    /// Built in.
    pub default: bool,
}

/// A row of `/ip/service`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceRow {
    /// Its id.
    pub id: Id,
    /// `www-ssl`, `api`, …
    pub name: String,
    /// TCP port.
    pub port: Option<u16>,
    /// Switched off.
    pub disabled: bool,
    /// Cannot run, for instance for lack of a certificate.
    pub invalid: bool,
    /// Not a service but a connection to one (7.19 and later list them here).
    pub dynamic: bool,
    /// Who may connect, joined by commas; empty is everybody.
    pub address: String,
    /// Certificate of a TLS service, or `none`.
    pub certificate: String,
    /// Most connections at one time; `None` before 7.16.
    pub max_sessions: Option<u32>,
}

/// `/system/resource`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResourceRow {
    /// Time since boot.
    pub uptime: Option<Duration>,
    /// RouterOS version.
    pub version: Version,
    /// Such as `RB5009UG+S+` or `CHR …`.
    pub board_name: String,
    /// Such as `arm64`.
    pub architecture: String,
    /// Per cent.
    pub cpu_load: Option<u8>,
    /// Memory not in use.
    pub free_memory: Option<Bytes>,
    /// All memory.
    pub total_memory: Option<Bytes>,
}

impl ResourceRow {
    /// Whether `later`, read at least `between` after this one, is of the same boot. Uptimes are whole
    /// seconds, cut off; an unknown one tells nothing.
    pub fn is_same_boot_as(&self, later: &Self, between: Duration) -> bool {
        let (Some(before), Some(after)) = (self.uptime, later.uptime) else {
            return true;
        };
        // A router that had been up for a moment and started anew has an uptime that is larger, but by
        // less than the time that went by. No router answers within two seconds of its start.
        after + Duration::from_secs(2) >= before + between && after >= before
    }
}

/// A row type: where it lives, what to ask for, how to read it.
pub(super) trait Row {
    const MENU: &'static str;
    const PROPLIST: &'static [&'static str];
    fn read(record: &Record) -> Self;
}

impl Row for SecretRow {
    const MENU: &'static str = "/ppp/secret";
    const PROPLIST: &'static [&'static str] = &[
        ".id",
        "name",
        "service",
        "profile",
        "remote-address",
        "local-address",
        "comment",
        "disabled",
        "last-logged-out",
        "last-caller-id",
        "last-disconnect-reason",
        "routes",
        "ipv6-routes",
        "remote-ipv6-prefix",
    ];

    fn read(record: &Record) -> Self {
        Self {
            id: id(record),
            name: text(record, "name"),
            service: text(record, "service"),
            profile: text(record, "profile"),
            remote_address: parsed(record, "remote-address"),
            local_address: parsed(record, "local-address"),
            comment: text(record, "comment"),
            disabled: flag(record, "disabled"),
            last_logged_out: record.value("last-logged-out").and_then(time::timestamp),
            last_caller_id: text(record, "last-caller-id"),
            last_disconnect_reason: text(record, "last-disconnect-reason"),
            routes: text(record, "routes"),
            ipv6_routes: text(record, "ipv6-routes"),
            remote_ipv6_prefix: text(record, "remote-ipv6-prefix"),
        }
    }
}

impl Row for SessionRow {
    const MENU: &'static str = "/ppp/active";
    const PROPLIST: &'static [&'static str] = &[
        ".id",
        "name",
        "service",
        "caller-id",
        "address",
        "uptime",
        "session-id",
        "encoding",
    ];

    fn read(record: &Record) -> Self {
        Self {
            id: id(record),
            name: text(record, "name"),
            service: text(record, "service"),
            caller_id: text(record, "caller-id"),
            address: parsed(record, "address"),
            uptime: record.value("uptime").and_then(time::duration),
            session_id: text(record, "session-id"),
            encoding: text(record, "encoding"),
        }
    }
}

impl Row for QueueRow {
    const MENU: &'static str = "/queue/simple";
    const PROPLIST: &'static [&'static str] = &[
        ".id",
        "name",
        "target",
        "max-limit",
        "parent",
        "comment",
        "disabled",
        "dynamic",
        "invalid",
        "bytes",
        "rate",
    ];

    fn read(record: &Record) -> Self {
        Self {
            id: id(record),
            name: text(record, "name"),
            target: text(record, "target"),
            max_limit: limits(record),
            parent: text(record, "parent"),
            comment: text(record, "comment"),
            disabled: flag(record, "disabled"),
            dynamic: flag(record, "dynamic"),
            invalid: flag(record, "invalid"),
            counted: queue_counters(record),
            rate: record
                .value("rate")
                .and_then(rates)
                .map(|(upload, download)| (download, upload)),
        }
    }
}

impl Row for InterfaceRow {
    const MENU: &'static str = "/interface";
    const PROPLIST: &'static [&'static str] = &[
        ".id", "name", "type", "running", "dynamic", "disabled", "comment", "rx-byte", "tx-byte",
    ];

    fn read(record: &Record) -> Self {
        Self {
            id: id(record),
            name: text(record, "name"),
            kind: text(record, "type"),
            running: flag(record, "running"),
            dynamic: flag(record, "dynamic"),
            disabled: flag(record, "disabled"),
            comment: text(record, "comment"),
            counted: interface_counters(record),
        }
    }
}

impl Row for ProfileRow {
    const MENU: &'static str = "/ppp/profile";
    const PROPLIST: &'static [&'static str] = &[
        ".id",
        "name",
        "local-address",
        "remote-address",
        "rate-limit",
        "insert-queue-before",
        "remote-ipv6-prefix-pool",
        "dhcpv6-pd-pool",
        "address-list",
        "incoming-filter",
        "outgoing-filter",
        "interface-list",
        "on-up",
        "only-one",
        "default",
    ];

    fn read(record: &Record) -> Self {
        Self {
            id: id(record),
            name: text(record, "name"),
            local_address: text(record, "local-address"),
            remote_address: text(record, "remote-address"),
            rate_limit: text(record, "rate-limit"),
            insert_queue_before: text(record, "insert-queue-before"),
            remote_ipv6_prefix_pool: text(record, "remote-ipv6-prefix-pool"),
            dhcpv6_pd_pool: text(record, "dhcpv6-pd-pool"),
            address_list: text(record, "address-list"),
            incoming_filter: text(record, "incoming-filter"),
            outgoing_filter: text(record, "outgoing-filter"),
            interface_list: text(record, "interface-list"),
            on_up: text(record, "on-up"),
            only_one: text(record, "only-one"),
            default: flag(record, "default"),
        }
    }
}

impl Row for ServiceRow {
    const MENU: &'static str = "/ip/service";
    const PROPLIST: &'static [&'static str] = &[
        ".id",
        "name",
        "port",
        "disabled",
        "invalid",
        "dynamic",
        "address",
        "certificate",
        "max-sessions",
    ];

    fn read(record: &Record) -> Self {
        Self {
            id: id(record),
            name: text(record, "name"),
            port: parsed(record, "port"),
            disabled: flag(record, "disabled"),
            invalid: flag(record, "invalid"),
            dynamic: flag(record, "dynamic"),
            address: text(record, "address"),
            certificate: text(record, "certificate"),
            max_sessions: parsed(record, "max-sessions"),
        }
    }
}

impl Row for ResourceRow {
    const MENU: &'static str = "/system/resource";
    const PROPLIST: &'static [&'static str] = &[
        "uptime",
        "version",
        "board-name",
        "architecture-name",
        "cpu-load",
        "free-memory",
        "total-memory",
    ];

    fn read(record: &Record) -> Self {
        Self {
            uptime: record.value("uptime").and_then(time::duration),
            version: Version::parse(record.value("version").unwrap_or_default()),
            board_name: text(record, "board-name"),
            architecture: text(record, "architecture-name"),
            cpu_load: record
                .value("cpu-load")
                .and_then(|load| load.trim_end_matches('%').parse().ok()),
            free_memory: parsed(record, "free-memory").map(Bytes),
            total_memory: parsed(record, "total-memory").map(Bytes),
        }
    }
}

/// `max-limit` as RouterOS wants it: upload first.
pub(super) fn limits_word(limits: Limits) -> String {
    format!("{}/{}", limits.upload.0, limits.download.0)
}

pub(super) fn id(record: &Record) -> Id {
    Id(text(record, ".id"))
}

pub(super) fn text(record: &Record, name: &str) -> String {
    record.value(name).unwrap_or_default().to_owned()
}

/// Flags may be sent only when true, and older menus say yes and no.
pub(super) fn flag(record: &Record, name: &str) -> bool {
    matches!(record.value(name), Some("true" | "yes"))
}

pub(super) fn parsed<T: FromStr>(record: &Record, name: &str) -> Option<T> {
    record.value(name)?.trim().parse().ok()
}

/// A queue's `max-limit`.
pub(super) fn limits(record: &Record) -> Limits {
    let pair = record.value("max-limit").and_then(rates);
    pair.map(|(upload, download)| Limits { download, upload })
        .unwrap_or_default()
}

/// A queue's `bytes`.
pub(super) fn queue_counters(record: &Record) -> Option<Traffic> {
    record.value("bytes").and_then(counters)
}

/// Upload first.
fn counters(pair: &str) -> Option<Traffic> {
    let (upload, download) = pair.split_once('/')?;
    Some(Traffic::new(count(download)?, count(upload)?))
}

/// rx is what the router receives: the customer's upload.
pub(super) fn interface_counters(record: &Record) -> Option<Traffic> {
    let upload = count(record.value("rx-byte")?)?;
    let download = count(record.value("tx-byte")?)?;
    Some(Traffic::new(download, upload))
}

/// Digits only: a sign or a unit is not a counter.
fn count(digits: &str) -> Option<u64> {
    let digits = digits.trim();
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// A pair of rates in the router's order, (upload, download).
fn rates(pair: &str) -> Option<(Rate, Rate)> {
    let (upload, download) = pair.split_once('/')?;
    Some((rate(upload)?, rate(download)?))
}

/// `10000000`, and `10M` as people write it; `bps` may follow.
fn rate(text: &str) -> Option<Rate> {
    let text = text.trim().trim_end_matches("bps");
    let (digits, factor) = match text.as_bytes().last()? {
        b'k' => (text.trim_end_matches('k'), 1_000),
        b'M' => (text.trim_end_matches('M'), 1_000_000),
        b'G' => (text.trim_end_matches('G'), 1_000_000_000),
        _ => (text, 1),
    };
    count(digits)?.checked_mul(factor).map(Rate)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn queue(pairs: &[(&str, &str)]) -> QueueRow {
        QueueRow::read(&pairs.iter().copied().collect())
    }

    #[test]
    fn a_queue_says_upload_first() {
        let row = queue(&[
            ("bytes", "1/2"),
            ("max-limit", "5000000/10M"),
            ("rate", "3/4"),
        ]);
        assert_eq!(row.counted, Some(Traffic::new(2, 1)));
        assert_eq!(row.max_limit.download, Rate(10_000_000));
        assert_eq!(row.max_limit.upload, Rate(5_000_000));
        assert_eq!(row.rate, Some((Rate(4), Rate(3))));
        assert_eq!(limits_word(row.max_limit), "5000000/10000000");
    }

    #[test]
    fn an_interface_receives_what_the_customer_uploads() {
        let record: Record = [("rx-byte", "1968989292"), ("tx-byte", "15358415653")]
            .into_iter()
            .collect();
        let row = InterfaceRow::read(&record);
        assert_eq!(
            row.counted,
            Some(Traffic::new(15_358_415_653, 1_968_989_292))
        );
    }

    #[test]
    fn a_counter_that_cannot_be_read_is_not_zero() {
        for bytes in [
            "",
            "/",
            "1",
            "1/",
            "/2",
            "-1/2",
            "+1/2",
            "1/2/3",
            "1k/2",
            "1/99999999999999999999",
        ] {
            assert_eq!(queue(&[("bytes", bytes)]).counted, None, "{bytes}");
        }
        assert_eq!(queue(&[]).counted, None);
        let half: Record = [("rx-byte", "1")].into_iter().collect();
        assert_eq!(InterfaceRow::read(&half).counted, None);
    }

    #[test]
    fn counters_above_the_precision_of_floats_are_exact() {
        let row = queue(&[("bytes", "9007199254740993/18446744073709551615")]);
        assert_eq!(
            row.counted,
            Some(Traffic::new(u64::MAX, 9_007_199_254_740_993))
        );
    }

    #[test]
    fn flags_are_true_yes_or_nothing() {
        for (value, wanted) in [
            ("true", true),
            ("yes", true),
            ("false", false),
            ("no", false),
            ("", false),
        ] {
            assert_eq!(queue(&[("disabled", value)]).disabled, wanted, "{value}");
        }
    }

    #[test]
    fn a_captured_secret_is_read() {
        // Captured by the authors of terraform-provider-routeros (resource_ppp_secret.go).
        let record: Record = [
            (".id", "*1"),
            ("disabled", "false"),
            ("last-caller-id", "172.18.0.2"),
            ("last-disconnect-reason", "hung-up"),
            ("last-logged-out", "may/01/2023 20:52:13"),
            ("local-address", "172.18.0.2"),
            ("name", "user1"),
            ("profile", "ovpn"),
            ("routes", ""),
            ("service", "ovpn"),
        ]
        .into_iter()
        .collect();
        let row = SecretRow::read(&record);
        assert_eq!(row.id, Id::new("*1"));
        assert_eq!(row.local_address, Some(Ipv4Addr::new(172, 18, 0, 2)));
        assert_eq!(row.remote_address, None);
        assert_eq!(row.comment, "");
        assert!(row.last_logged_out.is_some());
    }

    #[test]
    fn every_list_asks_for_the_id_and_none_for_a_password() {
        for list in [
            SecretRow::PROPLIST,
            SessionRow::PROPLIST,
            QueueRow::PROPLIST,
            InterfaceRow::PROPLIST,
            ProfileRow::PROPLIST,
            ServiceRow::PROPLIST,
        ] {
            assert!(list.contains(&".id"), "{list:?}");
            assert!(
                !list.iter().any(|name| name.contains("password")),
                "{list:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_value_panics(text in "\\PC{0,24}", near in "[0-9kMGbps/.]{0,24}") {
            for text in [&text, &near] {
                let _ = counters(text);
                let _ = rates(text);
            }
        }

        #[test]
        fn limits_survive_the_way_to_the_router_and_back(download: u64, upload: u64) {
            let limits = Limits { download: Rate(download), upload: Rate(upload) };
            prop_assert_eq!(queue(&[("max-limit", &limits_word(limits))]).max_limit, limits);
        }
    }
}

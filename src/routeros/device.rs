//! Typed rows of what decides whether a router can serve VPN accounts: read by the doctor, never by a
//! collection.

use std::time::Duration;

use chrono::NaiveDateTime;

use super::record::Record;
use super::rows::{Id, Row, flag, id, parsed, text};
use super::time;
use crate::secret::Secret;

/// `/system/clock`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClockRow {
    /// The router's local time; `None` when it cannot be read.
    pub local: Option<NaiveDateTime>,
    /// Its distance from UTC in seconds, east positive; `None` when it cannot be read.
    pub offset: Option<i32>,
}

/// `/system/license`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LicenseRow {
    /// `nlevel` of a device or an x86 installation: 0 to 6.
    pub level: Option<u8>,
    /// `level` of a CHR: `free`, `p1`, `p10`, `p-unlimited`; empty elsewhere.
    pub chr_level: String,
}

/// `/system/device-mode`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceModeRow {
    /// `home`, `advanced`, `basic`, `rose` or `enterprise`.
    pub mode: String,
    /// RouterOS found traces of an intruder: nothing of VPN can be switched on.
    pub flagged: bool,
    /// Features of a VPN that the mode forbids: `l2tp`, `pptp`, `ipsec`.
    pub forbidden: Vec<String>,
}

/// A row of `/user/group`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupRow {
    /// Its name.
    pub name: String,
    /// What it may do, such as `read`, `write`, `rest-api`; denied ones are left out.
    pub policies: Vec<String>,
}

/// The server of one VPN protocol: L2TP, PPTP, SSTP or OpenVPN.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VpnServerRow {
    /// It takes calls.
    pub enabled: bool,
    /// TCP or UDP port, where it can be chosen.
    pub port: Option<u16>,
    /// Certificate, or `none`; empty where there is no such setting.
    pub certificate: String,
    /// L2TP: `no`, `yes` or `required`.
    pub use_ipsec: String,
    /// L2TP: the pre-shared key; `None` when the user may not read it.
    pub ipsec_secret: Option<Secret>,
    /// L2TP: sessions may go past firewall and queues.
    pub fast_path: bool,
}

/// A row of `/ip/pool`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PoolRow {
    /// Its name.
    pub name: String,
    /// `10.0.0.2-10.0.0.9`, `10.1.0.0/24` or one address, joined by commas.
    pub ranges: String,
}

/// A row of `/ip/firewall/filter`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FilterRow {
    /// Its id.
    pub id: Id,
    /// `forward`, `input`, or one of the admin's own.
    pub chain: String,
    /// `accept`, `fasttrack-connection`, …
    pub action: String,
    /// Switched off.
    pub disabled: bool,
    /// A prefix, an address or a range, `!` in front for all others; empty matches everything.
    pub src_address: String,
    /// As `src_address`.
    pub dst_address: String,
    /// Name of an address list, `!` in front for what is not in it; empty matches everything.
    pub src_address_list: String,
    /// As `src_address_list`.
    pub dst_address_list: String,
    /// States joined by commas; empty matches every state.
    pub connection_state: String,
    /// Further conditions it has, by name.
    pub conditions: Vec<&'static str>,
    /// Free text.
    pub comment: String,
}

/// A row of `/ip/firewall/address-list`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressListRow {
    /// The list it belongs to.
    pub list: String,
    /// A prefix, an address, a range or a host name.
    pub address: String,
    /// Switched off.
    pub disabled: bool,
}

/// A row of `/queue/simple` with what decides which packets it gets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueMatchRow {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Addresses (a bare one ends in `/32`) or interfaces, joined by commas.
    pub target: String,
    /// Only packets to or from there; empty or `0.0.0.0/0` is everywhere.
    pub dst: String,
    /// Only packets with these marks; empty is all.
    pub packet_marks: String,
    /// Only at these times; empty is always.
    pub time: String,
    /// The queue above it, or `none`.
    pub parent: String,
    /// Free text.
    pub comment: String,
    /// Neither limits nor counts.
    pub disabled: bool,
    /// Made by the router for a session.
    pub dynamic: bool,
    /// The router cannot use it.
    pub invalid: bool,
}

/// A row of `/certificate`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CertificateRow {
    /// Its name.
    pub name: String,
    /// Time until it ends; `None` when it has ended, or when the router does not say.
    pub expires_after: Option<Duration>,
    /// Its time is over.
    pub expired: bool,
    /// Its authority took it back.
    pub revoked: bool,
}

impl Row for ClockRow {
    const MENU: &'static str = "/system/clock";
    const PROPLIST: &'static [&'static str] = &["date", "time", "gmt-offset"];

    fn read(record: &Record) -> Self {
        let part = |name| record.value(name).unwrap_or_default();
        Self {
            local: time::moment(&format!("{} {}", part("date"), part("time"))),
            offset: time::offset(part("gmt-offset")),
        }
    }
}

impl Row for LicenseRow {
    const MENU: &'static str = "/system/license";
    const PROPLIST: &'static [&'static str] = &["nlevel", "level"];

    fn read(record: &Record) -> Self {
        Self {
            level: parsed(record, "nlevel"),
            chr_level: text(record, "level"),
        }
    }
}

impl Row for DeviceModeRow {
    const MENU: &'static str = "/system/device-mode";
    const PROPLIST: &'static [&'static str] = &["mode", "flagged", "l2tp", "pptp", "ipsec"];

    fn read(record: &Record) -> Self {
        let is_off = |name: &&str| matches!(record.value(name), Some("false" | "no"));
        Self {
            mode: text(record, "mode"),
            flagged: flag(record, "flagged"),
            forbidden: ["l2tp", "pptp", "ipsec"]
                .into_iter()
                .filter(is_off)
                .map(str::to_owned)
                .collect(),
        }
    }
}

impl Row for GroupRow {
    const MENU: &'static str = "/user/group";
    const PROPLIST: &'static [&'static str] = &[".id", "name", "policy"];

    fn read(record: &Record) -> Self {
        Self {
            name: text(record, "name"),
            policies: allowed(record.value("policy").unwrap_or_default()),
        }
    }
}

/// Policies without the denied ones, which carry a `!`.
fn allowed(policy: &str) -> Vec<String> {
    policy
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty() && !word.starts_with('!'))
        .map(str::to_owned)
        .collect()
}

impl VpnServerRow {
    /// What to ask of every protocol's server: names a menu does not have are passed over.
    pub(super) const PROPLIST: &'static [&'static str] = &[
        "enabled",
        "disabled",
        "port",
        "certificate",
        "use-ipsec",
        "ipsec-secret",
        "allow-fast-path",
    ];

    /// Servers are single objects with `enabled`; from 7.17 those of OpenVPN are rows with `disabled`.
    pub(super) fn read(record: &Record) -> Self {
        let enabled = match record.value("enabled") {
            Some(_) => flag(record, "enabled"),
            None => !flag(record, "disabled"),
        };
        let readable = |secret: &&str| secret.is_empty() || secret.chars().any(|c| c != '*');
        Self {
            enabled,
            port: parsed(record, "port"),
            certificate: text(record, "certificate"),
            use_ipsec: text(record, "use-ipsec"),
            ipsec_secret: record
                .value("ipsec-secret")
                .filter(readable)
                .map(Secret::new),
            fast_path: flag(record, "allow-fast-path"),
        }
    }
}

impl Row for PoolRow {
    const MENU: &'static str = "/ip/pool";
    const PROPLIST: &'static [&'static str] = &[".id", "name", "ranges"];

    fn read(record: &Record) -> Self {
        Self {
            name: text(record, "name"),
            ranges: text(record, "ranges"),
        }
    }
}

impl FilterRow {
    /// Those of a rule that cannot be weighed from here: the last of [`Self::PROPLIST`].
    fn conditions() -> impl Iterator<Item = &'static str> {
        let names = Self::PROPLIST.iter().copied();
        names.skip_while(|name| *name != "in-interface")
    }
}

impl Row for FilterRow {
    const MENU: &'static str = "/ip/firewall/filter";
    const PROPLIST: &'static [&'static str] = &[
        ".id",
        "chain",
        "action",
        "disabled",
        "src-address",
        "dst-address",
        "src-address-list",
        "dst-address-list",
        "connection-state",
        "comment",
        "in-interface",
        "out-interface",
        "in-interface-list",
        "out-interface-list",
        "in-bridge-port",
        "connection-mark",
        "packet-mark",
        "routing-mark",
        "connection-type",
        "protocol",
        "src-port",
        "dst-port",
        "port",
        "ipsec-policy",
        "src-address-type",
        "dst-address-type",
        "layer7-protocol",
        "content",
        "tls-host",
        "time",
        "limit",
        "random",
    ];

    fn read(record: &Record) -> Self {
        let has = |name: &&'static str| record.value(name).is_some_and(|value| !value.is_empty());
        Self {
            id: id(record),
            chain: text(record, "chain"),
            action: text(record, "action"),
            disabled: flag(record, "disabled"),
            src_address: text(record, "src-address"),
            dst_address: text(record, "dst-address"),
            src_address_list: text(record, "src-address-list"),
            dst_address_list: text(record, "dst-address-list"),
            connection_state: text(record, "connection-state"),
            conditions: Self::conditions().filter(has).collect(),
            comment: text(record, "comment"),
        }
    }
}

impl Row for AddressListRow {
    const MENU: &'static str = "/ip/firewall/address-list";
    const PROPLIST: &'static [&'static str] = &[".id", "list", "address", "disabled"];

    fn read(record: &Record) -> Self {
        Self {
            list: text(record, "list"),
            address: text(record, "address"),
            disabled: flag(record, "disabled"),
        }
    }
}

impl Row for QueueMatchRow {
    const MENU: &'static str = "/queue/simple";
    const PROPLIST: &'static [&'static str] = &[
        ".id",
        "name",
        "target",
        "dst",
        "packet-marks",
        "time",
        "parent",
        "comment",
        "disabled",
        "dynamic",
        "invalid",
    ];

    fn read(record: &Record) -> Self {
        Self {
            id: id(record),
            name: text(record, "name"),
            target: text(record, "target"),
            dst: text(record, "dst"),
            packet_marks: text(record, "packet-marks"),
            time: text(record, "time"),
            parent: text(record, "parent"),
            comment: text(record, "comment"),
            disabled: flag(record, "disabled"),
            dynamic: flag(record, "dynamic"),
            invalid: flag(record, "invalid"),
        }
    }
}

impl Row for CertificateRow {
    const MENU: &'static str = "/certificate";
    const PROPLIST: &'static [&'static str] =
        &[".id", "name", "expires-after", "expired", "revoked"];

    fn read(record: &Record) -> Self {
        Self {
            name: text(record, "name"),
            expires_after: record.value("expires-after").and_then(time::duration),
            expired: flag(record, "expired"),
            revoked: flag(record, "revoked"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(pairs: &[(&str, &str)]) -> Record {
        pairs.iter().copied().collect()
    }

    #[test]
    fn a_clock_is_read_in_both_forms() {
        for date in ["2026-11-25", "nov/25/2026"] {
            let row = ClockRow::read(&record(&[
                ("date", date),
                ("time", "10:02:03"),
                ("gmt-offset", "+02:00"),
            ]));
            assert_eq!(row.offset, Some(7_200));
            assert_eq!(row.local.unwrap().to_string(), "2026-11-25 10:02:03");
        }
        assert_eq!(ClockRow::read(&record(&[])), ClockRow::default());
    }

    #[test]
    fn a_server_is_on_by_either_spelling() {
        let on = |pairs| VpnServerRow::read(&record(pairs)).enabled;
        assert!(on(&[("enabled", "true")]) && on(&[("disabled", "false")]));
        assert!(!on(&[("enabled", "false")]) && !on(&[("disabled", "true")]));
    }

    #[test]
    fn a_masked_key_is_not_known_and_an_empty_one_is() {
        let key = |text| VpnServerRow::read(&record(&[("ipsec-secret", text)])).ipsec_secret;
        assert_eq!(key("*****"), None);
        assert_eq!(key(""), Some(Secret::default()));
        assert_eq!(key("*x*"), Some(Secret::new("*x*")));
        assert_eq!(VpnServerRow::read(&record(&[])).ipsec_secret, None);
    }

    #[test]
    fn a_rule_says_which_conditions_it_has() {
        let row = FilterRow::read(&record(&[
            ("comment", "x"),
            ("in-interface", "ether1"),
            ("limit", ""),
            ("random", "50"),
        ]));
        assert_eq!(row.conditions, ["in-interface", "random"]);
    }

    #[test]
    fn only_what_is_granted_is_a_policy() {
        let row = GroupRow::read(&record(&[("policy", "read, write,!ftp,,rest-api")]));
        assert_eq!(row.policies, ["read", "write", "rest-api"]);
    }
}

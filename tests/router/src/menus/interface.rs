//! `/interface` and the menus that show interfaces of one type.

use super::Menu;
use crate::field::{Field, Kind};
use crate::tables::TableId;

pub(super) const INTERFACE: &[Field] = &[
    Field::new("name", Kind::Name),
    Field::new("user", Kind::Name),
    Field::read_only("default-name"),
    Field::read_only("type"),
    // the loopback has 65536
    Field::new("mtu", Kind::NumberOr("auto", 68, 65_536)),
    Field::read_only("actual-mtu"),
    Field::new("l2mtu", Kind::Number(68, 65_535)),
    Field::read_only("mru"),
    Field::read_only("client-address"),
    Field::computed("uptime"),
    Field::read_only("encoding"),
    Field::read_only("mac-address"),
    Field::read_only("last-link-down-time"),
    Field::read_only("last-link-up-time"),
    Field::read_only("link-downs"),
    Field::computed("rx-byte"),
    Field::computed("tx-byte"),
    Field::computed("rx-packet"),
    Field::computed("tx-packet"),
    Field::computed("rx-drop"),
    Field::computed("tx-drop"),
    Field::computed("tx-queue-drop"),
    Field::computed("rx-error"),
    Field::computed("tx-error"),
    Field::computed("fp-rx-byte"),
    Field::computed("fp-tx-byte"),
    Field::computed("fp-rx-packet"),
    Field::computed("fp-tx-packet"),
    Field::computed("dynamic"),
    Field::computed("running"),
    Field::with("disabled", Kind::Flag, "false"),
    Field::new("comment", Kind::Text),
];

/// Everything read-only but what belongs to the server bindings.
pub(super) const READ_ONLY: &[&str] = &[
    "type",
    "default-name",
    "mac-address",
    "actual-mtu",
    "last-link-up-time",
    "last-link-down-time",
    "link-downs",
    "running",
    "dynamic",
    "rx-byte",
    "tx-byte",
    "rx-packet",
    "tx-packet",
    "rx-drop",
    "tx-drop",
    "tx-queue-drop",
    "rx-error",
    "tx-error",
    "fp-rx-byte",
    "fp-tx-byte",
    "fp-rx-packet",
    "fp-tx-packet",
];

/// What L2TP and PPTP bindings show beside what can be written.
pub(super) const MRU: &[&str] = &[
    "mtu",
    "mru",
    "client-address",
    "uptime",
    "encoding",
    "running",
    "dynamic",
];
/// SSTP and OVPN bindings have no `mru`.
pub(super) const NO_MRU: &[&str] = &[
    "mtu",
    "client-address",
    "uptime",
    "encoding",
    "running",
    "dynamic",
];

/// A menu of server bindings: the static ones of an account and the dynamic ones of sessions.
pub(super) const fn binding(
    path: &'static str,
    interface_type: &'static str,
    shows: &'static [&'static str],
) -> Menu {
    Menu {
        interface_type: Some(interface_type),
        shows,
        mandatory: &["user"],
        duplicate: "failure: already have interface with such name",
        made_up_name: Some(interface_type),
        ..Menu::list(path, TableId::Interface)
    }
}

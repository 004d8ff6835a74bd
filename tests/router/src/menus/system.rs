//! `/system`.

use crate::field::{Field, Kind};

pub(super) const RESOURCE: &[Field] = &[
    Field::computed("uptime"),
    Field::computed("version"),
    Field::read_only("build-time"),
    Field::read_only("factory-software"),
    Field::read_only("free-memory"),
    Field::read_only("total-memory"),
    Field::read_only("cpu"),
    Field::read_only("cpu-count"),
    Field::read_only("cpu-frequency"),
    Field::read_only("cpu-load"),
    Field::read_only("free-hdd-space"),
    Field::read_only("total-hdd-space"),
    Field::read_only("write-sect-since-reboot"),
    Field::read_only("write-sect-total"),
    Field::read_only("architecture-name"),
    Field::read_only("board-name"),
    Field::read_only("platform"),
];

pub(super) const IDENTITY: &[Field] = &[Field::with("name", Kind::Text, "MikroTik")];

pub(super) const PACKAGE: &[Field] = &[
    Field::read_only("name"),
    Field::read_only("version"),
    Field::read_only("build-time"),
    Field::with("disabled", Kind::Flag, "false"),
    Field::read_only("scheduled"),
    Field::read_only("size"),
    Field::read_only("bundle"),
    Field::read_only("available"),
];

pub(super) const CLOCK: &[Field] = &[
    Field::new("date", Kind::Date),
    Field::new("time", Kind::TimeOfDay),
    Field::with("time-zone-autodetect", Kind::Flag, "true"),
    Field::with("time-zone-name", Kind::Name, "UTC"),
    Field::read_only("gmt-offset"),
    Field::read_only("dst-active"),
];

/// Set by button or power cycle on a real router, so there is no `set` here.
pub(super) const DEVICE_MODE: &[Field] = &[
    Field::read_only("mode"),
    Field::read_only("flagged"),
    Field::read_only("flagging-enabled"),
    Field::read_only("attempt-count"),
    Field::read_only("l2tp"),
    Field::read_only("pptp"),
    Field::read_only("scheduler"),
    Field::read_only("fetch"),
    Field::read_only("ipsec"),
    Field::read_only("hotspot"),
    Field::read_only("romon"),
    Field::read_only("email"),
    Field::read_only("sniffer"),
    Field::read_only("socks"),
    Field::read_only("smb"),
    Field::read_only("proxy"),
    Field::read_only("bandwidth-test"),
    Field::read_only("traffic-gen"),
    Field::read_only("zerotier"),
    Field::read_only("container"),
];

/// A device has `software-id`, `nlevel` and `features`, a CHR `system-id` and `level` (manual, licence).
pub(super) const LICENSE: &[Field] = &[
    Field::read_only("software-id"),
    Field::read_only("nlevel"),
    Field::read_only("features"),
    Field::read_only("system-id"),
    Field::read_only("level"),
];

/// Lines in memory, oldest first; `extra-info` stays empty.
pub(super) const LOG: &[Field] = &[
    Field::read_only("buffer"),
    Field::read_only("time"),
    Field::read_only("topics"),
    Field::read_only("message"),
    Field::read_only("extra-info"),
];

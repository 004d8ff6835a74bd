//! `/ppp`: secrets, profiles, sessions, accounting.

use crate::field::{Access, Field, Kind};
use crate::tables::TableId;

const YES_NO: &[&str] = &["default", "no", "yes"];
const YES_NO_REQUIRED: &[&str] = &["default", "no", "yes", "required"];
/// No object of that kind exists in the simulator, so no name can match.
const NONE_EXIST: &[&str] = &[];

pub(super) const SECRET: &[Field] = &[
    Field::new("name", Kind::Name),
    Field::with(
        "service",
        Kind::Words(&["any", "async", "l2tp", "ovpn", "pppoe", "pptp", "sstp"]),
        "any",
    ),
    Field::with("caller-id", Kind::Text, ""),
    Field::with("password", Kind::Text, "").access(Access::Secret),
    Field::with("profile", Kind::Reference(TableId::Profile, &[]), "default"),
    Field::new("local-address", Kind::Address),
    Field::new("remote-address", Kind::Address),
    Field::with("routes", Kind::Text, ""),
    Field::with("ipv6-routes", Kind::Text, ""),
    Field::new("remote-ipv6-prefix", Kind::Prefix6),
    Field::with("limit-bytes-in", Kind::Number(0, u64::MAX), "0"),
    Field::with("limit-bytes-out", Kind::Number(0, u64::MAX), "0"),
    Field::read_only("last-logged-out"),
    Field::read_only("last-caller-id"),
    Field::read_only("last-disconnect-reason"),
    Field::with("disabled", Kind::Flag, "false"),
    Field::new("comment", Kind::Text),
];

pub(super) const PROFILE: &[Field] = &[
    Field::new("name", Kind::Name),
    Field::new("local-address", Kind::AddressOrPool),
    Field::new("remote-address", Kind::AddressOrPool),
    Field::new("remote-ipv6-prefix-pool", Kind::Words(NONE_EXIST)),
    Field::new("remote-ipv6-prefix-reuse", Kind::Flag),
    Field::new("dhcpv6-pd-pool", Kind::Words(NONE_EXIST)),
    Field::new("dhcpv6-use-radius", Kind::Flag),
    Field::new("dhcpv6-lease-time", Kind::Duration),
    Field::new("bridge", Kind::Words(NONE_EXIST)),
    Field::new("bridge-port-priority", Kind::Number(0, 240)),
    Field::new("bridge-path-cost", Kind::Number(0, 200_000_000)),
    Field::new("bridge-horizon", Kind::NumberOr("none", 0, 429_496_729)),
    Field::with("bridge-learning", Kind::Words(YES_NO), "default"),
    Field::new("bridge-port-vid", Kind::Number(1, 4_094)),
    Field::new("bridge-port-trusted", Kind::Flag),
    Field::new("session-timeout", Kind::Duration),
    Field::new("idle-timeout", Kind::Duration),
    Field::with("use-ipv6", Kind::Words(YES_NO_REQUIRED), "yes"),
    Field::with("use-mpls", Kind::Words(YES_NO_REQUIRED), "default"),
    Field::with("use-compression", Kind::Words(YES_NO), "default"),
    Field::with("use-encryption", Kind::Words(YES_NO_REQUIRED), "default"),
    Field::with("only-one", Kind::Words(YES_NO), "default"),
    Field::with("change-tcp-mss", Kind::Words(YES_NO), "default"),
    Field::with("use-upnp", Kind::Words(YES_NO), "default"),
    Field::new("rate-limit", Kind::RateLimit),
    Field::new("insert-queue-before", Kind::QueuePosition),
    Field::new("parent-queue", Kind::Reference(TableId::Queue, &["none"])),
    Field::new("queue-type", Kind::ProfileQueueType),
    Field::new("incoming-filter", Kind::Text),
    Field::new("outgoing-filter", Kind::Text),
    Field::with("address-list", Kind::Text, ""),
    Field::new(
        "interface-list",
        Kind::Words(&["all", "dynamic", "none", "static"]),
    ),
    Field::new("dns-server", Kind::AddressList),
    Field::new("wins-server", Kind::AddressList),
    Field::with("on-up", Kind::Text, ""),
    Field::with("on-down", Kind::Text, ""),
    Field::read_only("default"),
    Field::new("comment", Kind::Text),
];

/// No byte counters and no interface column in any 7.x schema.
pub(super) const ACTIVE: &[Field] = &[
    Field::read_only("name"),
    Field::read_only("service"),
    Field::read_only("caller-id"),
    Field::read_only("address"),
    Field::computed("uptime"),
    Field::read_only("encoding"),
    Field::read_only("session-id"),
    Field::read_only("limit-bytes-in"),
    Field::read_only("limit-bytes-out"),
    Field::read_only("radius"),
    Field::read_only("comment"),
];

pub(super) const AAA: &[Field] = &[
    Field::with("use-radius", Kind::Flag, "false"),
    Field::with("accounting", Kind::Flag, "true"),
    Field::with("use-circuit-id-in-nas-port-id", Kind::Flag, "false"),
    Field::with("interim-update", Kind::Duration, "0s"),
    Field::with("enable-ipv6-accounting", Kind::Flag, "false"),
];

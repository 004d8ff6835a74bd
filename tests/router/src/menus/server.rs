//! The VPN servers. Values at creation from the captured rows, where there are any.

use crate::field::{Access, Field, Kind};
use crate::tables::TableId;

const AUTHENTICATION: Kind = Kind::WordSet(&["pap", "chap", "mschap1", "mschap2"]);
const PROFILE: Kind = Kind::Reference(TableId::Profile, &[]);
const MTU: Kind = Kind::Number(512, 65_535);
const MRRU: Kind = Kind::NumberOr("disabled", 512, 65_535);
const KEEPALIVE: Kind = Kind::NumberOr("disabled", 1, 65_535);
const INTERFACE_LIST: Kind = Kind::Words(&["", "all", "dynamic", "none", "static"]);
const CERTIFICATE: Kind = Kind::Reference(TableId::Certificate, &["none"]);
const TLS_VERSION: Kind = Kind::Words(&["any", "only-1.2"]);

pub(super) const L2TP: &[Field] = &[
    Field::with("enabled", Kind::Flag, "false"),
    Field::with("max-mtu", MTU, "1450"),
    Field::with("max-mru", MTU, "1450"),
    Field::with("mrru", MRRU, "disabled"),
    Field::with("authentication", AUTHENTICATION, "mschap1,mschap2"),
    Field::with("keepalive-timeout", KEEPALIVE, "30"),
    Field::with(
        "max-sessions",
        Kind::NumberOr("unlimited", 1, 65_535),
        "unlimited",
    ),
    Field::with("default-profile", PROFILE, "default-encryption"),
    Field::with("use-ipsec", Kind::Words(&["no", "yes", "required"]), "no"),
    Field::with("ipsec-secret", Kind::Text, "").access(Access::Secret),
    Field::with(
        "caller-id-type",
        Kind::Words(&["ip-address", "number"]),
        "ip-address",
    ),
    Field::with("one-session-per-host", Kind::Flag, "false"),
    Field::with("allow-fast-path", Kind::Flag, "false"),
    Field::with("l2tpv3-circuit-id", Kind::Text, ""),
    Field::with(
        "l2tpv3-cookie-length",
        Kind::Words(&["0", "4-bytes", "8-bytes"]),
        "0",
    ),
    Field::with(
        "l2tpv3-digest-hash",
        Kind::Words(&["none", "md5", "sha1"]),
        "md5",
    ),
    Field::with("l2tpv3-ether-interface-list", INTERFACE_LIST, ""),
    Field::with(
        "accept-pseudowire-type",
        Kind::Words(&["all", "ether", "ppp"]),
        "all",
    ),
    Field::with(
        "accept-proto-version",
        Kind::Words(&["all", "l2tpv2", "l2tpv3"]),
        "all",
    ),
];

pub(super) const PPTP: &[Field] = &[
    Field::with("enabled", Kind::Flag, "false"),
    Field::with("max-mtu", MTU, "1450"),
    Field::with("max-mru", MTU, "1450"),
    Field::with("mrru", MRRU, "disabled"),
    Field::with("authentication", AUTHENTICATION, "mschap1,mschap2"),
    Field::with("keepalive-timeout", KEEPALIVE, "30"),
    Field::with("default-profile", PROFILE, "default-encryption"),
];

pub(super) const SSTP: &[Field] = &[
    Field::with("enabled", Kind::Flag, "false"),
    Field::with("port", Kind::Number(1, 65_535), "443"),
    Field::with("max-mtu", MTU, "1500"),
    Field::with("max-mru", MTU, "1500"),
    Field::with("mrru", MRRU, "disabled"),
    Field::with("keepalive-timeout", KEEPALIVE, "60"),
    Field::with("default-profile", PROFILE, "default"),
    Field::with("authentication", AUTHENTICATION, "pap,chap,mschap1,mschap2"),
    Field::with("certificate", CERTIFICATE, "none"),
    Field::with("verify-client-certificate", Kind::Flag, "false"),
    Field::with("pfs", Kind::Words(&["no", "yes", "required"]), "no"),
    Field::with("tls-version", TLS_VERSION, "any"),
    Field::with(
        "ciphers",
        Kind::WordSet(&["aes256-sha", "aes256-gcm-sha384"]),
        "aes256-sha,aes256-gcm-sha384",
    ),
];

pub(super) const OVPN: &[Field] = &[
    Field::new("name", Kind::Name),
    Field::with("enabled", Kind::Flag, "false"),
    Field::with("port", Kind::Number(1, 65_535), "1194"),
    Field::with("mode", Kind::Words(&["ip", "ethernet"]), "ip"),
    Field::with("protocol", Kind::Words(&["tcp", "udp"]), "tcp"),
    Field::with("netmask", Kind::Number(0, 32), "24"),
    Field::with("mac-address", Kind::Mac, "FE:01:63:24:35:19"),
    Field::with("max-mtu", MTU, "1500"),
    Field::with("keepalive-timeout", KEEPALIVE, "60"),
    Field::with("default-profile", PROFILE, "default"),
    Field::with("certificate", CERTIFICATE, "none"),
    Field::with("require-client-certificate", Kind::Flag, "false"),
    Field::with("tls-version", TLS_VERSION, "any"),
    Field::with(
        "auth",
        Kind::WordSet(&["sha1", "md5", "sha256", "sha384", "sha512", "null"]),
        "sha1,md5,sha256,sha512",
    ),
    Field::with(
        "cipher",
        Kind::WordSet(&[
            "blowfish128",
            "aes128-cbc",
            "aes192-cbc",
            "aes256-cbc",
            "aes128-gcm",
            "aes192-gcm",
            "aes256-gcm",
            "null",
        ]),
        "blowfish128,aes128-cbc",
    ),
    Field::with("reneg-sec", Kind::Number(0, u32::MAX as u64), "3600"),
    Field::with(
        "redirect-gateway",
        Kind::WordSet(&["disabled", "def1", "ipv6"]),
        "disabled",
    ),
    Field::with("push-routes", Kind::Text, ""),
    Field::with("push-routes-ipv6", Kind::Text, ""),
    Field::with("enable-tun-ipv6", Kind::Flag, "false"),
    Field::with("tun-server-ipv6", Kind::Address6, "::"),
    Field::with("ipv6-prefix-len", Kind::Number(0, 128), "64"),
    Field::with("vrf", Kind::Words(&["main"]), "main"),
    Field::with("user-auth-method", Kind::Words(&["pap", "mschap2"]), "pap"),
    Field::read_only("inactive"),
    Field::with("disabled", Kind::Flag, "true"),
    Field::new("comment", Kind::Text),
];

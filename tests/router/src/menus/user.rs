//! `/user`: router login users, their groups and sessions.

use crate::field::{Access, Field, Kind};
use crate::tables::TableId;

/// `password` is writable and never read.
pub(super) const USER: &[Field] = &[
    Field::new("name", Kind::Name),
    Field::new("group", Kind::Reference(TableId::Group, &[])),
    Field::with("password", Kind::Text, "").access(Access::Hidden),
    Field::with("address", Kind::PrefixList, ""),
    Field::with("inactivity-timeout", Kind::Duration, "10m"),
    Field::with(
        "inactivity-policy",
        Kind::Words(&["none", "logout", "lockscreen"]),
        "none",
    ),
    Field::read_only("last-logged-in"),
    Field::read_only("expired"),
    Field::with("disabled", Kind::Flag, "false"),
    Field::new("comment", Kind::Text),
];

pub(super) const GROUP: &[Field] = &[
    Field::new("name", Kind::Name),
    Field::with("policy", Kind::Policies, ""),
    Field::with("skin", Kind::Words(&["default"]), "default"),
    Field::new("comment", Kind::Text),
];

pub(super) const ACTIVE: &[Field] = &[
    Field::read_only("when"),
    Field::read_only("name"),
    Field::read_only("address"),
    Field::read_only("via"),
    Field::read_only("group"),
    Field::read_only("radius"),
];

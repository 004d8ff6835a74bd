//! `/certificate`.

use crate::field::{Field, Kind};

pub(super) const CERTIFICATE: &[Field] = &[
    Field::new("name", Kind::Name),
    Field::new("common-name", Kind::Text),
    Field::new("country", Kind::Text),
    Field::new("state", Kind::Text),
    Field::new("locality", Kind::Text),
    Field::new("organization", Kind::Text),
    Field::new("unit", Kind::Text),
    Field::with("subject-alt-name", Kind::Text, ""),
    Field::with("key-size", Kind::Text, "2048"),
    Field::with("key-usage", Kind::Text, ""),
    Field::with("days-valid", Kind::Number(1, 36_500), "365"),
    Field::new(
        "digest-algorithm",
        Kind::Words(&["md5", "sha1", "sha256", "sha384", "sha512"]),
    ),
    Field::new("trust-store", Kind::Text),
    Field::with("trusted", Kind::Flag, "false"),
    Field::read_only("key-type"),
    Field::read_only("serial-number"),
    Field::read_only("fingerprint"),
    Field::read_only("akid"),
    Field::read_only("skid"),
    Field::read_only("invalid-before"),
    Field::read_only("invalid-after"),
    Field::read_only("expires-after"),
    Field::read_only("private-key"),
    Field::read_only("authority"),
    Field::read_only("issued"),
    Field::read_only("crl"),
    Field::read_only("smart-card-key"),
];

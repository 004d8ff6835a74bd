//! `/queue`.

use crate::field::{Field, Kind};
use crate::tables::TableId;

pub(super) const SIMPLE: &[Field] = &[
    Field::new("name", Kind::Name),
    Field::new("target", Kind::Targets),
    Field::new("dst", Kind::Target),
    Field::with("parent", Kind::Reference(TableId::Queue, &["none"]), "none"),
    Field::with("packet-marks", Kind::Text, ""),
    Field::with("priority", Kind::NumberPair(1, 8), "8/8"),
    Field::with("queue", Kind::QueueTypePair, "default-small/default-small"),
    Field::with("limit-at", Kind::RatePair, "0/0"),
    Field::with("max-limit", Kind::RatePair, "0/0"),
    Field::with("burst-limit", Kind::RatePair, "0/0"),
    Field::with("burst-threshold", Kind::RatePair, "0/0"),
    Field::with("burst-time", Kind::DurationPair, "0s/0s"),
    Field::with("bucket-size", Kind::DecimalPair, "0.1/0.1"),
    Field::new("total-priority", Kind::Number(1, 8)),
    Field::new("total-queue", Kind::QueueType),
    Field::new("total-limit-at", Kind::Rate),
    Field::new("total-max-limit", Kind::Rate),
    Field::new("total-burst-limit", Kind::Rate),
    Field::new("total-burst-threshold", Kind::Rate),
    Field::new("total-burst-time", Kind::Duration),
    Field::new("total-bucket-size", Kind::Decimal),
    Field::new("time", Kind::Text),
    Field::computed("bytes"),
    Field::computed("total-bytes"),
    Field::computed("packets"),
    Field::computed("total-packets"),
    Field::computed("dropped"),
    Field::computed("total-dropped"),
    Field::computed("rate"),
    Field::computed("total-rate"),
    Field::computed("packet-rate"),
    Field::computed("total-packet-rate"),
    Field::computed("queued-packets"),
    Field::computed("total-queued-packets"),
    Field::computed("queued-bytes"),
    Field::computed("total-queued-bytes"),
    Field::computed("invalid"),
    Field::computed("dynamic"),
    Field::with("disabled", Kind::Flag, "false"),
    Field::new("comment", Kind::Text),
];

/// Queue types every router has; none can be added here.
pub(super) const TYPE: &[Field] = &[Field::read_only("name")];

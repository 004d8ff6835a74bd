//! What a property is: its type, its value at creation and who may see or write it.

use crate::tables::TableId;

/// The type of a property; `value.rs` reads and normalises each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text, also empty.
    Text,
    /// Text of at least one character.
    Name,
    /// yes/no/true/false; replies say `true` or `false`.
    Flag,
    /// One of these words; `yes` and `no` stay words.
    Words(&'static [&'static str]),
    /// A comma list of these words.
    WordSet(&'static [&'static str]),
    /// A decimal number in a range.
    Number(u64, u64),
    /// A number in a range or one word.
    NumberOr(&'static str, u64, u64),
    /// One IPv4 address.
    Address,
    /// An IPv6 address.
    Address6,
    /// An IPv6 prefix.
    Prefix6,
    /// An IPv4 address with its prefix length; a bare one gets `/32`.
    AddressWithLength,
    /// A comma list of IPv4 addresses.
    AddressList,
    /// A comma list of prefixes, also empty.
    PrefixList,
    /// A time interval.
    Duration,
    /// Two time intervals.
    DurationPair,
    /// The name or id of a row, or one of these words.
    Reference(TableId, &'static [&'static str]),
    /// An IPv4 address or the name of a pool.
    AddressOrPool,
    /// Bits per second, `k`, `M`, `G` = powers of 1000.
    Rate,
    /// Upload and download in bits per second.
    RatePair,
    /// Two numbers in a range.
    NumberPair(u64, u64),
    /// A queue type.
    QueueType,
    /// Two queue types.
    QueueTypePair,
    /// One queue type up to 7.18, one or two from 7.19 on.
    ProfileQueueType,
    /// A decimal fraction.
    Decimal,
    /// Two decimal fractions.
    DecimalPair,
    /// A comma list of prefixes and interface names.
    Targets,
    /// One prefix or interface name.
    Target,
    /// A profile's `rate-limit`.
    RateLimit,
    /// An entry of an address list: a prefix, an address or a range.
    ListedAddress,
    /// A pool's ranges.
    Ranges,
    /// A group's policies, `!` for denied.
    Policies,
    /// A MAC address, upper case in replies.
    Mac,
    /// `first`, `bottom` or the name of a queue.
    QueuePosition,
    /// A date of `/system/clock`.
    Date,
    /// A time of day.
    TimeOfDay,
}

/// Who may read and write a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Readable and writable.
    Open,
    /// Readable in clear only with the policy `sensitive`.
    Secret,
    /// Never in a reply.
    Hidden,
    /// Kept by the router.
    ReadOnly,
    /// Worked out at the moment of reading.
    Computed,
}

/// One property of a table.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in requests and replies.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Its value at creation; `None` = the key is absent until written.
    pub default: Option<&'static str>,
    /// Who may see and write it.
    pub access: Access,
}

impl Field {
    /// A writable property that is absent until written.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            default: None,
            access: Access::Open,
        }
    }

    /// A writable property with a value from creation on.
    pub const fn with(name: &'static str, kind: Kind, default: &'static str) -> Self {
        Self {
            name,
            kind,
            default: Some(default),
            access: Access::Open,
        }
    }

    /// A property the router keeps, absent until it has something to say.
    pub const fn read_only(name: &'static str) -> Self {
        Self {
            name,
            kind: Kind::Text,
            default: None,
            access: Access::ReadOnly,
        }
    }

    /// A property worked out at the moment of reading.
    pub const fn computed(name: &'static str) -> Self {
        Self {
            name,
            kind: Kind::Text,
            default: None,
            access: Access::Computed,
        }
    }

    /// The same with another access.
    pub const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Whether a client may write it.
    pub fn is_writable(&self) -> bool {
        matches!(self.access, Access::Open | Access::Secret | Access::Hidden)
    }
}

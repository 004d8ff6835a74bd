//! How this router behaves: the version and every point on which real ones were seen to differ.

use chrono::{DateTime, Utc};

use crate::clock::ClockMode;
use crate::version::Version;

/// Who loses when a second session of an `only-one` account comes. The manual does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnlyOne {
    /// The new login is refused while the old row stands.
    RefuseNew,
    /// The old session ends.
    DropOld,
}

/// When secrets are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Masking {
    /// In clear if the group has `sensitive`, else `*****`.
    ByPolicy,
    /// `*****` for everybody.
    Always,
}

/// What a REST user without the policy `rest-api` gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingRestPolicy {
    /// The login is refused: 401.
    Unauthorized,
    /// 500 `not enough permissions (9)`.
    NotEnoughPermissions,
}

/// What happens when a client would get an address that a session has: a secret's fixed one, dialled twice.
/// The manual does not say; field reports tell of both being up and the later route winning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SameAddress {
    /// The new login is refused.
    RefuseNew,
    /// The old session ends.
    DropOld,
    /// Both are up; the newer one carries the traffic.
    Both,
}

/// Which direction the first byte and packet figures of a logout line are. Nobody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoutTotals {
    /// As RADIUS counts: input, the customer's upload, is first.
    UploadFirst,
    /// The other way round.
    DownloadFirst,
}

/// The place of a session's dynamic queue among static ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DynamicQueues {
    /// Before the first.
    First,
    /// Behind the last.
    Last,
}

/// Options of a router. The defaults are the behaviour reported most often for current versions.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // each is an independent switch
pub struct Options {
    /// The RouterOS version played.
    pub version: Version,
    /// Virtual or real time.
    pub clock: ClockMode,
    /// The router's date at the start.
    pub wall_at_start: DateTime<Utc>,
    /// Whether the VPN servers are switched on from the start. A real router has them off.
    pub servers_enabled: bool,
    /// Status of a successful PUT: 201 (7.24rc2) or 200 (7.21.4).
    pub put_status: u16,
    /// Status of a successful DELETE: 204 or 200, both with an empty body.
    pub delete_status: u16,
    /// POST `set` answers an empty body instead of `[]` (RB3011, 7.10.2).
    pub empty_set_reply: bool,
    /// Singletons come as an array of one (7.1beta4).
    pub singleton_as_array: bool,
    /// `.id` is in replies although `.proplist` did not ask for it (7.23.7).
    pub id_with_proplist: bool,
    /// 401 has a JSON body.
    pub unauthorized_body: bool,
    /// Real milliseconds until a failed login is answered (about 125).
    pub failed_login_delay_ms: u64,
    /// When secrets are shown.
    pub masking: Masking,
    /// What a user without `rest-api` gets.
    pub missing_rest_policy: MissingRestPolicy,
    /// Status when DELETE meets a menu without `remove`: 400, or 406 as in the manual.
    pub delete_unsupported_status: u16,
    /// Writing `""` to an address or another typed property unsets it instead of being refused.
    pub empty_unsets: bool,
    /// Who loses with `only-one=yes`.
    pub only_one: OnlyOne,
    /// What a second session with one address does to the first.
    pub same_address: SameAddress,
    /// Disable and enable, or a new target or parent, set a queue's counters to 0.
    pub queue_edit_resets_counters: bool,
    /// Counters of a static server binding survive a reconnect.
    pub binding_keeps_counters: bool,
    /// Where a session's dynamic queue goes when its profile has no `insert-queue-before`: before all static
    /// queues, whose counters then stand still, or behind them. No source says which.
    pub dynamic_queues: DynamicQueues,
    /// `set` takes values for a dynamic queue; scripts do so, the manual does not say it works.
    pub dynamic_queues_editable: bool,
    /// Which direction comes first where the log sums a session up.
    pub logout_totals: LogoutTotals,
    /// Names differ in more than the case of their letters, or the second is refused; no source says.
    pub names_ignore_case: bool,
    /// Queue bytes stay 0 whatever flows (seen once on 7.25).
    pub queues_stuck: bool,
    /// A connection above a service's `max-sessions` is closed at once. What a router does was not seen.
    pub max_sessions_enforced: bool,
    /// Real seconds after which a command is killed with `Session closed`.
    pub command_limit_s: u64,
    /// `/system/device-mode` allows l2tp and pptp.
    pub device_mode_allows_vpn: bool,
    /// The router is flagged: switching l2tp or pptp on is refused, off is not.
    pub flagged: bool,
    /// Live sessions the licence allows per service (200 at level 4); `None` = a CHR's, without a cap.
    pub session_cap: Option<usize>,
    /// `/system/license` is that of a free CHR, unless there is a cap.
    pub free_license: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: Version::new(7, 20),
            clock: ClockMode::Virtual,
            wall_at_start: DateTime::from_timestamp(1_767_225_600, 0)
                .unwrap_or(DateTime::UNIX_EPOCH),
            servers_enabled: true,
            put_status: 201,
            delete_status: 204,
            empty_set_reply: false,
            singleton_as_array: false,
            id_with_proplist: false,
            unauthorized_body: true,
            failed_login_delay_ms: 125,
            masking: Masking::ByPolicy,
            missing_rest_policy: MissingRestPolicy::Unauthorized,
            delete_unsupported_status: 400,
            empty_unsets: false,
            only_one: OnlyOne::RefuseNew,
            same_address: SameAddress::RefuseNew,
            queue_edit_resets_counters: true,
            binding_keeps_counters: true,
            logout_totals: LogoutTotals::UploadFirst,
            names_ignore_case: false,
            dynamic_queues: DynamicQueues::First,
            dynamic_queues_editable: false,
            queues_stuck: false,
            max_sessions_enforced: false,
            command_limit_s: 60,
            device_mode_allows_vpn: true,
            flagged: false,
            session_cap: None,
            free_license: false,
        }
    }
}

impl Options {
    /// The defaults with another version.
    pub fn version(version: Version) -> Self {
        Self {
            version,
            ..Self::default()
        }
    }
}

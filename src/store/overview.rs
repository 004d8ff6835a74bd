//! Every router of ours at one glance, in one statement.

use chrono::{DateTime, Utc};

use super::rows::{Columns, moment};
use crate::error::Result;
use crate::host::{Host, Row};

/// A server of this module and what its latest collection left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouterRow {
    /// `tblservers.id`.
    pub id: i64,
    /// As the admin calls it.
    pub name: String,
    /// WHMCS neither sells on it nor has it collected.
    pub disabled: bool,
    /// RouterOS version; empty before the first collection.
    pub version: String,
    /// Accounts that were connected, when that was last seen.
    pub online: Option<u64>,
    /// The last collection that went well.
    pub collected_at: Option<DateTime<Utc>>,
    /// The last collection, however it went.
    pub ended_at: Option<DateTime<Utc>>,
    /// How it failed, if it did.
    pub error: Option<String>,
    /// Accounts on it.
    pub accounts: u64,
    /// Accounts whose traffic is used up.
    pub capped: u64,
    /// Those of them whose traffic ended since the moment asked for.
    pub capped_since: u64,
    /// Remarks of the last collection, one a line.
    pub remarks: String,
}

const CAPPED: &str = "SELECT COUNT(*) FROM mod_mikrotikvpn_accounts a \
     WHERE a.server_id = s.id AND a.username IS NOT NULL AND a.capped_at";

/// The servers of this module by name; accounts capped since `since` are counted.
pub fn routers(host: &dyn Host, since: DateTime<Utc>) -> Result<Vec<RouterRow>> {
    let sql = select("s.type = 'mikrotikvpn' ORDER BY s.name, s.id");
    let rows = host.query(&sql, &[moment(since)])?;
    rows.into_iter().map(RouterRow::read).collect()
}

/// One server.
pub fn router(host: &dyn Host, server: i64, since: DateTime<Utc>) -> Result<Option<RouterRow>> {
    let rows = host.query(&select("s.id = ?"), &[moment(since), server.into()])?;
    rows.into_iter().next().map(RouterRow::read).transpose()
}

fn select(which: &str) -> String {
    format!(
        "SELECT s.id, s.name, s.disabled, m.version, m.online, m.collected_at, m.ended_at, m.last_error, \
         (SELECT COUNT(*) FROM mod_mikrotikvpn_accounts a \
         WHERE a.server_id = s.id AND a.username IS NOT NULL), \
         ({CAPPED} IS NOT NULL), ({CAPPED} >= ?), \
         (SELECT c.remarks FROM mod_mikrotikvpn_collections c \
         WHERE c.server_id = s.id AND c.finished_at IS NOT NULL \
         ORDER BY c.started_at DESC, c.id DESC LIMIT 1) \
         FROM tblservers s LEFT JOIN mod_mikrotikvpn_servers m ON m.server_id = s.id WHERE {which}"
    )
}

impl RouterRow {
    fn read(row: Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.int()?,
            name: columns.text()?,
            disabled: columns.int()? != 0,
            version: columns.text()?,
            online: columns
                .optional_int()?
                .and_then(|online| u64::try_from(online).ok()),
            collected_at: columns.moment()?,
            ended_at: columns.moment()?,
            error: columns.optional_text()?.filter(|text| !text.is_empty()),
            accounts: columns.count()?,
            capped: columns.count()?,
            capped_since: columns.count()?,
            remarks: columns.text()?,
        })
    }
}

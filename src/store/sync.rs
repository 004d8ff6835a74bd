//! What WHMCS's Server Sync tool wants to know of an account beyond what the router has.

use chrono::{DateTime, NaiveDate, Utc};

use super::rows::Columns;
use crate::error::Result;
use crate::host::{Host, Row};

/// An account of ours on a server, with its service and client as far as WHMCS still has them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownAccount {
    /// `tblhosting.id`.
    pub service: i64,
    /// Login name.
    pub username: String,
    /// The comment on the router.
    pub tag: String,
    /// PPP profile as sold.
    pub profile: Option<String>,
    /// The cap is in force.
    pub capped: bool,
    /// When Create came to its end.
    pub provisioned_at: Option<DateTime<Utc>>,
    /// `tblhosting.domainstatus`; empty without a service.
    pub status: String,
    /// `tblhosting.domain`.
    pub domain: String,
    /// `tblhosting.regdate`.
    pub registered: Option<NaiveDate>,
    /// The client's address.
    pub email: String,
}

/// The accounts a server has by our books.
pub fn known(host: &dyn Host, server: i64) -> Result<Vec<KnownAccount>> {
    let rows = host.query(
        "SELECT a.service_id, a.username, a.tag, a.profile, a.capped_at IS NOT NULL, a.provisioned_at, \
         h.domainstatus, h.domain, h.regdate, c.email FROM mod_mikrotikvpn_accounts a \
         LEFT JOIN tblhosting h ON h.id = a.service_id LEFT JOIN tblclients c ON c.id = h.userid \
         WHERE a.server_id = ? AND a.username IS NOT NULL",
        &[server.into()],
    )?;
    rows.into_iter().map(KnownAccount::read).collect()
}

impl KnownAccount {
    fn read(row: Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        Ok(Self {
            service: columns.int()?,
            username: columns.text()?,
            tag: columns.text()?,
            profile: columns.optional_text()?,
            capped: columns.int()? != 0,
            provisioned_at: columns.moment()?,
            status: columns.text()?,
            domain: columns.text()?,
            registered: columns.date()?,
            email: columns.text()?,
        })
    }
}

/// Comment prefixes of this WHMCS's products, as stored; empty is the default one.
pub fn prefixes(host: &dyn Host) -> Result<Vec<String>> {
    let rows = host.query(
        "SELECT DISTINCT configoption1 FROM tblproducts WHERE servertype = 'mikrotikvpn'",
        &[],
    )?;
    rows.into_iter()
        .map(|row| Columns::of(row).text())
        .collect()
}

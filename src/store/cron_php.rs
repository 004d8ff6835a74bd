//! What the module's hooks note, in a setting of WHMCS, when the PHP that runs its cron has not loaded the
//! extension: the module's PHP writes it, for nothing of ours runs there, and pages of another PHP show it.

use super::execute;
use super::rows::Columns;
use crate::error::Result;
use crate::host::Host;

/// The sentence, while the cron's PHP lacks the extension.
pub fn complaint(host: &dyn Host) -> Result<Option<String>> {
    let sql = "SELECT value FROM tblconfiguration WHERE setting = 'MikrotikVpnCron'";
    let Some(row) = host.query(sql, &[])?.into_iter().next() else {
        return Ok(None);
    };
    // Before the sentence stands when it was noted, for the hook to know.
    let value = Columns::of(row).text()?;
    Ok(value
        .split_once(' ')
        .map(|(_, sentence)| sentence.to_owned()))
}

/// Notes that a cron run of a PHP with the extension has come to its end.
pub fn works(host: &dyn Host) -> Result<()> {
    let sql = "DELETE FROM tblconfiguration WHERE setting = 'MikrotikVpnCron'";
    execute(host, sql, &[]).map(drop)
}

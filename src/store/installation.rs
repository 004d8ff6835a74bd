//! `mod_mikrotikvpn_installation`: the one row that says which WHMCS this database is of.

use super::execute;
use super::rows::Columns;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::installation::{Home, Installation, InstallationId};

/// What is on record, beside where WHMCS lives now. The first call makes the record; of two at once the
/// earlier one counts.
pub fn load(host: &dyn Host) -> Result<Installation> {
    let (present, known) = read(host)?;
    if let Some((id, noted)) = known {
        return Ok(Installation { id, noted, present });
    }
    execute(
        host,
        "INSERT IGNORE INTO mod_mikrotikvpn_installation (id, mark, system_url, database_name, root) \
         VALUES (1, ?, ?, ?, ?)",
        &[
            InstallationId::random().as_str().into(),
            present.system_url.as_str().into(),
            present.database.as_str().into(),
            present.root.as_str().into(),
        ],
    )?;
    let (present, known) = read(host)?;
    let (id, noted) = known.ok_or_else(|| {
        Error::bug("the row of mod_mikrotikvpn_installation holds no id of an installation")
    })?;
    Ok(Installation { id, noted, present })
}

/// Where WHMCS lives now, and what is on record.
fn read(host: &dyn Host) -> Result<(Home, Option<(InstallationId, Home)>)> {
    let rows = host.query(
        "SELECT DATABASE(), (SELECT value FROM tblconfiguration WHERE setting = 'SystemURL' LIMIT 1), \
         i.mark, i.system_url, i.database_name, i.root \
         FROM (SELECT 1) one LEFT JOIN mod_mikrotikvpn_installation i ON i.id = 1",
        &[],
    )?;
    let row = rows.into_iter().next().unwrap_or_default();
    let mut columns = Columns::of(row);
    let (database, system_url) = (columns.text()?, columns.text()?);
    let present = Home::new(&system_url, &database, &host.root_folder()?);
    let id = InstallationId::parse(&columns.text()?);
    let noted = Home {
        system_url: columns.text()?,
        database: columns.text()?,
        root: columns.text()?,
    };
    Ok((present, id.map(|id| (id, noted))))
}

/// Notes who this is and where it lives.
pub fn store(host: &dyn Host, id: InstallationId, home: &Home) -> Result<()> {
    execute(
        host,
        "UPDATE mod_mikrotikvpn_installation SET mark = ?, system_url = ?, database_name = ?, root = ?, \
         told = '' WHERE id = 1",
        &[
            id.as_str().into(),
            home.system_url.as_str().into(),
            home.database.as_str().into(),
            home.root.as_str().into(),
        ],
    )?;
    Ok(())
}

/// Whether the admin has yet to hear of this; whoever asks first tells him.
pub fn claim_telling(host: &dyn Host, home: &Home) -> Result<bool> {
    let home = format!("{} {} {}", home.system_url, home.database, home.root);
    let told: String = home.chars().take(1_000).collect();
    let claimed = execute(
        host,
        "UPDATE mod_mikrotikvpn_installation SET told = ? WHERE id = 1 AND told <> ?",
        &[told.as_str().into(), told.as_str().into()],
    )?;
    Ok(claimed > 0)
}

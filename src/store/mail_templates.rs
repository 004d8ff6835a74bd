//! WHMCS's `tblemailtemplates`, and `mod_mikrotikvpn_templates`: which of ours were made once. An admin may
//! edit or remove them, and what he did stays.

use std::collections::HashSet;

use chrono::DateTime;
use chrono_tz::Tz;

use super::execute;
use super::rows::Columns;
use crate::error::Result;
use crate::host::{Host, Value};

/// Names of the product templates in the default language.
pub fn product_templates(host: &dyn Host) -> Result<Vec<String>> {
    let rows = host.query(
        "SELECT name FROM tblemailtemplates WHERE type = 'product' AND language = '' ORDER BY name",
        &[],
    )?;
    rows.into_iter()
        .map(|row| Columns::of(row).text())
        .collect()
}

/// Whether mails of that template are about services.
pub fn is_product_template(host: &dyn Host, name: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM tblemailtemplates WHERE type = 'product' AND name = ? LIMIT 1";
    Ok(!host.query(sql, &[name.into()])?.is_empty())
}

/// A template in one language; `""` is WHMCS's default.
pub type Key = (String, String);

/// What there is of templates.
#[derive(Debug, Default)]
pub struct Present {
    /// Rows that the names asked for have now.
    pub rows: HashSet<Key>,
    /// Those that were made once.
    pub made: HashSet<Key>,
    /// Languages that the admin has templates in, besides the default.
    pub languages: HashSet<String>,
}

/// What there is of the product templates `names`. Not one statement of both tables: WHMCS's may have
/// another collation than ours.
pub fn present(host: &dyn Host, names: [&str; 2]) -> Result<Present> {
    let mut present = Present::default();
    let rows = host.query("SELECT name, language FROM mod_mikrotikvpn_templates", &[])?;
    for row in rows {
        present.made.insert(key(&mut Columns::of(row))?);
    }
    let rows = host.query(
        "SELECT DISTINCT IF(type = 'product' AND name IN (?, ?), name, ''), language \
         FROM tblemailtemplates",
        &names.map(Value::from),
    )?;
    for row in rows {
        let (name, language) = key(&mut Columns::of(row))?;
        if !language.is_empty() {
            present.languages.insert(language.clone());
        }
        if !name.is_empty() {
            present.rows.insert((name, language));
        }
    }
    Ok(present)
}

fn key(columns: &mut Columns) -> Result<Key> {
    Ok((columns.text()?, columns.text()?.to_lowercase()))
}

/// A template to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTemplate {
    /// Its name, the same in every language.
    pub name: String,
    /// WHMCS's name of the language, `""` for the default.
    pub language: String,
    /// With merge fields.
    pub subject: String,
    /// HTML with merge fields.
    pub message: String,
}

/// Makes a template unless it was made once or is there. Of two requests at once the second waits for the
/// first one's row and then finds it.
pub fn make_once(host: &dyn Host, template: &NewTemplate, now: DateTime<Tz>) -> Result<()> {
    let key = [
        template.name.as_str().into(),
        template.language.as_str().into(),
    ];
    super::transaction(host, || {
        let claimed = execute(
            host,
            "INSERT IGNORE INTO mod_mikrotikvpn_templates (name, language) VALUES (?, ?)",
            &key,
        )?;
        let there = host.query(
            "SELECT 1 FROM tblemailtemplates WHERE type = 'product' AND name = ? AND language = ?",
            &key,
        )?;
        if claimed == 0 || !there.is_empty() {
            return Ok(());
        }
        let at = now.format("%Y-%m-%d %H:%M:%S").to_string();
        let [name, language] = key.clone();
        execute(
            host,
            "INSERT INTO tblemailtemplates (type, name, subject, message, attachments, fromname, \
             fromemail, disabled, custom, language, copyto, blind_copy_to, plaintext, created_at, \
             updated_at) VALUES ('product', ?, ?, ?, '', '', '', 0, 1, ?, '', '', 0, ?, ?)",
            &[
                name,
                template.subject.as_str().into(),
                template.message.as_str().into(),
                language,
                at.as_str().into(),
                at.as_str().into(),
            ],
        )?;
        Ok(())
    })
}

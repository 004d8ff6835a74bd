//! WHMCS's `tblproducts`: module settings of the products a server sells; and `mod_mikrotikvpn_products`: what
//! they were when all of them could be read.

use std::collections::BTreeMap;

use super::batch;
use super::rows::Columns;
use super::transaction::execute;
use crate::error::Result;
use crate::host::{Host, Row};
use crate::params::Params;

/// A product's module settings under the names they have in `$params`, without configurable options.
#[derive(Debug)]
pub struct Product {
    /// `tblproducts.id`.
    pub id: i64,
    /// As the admin calls it.
    pub name: String,
    /// `configoption1` to `configoption24`.
    pub params: Params,
}

const SETTINGS: usize = 24;

/// The products of the services on a server.
pub fn of_server(host: &dyn Host, server: i64) -> Result<Vec<Product>> {
    let sql = format!(
        "SELECT p.id, p.name, {} FROM tblproducts p WHERE p.id IN (SELECT h.packageid FROM tblhosting h \
         JOIN mod_mikrotikvpn_accounts a ON a.service_id = h.id WHERE a.server_id = ?)",
        columns()
    );
    let rows = host.query(&sql, &[server.into()])?;
    rows.into_iter().map(read).collect()
}

/// The product of a service.
pub fn of_service(host: &dyn Host, service: i64) -> Result<Option<Product>> {
    let sql = format!(
        "SELECT p.id, p.name, {} FROM tblproducts p JOIN tblhosting h ON h.packageid = p.id WHERE h.id = ?",
        columns()
    );
    let rows = host.query(&sql, &[service.into()])?;
    rows.into_iter().next().map(read).transpose()
}

/// The products with these ids.
pub fn with_ids(host: &dyn Host, products: &[i64]) -> Result<Vec<Product>> {
    let sql = format!(
        "SELECT p.id, p.name, {} FROM tblproducts p WHERE p.id IN",
        columns()
    );
    let rows = batch::select_ids(host, &sql, products, "")?;
    rows.into_iter().map(read).collect()
}

/// One product, if it is of this module.
pub fn of_this_module(host: &dyn Host, product: i64) -> Result<Option<Product>> {
    let sql = format!(
        "SELECT p.id, p.name, {} FROM tblproducts p WHERE p.id = ? AND p.servertype = 'mikrotikvpn'",
        columns()
    );
    let rows = host.query(&sql, &[product.into()])?;
    rows.into_iter().next().map(read).transpose()
}

/// The products of this module that are or may be sold on a server: by their server group, unless they
/// are retired, or because a living service is there. Server 0, one that is not saved yet, may get any of
/// them.
pub fn sold_on(host: &dyn Host, server: i64) -> Result<Vec<Product>> {
    let sql = format!(
        "SELECT p.id, p.name, {} FROM tblproducts p WHERE p.servertype = 'mikrotikvpn' AND (? = 0 \
         OR (p.retired = 0 AND p.servergroup IN \
         (SELECT r.groupid FROM tblservergroupsrel r WHERE r.serverid = ?)) \
         OR p.id IN (SELECT h.packageid FROM tblhosting h WHERE h.server = ? \
         AND h.domainstatus NOT IN ('Terminated', 'Cancelled', 'Fraud'))) ORDER BY p.id",
        columns()
    );
    let rows = host.query(&sql, &[server.into(), server.into(), server.into()])?;
    rows.into_iter().map(read).collect()
}

/// The texts of a product's settings when all of them could last be read; none before that.
pub fn good_texts(host: &dyn Host, product: i64) -> Result<BTreeMap<usize, String>> {
    let sql = "SELECT texts FROM mod_mikrotikvpn_products WHERE product_id = ?";
    let row = host.query(sql, &[product.into()])?.into_iter().next();
    let kept = row.map(|row| Columns::of(row).text()).transpose()?;
    Ok(kept
        .and_then(|texts| serde_json::from_str(&texts).ok())
        .unwrap_or_default())
}

/// Keeps them; nothing is written when they are the same.
pub fn keep_good_texts(
    host: &dyn Host,
    product: i64,
    texts: &BTreeMap<usize, String>,
) -> Result<()> {
    if good_texts(host, product)? == *texts {
        return Ok(());
    }
    let sql = "INSERT INTO mod_mikrotikvpn_products (product_id, texts) VALUES (?, ?) \
               ON DUPLICATE KEY UPDATE texts = VALUES(texts)";
    let text = serde_json::json!(texts).to_string();
    execute(host, sql, &[product.into(), text.into()])?;
    Ok(())
}

fn columns() -> String {
    let names: Vec<_> = (1..=SETTINGS)
        .map(|position| format!("p.configoption{position}"))
        .collect();
    names.join(", ")
}

fn read(row: Row) -> Result<Product> {
    let mut columns = Columns::of(row);
    let (id, name) = (columns.int()?, columns.text()?);
    let mut params = Params::new();
    for position in 1..=SETTINGS {
        params.set(&format!("configoption{position}"), &columns.text()?);
    }
    Ok(Product { id, name, params })
}

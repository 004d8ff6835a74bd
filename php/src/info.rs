//! The section `mikrotikvpn` of `phpinfo()` and `php --ri mikrotikvpn`.

use ext_php_rs::zend::ModuleEntry;
use ext_php_rs::{info_table_end, info_table_row, info_table_start};

/// Prints the table: which release is loaded, so that it can be compared with the module's folder.
pub(crate) extern "C" fn print(_module: *mut ModuleEntry) {
    info_table_start!();
    info_table_row!("MikroTik VPN for WHMCS", "enabled");
    info_table_row!("Version", env!("CARGO_PKG_VERSION"));
    info_table_row!("License", env!("CARGO_PKG_LICENSE"));
    info_table_end!();
}

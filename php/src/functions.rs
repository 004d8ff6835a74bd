//! What PHP sees in the namespace `MikrotikVpn`. Each function is one call of the core; shapes and
//! units are described in `php/mikrotikvpn.stub.php`.

use ext_php_rs::prelude::*;

/// Adds every function of this file to the module.
pub(crate) fn register(module: ModuleBuilder) -> ModuleBuilder {
    module.function(wrap_function!(version))
}

/// The release of the extension, compared by the module's PHP with its own.
#[php_function]
#[php(name = "MikrotikVpn\\version")]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

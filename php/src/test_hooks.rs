//! Functions of `MikrotikVpn\Test`, in builds with the feature `test-hooks` only: they drive the
//! host directly and raise a panic on purpose.

use ext_php_rs::prelude::*;

/// Adds every function of this file to the module.
pub(crate) fn register(module: ModuleBuilder) -> ModuleBuilder {
    module
}

//! `MikrotikVpn\Exception`, thrown where WHMCS expects an exception: by loader functions.

use ext_php_rs::builders::ClassBuilder;
use ext_php_rs::exception::PhpException;
use ext_php_rs::zend::{ClassEntry, ce};
use mikrotikvpn::Error;

const NAME: &str = "MikrotikVpn\\Exception";

/// Registers the class. A plain subclass of `\Exception` without Rust data: PHP itself then fills
/// in file, line and trace, which a class made by `#[php_class]` would leave empty.
pub(crate) fn register() -> ext_php_rs::error::Result<()> {
    ClassBuilder::new(NAME)
        .extends((ce::exception, "\\Exception"))
        // Required by the builder; there are no methods whose tables would have to be kept.
        .registration(|_class, _methods| {})
        .register()
}

/// The core's sentence as an exception.
pub(crate) fn from_error(error: &Error) -> PhpException {
    let class = ClassEntry::try_find(NAME).unwrap_or_else(|| ce::exception());
    PhpException::new(without_nul(error.to_string()), 0, class)
}

/// A text with a NUL cannot be thrown: PHP's own `Error` would take the exception's place.
fn without_nul(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', " ")
    } else {
        text
    }
}

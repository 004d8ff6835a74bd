//! Calling PHP from Rust. Every call here ends with the executor's exception slot empty: what was
//! thrown becomes an [`Error`]. The one thing left alone is `exit()`, which PHP carries in the same
//! slot: it has to end the script, so it stays, and every further call fails at once until control
//! is back in PHP.

use ext_php_rs::boxed::ZBox;
use ext_php_rs::convert::IntoZvalDyn;
use ext_php_rs::types::{ZendCallable, ZendObject, ZendStr, Zval};
use ext_php_rs::zend::ExecutorGlobals;
use mikrotikvpn::{Error, Result};

/// Calls the PHP function `name` (or `Class::method`); `action` says what for, should it fail.
pub(crate) fn call(action: &str, name: &str, arguments: Vec<&dyn IntoZvalDyn>) -> Result<Zval> {
    refuse_if_exiting(action)?;
    let Ok(function) = ZendCallable::try_from_name(name) else {
        check(action)?;
        return Err(Error::whmcs(
            action,
            format!("{name}() does not exist here; the module works only inside WHMCS"),
            None,
        ));
    };
    let answer = function.try_call(arguments);
    check(action)?;
    answer.map_err(|error| Error::whmcs(action, format!("{name}() failed: {error}"), None))
}

/// Calls a method of `object`.
pub(crate) fn method(
    action: &str,
    object: &Zval,
    name: &str,
    arguments: Vec<&dyn IntoZvalDyn>,
) -> Result<Zval> {
    refuse_if_exiting(action)?;
    let answer = object.try_call_method(name, arguments);
    check(action)?;
    answer.map_err(|error| Error::whmcs(action, format!("{name}() failed: {error}"), None))
}

/// A PHP string; invalid UTF-8 is replaced. `None` for every other type.
pub(crate) fn text(value: &Zval) -> Option<String> {
    value
        .zend_str()
        .map(|text| String::from_utf8_lossy(text.as_bytes()).into_owned())
}

/// A PHP string holding `text`, NUL bytes included.
pub(crate) fn string(text: &str) -> Zval {
    let mut value = Zval::new();
    value.set_zend_string(ZendStr::new(text, false));
    value
}

fn refuse_if_exiting(action: &str) -> Result<()> {
    if ExecutorGlobals::has_exception() {
        return Err(Error::whmcs(action, "the script is being ended", None));
    }
    Ok(())
}

/// Takes what the last call threw, if anything.
fn check(action: &str) -> Result<()> {
    if !ExecutorGlobals::has_exception() {
        return Ok(());
    }
    if is_exit() {
        return refuse_if_exiting(action);
    }
    let Some(exception) = ExecutorGlobals::take_exception() else {
        return Ok(());
    };
    let error = describe(action, &exception);
    drop(exception);
    // Releasing it may have run a destructor that threw in turn.
    while !is_exit() && ExecutorGlobals::take_exception().is_some() {}
    Err(error)
}

/// PHP's `exit()` and `die()` travel as an object of a hidden class that cannot be caught.
fn is_exit() -> bool {
    ExecutorGlobals::pending_exception_class()
        .is_some_and(|class| class == "UnwindExit" || class == "GracefulExit")
}

fn describe(action: &str, exception: &ZBox<ZendObject>) -> Error {
    let message = exception
        .try_call_method("getMessage", Vec::new())
        .ok()
        .and_then(|message| text(&message))
        .filter(|message| !message.is_empty())
        .or_else(|| exception.get_class_name().ok())
        .unwrap_or_default();
    let detail = message.trim_end_matches(['.', ' ']);
    Error::whmcs(action, detail, driver_code(exception))
}

/// The database's own error number: a PDOException carries `[SQLSTATE, number, text]`.
fn driver_code(exception: &ZendObject) -> Option<u32> {
    let info = exception.get_property::<&Zval>("errorInfo").ok()?;
    let code = info.array()?.get_index(1)?;
    code.long().and_then(|code| u32::try_from(code).ok())
}

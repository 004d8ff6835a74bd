//! The PHP extension `mikrotikvpn`: WHMCS's calls in, the core's answers out.
//!
//! - `functions`: what PHP sees, one line each
//! - `params`, `value`: PHP arrays to the core's parameters, the core's answers to PHP arrays
//! - `host`: the core's `Host` over WHMCS's own functions and database handle
//! - `engine`: calling PHP from here and taking its exceptions
//! - `panic`: a Rust panic becomes a PHP `Error` that shows no value
//!
//! This file only registers. Nothing here starts a thread, opens a socket or keeps a PHP value
//! beyond the call that brought it: PHP processes fork.
// `#[php_module]` makes an exported function that cannot carry a comment; nothing else is public.
#![allow(missing_docs)]

mod engine;
mod exception;
mod functions;
mod host;
mod info;
mod panic;
mod params;
#[cfg(feature = "test-hooks")]
mod test_hooks;
mod value;

use ext_php_rs::prelude::*;

/// The module PHP loads.
#[php_module]
pub fn module(module: ModuleBuilder) -> ModuleBuilder {
    let module = module
        .name("mikrotikvpn")
        .version(env!("CARGO_PKG_VERSION"))
        .startup_function(startup)
        .info_function(info::print);
    let module = functions::register(module);
    #[cfg(feature = "test-hooks")]
    let module = test_hooks::register(module);
    module
}

/// PHP's MINIT; 0 is success.
extern "C" fn startup(_kind: i32, _module: i32) -> i32 {
    panic::silence();
    let registered = std::panic::catch_unwind(exception::register);
    i32::from(!matches!(registered, Ok(Ok(()))))
}

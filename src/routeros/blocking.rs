//! A runtime for one call.

use std::future::Future;

use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, Result};

/// A static runtime would hang for ever in a forked php-fpm worker, and a fresh one costs microseconds.
pub(super) struct Blocking(
    /// `Some` until dropped.
    Option<Runtime>,
);

impl Blocking {
    pub(super) fn new() -> Result<Self> {
        Builder::new_current_thread()
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
            .map_err(|error| Error::bug(format!("no runtime could be made: {error}")))
    }

    pub(super) fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.0
            .as_ref()
            .ok_or_else(|| Error::bug("the router was used after its end"))?
            .block_on(work)
    }
}

impl Drop for Blocking {
    /// A plain drop of the runtime would wait for a name server that hangs.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

//! stub
use super::command::{Command, Transport};
use super::deadline::Deadline;
use super::endpoint::Endpoint;
use super::record::Record;
use crate::error::{Error, Result};
use std::future::Future;
use std::pin::Pin;
pub(super) struct Rest;
impl Rest {
    pub(super) fn new(_endpoint: &Endpoint, _deadline: Deadline) -> Result<Self> {
        Ok(Self)
    }
}
impl Transport for Rest {
    fn send<'a>(
        &'a self,
        command: Command<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<Record>>> + 'a>> {
        Box::pin(async move { Err(Error::bug(format!("not yet: {command}"))) })
    }
}

//! Sends what waits in the outbox. A failure is noted and tried again in a later run, and never fails
//! the run that met it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::host::Host;
use crate::store::mails::{self, Mail};

/// Mails of one run. A mailer takes about a second for each.
const MOST: i64 = 200;

/// After this the rest waits for the next run.
const BUDGET: Duration = Duration::from_secs(30);

/// So many failures in a row mean that the mailer is down.
const FAILURES: usize = 3;

/// Sends mails of a server's services; returns remarks for the admin.
pub fn deliver(host: &dyn Host, server: i64) -> Result<Vec<String>> {
    let begun = Instant::now();
    let mut remarks = Vec::new();
    let mut failures = 0;
    for mail in mails::waiting(host, server, MOST)? {
        if failures == FAILURES || begun.elapsed() > BUDGET {
            break;
        }
        match send(host, &mail)? {
            None => failures = 0,
            Some(remark) => {
                failures += 1;
                remarks.push(remark);
            }
        }
    }
    Ok(remarks)
}

/// Sends one mail that an admin wants sent, whether or not it went before; says what came of it when it did
/// not go.
pub fn send_again(host: &dyn Host, service: i64, mail: i64) -> Result<Option<String>> {
    if !mails::send_again(host, service, mail)? {
        return Ok(Some("it is not in doubt any more".to_owned()));
    }
    match mails::waiting_one(host, mail)? {
        Some(mail) => send(host, &mail),
        // A collection was faster.
        None => Ok(None),
    }
}

/// Claimed first: a crash after it went must not send it again.
fn send(host: &dyn Host, mail: &Mail) -> Result<Option<String>> {
    let token = crate::random::token();
    if !mails::claim(host, mail.id, token)? {
        return Ok(None);
    }
    let variables: BTreeMap<String, String> =
        serde_json::from_str(&mail.variables).unwrap_or_default();
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    match host.send_mail(&mail.template, mail.service, &variables) {
        Ok(()) => {
            mails::sent(host, mail.id)?;
            Ok(None)
        }
        Err(error) => {
            mails::failed(host, mail.id, &error.to_string())?;
            Ok(Some(format!("Service {}: {error}", mail.service)))
        }
    }
}

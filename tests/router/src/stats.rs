//! What clients asked: counts by kind and the latest requests one by one.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// Requests kept one by one.
const KEPT: usize = 20_000;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LoggedRequest {
    /// HTTP method.
    pub method: String,
    /// Path and query string as sent.
    pub target: String,
    /// Body as sent, lossily decoded. May hold passwords: for tests only, not on the control port.
    #[serde(skip)]
    pub body: String,
    /// Login name, whether or not it was let in.
    pub user: String,
    /// Status of the reply; 0 = none was sent.
    pub status: u16,
}

/// Counts since the last reset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Requests by kind, for example `PATCH /ppp/secret/{id}`.
    pub requests: BTreeMap<String, u64>,
    /// All requests.
    pub total: u64,
    /// Accepted connections.
    pub connections: u64,
    /// Full TLS handshakes.
    pub tls_full: u64,
    /// Resumed TLS handshakes.
    pub tls_resumed: u64,
    /// Bytes of reply bodies.
    pub body_bytes: u64,
}

/// Counts and the latest requests.
#[derive(Debug, Default)]
pub struct Stats {
    counts: Counts,
    log: VecDeque<LoggedRequest>,
}

impl Stats {
    /// Counts one request.
    pub fn note(&mut self, kind: String, request: LoggedRequest, body_bytes: usize) {
        *self.counts.requests.entry(kind).or_default() += 1;
        self.counts.total += 1;
        self.counts.body_bytes += body_bytes as u64;
        if self.log.len() == KEPT {
            self.log.pop_front();
        }
        self.log.push_back(request);
    }

    /// Counts one connection.
    pub fn note_connection(&mut self) {
        self.counts.connections += 1;
    }

    /// Counts one TLS handshake.
    pub fn note_handshake(&mut self, resumed: bool) {
        if resumed {
            self.counts.tls_resumed += 1;
        } else {
            self.counts.tls_full += 1;
        }
    }

    /// Counts since the last reset.
    pub fn counts(&self) -> Counts {
        self.counts.clone()
    }

    /// The latest requests, oldest first.
    pub fn log(&self) -> Vec<LoggedRequest> {
        self.log.iter().cloned().collect()
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

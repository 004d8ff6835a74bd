//! A reply of REST, from rows to bytes.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, StatusCode, header};
use serde_json::Value as Json;

use crate::fault::Effect;
use crate::json;
use crate::record::Record;
use crate::trap::Trap;

/// A reply before it is bytes.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub body: Body,
}

/// What a reply carries.
#[derive(Debug, Clone)]
pub enum Body {
    /// Nothing.
    Empty,
    /// JSON that is bytes already.
    Bytes(Vec<u8>),
    /// A JSON array.
    List(Vec<Record>),
    /// A JSON object.
    Object(Record),
    /// WebFig's start page.
    Html,
}

impl Answer {
    /// A reply.
    pub fn new(status: u16, body: Body) -> Self {
        Self { status, body }
    }

    /// An error body; `detail` is absent on 404 and 401.
    pub fn error(status: u16, detail: Option<&str>) -> Self {
        let phrase = StatusCode::from_u16(status)
            .ok()
            .and_then(|code| code.canonical_reason())
            .unwrap_or_default();
        let mut body = serde_json::Map::new();
        if let Some(detail) = detail {
            body.insert("detail".into(), detail.into());
        }
        body.insert("error".into(), status.into());
        body.insert("message".into(), phrase.into());
        Self::new(
            status,
            Body::Bytes(Json::Object(body).to_string().into_bytes()),
        )
    }

    /// The reply and its bytes, spoilt by faults.
    pub fn spoilt(mut self, effects: &[Effect]) -> (Self, Vec<u8>) {
        for effect in effects {
            match &mut self.body {
                Body::List(rows) => effect.spoil(rows),
                Body::Object(record) => {
                    let mut rows = vec![std::mem::take(record)];
                    effect.spoil(&mut rows);
                    *record = rows.into_iter().next().unwrap_or_default();
                }
                _ => {}
            }
        }
        let mut body = match &self.body {
            Body::Empty => Vec::new(),
            Body::Bytes(bytes) => bytes.clone(),
            Body::List(rows) => json::list(rows),
            Body::Object(record) => json::object(record),
            Body::Html => b"<!DOCTYPE html><title>RouterOS</title>".to_vec(),
        };
        if effects.contains(&Effect::BrokenJson) {
            body.truncate(body.len() * 2 / 3);
        }
        (self, body)
    }

    /// The reply with these bytes as an HTTP response.
    pub fn response(&self, body: Vec<u8>) -> Response<Full<Bytes>> {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = status;
        let media = if matches!(self.body, Body::Html) {
            "text/html"
        } else {
            "application/json"
        };
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_TYPE, media),
            (header::EXPIRES, "0"),
            (header::X_FRAME_OPTIONS, "sameorigin"),
        ] {
            headers.insert(name, header::HeaderValue::from_static(value));
        }
        if self.status == 401 {
            headers.insert(
                header::WWW_AUTHENTICATE,
                header::HeaderValue::from_static("Basic realm=\"RouterOS\""),
            );
        }
        response
    }
}

impl From<Trap> for Answer {
    fn from(trap: Trap) -> Self {
        if trap.status == 404 {
            Self::error(404, None)
        } else {
            Self::error(trap.status, Some(&trap.text))
        }
    }
}

//! A request of REST, from bytes to arguments.

use std::collections::BTreeMap;

use base64::Engine as _;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::{Method, Request, header};
use percent_encoding::percent_decode_str;
use serde_json::Value as Json;

use super::answer::Answer;
use super::rest::Closed;
use crate::json;
use crate::options::Options;
use crate::trap::Trap;

/// Bodies above this are cut off: no request of these menus comes near it.
const LARGEST_BODY: usize = 4 << 20;

/// What is known of a request once it is read.
#[derive(Debug)]
pub struct Asked {
    pub method: Method,
    pub target: String,
    pub path: String,
    pub query: Option<String>,
    content_type: Option<String>,
    pub login: Option<(String, String)>,
    pub body: Bytes,
}

/// A request's body: arguments, and what `print` takes beside them.
#[derive(Debug, Default)]
pub struct Arguments {
    pub named: Vec<(String, String)>,
    pub proplist: Option<Vec<String>>,
    pub query: Vec<String>,
}

impl Asked {
    /// Reads a request to its end.
    pub async fn read(request: Request<Incoming>) -> Result<Self, Closed> {
        let (head, body) = request.into_parts();
        let text = |name| {
            head.headers
                .get(name)
                .and_then(|value: &header::HeaderValue| value.to_str().ok())
        };
        let login = text(header::AUTHORIZATION).and_then(basic);
        let content_type = text(header::CONTENT_TYPE).map(str::to_owned);
        let body = Limited::new(body, LARGEST_BODY)
            .collect()
            .await
            .map_err(|_| Closed)?
            .to_bytes();
        Ok(Self {
            method: head.method,
            target: head
                .uri
                .path_and_query()
                .map(|target| target.as_str().to_owned())
                .unwrap_or_default(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            content_type,
            login,
            body,
        })
    }

    /// The body as arguments: 415 for another media type, 400 for what is no flat JSON object.
    pub fn arguments(&self, options: &Options) -> Result<Arguments, Answer> {
        if matches!(self.method, Method::GET | Method::DELETE) || self.body.is_empty() {
            return Ok(Arguments::default());
        }
        let media = self.content_type.as_deref().unwrap_or_default();
        let (kind, parameters) = media.split_once(';').unwrap_or((media, ""));
        if !kind.trim().eq_ignore_ascii_case("application/json")
            || (options.version.refuses_charset() && !parameters.is_empty())
        {
            return Err(Answer::error(415, None));
        }
        let body: BTreeMap<String, Json> = serde_json::from_slice(&json::decimal(&self.body))
            .map_err(|_| Answer::error(400, Some("failed to decode JSON")))?;
        let mut arguments = Arguments::default();
        for (key, value) in body {
            match key.as_str() {
                ".proplist" => arguments.proplist = Some(words(&value).ok_or_else(|| bad(&key))?),
                ".query" => arguments.query = list(&value).ok_or_else(|| bad(&key))?,
                // conditions and unset properties were seen over the binary API only
                _ if key.starts_with(['?', '!']) => {
                    return Err(Answer::from(Trap::unknown_parameter(&key)));
                }
                _ => arguments
                    .named
                    .push((key.clone(), scalar(&value).ok_or_else(|| bad(&key))?)),
            }
        }
        Ok(arguments)
    }
}

fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(encoded.trim())
        .ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

fn bad(key: &str) -> Answer {
    Answer::from(Trap::invalid_value(key))
}

/// JSON numbers and booleans are taken as their text, `null` clears. An exponent is not understood.
fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::Null => Some(String::new()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Number(number) => Some(number.to_string()).filter(|text| !text.contains(['e', 'E'])),
        Json::String(text) => Some(text.clone()),
        Json::Array(_) | Json::Object(_) => None,
    }
}

/// A comma list or an array of texts.
fn words(value: &Json) -> Option<Vec<String>> {
    match value {
        Json::String(text) => Some(split(text)),
        _ => list(value),
    }
}

fn list(value: &Json) -> Option<Vec<String>> {
    value
        .as_array()?
        .iter()
        .map(|word| word.as_str().map(str::to_owned))
        .collect()
}

fn split(text: &str) -> Vec<String> {
    text.split(',').map(|word| word.trim().to_owned()).collect()
}

/// `?.proplist=a,b&name=x`: properties asked for and equalities demanded.
pub fn url_query(query: &str) -> (Option<Vec<String>>, Vec<(String, String)>) {
    let mut proplist = None;
    let mut conditions = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (decoded(key), decoded(value));
        if key == ".proplist" {
            proplist = Some(split(&value));
        } else {
            conditions.push((key, value));
        }
    }
    (proplist, conditions)
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

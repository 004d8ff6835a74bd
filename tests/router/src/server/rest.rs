//! REST: HTTP requests into console commands, replies into JSON. Status codes and body shapes as
//! recorded in `data/samples/rest-verbs.json` and `rest-errors.json`.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::Value as Json;

use super::http::Connection;
use super::path::{self, Target};
use crate::engine::{Caller, Command, Reply};
use crate::fault::{Effect, Facts, millis};
use crate::json;
use crate::options::{MissingRestPolicy, Options};
use crate::query::Query;
use crate::record::Record;
use crate::state::State;
use crate::stats::LoggedRequest;
use crate::trap::{Refusal, Trap};

/// Bodies above this are cut off: no request of these menus comes near it.
const LARGEST_BODY: usize = 4 << 20;

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed without an answer")]
pub struct Closed;

/// A reply before it is bytes.
#[derive(Debug, Clone)]
struct Answer {
    status: u16,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    Empty,
    Bytes(Vec<u8>),
    List(Vec<Record>),
    Object(Record),
    Html,
}

impl Answer {
    fn new(status: u16, body: Body) -> Self {
        Self { status, body }
    }

    fn error(status: u16, detail: Option<&str>) -> Self {
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

/// What is known of a request once it is read.
struct Asked {
    method: Method,
    target: String,
    path: String,
    query: Option<String>,
    content_type: Option<String>,
    login: Option<(String, String)>,
    body: Bytes,
}

/// Answers one request.
pub async fn answer(
    connection: Connection,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Closed> {
    *connection.plan.lock() = super::wire::Plan::default();
    let asked = read(request).await?;
    let (menu, command) = subject(&connection, &asked);
    let user = asked
        .login
        .as_ref()
        .map(|(name, _)| name.clone())
        .unwrap_or_default();
    let facts = Facts {
        method: asked.method.as_str(),
        path: &asked.path,
        menu: &menu,
        command: &command,
        user: &user,
    };
    let effects = connection.router.meet(&facts);
    let outcome = carry_out(&connection, &asked, &effects).await;
    let (status, bytes) = match &outcome {
        Ok((answer, body)) => (answer.status, body.len()),
        Err(Closed) => (0, 0),
    };
    let kind = kind(&asked, &menu, &command);
    let logged = LoggedRequest {
        method: asked.method.to_string(),
        target: asked.target.clone(),
        body: String::from_utf8_lossy(&asked.body).into_owned(),
        user,
        status,
    };
    connection
        .router
        .stats(|stats| stats.note(kind, logged, bytes));
    let (answer, body) = outcome?;
    Ok(response(&answer, body))
}

async fn read(request: Request<Incoming>) -> Result<Asked, Closed> {
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
    Ok(Asked {
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

/// Menu and console command of a request, for faults and counts.
fn subject(connection: &Connection, asked: &Asked) -> (String, String) {
    let raw = asked.path.strip_prefix("/rest").unwrap_or(&asked.path);
    let target = connection
        .router
        .with(|state| path::resolve(&state.catalogue, raw));
    let command = match asked.method {
        Method::GET => "print",
        Method::PUT => "add",
        Method::PATCH => "set",
        Method::DELETE => "remove",
        _ => "",
    };
    match target {
        Ok(Target::Item(menu, last)) if asked.method == Method::POST => (menu, last),
        Ok(Target::Item(menu, _) | Target::Menu(menu) | Target::Unknown(menu)) => {
            (menu, command.to_owned())
        }
        Err(_) => (raw.to_owned(), command.to_owned()),
    }
}

fn kind(asked: &Asked, menu: &str, command: &str) -> String {
    let raw = asked.path.strip_prefix("/rest").unwrap_or(&asked.path);
    match asked.method {
        Method::POST => format!("POST {menu}/{command}"),
        _ if raw.trim_end_matches('/') == menu => format!("{} {menu}", asked.method),
        _ => format!("{} {menu}/{{id}}", asked.method),
    }
}

async fn carry_out(
    connection: &Connection,
    asked: &Asked,
    effects: &[Effect],
) -> Result<(Answer, Vec<u8>), Closed> {
    let limit = connection
        .router
        .with(|state| state.options.command_limit_s);
    let for_ever = Duration::from_secs(24 * 3_600);
    for effect in effects {
        match effect {
            Effect::Delay { ms } => tokio::time::sleep(millis(*ms)).await,
            Effect::CloseBeforeStatus => return Err(Closed),
            Effect::Reset => {
                connection.plan.lock().reset = true;
                return Err(Closed);
            }
            Effect::Hang => tokio::time::sleep(for_ever).await,
            Effect::Reply { status, body } => {
                return Ok((Answer::new(*status, Body::Empty), body.clone().into_bytes()));
            }
            Effect::Error { status, detail } => {
                return Ok(rendered(Answer::error(*status, Some(detail)), effects));
            }
            _ => {}
        }
    }
    let mut answer = decide(connection, asked, limit).await;
    for effect in effects {
        match effect {
            Effect::DelayReply { ms } => tokio::time::sleep(millis(*ms)).await,
            Effect::AppliedButError { status, detail } => {
                answer = Answer::error(*status, Some(detail))
            }
            Effect::AppliedButNoAnswer { hang: true } => tokio::time::sleep(for_ever).await,
            Effect::AppliedButNoAnswer { hang: false } => return Err(Closed),
            Effect::Cut { after } => connection.plan.lock().cut_after = Some(*after),
            Effect::Trickle { bytes, ms } => {
                connection.plan.lock().trickle = Some((*bytes, millis(*ms)))
            }
            _ => {}
        }
    }
    Ok(rendered(answer, effects))
}

fn rendered(mut answer: Answer, effects: &[Effect]) -> (Answer, Vec<u8>) {
    for effect in effects {
        match &mut answer.body {
            Body::List(rows) => effect.spoil(rows),
            Body::Object(record) => {
                let mut rows = vec![std::mem::take(record)];
                effect.spoil(&mut rows);
                *record = rows.into_iter().next().unwrap_or_default();
            }
            _ => {}
        }
    }
    let mut body = match &answer.body {
        Body::Empty => Vec::new(),
        Body::Bytes(bytes) => bytes.clone(),
        Body::List(rows) => json::list(rows),
        Body::Object(record) => json::object(record),
        Body::Html => b"<!DOCTYPE html><title>RouterOS</title>".to_vec(),
    };
    if effects.contains(&Effect::BrokenJson) {
        body.truncate(body.len() * 2 / 3);
    }
    (answer, body)
}

fn response(answer: &Answer, body: Vec<u8>) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let media = if matches!(answer.body, Body::Html) {
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
    if answer.status == 401 {
        headers.insert(
            header::WWW_AUTHENTICATE,
            header::HeaderValue::from_static("Basic realm=\"RouterOS\""),
        );
    }
    response
}

async fn decide(connection: &Connection, asked: &Asked, limit_s: u64) -> Answer {
    let options = connection.router.with(|state| state.options.clone());
    if asked.method == Method::HEAD {
        return Answer::new(501, Body::Empty);
    }
    let Some(path) = rest_path(&asked.path) else {
        // WebFig answers its start page to anybody
        let found = asked.path == "/" && asked.method == Method::GET;
        return if found {
            Answer::new(200, Body::Html)
        } else {
            Answer::error(404, None)
        };
    };
    if !connection.secure && !options.version.has_plain_rest() {
        return Answer::error(404, None);
    }
    let caller = match login(connection, asked, &options) {
        Ok(caller) => caller,
        Err(answer) => {
            tokio::time::sleep(millis(options.failed_login_delay_ms)).await;
            return answer;
        }
    };
    let arguments = match arguments(asked, &options) {
        Ok(arguments) => arguments,
        Err(answer) => return answer,
    };
    let done = connection.router.with(|state| {
        state.note_rest_login(&caller);
        perform(state, &caller, asked, path, arguments)
    });
    match done {
        Ok(Some(answer)) => answer,
        Ok(None) => {
            tokio::time::sleep(Duration::from_secs(limit_s)).await;
            Answer::error(400, Some("Session closed"))
        }
        Err(trap) => Answer::from(trap),
    }
}

/// The path below `/rest`, or `None` for anything else.
fn rest_path(path: &str) -> Option<&str> {
    let below = path.strip_prefix("/rest")?;
    (below.is_empty() || below.starts_with('/')).then_some(below)
}

fn login(connection: &Connection, asked: &Asked, options: &Options) -> Result<Caller, Answer> {
    let refused = || {
        if options.unauthorized_body {
            Answer::error(401, None)
        } else {
            Answer::new(401, Body::Empty)
        }
    };
    let (name, password) = asked.login.as_ref().ok_or_else(refused)?;
    let caller = connection
        .router
        .with(|state| state.login(name, password, Some(connection.source)))
        .ok_or_else(refused)?;
    if caller.policies.allows("rest-api") {
        return Ok(caller);
    }
    match options.missing_rest_policy {
        MissingRestPolicy::Unauthorized => Err(refused()),
        MissingRestPolicy::NotEnoughPermissions => Err(Answer::from(Trap::permission())),
    }
}

/// A request's body: arguments, and what `print` takes beside them.
#[derive(Debug, Default)]
struct Arguments {
    named: Vec<(String, String)>,
    proplist: Option<Vec<String>>,
    query: Vec<String>,
}

fn arguments(asked: &Asked, options: &Options) -> Result<Arguments, Answer> {
    if matches!(asked.method, Method::GET | Method::DELETE) || asked.body.is_empty() {
        return Ok(Arguments::default());
    }
    let media = asked.content_type.as_deref().unwrap_or_default();
    let (kind, parameters) = media.split_once(';').unwrap_or((media, ""));
    if !kind.trim().eq_ignore_ascii_case("application/json")
        || (options.version.refuses_charset() && !parameters.is_empty())
    {
        return Err(Answer::error(415, None));
    }
    let body: BTreeMap<String, Json> = serde_json::from_slice(&asked.body)
        .map_err(|_| Answer::error(400, Some("failed to decode JSON")))?;
    let mut arguments = Arguments::default();
    for (key, value) in body {
        match key.as_str() {
            ".proplist" => arguments.proplist = Some(words(&value).ok_or_else(|| bad(&key))?),
            ".query" => arguments.query = list(&value).ok_or_else(|| bad(&key))?,
            _ if key.starts_with('?') => return Err(Answer::from(Trap::unknown_parameter(&key))),
            _ => arguments
                .named
                .push((key.clone(), scalar(&value).ok_or_else(|| bad(&key))?)),
        }
    }
    Ok(arguments)
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

/// Carries out a request; `None` = it never ends by itself.
fn perform(
    state: &mut State,
    caller: &Caller,
    asked: &Asked,
    path: &str,
    arguments: Arguments,
) -> Result<Option<Answer>, Trap> {
    let target = path::resolve(&state.catalogue, path)?;
    match asked.method {
        Method::GET => read_rows(state, caller, asked, target).map(Some),
        Method::PUT => create(state, caller, target, arguments).map(Some),
        Method::PATCH => change(state, caller, target, arguments).map(Some),
        Method::DELETE => delete(state, caller, target).map(Some),
        Method::POST => command(state, caller, target, arguments),
        _ => Ok(Some(Answer::new(501, Body::Empty))),
    }
}

fn read_rows(
    state: &mut State,
    caller: &Caller,
    asked: &Asked,
    target: Target,
) -> Result<Answer, Trap> {
    let (proplist, conditions) = url_query(asked.query.as_deref().unwrap_or_default());
    match target {
        Target::Menu(menu) => {
            let query = Query::all_equal(conditions);
            let rows = execute(
                state,
                caller,
                Command {
                    proplist,
                    query,
                    ..Command::new(&menu, "print")
                },
            )?
            .rows();
            let is_list = state.catalogue.menu(&menu).is_some_and(|menu| menu.is_list);
            let as_object = !is_list && !state.options.singleton_as_array;
            Ok(Answer::new(
                200,
                match rows.first() {
                    Some(row) if as_object => Body::Object(row.clone()),
                    _ => Body::List(rows),
                },
            ))
        }
        Target::Item(menu, item) => {
            let is_command = state
                .catalogue
                .menu(&menu)
                .is_some_and(|menu| menu.commands.contains_key(&item));
            if is_command {
                return Err(Trap::no_such_command());
            }
            let id = identify(state, &menu, &item)?;
            one_row(state, caller, &menu, &id, proplist)
                .map(|row| Answer::new(200, Body::Object(row)))
        }
        Target::Unknown(path) => {
            execute(state, caller, unknown(&path)).map(|_| Answer::new(200, Body::Empty))
        }
    }
}

fn create(
    state: &mut State,
    caller: &Caller,
    target: Target,
    arguments: Arguments,
) -> Result<Answer, Trap> {
    let menu = match target {
        Target::Menu(menu) => menu,
        Target::Item(..) => return Err(Trap::no_such_command()),
        Target::Unknown(path) => {
            return execute(state, caller, unknown(&path)).map(|_| Answer::new(200, Body::Empty));
        }
    };
    if !has_command(state, &menu, "add") {
        return Err(Trap::no_such_directory("add"));
    }
    let reply = execute(
        state,
        caller,
        Command {
            arguments: arguments.named,
            ..Command::new(&menu, "add")
        },
    )?;
    let Reply::Value(id) = reply else {
        return Ok(Answer::new(
            state.options.put_status,
            Body::List(Vec::new()),
        ));
    };
    let row = one_row(state, caller, &menu, &id, None)?;
    Ok(Answer::new(state.options.put_status, Body::Object(row)))
}

fn change(
    state: &mut State,
    caller: &Caller,
    target: Target,
    arguments: Arguments,
) -> Result<Answer, Trap> {
    let (menu, item) = match target {
        Target::Item(menu, item) => (menu, item),
        Target::Menu(_) => return Err(path::bad_identifier()),
        Target::Unknown(path) => {
            return execute(state, caller, unknown(&path)).map(|_| Answer::new(200, Body::Empty));
        }
    };
    let id = identify(state, &menu, &item)?;
    let mut command = Command {
        arguments: arguments.named,
        ..Command::new(&menu, "set")
    };
    if command
        .arguments
        .iter()
        .any(|(key, _)| key == ".id" || key == "numbers")
    {
        return Err(path::bad_identifier());
    }
    command.arguments.push((".id".to_owned(), id.clone()));
    execute(state, caller, command).map_err(|trap| {
        // by name, a bad parameter is reported as if the row were not named (seen on 7.23.7)
        let by_name = !item.starts_with('*');
        if by_name && trap.refusal == Refusal::UnknownParameter {
            path::bad_identifier()
        } else {
            trap
        }
    })?;
    one_row(state, caller, &menu, &id, None).map(|row| Answer::new(200, Body::Object(row)))
}

fn delete(state: &mut State, caller: &Caller, target: Target) -> Result<Answer, Trap> {
    let (menu, item) = match target {
        Target::Item(menu, item) => (menu, item),
        Target::Menu(_) => return Err(path::bad_identifier()),
        Target::Unknown(path) => {
            return execute(state, caller, unknown(&path)).map(|_| Answer::new(200, Body::Empty));
        }
    };
    if !has_command(state, &menu, "remove") {
        let status = state.options.delete_unsupported_status;
        return Err(Trap {
            status,
            ..Trap::no_such_directory("remove")
        });
    }
    let id = identify(state, &menu, &item)?;
    execute(
        state,
        caller,
        Command::new(&menu, "remove").with(".id", &id),
    )?;
    Ok(Answer::new(state.options.delete_status, Body::Empty))
}

fn command(
    state: &mut State,
    caller: &Caller,
    target: Target,
    arguments: Arguments,
) -> Result<Option<Answer>, Trap> {
    let (menu, name) = match target {
        Target::Item(menu, name) => (menu, name),
        // a bare collection takes no POST
        Target::Menu(_) => return Err(Trap::no_such_command()),
        Target::Unknown(path) => {
            let (menu, name) = path.rsplit_once('/').unwrap_or(("", ""));
            (menu.to_owned(), name.to_owned())
        }
    };
    if name == "unset" {
        // refused in every body form on 7.21.4, although the schema has it
        return Err(Trap::no_such_command());
    }
    let reply = execute(
        state,
        caller,
        Command {
            arguments: arguments.named,
            proplist: arguments.proplist,
            query: Query::parse(arguments.query.iter().map(String::as_str))?,
            ..Command::new(&menu, &name)
        },
    )
    .map_err(|trap| {
        // an unknown row is 404 in `move` as it is in a path, 400 in other commands
        if name == "move" && trap.refusal == Refusal::NoSuchItem {
            Trap {
                status: 404,
                ..trap
            }
        } else {
            trap
        }
    })?;
    Ok(match reply {
        Reply::Rows(rows) => Some(Answer::new(200, Body::List(rows))),
        Reply::Value(text) => {
            let mut record = Record::default();
            record.push("ret", text);
            Some(Answer::new(200, Body::Object(record)))
        }
        Reply::Done if name == "set" && state.options.empty_set_reply => {
            Some(Answer::new(200, Body::Empty))
        }
        Reply::Done => Some(Answer::new(200, Body::List(Vec::new()))),
        Reply::Silent => None,
    })
}

fn execute(state: &mut State, caller: &Caller, command: Command) -> Result<Reply, Trap> {
    state.execute(caller, &command)
}

/// A command in a menu that does not exist: the console finds the words for it.
fn unknown(path: &str) -> Command {
    Command::new(path, "print")
}

fn has_command(state: &State, menu: &str, name: &str) -> bool {
    state
        .catalogue
        .menu(menu)
        .is_some_and(|menu| menu.commands.contains_key(name))
}

/// The id a path's last part means: an id, or a name where the menu has names.
fn identify(state: &State, menu: &str, item: &str) -> Result<String, Trap> {
    let missing = || Trap {
        status: 404,
        ..Trap::no_such_item()
    };
    let found = state.catalogue.menu(menu).ok_or_else(missing)?;
    if !found.is_list || (!item.starts_with('*') && !found.has_names()) {
        return Err(Trap::failure("no such command prefix"));
    }
    if item.starts_with('*') && crate::tables::Id::parse(item).is_none() {
        return Err(path::bad_identifier());
    }
    // a position number is no name
    let by_position = found.menu.positions
        && state.tables[found.menu.table].find(item).is_none()
        && !item.starts_with('*');
    if by_position {
        return Err(missing());
    }
    crate::commands::one(state, found, item)
        .map(|id| id.to_string())
        .map_err(|_| missing())
}

fn one_row(
    state: &mut State,
    caller: &Caller,
    menu: &str,
    id: &str,
    proplist: Option<Vec<String>>,
) -> Result<Record, Trap> {
    let query = Query::all_equal([(".id".to_owned(), id.to_owned())]);
    let rows = execute(
        state,
        caller,
        Command {
            proplist,
            query,
            ..Command::new(menu, "print")
        },
    )?
    .rows();
    rows.into_iter().next().ok_or_else(|| Trap {
        status: 404,
        ..Trap::no_such_item()
    })
}

/// `?.proplist=a,b&name=x`: properties asked for and equalities demanded.
fn url_query(query: &str) -> (Option<Vec<String>>, Vec<(String, String)>) {
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

//! REST: one HTTP request, what faults make of it, who may ask.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Method, Request, Response};

use super::answer::{Answer, Body};
use super::asked::Asked;
use super::http::Connection;
use super::path::{self, Target};
use super::verbs::perform;
use crate::engine::Caller;
use crate::fault::{Effect, Facts, millis};
use crate::options::{MissingRestPolicy, Options};
use crate::stats::LoggedRequest;
use crate::trap::Trap;

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed without an answer")]
pub struct Closed;

/// Answers one request.
pub async fn answer(
    connection: Connection,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Closed> {
    *connection.plan.lock() = super::wire::Plan::default();
    let asked = Asked::read(request).await?;
    if connection.is_orphaned() {
        return Err(Closed);
    }
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
    Ok(answer.response(body))
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
    connection.router.suffer(effects);
    for effect in effects {
        match effect {
            Effect::Delay { ms } => tokio::time::sleep(millis(*ms)).await,
            Effect::Busy { ms } => {
                let user = asked.login.as_ref().map_or("", |(name, _)| name);
                connection.router.hold(user, connection.source, millis(*ms));
            }
            Effect::CrossDelivered { menu } => {
                return Ok(Answer::new(200, Body::List(connection.router.rows(menu))).spoilt(&[]));
            }
            Effect::CloseBeforeStatus | Effect::Reboot => return Err(Closed),
            Effect::Reset => {
                connection.plan.lock().reset = true;
                return Err(Closed);
            }
            Effect::Hang => tokio::time::sleep(for_ever).await,
            Effect::Reply { status, body } => {
                return Ok((Answer::new(*status, Body::Empty), body.clone().into_bytes()));
            }
            Effect::Error { status, detail } => {
                return Ok(Answer::error(*status, Some(detail)).spoilt(effects));
            }
            _ => {}
        }
    }
    let mut answer = decide(connection, asked, limit).await;
    for effect in effects {
        match effect {
            Effect::DelayReply { ms } => tokio::time::sleep(millis(*ms)).await,
            Effect::AppliedButError { status, detail } => {
                answer = Answer::error(*status, Some(detail));
            }
            Effect::AppliedButNoAnswer { hang: true } => tokio::time::sleep(for_ever).await,
            Effect::AppliedButNoAnswer { hang: false } => return Err(Closed),
            Effect::CloseAfterReply => connection.plan.lock().deaf = true,
            Effect::Cut { after } => connection.plan.lock().cut_after = Some(*after),
            Effect::Trickle { bytes, ms } => {
                connection.plan.lock().trickle = Some((*bytes, millis(*ms)));
            }
            _ => {}
        }
    }
    Ok(answer.spoilt(effects))
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
    if !options.version.has_rest() {
        return Answer::error(404, None);
    }
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
    let arguments = match asked.arguments(&options) {
        Ok(arguments) => arguments,
        Err(answer) => return answer,
    };
    // a command left alone by its client still keeps this user and source waiting (measured: 23 s)
    if let Some(until) = connection
        .router
        .held_until(&caller.name, connection.source)
    {
        tokio::time::sleep_until(until.into()).await;
    }
    let done = connection.router.with(|state| {
        state.note_rest_login(&caller);
        perform(state, &caller, asked, path, arguments)
    });
    match done {
        Ok(Some(answer)) => answer,
        Ok(None) => {
            connection.router.hold(
                &caller.name,
                connection.source,
                Duration::from_secs(limit_s),
            );
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
        .with(|state| {
            let caller = state.login(name, password, Some(connection.source));
            if caller.is_none() {
                state.log_login_failure(name, &connection.source.to_string(), "rest-api");
            }
            caller
        })
        .ok_or_else(refused)?;
    if caller.policies.allows("rest-api") {
        return Ok(caller);
    }
    match options.missing_rest_policy {
        MissingRestPolicy::Unauthorized => Err(refused()),
        MissingRestPolicy::NotEnoughPermissions => Err(Answer::from(Trap::permission())),
    }
}

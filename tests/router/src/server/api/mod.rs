//! The binary API: sentences in, the console, sentences out. Dialogues as recorded in
//! `data/samples/api-words.json`.

mod answer;
mod asked;
mod outgoing;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use self::answer::Writer;
use self::asked::Asked;
use self::outgoing::{Out, Reply};
use self::words::{Limit, Pen};
use super::http::Connection;
use super::wire::{Plan, Resettable, Wire};
use crate::engine::{Caller, Command};
use crate::fault::{Effect, Facts, millis};
use crate::options::{MissingRestPolicy, Options};
use crate::presence::Presence;
use crate::stats::LoggedRequest;
use crate::trap::Trap;

/// Serves one connection until either side ends it.
pub async fn speak<S>(stream: S, connection: Connection)
where
    S: AsyncRead + AsyncWrite + Resettable + Unpin + Send + 'static,
{
    let plan = connection.plan.clone();
    let (reader, writer) = tokio::io::split(Wire::new(stream, plan.clone()));
    let (out, incoming) = unbounded_channel();
    let mut session = Session {
        connection,
        out,
        caller: None,
        presence: None,
        running: Running::default(),
        number: 0,
    };
    let writing = outgoing::write(writer, incoming, plan);
    let reading = async {
        let mut reader = BufReader::new(reader);
        while let Ok(words) = words::sentence(&mut reader, session.limit()).await {
            session.hear(&words).await;
        }
        // what is still under way has nobody to answer to
        let _ = session.out.send(Out::Close);
        std::future::pending::<()>().await;
    };
    // the end of the writing is the end: it comes after everything that was to be said
    tokio::select! {
        () = writing => {}
        () = reading => {}
    }
}

/// Commands that go on until they are cancelled, by their number.
type Running = Arc<Mutex<BTreeMap<u64, Option<String>>>>;

struct Session {
    connection: Connection,
    out: UnboundedSender<Out>,
    caller: Option<Caller>,
    presence: Option<Presence>,
    running: Running,
    number: u64,
}

impl Session {
    fn limit(&self) -> Limit {
        if self.caller.is_some() {
            Limit::USER
        } else {
            Limit::STRANGER
        }
    }

    async fn hear(&mut self, words: &[Vec<u8>]) {
        if self.connection.is_orphaned() {
            return self.close();
        }
        let asked = Asked::read(words);
        match asked.path.as_str() {
            "/login" => self.log_in(&asked).await,
            "/quit" => self.end("session terminated on request", asked.tag.as_deref()),
            _ if self.caller.is_none() => self.end("not logged in", asked.tag.as_deref()),
            "/cancel" => self.cancel(&asked),
            _ => self.command(asked, words),
        }
    }

    /// The login of 6.43 and later. A fault meets it only if it names the command `login`: the others
    /// are for commands, as they are over REST, where a login is part of each.
    async fn log_in(&mut self, asked: &Asked) {
        let name = asked.argument("name").unwrap_or_default();
        let effects = self.met_at_login(name);
        if asked.named.is_empty() && effects.is_empty() {
            return self.challenge(asked);
        }
        for effect in &effects {
            match effect {
                Effect::Hang => std::future::pending().await,
                Effect::CloseBeforeStatus => return self.close(),
                Effect::Fatal { reason } => return self.end(reason, None),
                Effect::Delay { ms } | Effect::DelayReply { ms } => {
                    tokio::time::sleep(millis(*ms)).await;
                }
                _ => {}
            }
        }
        let options = self.options();
        let password = asked.argument("password").unwrap_or_default();
        let source = Some(self.connection.source);
        let caller = self
            .connection
            .router
            .with(|state| state.login(name, password, source))
            .filter(|_| asked.argument("response").is_none());
        let outcome = match caller {
            Some(caller) if caller.policies.allows("api") => {
                self.presence = Some(Presence::begin(&self.connection.router, &caller));
                self.caller = Some(caller);
                Ok(crate::engine::Reply::Done)
            }
            Some(_) if options.missing_rest_policy == MissingRestPolicy::NotEnoughPermissions => {
                Err(Trap::permission())
            }
            _ => Err(Trap::failure("invalid user name or password (6)")),
        };
        if outcome.is_err() {
            self.write_down_failure(name);
            tokio::time::sleep(millis(options.failed_login_delay_ms)).await;
        }
        let writer = Writer {
            version: options.version,
            tag: asked.tag.as_deref(),
            effects: &effects,
        };
        let scripted = effects.iter().find_map(|effect| match effect {
            Effect::Reply { body, .. } => Some(writer.scripted(body)),
            Effect::Error { detail, .. } => Some(writer.traps(std::slice::from_ref(detail))),
            _ => None,
        });
        self.say(scripted.or_else(|| writer.sentences(outcome)), &effects);
    }

    fn write_down_failure(&self, name: &str) {
        let source = self.connection.source.to_string();
        let router = &self.connection.router;
        router.with(|state| state.log_login_failure(name, &source, "api"));
    }

    /// Asked without a name a router still gives the challenge of the login before 6.43 (trace of 6.47.6), and
    /// refuses whoever answers it: it keeps no passwords that could be compared with the response.
    fn challenge(&self, asked: &Asked) {
        let writer = Writer {
            version: self.options().version,
            tag: asked.tag.as_deref(),
            effects: &[],
        };
        let challenge = format!("{:032x}", fastrand::u128(..));
        self.say(Some(vec![writer.done(Some(&challenge))]), &[]);
    }

    fn met_at_login(&self, user: &str) -> Vec<Effect> {
        let router = &self.connection.router;
        let named = router
            .faults()
            .iter()
            .any(|armed| armed.fault.when.command.as_deref() == Some("login"));
        let facts = Facts {
            method: "API",
            path: "/login",
            menu: "",
            command: "login",
            user,
        };
        if named {
            router.meet(&facts)
        } else {
            Vec::new()
        }
    }

    /// `=tag=` ends one command, without it all end but this one.
    fn cancel(&mut self, asked: &Asked) {
        let wanted = asked.argument("tag");
        let mut victims = Vec::new();
        self.running.lock().retain(|_, tag| {
            let meant = wanted.is_none() || tag.as_deref() == wanted;
            if meant {
                victims.push(tag.clone());
            }
            !meant
        });
        let effects = self.meet(asked);
        let version = self.options().version;
        let of = |tag| Writer {
            version,
            tag,
            effects: &effects,
        };
        let mut sentences = Vec::new();
        for victim in &victims {
            sentences.push(of(victim.as_deref()).trap("interrupted", Some(2)));
        }
        let own = of(asked.tag.as_deref()).done(None);
        let theirs = victims
            .iter()
            .map(|victim| of(victim.as_deref()).done(None));
        if effects.contains(&Effect::SwappedDone) {
            sentences.extend(theirs);
            sentences.push(own);
        } else {
            sentences.push(own);
            sentences.extend(theirs);
        }
        self.say(Some(sentences), &effects);
    }

    /// A command is carried out before the next one is read, unless a fault holds it back.
    fn command(&mut self, asked: Asked, words: &[Vec<u8>]) {
        let Some(caller) = self.caller.clone() else {
            return;
        };
        self.number += 1;
        let effects = self.meet(&asked);
        let job = Job {
            connection: self.connection.clone(),
            out: self.out.clone(),
            running: Arc::clone(&self.running),
            number: self.number,
            text: Asked::text(words),
            caller,
            effects,
            asked,
        };
        self.running
            .lock()
            .insert(job.number, job.asked.tag.clone());
        if job.effects.iter().any(takes_time) {
            tokio::spawn(job.slowly());
        } else {
            let done = job.carry_out();
            job.finish(done);
        }
    }

    fn meet(&self, asked: &Asked) -> Vec<Effect> {
        let (menu, command) = asked.parts();
        self.connection.router.meet(&Facts {
            method: "API",
            path: &asked.path,
            menu,
            command,
            user: self.caller.as_ref().map_or("", |caller| &caller.name),
        })
    }

    fn options(&self) -> Options {
        self.connection.router.with(|state| state.options.clone())
    }

    fn say(&self, sentences: Option<Vec<Vec<u8>>>, effects: &[Effect]) {
        if let Some(sentences) = sentences {
            // a client that has gone hears nothing
            let _ = self.out.send(Out::Reply(reply(sentences, effects)));
        }
    }

    /// `!fatal` with a bare word, no `!done`.
    fn end(&self, reason: &str, tag: Option<&str>) {
        self.say(Some(vec![fatal(reason, tag)]), &[]);
        self.close();
    }

    fn close(&self) {
        let _ = self.out.send(Out::Close);
    }
}

/// A command with all it needs to be carried out later.
struct Job {
    connection: Connection,
    out: UnboundedSender<Out>,
    running: Running,
    number: u64,
    text: String,
    caller: Caller,
    effects: Vec<Effect>,
    asked: Asked,
}

/// What became of a command.
enum Done {
    Said(Vec<Vec<u8>>),
    /// It says nothing until it is cancelled.
    Silent,
    /// The connection ends, after these words.
    Closed(Vec<Vec<u8>>),
}

impl Job {
    async fn slowly(self) {
        for effect in &self.effects {
            if let Effect::Delay { ms } | Effect::Busy { ms } = effect {
                tokio::time::sleep(millis(*ms)).await;
            }
        }
        let done = self.carry_out();
        for effect in &self.effects {
            if let Effect::DelayReply { ms } = effect {
                tokio::time::sleep(millis(*ms)).await;
            }
        }
        // it may have been cancelled meanwhile
        if self.running.lock().contains_key(&self.number) {
            self.finish(done);
        }
    }

    fn carry_out(&self) -> Done {
        let version = self.connection.router.with(|state| state.options.version);
        let writer = Writer {
            version,
            tag: self.asked.tag.as_deref(),
            effects: &self.effects,
        };
        self.connection.router.suffer(&self.effects);
        for effect in &self.effects {
            match effect {
                Effect::CrossDelivered { menu } => {
                    let rows = self.connection.router.rows(menu);
                    let said = writer.sentences(Ok(crate::engine::Reply::Rows(rows)));
                    return said.map_or(Done::Silent, Done::Said);
                }
                Effect::CloseBeforeStatus | Effect::Reboot => return Done::Closed(Vec::new()),
                Effect::Reset => {
                    self.connection.plan.lock().reset = true;
                    return Done::Closed(Vec::new());
                }
                Effect::Hang => return Done::Silent,
                Effect::Fatal { reason } => {
                    return Done::Closed(vec![fatal(reason, None)]);
                }
                Effect::Reply { body, .. } => return Done::Said(writer.scripted(body)),
                Effect::Error { detail, .. } => {
                    return Done::Said(writer.traps(std::slice::from_ref(detail)));
                }
                Effect::SeveralTraps { texts } => return Done::Said(writer.traps(texts)),
                _ => {}
            }
        }
        let outcome = self
            .asked
            .command()
            .and_then(|command: Command| self.connection.router.execute(&self.caller, &command));
        for effect in &self.effects {
            match effect {
                Effect::AppliedButError { detail, .. } => {
                    return Done::Said(writer.traps(std::slice::from_ref(detail)));
                }
                Effect::AppliedButNoAnswer { hang: true } => return Done::Silent,
                Effect::AppliedButNoAnswer { hang: false } => return Done::Closed(Vec::new()),
                _ => {}
            }
        }
        writer.sentences(outcome).map_or(Done::Silent, Done::Said)
    }

    fn finish(self, done: Done) {
        let (sentences, closes, status) = match done {
            Done::Silent => (Vec::new(), false, 0),
            Done::Closed(sentences) => (sentences, true, 0),
            Done::Said(sentences) => {
                self.running.lock().remove(&self.number);
                let trapped = sentences.iter().any(|sentence| is_trap(sentence));
                (sentences, false, if trapped { 400 } else { 200 })
            }
        };
        let bytes = sentences.iter().map(Vec::len).sum();
        let (menu, command) = self.asked.parts();
        let logged = LoggedRequest {
            method: "API".to_owned(),
            target: self.asked.path.clone(),
            body: self.text,
            user: self.caller.name.clone(),
            status,
        };
        let kind = format!("API {menu}/{command}");
        self.connection
            .router
            .stats(|stats| stats.note(kind, logged, bytes));
        if !sentences.is_empty() {
            let _ = self.out.send(Out::Reply(reply(sentences, &self.effects)));
        }
        if closes || self.effects.contains(&Effect::CloseAfterReply) {
            let _ = self.out.send(Out::Close);
        }
    }
}

fn takes_time(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Delay { .. } | Effect::Busy { .. } | Effect::DelayReply { .. }
    )
}

fn is_trap(sentence: &[u8]) -> bool {
    sentence.windows(5).take(6).any(|bytes| bytes == b"!trap")
}

fn fatal(reason: &str, tag: Option<&str>) -> Vec<u8> {
    let tag = tag.map(|tag| format!(".tag={tag}"));
    let words = ["!fatal"].into_iter().chain(tag.as_deref()).chain([reason]);
    Pen::default().sentence(words)
}

fn reply(sentences: Vec<Vec<u8>>, effects: &[Effect]) -> Reply {
    let mut plan = Plan::default();
    let mut reply = Reply {
        sentences: sentences.into(),
        ..Reply::default()
    };
    for effect in effects {
        match effect {
            Effect::Cut { after } => plan.cut_after = Some(*after),
            Effect::Trickle { bytes, ms } => {
                plan.trickle = Some((*bytes, Duration::from_millis(*ms)));
            }
            Effect::Interleave => reply.waits = true,
            _ => {}
        }
    }
    if plan.cut_after.is_some() || plan.trickle.is_some() {
        reply.plan = Some(plan);
    }
    reply
}

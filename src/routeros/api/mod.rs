//! The binary API: services `api-ssl` and `api`, RouterOS 6.43 and later.
//!
//! One session per router; commands carry tags and share it, at most eight at a time.
//! Reading order: `stream` (name, TCP, TLS, login), `connection` (who gets which sentence), `words` and
//! `reply` (commands and answers), `sentence` (bytes).

mod connection;
mod reply;
mod sentence;
mod stream;
mod words;

use std::future::Future;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

use self::connection::{Connection, Outcome};
use super::command::{Command, Follower, OneWrite, Sink, Together, Transport};
use super::deadline::Deadline;
use super::endpoint::Endpoint;
use super::failure::Peer;
use crate::error::{Error, Result, Step};

/// Commands under way at one time. RouterOS was seen to hang at 25 (7.22.1).
const IN_FLIGHT: usize = 8;

/// A router reached by the binary API.
pub(super) struct Api {
    endpoint: Endpoint,
    peer: Peer,
    deadline: Deadline,
    slots: Arc<Semaphore>,
    /// The session, once there is one.
    connection: Mutex<Option<Rc<Connection>>>,
}

impl Api {
    pub(super) fn new(endpoint: &Endpoint, deadline: Deadline) -> Result<Self> {
        check(endpoint)?;
        if let Some(trust) = &endpoint.tls {
            // Unreadable certificates are a matter of settings, not of the network.
            super::tls::configuration(endpoint, trust)?;
        }
        Ok(Self {
            endpoint: endpoint.clone(),
            peer: Peer::of(endpoint),
            deadline,
            slots: Arc::new(Semaphore::new(IN_FLIGHT)),
            connection: Mutex::new(None),
        })
    }

    /// One that only looks is given a second time when a session that was in use ended without an
    /// answer; nothing else ever is.
    async fn exchange(&self, command: Command<'_>, sink: Sink) -> Result<()> {
        let slot = self.slots(1).await?;
        let connection = self.connection().await?;
        let used = connection.has_answered();
        let mut outcome = give(&connection, &command, sink.clone(), slot).await?;
        let unanswered = matches!(
            outcome,
            Outcome::Lost {
                unanswered: true,
                ..
            }
        );
        if used && unanswered && command.is_read() {
            let slot = self.slots(1).await?;
            let connection = self.connection().await?;
            outcome = give(&connection, &command, sink, slot).await?;
        }
        self.result(&command, outcome)
    }

    /// All in one write, so that as little time as can be lies between them.
    async fn exchange_together(
        &self,
        first: (Command<'_>, Sink),
        others: &[(Command<'_>, Sink)],
    ) -> Together {
        let opened = async {
            let mut slots = self.slots(1 + others.len()).await?;
            let connection = self.connection().await?;
            let mut sentences = Vec::new();
            let mut tickets = Vec::new();
            for (command, sink) in std::iter::once(&first).chain(others) {
                let tag = connection.next_tag();
                words::write(&mut sentences, command, tag)?;
                let slot = slots.split(1);
                let slot = slot.ok_or_else(|| Error::bug("there are fewer slots than commands"))?;
                tickets.push(connection.expect(tag, sink.clone(), slot));
            }
            Ok((connection, sentences, tickets))
        };
        let (connection, sentences, tickets) = match opened.await {
            Ok(opened) => opened,
            Err(error) => return Together::unsent(error),
        };
        let all = async {
            let mut outcomes = Vec::new();
            for ticket in tickets {
                outcomes.push(connection.wait(ticket).await);
            }
            outcomes
        };
        let mut outcomes = while_writing(&connection, &sentences, all)
            .await
            .into_iter();
        let read = outcomes.next();
        let read_at = match read {
            Some(Outcome::Done(before)) => Some(before),
            _ => None,
        };
        let followers = others.iter().zip(outcomes).map(|((command, _), outcome)| Follower {
            ahead: matches!(outcome, Outcome::Done(before) if read_at.is_some_and(|at| before < at)),
            outcome: self.result(command, outcome),
        });
        Together {
            others: followers.collect(),
            first: read.map_or_else(
                || Err(Error::bug("a command has no outcome")),
                |read| self.result(&first.0, read),
            ),
        }
    }

    async fn slots(&self, count: usize) -> Result<OwnedSemaphorePermit> {
        let count = u32::try_from(count)
            .ok()
            .filter(|_| count <= IN_FLIGHT)
            .ok_or_else(|| Error::bug(format!("{count} commands are too many for one write")))?;
        Arc::clone(&self.slots)
            .acquire_many_owned(count)
            .await
            .map_err(|_| Error::bug("the slots of a router were closed"))
    }

    /// The session; a new one when there is none or the last one ended.
    async fn connection(&self) -> Result<Rc<Connection>> {
        let mut kept = self.connection.lock().await;
        if let Some(connection) = kept.as_ref() {
            connection.notice().await;
            if connection.is_usable() {
                return Ok(Rc::clone(connection));
            }
        }
        // The router counts sessions: the old one must be gone before the new one comes.
        *kept = None;
        let stream = stream::open(&self.endpoint, &self.peer, self.deadline).await?;
        let connection = Rc::new(Connection::new(stream));
        *kept = Some(Rc::clone(&connection));
        Ok(connection)
    }

    fn result(&self, command: &Command<'_>, outcome: Outcome) -> Result<()> {
        let label = command.label();
        match outcome {
            Outcome::Done(_) => Ok(()),
            Outcome::Nonsense(why) => Err(Error::nonsense(label, self.peer.masked(&why))),
            Outcome::Lost { why, .. } => {
                let why = self.peer.masked(&why);
                Err(self.peer.failed(Step::Reply, format!("{why} ({label})")))
            }
            Outcome::Refused(reason) => {
                Err(self.peer.refusal(&label, &reason, None, command.secrets()))
            }
        }
    }
}

impl Transport for Api {
    fn send<'a>(
        &'a self,
        command: Command<'a>,
        sink: Sink,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>> {
        Box::pin(self.exchange(command, sink))
    }

    fn one_write(&self) -> Option<&dyn OneWrite> {
        Some(self)
    }
}

impl OneWrite for Api {
    fn most(&self) -> usize {
        IN_FLIGHT
    }

    fn send_together<'a>(
        &'a self,
        first: (Command<'a>, Sink),
        others: &'a [(Command<'a>, Sink)],
    ) -> Pin<Box<dyn Future<Output = Together> + 'a>> {
        Box::pin(self.exchange_together(first, others))
    }
}

async fn give(
    connection: &Connection,
    command: &Command<'_>,
    sink: Sink,
    slot: OwnedSemaphorePermit,
) -> Result<Outcome> {
    let tag = connection.next_tag();
    let mut sentence = Vec::new();
    words::write(&mut sentence, command, tag)?;
    let ticket = connection.expect(tag, sink, slot);
    Ok(while_writing(connection, &sentence, connection.wait(ticket)).await)
}

async fn while_writing<T>(
    connection: &Connection,
    sentences: &[u8],
    wait: impl Future<Output = T>,
) -> T {
    let mut write = pin!(connection.write(sentences));
    let mut wait = pin!(wait);
    tokio::select! {
        biased;
        () = &mut write => wait.await,
        outcome = &mut wait => outcome,
    }
}

fn check(endpoint: &Endpoint) -> Result<()> {
    let host = endpoint.bare_host();
    let is_name = !host.is_empty()
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || "-._".contains(c));
    if endpoint.port == 0 || !(is_name || host.parse::<IpAddr>().is_ok()) {
        return Err(Error::misuse(
            format!(
                "\"{host}\" with port {} is no address of a router",
                endpoint.port
            ),
            "Enter a host name or IP address, without https:// and path, in the WHMCS server settings",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::poll_fn;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::Poll;
    use std::thread::JoinHandle;
    use std::time::Duration;

    use super::sentence::Decoder;
    use super::*;
    use crate::routeros::endpoint::TransportKind;
    use crate::routeros::query::Query;
    use crate::routeros::record::Record;
    use crate::secret::Secret;

    const LOGIN: &[u8] = b"\x05!done\x00";

    fn endpoint(port: u16) -> Endpoint {
        Endpoint {
            host: "127.0.0.1".into(),
            port,
            tls: None,
            transport: TransportKind::Api,
            username: "whmcs".into(),
            password: Secret::default(),
        }
    }

    fn api(port: u16) -> Api {
        let deadline = Deadline::after(Duration::from_secs(20));
        Api::new(&endpoint(port), deadline).unwrap()
    }

    /// Plays the router for one connection.
    fn router<T: Send + 'static>(
        play: impl FnOnce(Ear) -> T + Send + 'static,
    ) -> (u16, JoinHandle<T>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            play(Ear {
                stream,
                decoder: Decoder::default(),
            })
        });
        (port, server)
    }

    struct Ear {
        stream: TcpStream,
        decoder: Decoder,
    }

    impl Ear {
        /// The tag of the next sentence; `None` when none comes for a while.
        fn tag(&mut self) -> Option<String> {
            self.stream
                .set_read_timeout(Some(Duration::from_millis(200)))
                .unwrap();
            loop {
                if let Some(sentence) = self.decoder.sentence().unwrap() {
                    let tag = sentence
                        .words()
                        .find_map(|word| word.strip_prefix(b".tag="));
                    return Some(String::from_utf8_lossy(tag.unwrap_or_default()).into_owned());
                }
                let mut chunk = [0; 4_096];
                match self.stream.read(&mut chunk) {
                    Ok(0) | Err(_) => return None,
                    Ok(count) => self.decoder.feed(&chunk[..count]),
                }
            }
        }

        fn log_in(&mut self) {
            self.tag().unwrap();
            self.stream.write_all(LOGIN).unwrap();
        }

        fn say(&mut self, words: &[&str]) {
            let mut bytes = Vec::new();
            words::sentence_of(&mut bytes, words.iter().map(|word| word.as_bytes())).unwrap();
            self.stream.write_all(&bytes).unwrap();
        }
    }

    fn wait<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(work)
    }

    /// The names a list brings.
    async fn names(api: &Api, query: &Query) -> Result<Vec<String>> {
        let names = Rc::new(RefCell::new(Vec::new()));
        let taken = Rc::clone(&names);
        let take = move |record: &Record| {
            let name = record.value("name").unwrap_or("?").to_owned();
            taken.borrow_mut().push(name);
        };
        api.send(list(query), Sink::new(take)).await?;
        Ok(names.take())
    }

    fn list(query: &Query) -> Command<'_> {
        Command::Print {
            menu: "/ppp/secret",
            proplist: &["name"],
            query,
        }
    }

    #[test]
    fn eight_commands_are_under_way_and_each_gets_its_own_reply() {
        let (port, server) = router(|mut ear| {
            ear.log_in();
            let mut batches = Vec::new();
            loop {
                let tags: Vec<_> = std::iter::from_fn(|| ear.tag()).collect();
                if tags.is_empty() {
                    return batches;
                }
                // Rows of all, mixed and backwards, then the ends.
                for words in [["!re", "=name="], ["!re", "=name="], ["!done", ""]] {
                    for tag in tags.iter().rev() {
                        let (own, name) = (format!(".tag={tag}"), format!("=name={tag}"));
                        let words = match words {
                            [word, ""] => vec![word, &own],
                            [word, _] => vec![word, &own, &name],
                        };
                        ear.say(&words);
                    }
                }
                batches.push(tags.len());
            }
        });
        let api = api(port);
        let query = Query::all();
        let one = |()| async { names(&api, &query).await.unwrap() };
        let replies = wait(async {
            tokio::join!(
                one(()),
                one(()),
                one(()),
                one(()),
                one(()),
                one(()),
                one(()),
                one(()),
                one(()),
                one(()),
                one(()),
            )
        });
        let (first, last) = (&replies.0, &replies.10);
        assert_eq!(first.len(), 2);
        assert_eq!(first[0], first[1]);
        assert_ne!(first[0], last[0]);
        drop(api);
        assert_eq!(server.join().unwrap(), [8, 3]);
    }

    #[test]
    fn what_comes_for_a_dropped_command_is_passed_over() {
        let under_way = Arc::new(AtomicBool::new(false));
        let heard = Arc::clone(&under_way);
        let (port, server) = router(move |mut ear| {
            ear.log_in();
            let dropped = format!(".tag={}", ear.tag().unwrap());
            heard.store(true, Ordering::SeqCst);
            let wanted = format!(".tag={}", ear.tag().unwrap());
            ear.say(&["!re", &dropped, "=name=old"]);
            ear.say(&["!re", &wanted, "=name=new"]);
            ear.say(&["!done", &dropped]);
            ear.say(&["!done", &wanted]);
            ear.tag()
        });
        let api = api(port);
        let query = Query::all();
        let names = wait(async {
            let passed_over = Sink::new(|_| panic!("nobody listens"));
            let mut dropped = api.send(list(&query), passed_over);
            while !under_way.load(Ordering::SeqCst) {
                poll_fn(|cx| {
                    assert!(dropped.as_mut().poll(cx).is_pending());
                    Poll::Ready(())
                })
                .await;
                tokio::task::yield_now().await;
            }
            drop(dropped);
            names(&api, &query).await
        });
        assert_eq!(names.unwrap(), ["new"]);
        drop(api);
        assert_eq!(server.join().unwrap(), None);
    }

    #[test]
    fn an_address_that_is_none_is_misuse() {
        for host in [
            "",
            "https://router",
            "a b",
            "router/rest",
            "user@router",
            "router:443",
            "[x",
        ] {
            let endpoint = Endpoint {
                host: host.into(),
                ..endpoint(8_728)
            };
            let deadline = Deadline::after(Duration::from_secs(1));
            assert!(Api::new(&endpoint, deadline).is_err(), "{host}");
        }
        let deadline = Deadline::after(Duration::from_secs(1));
        assert!(Api::new(&endpoint(0), deadline).is_err());
    }
}

//! One session with several commands under way.
//!
//! Nothing runs in the background: whoever waits for a reply reads, and hands to the others what is
//! theirs. A future that is dropped leaves its command under way; what still comes for it is passed
//! over.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Poll;

use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{Mutex, OwnedSemaphorePermit, oneshot};

use super::reply::{Kind, Reply};
use super::sentence::Decoder;
use super::stream::Stream;
use crate::limits::{LIST_BYTES, LIST_ROWS};
use crate::routeros::command::Sink;
use crate::routeros::record::Record;

/// Refusals of one command that are kept.
const MOST_TRAPS: usize = 8;

/// How a command ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// All records have been handed out. So many commands of this session had been done before.
    Done(u64),
    /// The router's own words.
    Refused(String),
    /// The answer makes no sense, and why.
    Nonsense(String),
    /// No whole answer came, and why.
    Lost {
        /// A clause.
        why: String,
        /// Nothing of the answer came.
        unanswered: bool,
    },
}

/// An open session.
pub(super) struct Connection {
    reader: Mutex<Reader>,
    writer: Mutex<WriteHalf<Box<dyn Stream>>>,
    waiting: RefCell<BTreeMap<u64, Waiting>>,
    last_tag: Cell<u64>,
    dead: Cell<bool>,
    /// Commands that were done.
    done: Cell<u64>,
}

struct Reader {
    half: ReadHalf<Box<dyn Stream>>,
    decoder: Decoder,
    chunk: Vec<u8>,
}

/// A command under way.
struct Waiting {
    sink: Sink,
    /// Of all its sentences so far.
    bytes: usize,
    rows: usize,
    traps: Vec<String>,
    begun: bool,
    outcome: oneshot::Sender<Outcome>,
    /// Held until the router has answered, also when nobody listens any more.
    _slot: OwnedSemaphorePermit,
}

/// A claim to the reply of one command.
pub(super) struct Ticket(oneshot::Receiver<Outcome>);

/// Why a session is over.
enum End {
    Lost(String),
    Nonsense(String),
}

impl Connection {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self {
            reader: Mutex::new(Reader {
                half: reader,
                decoder: Decoder::default(),
                chunk: vec![0; 32 << 10],
            }),
            writer: Mutex::new(writer),
            waiting: RefCell::default(),
            last_tag: Cell::new(0),
            dead: Cell::new(false),
            done: Cell::new(0),
        }
    }

    /// Commands may still be given.
    pub(super) fn is_usable(&self) -> bool {
        !self.dead.get()
    }

    /// Reads what has come while nobody waited: a session that the router has ended meanwhile must not be
    /// given a command of which nobody would know what became.
    pub(super) async fn notice(&self) {
        // The runtime looks at its sockets when it has nothing else to do.
        tokio::task::yield_now().await;
        let Ok(mut reader) = self.reader.try_lock() else {
            return;
        };
        let mut read = pin!(self.read(&mut reader));
        // What it has not read is read by whoever waits next.
        let _ = poll_fn(|cx| Poll::Ready(read.as_mut().poll(cx))).await;
    }

    /// Some command was answered, so the session was a good one.
    pub(super) fn has_answered(&self) -> bool {
        self.done.get() > 0
    }

    /// A tag no command of this session has had.
    pub(super) fn next_tag(&self) -> u64 {
        let tag = self.last_tag.get() + 1;
        self.last_tag.set(tag);
        tag
    }

    /// A place for the reply of the command that is about to be sent with `tag`; `sink` gets its records.
    pub(super) fn expect(&self, tag: u64, sink: Sink, slot: OwnedSemaphorePermit) -> Ticket {
        let (sender, receiver) = oneshot::channel();
        let waiting = Waiting {
            sink,
            bytes: 0,
            rows: 0,
            traps: Vec::new(),
            begun: false,
            outcome: sender,
            _slot: slot,
        };
        self.waiting.borrow_mut().insert(tag, waiting);
        Ticket(receiver)
    }

    /// Sends whole sentences. Reading must go on meanwhile: a router that cannot get rid of a reply may
    /// not take the next command.
    pub(super) async fn write(&self, sentences: &[u8]) {
        let mut writer = self.writer.lock().await;
        if self.dead.get() {
            return;
        }
        let unfinished = Unfinished(Some(self));
        let sent = async {
            writer.write_all(sentences).await?;
            writer.flush().await
        };
        match sent.await {
            Ok(()) => unfinished.finish(),
            Err(error) => {
                unfinished.finish();
                self.dead.set(true);
                // Whoever waits goes on reading what came before the end, such as a `!fatal`.
                if !is_closing(&error) {
                    self.end(&End::Lost(broken_off(&error)));
                }
            }
        }
    }

    /// Waits for a reply, reading for all while nobody else does.
    pub(super) async fn wait(&self, mut ticket: Ticket) -> Outcome {
        loop {
            tokio::select! {
                biased;
                outcome = &mut ticket.0 => return outcome.unwrap_or_else(|_| closed()),
                mut reader = self.reader.lock() => {
                    // It may have been answered while another read.
                    if let Ok(outcome) = ticket.0.try_recv() {
                        return outcome;
                    }
                    self.read(&mut reader).await;
                }
            }
        }
    }

    /// Reads what there is and hands it out. Dropped while it waits it has lost nothing.
    async fn read(&self, reader: &mut Reader) {
        let Reader {
            half,
            decoder,
            chunk,
        } = reader;
        let end = match half.read(chunk).await {
            Ok(0) => Err(End::Lost(CLOSED.into())),
            Ok(count) => {
                decoder.feed(chunk.get(..count).unwrap_or_default());
                self.hand_out(decoder)
            }
            Err(error) => Err(End::Lost(broken_off(&error))),
        };
        if let Err(end) = end {
            self.end(&end);
        }
    }

    fn hand_out(&self, decoder: &mut Decoder) -> Result<(), End> {
        loop {
            let sentence = decoder
                .sentence()
                .map_err(|malformed| End::Nonsense(malformed.to_string()))?;
            let Some(sentence) = sentence else {
                return Ok(());
            };
            let reply = Reply::read(sentence).map_err(End::Nonsense)?;
            self.deliver(&reply)?;
        }
    }

    fn deliver(&self, reply: &Reply<'_>) -> Result<(), End> {
        if reply.kind == Kind::Fatal {
            let reason = reply.reason();
            return Err(End::Lost(format!("it ended the session: {reason}")));
        }
        let stray = || End::Nonsense("it answers a command that was not given".into());
        let tag = reply.tag.and_then(number).ok_or_else(stray)?;
        let mut all = self.waiting.borrow_mut();
        let waiting = all.get_mut(&tag).ok_or_else(stray)?;
        waiting.begun = true;
        waiting.count(reply)?;
        match reply.kind {
            Kind::Row => waiting.row(reply),
            Kind::Trap => waiting.trap(reply),
            Kind::Empty | Kind::Fatal => {}
            Kind::Done => {
                let before = self.done.get();
                self.done.set(before + 1);
                if let Some(waiting) = all.remove(&tag) {
                    waiting.done(reply, before);
                }
            }
        }
        Ok(())
    }

    /// Nothing more will come: everybody who waits learns why.
    fn end(&self, end: &End) {
        self.dead.set(true);
        for (_, waiting) in std::mem::take(&mut *self.waiting.borrow_mut()) {
            let outcome = match end {
                End::Nonsense(why) => Outcome::Nonsense(why.clone()),
                End::Lost(why) => Outcome::Lost {
                    why: why.clone(),
                    unanswered: !waiting.begun,
                },
            };
            // Nobody may listen any more.
            let _ = waiting.outcome.send(outcome);
        }
    }
}

impl Waiting {
    fn count(&mut self, reply: &Reply<'_>) -> Result<(), End> {
        self.rows += usize::from(reply.kind == Kind::Row);
        // An empty sentence may still take room.
        self.bytes += reply.size() + size_of::<Record>();
        let most = match () {
            () if self.rows > LIST_ROWS => format!("{LIST_ROWS} rows"),
            () if self.bytes > LIST_BYTES => format!("{LIST_BYTES} bytes"),
            () => return Ok(()),
        };
        Err(End::Nonsense(format!("it has more than {most}")))
    }

    fn row(&mut self, reply: &Reply<'_>) {
        if !self.outcome.is_closed() && !reply.is_dead() {
            self.sink.take(&reply.record());
        }
    }

    fn trap(&mut self, reply: &Reply<'_>) {
        let reason = reply.reason();
        if self.traps.len() < MOST_TRAPS && !self.traps.contains(&reason) {
            self.traps.push(reason);
        }
    }

    fn done(self, reply: &Reply<'_>, before: u64) {
        let outcome = if self.traps.is_empty() {
            let end = reply.record();
            if end.value("ret").is_some() && !self.outcome.is_closed() {
                self.sink.take(&end);
            }
            Outcome::Done(before)
        } else {
            Outcome::Refused(self.traps.join("; "))
        };
        // Nobody may listen any more.
        let _ = self.outcome.send(outcome);
    }
}

/// Ends the session when a write is dropped half way: the router waits for the rest of a sentence.
struct Unfinished<'a>(Option<&'a Connection>);

impl Unfinished<'_> {
    fn finish(mut self) {
        self.0 = None;
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.0 {
            let why = "an earlier command broke off while it was sent";
            connection.end(&End::Lost(why.into()));
        }
    }
}

const CLOSED: &str = "the connection was closed before the answer was complete";

fn closed() -> Outcome {
    Outcome::Lost {
        why: CLOSED.into(),
        unanswered: false,
    }
}

fn broken_off(error: &io::Error) -> String {
    match error.kind() {
        // TLS that ends without a farewell
        io::ErrorKind::UnexpectedEof => CLOSED.into(),
        kind => format!("the connection broke off before the answer was complete: {kind}"),
    }
}

/// The router has ended the connection; what it said before can still be read.
fn is_closing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
    )
}

fn number(tag: &[u8]) -> Option<u64> {
    std::str::from_utf8(tag).ok()?.parse().ok()
}

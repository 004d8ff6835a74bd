//! Actors on a stage: threads of which exactly one runs at a time, and who that is is the director's
//! decision at every boundary. So a seed is one schedule, however many of them are under way.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use mikrotikvpn::boundary::{Watch, watch};

/// Where an actor stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cue {
    /// A statement is about to be run, or a transaction to begin or end.
    BeforeSql(&'static str),
    /// It has been.
    AfterSql(&'static str),
    /// A request is about to be sent to the router.
    BeforeRequest,
    /// It was answered, or given up.
    AfterRequest,
    /// A lock was in the way; the work begins again.
    Pause,
    /// WHMCS was asked to send this template to the owner of this service.
    Mail(String, i64),
    /// The last: what the operation returned, or `None` when it was cut off.
    End(Option<String>),
}

/// What the director says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// On to the next boundary.
    GoOn,
    /// The process ends here.
    Die,
    /// The step fails in this way, instead of being done.
    Fail(Failing),
}

/// How a statement, a commit or a mail fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    /// Nothing happened, and the transaction goes on.
    LockTimeout,
    /// Nothing happened, and the transaction is rolled back.
    Deadlock,
    /// A row is newer than what the transaction has seen, and the transaction is rolled back.
    Changed,
    /// Nothing happened, and the connection is gone.
    Lost,
    /// It happened, and the connection is gone.
    AnswerLost,
    /// A mailer that is down.
    Refused,
}

/// Unwinds an actor whose process ends.
struct Cut;

/// The actor's side.
#[derive(Clone)]
pub struct Prompter {
    cues: Sender<Cue>,
    orders: Rc<Receiver<Order>>,
    cut: Rc<Cell<bool>>,
}

impl Prompter {
    /// Tells the director where we stand and waits for his word.
    pub fn at(&self, cue: Cue) -> Order {
        if self.cut.get() {
            // Destructors run in a process that is no more.
            return Order::Die;
        }
        let told = self.cues.send(cue).is_ok();
        match self.orders.recv() {
            Ok(order) if told && order != Order::Die => order,
            _ => {
                self.cut.set(true);
                resume_unwind(Box::new(Cut));
            }
        }
    }

    /// The process has ended; what still runs are destructors.
    pub fn is_cut(&self) -> bool {
        self.cut.get()
    }
}

struct Requests {
    prompter: Prompter,
    /// The router's clock, in microseconds.
    clock: Arc<AtomicU64>,
    under_way: RefCell<bool>,
}

impl Watch for Requests {
    fn boundary(&self) {
        let after = self.under_way.replace_with(|under_way| !*under_way);
        let cue = if after {
            Cue::AfterRequest
        } else {
            Cue::BeforeRequest
        };
        self.prompter.at(cue);
    }

    fn passed(&self) -> Duration {
        Duration::from_micros(self.clock.load(Ordering::SeqCst))
    }
}

/// One operation under way, seen by the director.
pub struct Actor {
    cues: Receiver<Cue>,
    orders: Sender<Order>,
    thread: Option<JoinHandle<()>>,
}

impl Actor {
    /// Prepares `play`; it begins with the first order.
    pub fn enter(
        clock: Arc<AtomicU64>,
        play: impl FnOnce(Prompter) -> String + Send + 'static,
    ) -> Self {
        let (cue, cues) = channel();
        let (order, orders) = channel();
        let thread = std::thread::spawn(move || {
            let prompter = Prompter {
                cues: cue.clone(),
                orders: Rc::new(orders),
                cut: Rc::default(),
            };
            if !matches!(prompter.orders.recv(), Ok(Order::GoOn)) {
                return;
            }
            watch(Rc::new(Requests {
                prompter: prompter.clone(),
                clock,
                under_way: RefCell::new(false),
            }));
            let played = catch_unwind(AssertUnwindSafe(|| play(prompter)));
            let end = match played {
                Ok(answer) => Some(answer),
                Err(panic) if panic.is::<Cut>() => None,
                Err(panic) => Some(format!("PANIC {}", words(panic.as_ref()))),
            };
            // A director who has left needs no end.
            let _ = cue.send(Cue::End(end));
        });
        Self {
            cues,
            orders: order,
            thread: Some(thread),
        }
    }

    /// Gives an order and waits until the actor stands again.
    pub fn order(&mut self, order: Order) -> Cue {
        let cue = match self.orders.send(order) {
            Ok(()) => self.cues.recv().unwrap_or(Cue::End(None)),
            Err(_) => Cue::End(None),
        };
        if let (Cue::End(_), Some(thread)) = (&cue, self.thread.take()) {
            let _ = thread.join();
        }
        cue
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = self.orders.send(Order::Die);
            let _ = thread.join();
        }
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

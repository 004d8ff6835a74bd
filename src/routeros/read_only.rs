//! A router that may be read and not changed: whatever would change it is refused before it is sent, so no
//! caller can forget to ask.

use std::future::{Future, ready};
use std::pin::Pin;

use super::command::{Command, Sink, Transport};
use crate::error::{Error, Result};

/// Lets reading commands through to another transport.
pub(super) struct ReadOnly {
    transport: Box<dyn Transport>,
    why: Error,
}

impl ReadOnly {
    /// `why` is what every other command is answered.
    pub(super) fn new(transport: Box<dyn Transport>, why: Error) -> Self {
        Self { transport, why }
    }
}

impl Transport for ReadOnly {
    fn send<'a>(
        &'a self,
        command: Command<'a>,
        sink: Sink,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>> {
        match command {
            Command::Print { .. } | Command::Read { .. } => self.transport.send(command, sink),
            Command::Add { .. }
            | Command::Set { .. }
            | Command::Remove { .. }
            | Command::Run { .. } => Box::pin(ready(Err(self.why.clone()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;

    use super::*;
    use crate::routeros::{Deadline, Id, Query, QueueFields, ResetFate, Router, SecretFields};

    /// Answers nothing and remembers what it was asked.
    struct Listener(Rc<RefCell<Vec<String>>>);

    impl Transport for Listener {
        fn send<'a>(
            &'a self,
            command: Command<'a>,
            _: Sink,
        ) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>> {
            self.0.borrow_mut().push(command.path());
            Box::pin(ready(Ok(())))
        }
    }

    #[test]
    fn nothing_that_would_change_the_router_is_sent() {
        let heard = Rc::new(RefCell::new(Vec::new()));
        let transport = ReadOnly::new(
            Box::new(Listener(Rc::clone(&heard))),
            Error::misuse("This WHMCS may be a copy", "Say so"),
        );
        let deadline = Deadline::after(Duration::from_secs(5));
        let router = Router::over(Box::new(transport), "r:443".to_owned(), deadline).unwrap();
        let (secret, queue) = (SecretFields::default(), QueueFields::default());
        let id = Id::new("*1");
        let refused = [
            router.add_secret(&secret).map(drop),
            router.set_secret(&id, &secret),
            router.remove_secret(&id),
            router.add_queue(&queue).map(drop),
            router.set_queue(&id, &queue),
            router.remove_queue(&id),
            router.remove_session(&id),
            router.reset_queue_counters(std::slice::from_ref(&id)),
            router.set_secrets(&[&id], &secret),
            router.set_queues(&[&id], &queue),
            router.remove_sessions(&[&id]),
        ];
        for outcome in refused {
            let error = outcome.unwrap_err().to_string();
            assert!(error.contains("may be a copy"), "{error}");
        }
        assert!(heard.borrow().is_empty(), "{heard:?}");
        let reading = router.queue_counters_then_reset(&[id]);
        assert_ne!(reading.fates, [ResetFate::Done]);
        router.secrets(&Query::all()).unwrap();
        assert_eq!(
            *heard.borrow(),
            ["/queue/simple/print", "/ppp/secret/print"]
        );
    }
}

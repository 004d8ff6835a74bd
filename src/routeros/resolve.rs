//! Host names to addresses, with a limit of its own: a name server that hangs is then told apart from
//! a router that does.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Asks the system, off the runtime's thread. The look-up itself cannot be interrupted; whoever gives
/// up on it must end the runtime without waiting.
pub(super) struct Resolver {
    limit: Duration,
    lookup: Lookup,
}

type Lookup = fn(&str) -> io::Result<Vec<SocketAddr>>;

impl Resolver {
    pub(super) fn new(limit: Duration) -> Self {
        Self::with(limit, |host| Ok((host, 0).to_socket_addrs()?.collect()))
    }

    pub(super) fn with(limit: Duration, lookup: Lookup) -> Self {
        Self { limit, lookup }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (limit, lookup) = (self.limit, self.lookup);
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let work = tokio::task::spawn_blocking(move || lookup(&host));
            let unresolved = |why: String| Unresolved {
                host: name.as_str().to_owned(),
                why,
                timed_out: false,
            };
            let found = tokio::time::timeout(limit, work)
                .await
                .map_err(|_| Unresolved {
                    timed_out: true,
                    ..unresolved("the name server did not answer in time".into())
                })?
                .map_err(|_| unresolved("the look-up was ended".into()))?
                .map_err(|error| unresolved(error.to_string()))?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// No address for a host name.
#[derive(Debug)]
pub(super) struct Unresolved {
    pub(super) host: String,
    pub(super) why: String,
    /// For lack of time.
    pub(super) timed_out: bool,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no address for {}: {}", self.host, self.why)
    }
}

impl std::error::Error for Unresolved {}

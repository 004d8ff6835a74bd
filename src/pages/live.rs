//! The account as the router has it now, for admins: two small requests.

use crate::account::observe::owns_secret;
use crate::account::tag::Tag;
use crate::error::Result;
use crate::routeros::{Deadline, Query, SecretRow, SessionRow};
use crate::settings::ServerSettings;

/// What the router says of an account.
pub(super) struct Live {
    /// `None` when the router has no secret of ours with that name.
    pub secret: Option<SecretRow>,
    /// Its sessions, the longest first.
    pub sessions: Vec<SessionRow>,
}

/// Asks the router.
pub(super) fn look(server: &ServerSettings, username: &str, tag: &Tag) -> Result<Live> {
    let router = server.router(Deadline::after(super::PATIENCE))?;
    let by_name = Query::field("name", username);
    let secret = router
        .secrets(&by_name)?
        .into_iter()
        .find(|secret| owns_secret(tag, secret));
    let mut sessions = match secret {
        Some(_) => router.sessions(&by_name)?,
        None => Vec::new(),
    };
    sessions.sort_by_key(|session| std::cmp::Reverse(session.uptime));
    Ok(Live { secret, sessions })
}

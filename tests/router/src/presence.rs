//! Login users who are connected: rows of `/user/active`.

use crate::clock;
use crate::engine::Caller;
use crate::router::Router;
use crate::state::State;
use crate::tables::{Id, TableId};

const TABLE: TableId = TableId::UserActive;

/// A user of the binary API for as long as the session lasts.
#[derive(Debug)]
pub struct Presence {
    router: Router,
    row: Id,
    name: String,
    source: String,
}

impl Presence {
    /// Somebody has logged in.
    pub fn begin(router: &Router, caller: &Caller) -> Self {
        let source = caller.source.map(|source| source.to_string());
        let source = source.unwrap_or_default();
        let row = router.with(|state| {
            state.log_user(&caller.name, "logged in", &source, "api");
            state.note_user(caller, &source, "api")
        });
        Self {
            router: router.clone(),
            row,
            name: caller.name.clone(),
            source,
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.router.with(|state| {
            // a power cycle has forgotten it
            if state.tables[TABLE].remove(self.row).is_some() {
                state.log_user(&self.name, "logged out", &self.source, "api");
            }
        });
    }
}

impl State {
    /// Each user and source of REST leaves two rows that never log out (7.16 to 7.24rc1).
    pub fn note_rest_login(&mut self, caller: &Caller) {
        let Some(source) = caller.source else { return };
        let source = source.to_string();
        let rows = &self.tables[TABLE];
        let same = |id: Id| {
            rows.text(id, "name") == Some(&caller.name)
                && rows.text(id, "address") == Some(&source)
                && rows.text(id, "via") == Some("rest-api")
        };
        if rows.ids().into_iter().any(same) {
            return;
        }
        self.log_user(&caller.name, "logged in", &source, "rest-api");
        for via in ["rest-api", "api"] {
            self.note_user(caller, &source, via);
        }
    }

    fn note_user(&mut self, caller: &Caller, source: &str, via: &str) -> Id {
        let when = clock::timestamp(self.options.version, self.clock.wall(self.clock.now()));
        let user = self.tables[TableId::User].find(&caller.name);
        let group = user
            .and_then(|user| self.reference(TableId::User, user, "group"))
            .and_then(|group| self.tables.name(TableId::Group, group))
            .unwrap_or_default()
            .to_owned();
        if let Some(user) = user {
            self.write_text(TableId::User, user, "last-logged-in", &when);
        }
        let id = self.tables[TABLE].next_id();
        self.install(
            TABLE,
            id,
            &[
                ("when", &when),
                ("name", &caller.name),
                ("address", source),
                ("via", via),
                ("group", &group),
                ("radius", "false"),
            ],
        );
        id
    }
}

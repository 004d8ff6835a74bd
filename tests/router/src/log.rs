//! `/log`: what the router writes down of logins and sessions, in the words of captures of 7.17.2 and 7.24.2 and
//! of the log grammar in the manual (syslog with Elasticsearch).

use crate::clock;
use crate::options::LogoutTotals;
use crate::record::Value;
use crate::session::{ConnectError, Dial, Session};
use crate::state::State;
use crate::tables::{Row, TableId, put};

/// Lines kept, in memory only (manual, log: `memory-lines`).
const LINES: usize = 1_000;

/// Bytes a packet carries, as in the counters.
const PACKET: u64 = 1_400;

impl State {
    /// Writes a line.
    pub fn log(&mut self, topics: &str, message: &str) {
        let table = TableId::Log;
        let mut row = Row::new(table, true);
        put(table, &mut row, "buffer", "memory");
        put(table, &mut row, "time", &self.log_time());
        put(table, &mut row, "topics", topics);
        put(table, &mut row, "message", message);
        put(table, &mut row, "extra-info", "");
        let id = self.tables[table].next_id();
        self.tables[table].push(id, row);
        if self.tables[table].len() > LINES {
            self.tables[table].remove_first();
        }
    }

    /// Whole dates from about 7.10 on; before, the day without its year.
    fn log_time(&self) -> String {
        let now = self.clock.wall(self.settled_at);
        if self.options.version.has_iso_dates() {
            clock::timestamp(self.options.version, now)
        } else {
            now.format("%b/%d %H:%M:%S").to_string().to_lowercase()
        }
    }

    /// Somebody dials. L2TP and PPPoE tell of it before anybody has said who he is.
    pub fn log_call(&mut self, service: &str, caller: &str) {
        match service {
            "l2tp" => self.log(
                "l2tp,info",
                &format!("first L2TP UDP packet received from {caller}"),
            ),
            "pppoe" => self.log(
                "pppoe,info",
                &format!("PPPoE connection established from {caller}"),
            ),
            _ => {}
        }
    }

    /// A login was refused. The line does not tell an unknown name from a wrong password, a disabled secret or
    /// another service.
    pub fn log_refusal(&mut self, service: &str, caller: &str, dial: &Dial, why: &ConnectError) {
        let reason = match why {
            ConnectError::NoSecret(_)
            | ConnectError::SecretDisabled(_)
            | ConnectError::WrongPassword(_)
            | ConnectError::WrongService(..)
            | ConnectError::WrongCaller(..) => "authentication failed",
            ConnectError::AlreadyConnected(_) => "is already active",
            // what it says of the others is not known
            _ => return,
        };
        // SSTP leaves the place of the caller empty
        let caller = match service {
            "sstp" => String::new(),
            _ => format!("<{caller}>"),
        };
        self.log(
            &format!("{service},ppp,error"),
            &format!("{caller}: user {} {reason}", dial.name),
        );
    }

    /// A session is up.
    pub fn log_login(&mut self, service: &str, interface: &str, session: &Session) {
        let Session {
            name,
            address,
            caller_id,
            ..
        } = session;
        let topics = format!("{service},ppp,info");
        self.log(&topics, &format!("{interface}: authenticated"));
        self.log(
            &format!("{topics},account"),
            &format!("{name} logged in, {address} from {caller_id}"),
        );
        self.log(&topics, &format!("{interface}: connected"));
    }

    /// A session is over: seconds, bytes and packets of both directions.
    pub fn log_logout(&mut self, service: &str, interface: &str, session: &Session) {
        let seconds = self.settled_at.saturating_sub(session.since) / 1_000_000;
        let (upload, download) = session.carried;
        let (first, second) = match self.options.logout_totals {
            LogoutTotals::UploadFirst => (upload, download),
            LogoutTotals::DownloadFirst => (download, upload),
        };
        let packets = |bytes: u64| bytes.div_ceil(PACKET);
        let topics = format!("{service},ppp,info");
        self.log(&topics, &format!("{interface}: terminating..."));
        self.log(
            &format!("{topics},account"),
            &format!(
                "{} logged out, {seconds} {first} {second} {} {} from {}",
                session.name,
                packets(first),
                packets(second),
                session.caller_id
            ),
        );
        self.log(&topics, &format!("{interface}: disconnected"));
    }

    /// A login user came (`logged in`) or went over `api` or `rest-api`.
    pub fn log_user(&mut self, name: &str, what: &str, source: &str, via: &str) {
        self.log(
            "system,info,account",
            &format!("user {name} {what} from {source} via {via}"),
        );
    }

    /// A login user was refused.
    pub fn log_login_failure(&mut self, name: &str, source: &str, via: &str) {
        self.log(
            "system,error,critical",
            &format!("login failure for user {name} from {source} via {via}"),
        );
    }
}

/// The time of a line written today, where the version leaves the date away (7.24 and, by habit, before 7.10).
pub fn shown_time(state: &State, text: &str) -> Value {
    let now = state.clock.wall(state.settled_at);
    let today = if state.options.version.has_iso_dates() {
        now.format("%Y-%m-%d ").to_string()
    } else {
        now.format("%b/%d ").to_string().to_lowercase()
    };
    let short = !state.options.version.has_iso_dates() || state.options.version.at_least(7, 24);
    let text = text.strip_prefix(&today).filter(|_| short).unwrap_or(text);
    Value::from(text.to_owned())
}

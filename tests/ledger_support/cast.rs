//! Who may enter: every operation of WHMCS's that touches the ledger, through the functions WHMCS calls.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use chrono_tz::Tz;
use mikrotikvpn::module;
use mikrotikvpn::params::Params;
use mikrotikvpn::traffic::grants;
use mikrotikvpn::units::Traffic;
use mysql::Conn;
use mysql::prelude::Queryable;

use super::account::Counter;
use super::desk::{Clocks, Desk, Spare};
use super::stage::{Actor, Cue};
use crate::mariadb_support::MariaDb;

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    UsageUpdate,
    AfterCronJob,
    CollectNow,
    Create,
    Suspend,
    Unsuspend,
    Terminate,
    ChangePassword,
    ChangePackage,
    ResetConnection,
    Renew,
    /// An admin's, in MB.
    Correct(i64),
}

impl Call {
    pub fn collects(self) -> bool {
        matches!(
            self,
            Self::UsageUpdate | Self::AfterCronJob | Self::CollectNow
        )
    }

    /// WHMCS does two of these for one service one after the other.
    pub fn is_exclusive(self) -> bool {
        !self.collects() && !matches!(self, Self::Renew | Self::Correct(_))
    }

    fn run(self, desk: &Desk, params: &Params) -> String {
        match self {
            Self::UsageUpdate => module::usage_update(desk, params),
            Self::AfterCronJob => {
                module::after_cron_job(desk);
                "success".to_owned()
            }
            Self::CollectNow => module::collect_now(desk, params),
            Self::Create => module::create_account(desk, params),
            Self::Suspend => module::suspend_account(desk, params),
            Self::Unsuspend => module::unsuspend_account(desk, params),
            Self::Terminate => module::terminate_account(desk, params),
            Self::ChangePassword => result(&module::change_password(desk, params)),
            Self::ChangePackage => module::change_package(desk, params),
            Self::ResetConnection => result(&module::reset_connection(desk, params)),
            Self::Renew => module::renew(desk, params),
            Self::Correct(megabytes) => {
                let service = params.int("serviceid");
                let done = grants::correct(desk, service, megabytes << 20, "an outage", "bob");
                done.map_or_else(|error| error.to_string(), |()| "success".to_owned())
            }
        }
    }
}

/// What every process of one schedule has in common.
#[derive(Clone)]
pub struct House {
    pub database: String,
    /// What every connection sets for itself.
    pub session: &'static str,
    pub spare: Spare,
    pub clocks: Clocks,
    pub zone: Tz,
    /// The router's clock, in microseconds.
    pub micros: Arc<AtomicU64>,
}

impl House {
    fn connect(&self) -> Conn {
        let mut conn = MariaDb::of_this_process().connect(&self.database);
        conn.query_drop(self.session)
            .expect("a setting of this server");
        conn
    }

    /// A process of WHMCS's that no director interrupts.
    pub fn desk(&self) -> Desk {
        let connect = || self.connect();
        Desk::new(&self.spare, connect, self.clocks.clone(), self.zone, None)
    }

    /// One that begins with the director's first order.
    pub fn enter(&self, call: Call, params: Params) -> Actor {
        let house = self.clone();
        Actor::enter(self.micros.clone(), move |prompter| {
            let connect = || house.connect();
            let clocks = house.clocks.clone();
            let desk = Desk::new(&house.spare, connect, clocks, house.zone, Some(prompter));
            call.run(&desk, &params)
        })
    }
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// WHMCS was told this.
    Answered(String),
    /// The process ended.
    Cut,
}

/// A counter that went to zero by a reset of the actor's.
#[derive(Debug, Clone, Copy)]
pub struct Reset {
    /// Which account.
    pub place: usize,
    /// What it showed then.
    pub shown: Traffic,
    /// What of that came after the actor had last read it.
    pub since: Traffic,
}

/// One operation under way.
pub struct Running {
    pub call: Call,
    /// Which account; collections have none.
    pub place: Option<usize>,
    pub actor: Actor,
    /// Where it stands; `None` before its first step.
    pub cue: Option<Cue>,
    /// How many periods of its account were paid when it began.
    pub paid: usize,
    /// How often the router had started anew when it began.
    pub reboots: u32,
    /// The counters when the router last answered it.
    pub read: Vec<Option<Counter>>,
    /// Resets of its that the books do not know of yet.
    pub resets: Vec<Reset>,
}

/// What WHMCS takes of an answer that has words for customers, too.
fn result(answer: &serde_json::Value) -> String {
    answer["result"].as_str().unwrap_or_default().to_owned()
}

//! The commands: what comes before each, and what is so when it is done.

use std::time::Duration;

use mikrotikvpn::module;

use super::secrets::{NEW_PASSWORD, PASSWORD};
use super::world::{NAME, Seconds, TAG, World, accept_new_password, tag_of};

/// What WHMCS orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Work {
    Create,
    Suspend,
    Unsuspend,
    Terminate,
    ChangePassword,
    ChangePackage,
    ResetConnection,
    /// With a cap to lift.
    Renew,
    Collect,
}

const MB: u64 = 1 << 20;

/// What the product grants for a period.
const QUOTA: i64 = 2 << 20;

impl Work {
    pub const ALL: [Self; 9] = [
        Self::Create,
        Self::Suspend,
        Self::Unsuspend,
        Self::Terminate,
        Self::ChangePassword,
        Self::ChangePackage,
        Self::ResetConnection,
        Self::Renew,
        Self::Collect,
    ];

    /// Which of `seconds` it has for the router.
    pub fn deadline(self, seconds: Seconds) -> Duration {
        Duration::from_secs(match self {
            Self::Collect => seconds.collection,
            _ => seconds.command,
        })
    }

    /// An account it is about is made whole by Create, whatever somebody else did to it.
    pub fn heals_by_create(self) -> bool {
        !matches!(self, Self::Suspend | Self::Terminate | Self::Collect)
    }

    /// Brings the world to where WHMCS orders it.
    pub fn prepare(self, world: &mut World<'_>) {
        if self == Self::Create {
            return;
        }
        expect(world, Self::Create);
        world.dial();
        world.sim.traffic(NAME, MB / 8, MB / 4);
        match self {
            Self::Unsuspend => {
                expect(world, Self::Suspend);
                world.set_status("Suspended");
            }
            Self::Renew => {
                world.sim.traffic(NAME, 0, 3 * MB);
                expect(world, Self::Collect);
                let secret = world.ours("/ppp/secret").remove(0);
                assert!(
                    secret.text("disabled") == Some("true") || !world.honest_counters,
                    "the cap is in force"
                );
            }
            Self::ChangePassword => world.new_password = Some(NEW_PASSWORD),
            Self::ChangePackage => {
                let more = [(2, "vpn-fast"), (4, "50"), (5, "10"), (6, "0.00390625")];
                world.set_product(&more);
            }
            _ => {}
        }
    }

    /// Runs it as WHMCS does and gives its answer.
    pub fn run(self, world: &World<'_>) -> String {
        let params = world.params();
        let host = world.whmcs;
        match self {
            Self::Create => module::create_account(host, &params),
            Self::Suspend => module::suspend_account(host, &params),
            Self::Unsuspend => module::unsuspend_account(host, &params),
            Self::Terminate => module::terminate_account(host, &params),
            Self::ChangePassword => result(&module::change_password(host, &params)),
            Self::ChangePackage => module::change_package(host, &params),
            Self::ResetConnection => result(&module::reset_connection(host, &params)),
            Self::Renew => module::renew(host, &params),
            Self::Collect => module::usage_update(host, &params),
        }
    }

    /// Time passes until WHMCS tries again; what it stores after a success is stored.
    pub fn after(self, world: &World<'_>, answer: &str) {
        if self == Self::ChangePassword && answer == "success" {
            accept_new_password(world);
        }
        world.whmcs.run(
            "UPDATE mod_mikrotikvpn_servers SET ended_at = ended_at - INTERVAL 1 DAY",
            &[],
        );
    }

    /// A success that says in another place what was not done.
    pub fn qualifies(self, world: &World<'_>) -> bool {
        self == Self::Collect && is_remarked(world)
    }

    /// What is not as it should be once it was done; `None` when all is.
    pub fn missing(self, world: &World<'_>) -> Option<String> {
        let wrong: Vec<_> = match self {
            Self::Create | Self::Unsuspend => whole(world, PASSWORD, ("vpn", "5000000/20000000")),
            Self::Suspend => suspended(world),
            Self::Terminate => terminated(world),
            Self::ChangePassword => {
                let mut wrong = whole(world, NEW_PASSWORD, ("vpn", "5000000/20000000"));
                check(
                    &mut wrong,
                    !world.sim.is_connected(NAME),
                    "old session ended",
                );
                wrong
            }
            Self::ChangePackage => whole(world, PASSWORD, ("vpn-fast", "10000000/50000000")),
            Self::ResetConnection => {
                let mut wrong = whole(world, PASSWORD, ("vpn", "5000000/20000000"));
                check(&mut wrong, !world.sim.is_connected(NAME), "session ended");
                wrong
            }
            Self::Renew => {
                let mut wrong = whole(world, PASSWORD, ("vpn", "5000000/20000000"));
                let granted = world.whmcs.int(
                    "SELECT COUNT(*) FROM mod_mikrotikvpn_grants WHERE kind = 'grant'",
                    &[],
                );
                check(&mut wrong, granted == 2, "granted once for each period");
                check(
                    &mut wrong,
                    world.account("capped_at IS NOT NULL") == 0,
                    "no cap",
                );
                wrong
            }
            Self::Collect => collected(world),
        }
        .into_iter()
        .collect();
        (!wrong.is_empty()).then(|| format!("{}\n{}", wrong.join(", "), world.own_state()))
    }
}

/// Orders `work` of a router that is well.
fn expect(world: &World<'_>, work: Work) {
    let answer = work.run(world);
    assert_eq!(answer, "success", "{work:?} without a fault");
    work.after(world, &answer);
}

type Wrong = Vec<&'static str>;

fn check(wrong: &mut Wrong, holds: bool, what: &'static str) {
    if !holds {
        wrong.push(what);
    }
}

/// An account that works, in the router and in the books.
fn whole(world: &World<'_>, password: &str, sold: (&str, &str)) -> Wrong {
    let mut wrong = Wrong::new();
    let (secrets, queues) = (world.ours("/ppp/secret"), world.ours("/queue/simple"));
    check(&mut wrong, secrets.len() == 1, "one secret");
    check(&mut wrong, queues.len() == 1, "one queue");
    let (Some(secret), Some(queue)) = (secrets.first(), queues.first()) else {
        return wrong;
    };
    let address = world.service("dedicatedip");
    let target = format!("{address}/32");
    for (row, key, value) in [
        (secret, "name", NAME),
        (secret, "profile", sold.0),
        (secret, "service", "l2tp"),
        (secret, "disabled", "false"),
        (secret, "password", password),
        (secret, "remote-address", &address),
        (queue, "name", NAME),
        (queue, "disabled", "false"),
        (queue, "max-limit", sold.1),
        (queue, "target", &target),
    ] {
        if row.text(key) != Some(value) {
            wrong.push(match key {
                "name" => "name",
                "disabled" => "enabled",
                "password" => "password",
                "max-limit" => "limits",
                "profile" => "profile",
                _ => "another property",
            });
        }
    }
    check(&mut wrong, tag_of(secret) == TAG, "tag of the secret");
    check(&mut wrong, tag_of(queue) == TAG, "tag of the queue");
    check(
        &mut wrong,
        world.service("username") == NAME,
        "username in WHMCS",
    );
    let known = world.account("provisioned_at IS NOT NULL") == 1;
    check(&mut wrong, known, "known to be provisioned");
    let granted = world.account("granted_quota");
    let quota = if sold.0 == "vpn" { QUOTA } else { 2 * QUOTA };
    check(&mut wrong, granted == quota, "granted quota");
    wrong
}

fn suspended(world: &World<'_>) -> Wrong {
    let mut wrong = Wrong::new();
    let secrets = world.ours("/ppp/secret");
    let closed = |row: &router_sim::Record| row.text("disabled") == Some("true");
    // Where there is none, nobody logs in.
    check(&mut wrong, secrets.len() <= 1, "one secret");
    check(&mut wrong, secrets.iter().all(closed), "disabled");
    check(&mut wrong, !world.sim.is_connected(NAME), "no session");
    wrong
}

fn terminated(world: &World<'_>) -> Wrong {
    let mut wrong = Wrong::new();
    check(
        &mut wrong,
        world.ours("/ppp/secret").is_empty(),
        "no secret",
    );
    check(
        &mut wrong,
        world.ours("/queue/simple").is_empty(),
        "no queue",
    );
    check(&mut wrong, !world.sim.is_connected(NAME), "no session");
    let free = world.account("address IS NOT NULL") == 0;
    check(&mut wrong, free, "address given back");
    check_bill(&mut wrong, world);
    wrong
}

/// Whether the latest collection told the admin that the account could not be counted.
fn is_remarked(world: &World<'_>) -> bool {
    let sql =
        "SELECT COALESCE(remarks, '') FROM mod_mikrotikvpn_collections ORDER BY id DESC LIMIT 1";
    world.whmcs.text(sql, &[]).contains("Service 41 ")
}

/// All that flowed, or no more than that when the counters were touched.
fn check_bill(wrong: &mut Wrong, world: &World<'_>) {
    let (billed, flowed) = (world.billed(), world.flowed());
    check(
        wrong,
        billed <= flowed + world.counted_by_hand,
        "nothing billed twice",
    );
    let all = billed == flowed || !world.honest_counters;
    check(wrong, all, "all traffic booked");
}

fn collected(world: &World<'_>) -> Wrong {
    let mut wrong = Wrong::new();
    check_bill(&mut wrong, world);
    let free = "SELECT COUNT(*) FROM mod_mikrotikvpn_servers WHERE lease_token <> 0";
    check(
        &mut wrong,
        world.whmcs.int(free, &[]) == 0,
        "lease given back",
    );
    let open = "SELECT COUNT(*) FROM mod_mikrotikvpn_collections WHERE finished_at IS NULL";
    check(
        &mut wrong,
        world.whmcs.int(open, &[]) == 0,
        "journal closed",
    );
    wrong
}

/// What WHMCS takes of an answer that has words for customers, too.
fn result(answer: &serde_json::Value) -> String {
    answer["result"].as_str().unwrap_or_default().to_owned()
}

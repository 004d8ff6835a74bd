//! What on a router carries a customer's traffic past the account's queue, which then neither limits nor
//! counts it. Pure.
//!
//! | what | why |
//! |---|---|
//! | `rate-limit` of a profile | each session gets a queue of its own; where it stands above the account's, that gets nothing. With `insert-queue-before=bottom` it stands below; where it stands without that is not documented |
//! | `remote-ipv6-prefix-pool` or `dhcpv6-pd-pool` of a profile, `remote-ipv6-prefix` of a secret | the queue is for the account's IPv4 address |
//! | `routes` or `ipv6-routes` of a secret | the networks behind the customer's device are not in the queue |
//!
//! All of it is of no matter where sessions are billed: their interfaces count everything.

use crate::doctor::console::quoted;
use crate::error::{Error, Result};
use crate::routeros::{ProfileRow, Query, Router, SecretRow};
use crate::settings::{CapPolicy, MeterSource, ProductSettings};

/// One way past the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bypass {
    /// A clause about the profile or secret, beginning with "its".
    pub says: String,
    /// The console command that ends it.
    pub command: String,
}

/// What lets the customers of a profile past their queues.
pub fn of_profile(row: &ProfileRow) -> Vec<Bypass> {
    let set = |property: &str| {
        format!(
            "/ppp profile set [find name={}] {property}",
            quoted(&row.name)
        )
    };
    let mut found = Vec::new();
    if !row.rate_limit.is_empty() && row.insert_queue_before != "bottom" {
        found.push(Bypass {
            says: format!(
                "its rate-limit ({}) gives each session a queue of its own, which takes the traffic before the account's queue can limit and count it",
                row.rate_limit
            ),
            command: set("!rate-limit"),
        });
    }
    for (property, pool, without) in [
        (
            "remote-ipv6-prefix-pool",
            &row.remote_ipv6_prefix_pool,
            "remote-ipv6-prefix-pool=none",
        ),
        ("dhcpv6-pd-pool", &row.dhcpv6_pd_pool, "!dhcpv6-pd-pool"),
    ] {
        if !matches!(pool.as_str(), "" | "none") {
            found.push(Bypass {
                says: format!(
                    "its {property} ({pool}) gives customers IPv6, which the account's queue neither limits nor counts"
                ),
                command: set(without),
            });
        }
    }
    found
}

/// What lets the customer of a secret past his queue.
pub fn of_secret(row: &SecretRow) -> Vec<Bypass> {
    let ways = [
        ("routes", &row.routes, "routes=\"\""),
        ("ipv6-routes", &row.ipv6_routes, "ipv6-routes=\"\""),
        (
            "remote-ipv6-prefix",
            &row.remote_ipv6_prefix,
            "!remote-ipv6-prefix",
        ),
    ];
    let set = ways.into_iter().filter(|(_, value, _)| !value.is_empty());
    set.map(|(property, value, without)| Bypass {
        says: format!(
            "its {property} ({value}) lead traffic past the account's queue, which neither limits nor counts it"
        ),
        command: format!("/ppp secret set [find name={}] {without}", quoted(&row.name)),
    })
    .collect()
}

/// Whether a profile changes nothing for the customer of an account that has an address and a queue of its
/// own: the secret's address wins over the profile's.
pub fn holds_nobody_back(row: &ProfileRow) -> bool {
    let lists = matches!(row.interface_list.as_str(), "" | "none");
    let means = [
        &row.address_list,
        &row.incoming_filter,
        &row.outgoing_filter,
        &row.on_up,
    ];
    lists && means.iter().all(|means| means.is_empty())
}

/// Refuses an account that would use traffic nobody counts: by a profile that the product names, for which
/// the router is asked once, or by what somebody added to its secret.
pub(super) fn check(
    router: &Router,
    source: MeterSource,
    product: &ProductSettings,
    secrets: &[SecretRow],
) -> Result<()> {
    if source == MeterSource::Session {
        return Ok(());
    }
    let mut query = Query::field("name", &product.profile);
    if let CapPolicy::Profile(name) = &product.cap {
        query = query.or(Query::field("name", name));
    }
    for row in router.profiles(&query)? {
        refuse("PPP profile", &row.name, &of_profile(&row))?;
    }
    for row in secrets {
        refuse("PPP secret", &row.name, &of_secret(row))?;
    }
    Ok(())
}

fn refuse(kind: &str, name: &str, found: &[Bypass]) -> Result<()> {
    let Some(first) = found.first() else {
        return Ok(());
    };
    let commands: Vec<_> = found.iter().map(|bypass| bypass.command.as_str()).collect();
    Err(Error::misuse(
        format!("The {kind} \"{name}\" cannot be used: {}", first.says),
        format!(
            "Run on the router: {}; then run the command again. Nothing was changed on the router",
            commands.join("; ")
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(change: impl FnOnce(&mut ProfileRow)) -> Vec<Bypass> {
        let mut row = ProfileRow {
            name: "gold 24k".to_owned(),
            ..ProfileRow::default()
        };
        change(&mut row);
        of_profile(&row)
    }

    #[test]
    fn an_ordinary_profile_and_secret_let_nothing_past_the_queue() {
        assert_eq!(profile(|_| ()), []);
        assert_eq!(profile(|row| row.dhcpv6_pd_pool = "none".to_owned()), []);
        assert_eq!(of_secret(&SecretRow::default()), []);
    }

    #[test]
    fn a_rate_limit_takes_the_traffic_unless_its_queue_stands_at_the_bottom() {
        let found = profile(|row| row.rate_limit = "5M/10M".to_owned());
        assert!(found[0].says.contains("5M/10M"));
        assert_eq!(
            found[0].command,
            "/ppp profile set [find name=\"gold 24k\"] !rate-limit"
        );
        let below = profile(|row| {
            row.rate_limit = "5M/10M".to_owned();
            row.insert_queue_before = "bottom".to_owned();
        });
        assert_eq!(below, []);
    }

    #[test]
    fn prefixes_and_routes_are_not_in_the_queue() {
        let found = profile(|row| {
            row.remote_ipv6_prefix_pool = "p6".to_owned();
            row.dhcpv6_pd_pool = "pd6".to_owned();
        });
        assert_eq!(found.len(), 2);
        assert!(found[0].command.ends_with(" remote-ipv6-prefix-pool=none"));
        assert!(found[1].command.ends_with(" !dhcpv6-pd-pool"));
        let found = of_secret(&SecretRow {
            name: "vpn7".to_owned(),
            routes: "192.168.5.0/24 10.8.0.2 1".to_owned(),
            remote_ipv6_prefix: "2001:db8::/64".to_owned(),
            ..SecretRow::default()
        });
        assert_eq!(
            found[0].command,
            "/ppp secret set [find name=vpn7] routes=\"\""
        );
        assert!(found[1].says.contains("2001:db8::/64"));
    }
}

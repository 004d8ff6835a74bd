//! What a router says of itself: each menu once, the small ones first, so that a list of 10,000 secrets
//! that comes too late costs only the checks that need it.

use std::time::{Duration, Instant};

use super::books::{Books, service};
use crate::error::Result;
use crate::routeros::{
    AddressListRow, CertificateRow, ClockRow, Deadline, DeviceModeRow, Endpoint, FilterRow,
    GroupRow, LicenseRow, PoolRow, ProfileRow, Query, QueueMatchRow, ResourceRow, Router,
    SecretRow, ServiceRow, SessionRow, VpnServerRow, Way, approach,
};
use crate::settings::Protocol;

/// The menus of one router, or why each could not be read.
#[derive(Debug)]
pub struct Facts {
    /// The way to it, with the certificate it showed.
    pub way: Way,
    /// How long the login and the first reply took.
    pub login: Duration,
    /// What `/system/resource` says: the login was taken.
    pub resource: ResourceRow,
    /// The group of our user.
    pub group: Result<GroupRow>,
    /// The router's clock.
    pub clock: Result<ClockRow>,
    /// Its licence.
    pub license: Result<LicenseRow>,
    /// Its device mode.
    pub device_mode: Result<DeviceModeRow>,
    /// Its services, with the connections to them on versions that list those.
    pub services: Result<Vec<ServiceRow>>,
    /// Its PPP profiles.
    pub profiles: Result<Vec<ProfileRow>>,
    /// The servers of the protocols that products offer.
    pub vpn_servers: Vec<(Protocol, Result<Vec<VpnServerRow>>)>,
    /// Its address pools.
    pub pools: Result<Vec<PoolRow>>,
    /// Firewall rules that accept or put on the fast track.
    pub filter: Result<Vec<FilterRow>>,
    /// The address lists those rules name.
    pub address_lists: Result<Vec<AddressListRow>>,
    /// Its certificates.
    pub certificates: Result<Vec<CertificateRow>>,
    /// Whether `/interface` can be read, which collections need.
    pub interfaces: Result<()>,
    /// Live sessions.
    pub sessions: Result<Vec<SessionRow>>,
    /// Its queues.
    pub queues: Result<Vec<QueueMatchRow>>,
    /// Its secrets.
    pub secrets: Result<Vec<SecretRow>>,
}

impl Facts {
    /// Reads everything; an error when the router cannot be reached or refuses the login.
    pub fn read(
        router: &Router,
        endpoint: &Endpoint,
        books: &Books,
        deadline: Deadline,
    ) -> Result<Self> {
        let way = approach(endpoint, deadline)?;
        let began = Instant::now();
        let resource = router.resource()?;
        let login = began.elapsed();
        let offered = Protocol::ALL.into_iter().filter(|one| books.offers(*one));
        let group = router.group_of(&endpoint.username);
        let clock = router.clock();
        let license = router.license();
        let device_mode = router.device_mode();
        let services = router.services_and_connections();
        let profiles = router.profiles(&Query::all());
        let vpn_servers = offered
            .map(|protocol| (protocol, router.vpn_servers(service(protocol))))
            .collect();
        let pools = router.pools();
        let filter = router.filter_rules(
            &Query::field("action", "fasttrack-connection").or(Query::field("action", "accept")),
        );
        let address_lists = address_lists(router, filter.as_deref().unwrap_or_default());
        Ok(Self {
            way,
            login,
            resource,
            group,
            clock,
            license,
            device_mode,
            services,
            profiles,
            vpn_servers,
            pools,
            filter,
            address_lists,
            certificates: router.certificates(),
            interfaces: router.interfaces(&Query::field("name", "")).map(drop),
            sessions: router.sessions(&Query::all()),
            queues: router.queue_matches(),
            secrets: router.secrets(&Query::all()),
        })
    }
}

/// The lists that `rules` name and no other: some have tens of thousands of entries.
fn address_lists(router: &Router, rules: &[FilterRow]) -> Result<Vec<AddressListRow>> {
    let mut names: Vec<_> = rules
        .iter()
        .flat_map(|rule| [&rule.src_address_list, &rule.dst_address_list])
        .map(|name| name.trim_start_matches('!'))
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    let queries = names.into_iter().map(|name| Query::field("list", name));
    match queries.reduce(Query::or) {
        Some(query) => router.address_lists(&query),
        None => Ok(Vec::new()),
    }
}

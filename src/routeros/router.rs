//! The blocking front: one router, one call, nothing left running afterwards.

use std::future::Future;
use std::time::Duration;

use super::api::Api;
use super::blocking::Blocking;
use super::client::Client;
use super::command::Transport;
use super::deadline::Deadline;
use super::device::{
    AddressListRow, CertificateRow, ClockRow, DeviceModeRow, FilterRow, GroupRow, LicenseRow,
    PoolRow, QueueMatchRow, VpnServerRow,
};
use super::endpoint::{Endpoint, TransportKind};
use super::fields::{QueueFields, SecretFields};
use super::last_reading::LastReading;
use super::lists::{Counters, Lists};
use super::query::Query;
use super::read_only::ReadOnly;
use super::rest::Rest;
use super::rows::{
    Id, InterfaceRow, ProfileRow, QueueRow, ResourceRow, SecretRow, ServiceRow, SessionRow,
};
use super::transcript::Exchange;
use crate::error::{Error, Result};

/// One router for the length of one call. Every method returns within the deadline given at the start.
///
/// It owns its runtime and connections; dropping it ends them without waiting.
pub struct Router {
    // Ends first: connections need not wait for it.
    runtime: Blocking,
    client: Client,
}

impl Router {
    /// Prepares to talk to `endpoint`. Settings are checked; the network is not touched yet.
    pub fn new(endpoint: &Endpoint, deadline: Deadline) -> Result<Self> {
        Self::over(transport(endpoint, deadline)?, endpoint.name(), deadline)
    }

    /// Like [`Router::new`], but whatever would change the router is refused with `why`.
    pub fn read_only(endpoint: &Endpoint, deadline: Deadline, why: Error) -> Result<Self> {
        let transport = ReadOnly::new(transport(endpoint, deadline)?, why);
        Self::over(Box::new(transport), endpoint.name(), deadline)
    }

    /// Talks over `transport`; `name` is the router's name in messages.
    pub fn over(transport: Box<dyn Transport>, name: String, deadline: Deadline) -> Result<Self> {
        Ok(Self {
            client: Client::new(transport, name, deadline),
            runtime: Blocking::new()?,
        })
    }

    /// Rows of `/ppp/secret`.
    pub fn secrets(&self, query: &Query) -> Result<Vec<SecretRow>> {
        self.wait(self.client.list(query))
    }

    /// Rows of `/queue/simple`, in their order.
    pub fn queues(&self, query: &Query) -> Result<Vec<QueueRow>> {
        self.wait(self.client.list(query))
    }

    /// Rows of `/queue/simple` with the uptime of the boot their counters are of; an error when the router
    /// started anew in between.
    pub fn queues_with_uptime(&self, query: &Query) -> Result<(Option<Duration>, Vec<QueueRow>)> {
        let read = self.client.within_one_boot(self.client.list(query));
        let (resource, queues) = self.wait(read)?;
        Ok((resource.uptime, queues))
    }

    /// The counters of every queue. Nothing proves of which boot they are.
    pub fn queue_counters(&self) -> Result<Counters> {
        self.wait(self.client.queue_counters())
    }

    /// Rows of `/ppp/active`.
    pub fn sessions(&self, query: &Query) -> Result<Vec<SessionRow>> {
        self.wait(self.client.list(query))
    }

    /// Rows of `/interface`.
    pub fn interfaces(&self, query: &Query) -> Result<Vec<InterfaceRow>> {
        self.wait(self.client.list(query))
    }

    /// Rows of `/ppp/profile`.
    pub fn profiles(&self, query: &Query) -> Result<Vec<ProfileRow>> {
        self.wait(self.client.list(query))
    }

    /// Services of `/ip/service`, without the connections that 7.19 and later list among them.
    pub fn services(&self, query: &Query) -> Result<Vec<ServiceRow>> {
        let mut services: Vec<ServiceRow> = self.wait(self.client.list(query))?;
        services.retain(|service| !service.dynamic);
        Ok(services)
    }

    /// Services of `/ip/service` with the connections that 7.19 and later list among them.
    pub fn services_and_connections(&self) -> Result<Vec<ServiceRow>> {
        self.wait(self.client.list(&Query::all()))
    }

    /// `/system/resource`.
    pub fn resource(&self) -> Result<ResourceRow> {
        self.wait(self.client.resource())
    }

    /// The router's own name.
    pub fn identity(&self) -> Result<String> {
        self.wait(self.client.identity())
    }

    /// The group of a local user; misuse when the router lists no such user.
    pub fn group_of(&self, user: &str) -> Result<GroupRow> {
        self.wait(self.client.group_of(user))
    }

    /// `/system/clock`.
    pub fn clock(&self) -> Result<ClockRow> {
        self.wait(self.client.only())
    }

    /// `/system/license`.
    pub fn license(&self) -> Result<LicenseRow> {
        self.wait(self.client.only())
    }

    /// `/system/device-mode`; a refusal where the version has none.
    pub fn device_mode(&self) -> Result<DeviceModeRow> {
        self.wait(self.client.only())
    }

    /// The servers of `protocol` (`l2tp`, `pptp`, `sstp` or `ovpn`): one, but any number of `ovpn` from
    /// 7.17.
    pub fn vpn_servers(&self, protocol: &str) -> Result<Vec<VpnServerRow>> {
        let menu = format!("/interface/{protocol}-server/server");
        self.wait(self.client.vpn_servers(&menu))
    }

    /// Rows of `/ip/pool`.
    pub fn pools(&self) -> Result<Vec<PoolRow>> {
        self.wait(self.client.list(&Query::all()))
    }

    /// Rows of `/ip/firewall/filter`, in their order.
    pub fn filter_rules(&self, query: &Query) -> Result<Vec<FilterRow>> {
        self.wait(self.client.list(query))
    }

    /// Rows of `/ip/firewall/address-list`.
    pub fn address_lists(&self, query: &Query) -> Result<Vec<AddressListRow>> {
        self.wait(self.client.list(query))
    }

    /// Rows of `/queue/simple` with what decides which packets each gets, in their order.
    pub fn queue_matches(&self) -> Result<Vec<QueueMatchRow>> {
        self.wait(self.client.list(&Query::all()))
    }

    /// Rows of `/certificate`.
    pub fn certificates(&self) -> Result<Vec<CertificateRow>> {
        self.wait(self.client.list(&Query::all()))
    }

    /// Everything a collection needs, in exactly six requests over at most two connections.
    ///
    /// The resource comes first and once more last: counters are certain to be of the uptime's boot, or
    /// there is an error. Sessions come before interfaces, for those are named after them.
    pub fn lists(&self) -> Result<Lists> {
        self.wait(self.client.lists())
    }

    /// Secrets, queues and sessions that pass the queries, in three requests.
    pub fn observe(
        &self,
        secrets: &Query,
        queues: &Query,
        sessions: &Query,
    ) -> Result<(Vec<SecretRow>, Vec<QueueRow>, Vec<SessionRow>)> {
        self.wait(self.client.observe(secrets, queues, sessions))
    }

    /// Adds a secret.
    pub fn add_secret(&self, fields: &SecretFields<'_>) -> Result<Id> {
        self.wait(self.client.add("/ppp/secret", &fields.words()))
    }

    /// Changes a secret. A live session stays as it is.
    pub fn set_secret(&self, id: &Id, fields: &SecretFields<'_>) -> Result<()> {
        self.wait(self.client.set("/ppp/secret", id, &fields.words()))
    }

    /// Removes a secret; one that is gone already is fine. A live session stays.
    pub fn remove_secret(&self, id: &Id) -> Result<()> {
        self.wait(self.client.remove("/ppp/secret", id))
    }

    /// Adds a queue behind all others.
    pub fn add_queue(&self, fields: &QueueFields<'_>) -> Result<Id> {
        self.wait(self.client.add("/queue/simple", &fields.words()))
    }

    /// Changes a queue.
    pub fn set_queue(&self, id: &Id, fields: &QueueFields<'_>) -> Result<()> {
        self.wait(self.client.set("/queue/simple", id, &fields.words()))
    }

    /// Removes a queue; one that is gone already is fine.
    pub fn remove_queue(&self, id: &Id) -> Result<()> {
        self.wait(self.client.remove("/queue/simple", id))
    }

    /// Ends a session; one that has ended already is fine. The client may dial again at once.
    pub fn remove_session(&self, id: &Id) -> Result<()> {
        self.wait(self.client.remove("/ppp/active", id))
    }

    /// Sets the counters of all these queues to zero in one request; none at all for an empty slice.
    pub fn reset_queue_counters(&self, ids: &[Id]) -> Result<()> {
        self.wait(self.client.reset_queue_counters(ids))
    }

    /// Changes all these secrets in one request: all of them or none.
    pub fn set_secrets(&self, ids: &[&Id], fields: &SecretFields<'_>) -> Result<()> {
        self.wait(
            self.client
                .run_on("/ppp/secret", "set", ids, fields.words()),
        )
    }

    /// Changes all these queues in one request: all of them or none.
    pub fn set_queues(&self, ids: &[&Id], fields: &QueueFields<'_>) -> Result<()> {
        self.wait(
            self.client
                .run_on("/queue/simple", "set", ids, fields.words()),
        )
    }

    /// Ends all these sessions in one request; when one has ended already, the others stay.
    pub fn remove_sessions(&self, ids: &[&Id]) -> Result<()> {
        match ids {
            [id] => self.remove_session(id),
            ids => self.wait(self.client.run_on("/ppp/active", "remove", ids, Vec::new())),
        }
    }

    /// Reads the counters of all queues, as [`Router::queue_counters`] does, and sets those of `ids` to
    /// zero right after. Over the binary API all of it travels in one write, so that no round trip lies
    /// between them; over REST it is one request after the other.
    ///
    /// It does not fail as a whole: what was read is true whether or not a reset is known to have
    /// happened, and over the binary API a reset may have happened although the reading failed.
    pub fn queue_counters_then_reset(&self, ids: &[Id]) -> LastReading {
        let work = async { Ok(self.client.queue_counters_then_reset(ids).await) };
        self.wait(work)
            .unwrap_or_else(|error| LastReading::unsent(ids.len(), error))
    }

    /// What was left out of the router's answers so far because no router should send it, a sentence each.
    pub fn remarks(&self) -> Vec<String> {
        self.client.remarks()
    }

    /// Leaves the router alone for `length`, before a list is read again that it may not have loaded yet.
    /// `false`, and at once, when the deadline would come first.
    pub fn pause(&self, length: Duration) -> Result<bool> {
        self.wait(self.client.pause(length))
    }

    /// What was said so far, for the module log: the latest 50 exchanges, without secrets.
    pub fn transcript(&self) -> Vec<Exchange> {
        self.client.transcript()
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.runtime.wait(work)
    }
}

fn transport(endpoint: &Endpoint, deadline: Deadline) -> Result<Box<dyn Transport>> {
    Ok(match endpoint.transport {
        TransportKind::Rest => Box::new(Rest::new(endpoint, deadline)?),
        TransportKind::Api => Box::new(Api::new(endpoint, deadline)?),
    })
}

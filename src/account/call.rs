//! What every command begins with: whose service, which product and server, what we have on record.

use super::agreement::{self, InWhmcs};
use super::commands::Command;
use super::names;
use super::plan::{Desired, Shape, State};
use super::product;
use super::tag::{Record, Tag};
use super::verdict::{OnRecord, Owner};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::installation::Installation;
use crate::params::Params;
use crate::routeros::{Deadline, Id, Router};
use crate::secret::Secret;
use crate::settings::{CapPolicy, ProductSettings, ServerSettings};
use crate::store;
use crate::store::accounts::{Account, Sold};
use crate::store::services::Service;
use crate::traffic::cap;

/// One lifecycle command of one service, settings parsed and records loaded.
pub(crate) struct Call<'a> {
    pub host: &'a dyn Host,
    pub params: &'a Params,
    /// `tblhosting.id`.
    pub id: i64,
    pub service: Service,
    pub product: ProductSettings,
    pub server: ServerSettings,
    pub account: Option<Account>,
    pub installation: Installation,
    /// The cap is in force.
    pub capped: bool,
    /// When the router must have been left alone.
    pub deadline: Deadline,
}

/// The two connections of a command: the second has time left when the first has used up its own.
pub(crate) struct Routers {
    pub work: Router,
    pub recovery: Router,
}

impl<'a> Call<'a> {
    /// Checks what can be checked without the router.
    pub fn begin(host: &'a dyn Host, params: &'a Params, command: Command) -> Result<Self> {
        if params.int("addonId") > 0 {
            return Err(Error::misuse(
                "A VPN account cannot be sold as a product addon",
                "Set the addon's module to None and sell the VPN as a product of its own",
            ));
        }
        let id = params.int("serviceid");
        store::ensure_sound_schema(host)?;
        let product = if command.follows_record() {
            // A typo in a setting keeps nobody online who is to be taken off.
            product::in_force(host, params.int("pid"), params)?.0
        } else {
            ProductSettings::parse(params)?
        };
        let installation = Installation::load(host)?;
        let account = store::accounts::of_service(host, id)?;
        let server = server_of(host, params, command, account.as_ref())?;
        let deadline = Deadline::after(server.command_timeout);
        if let Some(why) = &server.read_only {
            installation.tell(host);
            return Err(why.clone());
        }
        let service = store::services::find(host, id)?
            .ok_or_else(|| Error::bug(format!("WHMCS has no service {id}")))?;
        let standing = store::standings::find(host, id)?;
        let call = Self {
            capped: standing.is_some_and(|standing| standing.capped),
            host,
            params,
            id,
            service,
            product,
            server,
            account,
            installation,
            deadline,
        };
        if !command.follows_record() {
            call.check_agreement()?;
        }
        Ok(call)
    }

    /// What is sold is brought to the router only where WHMCS and our record mean the same account.
    fn check_agreement(&self) -> Result<()> {
        let Some(account) = self.live_account() else {
            return Ok(());
        };
        let whmcs = InWhmcs {
            server: self.params.int("serverid"),
            username: self.params.text("username"),
            address: &self.service.dedicated_ip,
        };
        let differences = agreement::differences(self.host, account, &whmcs)?;
        differences.into_iter().next().map_or(Ok(()), Err)
    }

    /// The account WHMCS has on record and on this server, if it has one now.
    pub fn live_account(&self) -> Option<&Account> {
        self.account
            .as_ref()
            .filter(|account| !account.username.is_empty())
    }

    /// The login name: the one on record, else WHMCS's.
    pub fn username(&self) -> Result<String> {
        if let Some(account) = self.live_account() {
            return Ok(account.username.clone());
        }
        let given = self.params.text("username").trim();
        if given.is_empty() {
            return Err(Error::misuse(
                "The service has no username, so its account on the router cannot be known",
                "Run Create first, or enter the username on the service's page",
            ));
        }
        names::check_username(given)?;
        Ok(given.to_owned())
    }

    /// The comment our objects carry.
    pub fn tag(&self) -> Tag {
        let record = self.account.as_ref().map(Record::from);
        let prefix = &self.product.comment_prefix;
        Tag::new(prefix, self.id, self.installation.id, record)
    }

    /// How the account's objects on the router are known.
    pub fn owner(&self) -> Result<Owner> {
        Ok(Owner {
            service: self.id,
            username: self.username()?,
            tag: self.tag(),
            record: self.record(),
        })
    }

    /// What is known of objects that lost their tag, once Create has come to its end.
    pub fn record(&self) -> Option<OnRecord> {
        let account = self.live_account().filter(|account| account.provisioned)?;
        let queue = account.baseline.as_ref().map(|baseline| &baseline.queue);
        Some(OnRecord {
            address: account.address?,
            queue: queue.filter(|id| !id.is_empty()).map(Id::new),
        })
    }

    /// What should be on the router.
    pub fn desired(&self, state: State) -> Result<Desired> {
        Ok(Desired {
            owner: self.owner()?,
            state,
        })
    }

    /// The account's shape by the product, for an account that is on record.
    pub fn shape(&self) -> Result<Shape> {
        let address = self
            .live_account()
            .and_then(|account| account.address)
            .ok_or_else(|| {
                Error::misuse(
                    "The service has no account on this server yet",
                    "Run Create first",
                )
            })?;
        let mut shape = Shape {
            address,
            profile: self.product.profile.clone(),
            service: self.product.service.as_str(),
            limits: self.product.limits,
            enabled: None,
            enabled_if_new: self.service.status == "Active",
            password: None,
            password_if_new: self.password()?,
            end_sessions: false,
        };
        self.cap(&mut shape);
        Ok(shape)
    }

    /// Leaves a capped account as its cap wants it, whatever the command changes.
    pub fn cap(&self, shape: &mut Shape) {
        if !self.capped {
            return;
        }
        match self.policy() {
            CapPolicy::Disable => {
                shape.enabled = Some(false);
                shape.enabled_if_new = false;
            }
            CapPolicy::Slow(limits) => shape.limits = limits,
            CapPolicy::Profile(name) => shape.profile = name,
        }
    }

    /// What a cap is for what the product sells.
    pub fn policy(&self) -> CapPolicy {
        let product = &self.product;
        cap::in_force(&product.cap, product.limits, &product.profile)
    }

    /// Stores what is sold now: what a lifted cap puts back.
    pub fn record_sold(&self) -> Result<()> {
        let tag = self.tag();
        let sold = Sold {
            tag: tag.current(),
            quota: self.product.quotas.of_cycle(&self.service.billing_cycle),
            profile: &self.product.profile,
            limits: self.product.limits,
        };
        store::accounts::store_sold(self.host, self.id, &sold)
    }

    /// The password WHMCS has for the service.
    pub fn password(&self) -> Result<Secret> {
        let password = self.params.secret("password");
        if password.is_empty() {
            return Err(Error::misuse(
                "The service has no password",
                "Enter one on the service's page and save it, then run the command again",
            ));
        }
        Ok(password)
    }

    /// Prepares both connections; neither is opened before its first request. A third of the time is kept
    /// for reading and mending what a router left half done that was silent in the first two.
    pub fn routers(&self) -> Result<Routers> {
        let work = self.deadline.sooner(self.server.command_timeout * 2 / 3);
        Ok(Routers {
            work: self.server.router(work)?,
            recovery: self.server.router(self.deadline)?,
        })
    }
}

/// The server of the account on record for what has to happen where the account is; else the one WHMCS names.
fn server_of(
    host: &dyn Host,
    params: &Params,
    command: Command,
    account: Option<&Account>,
) -> Result<ServerSettings> {
    let named = params.int("serverid");
    let recorded = account
        .filter(|account| !account.username.is_empty())
        .map_or(named, |account| account.server);
    if command.follows_record() && recorded != named {
        let server = store::servers::find(host, recorded)?.ok_or_else(|| {
            Error::misuse(
                format!("The service's account is on server {recorded}, which WHMCS no longer has"),
                "Remove the account on that router by hand if the router still exists; then choose the service's server anew",
            )
        })?;
        return stored_server_settings(host, &server);
    }
    if named == 0 {
        return Err(Error::misuse(
            "The service has no server",
            "Choose a MikroTik server on the service's page, or give the product a server group",
        ));
    }
    server_settings(host, params)
}

/// The server's settings, and whether its router may be changed. WHMCS leaves the password out of `$params`
/// on some pages; then it is read from the server's own row.
pub(crate) fn server_settings(host: &dyn Host, params: &Params) -> Result<ServerSettings> {
    let mut server = ServerSettings::parse(params)?;
    if server.endpoint.password.is_empty() && server.id > 0 {
        let stored = store::servers::encrypted_password(host, server.id)?;
        if !stored.is_empty() {
            server.endpoint.password = host.decrypt(&stored)?;
        }
    }
    server.read_only = Installation::load(host)?.doubt();
    Ok(server)
}

/// The settings of a server whose row was read without `$params`: those WHMCS would pass for it.
pub(crate) fn stored_server_settings(
    host: &dyn Host,
    server: &store::servers::Server,
) -> Result<ServerSettings> {
    let mut params = Params::new();
    params.set("serverid", &server.id.to_string());
    for (name, value) in &server.columns {
        params.set(name, value);
    }
    server_settings(host, &params)
}

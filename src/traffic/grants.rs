//! Grants: the traffic a billing cycle adds to a balance, once for each service and period.

use crate::error::{Error, Result};
use crate::host::Host;
use crate::params::Params;
use crate::settings::ProductSettings;
use crate::store::services::{self, Service};
use crate::store::{self, grants};

/// The key of the period a service is in: WHMCS's next due date ends it. A service without one has a
/// single period.
pub fn period(service: &Service) -> String {
    service
        .next_due
        .map_or_else(|| "once".to_owned(), |due| format!("until {due}"))
}

/// Grants the quota of the period that was just paid for. Running it again grants nothing.
pub fn renew(host: &dyn Host, params: &Params) -> Result<()> {
    let id = params.int("serviceid");
    let product = ProductSettings::parse(params)?;
    store::ensure_schema(host)?;
    let service = services::find(host, id)?
        .ok_or_else(|| Error::bug(format!("WHMCS has no service {id}")))?;
    let Some(quota) = product.quotas.of_cycle(&service.billing_cycle) else {
        return Ok(());
    };
    store::transaction(host, || {
        grants::grant_once(host, id, &period(&service), quota, host.now())?;
        Ok(())
    })
}

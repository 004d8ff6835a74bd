//! What customers may use: the quota of a period, upgrades and corrections, each journalled in the
//! transaction that changes the balance. Which period a grant is for is decided in `period`, how
//! much in `balance`; a cap that is lifted by it is lifted on the router in the same request.

use chrono::NaiveDate;

use super::settle::{Settled, settle};
use super::{balance, enforce, period};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::params::Params;
use crate::routeros::Exchange;
use crate::settings::ProductSettings;
use crate::store::grants::{self, Change, Entry, Kind};
use crate::store::services::{self, Service};
use crate::store::{self, invoices, standings};
use crate::units::Bytes;

/// `Renew`: grants every period that was paid and not granted yet. Running it again grants nothing.
pub fn renew(host: &dyn Host, params: &Params, log: &mut Vec<Exchange>) -> Result<()> {
    let id = params.int("serviceid");
    let product = ProductSettings::parse(params)?;
    store::ensure_sound_schema(host)?;
    let service = services::find(host, id)?
        .ok_or_else(|| Error::bug(format!("WHMCS has no service {id}")))?;
    let settled = store::transaction(host, || {
        grant_paid(host, id, &product, &service)?;
        settle(host, &[id])
    })?;
    enforce::enforce_one(host, &settled.jobs, None, log)
}

/// Grants what was paid, within a transaction of the caller. The row is locked before anything is read, or what
/// another request granted meanwhile would not be seen.
pub fn grant_paid(
    host: &dyn Host,
    id: i64,
    product: &ProductSettings,
    service: &Service,
) -> Result<()> {
    grants::lock_row(host, id)?;
    let items = invoices::items(host, id)?;
    let granted = grants::periods(host, id)?;
    for key in period::of_renew(service, &items, &granted) {
        grant(host, id, &key, product, service)?;
    }
    Ok(())
}

/// Grants what an invoice proves to be paid, within a transaction of the caller: WHMCS may unsuspend a
/// service before it renews it.
pub fn grant_invoiced(
    host: &dyn Host,
    id: i64,
    product: &ProductSettings,
    service: &Service,
) -> Result<()> {
    grants::lock_row(host, id)?;
    if invoices::items(host, id)?.is_empty() {
        return Ok(());
    }
    grant_paid(host, id, product, service)
}

/// Grants the period a service is created in, within a transaction of the caller.
pub fn grant_first(
    host: &dyn Host,
    id: i64,
    product: &ProductSettings,
    service: &Service,
) -> Result<()> {
    grants::lock_row(host, id)?;
    let items = invoices::items(host, id)?;
    let key = period::of_create(service, &items, today(host));
    grant(host, id, &key, product, service)
}

fn today(host: &dyn Host) -> NaiveDate {
    host.now().with_timezone(&host.time_zone()).date_naive()
}

/// The quota of one period, once, to an account that is locked. An unlimited one only begins a new period.
fn grant(
    host: &dyn Host,
    id: i64,
    key: &str,
    product: &ProductSettings,
    service: &Service,
) -> Result<()> {
    let quota = product.quotas.of_cycle(&service.billing_cycle);
    let bytes = quota.map_or(0, signed);
    if !grants::once(host, id, key, bytes, host.now())? {
        return Ok(());
    }
    if quota.is_none() {
        return close(host, id, true);
    }
    let before = standings::lock(host, &[id])?.pop();
    let left = before.and_then(|standing| standing.balance);
    let expired = balance::expired(left, product.rollover);
    if expired > 0 {
        journal(host, id, Kind::Expired, -expired, "", "")?;
    }
    let change = Change {
        bytes: bytes.saturating_sub(expired),
        new_period: true,
    };
    grants::change_balance(host, id, change)?;
    grants::store_granted_quota(host, id, bytes)
}

/// An account that becomes unlimited has no balance; the journal says where it went.
fn close(host: &dyn Host, id: i64, new_period: bool) -> Result<()> {
    let before = standings::lock(host, &[id])?.pop();
    if let Some(left) = before.and_then(|standing| standing.balance) {
        journal(host, id, Kind::Expired, -left, "unlimited from now on", "")?;
    }
    grants::remove_balance(host, id, new_period)
}

/// `ChangePackage`: the difference to a larger quota, pro rata, within a transaction of the caller.
/// Running it again finds the larger quota granted.
pub fn upgrade(
    host: &dyn Host,
    id: i64,
    product: &ProductSettings,
    service: &Service,
) -> Result<()> {
    let Some(standing) = standings::lock(host, &[id])?.pop() else {
        return Ok(());
    };
    let Some(quota) = product.quotas.of_cycle(&service.billing_cycle) else {
        return match standing.balance {
            Some(_) => close(host, id, false),
            None => Ok(()),
        };
    };
    // Accounts of the first schema have only the quota on record; an unlimited one was granted nothing.
    let granted = match standing.balance {
        Some(_) => standing
            .granted_quota
            .or(standing.quota)
            .unwrap_or_default(),
        None => Bytes(0),
    };
    let days = balance::days(&service.billing_cycle, service.next_due, today(host));
    let more = signed(balance::upgrade(granted, quota, days));
    if more > 0 {
        journal(host, id, Kind::Upgrade, more, "", "")?;
    }
    let change = Change {
        bytes: more,
        new_period: false,
    };
    grants::change_balance(host, id, change)?;
    grants::store_granted_quota(host, id, signed(granted.max(quota)))
}

/// An admin adds or takes (negative) bytes, with a reason. The router follows in the same call.
pub fn correct(host: &dyn Host, service: i64, bytes: i64, reason: &str, admin: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::misuse(
            "A correction needs a reason",
            "Write one, for the customer may ask for it later",
        ));
    }
    store::ensure_sound_schema(host)?;
    let settled = store::transaction(host, || {
        let standing = standings::lock(host, &[service])?.pop();
        if standing.is_none_or(|standing| standing.balance.is_none()) {
            return Err(Error::misuse(
                format!("Service {service} has no balance"),
                "Only an account with limited traffic has one; run Create first, or give the product a quota",
            ));
        }
        journal(host, service, Kind::Correction, bytes, reason, admin)?;
        let change = Change {
            bytes,
            new_period: false,
        };
        grants::change_balance(host, service, change)?;
        settle(host, &[service])
    })?;
    let Settled { jobs, .. } = settled;
    enforce::enforce_one(host, &jobs, None, &mut Vec::new())
}

fn journal(
    host: &dyn Host,
    service: i64,
    kind: Kind,
    bytes: i64,
    reason: &str,
    admin: &str,
) -> Result<()> {
    let short = |text: &str, most: usize| text.trim().chars().take(most).collect();
    let entry = Entry {
        at: host.now(),
        kind,
        bytes,
        period: String::new(),
        reason: short(reason, 255),
        admin: short(admin, 100),
    };
    grants::add(host, service, &entry)
}

/// Beyond 2^63 bytes the largest balance is the honest one.
fn signed(bytes: Bytes) -> i64 {
    i64::try_from(bytes.0).unwrap_or(i64::MAX)
}

//! What customers may use: the quota of a period, upgrades and corrections, each journalled in the
//! transaction that changes the balance. Which period a grant is for is decided in `period`, how
//! much in `balance`; a cap that is lifted by it is lifted on the router in the same request.

use chrono::{DateTime, NaiveDate, Utc};

use super::opening::{self, journal, signed};
use super::period::Granted;
use super::settle::{Settled, settle};
use super::{balance, cap, enforce, period};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::params::Params;
use crate::routeros::Exchange;
use crate::settings::ProductSettings;
use crate::store::grants::{self, Change, Kind};
use crate::store::services::{self, Service};
use crate::store::standings::{self, Standing};
use crate::store::{self, invoices};
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
    let granted = granted(host, id)?;
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

/// Grants the period a service is created in, within a transaction of the caller. When it was granted anything
/// before, see `period`, that is what was paid; one that has no balance nevertheless gets that of an upgrade
/// from nothing.
pub fn grant_first(
    host: &dyn Host,
    id: i64,
    product: &ProductSettings,
    service: &Service,
) -> Result<()> {
    grants::lock_row(host, id)?;
    let items = invoices::items(host, id)?;
    let key = period::of_create(service, &items, today(host));
    if period::is_created_again(&items, &granted(host, id)?) {
        grant_paid(host, id, product, service)?;
        let standing = standings::lock(host, &[id])?.pop();
        if standing.is_some_and(|standing| standing.balance.is_none()) {
            upgrade(host, id, product, service)?;
        }
    } else {
        grant(host, id, &key, product, service)?;
    }
    // The period it is created in waits for nothing, nor does any before it.
    let waiting = grants::waiting_of(host, id)?;
    let begun: Vec<_> = waiting.iter().filter(|grant| grant.period <= key).collect();
    if begun.is_empty() {
        return Ok(());
    }
    if let Some(mut standing) = standings::lock(host, &[id])?.pop() {
        for grant in begun {
            opening::give(host, &mut standing, grant, opening::terms(product))?;
        }
    }
    Ok(())
}

fn today(host: &dyn Host) -> NaiveDate {
    day(host, host.now())
}

/// By WHMCS's time zone.
fn day(host: &dyn Host, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&host.time_zone()).date_naive()
}

fn granted(host: &dyn Host, id: i64) -> Result<Granted> {
    let grants = grants::periods(host, id)?.into_iter();
    Ok(Granted::of(grants.map(|(key, at)| (key, day(host, at)))))
}

/// The quota of one period, once, to an account that is locked: at once or on its day, see `balance`.
fn grant(
    host: &dyn Host,
    id: i64,
    key: &str,
    product: &ProductSettings,
    service: &Service,
) -> Result<()> {
    let Some(mut standing) = standings::lock(host, &[id])?.pop() else {
        return Ok(());
    };
    let quota = product.quotas.of_cycle(&service.billing_cycle);
    grants::store_quota(host, id, quota.map(signed))?;
    let terms = opening::terms(product);
    let begins = period::begin(key).filter(|_| quota.is_some());
    let used_up = is_used_up(host, &standing)?;
    let waits = begins.filter(|_| balance::waits(begins, today(host), terms, used_up));
    let latest = grants::latest_given(host, id)?;
    let bytes = quota.map_or(0, signed);
    if !grants::once(host, id, key, bytes, waits, host.now())? || waits.is_some() {
        return Ok(());
    }
    opening::open(host, &mut standing, (key, quota), latest.as_deref(), terms)
}

/// Whether the account is capped, or would be: nothing is lost that a grant could end.
fn is_used_up(host: &dyn Host, standing: &Standing) -> Result<bool> {
    let owner = standings::owners(host, &[standing.service])?.pop();
    let overridden = owner.is_some_and(|owner| owner.is_overridden(today(host)));
    Ok(cap::is_due(standing.balance, overridden))
}

/// `ChangePackage`: the difference to a larger quota, pro rata, within a transaction of the caller.
/// Running it again finds the larger quota granted.
pub fn upgrade(
    host: &dyn Host,
    id: i64,
    product: &ProductSettings,
    service: &Service,
) -> Result<()> {
    let Some(mut standing) = standings::lock(host, &[id])?.pop() else {
        return Ok(());
    };
    let Some(quota) = product.quotas.of_cycle(&service.billing_cycle) else {
        return match standing.balance {
            Some(_) => opening::close(host, &mut standing, false),
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
    let (next, ahead) = ahead(host, id, service)?;
    let due = next.or(service.next_due);
    let days = balance::days(&service.billing_cycle, due, today(host));
    let more = signed(balance::upgrade(granted, quota, days, ahead));
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

/// See `period::ahead`.
fn ahead(host: &dyn Host, id: i64, service: &Service) -> Result<(Option<NaiveDate>, u64)> {
    let waiting = grants::waiting_of(host, id)?;
    let waiting: Vec<_> = waiting.iter().map(|grant| grant.begins).collect();
    let items = invoices::items(host, id)?;
    let granted = granted(host, id)?;
    let today = today(host);
    Ok(period::ahead(service, &items, &granted, &waiting, today))
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

/// Gives what has waited for its day, whoever looks first. A router that has to follow does so with the next
/// collection.
pub fn catch_up(host: &dyn Host, service: i64) -> Result<()> {
    let waiting = grants::waiting_of(host, service)?;
    if waiting.iter().any(|grant| grant.begins <= today(host)) {
        store::transaction(host, || settle(host, &[service]))?;
    }
    Ok(())
}

/// The day of the next grant and its bytes: the first that waits, else that of the next payment.
pub fn next(
    host: &dyn Host,
    service: i64,
    due: Option<NaiveDate>,
    quota: Option<Bytes>,
) -> Result<Option<(NaiveDate, u64)>> {
    let Some(quota) = quota else { return Ok(None) };
    let waiting = grants::waiting_of(host, service)?;
    let first = waiting.first().map(|grant| {
        let paid = u64::try_from(grant.bytes).unwrap_or(0);
        (grant.begins, paid.max(quota.0))
    });
    Ok(first.or(due.map(|due| (due, quota.0))))
}

/// As [`catch_up`], for all accounts of a server; returns remarks.
pub fn catch_up_server(host: &dyn Host, server: i64) -> Result<Vec<String>> {
    let due = grants::due(host, server, today(host))?;
    let mut remarks = Vec::new();
    for some in due.chunks(store::batch::IDS) {
        let settled = store::transaction(host, || settle(host, some))?;
        remarks.extend(settled.remarks);
    }
    Ok(remarks)
}

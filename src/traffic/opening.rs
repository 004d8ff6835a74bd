//! A billing period opens: what ends with the one before, what is forgiven and what is added, each
//! journalled in the transaction that changes the balance. Grants that waited for their day open here
//! too. How much all of that is, is decided in `balance`.

use chrono::NaiveDate;

use super::balance::{self, Opening, Terms};
use super::period;
use crate::error::Result;
use crate::host::Host;
use crate::settings::ProductSettings;
use crate::store::grants::{self, Change, Entry, Kind, Waiting};
use crate::store::invoices;
use crate::store::standings::Standing;
use crate::units::Bytes;

/// What the product says about periods.
pub(super) fn terms(product: &ProductSettings) -> Terms {
    Terms {
        rollover: product.rollover,
        debt: product.debt,
    }
}

/// Opens the period `key` for an account that this transaction has locked; `latest` is the latest period
/// given before. An unlimited one only begins a new period.
pub(super) fn open(
    host: &dyn Host,
    standing: &mut Standing,
    (key, quota): (&str, Option<Bytes>),
    latest: Option<&str>,
    terms: Terms,
) -> Result<()> {
    let service = standing.service;
    let Some(quota) = quota else {
        return close(host, standing, true);
    };
    let ends_another = latest.is_none_or(|latest| latest < key);
    let opening = Opening::of(standing.balance, quota, terms, ends_another);
    for (kind, bytes) in [
        (Kind::Expired, -opening.expired),
        (Kind::Forgiven, opening.forgiven),
    ] {
        if bytes != 0 {
            journal(host, service, kind, bytes, "", "")?;
        }
    }
    let change = Change {
        bytes: opening.sum(),
        new_period: true,
    };
    grants::change_balance(host, service, change)?;
    grants::store_granted_quota(host, service, opening.granted)?;
    standing.balance = Some(standing.balance.unwrap_or(0).saturating_add(change.bytes));
    standing.granted_quota = Some(quota);
    Ok(())
}

/// An account that becomes unlimited has no balance; the journal says where it went.
pub(super) fn close(host: &dyn Host, standing: &mut Standing, new_period: bool) -> Result<()> {
    let service = standing.service;
    if let Some(left) = standing.balance {
        let taken = left.saturating_neg();
        let reason = "unlimited from now on";
        journal(host, service, Kind::Expired, taken, reason, "")?;
    }
    grants::remove_balance(host, service, new_period)?;
    standing.balance = None;
    standing.granted_quota = None;
    Ok(())
}

/// Gives of the grants that wait, which are in order, those whose day has come, and while nothing is left
/// the next one. `caps` says whether a balance means that the account is used up.
pub(super) fn give_waiting(
    host: &dyn Host,
    standing: &mut Standing,
    waiting: &[Waiting],
    (today, terms): (NaiveDate, Terms),
    caps: impl Fn(Option<i64>) -> bool,
) -> Result<()> {
    for grant in waiting {
        if grant.begins > today && !caps(standing.balance) {
            break;
        }
        give(host, standing, grant, terms)?;
    }
    Ok(())
}

/// Gives a grant that waited, unless somebody else has; one that is no longer paid is withdrawn.
pub(super) fn give(
    host: &dyn Host,
    standing: &mut Standing,
    grant: &Waiting,
    terms: Terms,
) -> Result<()> {
    let items = invoices::items(host, standing.service)?;
    if period::is_unpaid(&items, grant.begins) {
        return withdraw(host, grant);
    }
    let latest = grants::latest_given(host, standing.service)?;
    let paid = Bytes(u64::try_from(grant.bytes).unwrap_or(0));
    let quota = balance::promised(paid, standing.quota);
    let bytes = quota.map_or(0, signed);
    if !grants::give(host, grant, bytes, host.now())? {
        return Ok(());
    }
    let period = (grant.period.as_str(), quota);
    open(host, standing, period, latest.as_deref(), terms)
}

fn withdraw(host: &dyn Host, grant: &Waiting) -> Result<()> {
    if !grants::withdraw(host, grant)? {
        return Ok(());
    }
    let reason = format!(
        "the period from {} was not added: its invoice is no longer paid",
        grant.begins
    );
    journal(host, grant.service, Kind::Correction, 0, &reason, "")
}

/// Writes an entry of the journal.
pub(super) fn journal(
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
        waits: None,
    };
    grants::add(host, service, &entry)
}

/// Beyond 2^63 bytes the largest balance is the honest one.
pub(super) fn signed(bytes: Bytes) -> i64 {
    i64::try_from(bytes.0).unwrap_or(i64::MAX)
}

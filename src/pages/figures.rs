//! Balances and limits as numbers a template can print.

use serde_json::{Value, json};

use crate::settings::ProductSettings;
use crate::store::accounts::Account;
use crate::store::services::Service;
use crate::units::{Bytes, Rate};

/// What is left, what was used, what comes next. GB are 2^30 bytes, with two decimals; what is sold is
/// written as in the shop, without zeros.
pub(super) fn traffic(
    account: Option<&Account>,
    product: &ProductSettings,
    service: &Service,
) -> Value {
    let used = account.map(|account| account.period).unwrap_or_default();
    let quota = product.quotas.of_cycle(&service.billing_cycle);
    let balance = account.and_then(|account| account.balance);
    json!({
        "unlimited": quota.is_none(),
        "used_gb": gb(used.total()),
        "download_gb": gb(used.download),
        "upload_gb": gb(used.upload),
        "balance_gb": balance.map(signed_gb),
        "percent": balance.zip(quota).map(|(balance, quota)| percent(balance, quota)),
        "quota_gb": quota.map(sold_gb),
        "next_grant_gb": service.next_due.and(quota).map(sold_gb),
        "next_grant_on": service.next_due.map(|due| due.format("%Y-%m-%d").to_string()),
    })
}

/// `Unlimited` or Mbit/s.
pub(super) fn speed(rate: Rate) -> Value {
    if rate == Rate::UNLIMITED {
        Value::Null
    } else {
        Value::from(format!("{}", rate.as_mbit()))
    }
}

fn gb(bytes: Bytes) -> String {
    format!("{:.2}", bytes.as_gb())
}

fn sold_gb(bytes: Bytes) -> String {
    let text = gb(bytes);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn signed_gb(bytes: i64) -> String {
    let sign = if bytes < 0 { "-" } else { "" };
    format!("{sign}{}", gb(Bytes(bytes.unsigned_abs())))
}

/// What is left of a quota, 0 to 100; rolled-over traffic does not make it more than full.
fn percent(balance: i64, quota: Bytes) -> u64 {
    let left = u128::try_from(balance).unwrap_or(0);
    let percent = left * 100 / u128::from(quota.0.max(1));
    u64::try_from(percent.min(100)).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_never_below_empty_or_above_full() {
        assert_eq!(percent(-5, Bytes(10)), 0);
        assert_eq!(percent(5, Bytes(10)), 50);
        assert_eq!(percent(25, Bytes(10)), 100);
        assert_eq!(percent(1, Bytes(0)), 100);
    }

    #[test]
    fn what_is_sold_is_written_without_needless_zeros() {
        assert_eq!(sold_gb(Bytes(200 << 30)), "200");
        assert_eq!(sold_gb(Bytes(1 << 29)), "0.5");
        assert_eq!(sold_gb(Bytes(0)), "0");
    }

    #[test]
    fn an_overdrawn_balance_says_so() {
        assert_eq!(signed_gb(-(3 << 29)), "-1.50");
    }
}

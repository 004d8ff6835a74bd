//! Who may look at the figures of a service, and in which state it is for them. WHMCS checks the login
//! before it calls the module, but the service id comes from a URL: it is checked here again, against the
//! client of the session.

use serde_json::{Value, json};

use crate::error::Result;
use crate::host::Host;
use crate::params::Params;
use crate::store::services;

/// The pages of a service beside its own, as the sidebar offers them, in this order.
const PAGES: [&str; 2] = ["statistics", "history"];

/// Past figures hold no credential, so a suspended customer may read what led there.
fn shows_figures(status: &str) -> bool {
    matches!(status, "Active" | "Suspended")
}

/// Keys of the pages the sidebar offers `client` for `service`: none when it is not a VPN of that client.
pub fn menu(host: &dyn Host, service: i64, client: i64) -> Result<Vec<&'static str>> {
    let status = services::status_for(host, service, client)?;
    let shown = status.is_some_and(|status| shows_figures(&status));
    Ok(if shown { PAGES.to_vec() } else { Vec::new() })
}

/// What a page of figures shows to `client`: the fields of `view`, which runs only for a service that is
/// theirs and has figures to show, or one of the states `foreign`, `inactive` (with `status`) and `failed`.
pub(super) fn figures(
    host: &dyn Host,
    params: &Params,
    client: i64,
    page: &str,
    view: impl FnOnce(i64) -> Result<Value>,
) -> Value {
    let service = params.int("serviceid");
    let shown = match services::status_for(host, service, client) {
        Ok(None) => return json!({"state": "foreign"}),
        Ok(Some(status)) if !shows_figures(&status) => {
            return json!({"state": "inactive", "status": status});
        }
        Ok(Some(_)) => view(service),
        Err(error) => Err(error),
    };
    shown.unwrap_or_else(|error| {
        let text = format!("mikrotikvpn: the {page} of service {service} cannot be shown: {error}");
        host.log_activity(&text, Some(client));
        json!({"state": "failed"})
    })
}

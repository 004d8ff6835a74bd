//! Mails whose sender was cut off: an admin decides whether they are sent again.

use serde_json::{Value, json};

use crate::error::Result;
use crate::host::Host;
use crate::params::Params;
use crate::store::mails::{self, Doubt};
use crate::store::{self, forms};
use crate::traffic::outbox;

/// Shown at once; the others follow when these are decided.
const MOST: i64 = 20;

/// Those of one service, or of all.
pub fn list(host: &dyn Host, service: Option<i64>) -> Result<Value> {
    let doubts = mails::in_doubt(host, service, MOST)?;
    Ok(doubts.iter().map(describe).collect())
}

fn describe(doubt: &Doubt) -> Value {
    let Doubt {
        id,
        service,
        template,
        ..
    } = doubt;
    let says = format!(
        "Whether the e-mail \"{template}\" about service {service} went out is not known, for its sender was cut off. It is not sent again by itself."
    );
    json!({"id": id, "service": service, "at": doubt.at.timestamp(), "says": says})
}

/// The service's page was saved with one of the buttons beside a mail. A repetition finds nothing in doubt.
pub fn save(host: &dyn Host, params: &Params, form: &Params, admin: i64) -> Result<()> {
    let (again, never) = (form.int("mail_again"), form.int("mail_never"));
    if again == 0 && never == 0 {
        return Ok(());
    }
    store::ensure_schema(host)?;
    let service = params.int("serviceid");
    let admin = forms::admin_name(host, admin)?.unwrap_or_else(|| format!("admin {admin}"));
    let outcome = if again != 0 {
        match outbox::send_again(host, service, again)? {
            None => "was sent again".to_owned(),
            Some(reason) => format!("was not sent again: {reason}"),
        }
    } else if mails::give_up(host, service, never)? {
        "is not sent again".to_owned()
    } else {
        "was not in doubt any more".to_owned()
    };
    let text =
        format!("mikrotikvpn: an e-mail about service {service} {outcome}; {admin} decided it");
    host.log_activity(&text, Some(params.int("userid")));
    Ok(())
}

//! What WHMCS calls, by its names. Here errors become the sentence WHMCS shows, and every call that
//! talked to a router leaves an entry in WHMCS's module log.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::account::commands::{self, Command};
use crate::account::listing::{self, Words};
use crate::account::names;
use crate::account::server_settings;
use crate::doctor::{self, console::quoted};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::installation::{self, Installation};
use crate::pages::{self, sheet::Sheet};
use crate::params::Params;
use crate::routeros::{Deadline, Exchange, Query};
use crate::secret::{Secret, basic_credentials};
use crate::settings::ProductSettings;
use crate::store;
use crate::store::servers::Server;
use crate::store::{accounts, services};
use crate::traffic::collect::{Collected, collect, collect_after};
use crate::traffic::schedule::{Turn, Turns};
use crate::traffic::{grants, metrics, schedule};

/// What WHMCS takes for success, to the letter.
const SUCCESS: &str = "success";

/// What a customer reads of any failure; the module's PHP says it in their language.
const APOLOGY: &str =
    "The VPN server could not do this at the moment. Please try again later or contact support.";

/// How often a customer may reset the connection of one service.
const RESET_INTERVAL: Duration = Duration::from_secs(60);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an admin waits for a router behind a button or a list of choices.
const INTERACTIVE: Duration = Duration::from_secs(10);

/// `MetaData`. The tenant key of usage metrics and Server Sync is the username.
pub fn meta_data() -> Value {
    json!({
        "DisplayName": "MikroTik VPN",
        "APIVersion": "1.1",
        "RequiresServer": true,
        "DefaultNonSSLPort": "80",
        "DefaultSSLPort": "443",
        "ListAccountsUniqueIdentifierDisplayName": "Username",
        "ListAccountsUniqueIdentifierField": "username",
        "ListAccountsProductField": "configoption2",
    })
}

/// `ConfigOptions`: the fields in the order of their storage, with what is wrong with the stored values of
/// `product` (0: unknown) beside them. It never fails: an error here would break WHMCS's page.
pub fn config_options(host: &dyn Host, product: i64) -> Value {
    pages::product::fields(host, product)
}

/// The hook `ProductEdit`: a product of ours with settings that cannot be used is told of at once.
pub fn product_saved(host: &dyn Host, product: i64) {
    let sentences = pages::product::saved(host, product).unwrap_or_else(|error| {
        vec![format!(
            "the settings of product {product} cannot be read: {error}"
        )]
    });
    for sentence in sentences {
        host.log_activity(&format!("mikrotikvpn: {sentence}"), None);
    }
}

/// The e-mail templates of ours that have yet to be made: `kind` and `language` each.
pub fn missing_mail_templates(host: &dyn Host) -> Value {
    told(
        host,
        "the e-mail templates cannot be read",
        pages::mail::missing_templates(host),
    )
    .unwrap_or_else(|| json!([]))
}

/// Makes one of them.
pub fn make_mail_template(
    host: &dyn Host,
    kind: &str,
    language: &str,
    subject: &str,
    message: &str,
) {
    let made = pages::mail::make_template(host, kind, language, subject, message);
    told(host, "an e-mail template could not be made", made);
}

/// The hook `EmailPreSend`: our merge fields for a mail of `template` about `related`.
pub fn mail_fields(host: &dyn Host, template: &str, related: i64) -> Value {
    let fields = pages::mail::merge_fields(host, template, related);
    let what = format!("the merge fields of service {related} cannot be told");
    told(host, &what, fields).unwrap_or_else(|| json!({}))
}

/// The dashboard's routers; `error` when the books cannot be read.
pub fn routers(host: &dyn Host) -> Value {
    pages::overview::page(host).unwrap_or_else(|error| json!({"error": error.to_string()}))
}

/// A value, or an entry in the activity log.
fn told<T>(host: &dyn Host, what: &str, result: Result<T>) -> Option<T> {
    result
        .inspect_err(|error| log_once_a_day(host, what, error, None))
        .ok()
}

/// An entry in the activity log for what would come with every page or cron run: one a day says it.
fn log_once_a_day(host: &dyn Host, what: &str, error: &Error, client: Option<i64>) {
    let begin = format!("mikrotikvpn: {what}");
    let yesterday = host.now() - DAY;
    let yesterday = yesterday.with_timezone(&host.time_zone());
    if !store::activity::was_written(host, &begin, yesterday).unwrap_or(false) {
        host.log_activity(&format!("{begin}: {error}"), client);
    }
}

/// Choices for the module setting "PPP profile": the profiles of the product's server, see
/// [`pages::profiles`].
pub fn load_profiles(host: &dyn Host, params: &Params) -> Result<Value> {
    let server = server_settings(host, params)?;
    let router = server.router(Deadline::after(INTERACTIVE))?;
    let profiles = router.profiles(&Query::all())?;
    let books = doctor::Books::read(host, &server)?;
    Ok(pages::profiles::choices(&profiles, &books, server.meter))
}

/// Choices for the settings that name a product e-mail template; the empty one, labelled `none`, sends nothing.
pub fn load_mail_templates(host: &dyn Host, none: &str) -> Result<Value> {
    let mut choices = serde_json::Map::new();
    choices.insert(String::new(), none.into());
    for name in store::mail_templates::product_templates(host)? {
        choices.insert(name.clone(), name.into());
    }
    Ok(Value::Object(choices))
}

/// `TestConnection`, possibly with values that are not saved yet: the doctor's first problems, or success
/// when there are only warnings.
pub fn test_connection(host: &dyn Host, params: &Params) -> Value {
    let mut log = Vec::new();
    let complaint = doctor::visit(host, params, &mut log).complaint();
    write_log(host, "TestConnection", params, &log, complaint.as_ref());
    let server = params.int("serverid");
    let complaint = complaint.or_else(|| match server {
        // What may be sold on a server that is not saved yet is not decided.
        0 => None,
        saved => pages::product::check_sold_on(host, saved)
            .err()
            .map(|error| error.to_string()),
    });
    json!({"success": complaint.is_none(), "error": complaint.unwrap_or_default()})
}

/// Everything the doctor finds out about a router; `params` need no more than `serverid`.
pub fn doctor(host: &dyn Host, params: &Params) -> Value {
    let mut log = Vec::new();
    let report = doctor::visit(host, params, &mut log);
    write_log(host, "doctor", params, &log, report.complaint().as_ref());
    report.to_json()
}

/// The script that prepares a fresh router for the server in `params`. It holds passwords, so nothing of it
/// is logged.
pub fn router_script(host: &dyn Host, params: &Params) -> Result<String> {
    doctor::prepare(host, params)
}

/// `CreateAccount`.
pub fn create_account(host: &dyn Host, params: &Params) -> String {
    lifecycle(host, params, Command::Create)
}

/// `SuspendAccount`.
pub fn suspend_account(host: &dyn Host, params: &Params) -> String {
    lifecycle(host, params, Command::Suspend)
}

/// `UnsuspendAccount`.
pub fn unsuspend_account(host: &dyn Host, params: &Params) -> String {
    lifecycle(host, params, Command::Unsuspend)
}

/// `TerminateAccount`.
pub fn terminate_account(host: &dyn Host, params: &Params) -> String {
    lifecycle(host, params, Command::Terminate)
}

/// `ChangePassword`. WHMCS stores the new password itself, after success. See [`said`] for the answer.
pub fn change_password(host: &dyn Host, params: &Params) -> Value {
    if host.is_client_area() {
        let (product, _) = ProductSettings::lenient(params, &BTreeMap::new());
        let least = product.password_min;
        if !names::is_fit_for_customers(&params.secret("password"), least) {
            let limits = json!({"least": least, "most": names::LONGEST_CUSTOMERS_PASSWORD});
            return refused("client_password_unfit", &limits);
        }
    }
    said(host, &lifecycle(host, params, Command::ChangePassword))
}

/// `ChangePackage`.
pub fn change_package(host: &dyn Host, params: &Params) -> String {
    lifecycle(host, params, Command::ChangePackage)
}

/// The button "Reset connection". See [`said`] for the answer.
pub fn reset_connection(host: &dyn Host, params: &Params) -> Value {
    if host.is_client_area() {
        match claim_reset(host, params) {
            Ok(true) => {}
            Ok(false) => return refused("client_reset_soon", &json!({})),
            Err(error) => {
                let action = Command::ResetConnection.name();
                return said(host, &answer(host, params, action, &[], Err(error)));
            }
        }
    }
    said(host, &lifecycle(host, params, Command::ResetConnection))
}

/// Whether a customer may reset his connection now: a press after the other would only make his device dial
/// in again and the router work.
fn claim_reset(host: &dyn Host, params: &Params) -> Result<bool> {
    if !may_reset(params) {
        return Err(Error::misuse(
            "Customers of this product may not reset their connection",
            "The product's Advanced setting reset-connection decides",
        ));
    }
    store::ensure_schema(host)?;
    store::live::claim_reset(host, params.int("serviceid"), RESET_INTERVAL)
}

/// What a function answers that customers call, too: `result` is "success" or the sentence for admins. `text` is
/// the key of what a customer reads instead, in his language, with its `values`; null for everybody else.
pub fn said(host: &dyn Host, result: &str) -> Value {
    let apology = host.is_client_area() && result != SUCCESS;
    json!({"result": result, "text": apology.then_some("client_apology"), "values": {}})
}

/// Something a customer can mend himself.
fn refused(text: &str, values: &Value) -> Value {
    json!({"result": APOLOGY, "text": text, "values": values})
}

/// `Renew`: grants the traffic of the period that was paid for, once.
pub fn renew(host: &dyn Host, params: &Params) -> String {
    let mut log = Vec::new();
    let result = grants::renew(host, params, &mut log);
    answer(host, params, "Renew", &log, result)
}

fn lifecycle(host: &dyn Host, params: &Params, command: Command) -> String {
    let mut log = Vec::new();
    let result = commands::run(host, params, command, &mut log);
    forget_status(host, params);
    answer(host, params, command.name(), &log, result)
}

/// Whatever a command did, what the pages last saw is no longer true.
fn forget_status(host: &dyn Host, params: &Params) {
    let service = params.int("serviceid");
    let forgotten = store::ensure_schema(host).and_then(|()| store::live::forget(host, service));
    if let Err(error) = forgotten {
        host.log_activity(
            &format!(
                "mikrotikvpn: the page of service {service} is up to date a little later: {error}"
            ),
            None,
        );
    }
}

/// Logs the call and turns its result into WHMCS's words. A customer reads no name of a server.
fn answer(
    host: &dyn Host,
    params: &Params,
    action: &str,
    log: &[Exchange],
    result: Result<()>,
) -> String {
    let result = result.map_err(|error| store::explained(host, error));
    write_log(host, action, params, log, result.as_ref().err());
    match result {
        Ok(()) => SUCCESS.to_owned(),
        Err(error) if host.is_client_area() => {
            let service = params.int("serviceid");
            host.log_activity(
                &format!("mikrotikvpn: {action} of service {service} failed: {error}"),
                Some(params.int("userid")),
            );
            APOLOGY.to_owned()
        }
        Err(error) => error.to_string(),
    }
}

/// What a reader is told of a bug of ours, which `sentence` describes; the activity log keeps it.
pub fn crashed(host: &dyn Host, sentence: &str) -> String {
    host.log_activity(&format!("mikrotikvpn: {sentence}"), None);
    if host.is_client_area() {
        APOLOGY.to_owned()
    } else {
        sentence.to_owned()
    }
}

/// `UsageUpdate` of one server. Nothing is done when somebody else does, or has just done, this very work.
pub fn usage_update(host: &dyn Host, params: &Params) -> String {
    let mut log = Vec::new();
    let collected = server_settings(host, params)
        .and_then(|server| collect_after(host, &server, schedule::INTERVAL, &mut log));
    let error = collected.err().map(|error| store::explained(host, error));
    write_log(host, "UsageUpdate", params, &log, error.as_ref());
    let Some(error) = error else {
        return SUCCESS.to_owned();
    };
    collection_failed(host, params.int("serverid"), &error);
    error.to_string()
}

/// The hook `AfterCronJob`: collects the servers that are due. What fails is in the logs; the activity log
/// does not hear every few minutes of a router that is still down.
pub fn after_cron_job(host: &dyn Host) {
    told(
        host,
        "it was not noted that the cron's PHP has the extension",
        store::cron_php::works(host),
    );
    let servers = match schedule::due(host) {
        Ok(servers) => servers,
        Err(error) => {
            let what = "no traffic was collected in this cron run";
            return log_once_a_day(host, what, &error, None);
        }
    };
    let budget = Deadline::after(schedule::BUDGET);
    let mut turns = Turns::of(servers.into_iter().map(|server| {
        let failing = server.failing;
        (server, failing)
    }));
    while let Some(Turn { server, share }) = turns.next(budget.remaining()) {
        match collect_in_cron(host, &server, share) {
            Some((error, true)) => turns.ran_out(server, share, error),
            Some((error, false)) => failed_in_cron(host, &server, &error),
            None => {}
        }
    }
    for (server, error) in turns.left_over() {
        failed_in_cron(host, &server, &error);
    }
}

/// The error, and whether more time might have helped; `None` when all is well.
fn collect_in_cron(host: &dyn Host, server: &Server, share: Duration) -> Option<(Error, bool)> {
    let mut params = Params::new();
    params.set("serverid", &server.id.to_string());
    let mut log = Vec::new();
    let attempt = schedule::collect_due(host, server, share, &mut log);
    if matches!(attempt.result, Ok(Collected::Busy)) {
        return None;
    }
    let error = attempt
        .result
        .err()
        .map(|error| store::explained(host, error));
    write_masked_log(
        host,
        "AfterCronJob",
        &params,
        &log,
        error.as_ref(),
        attempt.masks,
    );
    error.map(|error| (error, attempt.ran_out))
}

fn failed_in_cron(host: &dyn Host, server: &Server, error: &Error) {
    if server.last_error.as_deref() != Some(error.to_string().as_str()) {
        collection_failed(host, server.id, error);
    }
}

fn collection_failed(host: &dyn Host, server: i64, error: &Error) {
    host.log_activity(
        &format!("mikrotikvpn: collecting traffic of server {server} failed: {error}"),
        None,
    );
}

/// The metrics of `MetricProvider`: system name and label. Needs neither router nor database.
pub fn metrics() -> Value {
    metrics::list()
}

/// Month-to-date usage of every account of the server in `params`, or of `tenant` alone, by username;
/// empty when it cannot be known, so that WHMCS keeps the values it has.
pub fn metric_usage(host: &dyn Host, params: &Params, tenant: Option<&str>) -> Value {
    let server = params.int("serverid");
    metrics::usage(host, server, tenant).unwrap_or_else(|error| {
        let text = format!("mikrotikvpn: the usage of server {server} cannot be told: {error}");
        host.log_activity(&text, None);
        json!({})
    })
}

/// The page "Information" of the client area, as raw values; `client` is who is logged in.
pub fn client_information(host: &dyn Host, params: &Params, client: i64) -> Value {
    pages::client::information(host, params, client)
}

/// The live status that page polls; `client` is who is logged in.
pub fn client_live(host: &dyn Host, params: &Params, client: i64) -> Value {
    pages::client::live(host, params, client)
}

/// The page "Traffic statistics" of the client area; `client` is who is logged in.
pub fn client_statistics(host: &dyn Host, params: &Params, client: i64) -> Value {
    pages::statistics::page(host, params, client)
}

/// The file `days.csv` or `months.csv` behind it.
pub fn client_download(host: &dyn Host, params: &Params, client: i64, file: &str) -> Value {
    pages::statistics::download(host, params, client, file)
}

/// The page "Traffic history" of the client area; `number` counts its parts from 1.
pub fn client_history(host: &dyn Host, params: &Params, client: i64, number: i64) -> Value {
    pages::history::page(host, params, client, Sheet::number(number))
}

/// The pages the sidebar offers for a service, of any module: none unless it is a VPN of `client`. It is asked
/// on every page of a service and disturbs none.
pub fn client_menu(host: &dyn Host, service: i64, client: i64) -> Value {
    let pages = pages::visitor::menu(host, service, client).unwrap_or_else(|error| {
        let what = format!("the sidebar of service {service} is incomplete");
        log_once_a_day(host, &what, &error, Some(client));
        Vec::new()
    });
    pages.into()
}

/// The page of `AdminServicesTabFields`; `number` counts the parts of its ledger from 1.
pub fn admin_service(host: &dyn Host, params: &Params, number: i64) -> Value {
    pages::admin::service(host, params, Sheet::number(number))
}

/// `AdminServicesTabFieldsSave`: `form` are the fields of ours, `admin` is the id of who sent them. WHMCS
/// takes no answer; the page says what came of it when it is shown again.
pub fn admin_services_tab_fields_save(host: &dyn Host, params: &Params, form: &Params, admin: i64) {
    let service = params.int("serviceid");
    let tell = |what: &str, error: &Error| {
        let text = format!("mikrotikvpn: {what} service {service}: {error}");
        host.log_activity(&text, Some(params.int("userid")));
    };
    if let Err(error) = pages::correction::save(host, params, form, admin) {
        tell("no traffic was booked for", &error);
    }
    if let Err(error) = pages::doubts::save(host, params, form, admin) {
        tell("nothing was decided about the e-mail of", &error);
    }
}

/// The button "Collect now": the whole router of the service, however recently it was collected.
pub fn collect_now(host: &dyn Host, params: &Params) -> String {
    let mut log = Vec::new();
    let collected = server_settings(host, params).and_then(|mut server| {
        server.collection_timeout = server.collection_timeout.min(schedule::BUDGET);
        collect(host, &server, &mut log)
    });
    let result = collected.and_then(|collected| match collected {
        Collected::Done(_) => Ok(()),
        Collected::Busy => Err(Error::misuse(
            "This router is being collected at this moment",
            "Its figures will be here when that has ended",
        )),
    });
    answer(host, params, "collectNow", &log, result)
}

/// The button "Check router": the doctor's report is kept for the service page; the answer is its first
/// problems, or success.
pub fn check_router(host: &dyn Host, params: &Params) -> String {
    let mut log = Vec::new();
    let report = doctor::visit(host, params, &mut log);
    let kept = store::ensure_schema(host).and_then(|()| {
        let report = report.to_json().to_string();
        store::checkups::store(host, params.int("serverid"), host.now(), &report)
    });
    let complaint = report.complaint();
    let ending = complaint.or_else(|| kept.err().map(|error| error.to_string()));
    write_log(host, "checkRouter", params, &log, ending.as_ref());
    ending.unwrap_or_else(|| SUCCESS.to_owned())
}

/// `AdminCustomButtonArray`: the key of each label's text, and the function's suffix. While nobody has said
/// whether this WHMCS was moved or copied, both answers are among them.
pub fn admin_buttons(host: &dyn Host) -> Value {
    let mut buttons = json!({
        "admin_button_reset": "resetConnection",
        "admin_button_collect": "collectNow",
        "admin_button_checkup": "checkRouter",
    });
    let installation = told(
        host,
        "it cannot be told which WHMCS this is",
        Installation::load(host),
    );
    if installation.is_some_and(|installation| installation.doubt().is_some()) {
        buttons["admin_button_moved"] = "installationMoved".into();
        buttons["admin_button_copy"] = "installationCopied".into();
    }
    buttons
}

/// What an admin says of a WHMCS that lives in another place: `moved` or `copy`.
pub fn decide_installation(host: &dyn Host, answer: &str) -> String {
    match installation::decide(host, answer) {
        Ok(()) => SUCCESS.to_owned(),
        Err(error) => error.to_string(),
    }
}

/// `ClientAreaCustomButtonArray`: the key of each label's text, and the function's suffix.
pub fn client_area_buttons(params: &Params) -> Value {
    if may_reset(params) {
        json!({"client_reset_connection": "resetConnection"})
    } else {
        json!({})
    }
}

/// Only an active service has something to reset, and the product may keep it from customers.
fn may_reset(params: &Params) -> bool {
    let (product, _) = ProductSettings::lenient(params, &BTreeMap::new());
    params.text("status") == "Active" && product.reset_connection
}

/// `ClientAreaAllowedFunctions`.
pub fn client_area_allowed(params: &Params) -> Value {
    client_area_buttons(params)
}

/// `AdminLink`: the router's own web page; `label` is the link's text.
pub fn admin_link(params: &Params, label: &str) -> String {
    pages::admin::webfig_link(params, label)
}

/// `ListAccounts`: what carries our tag on the server's router.
pub fn list_accounts(host: &dyn Host, params: &Params, words: Words<'_>) -> Value {
    let mut log = Vec::new();
    let listed = server_settings(host, params)
        .and_then(|server| listing::accounts(host, &server, words, &mut log));
    write_log(host, "ListAccounts", params, &log, listed.as_ref().err());
    match listed {
        Ok(accounts) => json!({"success": true, "accounts": accounts}),
        Err(error) => json!({"success": false, "error": error.to_string()}),
    }
}

/// The hook `ServiceDelete`: nothing of ours outlives the service, but for an account that may still be on a
/// router.
pub fn service_deleted(host: &dyn Host, service: i64) {
    let result = store::ensure_schema(host).and_then(|()| forget_deleted(host, service));
    if let Err(error) = result {
        host.log_activity(
            &format!("mikrotikvpn: the figures of deleted service {service} could not be removed: {error}"),
            None,
        );
    }
}

fn forget_deleted(host: &dyn Host, service: i64) -> Result<()> {
    let account = accounts::of_service(host, service)?;
    let Some(account) = account.filter(|account| !account.username.is_empty()) else {
        return services::forget(host, service);
    };
    services::disown(host, service)?;
    let name = quoted(&account.username);
    host.log_activity(
        &format!(
            "mikrotikvpn: service {service} was deleted without Terminate, and its login \"{}\" is still on the router of server {}. Remove it there: /ppp secret remove [find name={name}]; /queue simple remove [find name={name}]",
            account.username, account.server
        ),
        None,
    );
    Ok(())
}

/// One entry of the module log: what was said, what came back, how it ended. Secrets are masked by
/// value.
fn write_log(
    host: &dyn Host,
    action: &str,
    params: &Params,
    log: &[Exchange],
    error: Option<&impl ToString>,
) {
    write_masked_log(host, action, params, log, error, Vec::new());
}

fn write_masked_log(
    host: &dyn Host,
    action: &str,
    params: &Params,
    log: &[Exchange],
    error: Option<&impl ToString>,
    mut masks: Vec<Secret>,
) {
    let lines = |pick: fn(&Exchange) -> &str| log.iter().map(pick).collect::<Vec<_>>().join("\n");
    let request = format!(
        "service {} server {}\n{}",
        params.int("serviceid"),
        params.int("serverid"),
        lines(|exchange| &exchange.request)
    );
    let ending = error.map_or_else(|| SUCCESS.to_owned(), ToString::to_string);
    let reply = format!("{}\n{ending}", lines(|exchange| &exchange.reply));
    let of_params = ["password", "serverpassword", "configoption19"];
    masks.extend(of_params.map(|name| params.secret(name)));
    masks.push(basic_credentials(
        params.text("serverusername").trim(),
        &params.secret("serverpassword"),
    ));
    masks.retain(|secret| !secret.is_empty());
    host.log_call(action, &request, &reply, &masks);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_active_service_may_be_reset_by_its_owner_and_only_if_the_product_allows_it() {
        let mut params = Params::new();
        params.set("status", "Suspended");
        assert_eq!(client_area_allowed(&params), json!({}));
        params.set("status", "Active");
        assert_eq!(
            client_area_allowed(&params),
            json!({"client_reset_connection": "resetConnection"})
        );
        params.set("configoption23", "reset-connection = off");
        assert_eq!(client_area_allowed(&params), json!({}));
    }
}

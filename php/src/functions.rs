//! What PHP sees in the namespace `MikrotikVpn`. Each function is one call of the core; shapes and
//! units are described in `php/mikrotikvpn.stub.php`.

use ext_php_rs::boxed::ZBox;
use ext_php_rs::exception::PhpResult;
use ext_php_rs::prelude::*;
use ext_php_rs::types::ZendHashTable;
use mikrotikvpn::account::listing::Words;
use mikrotikvpn::host::Host;
use mikrotikvpn::params::Params;
use mikrotikvpn::{Result, module};
use serde_json::Value;

use crate::exception;
use crate::host::Whmcs;
use crate::panic::{caught, guarded};
use crate::{params, value};

type Array = ZBox<ZendHashTable>;

/// Adds every function of this file to the module.
pub(crate) fn register(module: ModuleBuilder) -> ModuleBuilder {
    module
        .function(wrap_function!(version))
        .function(wrap_function!(interface_number))
        .function(wrap_function!(meta_data))
        .function(wrap_function!(config_options))
        .function(wrap_function!(product_saved))
        .function(wrap_function!(load_profiles))
        .function(wrap_function!(load_mail_templates))
        .function(wrap_function!(missing_mail_templates))
        .function(wrap_function!(make_mail_template))
        .function(wrap_function!(mail_fields))
        .function(wrap_function!(test_connection))
        .function(wrap_function!(doctor))
        .function(wrap_function!(router_script))
        .function(wrap_function!(create_account))
        .function(wrap_function!(suspend_account))
        .function(wrap_function!(unsuspend_account))
        .function(wrap_function!(terminate_account))
        .function(wrap_function!(change_password))
        .function(wrap_function!(change_package))
        .function(wrap_function!(renew))
        .function(wrap_function!(reset_connection))
        .function(wrap_function!(usage_update))
        .function(wrap_function!(after_cron_job))
        .function(wrap_function!(metrics))
        .function(wrap_function!(metric_usage))
        .function(wrap_function!(client_statistics))
        .function(wrap_function!(client_download))
        .function(wrap_function!(client_history))
        .function(wrap_function!(client_menu))
        .function(wrap_function!(admin_service))
        .function(wrap_function!(client_information))
        .function(wrap_function!(client_live))
        .function(wrap_function!(admin_services_tab_fields_save))
        .function(wrap_function!(collect_now))
        .function(wrap_function!(check_router))
        .function(wrap_function!(admin_buttons))
        .function(wrap_function!(decide_installation))
        .function(wrap_function!(client_area_buttons))
        .function(wrap_function!(client_area_allowed))
        .function(wrap_function!(admin_link))
        .function(wrap_function!(list_accounts))
        .function(wrap_function!(routers))
        .function(wrap_function!(service_deleted))
}

/// Changes with the functions of this file and with the tables; `php/interface.json` says for which ones it
/// stands.
const INTERFACE: i64 = 2;

/// Compared by the module's PHP with its own: builds of one release may differ.
#[php_function]
#[php(name = "MikrotikVpn\\interfaceNumber")]
pub fn interface_number() -> i64 {
    INTERFACE
}

/// The release of the extension, compared by the module's PHP with its own.
#[php_function]
#[php(name = "MikrotikVpn\\version")]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// `mikrotikvpn_MetaData`.
#[php_function]
#[php(name = "MikrotikVpn\\metaData")]
pub fn meta_data() -> PhpResult<Array> {
    guarded(|| Ok(value::array(&module::meta_data())?))
}

/// `mikrotikvpn_ConfigOptions`.
#[php_function]
#[php(name = "MikrotikVpn\\configOptions")]
pub fn config_options(product: i64) -> PhpResult<Array> {
    answered(|host| module::config_options(host, product))
}

/// The hook `ProductEdit`.
#[php_function]
#[php(name = "MikrotikVpn\\productSaved")]
pub fn product_saved(product: i64) {
    hook(|host| module::product_saved(host, product));
}

/// Choices for the module setting "PPP profile".
#[php_function]
#[php(name = "MikrotikVpn\\loadProfiles")]
pub fn load_profiles(params: &ZendHashTable) -> PhpResult<Array> {
    choices(params, module::load_profiles)
}

/// Choices for the module settings that name an e-mail template.
#[php_function]
#[php(name = "MikrotikVpn\\loadMailTemplates")]
pub fn load_mail_templates(params: &ZendHashTable, none: &str) -> PhpResult<Array> {
    choices(params, |host, _| module::load_mail_templates(host, none))
}

/// The e-mail templates of ours that have yet to be made.
#[php_function]
#[php(name = "MikrotikVpn\\missingMailTemplates")]
pub fn missing_mail_templates() -> PhpResult<Array> {
    answered(module::missing_mail_templates)
}

/// Makes one of them.
#[php_function]
#[php(name = "MikrotikVpn\\makeMailTemplate")]
pub fn make_mail_template(kind: &str, language: &str, subject: &str, message: &str) {
    hook(|host| module::make_mail_template(host, kind, language, subject, message));
}

/// The hook `EmailPreSend`.
#[php_function]
#[php(name = "MikrotikVpn\\mailFields")]
pub fn mail_fields(template: &str, related: i64) -> PhpResult<Array> {
    answered(|host| module::mail_fields(host, template, related))
}

/// `mikrotikvpn_TestConnection`.
#[php_function]
#[php(name = "MikrotikVpn\\testConnection")]
pub fn test_connection(params: &ZendHashTable) -> PhpResult<Array> {
    page(params, module::test_connection)
}

/// Everything the doctor finds out about a router.
#[php_function]
#[php(name = "MikrotikVpn\\doctor")]
pub fn doctor(params: &ZendHashTable) -> PhpResult<Array> {
    page(params, module::doctor)
}

/// The script that prepares a fresh router.
#[php_function]
#[php(name = "MikrotikVpn\\routerScript")]
pub fn router_script(params: &ZendHashTable) -> PhpResult<String> {
    guarded(|| {
        let script = module::router_script(&Whmcs::default(), &params::from_array(params));
        script.map_err(|error| exception::from_error(&error))
    })
}

/// `mikrotikvpn_CreateAccount`.
#[php_function]
#[php(name = "MikrotikVpn\\createAccount")]
pub fn create_account(params: &ZendHashTable) -> String {
    command(params, module::create_account)
}

/// `mikrotikvpn_SuspendAccount`.
#[php_function]
#[php(name = "MikrotikVpn\\suspendAccount")]
pub fn suspend_account(params: &ZendHashTable) -> String {
    command(params, module::suspend_account)
}

/// `mikrotikvpn_UnsuspendAccount`.
#[php_function]
#[php(name = "MikrotikVpn\\unsuspendAccount")]
pub fn unsuspend_account(params: &ZendHashTable) -> String {
    command(params, module::unsuspend_account)
}

/// `mikrotikvpn_TerminateAccount`.
#[php_function]
#[php(name = "MikrotikVpn\\terminateAccount")]
pub fn terminate_account(params: &ZendHashTable) -> String {
    command(params, module::terminate_account)
}

/// `mikrotikvpn_ChangePassword`.
#[php_function]
#[php(name = "MikrotikVpn\\changePassword")]
pub fn change_password(params: &ZendHashTable) -> PhpResult<Array> {
    reply(params, module::change_password)
}

/// `mikrotikvpn_ChangePackage`.
#[php_function]
#[php(name = "MikrotikVpn\\changePackage")]
pub fn change_package(params: &ZendHashTable) -> String {
    command(params, module::change_package)
}

/// `mikrotikvpn_Renew`.
#[php_function]
#[php(name = "MikrotikVpn\\renew")]
pub fn renew(params: &ZendHashTable) -> String {
    command(params, module::renew)
}

/// The button "Reset connection".
#[php_function]
#[php(name = "MikrotikVpn\\resetConnection")]
pub fn reset_connection(params: &ZendHashTable) -> PhpResult<Array> {
    reply(params, module::reset_connection)
}

/// `mikrotikvpn_UsageUpdate`.
#[php_function]
#[php(name = "MikrotikVpn\\usageUpdate")]
pub fn usage_update(params: &ZendHashTable) -> String {
    command(params, module::usage_update)
}

/// The hook `AfterCronJob`.
#[php_function]
#[php(name = "MikrotikVpn\\afterCronJob")]
pub fn after_cron_job() {
    hook(module::after_cron_job);
}

/// The metrics of `mikrotikvpn_MetricProvider`.
#[php_function]
#[php(name = "MikrotikVpn\\metrics")]
pub fn metrics() -> PhpResult<Array> {
    guarded(|| Ok(value::array(&module::metrics())?))
}

/// Their values on one server.
#[php_function]
#[php(name = "MikrotikVpn\\metricUsage")]
pub fn metric_usage(params: &ZendHashTable, tenant: Option<&str>) -> PhpResult<Array> {
    page(params, |host, params| {
        module::metric_usage(host, params, tenant)
    })
}

/// The page "Information" of `mikrotikvpn_ClientArea`.
#[php_function]
#[php(name = "MikrotikVpn\\clientInformation")]
pub fn client_information(params: &ZendHashTable, client: i64) -> PhpResult<Array> {
    page(params, |host, params| {
        module::client_information(host, params, client)
    })
}

/// The live status that page polls.
#[php_function]
#[php(name = "MikrotikVpn\\clientLive")]
pub fn client_live(params: &ZendHashTable, client: i64) -> PhpResult<Array> {
    page(params, |host, params| {
        module::client_live(host, params, client)
    })
}

/// The page "Traffic statistics" of the client area.
#[php_function]
#[php(name = "MikrotikVpn\\clientStatistics")]
pub fn client_statistics(params: &ZendHashTable, client: i64) -> PhpResult<Array> {
    page(params, |host, params| {
        module::client_statistics(host, params, client)
    })
}

/// Its figures as a file.
#[php_function]
#[php(name = "MikrotikVpn\\clientDownload")]
pub fn client_download(params: &ZendHashTable, client: i64, file: &str) -> PhpResult<Array> {
    page(params, |host, params| {
        module::client_download(host, params, client, file)
    })
}

/// The page "Traffic history" of the client area.
#[php_function]
#[php(name = "MikrotikVpn\\clientHistory")]
pub fn client_history(params: &ZendHashTable, client: i64, number: i64) -> PhpResult<Array> {
    page(params, |host, params| {
        module::client_history(host, params, client, number)
    })
}

/// The pages of a service that the sidebar offers.
#[php_function]
#[php(name = "MikrotikVpn\\clientMenu")]
pub fn client_menu(service: i64, client: i64) -> PhpResult<Array> {
    guarded(|| {
        let menu = module::client_menu(&Whmcs::default(), service, client);
        Ok(value::array(&menu)?)
    })
}

/// The page of `mikrotikvpn_AdminServicesTabFields`.
#[php_function]
#[php(name = "MikrotikVpn\\adminService")]
pub fn admin_service(params: &ZendHashTable, number: i64) -> PhpResult<Array> {
    page(params, |host, params| {
        module::admin_service(host, params, number)
    })
}

/// `mikrotikvpn_AdminServicesTabFieldsSave`.
#[php_function]
#[php(name = "MikrotikVpn\\adminServicesTabFieldsSave")]
pub fn admin_services_tab_fields_save(params: &ZendHashTable, form: &ZendHashTable, admin: i64) {
    hook(|host| {
        let (params, form) = (params::from_array(params), params::from_array(form));
        module::admin_services_tab_fields_save(host, &params, &form, admin);
    });
}

/// The button "Check router".
#[php_function]
#[php(name = "MikrotikVpn\\checkRouter")]
pub fn check_router(params: &ZendHashTable) -> String {
    command(params, module::check_router)
}

/// The button "Collect now".
#[php_function]
#[php(name = "MikrotikVpn\\collectNow")]
pub fn collect_now(params: &ZendHashTable) -> String {
    command(params, module::collect_now)
}

/// `mikrotikvpn_AdminCustomButtonArray`.
#[php_function]
#[php(name = "MikrotikVpn\\adminButtons")]
pub fn admin_buttons() -> PhpResult<Array> {
    answered(module::admin_buttons)
}

/// What an admin says of a WHMCS that lives in another place.
#[php_function]
#[php(name = "MikrotikVpn\\decideInstallation")]
pub fn decide_installation(answer: &str) -> String {
    caught(|| module::decide_installation(&Whmcs::default(), answer))
        .unwrap_or_else(|sentence| confess(&sentence))
}

/// `mikrotikvpn_ClientAreaCustomButtonArray`.
#[php_function]
#[php(name = "MikrotikVpn\\clientAreaButtons")]
pub fn client_area_buttons(params: &ZendHashTable) -> PhpResult<Array> {
    page(params, |_, params| module::client_area_buttons(params))
}

/// `mikrotikvpn_ClientAreaAllowedFunctions`.
#[php_function]
#[php(name = "MikrotikVpn\\clientAreaAllowed")]
pub fn client_area_allowed(params: &ZendHashTable) -> PhpResult<Array> {
    page(params, |_, params| module::client_area_allowed(params))
}

/// `mikrotikvpn_AdminLink`.
#[php_function]
#[php(name = "MikrotikVpn\\adminLink")]
pub fn admin_link(params: &ZendHashTable, label: &str) -> String {
    command(params, |_, params| module::admin_link(params, label))
}

/// `mikrotikvpn_ListAccounts`.
#[php_function]
#[php(name = "MikrotikVpn\\listAccounts")]
pub fn list_accounts(params: &ZendHashTable, active: &str, suspended: &str) -> PhpResult<Array> {
    let words = Words { active, suspended };
    page(params, |host, params| {
        module::list_accounts(host, params, words)
    })
}

/// The routers of the dashboard.
#[php_function]
#[php(name = "MikrotikVpn\\routers")]
pub fn routers() -> PhpResult<Array> {
    answered(module::routers)
}

/// The hook `ServiceDelete`.
#[php_function]
#[php(name = "MikrotikVpn\\serviceDeleted")]
pub fn service_deleted(service: i64) {
    hook(|host| module::service_deleted(host, service));
}

/// A function whose answer is a text: "success" or the sentence to show. It never throws: an
/// exception in UsageUpdate was seen to end WHMCS's whole cron run.
pub(crate) fn command(
    array: &ZendHashTable,
    run: impl FnOnce(&dyn Host, &Params) -> String,
) -> String {
    caught(|| run(&Whmcs::default(), &params::from_array(array)))
        .unwrap_or_else(|sentence| confess(&sentence))
}

/// A function of that kind which customers call, too: a bug of ours is an answer like any other.
fn reply(array: &ZendHashTable, run: impl FnOnce(&dyn Host, &Params) -> Value) -> PhpResult<Array> {
    let answer = caught(|| run(&Whmcs::default(), &params::from_array(array)));
    let answer =
        answer.unwrap_or_else(|sentence| module::said(&Whmcs::default(), &confess(&sentence)));
    Ok(value::array(&answer)?)
}

/// Writes a bug of ours down; returns what the reader is told.
fn confess(sentence: &str) -> String {
    caught(|| module::crashed(&Whmcs::default(), sentence)).unwrap_or_else(|again| again)
}

/// What has nobody to answer to and may disturb no page: hooks, and the saving of one.
fn hook(run: impl FnOnce(&dyn Host)) {
    if let Err(sentence) = caught(|| run(&Whmcs::default())) {
        confess(&sentence);
    }
}

/// A function whose answer is an array and which reports failure inside it.
fn page(array: &ZendHashTable, run: impl FnOnce(&dyn Host, &Params) -> Value) -> PhpResult<Array> {
    guarded(|| {
        let answer = run(&Whmcs::default(), &params::from_array(array));
        Ok(value::array(&answer)?)
    })
}

/// A function of no `$params` whose answer is an array.
fn answered(run: impl FnOnce(&dyn Host) -> Value) -> PhpResult<Array> {
    guarded(|| Ok(value::array(&run(&Whmcs::default()))?))
}

/// A loader: WHMCS shows the message of the exception it throws.
fn choices(
    array: &ZendHashTable,
    run: impl FnOnce(&dyn Host, &Params) -> Result<Value>,
) -> PhpResult<Array> {
    guarded(|| {
        let answer = run(&Whmcs::default(), &params::from_array(array));
        let answer = answer.map_err(|error| exception::from_error(&error))?;
        Ok(value::array(&answer)?)
    })
}

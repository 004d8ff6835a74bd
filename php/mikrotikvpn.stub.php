<?php

/**
 * What the extension mikrotikvpn offers to PHP, for readers and IDEs; never loaded beside it.
 * `php php/stub-check.php` compares this file with the loaded extension, in both directions.
 *
 * $params is the array WHMCS passes to a module's function. Only its scalars and the scalars of
 * `configoptions` and `clientsdetails` are read; objects such as `model` are never touched.
 *
 * Unless said otherwise a function does not throw: what goes wrong is in what it returns. A bug in
 * the extension itself (a Rust panic) is told in a sentence that names its place and no value: functions
 * that return a text return it, hooks write it to the activity log, the others throw it as an \Error.
 */

namespace MikrotikVpn;

/** Thrown where WHMCS expects an exception: by the functions that load choices. */
class Exception extends \Exception
{
}

/**
 * Changes with the functions here and with the tables; the module's PHP works with its own number alone.
 */
function interfaceNumber(): int
{
}

/** The release of the extension, such as "0.1.0"; the module's folder must be of the same one. */
function version(): string
{
}

/** @return array<string, string|bool> what WHMCS asks of <module>_MetaData */
function metaData(): array
{
}

/**
 * The module settings in storage order, at most 24; the Description of each is what is wrong with the stored value.
 *
 * @param int $product `tblproducts.id` of the product whose tab is shown, 0 when unknown
 * @return array<string, array<string, mixed>>
 */
function configOptions(int $product): array
{
}

/**
 * Tells the activity log of settings that cannot be used; a product of another module is ignored.
 *
 * @param int $product `tblproducts.id`
 */
function productSaved(int $product): void
{
}

/**
 * The PPP profiles of the router in $params.
 *
 * @param array<string, mixed> $params with server keys
 * @return array<string, string> name => label
 * @throws Exception when the router cannot be asked; WHMCS shows the sentence
 */
function loadProfiles(array $params): array
{
}

/**
 * The product e-mail templates of this WHMCS.
 *
 * @param array<string, mixed> $params
 * @param string $none label of the empty choice
 * @return array<string, string> name => label
 * @throws Exception when the database refuses; WHMCS shows the sentence
 */
function loadMailTemplates(array $params, string $none): array
{
}

/**
 * The e-mail templates of ours that have yet to be made, for the default language ("") and for those the
 * admin has templates in. One that was made once is not among them.
 *
 * @return list<array{kind: string, language: string}> kind is notice or suspension
 */
function missingMailTemplates(): array
{
}

/**
 * Makes one of them, once; a template that is there stays as it is.
 *
 * @param string $message HTML with merge fields
 */
function makeMailTemplate(string $kind, string $language, string $subject, string $message): void
{
}

/**
 * Merge fields of a mail about a service of this module; of any other mail there are none.
 *
 * @param string $template name of WHMCS's template
 * @param int $related `tblhosting.id`, if it is a product template
 * @return array<string, string> name => HTML
 */
function mailFields(string $template, int $related): array
{
}

/**
 * @param array<string, mixed> $params the server form's values, possibly unsaved
 * @return array{success: bool, error: string}
 */
function testConnection(array $params): array
{
}

/**
 * Examines a router within ten seconds: what is wrong, how one sees it, and the console commands that
 * mend it. The worst verdict comes first; `text` is all of it for a terminal. Nothing in it is secret.
 *
 * @param array<string, mixed> $params with server keys, or with nothing but `serverid`
 * @return array{
 *     verdict: 'ok'|'unknown'|'warning'|'problem',
 *     checks: list<array{
 *         check: string, verdict: 'ok'|'unknown'|'warning'|'problem', says: string, commands: list<string>
 *     }>,
 *     text: string
 * }
 */
function doctor(array $params): array
{
}

/**
 * A RouterOS script that prepares a fresh router as this server: certificates, service, user and group, PPP
 * profiles, the VPN servers its products offer, FastTrack and firewall. It holds a new password for the
 * router's user, which is kept nowhere else, and the products' IPsec key: do not log it.
 *
 * @param array<string, mixed> $params with server keys, or with nothing but `serverid`; `version` is the
 *     RouterOS version to write for, else the one the router says it runs, else the newest
 * @throws Exception when the server's settings or the database do not allow it
 */
function routerScript(array $params): string
{
}

/**
 * @param array<string, mixed> $params with service and server keys
 * @return string "success", or a sentence saying what happened and what to do
 */
function createAccount(array $params): string
{
}

/**
 * @param array<string, mixed> $params with service and server keys
 * @return string "success" or a sentence
 */
function suspendAccount(array $params): string
{
}

/**
 * @param array<string, mixed> $params with service and server keys
 * @return string "success" or a sentence
 */
function unsuspendAccount(array $params): string
{
}

/**
 * @param array<string, mixed> $params with service and server keys
 * @return string "success" (also when the account is already gone) or a sentence
 */
function terminateAccount(array $params): string
{
}

/**
 * In the client area a password must be as long as the product's password-min says, at most 64 characters, of
 * printable ASCII; elsewhere it must be one that WHMCS and RouterOS carry.
 *
 * @param array<string, mixed> $params with service and server keys; `password` is the new one
 * @return array{result: string, text: string|null, values: array<string, int>} `result` is "success" or a sentence;
 *     `text` the key of what a customer reads instead, with its values, null for everybody else
 */
function changePassword(array $params): array
{
}

/**
 * @param array<string, mixed> $params with service and server keys, of the new package
 * @return string "success" or a sentence
 */
function changePackage(array $params): string
{
}

/**
 * Grants the traffic of the new billing period, once per period.
 *
 * @param array<string, mixed> $params with service and server keys
 * @return string "success" or a sentence
 */
function renew(array $params): string
{
}

/**
 * Ends the account's sessions; the client dials in again. Customers may do so once a minute.
 *
 * @param array<string, mixed> $params with service and server keys
 * @return array{result: string, text: string|null, values: array<string, int>} as of changePassword()
 */
function resetConnection(array $params): array
{
}

/**
 * Collects the traffic of every account of one server and fills `tblhosting` (megabytes).
 *
 * @param array<string, mixed> $params with server keys
 * @return string "success" or a sentence
 */
function usageUpdate(array $params): string
{
}

/** Collects the servers whose products are collected in every cron run, within a minute. */
function afterCronJob(): void
{
}

/** @return array<string, string> system name => label of each metric, all in GB per calendar month */
function metrics(): array
{
}

/**
 * Usage since the first of this month, in GB (2^30 bytes); an error is in the activity log.
 *
 * @param array<string, mixed> $params with server keys
 * @param string|null $tenant one username, or null for every account of the server
 * @return array<string, array<string, float>> username => system name of the metric => GB
 */
function metricUsage(array $params, ?string $tenant = null): array
{
}

/**
 * The page "Information" as raw values: bytes, bits per second, Unix seconds, days as 2026-03-01.
 *
 * `state` is active, unreachable (the router does not answer: `live` is what it said last), missing,
 * inactive, foreign (not a VPN of this client) or failed; only the first two have more than `service` and `status`:
 * `live` array{connected: bool|null, at: int|null, stale: bool, protocol, address, caller: string|null, since,
 * download, upload: int|null}; `manual`, `server`, `username`, `password`, `psk`, `show_password` (button, always, never);
 * `protocols` list<array{key, label: string, html, profile: string|null}>; `limits` array{download, upload: int|null};
 * `traffic` array{unlimited: bool, balance, quota, percent: int|null, used, download, upload: int, next_grant:
 * int|null, next_grant_on, lasts_until: string|null, lasts: bool|null}; `cap` null or array{policy: disable,
 * slow or profile, limits?}.
 *
 * @param array<string, mixed> $params with service and server keys
 * @param int $client `tblclients.id` of who is logged in
 * @return array<string, mixed>
 */
function clientInformation(array $params, int $client): array
{
}

/**
 * The live status of that page: its `state` and `live`, and never a credential. At most one request to the router.
 *
 * @param array<string, mixed> $params with service and server keys
 * @param int $client the client who is logged in; a service of anybody else is inactive
 * @return array<string, mixed>
 */
function clientLive(array $params, int $client): array
{
}

/**
 * The page "Traffic statistics". `state` is shown, waiting (nothing was collected yet), inactive (with `status`),
 * foreign (not a VPN of this client) or failed; the other keys come with shown and waiting. Bytes are numbers,
 * `date` is an ISO date (a month is its first day), `collected_at` is in Unix seconds or null.
 *
 * @param array<string, mixed> $params with service keys
 * @param int $client `tblclients.id` of who is logged in
 * @return array{state: string, engine?: string, kept?: int, collected_at?: ?int, days?: array, months?: array} both
 *     `rows`, each `date`, `download`, `upload`, `total`, the oldest first, and their `sum`
 */
function clientStatistics(array $params, int $client): array
{
}

/**
 * The same figures as a file of ISO dates and bytes. `state` is shown, unknown (no such file), or as above.
 *
 * @param array<string, mixed> $params with service keys
 * @param int $client `tblclients.id` of who is logged in
 * @param string $file days.csv or months.csv
 * @return array{state: string, name?: string, body?: string}
 */
function clientDownload(array $params, int $client, string $file): array
{
}

/**
 * The page "Traffic history". `state` is shown, inactive (with `status`), foreign or failed; the other keys come
 * with shown. `entries` have `at` (Unix seconds; of a grant that waits the beginning of its day), `kind` (grant,
 * upgrade, expired, forgiven, correction), `begins` (ISO date of the billing period, or null) and `bytes` (signed),
 * the newest first; `balance` is null when
 * unlimited.
 *
 * @param array<string, mixed> $params with service keys
 * @param int $client `tblclients.id` of who is logged in
 * @param int $number of the part, counted from 1; each has 50 entries
 * @return array{state: string, entries?: list<array<string, mixed>>, balance?: ?int, count?: int, from?: int,
 *     to?: int, newer?: ?int, older?: ?int} `from` and `to` are the entries' places among all `count`, `newer` and
 *     `older` the numbers of the parts beside this one
 */
function clientHistory(array $params, int $client, int $number): array
{
}

/**
 * The pages the sidebar offers for a service beside its own.
 *
 * @param int $service `tblhosting.id`, as the URL says
 * @param int $client `tblclients.id` of who is logged in
 * @return list<string> statistics, history; none when it is not a VPN of this client, or has no figures to show
 */
function clientMenu(int $service, int $client): array
{
}

/**
 * What the admin's page of a service shows: api, account, sessions, limits, traffic, collection, hints,
 * correction, mails, ledger, typo, error. Bytes, bits per second, seconds and Unix times; null is unknown. Two requests
 * to the router, at most three seconds; none for a while after it did not answer, nor for more than two pages a
 * second: then account and sessions are those of `as_of`.
 *
 * @param array<string, mixed> $params with service and server keys
 * @param int $number of the part of the ledger, counted from 1, the newest first; see clientHistory()
 * @return array<string, mixed>
 */
function adminService(array $params, int $number): array
{
}

/**
 * Books traffic an admin has entered in the form of adminService(), once for each form.
 *
 * @param array<string, mixed> $params with service and server keys
 * @param array<string, string> $form what was entered: gb, reason, token
 * @param int $admin `tbladmins.id`
 */
function adminServicesTabFieldsSave(array $params, array $form, int $admin): void
{
}

/**
 * Examines the service's server as doctor() does and keeps the report for the page of each of its services.
 *
 * @param array<string, mixed> $params with service and server keys
 * @return string "success", or the first problems and what mends them
 */
function checkRouter(array $params): string
{
}

/**
 * Collects the traffic of the service's server, however recently that was done.
 *
 * @param array<string, mixed> $params with service and server keys
 * @return string "success" or a sentence
 */
function collectNow(array $params): string
{
}

/**
 * The buttons of a service's page.
 *
 * @return array<string, string> key of the label's text => suffix of the module's function
 */
function adminButtons(): array
{
}

/**
 * What an admin says of a WHMCS that lives in another place than when its id was noted: whether it was moved
 * there or is a copy.
 *
 * @param string $answer `moved` or `copy`
 * @return string "success" or a sentence
 */
function decideInstallation(string $answer): string
{
}

/**
 * @param array<string, mixed> $params with service and server keys
 * @return array<string, string> key of the label's text => suffix of the module's function
 */
function clientAreaButtons(array $params): array
{
}

/**
 * @param array<string, mixed> $params with service and server keys
 * @return array<string, string> key of the label's text => suffix of the module's function
 */
function clientAreaAllowed(array $params): array
{
}

/**
 * @param array<string, mixed> $params with server keys
 * @param string $label of the link
 * @return string HTML for the server list
 */
function adminLink(array $params, string $label): string
{
}

/**
 * The accounts of ours on a server's router, in one request to it.
 *
 * @param array<string, mixed> $params with server keys
 * @param string $active WHMCS's name of the status Active
 * @param string $suspended and of Suspended
 * @return array{success: bool, accounts?: list<array<string, string>>, error?: string}
 */
function listAccounts(array $params, string $active, string $suspended): array
{
}

/**
 * The routers by our own books, in a few statements and without a request to any of them.
 *
 * @return array<string, mixed> routers, capped_today, capped, warnings, mails; or error
 */
function routers(): array
{
}

/**
 * Forgets a deleted service; one that is not ours is ignored.
 *
 * @param int $service `tblhosting.id`
 */
function serviceDeleted(int $service): void
{
}

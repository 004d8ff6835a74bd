<?php

declare(strict_types=1);

// The global functions WHMCS offers to modules. Signatures are those of the public documentation;
// parameters are left untyped where WHMCS takes what it gets.

use WHMCS\Database\Capsule;
use WhmcsStandIn\ActivityLog;
use WhmcsStandIn\Dates;
use WhmcsStandIn\Guard;
use WhmcsStandIn\Installation;
use WhmcsStandIn\LocalApi;
use WhmcsStandIn\Mailer;
use WhmcsStandIn\ModuleLog;
use WhmcsStandIn\Money;
use WhmcsStandIn\Token;

function add_hook($hookName, $priority, $hookFunction, $rollbackFunction = ''): void
{
    if (!is_string($hookName) || !is_numeric($priority)) {
        Guard::complain('hook', 'called add_hook() with a name or priority of the wrong type');
    }
    Installation::current()->hooks->add((string) $hookName, (int) $priority, $hookFunction);
}

function run_hook($hookName, $args = [], $unpackArguments = false): array
{
    return Installation::current()->hooks->run((string) $hookName, $args);
}

function localAPI($command, $values = [], $adminUser = ''): array
{
    return (new LocalApi(Installation::current()))->call($command, $values);
}

function logModuleCall($module, $action, $request, $response, $processedData = '', $replaceVars = []): void
{
    ModuleLog::add($module, $action, $request, $response, $processedData, $replaceVars);
}

function logActivity($message, $clientId = 0): void
{
    ActivityLog::add($message, $clientId);
}

function encrypt($string): string
{
    return Installation::current()->crypt->encrypt((string) $string);
}

function decrypt($string): string
{
    return Installation::current()->crypt->decrypt((string) $string);
}

function generate_token($type = 'form'): string
{
    return Token::generate((string) $type);
}

function check_token($namespace = 'WHMCS.default', $throwOrToken = null): void
{
    Token::check((string) $namespace, $throwOrToken);
}

function sendMessage($template, $relatedId, $extra = [], $displayResult = false, $attachments = []): bool
{
    return Mailer::sendTemplate(is_object($template) ? $template->name : (string) $template, (int) $relatedId, (array) $extra)->sent;
}

function fromMySQLDate($date, $time = false, $client = false, $zerodateval = ''): string
{
    return Dates::fromMySql((string) $date, (bool) $time, (string) $zerodateval);
}

function toMySQLDate($date): string
{
    return Dates::toMySql((string) $date);
}

function getTodaysDate($client = false): string
{
    return Dates::today();
}

function getCurrency($userid = '', $currencyid = ''): array
{
    return Money::currency((int) $userid, (int) $currencyid);
}

function formatCurrency($amount, $currencyType = false): \WHMCS\View\Formatter\Price
{
    return new \WHMCS\View\Formatter\Price((float) $amount, Money::currency(0, is_array($currencyType) ? (int) $currencyType['id'] : (int) $currencyType));
}

function getClientsDetails($userid = '', $contactid = ''): array
{
    return WhmcsStandIn\ClientDetails::of((int) $userid);
}

function redir($vars = '', $file = ''): never
{
    $file = $file ?: basename($_SERVER['SCRIPT_NAME'] ?? 'index.php');
    WhmcsStandIn\Exit_::now(302, $file . ($vars ? '?' . $vars : ''));
}

// The old query helpers still exist in WHMCS, deprecated; values are bound, names are not.

function select_query($table, $fields, $where, $orderby = '', $orderbyorder = '', $limit = '', $innerjoin = ''): PDOStatement
{
    $sql = "SELECT $fields FROM $table" . ($innerjoin ? " INNER JOIN $innerjoin" : '');
    [$condition, $values] = WhmcsStandIn\OldQueries::where($where);
    $sql .= $condition . ($orderby ? " ORDER BY $orderby $orderbyorder" : '') . ($limit !== '' ? " LIMIT $limit" : '');
    return WhmcsStandIn\OldQueries::run($sql, $values);
}

function get_query_val($table, $field, $where, $orderby = '', $orderbyorder = '', $limit = '', $innerjoin = ''): mixed
{
    $row = select_query($table, $field, $where, $orderby, $orderbyorder, 1, $innerjoin)->fetch(PDO::FETCH_NUM);
    return $row[0] ?? null;
}

function get_query_vals($table, $field, $where, $orderby = '', $orderbyorder = '', $limit = '', $innerjoin = ''): mixed
{
    return select_query($table, $field, $where, $orderby, $orderbyorder, 1, $innerjoin)->fetch(PDO::FETCH_BOTH) ?: null;
}

function insert_query($table, $values): int
{
    return (int) Capsule::table((string) $table)->insertGetId((array) $values);
}

function update_query($table, $values, $where): void
{
    [$condition, $bound] = WhmcsStandIn\OldQueries::where($where);
    $sets = implode(', ', array_map(static fn (string $name): string => "`$name` = ?", array_keys($values)));
    WhmcsStandIn\OldQueries::run("UPDATE `$table` SET $sets" . $condition, [...array_values($values), ...$bound]);
}

function delete_query($table, $where): void
{
    [$condition, $values] = WhmcsStandIn\OldQueries::where($where);
    WhmcsStandIn\OldQueries::run("DELETE FROM `$table`" . $condition, $values);
}

function full_query($query): PDOStatement
{
    return WhmcsStandIn\OldQueries::run((string) $query, []);
}

// PHP 7 dropped these; modules go on reading the results of the helpers above with them, and in WHMCS it works.

function mysql_fetch_array($result): array|false
{
    return $result->fetch(PDO::FETCH_BOTH);
}

function mysql_fetch_assoc($result): array|false
{
    return $result->fetch(PDO::FETCH_ASSOC);
}

function mysql_fetch_row($result): array|false
{
    return $result->fetch(PDO::FETCH_NUM);
}

function mysql_fetch_object($result): object|false
{
    return $result->fetch(PDO::FETCH_OBJ);
}

function mysql_num_rows($result): int
{
    return $result->rowCount();
}

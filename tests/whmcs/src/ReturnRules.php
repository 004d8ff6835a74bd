<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** What each module function may return. Anything else is undefined in WHMCS, so it is refused here. */
final class ReturnRules
{
    private const LIFECYCLE = ['CreateAccount', 'SuspendAccount', 'UnsuspendAccount', 'TerminateAccount', 'Renew', 'ChangePassword', 'ChangePackage'];
    private const META_DATA = [
        'DisplayName' => 'string', 'APIVersion' => 'string', 'RequiresServer' => 'bool', 'DefaultNonSSLPort' => 'port', 'DefaultSSLPort' => 'port',
        'ServiceSingleSignOnLabel' => 'string', 'AdminSingleSignOnLabel' => 'string', 'ListAccountsProductField' => 'string',
        'ListAccountsUniqueIdentifierDisplayName' => 'string', 'ListAccountsUniqueIdentifierField' => 'string',
    ];
    private const CLIENT_AREA_KEYS = [
        'templatefile' => 'string', 'vars' => 'array', 'breadcrumb' => 'array', 'pagetitle' => 'string',
        'tabOverviewReplacementTemplate' => 'string', 'tabOverviewModuleOutputTemplate' => 'string', 'templateVariables' => 'array',
    ];

    /** @return list<string> complaints, each completing a sentence that begins with the function's name */
    public static function check(string $kind, mixed $value): array
    {
        return match (true) {
            in_array($kind, self::LIFECYCLE, true), $kind === 'button' => self::text($value),
            $kind === 'UsageUpdate' => $value === null ? [] : self::text($value),
            $kind === 'clientButton' => is_array($value) ? self::clientArea($value) : self::text($value),
            $kind === 'ClientArea' => is_array($value) ? self::clientArea($value) : self::html($value),
            $kind === 'MetaData' => self::metaData($value),
            $kind === 'ConfigOptions' => is_array($value) ? [] : ['returned ' . self::type($value) . ' where an array of settings is expected'],
            $kind === 'loader' => self::loader($value),
            $kind === 'TestConnection' => self::testConnection($value),
            $kind === 'ListAccounts' => self::listAccounts($value),
            in_array($kind, ['AdminCustomButtonArray', 'ClientAreaCustomButtonArray', 'ClientAreaAllowedFunctions'], true) => self::buttons($value),
            $kind === 'AdminServicesTabFields' => self::fields($value),
            in_array($kind, ['AdminLink', 'LoginLink'], true) => self::html($value),
            in_array($kind, ['ServiceSingleSignOn', 'AdminSingleSignOn', 'customAction'], true) => self::singleSignOn($value),
            $kind === 'MetricProvider' => $value instanceof \WHMCS\UsageBilling\Contracts\Metrics\ProviderInterface
                ? [] : ['returned ' . self::type($value) . ' where a WHMCS\UsageBilling\Contracts\Metrics\ProviderInterface is expected'],
            $kind === 'CustomActions' => $value instanceof \WHMCS\Module\Server\CustomActionCollection
                ? [] : ['returned ' . self::type($value) . ' where a WHMCS\Module\Server\CustomActionCollection is expected'],
            default => [],
        };
    }

    public static function type(mixed $value): string
    {
        return match (true) {
            $value === null => 'null',
            is_bool($value) => $value ? 'true' : 'false',
            is_object($value) => 'an object of ' . $value::class,
            is_array($value) => 'an array',
            is_string($value) => 'the string ' . json_encode(mb_strimwidth($value, 0, 80, '…'), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE),
            default => get_debug_type($value) . ' ' . json_encode($value),
        };
    }

    private static function text(mixed $value): array
    {
        if (!is_string($value)) {
            return ['returned ' . self::type($value) . " where only the string 'success' or an error text is defined"];
        }
        return $value === '' ? ["returned an empty string where 'success' or an error text is expected"] : [];
    }

    private static function html(mixed $value): array
    {
        return is_string($value) ? [] : ['returned ' . self::type($value) . ' where HTML text is expected'];
    }

    private static function metaData(mixed $value): array
    {
        if (!is_array($value)) {
            return ['returned ' . self::type($value) . ' where an array is expected'];
        }
        $complaints = [];
        foreach (self::META_DATA as $key => $type) {
            if (!array_key_exists($key, $value)) {
                continue;
            }
            $fits = match ($type) {
                'string' => is_string($value[$key]),
                'bool' => is_bool($value[$key]),
                'port' => (is_int($value[$key]) || (is_string($value[$key]) && ctype_digit($value[$key]))) && $value[$key] > 0 && $value[$key] < 65536,
            };
            if (!$fits) {
                $complaints[] = "gave $key as " . self::type($value[$key]) . ", which is not a $type";
            }
        }
        $field = $value['ListAccountsUniqueIdentifierField'] ?? 'domain';
        if (is_string($field) && !in_array($field, ['domain', 'username'], true) && !str_starts_with($field, 'customfield.')) {
            $complaints[] = "gave ListAccountsUniqueIdentifierField '$field', which is none of domain, username, customfield.<name>";
        }
        return $complaints;
    }

    private static function loader(mixed $value): array
    {
        if (!is_array($value)) {
            return ['returned ' . self::type($value) . ' where an array of value => label is expected (a Loader fails by throwing)'];
        }
        $bad = array_filter($value, static fn (mixed $label): bool => !is_scalar($label));
        return $bad === [] ? [] : ['returned a label that is not text for the value ' . json_encode(array_key_first($bad))];
    }

    private static function testConnection(mixed $value): array
    {
        if (!is_array($value)) {
            return ['returned ' . self::type($value) . " where an array with 'success' and 'error' is expected"];
        }
        if (!array_key_exists('success', $value) && !array_key_exists('error', $value)) {
            return ["returned an array with neither 'success' nor 'error'"];
        }
        $complaints = [];
        if (isset($value['success']) && !is_bool($value['success'])) {
            $complaints[] = "returned 'success' as " . self::type($value['success']) . ', not as a boolean';
        }
        if (isset($value['error']) && !is_string($value['error'])) {
            $complaints[] = "returned 'error' as " . self::type($value['error']) . ', not as text';
        }
        if (($value['success'] ?? null) === false && trim((string) ($value['error'] ?? '')) === '') {
            $complaints[] = 'failed without an error text';
        }
        return $complaints;
    }

    private static function listAccounts(mixed $value): array
    {
        if (!is_array($value) || !is_bool($value['success'] ?? null)) {
            return ["returned no array with a boolean 'success'"];
        }
        if (!$value['success']) {
            return is_string($value['error'] ?? null) && trim($value['error']) !== '' ? [] : ["failed without an 'error' text"];
        }
        if (!is_array($value['accounts'] ?? null)) {
            return ["returned no 'accounts' array"];
        }
        $complaints = array_keys($value['accounts']) === range(0, count($value['accounts']) - 1) || $value['accounts'] === [] ? [] : ["returned 'accounts' that are no list"];
        $seen = [];
        foreach ($value['accounts'] as $index => $account) {
            $complaints = [...$complaints, ...self::listedAccount($index, $account)];
            $identifier = is_array($account) ? (string) ($account['uniqueIdentifier'] ?? '') : '';
            if (isset($seen[$identifier])) {
                $complaints[] = "returned the uniqueIdentifier '$identifier' twice";
            }
            $seen[$identifier] = true;
        }
        return $complaints;
    }

    /** @return list<string> */
    private static function listedAccount(int|string $index, mixed $account): array
    {
        $keys = ['email', 'username', 'domain', 'uniqueIdentifier', 'product', 'primaryip', 'created', 'status'];
        $missing = is_array($account) ? array_filter($keys, static fn (string $key): bool => !is_string($account[$key] ?? null)) : $keys;
        if ($missing !== []) {
            return array_map(static fn (string $key): string => "returned account $index without a text '$key'", array_values($missing));
        }
        $unknown = array_diff(array_keys($account), $keys);
        $complaints = $unknown === [] ? [] : ["returned account $index with " . implode(', ', $unknown) . ', which Server Sync does not know'];
        if ($account['uniqueIdentifier'] === '') {
            $complaints[] = "returned account $index with an empty uniqueIdentifier";
        }
        $created = \DateTimeImmutable::createFromFormat('!Y-m-d H:i:s', $account['created']);
        if ($created === false || $created->format('Y-m-d H:i:s') !== $account['created'] || $created->format('Y') < '1970') {
            $complaints[] = "returned account $index created '{$account['created']}', which is no Y-m-d H:i:s";
        }
        if (!in_array($account['status'], [\WHMCS\Service\Status::ACTIVE, \WHMCS\Service\Status::SUSPENDED], true)) {
            $complaints[] = "returned account $index with the status '{$account['status']}', which is neither Active nor Suspended";
        }
        if ($account['primaryip'] !== '' && filter_var($account['primaryip'], FILTER_VALIDATE_IP) === false) {
            $complaints[] = "returned account $index with the primaryip '{$account['primaryip']}', which is no address";
        }
        return $complaints;
    }

    private static function buttons(mixed $value): array
    {
        if (!is_array($value)) {
            return ['returned ' . self::type($value) . ' where an array of label => function is expected'];
        }
        foreach ($value as $label => $function) {
            if (!is_string($label) || !is_string($function) || !preg_match('/^\w+$/', $function)) {
                return ['returned the entry ' . json_encode($label) . ' => ' . self::type($function) . ', which is not label => function name'];
            }
        }
        return [];
    }

    private static function fields(mixed $value): array
    {
        if (!is_array($value)) {
            return ['returned ' . self::type($value) . ' where an array of label => HTML is expected'];
        }
        foreach ($value as $label => $html) {
            if (!is_scalar($html)) {
                return ["returned the field '$label' as " . self::type($html) . ', not as HTML'];
            }
        }
        return [];
    }

    private static function clientArea(array $value): array
    {
        $complaints = [];
        foreach (self::CLIENT_AREA_KEYS as $key => $type) {
            if (isset($value[$key]) && get_debug_type($value[$key]) !== $type) {
                $complaints[] = "returned '$key' as " . self::type($value[$key]) . ", not as $type";
            }
        }
        $styles = ['templatefile', 'tabOverviewReplacementTemplate', 'tabOverviewModuleOutputTemplate'];
        if ($value !== [] && array_intersect($styles, array_keys(array_filter($value))) === []) {
            $complaints[] = 'returned an array that names no template (' . implode(', ', $styles) . ')';
        }
        return $complaints;
    }

    private static function singleSignOn(mixed $value): array
    {
        if (!is_array($value) || !is_bool($value['success'] ?? null)) {
            return ["returned no array with a boolean 'success'"];
        }
        if ($value['success'] && !preg_match('~^(https?:)?//~', (string) ($value['redirectTo'] ?? ''))) {
            return ["succeeded without an absolute address in 'redirectTo'"];
        }
        return $value['success'] || is_string($value['errorMsg'] ?? null) ? [] : ["failed without an 'errorMsg' text"];
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/**
 * Fills an empty username and password before CreateAccount. The default username is made of the
 * first eight letters of the domain, so a product without a domain may well have none.
 */
final class Credentials
{
    public static function fill(int $serviceId, array $params): void
    {
        $row = Capsule::table('tblhosting')->find($serviceId);
        $changes = [];
        if ($row->username === '') {
            $name = self::overridden($params) ?? self::fromDomain($row->domain, (int) $row->id);
            $name === '' || $changes['username'] = $name;
        }
        if ($row->password === '' || decrypt($row->password) === '') {
            $changes['password'] = encrypt(self::password());
        }
        $changes === [] || Capsule::table('tblhosting')->where('id', $serviceId)->update($changes);
    }

    private static function overridden(array $params): ?string
    {
        foreach (run_hook('OverrideModuleUsernameGeneration', ['params' => $params]) as $name) {
            if (is_string($name) && $name !== '') {
                return $name;
            }
            Guard::complain('hook', 'gave OverrideModuleUsernameGeneration ' . ReturnRules::type($name) . ' where a username is expected');
        }
        return null;
    }

    private static function fromDomain(string $domain, int $serviceId): string
    {
        $name = substr((string) preg_replace('/[^a-z]/', '', strtolower($domain)), 0, 8);
        if ($name === '') {
            return '';
        }
        for ($number = 0, $candidate = $name; Capsule::table('tblhosting')->where('username', $candidate)->where('id', '<>', $serviceId)->exists();) {
            $candidate = substr($name, 0, 8 - strlen((string) ++$number)) . $number;
        }
        return $candidate;
    }

    /** 14 characters of several kinds. */
    private static function password(): string
    {
        $kinds = ['abcdefghijkmnpqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '!@#$%^*()_-+={}[];,.'];
        $characters = [];
        for ($index = 0; $index < 14; $index++) {
            $kind = $kinds[$index % 4];
            $characters[] = $kind[random_int(0, strlen($kind) - 1)];
        }
        for ($index = 13; $index > 0; $index--) {
            $other = random_int(0, $index);
            [$characters[$index], $characters[$other]] = [$characters[$other], $characters[$index]];
        }
        return implode('', $characters);
    }
}

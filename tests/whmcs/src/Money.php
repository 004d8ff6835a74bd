<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

final class Money
{
    /** @return array<string, mixed> the client's currency, else the given one, else the default */
    public static function currency(int $clientId = 0, int $currencyId = 0): array
    {
        if ($clientId > 0) {
            $currencyId = (int) Capsule::table('tblclients')->where('id', $clientId)->value('currency');
        }
        $row = ($currencyId > 0 ? Capsule::table('tblcurrencies')->find($currencyId) : null) ?? Capsule::table('tblcurrencies')->where('default', 1)->first();
        return (array) $row;
    }
}

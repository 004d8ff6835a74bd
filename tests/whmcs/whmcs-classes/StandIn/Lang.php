<?php

declare(strict_types=1);

namespace WHMCS\StandIn;

/** The global class Lang: a missing key gives the key itself. */
class Lang
{
    public static function trans($key, array $parameters = [], $domain = null, $locale = null)
    {
        return strtr(\WhmcsStandIn\Language::strings()[$key] ?? (string) $key, array_map('strval', $parameters));
    }

    public static function self()
    {
        return new self();
    }

    public static function getName()
    {
        return \WhmcsStandIn\Language::name();
    }
}

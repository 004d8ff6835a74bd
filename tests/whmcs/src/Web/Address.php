<?php

declare(strict_types=1);

namespace WhmcsStandIn\Web;

/** Where this installation is reached. */
final class Address
{
    /** The path WHMCS is installed under, without a slash at the end. */
    public static function base(): string
    {
        return rtrim((string) parse_url((string) \WHMCS\Config\Setting::getValue('SystemURL'), PHP_URL_PATH), '/');
    }
}

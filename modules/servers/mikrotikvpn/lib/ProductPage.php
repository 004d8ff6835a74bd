<?php

/** A product's Module Settings tab. */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class ProductPage
{
    /** @return array<string, array<string, mixed>> the module settings */
    public static function fields(): array
    {
        MailTexts::makeTemplates();
        return \MikrotikVpn\configOptions(self::product());
    }

    /** The product whose tab is shown: only on that page does the request's id mean one. */
    private static function product(): int
    {
        $page = basename((string) ($_SERVER['SCRIPT_NAME'] ?? ''));
        $id = $_REQUEST['id'] ?? 0;
        return $page === 'configproducts.php' && is_scalar($id) ? (int) $id : 0;
    }
}

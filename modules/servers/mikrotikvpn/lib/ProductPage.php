<?php

/** A product's Module Settings tab. */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class ProductPage
{
    /** @return array<string, array<string, mixed>> the module settings; an error here would end WHMCS's page */
    public static function fields(): array
    {
        try {
            MailTexts::makeTemplates();
        } catch (\Throwable $error) {
            error_log('mikrotikvpn, e-mail templates: ' . $error->getMessage());
        }
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

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
        return self::worded(\MikrotikVpn\configOptions(self::product()));
    }

    /**
     * The fields in the admin's language. What is wrong with one stands in front of its description, in English, but
     * names the field as the page does.
     *
     * @param array<string, array<string, mixed>> $fields by their English labels
     * @return array<string, array<string, mixed>> by the same
     */
    private static function worded(array $fields): array
    {
        $texts = new SettingTexts(Language::ofAdmin());
        $positions = array_combine(array_keys($fields), range(1, count($fields)));
        $quoted = [];
        foreach ($positions as $english => $position) {
            $quoted["\"$english\""] = '"' . Html::text($texts->label($position)) . '"';
        }
        foreach ($positions as $english => $position) {
            $field = $fields[$english];
            $field['FriendlyName'] = $texts->label($position);
            $field['Description'] = strtr($field['Description'], $quoted) . $texts->description($position);
            if (isset($field['Options'])) {
                $field['Options'] = $texts->choices($position, $field['Options']);
            }
            $fields[$english] = $field;
        }
        return $fields;
    }

    /** The product whose tab is shown: only on that page does the request's id mean one. */
    private static function product(): int
    {
        $page = basename((string) ($_SERVER['SCRIPT_NAME'] ?? ''));
        $id = $_REQUEST['id'] ?? 0;
        return $page === 'configproducts.php' && is_scalar($id) ? (int) $id : 0;
    }
}

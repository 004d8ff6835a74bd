<?php

/**
 * The default texts of our e-mails, from the language files: the templates an admin begins with, and the names
 * of our merge fields in WHMCS's template editor.
 */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class MailTexts
{
    private const SUBJECTS = ['notice' => 'mail_notice_subject', 'suspension' => 'mail_suspension_subject'];
    private const PARAGRAPHS = [
        'notice' => ['mail_greeting', 'mail_notice_left', 'mail_notice_cycle'],
        'suspension' => ['mail_greeting', 'mail_suspension_used', 'mail_suspension_cycle'],
    ];

    /** Makes the templates that have yet to be made, in English and in the languages WHMCS has templates in. */
    public static function makeTemplates(): void
    {
        $english = Language::named('english');
        foreach (\MikrotikVpn\missingMailTemplates() as ['kind' => $kind, 'language' => $name]) {
            $language = $name === '' ? $english : Language::named($name);
            $subject = $language->text(self::SUBJECTS[$kind]);
            // A language we have no words of gets WHMCS's default text.
            if ($name === '' || $subject !== $english->text(self::SUBJECTS[$kind])) {
                \MikrotikVpn\makeMailTemplate($kind, $name, $subject, self::body($language, $kind));
            }
        }
    }

    /** @return array<string, string> merge field => label */
    public static function fieldLabels(): array
    {
        $language = Language::ofAdmin();
        return [
            'vpn_server' => $language->text('admin_field_server'),
            'vpn_protocols' => $language->text('admin_field_protocols'),
            'vpn_l2tp_psk' => $language->text('admin_field_psk'),
            'vpn_instruction_link' => $language->text('admin_field_link'),
        ];
    }

    /** Paragraphs of text with WHMCS's merge fields in them. */
    private static function body(Language $language, string $kind): string
    {
        $lines = [...array_map([$language, 'text'], self::PARAGRAPHS[$kind]), '{$signature}'];
        return implode("\n", array_map(static fn (string $line): string => "<p>$line</p>", $lines));
    }
}

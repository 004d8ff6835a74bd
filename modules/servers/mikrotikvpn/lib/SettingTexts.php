<?php

/**
 * The words of a product's module settings. The keys of the texts are the fields' positions, which are their
 * storage in WHMCS and never change.
 */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class SettingTexts
{
    /** Billing cycles have one description for all. */
    private const CYCLES = [6, 7, 8, 9, 10, 11];

    /** What the admin types as it stands, by the argument of the text it stands in. */
    private const CODES = [
        'setting_21_help' => [
            'example' => ['vpn{service_id}-{random_letter_4}'],
            'placeholders' => [
                '{client_id}', '{service_id}', '{random_digit_N}', '{random_letter_N}', '{unixtime}', '{year}', '{month}',
                '{day}', '{hour}', '{minute}', '{second}',
            ],
        ],
        'setting_22_help' => ['example' => ['16:a-zA-Z2-9']],
        'setting_23_help' => ['form' => ['key = value'], 'example' => ['sstp = on']],
        'setting_23_show' => ['keys' => ['sstp = on', 'openvpn = on']],
        'setting_23_profile' => ['keys' => ['openvpn-profile = https://example.com/client.ovpn']],
        'setting_23_html' => ['keys' => ['html-pptp', 'html-l2tp', 'html-sstp', 'html-openvpn']],
        'setting_23_password' => ['keys' => ['show-password = button', 'always', 'never']],
        'setting_23_least' => ['keys' => ['password-min = 8']],
        'setting_23_reset' => ['keys' => ['reset-connection = on', 'off']],
        'setting_23_cap' => [
            'disable' => ['cap = disable'], 'slow' => ['cap = slow 1/0.5'], 'profile' => ['cap = profile walled-garden'],
        ],
        'setting_23_chart' => ['chartjs' => ['chart-engine = chartjs'], 'google' => ['google']],
        'setting_23_rollover' => ['on' => ['rollover = on'], 'off' => ['off']],
        'setting_23_debt' => ['keys' => ['debt = 50%']],
    ];
    private const ADVANCED = [
        'setting_23_help', 'setting_23_show', 'setting_23_profile', 'setting_23_html', 'setting_23_password',
        'setting_23_least', 'setting_23_reset', 'setting_23_cap', 'setting_23_chart', 'setting_23_rollover', 'setting_23_debt',
    ];

    private Language $language;

    public function __construct(Language $language)
    {
        $this->language = $language;
    }

    /** What the field is called. */
    public function label(int $position): string
    {
        return $this->language->text('setting_' . $position);
    }

    /** Unit, an example, and what an empty value means: HTML, as WHMCS prints it. */
    public function description(int $position): string
    {
        $keys = ["setting_{$position}_help"];
        if ($position === 23) {
            $keys = self::ADVANCED;
        } elseif (in_array($position, self::CYCLES, true)) {
            $keys = ['setting_traffic_help'];
        }
        return sprintf(
            '<span class="mikrotikvpn-help" lang="%s" dir="%s">%s</span>',
            $this->language->tag(),
            $this->language->direction(),
            implode('<br>', array_map([$this, 'html'], $keys))
        );
    }

    /**
     * The choices of a dropdown: protocols are called alike in every language, other values are words.
     *
     * @param array<string, string> $choices label by stored value
     * @return array<string, string>
     */
    public function choices(int $position, array $choices): array
    {
        foreach ($choices as $value => $label) {
            $key = "setting_{$position}_$value";
            $word = $this->language->text($key);
            $choices[$value] = $word === $key ? $label : $word;
        }
        return $choices;
    }

    /** The text, with its arguments as code. */
    private function html(string $key): string
    {
        $arguments = array_map(
            static fn (array $codes): string => implode(', ', array_map(static fn (string $code): string => "\x01$code\x02", $codes)),
            self::CODES[$key] ?? []
        );
        $marks = ["\x01" => '<samp dir="ltr">', "\x02" => '</samp>'];
        return strtr(Html::text($this->language->text($key, $arguments)), $marks);
    }
}

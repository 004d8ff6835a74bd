<?php

/**
 * The page "Information" of the client area and its live status: the extension's raw values in the visitor's
 * words. The template places and escapes finished texts and decides nothing.
 */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class InformationPage
{
    private const LIVE = 'live';
    private const GIGABYTE = 1073741824;

    private Language $language;

    private function __construct(array $params)
    {
        $this->language = Language::ofVisitor($params);
    }

    /**
     * What ClientArea() returns. The live status is a URL of the same page, for which WHMCS has checked login
     * and ownership: it is sent as JSON, and the request ends.
     *
     * @param array<string, mixed> $params of ClientArea()
     */
    public static function show(array $params): array
    {
        $page = new self($params);
        if (($_GET['mikrotikvpn'] ?? '') === self::LIVE) {
            $page->sendLive($params);
        }
        return [
            'templatefile' => 'templates/client',
            'vars' => [
                'mikrotikvpn' => $page->view(\MikrotikVpn\clientInformation($params, self::client())),
                'text' => $page->language->all('client_'),
            ],
        ];
    }

    /** Who is logged in. */
    private static function client(): int
    {
        return (int) ($_SESSION['uid'] ?? 0);
    }

    private function sendLive(array $params): void
    {
        // A session is locked by the request that has it: the customer's next page must not wait for a router.
        session_status() === PHP_SESSION_ACTIVE && session_write_close();
        $answer = \MikrotikVpn\clientLive($params, self::client());
        $body = ['state' => $answer['state']] + (isset($answer['live']) ? $this->live($answer['live']) : []);
        Output::discard();
        header('Content-Type: application/json; charset=utf-8');
        header('Cache-Control: private, no-store');
        header('X-Content-Type-Options: nosniff');
        echo json_encode($body, JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_UNICODE);
        exit;
    }

    /** @param array<string, mixed> $page of the extension */
    private function view(array $page): array
    {
        $view = [
            'state' => $page['state'],
            'version' => MIKROTIKVPN_VERSION,
            'service' => $page['service'],
            'direction' => $this->language->direction(),
            'language' => $this->language->tag(),
        ];
        if ($page['state'] === 'inactive') {
            $kinds = ['Pending' => 'pending', 'Suspended' => 'suspended'];
            $view['sentence'] = $this->text('client_inactive_' . ($kinds[$page['status']] ?? 'ended'));
        }
        if ($page['state'] === 'missing') {
            $view['sentence'] = $this->text('client_missing', ['service' => (string) $page['service']]);
        }
        if (isset($page['live'])) {
            $view += array_intersect_key($page, array_flip(['manual', 'show_password', 'protocols']));
            $view['live'] = $this->live($page['live']);
            $view['fields'] = $this->fields($page);
            $view['psk'] = $this->field('psk', $page['psk'], true);
            $view['capped'] = $this->capped($page['cap'], $page['traffic']);
            $view['limits'] = $this->limits($page['limits']);
            $view['traffic'] = $this->traffic($page['traffic']);
        }
        return $view;
    }

    /**
     * The connection, the same for the page and for its script: `values` by the name they are shown under, ''
     * where there is nothing to show.
     *
     * @param array<string, mixed> $live of the extension
     */
    private function live(array $live): array
    {
        $connected = $live['connected'];
        $connection = $connected === null ? 'unknown' : ($connected ? 'on' : 'off');
        $speed = fn (?int $bits): string => $bits === null ? '' : $this->language->speed($bits);
        $moment = fn (?int $unix): string => $unix === null ? '' : $this->language->moment($unix);
        return [
            'connection' => $connection,
            'values' => [
                'connection' => $this->text("client_connection_$connection"),
                'since' => $live['since'] === null ? '' : $this->text('client_since', ['moment' => $moment($live['since'])]),
                'session-protocol' => (string) $live['protocol'],
                'session-address' => (string) $live['address'],
                'session-caller' => (string) $live['caller'],
                'session-download' => $speed($live['download']),
                'session-upload' => $speed($live['upload']),
                'as-of' => $live['stale'] && $live['at'] !== null ? $this->text('client_as_of', ['moment' => $moment($live['at'])]) : '',
            ],
        ];
    }

    /** @return list<array<string, mixed>> what a device needs to connect */
    private function fields(array $page): array
    {
        $fields = [
            $this->field('server', $page['server'], false),
            $this->field('username', $page['username'], false),
            $this->field('password', $page['password'], $page['show_password'] === 'button'),
        ];
        return array_values(array_filter($fields));
    }

    /** @return array<string, mixed>|null null when there is nothing to show */
    private function field(string $key, ?string $value, bool $secret): ?array
    {
        return (string) $value === '' ? null : [
            'key' => $key,
            'label' => $this->text("client_field_$key"),
            'value' => $value,
            'secret' => $secret,
        ];
    }

    /** @return array<string, string>|null what happened, and what helps */
    private function capped(?array $cap, array $traffic): ?array
    {
        if ($cap === null) {
            return null;
        }
        $limits = isset($cap['limits']) ? array_map([$this, 'limit'], $cap['limits']) : [];
        return [
            'happened' => $this->text('client_capped_' . $cap['policy'], $limits),
            'helps' => $traffic['next_grant'] === null ? $this->text('client_helps') : $this->text('client_helps_from', [
                'amount' => $this->sold($traffic['next_grant']),
                'day' => $this->language->day($traffic['next_grant_on']),
            ]),
        ];
    }

    /** @param array{download: int|null, upload: int|null} $limits @return array<string, string> */
    private function limits(array $limits): array
    {
        return array_map(fn (?int $bits): string => $bits === null
            ? $this->text('client_unlimited')
            : $this->text('client_up_to', ['speed' => $this->limit($bits)]), $limits);
    }

    private function limit(?int $bits): string
    {
        return $bits === null ? $this->text('client_unlimited') : $this->language->speed($bits);
    }

    /** @param array<string, mixed> $traffic of the extension */
    private function traffic(array $traffic): array
    {
        $counted = !$traffic['unlimited'] && $traffic['balance'] !== null;
        $left = $traffic['unlimited'] ? $this->text('client_unlimited') : $this->text('client_not_counted');
        $view = [
            'percent' => $counted ? $traffic['percent'] : null,
            'left' => $counted ? $this->language->volume($traffic['balance']) : $left,
            'of' => $counted ? $this->text('client_left_of', [
                'quota' => $this->sold($traffic['quota']),
                'percent' => $this->language->percent($traffic['percent'] / 100),
            ]) : '',
            'next' => $traffic['next_grant'] === null ? '' : $this->text('client_next', [
                'amount' => $this->sold($traffic['next_grant']),
                'day' => $this->language->day($traffic['next_grant_on']),
            ]),
            'forecast' => $this->forecast($traffic),
        ];
        foreach (['used', 'download', 'upload'] as $name) {
            $view[$name] = $this->language->volume($traffic[$name]);
        }
        return $view;
    }

    private function forecast(array $traffic): string
    {
        if ($traffic['unlimited'] || $traffic['lasts_until'] === null) {
            return '';
        }
        $day = ['day' => $this->language->day($traffic['lasts_until'])];
        return $this->text($traffic['lasts'] === false ? 'client_forecast_short' : 'client_forecast', $day);
    }

    /** GB as in the shop, without needless zeros. */
    private function sold(int $bytes): string
    {
        return $this->text('unit_gb', ['amount' => $this->language->amount($bytes / self::GIGABYTE)]);
    }

    private function text(string $key, array $values = []): string
    {
        return $this->language->text($key, $values);
    }
}

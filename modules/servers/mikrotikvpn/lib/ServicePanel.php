<?php

/**
 * The admin's page of a service: one block with everything about its account, of values the extension gives.
 * Whatever came from the router or was typed by somebody is escaped here, and only here.
 */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class ServicePanel
{
    private Language $language;

    /** @var array<string, mixed> */
    private array $page;

    private function __construct(array $page)
    {
        $this->language = Language::ofAdmin();
        $this->page = $page;
    }

    /** @param array<string, mixed> $page of \MikrotikVpn\adminService() @return array<string, string> label => HTML */
    public static function fields(array $page): array
    {
        $panel = new self($page);
        return [$panel->text('admin_panel') => $panel->html()];
    }

    /** @param array<string, string> $buttons key of a text => function @return array<string, string> label => function */
    public static function buttons(array $buttons): array
    {
        $language = Language::ofAdmin();
        $labelled = [];
        foreach ($buttons as $key => $function) {
            $labelled[$language->text($key)] = $function;
        }
        return $labelled;
    }

    private function html(): string
    {
        $parts = [
            $this->api(),
            Html::facts([
                $this->text('admin_account') => $this->account(),
                $this->text('admin_connection') => $this->connection(),
                $this->text('admin_limits') => $this->limits(),
                $this->text('admin_traffic') => $this->used(),
                $this->text('admin_balance') => $this->balance(),
                $this->text('admin_next_grant') => $this->nextGrant(),
                $this->text('admin_collection') => $this->collection(),
                $this->text('admin_add_traffic') => $this->correction(),
                $this->text('admin_mails') => $this->mails(),
                $this->text('admin_checkup') => Checkup::html($this->language, (int) ($this->page['server'] ?? 0), $this->page['checkup'] ?? null),
                $this->text('admin_ledger') => $this->ledger(),
            ]),
        ];
        return Html::block($this->language, implode('', $parts));
    }

    /** Is the router there, and if not, what helps. */
    private function api(): string
    {
        $api = $this->page['api'] ?? [];
        $router = ['router' => (string) ($api['router'] ?? '')];
        $key = ($api['reached'] ?? false) ? 'admin_reached' : 'admin_not_reached';
        $words = $router['router'] === '' ? $this->text('admin_not_asked') : $this->text($key, $router);
        $links = isset($api['server']) ? Html::link("configservers.php?action=manage&id={$api['server']}", $this->text('admin_server')) : '';
        $links .= isset($api['webfig']) ? ' ' . Html::link($api['webfig'], $this->text('admin_webfig')) : '';
        $html = Html::line(Html::lamp($api['reached'] ?? false, $words) . "<span>$links</span>");
        if (isset($this->page['as_of'])) {
            $html .= Html::muted($this->text('client_as_of', ['moment' => $this->language->moment($this->page['as_of'])]));
        }
        foreach ([$api['error'] ?? null, $this->page['typo'] ?? null, $this->page['error'] ?? null, ...($this->page['hints'] ?? [])] as $sentence) {
            $html .= Html::warning((string) $sentence);
        }
        return $html;
    }

    private function account(): string
    {
        $account = $this->page['account'] ?? ['state' => 'none'];
        if ($account['state'] === 'none') {
            return Html::muted($this->text('admin_account_none'));
        }
        if ($account['state'] === 'missing') {
            return Html::warning($this->text('admin_account_missing', ['comment' => (string) ($account['comment'] ?? '')]));
        }
        $state = !isset($account['enabled']) ? '' : ($account['enabled']
            ? Html::badge($this->text('admin_enabled'), 'good') : Html::badge($this->text('admin_disabled'), 'bad'));
        $facts = [
            'admin_username' => self::known($account['username'] ?? '') . $state,
            'admin_profile' => self::known($account['profile'] ?? ''),
            'admin_service' => self::known($account['service'] ?? ''),
            'admin_address' => self::known($account['address'] ?? ''),
            'admin_comment' => self::known($account['comment'] ?? ''),
        ];
        $labels = array_map(fn (string $key): string => $this->text($key), array_keys($facts));
        $recorded = $account['state'] === 'recorded' ? Html::muted($this->text('admin_account_recorded')) : '';
        return Html::pairs(array_combine($labels, $facts)) . $recorded;
    }

    private function connection(): string
    {
        $sessions = $this->page['sessions'] ?? null;
        if ($sessions === null) {
            return Html::muted($this->text('admin_unknown'));
        }
        if ($sessions === []) {
            return Html::lamp(null, $this->text('admin_not_connected'));
        }
        $lines = '';
        foreach ($sessions as $session) {
            $words = $this->text('admin_session', [
                'protocol' => (string) $session['protocol'],
                'caller' => (string) $session['caller'],
                'duration' => $this->language->duration((int) $session['seconds']),
            ]);
            $lines .= Html::item(Html::text($words) . Html::small((string) $session['address']));
        }
        return Html::lamp(true, $this->text('admin_connected')) . Html::items($lines);
    }

    private function limits(): string
    {
        $limits = $this->page['limits'] ?? null;
        return $limits === null ? '' : Html::text($this->text('admin_limits_value', [
            'download' => $this->speed($limits['download']),
            'upload' => $this->speed($limits['upload']),
        ]));
    }

    private function used(): string
    {
        $traffic = $this->page['traffic'] ?? null;
        return $traffic === null ? '' : Html::text($this->text('admin_used', [
            'download' => $this->language->volume($traffic['download']),
            'upload' => $this->language->volume($traffic['upload']),
        ]));
    }

    private function balance(): string
    {
        $traffic = $this->page['traffic'] ?? null;
        if ($traffic === null) {
            return '';
        }
        if ($traffic['balance'] === null) {
            return Html::text($this->text('admin_unlimited'));
        }
        $balance = $this->language->volume($traffic['balance']);
        $words = $traffic['quota'] === null
            ? $this->text('admin_balance_only', ['balance' => $balance])
            : $this->text('admin_balance_left', ['balance' => $balance, 'quota' => $this->language->volume($traffic['quota'])]);
        $capped = $traffic['capped'] ? Html::badge($this->text('admin_capped', ['policy' => $traffic['cap']]), 'bad') : '';
        return Html::text($words) . $capped . ($traffic['left_percent'] === null ? '' : Html::bar($traffic['left_percent']));
    }

    private function nextGrant(): string
    {
        $traffic = $this->page['traffic'] ?? null;
        return !isset($traffic['next_grant'], $traffic['next_grant_on']) ? '' : Html::text($this->text('admin_next_grant_value', [
            'amount' => $this->language->volume($traffic['next_grant']),
            'day' => $this->language->day($traffic['next_grant_on']),
        ]));
    }

    private function collection(): string
    {
        $last = $this->page['collection'] ?? [];
        $html = Html::text(isset($last['at']) ? $this->language->moment($last['at']) : $this->text('admin_collection_never'));
        if (($last['version'] ?? '') !== '') {
            $html .= Html::small($this->text('admin_router', [
                'version' => (string) $last['version'], 'online' => (int) $last['online'], 'accounts' => (int) $last['accounts'],
            ]));
        }
        if (isset($last['error'])) {
            $failed = $this->text('admin_collection_failed', ['moment' => $this->language->moment($last['tried_at'])]);
            $html .= Html::warning("$failed: {$last['error']}");
        }
        $remarks = implode('', array_map(static fn (string $one): string => Html::item(Html::text($one)), $last['remarks'] ?? []));
        $others = (int) ($last['other_remarks'] ?? 0);
        return $html . Html::items($remarks) . ($others > 0 ? Html::small($this->text('admin_other_remarks', ['count' => $others])) : '');
    }

    private function ledger(): string
    {
        return isset($this->page['ledger']) ? LedgerPage::button($this->language, (int) $this->page['service'], $this->page['ledger']) : '';
    }

    /** WHMCS's own form is around it: its button saves the page, and the entry with it. */
    private function correction(): string
    {
        $form = $this->page['correction'] ?? null;
        if ($form === null) {
            return '';
        }
        $last = $form['last'] === null ? '' : Html::small($this->language->moment($form['last']['at']) . ': ' . $form['last']['outcome']);
        return Html::line(
            Html::hidden('mikrotikvpn[token]', $form['token'])
            . Html::input('mikrotikvpn[gb]', $this->text('admin_add_gb'), 'decimal')
            . Html::input('mikrotikvpn[reason]', $this->text('admin_add_reason'), 'text')
            . Html::submit($this->text('admin_add_traffic'))
            . $this->afterwards()
        ) . Html::muted($this->text('admin_add_help')) . $last;
    }

    /** Whoever would have sent them was cut off. WHMCS's own form is around them, with its token. */
    private function mails(): string
    {
        $html = '';
        foreach ($this->page['mails'] ?? [] as $mail) {
            $html .= Html::warning((string) $mail['says']) . Html::line(
                Html::small($this->language->moment((int) $mail['at']))
                . Html::choice($this->text('admin_mail_again'), 'mikrotikvpn[mail_again]', (int) $mail['id'])
                . Html::choice($this->text('admin_mail_never'), 'mikrotikvpn[mail_never]', (int) $mail['id'])
            );
        }
        return $html;
    }

    /** What will be left with the amount that is being typed: a debt is paid first. */
    private function afterwards(): string
    {
        $balance = $this->page['traffic']['balance'] ?? null;
        $left = $this->text('admin_balance_only', ['balance' => $this->text('unit_gb', ['amount' => '{amount}'])]);
        return $balance === null ? '' : '<output data-mikrotikvpn-balance="' . (int) $balance
            . '" data-mikrotikvpn-left="' . Html::text($left) . '"></output>';
    }

    private static function known(string $value): string
    {
        return $value === '' ? '' : Html::value($value);
    }

    private function speed(int $bits): string
    {
        return $bits === 0 ? $this->text('admin_unlimited') : $this->language->speed($bits);
    }

    /** @param array<string, string|int> $values */
    private function text(string $key, array $values = []): string
    {
        return $this->language->text($key, $values);
    }
}

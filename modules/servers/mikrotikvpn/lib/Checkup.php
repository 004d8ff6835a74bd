<?php

/** The doctor's latest report of a router, on the admin's page of a service. What it says is English. */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class Checkup
{
    private const KINDS = ['problem' => 'bad', 'warning' => 'warn', 'unknown' => 'off', 'ok' => 'good'];

    /** @param array{at: int, verdict: string, checks: list<array<string, mixed>>}|null $checkup of \MikrotikVpn\adminService() */
    public static function html(Language $language, int $server, ?array $checkup): string
    {
        if ($server === 0) {
            return '';
        }
        $report = $checkup === null ? Html::muted($language->text('admin_checkup_never')) : self::report($language, $checkup);
        $script = Html::code("php modules/servers/mikrotikvpn/doctor.php $server --script");
        return $report . Html::more($language->text('admin_checkup_script'), $script);
    }

    /** @param array{at: int, verdict: string, checks: list<array<string, mixed>>} $checkup */
    private static function report(Language $language, array $checkup): string
    {
        $open = array_filter($checkup['checks'], static fn (array $check): bool => $check['verdict'] !== 'ok');
        $well = count($checkup['checks']) - count($open);
        $head = Html::text($language->moment($checkup['at'])) . Html::small($language->text('admin_checkup_well', ['count' => $well]));
        return $head . Html::items(implode('', array_map([self::class, 'check'], $open)));
    }

    /** @param array{check: string, verdict: string, says: string, commands: list<string>} $check */
    private static function check(array $check): string
    {
        $commands = implode("\n", $check['commands']);
        return Html::item(
            Html::text($check['check']) . Html::badge($check['verdict'], self::KINDS[$check['verdict']] ?? 'off') . ' '
            . Html::text($check['says']) . ($commands === '' ? '' : Html::code($commands))
        );
    }
}

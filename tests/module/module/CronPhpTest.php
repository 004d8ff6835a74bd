<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;

/** The PHP of WHMCS's cron is often another one than that of its pages. */
final class CronPhpTest extends LedgerTestCase
{
    protected function tearDown(): void
    {
        run_hook('AfterCronJob');
        parent::tearDown();
    }

    public function testACronWithoutTheExtensionIsToldOnceADayInTheLogAndShownUntilItHasIt(): void
    {
        $before = $this->entries();
        $this->cronWithoutExtension();
        $this->cronWithoutExtension();
        self::assertSame($before + 1, $this->entries());
        $shown = $this->dashboard();
        foreach (['has not loaded the extension mikrotikvpn', PHP_BINARY, PHP_VERSION, 'SAPI cli', 'ini file'] as $words) {
            self::assertStringContainsString($words, $shown);
        }
        $checks = array_column(\MikrotikVpn\doctor(['serverid' => $this->server])['checks'], 'says', 'check');
        self::assertStringContainsString('has not loaded the extension', $checks['Cron']);
        run_hook('AfterCronJob');
        self::assertStringNotContainsString('has not loaded', $this->dashboard());
        $checks = array_column(\MikrotikVpn\doctor(['serverid' => $this->server])['checks'], 'says', 'check');
        self::assertArrayNotHasKey('Cron', $checks);
    }

    private function cronWithoutExtension(): void
    {
        $process = $this->whmcs->process(['cron', '--after-only'], ['WHMCS_PHP_ARGS' => '']);
        $process->code();
    }

    private function entries(): int
    {
        return count(preg_grep('/^mikrotikvpn: The PHP that runs WHMCS\'s cron/', $this->whmcs->activityLog()));
    }

    private function dashboard(): string
    {
        return html_entity_decode((new \WHMCS\Module\Server\Mikrotikvpn\RoutersWidget())->render(), ENT_QUOTES);
    }
}

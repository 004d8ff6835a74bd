<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Build;
use MikrotikVpn\Tests\Process;
use MikrotikVpn\Tests\TestCase;

/** WHMCS includes hooks.php alone, on every page. */
final class HooksFileTest extends TestCase
{
    public function testItStaysSilentWithoutTheExtension(): void
    {
        $this->assertHarmless(Process::bare([$this->script(), $this->file()])->json());
    }

    public function testItStaysSilentWithTheExtensionAndWithoutADatabase(): void
    {
        $this->assertHarmless(Process::same([$this->script(), $this->file()])->json());
    }

    private function assertHarmless(array $report): void
    {
        foreach (['ServiceDelete', 'AfterCronJob', 'ProductEdit', 'EmailPreSend', 'EmailTplMergeFields', 'AdminHomeWidgets'] as $point) {
            self::assertContains($point, $report['points']);
        }
        self::assertSame(['', []], [$report['output'], $report['thrown']]);
        self::assertSame([realpath($this->file())], $report['files'], 'no page loads more than this file');
        self::assertLessThan(5_000, $report['microseconds']);
    }

    private function file(): string
    {
        return Build::root() . '/modules/servers/mikrotikvpn/hooks.php';
    }

    private function script(): string
    {
        return dirname(__DIR__) . '/scripts/hooks.php';
    }
}

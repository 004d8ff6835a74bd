<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Build;
use MikrotikVpn\Tests\Process;
use MikrotikVpn\Tests\TestCase;

/** The stub file and the extension say the same, and a difference either way is noticed. */
final class StubTest extends TestCase
{
    public function testTheStubDescribesTheExtension(): void
    {
        self::assertSame(['', 0], $this->check($this->stub()));
    }

    /** @return array<string, array{string, string, string}> */
    public static function drifts(): array
    {
        $version = ['function version(): string', 'function versions(): string'];
        $link = 'function clientInformation(array $params, int $client): ';
        return [
            'a function is missing' => [...$version, 'only in the extension: function MikrotikVpn\version(): string'],
            'a function is extra' => [...$version, 'only in the stub:      function MikrotikVpn\versions(): string'],
            'another return type' => ["{$link}array", "{$link}string", 'clientInformation(array $params, int $client): string'],
            'another parameter' => ['(int $service)', '(int $id)', 'serviceDeleted(int $id)'],
            'an optional parameter' => ['renew(array $params)', 'renew(array $params = [])', 'renew(array $params = '],
            'another parent' => ['extends \Exception', 'extends \Error', 'class MikrotikVpn\Exception extends Error'],
            'no comment' => ['/** The release of', '// The release of', 'without a comment in the stub: MikrotikVpn'],
        ];
    }

    /** @dataProvider drifts */
    #[\PHPUnit\Framework\Attributes\DataProvider('drifts')]
    public function testADriftIsNamed(string $before, string $after, string $complaint): void
    {
        self::assertStringContainsString($before, $this->stub());
        [$said, $code] = $this->check(str_replace($before, $after, $this->stub()));
        self::assertStringContainsString($complaint, $said);
        self::assertSame(1, $code);
    }

    public function testTheIniFileIsOneLine(): void
    {
        self::assertSame("extension=mikrotikvpn\n", file_get_contents(Build::root() . '/php/mikrotikvpn.ini'));
    }

    /** @return array{string, int} what the check says and its exit code */
    private function check(string $stub): array
    {
        $process = Process::same([Build::root() . '/php/stub-check.php', $this->temporaryFile($stub)]);
        return [$process->output() . $process->errors(), $process->code()];
    }

    private function stub(): string
    {
        return (string) file_get_contents(Build::root() . '/php/mikrotikvpn.stub.php');
    }
}

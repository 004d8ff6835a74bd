<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Build;
use MikrotikVpn\Tests\Process;
use MikrotikVpn\Tests\TestCase;

/** The library as PHP sees it. */
final class ExtensionTest extends TestCase
{
    public function testItLoadsWithoutAnyOtherExtensionAndIniFile(): void
    {
        $script = $this->temporaryFile('<?php echo MikrotikVpn\version(), " ", phpversion("mikrotikvpn");');
        $process = Process::bare(['-d', 'extension=' . Build::library(), $script]);
        self::assertSame([Build::version() . ' ' . Build::version(), ''], [$process->output(), $process->errors()]);
    }

    public function testPhpinfoNamesTheRelease(): void
    {
        $output = Process::same(['--ri', 'mikrotikvpn'])->output();
        self::assertMatchesRegularExpression('/^Version => ' . preg_quote(Build::version()) . '$/m', $output);
    }

    public function testItsExceptionIsAnOrdinaryOne(): void
    {
        $exception = new \MikrotikVpn\Exception('why', 7, new \LogicException());
        self::assertSame([__FILE__, __LINE__ - 1], [$exception->getFile(), $exception->getLine()]);
        self::assertSame(['why', 7], [$exception->getMessage(), $exception->getCode()]);
        self::assertInstanceOf(\LogicException::class, $exception->getPrevious());
        self::assertNotEmpty($exception->getTrace());
        self::assertInstanceOf(\Exception::class, unserialize(serialize(new \MikrotikVpn\Exception('x'))));
    }

    public function testALoaderThrowsTheSentence(): void
    {
        try {
            \MikrotikVpn\loadProfiles([]);
            self::fail('A server that is not there gave profiles.');
        } catch (\MikrotikVpn\Exception $exception) {
            self::assertSame([__FILE__, __LINE__ - 3], [$exception->getFile(), $exception->getLine()]);
            self::assertMatchesRegularExpression('/^[A-Z].+\.$/s', $exception->getMessage());
        }
    }

    public function testAWrongArgumentIsATypeError(): void
    {
        $this->expectException(\TypeError::class);
        \MikrotikVpn\createAccount('not an array');
    }
}

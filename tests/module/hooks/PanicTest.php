<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Hooks;

use MikrotikVpn\Test;
use MikrotikVpn\Tests\Process;
use MikrotikVpn\Tests\TestCase;

final class PanicTest extends TestCase
{
    public function testAPanicIsAnErrorThatNamesThePlaceAndNoValue(): void
    {
        try {
            Test\panic('hunter2');
            self::fail('The panic went unnoticed.');
        } catch (\Error $error) {
            $place = '#^Internal error in mikrotikvpn [\d.]+ at \S+\.rs:\d+\.#';
            self::assertMatchesRegularExpression($place, $error->getMessage());
            self::assertStringNotContainsString('hunter2', $error->getMessage());
        }
        self::assertSame(\MikrotikVpn\Tests\Build::version(), \MikrotikVpn\version(), 'the extension works on');
    }

    public function testAPanicWhereWhmcsWantsATextIsASentenceAndLeavesNoTransactionOpen(): void
    {
        $answer = Test\panicInCommand([], 'hunter2');
        self::assertMatchesRegularExpression('#^Internal error in mikrotikvpn [\d.]+ at \S+\.rs:\d+\. .+\.$#', $answer);
        self::assertSame(0, \WHMCS\Database\Capsule::connection()->transactionLevel());
        $log = $this->whmcs->activityLog();
        self::assertStringContainsString('Internal error in mikrotikvpn', end($log));
        self::assertStringNotContainsString('hunter2', $answer . end($log));
    }

    public function testAPanicWritesNothingToTheServersLog(): void
    {
        $script = $this->temporaryFile('<?php
            try { MikrotikVpn\Test\panic("hunter2"); } catch (Error $error) { echo "caught"; }');
        $process = Process::same([$script]);
        self::assertSame(['caught', '', 0], [$process->output(), $process->errors(), $process->code()]);
    }

    public function testTheReleasedLibraryHasNoTestFunctions(): void
    {
        $script = $this->temporaryFile('<?php
            $names = array_keys((new ReflectionExtension("mikrotikvpn"))->getFunctions());
            $deeper = array_filter($names, fn (string $name) => substr_count($name, chr(92)) > 1);
            echo json_encode(array_values($deeper));');
        $process = Process::bare(['-d', 'extension=' . getenv('MIKROTIKVPN_SO'), $script]);
        self::assertSame([], $process->json());
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn\Tests;

use WhmcsStandIn\ContractViolation;
use WhmcsStandIn\Testing\TestHome;
use WhmcsStandIn\Testing\WhmcsTestCase;

/** Tests of the host itself run with its own sample modules. */
abstract class HostTestCase extends WhmcsTestCase
{
    protected function modules(): string
    {
        return dirname(__DIR__) . '/fixtures/modules';
    }

    protected function assertViolation(string $kind, string $words, callable $body): void
    {
        try {
            $body();
        } catch (ContractViolation $violation) {
            $this->whmcs->takeViolations();
            self::assertSame($kind, $violation->violations[0]->kind, $violation->getMessage());
            self::assertStringContainsString($words, $violation->getMessage());
            return;
        }
        self::fail("Nothing was reported where a violation '$kind' was expected.");
    }

    /** Runs the command line against this run's home. @return array{0: int, 1: mixed, 2: string} code, JSON, stderr */
    protected function cli(string ...$arguments): array
    {
        $command = [dirname(__DIR__) . '/whmcs', '--home', TestHome::home()->path, '--modules', $this->modules(), ...$arguments];
        $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['pipe', 'w']], $pipes);
        $output = (string) stream_get_contents($pipes[1]);
        $errors = (string) stream_get_contents($pipes[2]);
        return [proc_close($process), json_decode($output, true), trim($errors)];
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Bench;

use MikrotikVpn\Tests\Deadline;
use MikrotikVpn\Tests\Process;

/** The program recorder.php between WHMCS and a router. */
final class Recorder
{
    private readonly Process $process;

    public function __construct(int $routerPort)
    {
        $this->process = new Process([PHP_BINARY, dirname(__DIR__) . '/recorder.php', "127.0.0.1:$routerPort"], [], true);
    }

    public function port(): int
    {
        $first = fn (): int => (int) strstr($this->process->outputSoFar(), "\n", true);
        return (int) Deadline::await('The start of the recorder', $first);
    }

    /** @return list<Request> `$count` of them, in the order they were sent; then the recorder ends */
    public function requests(int $count): array
    {
        $lines = fn (): array => array_slice(explode("\n", trim($this->process->outputSoFar())), 1);
        Deadline::await("The record of $count requests", fn (): bool => count($lines()) === $count);
        $requests = array_map(static fn (string $line) => Request::recorded((array) json_decode($line, true)), $lines());
        $this->process->kill();
        usort($requests, static fn (Request $a, Request $b) => $a->begun <=> $b->begun);
        return $requests;
    }
}

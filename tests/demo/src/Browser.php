<?php

declare(strict_types=1);

namespace MikrotikVpn\Demo;

use MikrotikVpn\Tests\Deadline;
use MikrotikVpn\Tests\Process;

/** A real browser, in which the customer logs in and opens the product page. */
final class Browser
{
    /** @return array<string, mixed> state, values, revealed, console, foreign, failed: what the page showed and did */
    public static function visit(string $url, int $service, string $screenshot): array
    {
        $script = dirname(__DIR__, 2) . '/browser/visit.mjs';
        $login = [Stage::CLIENT['email'], Stage::CLIENT['password']];
        $process = new Process(['node', $script, $url, ...$login, (string) $service, $screenshot]);
        $ended = static fn (): bool => !$process->running();
        try {
            Deadline::await('The visit of the browser', $ended, 60.0);
        } finally {
            // Asked politely, also when interrupted, the script takes its Chromium along.
            $process->terminate();
            Deadline::await('The end of the browser', $ended);
        }
        $page = json_decode($process->output(), true);
        return is_array($page) ? $page : throw new \RuntimeException("The browser showed no page: {$process->errors()}");
    }
}

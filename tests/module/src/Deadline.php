<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

use PHPUnit\Framework\AssertionFailedError;

/** Waiting that ends: what does not happen in time fails the test instead of hanging it. */
final class Deadline
{
    /**
     * @template T
     * @param callable(): T $attempt
     * @return T the first truthy answer
     */
    public static function await(string $what, callable $attempt, float $seconds = 20.0): mixed
    {
        $end = microtime(true) + $seconds;
        while (true) {
            $answer = $attempt();
            if ($answer) {
                return $answer;
            }
            if (microtime(true) > $end) {
                throw new AssertionFailedError("$what did not happen within $seconds seconds.");
            }
            usleep(5_000);
        }
    }
}

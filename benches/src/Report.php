<?php

declare(strict_types=1);

namespace MikrotikVpn\Bench;

/** Figures of rounds measured side by side, and what they say. */
final class Report
{
    /** @param list<float> $values */
    public static function median(array $values): float
    {
        sort($values);
        $middle = intdiv(count($values), 2);
        return count($values) % 2 === 1 ? $values[$middle] : ($values[$middle - 1] + $values[$middle]) / 2;
    }

    /** Median, and in brackets the least and the most. @param list<float> $values */
    public static function spread(array $values, string $format): string
    {
        return sprintf("$format ($format … $format)", self::median($values), min($values), max($values));
    }

    public static function say(string $format, mixed ...$values): void
    {
        vprintf("$format\n", $values);
    }
}

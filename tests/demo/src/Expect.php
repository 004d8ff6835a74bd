<?php

declare(strict_types=1);

namespace MikrotikVpn\Demo;

/** Checks that say what was expected and what was found. */
final class Expect
{
    public static function same(string $what, mixed $expected, mixed $found): void
    {
        if ($expected !== $found) {
            throw new Mismatch("$what: expected " . self::show($expected) . ', found ' . self::show($found));
        }
    }

    /** The entries of `$found` that `$expected` names. @param array<string, mixed> $expected */
    public static function fields(string $what, array $expected, array $found): void
    {
        foreach ($expected as $name => $value) {
            self::same("$what, $name", $value, $found[$name] ?? null);
        }
    }

    /** Exactly one; gives it. @template T @param list<T> $rows @return T */
    public static function one(string $what, array $rows): mixed
    {
        self::same("The number of $what", 1, count($rows));
        return $rows[0];
    }

    public static function contains(string $what, string $part, string $whole): void
    {
        if (!str_contains($whole, $part)) {
            throw new Mismatch("$what: expected a text with " . self::show($part) . ', found ' . self::show($whole));
        }
    }

    /** The action is refused; gives the sentence it is refused with. */
    public static function refused(string $what, callable $action): string
    {
        try {
            $result = $action();
        } catch (\RuntimeException $refusal) {
            return $refusal->getMessage();
        }
        throw new Mismatch("$what: expected a refusal, found " . self::show($result));
    }

    private static function show(mixed $value): string
    {
        return (string) json_encode($value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PARTIAL_OUTPUT_ON_ERROR);
    }
}

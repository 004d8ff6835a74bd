<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

/** Peaks of resident memory, as the kernel counts them, of processes that do nothing but one UsageUpdate. */
final class Footprint
{
    /** Of a collection of the server, in bytes. */
    public static function ofCollection(int $server): int
    {
        return self::of($server, ['-d', 'extension=' . Build::library()], 'success');
    }

    /** Of the same call in a PHP without the extension: what PHP and WHMCS need by themselves. */
    public static function withoutExtension(int $server): int
    {
        return self::of($server, [], 'extension');
    }

    /** @param list<string> $options PHP's @param string $answer what UsageUpdate says, or a part of it */
    private static function of(int $server, array $options, string $answer): int
    {
        $command = [PHP_BINARY, ...$options, dirname(__DIR__) . '/scripts/footprint.php', (string) $server];
        exec(implode(' ', array_map('escapeshellarg', $command)), $output, $code);
        $told = (array) json_decode(implode("\n", $output), true);
        if ($code !== 0 || !str_contains($told['answer'] ?? '', $answer)) {
            throw new \RuntimeException("footprint.php ended with $code: " . implode("\n", $output));
        }
        return $told['peak'];
    }
}

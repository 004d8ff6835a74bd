<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

/** What is under test: the library loaded in this process, the PHP that loaded it, the sources. */
final class Build
{
    public static function root(): string
    {
        return dirname(__DIR__, 3);
    }

    /** Stops the run unless this process has loaded exactly what the environment names. */
    public static function check(): void
    {
        $loaded = self::library();
        $dist = realpath((string) getenv('MIKROTIKVPN_DIST')) . '/';
        $named = array_map('realpath', [(string) getenv('MIKROTIKVPN_SO'), (string) getenv('MIKROTIKVPN_HOOKS_SO')]);
        $complaint = match (true) {
            $loaded === null => 'no mikrotikvpn.so is loaded',
            !in_array($loaded, $named, true) => "$loaded is loaded, which the environment does not name",
            !str_starts_with($loaded, $dist) => "$loaded is not under $dist",
            \MikrotikVpn\version() !== self::version() =>
                sprintf('it is release %s, the sources are %s', \MikrotikVpn\version(), self::version()),
            default => null,
        };
        if ($complaint !== null) {
            fwrite(STDERR, "This run would not test the build: $complaint. Start it with tests/module/run.\n");
            exit(2);
        }
        printf("PHP %s%s, mikrotikvpn %s from %s\n", PHP_VERSION, PHP_ZTS ? ' ZTS' : '', self::version(), $loaded);
    }

    /** The path the kernel says this process has mapped, not the one PHP was asked for. */
    public static function library(): ?string
    {
        preg_match('#\s(/\S*/mikrotikvpn\.so)$#m', (string) file_get_contents('/proc/self/maps'), $match);
        return isset($match[1]) ? (realpath($match[1]) ?: null) : null;
    }

    /** The version of the crates. */
    public static function version(): string
    {
        $manifest = (string) file_get_contents(self::root() . '/Cargo.toml');
        preg_match('/^\[workspace\.package\]\s+version = "([^"]+)"/m', $manifest, $match);
        return $match[1] ?? throw new \RuntimeException('Cargo.toml names no version.');
    }
}

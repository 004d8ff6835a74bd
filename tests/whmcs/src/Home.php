<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/**
 * A home holds everything one installation of the stand-in keeps on disk: the database, the
 * encryption key, compiled templates, sessions and one WHMCS root per folder of modules.
 */
final class Home
{
    public readonly string $path;

    public function __construct(string $path)
    {
        $this->path = self::absolute($path);
    }

    public static function default(): string
    {
        return getenv('WHMCS_HOME') ?: dirname(__DIR__, 3) . '/target/whmcs';
    }

    public static function absolute(string $path): string
    {
        $path = rtrim(str_starts_with($path, '/') ? $path : getcwd() . '/' . $path, '/');
        return realpath($path) ?: $path;
    }

    public function folder(string $name): string
    {
        $folder = $this->path . '/' . $name;
        if (!is_dir($folder) && !@mkdir($folder, 0700, true) && !is_dir($folder)) {
            throw new Failure("The folder $folder cannot be created.");
        }
        return $folder;
    }

    public function socket(): string
    {
        $socket = $this->path . '/mysql.sock';
        // A unix socket's path has at most 107 bytes.
        return strlen($socket) <= 100 ? $socket : sys_get_temp_dir() . '/whmcs-' . substr(sha1($this->path), 0, 16) . '.sock';
    }

    public function encryptionKey(): string
    {
        $file = $this->path . '/encryption.key';
        if (!is_file($file)) {
            $this->folder('.');
            $this->locked('key', function () use ($file): void {
                if (!is_file($file)) {
                    file_put_contents("$file.new", bin2hex(random_bytes(32)));
                    rename("$file.new", $file);
                }
            });
        }
        return (string) hex2bin(trim((string) file_get_contents($file)));
    }

    /** @return array<string, mixed> */
    public function settings(): array
    {
        $file = $this->path . '/settings.json';
        return is_file($file) ? (array) json_decode((string) file_get_contents($file), true) : [];
    }

    /** @param array<string, mixed> $changes */
    public function remember(array $changes): void
    {
        $this->locked('settings', function () use ($changes): void {
            $file = $this->path . '/settings.json';
            file_put_contents("$file.new", json_encode($changes + $this->settings(), JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES));
            rename("$file.new", $file);
        });
    }

    /**
     * @template T
     * @param callable(): T $body
     * @return T
     */
    public function locked(string $name, callable $body): mixed
    {
        $handle = fopen($this->folder('locks') . "/$name", 'c');
        if ($handle === false || !flock($handle, LOCK_EX)) {
            throw new Failure("The lock $name of {$this->path} cannot be taken.");
        }
        try {
            return $body();
        } finally {
            flock($handle, LOCK_UN);
            fclose($handle);
        }
    }
}

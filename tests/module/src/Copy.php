<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

use WhmcsStandIn\Home;
use WhmcsStandIn\MariaDb;

/** A second WHMCS, made from a dump of the one of this process: a folder, a database server and a System URL of its own. */
final class Copy
{
    private readonly Home $home;
    private readonly MariaDb $database;

    public function __construct(private readonly Whmcs $original, string $systemUrl)
    {
        $this->home = new Home("{$original->installation->home->path}-copy");
        $this->database = new MariaDb($this->home);
        $this->database->start(tied: true);
        $this->database->reset();
        copy("{$original->installation->home->path}/encryption.key", "{$this->home->path}/encryption.key");
        $dump = sprintf(
            'mariadb-dump --no-defaults -uroot --socket=%s whmcs | mariadb --no-defaults -uroot --socket=%s whmcs',
            escapeshellarg($original->installation->home->socket()),
            escapeshellarg($this->home->socket())
        );
        exec("bash -c " . escapeshellarg("set -o pipefail; $dump") . ' 2>&1', $said, $code);
        if ($code !== 0) {
            throw new \RuntimeException('The dump failed: ' . implode("\n", $said));
        }
        $this->whmcs('setting', 'SystemURL', $systemUrl);
    }

    /** Runs a command of the stand-in; gives its answer. */
    public function whmcs(string ...$arguments): mixed
    {
        $process = $this->original->process($arguments, ['WHMCS_HOME' => $this->home->path]);
        $said = $process->output() . $process->errors();
        if ($process->code() !== 0) {
            throw new \RuntimeException(implode(' ', $arguments) . ": $said");
        }
        return json_decode($said, true);
    }

    /** What an admin reads of a command for a service. */
    public function run(string $function, int $service): string
    {
        return $this->answer(['run', $function, '--service', (string) $service]);
    }

    /** What an admin reads of Test Connection. */
    public function test(int $server): string
    {
        return stripslashes($this->answer(['run', 'TestConnection', '--server', (string) $server]));
    }

    /** What an admin reads after he pressed a button. */
    public function press(string $function, int $service): string
    {
        return $this->answer(['button', $function, '--service', (string) $service, '--as', 'admin']);
    }

    /** What a PHP script says that is run in it. */
    public function php(string $script, string ...$arguments): string
    {
        $environment = ['WHMCS_HOME' => $this->home->path, 'WHMCS_MODULES' => Build::root() . '/modules/servers'];
        $process = Process::same([$script, ...$arguments], $environment);
        return $process->output() . $process->errors();
    }

    /** One value of its database. */
    public function value(string $sql): mixed
    {
        $row = $this->database->connect()->query($sql)->fetch(\PDO::FETCH_NUM);
        return $row === false ? null : $row[0];
    }

    public function stop(): void
    {
        $this->database->stop();
    }

    /** @param list<string> $arguments */
    private function answer(array $arguments): string
    {
        $process = $this->original->process($arguments, ['WHMCS_HOME' => $this->home->path]);
        return $process->output() . $process->errors();
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** A private MariaDB of one home: own data folder, own unix socket, no network, stopped by its pid. */
final class MariaDb
{
    private const START_DEADLINE = 60.0;
    /** A data folder and what the tests put into it. */
    private const LEAST_SPACE = 300 << 20;
    private const LOG_SIZE = '--innodb-log-file-size=64M';

    public function __construct(private readonly Home $home)
    {
    }

    public function pid(): ?int
    {
        $pid = (int) @file_get_contents($this->home->path . '/mysqld.pid');
        return $pid > 0 && $this->isOurs($pid) ? $pid : null;
    }

    /** @param bool $tied the server ends with this process, however that ends; else it stays until it is stopped */
    public function start(bool $tied = false): int
    {
        return $this->home->locked('mariadb', function () use ($tied): int {
            $running = $this->pid() !== null;
            if (!$running) {
                $this->install();
                $this->launch($tied);
            }
            try {
                $this->awaitReady();
                $this->createSchema();
            } catch (\Throwable $failure) {
                // Nobody would know of a server whose start failed.
                $running || $this->terminate();
                throw $failure;
            }
            return (int) $this->pid();
        });
    }

    public function stop(): ?int
    {
        return $this->home->locked('mariadb', $this->terminate(...));
    }

    private function terminate(): ?int
    {
        $pid = $this->pid();
        if ($pid !== null) {
            posix_kill($pid, SIGTERM);
            $this->await(fn (): bool => $this->pid() === null, 'did not stop');
        }
        return $pid;
    }

    /** Drops and recreates the database: every table empty but for the rows a fresh WHMCS has. */
    public function reset(): void
    {
        $this->home->locked('mariadb', function (): void {
            $this->connect(null)->exec('DROP DATABASE IF EXISTS whmcs');
            $this->createSchema();
        });
    }

    public function connect(?string $database = 'whmcs'): \PDO
    {
        if ($this->pid() === null) {
            throw new Failure("The database of {$this->home->path} is not running: start it with `whmcs --home {$this->home->path} up`.");
        }
        $name = $database === null ? '' : ";dbname=$database";
        return new \PDO("mysql:unix_socket={$this->home->socket()}$name;charset=utf8mb4", 'root', '', [\PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION]);
    }

    /** mariadb-install-db takes seconds, so an installed data folder is kept and copied. */
    private function install(): void
    {
        $data = $this->home->path . '/db';
        if (is_dir("$data/mysql")) {
            return;
        }
        exec(escapeshellarg($this->program('mariadbd')) . ' --version 2>&1', $version, $code);
        if ($code !== 0) {
            throw new Failure('mariadbd does not start: ' . $this->reason($version));
        }
        $template = dirname(__DIR__, 3) . '/target/whmcs-template/' . substr(sha1(implode($version) . posix_geteuid()), 0, 12);
        $store = new Home(dirname($template));
        $store->locked('template', function () use ($template): void {
            is_dir($template) || $this->makeTemplate($template);
        });
        $this->execute(['cp', '-a', '--sparse=always', $template, $data]);
    }

    private function makeTemplate(string $template): void
    {
        $new = $template . '.new';
        $this->execute(['rm', '-rf', $new]);
        mkdir($new, 0700, true);
        // The program breaks in a folder with a blank, so it is told the last part of the path alone.
        $name = basename($new);
        $this->execute([$this->program('mariadb-install-db'), '--no-defaults', "--datadir=./$name", '--auth-root-authentication-method=normal', '--skip-test-db', self::LOG_SIZE, ...$this->userOption()], dirname($new));
        rename($new, $template);
    }

    /** @param list<string> $command */
    private function execute(array $command, ?string $folder = null): void
    {
        $folder ??= $this->home->path;
        exec('cd ' . escapeshellarg($folder) . ' && ' . implode(' ', array_map('escapeshellarg', $command)) . ' 2>&1', $output, $code);
        if ($code !== 0) {
            throw new Failure("$command[0] failed: " . $this->reason($output, $folder));
        }
    }

    /** What a program said last that reads like a reason; on a full disk some say it in the middle, or nothing. @param list<string> $output */
    private function reason(array $output, ?string $folder = null): string
    {
        $folder ??= $this->home->path;
        $said = array_values(array_filter(array_map('trim', $output)));
        $reasons = preg_grep('/error|fail|denied|cannot|no space|full|not found/i', $said) ?: [];
        $free = (int) @disk_free_space($folder);
        $disk = $free < self::LEAST_SPACE ? sprintf('only %d MB are free in %s', $free >> 20, $folder) : null;
        $words = array_filter([$disk, ...array_slice($reasons ?: $said, -3)]);
        return implode('; ', $words) ?: 'it said nothing';
    }

    /** Debian keeps servers in folders that are not on an ordinary user's path. */
    private function program(string $name): string
    {
        foreach ([...explode(':', (string) getenv('PATH')), '/usr/local/sbin', '/usr/sbin', '/sbin'] as $folder) {
            if (is_executable("$folder/$name")) {
                return "$folder/$name";
            }
        }
        throw new Failure("$name is missing: install Debian's mariadb-server.");
    }

    private function launch(bool $tied): void
    {
        $path = $this->home->path;
        // What the server before it said would be taken for its own words.
        @unlink("$path/mysqld.log");
        $script = $tied ? '"$@" & server=$!; read -r _; kill "$server"; wait "$server"' : 'exec "$@"';
        $command = [
            // Without our descriptors: `$(whmcs up)` would wait for the server to end. A terminal's Ctrl-C is ours alone.
            'setsid', 'sh', '-c', "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; $script", 'sh',
            $this->program('mariadbd'), '--no-defaults', "--datadir=$path/db", "--socket={$this->home->socket()}", "--pid-file=$path/mysqld.pid",
            "--log-error=$path/mysqld.log", '--skip-networking', '--skip-log-bin', '--skip-name-resolve', '--character-set-server=utf8mb4',
            '--collation-server=utf8mb4_unicode_ci', '--default-storage-engine=InnoDB', '--max-connections=400', '--max-allowed-packet=64M',
            // Nothing here outlives the tests, so durability is traded for speed.
            '--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--innodb-flush-method=nosync', '--debug-no-sync=1', '--innodb-buffer-pool-size=256M', self::LOG_SIZE,
            '--performance-schema=0', ...$this->userOption(),
        ];
        $input = $tied ? ['pipe', 'r'] : ['file', '/dev/null', 'r'];
        $process = proc_open($command, [$input, ['file', '/dev/null', 'w'], ['file', "$path/mysqld.out", 'a']], $pipes);
        if ($process === false) {
            throw new Failure('mariadbd cannot be started: is Debian\'s mariadb-server installed?');
        }
        // The pid file is the truth from here on; the handle is kept so that PHP does not wait for the server, and
        // the pipe so that the shell before it does.
        $GLOBALS['whmcsStandInServers'][] = [$process, $pipes];
    }

    private function awaitReady(): void
    {
        $this->await(function (): bool {
            try {
                return $this->pid() !== null && (bool) $this->connect(null)->query('SELECT 1');
            } catch (\PDOException) {
                return false;
            }
        }, 'did not get ready');
    }

    private function await(callable $done, string $complaint): void
    {
        $deadline = microtime(true) + self::START_DEADLINE;
        while (!$done()) {
            $log = @file("{$this->home->path}/mysqld.log") ?: [];
            if (microtime(true) > $deadline || preg_grep('/\[ERROR\] Aborting/', $log)) {
                throw new Failure("MariaDB $complaint: {$this->reason($log)}. See {$this->home->path}/mysqld.log.");
            }
            usleep(20_000);
        }
    }

    private function createSchema(): void
    {
        $root = $this->connect(null);
        if ($this->schemaExists($root)) {
            return;
        }
        $root->exec('CREATE DATABASE IF NOT EXISTS whmcs CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci');
        // WHMCS connects as a user of its own database, not as root.
        $root->exec("CREATE USER IF NOT EXISTS 'whmcs'@'localhost' IDENTIFIED BY 'whmcs'");
        $root->exec("GRANT ALL ON whmcs.* TO 'whmcs'@'localhost'");
        $root->exec('USE whmcs');
        $root->exec("SET SESSION sql_mode=''");
        foreach (array_filter(array_map('trim', explode(";\n", $this->schema()))) as $statement) {
            $root->exec($statement);
        }
        (new FreshRows())->insert($root);
    }

    private function schema(): string
    {
        return (string) preg_replace('/^--.*$/m', '', (string) file_get_contents(__DIR__ . '/schema.sql')) . "\n";
    }

    private function schemaExists(\PDO $root): bool
    {
        $query = $root->query("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'whmcs' AND table_name = 'standin_violations'");
        return (int) $query->fetchColumn() === 1;
    }

    private function isOurs(int $pid): bool
    {
        $command = @file_get_contents("/proc/$pid/cmdline");
        return is_string($command) && str_contains($command, "--datadir={$this->home->path}/db");
    }

    /** @return list<string> */
    private function userOption(): array
    {
        return posix_geteuid() === 0 ? ['--user=root'] : [];
    }
}

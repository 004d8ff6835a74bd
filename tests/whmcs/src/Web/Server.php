<?php

declare(strict_types=1);

namespace WhmcsStandIn\Web;

use WhmcsStandIn\Failure;
use WhmcsStandIn\Home;
use WhmcsStandIn\Options;

/** Runs the front controller on PHP's own server with several workers, until SIGTERM or SIGINT. */
final class Server
{
    private const READY_DEADLINE = 15.0;

    private bool $stopping = false;

    public function __construct(private readonly Home $home, private readonly Options $options)
    {
    }

    /** @param callable(string): void $onReady gets the address */
    public function run(string $listen, int $workers, string $base, callable $onReady): void
    {
        if (!is_dir(dirname(__DIR__, 2) . '/web/node_modules/bootstrap')) {
            throw new Failure('The pages need Bootstrap, jQuery and Font Awesome: run `npm ci` in tests/whmcs/web.');
        }
        pcntl_async_signals(true);
        foreach ([SIGTERM, SIGINT, SIGHUP] as $signal) {
            pcntl_signal($signal, function (): void {
                $this->stopping = true;
            });
        }
        [$host, $port] = $this->address($listen);
        [$process, $port] = $this->launch($host, $port, $workers);
        $url = "http://$host:$port" . ($base === '' ? '' : '/' . trim($base, '/'));
        \WHMCS\Config\Setting::setValue('SystemURL', "$url/");
        try {
            $onReady("$url/");
            while (!$this->stopping && proc_get_status($process)['running']) {
                pcntl_signal_dispatch();
                usleep(50_000);
            }
        } finally {
            $this->stop($process);
        }
    }

    /** @return array{0: string, 1: int} */
    private function address(string $listen): array
    {
        [$host, $port] = explode(':', $listen, 2) + [1 => '0'];
        if (!in_array($host, ['127.0.0.1', 'localhost'], true)) {
            throw new Failure("The web front listens on 127.0.0.1 only, not on $host.");
        }
        return ['127.0.0.1', (int) $port];
    }

    /** @return array{0: resource, 1: int} */
    private function launch(string $host, int $wanted, int $workers): array
    {
        for ($attempt = 0; $attempt < 10; $attempt++) {
            $port = $wanted ?: $this->freePort($host);
            $process = proc_open($this->command($host, $port), [['file', '/dev/null', 'r'], ['file', $this->home->path . '/web.log', 'a'], ['file', $this->home->path . '/web.log', 'a']], $pipes, null, $this->environment($workers));
            if ($process !== false && $this->isReady($process, $host, $port)) {
                return [$process, $port];
            }
            $process === false || $this->stop($process);
            if ($wanted !== 0) {
                break;
            }
        }
        throw new Failure("The web front cannot listen on $host:" . ($wanted ?: 'any port') . ": see {$this->home->path}/web.log.");
    }

    /** @return list<string> */
    private function command(string $host, int $port): array
    {
        $public = dirname(__DIR__, 2) . '/web/public';
        $arguments = array_filter(explode("\n", (string) getenv('WHMCS_PHP_ARGS')));
        return [PHP_BINARY, ...$arguments, '-d', 'display_errors=0', '-d', 'log_errors=1', '-d', 'error_log=' . $this->home->path . '/php-error.log', '-S', "$host:$port", '-t', $public, "$public/index.php"];
    }

    /** @return array<string, string> */
    private function environment(int $workers): array
    {
        $options = $this->options;
        return [
            'PHP_CLI_SERVER_WORKERS' => (string) $workers, 'WHMCS_HOME' => $this->home->path, 'WHMCS_MODULES' => $options->modules, 'WHMCS_COPY_MODULES' => $options->copyModules ? '1' : '',
            'WHMCS_VARIANTS' => implode(',', $options->variants), 'WHMCS_TIMEZONE' => $options->timezone, 'WHMCS_SQL_MODE' => $options->sqlMode, 'WHMCS_NOW' => $options->now,
            'WHMCS_TOLERATE' => implode(',', \WhmcsStandIn\Guard::$tolerated),
        ] + getenv();
    }

    private function freePort(string $host): int
    {
        $socket = stream_socket_server("tcp://$host:0");
        $port = (int) substr(strrchr(stream_socket_get_name($socket, false), ':'), 1);
        fclose($socket);
        return $port;
    }

    /** @param resource $process */
    private function isReady($process, string $host, int $port): bool
    {
        $deadline = microtime(true) + self::READY_DEADLINE;
        while (microtime(true) < $deadline && proc_get_status($process)['running']) {
            $connection = @stream_socket_client("tcp://$host:$port", $code, $message, 1);
            if ($connection !== false) {
                fclose($connection);
                return proc_get_status($process)['running'];
            }
            usleep(10_000);
        }
        return false;
    }

    /** The workers are children of the server: each is stopped by its pid. @param resource $process */
    private function stop($process): void
    {
        $pid = proc_get_status($process)['pid'];
        $workers = array_map('intval', preg_split('/\s+/', (string) @file_get_contents("/proc/$pid/task/$pid/children"), -1, PREG_SPLIT_NO_EMPTY) ?: []);
        foreach ([$pid, ...$workers] as $one) {
            posix_kill($one, SIGINT);
        }
        $deadline = microtime(true) + 3;
        while (microtime(true) < $deadline && proc_get_status($process)['running']) {
            usleep(10_000);
        }
        foreach ([$pid, ...$workers] as $one) {
            $one > 0 && str_contains((string) @file_get_contents("/proc/$one/cmdline"), 'web/public/index.php') && posix_kill($one, SIGKILL);
        }
        proc_close($process);
    }
}

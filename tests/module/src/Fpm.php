<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

/** A php-fpm of its own with the library of this run: private folder and socket, stopped by its pid. */
final class Fpm
{
    private readonly string $folder;
    private readonly Process $master;

    public function __construct(private readonly int $workers)
    {
        $this->folder = Build::root() . '/target/fpm-' . bin2hex(random_bytes(4));
        mkdir($this->folder, 0700, true);
        file_put_contents("{$this->folder}/fpm.conf", $this->configuration());
        $options = ['--nodaemonize', '--allow-to-run-as-root', '--fpm-config', "{$this->folder}/fpm.conf"];
        $command = [$this->program(), ...$options, '-d', 'extension=' . Build::library()];
        $this->master = new Process($command, ['WHMCS_MODULES' => Build::root() . '/modules/servers']);
        Deadline::await('The start of php-fpm', fn () => $this->answers());
    }

    /**
     * Sends a request and returns at once; the child's output is CGI headers and body.
     *
     * @param array<string, string> $query
     */
    public function request(string $script, array $query = []): Process
    {
        return new Process(['cgi-fcgi', '-bind', '-connect', $this->socket()], [
            'SCRIPT_FILENAME' => $script,
            'SCRIPT_NAME' => '/' . basename($script),
            'REQUEST_METHOD' => 'GET',
            'QUERY_STRING' => http_build_query($query),
            'SERVER_PROTOCOL' => 'HTTP/1.1',
            'GATEWAY_INTERFACE' => 'CGI/1.1',
        ]);
    }

    /** The body of an answer as JSON. */
    public static function json(Process $request): mixed
    {
        $output = $request->output();
        [, $body] = explode("\r\n\r\n", $output, 2) + [1 => ''];
        return json_decode($body, true) ?? throw new \RuntimeException("php-fpm answered: $output{$request->errors()}");
    }

    /** What the master and its workers wrote to their log. */
    public function log(): string
    {
        return (string) @file_get_contents("{$this->folder}/error.log");
    }

    public function stop(): void
    {
        $this->master->terminate();
        $this->master->code(10.0);
        array_map('unlink', glob("{$this->folder}/*") ?: []);
        rmdir($this->folder);
    }

    private function answers(): bool
    {
        if (!$this->master->running()) {
            throw new \RuntimeException("php-fpm ended: {$this->master->errors()}{$this->log()}");
        }
        $connection = @stream_socket_client("unix://{$this->socket()}");
        return $connection !== false && fclose($connection);
    }

    private function socket(): string
    {
        return "{$this->folder}/fpm.sock";
    }

    private function configuration(): string
    {
        $user = posix_geteuid() === 0 ? "user = root\ngroup = root\n" : '';
        return <<<INI
            [global]
            error_log = {$this->folder}/error.log
            [module]
            {$user}listen = {$this->socket()}
            pm = static
            pm.max_children = {$this->workers}
            catch_workers_output = yes
            clear_env = no
            INI;
    }

    private function program(): string
    {
        $name = 'php-fpm' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;
        foreach (["/usr/sbin/$name", '/usr/sbin/php-fpm', '/usr/local/sbin/php-fpm'] as $program) {
            if (is_executable($program)) {
                return $program;
            }
        }
        throw new \RuntimeException("$name is not installed: Debian's package is php8.2-fpm.");
    }
}

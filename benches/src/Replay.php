<?php

declare(strict_types=1);

namespace MikrotikVpn\Bench;

/** Recorded requests sent again by one curl process over kept-alive connections, answers to /dev/null. */
final class Replay
{
    private readonly string $folder;

    /** @param list<Request> $requests */
    public function __construct(array $requests, int $port)
    {
        $this->folder = sys_get_temp_dir() . '/mikrotikvpn-bench-' . bin2hex(random_bytes(6));
        mkdir($this->folder, 0700);
        $config = [];
        foreach ($requests as $number => $request) {
            file_put_contents("{$this->folder}/$number", $request->body);
            $words = [
                'url' => "https://127.0.0.1:$port{$request->path}",
                'request' => $request->method,
                'data-binary' => "@{$this->folder}/$number",
                'output' => '/dev/null',
            ];
            $lines = array_map(fn ($name, $value) => "$name = " . self::quoted($value), array_keys($words), $words);
            foreach ($request->headers as $header) {
                $lines[] = 'header = ' . self::quoted($header);
            }
            $config[] = implode("\n", [...$lines, 'insecure', 'silent', 'fail']);
        }
        file_put_contents("{$this->folder}/config", implode("\nnext\n", $config) . "\n");
    }

    public function __destruct()
    {
        array_map('unlink', (array) glob("{$this->folder}/*"));
        rmdir($this->folder);
    }

    public function run(): void
    {
        exec('curl --config ' . escapeshellarg("{$this->folder}/config") . ' 2>&1', $output, $code);
        $code === 0 || throw new \RuntimeException("curl ended with $code: " . implode("\n", $output));
    }

    private static function quoted(string $text): string
    {
        return '"' . addcslashes($text, "\\\"") . '"';
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Bench;

/** One HTTP request as it went over the wire, and when. */
final class Request
{
    /** @param list<string> $headers lines */
    private function __construct(
        public readonly string $method,
        public readonly string $path,
        public readonly array $headers,
        public readonly string $body,
        public readonly float $begun,
        public readonly float $answered
    ) {
    }

    /** @param array{request: string, begun: float, answered: float} $line */
    public static function recorded(array $line): self
    {
        [$head, $body] = explode("\r\n\r\n", (string) base64_decode($line['request'], true), 2);
        $headers = explode("\r\n", $head);
        [$method, $path] = explode(' ', (string) array_shift($headers));
        // These are curl's own business.
        $kept = preg_grep('/^(host|content-length|connection):/i', $headers, PREG_GREP_INVERT);
        return new self($method, $path, array_values((array) $kept), $body, $line['begun'], $line['answered']);
    }
}

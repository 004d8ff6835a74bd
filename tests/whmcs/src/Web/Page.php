<?php

declare(strict_types=1);

namespace WhmcsStandIn\Web;

/** An answer of the web front. */
final class Page
{
    /** @param array<string, string> $headers */
    public function __construct(public readonly string $body, public readonly int $status = 200, public readonly array $headers = ['Content-Type' => 'text/html; charset=utf-8'])
    {
    }

    public static function redirect(string $location): self
    {
        return new self('', 302, ['Location' => $location]);
    }

    public static function json(mixed $data): self
    {
        return new self((string) json_encode($data, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE), 200, ['Content-Type' => 'application/json']);
    }

    public function send(): void
    {
        http_response_code($this->status);
        foreach ($this->headers as $name => $value) {
            header("$name: $value");
        }
        echo $this->body;
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Demo;

/** Runs steps one after the other, a line for each; what comes after a failed one is not run. */
final class Report
{
    /** @var list<array{name: string, ok: bool, error?: string}> */
    private array $steps = [];

    /** @param list<string> $names every step of the run, in order */
    public function __construct(private readonly array $names)
    {
    }

    /** @param callable(): string $action gives a few words about what was seen */
    public function step(string $name, callable $action): void
    {
        try {
            $words = $action();
        } catch (\Throwable $failure) {
            $this->failed($name, $failure);
            throw $failure;
        }
        $this->line('ok', $name, $words);
        $this->steps[] = ['name' => $name, 'ok' => true];
    }

    /** Everything that has not been run is reported with the reason. */
    public function abandon(\Throwable $reason): void
    {
        $last = end($this->steps) ?: null;
        $why = $last === null || $last['ok'] ? $this->sentence($reason) : "not run, because {$last['name']} failed";
        foreach (array_slice($this->names, count($this->steps)) as $name) {
            $this->line('--', $name, $why);
            $this->steps[] = ['name' => $name, 'ok' => false, 'error' => $why];
        }
    }

    public function ok(): bool
    {
        return count($this->steps) === count($this->names) && !in_array(false, array_column($this->steps, 'ok'), true);
    }

    public function json(): string
    {
        $flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE;
        return (string) json_encode(['steps' => $this->steps, 'ok' => $this->ok()], $flags);
    }

    private function failed(string $name, \Throwable $failure): void
    {
        $error = $this->sentence($failure);
        $this->line('FAILED', $name, $error);
        $this->steps[] = ['name' => $name, 'ok' => false, 'error' => $error];
    }

    private function sentence(\Throwable $failure): string
    {
        $ours = $failure instanceof Mismatch || $failure instanceof Interrupted;
        $place = $ours ? '' : sprintf(' (%s, %s:%d)', $failure::class, basename($failure->getFile()), $failure->getLine());
        return preg_replace('/\s+/', ' ', $failure->getMessage()) . $place;
    }

    private function line(string $verdict, string $name, string $words): void
    {
        printf("%-6s %-16s %s\n", $verdict, $name, $words);
    }
}

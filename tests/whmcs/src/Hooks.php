<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** The registry behind add_hook and run_hook. */
final class Hooks
{
    /** @var array<string, list<array{priority: int, function: mixed, source: string}>> */
    private array $points = [];

    /** @var array<string, list<array{point: string, priority: int, function: mixed}>> what each file registered when it was included */
    private array $files = [];
    private string $including = '';

    public function add(string $point, int $priority, mixed $function): void
    {
        $this->points[$point][] = ['priority' => $priority, 'function' => $function, 'source' => $this->including];
        if ($this->including !== '') {
            $this->files[$this->including][] = ['point' => $point, 'priority' => $priority, 'function' => $function];
        }
    }

    /** Includes a hooks file once per process; later calls only register again what it had registered. */
    public function includeFile(string $file): void
    {
        if (isset($this->files[$file])) {
            foreach ($this->files[$file] as $hook) {
                $this->points[$hook['point']][] = ['priority' => $hook['priority'], 'function' => $hook['function'], 'source' => $file];
            }
            return;
        }
        $this->files[$file] = [];
        $this->including = $file;
        try {
            $outcome = Guard::run('Including ' . Guard::shortPath($file), static fn () => self::isolated($file));
            Installation::current()->report($outcome);
        } finally {
            $this->including = '';
        }
    }

    public function forget(): void
    {
        $this->points = [];
    }

    /**
     * Runs all callbacks of a point in order of priority (lower first) and returns what they gave.
     * One failing callback is reported and does not stop the others.
     *
     * @return list<mixed>
     */
    public function run(string $point, mixed $argument = []): array
    {
        $hooks = $this->points[$point] ?? [];
        usort($hooks, static fn (array $a, array $b): int => $a['priority'] <=> $b['priority']);
        $results = [];
        foreach ($hooks as $hook) {
            $function = $hook['function'];
            $outcome = Guard::run("Hook $point", static fn () => is_callable($function)
                ? $function($argument)
                : throw new Failure('the callback ' . (is_string($function) ? $function : get_debug_type($function)) . ' cannot be called'));
            Installation::current()->report($outcome);
            if ($outcome->value !== null) {
                $results[] = $outcome->value;
            }
        }
        return $results;
    }

    /** @return list<array{point: string, priority: int, function: string, source: string}> */
    public function list(): array
    {
        $list = [];
        foreach ($this->points as $point => $hooks) {
            foreach ($hooks as $hook) {
                $name = is_string($hook['function']) ? $hook['function'] : get_debug_type($hook['function']);
                $list[] = ['point' => $point, 'priority' => $hook['priority'], 'function' => $name, 'source' => Guard::shortPath($hook['source'])];
            }
        }
        return $list;
    }

    public function has(string $point): bool
    {
        return ($this->points[$point] ?? []) !== [];
    }

    private static function isolated(string $__file): void
    {
        include_once $__file;
    }
}

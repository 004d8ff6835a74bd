<?php

declare(strict_types=1);

namespace WhmcsStandIn\Cli;

/** Words and options of a command line: `--name value`, `--name=value`, `--flag`, `--map a=1 b=2`. */
final class Arguments
{
    /** Options that take no value. */
    private const FLAGS = ['help', 'daily', 'after-only', 'bare', 'copy', 'no-argument', 'no-settings', 'no-token', 'refresh'];
    /** Options that take key=value, several times or several words. */
    private const MAPS = ['option', 'param', 'form', 'get', 'post-field', 'custom-field', 'config'];

    /** @var list<string> */
    public array $words = [];

    /** @var array<string, list<string>> */
    private array $options = [];

    /** @param list<string> $arguments */
    public function __construct(array $arguments)
    {
        $map = null;
        while ($arguments !== []) {
            $argument = array_shift($arguments);
            if (!str_starts_with($argument, '--')) {
                if ($map !== null && str_contains($argument, '=')) {
                    $this->options[$map][] = $argument;
                } else {
                    $this->words[] = $argument;
                }
                continue;
            }
            [$name, $value] = explode('=', substr($argument, 2), 2) + [1 => null];
            $map = in_array($name, self::MAPS, true) ? $name : null;
            if (in_array($name, self::FLAGS, true)) {
                $this->options[$name] = ['1'];
                continue;
            }
            if ($value === null) {
                if ($arguments === []) {
                    throw new UsageError("The option --$name needs a value.");
                }
                $value = array_shift($arguments);
            }
            $this->options[$name][] = $value;
        }
    }

    public function flag(string $name): bool
    {
        return $this->take($name) !== [];
    }

    public function value(string $name, ?string $default = null): ?string
    {
        $values = $this->take($name);
        return $values === [] ? $default : end($values);
    }

    public function number(string $name, ?int $default = null): ?int
    {
        $value = $this->value($name);
        if ($value !== null && !preg_match('/^-?\d+$/', $value)) {
            throw new UsageError("The option --$name needs a number, not '$value'.");
        }
        return $value === null ? $default : (int) $value;
    }

    public function need(string $name): string
    {
        return $this->value($name) ?? throw new UsageError("The option --$name is missing.");
    }

    public function needNumber(string $name): int
    {
        return $this->number($name) ?? throw new UsageError("The option --$name is missing.");
    }

    public function word(string $what): string
    {
        return array_shift($this->words) ?? throw new UsageError("The $what is missing.");
    }

    /** @return list<string> */
    public function all(string $name): array
    {
        return $this->take($name);
    }

    /** @return array<string, string> */
    public function map(string $name): array
    {
        $map = [];
        foreach ($this->take($name) as $pair) {
            if (!str_contains($pair, '=')) {
                throw new UsageError("The option --$name takes key=value, not '$pair'.");
            }
            [$key, $value] = explode('=', $pair, 2);
            $map[$key] = self::content($value);
        }
        return $map;
    }

    /** Every option not taken yet, by its column name. @return array<string, string> */
    public function rest(array $aliases = []): array
    {
        $rest = [];
        foreach ($this->options as $name => $values) {
            $column = $aliases[$name] ?? str_replace('-', '_', $name);
            $rest[$column] = self::content(end($values));
        }
        $this->options = [];
        return $rest;
    }

    public function finish(): void
    {
        if ($this->options !== []) {
            throw new UsageError('This command has no option --' . implode(', --', array_keys($this->options)) . '; see `whmcs --help`.');
        }
        if ($this->words !== []) {
            throw new UsageError("The word '{$this->words[0]}' is not expected here; see `whmcs --help`.");
        }
    }

    /** `@file` reads the value from a file, `@@…` is a text that begins with @. */
    private static function content(string $value): string
    {
        if (str_starts_with($value, '@@')) {
            return substr($value, 1);
        }
        if (!str_starts_with($value, '@') || !is_file(substr($value, 1))) {
            return $value;
        }
        return (string) file_get_contents(substr($value, 1));
    }

    /** @return list<string> */
    private function take(string $name): array
    {
        $values = $this->options[$name] ?? [];
        unset($this->options[$name]);
        return $values;
    }
}

<?php

/**
 * ICU message patterns without ICU, for a PHP that lacks intl: named arguments, `plural` and `select` with
 * nesting, quotes by apostrophes. Of the plural forms only exact ones (`=1`), `one` and `other` are told
 * apart, and numbers are written as PHP prints them. A malformed pattern gives what can be read of it.
 */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class PlainMessage
{
    private string $pattern;
    private int $at = 0;

    private function __construct(string $pattern)
    {
        $this->pattern = $pattern;
    }

    /** @param array<string, string|int|float> $values by argument */
    public static function format(string $pattern, array $values): string
    {
        return self::write((new self($pattern))->message(false, false), $values, '#');
    }

    /** @return list<string> the names of the arguments, sorted, each once */
    public static function arguments(string $pattern): array
    {
        $names = array_values(array_unique(self::names((new self($pattern))->message(false, false))));
        sort($names);
        return $names;
    }

    /** @param list<string|array> $parts */
    private static function write(array $parts, array $values, string $number): string
    {
        $text = '';
        foreach ($parts as $part) {
            $text .= is_string($part) ? $part : self::argument($part, $values, $number);
        }
        return $text;
    }

    /** @param array{name: string, type: string, branches: array<string, list>} $part */
    private static function argument(array $part, array $values, string $number): string
    {
        if ($part['type'] === '#') {
            return $number;
        }
        $value = $values[$part['name']] ?? null;
        if ($value === null) {
            return '{' . $part['name'] . '}';
        }
        $branches = $part['branches'];
        if ($branches === []) {
            return (string) $value;
        }
        if ($part['type'] === 'select') {
            return self::write($branches[(string) $value] ?? $branches['other'] ?? [], $values, $number);
        }
        $form = (float) $value === 1.0 && isset($branches['one']) ? 'one' : 'other';
        return self::write($branches["=$value"] ?? $branches[$form] ?? [], $values, (string) $value);
    }

    /** @param list<string|array> $parts @return list<string> */
    private static function names(array $parts): array
    {
        $names = [];
        foreach ($parts as $part) {
            if (is_array($part) && $part['type'] !== '#') {
                array_push($names, $part['name'], ...array_merge(...array_values(array_map([self::class, 'names'], $part['branches']))));
            }
        }
        return $names;
    }

    /** @return list<string|array> texts and arguments, up to the end or to the brace that closes a branch */
    private function message(bool $inBranch, bool $inPlural): array
    {
        $parts = [];
        $text = '';
        while ($this->at < strlen($this->pattern)) {
            $letter = $this->pattern[$this->at];
            if ($letter === '}' && $inBranch) {
                break;
            }
            $this->at++;
            if ($letter === "'") {
                $text .= $this->quoted($inPlural);
            } elseif ($letter === '{' || ($letter === '#' && $inPlural)) {
                array_push($parts, $text, $letter === '#' ? ['name' => '', 'type' => '#', 'branches' => []] : $this->placeholder());
                $text = '';
            } else {
                $text .= $letter;
            }
        }
        return [...$parts, $text];
    }

    /** Two apostrophes are one; one quotes only before a letter that would mean something. */
    private function quoted(bool $inPlural): string
    {
        $next = $this->pattern[$this->at] ?? '';
        if ($next === "'") {
            $this->at++;
            return "'";
        }
        if ($next === '' || !str_contains($inPlural ? '{}#' : '{}', $next)) {
            return "'";
        }
        $text = '';
        while ($this->at < strlen($this->pattern)) {
            $letter = $this->pattern[$this->at++];
            if ($letter !== "'") {
                $text .= $letter;
            } elseif (($this->pattern[$this->at] ?? '') === "'") {
                $this->at++;
                $text .= "'";
            } else {
                break;
            }
        }
        return $text;
    }

    /** What follows an opening brace, and the brace that closes it. */
    private function placeholder(): array
    {
        $name = trim($this->until(',}'));
        $part = ['name' => $name, 'type' => '', 'branches' => []];
        if ($this->take() !== ',') {
            return $part;
        }
        $part['type'] = trim($this->until(',}'));
        if ($this->take() !== ',') {
            return $part;
        }
        if (!in_array($part['type'], ['plural', 'selectordinal', 'select'], true)) {
            $this->until('}');
            $this->take();
            return $part;
        }
        while (($selector = trim($this->until('{}'))) !== '' && $this->take() === '{') {
            $part['branches'][$selector] = $this->message(true, $part['type'] !== 'select');
            $this->take();
        }
        $this->take();
        return $part;
    }

    private function until(string $ends): string
    {
        $length = strcspn($this->pattern, $ends, $this->at);
        $text = substr($this->pattern, $this->at, $length);
        $this->at += $length;
        return $text;
    }

    private function take(): string
    {
        return $this->pattern[$this->at++] ?? '';
    }
}

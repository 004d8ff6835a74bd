<?php

declare(strict_types=1);

namespace MikrotikVpn\Bench;

/** A statement that adds up how long PHP spent in it, by the beginning of its text. */
final class TimedStatement extends \PDOStatement
{
    /** @var array<string, float> */
    public static array $seconds = [];

    protected function __construct()
    {
    }

    public function bindValue(string|int $param, mixed $value, int $type = \PDO::PARAM_STR): bool
    {
        return $this->timed('binding values', fn () => parent::bindValue($param, $value, $type));
    }

    public function execute(?array $params = null): bool
    {
        preg_match('/^\s*(\w+)(?:.*?\b(?:mod_mikrotikvpn_|(?=tbl))(\w+))?/s', $this->queryString, $match);
        return $this->timed(($match[1] ?? '') . ' ' . ($match[2] ?? ''), fn () => parent::execute($params));
    }

    public function fetchAll(int $mode = \PDO::FETCH_DEFAULT, mixed ...$args): array
    {
        return $this->timed('fetching rows', fn () => parent::fetchAll($mode, ...$args));
    }

    private function timed(string $what, \Closure $work): mixed
    {
        $start = hrtime(true);
        try {
            return $work();
        } finally {
            self::$seconds[$what] = (self::$seconds[$what] ?? 0.0) + (hrtime(true) - $start) / 1e9;
        }
    }
}

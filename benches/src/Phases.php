<?php

declare(strict_types=1);

namespace MikrotikVpn\Bench;

use WHMCS\Database\Capsule;

/** One collection seen from outside: its requests, and how long router and database took. */
final class Phases
{
    /**
     * @param list<Request> $requests
     * @param array<string, float> $statements seconds by statement
     */
    private function __construct(
        public readonly array $requests,
        private readonly float $begun,
        private readonly float $ended,
        private array $statements
    ) {
    }

    /** Runs one collection through a recorder, with every prepared statement timed. */
    public static function of(Site $site): self
    {
        $recorder = new Recorder($site->router->port());
        $site->reachRouterBy($recorder);
        $site->router->resetStats();
        $pdo = Capsule::connection()->getPdo();
        $pdo->setAttribute(\PDO::ATTR_STATEMENT_CLASS, [TimedStatement::class]);
        TimedStatement::$seconds = [];
        $begun = microtime(true);
        $site->collect();
        $ended = microtime(true);
        $pdo->setAttribute(\PDO::ATTR_STATEMENT_CLASS, [\PDOStatement::class]);
        $site->reachRouter();
        return new self($recorder->requests($site->router->stats()['total']), $begun, $ended, TimedStatement::$seconds);
    }

    public function tell(): void
    {
        Report::say('One collection through a recording proxy, with every prepared statement timed: %.3f s', $this->ended - $this->begun);
        $from = $this->begun;
        foreach ($this->requests as $request) {
            $name = preg_replace('#^/rest#', '', $request->path);
            $gap = max(0.0, $request->begun - $from);
            Report::say('  %6.1f ms later  %-34s %6.1f ms', $gap * 1e3, $name, ($request->answered - $request->begun) * 1e3);
            $from = max($from, $request->answered);
        }
        Report::say('  %6.1f ms later  the end', ($this->ended - $from) * 1e3);
        arsort($this->statements);
        foreach (array_filter($this->statements, static fn (float $seconds) => $seconds > 0.0005) as $what => $seconds) {
            Report::say('  %6.1f ms in     %s', $seconds * 1e3, $what);
        }
    }
}

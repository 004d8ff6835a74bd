<?php

declare(strict_types=1);

namespace MikrotikVpn\Bench;

/** UsageUpdate of a large router beside that of a small one, round by round. */
final class Growth
{
    /**
     * @param list<float> $seconds of the large one
     * @param list<float> $ratios of the time per account, large to small
     * @param int $memory bytes above PHP's own peak, of the large one
     */
    private function __construct(
        private readonly int $accounts,
        private readonly array $seconds,
        private readonly array $ratios,
        private readonly int $requests,
        private readonly int $memory,
        public readonly int $missing
    ) {
    }

    /** @param callable(callable(): void): float $timed */
    public static function measure(Site $few, Site $many, int $rounds, callable $timed): self
    {
        // The first one notes where the counters stand and books nothing.
        $many->collect();
        $seconds = $ratios = [];
        for ($round = 1; $round <= $rounds; $round++) {
            $few->flow();
            $small = $timed($few->collect(...));
            $many->flow();
            $many->router->resetStats();
            $seconds[] = $large = $timed($many->collect(...));
            $requests = $many->router->stats()['total'];
            $ratios[] = $large / $many->accounts / ($small / $few->accounts);
        }
        return new self($many->accounts, $seconds, $ratios, $requests, $many->footprint(), $many->missing());
    }

    public function tell(): void
    {
        Report::say('UsageUpdate of %-6d         %s s, %d requests', $this->accounts, Report::spread($this->seconds, '%.2f'), $this->requests);
        Report::say('time per account, ratio      %s; the bar is at most 1.3', Report::spread($this->ratios, '%.2f'));
        Report::say("memory                       %.1f MiB above PHP's own peak; the bar is at most 64", $this->memory / (1 << 20));
        Report::say('bytes booked and true        %s', $this->missing === 0 ? 'equal' : "{$this->missing} BYTES MISSING");
    }

    /** @return array<string, int|float> */
    public function figures(): array
    {
        return [
            'seconds' => round(Report::median($this->seconds), 3),
            'requests' => $this->requests,
            'time_per_account_ratio' => round(Report::median($this->ratios), 3),
            'memory_above_php_mib' => round($this->memory / (1 << 20), 1),
        ];
    }
}

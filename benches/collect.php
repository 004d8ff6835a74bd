<?php

/** UsageUpdate of many accounts beside its lower bound and a naive loop: see README.md. */

declare(strict_types=1);

use MikrotikVpn\Bench\BulkRows;
use MikrotikVpn\Bench\Growth;
use MikrotikVpn\Bench\NaiveLoop;
use MikrotikVpn\Bench\Phases;
use MikrotikVpn\Bench\Replay;
use MikrotikVpn\Bench\Report;
use MikrotikVpn\Bench\Site;

require __DIR__ . '/bootstrap.php';

ini_set('memory_limit', '-1');

$number = static fn (string $name, int $default): int => (int) getenv($name) ?: $default;
$accounts = $number('ACCOUNTS', 10_000);
$rounds = $number('ROUNDS', 7);
$sample = min($accounts, $number('LOOP_SAMPLE', 300));
$distance = $number('DISTANCE', 5);
$many = $number('MANY', 100_000);
$manyRounds = $number('MANY_ROUNDS', 3);
$timed = static function (callable $work): float {
    $start = hrtime(true);
    $work();
    return (hrtime(true) - $start) / 1e9;
};

Report::say('%d accounts, all online, %d rounds; extension %s', $accounts, $rounds, MikrotikVpn\Tests\Build::library());
MikrotikVpn\Tests\Whmcs::boot();
$site = new Site($accounts);
$site->collect();
$memory = $site->footprint();
$site->flow();
$phases = Phases::of($site);
$site->flow();
$site->collect();

$replay = new Replay($phases->requests, $site->router->port());
$rows = new BulkRows($site);
$loop = new NaiveLoop($site);
$collect = $requests = $write = $bound = $naive = $farCollect = $farNaive = [];
for ($round = 1; $round <= $rounds; $round++) {
    $site->flow();
    $site->router->resetStats();
    $collect[] = $timed($site->collect(...));
    $asked = $site->router->stats()['total'];

    $site->flow();
    $requests[] = $timed($replay->run(...));
    $write[] = $timed($rows->write(...));
    $bound[] = end($requests) + end($write);

    $naive[] = $timed(fn () => $loop->run($sample)) * $accounts / $sample;

    $site->router->fault(['effect' => ['kind' => 'delay', 'ms' => $distance]]);
    $site->flow();
    $farCollect[] = $timed($site->collect(...));
    $farNaive[] = $timed(fn () => $loop->run($sample)) * $accounts / $sample;
    $site->router->clearFaults();
}
$ratios = array_map(static fn (float $ours, float $least) => $ours / $least, $collect, $bound);
$speedup = static fn (float $ours, float $theirs): float => $theirs / $ours;
$speedups = array_map($speedup, $collect, $naive);
$farSpeedups = array_map($speedup, $farCollect, $farNaive);
$missing = $site->missing();

Report::say('');
Report::say('UsageUpdate                  %s s, %d requests', Report::spread($collect, '%.3f'), $asked);
Report::say('(a) lower bound              %s s', Report::spread($bound, '%.3f'));
Report::say('      its requests by curl   %s s', Report::spread($requests, '%.3f'));
Report::say('      its rows in bulk       %s s', Report::spread($write, '%.3f'));
Report::say('(b) one request per account  %s s, scaled up from %d accounts a round', Report::spread($naive, '%.1f'), $sample);
Report::say('every answer %d ms later:', $distance);
Report::say('      UsageUpdate            %s s', Report::spread($farCollect, '%.3f'));
Report::say('      (b)                    %s s', Report::spread($farNaive, '%.1f'));
Report::say('');
Report::say('ratio to (a)                 %s; the bar is at most 2', Report::spread($ratios, '%.2f'));
Report::say('speedup over (b), %d ms away  %s; the bar is at least 50', $distance, Report::spread($farSpeedups, '%.0f'));
Report::say('speedup over (b), no way     %s', Report::spread($speedups, '%.0f'));
Report::say('requests                     %d; the bar is at most 30', $asked);
Report::say("memory                       %.1f MiB above PHP's own peak", $memory / (1 << 20));
Report::say('bytes booked and true        %s', $missing === 0 ? 'equal' : "$missing BYTES MISSING");
Report::say('');
$phases->tell();

Report::say('');
$growth = Growth::measure($site, new Site($many), $manyRounds, $timed);
$growth->tell();

$folder = dirname(__DIR__) . '/target';
is_dir($folder) || mkdir($folder);
$figures = [
    'seconds' => round(Report::median($collect), 4),
    'ratio_to_lower_bound' => round(Report::median($ratios), 3),
    'speedup_over_loop' => round(Report::median($farSpeedups), 1),
    'speedup_over_loop_without_distance' => round(Report::median($speedups), 1),
    'requests' => $asked,
];
file_put_contents("$folder/bench.json", json_encode(["collect_$accounts" => $figures, "collect_$many" => $growth->figures()], JSON_PRETTY_PRINT) . "\n");
Report::say('written to target/bench.json');
exit($missing === 0 && $growth->missing === 0 ? 0 : 1);

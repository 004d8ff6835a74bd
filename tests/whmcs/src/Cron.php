<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/**
 * One invocation of cron.php. The daily part: PreCronJob, usage of every server, metrics,
 * DailyCronJobPreEmail, DailyCronJob; AfterCronJob ends every invocation. An exception in
 * UsageUpdate aborts the whole run, as it did to real sites on PHP 8.
 */
final class Cron
{
    public function __construct(private readonly Installation $installation)
    {
    }

    /**
     * @param 'auto'|'daily'|'after-only' $mode auto: the daily part runs when it has not run today
     * @return array<string, mixed>
     */
    public function run(string $mode = 'auto', ?string $task = null): array
    {
        $report = ['daily' => false, 'tasks' => [], 'aborted' => null];
        try {
            if ($task !== null) {
                $report['tasks'] = [$this->task($task)];
            } elseif ($mode === 'daily' || ($mode === 'auto' && $this->claimDailyRun())) {
                $report['daily'] = true;
                $report['tasks'] = $this->daily();
            }
        } catch (ContractViolation $violation) {
            $report['aborted'] = $violation->getMessage();
            return $report;
        }
        run_hook('AfterCronJob');
        return $report;
    }

    /** @return list<array<string, mixed>> */
    private function daily(): array
    {
        run_hook('PreCronJob');
        $tasks = [$this->task('UpdateServerUsage'), $this->task('CollectMetrics')];
        run_hook('DailyCronJobPreEmail');
        run_hook('DailyCronJob');
        return $tasks;
    }

    /** @return array<string, mixed> */
    private function task(string $name): array
    {
        if (!in_array($name, ['UpdateServerUsage', 'CollectMetrics'], true)) {
            throw new Failure("There is no task '$name': UpdateServerUsage or CollectMetrics.");
        }
        $started = microtime(true);
        $task = new class ($name) {
            public function __construct(private readonly string $name)
            {
            }

            public function getName(): string
            {
                return $this->name;
            }
        };
        run_hook('PreAutomationTask', ['task' => $task]);
        $servers = $name === 'UpdateServerUsage' ? $this->updateServerUsage() : $this->collectMetrics();
        run_hook('PostAutomationTask', ['task' => $task, 'completed' => true]);
        return ['task' => $name, 'servers' => $servers, 'seconds' => round(microtime(true) - $started, 4)];
    }

    /** @return list<array<string, mixed>> */
    private function updateServerUsage(): array
    {
        $results = [];
        foreach ($this->servers() as $server) {
            $module = $this->installation->modules->get($server->type);
            if (!$module->has('UsageUpdate')) {
                continue;
            }
            $outcome = $module->call('UsageUpdate', [(new Params($this->installation))->forServer($server->id, 'UsageUpdate')]);
            if (!$outcome->returned) {
                throw new ContractViolation($outcome->violations);
            }
            if (is_string($outcome->value) && $outcome->value !== 'success') {
                ActivityLog::add("Usage update of server {$server->id} ({$server->name}) failed: {$outcome->value}");
            }
            $results[] = ['server' => $server->id, 'module' => $server->type, 'returned' => $outcome->value, 'violations' => $outcome->violations];
        }
        return $results;
    }

    /** @return list<array<string, mixed>> */
    private function collectMetrics(): array
    {
        $results = [];
        foreach ($this->servers() as $server) {
            $module = $this->installation->modules->get($server->type);
            $hasServices = Capsule::table('tblhosting')->where('server', $server->id)->whereIn('domainstatus', ['Active', 'Suspended'])->exists();
            if ($hasServices && $module->has('MetricProvider')) {
                $results[] = (new Metrics($this->installation))->collect($module, $server->id);
            }
        }
        return $results;
    }

    /** Active and not disabled, of modules that are here. @return list<object> */
    private function servers(): array
    {
        return Capsule::table('tblservers')->where('active', 1)->where('disabled', 0)->orderBy('id')->get()
            ->filter(fn (object $server): bool => $this->installation->modules->has($server->type))->values()->all();
    }

    /** True for exactly one of several processes, once a day from the configured hour on. */
    private function claimDailyRun(): bool
    {
        $now = $this->installation->now();
        if ($now->hour < (int) \WHMCS\Config\Setting::getValue('DailyCronExecutionHour')) {
            return false;
        }
        return Capsule::table('tblconfiguration')->where('setting', 'lastDailyCronInvocationTime')->where('value', '<', $now->format('Y-m-d'))
            ->update(['value' => $now->format('Y-m-d H:i:s')]) === 1;
    }
}

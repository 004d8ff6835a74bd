<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/**
 * The loading checks: hooks.php alone, the main file alone, both in either order, each in a process
 * of its own; ConfigOptions with and without argument, twice; MetaData; metrics() with no params.
 */
final class ModuleCheck
{
    private const NAME_RULE = '/^[a-z][a-z0-9]*$/';

    public function __construct(private readonly Installation $installation, private readonly string $name)
    {
    }

    /** @return list<array{check: string, ok: bool, complaint: ?string}> */
    public function run(): array
    {
        $module = $this->installation->modules->get($this->name);
        $report = [$this->result('the name is lower-case letters and digits', preg_match(self::NAME_RULE, $this->name) === 1 ? null : "The name '{$this->name}' is not one word of lower-case letters and digits.", advice: true)];
        $orders = ['hooks' => 'hooks.php loads alone', 'main' => 'the main file loads alone', 'hooks,main' => 'hooks.php, then the main file', 'main,hooks' => 'the main file, then hooks.php'];
        foreach ($orders as $order => $what) {
            $report[] = $this->result($what, $this->loadElsewhere($order));
        }
        if ($report[2]['ok']) {
            $report = [...$report, ...$this->checkFunctions($module)];
        }
        return $report;
    }

    /** @return list<array{check: string, ok: bool, complaint: ?string}> */
    private function checkFunctions(Module $module): array
    {
        $settings = new ModuleSettings($this->installation, $module);
        $metrics = new Metrics($this->installation);
        return [
            $this->attempt('MetaData', static fn () => $module->metaData()),
            $this->attempt('ConfigOptions without argument', static fn () => $settings->fields('other', false)),
            $this->attempt('ConfigOptions with argument', static fn () => $settings->fields('other', true)),
            $this->attempt('ConfigOptions gives the same again', static fn () => array_keys($settings->fields()) === array_keys($settings->fields()) ?: throw new Failure('ConfigOptions gave other settings the second time.')),
            $this->attempt('metrics() without server or service', static fn () => $metrics->list($module)),
        ];
    }

    private function attempt(string $what, callable $body): array
    {
        $this->installation->takeViolations();
        $complaint = null;
        try {
            $body();
        } catch (ContractViolation | Failure $error) {
            $complaint = $error->getMessage();
        }
        $breaches = array_filter($this->installation->takeViolations(), static fn (Violation $one): bool => !$one->tolerated);
        return $this->result($what, $complaint ?? ($breaches === [] ? null : reset($breaches)->message));
    }

    /** A clash of names is fatal, so it needs another process. */
    private function loadElsewhere(string $order): ?string
    {
        $options = $this->installation->options;
        $command = [
            dirname(__DIR__) . '/whmcs', '--home', $this->installation->home->path, '--modules', $options->modules, '--tolerate', implode(',', Guard::$tolerated), '_load', $this->name, $order,
        ];
        $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['pipe', 'w']], $pipes);
        if ($process === false) {
            return 'The check could not start a process.';
        }
        stream_get_contents($pipes[1]);
        $complaint = trim((string) stream_get_contents($pipes[2]));
        $code = proc_close($process);
        return $code === 0 ? null : (str_replace('whmcs: ', '', $complaint) ?: "The process ended with code $code.");
    }

    private function result(string $check, ?string $complaint, bool $advice = false): array
    {
        return ['check' => $check, 'ok' => $complaint === null || $advice, 'complaint' => $complaint];
    }
}

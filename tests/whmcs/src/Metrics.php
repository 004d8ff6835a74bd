<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;
use WHMCS\UsageBilling\Contracts\Metrics\MetricInterface;
use WHMCS\UsageBilling\Contracts\Metrics\ProviderInterface;

/**
 * Collects metrics of a module and keeps them as WHMCS bills them: a snapshot is the last value; a
 * period metric overwrites the record of its calendar day or month, and the records are summed.
 */
final class Metrics
{
    private const TYPES = [MetricInterface::TYPE_SNAPSHOT => 'snapshot', MetricInterface::TYPE_PERIOD_DAY => 'day', MetricInterface::TYPE_PERIOD_MONTH => 'month'];

    public function __construct(private readonly Installation $installation)
    {
    }

    /**
     * The list a product's Module Settings shows: no server and no service may be at hand.
     *
     * @return list<array<string, mixed>>
     */
    public function list(Module $module): array
    {
        $provider = $this->provider($module, []);
        return $provider === null ? [] : array_map($this->describe(...), $this->metrics($module, 'metrics()', static fn (): mixed => $provider->metrics()));
    }

    /** usage() of one server, stored. @return array<string, mixed> */
    public function collect(Module $module, int $serverId): array
    {
        $provider = $this->provider($module, (new Params($this->installation))->forServer($serverId, 'MetricProvider'));
        if ($provider === null) {
            return ['server' => $serverId, 'tenants' => 0, 'stored' => 0, 'ignored' => []];
        }
        $usage = $this->guarded($module, 'usage()', static fn (): mixed => $provider->usage());
        if (!is_array($usage) && !$usage instanceof \Traversable) {
            $this->complain($module, 'usage() returned ' . ReturnRules::type($usage) . ' where tenant => metrics is expected');
            return ['server' => $serverId, 'tenants' => 0, 'stored' => 0, 'ignored' => []];
        }
        $known = $this->tenants($module, $serverId);
        [$rows, $ignored] = [[], []];
        foreach ($usage as $tenant => $metrics) {
            if (!isset($known[(string) $tenant])) {
                $ignored[] = (string) $tenant;
                continue;
            }
            foreach ($this->checked($module, "usage() for the tenant '$tenant'", $metrics) as $metric) {
                ($row = $this->row($module, $serverId, (string) $tenant, $metric)) === null || $rows[] = $row;
            }
        }
        $this->store($rows);
        return ['server' => $serverId, 'tenants' => count($known), 'stored' => count($rows), 'ignored' => $ignored];
    }

    /** tenantUsage() of one service, stored: the admin's "Refresh Now". @return list<array<string, mixed>> */
    public function refresh(Module $module, int $serviceId): array
    {
        $service = Capsule::table('tblhosting')->find($serviceId) ?? throw new Failure("There is no service $serviceId.");
        $provider = $this->provider($module, (new Params($this->installation))->forServer((int) $service->server, 'MetricProvider'));
        if ($provider === null) {
            return [];
        }
        $tenant = $this->tenantOf($module, $service);
        $metrics = $this->metrics($module, "tenantUsage('$tenant')", static fn (): mixed => $provider->tenantUsage($tenant));
        $this->store(array_values(array_filter(array_map(fn (MetricInterface $metric): ?array => $this->row($module, (int) $service->server, $tenant, $metric), $metrics))));
        return array_map($this->describe(...), $metrics);
    }

    /**
     * What would be billed or shown for a service: metric => value.
     *
     * @return array<string, array{type: string, value: float, collectedAt: string, periods: array<string, float>}>
     */
    public function ofService(Module $module, int $serviceId): array
    {
        $service = Capsule::table('tblhosting')->find($serviceId) ?? throw new Failure("There is no service $serviceId.");
        $rows = Capsule::table('standin_metrics')->where('module', $module->name)->where('server', $service->server)->where('tenant', $this->tenantOf($module, $service))->orderBy('period')->get();
        $values = [];
        foreach ($rows as $row) {
            $values[$row->metric] ??= ['type' => $row->type, 'value' => 0.0, 'collectedAt' => '', 'periods' => []];
            $values[$row->metric]['value'] += $row->value;
            $values[$row->metric]['periods'][$row->period] = (float) $row->value;
            $values[$row->metric]['collectedAt'] = max($values[$row->metric]['collectedAt'], $row->collected_at);
        }
        return $values;
    }

    private function provider(Module $module, array $params): ?ProviderInterface
    {
        if (!$module->has('MetricProvider')) {
            return null;
        }
        $outcome = $module->call('MetricProvider', [$params]);
        return $outcome->clean() ? $outcome->value : null;
    }

    /** @return list<MetricInterface> */
    private function metrics(Module $module, string $what, callable $body): array
    {
        return $this->checked($module, $what, $this->guarded($module, $what, $body));
    }

    private function guarded(Module $module, string $what, callable $body): mixed
    {
        $outcome = Guard::run("{$module->name}'s metric provider, $what,", $body);
        $this->installation->report($outcome);
        return $outcome->value;
    }

    /** @return list<MetricInterface> */
    private function checked(Module $module, string $what, mixed $metrics): array
    {
        if (!is_iterable($metrics)) {
            $this->complain($module, "$what returned " . ReturnRules::type($metrics) . ' where a list of metrics is expected');
            return [];
        }
        $list = [];
        foreach ($metrics as $metric) {
            if (!$metric instanceof MetricInterface) {
                $this->complain($module, "$what returned " . ReturnRules::type($metric) . ' in the list of metrics');
            } elseif (!isset(self::TYPES[$metric->type()])) {
                $this->complain($module, "$what returned the metric {$metric->systemName()} with the unknown type " . ReturnRules::type($metric->type()));
            } else {
                $list[] = $metric;
            }
        }
        return $list;
    }

    private function complain(Module $module, string $message): void
    {
        $this->installation->report((new Outcome(null, true, []))->with('metrics', "{$module->name}'s metric provider:", $message));
    }

    /** @return array<string, mixed>|null null for a metric without usage: the stored value stays, stale */
    private function row(Module $module, int $serverId, string $tenant, MetricInterface $metric): ?array
    {
        $usage = $metric->usage();
        if ($usage === null) {
            return null;
        }
        $type = self::TYPES[$metric->type()];
        $now = $this->installation->now();
        return [
            'module' => $module->name, 'server' => $serverId, 'tenant' => $tenant, 'metric' => (string) $metric->systemName(), 'type' => $type,
            'period' => match ($type) {
                'day' => $now->format('Y-m-d'),
                'month' => $now->format('Y-m'),
                default => '',
            },
            'value' => (float) $usage->value(), 'collected_at' => $now->format('Y-m-d H:i:s'),
        ];
    }

    /** @param list<array<string, mixed>> $rows */
    private function store(array $rows): void
    {
        foreach (array_chunk($rows, 1000) as $chunk) {
            Capsule::table('standin_metrics')->upsert($chunk, ['module', 'server', 'tenant', 'metric', 'period'], ['value', 'collected_at', 'type']);
        }
    }

    /** Tenants WHMCS knows on a server: values of the identifier field of its services. @return array<string, true> */
    private function tenants(Module $module, int $serverId): array
    {
        $field = $this->identifierField($module);
        $services = Capsule::table('tblhosting AS h')->join('tblproducts AS p', 'p.id', '=', 'h.packageid')->where('p.servertype', $module->name)
            ->where('h.server', $serverId)->whereIn('h.domainstatus', ['Active', 'Suspended']);
        if (!str_starts_with($field, 'customfield.')) {
            return array_fill_keys($services->pluck("h.$field")->filter(static fn (string $value): bool => $value !== '')->all(), true);
        }
        return array_fill_keys($services->get(['h.id', 'h.packageid', 'h.username', 'h.domain'])->map(fn (object $row): string => $this->tenantOf($module, $row))->filter()->all(), true);
    }

    private function tenantOf(Module $module, object $service): string
    {
        $field = $this->identifierField($module);
        if (!str_starts_with($field, 'customfield.')) {
            return (string) $service->$field;
        }
        $name = ServiceValues::key(substr($field, strlen('customfield.')));
        return (string) ((new ServiceValues())->customFields('product', (int) $service->packageid, (int) $service->id)[$name] ?? '');
    }

    private function identifierField(Module $module): string
    {
        return (string) ($module->metaData()['ListAccountsUniqueIdentifierField'] ?? 'domain');
    }

    /** @return array<string, mixed> */
    private function describe(MetricInterface $metric): array
    {
        return [
            'systemName' => $metric->systemName(), 'displayName' => $metric->displayName(), 'type' => self::TYPES[$metric->type()] ?? null,
            'unit' => $metric->units()->name(), 'suffix' => $metric->units()->suffix(), 'value' => $metric->usage()?->value(),
        ];
    }
}

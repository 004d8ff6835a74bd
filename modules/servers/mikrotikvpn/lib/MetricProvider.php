<?php

/**
 * Usage metrics in the classes WHMCS wants them in. Names and values are the extension's; what goes
 * wrong is an empty answer, for WHMCS then keeps the values it has.
 */

namespace WHMCS\Module\Server\Mikrotikvpn;

use WHMCS\UsageBilling\Contracts\Metrics\MetricInterface;
use WHMCS\UsageBilling\Contracts\Metrics\ProviderInterface;
use WHMCS\UsageBilling\Metrics\Metric;
use WHMCS\UsageBilling\Metrics\Units\GigaBytes;
use WHMCS\UsageBilling\Metrics\Usage;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class MetricProvider implements ProviderInterface
{
    /** @var array<string, mixed> */
    private $params;

    /** @param array<string, mixed> $params server keys, or nothing on the pages that only list metrics */
    public function __construct(array $params)
    {
        $this->params = $params;
    }

    /** @return list<Metric> without usage */
    public function metrics()
    {
        return $this->quietly(function (): array {
            return array_values($this->known());
        });
    }

    /** @return array<string, list<Metric>> by username */
    public function usage()
    {
        return $this->quietly(function (): array {
            return $this->reported(null);
        });
    }

    /** @return list<Metric> */
    public function tenantUsage($tenant)
    {
        return $this->quietly(function () use ($tenant): array {
            return array_merge([], ...array_values($this->reported((string) $tenant)));
        });
    }

    /** @return array<string, Metric> */
    private function known(): array
    {
        $metrics = [];
        foreach (\MikrotikVpn\metrics() as $name => $label) {
            $metrics[$name] = new Metric($name, $label, MetricInterface::TYPE_PERIOD_MONTH, new GigaBytes());
        }
        return $metrics;
    }

    /** @return array<string, list<Metric>> */
    private function reported(?string $tenant): array
    {
        $known = $this->known();
        return array_map(static function (array $values) use ($known): array {
            return array_map(static function (Metric $metric) use ($values): Metric {
                return $metric->withUsage(new Usage($values[$metric->systemName()]));
            }, array_values($known));
        }, \MikrotikVpn\metricUsage($this->params, $tenant));
    }

    private function quietly(callable $answer): array
    {
        try {
            return $answer();
        } catch (\Throwable $error) {
            error_log('mikrotikvpn, metrics: ' . $error->getMessage());
            return [];
        }
    }
}

<?php

declare(strict_types=1);

namespace WHMCS\UsageBilling\Contracts\Metrics;

interface ProviderInterface
{
    /** @return MetricInterface[] without usage; no remote call may be made */
    public function metrics();

    /** @return array<string, MetricInterface[]> tenant => metrics with usage, for the whole server */
    public function usage();

    /** @return MetricInterface[] with usage, for one tenant */
    public function tenantUsage($tenant);
}

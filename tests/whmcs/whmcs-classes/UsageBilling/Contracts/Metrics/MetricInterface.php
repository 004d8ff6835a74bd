<?php

declare(strict_types=1);

namespace WHMCS\UsageBilling\Contracts\Metrics;

interface MetricInterface
{
    // The values are the stand-in's own: nobody may rely on them, only on the names.
    public const TYPE_SNAPSHOT = 'standin-snapshot';
    public const TYPE_PERIOD_DAY = 'standin-day';
    public const TYPE_PERIOD_MONTH = 'standin-month';

    public function systemName();

    public function displayName();

    public function type();

    public function units();

    public function usage();

    public function withUsage(?UsageInterface $usage = null);
}

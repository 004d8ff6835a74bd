<?php

declare(strict_types=1);

namespace WHMCS\UsageBilling\Metrics;

use WHMCS\Carbon;
use WHMCS\UsageBilling\Contracts\Metrics\UsageInterface;

class Usage implements UsageInterface
{
    private $value;
    private $collectedAt;
    private $startAt;
    private $endAt;

    public function __construct($value, $collectedAt = null, $startAt = null, $endAt = null)
    {
        if (!is_numeric($value)) {
            throw new \InvalidArgumentException('The value of a Usage must be a number, not ' . get_debug_type($value) . '.');
        }
        $this->value = (float) $value;
        $this->collectedAt = self::moment($collectedAt) ?? Carbon::now();
        $this->startAt = self::moment($startAt);
        $this->endAt = self::moment($endAt);
    }

    public function collectedAt()
    {
        return $this->collectedAt;
    }

    public function startAt()
    {
        return $this->startAt;
    }

    public function endAt()
    {
        return $this->endAt;
    }

    public function value()
    {
        return $this->value;
    }

    private static function moment($time)
    {
        if ($time === null || $time instanceof \Carbon\CarbonInterface) {
            return $time;
        }
        if (is_int($time) || is_float($time)) {
            return Carbon::createFromTimestamp((int) $time);
        }
        throw new \InvalidArgumentException('A time of a Usage must be Carbon, a timestamp or null, not ' . get_debug_type($time) . '.');
    }
}

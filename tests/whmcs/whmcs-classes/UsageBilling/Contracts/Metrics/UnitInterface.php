<?php

declare(strict_types=1);

namespace WHMCS\UsageBilling\Contracts\Metrics;

interface UnitInterface
{
    public const TYPE_CURRENCY = 'standin-currency';
    public const TYPE_FLOAT_PRECISION_LOW = 'standin-float-low';
    public const TYPE_FLOAT_PRECISION_HIGH = 'standin-float-high';
    public const TYPE_INT = 'standin-int';
    public const TYPE_MICROTIME = 'standin-microtime';

    public function name();

    public function perUnitName($value = 0);

    public function prefix();

    public function suffix();

    public function type();

    public function decorate($value);

    public function formatForType($value);

    public function roundForType($value);
}

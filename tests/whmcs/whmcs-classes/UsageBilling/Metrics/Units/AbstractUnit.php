<?php

declare(strict_types=1);

namespace WHMCS\UsageBilling\Metrics\Units;

use WHMCS\UsageBilling\Contracts\Metrics\UnitInterface;

abstract class AbstractUnit implements UnitInterface
{
    private $name;
    private $single;
    private $plural;
    private $prefix;
    private $suffix;

    public function __construct($name, $singlePerUnitName = null, $pluralPerUnitName = null, $prefix = null, $suffix = null)
    {
        $this->name = $name;
        $this->single = $singlePerUnitName ?? $name;
        $this->plural = $pluralPerUnitName ?? $name;
        $this->prefix = $prefix;
        $this->suffix = $suffix;
    }

    public function name()
    {
        return $this->name;
    }

    public function perUnitName($value = 0)
    {
        return (float) $value === 1.0 ? $this->single : $this->plural;
    }

    public function prefix()
    {
        return $this->prefix;
    }

    public function suffix()
    {
        return $this->suffix;
    }

    public function decorate($value)
    {
        return trim(($this->prefix ?? '') . $value . ' ' . ($this->suffix ?? ''));
    }

    public function formatForType($value)
    {
        return number_format((float) $value, $this->decimals(), '.', '');
    }

    public function roundForType($value)
    {
        return round((float) $value, $this->decimals());
    }

    private function decimals(): int
    {
        return match ($this->type()) {
            self::TYPE_INT => 0,
            self::TYPE_FLOAT_PRECISION_HIGH, self::TYPE_MICROTIME => 6,
            default => 2,
        };
    }
}

<?php

declare(strict_types=1);

namespace WHMCS\View\Formatter;

class Price
{
    public function __construct(protected $price, protected $currency = [])
    {
    }

    public function toNumeric()
    {
        return (float) $this->price;
    }

    public function toPrefixed()
    {
        return ($this->currency['prefix'] ?? '') . number_format((float) $this->price, 2, '.', '');
    }

    public function toFull()
    {
        return $this->toPrefixed() . ($this->currency['suffix'] ?? '');
    }

    public function __toString(): string
    {
        return $this->toFull();
    }
}

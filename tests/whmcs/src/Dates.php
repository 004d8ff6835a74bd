<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** Dates as WHMCS prints them, by the setting DateFormat. */
final class Dates
{
    public static function fromMySql(string $date, bool $time, string $zero): string
    {
        if ($date === '' || str_starts_with($date, '0000-00-00')) {
            return $zero !== '' ? $zero : str_replace(['d', 'm', 'Y'], ['00', '00', '0000'], self::format());
        }
        $moment = date_create($date);
        return $moment === false ? $date : $moment->format(self::format() . ($time ? ' H:i' : ''));
    }

    public static function toMySql(string $date): string
    {
        $moment = \DateTimeImmutable::createFromFormat(self::format() . (str_contains($date, ':') ? ' H:i' : '|'), $date);
        return $moment === false ? '' : $moment->format(str_contains($date, ':') ? 'Y-m-d H:i:s' : 'Y-m-d');
    }

    public static function today(): string
    {
        return Installation::current()->now()->format(self::format());
    }

    private static function format(): string
    {
        return strtr((string) \WHMCS\Config\Setting::getValue('DateFormat'), ['DD' => 'd', 'MM' => 'm', 'YYYY' => 'Y']);
    }
}

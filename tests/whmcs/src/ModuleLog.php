<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** The module log. Stored only while ModuleDebugMode is on; the mask holds literal values to blank out. */
final class ModuleLog
{
    public static function add(mixed $module, mixed $action, mixed $request, mixed $response, mixed $processed, mixed $mask): void
    {
        $wrong = array_filter(
            ['module' => is_string($module), 'action' => is_string($action), 'mask' => is_array($mask)],
            static fn (bool $fits): bool => !$fits
        );
        foreach (array_keys($wrong) as $name) {
            Guard::complain('api', "called logModuleCall() with a $name of the wrong type");
        }
        if (!\WHMCS\Config\Setting::getValue('ModuleDebugMode')) {
            return;
        }
        $hidden = array_values(array_filter(array_map(static fn (mixed $value): string => is_scalar($value) ? (string) $value : '', (array) $mask), static fn (string $value): bool => $value !== ''));
        usort($hidden, static fn (string $a, string $b): int => strlen($b) <=> strlen($a));
        Capsule::table('tblmodulelog')->insert([
            'date' => Installation::current()->now()->format('Y-m-d H:i:s'), 'module' => is_scalar($module) ? (string) $module : '', 'action' => is_scalar($action) ? (string) $action : '',
            'request' => self::text($request, $hidden), 'response' => self::text($response, $hidden), 'arrdata' => self::text($processed, $hidden),
        ]);
    }

    /** @param list<string> $hidden */
    private static function text(mixed $value, array $hidden): string
    {
        $text = is_scalar($value) || $value === null ? (string) $value : self::dump($value);
        foreach ($hidden as $secret) {
            $text = str_replace([$secret, rawurlencode($secret), htmlspecialchars($secret, ENT_QUOTES)], str_repeat('*', strlen($secret)), $text);
        }
        return $text;
    }

    private static function dump(mixed $value): string
    {
        // print_r of a model drags in the whole client record, passwords included: exactly what WHMCS does too.
        return print_r($value instanceof \JsonSerializable ? $value->jsonSerialize() : self::plain($value), true);
    }

    private static function plain(mixed $value): mixed
    {
        if (is_array($value)) {
            return array_map(self::plain(...), $value);
        }
        return $value instanceof \Illuminate\Contracts\Support\Arrayable ? $value->toArray() : $value;
    }
}

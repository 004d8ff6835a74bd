<?php

declare(strict_types=1);

namespace WHMCS\Config;

use WHMCS\Database\Capsule;

/** A row of tblconfiguration. */
class Setting extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tblconfiguration';
    /** @var array<string, string>|null */
    private static ?array $cache = null;

    /** @return array<string, string> all settings, read again */
    public static function reload(): array
    {
        return self::$cache = Capsule::table('tblconfiguration')->pluck('value', 'setting')->all();
    }

    public static function getValue($setting)
    {
        return (self::$cache ?? self::reload())[$setting] ?? null;
    }

    public static function setValue($setting, $value)
    {
        Capsule::table('tblconfiguration')->updateOrInsert(['setting' => $setting], ['value' => (string) $value, 'updated_at' => date('Y-m-d H:i:s')]);
        self::$cache[$setting] = (string) $value;
        return true;
    }
}

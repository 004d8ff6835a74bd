<?php

declare(strict_types=1);

namespace WHMCS\StandIn;

/** The global class Menu: context of the page for menu hooks. */
class Menu
{
    /** @var array<string, mixed> */
    private static array $context = [];

    public static function addContext($key, $value)
    {
        self::$context[$key] = $value;
    }

    public static function context($key)
    {
        return self::$context[$key] ?? null;
    }

    public static function forget()
    {
        self::$context = [];
    }

    public static function primarySidebar($name = '')
    {
        return \WHMCS\View\Menu\Item::root('primarySidebar');
    }
}

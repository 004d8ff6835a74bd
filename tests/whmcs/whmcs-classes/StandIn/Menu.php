<?php

declare(strict_types=1);

namespace WHMCS\StandIn;

/** The global class Menu: context of the page for menu hooks. */
class Menu
{
    /** @var array<string, mixed> */
    private static array $context = [];

    /** @var array<string, \WHMCS\View\Menu\Item> */
    private static array $roots = [];

    public static function addContext($key, $value)
    {
        self::$context[$key] = $value;
    }

    public static function context($key)
    {
        return self::$context[$key] ?? null;
    }

    /** The page being built tells its menus here. */
    public static function setRoots(array $roots)
    {
        self::$roots = $roots;
    }

    public static function primarySidebar()
    {
        return self::$roots['primarySidebar'] ?? new \WHMCS\View\Menu\Item('primarySidebar');
    }

    public static function secondarySidebar()
    {
        return self::$roots['secondarySidebar'] ?? new \WHMCS\View\Menu\Item('secondarySidebar');
    }
}

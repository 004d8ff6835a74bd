<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\View\Menu\Item;

/** The menus every client page has, as far as modules are known to reach into them. */
final class Navigation
{
    /** The two bars at the top, after their hooks. @return array{primaryNavbar: Item, secondaryNavbar: Item} */
    public static function bars(bool $loggedIn): array
    {
        [$primary, $secondary] = [new Item('primaryNavbar'), new Item('secondaryNavbar')];
        $page = Web\Address::base() . '/clientarea.php';
        $primary->addChild('Home', ['label' => \Lang::trans('clientareanavhome'), 'uri' => $page, 'order' => 10]);
        if ($loggedIn) {
            $services = $primary->addChild('Services', ['label' => \Lang::trans('clientareanavservices'), 'uri' => '#', 'order' => 20]);
            $services->addChild('My Services', ['label' => \Lang::trans('clientareaproducts'), 'uri' => "$page?action=services", 'order' => 10]);
        }
        $account = $secondary->addChild('Account', ['label' => \Lang::trans($loggedIn ? 'information' : 'login'), 'uri' => '#', 'order' => 10]);
        $loggedIn
            ? $account->addChild('Logout', ['label' => \Lang::trans('logout'), 'uri' => Web\Address::base() . '/logout.php', 'order' => 50])
            : $account->addChild('Login', ['label' => \Lang::trans('login'), 'uri' => Web\Address::base() . '/login.php', 'order' => 10]);
        run_hook('ClientAreaPrimaryNavbar', $primary);
        run_hook('ClientAreaSecondaryNavbar', $secondary);
        return ['primaryNavbar' => $primary, 'secondaryNavbar' => $secondary];
    }

    /** Sidebars of the list of services, after their hooks. @return array{primarySidebar: Item, secondarySidebar: Item} */
    public static function sidebarsOfServices(): array
    {
        $sidebars = ['primarySidebar' => new Item('primarySidebar'), 'secondarySidebar' => new Item('secondarySidebar')];
        \Menu::setRoots($sidebars);
        $actions = $sidebars['secondarySidebar']->addChild('My Services Actions', ['label' => \Lang::trans('actions'), 'icon' => 'fa-plus', 'order' => 20]);
        $actions->addChild('Overview', ['label' => \Lang::trans('overview'), 'uri' => Web\Address::base() . '/clientarea.php', 'order' => 10]);
        run_hook('ClientAreaPrimarySidebar', $sidebars['primarySidebar']);
        run_hook('ClientAreaSecondarySidebar', $sidebars['secondarySidebar']);
        return $sidebars;
    }
}

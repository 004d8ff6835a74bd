<?php

/**
 * Our items in the sidebar of a product page, beside WHMCS's "Information". The service id comes from the URL:
 * the extension says what its owner may see.
 */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class Sidebar
{
    private const PANEL = 'Service Details Overview';
    private const TITLES = ['statistics' => 'stats_title', 'history' => 'history_title'];

    /** @param \WHMCS\View\Menu\Item $sidebar the root of the hook ClientAreaPrimarySidebar */
    public static function extend($sidebar): void
    {
        $panel = $sidebar->getChild(self::PANEL);
        $id = $_REQUEST['id'] ?? '';
        if ($panel === null || !is_string($id)) {
            return;
        }
        $pages = \MikrotikVpn\clientMenu((int) $id, (int) ($_SESSION['uid'] ?? 0));
        if ($pages === []) {
            return;
        }
        $page = 'clientarea.php?action=productdetails&id=' . (int) $id;
        $language = Language::ofVisitor(['clientsdetails' => ['language' => self::languageOfClient()]]);
        $open = TrafficPages::wanted();
        foreach ($pages as $order => $key) {
            $panel->addChild("mikrotikvpn-$key", [
                'label' => htmlspecialchars($language->text(self::TITLES[$key])),
                'uri' => "$page&" . TrafficPages::PARAMETER . "=$key",
                'order' => 11 + $order,
                'current' => $key === $open,
            ]);
        }
        $information = $panel->getChild('Information');
        if ($information !== null && in_array($open, $pages, true)) {
            // It would show the tab it is on, which holds our page.
            $information->setUri($page)->setAttribute('dataToggleTab', false)->setCurrent(false);
        }
    }

    private static function languageOfClient(): string
    {
        $client = class_exists('Menu') ? \Menu::context('client') : null;
        return (string) ($client->language ?? '');
    }
}

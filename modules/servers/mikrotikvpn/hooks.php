<?php

/**
 * Hooks of the module. WHMCS includes this file on every page, alone, once a product with this
 * module was saved: it only registers, and no hook of it may disturb a page.
 */

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

// Fires for the services of every module; the extension knows which ones are ours.
add_hook('ServiceDelete', 1, static function (array $vars): void {
    try {
        if (function_exists('MikrotikVpn\serviceDeleted')) {
            \MikrotikVpn\serviceDeleted((int) ($vars['serviceid'] ?? 0));
        }
    } catch (\Throwable $error) {
        error_log('mikrotikvpn, hook ServiceDelete: ' . $error->getMessage());
    }
});

// Fires at the end of every cron run; the extension knows which servers are due.
add_hook('AfterCronJob', 1, static function (): void {
    try {
        if (function_exists('MikrotikVpn\afterCronJob')) {
            \MikrotikVpn\afterCronJob();
        }
    } catch (\Throwable $error) {
        error_log('mikrotikvpn, hook AfterCronJob: ' . $error->getMessage());
    }
});

// Fires on every page that has a sidebar; only a product page has that panel.
add_hook('ClientAreaPrimarySidebar', 1, static function ($sidebar): void {
    try {
        if (function_exists('MikrotikVpn\clientMenu') && $sidebar->getChild('Service Details Overview') !== null) {
            require_once __DIR__ . '/lib/autoload.php';
            \WHMCS\Module\Server\Mikrotikvpn\Sidebar::extend($sidebar);
        }
    } catch (\Throwable $error) {
        error_log('mikrotikvpn, hook ClientAreaPrimarySidebar: ' . $error->getMessage());
    }
});

<?php

/**
 * Hooks of the module. WHMCS includes this file on every page, alone, once a product with this
 * module was saved: it only registers, and no hook of it may disturb a page.
 */

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

$fits = static function (): bool {
    require_once __DIR__ . '/lib/Extension.php';
    return \WHMCS\Module\Server\Mikrotikvpn\Extension::fits();
};

// Fires for the services of every module; the extension knows which ones are ours.
add_hook('ServiceDelete', 1, static function (array $vars) use ($fits): void {
    try {
        if ($fits()) {
            \MikrotikVpn\serviceDeleted((int) ($vars['serviceid'] ?? 0));
        }
    } catch (\Throwable $error) {
        error_log('mikrotikvpn, hook ServiceDelete: ' . $error->getMessage());
    }
});

// Fires at the end of every cron run; the extension knows which servers are due.
add_hook('AfterCronJob', 1, static function () use ($fits): void {
    try {
        if ($fits()) {
            \MikrotikVpn\afterCronJob();
        } else {
            \WHMCS\Module\Server\Mikrotikvpn\Extension::complainOfCron();
        }
    } catch (\Throwable $error) {
        error_log('mikrotikvpn, hook AfterCronJob: ' . $error->getMessage());
    }
});

// Fires on every page that has a sidebar; only a product page has that panel.
add_hook('ClientAreaPrimarySidebar', 1, static function ($sidebar) use ($fits): void {
    try {
        if ($fits() && $sidebar->getChild('Service Details Overview') !== null) {
            require_once __DIR__ . '/lib/autoload.php';
            \WHMCS\Module\Server\Mikrotikvpn\Sidebar::extend($sidebar);
        }
    } catch (\Throwable $error) {
        error_log('mikrotikvpn, hook ClientAreaPrimarySidebar: ' . $error->getMessage());
    }
});

// A product of ours was saved with settings that cannot be used: the activity log says which.
add_hook('ProductEdit', 1, static function (array $vars) use ($fits): void {
    try {
        if ($fits()) {
            \MikrotikVpn\productSaved((int) ($vars['pid'] ?? 0));
        }
    } catch (\Throwable $error) {
        error_log('mikrotikvpn, hook ProductEdit: ' . $error->getMessage());
    }
});

// Fires for every mail of WHMCS; the extension knows which ones are about services of ours.
add_hook('EmailPreSend', 1, static function (array $vars) use ($fits): array {
    try {
        if ($fits()) {
            return \MikrotikVpn\mailFields((string) ($vars['messagename'] ?? ''), (int) ($vars['relid'] ?? 0));
        }
    } catch (\Throwable $error) {
        error_log('mikrotikvpn, hook EmailPreSend: ' . $error->getMessage());
    }
    return [];
});

// The editor of product e-mail templates lists what EmailPreSend gives.
add_hook('EmailTplMergeFields', 1, static function (array $vars): array {
    try {
        if (($vars['type'] ?? '') === 'product') {
            require_once __DIR__ . '/lib/autoload.php';
            return \WHMCS\Module\Server\Mikrotikvpn\MailTexts::fieldLabels();
        }
    } catch (\Throwable $error) {
        error_log('mikrotikvpn, hook EmailTplMergeFields: ' . $error->getMessage());
    }
    return [];
});

add_hook('AdminHomeWidgets', 1, static function () use ($fits) {
    try {
        if ($fits()) {
            require_once __DIR__ . '/lib/autoload.php';
            return new \WHMCS\Module\Server\Mikrotikvpn\RoutersWidget();
        }
    } catch (\Throwable $error) {
        error_log('mikrotikvpn, hook AdminHomeWidgets: ' . $error->getMessage());
    }
    return null;
});

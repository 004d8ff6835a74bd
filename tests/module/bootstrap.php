<?php

/**
 * Before any test: which PHP and which library is this, really? A green run of last week's build,
 * or of a copy PHP found elsewhere, is worse than a red one.
 */

declare(strict_types=1);

require dirname(__DIR__) . '/whmcs/bootstrap.php';
spl_autoload_register(static function (string $class): void {
    $file = __DIR__ . '/src/' . substr($class, strlen('MikrotikVpn\\Tests\\')) . '.php';
    if (str_starts_with($class, 'MikrotikVpn\\Tests\\') && is_file($file)) {
        require $file;
    }
});

MikrotikVpn\Tests\Build::check();
MikrotikVpn\Tests\Whmcs::boot();

<?php

declare(strict_types=1);

require dirname(__DIR__) . '/tests/whmcs/bootstrap.php';
spl_autoload_register(static function (string $class): void {
    $folders = ['MikrotikVpn\\Bench\\' => __DIR__, 'MikrotikVpn\\Tests\\' => dirname(__DIR__) . '/tests/module'];
    foreach ($folders as $prefix => $folder) {
        if (str_starts_with($class, $prefix)) {
            require "$folder/src/" . substr($class, strlen($prefix)) . '.php';
        }
    }
});

<?php

declare(strict_types=1);

// Started by `run`, which loads the extension and sets the environment.

require 'PHPUnit/Autoload.php'; // The module tests' helpers fail with its exceptions.
require dirname(__DIR__) . '/whmcs/bootstrap.php';
spl_autoload_register(static function (string $class): void {
    $folders = ['MikrotikVpn\\Demo\\' => __DIR__, 'MikrotikVpn\\Tests\\' => dirname(__DIR__) . '/module'];
    foreach ($folders as $prefix => $folder) {
        $file = "$folder/src/" . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
        if (str_starts_with($class, $prefix) && is_file($file)) {
            require $file;
        }
    }
});

exit((new MikrotikVpn\Demo\Command())->run(array_slice($argv, 1)));

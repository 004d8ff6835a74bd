<?php

declare(strict_types=1);

// Two PSR-4 prefixes: the host itself, and the classes WHMCS offers to modules.
spl_autoload_register(static function (string $class): void {
    foreach (['WhmcsStandIn\\' => __DIR__ . '/', 'WHMCS\\' => dirname(__DIR__) . '/whmcs-classes/'] as $prefix => $folder) {
        if (str_starts_with($class, $prefix)) {
            $file = $folder . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
            if (is_file($file)) {
                require $file;
            }
        }
    }
});

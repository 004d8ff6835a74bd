<?php

/**
 * Finds the classes of this folder. WHMCS's own loader does too, on the versions that know the folder by
 * that name.
 */

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

spl_autoload_register(static function (string $class): void {
    $name = explode('WHMCS\Module\Server\Mikrotikvpn\\', $class, 2)[1] ?? '';
    $file = __DIR__ . '/' . strtr($name, '\\', '/') . '.php';
    if ($name !== '' && is_file($file)) {
        require_once $file;
    }
});

<?php

/** One UsageUpdate in a process of its own: prints what it answered and the peak of resident memory in bytes. */

declare(strict_types=1);

use MikrotikVpn\Tests\Build;
use MikrotikVpn\Tests\Whmcs;
use WhmcsStandIn\Home;
use WhmcsStandIn\Installation;
use WhmcsStandIn\Options;

require dirname(__DIR__, 2) . '/whmcs/bootstrap.php';
spl_autoload_register(static function (string $class): void {
    $file = dirname(__DIR__) . '/src/' . basename(strtr($class, '\\', '/')) . '.php';
    if (str_starts_with($class, 'MikrotikVpn\\Tests\\') && is_file($file)) {
        require $file;
    }
});

Installation::boot(new Home(Home::default()), new Options(modules: Build::root() . '/modules/servers'));
$answer = Whmcs::here()->collect((int) $argv[1]);
preg_match('/^VmHWM:\s*(\d+) kB/m', (string) file_get_contents('/proc/self/status'), $match);
echo json_encode(['answer' => $answer, 'peak' => (int) $match[1] * 1024]), "\n";

<?php

declare(strict_types=1);

// The front controller: router script of PHP's own server, or SCRIPT_FILENAME of every request under php-fpm.

require_once dirname(__DIR__, 2) . '/bootstrap.php';

try {
    (new WhmcsStandIn\Web\Kernel())->handle();
} catch (WhmcsStandIn\Failure $failure) {
    http_response_code(500);
    header('Content-Type: text/plain; charset=utf-8');
    echo $failure->getMessage(), "\n";
}

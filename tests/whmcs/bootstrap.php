<?php

declare(strict_types=1);

// Makes the stand-in's classes available; WhmcsStandIn\Installation::boot() then brings WHMCS up in
// this process (PHPUnit users: WhmcsStandIn\Testing\TestHome does all of it).

require_once __DIR__ . '/src/autoload.php';

foreach (['Illuminate/Database/autoload.php' => 'php-illuminate-database', 'Carbon/autoload.php' => 'php-nesbot-carbon'] as $file => $package) {
    if (stream_resolve_include_path($file) === false) {
        fwrite(STDERR, "The library $file is missing: install Debian's package $package.\n");
        exit(2);
    }
    require_once $file;
}

<?php

/**
 * The doctor on the command line, in WHMCS's folder:
 *
 *     php modules/servers/mikrotikvpn/doctor.php <server id>
 *     php modules/servers/mikrotikvpn/doctor.php <server id> --script [RouterOS version]
 *
 * From elsewhere, or where the module's folder is linked from another place, `--whmcs DIR` says where WHMCS is.
 *
 * The first prints what it finds on the router and ends with 0, or with 1 when there is a problem. The
 * second prints a script that prepares a fresh router; it holds passwords. 2 is for a wrong call.
 */

if (PHP_SAPI !== 'cli') {
    die('This file cannot be accessed directly');
}

require_once __DIR__ . '/command-line.php';

[$arguments, $given] = mikrotikvpn_arguments($argv);
[$server, $option, $version] = $arguments + ['', '', ''];
if (!ctype_digit($server) || !in_array($option, ['', '--script'], true) || count($arguments) > 3) {
    fwrite(STDERR, "usage: php {$argv[0]} <id of the server, as in the address of its page> [--script [version]] [--whmcs DIR]\n");
    exit(2);
}

require_once mikrotikvpn_whmcs($given) . '/init.php';
require_once __DIR__ . '/mikrotikvpn.php';

if (function_exists('mikrotikvpn_missing_sentence')) {
    fwrite(STDERR, mikrotikvpn_missing_sentence() . "\n");
    exit(2);
}

try {
    if ($option === '--script') {
        echo \MikrotikVpn\routerScript(['serverid' => $server, 'version' => $version]);
        exit(0);
    }
    $report = \MikrotikVpn\doctor(['serverid' => $server]);
    echo $report['text'];
    exit($report['verdict'] === 'problem' ? 1 : 0);
} catch (\Throwable $error) {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(2);
}

<?php

/**
 * What the doctor says of a router, on the command line:
 *
 *     php modules/servers/mikrotikvpn/doctor.php <server id>
 *
 * Ends with 0 when there is no problem, 1 when there is one, 2 when it was called wrongly.
 */

if (PHP_SAPI !== 'cli') {
    die('This file cannot be accessed directly');
}

if ($argc !== 2 || !ctype_digit($argv[1])) {
    fwrite(STDERR, "usage: php {$argv[0]} <id of the server, as in the address of its page in WHMCS>\n");
    exit(2);
}

require_once dirname(__DIR__, 3) . '/init.php';
require_once __DIR__ . '/mikrotikvpn.php';

if (!function_exists('MikrotikVpn\doctor')) {
    fwrite(STDERR, mikrotikvpn_missing_sentence() . "\n");
    exit(2);
}

$report = \MikrotikVpn\doctor(['serverid' => (int) $argv[1]]);
echo $report['text'];
exit($report['verdict'] === 'problem' ? 1 : 0);

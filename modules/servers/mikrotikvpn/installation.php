<?php

/**
 * What an admin says of a WHMCS that was moved or copied, on the command line, in WHMCS's folder:
 *
 *     php modules/servers/mikrotikvpn/installation.php moved
 *     php modules/servers/mikrotikvpn/installation.php copy
 *
 * The first keeps its accounts. The second is for a copy whose original goes on: it gets an id of its own and
 * leaves the accounts of the original alone. It ends with 0, or with 2 and the reason.
 */

if (PHP_SAPI !== 'cli') {
    die('This file cannot be accessed directly');
}

require_once __DIR__ . '/command-line.php';

[$arguments, $given] = mikrotikvpn_arguments($argv);
if (count($arguments) !== 1 || !in_array($arguments[0], ['moved', 'copy'], true)) {
    fwrite(STDERR, "usage: php {$argv[0]} moved|copy [--whmcs DIR]\n");
    exit(2);
}
$answer = $arguments[0];

require_once mikrotikvpn_whmcs($given) . '/init.php';
require_once __DIR__ . '/mikrotikvpn.php';

$said = function_exists('mikrotikvpn_missing_sentence')
    ? mikrotikvpn_missing_sentence()
    : \MikrotikVpn\decideInstallation($answer);
if ($said !== 'success') {
    fwrite(STDERR, "$said\n");
    exit(2);
}
echo $answer === 'moved' ? "WHMCS goes on with its accounts.\n" : "WHMCS has an id of its own.\n";

<?php

/** What the module's programs for the command line begin with, before WHMCS is loaded: where it is. */

if (PHP_SAPI !== 'cli') {
    die('This file cannot be accessed directly');
}

/**
 * @param list<string> $argv
 * @return array{list<string>, string|null} the arguments without `--whmcs DIR`, and DIR
 */
function mikrotikvpn_arguments(array $argv): array
{
    $arguments = array_slice($argv, 1);
    $at = array_search('--whmcs', $arguments, true);
    $given = $at === false ? null : (array_splice($arguments, $at, 2)[1] ?? '');
    return [$arguments, $given];
}

/**
 * The folder of WHMCS. PHP knows a program by its real place, and a module folder that is linked from another one
 * is not in WHMCS there: the way the program was called leads to it, or the folder it was called in.
 */
function mikrotikvpn_whmcs(?string $given): string
{
    $script = $_SERVER['SCRIPT_FILENAME'];
    $called = dirname($script[0] === '/' ? $script : getcwd() . "/$script", 4);
    $places = $given === null ? [$called, (string) getcwd(), dirname(__DIR__, 3)] : [$given];
    foreach ($places as $place) {
        if (is_file("$place/init.php")) {
            return $place;
        }
    }
    fwrite(STDERR, 'There is no WHMCS (init.php) in ' . implode(' or ', array_unique($places))
        . ": say where it is with --whmcs DIR, or run this in WHMCS's folder.\n");
    exit(2);
}

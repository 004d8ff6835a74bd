<?php

/**
 * Includes the module's main file in a bare WHMCS and prints its functions with their signatures
 * as JSON: `php functions.php <main file>`. With `call` as second argument each is called and what it
 * returned or threw is printed instead; with `client` it is called where a client reads.
 */

declare(strict_types=1);

const WHMCS = true;
$what = $argv[2] ?? 'list';
$what === 'client' && define('CLIENTAREA', true);

// WHMCS has its own classes loaded or finds them.
require dirname(__DIR__, 2) . '/whmcs/whmcs-classes/UsageBilling/Contracts/Metrics/ProviderInterface.php';
require $argv[1];

$report = [];
foreach (get_defined_functions()['user'] as $name) {
    $function = new ReflectionFunction($name);
    if (str_starts_with($name, 'mikrotikvpn_missing_')) {
        continue;
    }
    if ($what === 'list') {
        $report[$function->getName()] = array_map(strval(...), $function->getParameters());
        continue;
    }
    try {
        $report[$function->getName()] = ['returned', $function->getNumberOfParameters() ? $name([]) : $name()];
    } catch (Throwable $error) {
        $report[$function->getName()] = ['threw ' . $error::class, $error->getMessage()];
    }
}
ksort($report);
echo json_encode($report, JSON_UNESCAPED_SLASHES);

<?php

/** Includes hooks.php alone, as WHMCS does, fires each hook it registered and prints what happened. */

declare(strict_types=1);

const WHMCS = true;
$registered = [];
function add_hook(string $point, int $priority, callable $callback): void
{
    $GLOBALS['registered'][$point][] = $callback;
}

ini_set('error_log', '/dev/null');
set_error_handler(static fn (int $level, string $message) => throw new ErrorException($message));
ob_start();
// Of this process: what the clock says depends on who else is busy.
$worked = static fn (array $usage): int => 1_000_000 * ($usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec']) + $usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec'];
$start = $worked(getrusage());
require $argv[1];
$microseconds = $worked(getrusage()) - $start;
$files = array_values(array_diff(array_map('realpath', get_included_files()), [__FILE__]));
$thrown = [];
foreach ($registered as $point => $callbacks) {
    foreach ($callbacks as $callback) {
        try {
            foreach ([['userid' => 1, 'clientId' => 1, 'serviceid' => '7', 'pid' => '3', 'type' => 'product'], []] as $argument) {
                $answer = $callback($argument);
                // WHMCS merges what this one answers into a mail: anything but an array would end it.
                if ($point === 'EmailPreSend' && $answer !== []) {
                    throw new LogicException('answered ' . json_encode($answer));
                }
            }
        } catch (Throwable $error) {
            $thrown[] = "$point: {$error->getMessage()}";
        }
    }
}
$output = ob_get_clean();
$points = array_keys($registered);
echo json_encode(compact('points', 'output', 'thrown', 'microseconds', 'files'));

<?php

/**
 * Calls the extension in WHMCS, forks, calls it in parent and child and prints the three answers as JSON.
 * `php fork.php <params as JSON>`. A child that hangs is killed and its answer is null.
 */

declare(strict_types=1);

use WHMCS\Database\Capsule;

require dirname(__DIR__, 2) . '/whmcs/web/init.php';

$params = json_decode($argv[1], true);
$ask = static fn (): array => MikrotikVpn\testConnection($params);

$before = $ask();
[$mine, $childs] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
$child = pcntl_fork();
if ($child === 0) {
    // The parent's connection is not used, and not closed either: the child dies before PHP could.
    $parents = Capsule::connection()->getPdo();
    Capsule::connection()->setPdo(null)->reconnect();
    fwrite($childs, json_encode($ask()) . "\n");
    posix_kill(getmypid(), SIGKILL);
}
$after = $ask();
stream_set_timeout($mine, 15);
$line = fgets($mine);
posix_kill($child, SIGKILL);
pcntl_waitpid($child, $status);
echo json_encode(['before' => $before, 'parent' => $after, 'child' => json_decode((string) $line, true)]);

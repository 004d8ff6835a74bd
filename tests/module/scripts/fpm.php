<?php

/**
 * Calls the extension twice; in between it waits until as many workers as the query says are at the
 * same point, so that no worker can serve two of these requests.
 */

declare(strict_types=1);

$params = json_decode($_GET['params'], true);
$first = MikrotikVpn\testConnection($params);
touch("{$_GET['meeting']}/" . getmypid());
$deadline = microtime(true) + 15;
while (count(glob("{$_GET['meeting']}/*")) < (int) $_GET['workers'] && microtime(true) < $deadline) {
    usleep(5_000);
}
$second = MikrotikVpn\testConnection($params);
$met = count(glob("{$_GET['meeting']}/*"));
echo json_encode(['pid' => getmypid(), 'met' => $met, 'first' => $first, 'second' => $second]);

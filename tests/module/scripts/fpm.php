<?php

/**
 * Calls the extension twice; in between it waits until as many workers as the query says are at the
 * same point, so that no worker can serve two of these requests.
 */

declare(strict_types=1);

$query = $_GET; // as it came: WHMCS encodes it
require dirname(__DIR__, 2) . '/whmcs/web/init.php';

$params = json_decode($query['params'], true);
$first = MikrotikVpn\testConnection($params);
touch("{$query['meeting']}/" . getmypid());
$deadline = microtime(true) + 15;
while (count(glob("{$query['meeting']}/*")) < (int) $query['workers'] && microtime(true) < $deadline) {
    usleep(5_000);
}
$second = MikrotikVpn\testConnection($params);
$met = count(glob("{$query['meeting']}/*"));
echo json_encode(['pid' => getmypid(), 'met' => $met, 'first' => $first, 'second' => $second]);

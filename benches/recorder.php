<?php

/**
 * Takes plain connections, forwards them to the TLS port of a router and prints what was asked, one line of JSON a request, when the next
 * request or the end of the connection shows that its answer was complete.
 *
 *     php recorder.php <address of the router's TLS port>
 *
 * The first line is the port it listens on. It ends with its standard input.
 */

declare(strict_types=1);

$listener = stream_socket_server('tcp://127.0.0.1:0') ?: exit(1);
echo (int) substr((string) strrchr((string) stream_socket_get_name($listener, false), ':'), 1), "\n";

// The router is ours, on this machine.
$trusting = ['verify_peer' => false, 'verify_peer_name' => false];
/** @var array<int, array{client: resource, router: resource, asked: string, begun: float, answered: float}> $pairs */
$pairs = [];
/** @var array<int, int> $owners stream => pair */
$owners = [];

$tell = static function (int $id) use (&$pairs): void {
    $pair = $pairs[$id];
    if ($pair['asked'] !== '') {
        $times = ['begun' => $pair['begun'], 'answered' => $pair['answered']];
        echo json_encode(['request' => base64_encode($pair['asked'])] + $times), "\n";
        $pairs[$id]['asked'] = '';
    }
};

while (true) {
    $ready = [STDIN, $listener];
    foreach ($pairs as $pair) {
        array_push($ready, $pair['client'], $pair['router']);
    }
    $none = null;
    stream_select($ready, $none, $none, null);
    foreach ($ready as $stream) {
        if ($stream === STDIN) {
            exit(0);
        }
        if ($stream === $listener) {
            $client = stream_socket_accept($listener);
            $router = stream_socket_client("tls://{$argv[1]}", context: stream_context_create(['ssl' => $trusting]));
            stream_set_blocking($router, false);
            $id = (int) $client;
            $pairs[$id] = compact('client', 'router') + ['asked' => '', 'begun' => 0.0, 'answered' => 0.0];
            $owners[$id] = $owners[(int) $router] = $id;
            continue;
        }
        $id = $owners[(int) $stream] ?? null;
        if ($id === null || !isset($pairs[$id])) {
            continue;
        }
        ['client' => $client, 'router' => $router] = $pairs[$id];
        $bytes = (string) fread($stream, 1 << 16);
        if ($bytes === '' && !feof($stream)) {
            continue;
        }
        if ($bytes === '') {
            $tell($id);
            unset($pairs[$id], $owners[(int) $client], $owners[(int) $router]);
            fclose($client);
            fclose($router);
            continue;
        }
        if ($stream === $router) {
            do {
                $pairs[$id]['answered'] = microtime(true);
                fwrite($client, $bytes);
                // TLS may hold more than the socket shows.
                $bytes = (string) fread($router, 1 << 16);
            } while ($bytes !== '');
            continue;
        }
        if ($pairs[$id]['answered'] > $pairs[$id]['begun']) {
            $tell($id);
        }
        if ($pairs[$id]['asked'] === '') {
            $pairs[$id]['begun'] = microtime(true);
        }
        $pairs[$id]['asked'] .= $bytes;
        fwrite($router, $bytes);
    }
}

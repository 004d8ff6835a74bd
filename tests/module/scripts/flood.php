<?php

/**
 * A hostile router: whatever is asked over REST is refused with a text of as many megabytes as the argument
 * says. Prints its port, and ends with its standard input.
 */

declare(strict_types=1);

$megabytes = (int) ($argv[1] ?? 60);
$listener = stream_socket_server('tcp://127.0.0.1:0') ?: exit(1);
echo parse_url('tcp://' . stream_socket_get_name($listener, false), PHP_URL_PORT), "\n";
$megabyte = str_repeat('no ', 1 << 20);
while (true) {
    $ready = [$listener, STDIN];
    $none = [];
    stream_select($ready, $none, $none, null);
    if (in_array(STDIN, $ready, true)) {
        exit(0);
    }
    $client = stream_socket_accept($listener);
    fread($client, 65_536);
    $length = $megabytes * strlen($megabyte) + strlen('{"error":400,"detail":""}');
    fwrite($client, "HTTP/1.1 400 Bad Request\r\nContent-Length: $length\r\n\r\n" . '{"error":400,"detail":"');
    for ($sent = 0; $sent < $megabytes && @fwrite($client, $megabyte) !== false; $sent++);
    @fwrite($client, '"}');
    fclose($client);
}

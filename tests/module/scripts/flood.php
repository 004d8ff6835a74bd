<?php

/**
 * A hostile router: whatever is asked over REST is refused with a text, which stands in JSON as it is given and
 * may name the login with `{authorization}`, followed by as many megabytes as the second argument says. Prints its
 * port, and ends with its standard input.
 */

declare(strict_types=1);

[, $text, $megabytes] = $argv + [1 => 'no', 0];
$listener = stream_socket_server('tcp://127.0.0.1:0') ?: exit(1);
echo parse_url('tcp://' . stream_socket_get_name($listener, false), PHP_URL_PORT), "\n";
$megabyte = str_repeat('no', 1 << 19);
while (true) {
    $ready = [$listener, STDIN];
    $none = [];
    stream_select($ready, $none, $none, null);
    if (in_array(STDIN, $ready, true)) {
        exit(0);
    }
    $client = stream_socket_accept($listener);
    preg_match('/^Authorization: (.*?)\r$/mi', (string) fread($client, 65_536), $login);
    $start = '{"error":400,"detail":"' . str_replace('{authorization}', $login[1] ?? '', $text);
    $length = strlen($start) + (int) $megabytes * strlen($megabyte) + strlen('"}');
    fwrite($client, "HTTP/1.1 400 Bad Request\r\nContent-Length: $length\r\n\r\n$start");
    for ($sent = 0; $sent < (int) $megabytes && @fwrite($client, $megabyte) !== false; $sent++);
    @fwrite($client, '"}');
    fclose($client);
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

use WHMCS\Database\Capsule;

/** The WHMCS of a test behind its web front: real requests, for answers that end the request. */
final class Website
{
    private readonly Process $server;
    private readonly string $url;
    private \CurlHandle $visitor;

    /** @param string $first PHP file that runs before each page, '' for none */
    public function __construct(Whmcs $whmcs, string $first = '')
    {
        $address = Capsule::table('tblconfiguration')->where('setting', 'SystemURL');
        $url = $address->value('value');
        $arguments = ['-dextension=' . Build::library(), ...($first === '' ? [] : ["-dauto_prepend_file=$first"])];
        $this->server = $whmcs->process(['serve', '--workers', '1'], ['WHMCS_PHP_ARGS' => implode("\n", $arguments)]);
        $ready = Deadline::await('The start of the web front', fn () => json_decode($this->server->outputSoFar(), true));
        $this->url = $ready['url'];
        // A port of its own for each test would be a WHMCS that is found in another place each time.
        $address->update(['value' => $url]);
    }

    /** A visitor without a session, and then the client with that e-mail address. */
    public function login(string $email, string $password): void
    {
        $this->visitor = curl_init();
        curl_setopt_array($this->visitor, [CURLOPT_COOKIEFILE => '', CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 20]);
        preg_match('/name="token" value="(\w+)"/', $this->get('login.php')['body'], $token);
        $this->get('login.php', ['username' => $email, 'password' => $password, 'token' => $token[1]]);
    }

    /**
     * GET, or POST of `$fields`. Redirections are not followed.
     *
     * @param array<string, string>|null $fields
     * @return array{status: int, headers: array<string, string>, body: string} names of headers in lower case
     */
    public function get(string $path, ?array $fields = null): array
    {
        $headers = [];
        curl_setopt_array($this->visitor, [
            CURLOPT_URL => $this->url . $path,
            CURLOPT_POST => $fields !== null,
            CURLOPT_HTTPGET => $fields === null,
            CURLOPT_HEADERFUNCTION => static function ($handle, string $line) use (&$headers): int {
                [$name, $value] = explode(':', $line, 2) + [1 => ''];
                $headers[strtolower($name)] = trim($value);
                return strlen($line);
            },
        ]);
        $fields === null || curl_setopt($this->visitor, CURLOPT_POSTFIELDS, http_build_query($fields));
        $body = curl_exec($this->visitor);
        if ($body === false) {
            throw new \RuntimeException("$path: " . curl_error($this->visitor));
        }
        return ['status' => curl_getinfo($this->visitor, CURLINFO_RESPONSE_CODE), 'headers' => $headers, 'body' => $body];
    }

    public function stop(): void
    {
        $this->server->terminate();
        $this->server->code();
    }
}

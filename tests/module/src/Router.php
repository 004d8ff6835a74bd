<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

/**
 * A simulated RouterOS router (the program router-sim), seen from outside: what its admin, its VPN
 * clients and its fate do. Its clock stands still unless `real-clock` is given; `advance()` moves it.
 */
final class Router
{
    public const USERNAME = 'whmcs';
    public const PASSWORD = 'router: "p&ss" 42';

    /** @param array<string, mixed> $addresses the line the program prints */
    private function __construct(
        private readonly Process $process,
        private array $addresses,
        private readonly string $transport,
        private readonly bool $tls
    ) {
    }

    /**
     * Starts a router on free loopback ports, with REST or the binary API as the environment's
     * MIKROTIKVPN_TRANSPORT says, of the version in MIKROTIKVPN_ROUTEROS; see `tests/module/run`.
     *
     * @param array<string, mixed> $options `transport => 'rest'` or `'api'`; `tls => true` lets WHMCS use TLS,
     *     trusted by pin; `real-clock => true`; every other name is an option of `router-sim --help` without its
     *     dashes (`version => '7.18'`, `seed-accounts => 100`, `mask-secrets => true`, `user => ['x:y:read']`)
     */
    public static function start(array $options = []): self
    {
        $ours = ['transport' => self::transport(), 'tls' => false, 'real-clock' => false];
        ['transport' => $transport, 'tls' => $tls, 'real-clock' => $realClock] = $options + $ours;
        $options = array_diff_key($options, $ours) + [
            $transport => '127.0.0.1:0',
            "$transport-tls" => '127.0.0.1:0',
            'version' => getenv('MIKROTIKVPN_ROUTEROS') ?: false,
            'control' => '127.0.0.1:0',
            'user' => [self::USERNAME . ':' . self::PASSWORD],
            'virtual-clock' => !$realClock,
            'parent-stdin' => true,
        ];
        $process = new Process([self::program(), ...self::arguments($options)], [], true);
        $line = Deadline::await('The start of the router', static function () use ($process): string {
            $line = $process->outputSoFar();
            if (!$process->running() && !str_ends_with($line, "\n")) {
                throw new \RuntimeException('The router ended: ' . $process->errors());
            }
            return str_ends_with($line, "\n") ? $line : '';
        });
        return new self($process, (array) json_decode($line, true), $transport, (bool) $tls);
    }

    /** Body of a reply that tells of no row and of no error, whether or not anything was done. */
    public static function nothing(): string
    {
        return self::transport() === 'rest' ? '[]' : "!done\n.tag={tag}";
    }

    /** What this run's routers speak when a test does not say: `rest` or `api`. */
    public static function transport(): string
    {
        return getenv('MIKROTIKVPN_TRANSPORT') ?: 'rest';
    }

    public function stop(): void
    {
        $this->process->kill();
    }

    /** A client dials in; gives the id of its session. @param array<string, mixed> $more such as `password`, `redial` */
    public function connect(string $name, array $more = []): string
    {
        return (string) $this->post('/connect', ['name' => $name] + $more)['id'];
    }

    public function disconnect(string $name): void
    {
        $this->post('/disconnect', ['name' => $name]);
    }

    /** Bytes, as the customer sees them, through the sessions of `$name`. */
    public function traffic(string $name, int $download, int $upload = 0): void
    {
        $this->post('/traffic', ['name' => $name, 'download' => $download, 'upload' => $upload]);
    }

    /** Bytes, as the customers see them, through the session of everybody who is connected. */
    public function trafficForAll(int $download, int $upload): void
    {
        $this->post('/traffic-for-all', ['download' => $download, 'upload' => $upload]);
    }

    /** Continuous traffic in bits per second while the clock runs. */
    public function rate(string $name, int $download, int $upload = 0): void
    {
        $this->post('/rate', ['name' => $name, 'download_bps' => $download, 'upload_bps' => $upload]);
    }

    public function advance(float $seconds): void
    {
        $this->post('/advance', ['seconds' => $seconds]);
    }

    /**
     * A power cycle; the lists of these menus (none named: all) are empty for so many seconds afterwards.
     *
     * @param list<string> $menus
     */
    public function reboot(float $bootGap = 0, array $menus = []): void
    {
        $this->post('/reboot', ['boot-gap' => $bootGap, 'menus' => $menus]);
    }

    /** Somebody else sets the counters of every queue to zero. */
    public function resetCounters(): void
    {
        $this->post('/reset-counters');
    }

    public function setCounters(string $menu, string $name, int $download, int $upload): void
    {
        $counters = ['download' => $download, 'upload' => $upload];
        $this->post('/set-counters', ['menu' => $menu, 'name' => $name] + $counters);
    }

    /**
     * A command at the router's console, such as `exec('/ppp/secret/add', ['name' => 'bob'])`.
     *
     * @param array<string, string> $arguments
     * @param list<string> $query conditions of a print, such as `name=bob`
     * @param string|null $user a login user whose policies count; none is the console itself
     * @return array<mixed> rows, or `['ret' => …]`, or nothing
     */
    public function exec(string $path, array $arguments = [], array $query = [], ?string $user = null): array
    {
        $body = ['path' => $path, 'arguments' => (object) $arguments, 'query' => $query];
        return $this->post('/exec', $body + ($user === null ? [] : ['user' => $user]));
    }

    /**
     * The rows of a menu; with a name, those of that name.
     *
     * @return list<array<string, string>>
     */
    public function rows(string $menu, ?string $name = null): array
    {
        $rows = $this->state()[$menu] ?? throw new \RuntimeException("The router shows no $menu.");
        return array_values(array_filter($rows, fn (array $row) => $name === null || ($row['name'] ?? '') === $name));
    }

    /** @return array<string, list<array<string, string>>> menu => rows */
    public function state(): array
    {
        return $this->get('/state');
    }

    /** What really flowed, whatever the counters say. */
    public function truth(): array
    {
        return $this->get('/truth');
    }

    /** How often the router was asked. */
    public function stats(): array
    {
        return $this->get('/stats');
    }

    /** Every request, oldest first. */
    public function requests(): array
    {
        return $this->get('/requests');
    }

    /** The commands of every request as the console writes them, such as `/ppp/secret/set`. @return list<string> */
    public function commands(): array
    {
        $command = static fn (array $request): string => preg_replace('~^/rest|/\*[0-9A-F]+|\?.*$~', '', $request['target']);
        return array_map($command, $this->requests());
    }

    public function resetStats(): void
    {
        $this->post('/stats/reset');
    }

    /** Makes accounts by the thousand; the fields are those of the control port's `/seed`. */
    public function seed(array $seed): void
    {
        $this->post('/seed', $seed);
    }

    /** From now on something goes wrong; the fields are those of the control port's `/faults`. */
    public function fault(array $fault): int
    {
        return (int) $this->post('/faults', $fault)['id'];
    }

    public function clearFaults(): void
    {
        $this->control('DELETE', '/faults');
    }

    /** It gets another certificate, as after a re-installation. */
    public function changeCertificate(string $style = 'self-signed'): void
    {
        $this->addresses = $this->post('/certificate', ['style' => $style]) + $this->addresses;
    }

    /** `sha256:…` of the TLS port's certificate. */
    public function pin(): string
    {
        return 'sha256:' . preg_replace('/^sha256:/i', '', (string) $this->addresses['fingerprint']);
    }

    public function port(): int
    {
        $address = $this->addresses[$this->transport . ($this->tls ? '-tls' : '')];
        return (int) substr((string) strrchr($address, ':'), 1);
    }

    /** The server's Access Hash: how this router is reached, and these lines. */
    public function accessHash(string ...$lines): string
    {
        $this->tls && array_unshift($lines, "tls-pin = {$this->pin()}");
        // Ports are not the usual ones, by which the transport would be known.
        $this->transport === 'rest' || array_unshift($lines, "transport = {$this->transport}");
        return implode("\n", $lines);
    }

    /** Columns of `tblservers` that reach this router. @return array<string, mixed> */
    public function serverRow(): array
    {
        return [
            'ipaddress' => '127.0.0.1',
            'hostname' => '',
            'port' => $this->port(),
            'secure' => $this->tls ? 'on' : '',
            'username' => self::USERNAME,
            'password' => self::PASSWORD,
            'accesshash' => $this->accessHash(),
        ];
    }

    /** What TestConnection gets from an unsaved server form. @return array<string, mixed> */
    public function formParams(): array
    {
        $row = $this->serverRow();
        return [
            'serverip' => $row['ipaddress'],
            'serverhostname' => $row['hostname'],
            'serverport' => (string) $row['port'],
            'serversecure' => $row['secure'] === 'on',
            'serverusername' => $row['username'],
            'serverpassword' => $row['password'],
            'serveraccesshash' => $row['accesshash'],
        ];
    }

    private static function program(): string
    {
        $program = (string) getenv('ROUTER_SIM');
        return is_executable($program) ? $program : throw new \RuntimeException("ROUTER_SIM is no program: $program");
    }

    /** @param array<string, mixed> $options @return list<string> */
    private static function arguments(array $options): array
    {
        $arguments = [];
        foreach ($options as $name => $value) {
            foreach (is_array($value) ? $value : [$value] as $one) {
                $one === false || array_push($arguments, ...($one === true ? ["--$name"] : ["--$name", (string) $one]));
            }
        }
        return $arguments;
    }

    private function get(string $path): array
    {
        return $this->control('GET', $path);
    }

    private function post(string $path, array $body = []): array
    {
        return $this->control('POST', $path, (string) json_encode((object) $body));
    }

    private function control(string $method, string $path, string $body = ''): array
    {
        $request = ['method' => $method, 'content' => $body, 'ignore_errors' => true, 'timeout' => 20];
        $request['header'] = ['Content-Type: application/json', 'Connection: close'];
        $url = "http://{$this->addresses['control']}$path";
        $answer = file_get_contents($url, false, stream_context_create(['http' => $request]));
        $value = json_decode((string) $answer, true);
        if (!is_array($value) || isset($value['error'])) {
            throw new \RuntimeException("The router's control port said to $method $path: $answer");
        }
        return $value;
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Demo;

use MikrotikVpn\Tests\Deadline;
use MikrotikVpn\Tests\Process;
use MikrotikVpn\Tests\Router;
use MikrotikVpn\Tests\Whmcs;
use WhmcsStandIn\FreshRows;
use WhmcsStandIn\Home;
use WhmcsStandIn\Installation;
use WhmcsStandIn\MariaDb;
use WhmcsStandIn\Options;

/** Everything the demo starts: a database with WHMCS in it, a router, the web front. All of it is stopped by pid. */
final class Stage
{
    public const CLIENT = ['email' => 'ann@example.test', 'password' => 'demo'];
    public const ADMIN = FreshRows::ADMIN;

    public readonly Whmcs $whmcs;
    public readonly Router $router;

    /** The address of WHMCS, with a slash at the end. */
    public readonly string $url;
    private readonly MariaDb $database;
    private readonly Process $web;

    /** @var resource */
    private $lock;

    public function __construct(private readonly string $folder)
    {
        is_dir($folder) || mkdir($folder, 0755, true);
        $this->lock = fopen("$folder/lock", 'c');
        if (!flock($this->lock, LOCK_EX | LOCK_NB)) {
            throw new \RuntimeException("Another demo is running in $folder.");
        }
    }

    /** @param bool $live the router's clock runs, instead of moving only when told to */
    public function start(bool $live): void
    {
        if (!function_exists('MikrotikVpn\version')) {
            throw new \RuntimeException('PHP did not load the extension ' . getenv('MIKROTIKVPN_SO') . ': build it first.');
        }
        $this->startWhmcs();
        $this->router = Router::start(['tls' => true, 'real-clock' => $live, 'tls-certificate' => 'self-signed']);
        $this->startWeb();
    }

    /** Fails when something has ended by itself. */
    public function check(): void
    {
        if (!$this->web->running()) {
            throw new \RuntimeException("The web front ended: {$this->web->errors()}");
        }
        $this->router->stats();
    }

    public function stop(): void
    {
        if (isset($this->web)) {
            $this->web->terminate();
            $this->web->code(15.0);
        }
        isset($this->router) && $this->router->stop();
        isset($this->database) && $this->database->stop();
        flock($this->lock, LOCK_UN);
    }

    private function startWhmcs(): void
    {
        $home = new Home(Home::default());
        $this->database = new MariaDb($home);
        $this->database->start(tied: true);
        $this->database->reset();
        Installation::boot($home, new Options(modules: dirname(__DIR__, 3) . '/modules/servers'));
        $this->whmcs = Whmcs::here();
    }

    private function startWeb(): void
    {
        $modules = $this->whmcs->installation->options->modules;
        $this->web = new Process([dirname(__DIR__, 2) . '/whmcs/whmcs', '--modules', $modules, 'serve'], [
            'WHMCS_PHP_ARGS' => '-dextension=' . getenv('MIKROTIKVPN_SO'),
        ]);
        $line = Deadline::await('The start of the web front', function (): string {
            $line = $this->web->outputSoFar();
            if (!$this->web->running()) {
                throw new \RuntimeException("The web front ended: $line{$this->web->errors()}");
            }
            return str_ends_with($line, "\n") ? $line : '';
        });
        $this->url = json_decode($line, true)['url'];
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Bench;

use MikrotikVpn\Tests\Footprint;
use MikrotikVpn\Tests\Router;
use MikrotikVpn\Tests\Whmcs;
use WHMCS\Database\Capsule;

/** A WHMCS with many active accounts on one router, all of them online and busy. */
final class Site
{
    /** What every account's line carries, and what every account uses of it. */
    private const LIMIT = '5M/10M';
    private const UPLOAD = 4_000_000;
    private const DOWNLOAD = 8_000_000;

    private const NETWORK = '10.64.0.0';
    private const SEEDED_AT_ONCE = 5_000;

    public readonly Whmcs $whmcs;
    public readonly Router $router;
    public readonly int $server;

    public function __construct(public readonly int $accounts)
    {
        $this->whmcs = Whmcs::here();
        // Its time goes by: a router whose uptime stood still while it was read would seem to have started anew.
        $this->router = Router::start(['tls' => true, 'real-clock' => true]);
        $this->server = $this->whmcs->server($this->router);
        $product = $this->whmcs->product();
        // The module makes its tables at the first call that needs them.
        $this->collect();
        $values = ['userid' => $this->whmcs->client(), 'packageid' => $product, 'server' => $this->server];
        $values += ['domainstatus' => 'Active', 'username' => 'new{n}'];
        $services = $this->whmcs->fixtures->addServices($values, $accounts);
        $this->adopt($services[0]);
    }

    /** One more minute of traffic for everybody. */
    public function flow(): void
    {
        $this->router->advance(60);
        $this->router->trafficForAll(...self::usage());
    }

    /** Bytes an account uses in that minute. @return array{download: int, upload: int} */
    public static function usage(): array
    {
        return ['download' => intdiv(self::DOWNLOAD * 60, 8), 'upload' => intdiv(self::UPLOAD * 60, 8)];
    }

    public function collect(): void
    {
        $answer = $this->whmcs->callForServer('UsageUpdate', $this->server);
        $answer === 'success' || throw new \RuntimeException("UsageUpdate said: $answer");
    }

    /** Bytes by which the peak of a process that collects is above PHP's own. */
    public function footprint(): int
    {
        $own = Footprint::withoutExtension($this->server);
        $this->flow();
        return Footprint::ofCollection($this->server) - $own;
    }

    /** From now on WHMCS talks to the router through a recorder. */
    public function reachRouterBy(Recorder $recorder): void
    {
        $this->whmcs->fixtures->setServer($this->server, ['port' => $recorder->port(), 'secure' => '']);
    }

    /** From now on WHMCS talks to the router as it would to a real one: HTTPS, trusted by pin. */
    public function reachRouter(): void
    {
        $this->whmcs->fixtures->setServer($this->server, array_diff_key($this->router->serverRow(), ['password' => '']));
    }

    /** What our ledger and the router disagree about, in bytes. */
    public function missing(): int
    {
        $truth = array_sum(array_map(static fn (array $bytes) => $bytes['download'] + $bytes['upload'], $this->router->truth()));
        $sums = 'SUM(period_download) + SUM(period_upload) AS bytes';
        return $truth - (int) Capsule::table('mod_mikrotikvpn_accounts')->where('server_id', $this->server)->selectRaw($sums)->value('bytes');
    }

    /**
     * The state CreateAccount would leave, written at once: with 10,000 accounts doing it one by one
     * takes minutes and measures nothing. Services are numbered from `$first`, and so is all that is theirs.
     */
    private function adopt(int $first): void
    {
        for ($done = 0; $done < $this->accounts; $done += self::SEEDED_AT_ONCE) {
            $this->router->seed([
                'accounts' => min(self::SEEDED_AT_ONCE, $this->accounts - $done),
                'first' => $first + $done,
                'first-address' => long2ip(ip2long(self::NETWORK) + $first + $done),
                'max-limit' => self::LIMIT,
                'connect' => true,
            ]);
        }
        Capsule::table('tblhosting')->where('server', $this->server)->update(['username' => Capsule::raw("CONCAT('account', id)")]);
        Capsule::connection()->statement(
            'INSERT INTO mod_mikrotikvpn_accounts (service_id, server_id, username, address, tag, quota, balance, provisioned_at) '
            . "SELECT id, server, username, INET_NTOA(INET_ATON(?) + id), CONCAT('sim whmcs:', id), "
            . '107374182400, 107374182400, UTC_TIMESTAMP() FROM tblhosting WHERE server = ?',
            [self::NETWORK, $this->server]
        );
    }
}

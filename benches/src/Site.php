<?php

declare(strict_types=1);

namespace MikrotikVpn\Bench;

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

    public readonly Whmcs $whmcs;
    public readonly Router $router;
    public readonly int $server;

    public function __construct(public readonly int $accounts)
    {
        Whmcs::boot();
        $this->whmcs = Whmcs::here();
        $this->router = Router::start(['tls' => true]);
        $this->server = $this->whmcs->server($this->router);
        $product = $this->whmcs->product();
        // The module makes its tables at the first call that needs them.
        $this->collect();
        $values = ['userid' => $this->whmcs->client(), 'packageid' => $product, 'server' => $this->server];
        $values += ['domainstatus' => 'Active', 'username' => 'account{n}'];
        $this->whmcs->fixtures->addServices($values, $accounts);
        $this->adopt();
    }

    /** One more minute of traffic for everybody. */
    public function flow(): void
    {
        $this->router->advance(60);
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
        return $truth - (int) Capsule::table('mod_mikrotikvpn_accounts')->selectRaw($sums)->value('bytes');
    }

    /**
     * The state CreateAccount would leave, written at once: with 10,000 accounts doing it one by one
     * takes minutes and measures nothing.
     */
    private function adopt(): void
    {
        $this->router->seed(['accounts' => $this->accounts, 'max-limit' => self::LIMIT]);
        Capsule::connection()->statement(
            'INSERT INTO mod_mikrotikvpn_accounts (service_id, server_id, username, address, tag, quota, balance, provisioned_at) '
            . "SELECT id, server, username, INET_NTOA(INET_ATON('10.64.0.0') + id), CONCAT('sim whmcs:', id), "
            . '107374182400, 107374182400, UTC_TIMESTAMP() FROM tblhosting WHERE server = ?',
            [$this->server]
        );
        for ($number = 1; $number <= $this->accounts; $number++) {
            $this->router->connect("account$number");
            $this->router->rate("account$number", self::DOWNLOAD, self::UPLOAD);
        }
    }
}

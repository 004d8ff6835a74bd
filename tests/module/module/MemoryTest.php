<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Footprint;
use MikrotikVpn\Tests\Router;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;

/** A hundred thousand accounts must find room beside WHMCS. Bytes are counted here; `benches/` counts the real size. */
final class MemoryTest extends TestCase
{
    private const FEW = 1_000;
    private const MANY = 16_000;
    /** Bytes of the peak for one account more; half as many were seen. A row of a query or of a list needs more. */
    private const MOST = 700;

    /** @var list<Router> */
    private array $routers = [];

    protected function tearDown(): void
    {
        array_map(static fn (Router $router) => $router->stop(), $this->routers);
        parent::tearDown();
    }

    public function testAnAccountMoreAddsNoMoreThanItsShareToThePeakOfACollection(): void
    {
        $few = $this->peak(self::FEW);
        $many = $this->peak(self::MANY);
        self::assertLessThan(self::MOST, ($many - $few) / (self::MANY - self::FEW), "$few and $many bytes");
    }

    /** The peak of a collection that books everything of every account. */
    private function peak(int $accounts): int
    {
        // A virtual clock would stand still while the lists are read, as if the router had started anew.
        $this->routers[] = $router = Router::start(['real-clock' => true]);
        $server = $this->whmcs->server($router);
        $values = ['userid' => $this->whmcs->client(), 'packageid' => $this->whmcs->product(), 'server' => $server];
        $services = $this->whmcs->fixtures->addServices($values + ['domainstatus' => 'Active'], $accounts);
        $router->seed(['accounts' => $accounts, 'first' => $services[0], 'connect' => true]);
        $this->whmcs->collect($server);
        Capsule::connection()->statement(
            'INSERT INTO mod_mikrotikvpn_accounts (service_id, server_id, username, tag, quota, balance, provisioned_at) '
            . "SELECT id, server, CONCAT('account', id), CONCAT('sim whmcs:', id), 107374182400, 107374182400, UTC_TIMESTAMP() "
            . 'FROM tblhosting WHERE server = ?',
            [$server]
        );
        self::assertSame('success', $this->whmcs->collect($server));
        $router->trafficForAll(8_000_000, 1_000_000);
        $peak = Footprint::ofCollection($server);
        $booked = Capsule::table('mod_mikrotikvpn_accounts')->where('server_id', $server)->sum('period_download');
        self::assertEquals(8_000_000 * $accounts, $booked, 'nothing was left out');
        return $peak;
    }
}

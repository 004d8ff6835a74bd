<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;
use WhmcsStandIn\ServerSync;

/** WHMCS's Server Sync: the accounts of ours on a router, beside the services WHMCS has there. */
final class ServerSyncTest extends TestCase
{
    private int $server;
    private int $product;
    private int $service;

    protected function setUp(): void
    {
        parent::setUp();
        $this->server = $this->whmcs->server($this->startRouter());
        $this->product = $this->whmcs->product([1 => 'isp', 2 => 'default-encryption', 6 => '1']);
        $this->service = $this->sell();
    }

    public function testAnAccountMatchesItsService(): void
    {
        $row = $this->whmcs->row($this->service);
        $found = $this->sync();
        self::assertSame([], [...$found['unknown'], ...$found['missing']]);
        ['service' => $service, 'account' => $account, 'same_status' => $status, 'same_plan' => $plan] = $found['matched'][0];
        self::assertSame([$this->service, true, true], [$service, $status, $plan]);
        self::assertSame([$row->username, $row->username, $row->dedicatedip, 'default-encryption', 'ann@example.test'], [
            $account['username'], $account['uniqueIdentifier'], $account['primaryip'], $account['product'], $account['email'],
        ]);
        self::assertSame(date('Y-m-d'), substr($account['created'], 0, 10));
    }

    public function testSuspendedAndCappedAreToldApart(): void
    {
        $suspended = $this->sell();
        self::assertSame('success', $this->whmcs->suspend($suspended));
        $name = $this->whmcs->row($this->service)->username;
        $this->router->connect($name);
        $this->router->traffic($name, 2 << 30);
        self::assertSame('success', $this->whmcs->collect($this->server));
        self::assertSame('true', $this->router->rows('/ppp/secret', $name)[0]['disabled']);
        $found = $this->sync();
        $status = array_column(array_column($found['matched'], 'account'), 'status', 'username');
        self::assertSame('Active', $status[$name], 'capped, and Active for WHMCS');
        self::assertSame('Suspended', $status[$this->whmcs->row($suspended)->username]);
        self::assertSame([true, true], array_column($found['matched'], 'same_status'));
    }

    public function testForeignObjectsAreNotListedAndLostOnesAre(): void
    {
        foreach (['admin' => '', 'b' => 'other whmcs:1', 'c' => 'xisp whmcs:1', 'lost' => 'isp whmcs:99999 VIP'] as $name => $comment) {
            $this->router->exec('/ppp/secret/add', ['name' => $name, 'password' => 'x', 'comment' => $comment]);
        }
        $gone = $this->sell();
        $this->router->exec('/ppp/secret/remove', ['numbers' => $this->whmcs->row($gone)->username]);
        $found = $this->sync();
        self::assertSame(['lost'], array_column($found['unknown'], 'username'));
        self::assertSame([$gone], $found['missing']);
    }

    public function testThousandsOfAccountsTakeOneRequest(): void
    {
        $this->router->seed(['accounts' => 3000, 'name' => 'seeded{n}', 'comment' => 'isp whmcs:{n}', 'first-address' => '10.99.0.1']);
        $this->router->resetStats();
        $found = $this->sync();
        self::assertSame(['/ppp/secret/print'], $this->router->commands());
        self::assertCount(3000, $found['unknown']);
        self::assertCount(1, $found['matched']);
    }

    public function testADeadRouterIsASentence(): void
    {
        $this->router->stop();
        self::assertStringContainsString('The router 127.0.0.1:', (string) $this->sync()['error']);
    }

    private function sync(): array
    {
        return (new ServerSync($this->whmcs->installation))->compare($this->server);
    }

    private function sell(): int
    {
        $client = Capsule::table('tblclients')->where('email', 'ann@example.test')->value('id') ?? $this->whmcs->client(['email' => 'ann@example.test']);
        $service = $this->whmcs->service((int) $client, $this->product, $this->server);
        self::assertSame('success', $this->whmcs->create($service));
        return $service;
    }
}

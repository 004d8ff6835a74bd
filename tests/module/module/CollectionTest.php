<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;

/**
 * A collection of many accounts: how often the router is asked, and whether every byte is booked once.
 *
 * @group version
 */
#[\PHPUnit\Framework\Attributes\Group('version')]
final class CollectionTest extends TestCase
{
    private const ACCOUNTS = 1_200;
    /** Queues whose counters one request sets to zero. */
    private const RESETS_A_REQUEST = 500;

    private int $server;
    /** @var list<int> services; the account on the router is `acct<service>` */
    private array $services;

    protected function setUp(): void
    {
        parent::setUp();
        $this->server = $this->whmcs->server($this->startRouter());
        $product = $this->whmcs->product();
        $values = ['userid' => $this->whmcs->client(), 'packageid' => $product, 'server' => $this->server];
        $this->services = $this->whmcs->fixtures->addServices($values + ['domainstatus' => 'Active'], self::ACCOUNTS);
        $this->adopt();
        $this->collect();
    }

    public function testRequestsDoNotGrowWithTheAccountsAndEveryByteIsBookedOnce(): void
    {
        $this->flow();
        $this->router->resetStats();
        $this->collect();

        $resets = (int) ceil(self::ACCOUNTS / self::RESETS_A_REQUEST);
        $commands = $this->router->commands();
        self::assertEquals([
            '/interface/print' => 1,
            '/ppp/active/print' => 1,
            '/ppp/secret/print' => 1,
            '/queue/simple/print' => 2,
            '/queue/simple/reset-counters' => $resets,
            // Before and after the lists: a reboot in between would mix two boots' counters.
            '/system/resource/print' => 2,
        ], array_count_values($commands));
        self::assertSame('/system/resource/print', $commands[0], 'an uptime is older than every counter');
        // The last reading comes right before the resets: what flows in between is lost.
        $end = ['/queue/simple/print', ...array_fill(0, $resets, '/queue/simple/reset-counters')];
        self::assertSame($end, array_slice($commands, -count($end)));

        $truth = $this->truth();
        self::assertCount(self::ACCOUNTS, $truth);
        $this->assertBooked($truth);
        foreach ($this->router->rows('/queue/simple') as $queue) {
            self::assertSame('0/0', $queue['bytes'], $queue['name']);
        }

        $this->collect();
        $this->assertBooked($truth);
    }

    public function testTheNextTrafficIsAddedToTheSameDayMonthAndPeriod(): void
    {
        $this->flow();
        $this->collect();
        $this->flow();
        $this->collect();
        $this->assertBooked($this->truth());
    }

    public function testAQuietRouterIsNotToldToResetAnything(): void
    {
        $this->router->resetStats();
        $this->collect();
        self::assertSame(6, $this->router->stats()['total'], 'one list per menu, the uptime before and after');
    }

    /** The state CreateAccount would leave, written at once. */
    private function adopt(): void
    {
        $first = $this->services[0];
        self::assertSame(range($first, $first + self::ACCOUNTS - 1), $this->services, 'ids are consecutive');
        // The module makes its tables at the first call that needs them.
        $this->collect();
        Capsule::table('mod_mikrotikvpn_accounts')->insert(array_map(fn (int $service) => [
            'service_id' => $service,
            'server_id' => $this->server,
            'username' => "acct$service",
            'tag' => "vpn whmcs:$service",
            'quota' => 100 << 30,
            'balance' => 100 << 30,
            'provisioned_at' => '2026-01-01 00:00:00',
        ], $this->services));
        foreach ($this->services as $number => $service) {
            $row = ['name' => "acct$service", 'comment' => "vpn whmcs:$service"];
            $address = long2ip(ip2long('10.64.0.1') + $number);
            $this->router->exec('/ppp/secret/add', $row + ['password' => 'x', 'remote-address' => $address]);
            $this->router->exec('/queue/simple/add', $row + ['target' => $address, 'max-limit' => '50M/100M']);
            $this->router->connect("acct$service");
        }
    }

    /** Every account another amount. */
    private function flow(): void
    {
        $this->router->advance(60);
        foreach ($this->services as $number => $service) {
            $upload = 100_000 + 104_729 * $number % 900_001;
            $this->router->traffic("acct$service", 3_000_000 + 7_919 * $number, $upload);
        }
    }

    private function collect(): void
    {
        self::assertSame('success', $this->whmcs->callForServer('UsageUpdate', $this->server));
    }

    /** @return array<int, array{int, int}> service => what really flowed, download first */
    private function truth(): array
    {
        $truth = [];
        foreach ($this->router->truth() as $name => $bytes) {
            $truth[(int) substr((string) $name, strlen('acct'))] = [$bytes['download'], $bytes['upload']];
        }
        return $truth;
    }

    /** @param array<int, array{int, int}> $truth */
    private function assertBooked(array $truth): void
    {
        $accounts = Capsule::table('mod_mikrotikvpn_accounts')->where('server_id', $this->server);
        $services = $accounts->get()->keyBy('service_id');
        $periods = $services->map(static fn (object $row) => [$row->period_download, $row->period_upload])->all();
        self::assertEquals($truth, $periods, 'the billing periods');
        foreach (['daily' => 'day', 'monthly' => 'month'] as $table => $column) {
            $rows = Capsule::table("mod_mikrotikvpn_traffic_$table")->whereIn('service_id', $this->services);
            // A run that crosses midnight writes two rows for an account.
            $sums = [];
            foreach ($rows->get() as $row) {
                [$download, $upload] = $sums[$row->service_id] ?? [0, 0];
                $sums[$row->service_id] = [$download + $row->download, $upload + $row->upload];
            }
            self::assertEquals($truth, $sums, "the $column rows");
        }
        foreach (Capsule::table('tblhosting')->where('server', $this->server)->get() as $row) {
            [$download, $upload] = $truth[$row->id];
            $used = $download + $upload;
            self::assertSame((int) round($used / (1 << 20)), (int) $row->bwusage, "usage of $row->id in MB");
            self::assertSame(100 << 10, (int) $row->bwlimit, "quota of $row->id in MB");
            self::assertSame((100 << 30) - $used, (int) $services[$row->id]->balance, "balance of $row->id");
        }
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Deadline;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;

/** Orders that are provisioned at the same moment, each in a process of its own. */
final class ConcurrentOrdersTest extends TestCase
{
    private const ORDERS = 6;

    public function testEachGetsAnAddressOfItsOwn(): void
    {
        $server = $this->whmcs->server($this->startRouter());
        $product = $this->whmcs->product();
        $client = $this->whmcs->client();
        $services = array_map(fn () => $this->whmcs->service($client, $product, $server), range(1, self::ORDERS));
        // The tables are made by the first call; here that is one of several at once, too.
        $this->dropTables();

        $answers = $this->atOnce($services);

        self::assertSame(array_fill(0, self::ORDERS, 'success'), $answers);
        $addresses = Capsule::table('tblhosting')->whereIn('id', $services)->pluck('dedicatedip')->all();
        self::assertCount(self::ORDERS, array_unique($addresses), implode(' ', $addresses));
        self::assertSame(
            array_map(static fn (int $host) => "10.7.0.$host", range(2, self::ORDERS + 1)),
            collect($addresses)->sort(SORT_NATURAL)->values()->all(),
            'and none is left out'
        );
        self::assertCount(self::ORDERS, $this->router->rows('/ppp/secret'));
    }

    public function testTheSameOrderTwiceMakesOneAccount(): void
    {
        $server = $this->whmcs->server($this->startRouter());
        $service = $this->whmcs->service($this->whmcs->client(), $this->whmcs->product(), $server);

        $answers = $this->atOnce([$service, $service]);

        self::assertContains('success', $answers, implode("\n", $answers));
        self::assertSame('success', $this->whmcs->create($service), 'a repetition finishes what is left');
        self::assertCount(1, $this->router->rows('/ppp/secret'));
        self::assertCount(1, $this->router->rows('/queue/simple'));
        self::assertSame(1, Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $service)->count());
    }

    private function dropTables(): void
    {
        foreach (['schema', 'accounts', 'traffic_daily', 'traffic_monthly', 'grants', 'collections', 'servers'] as $table) {
            Capsule::schema()->dropIfExists("mod_mikrotikvpn_$table");
        }
    }

    /** Runs CreateAccount for all services in processes that wait for each other. @return list<string> */
    private function atOnce(array $services): array
    {
        $processes = array_map(fn (int $service) => $this->whmcs->process(['run', 'CreateAccount', '--service', (string) $service]), $services);
        Deadline::await('The end of all orders', static function () use ($processes): bool {
            return array_filter($processes, static fn ($process) => $process->running()) === [];
        }, 60.0);
        return array_map(static function ($process): string {
            $answer = json_decode($process->output(), true);
            return (string) ($answer['returned'] ?? $process->errors());
        }, $processes);
    }
}

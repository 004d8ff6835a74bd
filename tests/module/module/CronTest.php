<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Deadline;
use MikrotikVpn\Tests\Router;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;
use WhmcsStandIn\Cron;

/** When which server is collected: at the end of every cron run, or once a day. */
final class CronTest extends TestCase
{
    /** @var list<Router> beside the one of the base class */
    private array $more = [];

    protected function setUp(): void
    {
        parent::setUp();
        // Every server of the tests before is gone from its port.
        Capsule::table('tblservers')->update(['disabled' => 1]);
    }

    protected function tearDown(): void
    {
        array_map(static fn (Router $router) => $router->stop(), $this->more);
        parent::tearDown();
    }

    /** @return array<string, array{string, int}> */
    public static function frequencies(): array
    {
        return ['by default' => ['', 1], 'every cron run' => ['cron', 1], 'daily' => ['daily', 0]];
    }

    /** @dataProvider frequencies */
    public function testTheProductSaysWhetherEveryCronRunCollects(string $setting, int $collections): void
    {
        $server = $this->serverWithAccount($this->startRouter(['tls' => true]), [20 => $setting]);
        $this->endOfCronRun();
        self::assertSame($collections, $this->collections($server));
    }

    public function testOneProductOfEveryCronRunIsEnoughAndALostServiceIsNot(): void
    {
        $server = $this->serverWithAccount($this->startRouter(), [20 => 'daily']);
        $ended = $this->account($server, [20 => 'cron']);
        Capsule::table('tblhosting')->where('id', $ended)->update(['domainstatus' => 'Terminated']);
        $this->endOfCronRun();
        self::assertSame(0, $this->collections($server));
        $this->account($server, [20 => 'cron']);
        $this->endOfCronRun();
        self::assertSame(1, $this->collections($server));
    }

    public function testServersOutOfUseAreLeftAlone(): void
    {
        $server = $this->serverWithAccount($this->startRouter());
        foreach ([['disabled' => 1], ['active' => 0], ['type' => 'samplevpn']] as $columns) {
            $before = ['disabled' => 0, 'active' => 1, 'type' => 'mikrotikvpn'];
            Capsule::table('tblservers')->where('id', $server)->update($columns + $before);
            $this->endOfCronRun();
            Capsule::table('tblservers')->where('id', $server)->update($before);
        }
        self::assertSame(0, $this->collections($server));
    }

    public function testCronRunsOneAfterTheOtherCollectOnce(): void
    {
        $server = $this->serverWithAccount($this->startRouter());
        $this->endOfCronRun();
        $this->endOfCronRun();
        $this->dailyRun();
        self::assertSame(1, $this->collections($server));
        $this->whmcs->waitForNextCollection();
        $this->endOfCronRun();
        self::assertSame(2, $this->collections($server));
    }

    public function testCronRunsAtTheSameTimeCollectOnce(): void
    {
        $server = $this->serverWithAccount($this->startRouter());
        $runs = array_map(fn () => $this->whmcs->process(['cron', '--daily']), range(1, 3));
        Deadline::await('The end of all cron runs', static function () use ($runs): bool {
            return array_filter($runs, static fn ($run) => $run->running()) === [];
        }, 60.0);
        foreach ($runs as $run) {
            self::assertNull($run->json()['aborted']);
        }
        self::assertSame(1, $this->collections($server));
    }

    public function testTheFiguresOfWhmcsAreThoseOfTheBooks(): void
    {
        $server = $this->serverWithAccount($this->startRouter(), [6 => '2.5']);
        $service = (int) Capsule::table('tblhosting')->where('server', $server)->value('id');
        $name = $this->whmcs->row($service)->username;
        $this->router->connect($name);
        $this->router->traffic($name, 7 << 20, 3 << 20);
        $this->router->advance(60);
        $this->endOfCronRun();
        $row = $this->whmcs->row($service);
        self::assertSame([10, 2560], [(int) $row->bwusage, (int) $row->bwlimit], 'megabytes');
        self::assertStringStartsWith(date('Y-m-d '), $row->lastupdate);
    }

    public function testAFailureIsToldOnceAndTriedAgain(): void
    {
        $server = $this->serverWithAccount($this->startRouter());
        $this->router->fault(['effect' => ['kind' => 'refuse']]);
        $before = count($this->whmcs->activityLog());
        for ($run = 1; $run <= 3; $run++) {
            $this->whmcs->waitForNextCollection();
            $this->endOfCronRun();
        }
        $told = array_slice($this->whmcs->activityLog(), $before);
        self::assertCount(1, $told, implode("\n", $told));
        self::assertStringContainsString("server $server", $told[0]);
        self::assertStringNotContainsString('p&ss', $told[0]);
        $this->router->clearFaults();
        $this->endOfCronRun();
        $this->dailyRun();
        self::assertNull(Capsule::table('mod_mikrotikvpn_servers')->where('server_id', $server)->value('last_error'));
    }

    public function testARouterThatHangsKeepsNoOtherFromBeingCollected(): void
    {
        $router = $this->startRouter();
        $columns = ['accesshash' => $router->accessHash('timeout = 5')];
        $hanging = $this->serverWithAccount($router, [], $columns);
        $this->router->fault(['effect' => ['kind' => 'hang']]);
        $this->more[] = $router = Router::start();
        $healthy = $this->serverWithAccount($router);
        $this->endOfCronRun();
        self::assertNotNull(Capsule::table('mod_mikrotikvpn_servers')->where('server_id', $hanging)->value('last_error'));
        self::assertNotNull(Capsule::table('mod_mikrotikvpn_servers')->where('server_id', $healthy)->value('collected_at'));
    }

    public function testWrongSettingsOfOneServerAreASentenceInTheLog(): void
    {
        $server = $this->serverWithAccount($this->startRouter());
        Capsule::table('tblservers')->where('id', $server)->update(['accesshash' => 'tls-verify = off']);
        $before = count($this->whmcs->activityLog());
        $this->endOfCronRun();
        $this->whmcs->waitForNextCollection();
        $this->endOfCronRun();
        $told = array_slice($this->whmcs->activityLog(), $before);
        self::assertCount(1, $told, implode("\n", $told));
        self::assertStringContainsString('tls-verify', $told[0]);
    }

    private function endOfCronRun(): void
    {
        $report = (new Cron($this->whmcs->installation))->run('after-only');
        self::assertNull($report['aborted']);
    }

    private function dailyRun(): void
    {
        $report = (new Cron($this->whmcs->installation))->run('daily', 'UpdateServerUsage');
        self::assertSame(['success'], array_column($report['tasks'][0]['servers'], 'returned'));
    }

    /** @param array<int, string> $settings @param array<string, mixed> $columns of tblservers */
    private function serverWithAccount(Router $router, array $settings = [], array $columns = []): int
    {
        $server = $this->whmcs->server($router, $columns);
        $this->account($server, $settings);
        return $server;
    }

    /** @param array<int, string> $settings */
    private function account(int $server, array $settings): int
    {
        $service = $this->whmcs->service($this->whmcs->client(), $this->whmcs->product($settings), $server);
        self::assertSame('success', $this->whmcs->create($service));
        return $service;
    }

    private function collections(int $server): int
    {
        return Capsule::table('mod_mikrotikvpn_collections')->where('server_id', $server)->count();
    }
}

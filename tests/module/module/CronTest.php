<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Build;
use MikrotikVpn\Tests\Deadline;
use MikrotikVpn\Tests\Process;
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
    #[\PHPUnit\Framework\Attributes\DataProvider('frequencies')]
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

    /** @return array<string, array{list<string>}> */
    public static function rounds(): array
    {
        return ['the daily round' => [['cron', '--daily']], 'the end of a cron run' => [['cron', '--after-only']]];
    }

    /**
     * PHP counts what the module hands it against memory_limit, and dies of a text that is too long.
     *
     * @dataProvider rounds
     * @param list<string> $command
     */
    #[\PHPUnit\Framework\Attributes\DataProvider('rounds')]
    public function testARefusalOfSixtyMegabytesKeepsNoOtherServerFromBeingCollected(array $command): void
    {
        $flood = new Process([PHP_BINARY, '-n', dirname(__DIR__) . '/scripts/flood.php', 'no ', '60'], [], true);
        $port = (int) Deadline::await('The port of the hostile router', static fn () => trim($flood->outputSoFar()));
        $row = ['hostname' => '127.0.0.1', 'port' => $port, 'accesshash' => 'transport = rest'];
        $hostile = $this->whmcs->server($this->startRouter(), $row);
        $values = ['domainstatus' => 'Active', 'username' => 'sold-there'];
        $this->whmcs->service($this->whmcs->client(), $this->whmcs->product(), $hostile, $values);
        $healthy = $this->serverWithAccount($this->router);

        $limit = ['WHMCS_PHP_ARGS' => '-dextension=' . Build::library() . "\n-dmemory_limit=128M"];
        $report = $this->whmcs->process($command, $limit)->json();
        self::assertNull($report['aborted']);
        self::assertSame(1, $this->collections($healthy));
        $error = (string) Capsule::table('mod_mikrotikvpn_servers')->where('server_id', $hostile)->value('last_error');
        self::assertStringContainsString('no nonono', $error);
        self::assertLessThan(3_000, strlen($error));
        $entry = Capsule::table('mod_mikrotikvpn_collections')->where('server_id', $hostile)->first();
        self::assertNotNull($entry->finished_at, 'the entry of the journal is closed');
    }

    public function testARunThatWasKilledAtOneServerIsFollowedByOneThatBeginsWithTheOthers(): void
    {
        $router = $this->startRouter();
        $columns = ['accesshash' => $router->accessHash('timeout = 5')];
        $deadly = $this->serverWithAccount($router, [], $columns);
        $router->fault(['effect' => ['kind' => 'hang']]);
        $this->more[] = $other = Router::start();
        $healthy = $this->serverWithAccount($other);

        $run = $this->whmcs->process(['cron', '--after-only']);
        Deadline::await('The beginning of the collection', fn () => $this->collections($deadly) === 1);
        $run->kill();
        self::assertSame(0, $this->collections($healthy));
        self::assertNotNull(Capsule::table('mod_mikrotikvpn_servers')->where('server_id', $deadly)->value('started_at'));

        $this->whmcs->waitForNextCollection();
        $this->endOfCronRun();
        $order = Capsule::table('mod_mikrotikvpn_collections')->whereIn('server_id', [$deadly, $healthy])->orderBy('id')->pluck('server_id')->all();
        self::assertSame([$deadly, $healthy, $deadly], array_map('intval', $order));
    }

    public function testADailyServerThatTheDailyRoundNeverCameToIsCollectedAtTheEndOfACronRun(): void
    {
        $server = $this->serverWithAccount($this->startRouter(), [20 => 'daily']);
        $this->dailyRun();
        foreach ([25 => 1, 27 => 2] as $hours => $collections) {
            $moment = Capsule::raw("UTC_TIMESTAMP() - INTERVAL $hours HOUR");
            Capsule::table('mod_mikrotikvpn_servers')->update(['started_at' => $moment, 'ended_at' => $moment]);
            $this->endOfCronRun();
            self::assertSame($collections, $this->collections($server), "after $hours hours");
        }
    }

    public function testADailyServerThatWasNeverCollectedIsNotForgotten(): void
    {
        $server = $this->serverWithAccount($this->startRouter(), [20 => 'daily']);
        $this->endOfCronRun();
        self::assertSame(0, $this->collections($server), 'the daily round may still come');
        $moment = Capsule::raw('UTC_TIMESTAMP() - INTERVAL 27 HOUR');
        Capsule::table('mod_mikrotikvpn_accounts')->where('server_id', $server)->update(['provisioned_at' => $moment]);
        $this->endOfCronRun();
        self::assertSame(1, $this->collections($server));
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

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Books;
use MikrotikVpn\Tests\Panel;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;
use WhmcsStandIn\Lifecycle;

/** What an admin does with a service's traffic: add, take, collect, print. */
final class AdminTrafficTest extends TestCase
{
    private const FORM = 'Add traffic';

    private int $server;
    private int $service;
    private string $admin;

    protected function setUp(): void
    {
        parent::setUp();
        $this->server = $this->whmcs->server($this->startRouter());
        $this->service = $this->sell([6 => '10']);
        $admin = Capsule::table('tbladmins')->first();
        [$_SESSION['adminid'], $this->admin] = [(int) $admin->id, $admin->username];
    }

    protected function tearDown(): void
    {
        [$_GET, $_POST, $_SESSION] = [[], [], []];
        parent::tearDown();
    }

    public function testTrafficIsAddedAndTakenWithAReasonAndTheAdminsName(): void
    {
        $this->send($this->token(), '2.5', 'outage of 3 March');
        self::assertSame((10 << 30) + (5 << 29), Books::of($this->service)->balance());
        $this->send($this->token(), '-1', "O&#039;Neil's wish &amp; ours");
        self::assertSame((10 << 30) + (3 << 29), Books::of($this->service)->balance());
        $ledger = (string) $this->panel()->value('Traffic ledger');
        self::assertStringContainsString("by {$this->admin}: outage of 3 March", $ledger);
        self::assertStringContainsString("by {$this->admin}: O'Neil's wish & ours", $ledger);
        self::assertStringContainsString("{$this->admin} booked -1 GB", (string) $this->panel()->value(self::FORM));
        self::assertStringContainsString("{$this->admin} booked 2.5 GB", implode("\n", $this->whmcs->activityLog()));
    }

    public function testAFormSentTwiceIsBookedOnce(): void
    {
        $token = $this->token();
        $this->send($token, '1', 'gift');
        $this->send($token, '1', 'gift');
        $this->send($token, '1', '');
        self::assertSame(11 << 30, Books::of($this->service)->balance());
        $this->send($this->token(), '1', 'gift');
        self::assertSame(12 << 30, Books::of($this->service)->balance(), 'another form is another wish');
    }

    public function testAPageSavedWithoutAnEntryBooksNothing(): void
    {
        $this->send($this->token(), '', 'a reason alone');
        $_POST = [];
        $this->whmcs->callForService('AdminServicesTabFieldsSave', $this->service);
        self::assertSame(10 << 30, Books::of($this->service)->balance());
    }

    /** @return array<string, array{string, string, string}> */
    public static function mistakes(): array
    {
        return [
            'no number' => ['a lot', 'gift', 'is not a number of GB'],
            'nothing' => ['0', 'gift', 'is not a number of GB'],
            'no reason' => ['1', ' ', 'needs a reason'],
        ];
    }

    /** @dataProvider mistakes */
    #[\PHPUnit\Framework\Attributes\DataProvider('mistakes')]
    public function testAMistakeIsShownOnThePageAndBooksNothing(string $gb, string $reason, string $words): void
    {
        $this->send($this->token(), $gb, $reason);
        self::assertSame(10 << 30, Books::of($this->service)->balance());
        self::assertStringContainsString($words, (string) $this->panel()->value(self::FORM));
    }

    public function testAFormWithoutItsTokenBooksNothing(): void
    {
        foreach (['', 'x', "' OR 1=1 -- "] as $token) {
            $this->send($token, '1', 'gift');
        }
        self::assertSame(10 << 30, Books::of($this->service)->balance());
        $log = $this->whmcs->activityLog();
        self::assertStringContainsString('without its token', end($log));
    }

    public function testAnUnlimitedAccountHasNothingToAddTo(): void
    {
        $unlimited = $this->sell([]);
        $panel = new Panel($this->whmcs->callForService('AdminServicesTabFields', $unlimited));
        self::assertNull($panel->value(self::FORM));
        self::assertSame([], $panel->inputs());
        self::assertNotNull($panel->value('Traffic ledger'));
    }

    public function testTheLedgerAddsUpAndIsThereWithoutTheRouter(): void
    {
        $name = $this->whmcs->row($this->service)->username;
        $this->router->connect($name);
        $this->router->traffic($name, 3 << 20, 1 << 20);
        $this->router->advance(60);
        self::assertSame('success', $this->whmcs->collect($this->server));
        $this->send($this->token(), '1', '<script>alert(1)</script></template>');
        $this->router->stop();
        $panel = $this->panel();
        $bytes = $panel->ledgerBytes();
        self::assertSame(Books::of($this->service)->balance(), array_pop($bytes));
        self::assertSame(Books::of($this->service)->balance(), array_sum($bytes));
        self::assertSame(0, $panel->foreignElements());
        self::assertSame(1, substr_count($panel->html, '</template>'));
    }

    public function testALongLedgerComesInPartsTheNewestFirstAndAllOfThemAddUp(): void
    {
        $this->bookDays(120);
        $this->send($this->token(), '1', 'gift');
        $this->router->stop();
        $all = [];
        foreach ([1 => 50, 2 => 50, 3 => 23] as $number => $count) {
            $bytes = $this->panel($number)->ledgerBytes();
            $balance = array_pop($bytes);
            self::assertSame(Books::of($this->service)->balance(), $balance);
            self::assertCount($count, $bytes);
            $all = [...$all, ...$bytes];
        }
        self::assertSame(Books::of($this->service)->balance(), array_sum($all));
        self::assertContains(1 << 30, array_slice($all, 0, 3), 'the gift of today');
        self::assertContains(10 << 30, array_slice($all, 0, 3), 'and what was bought today');
        $ledger = (string) $this->panel(2)->value('Traffic ledger');
        self::assertStringContainsString('123 entries', $ledger);
        self::assertStringContainsString('Newer entries Entries 51 to 100 of 123 Older entries', $ledger);
    }

    public function testALedgerOfManyYearsIsAsQuickAsThatOfADay(): void
    {
        $this->bookDays(3_650);
        $grants = array_fill(0, 1_000, "({$this->service}, 1, '2026-01-01 00:00:00', 'correction', 'a reason', 'bob')");
        for ($thousand = 0; $thousand < 10; $thousand++) {
            Capsule::statement('INSERT INTO mod_mikrotikvpn_grants (service_id, bytes, granted_at, kind, reason, admin) VALUES ' . implode(',', $grants));
        }
        $panel = $this->panel();
        self::assertCount(51, $panel->ledgerBytes());
        self::assertStringContainsString('13,652 entries', (string) $panel->value('Traffic ledger'));
        self::assertLessThan(40_000, strlen($panel->html));
    }

    /** One byte used on each of the last days, today included, and a few on days that are not kept. */
    private function bookDays(int $days): void
    {
        $rows = [];
        for ($day = 0; $day < $days; $day++) {
            $date = date('Y-m-d', strtotime("-$day days"));
            $rows[] = "({$this->service}, '$date', 1, 0)";
        }
        Capsule::statement('INSERT INTO mod_mikrotikvpn_traffic_daily (service_id, day, download, upload) VALUES ' . implode(',', $rows));
        Capsule::statement(
            "INSERT INTO mod_mikrotikvpn_traffic_monthly (service_id, month, download, upload) SELECT service_id, DATE_FORMAT(day, '%Y-%m-01'), "
            . 'SUM(download), 0 FROM mod_mikrotikvpn_traffic_daily WHERE service_id = ? GROUP BY 2',
            [$this->service]
        );
        $first = Capsule::table('mod_mikrotikvpn_traffic_monthly')->where('service_id', $this->service)->min('month');
        Capsule::table('mod_mikrotikvpn_traffic_monthly')->where(['service_id' => $this->service, 'month' => $first])->increment('upload', 7);
        Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->decrement('balance', $days + 7);
    }

    public function testCollectNowCollectsHoweverRecentlyThatWasDone(): void
    {
        $name = $this->whmcs->row($this->service)->username;
        $this->router->connect($name);
        self::assertSame('success', $this->whmcs->collect($this->server));
        $this->router->traffic($name, 5_000_000);
        $this->router->advance(60);
        self::assertSame('success', $this->press('collectNow', 'admin'));
        self::assertSame([[5_000_000, 0]], array_values(Books::of($this->service)->days()));
        self::assertNotSame('success', $this->press('collectNow', 'client'), 'a client has no such button');
    }

    public function testCollectNowSaysThatAnotherCollectionIsUnderWay(): void
    {
        Capsule::table('mod_mikrotikvpn_servers')->updateOrInsert(['server_id' => $this->server], [
            'lease_token' => 1,
            'lease_until' => Capsule::raw('UTC_TIMESTAMP() + INTERVAL 1 HOUR'),
        ]);
        self::assertStringContainsString('at this moment', $this->press('collectNow', 'admin'));
    }

    private function press(string $button, string $side): string
    {
        try {
            return (new Lifecycle($this->whmcs->installation))->custom($button, $this->service, $side)->text();
        } catch (\WhmcsStandIn\Refused $refused) {
            return $refused->getMessage();
        }
    }

    private function panel(int $number = 1): Panel
    {
        $_GET = $number === 1 ? [] : ['mikrotikvpn_page' => (string) $number];
        return new Panel($this->whmcs->callForService('AdminServicesTabFields', $this->service));
    }

    private function token(): string
    {
        return $this->panel()->inputs()['mikrotikvpn[token]'];
    }

    private function send(string $token, string $gb, string $reason): void
    {
        $_POST = ['mikrotikvpn' => compact('token', 'gb', 'reason'), 'domainstatus' => 'Active'];
        $this->whmcs->callForService('AdminServicesTabFieldsSave', $this->service);
    }

    /** @param array<int, string> $settings */
    private function sell(array $settings): int
    {
        $service = $this->whmcs->service($this->whmcs->client(), $this->whmcs->product($settings), $this->server);
        self::assertSame('success', $this->whmcs->create($service));
        return $service;
    }
}

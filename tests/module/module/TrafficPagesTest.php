<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\TestCase;
use MikrotikVpn\Tests\Website;
use WHMCS\Database\Capsule;
use WHMCS\View\Menu\Item;
use WhmcsStandIn\ClientPage;
use WhmcsStandIn\Refused;

/** The client's pages "Traffic statistics" and "Traffic history", the files behind them, and who may see them. */
final class TrafficPagesTest extends TestCase
{
    private const GB = 1 << 30;
    private const PASSWORD = 'letmein';

    private int $server;
    private int $client;
    private int $product;
    private int $service;
    private ?Website $website = null;

    protected function setUp(): void
    {
        parent::setUp();
        $this->server = $this->whmcs->server($this->startRouter());
        $this->client = $this->newClient();
        $this->product = $this->whmcs->product([6 => '10', 12 => '30']);
        $this->service = $this->whmcs->service($this->client, $this->product, $this->server, [
            'billingcycle' => 'Monthly', 'regdate' => '2026-01-01', 'nextduedate' => date('Y-m-d', strtotime('20 days')),
        ]);
        self::assertSame('success', $this->whmcs->create($this->service));
        $_SESSION['uid'] = $this->client;
    }

    protected function tearDown(): void
    {
        $this->website?->stop();
        [$_GET, $_REQUEST, $_SESSION] = [[], [], []];
        parent::tearDown();
    }

    public function testBeforeTheFirstCollectionThePageSaysThatFiguresWillCome(): void
    {
        $view = $this->view('statistics');
        self::assertSame('waiting', $view['state']);
        self::assertStringContainsString('after the next collection', $view['sentence']);
        self::assertStringNotContainsString('<table', $this->open('statistics')->moduleOutput());
        self::assertSame('success', $this->whmcs->collect($this->server));
        $view = $this->view('statistics');
        self::assertSame('shown', $view['state']);
        self::assertSame([['0.00 GB', 0]], $this->totals($view['tables'][0]['rows']), 'nobody used anything yet');
    }

    public function testThePageShowsEveryCollectedByteAndDaysWithoutUse(): void
    {
        $this->usage('daily', [-29 => [3 * self::GB, self::GB], -2 => [self::GB, 0]]);
        $this->usage('monthly', [-29 => [3 * self::GB, self::GB], -2 => [self::GB, 0]]);
        $name = $this->whmcs->row($this->service)->username;
        $this->router->connect($name);
        $this->router->traffic($name, 5 * self::GB, 2 * self::GB);
        self::assertSame('success', $this->whmcs->collect($this->server));

        $view = $this->view('statistics');
        [$days, $months] = $view['tables'];
        $bytes = array_column($days['rows'], 'total_bytes', 'date');
        self::assertCount(30, $bytes);
        self::assertSame([$this->day(0), $this->day(-29)], [array_key_first($bytes), array_key_last($bytes)], 'the newest first');
        $used = [$this->day(0) => 7 * self::GB, $this->day(-2) => self::GB, $this->day(-29) => 4 * self::GB];
        self::assertSame($used, array_filter($bytes));
        self::assertSame(12 * self::GB, $days['sum']['total_bytes']);
        self::assertSame(['9.00 GB', '3.00 GB', '12.00 GB'], [$days['sum']['download'], $days['sum']['upload'], $days['sum']['total']]);
        self::assertSame(12 * self::GB, array_sum(array_column($months['rows'], 'total_bytes')));
        self::assertStringStartsWith('Last update: ', $view['updated']);
        self::assertSame('chartjs', $view['engine']);
        $html = $this->open('statistics')->moduleOutput();
        self::assertSame(30 + count($months['rows']), substr_count($html, '<time datetime='));
    }

    /** The two zones never have the same date. */
    public function testTheLastDayIsThatOfWhmcssTimeZone(): void
    {
        self::assertSame('success', $this->whmcs->collect($this->server));
        $zone = date_default_timezone_get();
        try {
            foreach (['Pacific/Kiritimati', 'Pacific/Niue'] as $other) {
                date_default_timezone_set($other);
                $rows = $this->view('statistics')['tables'][0]['rows'];
                self::assertSame([date('Y-m-d')], array_column($rows, 'date'), $other);
            }
        } finally {
            date_default_timezone_set($zone);
        }
    }

    public function testTheProductChoosesWhatDrawsTheCharts(): void
    {
        self::assertSame('success', $this->whmcs->collect($this->server));
        $this->whmcs->settings($this->product, [23 => 'chart engine = google']);
        self::assertSame('google', $this->view('statistics')['engine']);
    }

    public function testTheHistoryTellsGrantsAndCorrectionsButNoReason(): void
    {
        $admin = Capsule::table('tbladmins')->first();
        \MikrotikVpn\adminServicesTabFieldsSave(
            ['serviceid' => $this->service, 'userid' => $this->client],
            ['gb' => '-2.5', 'reason' => 'he shouted at me', 'token' => bin2hex(random_bytes(16))],
            (int) $admin->id
        );
        $view = $this->view('history');
        self::assertSame(['Left now: 7.50 GB', 'shown'], [$view['balance'], $view['state']]);
        self::assertSame(['correction', 'grant'], array_column($view['entries'], 'kind'));
        self::assertSame(['-2.50 GB', '+10.00 GB'], array_column($view['entries'], 'amount'));
        self::assertSame(['Correction by our team', 0], [$view['entries'][0]['what'], strpos($view['entries'][1]['what'], 'Traffic of the billing period from ')]);
        $html = $this->open('history')->html();
        self::assertStringNotContainsString('shouted', $html);
        self::assertStringNotContainsString($admin->username, $html);
    }

    public function testALongHistoryComesInPartsTheNewestFirst(): void
    {
        $rows = [];
        for ($number = 1; $number <= 10_000; $number++) {
            $rows[] = "({$this->service}, $number, '2026-01-01 00:00:00' + INTERVAL $number SECOND, 'correction')";
        }
        Capsule::table('mod_mikrotikvpn_grants')->where('service_id', $this->service)->delete();
        Capsule::statement('INSERT INTO mod_mikrotikvpn_grants (service_id, bytes, granted_at, kind) VALUES ' . implode(',', $rows));
        $shown = function (int $number): array {
            $view = $this->view('history', number: $number);
            return [array_column($view['entries'], 'bytes'), $view['sheet']];
        };
        $sheet = ['range' => 'Entries 1 to 50 of 10,000', 'newer' => null, 'older' => 2, 'parameter' => 'mikrotikvpn_page'];
        self::assertSame([range(10_000, 9_951), $sheet], $shown(1));
        $sheet = ['range' => 'Entries 51 to 100 of 10,000', 'newer' => 1, 'older' => 3] + $sheet;
        self::assertSame([range(9_950, 9_901), $sheet], $shown(2));
        $sheet = ['range' => 'Entries 9,951 to 10,000 of 10,000', 'newer' => 199, 'older' => null] + $sheet;
        self::assertSame([range(50, 1), $sheet], $shown(200));
        self::assertSame([], $shown(201)[0]);
        $html = $this->open('history', number: 2)->moduleOutput();
        self::assertSame(50, substr_count($html, '<time datetime='));
        $here = "clientarea.php?action=productdetails&amp;id={$this->service}&amp;mikrotikvpn=history&amp;mikrotikvpn_page=";
        self::assertStringContainsString("{$here}1\">Newer entries", $html);
        self::assertStringContainsString("{$here}3\">Older entries", $html);
        self::assertLessThan(40_000, strlen($html));
    }

    public function testAnUnlimitedPackageHasAHistoryPageToo(): void
    {
        $unlimited = $this->whmcs->service($this->client, $this->whmcs->product(), $this->server);
        self::assertSame('success', $this->whmcs->create($unlimited));
        $view = $this->view('history', $unlimited);
        self::assertSame(['Your traffic is unlimited.', []], [$view['balance'], $view['entries']]);
        self::assertStringContainsString('Nothing has been added', $this->open('history', $unlimited)->moduleOutput());
    }

    public function testTheSidebarLeadsThereAndBack(): void
    {
        $links = fn (Item $sidebar): array => array_map(
            static fn (Item $item): array => [$item->getLabel(), $item->getUri(), $item->isCurrent(), (bool) $item->getAttribute('dataToggleTab')],
            array_values($sidebar->getChild('Service Details Overview')->getChildren())
        );
        $page = "clientarea.php?action=productdetails&id={$this->service}";
        self::assertSame([
            ['Information', '#tabOverview', true, true],
            ['Traffic statistics', "$page&mikrotikvpn=statistics", false, false],
            ['Traffic history', "$page&mikrotikvpn=history", false, false],
        ], $links($this->open('')->variables['primarySidebar']));
        self::assertSame([
            ['Information', $page, false, false],
            ['Traffic statistics', "$page&mikrotikvpn=statistics", true, false],
            ['Traffic history', "$page&mikrotikvpn=history", false, false],
        ], $links($this->open('statistics')->variables['primarySidebar']));
    }

    public function testAnotherPageAndAnotherModulesServiceHaveNoItemsOfOurs(): void
    {
        $foreign = $this->whmcs->fixtures->addService(['userid' => $this->client, 'packageid' => $this->whmcs->fixtures->addProduct(['name' => 'Shirt'], '', [])]);
        Capsule::table('tblhosting')->where('id', $foreign)->update(['domainstatus' => 'Active']);
        $_REQUEST = ['id' => (string) $foreign];
        self::assertSame([], \MikrotikVpn\clientMenu($foreign, $this->client));
        foreach ([new Item('primarySidebar'), $this->panel()] as $sidebar) {
            $before = count($sidebar->getChildren());
            run_hook('ClientAreaPrimarySidebar', $sidebar);
            self::assertCount($before, $sidebar->getChildren());
            self::assertCount(0, $sidebar->getChild('Service Details Overview')?->getChildren() ?? []);
        }
    }

    public function testAServiceOfAnotherClientShowsNothing(): void
    {
        $other = $this->newClient();
        self::assertSame(['statistics', 'history'], \MikrotikVpn\clientMenu($this->service, $this->client));
        $params = ['serviceid' => $this->service, 'userid' => $this->client, 'status' => 'Active'];
        foreach ([$other, 0, -1] as $visitor) {
            self::assertSame([], \MikrotikVpn\clientMenu($this->service, $visitor));
            self::assertSame(['state' => 'foreign'], \MikrotikVpn\clientStatistics($params, $visitor));
            self::assertSame(['state' => 'foreign'], \MikrotikVpn\clientHistory($params, $visitor, 1));
            self::assertSame(['state' => 'foreign'], \MikrotikVpn\clientDownload($params, $visitor, 'days.csv'));
        }
        $_SESSION['uid'] = $other;
        $this->expectException(Refused::class);
        $this->open('statistics');
    }

    public function testASuspendedCustomerReadsTheFiguresAndAnEndedOneDoesNot(): void
    {
        self::assertSame('success', $this->whmcs->collect($this->server));
        self::assertSame('success', $this->whmcs->suspend($this->service));
        self::assertSame(['shown', 'shown'], [$this->view('statistics')['state'], $this->view('history')['state']]);
        $password = $this->whmcs->row($this->service)->password;
        self::assertStringNotContainsString($password, $this->open('statistics')->moduleOutput());
        foreach (['Pending', 'Terminated', 'Cancelled', 'Fraud'] as $status) {
            Capsule::table('tblhosting')->where('id', $this->service)->update(['domainstatus' => $status]);
            self::assertSame(['inactive', 'inactive'], [$this->view('statistics')['state'], $this->view('history')['state']], $status);
            self::assertSame([], \MikrotikVpn\clientMenu($this->service, $this->client), $status);
        }
    }

    public function testAProductThatIsSetUpWronglyCostsNobodyHisFigures(): void
    {
        $this->whmcs->settings($this->product, [12 => 'sixty', 23 => 'chart engine = excel']);
        self::assertSame('success', $this->whmcs->collect($this->server));
        $view = $this->view('statistics');
        self::assertSame(['shown', 'chartjs'], [$view['state'], $view['engine']]);
        self::assertStringNotContainsString('excel', $this->open('statistics')->html());
        $remarks = (string) Capsule::table('mod_mikrotikvpn_collections')->orderByDesc('id')->value('remarks');
        self::assertStringContainsString('"Advanced" holds "chart-engine = excel"', $remarks, 'the admin reads of it');
    }

    /** Such as one that compresses the answer, or that of a debugger. */
    public function testABufferThatCannotBeRemovedKeepsNoAnswerUp(): void
    {
        self::assertSame('success', $this->whmcs->collect($this->server));
        foreach (['PHP_OUTPUT_HANDLER_CLEANABLE | PHP_OUTPUT_HANDLER_FLUSHABLE', '0'] as $flags) {
            $first = $this->temporaryFile("<?php
                if (PHP_SAPI === 'cli-server') {
                    ob_start(static fn (string \$text): string => \$text, 0, $flags);
                    ob_start();
                    echo ' ';
                }");
            $this->website = new Website($this->whmcs, $first);
            $this->login($this->client);
            $live = $this->file('live');
            self::assertSame('active', json_decode($live['body'], true)['state'] ?? $live['body'], $flags);
            $days = $this->file('days.csv');
            self::assertStringStartsWith('day,download_bytes,upload_bytes,total_bytes', $days['body'], $flags);
            self::assertStringEndsWith("\r\n", $days['body'], $flags);
            $this->website->stop();
        }
    }

    public function testAPageNobodyKnowsIsTheProductPage(): void
    {
        foreach (['nothing', '../statistics', 'days'] as $page) {
            self::assertSame('templates/client', $this->open($page)->returned['templatefile'] ?? null, $page);
        }
        $_GET = $_REQUEST = ['mikrotikvpn' => ['statistics'], 'id' => (string) $this->service];
        self::assertSame('templates/client', ClientPage::productDetails($this->service)->returned['templatefile'] ?? null);
    }

    public function testTheFileHasIsoDatesAndBytesAndItsHeaders(): void
    {
        $this->usage('daily', [-1 => [1_234_567_890_123, 7]]);
        $this->usage('monthly', [-1 => [1_234_567_890_123, 7]]);
        $this->login($this->client);
        $answer = $this->file('days.csv');
        self::assertSame(200, $answer['status']);
        $lines = ['day,download_bytes,upload_bytes,total_bytes', $this->day(-1) . ',1234567890123,7,1234567890130', $this->day(0) . ',0,0,0', ''];
        self::assertSame(implode("\r\n", $lines), $answer['body']);
        self::assertSame('text/csv; charset=utf-8', strtolower($answer['headers']['content-type']));
        self::assertSame("attachment; filename=\"traffic-{$this->service}-days.csv\"", $answer['headers']['content-disposition']);
        self::assertSame('nosniff', $answer['headers']['x-content-type-options']);
        self::assertStringContainsString('no-store', $answer['headers']['cache-control']);
        self::assertSame((string) strlen($answer['body']), $answer['headers']['content-length']);

        $months = explode("\r\n", $this->file('months.csv')['body']);
        self::assertSame('month,download_bytes,upload_bytes,total_bytes', $months[0]);
        self::assertSame(substr($this->day(-1), 0, 7) . ',1234567890123,7,1234567890130', $months[1]);
        foreach (array_slice(explode(',', implode(',', array_filter($months))), 7) as $cell) {
            self::assertMatchesRegularExpression('/^[0-9]+(-[0-9]+)*$/D', $cell, 'no cell can be a formula');
        }
    }

    public function testAFileOfAnotherClientsServiceIsNotSent(): void
    {
        foreach (['days.csv', 'months.csv', 'statistics', 'history'] as $page) {
            // WHMCS ends the session that asks for what is not its own.
            $this->login($this->newClient());
            $answer = $this->file($page);
            self::assertSame(403, $answer['status'], $page);
            self::assertStringNotContainsString('download_bytes', $answer['body']);
            self::assertArrayNotHasKey('content-disposition', $answer['headers']);
            self::assertStringContainsString('inputPassword', $answer['body'], 'the login page');
        }
    }

    public function testAFileOfAnEndedServiceIsNotThere(): void
    {
        Capsule::table('tblhosting')->where('id', $this->service)->update(['domainstatus' => 'Terminated']);
        $this->login($this->client);
        $answer = $this->file('days.csv');
        self::assertSame([404, 'There is no such file.'], [$answer['status'], $answer['body']]);
        self::assertStringStartsWith('text/plain', $answer['headers']['content-type']);
    }

    private function open(string $page, ?int $service = null, int $number = 1): ClientPage
    {
        $service ??= $this->service;
        $ours = ['mikrotikvpn' => $page, 'mikrotikvpn_page' => (string) $number];
        $_GET = $_REQUEST = ['action' => 'productdetails', 'id' => (string) $service] + ($page === '' ? [] : $ours);
        return ClientPage::productDetails($service);
    }

    /** What the template of a page gets. @return array<string, mixed> */
    private function view(string $page, ?int $service = null, int $number = 1): array
    {
        return $this->open($page, $service, $number)->returned['templateVariables']['mikrotikvpn'];
    }

    /** @param list<array<string, mixed>> $rows @return list<array{string, int}> */
    private function totals(array $rows): array
    {
        return array_map(static fn (array $row): array => [$row['total'], $row['total_bytes']], $rows);
    }

    private function panel(): Item
    {
        $sidebar = new Item('primarySidebar');
        $sidebar->addChild('Service Details Overview');
        return $sidebar;
    }

    /** What was booked on days from today. @param array<int, array{int, int}> $days */
    private function usage(string $table, array $days): void
    {
        foreach ($days as $day => [$download, $upload]) {
            [$column, $date] = $table === 'daily' ? ['day', $this->day($day)] : ['month', substr($this->day($day), 0, 7) . '-01'];
            Capsule::statement(
                "INSERT INTO mod_mikrotikvpn_traffic_$table (service_id, $column, download, upload) VALUES (?, ?, ?, ?)"
                . ' ON DUPLICATE KEY UPDATE download = download + VALUES(download), upload = upload + VALUES(upload)',
                [$this->service, $date, $download, $upload]
            );
        }
    }

    private function day(int $days): string
    {
        return date('Y-m-d', strtotime("$days days"));
    }

    private function newClient(): int
    {
        return $this->whmcs->client(['password' => self::PASSWORD]);
    }

    private function login(int $client): void
    {
        $this->website ??= new Website($this->whmcs);
        $this->website->login((string) Capsule::table('tblclients')->where('id', $client)->value('email'), self::PASSWORD);
    }

    private function file(string $name): array
    {
        return $this->website->get("clientarea.php?action=productdetails&id={$this->service}&mikrotikvpn=$name");
    }
}

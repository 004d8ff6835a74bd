<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;
use MikrotikVpn\Tests\Panel;
use WHMCS\Database\Capsule;
use WhmcsStandIn\Lifecycle;

/** The admin's page of a service: everything about its account at one place, whatever state the router is in. */
final class AdminServicePageTest extends LedgerTestCase
{
    private const HOSTILE = '"><img src=x onerror=alert(1)> & </dd></template><script>alert(2)</script>';

    public function testAnAccountIsShownAsItIsOnTheRouter(): void
    {
        $this->create();
        $row = $this->whmcs->row($this->service);
        $panel = $this->panel();
        self::assertStringStartsWith('Router 127.0.0.1:', $panel->state());
        self::assertStringEndsWith('answers', $panel->state());
        self::assertSame(
            "Username {$row->username} enabled Profile default-encryption Service any Address {$row->dedicatedip} Comment {$this->whmcs->tag($this->service)}",
            $panel->value('Account on the router')
        );
        self::assertSame('Not connected', $panel->value('Connection'));
        self::assertSame('20 Mbit/s down, 5 Mbit/s up', $panel->value('Speed limits'));
        self::assertSame('0.00 GB down, 0.00 GB up', $panel->value('Traffic in this period'));
        self::assertSame('0.01 GB left of 0.01 GB', $panel->value('Balance'));
        self::assertStringContainsString('0.01 GB on ', (string) $panel->value('Next grant'));
        self::assertSame('never yet', $panel->value('Last collection'));
        self::assertStringContainsString('1 entry', (string) $panel->value('Traffic ledger'));
        self::assertSame([], $panel->warnings());
    }

    public function testAPageTakesTwoRequests(): void
    {
        $this->create();
        $this->router->connect($this->username());
        $this->router->resetStats();
        $this->panel();
        self::assertSame(2, $this->router->stats()['total']);
    }

    public function testConnectionUsageAndTheLastCollectionAreShown(): void
    {
        $this->create();
        $this->router->connect($this->username());
        $this->router->traffic($this->username(), 3 * self::MB, self::MB);
        $this->router->advance(3_700);
        $this->collect();
        $panel = $this->panel();
        self::assertMatchesRegularExpression('/^Connected L2TP from [\d.]+, for 1 hour 1 minute \d+\./', (string) $panel->value('Connection'));
        $left = self::QUOTA - 4 * self::MB;
        self::assertSame([$left, $left], [$this->balance(), array_sum(array_slice($panel->ledgerBytes(), 0, -1))]);
        self::assertStringContainsString('RouterOS 7', (string) $panel->value('Last collection'));
        self::assertStringContainsString('1 of 1 accounts online then', (string) $panel->value('Last collection'));
    }

    public function testACappedAccountSaysSoAndWhatTheCapIs(): void
    {
        $this->create();
        $this->consume(11 * self::MB);
        $panel = $this->panel();
        self::assertStringContainsString('used up: disable', (string) $panel->value('Balance'));
        self::assertStringContainsString('disabled', (string) $panel->value('Account on the router'));
    }

    public function testRemarksOfOtherAccountsAreOnlyCounted(): void
    {
        $this->create();
        $other = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server);
        self::assertSame('success', $this->whmcs->create($other));
        foreach ([$this->service, $other] as $service) {
            $this->router->exec('/queue/simple/remove', ['numbers' => $this->whmcs->row($service)->username]);
        }
        $this->collect();
        $shown = (string) $this->panel()->value('Last collection');
        self::assertStringContainsString("Service {$this->service} has no queue on the router", $shown);
        self::assertStringNotContainsString("Service $other ", $shown);
        self::assertStringContainsString('1 remark about another account', $shown);
    }

    public function testAnAccountThatIsGoneIsToldWithTheRemedy(): void
    {
        $this->create();
        $this->router->exec('/ppp/secret/remove', ['numbers' => $this->username()]);
        $warning = $this->panel()->warnings()[0];
        self::assertStringContainsString("mikrotikvpn whmcs:{$this->service}", $warning);
        self::assertStringContainsString('Create makes it again', $warning);
    }

    public function testAServiceWithoutAnAccountHasAPageToo(): void
    {
        $panel = $this->panel();
        self::assertStringContainsString('Create makes it', (string) $panel->value('Account on the router') . implode('', $panel->warnings()));
        self::assertNull($panel->value('Add traffic'));
        self::assertNull($panel->value('Traffic ledger'));
    }

    public function testADeadRouterLeavesTheBooksAndSaysWhatToDo(): void
    {
        $this->create();
        $this->router->stop();
        $panel = $this->panel();
        self::assertStringEndsWith('does not answer', $panel->state());
        self::assertStringStartsWith('The router 127.0.0.1:', $panel->warnings()[0]);
        $account = (string) $panel->value('Account on the router');
        self::assertStringContainsString($this->username(), $account);
        self::assertStringContainsString('cannot be asked now', $account);
        self::assertSame('Unknown', $panel->value('Connection'));
        self::assertSame('0.01 GB left of 0.01 GB', $panel->value('Balance'));
        self::assertArrayHasKey('mikrotikvpn[token]', $panel->inputs());
    }

    /** An address that swallows every packet: nothing but the page's own patience ends it. */
    public function testABlackHoleIsGivenUpByThePagesOwnDeadline(): void
    {
        $this->create();
        [$port, $sockets] = self::blackHole();
        Capsule::table('tblservers')->where('id', $this->server)->update(['port' => $port]);
        $panel = $this->panel();
        self::assertStringContainsString('no connection came up in time', $panel->warnings()[0]);
        array_map('fclose', $sockets);
    }

    /** A router that takes the connection and never answers. */
    public function testASilentRouterIsGivenUpToo(): void
    {
        $this->create();
        $silent = stream_socket_server('tcp://127.0.0.1:0');
        $port = (int) substr((string) strrchr(stream_socket_get_name($silent, false), ':'), 1);
        Capsule::table('tblservers')->where('id', $this->server)->update(['port' => $port]);
        // The binary API notices at its login.
        $late = '/the time for this operation was over|did not answer the login in time/';
        self::assertMatchesRegularExpression($late, $this->panel()->warnings()[0]);
    }

    public function testASilentRouterIsLeftAloneForAWhileAndItsLastWordIsShownWithItsTime(): void
    {
        $this->create();
        $this->router->connect($this->username());
        $seen = $this->panel();
        $this->router->fault(['when' => (object) [], 'effect' => ['kind' => 'reset-on-accept']]);
        $this->router->resetStats();
        $first = $this->panel();
        self::assertStringEndsWith('does not answer', $first->state());
        $connections = $this->router->stats()['connections'];
        self::assertGreaterThan(0, $connections);
        $second = $this->panel();
        self::assertStringContainsString('did not answer a moment ago', $second->warnings()[0]);
        self::assertSame($connections, $this->router->stats()['connections'], 'nobody waits for it meanwhile');
        foreach ([$first, $second] as $panel) {
            self::assertSame($seen->value('Account on the router'), $panel->value('Account on the router'));
            self::assertStringStartsWith('Connected L2TP from', (string) $panel->value('Connection'));
            self::assertStringContainsString('Last known state, from ', $panel->html);
        }
        $this->router->clearFaults();
        $this->later(11);
        $third = $this->panel();
        self::assertStringEndsWith('answers', $third->state());
        self::assertStringNotContainsString('Last known state', $third->html);
        self::assertSame([], $third->warnings());
    }

    public function testTwoPagesASecondAskARouterAndTheOthersSeeWhatTheySaw(): void
    {
        $this->create();
        Capsule::connection()->statement('SET timestamp = ?', [time()]);
        try {
            $this->router->resetStats();
            $panels = [$this->panel(), $this->panel(), $this->panel(), $this->panel()];
            self::assertSame(4, $this->router->stats()['total']);
        } finally {
            Capsule::connection()->statement('SET timestamp = DEFAULT');
        }
        foreach ($panels as $panel) {
            self::assertStringEndsWith('answers', $panel->state());
            self::assertSame($panels[0]->value('Account on the router'), $panel->value('Account on the router'));
        }
    }

    public function testCustomersWhoLookTakeNoAdminHisPage(): void
    {
        $this->create();
        Capsule::connection()->statement('SET timestamp = ?', [time()]);
        try {
            for ($page = 0; $page < 3; $page++) {
                $params = (new \WhmcsStandIn\Params($this->whmcs->installation))->forService($this->service, 'ClientArea');
                \MikrotikVpn\clientInformation($params, (int) $this->whmcs->row($this->service)->userid);
                Capsule::table('mod_mikrotikvpn_live')->delete();
            }
            $this->router->resetStats();
            self::assertStringNotContainsString('Last known state', $this->panel()->html);
            self::assertSame(2, $this->router->stats()['total']);
        } finally {
            Capsule::connection()->statement('SET timestamp = DEFAULT');
        }
    }

    /** As if so many seconds had passed since anybody asked. */
    private function later(int $seconds): void
    {
        Capsule::table('mod_mikrotikvpn_pace')->update(['asked_at' => Capsule::raw("asked_at - INTERVAL $seconds SECOND")]);
    }

    public function testWrongSettingsAreNamedAndTheBooksStay(): void
    {
        $this->create();
        Capsule::table('tblproducts')->where('id', $this->product)->update(['configoption4' => 'fast']);
        $panel = $this->panel();
        self::assertStringContainsString('"Download speed" holds "fast"', $panel->warnings()[0]);
        self::assertStringContainsString($this->username(), (string) $panel->value('Account on the router'));
        self::assertNotNull($panel->value('Traffic ledger'));
    }

    public function testNothingFromRouterOrAdminIsMarkup(): void
    {
        $this->create();
        $comment = $this->whmcs->tag($this->service) . ' ' . self::HOSTILE;
        $this->router->exec('/ppp/profile/add', ['name' => self::HOSTILE]);
        $this->router->exec('/ppp/secret/set', ['numbers' => $this->username(), 'comment' => $comment, 'profile' => self::HOSTILE]);
        $this->router->connect($this->username(), ['caller-id' => self::HOSTILE]);
        Capsule::table('mod_mikrotikvpn_servers')->updateOrInsert(['server_id' => $this->server], ['version' => '<script>alert(3)</script>', 'last_error' => self::HOSTILE, 'ended_at' => '2026-01-01 00:00:00']);
        Capsule::table('mod_mikrotikvpn_collections')->insert(['server_id' => $this->server, 'started_at' => '2026-01-01 00:00:00', 'finished_at' => '2026-01-01 00:00:01', 'remarks' => self::HOSTILE]);
        Capsule::table('mod_mikrotikvpn_grants')->insert(['service_id' => $this->service, 'bytes' => 1, 'granted_at' => '2026-01-01 00:00:00', 'reason' => self::HOSTILE, 'admin' => self::HOSTILE]);
        $panel = $this->panel();
        self::assertSame(0, $panel->foreignElements());
        self::assertSame(1, substr_count($panel->html, '</template>'));
        self::assertStringContainsString(self::HOSTILE, (string) $panel->value('Account on the router'));
        self::assertStringContainsString('<script>alert(2)', (string) $panel->value('Last collection'));
    }

    public function testTheLatestCheckOfTheRouterIsShownEscapedAndWithItsCommands(): void
    {
        $this->create();
        self::assertStringContainsString('Not yet', (string) $this->panel()->value('Router check'));
        $healthy = $this->check();
        self::assertSame('success', $healthy);
        $this->router->exec('/queue/simple/add', ['name' => self::HOSTILE, 'target' => '0.0.0.0/0', 'place-before' => $this->username()]);
        $sick = $this->check();
        self::assertStringContainsString('stands above the queues of ' . $this->username(), $sick);
        $this->router->resetStats();
        $panel = $this->panel();
        self::assertSame(2, $this->router->stats()['total'], 'the page itself examines nothing');
        self::assertSame(0, $panel->foreignElements());
        $value = (string) $panel->value('Router check');
        $harmless = strtr(self::HOSTILE, ['<' => '‹', '>' => '›']);
        self::assertStringContainsString("Queue order problem The queue \"$harmless\" (target 0.0.0.0/0)", $value);
        self::assertStringContainsString('/queue simple move [find name="\\22\\3E', $value);
        self::assertStringContainsString("doctor.php {$this->server} --script", $value);
    }

    public function testButtonsReadTheAdminsLanguageAndNameTheFunctions(): void
    {
        $buttons = $this->whmcs->callForService('AdminCustomButtonArray', $this->service);
        self::assertSame(['Reset connection' => 'resetConnection', 'Collect now' => 'collectNow', 'Check router' => 'checkRouter'], $buttons);
    }

    private function check(): string
    {
        return (new Lifecycle($this->whmcs->installation))->custom('checkRouter', $this->service, 'admin')->text();
    }

    private function panel(): Panel
    {
        return new Panel($this->whmcs->callForService('AdminServicesTabFields', $this->service));
    }

    /**
     * A port whose queue of connections is full: Linux drops what else comes, as a firewall does.
     *
     * @return array{int, list<resource>} the port, and what must stay open
     */
    private static function blackHole(): array
    {
        $server = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
        socket_bind($server, '127.0.0.1', 0);
        socket_listen($server, 0);
        socket_getsockname($server, $address, $port);
        $sockets = [socket_export_stream($server)];
        // One fits into the queue for certain; what comes when it is full only seems to be on its way.
        for ($count = 0; $count < 4; $count++) {
            $sockets[] = stream_socket_client("tcp://127.0.0.1:$port", $code, $message, 1, STREAM_CLIENT_CONNECT | STREAM_CLIENT_ASYNC_CONNECT);
        }
        return [$port, $sockets];
    }
}

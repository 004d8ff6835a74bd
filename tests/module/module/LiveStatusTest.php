<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Deadline;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;
use WhmcsStandIn\Params;

/** What pages and their polls ask the router, how seldom, and what they say meanwhile. */
final class LiveStatusTest extends TestCase
{
    private const PASSWORD = 'Pass-word."42"<b>';
    private const PSK = 'psk-of-the-product';

    private int $server;
    private int $product;
    private int $client;
    private int $service;

    protected function setUp(): void
    {
        parent::setUp();
        $this->server = $this->whmcs->server($this->startRouter());
        $this->product = $this->whmcs->product([4 => '100', 5 => '20', 18 => 'on', 19 => self::PSK]);
        $this->client = $this->whmcs->client();
        $this->service = $this->order();
    }

    protected function tearDown(): void
    {
        Capsule::connection()->statement('SET timestamp = DEFAULT');
        parent::tearDown();
    }

    public function testAPageOfACustomerWhoIsNotConnectedAsksForSessionsAndSecret(): void
    {
        $page = $this->page();
        self::assertSame(['active', false], [$page['state'], $page['live']['connected']]);
        self::assertSame(['/ppp/active', '/ppp/secret'], $this->asked());
    }

    public function testAPageOfACustomerWhoIsConnectedAsksForSessionsAndQueue(): void
    {
        $this->dialIn($this->service, 8_000_000, 2_000_000);
        $before = time();
        $page = $this->page();
        self::assertSame(['/ppp/active', '/queue/simple'], $this->asked());
        $live = $page['live'];
        $address = Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->value('address');
        self::assertSame([true, 'L2TP', $address, '203.0.113.9'], [$live['connected'], $live['protocol'], $live['address'], $live['caller']]);
        self::assertSame([8_000_000, 2_000_000], [$live['download'], $live['upload']]);
        self::assertEqualsWithDelta($before - 60, $live['since'], 5);
    }

    public function testAPollIsOneRequestAndTwoOfThemKnowEverything(): void
    {
        $this->page();
        $this->dialIn($this->service, 8_000_000, 2_000_000);
        $polls = [];
        foreach ([['/ppp/active'], ['/queue/simple'], ['/ppp/active']] as $request) {
            $this->later(5);
            $this->router->resetStats();
            $polls[] = $this->poll()['live'];
            self::assertSame($request, $this->asked());
        }
        self::assertSame([true, true, true], array_column($polls, 'connected'));
        self::assertSame([null, 8_000_000, 8_000_000], array_column($polls, 'download'));
        self::assertSame($polls[0]['since'], $polls[2]['since']);
        $this->router->disconnect($this->name($this->service));
        $this->later(5);
        $this->poll();
        $this->later(5);
        $gone = $this->poll()['live'];
        self::assertSame([false, null, null], [$gone['connected'], $gone['protocol'], $gone['download']]);
    }

    public function testWhoAsksWithinFiveSecondsGetsWhatWasSeenAndNoRequestIsMade(): void
    {
        $this->page();
        $this->dialIn($this->service);
        $this->router->resetStats();
        $this->later(4);
        self::assertFalse($this->poll()['live']['connected']);
        self::assertFalse($this->page()['live']['connected']);
        self::assertSame([], $this->asked());
        $this->later(1);
        self::assertTrue($this->poll()['live']['connected']);
    }

    public function testWhatWasSeenLongerAgoIsShownWithItsTimeAndWithoutASpeed(): void
    {
        $this->dialIn($this->service, 8_000_000);
        self::assertSame([false, 8_000_000], [$this->page()['live']['stale'], $this->poll()['live']['download']]);
        Capsule::table('mod_mikrotikvpn_live')->update(['seen_at' => '2026-01-02 03:04:05', 'asked_at' => Capsule::raw('UTC_TIMESTAMP(6)')]);
        $live = $this->poll()['live'];
        self::assertSame([true, true, null], [$live['stale'], $live['connected'], $live['download']]);
        $values = $this->whmcs->process($this->liveCommand($this->service))->json()['direct_json']['values'];
        self::assertSame('Last known state, from 2 Jan 2026, 03:04', $values['as-of']);
    }

    public function testManyPagesOfOneServiceAtTheSameMomentAreOneRequest(): void
    {
        $this->page();
        $this->dialIn($this->service);
        $this->later(5);
        $this->router->resetStats();
        $answers = $this->pollAtOnce(array_fill(0, 6, $this->service), time() + 1);
        self::assertSame(['/ppp/active'], $this->asked());
        self::assertSame(array_fill(0, 6, 'active'), array_column($answers, 'state'));
        $connections = array_column($answers, 'connection');
        sort($connections);
        self::assertContains('on', $connections);
        self::assertSame([], array_diff($connections, ['on', 'off']), 'the others tell what was seen before');
    }

    public function testARouterGetsFiveRequestsASecondFromAllServicesTogether(): void
    {
        $services = [$this->service, ...array_map(fn () => $this->order(), range(1, 7))];
        $this->router->resetStats();
        $now = time() + 100;
        $answers = $this->pollAtOnce($services, $now);
        self::assertCount(5, $this->asked(), 'in the same moment');
        $known = array_count_values(array_column($answers, 'connection'));
        self::assertSame(['off' => 5, 'unknown' => 3], array_intersect_key($known, ['off' => 0, 'unknown' => 0]));
        $this->pollAtOnce($services, $now + 0.999);
        self::assertCount(5, $this->asked(), 'before the second is over');
        $this->pollAtOnce($services, $now + 1);
        self::assertCount(8, $this->asked(), 'those who were not served come next, the others only after five seconds');
        $this->pollAtOnce($services, $now + 5);
        self::assertCount(13, $this->asked());
    }

    public function testAPageThatMaySendOneRequestAsksForTheSessions(): void
    {
        $others = [$this->order(), $this->order()];
        Capsule::connection()->statement('SET timestamp = ?', [time()]);
        array_map($this->page(...), $others);
        self::assertSame('active', $this->page()['state']);
        self::assertSame(['/ppp/active'], $this->asked());
    }

    public function testNobodyElsesServiceIsShownAndNoRouterIsAskedForIt(): void
    {
        $this->dialIn($this->service);
        $this->router->resetStats();
        foreach ([0, $this->client + 1] as $stranger) {
            self::assertSame(['state' => 'inactive'], $this->poll($this->service, $stranger));
            self::assertSame(['state' => 'foreign', 'service' => $this->service], $this->page($this->service, $stranger));
        }
        self::assertSame([], $this->asked());
    }

    public function testAServiceThatIsNotActiveIsNeitherShownNorAskedFor(): void
    {
        $this->page();
        self::assertSame('success', $this->whmcs->suspend($this->service));
        $this->later(60);
        $this->router->resetStats();
        self::assertSame(['state' => 'inactive'], $this->poll());
        $page = $this->page();
        self::assertSame([$this->service, 'Suspended', 'inactive'], array_values($page));
        self::assertSame([], $this->asked());
    }

    public function testTheEndpointSendsFinishedWordsAndNoCredential(): void
    {
        $this->dialIn($this->service, 8_000_000, 2_000_000);
        $this->page();
        $answer = $this->whmcs->process($this->liveCommand($this->service))->json();
        self::assertSame([], $answer['violations']);
        $body = $answer['direct_json'];
        self::assertSame(['active', 'on'], [$body['state'], $body['connection']]);
        self::assertSame(['Connected', '8 Mbit/s', '203.0.113.9'], [
            $body['values']['connection'], $body['values']['session-download'], $body['values']['session-caller'],
        ]);
        foreach ([self::PASSWORD, self::PSK, $this->name($this->service), 'Pass-word'] as $credential) {
            self::assertStringNotContainsString($credential, $answer['direct_output']);
        }
    }

    public function testASilentRouterIsLeftAloneForAWhileAndItsLastWordIsShown(): void
    {
        $other = $this->order();
        $this->dialIn($this->service);
        $this->page();
        $this->later(60);
        $this->router->fault(['when' => (object) [], 'effect' => ['kind' => 'reset-on-accept']]);
        $this->router->resetStats();
        $page = $this->page();
        self::assertSame(['unreachable', true, 'L2TP'], [$page['state'], $page['live']['connected'], $page['live']['protocol']]);
        self::assertNotNull($page['live']['at']);
        self::assertSame(self::PASSWORD, $page['password'], 'the VPN may work while its REST service does not');
        $connections = $this->router->stats()['connections'];
        self::assertGreaterThan(0, $connections);
        self::assertSame('unreachable', $this->page($other)['state']);
        $this->later(9);
        self::assertSame('unreachable', $this->poll()['state']);
        self::assertSame($connections, $this->router->stats()['connections'], 'nobody waits for it meanwhile');
        $this->router->clearFaults();
        $this->later(2);
        self::assertSame('active', $this->poll()['state']);
    }

    public function testARouterThatHangsCostsOneRequestAndNotTheirSum(): void
    {
        $this->router->fault(['when' => (object) [], 'effect' => ['kind' => 'hang']]);
        $page = $this->page();
        self::assertNull($page['live']['connected']);
        self::assertSame(1, $this->router->stats()['connections'], 'the second request has no time left');
    }

    public function testAPageThatRanOutOfItsTimeOnceIsNoProofAgainstARouter(): void
    {
        $this->dialIn($this->service);
        $this->page();
        $this->router->fault(['when' => (object) [], 'effect' => ['kind' => 'hang']]);
        $this->later(60);
        $page = $this->page();
        self::assertSame(['active', true, true], [$page['state'], $page['live']['connected'], $page['live']['stale']]);
        $this->router->clearFaults();
        $this->later(5);
        self::assertSame('active', $this->poll()['state'], 'the next page asks as ever');
        $this->router->fault(['when' => (object) [], 'effect' => ['kind' => 'hang']]);
        $this->later(5);
        self::assertSame('active', $this->poll()['state'], 'an answer in between wipes it out');
        $this->later(5);
        self::assertSame('unreachable', $this->poll()['state'], 'twice in a row');
    }

    public function testPagesThatAreLateAtTheSameTimeCountAsOne(): void
    {
        $services = [$this->service, $this->order(), $this->order()];
        $this->router->fault(['when' => (object) [], 'effect' => ['kind' => 'hang']]);
        $answers = $this->pollAtOnce($services, time() + 100);
        self::assertNotContains('unreachable', array_column($answers, 'state'));
    }

    public function testAnAccountThatIsNotOnTheRouterShowsNothingElse(): void
    {
        $this->router->exec('/ppp/secret/remove', ['numbers' => $this->name($this->service)]);
        self::assertSame([$this->service, 'Active', 'missing'], array_values($this->page()));
        $this->later(5);
        self::assertSame('missing', $this->poll()['state']);
    }

    public function testAnotherAccountOfThatNameIsNotTakenForOurs(): void
    {
        $name = $this->name($this->service);
        $this->router->exec('/ppp/secret/remove', ['numbers' => $name]);
        $this->router->exec('/ppp/secret/add', ['name' => $name, 'password' => 'x', 'remote-address' => '10.99.0.9', 'local-address' => '10.99.0.1']);
        $this->router->connect($name, ['password' => 'x', 'caller-id' => '198.51.100.77']);
        $page = $this->page();
        self::assertSame('missing', $page['state']);
        $this->later(5);
        self::assertStringNotContainsString('198.51.100.77', (string) json_encode($this->poll()));
    }

    public function testAfterACommandThePageLooksAnew(): void
    {
        $this->dialIn($this->service);
        self::assertTrue($this->page()['live']['connected']);
        self::assertSame('success', $this->whmcs->resetConnection($this->service));
        Capsule::table('mod_mikrotikvpn_pace')->delete();
        self::assertFalse($this->page()['live']['connected']);
    }

    public function testADeletedServiceLeavesNothingBehind(): void
    {
        $this->page();
        \MikrotikVpn\serviceDeleted($this->service);
        self::assertFalse(Capsule::table('mod_mikrotikvpn_live')->where('service_id', $this->service)->exists());
    }

    /** An active service whose account is on the router and that no page has asked for. */
    private function order(): int
    {
        $service = $this->whmcs->service($this->client, $this->product, $this->server, ['password' => self::PASSWORD]);
        self::assertSame('success', $this->whmcs->create($service));
        return $service;
    }

    private function dialIn(int $service, int $download = 0, int $upload = 0): void
    {
        $name = $this->name($service);
        $this->router->connect($name, ['password' => self::PASSWORD, 'caller-id' => '203.0.113.9']);
        $this->router->rate($name, $download, $upload);
        $this->router->advance(60);
        $this->router->resetStats();
    }

    private function name(int $service): string
    {
        return $this->whmcs->row($service)->username;
    }

    private function page(?int $service = null, ?int $client = null): array
    {
        if ($service === null) {
            $this->router->resetStats();
        }
        return \MikrotikVpn\clientInformation($this->params($service ?? $this->service), $client ?? $this->client);
    }

    private function poll(?int $service = null, ?int $client = null): array
    {
        return \MikrotikVpn\clientLive($this->params($service ?? $this->service), $client ?? $this->client);
    }

    private function params(int $service): array
    {
        return (new Params($this->whmcs->installation))->forService($service, 'ClientArea');
    }

    /** @return list<string> the menus the router was asked for, oldest first */
    private function asked(): array
    {
        $targets = array_column($this->router->requests(), 'target');
        return array_map(static fn (string $target): string => (string) preg_replace('~^/rest|/print$|\?.*$~', '', $target), $targets);
    }

    /** As if so many seconds had passed since anybody asked. */
    private function later(int $seconds): void
    {
        foreach (['live' => ['asked_at'], 'pace' => ['asked_at', 'failed_at']] as $table => $columns) {
            foreach ($columns as $column) {
                Capsule::table("mod_mikrotikvpn_$table")->update([$column => Capsule::raw("$column - INTERVAL $seconds SECOND")]);
            }
        }
    }

    /**
     * Polls in processes that run side by side, the database's clock standing still.
     *
     * @param list<int> $services @return list<array<string, mixed>>
     */
    private function pollAtOnce(array $services, float $now): array
    {
        $environment = ['WHMCS_SQL_NOW' => (string) $now];
        $processes = array_map(fn (int $service) => $this->whmcs->process($this->liveCommand($service), $environment), $services);
        Deadline::await('The end of all polls', static function () use ($processes): bool {
            return array_filter($processes, static fn ($process) => $process->running()) === [];
        }, 60.0);
        return array_map(static fn ($process) => $process->json()['direct_json'], $processes);
    }

    /** @return list<string> */
    private function liveCommand(int $service): array
    {
        return ['clientarea', '--service', (string) $service, '--get', 'mikrotikvpn=live'];
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;
use WHMCS\Database\Capsule;

/** The meter that counts sessions, and what it says of the one that counts queues. */
final class SessionMeterTest extends LedgerTestCase
{
    protected function setUp(): void
    {
        parent::setUp();
        $this->accessHash('meter = session');
        $this->settings([6 => '0']);
        $this->create();
        $this->router->connect($this->username());
    }

    public function testSessionsAreBilledAndQueuesAreNot(): void
    {
        $this->consume(1_000_000);
        $this->router->resetCounters();
        $this->consume(500_000);
        self::assertSame(1_500_000, $this->billed());
    }

    public function testAReconnectedClientIsBilledForBothSessions(): void
    {
        $this->consume(1_000_000);
        $this->router->disconnect($this->username());
        $this->collect();
        $this->router->connect($this->username());
        $this->consume(300_000);
        $this->collect();
        self::assertSame(1_300_000, $this->billed());
    }

    public function testARebootBillsTheNewSessionAlone(): void
    {
        $this->router->advance(3_600);
        $this->consume(1_000_000);
        $this->router->reboot();
        $this->router->advance(60);
        $this->consume(2_000_000);
        $this->collect();
        self::assertSame(3_000_000, $this->billed());
    }

    public function testTheLastSecondsAreBilledBeforeASessionIsEnded(): void
    {
        $this->router->traffic($this->username(), 700_000);
        self::assertSame('success', $this->whmcs->suspend($this->service));
        self::assertSame(700_000, $this->billed());
        $this->collect();
        self::assertSame(700_000, $this->billed());
    }

    public function testAnotherSourceGoesOnWhereTheFirstEnded(): void
    {
        $this->consume(1_000_000);
        $this->accessHash();
        $this->consume(200_000);
        $this->accessHash('meter = session');
        $this->consume(30_000);
        self::assertSame(1_230_000, $this->billed());
    }

    public function testTrafficHiddenFromTheQueueForADayIsRemarkedWithItsLikelyCause(): void
    {
        Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)
            ->update(['seen_day' => $this->day(-1), 'seen_queue' => self::MB, 'seen_session' => 1 << 30]);
        $this->consume(1_000);
        self::assertStringContainsString('FastTrack', $this->remarks());
        self::assertGreaterThan(0, (int) $this->account()->hidden);
        $fields = implode(' ', (array) $this->whmcs->callForService('AdminServicesTabFields', $this->service));
        self::assertStringContainsString('FastTrack', $fields);
        $this->collect();
        self::assertStringNotContainsString('FastTrack', $this->remarks(), 'once a day');
    }

    private function billed(): int
    {
        return (int) Capsule::table('mod_mikrotikvpn_traffic_daily')->where('service_id', $this->service)->sum('download');
    }
}

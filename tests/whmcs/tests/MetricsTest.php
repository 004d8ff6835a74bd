<?php

declare(strict_types=1);

namespace WhmcsStandIn\Tests;

use Carbon\Carbon;
use WhmcsStandIn\Metrics;

/** Storage of metrics: a snapshot is the last value, periods overwrite their day or month and are summed. */
final class MetricsTest extends HostTestCase
{
    protected function tearDown(): void
    {
        Carbon::setTestNow();
        unset($GLOBALS['sampleTraffic']);
        parent::tearDown();
    }

    public function testPeriodsOverwriteTheirDayOrMonthAndAreSummed(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        $metrics = new Metrics($this->whmcs);
        foreach (['2026-03-30 10:00' => 1, '2026-03-30 23:55' => 2, '2026-03-31 12:00' => 5, '2026-04-01 00:05' => 0.5] as $at => $value) {
            Carbon::setTestNow(Carbon::parse($at));
            $GLOBALS['sampleTraffic'] = $value;
            $report = $metrics->collect($this->module('samplevpn'), $ids['server']);
            self::assertSame(['unknown'], $report['ignored']);
        }
        $stored = $metrics->ofService($this->module('samplevpn'), $ids['service']);
        self::assertSame(['2026-03-30' => 2.0, '2026-03-31' => 5.0, '2026-04-01' => 0.5], $stored['days']['periods']);
        self::assertSame(['2026-03' => 5.0, '2026-04' => 0.5], $stored['traffic']['periods']);
        self::assertSame(5.5, $stored['traffic']['value']);
        self::assertSame(0.0, $stored['sessions']['value']);
    }

    public function testTheListNeedsNoServer(): void
    {
        $list = (new Metrics($this->whmcs))->list($this->module('samplevpn'));
        self::assertSame(['traffic', 'days', 'sessions'], array_column($list, 'systemName'));
        self::assertSame(['month', 'day', 'snapshot'], array_column($list, 'type'));
    }

    public function testRefreshAsksForOneTenant(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        self::assertSame(2.5, (new Metrics($this->whmcs))->refresh($this->module('samplevpn'), $ids['service'])[0]['value']);
    }

    public function testUsageOfADisabledServerIsNotUpdated(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        $this->fixtures->setServer($ids['server'], ['disabled' => 1]);
        $this->cron('daily', 'UpdateServerUsage');
        self::assertSame(0, $this->service($ids['service'])->bwusage);
    }

    public function testTheDailyPartRunsOnceADay(): void
    {
        self::assertTrue($this->cron('auto')['daily']);
        self::assertFalse($this->cron('auto')['daily']);
        Carbon::setTestNow(Carbon::tomorrow()->addHour());
        self::assertTrue($this->cron('auto')['daily']);
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Hooks;

use MikrotikVpn\Test;
use MikrotikVpn\Tests\Books;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;
use WhmcsStandIn\Metrics;

/** Days and months of WHMCS's time zone: history, its retention, and what WHMCS bills by usage. */
final class CalendarTest extends TestCase
{
    private const ZONE = 'Europe/Berlin';

    private string $zoneBefore;
    private int $server;
    private int $product;
    private int $service;
    private string $name;
    private ?int $collected = null;

    protected function setUp(): void
    {
        parent::setUp();
        $this->zoneBefore = date_default_timezone_get();
        date_default_timezone_set(self::ZONE);
        $this->server = $this->whmcs->server($this->startRouter());
        $this->product = $this->whmcs->product([6 => '10', 12 => '3']);
        $this->service = $this->sell();
        $this->name = $this->whmcs->row($this->service)->username;
        $this->router->connect($this->name);
    }

    protected function tearDown(): void
    {
        Test\setNow(0);
        Capsule::statement('SET timestamp = DEFAULT');
        \Carbon\Carbon::setTestNow();
        date_default_timezone_set($this->zoneBefore);
        parent::tearDown();
    }

    public function testADayEndsAtMidnightOfWhmcsAlsoWhenTheClocksChange(): void
    {
        // 2026-03-29 had 23 hours and 2026-10-25 has 25 in Berlin: both ends of each, in UTC.
        $moments = [
            '2026-03-28T22:59:59Z' => '2026-03-28', '2026-03-28T23:00:00Z' => '2026-03-29',
            '2026-03-29T21:59:59Z' => '2026-03-29', '2026-03-29T22:00:00Z' => '2026-03-30',
            '2026-10-24T21:59:59Z' => '2026-10-24', '2026-10-24T22:00:00Z' => '2026-10-25',
            '2026-10-25T22:59:59Z' => '2026-10-25', '2026-10-25T23:00:00Z' => '2026-10-26',
        ];
        $this->whmcs->settings($this->product, [12 => '9999']);
        $expected = [];
        foreach (array_keys($moments) as $count => $moment) {
            $bytes = 1_000 * ($count + 1);
            $this->collectAt($moment, $bytes);
            $expected[$moments[$moment]] = [($expected[$moments[$moment]][0] ?? 0) + $bytes, 0];
        }
        self::assertSame($expected, Books::of($this->service)->days());
        self::assertSame(['2026-03-01' => [10_000, 0], '2026-10-01' => [26_000, 0]], Books::of($this->service)->months());
    }

    public function testDaysAreKeptForAsLongAsTheProductSaysAndMonthsForEver(): void
    {
        for ($day = 10; $day <= 15; $day++) {
            $this->collectAt("2026-05-{$day}T10:00:00Z", 1_000);
        }
        $days = array_keys(Books::of($this->service)->days());
        self::assertSame(['2026-05-12', '2026-05-13', '2026-05-14', '2026-05-15'], $days, 'three days and today');
        self::assertSame(['2026-05-01' => [6_000, 0]], Books::of($this->service)->months());
        $this->collectAt('2027-05-15T10:00:00Z', 1_000);
        self::assertSame(['2026-05-01', '2027-05-01'], array_keys(Books::of($this->service)->months()));
    }

    public function testADeletedServiceLeavesNothing(): void
    {
        $other = $this->sell();
        $this->router->connect($this->whmcs->row($other)->username);
        $this->router->traffic($this->whmcs->row($other)->username, 500);
        $this->collectAt('2026-05-10T10:00:00Z', 1_000);
        self::assertSame('success', $this->whmcs->terminate($this->service));
        $this->whmcs->fixtures->deleteService($this->service);
        foreach (Capsule::select("SHOW TABLES LIKE 'mod\\_mikrotikvpn\\_%'") as $row) {
            $table = current((array) $row);
            if (Capsule::schema()->hasColumn($table, 'service_id')) {
                self::assertFalse(Capsule::table($table)->where('service_id', $this->service)->exists(), $table);
            }
        }
        self::assertSame(['2026-05-10' => [500, 0]], Books::of($other)->days(), 'and its neighbour everything');
    }

    public function testWhmcsBillsEachByteOnceHoweverOftenItAsks(): void
    {
        $silent = $this->sell();
        $moments = [
            '2026-05-30T10:00:00+02:00' => 3 << 30, '2026-05-31T23:55:00+02:00' => 1 << 30,
            '2026-06-01T00:05:00+02:00' => 2 << 30, '2026-06-01T00:10:00+02:00' => 0, '2026-06-20T12:00:00+02:00' => 1 << 29,
        ];
        foreach ($moments as $moment => $bytes) {
            $this->collectAt($moment, $bytes);
            $this->poll($moment);
            $this->poll($moment);
        }
        $stored = $this->metrics()->ofService($this->module(), $this->service);
        self::assertSame(['2026-05' => 4.0, '2026-06' => 2.5], $stored['download']['periods']);
        self::assertSame(['month', 'month', 'month'], array_column($stored, 'type'));
        $truth = array_sum($this->router->truth()[$this->name]) / (1 << 30);
        self::assertSame($truth, $stored['download']['value'] + $stored['upload']['value']);
        self::assertSame($truth, $stored['total']['value']);
        $zero = $this->metrics()->ofService($this->module(), $silent);
        self::assertSame(['2026-05' => 0.0, '2026-06' => 0.0], $zero['total']['periods'], 'a silent account is reported, too');
    }

    private function collectAt(string $moment, int $bytes): void
    {
        $now = (int) strtotime($moment);
        // Every clock tells the same: WHMCS's, the database's and the router's.
        Test\setNow($now);
        Capsule::statement("SET timestamp = $now");
        $this->router->advance(max(3_600, $now - ($this->collected ?? $now)));
        $this->collected = $now;
        $this->router->traffic($this->name, $bytes);
        self::assertSame('success', $this->whmcs->collect($this->server));
    }

    private function poll(string $moment): void
    {
        \Carbon\Carbon::setTestNow(\Carbon\Carbon::parse($moment)->setTimezone(self::ZONE));
        self::assertSame([], $this->metrics()->collect($this->module(), $this->server)['ignored']);
    }

    private function sell(): int
    {
        $service = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server);
        self::assertSame('success', $this->whmcs->create($service));
        return $service;
    }

    private function metrics(): Metrics
    {
        return new Metrics($this->whmcs->installation);
    }

    private function module(): \WhmcsStandIn\Module
    {
        return $this->whmcs->installation->modules->get('mikrotikvpn');
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;
use Illuminate\Support\Collection;
use WHMCS\Database\Capsule;

/** Which payments grant traffic, and that each does so once. */
final class GrantTest extends LedgerTestCase
{
    public function testCreateGrantsThePeriodItIsInOnce(): void
    {
        $this->create();
        $this->create();
        self::assertSame(self::QUOTA, $this->balance());
        $this->whmcs->terminate($this->service);
        $this->create();
        self::assertSame(self::QUOTA, $this->balance());
    }

    /** @return array<string, array{0: bool}> */
    public static function orders(): array
    {
        return ['Renew before the due date moves' => [true], 'Renew after it moved' => [false]];
    }

    /** @dataProvider orders */
    #[\PHPUnit\Framework\Attributes\DataProvider('orders')]
    public function testEveryPaidPeriodIsGrantedOnceInEitherOrder(bool $before): void
    {
        $this->invoice($this->day(0));
        $this->create();
        foreach ([30 => 2, 60 => 3] as $begins => $granted) {
            $this->invoice($this->day($begins));
            $before || $this->due($begins + 30);
            self::assertSame('success', $this->whmcs->renew($this->service));
            $before && $this->due($begins + 30);
            self::assertSame('success', $this->whmcs->renew($this->service), 'a repetition');
            self::assertSame($granted * self::QUOTA, $this->balance());
        }
    }

    public function testTheInvoiceOfAnOrderIsNotGrantedTwiceWhenItIsPaidAfterCreate(): void
    {
        $this->due(0);
        $invoice = $this->invoice($this->day(0), 'Unpaid');
        $this->create();
        Capsule::table('tblinvoices')->where('id', $invoice)->update(['status' => 'Paid']);
        $this->due(30);
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame(self::QUOTA, $this->balance());
    }

    public function testAnUnpaidRenewalGrantsNothing(): void
    {
        $this->invoice($this->day(0));
        $this->create();
        $this->invoice($this->day(30), 'Unpaid');
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame(self::QUOTA, $this->balance());
    }

    public function testWithoutInvoicesAnAdminRenewsOncePerDueDate(): void
    {
        $this->create();
        $this->whmcs->renew($this->service);
        $this->whmcs->renew($this->service);
        self::assertSame(2 * self::QUOTA, $this->balance());
        $this->due(60);
        $this->whmcs->renew($this->service);
        self::assertSame(3 * self::QUOTA, $this->balance());
    }

    public function testANewPeriodBeginsWithNoUsage(): void
    {
        $this->create();
        $this->consume(3 * self::MB);
        $this->whmcs->renew($this->service);
        self::assertSame(0, (int) $this->account()->period_download);
        self::assertSame(17 * self::MB, $this->balance(), 'what was left rolls over');
        $this->collect();
        self::assertSame([0, 10], [(int) $this->whmcs->row($this->service)->bwusage, (int) $this->whmcs->row($this->service)->bwlimit]);
    }

    public function testWithoutRolloverAnEarlyPaymentEndsNothingAndIsGivenOnItsDay(): void
    {
        $this->settings([23 => 'rollover = off']);
        $this->create();
        $this->consume(3 * self::MB);
        $this->whmcs->renew($this->service);
        $this->whmcs->renew($this->service);
        self::assertSame(7 * self::MB, $this->balance());
        self::assertSame([$this->day(30)], $this->waiting());
        $this->itsDayComes();
        $this->collect();
        self::assertSame(self::QUOTA, $this->balance());
        self::assertSame(-7 * self::MB, (int) $this->journal()['expired']);
    }

    public function testAGrantThatWaitsIsGivenWhileTheRouterIsAway(): void
    {
        $this->settings([23 => 'rollover = off']);
        $this->create();
        $this->consume(3 * self::MB);
        $this->whmcs->renew($this->service);
        $this->itsDayComes();
        $this->router->stop();
        self::assertNotSame('success', $this->whmcs->collect($this->server));
        self::assertSame([self::QUOTA, []], [$this->balance(), $this->waiting()]);
    }

    public function testAPageGivesWhatHasWaitedForItsDay(): void
    {
        $this->settings([23 => 'rollover = off']);
        $this->create();
        $this->consume(3 * self::MB);
        $this->whmcs->renew($this->service);
        $this->itsDayComes();
        $this->whmcs->callForService('AdminServicesTabFields', $this->service);
        self::assertSame(self::QUOTA, $this->balance());
    }

    public function testADebtTakesAtMostHalfOfAPaidPeriod(): void
    {
        $this->create();
        $this->router->advance(60);
        $this->consume(30 * self::MB);
        $this->whmcs->renew($this->service);
        self::assertSame(self::QUOTA / 2, $this->balance());
        self::assertSame(15 * self::MB, (int) $this->journal()['forgiven']);
        $this->settings([23 => 'debt = 0%']);
        $this->router->advance(60);
        $this->consume(30 * self::MB);
        $this->due(60);
        $this->whmcs->renew($this->service);
        self::assertSame(self::QUOTA, $this->balance());
    }

    public function testWhatFlowsAtTheSpeedOfTheCapIsShownAndNotOwed(): void
    {
        $this->settings([23 => 'cap = slow 1/1']);
        $this->create();
        $this->consume(11 * self::MB);
        $this->router->advance(3_600);
        $this->collect();
        for ($day = 0; $day < 3; $day++) {
            $this->router->advance(3_600);
            $this->consume(100 * self::MB);
        }
        self::assertSame(-self::MB, $this->balance());
        self::assertSame(311 * self::MB, (int) $this->account()->period_download);
        self::assertSame(311, (int) $this->whmcs->row($this->service)->bwusage);
        $this->whmcs->renew($this->service);
        self::assertSame(9 * self::MB, $this->balance());
    }

    public function testABalanceOutOfItsMindKeepsNobodyElseFromBeingCollected(): void
    {
        $this->create();
        $other = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server);
        self::assertSame('success', $this->whmcs->create($other));
        $name = $this->whmcs->row($other)->username;
        $figures = ['balance' => PHP_INT_MIN + 5, 'period_download' => '18446744073709551610'];
        Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->update($figures);
        $this->router->connect($name);
        $this->router->traffic($name, 3 * self::MB);
        $this->consume(self::MB);
        $left = Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $other)->value('balance');
        self::assertSame(7 * self::MB, (int) $left);
        self::assertSame('success', $this->whmcs->renew($this->service), 'he who pays is opened');
        self::assertSame(self::QUOTA / 2, $this->balance());
    }

    /** @return list<string> the days grants wait for */
    private function waiting(): array
    {
        return Capsule::table('mod_mikrotikvpn_grants')->where('service_id', $this->service)->whereNotNull('waits')->pluck('waits')->all();
    }

    private function itsDayComes(): void
    {
        Capsule::table('mod_mikrotikvpn_grants')->where('service_id', $this->service)->whereNotNull('waits')
            ->update(['waits' => $this->day(0)]);
    }

    private function journal(): Collection
    {
        return Capsule::table('mod_mikrotikvpn_grants')->where('service_id', $this->service)->orderBy('id')->pluck('bytes', 'kind');
    }

    public function testAnUpgradeGrantsTheDifferenceForTheDaysLeftOnce(): void
    {
        $this->create();
        // A period that began half its length ago.
        $this->due(15);
        $due = new \DateTimeImmutable($this->day(15));
        $begin = $due->modify('-1 month');
        // PHP makes 1 May of "31 May less a month"; a billing period begins on 30 April.
        $begin = $begin->format('j') === $due->format('j') ? $begin : $begin->modify('last day of previous month');
        $length = $begin->diff($due)->days;
        $this->settings([6 => '0.01953125']);
        foreach (['up', 'again'] as $call) {
            self::assertSame('success', $this->whmcs->changePackage($this->service));
            $more = (int) floor(self::QUOTA * 15 / $length);
            self::assertSame(self::QUOTA + $more, $this->balance(), $call);
        }
        $this->settings([6 => '0.009765625']);
        $this->whmcs->changePackage($this->service);
        $this->settings([6 => '0.01953125']);
        $this->whmcs->changePackage($this->service);
        self::assertSame(self::QUOTA + $more, $this->balance(), 'down and up again');
    }

    public function testAnUnlimitedPackageHasNoBalanceAndNoCap(): void
    {
        $this->create();
        $this->consume(11 * self::MB);
        self::assertSame('true', $this->secret()['disabled']);
        $this->settings([6 => '0']);
        self::assertSame('success', $this->whmcs->changePackage($this->service));
        self::assertNull($this->account()->balance);
        self::assertSame('false', $this->secret()['disabled']);
        $this->consume(self::MB);
        self::assertNull($this->account()->balance);
    }

    public function testDaysMonthsPeriodAndBalanceAreTheSameBytes(): void
    {
        $this->create();
        foreach ([1_234_567, 89, 4_000_000] as $bytes) {
            $this->consume($bytes);
        }
        $used = 5_234_656;
        foreach (['daily', 'monthly'] as $table) {
            $rows = Capsule::table("mod_mikrotikvpn_traffic_$table")->where('service_id', $this->service);
            self::assertSame($used, (int) $rows->sum('download'), $table);
        }
        self::assertSame($used, (int) $this->account()->period_download);
        self::assertSame(self::QUOTA - $used, $this->balance());
    }
}

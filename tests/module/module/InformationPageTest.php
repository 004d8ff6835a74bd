<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;
use WHMCS\Database\Capsule;

/** What the page says of a package in the customer's words, and what customers may press. */
final class InformationPageTest extends LedgerTestCase
{
    private const PACE = self::MB;

    protected function setUp(): void
    {
        parent::setUp();
        $this->create();
    }

    protected function tearDown(): void
    {
        unset($_SESSION['Language'], $_SESSION['uid']);
        parent::tearDown();
    }

    public function testTheForecastIsThePaceOfTheWholeDaysOfTheLastWeek(): void
    {
        $this->madeDaysAgo(20);
        foreach ([1, 2, 3, 4, 5, 6, 7] as $day) {
            $this->usedOn(-$day, self::PACE);
        }
        $this->usedOn(0, 50 * self::PACE);
        $this->usedOn(-8, 50 * self::PACE);
        self::assertSame($this->forecast(10, ', which is before the next billing cycle.'), $this->traffic()['forecast']);
        Capsule::table('tblhosting')->where('id', $this->service)->update(['nextduedate' => $this->day(10)]);
        self::assertSame($this->forecast(10, '.'), $this->traffic()['forecast']);
    }

    public function testAYoungAccountIsJudgedByItsOwnDays(): void
    {
        $this->madeDaysAgo(4);
        $this->usedOn(-1, 3 * self::PACE);
        self::assertSame($this->forecast(10, ', which is before the next billing cycle.'), $this->traffic()['forecast']);
    }

    public function testTooFewDaysNoUseOrNoLimitForecastNothing(): void
    {
        $this->madeDaysAgo(20);
        self::assertSame('', $this->traffic()['forecast'], 'nothing was used');
        $this->madeDaysAgo(3);
        $this->usedOn(-1, self::PACE);
        self::assertSame('', $this->traffic()['forecast'], 'too few days');
        $this->madeDaysAgo(20);
        self::assertNotSame('', $this->traffic()['forecast']);
        $this->settings([6 => '']);
        self::assertSame(['', 'Unlimited', '', null], $this->only($this->traffic(), ['forecast', 'left', 'of', 'percent']));
    }

    public function testTheBarTheRestAndTheNextCycleAreThoseOfTheBooks(): void
    {
        $this->settings([6 => '100', 4 => '20', 5 => '']);
        Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->update([
            'balance' => 25 << 30, 'period_download' => 60 << 30, 'period_upload' => 15 << 30,
        ]);
        $page = $this->page();
        $day = (new \IntlDateFormatter('en-GB', \IntlDateFormatter::MEDIUM, \IntlDateFormatter::NONE))->format(strtotime($this->day(30)));
        self::assertSame([
            'percent' => 25, 'left' => '25.00 GB', 'of' => 'left of 100 GB (25%)', 'next' => "+100 GB on $day", 'forecast' => '',
            'used' => '75.00 GB', 'download' => '60.00 GB', 'upload' => '15.00 GB',
        ], $page['traffic']);
        self::assertSame(['download' => 'up to 20 Mbit/s', 'upload' => 'Unlimited'], $page['limits']);
        self::assertNull($page['capped']);
    }

    /** @return array<string, array{string, string}> */
    public static function policies(): array
    {
        return [
            'disabled' => ['disable', 'so the connection is switched off.'],
            'slowed down' => ['slow 1/0.5', 'so the connection is slowed down to 1 Mbit/s download and 500 kbit/s upload.'],
            'walled' => ['profile default', 'so the connection reaches only what your provider leaves open.'],
        ];
    }

    /** @dataProvider policies */
    #[\PHPUnit\Framework\Attributes\DataProvider('policies')]
    public function testACapSaysWhatHappenedAndWhatHelps(string $policy, string $sentence): void
    {
        $this->settings([23 => "cap = $policy"]);
        $this->consume(self::QUOTA + self::MB);
        $capped = $this->page()['capped'];
        self::assertSame("Your traffic is used up, $sentence", $capped['happened']);
        self::assertMatchesRegularExpression('/^0\.01 GB are added on \d+ \w+ \d{4}, when the invoice .* larger package/', $capped['helps']);
        Capsule::table('tblhosting')->where('id', $this->service)->update(['nextduedate' => '0000-00-00']);
        self::assertSame('More traffic lifts this at once: order a larger package, or contact support.', $this->page()['capped']['helps']);
    }

    public function testOnlyWhatTheAccountMayLogInWithIsOffered(): void
    {
        $this->settings([17 => 'on', 18 => 'on', 19 => 'the-key', 23 => 'sstp = on']);
        self::assertSame(['pptp', 'l2tp', 'sstp'], array_column($this->page()['protocols'], 'key'));
        self::assertSame('the-key', $this->page()['psk']['value']);
        $this->settings([3 => 'pptp']);
        self::assertSame(['pptp'], array_column($this->page()['protocols'], 'key'));
        self::assertNull($this->page()['psk']);
    }

    public function testATypoInTheProductsSettingsTakesNobodysPageAway(): void
    {
        $this->settings([17 => 'on', 23 => 'cap = slow 1/1']);
        $this->consume(self::QUOTA + self::MB);
        $before = $this->page();
        $this->settings([4 => 'fast', 23 => "show-password = maybe\ncap = slow 1"]);
        $after = $this->page();
        self::assertSame('active', $after['state']);
        self::assertSame($before['capped'], $after['capped'], 'as it could last be read');
        self::assertSame($before['limits'], $after['limits']);
        self::assertSame($before['fields'], $after['fields']);
        self::assertSame(['Reset connection' => 'resetConnection'], $this->whmcs->callForService('ClientAreaCustomButtonArray', $this->service));
    }

    public function testTheProductDecidesWhetherCustomersMayResetTheirConnection(): void
    {
        $buttons = fn (string $function): array => $this->whmcs->callForService($function, $this->service);
        self::assertSame(['Reset connection' => 'resetConnection'], $buttons('ClientAreaCustomButtonArray'));
        self::assertSame(['Reset connection' => 'resetConnection'], $buttons('ClientAreaAllowedFunctions'));
        $this->settings([23 => 'reset-connection = off']);
        self::assertSame([], $buttons('ClientAreaCustomButtonArray'));
        self::assertSame([], $buttons('ClientAreaAllowedFunctions'));
        $answer = $this->whmcs->process(['button', '--service', (string) $this->service, '--as', 'client', 'resetConnection']);
        self::assertNotSame(0, $answer->code());
        self::assertSame('success', $this->whmcs->resetConnection($this->service), 'admins still may');
    }

    public function testAPressedButtonEndsTheSession(): void
    {
        $this->router->connect($this->username());
        $answer = $this->whmcs->process(['button', '--service', (string) $this->service, '--as', 'client', 'resetConnection'])->json();
        self::assertTrue($answer['ok']);
        self::assertSame([], $this->sessions());
    }

    public function testACustomerResetsHisConnectionOnceAMinuteAndIsToldSoInHisLanguage(): void
    {
        $press = fn (): array => (array) json_decode($this->whmcs->process(
            ['button', '--service', (string) $this->service, '--as', 'client', 'resetConnection']
        )->output(), true);
        self::assertTrue($press()['ok']);
        $this->router->connect($this->username());
        $this->router->resetStats();
        Capsule::table('tblclients')->update(['language' => 'german']);
        for ($pressed = 0; $pressed < 3; $pressed++) {
            self::assertStringStartsWith('Ihre Verbindung wurde vor weniger als einer Minute zurückgesetzt.', $press()['error']);
        }
        self::assertSame(0, $this->router->stats()['connections']);
        self::assertCount(1, $this->sessions());
        self::assertSame('success', $this->whmcs->resetConnection($this->service), 'an admin knows what he does');
        $this->router->connect($this->username());
        Capsule::table('mod_mikrotikvpn_resets')->update(['reset_at' => Capsule::raw('reset_at - INTERVAL 60 SECOND')]);
        self::assertTrue($press()['ok']);
        self::assertSame([], $this->sessions());
    }

    public function testACustomerReadsOneSentenceWhateverFailed(): void
    {
        $this->router->stop();
        $answer = $this->whmcs->process(['button', '--service', (string) $this->service, '--as', 'client', 'resetConnection']);
        $said = (array) json_decode($answer->output(), true);
        self::assertStringStartsWith('The VPN server could not do this at the moment.', $said['error'] ?? '');
        self::assertStringNotContainsString('127.0.0.1', $answer->output());
    }

    public function testAServiceOfAnotherClientSaysNoMoreThanThatItCannotBeShown(): void
    {
        $this->router->resetStats();
        $_SESSION['uid'] = $this->whmcs->client();
        $page = $this->whmcs->callForService('ClientArea', $this->service)['vars']['mikrotikvpn'];
        self::assertSame(['state', 'version', 'service', 'direction', 'language'], array_keys($page));
        self::assertSame(['foreign', 0], [$page['state'], $this->router->stats()['total']]);
    }

    /** @return array<string, array{string, string}> */
    public static function statuses(): array
    {
        return [
            'pending' => ['Pending', 'is being prepared'], 'suspended' => ['Suspended', 'is suspended'],
            'terminated' => ['Terminated', 'has ended'], 'cancelled' => ['Cancelled', 'has ended'], 'fraud' => ['Fraud', 'has ended'],
        ];
    }

    /** @dataProvider statuses */
    #[\PHPUnit\Framework\Attributes\DataProvider('statuses')]
    public function testAServiceThatIsNotActiveSaysWhyAndHoldsNoCredential(string $status, string $words): void
    {
        Capsule::table('tblhosting')->where('id', $this->service)->update(['domainstatus' => $status]);
        $this->router->resetStats();
        $page = $this->page();
        self::assertSame(['state', 'version', 'service', 'direction', 'language', 'sentence'], array_keys($page));
        self::assertStringContainsString($words, $page['sentence']);
        self::assertSame(0, $this->router->stats()['total']);
    }

    private function page(): array
    {
        $_SESSION['uid'] = $this->whmcs->row($this->service)->userid;
        return $this->whmcs->callForService('ClientArea', $this->service)['vars']['mikrotikvpn'];
    }

    private function traffic(): array
    {
        return $this->page()['traffic'];
    }

    private function forecast(int $days, string $end): string
    {
        $format = new \IntlDateFormatter('en-GB', \IntlDateFormatter::MEDIUM, \IntlDateFormatter::NONE);
        return 'At this pace it lasts until ' . $format->format(strtotime($this->day($days))) . $end;
    }

    private function madeDaysAgo(int $days): void
    {
        Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)
            ->update(['provisioned_at' => $this->day(-$days) . ' 12:00:00']);
    }

    private function usedOn(int $day, int $bytes): void
    {
        Capsule::table('mod_mikrotikvpn_traffic_daily')->updateOrInsert(
            ['service_id' => $this->service, 'day' => $this->day($day)],
            ['download' => intdiv($bytes, 2), 'upload' => $bytes - intdiv($bytes, 2)]
        );
    }

    private function only(array $values, array $names): array
    {
        return array_map(static fn (string $name) => $values[$name], $names);
    }
}

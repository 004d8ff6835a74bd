<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;

/** What somebody changes on the router about an account's login: the next collection says it. */
final class ChangedByHandTest extends LedgerTestCase
{
    protected function setUp(): void
    {
        parent::setUp();
        $this->create();
        $this->collect();
        self::assertSame('', $this->remarks(), 'an account as Create left it');
    }

    public function testAnotherAddressInTheSecretIsSaidAtOnceWithBothAddresses(): void
    {
        $ours = $this->secret()['remote-address'];
        $this->change(['remote-address' => '10.99.0.9']);
        $this->collect();
        $name = preg_quote($this->username(), '~');
        self::assertMatchesRegularExpression("~Service {$this->service} has the address 10\\.99\\.0\\.9 .*\"$name\" instead of $ours~", $this->remarks());
        self::assertStringNotContainsString('FastTrack', $this->remarks());

        self::assertSame('success', $this->whmcs->changePackage($this->service));
        $this->collect();
        self::assertSame([$ours, ''], [$this->secret()['remote-address'], $this->remarks()], 'the remedy it names');
    }

    public function testARenamedSecretIsARemarkWithBothNames(): void
    {
        $name = $this->username();
        $this->change(['name' => 'guest']);
        $this->collect();
        self::assertStringContainsString("logs in as \"$name\", but its PPP secret is called \"guest\"", $this->remarks());

        self::assertSame('success', $this->whmcs->changePackage($this->service));
        $this->collect();
        self::assertSame('', $this->remarks(), 'the remedy it names');
    }

    public function testADeletedSecretIsARemark(): void
    {
        $this->router->advance(3600);
        $this->router->exec('/ppp/secret/remove', ['numbers' => $this->username()]);
        $this->collect();
        self::assertStringContainsString("Service {$this->service} has no PPP secret", $this->remarks());

        self::assertSame('success', $this->whmcs->create($this->service));
        $this->collect();
        self::assertSame('', $this->remarks(), 'the remedy it names');
    }

    public function testADisabledSecretIsARemarkUnlessTheServiceIsSuspendedOrCapped(): void
    {
        $this->change(['disabled' => 'yes']);
        $this->collect();
        self::assertStringContainsString("Service {$this->service} is Active, but its PPP secret was disabled", $this->remarks());

        self::assertSame('success', $this->whmcs->suspend($this->service));
        $this->collect();
        self::assertSame('', $this->remarks(), 'suspended');

        self::assertSame('success', $this->whmcs->unsuspend($this->service));
        $this->consume(11 * self::MB);
        self::assertSame('true', $this->secret()['disabled']);
        $this->collect();
        self::assertSame('', $this->remarks(), 'capped');
    }

    /** @param array<string, string> $values */
    private function change(array $values): void
    {
        $this->router->exec('/ppp/secret/set', ['numbers' => $this->username()] + $values);
    }
}

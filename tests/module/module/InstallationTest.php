<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;
use WHMCS\Database\Capsule;

/** Which WHMCS an account on a router belongs to, and which one this is. */
final class InstallationTest extends LedgerTestCase
{
    protected function setUp(): void
    {
        parent::setUp();
        $this->create();
    }

    public function testAnAccountOfTheLastReleaseIsTakenOverByTheNextCommandThatWrites(): void
    {
        $this->leaveAsTheLastReleaseDid(' VIP');
        $this->consume(self::MB);
        self::assertSame(9 * self::MB, $this->balance(), 'it is metered before it has an id');
        self::assertSame("mikrotikvpn whmcs:{$this->service} VIP", $this->secret()['comment']);
        self::assertSame('success', $this->whmcs->changePackage($this->service));
        self::assertSame($this->tag() . ' VIP', $this->secret()['comment']);
        self::assertSame($this->tag() . ' VIP', $this->queue()['comment']);
        self::assertCount(1, $this->router->rows('/ppp/secret'));
        $this->consume(self::MB);
        self::assertSame(8 * self::MB, $this->balance());
    }

    public function testAnAccountOfTheLastReleaseWithAnotherNameIsNotTakenOver(): void
    {
        $name = $this->username();
        $this->leaveAsTheLastReleaseDid();
        $this->router->exec('/ppp/secret/set', ['numbers' => $name, 'name' => 'somebody']);
        foreach (['changePackage', 'suspend', 'terminate'] as $command) {
            $answer = $this->whmcs->$command($this->service);
            self::assertStringContainsString('"somebody"', $answer, $command);
            self::assertStringContainsString("\"$name\"", $answer, $command);
        }
        self::assertSame('somebody', $this->router->rows('/ppp/secret')[0]['name']);
    }

    public function testAFirstCreateNeverAdoptsATaggedObjectOfAnotherNameOrAddress(): void
    {
        $other = $this->anotherService();
        $row = ['name' => 'vpn1', 'comment' => "mikrotikvpn whmcs:$other"];
        $this->router->exec('/ppp/secret/add', $row + ['password' => 'own', 'remote-address' => '10.7.0.200']);
        $this->router->exec('/queue/simple/add', $row + ['target' => '10.7.0.200/32']);
        $before = [$this->router->rows('/ppp/secret', 'vpn1'), $this->router->rows('/queue/simple', 'vpn1')];
        $answer = $this->whmcs->create($other);
        self::assertStringContainsString('"vpn1" at 10.7.0.200', $answer);
        self::assertStringContainsString('"' . $this->second() . '" at 10.7.0.3', $answer);
        self::assertSame($before, [$this->router->rows('/ppp/secret', 'vpn1'), $this->router->rows('/queue/simple', 'vpn1')]);
        self::assertSame([], $this->router->rows('/ppp/secret', $this->second()));
    }

    public function testTheSameServiceOfAnotherInstallationIsLeftAlone(): void
    {
        $other = $this->anotherService();
        $row = ['name' => 'vpn1', 'comment' => "mikrotikvpn whmcs:$other@zzzzzz"];
        $this->router->exec('/ppp/secret/add', $row + ['password' => 'own', 'remote-address' => '10.7.0.200']);
        self::assertSame('success', $this->whmcs->create($other));
        foreach (['suspend', 'unsuspend', 'changePackage', 'terminate'] as $command) {
            self::assertSame('success', $this->whmcs->$command($other), $command);
        }
        $theirs = $this->router->rows('/ppp/secret', 'vpn1')[0];
        self::assertSame([$row['comment'], 'false', 'own'], [$theirs['comment'], $theirs['disabled'], $theirs['password']]);
    }

    private function anotherService(): int
    {
        return $this->whmcs->service($this->whmcs->client(), $this->product, $this->server, ['username' => $this->second()]);
    }

    private function second(): string
    {
        return "second{$this->service}";
    }

    private function tag(): string
    {
        return $this->whmcs->tag($this->service);
    }
}

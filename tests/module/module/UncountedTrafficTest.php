<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;

/** What carries traffic past an account's queue is not sold. */
final class UncountedTrafficTest extends LedgerTestCase
{
    public function testAProfileWhoseSessionsGetQueuesOfTheirOwnIsRefusedWithTheCommandThatMendsIt(): void
    {
        $this->router->exec('/ppp/profile/add', ['name' => 'fast', 'rate-limit' => '5M/10M']);
        foreach ([[2 => 'fast'], [2 => 'default', 23 => 'cap = profile fast']] as $settings) {
            $this->settings($settings);
            $answer = $this->whmcs->create($this->service);
            self::assertStringContainsString('The PPP profile "fast" cannot be used: its rate-limit (5M/10M)', $answer);
            self::assertStringContainsString('/ppp profile set [find name=fast] !rate-limit', $answer);
            self::assertSame([], $this->router->rows('/queue/simple'), 'nothing was changed on the router');
            self::assertSame([], $this->router->rows('/ppp/secret'));
        }
        $this->router->exec('/ppp/profile/unset', ['numbers' => 'fast', 'value-name' => 'rate-limit']);
        $this->create();
    }

    public function testAChangeOfPackageBringsNobodyToSuchAProfile(): void
    {
        $this->create();
        $this->router->exec('/ppp/profile/add', ['name' => 'fast', 'rate-limit' => '5M/10M']);
        [$secret, $queue] = [$this->secret(), $this->queue()];
        $this->settings([2 => 'fast', 4 => '50']);
        $answer = $this->whmcs->changePackage($this->service);
        self::assertStringContainsString('The PPP profile "fast" cannot be used: its rate-limit (5M/10M)', $answer);
        self::assertSame([$secret, $queue], [$this->secret(), $this->queue()], 'nothing was changed on the router');
    }

    public function testAProfileWhoseQueuesStandBelowOursIsSold(): void
    {
        $this->router->exec('/ppp/profile/add', ['name' => 'fast', 'rate-limit' => '5M/10M', 'insert-queue-before' => 'bottom']);
        $this->settings([2 => 'fast']);
        $this->create();
        $this->consume(self::MB);
        self::assertSame(9 * self::MB, $this->balance());
    }

    public function testWhereSessionsAreBilledSuchAProfileIsSold(): void
    {
        $this->router->exec('/ppp/profile/add', ['name' => 'fast', 'rate-limit' => '5M/10M']);
        $this->settings([2 => 'fast']);
        $this->accessHash('meter = session');
        $this->create();
        $this->consume(self::MB);
        self::assertSame(9 * self::MB, $this->balance());
    }

    public function testRoutesSomebodyAddedToTheSecretAreRefusedToo(): void
    {
        $this->create();
        $this->router->exec('/ppp/secret/set', ['numbers' => $this->username(), 'routes' => '192.168.5.0/24']);
        $answer = $this->whmcs->create($this->service);
        self::assertStringContainsString("The PPP secret \"{$this->username()}\" cannot be used: its routes (192.168.5.0/24)", $answer);
    }

    public function testTestConnectionNamesProfilesThatTheRouterLacks(): void
    {
        $this->create();
        $this->settings([2 => 'gold', 23 => 'cap = profile walled']);
        $answer = $this->whmcs->callForServer('TestConnection', $this->server);
        self::assertFalse($answer['success']);
        self::assertStringContainsString('"gold"', $answer['error']);
        self::assertStringContainsString('"walled"', $answer['error']);
    }

    public function testTheSettingsPageMarksProfilesThatShouldNotBeChosen(): void
    {
        $this->create();
        $this->router->exec('/ppp/profile/add', ['name' => 'fast', 'rate-limit' => '5M/10M']);
        $this->router->exec('/ppp/profile/add', ['name' => 'walled']);
        $this->settings([2 => 'gold', 23 => 'cap = profile walled']);
        $profiles = \MikrotikVpn\loadProfiles($this->router->formParams() + ['serverid' => $this->server]);
        self::assertSame('default', $profiles['default']);
        self::assertStringContainsString('the router does not have it', $profiles['gold']);
        self::assertStringContainsString('past the queues', $profiles['fast']);
        self::assertStringContainsString('needs an address-list or a filter', $profiles['walled']);
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;
use WHMCS\Database\Capsule;

/** A router takes longer than the database keeps a silent connection, or the database fails after the router. */
final class SlowRouterTest extends LedgerTestCase
{
    public function testADatabaseThatHungUpMeanwhileIsCalledAgain(): void
    {
        foreach (['create', 'changePackage', 'suspend', 'unsuspend', 'renew', 'terminate'] as $command) {
            $this->thinkLongerThanTheDatabaseWaits('/ppp/secret', 'print');
            self::assertSame('success', $this->whmcs->$command($this->service), $command);
        }
    }

    public function testASlowRouterIsCollected(): void
    {
        $this->create();
        $this->router->connect($this->username());
        $this->router->traffic($this->username(), self::MB);
        $this->thinkLongerThanTheDatabaseWaits('/queue/simple', 'print');
        // Its own clock goes on meanwhile.
        $this->router->fault([
            'when' => ['menu' => '/ppp/active', 'command' => 'print', 'times' => 1],
            'effect' => ['kind' => 'meanwhile', 'commands' => [['path' => '/advance', 'arguments' => ['seconds' => '5']]]],
        ]);
        $this->collect();
        self::assertSame(9 * self::MB, $this->balance());
    }

    public function testAnEndedConnectionIsNotHiddenFromWhmcsOwnTransaction(): void
    {
        Capsule::connection()->beginTransaction();
        $this->thinkLongerThanTheDatabaseWaits('/ppp/secret', 'print');
        try {
            $answer = $this->whmcs->callForService('CreateAccount', $this->service);
        } finally {
            Capsule::connection()->reconnect();
        }
        self::assertStringContainsString('gone away', $answer);
        self::assertStringContainsString('The account is on the router already; running Create again finishes it.', $answer);
        while (Capsule::connection()->transactionLevel() > 0) {
            Capsule::connection()->rollBack();
        }
    }

    public function testWhateverFailsAfterTheRouterWasChangedSaysThatTheAccountIsThere(): void
    {
        $this->create();
        self::assertSame('success', $this->whmcs->terminate($this->service));
        Capsule::connection()->statement('ALTER TABLE mod_mikrotikvpn_servers RENAME COLUMN boot TO kept');
        try {
            $answer = $this->whmcs->create($this->service);
        } finally {
            Capsule::connection()->statement('ALTER TABLE mod_mikrotikvpn_servers RENAME COLUMN kept TO boot');
        }
        self::assertStringContainsString('The account is on the router already; running Create again finishes it.', $answer);
        self::assertCount(1, $this->router->rows('/ppp/secret'));
        $this->create();
        self::assertCount(1, $this->router->rows('/ppp/secret'));
    }

    private function thinkLongerThanTheDatabaseWaits(string $menu, string $command): void
    {
        Capsule::connection()->statement('SET SESSION wait_timeout = 1');
        $this->router->fault([
            'when' => ['menu' => $menu, 'command' => $command, 'times' => 1],
            'effect' => ['kind' => 'delay-reply', 'ms' => 2500],
        ]);
    }
}

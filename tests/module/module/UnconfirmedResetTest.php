<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Books;
use MikrotikVpn\Tests\LedgerTestCase;

/** A reset whose answer never came: the session's own counter tells whether it happened, where it can. */
final class UnconfirmedResetTest extends LedgerTestCase
{
    private const GB = 1 << 30;

    protected function setUp(): void
    {
        parent::setUp();
        $this->settings([4 => '0', 5 => '0', 6 => '0']);
        $this->create();
        $this->router->connect($this->username());
        $this->router->advance(3_600);
        $this->collect();
    }

    public function testTheOnlySessionProvesThatItHappened(): void
    {
        $this->loseAnswer('applied-but-no-answer');
        $this->use(3);
        $this->assertBooked(4);
        $this->use(1);
        $this->assertBooked(5);
    }

    public function testTheOnlySessionProvesThatItDidNotHappen(): void
    {
        $this->loseAnswer('close-before-status');
        $this->use(3);
        $this->assertBooked(4);
        $this->use(1);
        $this->assertBooked(5);
    }

    public function testASessionThatWasNotThereBeforeProvesNothingAndTheSmallerUsageIsBooked(): void
    {
        $this->loseAnswer('applied-but-no-answer');
        $this->router->disconnect($this->username());
        $this->router->connect($this->username());
        $this->use(3);
        $this->assertBooked(3);
        self::assertStringContainsString('the smaller usage was booked', $this->remarks());
    }

    /** 1 GB flows and is booked; what becomes of the reset behind it nobody hears. */
    private function loseAnswer(string $kind): void
    {
        $this->router->advance(60);
        $this->router->traffic($this->username(), self::GB);
        $this->router->fault([
            'when' => ['menu' => '/queue/simple', 'command' => 'reset-counters', 'times' => 1],
            'effect' => ['kind' => $kind],
        ]);
        $this->whmcs->collect($this->server);
        $this->router->clearFaults();
        $this->assertBooked(1);
    }

    private function use(int $gb): void
    {
        $this->router->advance(60);
        $this->router->traffic($this->username(), $gb * self::GB);
        $this->whmcs->waitForNextCollection();
        $this->collect();
    }

    private function assertBooked(int $gb): void
    {
        self::assertSame($gb * self::GB, array_sum(array_column(Books::of($this->service)->days(), 0)));
    }
}

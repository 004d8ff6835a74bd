<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Books;
use MikrotikVpn\Tests\LedgerTestCase;
use MikrotikVpn\Tests\Router;

/**
 * What flows while a collection is under way: up to the last reading it is booked, and only what flows between
 * that and the reset behind it is lost. Over the binary API both are in one write.
 */
final class TailTest extends LedgerTestCase
{
    protected function setUp(): void
    {
        parent::setUp();
        $this->create();
        $this->router->connect($this->username());
        // A router that has just started might start anew within a collection without showing it.
        $this->router->advance(3_600);
        $this->router->traffic($this->username(), 1_000, 10);
    }

    public function testOnlyWhatFlowsBetweenTheLastReadingAndTheResetIsLost(): void
    {
        $this->flowsBefore('/queue/simple', 'print', 2, 300);
        $this->flowsBefore('/queue/simple', 'reset-counters', 1, 70);
        $this->collect();
        $this->assertBooked(1_300);
        self::assertSame('0/0', $this->queue()['bytes']);
        $this->router->traffic($this->username(), 5_000);
        $this->collect();
        $this->collect();
        $this->assertBooked(6_300);
        self::assertSame(6_370, $this->router->truth()[$this->username()]['download']);
    }

    public function testAResetThatOvertakesTheReadingBillsNothingTwice(): void
    {
        $this->router->fault([
            'when' => ['menu' => '/queue/simple', 'command' => 'print', 'nth' => 2, 'times' => 1],
            'effect' => ['kind' => 'delay', 'ms' => 200],
        ]);
        // More than was there before: the counter does not show that it has been zero.
        $this->flowsBefore('/queue/simple', 'print', 2, 4_000);
        $this->collect();
        // Over REST one waits for the other; else the counter's 4,000 stay for the next collection.
        $this->assertBooked(Router::transport() === 'rest' ? 5_000 : 1_000);
        $this->collect();
        $this->assertBooked(5_000);
        $this->collect();
        $this->assertBooked(5_000);
    }

    public function testAQueueThatVanishesMeanwhileKeepsNoOtherFromBeingReset(): void
    {
        $other = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server);
        self::assertSame('success', $this->whmcs->create($other));
        $name = $this->whmcs->row($other)->username;
        $this->router->connect($name);
        $this->router->traffic($name, 2_000);
        $remove = ['path' => '/queue/simple/remove', 'arguments' => ['numbers' => $name]];
        $this->router->fault([
            'when' => ['menu' => '/queue/simple', 'command' => 'print', 'nth' => 2, 'times' => 1],
            'effect' => ['kind' => 'meanwhile', 'commands' => [$remove]],
        ]);
        $this->collect();
        self::assertSame([], $this->router->rows('/queue/simple', $name));
        self::assertSame('0/0', $this->queue()['bytes']);
        $this->router->traffic($this->username(), 500);
        $this->collect();
        $this->assertBooked(1_500);
        self::assertSame([2_000, 0], array_values(Books::of($other)->days())[0]);
    }

    /** Bytes that flow right before the nth command of that kind is carried out. */
    private function flowsBefore(string $menu, string $command, int $nth, int $download): void
    {
        $arguments = ['name' => $this->username(), 'download' => (string) $download];
        $this->router->fault([
            'when' => ['menu' => $menu, 'command' => $command, 'nth' => $nth, 'times' => 1],
            'effect' => ['kind' => 'meanwhile', 'commands' => [['path' => '/traffic', 'arguments' => $arguments]]],
        ]);
    }

    private function assertBooked(int $download): void
    {
        Books::of($this->service)->assertAre(['download' => $download, 'upload' => 10]);
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Books;
use MikrotikVpn\Tests\LedgerTestCase;

/** Counters that show what cannot be: nothing moves until it is certain, and nobody pays for it. */
final class ImplausibleCounterTest extends LedgerTestCase
{
    private const GB = 1 << 30;

    protected function setUp(): void
    {
        parent::setUp();
        $this->settings([6 => '1000']);
        $this->create();
        $this->router->connect($this->username());
        $this->router->advance(3_600);
        $this->collect();
        $this->use(self::MB);
    }

    /** @dataProvider nonsense */
    #[\PHPUnit\Framework\Attributes\DataProvider('nonsense')]
    public function testOneReplyOfNonsenseMovesNothing(string $bytes, string $speed, string $remark): void
    {
        $this->settings([4 => $speed, 5 => $speed]);
        self::assertSame('success', $this->whmcs->changePackage($this->service));
        $this->use(2 * self::MB);
        $this->shows($bytes);
        $this->collect();
        $this->assertBooked(3 * self::MB - 2 * self::MB, 'what was known before');
        self::assertStringContainsString("Service {$this->service} has a queue $remark", $this->remarks());
        $this->use(3 * self::MB);
        $this->collect();
        $this->assertBooked(6 * self::MB);
        self::assertSame('', $this->remarks());
    }

    public function nonsense(): array
    {
        $speeds = ['with a limit' => '20', 'without a limit' => '0'];
        $values = [
            'all ones' => ['18446744073709551615/18446744073709551615', 'whose counters cannot be read'],
            'half of that' => ['9223372036854775808/0', 'whose counters cannot be read'],
            'more than the line carries' => ['0/5000000000000', 'whose counters were read twice'],
        ];
        $cases = [];
        foreach ($speeds as $how => $speed) {
            foreach ($values as $what => [$bytes, $remark]) {
                $cases["$what, $how"] = [$bytes, $speed, $remark];
            }
        }
        return $cases;
    }

    public function testAReplyThatShowsNothingIsNoReset(): void
    {
        $this->accessHash('counter-reset = off');
        $this->collect();
        $this->use(2 * self::MB);
        $this->shows('0/0');
        $this->collect();
        $this->assertBooked(self::MB);
        $this->collect();
        $this->assertBooked(3 * self::MB);
    }

    public function testACounterThatStaysImpossibleNeverBillsAnything(): void
    {
        $this->collect();
        $this->router->fault([
            'when' => ['menu' => '/queue/simple', 'command' => 'print'],
            'effect' => ['kind' => 'overwrite', 'key' => 'bytes', 'value' => '9223372036854775808/1'],
        ]);
        for ($hour = 0; $hour < 3; ++$hour) {
            $this->router->advance(3_600);
            $this->collect();
            $this->assertBooked(self::MB);
        }
    }

    public function testACounterThatJumpedCountsWithTheNextCollectionAndAsTheSessionSawIt(): void
    {
        $this->collect();
        $this->use(2 * self::MB);
        $this->router->setCounters('/queue/simple', $this->username(), 3 * self::GB, 0);
        $this->router->resetStats();
        $this->collect();
        self::assertSame(7, $this->router->stats()['total'], 'one more reading than usual, and no reset');
        $this->assertBooked(self::MB);
        self::assertStringContainsString('more than its line carries', $this->remarks());
        $this->use(3 * self::MB);
        $this->collect();
        $this->assertBooked(6 * self::MB);
        self::assertStringContainsString('they were not billed', $this->remarks());
        $this->use(4 * self::MB);
        $this->collect();
        $this->assertBooked(10 * self::MB);
        self::assertSame('', $this->remarks());
    }

    public function testACommandDoesNotBillNonsenseEither(): void
    {
        $this->collect();
        $this->use(2 * self::MB);
        $this->router->setCounters('/queue/simple', $this->username(), 3 * self::GB, 0);
        self::assertSame('success', $this->whmcs->terminate($this->service));
        self::assertLessThanOrEqual(3 * self::MB, $this->booked());
        $log = implode("\n", $this->whmcs->activityLog());
        self::assertStringContainsString("of service {$this->service} shows more than its line carries", $log);
    }

    /** The next list of queues shows this for each of them, upload first. */
    private function shows(string $bytes): void
    {
        $this->router->fault([
            'when' => ['menu' => '/queue/simple', 'command' => 'print', 'times' => 1],
            'effect' => ['kind' => 'overwrite', 'key' => 'bytes', 'value' => $bytes],
        ]);
    }

    private function use(int $download): void
    {
        $this->router->advance(60);
        $this->router->traffic($this->username(), $download);
    }

    private function booked(): int
    {
        return array_sum(array_column(Books::of($this->service)->days(), 0));
    }

    private function assertBooked(int $download, string $message = ''): void
    {
        self::assertSame($download, $this->booked(), $message);
    }
}

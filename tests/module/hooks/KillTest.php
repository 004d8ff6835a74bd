<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Hooks;

use MikrotikVpn\Tests\Books;
use MikrotikVpn\Tests\Process;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;

/**
 * A collection is cut off at every step boundary, one after the other until one survives: before and after
 * each SQL statement, commit and request to the router. The collection after it must find the books right.
 */
final class KillTest extends TestCase
{
    /** What timeout, kill -9 and the kernel without memory do: 128 + SIGKILL. */
    private const KILLED = 137;

    private int $server;

    /** @var array<int, string> service => name on the router */
    private array $names = [];

    /** @return array<string, array{string}> */
    public static function resets(): array
    {
        return [
            'counters are reset' => ['counter-reset = on'],
            'counters run on' => ['counter-reset = off'],
            'sessions are billed' => ['meter = session'],
        ];
    }

    /** @dataProvider resets */
    #[\PHPUnit\Framework\Attributes\DataProvider('resets')]
    public function testTheBooksAreRightWhereverTheProcessWasKilled(string $accessHash): void
    {
        $this->sell($accessHash);
        $boundaries = $this->cutOffEverywhere([], $this->survived(...), $this->assertRight(...));
        self::assertGreaterThan(40, $boundaries, 'there are fewer than a collection has statements and requests');
    }

    public function testAResetNobodyCanKnowOfBillsTooLittleAndNeverTooMuch(): void
    {
        $this->sell('counter-reset = on');
        [$lost, $most] = [0, 3_000_000 + intdiv(3_000_000, 7)];
        $check = function (int $service, string $name, string $when) use (&$lost, $most): void {
            $missing = array_sum($this->router->truth()[$name] ?? []) - array_sum(Books::of($service)->months()[date('Y-m-01')] ?? []);
            self::assertGreaterThanOrEqual(0, $missing, "$when more was billed than flowed");
            $lost = max($lost, $missing);
        };
        // More than before: the counter is beyond the one that was booked, reset or not.
        $boundaries = $this->cutOffEverywhere([], $this->survived(...), $check, 5_000_000);
        self::assertGreaterThan(0, $lost, 'no reset was in doubt');
        self::assertLessThanOrEqual($most * $boundaries, $lost);
    }

    public function testACapIsThereAfterTheNextCollectionAndNoMailGoesTwice(): void
    {
        $this->whmcs->fixtures->addEmailTemplate('Used up', 'Used up', 'Nothing left.');
        $this->whmcs->fixtures->addEmailTemplate('Nearly', 'Nearly', 'Little left.');
        $this->server = $this->whmcs->server($this->startRouter());
        $product = $this->whmcs->product([6 => '0.01', 13 => 'Nearly', 14 => '0.005', 15 => 'Used up']);
        $client = $this->whmcs->client();
        for ($boundary = 1, $survived = false; !$survived; $boundary++) {
            $service = $this->whmcs->service($client, $product, $this->server);
            $this->names = [$service => $this->online($service)];
            $this->names += [0 => 'nobody'];
            $this->flow(12 << 20);
            $survived = $this->survived($this->cutOff($boundary));
            self::assertSame('success', $this->whmcs->collect($this->server));
            [$secret] = $this->router->rows('/ppp/secret', $this->names[$service]);
            self::assertSame('true', $secret['disabled'], "boundary $boundary");
            self::assertSame([], $this->router->rows('/ppp/active', $this->names[$service]), "boundary $boundary");
            $this->assertToldOnce($service, "boundary $boundary");
        }
    }

    /** A mail whose sender was killed has gone or not: it is kept as such and never sent again. */
    private function assertToldOnce(int $service, string $when): void
    {
        foreach (['Used up', 'Nearly'] as $template) {
            $sent = Capsule::table('standin_mails')->where('relid', $service)->where('template', $template)->count();
            $unknown = Capsule::table('mod_mikrotikvpn_mails')->where('service_id', $service)->where('template', $template)
                ->where('claim', '<>', 0)->count();
            self::assertLessThanOrEqual(1, $sent, "$when: $template");
            self::assertTrue($template === 'Nearly' || $sent + $unknown > 0, "$when: $template");
        }
    }

    private function online(int $service): string
    {
        self::assertSame('success', $this->whmcs->create($service));
        $name = $this->whmcs->row($service)->username;
        $this->router->connect($name);
        return $name;
    }

    /** @param array<string, string> $environment */
    private function cutOff(int $boundary, array $environment = []): Process
    {
        $this->whmcs->waitForNextCollection();
        $arguments = ['run', 'UsageUpdate', '--server', (string) $this->server];
        return $this->whmcs->process($arguments, ['MIKROTIKVPN_BOUNDARY' => (string) $boundary] + $environment);
    }

    public function testABugAnywhereIsASentenceAndTheBooksAreRight(): void
    {
        $this->sell('counter-reset = on');
        $environment = ['MIKROTIKVPN_AT_BOUNDARY' => 'panic'];
        $this->cutOffEverywhere($environment, function (Process $process, int $boundary): bool {
            $answer = json_decode($process->output(), true);
            self::assertSame([], $answer['violations'] ?? [], "at boundary $boundary");
            if ($answer['returned'] !== 'success') {
                self::assertStringStartsWith('Internal error in mikrotikvpn', $answer['returned']);
            }
            return $answer['returned'] === 'success';
        }, $this->assertRight(...));
        self::assertStringContainsString('Internal error', implode("\n", $this->whmcs->activityLog()));
    }

    private function survived(Process $process): bool
    {
        self::assertContains($process->code(), [0, self::KILLED], $process->errors());
        return $process->code() === 0;
    }

    private function assertRight(int $service, string $name, string $when): void
    {
        Books::of($service)->assertAre($this->router->truth()[$name] ?? null, "$when service $service");
    }

    /**
     * @param array<string, string> $environment
     * @param callable(Process, int): bool $survived
     * @param callable(int, string, string): void $check the books of a service, by its name on the router
     * @param int $after bytes that flow between the cut and the next collection. Fewer than the 3,000,000
     *     before it, and the counter shows whether it had been reset
     * @return int how many boundaries there were
     */
    private function cutOffEverywhere(array $environment, callable $survived, callable $check, int $after = 1_000_000): int
    {
        for ($boundary = 1; ; $boundary++) {
            $this->flow(3_000_000);
            $ended = $survived($this->cutOff($boundary, $environment), $boundary);
            $this->flow($after);
            self::assertSame('success', $this->whmcs->collect($this->server));
            foreach ($this->names as $service => $name) {
                $check($service, $name, "After boundary $boundary");
            }
            if ($ended) {
                return $boundary - 1;
            }
        }
    }

    private function sell(string $accessHash): void
    {
        $router = $this->startRouter();
        $this->server = $this->whmcs->server($router, ['accesshash' => $router->accessHash($accessHash)]);
        $product = $this->whmcs->product([6 => '10']);
        $client = $this->whmcs->client();
        for ($number = 0; $number < 3; $number++) {
            $service = $this->whmcs->service($client, $product, $this->server);
            $this->names[$service] = $this->online($service);
        }
    }

    /** The last account stays silent. */
    private function flow(int $bytes): void
    {
        foreach (array_slice($this->names, 0, -1) as $name) {
            $this->router->traffic($name, $bytes, intdiv($bytes, 7));
        }
        $this->router->advance(10);
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Build;
use MikrotikVpn\Tests\Fpm;
use MikrotikVpn\Tests\Process;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;

/** PHP processes fork after the extension was loaded, and after it was used: nothing may hang then. */
final class ForkedProcessesTest extends TestCase
{
    private const WORKERS = 3;

    public function testParentAndChildBothAnswerAfterAFork(): void
    {
        $params = (string) json_encode($this->params());
        $answers = Process::same([dirname(__DIR__) . '/scripts/fork.php', $params], ['WHMCS_MODULES' => Build::root() . '/modules/servers'])->json();
        self::assertSame(['success' => true, 'error' => ''], $answers['before']);
        self::assertSame($answers['before'], $answers['parent']);
        self::assertSame($answers['before'], $answers['child'], 'null: the child hung');
    }

    public function testChildrenOfOneProcessDrawDifferentNamesAndPasswords(): void
    {
        $server = $this->whmcs->server($this->startRouter());
        $product = $this->whmcs->product([21 => 'vpn{random_digit_12}', 22 => '20:a-z0-9']);
        $client = $this->whmcs->client();
        $services = array_map(fn (): int => $this->whmcs->service($client, $product, $server), range(0, 3));
        self::assertSame('success', $this->whmcs->create($services[0]), 'the parent has drawn before it forks');
        foreach (array_slice($services, 1) as $service) {
            $child = pcntl_fork();
            if ($child === 0) {
                $this->createAndDie($service);
            }
            pcntl_waitpid($child, $status);
        }
        $rows = array_map($this->whmcs->row(...), $services);
        foreach (['username', 'password'] as $column) {
            $drawn = array_column($rows, $column);
            self::assertNotContains('', $drawn);
            self::assertCount(4, array_unique($drawn), "$column: " . implode(', ', $drawn));
        }
    }

    /** In a child: with a connection of its own, and without the end of PHP, which would close the parent's. */
    private function createAndDie(int $service): never
    {
        $parents = Capsule::connection()->getPdo();
        Capsule::connection()->setPdo(null);
        Capsule::connection()->reconnect();
        $this->whmcs->create($service);
        posix_kill(getmypid(), SIGKILL);
        exit($parents === null ? 1 : 0);
    }

    public function testEveryPhpFpmWorkerAnswersTwiceAtTheSameTime(): void
    {
        $fpm = new Fpm(self::WORKERS);
        try {
            $pids = [$this->round($fpm), $this->round($fpm)];
            self::assertSame($pids[0], $pids[1], 'a worker died between the rounds');
            self::assertStringNotContainsString('exited on signal', $fpm->log());
        } finally {
            $fpm->stop();
        }
    }

    /** One request for each worker, all at once. @return list<int> the workers' pids */
    private function round(Fpm $fpm): array
    {
        $meeting = sys_get_temp_dir() . '/mikrotikvpn-' . bin2hex(random_bytes(6));
        mkdir($meeting);
        $query = ['params' => (string) json_encode($this->params()), 'meeting' => $meeting];
        $query['workers'] = (string) self::WORKERS;
        $requests = [];
        for ($number = 0; $number < self::WORKERS; $number++) {
            $requests[] = $fpm->request(dirname(__DIR__) . '/scripts/fpm.php', $query);
        }
        $answers = array_map(Fpm::json(...), $requests);
        array_map('unlink', glob("$meeting/*") ?: []);
        rmdir($meeting);
        foreach ($answers as $answer) {
            self::assertSame(self::WORKERS, $answer['met']);
            self::assertSame(['success' => true, 'error' => ''], $answer['first']);
            self::assertSame($answer['first'], $answer['second']);
        }
        $pids = array_column($answers, 'pid');
        sort($pids);
        self::assertCount(self::WORKERS, array_unique($pids));
        return $pids;
    }

    /** @return array<string, mixed> what WHMCS passes when the server form is tested */
    private function params(): array
    {
        $router = $this->router ?? $this->startRouter();
        return $router->formParams();
    }
}

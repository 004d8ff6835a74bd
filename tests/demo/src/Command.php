<?php

declare(strict_types=1);

namespace MikrotikVpn\Demo;

/** `run` and `run --once`. */
final class Command
{
    /** Steps shown before an interactive demo stays up. */
    private const LIVE_UNTIL = 'client_page';
    private const SECONDS_BETWEEN_COLLECTIONS = 10;

    private readonly string $folder;

    public function __construct()
    {
        $this->folder = dirname(__DIR__, 3) . '/target/demo';
    }

    /** @param list<string> $arguments @return int the exit code */
    public function run(array $arguments): int
    {
        if (array_diff($arguments, ['--once']) !== []) {
            fwrite(STDERR, "Usage: run [--once]\n");
            return 2;
        }
        $this->interruptOnSignals();
        return $this->perform($arguments === ['--once']);
    }

    private function perform(bool $once): int
    {
        $names = $once ? Story::STEPS : $this->stepsBeforeLive();
        $report = new Report($names);
        $interrupted = false;
        try {
            $stage = new Stage($this->folder);
            $stage->start(!$once);
            $story = new Story($stage, "{$this->folder}/client.png");
            foreach ($names as $name) {
                $report->step($name, fn (): string => $story->run($name));
            }
            $once || $this->stayUp($stage, $story);
        } catch (Interrupted $interruption) {
            $interrupted = true;
            $report->abandon($interruption);
        } catch (\Throwable $failure) {
            $report->ok() && fwrite(STDERR, "{$failure->getMessage()}\n");
            $report->abandon($failure);
            $failed = true;
        } finally {
            $this->ignoreSignals();
            isset($stage) && $stage->stop();
        }
        if ($once) {
            echo $report->json(), "\n";
            return $report->ok() ? 0 : 1;
        }
        return isset($failed) || (!$report->ok() && !$interrupted) ? 1 : 0;
    }

    /** @return list<string> */
    private function stepsBeforeLive(): array
    {
        return array_slice(Story::STEPS, 0, (int) array_search(self::LIVE_UNTIL, Story::STEPS, true) + 1);
    }

    /** The customer goes on using the connection, and WHMCS's cron goes on collecting. */
    private function stayUp(Stage $stage, Story $story): void
    {
        $story->keepStreaming();
        [$client, $admin] = [Stage::CLIENT, Stage::ADMIN];
        echo <<<TEXT

            Client page   {$story->clientPage()}
                          log in as {$client['email']} with the password {$client['password']}
            Admin page    {$story->adminPage()}
                          log in as {$admin['username']} with the password {$admin['password']}
            Screenshot    {$this->folder}/client.png

            The customer is connected and downloads; traffic is collected every few seconds. Ctrl-C ends the demo.

            TEXT;
        while (true) {
            $this->wait(self::SECONDS_BETWEEN_COLLECTIONS);
            $stage->check();
            $story->collectAgain();
        }
    }

    /** A signal ends the wait. */
    private function wait(int $seconds): void
    {
        sleep($seconds);
        pcntl_signal_dispatch();
    }

    private function interruptOnSignals(): void
    {
        pcntl_async_signals(true);
        foreach ([SIGINT, SIGTERM, SIGHUP] as $signal) {
            pcntl_signal($signal, static fn () => throw new Interrupted('interrupted'));
        }
    }

    /** What is being stopped is stopped to the end. */
    private function ignoreSignals(): void
    {
        foreach ([SIGINT, SIGTERM, SIGHUP] as $signal) {
            pcntl_signal($signal, SIG_IGN);
        }
    }
}

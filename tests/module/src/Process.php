<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

/** A child process with a deadline; its output is collected in files, so it never blocks on a pipe. */
final class Process
{
    /** @var resource */
    private $handle;
    private ?int $code = null;
    private readonly string $output;
    private readonly string $errors;

    /** @var list<resource> */
    private array $pipes = [];

    /**
     * @param list<string> $command
     * @param array<string, string> $environment added to this process's own
     * @param bool $tied standard input stays open as long as this object lives
     */
    public function __construct(array $command, array $environment = [], bool $tied = false)
    {
        $this->output = (string) tempnam(sys_get_temp_dir(), 'out');
        $this->errors = (string) tempnam(sys_get_temp_dir(), 'err');
        $input = $tied ? ['pipe', 'r'] : ['file', '/dev/null', 'r'];
        $files = [$input, ['file', $this->output, 'w'], ['file', $this->errors, 'w']];
        $handle = proc_open($command, $files, $this->pipes, null, $environment + getenv());
        $this->handle = $handle ?: throw new \RuntimeException("$command[0] cannot be started.");
    }

    /** PHP without ini files and without extensions but those of `-d` options. @param list<string> $arguments */
    public static function bare(array $arguments, array $environment = []): self
    {
        return new self([PHP_BINARY, '-n', ...$arguments], $environment);
    }

    /** PHP as this one: same ini files, same library. @param list<string> $arguments */
    public static function same(array $arguments, array $environment = []): self
    {
        return new self([PHP_BINARY, '-d', 'extension=' . Build::library(), ...$arguments], $environment);
    }

    public function pid(): int
    {
        return $this->status()['pid'];
    }

    public function running(): bool
    {
        return $this->status()['running'];
    }

    /** Waits for the end; one that does not come kills the process and fails the test. */
    public function code(float $seconds = 30.0): int
    {
        try {
            Deadline::await('The end of the child process', fn () => !$this->running(), $seconds);
        } finally {
            $this->kill();
        }
        return (int) $this->code;
    }

    public function output(): string
    {
        $this->code();
        return (string) file_get_contents($this->output);
    }

    public function errors(): string
    {
        return (string) file_get_contents($this->errors);
    }

    /** The output as JSON; everything else the child said is in the exception. */
    public function json(): mixed
    {
        $output = $this->output();
        $value = json_decode($output, true);
        if ($value === null || $this->code !== 0) {
            throw new \RuntimeException("The child ended with {$this->code} and said: $output{$this->errors()}");
        }
        return $value;
    }

    public function outputSoFar(): string
    {
        return (string) file_get_contents($this->output);
    }

    public function terminate(): void
    {
        $this->running() && posix_kill($this->pid(), SIGTERM);
    }

    public function kill(): void
    {
        $this->running() && posix_kill($this->pid(), SIGKILL);
    }

    public function __destruct()
    {
        $this->kill();
        @unlink($this->output);
        @unlink($this->errors);
    }

    /** @return array{pid: int, running: bool, exitcode: int, signaled: bool, termsig: int} */
    private function status(): array
    {
        $status = proc_get_status($this->handle);
        if (!$status['running'] && $this->code === null) {
            // PHP tells the exit code only once.
            $this->code = $status['signaled'] ? 128 + $status['termsig'] : $status['exitcode'];
        }
        return $status;
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/**
 * Runs module code and notices everything WHMCS would not accept from it: output, notices,
 * exceptions, transactions left open. Guards nest, since a module may call itself through localAPI.
 */
final class Guard
{
    /** @var list<self> */
    private static array $running = [];

    /** @var list<string> kinds the caller chose to tolerate (see Violation::KINDS) */
    public static array $tolerated = [];

    /** @var list<Violation> */
    private array $violations = [];
    private string $output = '';
    private bool $returned = false;

    private function __construct(public readonly string $subject, public readonly bool $mayExit = false)
    {
    }

    /** @param callable(): mixed $body */
    public static function run(string $subject, callable $body, bool $mayExit = false): Outcome
    {
        $guard = new self($subject, $mayExit);
        $value = null;
        $level = ob_get_level();
        $transactions = self::transactionLevel();
        self::$running[] = $guard;
        ob_start();
        set_error_handler($guard->onError(...));
        // PHPUnit 10 and later leave only the fatal kinds in error_reporting(), as the @ operator does.
        $reporting = error_reporting(E_ALL);
        try {
            $value = $body();
            $guard->returned = true;
        } catch (ContractViolation $inner) {
            // Already reported by the call it came from; for this one it is a failure too.
            $guard->violations = [...$guard->violations, ...$inner->violations];
        } catch (Exit_ $exit) {
            throw $exit;
        } catch (\Throwable $error) {
            $guard->report('exception', sprintf('threw %s: %s (%s:%d)', $error::class, $error->getMessage(), self::shortPath($error->getFile()), $error->getLine()));
        } finally {
            error_reporting($reporting);
            restore_error_handler();
            $guard->collectOutput($level);
            array_pop(self::$running);
        }
        $guard->closeTransactions($transactions);
        return new Outcome($value, $guard->returned, $guard->violations, $guard->output);
    }

    public static function current(): ?self
    {
        return self::$running[array_key_last(self::$running) ?? -1] ?? null;
    }

    /** Reports misuse found by a helper that module code called (localAPI, a model, …). */
    public static function complain(string $kind, string $message): void
    {
        $guard = self::current();
        if ($guard !== null) {
            $guard->report($kind, $message);
            return;
        }
        Violations::record([new Violation($kind, 'outside of a module call', ucfirst($message) . '.', in_array($kind, self::$tolerated, true))]);
    }

    /**
     * The process ends. Module code that is still running has ended it, as an answer to a request of its own may
     * (see $mayExit); whatever else it did wrong until then counts all the same.
     */
    public static function ended(): void
    {
        $last = self::current();
        if ($last === null) {
            return;
        }
        $error = error_get_last();
        if ($error !== null && ($error['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR)) !== 0) {
            $last->report('exit', "ended the process by a fatal error: {$error['message']}");
        } elseif (!$last->mayExit) {
            $last->report('exit', 'ended the process (exit or die)');
        }
        $last->closeTransactions(0);
        Violations::record(array_merge(...array_map(static fn (self $guard): array => $guard->violations, self::$running)));
        self::$running = [];
    }

    public function report(string $kind, string $message): void
    {
        $this->violations[] = new Violation($kind, $this->subject, rtrim("{$this->subject} $message", '.') . '.', in_array($kind, self::$tolerated, true));
    }

    /** @return list<Violation> */
    public function violations(): array
    {
        return $this->violations;
    }

    private function onError(int $level, string $message, string $file, int $line): bool
    {
        // In PHP 8 the @ operator leaves only the fatal kinds in error_reporting().
        if ((error_reporting() & $level) === 0) {
            return true;
        }
        $kind = match ($level) {
            E_WARNING, E_USER_WARNING, E_CORE_WARNING, E_COMPILE_WARNING => 'warning',
            E_DEPRECATED, E_USER_DEPRECATED => 'deprecated',
            default => 'notice',
        };
        // Debian's libraries are not the module; only a real warning raised through them is its doing.
        if ($kind === 'deprecated' && str_starts_with($file, '/usr/share/php')) {
            return true;
        }
        $this->report($kind, sprintf('raised a %s: %s (%s:%d)', $kind, $message, self::shortPath($file), $line));
        return true;
    }

    private function collectOutput(int $level): void
    {
        if (ob_get_level() < $level + 1) {
            $this->report('output', 'closed output buffers it had not opened');
        }
        while (ob_get_level() > $level) {
            $this->output = ob_get_clean() . $this->output;
        }
        if ($this->output !== '') {
            $this->report('output', 'printed output: ' . json_encode(mb_strimwidth($this->output, 0, 200, '…'), JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE));
        }
    }

    private function closeTransactions(int $before): void
    {
        $open = self::transactionLevel();
        if ($open > $before) {
            \WHMCS\Database\Capsule::connection()->rollBack($before);
            $this->report('transaction', 'left a database transaction open');
        }
    }

    private static function transactionLevel(): int
    {
        return Installation::isBooted() ? \WHMCS\Database\Capsule::connection()->transactionLevel() : 0;
    }

    public static function shortPath(string $file): string
    {
        foreach ([dirname(__DIR__, 3) . '/', getcwd() . '/'] as $base) {
            if (str_starts_with($file, $base)) {
                return substr($file, strlen($base));
            }
        }
        return $file;
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn\Cli;

use WhmcsStandIn\ContractViolation;
use WhmcsStandIn\Failure;
use WhmcsStandIn\Guard;
use WhmcsStandIn\Home;
use WhmcsStandIn\Installation;
use WhmcsStandIn\Options;
use WhmcsStandIn\Violation;

/** The command line: finds the command, prints its JSON answer, turns failures into exit codes. */
final class Application
{
    public const OK = 0;
    public const FAILED = 1;
    public const USAGE = 2;
    public const VIOLATION = 3;

    private bool $answered = false;
    /** @var resource */
    private $stdout;

    public function __construct()
    {
        $this->stdout = @fopen('php://fd/3', 'w') ?: STDOUT;
        // The wrapper redirected stdout into a file; unlinked, it lives on in the descriptor.
        $stray = getenv('WHMCS_STRAY');
        if ($stray !== false && is_file($stray)) {
            unlink($stray);
        }
        putenv('WHMCS_STRAY');
    }

    /** @param list<string> $words */
    public function run(array $words): int
    {
        register_shutdown_function($this->onShutdown(...));
        try {
            $arguments = new Arguments($words);
            if ($arguments->flag('help') || $arguments->words === [] || $arguments->words[0] === 'help') {
                fwrite($this->stdout, Help::TEXT);
                $this->answered = true;
                return self::OK;
            }
            $answer = $this->dispatch($arguments);
        } catch (UsageError $error) {
            $answer = new Answer(['error' => $error->getMessage()], $error->getMessage(), self::USAGE);
        } catch (ContractViolation $violation) {
            $violations = Installation::isBooted() ? Installation::current()->takeViolations() : [];
            $answer = new Answer(['ok' => false, 'violations' => $violations ?: $violation->violations], $violation->getMessage(), self::VIOLATION);
        } catch (Failure | \PDOException $failure) {
            $answer = new Answer(['error' => $failure->getMessage()], $failure->getMessage(), self::FAILED);
        }
        return $this->print($answer);
    }

    private function dispatch(Arguments $arguments): Answer
    {
        $home = new Home($arguments->value('home', Home::default()));
        Guard::$tolerated = array_values(array_filter(explode(',', $arguments->value('tolerate', (string) getenv('WHMCS_TOLERATE')))));
        foreach (array_diff(Guard::$tolerated, Violation::KINDS) as $unknown) {
            throw new UsageError("There is no kind of violation '$unknown': " . implode(', ', Violation::KINDS) . '.');
        }
        $given = array_filter([
            'modules' => $arguments->value('modules') ?? (getenv('WHMCS_MODULES') ?: $home->settings()['modules'] ?? null),
            'variants' => ($variants = $arguments->all('variant')) === [] ? null : array_merge(...array_map(static fn (string $list): array => explode(',', $list), $variants)),
            'timezone' => $arguments->value('timezone') ?? (getenv('WHMCS_TIMEZONE') ?: $home->settings()['timezone'] ?? null),
            'sqlMode' => $arguments->value('sql-mode'), 'now' => $arguments->value('now'), 'sqlNow' => $arguments->value('sql-now'), 'copyModules' => $arguments->flag('copy') ?: null,
        ], static fn (mixed $value): bool => $value !== null);
        $options = Options::fromEnvironment($given);
        $command = $arguments->word('command');
        $announce = function (array $data): void {
            $this->print(new Answer($data));
        };
        foreach ([HomeCommands::class, FixtureCommands::class, ModuleCommands::class, PageCommands::class] as $group) {
            if (isset($group::COMMANDS[$command])) {
                return (new $group($home, $options, $announce))->{$group::COMMANDS[$command]}($arguments);
            }
        }
        throw new UsageError("There is no command '$command'; see `whmcs --help`.");
    }

    private function print(Answer $answer): int
    {
        if ($this->answered && $answer->data === []) {
            // serve announced itself when it began.
            return $answer->code;
        }
        $this->answered = true;
        $flags = JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR;
        fwrite($this->stdout, json_encode($answer->data, $flags) . "\n");
        if ($answer->error !== '') {
            fwrite(STDERR, 'whmcs: ' . $answer->error . "\n");
        }
        return $answer->code;
    }

    /** Reached without an answer when module code ended the process: exit, die or a fatal error. */
    private function onShutdown(): void
    {
        if ($this->answered) {
            return;
        }
        $output = '';
        while (ob_get_level() > 0) {
            $output = ob_get_clean() . $output;
        }
        $output = $this->stray() . $output;
        $fatal = error_get_last();
        $guard = Guard::current();
        $subject = $guard?->subject ?? 'Something outside of a module call';
        if ($fatal !== null && ($fatal['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR)) !== 0) {
            exit($this->print($this->ended($subject, "ended the process by a fatal error: {$fatal['message']} ({$fatal['file']}:{$fatal['line']})", $output)));
        }
        if ($guard !== null && $guard->mayExit) {
            // An AJAX answer from ClientArea or a client's custom function: legitimate.
            $decoded = json_decode($output, true);
            $code = $guard->violations() === [] ? self::OK : self::VIOLATION;
            exit($this->print(new Answer(['direct_output' => $output, 'direct_json' => $decoded, 'violations' => $guard->violations()], '', $code)));
        }
        exit($this->print($this->ended($subject, 'ended the process (exit or die)', $output)));
    }

    /** What was printed past every buffer: the wrapper made stdout a file. */
    private function stray(): string
    {
        $stdout = @fopen('php://fd/1', 'r+');
        return $stdout !== false && stream_get_meta_data($stdout)['seekable'] && rewind($stdout) ? (string) stream_get_contents($stdout) : '';
    }

    private function ended(string $subject, string $message, string $output): Answer
    {
        $violation = new Violation('exit', $subject, "$subject $message.");
        return new Answer(['ok' => false, 'output' => $output, 'violations' => [$violation]], $violation->message, self::VIOLATION);
    }
}

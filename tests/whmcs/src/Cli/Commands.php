<?php

declare(strict_types=1);

namespace WhmcsStandIn\Cli;

use WhmcsStandIn\Home;
use WhmcsStandIn\Installation;
use WhmcsStandIn\Options;

/** Base of the command groups. COMMANDS maps the word to the method. */
abstract class Commands
{
    public const COMMANDS = [];

    /** @param callable(array<string, mixed>): void $announce prints the answer of a command that keeps running */
    public function __construct(protected readonly Home $home, protected readonly Options $options, private $announce)
    {
    }

    protected function announce(array $data): void
    {
        ($this->announce)($data);
    }

    protected function boot(): Installation
    {
        return Installation::boot($this->home, $this->options);
    }

    /**
     * The answer of a command that ran module code: violations make it fail.
     *
     * @param array<string, mixed> $data
     */
    protected function judged(array $data, ?string $error = null): Answer
    {
        $violations = Installation::current()->takeViolations();
        $breaches = array_values(array_filter($violations, static fn (object $one): bool => !$one->tolerated));
        $data = ['ok' => $breaches === [] && $error === null] + $data + ['violations' => $violations];
        if ($breaches !== []) {
            return new Answer($data, implode(' ', array_unique(array_map(static fn (object $one): string => $one->message, $breaches))), Application::VIOLATION);
        }
        return $error === null ? new Answer($data) : new Answer($data, $error, Application::FAILED);
    }
}

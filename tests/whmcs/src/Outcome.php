<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** What came of a guarded call. */
final class Outcome
{
    /** @param list<Violation> $violations */
    public function __construct(
        public readonly mixed $value,
        public readonly bool $returned,
        public array $violations,
        public readonly string $output = '',
    ) {
    }

    /** Violations the caller did not choose to tolerate. @return list<Violation> */
    public function breaches(): array
    {
        return array_values(array_filter($this->violations, static fn (Violation $one): bool => !$one->tolerated));
    }

    public function clean(): bool
    {
        return $this->breaches() === [];
    }

    public function complaint(): string
    {
        return implode(' ', array_map(static fn (Violation $one): string => $one->message, $this->breaches()));
    }

    /** The value of a clean call, or the exception PHPUnit users expect. */
    public function orThrow(): mixed
    {
        return $this->clean() ? $this->value : throw new ContractViolation($this->breaches());
    }

    public function with(string $kind, string $subject, string $message): self
    {
        $tolerated = in_array($kind, Guard::$tolerated, true);
        $violation = new Violation($kind, $subject, rtrim("$subject $message", '.') . '.', $tolerated);
        return new self($this->value, $this->returned, [...$this->violations, $violation], $this->output);
    }
}

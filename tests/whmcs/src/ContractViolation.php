<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** A module did something WHMCS does not accept. Carries every violation of the call. */
final class ContractViolation extends \RuntimeException
{
    /** @param list<Violation> $violations */
    public function __construct(public readonly array $violations)
    {
        parent::__construct(implode(' ', array_map(static fn (Violation $one): string => $one->message, $violations)));
    }
}

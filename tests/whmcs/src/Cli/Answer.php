<?php

declare(strict_types=1);

namespace WhmcsStandIn\Cli;

/** The one JSON document a command prints, with its exit code and the sentence for stderr. */
final class Answer
{
    /** @param array<mixed> $data */
    public function __construct(public readonly array $data, public readonly string $error = '', public readonly int $code = 0)
    {
    }
}

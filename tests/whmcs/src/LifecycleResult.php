<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** What a lifecycle or custom function came to. */
final class LifecycleResult
{
    public function __construct(
        public readonly string $function,
        public readonly Outcome $outcome,
        public readonly ?string $error,
        public readonly string $statusBefore,
        public readonly string $statusAfter,
    ) {
    }

    public function succeeded(): bool
    {
        return $this->error === null;
    }

    /** What an admin or client is shown: 'success' or the error. A violation throws instead. */
    public function text(): string
    {
        $this->outcome->orThrow();
        return $this->error ?? 'success';
    }
}

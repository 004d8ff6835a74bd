<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** One breach of the module contract, told in one sentence. */
final class Violation implements \JsonSerializable
{
    /**
     * What a caller may tolerate, by kind. Real WHMCS hides notices and lets stray output through, so
     * other people's modules may need it; it is never the default.
     */
    public const KINDS = ['output', 'notice', 'warning', 'deprecated', 'exception', 'return', 'exit', 'api', 'settings', 'hook', 'transaction', 'metrics', 'mail', 'request'];

    public function __construct(
        public readonly string $kind,
        public readonly string $subject,
        public readonly string $message,
        public readonly bool $tolerated = false,
    ) {
    }

    public function jsonSerialize(): array
    {
        return ['kind' => $this->kind, 'subject' => $this->subject, 'message' => $this->message, 'tolerated' => $this->tolerated];
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** The table of everything a module did wrong, so that a browser test can ask afterwards. */
final class Violations
{
    /** @param list<Violation> $violations */
    public static function record(array $violations): void
    {
        if ($violations === [] || !Installation::isBooted()) {
            return;
        }
        Capsule::table('standin_violations')->insert(array_map(static fn (Violation $one): array => [
            'at' => date('Y-m-d H:i:s'), 'subject' => mb_substr($one->subject, 0, 255), 'kind' => $one->kind,
            'message' => $one->message, 'tolerated' => (int) $one->tolerated,
        ], $violations));
    }
}

<?php

/** What WHMCS has written so far, for an answer that takes the place of its page. */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class Output
{
    /**
     * Throws away what is buffered. A buffer that its owner made to stay, such as one that compresses the
     * answer, is emptied if it may be, and what lies below it is out of reach.
     *
     * @return bool whether nothing stands between the answer and the browser: its length is known then
     */
    public static function discard(): bool
    {
        $flags = self::flags();
        while ($flags & PHP_OUTPUT_HANDLER_REMOVABLE && ob_end_clean()) {
            $flags = self::flags();
        }
        if ($flags & PHP_OUTPUT_HANDLER_CLEANABLE) {
            ob_clean();
        }
        return ob_get_level() === 0;
    }

    /** What may be done with the innermost buffer; 0 when there is none. */
    private static function flags(): int
    {
        return ob_get_status()['flags'] ?? 0;
    }
}

<?php

declare(strict_types=1);

namespace WHMCS\Input;

/** HTML entities: WHMCS encodes what people type on the way in. */
class Sanitize
{
    public static function encode($value)
    {
        return is_array($value) ? array_map([self::class, 'encode'], $value) : htmlspecialchars((string) $value, ENT_QUOTES);
    }

    public static function decode($value)
    {
        return is_array($value) ? array_map([self::class, 'decode'], $value) : html_entity_decode((string) $value, ENT_QUOTES);
    }

    public static function encodeToCompatHTML($value)
    {
        return htmlspecialchars(html_entity_decode((string) $value, ENT_QUOTES), ENT_QUOTES);
    }

    public static function makeSafeForOutput($value)
    {
        return self::encodeToCompatHTML($value);
    }
}

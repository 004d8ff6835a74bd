<?php

/** Which part of a long list a URL asks for, and how to get to the parts beside it. */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class Sheet
{
    /** The parameter of the URL: the number of the part, counted from 1. */
    public const PARAMETER = 'mikrotikvpn_page';

    public static function wanted(): int
    {
        $number = $_GET[self::PARAMETER] ?? 1;
        return is_scalar($number) ? (int) $number : 1;
    }

    /**
     * In words: `range` says which entries are shown, and is '' when those are all; `newer` and `older` are numbers
     * of parts, or null.
     *
     * @param array<string, mixed> $list of the extension
     * @return array{range: string, newer: int|null, older: int|null}
     */
    public static function of(Language $language, array $list): array
    {
        $range = array_map([$language, 'number'], array_intersect_key($list, ['from' => 0, 'to' => 0, 'count' => 0]));
        $isAll = $list['newer'] === null && $list['older'] === null;
        return [
            'range' => $isAll ? '' : $language->text('history_range', $range),
            'newer' => $list['newer'],
            'older' => $list['older'],
        ];
    }
}

<?php

/**
 * The ledger of a service: every entry of its balance, to look at and to print. It comes along with the
 * service's page, unseen, for WHMCS's admin area has no place for another page of a server module.
 */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class LedgerPage
{
    /** @param array<string, mixed> $ledger of \MikrotikVpn\adminService() */
    public static function button(Language $language, int $service, array $ledger): string
    {
        return '<button type="button" class="btn btn-default btn-sm" data-mikrotikvpn-ledger>'
            . Html::text($language->text('admin_ledger_open')) . '</button>'
            . Html::small($language->text('admin_ledger_entries', ['count' => $ledger['count']]))
            . '<template>' . self::html($language, $service, $ledger) . '</template>';
    }

    private static function html(Language $language, int $service, array $ledger): string
    {
        $title = Html::text($language->text('admin_ledger_title', ['service' => (string) $service]));
        $intro = Html::text($language->text('admin_ledger_intro', [
            'username' => $ledger['username'], 'moment' => $language->moment($ledger['printed_at']),
        ]));
        $head = '';
        foreach (['admin_ledger_day', 'admin_ledger_entry', 'admin_ledger_gb', 'admin_ledger_bytes'] as $column) {
            $head .= '<th>' . Html::text($language->text($column)) . '</th>';
        }
        $rows = '';
        foreach ($ledger['entries'] as $entry) {
            $rows .= '<tr><td>' . Html::text($entry['day']) . '</td><td>' . Html::text(self::words($language, $entry)) . '</td>'
                . self::amount($language, $entry['bytes']) . '</tr>';
        }
        $balance = $ledger['balance'] === null
            ? '<td colspan="2">' . Html::text($language->text('admin_unlimited')) . '</td>'
            : self::amount($language, $ledger['balance']);
        return "<title>$title</title><style>@media print{button{display:none}}body{font:14px sans-serif;margin:2em}"
            . 'table{border-collapse:collapse}td,th{border:1px solid #999;padding:.3em .6em;text-align:start}'
            . 'td:first-child,[data-bytes]{white-space:nowrap}[data-bytes]{text-align:end;font-variant-numeric:tabular-nums}</style>'
            . "<h1>$title</h1><p>$intro</p><p><button type=\"button\" onclick=\"print()\">"
            . Html::text($language->text('admin_ledger_print')) . '</button>' . self::sheets($language, $ledger) . "</p><table><thead><tr>$head</tr></thead><tbody>$rows</tbody>"
            . '<tfoot><tr><th colspan="2">' . Html::text($language->text('admin_balance')) . "</th>$balance</tr></tfoot></table>";
    }

    /** Buttons, for which assets/admin.js fetches that part. */
    private static function sheets(Language $language, array $ledger): string
    {
        $sheet = Sheet::of($language, $ledger);
        $button = static fn (?int $number, string $key): string => $number === null ? ''
            : " <button type=\"button\" data-mikrotikvpn-sheet=\"$number\">" . Html::text($language->text($key)) . '</button>';
        return $button($sheet['newer'], 'history_newer') . ' ' . Html::text($sheet['range']) . $button($sheet['older'], 'history_older');
    }

    private static function words(Language $language, array $entry): string
    {
        $what = isset($entry['begins'])
            ? $language->text('admin_entry_period', ['day' => $language->day($entry['begins'])])
            : $language->text("admin_entry_{$entry['kind']}", array_intersect_key($entry, ['download' => 0, 'upload' => 0]));
        if (($entry['free'] ?? 0) > 0) {
            $what .= '. ' . $language->text('admin_entry_free') . ": {$entry['free']}";
        }
        $by = ($entry['admin'] ?? '') === '' ? '' : ' ' . $language->text('admin_entry_by', ['admin' => $entry['admin']]);
        return $what . $by . (($entry['reason'] ?? '') === '' ? '' : ": {$entry['reason']}");
    }

    /** GB to read and bytes to add up. */
    private static function amount(Language $language, int $bytes): string
    {
        return "<td data-bytes=\"$bytes\">" . Html::text($language->number($bytes / 1073741824, 3)) . "</td><td data-bytes>$bytes</td>";
    }
}

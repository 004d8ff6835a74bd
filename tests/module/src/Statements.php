<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

use WHMCS\Database\Capsule;

/** What the database was asked over this very connection, whoever asked it. */
final class Statements
{
    /** Asking how much was asked, and preparing, which the execution counts anyway. */
    private const OURS = ['Com_show_status', 'Com_stmt_prepare', 'Com_stmt_execute', 'Com_stmt_close', 'Com_stmt_reset'];

    /** @return array<string, int> such as `Com_select`, with how often `$work` caused it */
    public static function of(callable $work): array
    {
        $before = self::counters();
        $work();
        $difference = [];
        foreach (self::counters() as $name => $count) {
            if ($count !== $before[$name] && !in_array($name, self::OURS, true)) {
                $difference[$name] = $count - $before[$name];
            }
        }
        return $difference;
    }

    /** @return array<string, int> */
    private static function counters(): array
    {
        $rows = Capsule::connection()->getPdo()->query("SHOW SESSION STATUS LIKE 'Com\\_%'")->fetchAll(\PDO::FETCH_KEY_PAIR);
        return array_map('intval', $rows);
    }
}

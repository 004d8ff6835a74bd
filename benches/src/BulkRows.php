<?php

declare(strict_types=1);

namespace MikrotikVpn\Bench;

use WHMCS\Database\Capsule;

/** The rows a collection writes, with one statement per table in one transaction. Their text is made before. */
final class BulkRows
{
    /** @var list<string> */
    private readonly array $statements;

    public function __construct(Site $site)
    {
        ['download' => $download, 'upload' => $upload] = Site::usage();
        $columns = 'service_id, baseline_queue, baseline_boot, baseline_uptime, sessions, seen_day, seen_queue, seen_session';
        $accounts = $days = [];
        foreach (Capsule::table('mod_mikrotikvpn_accounts')->selectRaw($columns)->orderBy('service_id')->get() as $row) {
            $total = $download + $upload;
            $known = "'{$row->baseline_queue}', {$row->baseline_boot}, {$row->baseline_uptime}, UTC_TIMESTAMP()";
            $seen = "'{$row->sessions}', '{$row->seen_day}', {$row->seen_queue}, {$row->seen_session}, 0";
            $accounts[] = "({$row->service_id}, 0, 0, $known, 0, $download, $upload, $total, $seen)";
            $days[] = "({$row->service_id}, '%s', $download, $upload)";
        }
        $days = implode(',', $days);
        $add = ' ON DUPLICATE KEY UPDATE download = download + VALUES(download), upload = upload + VALUES(upload)';
        $this->statements = [
            'INSERT INTO mod_mikrotikvpn_accounts (service_id, baseline_download, baseline_upload, baseline_queue, '
            . 'baseline_boot, baseline_uptime, baseline_at, reset_pending, period_download, period_upload, balance, '
            . 'sessions, seen_day, seen_queue, seen_session, hidden) '
            . 'VALUES ' . implode(',', $accounts) . ' ON DUPLICATE KEY UPDATE revision = revision + 1, '
            . 'baseline_download = VALUES(baseline_download), baseline_upload = VALUES(baseline_upload), '
            . 'baseline_queue = VALUES(baseline_queue), baseline_boot = VALUES(baseline_boot), '
            . 'baseline_uptime = VALUES(baseline_uptime), baseline_at = VALUES(baseline_at), '
            . 'reset_pending = VALUES(reset_pending), period_download = period_download + VALUES(period_download), '
            . 'period_upload = period_upload + VALUES(period_upload), balance = balance - VALUES(balance), '
            . 'sessions = VALUES(sessions), seen_day = VALUES(seen_day), seen_queue = VALUES(seen_queue), '
            . 'seen_session = VALUES(seen_session), hidden = VALUES(hidden)',
            'INSERT INTO mod_mikrotikvpn_traffic_daily (service_id, day, download, upload) VALUES '
            . str_replace('%s', date('Y-m-d'), $days) . $add,
            'INSERT INTO mod_mikrotikvpn_traffic_monthly (service_id, month, download, upload) VALUES '
            . str_replace('%s', date('Y-m-01'), $days) . $add,
            'UPDATE tblhosting h JOIN mod_mikrotikvpn_accounts a ON a.service_id = h.id '
            . 'SET h.bwusage = ROUND((a.period_download + a.period_upload) / 1048576), '
            . 'h.bwlimit = ROUND(COALESCE(a.quota, 0) / 1048576), h.lastupdate = NOW() '
            . "WHERE a.server_id = {$site->server} AND h.server = {$site->server}",
        ];
    }

    public function write(): void
    {
        $pdo = Capsule::connection()->getPdo();
        $pdo->beginTransaction();
        foreach ($this->statements as $statement) {
            $pdo->exec($statement);
        }
        $pdo->commit();
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** The activity log: always on, and the hook LogActivity sees every entry. */
final class ActivityLog
{
    private static bool $inHook = false;

    public static function add(mixed $message, mixed $clientId = 0): void
    {
        if (!is_scalar($message)) {
            Guard::complain('api', 'called logActivity() with ' . ReturnRules::type($message) . ' where text is expected');
            return;
        }
        $user = isset($_SESSION['adminid']) ? 'admin' : (isset($_SESSION['uid']) ? 'Client' : 'System');
        Capsule::table('tblactivitylog')->insert([
            'date' => Installation::current()->now()->format('Y-m-d H:i:s'), 'description' => (string) $message, 'user' => $user,
            'userid' => (int) $clientId, 'admin_id' => (int) ($_SESSION['adminid'] ?? 0), 'ipaddr' => $_SERVER['REMOTE_ADDR'] ?? '',
        ]);
        if (!self::$inHook) {
            // A callback that logs must not run itself again.
            self::$inHook = true;
            run_hook('LogActivity', ['description' => (string) $message, 'user' => $user, 'userid' => (int) $clientId, 'ipaddress' => $_SERVER['REMOTE_ADDR'] ?? '']);
            self::$inHook = false;
        }
    }
}

<?php

declare(strict_types=1);

namespace WHMCS\Authentication;

/** Who is logged in, by the session. */
class CurrentUser
{
    public function admin()
    {
        return isset($_SESSION['adminid']) ? \WHMCS\User\Admin::find($_SESSION['adminid']) : null;
    }

    public function client()
    {
        return isset($_SESSION['uid']) ? \WHMCS\User\Client::find($_SESSION['uid']) : null;
    }

    public function user()
    {
        $client = $_SESSION['uid'] ?? 0;
        $owner = \WHMCS\Database\Capsule::table('tblusers_clients')->where('client_id', $client)->where('owner', 1)->value('auth_user_id');
        return $owner ? \WHMCS\User\User::find($owner) : null;
    }

    public function isAuthenticatedAdmin()
    {
        return isset($_SESSION['adminid']);
    }

    public function isAuthenticatedUser()
    {
        return isset($_SESSION['uid']);
    }

    public function isMasqueradingAdmin()
    {
        return isset($_SESSION['adminid'], $_SESSION['uid']);
    }
}

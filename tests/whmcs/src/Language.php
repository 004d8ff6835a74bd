<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** Strings of the stand-in's own theme, under the keys of WHMCS language files; home/lang/overrides/<language>.php may change them. */
final class Language
{
    private const STRINGS = [
        'clientareahomelogin' => 'Log in', 'clientareaemail' => 'E-mail address', 'clientareapassword' => 'Password', 'clientareaproductdetails' => 'Product details',
        'clientareaproducts' => 'My services', 'clientareastatus' => 'Status', 'clientareaactive' => 'Active', 'clientareapending' => 'Pending', 'clientareasuspended' => 'Suspended',
        'clientareaterminated' => 'Terminated', 'clientareacancelled' => 'Cancelled', 'clientareafraud' => 'Fraud', 'clientareacompleted' => 'Completed',
        'clientareachangepassword' => 'Change password', 'newpassword' => 'New password', 'confirmnewpassword' => 'Repeat the new password', 'clientareasavechanges' => 'Save changes',
        'overview' => 'Overview', 'information' => 'Information', 'actions' => 'Actions', 'manage' => 'Manage', 'username' => 'Username', 'orderproduct' => 'Product',
        'clientareahostingregdate' => 'Registered', 'clientareahostingnextduedate' => 'Next due date', 'orderbillingcycle' => 'Billing cycle', 'recurringamount' => 'Recurring amount',
        'orderpaymentmethod' => 'Payment method', 'suspendreason' => 'Suspension reason', 'resourceUsage' => 'Resource usage', 'diskSpace' => 'Disk space', 'bandwidth' => 'Bandwidth',
        'lastUpdated' => 'Last updated', 'orderconfigpackage' => 'Configurable options', 'additionalInfo' => 'Additional information', 'metrics.title' => 'Metrics',
        'moduleactionsuccess' => 'The action was carried out.', 'moduleactionfailed' => 'The action failed.', 'domainserver' => 'Server', 'logout' => 'Log out', 'loginincorrect' => 'E-mail address or password is wrong.',
        'cancellationrequestpending' => 'A cancellation request is pending.', 'yes' => 'Yes', 'no' => 'No', 'unlimited' => 'Unlimited', 'primaryIP' => 'Primary IP', 'serverhostname' => 'Host name',
        'locale' => 'en_GB', 'clientareanavhome' => 'Home', 'clientareanavservices' => 'Services', 'serviceErrorPasswordMismatch' => 'The two passwords differ.', 'serviceErrorPasswordEmpty' => 'Enter a password.',
        'serverusername' => 'User name', 'serverpassword' => 'Password', 'servername' => 'Server', 'domainregisternsip' => 'IP address', 'assignedIPs' => 'Assigned IPs', 'domainnameservers' => 'Name servers',
        'orderdomain' => 'Domain', 'visitwebsite' => 'Open website', 'firstpaymentamount' => 'First payment', 'clientareadiskusage' => 'Disk usage', 'clientareabwusage' => 'Bandwidth usage', 'upgrade' => 'Upgrade',
        'cancel' => 'Cancel', 'cancellationrequested' => 'Cancellation requested', 'login' => 'Login', 'clientareaaddons' => 'Add-ons', 'quantity' => 'Quantity',
    ];

    public static function name(): string
    {
        $client = isset($_SESSION['uid']) ? (string) \WHMCS\Database\Capsule::table('tblclients')->where('id', $_SESSION['uid'])->value('language') : '';
        return ($_SESSION['Language'] ?? '') ?: $client ?: (string) \WHMCS\Config\Setting::getValue('Language') ?: 'english';
    }

    /** @return array<string, string> */
    public static function strings(): array
    {
        static $overrides = [];
        $name = self::name();
        if (!isset($overrides[$name])) {
            $file = Installation::current()->home->path . '/lang/overrides/' . basename($name) . '.php';
            $overrides[$name] = is_file($file) ? (static function (string $__file): array {
                $_LANG = [];
                include $__file;
                return $_LANG;
            })($file) : [];
        }
        return $overrides[$name] + self::STRINGS;
    }
}

<?php

/**
 * MikroTik VPN: the server module as WHMCS sees it.
 *
 * Everything here is one call into the PHP extension mikrotikvpn, where the work is done. Without
 * the extension, or beside another release or build of it, the same functions come from
 * lib/MissingExtension.php and say what to do about it.
 */

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

/** The release of this folder; the extension must be of the same one. */
const MIKROTIKVPN_VERSION = '0.1.0';

require_once __DIR__ . '/lib/autoload.php';

// Inside a condition, because PHP would otherwise declare these functions before this line runs.
if (\WHMCS\Module\Server\Mikrotikvpn\Extension::fits() && \MikrotikVpn\version() === MIKROTIKVPN_VERSION) {
    function mikrotikvpn_MetaData()
    {
        return \MikrotikVpn\metaData();
    }

    function mikrotikvpn_ConfigOptions($params = [])
    {
        return \WHMCS\Module\Server\Mikrotikvpn\ProductPage::fields();
    }

    function mikrotikvpn_loadProfiles(array $params)
    {
        return \MikrotikVpn\loadProfiles($params);
    }

    function mikrotikvpn_loadMailTemplates(array $params)
    {
        $none = \WHMCS\Module\Server\Mikrotikvpn\Language::ofAdmin()->text('admin_no_mail');
        return \MikrotikVpn\loadMailTemplates($params, $none);
    }

    function mikrotikvpn_TestConnection(array $params)
    {
        return \MikrotikVpn\testConnection($params);
    }

    function mikrotikvpn_CreateAccount(array $params)
    {
        return \MikrotikVpn\createAccount($params);
    }

    function mikrotikvpn_SuspendAccount(array $params)
    {
        return \MikrotikVpn\suspendAccount($params);
    }

    function mikrotikvpn_UnsuspendAccount(array $params)
    {
        return \MikrotikVpn\unsuspendAccount($params);
    }

    function mikrotikvpn_TerminateAccount(array $params)
    {
        return \MikrotikVpn\terminateAccount($params);
    }

    function mikrotikvpn_ChangePassword(array $params)
    {
        return \WHMCS\Module\Server\Mikrotikvpn\Buttons::said(\MikrotikVpn\changePassword($params), $params);
    }

    function mikrotikvpn_ChangePackage(array $params)
    {
        return \MikrotikVpn\changePackage($params);
    }

    function mikrotikvpn_Renew(array $params)
    {
        return \MikrotikVpn\renew($params);
    }

    function mikrotikvpn_resetConnection(array $params)
    {
        return \WHMCS\Module\Server\Mikrotikvpn\Buttons::said(\MikrotikVpn\resetConnection($params), $params);
    }

    function mikrotikvpn_UsageUpdate(array $params)
    {
        return \MikrotikVpn\usageUpdate($params);
    }

    function mikrotikvpn_MetricProvider(array $params = [])
    {
        return new \WHMCS\Module\Server\Mikrotikvpn\MetricProvider($params);
    }

    function mikrotikvpn_ClientArea(array $params)
    {
        return \WHMCS\Module\Server\Mikrotikvpn\TrafficPages::show($params)
            ?? \WHMCS\Module\Server\Mikrotikvpn\InformationPage::show($params);
    }

    function mikrotikvpn_AdminServicesTabFields(array $params)
    {
        return \WHMCS\Module\Server\Mikrotikvpn\ServicePanel::fields(\MikrotikVpn\adminService($params, \WHMCS\Module\Server\Mikrotikvpn\Sheet::wanted()));
    }

    function mikrotikvpn_AdminServicesTabFieldsSave(array $params)
    {
        [$form, $admin] = [$_POST['mikrotikvpn'] ?? [], $_SESSION['adminid'] ?? 0];
        \MikrotikVpn\adminServicesTabFieldsSave($params, (array) $form, (int) $admin);
    }

    function mikrotikvpn_collectNow(array $params)
    {
        return \MikrotikVpn\collectNow($params);
    }

    function mikrotikvpn_checkRouter(array $params)
    {
        return \MikrotikVpn\checkRouter($params);
    }

    function mikrotikvpn_installationMoved(array $params)
    {
        return \MikrotikVpn\decideInstallation('moved');
    }

    function mikrotikvpn_installationCopied(array $params)
    {
        return \MikrotikVpn\decideInstallation('copy');
    }

    function mikrotikvpn_AdminCustomButtonArray($params = [])
    {
        return \WHMCS\Module\Server\Mikrotikvpn\ServicePanel::buttons(\MikrotikVpn\adminButtons());
    }

    function mikrotikvpn_ClientAreaCustomButtonArray(array $params = [])
    {
        return \WHMCS\Module\Server\Mikrotikvpn\Buttons::labelled(\MikrotikVpn\clientAreaButtons($params), $params);
    }

    function mikrotikvpn_ClientAreaAllowedFunctions(array $params = [])
    {
        return \WHMCS\Module\Server\Mikrotikvpn\Buttons::labelled(\MikrotikVpn\clientAreaAllowed($params), $params);
    }

    function mikrotikvpn_AdminLink(array $params)
    {
        $label = \WHMCS\Module\Server\Mikrotikvpn\Language::ofAdmin()->text('admin_webfig');
        return \MikrotikVpn\adminLink($params, $label);
    }

    function mikrotikvpn_ListAccounts(array $params)
    {
        return \MikrotikVpn\listAccounts($params, \WHMCS\Service\Status::ACTIVE, \WHMCS\Service\Status::SUSPENDED);
    }
} else {
    require_once __DIR__ . '/lib/MissingExtension.php';
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;
use WHMCS\Input\Sanitize;

/**
 * Builds the $params array of each kind of call, from rows read at that moment: a module may have
 * written to them during the call before. Text and settings are strings, as WHMCS gives them.
 */
final class Params
{
    public function __construct(private readonly Installation $installation)
    {
    }

    /**
     * @param array<string, mixed> $overrides values the caller of the command forces
     * @return array<string, mixed>
     */
    public function forService(int $serviceId, string $function, int $addonId = 0, array $overrides = []): array
    {
        $service = \WHMCS\Service\Service::find($serviceId) ?? throw new Failure("There is no service $serviceId.");
        $product = Capsule::table('tblproducts')->find($service->packageid) ?? throw new Failure("Service $serviceId names the product {$service->packageid}, which does not exist.");
        $row = (object) $service->getAttributes();
        $params = [
            'whmcsVersion' => $this->version(),
            'accountid' => $row->id, 'serviceid' => $row->id, 'addonId' => $addonId, 'userid' => $row->userid,
            'domain' => $row->domain, 'username' => $row->username, 'password' => decrypt($row->password),
            'packageid' => $row->packageid, 'pid' => $row->packageid, 'serverid' => $row->server, 'status' => $row->domainstatus,
            'type' => $product->type, 'producttype' => $product->type, 'moduletype' => $product->servertype,
        ];
        for ($number = 1; $number <= 24; $number++) {
            $params["configoption$number"] = (string) $product->{"configoption$number"};
        }
        $params['customfields'] = (new ServiceValues())->customFields('product', $row->packageid, $row->id);
        $params['configoptions'] = (new ServiceValues())->configurableOptions($row->packageid, $row->id);
        $params['model'] = $service;
        $serverId = (int) $row->server;
        if ($addonId > 0) {
            [$params, $serverId] = $this->asAddon($params, $addonId);
        }
        $params += $this->server($serverId, $function);
        $params['clientsdetails'] = ClientDetails::of($row->userid);
        $params['action'] = $function;
        return $this->vary($overrides + $params, $function);
    }

    /** UsageUpdate, ListAccounts, AdminLink, AdminSingleSignOn, MetricProvider: server keys only. @return array<string, mixed> */
    public function forServer(int $serverId, string $function): array
    {
        return $this->vary(['whmcsVersion' => $this->version()] + $this->server($serverId, $function) + ['action' => $function], $function);
    }

    /**
     * TestConnection on unsaved values of the server form.
     *
     * @param array<string, string> $form name, hostname, ipaddress, username, password, accesshash, secure, port
     * @return array<string, mixed>
     */
    public function forServerForm(array $form): array
    {
        $known = ['name', 'hostname', 'ipaddress', 'assignedips', 'username', 'password', 'accesshash', 'secure', 'port', 'module', 'type', 'serverid'];
        $unknown = array_diff(array_keys($form), $known);
        if ($unknown !== []) {
            throw new Failure('The server form has no field ' . implode(', ', $unknown) . '; it has ' . implode(', ', $known) . '.');
        }
        $secure = in_array($form['secure'] ?? '', ['on', '1', 'true'], true);
        return $this->vary([
            'whmcsVersion' => $this->version(), 'server' => true, 'serverip' => (string) ($form['ipaddress'] ?? ''), 'serverhostname' => (string) ($form['hostname'] ?? ''),
            'serverusername' => (string) ($form['username'] ?? ''), 'serverpassword' => (string) ($form['password'] ?? ''), 'serveraccesshash' => (string) ($form['accesshash'] ?? ''),
            'serversecure' => $secure, 'serverhttpprefix' => $secure ? 'https' : 'http', 'serverport' => (string) ($form['port'] ?? ''), 'action' => 'TestConnection',
        ], 'TestConnection');
    }

    /** What ConfigOptions is called with: neither service nor server. @return array<string, mixed> */
    public function forConfigOptions(string $productType, bool $isAddon = false): array
    {
        return ['whmcsVersion' => $this->version(), 'producttype' => $productType, 'isAddon' => $isAddon, 'action' => 'ConfigOptions'];
    }

    /** A Loader gets server keys of one server of the chosen group. @return array<string, mixed> */
    public function forLoader(int $serverId, string $productType): array
    {
        return $this->vary($this->forConfigOptions($productType) + $this->server($serverId, 'ConfigOptions'), 'Loader');
    }

    /** @return array<string, mixed> server keys of a saved server; without one, WHMCS gives server => false */
    private function server(int $serverId, string $function): array
    {
        $row = $serverId > 0 ? Capsule::table('tblservers')->find($serverId) : null;
        if ($row === null || in_array('no-server', $this->installation->options->variants, true)) {
            return ['server' => false, 'serverid' => 0, 'serverip' => '', 'serverhostname' => '', 'serverusername' => '', 'serverpassword' => '', 'serveraccesshash' => '', 'serversecure' => false, 'serverhttpprefix' => 'http', 'serverport' => ''];
        }
        $secure = $row->secure === 'on';
        return [
            'server' => true, 'serverid' => $row->id, 'serverip' => $row->ipaddress, 'serverhostname' => $row->hostname, 'serverusername' => $row->username,
            'serverpassword' => decrypt($row->password), 'serveraccesshash' => $row->accesshash, 'serversecure' => $secure,
            'serverhttpprefix' => $secure ? 'https' : 'http', 'serverport' => (string) $row->port,
        ];
    }

    /** @return array{0: array<string, mixed>, 1: int} */
    private function asAddon(array $params, int $addonId): array
    {
        $addon = \WHMCS\Service\Addon::find($addonId) ?? throw new Failure("There is no service add-on $addonId.");
        if ((int) $addon->hostingid !== (int) $params['serviceid']) {
            throw new Failure("The service add-on $addonId belongs to service {$addon->hostingid}.");
        }
        $definition = Capsule::table('tbladdons')->find($addon->addonid);
        $settings = Capsule::table('tblmodule_configuration')->where('entity_type', 'addon')->where('entity_id', $addon->addonid)->pluck('value', 'setting_name');
        for ($number = 1; $number <= 24; $number++) {
            $params["configoption$number"] = (string) ($settings["configoption$number"] ?? '');
        }
        $values = new ServiceValues();
        $params = [
            'status' => $addon->status, 'moduletype' => $definition->module ?? '', 'type' => $definition->type ?? '', 'producttype' => $definition->type ?? '',
            'customfields' => $values->customFields('addon', (int) $addon->addonid, $addonId), 'configoptions' => [], 'model' => $addon,
            // Columns of an add-on live elsewhere: its credentials are service properties of its own.
            'username' => (string) $addon->serviceProperties->get('Username'), 'password' => (string) $addon->serviceProperties->get('Password'),
            'domain' => (string) $addon->serviceProperties->get('Domain'), 'serverid' => $addon->server,
        ] + $params;
        return [$params, (int) $addon->server];
    }

    /** @return array<string, mixed> */
    private function vary(array $params, string $function): array
    {
        $variants = array_flip($this->installation->options->variants);
        if (isset($variants['serverport-empty']) && isset($params['serverport'])) {
            $params['serverport'] = '';
        }
        if (isset($variants['serversecure-on']) && isset($params['serversecure'])) {
            $params['serversecure'] = $params['serversecure'] ? 'on' : '';
        }
        if (isset($variants['no-clientarea-password']) && $function === 'ClientArea') {
            unset($params['serverpassword'], $params['serverusername'], $params['serveraccesshash']);
        }
        if (isset($variants['no-server'])) {
            $params = array_diff_key($params, array_flip(['serverip', 'serverhostname', 'serverusername', 'serverpassword', 'serveraccesshash', 'serversecure', 'serverhttpprefix', 'serverport']));
        }
        if (isset($variants['no-suspendreason'])) {
            unset($params['suspendreason']);
        }
        if (isset($variants['no-action'])) {
            unset($params['action']);
        }
        if (isset($variants['string-ids'])) {
            foreach (['accountid', 'serviceid', 'userid', 'packageid', 'pid', 'serverid', 'addonId'] as $key) {
                isset($params[$key]) && $params[$key] = (string) $params[$key];
            }
        }
        if (isset($variants['extra-keys'])) {
            $params += ['templatevars' => [], 'standinUnknownKey' => ['nested' => true], 'isAddon' => false];
        }
        return isset($variants['entities']) ? self::encoded($params) : $params;
    }

    private static function encoded(array $params): array
    {
        $password = ['password' => true, 'serverpassword' => true];
        foreach ($params as $key => $value) {
            if (is_array($value)) {
                $params[$key] = self::encoded($value);
            } elseif (is_string($value) && !isset($password[$key])) {
                $params[$key] = Sanitize::encode($value);
            }
        }
        return $params;
    }

    private function version(): string
    {
        return (string) \WHMCS\Config\Setting::getValue('Version');
    }
}

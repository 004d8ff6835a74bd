<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/**
 * localAPI: the commands modules use, strict on their names and on the spelling of parameters. A
 * command of the real API that is missing here is reported as such, never answered by a guess.
 */
final class LocalApi
{
    /** Parameters of AddOrder for what this host does not sell: domains, add-ons, renewals. */
    private const OTHER_GOODS = ['domaintype', 'regperiod', 'idnlanguage', 'eppcode', 'nameserver1', 'nameserver2', 'nameserver3', 'nameserver4', 'nameserver5', 'addons', 'dnsmanagement', 'domainfields', 'emailforwarding', 'idprotection', 'domainpriceoverride', 'domainrenewoverride', 'domainrenewals', 'addonid', 'serviceid', 'addonids', 'serviceids', 'servicerenewals', 'addonrenewals'];
    private const COMMANDS = [
        'SendEmail' => ['messagename', 'id', 'customtype', 'custommessage', 'customsubject', 'customvars'],
        'SendAdminEmail' => ['messagename', 'custommessage', 'customsubject', 'type', 'deptid', 'mergefields'],
        'GetEmailTemplates' => ['type', 'language'],
        'GetClientsProducts' => ['clientid', 'serviceid', 'pid', 'domain', 'username2', 'limitstart', 'limitnum'],
        'UpdateClientProduct' => ['serviceid', 'pid', 'serverid', 'regdate', 'nextduedate', 'terminationdate', 'completeddate', 'domain', 'firstpaymentamount', 'recurringamount', 'paymentmethod', 'billingcycle', 'subscriptionid', 'status', 'notes', 'serviceusername', 'servicepassword', 'overideautosuspend', 'overidesuspenduntil', 'ns1', 'ns2', 'dedicatedip', 'assignedips', 'diskusage', 'disklimit', 'bwusage', 'bwlimit', 'lastupdate', 'suspendreason', 'promoid', 'unset', 'autorecalc', 'customfields', 'configoptions'],
        'ModuleCreate' => ['serviceid'],
        'ModuleSuspend' => ['serviceid', 'suspendreason'],
        'ModuleUnsuspend' => ['serviceid'],
        'ModuleTerminate' => ['serviceid'],
        'ModuleChangePw' => ['serviceid', 'servicepassword'],
        'ModuleChangePackage' => ['serviceid'],
        'ModuleCustom' => ['serviceid', 'func_name'],
        'EncryptPassword' => ['password2'],
        'DecryptPassword' => ['password2'],
        'GetClientsDetails' => ['clientid', 'email', 'stats'],
        'GetClients' => ['limitstart', 'limitnum', 'sorting', 'status', 'search', 'orderby'],
        'UpdateClient' => ['clientid', 'clientemail', 'firstname', 'lastname', 'companyname', 'email', 'address1', 'address2', 'city', 'state', 'postcode', 'country', 'phonenumber', 'tax_id', 'password2', 'securityqid', 'securityqans', 'cardtype', 'cardnum', 'expdate', 'startdate', 'issuenumber', 'bankcode', 'bankacct', 'cvv', 'currency', 'groupid', 'customfields', 'language', 'clientip', 'notes', 'status', 'paymentmethod', 'marketingoptin', 'clearcreditcard', 'skipvalidation'],
        'GetProducts' => ['pid', 'gid', 'module'],
        'GetOrders' => ['limitstart', 'limitnum', 'id', 'userid', 'requestor_id', 'status'],
        'AddOrder' => ['clientid', 'paymentmethod', 'pid', 'qty', 'domain', 'billingcycle', 'customfields', 'configoptions', 'priceoverride', 'promocode', 'promooverride', 'affid', 'noinvoice', 'noinvoiceemail', 'noemail', 'hostname', 'ns1prefix', 'ns2prefix', 'rootpw', 'contactid', 'clientip', ...self::OTHER_GOODS],
        'CreateInvoice' => ['userid', 'status', 'draft', 'sendinvoice', 'paymentmethod', 'taxrate', 'taxrate2', 'date', 'duedate', 'notes', 'autoapplycredit'],
        'GetInvoice' => ['invoiceid'],
        'UpgradeProduct' => ['serviceid', 'calconly', 'paymentmethod', 'type', 'newproductid', 'newproductbillingcycle', 'promocode', 'configoptions'],
        'GetServers' => ['serviceId', 'addonId', 'fetchStatus'],
        'GetModuleQueue' => ['relatedId', 'serviceType', 'moduleName', 'moduleAction', 'since'],
        'LogActivity' => ['description', 'clientid', 'userid'],
        'TriggerNotificationEvent' => ['title', 'message', 'notification_identifier', 'url', 'status', 'statusStyle', 'attributes'],
        'AddBillableItem' => ['clientid', 'description', 'amount', 'recur', 'recurcycle', 'recurfor', 'invoiceaction', 'duedate', 'hours', 'unit'],
        'AcceptOrder' => ['orderid', 'serverid', 'serviceusername', 'servicepassword', 'registrar', 'sendregistrar', 'autosetup', 'sendemail'],
        'WhmcsDetails' => [],
        'GetConfigurationValue' => ['setting'],
    ];
    /** Parameters that carry a number, for as many lines as the caller likes. */
    private const NUMBERED = ['CreateInvoice' => '/^item(description|amount|taxed)\d+$/'];
    private const LIFECYCLE = ['ModuleCreate' => 'CreateAccount', 'ModuleSuspend' => 'SuspendAccount', 'ModuleUnsuspend' => 'UnsuspendAccount', 'ModuleTerminate' => 'TerminateAccount', 'ModuleChangePw' => 'ChangePassword', 'ModuleChangePackage' => 'ChangePackage'];

    public function __construct(private readonly Installation $installation)
    {
    }

    /** @return array<string, mixed> */
    public function call(mixed $command, mixed $values): array
    {
        if (!is_string($command) || !is_array($values)) {
            Guard::complain('api', 'called localAPI() with a command that is no string or values that are no array');
            return self::error('Invalid call');
        }
        $name = $this->name($command);
        if ($name === null) {
            Guard::complain('api', "called localAPI('$command'), a command this host does not know");
            return self::error('Command Not Found');
        }
        $this->checkParameters($name, $values);
        $result = isset(self::LIFECYCLE[$name]) ? $this->lifecycle($name, $values) : $this->{lcfirst($name)}($values);
        return isset($result['result']) ? $result : ['result' => 'success'] + $result;
    }

    private function name(string $command): ?string
    {
        foreach (array_keys(self::COMMANDS) as $name) {
            // WHMCS looks commands up without regard to case.
            if (strcasecmp($name, $command) === 0) {
                return $name;
            }
        }
        return null;
    }

    private function checkParameters(string $name, array $values): void
    {
        foreach (array_keys($values) as $parameter) {
            if ($parameter === 'responsetype') {
                Guard::complain('api', "passed responsetype to localAPI('$name'): the internal API always gives native arrays");
            } elseif (!in_array($parameter, self::COMMANDS[$name], true) && !preg_match(self::NUMBERED[$name] ?? '/^$/D', (string) $parameter)) {
                Guard::complain('api', "passed the parameter '$parameter' to localAPI('$name'), which has no such parameter");
            }
        }
    }

    /** @return array<string, mixed> */
    private static function error(string $message): array
    {
        return ['result' => 'error', 'message' => $message];
    }

    private function sendEmail(array $values): array
    {
        $variables = $this->customVariables($values['customvars'] ?? []);
        if ($variables === null) {
            return self::error('Invalid customvars');
        }
        if (!isset($values['id']) || !is_numeric($values['id'])) {
            return self::error('Related ID Required');
        }
        $id = (int) $values['id'];
        if (($values['customtype'] ?? '') !== '') {
            if (($values['customsubject'] ?? '') === '' || ($values['custommessage'] ?? '') === '') {
                return self::error('Email Subject and Message Required');
            }
            $mail = Mailer::sendCustom((string) $values['customtype'], (string) $values['customsubject'], (string) $values['custommessage'], $id, $variables);
        } elseif (($values['messagename'] ?? '') === '') {
            return self::error('You must provide either an existing email template name or a custom message type');
        } else {
            $mail = Mailer::sendTemplate((string) $values['messagename'], $id, $variables);
        }
        return $mail->sent ? ['result' => 'success'] : self::error($mail->error);
    }

    /** Documented as an array; the samples pass base64 of a serialized array: both are taken. */
    private function customVariables(mixed $given): ?array
    {
        if (is_string($given) && $given !== '') {
            $decoded = base64_decode($given, true);
            $given = $decoded === false ? null : @unserialize($decoded, ['allowed_classes' => false]);
        }
        if ($given === '' || $given === []) {
            return [];
        }
        if (!is_array($given)) {
            Guard::complain('api', 'passed customvars to SendEmail that are neither an array nor base64 of a serialized array');
            return null;
        }
        array_walk_recursive($given, static function (mixed $value, int|string $name): void {
            if (is_object($value)) {
                Guard::complain('api', "passed an object as the customvar '$name' to SendEmail: only scalars and plain arrays survive");
            }
        });
        return $given;
    }

    private function sendAdminEmail(array $values): array
    {
        $type = (string) ($values['type'] ?? 'system');
        if (!in_array($type, ['system', 'account', 'support'], true)) {
            return self::error('Invalid Type');
        }
        $template = ($values['messagename'] ?? '') !== '' ? Capsule::table('tblemailtemplates')->where('name', $values['messagename'])->where('type', 'admin')->first() : null;
        $subject = $template->subject ?? (string) ($values['customsubject'] ?? '');
        $message = $template->message ?? (string) ($values['custommessage'] ?? '');
        if ($subject === '' || $message === '') {
            return self::error('Template or message required');
        }
        $fields = $this->customVariables($values['mergefields'] ?? []) ?? [];
        Capsule::table('standin_mails')->insert([
            'sent_at' => $this->installation->now()->format('Y-m-d H:i:s'), 'template' => $template->name ?? '', 'type' => 'admin', 'relid' => 0, 'userid' => 0,
            'recipient' => (string) Capsule::table('tbladmins')->value('email'), 'subject' => TemplateRenderer::mail($subject, $fields), 'message' => TemplateRenderer::mail($message, $fields),
            'mergefields' => (string) json_encode($fields), 'attachments' => '[]',
        ]);
        return [];
    }

    private function getEmailTemplates(array $values): array
    {
        $rows = Capsule::table('tblemailtemplates')->where('language', (string) ($values['language'] ?? ''));
        if (($values['type'] ?? '') !== '') {
            $rows->where('type', $values['type']);
        }
        $list = $rows->orderBy('name')->get(['id', 'name', 'subject', 'custom'])->map(static fn (object $row): array => ['id' => $row->id, 'name' => $row->name, 'subject' => $row->subject, 'custom' => (bool) $row->custom])->all();
        return ['totalresults' => count($list), 'emailtemplates' => ['emailtemplate' => $list]];
    }

    private function getClientsProducts(array $values): array
    {
        return (new ClientProducts())->find($values);
    }

    private function updateClientProduct(array $values): array
    {
        return (new ClientProducts())->update($values) ?? self::error('Service ID Not Found');
    }

    private function lifecycle(string $command, array $values): array
    {
        $serviceId = (int) ($values['serviceid'] ?? 0);
        $service = Capsule::table('tblhosting')->find($serviceId);
        if ($service === null) {
            return self::error('Service ID Not Found');
        }
        $overrides = [];
        if ($command === 'ModuleSuspend') {
            $overrides['suspendreason'] = (string) ($values['suspendreason'] ?? '');
        } elseif ($command === 'ModuleChangePw') {
            $overrides['password'] = ($values['servicepassword'] ?? '') !== '' ? (string) $values['servicepassword'] : decrypt($service->password);
        }
        $result = (new Lifecycle($this->installation))->run(self::LIFECYCLE[$command], $serviceId, 0, $overrides);
        return $result->succeeded() ? [] : self::error((string) $result->error);
    }

    private function moduleCustom(array $values): array
    {
        if (Capsule::table('tblhosting')->find((int) ($values['serviceid'] ?? 0)) === null) {
            return self::error('Service ID Not Found');
        }
        try {
            $result = (new Lifecycle($this->installation))->custom((string) ($values['func_name'] ?? ''), (int) $values['serviceid'], 'admin');
        } catch (Refused $refused) {
            return self::error($refused->getMessage());
        }
        return $result->succeeded() ? [] : self::error((string) $result->error);
    }

    private function encryptPassword(array $values): array
    {
        return ['password' => encrypt($values['password2'] ?? '')];
    }

    private function decryptPassword(array $values): array
    {
        return ['password' => decrypt($values['password2'] ?? '')];
    }

    private function getClientsDetails(array $values): array
    {
        $id = (int) ($values['clientid'] ?? Capsule::table('tblclients')->where('email', (string) ($values['email'] ?? ''))->value('id'));
        $details = ClientDetails::of($id);
        return $details === [] ? self::error('Client Not Found') : $details + ['client' => $details];
    }

    private function getClients(array $values): array
    {
        return (new Clients($this->installation))->find($values);
    }

    private function updateClient(array $values): array
    {
        return self::answer((new Clients($this->installation))->update($values));
    }

    private function getProducts(array $values): array
    {
        return (new OrdersAndInvoices($this->installation))->products($values);
    }

    private function getOrders(array $values): array
    {
        return (new OrdersAndInvoices($this->installation))->orders($values);
    }

    private function addOrder(array $values): array
    {
        $other = array_keys(array_filter(array_intersect_key($values, array_flip(self::OTHER_GOODS))));
        if ($other !== []) {
            Guard::complain('api', "ordered more than products by localAPI('AddOrder') (" . implode(', ', $other) . '), which this host does not sell');
        }
        return self::answer((new OrdersAndInvoices($this->installation))->addOrder($values));
    }

    private function createInvoice(array $values): array
    {
        return self::answer((new OrdersAndInvoices($this->installation))->createInvoice($values));
    }

    private function getInvoice(array $values): array
    {
        return self::answer((new OrdersAndInvoices($this->installation))->getInvoice($values));
    }

    private function upgradeProduct(array $values): array
    {
        return self::answer((new OrdersAndInvoices($this->installation))->upgrade($values));
    }

    private static function answer(array|string $result): array
    {
        return is_string($result) ? self::error($result) : $result;
    }

    private function getServers(array $values): array
    {
        $servers = Capsule::table('tblservers')->orderBy('name')->get()->map(static function (object $row): array {
            $used = Capsule::table('tblhosting')->where('server', $row->id)->whereIn('domainstatus', ['Active', 'Suspended'])->count();
            return [
                'id' => $row->id, 'name' => $row->name, 'hostname' => $row->hostname, 'ipaddress' => $row->ipaddress, 'active' => (bool) $row->active, 'activeServices' => $used,
                'maxAllowedServices' => $row->maxaccounts, 'percentUsed' => $row->maxaccounts > 0 ? round(100 * $used / $row->maxaccounts) : 0, 'module' => $row->type,
                'status' => ['http' => false, 'load' => '', 'uptime' => ''],
            ];
        });
        return ['servers' => $servers->all(), 'fetchStatus' => (bool) ($values['fetchStatus'] ?? false)];
    }

    private function getModuleQueue(array $values): array
    {
        $rows = Capsule::table('tblmodulequeue')->where('completed', 0);
        foreach (['relatedId' => 'service_id', 'serviceType' => 'service_type', 'moduleName' => 'module_name', 'moduleAction' => 'module_action'] as $parameter => $column) {
            isset($values[$parameter]) && $rows->where($column, $values[$parameter]);
        }
        isset($values['since']) && $rows->where('last_attempt', '>=', $values['since']);
        $queue = $rows->get()->map(static fn (object $row): array => [
            'id' => $row->id, 'serviceType' => $row->service_type, 'serviceId' => $row->service_id, 'moduleName' => $row->module_name, 'moduleAction' => $row->module_action,
            'lastAttempt' => $row->last_attempt, 'lastAttemptError' => $row->last_attempt_error, 'numRetries' => $row->num_retries, 'completed' => $row->completed,
        ])->all();
        return ['count' => count($queue), 'queue' => $queue];
    }

    private function logActivity(array $values): array
    {
        if (($values['description'] ?? '') === '') {
            return self::error('Description Required');
        }
        ActivityLog::add($values['description'], (int) ($values['clientid'] ?? $values['userid'] ?? 0));
        return [];
    }

    private function triggerNotificationEvent(array $values): array
    {
        foreach (['title', 'message'] as $required) {
            if (($values[$required] ?? '') === '') {
                return self::error("Missing or empty $required");
            }
        }
        return [];
    }

    private function addBillableItem(array $values): array
    {
        if (Capsule::table('tblclients')->find((int) ($values['clientid'] ?? 0)) === null) {
            return self::error('Client ID Not Found');
        }
        if (($values['description'] ?? '') === '' || !is_numeric($values['amount'] ?? null)) {
            return self::error('You must provide a description and an amount');
        }
        $id = Capsule::table('tblbillableitems')->insertGetId([
            'userid' => $values['clientid'], 'description' => $values['description'], 'amount' => $values['amount'], 'hours' => $values['hours'] ?? 0, 'recur' => $values['recur'] ?? 0,
            'recurcycle' => $values['recurcycle'] ?? '', 'recurfor' => $values['recurfor'] ?? 0, 'duedate' => $values['duedate'] ?? date('Y-m-d'),
        ]);
        return ['billableid' => $id];
    }

    private function acceptOrder(array $values): array
    {
        $services = Capsule::table('tblhosting')->where('orderid', (int) ($values['orderid'] ?? 0))->get();
        if (($values['orderid'] ?? 0) < 1 || Capsule::table('tblorders')->find($values['orderid']) === null) {
            return self::error('Order ID Not Found');
        }
        foreach ($services as $service) {
            $changes = array_filter(['server' => $values['serverid'] ?? null, 'username' => $values['serviceusername'] ?? null, 'password' => isset($values['servicepassword']) ? encrypt($values['servicepassword']) : null], static fn (mixed $value): bool => $value !== null);
            $changes === [] || Capsule::table('tblhosting')->where('id', $service->id)->update($changes);
            if ($values['autosetup'] ?? true) {
                (new Lifecycle($this->installation))->run('CreateAccount', $service->id);
            }
        }
        Capsule::table('tblorders')->where('id', $values['orderid'])->update(['status' => 'Active']);
        run_hook('AcceptOrder', ['orderid' => (int) $values['orderid']]);
        return [];
    }

    private function whmcsDetails(): array
    {
        return ['whmcs' => ['version' => (string) \WHMCS\Config\Setting::getValue('Version'), 'canonicalversion' => (string) \WHMCS\Config\Setting::getValue('Version')]];
    }

    private function getConfigurationValue(array $values): array
    {
        $value = \WHMCS\Config\Setting::getValue((string) ($values['setting'] ?? ''));
        return $value === null ? self::error('Invalid setting') : ['setting' => $values['setting'], 'value' => $value];
    }
}

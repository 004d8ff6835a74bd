<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** The API commands GetClientsProducts and UpdateClientProduct. */
final class ClientProducts
{
    private const FIELDS = [
        'pid' => 'packageid', 'serverid' => 'server', 'regdate' => 'regdate', 'nextduedate' => 'nextduedate', 'terminationdate' => 'termination_date', 'completeddate' => 'completed_date',
        'domain' => 'domain', 'firstpaymentamount' => 'firstpaymentamount', 'recurringamount' => 'amount', 'paymentmethod' => 'paymentmethod', 'billingcycle' => 'billingcycle',
        'subscriptionid' => 'subscriptionid', 'status' => 'domainstatus', 'notes' => 'notes', 'serviceusername' => 'username', 'overidesuspenduntil' => 'overidesuspenduntil', 'ns1' => 'ns1',
        'ns2' => 'ns2', 'dedicatedip' => 'dedicatedip', 'assignedips' => 'assignedips', 'diskusage' => 'diskusage', 'disklimit' => 'disklimit', 'bwusage' => 'bwusage', 'bwlimit' => 'bwlimit',
        'lastupdate' => 'lastupdate', 'suspendreason' => 'suspendreason', 'promoid' => 'promoid',
    ];

    /** @return array<string, mixed> */
    public function find(array $values): array
    {
        $query = Capsule::table('tblhosting AS h')->leftJoin('tblproducts AS p', 'p.id', '=', 'h.packageid')->leftJoin('tblproductgroups AS g', 'g.id', '=', 'p.gid')->leftJoin('tblservers AS s', 's.id', '=', 'h.server');
        foreach (['clientid' => 'h.userid', 'serviceid' => 'h.id', 'pid' => 'h.packageid', 'domain' => 'h.domain', 'username2' => 'h.username'] as $parameter => $column) {
            isset($values[$parameter]) && $values[$parameter] !== '' && $query->where($column, $values[$parameter]);
        }
        $total = $query->count();
        $start = (int) ($values['limitstart'] ?? 0);
        $rows = $query->orderBy('h.id')->offset($start)->limit((int) ($values['limitnum'] ?? 25) ?: 25)
            ->get(['h.*', 'p.name AS productname', 'g.name AS groupname', 's.name AS servername', 's.ipaddress AS serverip', 's.hostname AS serverhostname']);
        $products = $rows->map($this->describe(...))->all();
        return [
            'clientid' => $values['clientid'] ?? null, 'serviceid' => $values['serviceid'] ?? null, 'pid' => $values['pid'] ?? null, 'domain' => $values['domain'] ?? null,
            'totalresults' => $total, 'startnumber' => $start, 'numreturned' => count($products), 'products' => ['product' => $products],
        ];
    }

    /** @return array<string, mixed>|null null when there is no such service */
    public function update(array $values): ?array
    {
        $id = (int) ($values['serviceid'] ?? 0);
        if (Capsule::table('tblhosting')->find($id) === null) {
            return null;
        }
        $changes = [];
        foreach (self::FIELDS as $parameter => $column) {
            isset($values[$parameter]) && $changes[$column] = $values[$parameter];
        }
        isset($values['servicepassword']) && $changes['password'] = encrypt($values['servicepassword']);
        isset($values['overideautosuspend']) && $changes['overideautosuspend'] = $values['overideautosuspend'] === 'on' ? 1 : 0;
        foreach ((array) ($values['unset'] ?? []) as $name) {
            isset(self::FIELDS[$name]) && $changes[self::FIELDS[$name]] = '';
        }
        $changes === [] || Capsule::table('tblhosting')->where('id', $id)->update($changes);
        foreach ($this->serialized($values['customfields'] ?? '') as $field => $value) {
            Capsule::table('tblcustomfieldsvalues')->updateOrInsert(['fieldid' => (int) $field, 'relid' => $id], ['value' => (string) $value]);
        }
        foreach ($this->serialized($values['configoptions'] ?? '') as $option => $value) {
            $row = is_array($value) ? ['optionid' => $value['optionid'] ?? 0, 'qty' => $value['qty'] ?? 0] : ['optionid' => $value, 'qty' => 0];
            Capsule::table('tblhostingconfigoptions')->updateOrInsert(['relid' => $id, 'configid' => (int) $option], $row);
        }
        return ['serviceid' => $id];
    }

    private function serialized(mixed $text): array
    {
        if ($text === '') {
            return [];
        }
        $value = is_string($text) ? @unserialize((string) base64_decode($text, true), ['allowed_classes' => false]) : null;
        if (!is_array($value)) {
            Guard::complain('api', 'passed customfields or configoptions to UpdateClientProduct that are not base64 of a serialized array');
            return [];
        }
        return $value;
    }

    /** @return array<string, mixed> */
    private function describe(object $row): array
    {
        $values = new ServiceValues();
        return [
            'id' => $row->id, 'qty' => $row->qty, 'clientid' => $row->userid, 'orderid' => $row->orderid, 'ordernumber' => '', 'pid' => $row->packageid, 'regdate' => $row->regdate,
            'name' => $row->productname, 'translated_name' => $row->productname, 'groupname' => $row->groupname, 'translated_groupname' => $row->groupname, 'domain' => $row->domain,
            'dedicatedip' => $row->dedicatedip, 'serverid' => $row->server, 'servername' => $row->servername, 'serverip' => $row->serverip, 'serverhostname' => $row->serverhostname,
            'suspensionreason' => $row->suspendreason, 'firstpaymentamount' => $row->firstpaymentamount, 'recurringamount' => $row->amount, 'paymentmethod' => $row->paymentmethod,
            'billingcycle' => $row->billingcycle, 'nextduedate' => $row->nextduedate, 'status' => $row->domainstatus, 'username' => $row->username, 'password' => decrypt($row->password),
            'subscriptionid' => $row->subscriptionid, 'promoid' => $row->promoid, 'overideautosuspend' => $row->overideautosuspend, 'overidesuspenduntil' => $row->overidesuspenduntil,
            'ns1' => $row->ns1, 'ns2' => $row->ns2, 'assignedips' => $row->assignedips, 'notes' => $row->notes, 'diskusage' => $row->diskusage, 'disklimit' => $row->disklimit,
            'bwusage' => $row->bwusage, 'bwlimit' => $row->bwlimit, 'lastupdate' => $row->lastupdate,
            'customfields' => ['customfield' => $values->customFieldsForTheme($row->packageid, $row->id)],
            'configoptions' => ['configoption' => array_map(static fn (array $option): array => ['id' => $option['id'], 'option' => $option['optionname'], 'type' => $option['optiontype'], 'value' => $option['selectedoption'] ?: $option['selectedqty']], $values->configurableOptionsForTheme($row->packageid, $row->id))],
        ];
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** The variables a theme gets for the product page. */
final class ProductPageVariables
{
    private const SERVER = ['hostname', 'ipaddress', 'nameserver1', 'nameserver1ip', 'nameserver2', 'nameserver2ip', 'nameserver3', 'nameserver3ip', 'nameserver4', 'nameserver4ip', 'nameserver5', 'nameserver5ip'];

    public function __construct(private readonly Installation $installation)
    {
    }

    /** @return array<string, mixed> */
    public function of(object $service, object $product, ?Module $module): array
    {
        $server = Capsule::table('tblservers')->find($service->server);
        $values = new ServiceValues();
        $params = $module === null ? [] : (new Params($this->installation))->forService($service->id, 'ClientArea');
        $currency = Money::currency((int) $service->userid);
        $active = $service->domainstatus === 'Active';
        $fields = $values->customFieldsForTheme($product->id, $service->id);
        return [
            'id' => $service->id, 'serviceid' => $service->id, 'pid' => $product->id, 'product' => $product->name, 'groupname' => (string) Capsule::table('tblproductgroups')->where('id', $product->gid)->value('name'),
            'domain' => $service->domain, 'type' => $product->type, 'status' => \Lang::trans('clientarea' . strtolower($service->domainstatus)), 'rawstatus' => strtolower($service->domainstatus),
            'username' => $service->username, 'password' => decrypt($service->password), 'regdate' => fromMySQLDate($service->regdate), 'nextduedate' => fromMySQLDate((string) $service->nextduedate),
            'billingcycle' => $service->billingcycle, 'paymentmethod' => $service->paymentmethod, 'recurringamount' => (string) formatCurrency($service->amount, $currency),
            'firstpaymentamount' => (string) formatCurrency($service->firstpaymentamount, $currency), 'suspendreason' => $service->domainstatus === 'Suspended' ? $service->suspendreason : '',
            'dedicatedip' => $service->dedicatedip, 'assignedips' => $service->assignedips, 'ns1' => $service->ns1, 'ns2' => $service->ns2, 'quantity' => $service->qty,
            'serverdata' => $server === null ? [] : array_intersect_key((array) $server, array_flip(self::SERVER)),
            'configurableoptions' => $values->configurableOptionsForTheme($product->id, $service->id), 'customfields' => $fields, 'productcustomfields' => $fields,
            'lastupdate' => str_starts_with($service->lastupdate, '0000') ? '' : fromMySQLDate($service->lastupdate, true),
            'diskusage' => $service->diskusage, 'disklimit' => $service->disklimit, 'diskpercent' => self::percent($service->diskusage, $service->disklimit),
            'bwusage' => $service->bwusage, 'bwlimit' => $service->bwlimit, 'bwpercent' => self::percent($service->bwusage, $service->bwlimit),
            'packagesupgrade' => false, 'showcancelbutton' => $active, 'pendingcancellation' => Capsule::table('tblcancelrequests')->where('relid', $service->id)->exists(),
            'metricStats' => $module === null ? [] : $this->metricStats($service, $product, $module), 'downloads' => [], 'addons' => [],
            'modulechangepassword' => $active && $module !== null && $module->has('ChangePassword'), 'modulechangepwresult' => '', 'modulechangepasswordmessage' => '', 'modulecustombuttonresult' => '',
            'servercustombuttons' => $active && $module !== null ? $this->buttons($module, $params) : [], 'customactions' => $active && $module !== null ? $this->customActions($module, $params) : [],
        ];
    }

    /** @return list<array{0: string, 1: string}> label, function */
    private function buttons(Module $module, array $params): array
    {
        $buttons = [];
        foreach ((new Buttons($module))->shown('client', $params) as $label => $function) {
            $buttons[] = [$label, $function];
        }
        return $buttons;
    }

    /** @return list<\WHMCS\Module\Server\CustomAction> */
    private function customActions(Module $module, array $params): array
    {
        if (!$module->has('CustomActions')) {
            return [];
        }
        $outcome = $module->call('CustomActions', [['action' => 'CustomActions'] + $params]);
        return $outcome->clean() ? array_values($outcome->value->all()) : [];
    }

    /** Only metrics the admin enabled for the product reach the client. @return list<array<string, mixed>> */
    private function metricStats(object $service, object $product, Module $module): array
    {
        $enabled = Capsule::table('tblusage_items')->where('rel_type', 'Product')->where('rel_id', $product->id)->where('is_hidden', 0)->get()->keyBy('metric');
        if ($enabled->isEmpty()) {
            return [];
        }
        $metrics = new Metrics($this->installation);
        $stored = $metrics->ofService($module, $service->id);
        $stats = [];
        foreach ($metrics->list($module) as $metric) {
            $item = $enabled[$metric['systemName']] ?? null;
            if ($item !== null) {
                $value = $stored[$metric['systemName']] ?? null;
                $stats[] = [
                    'systemName' => $metric['systemName'], 'displayName' => $metric['displayName'], 'currentValue' => $value === null ? '—' : $value['value'] . ' ' . $metric['suffix'],
                    'unitName' => $metric['unit'], 'pricing' => [], 'lowestPrice' => '', 'includedQuantity' => (float) $item->included, 'includedQuantityUnits' => $metric['suffix'],
                    'pricingSchema' => ['info' => '', 'detail' => ''], 'lastUpdated' => $value['collectedAt'] ?? '',
                ];
            }
        }
        return $stats;
    }

    private static function percent(int $used, int $limit): string
    {
        return $limit > 0 ? round(100 * $used / $limit) . '%' : '0%';
    }
}

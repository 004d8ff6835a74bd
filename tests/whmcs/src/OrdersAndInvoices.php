<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** The API commands about products, orders and invoices. Nothing is priced here beyond what tblpricing says. */
final class OrdersAndInvoices
{
    private const CYCLES = [
        'free' => 'Free Account', 'onetime' => 'One Time', 'monthly' => 'Monthly', 'quarterly' => 'Quarterly', 'semiannually' => 'Semi-Annually',
        'annually' => 'Annually', 'biennially' => 'Biennially', 'triennially' => 'Triennially',
    ];
    private const PRICES = ['msetupfee', 'qsetupfee', 'ssetupfee', 'asetupfee', 'bsetupfee', 'tsetupfee', 'monthly', 'quarterly', 'semiannually', 'annually', 'biennially', 'triennially'];

    public function __construct(private readonly Installation $installation)
    {
    }

    /** @return array<string, mixed> */
    public function products(array $values): array
    {
        $query = Capsule::table('tblproducts')->orderBy('id');
        ($values['pid'] ?? '') === '' || $query->whereIn('id', array_map('intval', explode(',', (string) $values['pid'])));
        ($values['gid'] ?? '') === '' || $query->where('gid', $values['gid']);
        ($values['module'] ?? '') === '' || $query->where('servertype', $values['module']);
        $products = $query->get()->map($this->describeProduct(...))->all();
        return ['totalresults' => count($products), 'startnumber' => 0, 'numreturned' => count($products), 'products' => ['product' => $products]];
    }

    /** @return array<string, mixed> */
    public function orders(array $values): array
    {
        $query = Capsule::table('tblorders');
        foreach (['id', 'userid', 'status'] as $column) {
            ($values[$column] ?? '') === '' || $query->where($column, $values[$column]);
        }
        $total = $query->count();
        $start = (int) ($values['limitstart'] ?? 0);
        $orders = $query->orderByDesc('id')->offset($start)->limit((int) ($values['limitnum'] ?? 25) ?: 25)->get()->map($this->describeOrder(...))->all();
        return ['totalresults' => $total, 'startnumber' => $start, 'numreturned' => count($orders), 'orders' => ['order' => $orders]];
    }

    /**
     * Services stay Pending and nothing is set up: that is for AcceptOrder.
     *
     * @return array<string, mixed>|string the error text
     */
    public function addOrder(array $values): array|string
    {
        $client = Capsule::table('tblclients')->find((int) ($values['clientid'] ?? 0));
        if ($client === null) {
            return 'Client ID Not Found';
        }
        if ($client->status === 'Closed') {
            return 'Unable to add order when client status is Closed';
        }
        if (($values['paymentmethod'] ?? '') === '') {
            return 'Invalid Payment Method. Valid options include mailin';
        }
        foreach (['pid', 'qty', 'domain', 'billingcycle', 'customfields', 'configoptions', 'priceoverride', 'hostname'] as $list) {
            // A single product may be given bare; several of anything only as an array.
            $values[$list] = array_values((array) ($values[$list] ?? []));
        }
        $products = Capsule::table('tblproducts')->whereIn('id', $values['pid'])->get()->keyBy('id');
        if ($values['pid'] === [] || $products->count() < count(array_unique($values['pid']))) {
            return 'No items added to cart so order cannot proceed';
        }
        return Capsule::connection()->transaction(fn (): array => $this->placeOrder((int) $client->id, $values, $products->all()));
    }

    /** @return array<string, mixed>|string the error text */
    public function createInvoice(array $values): array|string
    {
        $client = (int) ($values['userid'] ?? 0);
        if (Capsule::table('tblclients')->find($client) === null) {
            return 'Client ID Not Found';
        }
        if (!empty($values['draft']) && !empty($values['sendinvoice'])) {
            return 'Cannot create and send a draft invoice in a single API request. Please create and send separately.';
        }
        $items = [];
        foreach ($values as $name => $description) {
            if (preg_match('/^itemdescription(\d+)$/', (string) $name, $match)) {
                $items[(int) $match[1]] = ['description' => (string) $description, 'amount' => (float) ($values["itemamount$match[1]"] ?? 0), 'taxed' => (int) !empty($values["itemtaxed$match[1]"])];
            }
        }
        ksort($items);
        $status = !empty($values['draft']) ? 'Draft' : (($values['status'] ?? '') ?: 'Unpaid');
        $id = $this->invoice($client, $items, $status, array_filter(array_intersect_key($values, array_flip(['date', 'duedate', 'notes', 'paymentmethod'])), static fn (mixed $value): bool => (string) $value !== ''));
        return ['invoiceid' => $id, 'status' => $status];
    }

    /** @return array<string, mixed>|string the error text */
    public function getInvoice(array $values): array|string
    {
        $row = Capsule::table('tblinvoices')->find((int) ($values['invoiceid'] ?? 0));
        if ($row === null) {
            return 'Invoice ID Not Found';
        }
        $items = Capsule::table('tblinvoiceitems')->where('invoiceid', $row->id)->orderBy('id')->get(['id', 'type', 'relid', 'description', 'amount', 'taxed'])->map(static fn (object $item): array => (array) $item)->all();
        return [
            'invoiceid' => $row->id, 'invoicenum' => $row->invoicenum, 'userid' => $row->userid, 'date' => $row->date, 'duedate' => $row->duedate, 'datepaid' => $row->datepaid,
            'subtotal' => $row->subtotal, 'credit' => $row->credit, 'tax' => $row->tax, 'tax2' => '0.00', 'total' => $row->total, 'balance' => $row->status === 'Paid' ? '0.00' : $row->total,
            'taxrate' => '0.00', 'taxrate2' => '0.00', 'status' => $row->status, 'paymentmethod' => $row->paymentmethod, 'notes' => $row->notes, 'ccgateway' => false,
            'items' => ['item' => $items], 'transactions' => '',
        ];
    }

    /**
     * Orders an upgrade. No price is worked out: every upgrade is free, so it is carried out at once.
     *
     * @return array<string, mixed>|string the error text
     */
    public function upgrade(array $values): array|string
    {
        $service = Capsule::table('tblhosting')->find((int) ($values['serviceid'] ?? 0));
        if ($service === null) {
            return 'Service ID Not Found';
        }
        $type = $values['type'] ?? '';
        if (!in_array($type, ['product', 'configoptions'], true)) {
            return 'Invalid Upgrade Type';
        }
        if (($values['paymentmethod'] ?? '') === '') {
            return 'Invalid Payment Method. Valid options include mailin';
        }
        $new = $type === 'product' ? Capsule::table('tblproducts')->find((int) ($values['newproductid'] ?? 0)) : null;
        if ($type === 'product' && $new === null) {
            return 'Invalid Upgrade Type';
        }
        $names = Capsule::table('tblproductconfigoptions')->whereIn('id', array_keys((array) ($values['configoptions'] ?? [])))->pluck('optionname', 'id');
        $calculated = ['upgradeinprogress' => 0] + ($new === null ? [] : [
            'oldproductid' => $service->packageid, 'oldproductname' => (string) Capsule::table('tblproducts')->where('id', $service->packageid)->value('name'),
            'newproductid' => $new->id, 'newproductname' => $new->name, 'newproductbillingcycle' => (string) ($values['newproductbillingcycle'] ?? strtolower($service->billingcycle)),
        ]) + ['price' => (string) formatCurrency(0.0, Money::currency((int) $service->userid))];
        if (!empty($values['calconly'])) {
            return $calculated;
        }
        $order = $this->order((int) $service->userid, (string) $values['paymentmethod'], 0.0);
        $options = [];
        foreach ((array) ($values['configoptions'] ?? []) as $id => $chosen) {
            isset($names[$id]) && $options[ServiceValues::key($names[$id])] = $this->optionValue((int) $id, (string) $chosen);
        }
        (new Fixtures($this->installation))->upgrade((int) $service->id, $new === null ? null : (int) $new->id, $options);
        Capsule::table('tblorders')->where('id', $order)->update(['status' => 'Active']);
        return array_diff_key($calculated, ['upgradeinprogress' => 0]) + [
            'id' => (int) Capsule::table('tblupgrades')->max('id'), 'orderid' => $order, 'order_number' => (string) Capsule::table('tblorders')->where('id', $order)->value('ordernum'),
            'invoiceid' => null,
        ];
    }

    /** @return array<string, mixed> */
    private function placeOrder(int $client, array $values, array $products): array
    {
        $fixtures = new Fixtures($this->installation);
        $order = $this->order($client, (string) $values['paymentmethod'], 0.0, (string) ($values['clientip'] ?? ''));
        [$services, $items, $total] = [[], [], 0.0];
        foreach ($values['pid'] as $index => $pid) {
            $cycle = $this->cycle((string) ($values['billingcycle'][$index] ?? ''), $products[$pid]);
            $amount = (float) ($values['priceoverride'][$index] ?? $this->price((int) $pid, $client, $cycle));
            $id = $fixtures->addService([
                'userid' => $client, 'packageid' => (int) $pid, 'orderid' => $order, 'domain' => (string) ($values['domain'][$index] ?? $values['hostname'][$index] ?? ''), 'billingcycle' => $cycle,
                'qty' => (int) ($values['qty'][$index] ?? 1), 'paymentmethod' => $values['paymentmethod'], 'firstpaymentamount' => $amount, 'amount' => $cycle === 'One Time' ? 0 : $amount,
            ]);
            (new ClientProducts())->update(['serviceid' => $id] + array_filter(['customfields' => $values['customfields'][$index] ?? '', 'configoptions' => $values['configoptions'][$index] ?? '']));
            $services[] = $id;
            $total += $amount;
            $items[] = ['type' => 'Hosting', 'relid' => $id, 'description' => $products[$pid]->name, 'amount' => $amount, 'taxed' => 0];
        }
        $invoice = empty($values['noinvoice']) && $total > 0 ? $this->invoice($client, $items, 'Unpaid', ['paymentmethod' => $values['paymentmethod']]) : 0;
        Capsule::table('tblorders')->where('id', $order)->update(['amount' => $total, 'invoiceid' => $invoice]);
        return ['orderid' => $order, 'serviceids' => implode(',', $services), 'addonids' => '', 'domainids' => '', 'invoiceid' => $invoice];
    }

    private function order(int $client, string $method, float $amount, string $address = ''): int
    {
        return (int) Capsule::table('tblorders')->insertGetId([
            'ordernum' => (string) random_int(1_000_000_000, 9_999_999_999), 'userid' => $client, 'date' => $this->installation->now()->format('Y-m-d H:i:s'), 'amount' => $amount,
            'paymentmethod' => $method, 'ipaddress' => $address, 'notes' => '',
        ]);
    }

    /** @param array<int, array<string, mixed>> $items */
    private function invoice(int $client, array $items, string $status, array $values): int
    {
        $now = $this->installation->now();
        $total = array_sum(array_column($items, 'amount'));
        $id = (int) Capsule::table('tblinvoices')->insertGetId($values + [
            'userid' => $client, 'date' => $now->format('Y-m-d'), 'duedate' => $now->format('Y-m-d'), 'subtotal' => $total, 'total' => $total, 'status' => $status, 'paymentmethod' => 'mailin', 'notes' => '',
            'created_at' => $now->format('Y-m-d H:i:s'), 'updated_at' => $now->format('Y-m-d H:i:s'),
        ]);
        foreach ($items as $item) {
            Capsule::table('tblinvoiceitems')->insert($item + ['invoiceid' => $id, 'userid' => $client, 'notes' => '']);
        }
        run_hook('InvoiceCreation', ['source' => 'api', 'user' => 'system', 'invoiceid' => $id, 'status' => $status]);
        return $id;
    }

    private function cycle(string $given, object $product): string
    {
        $default = ['free' => 'Free Account', 'onetime' => 'One Time'][$product->paytype] ?? 'Monthly';
        return self::CYCLES[str_replace([' ', '-'], '', strtolower($given))] ?? $default;
    }

    private function price(int $product, int $client, string $cycle): float
    {
        $column = array_search($cycle, self::CYCLES, true);
        $row = Capsule::table('tblpricing')->where('type', 'product')->where('relid', $product)->where('currency', Money::currency($client)['id'] ?? 1)->first();
        return max(0.0, (float) ($row->{$column === 'onetime' ? 'monthly' : $column} ?? 0));
    }

    /** What a choice is called by: the value of a dropdown, else the number itself. */
    private function optionValue(int $option, string $chosen): string
    {
        $type = (int) Capsule::table('tblproductconfigoptions')->where('id', $option)->value('optiontype');
        return $type >= 3 ? $chosen : ServiceValues::key((string) Capsule::table('tblproductconfigoptionssub')->where('id', (int) $chosen)->value('optionname'));
    }

    /** @return array<string, mixed> */
    private function describeProduct(object $row): array
    {
        $fields = Capsule::table('tblcustomfields')->where('type', 'product')->where('relid', $row->id)->where('showorder', 'on')->orderBy('sortorder')->orderBy('id')->get();
        $options = Capsule::table('tblproductconfigoptions AS o')->join('tblproductconfiglinks AS l', 'l.gid', '=', 'o.gid')->where('l.pid', $row->id)->orderBy('o.order')->orderBy('o.id')->get('o.*');
        return [
            'pid' => $row->id, 'gid' => $row->gid, 'type' => $row->type, 'name' => $row->name, 'slug' => $row->slug, 'product_url' => '', 'description' => $row->description, 'module' => $row->servertype,
            'paytype' => $row->paytype, 'allowqty' => $row->allowqty, 'quantity_available' => $row->qty, 'pricing' => $this->pricing('product', (int) $row->id),
            'customfields' => ['customfield' => $fields->map(static fn (object $field): array => ['id' => $field->id, 'name' => ServiceValues::label($field->fieldname), 'description' => $field->description, 'required' => $field->required])->all()],
            'configoptions' => ['configoption' => $options->map($this->describeOption(...))->all()],
        ];
    }

    /** @return array<string, mixed> */
    private function describeOption(object $option): array
    {
        $choices = Capsule::table('tblproductconfigoptionssub')->where('configid', $option->id)->orderBy('sortorder')->orderBy('id')->get();
        return [
            'id' => $option->id, 'name' => ServiceValues::label($option->optionname), 'type' => $option->optiontype, 'minqty' => $option->qtyminimum, 'maxqty' => $option->qtymaximum,
            'options' => ['option' => $choices->map(fn (object $choice): array => [
                'id' => $choice->id, 'name' => ServiceValues::label($choice->optionname), 'rawName' => $choice->optionname, 'recurring' => 0, 'required' => null, 'pricing' => $this->pricing('configoptions', (int) $choice->id),
            ])->all()],
        ];
    }

    /** @return array<string, array<string, string>> by code of the currency */
    private function pricing(string $type, int $id): array
    {
        $prices = [];
        foreach (Capsule::table('tblpricing AS p')->join('tblcurrencies AS c', 'c.id', '=', 'p.currency')->where('p.type', $type)->where('p.relid', $id)->get(['p.*', 'c.code', 'c.prefix', 'c.suffix']) as $row) {
            $prices[$row->code] = ['prefix' => $row->prefix, 'suffix' => $row->suffix] + array_intersect_key((array) $row, array_flip(self::PRICES));
        }
        return $prices;
    }

    /** @return array<string, mixed> */
    private function describeOrder(object $row): array
    {
        $client = Capsule::table('tblclients')->find($row->userid);
        $currency = Money::currency((int) $row->userid);
        $items = Capsule::table('tblhosting AS h')->leftJoin('tblproducts AS p', 'p.id', '=', 'h.packageid')->where('h.orderid', $row->id)->orderBy('h.id')->get(['h.id', 'p.type', 'p.name', 'h.domain', 'h.billingcycle', 'h.firstpaymentamount', 'h.domainstatus']);
        return [
            'id' => $row->id, 'ordernum' => $row->ordernum, 'userid' => $row->userid, 'contactid' => $row->contactid, 'date' => $row->date, 'amount' => $row->amount, 'paymentmethod' => $row->paymentmethod,
            'invoiceid' => $row->invoiceid, 'status' => $row->status, 'ipaddress' => $row->ipaddress, 'notes' => $row->notes, 'paymentmethodname' => $row->paymentmethod,
            'paymentstatus' => $row->invoiceid > 0 ? (string) Capsule::table('tblinvoices')->where('id', $row->invoiceid)->value('status') : 'Complete',
            'name' => trim(($client->firstname ?? '') . ' ' . ($client->lastname ?? '')), 'currencyprefix' => $currency['prefix'] ?? '', 'currencysuffix' => $currency['suffix'] ?? '',
            'lineitems' => ['lineitem' => $items->map(static fn (object $item): array => [
                'type' => 'product', 'relid' => $item->id, 'producttype' => $item->type, 'product' => $item->name, 'domain' => $item->domain, 'billingcycle' => $item->billingcycle,
                'amount' => $item->firstpaymentamount, 'status' => $item->domainstatus,
            ])->all()],
        ];
    }
}

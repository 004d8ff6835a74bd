<?php

declare(strict_types=1);

namespace WhmcsStandIn\Tests;

use WHMCS\Database\Capsule;

/** localAPI: clients, products, orders, invoices, upgrades. */
final class OrdersApiTest extends HostTestCase
{
    public function testAnOrderWaitsForItsAcceptance(): void
    {
        $ids = $this->scenario('samplevpn');
        Capsule::table('tblpricing')->insert(['type' => 'product', 'relid' => $ids['product'], 'currency' => 1, 'monthly' => 7.5, 'annually' => 75]);
        $order = localAPI('AddOrder', ['clientid' => $ids['client'], 'pid' => [$ids['product'], $ids['product']], 'billingcycle' => ['monthly', 'annually'], 'domain' => ['a.example.test', ''], 'paymentmethod' => 'mailin']);
        self::assertSame('success', $order['result']);
        [$monthly, $annually] = array_map(fn (string $id): object => $this->service((int) $id), explode(',', $order['serviceids']));
        self::assertSame(['Pending', 'Monthly', 'a.example.test', 'Annually', '75.00'], [$monthly->domainstatus, $monthly->billingcycle, $monthly->domain, $annually->billingcycle, $annually->amount]);
        $listed = localAPI('GetOrders', ['id' => $order['orderid']])['orders']['order'][0];
        self::assertSame(['Pending', '82.50', 'Unpaid', 2], [$listed['status'], $listed['amount'], $listed['paymentstatus'], count($listed['lineitems']['lineitem'])]);
        $invoice = localAPI('GetInvoice', ['invoiceid' => $order['invoiceid']]);
        self::assertSame(['82.50', ['Hosting', 'Hosting']], [$invoice['balance'], array_column($invoice['items']['item'], 'type')]);
        self::assertSame('success', localAPI('AcceptOrder', ['orderid' => $order['orderid']])['result']);
        self::assertSame('Active', $this->service((int) $monthly->id)->domainstatus);
        self::assertSame('Active', localAPI('GetOrders', ['userid' => $ids['client'], 'status' => 'Active'])['orders']['order'][0]['status']);
    }

    public function testOrdersAndInvoicesFailAsDocumented(): void
    {
        $ids = $this->scenario('samplevpn');
        $message = static fn (string $command, array $values): string => localAPI($command, $values)['message'] ?? '';
        self::assertSame('Client ID Not Found', $message('AddOrder', ['clientid' => 999, 'paymentmethod' => 'mailin']));
        self::assertSame('No items added to cart so order cannot proceed', $message('AddOrder', ['clientid' => $ids['client'], 'paymentmethod' => 'mailin']));
        self::assertSame('Client ID Not Found', $message('CreateInvoice', ['userid' => 999]));
        self::assertSame('Invoice ID Not Found', $message('GetInvoice', ['invoiceid' => 999]));
        self::assertSame('Service ID Not Found', $message('UpgradeProduct', ['serviceid' => 999, 'type' => 'product', 'paymentmethod' => 'mailin']));
        self::assertSame('Invalid Upgrade Type', $message('UpgradeProduct', ['serviceid' => $ids['service'], 'type' => 'package', 'paymentmethod' => 'mailin']));
        self::assertSame('Client ID Not Found', $message('UpdateClient', ['clientemail' => 'nobody@example.test']));
        $other = $this->fixtures->addClient();
        self::assertSame('Duplicate Email Address', $message('UpdateClient', ['clientid' => $other, 'email' => 'ann@example.test']));
    }

    public function testAnInvoiceHasAsManyLinesAsGiven(): void
    {
        $ids = $this->scenario('samplevpn');
        $invoice = localAPI('CreateInvoice', ['userid' => $ids['client'], 'itemdescription1' => 'Traffic', 'itemamount1' => '15.95', 'itemtaxed1' => '0', 'itemdescription2' => 'More', 'itemamount2' => '1.00', 'duedate' => '2030-01-08']);
        self::assertSame('Unpaid', $invoice['status']);
        $read = localAPI('GetInvoice', ['invoiceid' => $invoice['invoiceid']]);
        self::assertSame(['16.95', '2030-01-08', ['Traffic', 'More']], [$read['total'], $read['duedate'], array_column($read['items']['item'], 'description')]);
        self::assertSame([], $this->breaches());
        localAPI('CreateInvoice', ['userid' => $ids['client'], 'itemdescription' => 'without a number']);
        self::assertStringContainsString("'itemdescription'", $this->reported());
    }

    public function testAnUpgradeRunsChangePackage(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        $other = $this->fixtures->addProduct(['name' => 'Larger'], 'samplevpn', []);
        $ask = ['serviceid' => $ids['service'], 'type' => 'product', 'newproductid' => $other, 'newproductbillingcycle' => 'monthly', 'paymentmethod' => 'mailin'];
        self::assertSame('Larger', localAPI('UpgradeProduct', ['calconly' => true] + $ask)['newproductname']);
        self::assertSame($ids['product'], (int) $this->service($ids['service'])->packageid);
        self::assertGreaterThan(0, localAPI('UpgradeProduct', $ask)['orderid']);
        self::assertSame($other, (int) $this->service($ids['service'])->packageid);
    }

    public function testClientsAreFoundAndChanged(): void
    {
        $ids = $this->scenario('samplevpn');
        $this->fixtures->addClient(['firstname' => 'Zoe', 'email' => 'zoe@example.test']);
        self::assertSame(1, localAPI('GetClients', ['search' => 'ann@'])['totalresults']);
        self::assertSame(0, localAPI('GetClients', ['search' => '%'])['totalresults']);
        $edited = [];
        add_hook('ClientEdit', 1, static function (array $vars) use (&$edited): void {
            $edited[] = $vars['userid'];
        });
        self::assertSame('success', localAPI('UpdateClient', ['clientid' => $ids['client'], 'language' => 'german', 'phonenumber' => '+49.301'])['result']);
        self::assertSame([$ids['client']], $edited);
        self::assertSame('german', localAPI('GetClientsDetails', ['clientid' => $ids['client']])['language']);
    }

    public function testProductsAreListedByModule(): void
    {
        $ids = $this->scenario('samplevpn');
        Capsule::table('tblpricing')->insert(['type' => 'product', 'relid' => $ids['product'], 'currency' => 1, 'monthly' => 7.5]);
        $products = localAPI('GetProducts', ['module' => 'samplevpn']);
        self::assertSame([1, 'samplevpn', ['7.50']], [$products['totalresults'], $products['products']['product'][0]['module'], array_column($products['products']['product'][0]['pricing'], 'monthly')]);
        self::assertSame(0, localAPI('GetProducts', ['module' => 'tiny'])['totalresults']);
    }

    public function testDomainsAreNotSoldHere(): void
    {
        $ids = $this->scenario('samplevpn');
        localAPI('AddOrder', ['clientid' => $ids['client'], 'paymentmethod' => 'mailin', 'pid' => $ids['product'], 'domaintype' => ['register']]);
        self::assertStringContainsString('domaintype', $this->reported());
    }

    /** Complaints outside of a module call go to the list of violations only. */
    private function reported(): string
    {
        return (string) Capsule::table('standin_violations')->orderByDesc('id')->value('message');
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn\Tests;

use WHMCS\Database\Capsule;
use WhmcsStandIn\Failure;
use WhmcsStandIn\ReturnRules;

/** Habits of published modules that WHMCS serves, so that they must work here too. */
final class OldHabitsTest extends HostTestCase
{
    public function testResultsOfTheOldQueryHelpersAreReadWithTheOldFunctions(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['dedicatedip' => '10.0.0.9']);
        $result = select_query('tblhosting', 'id,dedicatedip', ['server' => ['sqltype' => 'LIKE', 'value' => $ids['server']], 'dedicatedip' => ['sqltype' => 'NEQ', 'value' => '']]);
        self::assertSame(1, mysql_num_rows($result));
        $row = mysql_fetch_array($result);
        self::assertSame(['10.0.0.9', '10.0.0.9'], [$row['dedicatedip'], $row[1]]);
        self::assertFalse(mysql_fetch_array($result));
        self::assertSame(['dedicatedip' => '10.0.0.9'], mysql_fetch_assoc(select_query('tblhosting', 'dedicatedip', ['id' => $ids['service']])));
        self::assertSame(['10.0.0.9'], mysql_fetch_row(full_query('SELECT dedicatedip FROM tblhosting')));
        self::assertSame('10.0.0.9', mysql_fetch_object(full_query('SELECT dedicatedip FROM tblhosting'))->dedicatedip);
    }

    public function testAnOperatorNobodyKnowsIsRefused(): void
    {
        $this->expectException(Failure::class);
        select_query('tblhosting', 'id', ['id' => ['sqltype' => 'OR 1=1 --', 'value' => 1]]);
    }

    public function testARedirectMayLeaveTheSchemeToTheBrowser(): void
    {
        foreach (['customAction', 'ServiceSingleSignOn'] as $kind) {
            self::assertSame([], ReturnRules::check($kind, ['success' => true, 'redirectTo' => '//www.example.test/']));
            self::assertNotSame([], ReturnRules::check($kind, ['success' => true, 'redirectTo' => 'www.example.test']));
        }
    }

    public function testTheSampleModulesTemplateFindsItsVariables(): void
    {
        $ids = $this->scenario('samplevpn');
        Capsule::table('tblservers')->where('id', $ids['server'])->update(['nameserver1' => 'ns1.example.test', 'nameserver1ip' => '192.0.2.53']);
        Capsule::table('tblcustomfields')->insert(['type' => 'product', 'relid' => $ids['product'], 'fieldname' => 'seen|Seen by all', 'description' => '', 'fieldoptions' => '']);
        $variables = $this->clientPage($ids['service'])->variables;
        self::assertContains('Seen by all', array_column($variables['productcustomfields'], 'name'));
        self::assertSame('192.0.2.53', $variables['serverdata']['nameserver1ip']);
        foreach (['serverusername', 'servername', 'domainregisternsip', 'domainnameservers', 'assignedIPs', 'orderdomain', 'visitwebsite', 'firstpaymentamount', 'upgrade', 'cancel', 'cancellationrequested'] as $key) {
            self::assertNotEmpty($variables['LANG'][$key] ?? '', $key);
        }
    }

    public function testModuleSettingsSeeTheAddressOfTheirProductsPage(): void
    {
        $this->fixtures->addServer(['type' => 'pagereader', 'ipaddress' => '192.0.2.1']);
        $product = (string) $this->cli('product', 'add', '--name', 'Gold', '--module', 'pagereader', '--option', '1=7')[1]['product'];
        self::assertSame('Gold', $this->cli('configoptions', 'pagereader', '--product', $product)[1]['fields'][1]['Description']);
        self::assertSame([$product => "Plan of product $product"], $this->cli('loader', $product, 'plan')[1]['values']);
        self::assertSame('of no product', $this->cli('configoptions', 'pagereader')[1]['fields'][1]['Description']);
        self::assertArrayNotHasKey('id', $_GET);
    }

    public function testAssignedAddressesHaveTheLineEndsOfATextArea(): void
    {
        $server = $this->cli('server', 'add', '--module', 'samplevpn', '--ip', '192.0.2.1', '--assigned-ips', '10.0.0.1,10.0.0.2')[1]['server'];
        self::assertSame("10.0.0.1\r\n10.0.0.2", Capsule::table('tblservers')->where('id', $server)->value('assignedips'));
    }
}

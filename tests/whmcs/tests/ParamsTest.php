<?php

declare(strict_types=1);

namespace WhmcsStandIn\Tests;

use WhmcsStandIn\Params;

/** What a module is given. */
final class ParamsTest extends HostTestCase
{
    public function testSettingsAreTwentyFourStrings(): void
    {
        $params = $this->params('CreateAccount');
        for ($number = 1; $number <= 24; $number++) {
            self::assertIsString($params["configoption$number"]);
        }
        self::assertSame(['basic', 'old', '', ''], [$params['configoption1'], $params['configoption2'], $params['configoption3'], $params['configoption4']]);
        foreach (['domain', 'username', 'password', 'status', 'producttype', 'moduletype', 'serverip', 'serverhostname', 'serverpassword', 'serveraccesshash', 'serverport', 'whmcsVersion'] as $key) {
            self::assertIsString($params[$key], $key);
        }
        self::assertSame(0, $params['addonId']);
        self::assertTrue($params['serversecure']);
        self::assertArrayNotHasKey('suspendreason', $params);
    }

    public function testNamesAndValuesAreCutAtThePipe(): void
    {
        $ids = $this->scenario('samplevpn');
        $this->fixtures->addCustomField($ids['product'], 'account_id|Account');
        $this->fixtures->addConfigurableOption($ids['product'], 'speed|Speed', 'dropdown', ['10|10 Mbit/s', '20|20 Mbit/s']);
        $this->fixtures->addConfigurableOption($ids['product'], 'extra', 'quantity');
        $this->fixtures->addConfigurableOption($ids['product'], 'ip', 'yesno');
        $this->fixtures->setService($ids['service'], [], ['account_id' => '77'], ['speed' => '20', 'extra' => '3', 'ip' => '1']);
        $params = (new Params($this->whmcs))->forService($ids['service'], 'CreateAccount');
        self::assertSame(['account_id' => '77'], $params['customfields']);
        self::assertSame(['speed' => '20', 'extra' => 3, 'ip' => 1], $params['configoptions']);
    }

    public function testServerContextHasNoServiceKeys(): void
    {
        $ids = $this->scenario('samplevpn');
        $params = (new Params($this->whmcs))->forServer($ids['server'], 'UsageUpdate');
        self::assertSame([], array_intersect(['serviceid', 'username', 'model', 'clientsdetails', 'configoption1', 'userid'], array_keys($params)));
        self::assertSame('secret', $params['serverpassword']);
        $form = (new Params($this->whmcs))->forServerForm(['hostname' => 'r', 'secure' => 'on']);
        self::assertArrayNotHasKey('serverid', $form);
    }

    public function testVariantsSpeakTheOtherDialects(): void
    {
        self::assertSame('on', $this->params('CreateAccount', 'serversecure-on')['serversecure']);
        self::assertSame('', $this->params('CreateAccount', 'serverport-empty')['serverport']);
        self::assertArrayNotHasKey('serverpassword', $this->params('ClientArea', 'no-clientarea-password'));
        self::assertArrayHasKey('serverpassword', $this->params('CreateAccount', 'no-clientarea-password'));
        self::assertSame('1', $this->params('CreateAccount', 'string-ids')['serviceid']);
        self::assertArrayNotHasKey('action', $this->params('CreateAccount', 'no-action'));
        self::assertFalse($this->params('CreateAccount', 'no-server')['server']);
        self::assertArrayNotHasKey('serverip', $this->params('CreateAccount', 'no-server'));
        self::assertSame('O&#039;Neil', $this->params('CreateAccount', 'entities')['clientsdetails']['lastname']);
    }

    public function testEncryptionIsSaltedAndRejectsPlainText(): void
    {
        self::assertNotSame(encrypt('secret'), encrypt('secret'));
        self::assertSame('secret', decrypt(encrypt('secret')));
        self::assertSame('', decrypt('secret'));
    }

    private function params(string $function, string $variant = ''): array
    {
        static $service = 0;
        if ($this->whmcs->options->variants === [] && \WHMCS\Database\Capsule::table('tblhosting')->count() === 0) {
            $ids = $this->scenario('samplevpn', ['secure' => 'on', 'port' => '8729'], [], ['username' => "vpn<1>"]);
            $this->fixtures->setClient($ids['client'], ['lastname' => "O'Neil"]);
            $service = $ids['service'];
        }
        $this->whmcs->options->variants = array_filter([$variant]);
        return (new Params($this->whmcs))->forService($service, $function);
    }
}

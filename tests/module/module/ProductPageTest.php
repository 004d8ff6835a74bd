<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Statements;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;

/** A product's Module Settings tab: what cannot be used is told where it was typed, and later again. */
final class ProductPageTest extends TestCase
{
    private const WRONG = [4 => 'fast <b>', 12 => '0', 21 => 'a b', 23 => 'colour = red'];

    protected function tearDown(): void
    {
        [$_REQUEST, $_SERVER['SCRIPT_NAME']] = [[], ''];
        parent::tearDown();
    }

    public function testEveryWrongValueStandsBesideItsField(): void
    {
        $product = $this->whmcs->product(self::WRONG);
        $fields = $this->tab($product);
        $wrong = array_filter($fields, static fn (array $field): bool => str_contains($field['Description'], 'mikrotikvpn-wrong'));
        self::assertSame(['Comment prefix', 'Download speed', 'Days of daily history', 'Username rule', 'Advanced'], array_keys($wrong));
        self::assertStringContainsString('"Download speed", "Days of daily history", "Username rule", "Advanced"', $wrong['Comment prefix']['Description']);
        self::assertStringContainsString('&quot;fast &lt;b&gt;&quot;', str_replace('"', '&quot;', $wrong['Download speed']['Description']));
        self::assertStringContainsString('Expected a speed in Mbit/s such as 50', $wrong['Download speed']['Description']);
    }

    public function testSavingTellsTheActivityLogOfEachField(): void
    {
        $product = $this->whmcs->product(self::WRONG);
        $log = implode("\n", array_slice($this->whmcs->activityLog(), -4));
        foreach (['Download speed', 'Days of daily history', 'Username rule', 'Advanced'] as $label) {
            self::assertStringContainsString("product $product \"VPN\" cannot be sold: The product's module setting \"$label\"", $log);
        }
        $before = count($this->whmcs->activityLog());
        $this->whmcs->settings($product, [4 => '10', 12 => '30', 21 => '', 23 => '']);
        self::assertSame([], array_slice($this->whmcs->activityLog(), $before));
    }

    public function testCreateAndTestConnectionRefuseTheFieldByName(): void
    {
        $server = $this->whmcs->server($this->startRouter());
        $product = $this->whmcs->product([4 => 'fast']);
        $service = $this->whmcs->service($this->whmcs->client(), $product, $server);
        self::assertStringContainsString('"Download speed" holds "fast"', $this->whmcs->create($service));
        $tested = $this->whmcs->callForServer('TestConnection', $server);
        self::assertFalse($tested['success']);
        self::assertStringContainsString("product $product \"VPN\" cannot be sold: The product's module setting \"Download speed\"", $tested['error']);
        $this->whmcs->settings($product, [4 => '10']);
        self::assertTrue($this->whmcs->callForServer('TestConnection', $server)['success']);
    }

    public function testAnotherServersProductsDoNotConcernTheTest(): void
    {
        $server = $this->whmcs->server($this->startRouter());
        $this->whmcs->product([4 => 'fast'], ['servergroup' => $this->whmcs->fixtures->addServerGroup('Others')]);
        self::assertTrue($this->whmcs->callForServer('TestConnection', $server)['success']);
    }

    public function testAServerThatIsNotSavedYetSellsNothing(): void
    {
        $router = $this->startRouter();
        $this->whmcs->product([4 => 'fast']);
        self::assertSame(['success' => true, 'error' => ''], \MikrotikVpn\testConnection($router->formParams()));
    }

    public function testOnlyTheProductPagesIdMeansAProduct(): void
    {
        $product = $this->whmcs->product(self::WRONG);
        foreach (['configaddons.php', 'clientsservices.php', ''] as $page) {
            self::assertStringNotContainsString('mikrotikvpn-wrong', (string) json_encode($this->tab($product, $page)), $page);
        }
        $other = $this->whmcs->fixtures->addProduct(['name' => 'Other'], '', self::WRONG, false);
        self::assertStringNotContainsString('mikrotikvpn-wrong', (string) json_encode($this->tab($other)), 'of another module');
        foreach ([['id' => [$product]], ['id' => 'x'], []] as $request) {
            [$_REQUEST, $_SERVER['SCRIPT_NAME']] = [$request, '/admin/configproducts.php'];
            self::assertCount(23, $this->fields());
        }
    }

    public function testTheTabCostsFewStatements(): void
    {
        $product = $this->whmcs->product([]);
        $this->tab($product);
        $statements = Statements::of(fn () => $this->tab($product));
        self::assertSame(['Com_select' => 4], $statements, 'schema, templates there and made, settings');
    }

    public function testANewProductIsOfferedOurTemplatesAndAnEmptyOneStaysEmpty(): void
    {
        $fields = array_values($this->tab(0));
        self::assertSame(['MikroTik VPN Traffic Notice', 'MikroTik VPN Traffic Used Up'], [$fields[12]['Default'], $fields[14]['Default']]);
        $row = Capsule::table('tblproducts')->find($this->whmcs->product([13 => '']));
        self::assertSame(['', 'MikroTik VPN Traffic Used Up'], [$row->configoption13, $row->configoption15]);
    }

    /** @return array<string, array<string, mixed>> */
    private function tab(int $product, string $page = 'configproducts.php'): array
    {
        [$_REQUEST, $_SERVER['SCRIPT_NAME']] = [['id' => (string) $product], "/admin/$page"];
        return $this->fields();
    }

    /** @return array<string, array<string, mixed>> */
    private function fields(): array
    {
        return $this->whmcs->installation->modules->get('mikrotikvpn')->call('ConfigOptions', [['action' => 'ConfigOptions']])->orThrow();
    }
}

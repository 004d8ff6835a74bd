<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Build;
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
        self::assertStringContainsString('holds "fast ‹b›"', $wrong['Download speed']['Description']);
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

    public function testAnOfferTheAccountsCannotUseIsMarkedAndRefusedWithTheNamesOfTheFields(): void
    {
        $server = $this->whmcs->server($this->startRouter());
        $product = $this->whmcs->product([3 => 'pptp', 18 => 'on']);
        $service = $this->whmcs->service($this->whmcs->client(), $product, $server);
        $contradiction = 'The product\'s module setting "Offer L2TP" is on, but "PPP service" is PPTP';
        $this->assertRefusedAt('Offer L2TP', $contradiction, $product, $service, $server);
        $this->whmcs->settings($product, [3 => 'any']);
        $missing = 'The product\'s module setting "Offer L2TP" is on, but "L2TP IPsec pre-shared key" is empty';
        $this->assertRefusedAt('L2TP IPsec pre-shared key', $missing, $product, $service, $server);
        self::assertSame([], $this->router->rows('/ppp/secret'));
        $this->whmcs->settings($product, [19 => 'a key']);
        self::assertSame('success', $this->whmcs->create($service));
    }

    /** Marked beside `$field` alone, and refused by Create and Test Connection. */
    private function assertRefusedAt(string $field, string $sentence, int $product, int $service, int $server): void
    {
        $marked = array_filter($this->tab($product), static fn (array $option): bool => str_contains($option['Description'], 'mikrotikvpn-wrong'));
        self::assertSame(['Comment prefix', $field], array_keys($marked), 'the first field has the summary');
        self::assertStringContainsString($sentence, htmlspecialchars_decode($marked[$field]['Description']));
        self::assertStringContainsString($sentence, $this->whmcs->create($service));
        $tested = $this->whmcs->callForServer('TestConnection', $server);
        self::assertStringContainsString("product $product \"VPN\" cannot be sold: $sentence", $tested['error']);
    }

    public function testANumberThatTwoReadersTakeForTwoIsRefusedWithHowToWriteIt(): void
    {
        $server = $this->whmcs->server($this->startRouter());
        $product = $this->whmcs->product([6 => '1,000', 4 => '1.000']);
        $service = $this->whmcs->service($this->whmcs->client(), $product, $server);
        $fields = $this->tab($product);
        foreach (['Traffic, one time and monthly' => '1,000', 'Download speed' => '1.000'] as $label => $typed) {
            $told = htmlspecialchars_decode($fields[$label]['Description']);
            self::assertStringContainsString("\"$label\" holds \"$typed\"", $told);
            self::assertStringContainsString('say 1000', $told);
        }
        self::assertStringContainsString('say 1000', $this->whmcs->create($service));
        $this->whmcs->settings($product, [6 => '1000', 4 => '1.5']);
        self::assertSame('success', $this->whmcs->create($service));
        self::assertStringContainsString('/1500000', $this->router->rows('/queue/simple')[0]['max-limit']);
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

    public function testAFieldSaysItsUnitAndAnExample(): void
    {
        $texts = include Build::root() . '/modules/servers/mikrotikvpn/lang/english.php';
        $fields = $this->tab(0);
        self::assertSame(array_keys($fields), array_column($fields, 'FriendlyName'), 'errors name a field as the page does');
        $left = array_filter(array_keys($texts), static fn (string $key): bool => preg_match('/^setting_\d+(_help)?$/D', $key) === 1);
        foreach (array_values($fields) as $index => $field) {
            $position = $index + 1;
            $words = trim(strip_tags($field['Description']));
            self::assertStringContainsString('e.g. ', $words, $field['FriendlyName']);
            $units = [4 => 'Mbit/s', 5 => 'Mbit/s', 12 => 'Days', 14 => 'GB'] + array_fill(6, 6, 'GB');
            self::assertSame(0, strpos($words, $units[$position] ?? $words), $field['FriendlyName']);
            $left = array_diff($left, ["setting_$position", "setting_{$position}_help"]);
        }
        self::assertSame([], array_values($left), 'a text without a field');
        $named = implode(array_column($fields, 'Description'));
        foreach (['{random_letter_N}', '16:a-zA-Z2-9', 'html-openvpn', 'cap = slow 1/0.5', 'rollover = on'] as $code) {
            self::assertMatchesRegularExpression('~<samp dir="ltr">' . preg_quote($code, '~') . '</samp>~', $named);
        }
    }

    public function testTheTabIsInTheAdminsLanguageAndAProblemNamesTheFieldAsItDoes(): void
    {
        $product = $this->whmcs->product(self::WRONG);
        $_SESSION['adminlang'] = 'german';
        try {
            $fields = array_values($this->tab($product));
        } finally {
            unset($_SESSION['adminlang']);
        }
        self::assertSame('Download-Geschwindigkeit', $fields[3]['FriendlyName']);
        self::assertStringContainsString('module setting "Download-Geschwindigkeit" holds', htmlspecialchars_decode($fields[3]['Description']));
        self::assertStringContainsString('lang="de" dir="ltr">Mbit/s zum Kunden', $fields[3]['Description']);
        self::assertStringContainsString('"Download-Geschwindigkeit", ', htmlspecialchars_decode($fields[0]['Description']));
        self::assertSame(['cron' => 'Bei jedem Cron-Lauf', 'daily' => 'Täglich'], $fields[19]['Options']);
        self::assertSame(['Alle', 'L2TP'], array_slice(array_values($fields[2]['Options']), 0, 2));
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

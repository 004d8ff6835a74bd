<?php

declare(strict_types=1);

namespace WhmcsStandIn\Tests;

use WhmcsStandIn\Refused;

/** The client's product page. */
final class PageTest extends HostTestCase
{
    /** @return array<string, array{0: string, 1: string}> */
    public static function styles(): array
    {
        return ['HTML' => ['html', 'sample-html'], 'templatefile' => ['old', 'sample-user'], 'in the tab' => ['module', 'sample-user']];
    }

    /** @dataProvider styles */
    #[\PHPUnit\Framework\Attributes\DataProvider('styles')]
    public function testEachStyleLandsInTheManageTab(string $style, string $mark): void
    {
        $ids = $this->scenario('samplevpn', [], [2 => $style], ['domainstatus' => 'Active']);
        $html = $this->clientPage($ids['service'])->html();
        self::assertMatchesRegularExpression('~id="manage">\s*<div class="text-center module-client-area">.*' . $mark . '~s', $html);
        self::assertStringContainsString('sample-hook-output', $html);
        self::assertStringContainsString('menuItemName="Sample VPN Guide"', $html);
    }

    /** @return array<string, array{0: string, 1: string}> theme and what its sidebar is made of */
    public static function themes(): array
    {
        return ['six' => ['six', 'panel panel-sidebar'], 'twenty-one' => ['twenty-one', 'card card-sidebar'], 'nexus' => ['nexus', 'card card-sidebar']];
    }

    /** @dataProvider themes */
    #[\PHPUnit\Framework\Attributes\DataProvider('themes')]
    public function testEveryThemeHasTheSamePlacesForAModule(string $theme, string $panel): void
    {
        $ids = $this->scenario('samplevpn', [], [2 => 'module'], ['domainstatus' => 'Active']);
        $this->fixtures->enableMetrics($ids['product'], 'samplevpn', ['traffic']);
        $this->cron();
        $html = $this->clientPage($ids['service'], [], [], $theme)->html();
        self::assertMatchesRegularExpression('~id="manage">\s*<div class="text-center module-client-area">.*sample-user~s', $html);
        foreach (['sample-hook-output', 'data-metric="traffic"', '1024MB / 4096MB (25%)', 'menuItemName="Sample VPN Guide"', 'id="tabChangepw"', 'name="newpw"'] as $part) {
            self::assertStringContainsString($part, $html);
        }
        self::assertMatchesRegularExpression("~menuItemName=\"Service Details Overview\" class=\"[^\"]*$panel~", $html);
        self::assertSame(1, preg_match_all('~data-toggle="(?:tab|list)"[^>]*id="[^"]*Information"~', $html), 'the sidebar opens a tab');
        $failed = $this->clientPage($ids['service'], [], ['modulechangepassword' => 'true', 'newpw' => 'a', 'confirmpw' => 'b', 'id' => (string) $ids['service'], 'token' => \WhmcsStandIn\Token::value()], $theme);
        self::assertStringContainsString('alert alert-danger', $failed->html());
    }

    public function testTheSettingChoosesTheTheme(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        \WHMCS\Config\Setting::setValue('Template', 'six');
        try {
            self::assertStringContainsString('/assets/bootstrap3/', $this->clientPage($ids['service'])->html());
        } finally {
            \WHMCS\Config\Setting::setValue('Template', 'twenty-one');
        }
    }

    public function testAReplacementTemplateIsPrintedAlone(): void
    {
        $ids = $this->scenario('samplevpn', [], [2 => 'replace'], ['domainstatus' => 'Active']);
        $html = $this->clientPage($ids['service'])->html();
        self::assertStringContainsString('sample-user', $html);
        self::assertStringNotContainsString('product-details', $html);
        self::assertStringNotContainsString('sample-hook-output', $html);
    }

    public function testValuesAreNotEscapedBySmarty(): void
    {
        $ids = $this->scenario('samplevpn', [], [2 => 'old']);
        self::assertStringContainsString('<b>not escaped</b>', $this->clientPage($ids['service'])->moduleOutput());
    }

    public function testButtonsNeedPostTokenAndTheList(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        self::assertSame('success', $this->clientButton('Reconnect', $ids['service'])->variables['modulecustombuttonresult']);
        self::assertStringContainsString('sample-history', $this->clientButton('History', $ids['service'])->html());
        $refused = 0;
        $attempts = [
            fn () => $this->clientButton('ResetConnection', $ids['service']),
            fn () => $this->clientButton('Reconnect', $ids['service'], []) && $this->clientPage($ids['service'], [], ['modop' => 'custom', 'a' => 'Reconnect', 'token' => 'wrong']),
            fn () => $this->clientPage($ids['service'], ['modop' => 'custom', 'a' => 'Reconnect']),
        ];
        foreach ($attempts as $attempt) {
            try {
                $attempt();
            } catch (Refused) {
                $refused++;
            }
        }
        self::assertSame(3, $refused);
    }

    public function testAnErrorOfAButtonIsShown(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active', 'username' => 'broken']);
        self::assertMatchesRegularExpression('~alert-danger.*Nobody is connected~s', $this->clientButton('Reconnect', $ids['service'])->html());
    }

    public function testChangingThePasswordFromThePage(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        $post = ['id' => (string) $ids['service'], 'modulechangepassword' => 'true', 'newpw' => 'new-password', 'confirmpw' => 'new-password', 'token' => \WhmcsStandIn\Token::value()];
        self::assertSame('success', $this->clientPage($ids['service'], [], $post)->variables['modulechangepwresult']);
        self::assertSame('new-password', $this->service($ids['service'])->password);
        self::assertSame('error', $this->clientPage($ids['service'], [], ['confirmpw' => 'other'] + $post)->variables['modulechangepwresult']);
    }

    public function testUsageAndMetricsReachTheClient(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        $this->fixtures->enableMetrics($ids['product'], 'samplevpn', ['traffic']);
        $this->cron();
        $html = $this->clientPage($ids['service'])->html();
        self::assertStringContainsString('1024MB / 4096MB (25%)', $html);
        self::assertStringContainsString('data-metric="traffic"', $html);
        self::assertStringNotContainsString('data-metric="sessions"', $html);
    }

    public function testHooksReachTheNavigationOfEveryPage(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        add_hook('ClientAreaPrimaryNavbar', 1, static fn ($bar) => $bar->getChild('Services')->addChild('VPN', ['label' => 'Only VPN', 'uri' => 'clientarea.php?module=samplevpn', 'order' => '15']));
        add_hook('ClientAreaSecondaryNavbar', 1, static fn ($bar) => $bar->getChild('Account')->getChild('Logout')->setLabel('Leave'));
        add_hook('ClientAreaSecondarySidebar', 1, static fn ($bar) => $bar->addChild('Panel')->setBodyHtml('panel-of-a-hook'));
        $html = $this->clientPage($ids['service'])->html();
        self::assertMatchesRegularExpression('~menuItemName="Services".*menuItemName="My Services".*menuItemName="VPN"[^>]*>Only VPN</a>.*menuItemName="Logout"[^>]*>Leave<~s', $html);
        self::assertStringContainsString('panel-of-a-hook', $html);
        $sidebars = \WhmcsStandIn\Navigation::sidebarsOfServices();
        self::assertNotNull($sidebars['secondarySidebar']->getChild('My Services Actions'));
    }

    public function testAServiceOfAnotherClientIsRefused(): void
    {
        $ids = $this->scenario('samplevpn');
        $_SESSION['uid'] = $this->fixtures->addClient();
        $this->expectException(Refused::class);
        \WhmcsStandIn\ClientPage::productDetails($ids['service']);
    }
}

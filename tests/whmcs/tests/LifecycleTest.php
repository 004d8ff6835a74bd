<?php

declare(strict_types=1);

namespace WhmcsStandIn\Tests;

use WHMCS\Database\Capsule;
use WHMCS\Service\Service;
use WhmcsStandIn\Params;

/** What WHMCS does around a module function. */
final class LifecycleTest extends HostTestCase
{
    public function testCreateActivatesStoresPropertiesAndMails(): void
    {
        $this->fixtures->addEmailTemplate('Sample VPN ready', 'Hello {$client_name}', '<p>{$vpn_user} {$service_dedicated_ip}</p>');
        $ids = $this->scenario('samplevpn', [], [3 => 'on'], ['username' => ''], ['welcomeemail' => 'Other Product/Service Welcome Email']);
        self::assertSame('success', $this->lifecycle('CreateAccount', $ids['service']));
        $service = $this->service($ids['service']);
        self::assertSame(['Active', 'vpn' . $ids['service'], '10.0.0.' . $ids['service']], [$service->domainstatus, $service->username, $service->dedicatedip]);
        self::assertSame(14, strlen($service->password));
        self::assertSame('r1', Service::find($ids['service'])->serviceProperties->get('remoteId|Remote id'));
        self::assertSame(['Sample VPN ready', 'Other Product/Service Welcome Email'], array_column($this->mails(), 'template'));
        self::assertSame('<p>vpn1 10.0.0.1</p>', $this->mails()[0]->message);
        $log = Capsule::table('tblmodulelog')->first();
        self::assertStringNotContainsString($service->password, $log->request);
    }

    public function testAFailureKeepsTheStatusAndWaitsInTheQueueOnce(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        $failed = [];
        add_hook('AfterModuleSuspendFailed', 1, static function (array $vars) use (&$failed): void {
            $failed[] = $vars['failureResponseMessage'];
        });
        for ($attempt = 0; $attempt < 2; $attempt++) {
            self::assertSame('The router refused.', $this->lifecycle('SuspendAccount', $ids['service'], ['suspendreason' => 'refuse']));
        }
        self::assertSame(['The router refused.', 'The router refused.'], $failed);
        self::assertSame('Active', $this->service($ids['service'])->domainstatus);
        $queue = Capsule::table('tblmodulequeue')->get();
        self::assertCount(1, $queue);
        self::assertSame(1, $queue[0]->num_retries);
        $this->lifecycle('SuspendAccount', $ids['service']);
        self::assertSame(1, Capsule::table('tblmodulequeue')->value('completed'));
    }

    public function testSuspendStoresTheReasonAndUnsuspendClearsIt(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        localAPI('ModuleSuspend', ['serviceid' => $ids['service'], 'suspendreason' => 'Traffic used up']);
        self::assertSame(['Suspended', 'Traffic used up'], [$this->service($ids['service'])->domainstatus, $this->service($ids['service'])->suspendreason]);
        localAPI('ModuleUnsuspend', ['serviceid' => $ids['service']]);
        self::assertSame(['Active', ''], [$this->service($ids['service'])->domainstatus, $this->service($ids['service'])->suspendreason]);
    }

    public function testAPreHookMayAbortOrOverride(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        self::assertStringContainsString('abortcmd', $this->lifecycle('SuspendAccount', $ids['service'], ['suspendreason' => 'abort']));
        add_hook('PreModuleChangePassword', 1, static fn (array $vars): array => ['password' => 'from the hook']);
        self::assertSame('success', $this->lifecycle('ChangePassword', $ids['service'], ['password' => 'longenough']));
        self::assertSame('from the hook', $this->service($ids['service'])->password);
    }

    public function testARefusedPasswordIsNotSaved(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['password' => 'oldpassword', 'domainstatus' => 'Active']);
        self::assertSame('The password is too short.', $this->lifecycle('ChangePassword', $ids['service'], ['password' => 'abc']));
        self::assertSame('oldpassword', $this->service($ids['service'])->password);
    }

    public function testAnUpgradeShowsTheModuleTheNewProduct(): void
    {
        $ids = $this->scenario('samplevpn', [], [], ['domainstatus' => 'Active']);
        $other = $this->fixtures->addProduct(['name' => 'Gold'], 'samplevpn', [1 => 'gold']);
        $seen = [];
        add_hook('PreModuleChangePackage', 1, static function (array $vars) use (&$seen): void {
            $seen = [$vars['params']['pid'], $vars['params']['configoption1']];
        });
        self::assertTrue($this->fixtures->upgrade($ids['service'], $other)->succeeded());
        self::assertSame([$other, 'gold'], $seen);
    }

    public function testAnAddOnServiceGetsItsOwnModelAndNumber(): void
    {
        $ids = $this->scenario('samplevpn');
        $addon = $this->fixtures->addAddon($ids['service'], 'samplevpn', [1 => 'gold']);
        $params = (new Params($this->whmcs))->forService($ids['service'], 'CreateAccount', $addon);
        self::assertSame([$addon, 'gold', \WHMCS\Service\Addon::class], [$params['addonId'], $params['configoption1'], $params['model']::class]);
        self::assertSame('This module cannot be sold as an add-on.', $this->lifecycle('CreateAccount', $ids['service'], [], $addon));
    }

    public function testHooksLoadOnlyAfterModuleSettingsWereSaved(): void
    {
        $this->fixtures->addProduct([], 'samplevpn', [], false);
        self::assertFalse($this->whmcs->hooks->has('AfterCronJob'));
        $this->fixtures->addProduct([], 'samplevpn');
        self::assertTrue($this->whmcs->hooks->has('AfterCronJob'));
        self::assertSame(['samplevpn'], $this->whmcs->detectedModules());
        $this->fixtures->addProduct([], 'samplevpn');
        $this->cron('after-only');
        self::assertSame(1, Capsule::table('tblactivitylog')->where('description', 'Sample VPN: cron ran')->count());
    }

    public function testHooksRunByPriorityAndAFailingOneDoesNotStopTheOthers(): void
    {
        $ran = [];
        add_hook('Sample', 5, static function () use (&$ran): void {
            $ran[] = 5;
        });
        add_hook('Sample', -1, static function () use (&$ran): void {
            $ran[] = -1;
            throw new \LogicException('hook on fire');
        });
        run_hook('Sample', []);
        self::assertSame([-1, 5], $ran);
        self::assertStringContainsString('hook on fire', $this->breaches()[0]->message);
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;
use WHMCS\Database\Capsule;

/** Accounts whose service was deleted, or ended by hand, without Terminate. */
final class EndedServicesTest extends LedgerTestCase
{
    private string $login;

    protected function setUp(): void
    {
        parent::setUp();
        $this->create();
        $this->consume(self::MB);
        $this->login = $this->username();
    }

    /** @return array<string, array{string}> */
    public static function endings(): array
    {
        return ['cancelled' => ['Cancelled'], 'terminated' => ['Terminated'], 'fraud' => ['Fraud']];
    }

    /** @dataProvider endings */
    #[\PHPUnit\Framework\Attributes\DataProvider('endings')]
    public function testAnAccountThatEndedByHandIsMeteredAndKeptOutUntilItIsActiveAgain(string $status): void
    {
        $this->status($status);
        $this->router->traffic($this->login, 2 * self::MB);
        $this->collect();
        self::assertSame(7 * self::MB, $this->balance());
        self::assertSame('true', $this->secret()['disabled']);
        self::assertSame([], $this->sessions());
        self::assertStringContainsString("Service {$this->service} is $status in WHMCS, and its login \"{$this->login}\" is enabled on the router; it is disabled now", $this->remarks());
        $this->router->exec('/ppp/secret/enable', ['numbers' => $this->login]);
        $this->collect();
        self::assertSame('true', $this->secret()['disabled'], 'whoever enables it');
        $this->collect();
        self::assertStringContainsString('with its login disabled', $this->remarks());
        $this->status('Active');
        $this->collect();
        self::assertSame('false', $this->secret()['disabled']);
        self::assertStringNotContainsString('in WHMCS', $this->remarks());
    }

    public function testASuspendedServiceThatEndedStaysDisabledAfterwards(): void
    {
        self::assertSame('success', $this->whmcs->suspend($this->service));
        $this->status('Cancelled');
        $this->collect();
        $this->status('Suspended');
        $this->collect();
        self::assertSame('true', $this->secret()['disabled']);
    }

    public function testASuspendedServiceIsKeptOutWhoeverEnablesIt(): void
    {
        self::assertSame('success', $this->whmcs->suspend($this->service));
        $this->status('Suspended');
        $this->router->exec('/ppp/secret/enable', ['numbers' => $this->login]);
        $this->router->connect($this->login);
        $this->collect();
        self::assertSame('true', $this->secret()['disabled']);
        self::assertSame([], $this->sessions());
        self::assertStringContainsString("Service {$this->service} is Suspended in WHMCS, and its login \"{$this->login}\" was enabled", $this->remarks());
        $this->collect();
        self::assertSame('', $this->remarks());
    }

    public function testACollectionBetweenUnsuspendAndWhmcssStatusUndoesItForOneCollectionOnly(): void
    {
        self::assertSame('success', $this->whmcs->suspend($this->service));
        $this->status('Suspended');
        self::assertSame('success', $this->whmcs->unsuspend($this->service));
        $this->status('Suspended');
        $this->collect();
        $this->status('Active');
        $this->collect();
        self::assertSame('false', $this->secret()['disabled']);
    }

    public function testALiftThatMetASuspensionIsTakenBackByTheNextCollection(): void
    {
        $this->consume(10 * self::MB);
        self::assertSame('success', $this->whmcs->suspend($this->service));
        $this->status('Active');
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame('false', $this->secret()['disabled'], 'WHMCS has not written its status yet');
        $this->status('Suspended');
        $this->collect();
        self::assertSame('true', $this->secret()['disabled']);
    }

    public function testADeletedServiceIsToldWithTheCommandsThatRemoveItAndMeteredUntilTheyRan(): void
    {
        $this->whmcs->fixtures->deleteService($this->service);
        $log = implode("\n", $this->whmcs->activityLog());
        self::assertStringContainsString("service {$this->service} was deleted without Terminate, and its login \"{$this->login}\"", $log);
        $this->router->traffic($this->login, 2 * self::MB);
        $this->collect();
        self::assertSame(7 * self::MB, $this->balance());
        self::assertSame(3 * self::MB, (int) Capsule::table('mod_mikrotikvpn_traffic_daily')->where('service_id', $this->service)->sum('download'));
        $this->assertTheRemarkAndTheFindingMendIt();
    }

    public function testAServiceThatIsGoneWithoutAHookIsToldTheSame(): void
    {
        Capsule::table('tblhosting')->where('id', $this->service)->delete();
        $this->collect();
        $this->assertTheRemarkAndTheFindingMendIt();
    }

    public function testADeletedServiceThatWasTerminatedIsForgottenAtOnce(): void
    {
        self::assertSame('success', $this->whmcs->terminate($this->service));
        $this->whmcs->fixtures->deleteService($this->service);
        self::assertNull(Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->first());
        self::assertStringNotContainsString("service {$this->service} was deleted without", implode("\n", $this->whmcs->activityLog()));
    }

    public function testADeletedServiceIsNotForgottenWhileTheRouterHasNotLoadedItsLists(): void
    {
        $this->whmcs->fixtures->deleteService($this->service);
        $this->router->reboot(60);
        $this->collect();
        self::assertNotNull(Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->first());
        $this->router->advance(60);
        $this->collect();
        $this->assertTheRemarkAndTheFindingMendIt();
    }

    private function assertTheRemarkAndTheFindingMendIt(): void
    {
        $sentence = "Service {$this->service} was deleted in WHMCS, and its login \"{$this->login}\" is enabled on the router";
        self::assertStringContainsString($sentence, $this->remarks());
        $checks = \MikrotikVpn\doctor(['serverid' => $this->server])['checks'];
        $finding = array_values(array_filter($checks, static fn (array $check): bool => str_contains($check['says'], $sentence)))[0];
        self::assertSame('problem', $finding['verdict']);
        $commands = ["/ppp secret remove [find name={$this->login}]", "/queue simple remove [find name={$this->login}]"];
        self::assertSame($commands, $finding['commands']);
        foreach ($checks as $check) {
            self::assertStringNotContainsString("not this WHMCS's", $check['says']);
        }
        $this->router->exec('/ppp/secret/remove', ['numbers' => $this->login]);
        $this->router->exec('/queue/simple/remove', ['numbers' => $this->login]);
        // Lists that are empty right after a start say nothing yet.
        $this->router->advance(600);
        $this->collect();
        self::assertNull(Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->first());
        self::assertStringNotContainsString('deleted in WHMCS', $this->remarks());
    }

    private function status(string $status): void
    {
        Capsule::table('tblhosting')->where('id', $this->service)->update(['domainstatus' => $status]);
    }
}

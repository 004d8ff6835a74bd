<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Copy;
use MikrotikVpn\Tests\LedgerTestCase;
use WHMCS\Database\Capsule;
use WhmcsStandIn\Lifecycle;

/** A WHMCS that finds itself in another place changes nothing on a router until an admin says what it is. */
final class CopiedWhmcsTest extends LedgerTestCase
{
    private const COMMANDS = ['CreateAccount', 'SuspendAccount', 'UnsuspendAccount', 'ChangePackage', 'ChangePassword', 'TerminateAccount'];

    private ?Copy $copy = null;
    private string $url;

    protected function setUp(): void
    {
        parent::setUp();
        $this->url = (string) Capsule::table('tblconfiguration')->where('setting', 'SystemURL')->value('value');
        Capsule::table('tblservers')->where('id', '<>', $this->server)->update(['disabled' => 1]);
        $this->create();
        $this->consume(self::MB);
    }

    protected function tearDown(): void
    {
        $this->copy?->stop();
        $this->moveTo($this->url);
        Capsule::table('mod_mikrotikvpn_installation')->update(['system_url' => '127.0.0.1', 'told' => '']);
        parent::tearDown();
    }

    public function testItsCronTakesNothingOutOfTheLiveBooksAndTellsTheAdminsOnce(): void
    {
        $this->copy();
        $this->router->traffic($this->username(), 4 * self::MB);
        for ($run = 0; $run < 2; $run++) {
            $this->cronOfTheCopy();
        }
        self::assertSame(2, $this->copied("SELECT COUNT(*) FROM mod_mikrotikvpn_collections WHERE error IS NULL AND remarks LIKE '%moved or is a copy%' AND server_id = {$this->server}"));
        self::assertSame(5 * self::MB, $this->copied("SELECT balance FROM mod_mikrotikvpn_accounts WHERE service_id = {$this->service}"), 'it reads and books');
        self::assertSame(1, $this->copied("SELECT COUNT(*) FROM tblactivitylog WHERE description LIKE '%moved or is a copy%'"));
        self::assertSame(1, $this->copied("SELECT COUNT(*) FROM standin_mails WHERE type = 'admin' AND message LIKE '%staging.example%'"));
        self::assertSame(9 * self::MB, $this->balance());
        $this->collect();
        self::assertSame(5 * self::MB, $this->balance(), 'the live one finds every byte');
    }

    public function testItCapsNobodyAndWritesToNoCustomer(): void
    {
        $this->copy();
        $this->router->traffic($this->username(), 11 * self::MB);
        $this->cronOfTheCopy();
        self::assertLessThan(0, $this->copied("SELECT balance FROM mod_mikrotikvpn_accounts WHERE service_id = {$this->service}"));
        self::assertSame('false', $this->secret()['disabled']);
        self::assertNotSame([], $this->sessions());
        self::assertSame(0, $this->copied("SELECT COUNT(*) FROM standin_mails WHERE relid = {$this->service} AND template IN ('Used up', 'Little left')"));
    }

    public function testEveryCommandOfItSaysWhereToDecide(): void
    {
        $this->copy();
        $before = [$this->secret(), $this->queue()['max-limit']];
        foreach (self::COMMANDS as $command) {
            $said = $this->copy->run($command, $this->service);
            self::assertStringContainsString('moved or is a copy', $said, $command);
            self::assertStringContainsString('installation.php moved', $said, $command);
        }
        self::assertSame($before, [$this->secret(), $this->queue()['max-limit']]);
    }

    public function testACopyGetsAnIdOfItsOwnAndLeavesTheAccountsOfTheOriginalAlone(): void
    {
        $this->copy();
        self::assertStringContainsString('"success"', $this->copy->press('installationCopied', $this->service));
        $mark = $this->copied('SELECT mark FROM mod_mikrotikvpn_installation');
        $ours = Capsule::table('mod_mikrotikvpn_installation')->value('mark');
        self::assertNotSame($ours, $mark);
        $before = $this->secret();
        foreach (['SuspendAccount', 'TerminateAccount'] as $command) {
            self::assertStringContainsString("another WHMCS (installation $ours)", $this->copy->run($command, $this->service), $command);
        }
        self::assertStringContainsString('is used by something else on the router', $this->copy->run('CreateAccount', $this->service));
        self::assertSame($before, $this->secret());
        $client = (string) $this->whmcs->row($this->service)->userid;
        $order = ['--client', $client, '--product', (string) $this->product, '--server', (string) $this->server, '--username', 'staging'];
        $new = (int) $this->copy->whmcs('service', 'add', ...$order)['service'];
        $this->copy->whmcs('run', 'CreateAccount', '--service', (string) $new);
        $made = $this->router->rows('/ppp/secret', 'staging')[0];
        self::assertSame("mikrotikvpn whmcs:$new@$mark", $made['comment']);
        self::assertNotSame($before['remote-address'], $made['remote-address']);
        self::assertSame('success', $this->whmcs->suspend($this->service), 'the original goes on');
    }

    public function testTheDoctorOfACopyTellsNobodyToChangeTheAccountsOfTheOriginal(): void
    {
        $this->copy();
        $this->copy->php($this->whmcs->script('installation.php'), 'copy');
        $report = $this->copy->php($this->whmcs->script('doctor.php'), (string) $this->server);
        self::assertStringContainsString('PPP secrets of another WHMCS have addresses this one gives to customers', $report);
        self::assertStringContainsString('Assigned IP Addresses here', $report);
        self::assertStringNotContainsString('/ppp secret', $report);
    }

    public function testAMoveIsSaidByAButtonAndEverythingGoesOn(): void
    {
        self::assertCount(3, $this->buttons());
        $this->moveTo('https://new.example/');
        self::assertStringContainsString('moved or is a copy', $this->whmcs->suspend($this->service));
        self::assertStringContainsString('moved or is a copy', $this->dashboard());
        $page = implode('', (array) $this->whmcs->callForService('AdminServicesTabFields', $this->service));
        self::assertStringContainsString('moved or is a copy', $page);
        self::assertSame(['installationMoved', 'installationCopied'], array_slice(array_values($this->buttons()), 3));
        $mark = Capsule::table('mod_mikrotikvpn_installation')->value('mark');
        self::assertSame('success', $this->press('installationMoved'));
        self::assertSame($mark, Capsule::table('mod_mikrotikvpn_installation')->value('mark'));
        self::assertCount(3, $this->buttons());
        self::assertStringNotContainsString('moved or is a copy', $this->dashboard());
        self::assertSame('success', $this->whmcs->suspend($this->service));
        self::assertStringContainsString('nothing to decide', \MikrotikVpn\decideInstallation('copy'));
    }

    public function testAnotherSchemeIsNoOtherPlace(): void
    {
        $this->moveTo('https://127.0.0.1');
        self::assertSame('success', $this->whmcs->suspend($this->service));
    }

    public function testTheCommandLineTakesTheAnswerToo(): void
    {
        $this->copy();
        $script = $this->whmcs->script('installation.php');
        self::assertStringContainsString('usage:', $this->copy->php($script, 'perhaps'));
        self::assertSame("WHMCS goes on with its accounts.\n", $this->copy->php($script, 'moved'));
        self::assertStringContainsString('"success"', $this->copy->run('SuspendAccount', $this->service));
        self::assertSame('true', $this->secret()['disabled']);
    }

    private function copy(): void
    {
        $this->copy = new Copy($this->whmcs, 'https://staging.example/');
    }

    /** As if the least interval since its last collection had passed. */
    private function cronOfTheCopy(): void
    {
        $this->copy->whmcs('sql', 'UPDATE mod_mikrotikvpn_servers SET ended_at = ended_at - INTERVAL 1 DAY');
        $this->copy->whmcs('cron', '--after-only');
    }

    /** A value of the copy's database; numbers as such. */
    private function copied(string $sql): int|string
    {
        $value = $this->copy->value($sql);
        return is_numeric($value) ? (int) $value : (string) $value;
    }

    private function moveTo(string $url): void
    {
        Capsule::table('tblconfiguration')->where('setting', 'SystemURL')->update(['value' => $url]);
    }

    private function dashboard(): string
    {
        return (new \WHMCS\Module\Server\Mikrotikvpn\RoutersWidget())->render();
    }

    /** @return array<string, string> */
    private function buttons(): array
    {
        return (array) $this->whmcs->callForService('AdminCustomButtonArray', $this->service);
    }

    private function press(string $function): string
    {
        return (new Lifecycle($this->whmcs->installation))->custom($function, $this->service, 'admin')->text();
    }
}

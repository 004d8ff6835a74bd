<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Build;
use MikrotikVpn\Tests\Fpm;
use MikrotikVpn\Tests\Process;
use MikrotikVpn\Tests\TestCase;

/** The doctor behind Test Connection, as a function and on the command line. */
final class DoctorTest extends TestCase
{
    private const PSK = 'key <&> "quoted" 42';

    private int $server;
    private int $product;

    protected function setUp(): void
    {
        parent::setUp();
        $this->server = $this->whmcs->server($this->startRouter(['tls' => true, 'version' => '7.24', 'real-clock' => true]));
        $this->router->exec('/user/group/add', ['name' => 'sellers', 'policy' => 'read,write,api,rest-api,sensitive']);
        $this->router->exec('/user/set', ['numbers' => $this->router::USERNAME, 'group' => 'sellers']);
        $this->router->exec('/interface/l2tp-server/server/set', ['use-ipsec' => 'required', 'ipsec-secret' => self::PSK]);
        $this->product = $this->whmcs->product([18 => 'on', 19 => self::PSK]);
        $service = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server);
        self::assertSame('success', $this->whmcs->create($service));
    }

    public function testAHealthyServerIsOkInEveryCheck(): void
    {
        $report = \MikrotikVpn\doctor(['serverid' => $this->server]);
        self::assertSame('ok', $report['verdict'], $report['text']);
        $checks = array_unique(array_column($report['checks'], 'check'));
        self::assertContains('IPsec key', $checks);
        self::assertContains('Queues', $checks);
        self::assertGreaterThan(14, count($checks), implode(', ', $checks));
        self::assertStringNotContainsString(self::PSK, $report['text']);
    }

    public function testTestConnectionTellsTheFirstProblemWithItsRemedy(): void
    {
        $this->whmcs->settings($this->product, [2 => 'gold "24k"']);
        $answer = $this->whmcs->callForServer('TestConnection', $this->server);
        self::assertFalse($answer['success']);
        self::assertStringContainsString('"gold "24k"", which the router does not have', $answer['error']);
        self::assertStringContainsString('Run on the router: /ppp profile add name="gold \2224k\22"', $answer['error']);
    }

    public function testAWarningIsNoFailureOfTestConnection(): void
    {
        $this->router->exec('/user/set', ['numbers' => $this->router::USERNAME, 'group' => 'full']);
        $answer = $this->whmcs->callForServer('TestConnection', $this->server);
        self::assertSame(['success' => true, 'error' => ''], $answer);
        self::assertSame('warning', \MikrotikVpn\doctor(['serverid' => $this->server])['verdict']);
    }

    public function testAProductThatMayBeSoldOnTheServerIsExaminedBeforeItIsSold(): void
    {
        $group = $this->whmcs->fixtures->addServerGroup('VPN');
        $this->whmcs->fixtures->setServer($this->server, ['group' => $group]);
        $this->whmcs->product([2 => 'platinum'], ['name' => 'Platinum VPN', 'servergroup' => $group]);
        $report = \MikrotikVpn\doctor(['serverid' => $this->server]);
        self::assertSame('problem', $report['verdict']);
        self::assertStringContainsString('"Platinum VPN" uses the PPP profile "platinum"', $report['text']);
    }

    public function testNeitherKeyNorPasswordIsLogged(): void
    {
        $this->router->exec('/interface/l2tp-server/server/set', ['ipsec-secret' => 'router-side-key-9']);
        $report = \MikrotikVpn\doctor(['serverid' => $this->server]);
        self::assertSame('problem', $report['verdict']);
        $log = $this->whmcs->moduleLog();
        $entry = end($log);
        self::assertSame('doctor', $entry->action);
        foreach ([self::PSK, 'router-side-key-9', $this->router::PASSWORD] as $secret) {
            self::assertStringNotContainsString($secret, $entry->request . $entry->response . $report['text']);
        }
    }

    public function testTheCommandLinePrintsIt(): void
    {
        $healthy = $this->commandLine((string) $this->server);
        self::assertSame(0, $healthy->code(), $healthy->output() . $healthy->errors());
        self::assertStringContainsString('ok       Queues: Each of 1 accounts has its queue.', $healthy->output());
        $this->router->exec('/interface/l2tp-server/server/set', ['enabled' => 'no']);
        $sick = $this->commandLine((string) $this->server);
        self::assertSame(1, $sick->code());
        self::assertStringContainsString('problem  VPN servers: Products offer L2TP', $sick->output());
        self::assertSame(2, $this->commandLine('x')->code());
        $unknown = $this->commandLine('999999');
        self::assertSame(1, $unknown->code());
        self::assertStringContainsString('WHMCS has no server 999999', $unknown->output());
    }

    public function testTheCommandLineWritesAScriptForTheVersionAskedFor(): void
    {
        $this->whmcs->settings($this->product, [23 => 'openvpn = on']);
        $scripts = [];
        foreach (['7.16.2' => 'set enabled=yes', '7.24' => 'add name=mikrotikvpn', '' => 'add name=mikrotikvpn'] as $version => $openvpn) {
            $process = $this->commandLine((string) $this->server, '--script', (string) $version);
            self::assertSame(0, $process->code(), $process->errors());
            $scripts[] = $process->output();
            self::assertStringContainsString("/interface ovpn-server server $openvpn", end($scripts));
            self::assertStringContainsString('/ip firewall address-list add list=mikrotikvpn address=10.7.0.2-10.7.0.254', end($scripts));
        }
        preg_match('/^\/user add .* password=(\S+)$/m', $scripts[0], $first);
        preg_match('/^\/user add .* password=(\S+)$/m', $scripts[1], $second);
        self::assertSame(24, strlen($first[1]));
        self::assertNotSame($first[1], $second[1], 'made anew for each script');
        $log = json_encode($this->whmcs->moduleLog()) . json_encode($this->whmcs->activityLog());
        self::assertStringNotContainsString($first[1], $log);
        self::assertStringNotContainsString('quoted', $log, 'the IPsec key');
        self::assertSame(2, $this->commandLine((string) $this->server, '--script', 'seven')->code());
    }

    /** PHP knows a file by its real place, and that is not in WHMCS then. */
    public function testALinkedModuleFolderFindsItsWhmcs(): void
    {
        $root = dirname($this->whmcs->script('doctor.php'), 4);
        $elsewhere = "$root-shared";
        rename("$root/modules/servers/mikrotikvpn", $elsewhere);
        symlink($elsewhere, "$root/modules/servers/mikrotikvpn");
        try {
            $called = [[$this->whmcs->script('doctor.php'), []], ["$elsewhere/doctor.php", ['--whmcs', $root]]];
            foreach ($called as [$script, $arguments]) {
                $found = $this->doctor($script, (string) $this->server, ...$arguments);
                self::assertSame(0, $found->code(), $found->errors());
                self::assertStringContainsString('Each of 1 accounts has its queue.', $found->output());
            }
            $command = 'cd ' . escapeshellarg($root) . " && exec \"\$0\" \"\$@\"";
            $inside = new Process(['sh', '-c', $command, PHP_BINARY, '-d', 'extension=' . Build::library(), "$elsewhere/doctor.php", (string) $this->server], $this->environment());
            self::assertSame(0, $inside->code(), $inside->errors());
            foreach ([[], ['--whmcs', "$root/modules"]] as $arguments) {
                $lost = $this->doctor("$elsewhere/doctor.php", (string) $this->server, ...$arguments);
                self::assertSame(2, $lost->code());
                self::assertStringContainsString('There is no WHMCS (init.php) in ', $lost->errors());
                self::assertStringContainsString('--whmcs DIR', $lost->errors());
            }
        } finally {
            unlink("$root/modules/servers/mikrotikvpn");
            rename($elsewhere, "$root/modules/servers/mikrotikvpn");
        }
    }

    public function testTheCommandLineScriptDoesNothingOnTheWeb(): void
    {
        $fpm = new Fpm(1);
        try {
            $answer = $fpm->request($this->whmcs->script('doctor.php'), ['1' => (string) $this->server])->output();
        } finally {
            $fpm->stop();
        }
        [, $body] = explode("\r\n\r\n", $answer, 2) + [1 => ''];
        self::assertSame('This file cannot be accessed directly', $body);
    }

    private function commandLine(string ...$arguments): Process
    {
        return $this->doctor($this->whmcs->script('doctor.php'), ...$arguments);
    }

    private function doctor(string $script, string ...$arguments): Process
    {
        return Process::same([$script, ...$arguments], $this->environment());
    }

    /** @return array<string, string> */
    private function environment(): array
    {
        return ['WHMCS_MODULES' => Build::root() . '/modules/servers'];
    }
}

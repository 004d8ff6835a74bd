<?php

declare(strict_types=1);

namespace WhmcsStandIn\Tests;

use WhmcsStandIn\Testing\TestHome;

/** The command line: one JSON document, clear errors, exit codes, many processes at once. */
final class CommandLineTest extends HostTestCase
{
    public function testAScenarioFromTheCommandLine(): void
    {
        self::assertSame(1, $this->cli('server', 'add', '--module', 'samplevpn', '--ip', '192.0.2.1', '--password', 'secret', '--assigned-ips', '10.0.0.1,10.0.0.2')[1]['server']);
        self::assertSame(1, $this->cli('product', 'add', '--name', 'VPN', '--module', 'samplevpn', '--option', '1=gold', '--configurable', 'speed|Speed:dropdown:10|Ten,20|Twenty')[1]['product']);
        self::assertSame(1, $this->cli('client', 'add', '--email', 'a@example.test')[1]['client']);
        self::assertSame(1, $this->cli('service', 'add', '--client', '1', '--product', '1', '--username', 'ann', '--config', 'speed=20')[1]['service']);
        [$code, $answer] = $this->cli('run', 'CreateAccount', '--service', '1');
        self::assertSame([0, 'success', 'Pending', 'Active'], [$code, $answer['returned'], $answer['status_before'], $answer['status_after']]);
        [$code, $answer, $error] = $this->cli('run', 'TestConnection', '--module', 'samplevpn', '--form', 'ipaddress=192.0.2.1', 'password=wrong');
        self::assertSame([1, false], [$code, $answer['returned']['success']]);
        self::assertStringContainsString('does not know this password', $error);
        self::assertSame(['basic' => 'Basic', 'gold' => 'Gold'], $this->cli('loader', '1', 'plan')[1]['values']);
        [$code, $answer, $error] = $this->cli('button', 'ResetConnection', '--service', '1', '--as', 'client');
        self::assertSame(1, $code);
        self::assertStringContainsString('not allowed for the client', $error);
        self::assertSame(['user' => 'ann', 'online' => true], $this->cli('button', 'StatusJson', '--service', '1', '--as', 'client')[1]['direct_json']);
    }

    public function testErrorsAreOneSentenceAndACode(): void
    {
        self::assertSame([2, 'whmcs: There is no command \'fly\'; see `whmcs --help`.'], [$this->cli('fly')[0], $this->cli('fly')[2]]);
        self::assertSame([1, 'whmcs: There is no service 9.'], [$this->cli('run', 'CreateAccount', '--service', '9')[0], $this->cli('run', 'CreateAccount', '--service', '9')[2]]);
        self::assertSame(2, $this->cli('server', 'list', '--nonsense', '1')[0]);
    }

    public function testAToleratedViolationIsToldAndDoesNotFail(): void
    {
        $ids = $this->scenario('misbehaving', [], [1 => 'echo']);
        [$code, $answer] = $this->cli('--tolerate', 'output', 'run', 'CreateAccount', '--service', (string) $ids['service']);
        self::assertSame([0, 'Active', true], [$code, $answer['status_after'], $answer['violations'][0]['tolerated']]);
    }

    public function testManyProcessesAtOnceDoNotDisturbEachOther(): void
    {
        $ids = $this->scenario('samplevpn');
        $this->fixtures->addServices(['userid' => $ids['client'], 'packageid' => $ids['product'], 'username' => 'vpn{n}'], 7);
        $processes = [];
        for ($service = 1; $service <= 8; $service++) {
            $command = [dirname(__DIR__) . '/whmcs', '--home', TestHome::home()->path, '--modules', $this->modules(), 'run', 'CreateAccount', '--service', (string) $service];
            $processes[] = proc_open($command, [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes);
        }
        self::assertSame(array_fill(0, 8, 0), array_map('proc_close', $processes));
        self::assertSame(8, \WHMCS\Database\Capsule::table('tblhosting')->where('domainstatus', 'Active')->count());
        self::assertSame(1, \WHMCS\Database\Capsule::table('tblcustomfields')->where('fieldname', 'remoteId|Remote id')->count());
    }

    public function testServicesAreMadeInBulk(): void
    {
        $ids = $this->scenario('samplevpn');
        $answer = $this->cli('service', 'add', '--client', (string) $ids['client'], '--product', (string) $ids['product'], '--count', '2500', '--username-pattern', 'vpn{n}', '--password', 'x')[1];
        self::assertSame(2500, $answer['count']);
        self::assertSame('vpn2500', $this->service($answer['last'])->username);
    }
}

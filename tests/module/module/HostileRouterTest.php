<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Deadline;
use MikrotikVpn\Tests\Process;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;

/** What a router says reaches logs, pages and PHP short, printable and without the login it repeats. */
final class HostileRouterTest extends TestCase
{
    private ?Process $hostile = null;

    protected function tearDown(): void
    {
        $this->hostile?->kill();
        parent::tearDown();
    }

    public function testARefusalWithANulIsTheModulesExceptionInPrintableWords(): void
    {
        $server = $this->refusing('no\u0000NUL\u001b[2J<script>alert(1)</script>');
        $params = ['serverid' => $server, 'serverip' => '127.0.0.1', 'serverport' => $this->port($server)];
        $params += ['serverusername' => 'whmcs', 'serverpassword' => 'secret-9', 'serveraccesshash' => 'transport = rest'];
        try {
            \MikrotikVpn\loadProfiles($params);
            self::fail('A router that refuses gave profiles.');
        } catch (\MikrotikVpn\Exception $exception) {
            self::assertStringContainsString('no NUL', $exception->getMessage());
            self::assertDoesNotMatchRegularExpression('/[\x00-\x1f\x7f<]/', $exception->getMessage());
        }
    }

    public function testTheLoginARouterRepeatsIsInNoLogAndNoAnswer(): void
    {
        $password = 'p&ss "42" /ü';
        $forms = array_map(static fn (string $form): string => trim((string) json_encode($form), '"'), [
            $password, rawurlencode($password), base64_encode($password), bin2hex($password),
        ]);
        $server = $this->refusing('You said {authorization} or ' . implode(' or ', $forms), ['password' => $password]);
        $before = count($this->whmcs->moduleLog());
        $answer = (array) $this->whmcs->callForServer('TestConnection', $server);
        self::assertFalse($answer['success']);
        $said = $answer['error'] . json_encode(array_slice($this->whmcs->moduleLog(), $before), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
        self::assertStringContainsString('You said Basic ***', $said);
        foreach ([$password, base64_encode("whmcs:$password"), rawurlencode($password), base64_encode($password), bin2hex($password)] as $form) {
            self::assertStringNotContainsString(rtrim($form, '='), $said);
        }
    }

    /** A server whose router refuses everything with this text. @param array<string, mixed> $columns of tblservers */
    private function refusing(string $text, array $columns = []): int
    {
        $this->hostile = new Process([PHP_BINARY, '-n', dirname(__DIR__) . '/scripts/flood.php', $text, '0'], [], true);
        $port = (int) Deadline::await('The port of the hostile router', fn () => trim($this->hostile->outputSoFar()));
        $columns += ['hostname' => '127.0.0.1', 'port' => $port, 'username' => 'whmcs', 'accesshash' => 'transport = rest'];
        return $this->whmcs->fixtures->addServer(['type' => 'mikrotikvpn', 'name' => 'Hostile'] + $columns);
    }

    private function port(int $server): int
    {
        return (int) Capsule::table('tblservers')->where('id', $server)->value('port');
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Hooks;

use MikrotikVpn\Test;
use MikrotikVpn\Tests\Process;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;

/** Mail, logs, encryption and time zone through WHMCS's own functions. */
final class HostTest extends TestCase
{
    /** Quotes, slashes and markup: each is written differently in JSON, HTML and URLs. */
    private const PASSWORD = 'p"a/s\\s<w>&o\'rd +%ключ';

    public function testMailReachesTheTemplateWithItsFields(): void
    {
        $service = $this->someService();
        $this->whmcs->fixtures->addEmailTemplate('VPN notice', 'Left: {$traffic_left}', '<p>{$account_name}</p>');
        Test\sendMail('VPN notice', $service, ['traffic_left' => '3 GB', 'account_name' => "O'Neil \u{1F600}"]);
        $mail = $this->lastMail();
        self::assertSame(['VPN notice', $service, 'Left: 3 GB'], [$mail->template, (int) $mail->relid, $mail->subject]);
        self::assertStringContainsString("O'Neil \u{1F600}", $mail->message);
    }

    public function testMailThatWhmcsRefusesSaysWhich(): void
    {
        $this->expectExceptionMessageMatches('/^WHMCS could not send the e-mail "No such template": .*not found.*\.$/');
        Test\sendMail('No such template', 1, []);
    }

    public function testNoFormOfASecretReachesTheModuleLog(): void
    {
        $forms = implode(' ', [
            self::PASSWORD,
            json_encode(self::PASSWORD, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES),
            htmlspecialchars(self::PASSWORD, ENT_QUOTES),
            rawurlencode(self::PASSWORD),
        ]);
        Test\logCall('create', "request $forms", "reply $forms", [self::PASSWORD, '']);
        $log = $this->lastLog();
        self::assertSame(['mikrotikvpn', 'create'], [$log->module, $log->action]);
        self::assertStringStartsWith('request ', $log->request);
        foreach (['p"a', 'p\\"a', 'p&quot;a', 'p%22a'] as $beginning) {
            self::assertStringNotContainsString($beginning, $log->request . $log->response);
        }
    }

    public function testASecretInsideALongerOneLeavesNoRest(): void
    {
        Test\logCall('create', 'a secret-and-more b', '', ['secret', 'secret-and-more']);
        self::assertStringNotContainsString('more', $this->lastLog()->request);
    }

    public function testALogWithoutSecretsIsKeptAsItIs(): void
    {
        Test\logCall('create', 'request ***', 'reply', []);
        self::assertSame(['request ***', 'reply'], [$this->lastLog()->request, $this->lastLog()->response]);
    }

    public function testActivityIsLoggedForItsClient(): void
    {
        Test\logActivity('collection failed', 42);
        Test\logActivity('no client', 0);
        $clients = Capsule::table('tblactivitylog')->orderByDesc('id')->limit(2)->pluck('userid', 'description');
        self::assertEquals(['no client' => 0, 'collection failed' => 42], $clients->all());
    }

    public function testALogThatThrowsDoesNotFailTheWork(): void
    {
        self::assertSame(['done', 'done'], $this->inAWhmcsOf('
            function logActivity() { throw new RuntimeException("a hook of somebody else"); }
            function logModuleCall() { throw new TypeError("a hook of somebody else"); }', [
            'MikrotikVpn\Test\logActivity("x", 1)',
            'MikrotikVpn\Test\logCall("x", "y", "z", ["secret"])',
        ]));
    }

    public function testSecretsSurviveWhmcsEncryption(): void
    {
        $stored = Test\encrypt(self::PASSWORD);
        self::assertNotSame(self::PASSWORD, $stored);
        self::assertSame(self::PASSWORD, decrypt($stored));
        self::assertSame(self::PASSWORD, Test\decrypt($stored));
        self::assertSame('', Test\decrypt(''));
    }

    public function testTheTimeZoneIsThatOfPhp(): void
    {
        $before = date_default_timezone_get();
        try {
            date_default_timezone_set('America/New_York');
            self::assertSame('America/New_York', Test\timeZone());
        } finally {
            date_default_timezone_set($before);
        }
    }

    public function testAnExceptionInsideWhmcsBecomesItsSentence(): void
    {
        self::assertSame([
            'WHMCS could not send the e-mail "Notice": a hook said no.',
            'WHMCS could not encrypt a password: LogicException.',
            'WHMCS could not decrypt a password: no text came back.',
        ], $this->inAWhmcsOf('
            function localAPI() { throw new DomainException("a hook said no."); }
            function encrypt() { throw new LogicException(); }
            function decrypt() { return null; }', [
            'MikrotikVpn\Test\sendMail("Notice", 1, [])',
            'MikrotikVpn\Test\encrypt("x")',
            'MikrotikVpn\Test\decrypt("x")',
        ]));
    }

    public function testADestructorThatThrowsLeavesNothingPending(): void
    {
        self::assertSame(['WHMCS could not encrypt a password: first.', 'done'], $this->inAWhmcsOf('
            class Angry { function __destruct() { throw new Exception("second"); } }
            class Carrier extends Exception {
                public $angry;
                function __construct() { parent::__construct("first"); $this->angry = new Angry(); }
            }
            function encrypt() { throw new Carrier(); }
            function logActivity() { }', [
            'MikrotikVpn\Test\encrypt("x")',
            'MikrotikVpn\Test\logActivity("x", 1)',
        ]));
    }

    public function testExitInsideWhmcsEndsTheScript(): void
    {
        $script = $this->temporaryFile('<?php
            function logActivity($text) { echo "logged"; exit(3); }
            MikrotikVpn\Test\logActivity("x", 0);
            echo "still running";');
        $process = Process::same([$script]);
        self::assertSame(['logged', 3], [$process->output(), $process->code()]);
    }

    public function testAFatalErrorInsideWhmcsEndsTheScriptInAnOrderlyWay(): void
    {
        $script = $this->temporaryFile('<?php
            ini_set("memory_limit", "16M");
            function logActivity($text) { $text === "big" && str_repeat("x", 1 << 30); }
            register_shutdown_function(function () {
                MikrotikVpn\Test\logActivity("small", 0);
                echo "after: ", MikrotikVpn\Test\params(["a" => "b"], ["a"])[0][0];
            });
            MikrotikVpn\Test\logActivity("big", 0);
            echo "still running";');
        $process = Process::same(['-d', 'display_errors=stderr', '-d', 'log_errors=0', $script]);
        self::assertSame(['after: b', 255], [$process->output(), $process->code()], 'a signal would be above');
        self::assertStringContainsString('Allowed memory size', $process->errors());
    }

    public function testOutsideOfWhmcsEveryCallSaysSo(): void
    {
        $said = $this->inAWhmcsOf('', [
            'MikrotikVpn\Test\query("SELECT 1", [])',
            'MikrotikVpn\Test\begin()',
            'MikrotikVpn\Test\sendMail("x", 1, [])',
            'MikrotikVpn\Test\encrypt("x")',
            'MikrotikVpn\Test\logActivity("x", 1)',
            'MikrotikVpn\Test\logCall("x", "y", "z", [])',
        ]);
        foreach (array_splice($said, 0, 4) as $sentence) {
            self::assertStringContainsString('works only inside WHMCS', $sentence);
        }
        self::assertSame(['done', 'done'], $said);
    }

    /**
     * What each call says in a PHP where WHMCS is no more than `$functions`: "done" or the message.
     *
     * @param list<string> $calls
     * @return list<string>
     */
    private function inAWhmcsOf(string $functions, array $calls): array
    {
        $code = "<?php $functions\n";
        foreach ($calls as $call) {
            $code .= "try { $call; \$said[] = 'done'; }\n"
                . "catch (Throwable \$error) { \$said[] = \$error->getMessage(); }\n";
        }
        return Process::same([$this->temporaryFile("$code echo json_encode(\$said);")])->json();
    }

    private function someService(): int
    {
        $product = $this->whmcs->fixtures->addProduct(['name' => 'Plain']);
        return $this->whmcs->service($this->whmcs->client(), $product, 0);
    }

    private function lastMail(): object
    {
        $mails = $this->whmcs->mails();
        return end($mails);
    }

    private function lastLog(): object
    {
        $log = $this->whmcs->moduleLog();
        return end($log);
    }
}

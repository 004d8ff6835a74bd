<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;

/** Whatever is wrong, Create says in one sentence what to do, and leaves nothing behind. */
final class AccountErrorsTest extends TestCase
{
    private int $server;
    private int $product;
    private int $service;

    protected function setUp(): void
    {
        parent::setUp();
        $this->server = $this->whmcs->server($this->startRouter());
        $this->product = $this->whmcs->product([4 => '20', 5 => '5']);
        $this->service = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server);
    }

    public function testAProductAddonIsRefused(): void
    {
        $this->assertRefused('addon', $this->whmcs->run('CreateAccount', $this->service, ['addonId' => 5]));
    }

    public function testAServiceWithoutServerIsRefused(): void
    {
        Capsule::table('tblhosting')->where('id', $this->service)->update(['server' => 0]);
        $this->assertRefused('no server', $this->whmcs->create($this->service));
    }

    /** @return array<string, array{string}> */
    public static function commandsThatNeedAName(): array
    {
        return ['suspend' => ['suspend'], 'reset' => ['resetConnection']];
    }

    /** @dataProvider commandsThatNeedAName */
    #[\PHPUnit\Framework\Attributes\DataProvider('commandsThatNeedAName')]
    public function testAMissingUsernameIsNamed(string $command): void
    {
        Capsule::table('tblhosting')->where('id', $this->service)->update(['username' => '', 'domainstatus' => 'Active']);
        $this->assertRefused('no username', $this->whmcs->$command($this->service));
    }

    public function testACommandBeforeCreateSaysSo(): void
    {
        foreach (['unsuspend', 'changePackage'] as $command) {
            $this->assertRefused('Run Create first', $this->whmcs->$command($this->service));
        }
    }

    /** @return array<string, array{array<int, string>, string}> */
    public static function unreadableSettings(): array
    {
        return [
            'speed' => [[4 => 'fast'], 'Download speed'],
            'quota' => [[6 => 'a lot'], 'Traffic, one time and monthly'],
            'advanced' => [[23 => 'colour = red'], 'colour'],
            'username rule' => [[21 => '{nonsense}'], 'Username rule'],
            'password rule' => [[22 => 'long'], 'Password rule'],
        ];
    }

    /** @dataProvider unreadableSettings */
    #[\PHPUnit\Framework\Attributes\DataProvider('unreadableSettings')]
    public function testAnUnreadableSettingIsNamed(array $settings, string $words): void
    {
        $this->whmcs->settings($this->product, $settings);
        $this->assertRefused($words, $this->whmcs->create($this->service));
    }

    public function testATypoInTheProductKeepsNobodyOnline(): void
    {
        self::assertSame('success', $this->whmcs->create($this->service));
        $name = $this->whmcs->row($this->service)->username;
        $this->whmcs->settings($this->product, [4 => 'fast', 23 => 'cap = slow 1']);
        self::assertSame('success', $this->whmcs->suspend($this->service));
        self::assertSame('true', $this->router->rows('/ppp/secret', $name)[0]['disabled']);
        self::assertSame('success', $this->whmcs->resetConnection($this->service));
        self::assertStringContainsString('"Advanced" holds "cap = slow 1"', $this->whmcs->changePackage($this->service));
        self::assertSame('success', $this->whmcs->terminate($this->service));
        self::assertSame([], $this->router->rows('/ppp/secret', $name));
    }

    public function testAnUnknownAccessHashKeyIsNamed(): void
    {
        Capsule::table('tblservers')->where('id', $this->server)->update(['accesshash' => 'tls-verify = off']);
        $this->assertRefused('tls-verify', $this->whmcs->create($this->service));
    }

    public function testAnEmptyPoolIsNamed(): void
    {
        Capsule::table('tblservers')->where('id', $this->server)->update(['assignedips' => '']);
        $this->router->resetStats();
        $this->assertRefused('Assigned IP Addresses', $this->whmcs->create($this->service));
        self::assertSame([], $this->router->requests(), 'before the router is touched');
    }

    public function testAUsedUpPoolIsNamed(): void
    {
        Capsule::table('tblservers')->where('id', $this->server)->update(['assignedips' => '10.7.0.2']);
        self::assertSame('success', $this->whmcs->create($this->service));
        $second = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server);
        $before = $this->router->state();
        $answer = $this->whmcs->create($second);
        self::assertStringContainsString('in use', $answer);
        self::assertEquals($before['/ppp/secret'], $this->router->state()['/ppp/secret']);
    }

    public function testAForeignSecretWithOurNameIsNamed(): void
    {
        Capsule::table('tblhosting')->where('id', $this->service)->update(['username' => 'taken']);
        $this->router->exec('/ppp/secret/add', ['name' => 'taken', 'password' => 'x', 'comment' => 'the boss']);
        $answer = $this->whmcs->create($this->service);
        $this->assertRefused('the boss', $answer, 1);
        self::assertStringContainsString('"taken"', $answer);
    }

    public function testAForeignQueueWithOurNameIsNamed(): void
    {
        Capsule::table('tblhosting')->where('id', $this->service)->update(['username' => 'counted']);
        $this->router->exec('/queue/simple/add', ['name' => 'counted', 'target' => '192.0.2.9']);
        $answer = $this->whmcs->create($this->service);
        self::assertStringContainsString('simple queue "counted"', $answer);
        self::assertSame([], $this->router->rows('/ppp/secret'));
    }

    public function testANameOfAnotherServiceIsRefused(): void
    {
        Capsule::table('tblhosting')->where('id', $this->service)->update(['username' => 'twin']);
        self::assertSame('success', $this->whmcs->create($this->service));
        $values = ['username' => 'twin'];
        $second = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server, $values);
        self::assertStringContainsString("service {$this->service}", $this->whmcs->create($second));
        self::assertCount(1, $this->router->rows('/ppp/secret'));
    }

    public function testAnUnreachableRouterIsNamed(): void
    {
        $this->router->fault(['effect' => ['kind' => 'refuse']]);
        $answer = $this->whmcs->create($this->service);
        $this->router->clearFaults();
        $this->assertRefused('cannot be reached', $answer);
    }

    public function testAWrongPasswordIsNamed(): void
    {
        Capsule::table('tblservers')->where('id', $this->server)->update(['password' => encrypt('wrong')]);
        $this->assertRefused('login', $this->whmcs->create($this->service));
    }

    public function testAMissingPolicyIsNamed(): void
    {
        $this->router->exec('/user/group/add', ['name' => 'readers', 'policy' => 'read,rest-api,api']);
        $this->router->exec('/user/add', ['name' => 'reader', 'password' => 'p', 'group' => 'readers']);
        $columns = ['username' => 'reader', 'password' => encrypt('p')];
        Capsule::table('tblservers')->where('id', $this->server)->update($columns);
        $this->assertRefused('polic', $this->whmcs->create($this->service));
        $test = $this->whmcs->callForServer('TestConnection', $this->server);
        self::assertFalse($test['success']);
        self::assertStringContainsString('write', $test['error']);
    }

    public function testAnUnknownProfileIsNamed(): void
    {
        $this->whmcs->settings($this->product, [2 => 'gold']);
        $this->assertRefused('profile', $this->whmcs->create($this->service));
    }

    public function testARouterWithoutRestIsToldApart(): void
    {
        $this->router->fault(['effect' => ['kind' => 'reply', 'status' => 200, 'body' => '<html>WebFig</html>']]);
        $answer = $this->whmcs->create($this->service);
        $this->router->clearFaults();
        $this->assertRefused('', $answer);
        self::assertStringNotContainsString('<html>', $answer);
    }

    /** One sentence or two, no secret, and router and WHMCS as before. */
    private function assertRefused(string $words, string $answer, int $secrets = 0): void
    {
        self::assertNotSame('success', $answer);
        self::assertStringContainsString($words, $answer);
        self::assertStringEndsWith('.', $answer);
        self::assertStringNotContainsString('p&ss', $answer);
        self::assertCount($secrets, $this->router->rows('/ppp/secret'));
        self::assertSame([], $this->router->rows('/queue/simple'));
        self::assertSame('', $this->whmcs->row($this->service)->dedicatedip);
        $schema = Capsule::schema();
        $claimed = $schema->hasTable('mod_mikrotikvpn_accounts')
            ? Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->count()
            : 0;
        self::assertSame(0, $claimed, 'nothing stays claimed');
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\TestCase;

/**
 * The plain life of an account, as an admin and a client see it.
 *
 * @group version
 */
#[\PHPUnit\Framework\Attributes\Group('version')]
final class LifecycleTest extends TestCase
{
    private int $service;

    protected function setUp(): void
    {
        parent::setUp();
        $server = $this->whmcs->server($this->startRouter());
        $this->service = $this->whmcs->service($this->whmcs->client(), $this->whmcs->product(), $server);
    }

    public function testAnOrderBecomesASecretAndAQueue(): void
    {
        self::assertSame('success', $this->whmcs->create($this->service));
        $row = $this->whmcs->row($this->service);
        self::assertSame('Active', $row->domainstatus);
        [$secret] = $this->router->rows('/ppp/secret', $row->username);
        self::assertStringContainsString("whmcs:{$this->service}", $secret['comment']);
        self::assertSame($row->dedicatedip, $secret['remote-address']);
        $this->router->connect($row->username, ['password' => $row->password]);
        self::assertCount(1, $this->router->rows('/ppp/active', $row->username));
    }

    public function testSuspensionEndsTheSessionAndLastsUntilUnsuspension(): void
    {
        self::assertSame('success', $this->whmcs->create($this->service));
        $name = $this->whmcs->row($this->service)->username;
        $this->router->connect($name);
        self::assertSame('success', $this->whmcs->suspend($this->service));
        self::assertSame([], $this->router->rows('/ppp/active', $name));
        self::assertSame('true', $this->router->rows('/ppp/secret', $name)[0]['disabled']);
        self::assertSame('success', $this->whmcs->unsuspend($this->service));
        self::assertSame('false', $this->router->rows('/ppp/secret', $name)[0]['disabled']);
    }

    public function testTerminationLeavesNothingOnTheRouterAndMayBeRepeated(): void
    {
        self::assertSame('success', $this->whmcs->create($this->service));
        $name = $this->whmcs->row($this->service)->username;
        self::assertSame('success', $this->whmcs->terminate($this->service));
        self::assertSame([], $this->router->rows('/ppp/secret', $name));
        self::assertSame('success', $this->whmcs->terminate($this->service));
    }

    public function testANewPasswordWorksAtOnce(): void
    {
        self::assertSame('success', $this->whmcs->create($this->service));
        self::assertSame('success', $this->whmcs->changePassword($this->service, 'New-pass.42'));
        $row = $this->whmcs->row($this->service);
        self::assertSame('New-pass.42', $row->password);
        $this->router->connect($row->username, ['password' => 'New-pass.42']);
        self::assertCount(1, $this->router->rows('/ppp/active', $row->username));
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Router;
use MikrotikVpn\Tests\TestCase;

/** The way from WHMCS's server form to a router and back. */
final class RouterTest extends TestCase
{
    /** @return array<string, array{bool}> */
    public static function transports(): array
    {
        return ['plain' => [false], 'TLS by pin' => [true]];
    }

    /** @dataProvider transports */
    #[\PHPUnit\Framework\Attributes\DataProvider('transports')]
    public function testTestConnectionReachesTheRouter(bool $tls): void
    {
        $server = $this->whmcs->server($this->startRouter(['tls' => $tls]));
        self::assertSame(['success' => true, 'error' => ''], $this->whmcs->callForServer('TestConnection', $server));
        $method = ['rest' => 'POST', 'api' => 'API'][Router::transport()];
        self::assertSame([$method], array_values(array_unique(array_column($this->router->requests(), 'method'))));
    }

    public function testAWrongPasswordIsASentenceWithoutIt(): void
    {
        $this->startRouter();
        $answer = \MikrotikVpn\testConnection(['serverpassword' => 'wrong-hunter2'] + $this->router->formParams());
        self::assertFalse($answer['success']);
        self::assertStringContainsString('refused the login', $answer['error']);
        $log = $this->whmcs->moduleLog();
        self::assertStringNotContainsString('hunter2', json_encode(end($log)) . $answer['error']);
    }

    public function testNoPasswordReachesTheModuleLog(): void
    {
        $server = $this->whmcs->server($this->startRouter());
        $this->whmcs->callForServer('TestConnection', $server);
        $log = $this->whmcs->moduleLog();
        $entry = end($log);
        self::assertSame('TestConnection', $entry->action);
        self::assertStringNotContainsString('p&ss', $entry->request . $entry->response);
    }

    public function testTheProfilesAreTheRouters(): void
    {
        $this->startRouter();
        $this->router->exec('/ppp/profile/add', ['name' => 'gold "24k"']);
        $profiles = \MikrotikVpn\loadProfiles($this->router->formParams());
        self::assertSame('gold "24k"', $profiles['gold "24k"']);
        self::assertArrayHasKey('default', $profiles);
    }
}

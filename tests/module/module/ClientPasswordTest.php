<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;
use MikrotikVpn\Tests\Website;
use WHMCS\Database\Capsule;

/** The client area's form "Change password": what a customer may choose, and what he reads otherwise. */
final class ClientPasswordTest extends LedgerTestCase
{
    private const LOGIN = 'letmein';

    private Website $website;

    protected function setUp(): void
    {
        parent::setUp();
        $this->create();
        $client = $this->whmcs->client(['password' => self::LOGIN, 'language' => 'german']);
        Capsule::table('tblhosting')->where('id', $this->service)->update(['userid' => $client]);
        $this->website = new Website($this->whmcs);
        $this->website->login((string) Capsule::table('tblclients')->where('id', $client)->value('email'), self::LOGIN);
    }

    protected function tearDown(): void
    {
        $this->website->stop();
        parent::tearDown();
    }

    public function testEightTo64PrintableCharactersAreTakenAndAnythingElseIsToldInTheCustomersLanguage(): void
    {
        $before = [$this->whmcs->row($this->service)->password, $this->secret()];
        $unfit = [
            'a', '1234567', str_repeat('x', 65), str_repeat('x', 300), str_repeat('x', 5_000), 'пароль мой', "12345\r\n678",
            "12345\0678", 'geheimä12', 'secret&copy;word',
        ];
        foreach ($unfit as $password) {
            $page = $this->change($password);
            self::assertStringContainsString('Bitte wählen Sie ein Passwort mit 8 bis 64 Zeichen', $page, substr($password, 0, 20));
        }
        self::assertSame($before, [$this->whmcs->row($this->service)->password, $this->secret()]);
        foreach (['12345678', str_repeat('x', 64), 'correct horse & "battery"'] as $password) {
            self::assertStringNotContainsString('Bitte wählen Sie', $this->change($password));
            self::assertSame($password, $this->whmcs->row($this->service)->password);
            $this->router->connect($this->username(), ['password' => $password]);
        }
    }

    public function testTheProductSaysHowShortItMayBe(): void
    {
        $this->whmcs->settings($this->product, [23 => 'password-min = 12']);
        self::assertStringContainsString('ein Passwort mit 12 bis 64 Zeichen', $this->change('12345678901'));
        self::assertStringNotContainsString('Bitte wählen Sie', $this->change('123456789012'));
        self::assertSame('123456789012', $this->whmcs->row($this->service)->password);
    }

    /** Sends the form of the service's page; the page that comes back, as text. */
    private function change(string $password): string
    {
        $path = "clientarea.php?action=productdetails&id={$this->service}";
        preg_match('/name="token" value="(\w+)"/', $this->website->get($path)['body'], $token);
        $form = ['id' => (string) $this->service, 'modulechangepassword' => 'true', 'newpw' => $password, 'confirmpw' => $password];
        $answer = $this->website->get($path, $form + ['token' => $token[1] ?? '']);
        self::assertSame(200, $answer['status']);
        return html_entity_decode($answer['body']);
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Fpm;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;
use WhmcsStandIn\Lifecycle;

/** Whom the module believes, and that a PHP process which has been believed once need not ask again. */
final class TlsTest extends TestCase
{
    private const OTHER_PIN = 'sha256:abababababababababababababababababababababababababababababababab';
    private const SUCCESS = ['success' => true, 'error' => ''];

    private int $server;
    private int $service;

    protected function setUp(): void
    {
        parent::setUp();
        $this->server = $this->whmcs->server($this->startRouter(['tls' => true, 'tls-certificate' => 'self-signed']));
        $this->service = $this->whmcs->service($this->whmcs->client(), $this->whmcs->product(), $this->server);
    }

    public function testOnlyTheFirstCallOfAProcessMakesAFullHandshake(): void
    {
        self::assertSame(self::SUCCESS, \MikrotikVpn\testConnection($this->router->formParams()));
        // Test Connection goes the way once without saying anything, and hangs up before it is given a session.
        self::assertSame([2, 0], $this->handshakes());
        self::assertSame(self::SUCCESS, \MikrotikVpn\testConnection($this->router->formParams()));
        self::assertSame([2, 2], $this->handshakes());
        foreach (['create', 'suspend', 'unsuspend', 'changePackage', 'terminate'] as $command) {
            self::assertSame('success', $this->whmcs->$command($this->service), $command);
        }
        self::assertSame('success', $this->whmcs->collect($this->server));
        [$full, $resumed] = $this->handshakes();
        self::assertSame(2, $full);
        self::assertGreaterThanOrEqual(8, $resumed, 'a call has a connection of its own');
    }

    public function testAnotherPinDropsTheSessionAndIsRefusedWithBothFingerprints(): void
    {
        $params = $this->router->formParams();
        self::assertSame(self::SUCCESS, \MikrotikVpn\testConnection($params));
        $other = str_replace($this->router->pin(), self::OTHER_PIN, $params['serveraccesshash']);
        $answer = \MikrotikVpn\testConnection(['serveraccesshash' => $other] + $params);
        self::assertFalse($answer['success']);
        self::assertStringContainsString('expected ' . self::OTHER_PIN, $answer['error']);
        self::assertStringContainsString("seen {$this->router->pin()}", $answer['error']);
        self::assertSame(self::SUCCESS, \MikrotikVpn\testConnection($params));
        [$full, $resumed] = $this->handshakes();
        self::assertSame([4, 0], [$full, $resumed], 'the session of before was dropped');
    }

    public function testTheFailureOfTestConnectionHoldsAllThatIsNeededToTrustTheRouter(): void
    {
        $params = $this->router->formParams();
        $unpinned = str_replace("tls-pin = {$this->router->pin()}", '', $params['serveraccesshash']);
        $answer = \MikrotikVpn\testConnection(['serveraccesshash' => $unpinned] + $params);
        self::assertFalse($answer['success']);
        foreach (['made out to CN=MyRouter', 'issued by itself', 'valid from', "tls-pin = {$this->router->pin()}"] as $part) {
            self::assertStringContainsString($part, $answer['error']);
        }
        preg_match('/tls-pin = sha256:[0-9a-f]{64}/', $answer['error'], $line);
        $pasted = ['serveraccesshash' => "$unpinned\n$line[0]"] + $params;
        self::assertSame(self::SUCCESS, \MikrotikVpn\testConnection($pasted), 'the very line it names');
    }

    public function testAChangedCertificateIsRefusedByEverythingWithBothFingerprints(): void
    {
        self::assertSame('success', $this->whmcs->create($this->service));
        $before = [$this->router->rows('/ppp/secret'), $this->router->rows('/queue/simple')];
        $old = $this->router->pin();
        $this->router->changeCertificate();
        $this->router->resetStats();
        $answers = [];
        foreach (['create', 'suspend', 'terminate', 'changePackage', 'resetConnection'] as $command) {
            $answers[$command] = $this->whmcs->$command($this->service);
        }
        $answers['changePassword'] = $this->whmcs->changePassword($this->service, 'New-pass.42');
        $answers['unsuspend'] = $this->whmcs->unsuspend($this->service);
        $answers['collect'] = $this->whmcs->collect($this->server);
        $lifecycle = new Lifecycle($this->whmcs->installation);
        $answers['collectNow'] = $lifecycle->custom('collectNow', $this->service, 'admin')->text();
        $answers['TestConnection'] = $this->whmcs->callForServer('TestConnection', $this->server)['error'];
        $fields = (array) $this->whmcs->callForService('AdminServicesTabFields', $this->service);
        $answers['AdminServicesTabFields'] = implode(' ', $fields);
        foreach ($answers as $function => $answer) {
            self::assertStringContainsString("expected $old", $answer, $function);
            self::assertStringContainsString("seen {$this->router->pin()}", $answer, $function);
        }
        self::assertSame([], $this->router->requests(), 'nothing was asked');
        self::assertSame($before, [$this->router->rows('/ppp/secret'), $this->router->rows('/queue/simple')]);

        $columns = ['accesshash' => $this->router->accessHash()];
        Capsule::table('tblservers')->where('id', $this->server)->update($columns);
        self::assertSame('success', $this->whmcs->suspend($this->service), 'until its pin is changed');
    }

    public function testACertificateThatEndsWithinThirtyDaysIsToldOnceADay(): void
    {
        $expiring = fn (): array => array_values(preg_grep('/certificate .* expires on/', $this->whmcs->activityLog()));
        $before = count($expiring());
        self::assertSame('success', $this->whmcs->collect($this->server));
        self::assertCount($before, $expiring(), 'this one is good for centuries');
        $this->router->changeCertificate('ends-soon');
        $columns = ['accesshash' => $this->router->accessHash()];
        Capsule::table('tblservers')->where('id', $this->server)->update($columns);
        foreach (range(1, 2) as $ignored) {
            Capsule::table('mod_mikrotikvpn_servers')->where('server_id', $this->server)
                ->update(['collected_at' => Capsule::raw('collected_at - INTERVAL 1 DAY')]);
            self::assertSame('success', $this->whmcs->collect($this->server));
            self::assertSame('success', $this->whmcs->collect($this->server), 'the same day');
        }
        $told = array_slice($expiring(), $before);
        self::assertCount(2, $told);
        self::assertStringContainsString($this->router->pin(), $told[0]);
        self::assertStringContainsString(', in 19 days', $told[0]);
    }

    public function testAPhpFpmWorkerResumesInItsNextRequest(): void
    {
        $fpm = new Fpm(1);
        try {
            $query = ['params' => (string) json_encode($this->router->formParams()), 'workers' => '1'];
            foreach ([[2, 2], [2, 6]] as $handshakes) {
                $query['meeting'] = sys_get_temp_dir() . '/mikrotikvpn-' . bin2hex(random_bytes(6));
                mkdir($query['meeting']);
                $answer = Fpm::json($fpm->request(dirname(__DIR__) . '/scripts/fpm.php', $query));
                array_map('unlink', glob("{$query['meeting']}/*") ?: []);
                rmdir($query['meeting']);
                self::assertSame([self::SUCCESS, self::SUCCESS], [$answer['first'], $answer['second']]);
                self::assertSame($handshakes, $this->handshakes(), 'full and resumed');
            }
        } finally {
            $fpm->stop();
        }
    }

    /** @return array{int, int} full and resumed ones */
    private function handshakes(): array
    {
        $stats = $this->router->stats();
        return [$stats['tls-full'], $stats['tls-resumed']];
    }
}

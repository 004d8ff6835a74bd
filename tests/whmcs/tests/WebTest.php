<?php

declare(strict_types=1);

namespace WhmcsStandIn\Tests;

use WHMCS\Database\Capsule;
use WhmcsStandIn\Testing\TestHome;

/** The web front, over HTTP: what only happens where a page may end the request. */
final class WebTest extends HostTestCase
{
    /** @var resource */
    private $server;
    private string $url;

    /** @var list<string> */
    private array $cookies = [];

    protected function setUp(): void
    {
        parent::setUp();
        $command = [dirname(__DIR__) . '/whmcs', '--home', TestHome::home()->path, '--modules', $this->modules(), 'serve', '--workers', '1'];
        $this->server = proc_open($command, [1 => ['pipe', 'w'], 2 => STDERR], $pipes) ?: throw new \RuntimeException('no web front');
        for ($text = ''; ($ready = json_decode($text, true)) === null && ($line = fgets($pipes[1])) !== false;) {
            $text .= $line;
        }
        $this->url = $ready['url'] ?? throw new \RuntimeException("The web front said: $text");
    }

    protected function tearDown(): void
    {
        proc_terminate($this->server);
        proc_close($this->server);
        parent::tearDown();
    }

    public function testAnAnswerOfClientAreaIsSentAndWhatItDidWrongIsNoted(): void
    {
        $ids = $this->scenario('misbehaving', [], [1 => 'answer'], ['domainstatus' => 'Active']);
        self::assertSame('answered', $this->productPage($ids['service']));
        self::assertSame(['warning', 'transaction'], Capsule::table('standin_violations')->orderBy('id')->pluck('kind')->all());
    }

    public function testAHookMayNotEndThePage(): void
    {
        $ids = $this->scenario('misbehaving', [], [1 => 'hook'], ['domainstatus' => 'Active']);
        self::assertStringContainsString('left', $this->productPage($ids['service']));
        $noted = Capsule::table('standin_violations')->orderBy('id')->get(['kind', 'message'])->all();
        self::assertSame(['exit', 'Hook ClientAreaPage ended the process (exit or die).'], [$noted[0]->kind, $noted[0]->message]);
    }

    private function productPage(int $service): string
    {
        preg_match('/name="token" value="(\w+)"/', $this->request('login.php'), $token);
        $this->request('login.php', ['username' => 'ann@example.test', 'password' => 'secret', 'token' => $token[1]]);
        return $this->request("clientarea.php?action=productdetails&id=$service");
    }

    private function request(string $path, ?array $fields = null): string
    {
        $headers = ['Connection: close', 'Cookie: ' . implode('; ', $this->cookies)];
        $fields === null || $headers[] = 'Content-Type: application/x-www-form-urlencoded';
        $options = ['method' => $fields === null ? 'GET' : 'POST', 'header' => $headers, 'content' => http_build_query($fields ?? []), 'follow_location' => 0, 'ignore_errors' => true, 'timeout' => 20];
        $body = file_get_contents($this->url . $path, false, stream_context_create(['http' => $options]));
        foreach ($http_response_header as $line) {
            preg_match('/^Set-Cookie: (\w+)=([^;]+)/i', $line, $match) && $this->cookies = ["$match[1]=$match[2]"];
        }
        return (string) $body;
    }
}

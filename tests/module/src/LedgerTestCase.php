<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

use WHMCS\Database\Capsule;

/** One service with 10 MB of traffic (0.009765625 GB), its mails and its invoices. */
abstract class LedgerTestCase extends TestCase
{
    protected const MB = 1 << 20;
    protected const QUOTA = 10 * self::MB;
    private const QUOTA_GB = '0.009765625';

    protected int $server;
    protected int $product;
    protected int $service;

    protected function setUp(): void
    {
        parent::setUp();
        foreach (['Little left', 'Used up'] as $template) {
            if (!Capsule::table('tblemailtemplates')->where('name', $template)->exists()) {
                $this->whmcs->fixtures->addEmailTemplate($template, $template, '{$username} has {$traffic_balance_gb} GB');
            }
        }
        $settings = [4 => '20', 5 => '5', 6 => self::QUOTA_GB, 13 => 'Little left', 14 => '0.001953125', 15 => 'Used up'];
        $this->server = $this->whmcs->server($this->startRouter());
        $this->product = $this->whmcs->product($settings);
        $this->service = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server, [
            'billingcycle' => 'Monthly',
            'regdate' => $this->day(0),
            'nextduedate' => $this->day(30),
        ]);
    }

    protected function create(): void
    {
        self::assertSame('success', $this->whmcs->create($this->service));
    }

    protected function collect(): void
    {
        self::assertSame('success', $this->whmcs->collect($this->server));
    }

    /** The customer uses so many bytes, and they are collected. */
    protected function consume(int $bytes): void
    {
        if ($this->router->rows('/ppp/active', $this->username()) === []) {
            $this->router->connect($this->username());
        }
        $this->router->traffic($this->username(), $bytes);
        $this->collect();
    }

    protected function day(int $days): string
    {
        return date('Y-m-d', strtotime("$days days"));
    }

    /** The account as release 0.1.0 made it: its comment, here with an admin's words behind, has no id. */
    protected function leaveAsTheLastReleaseDid(string $words = ''): void
    {
        $tag = "mikrotikvpn whmcs:{$this->service}";
        foreach (['/ppp/secret/set', '/queue/simple/set'] as $command) {
            $this->router->exec($command, ['numbers' => $this->username(), 'comment' => $tag . $words]);
        }
        Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->update(['tag' => $tag]);
        Capsule::statement('DROP TABLE mod_mikrotikvpn_installation');
        Capsule::table('mod_mikrotikvpn_schema')->update(['version' => 5]);
    }

    protected function username(): string
    {
        return $this->whmcs->row($this->service)->username;
    }

    protected function account(): object
    {
        return Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->first();
    }

    protected function balance(): int
    {
        return (int) $this->account()->balance;
    }

    protected function secret(): array
    {
        return $this->router->rows('/ppp/secret', $this->username())[0];
    }

    protected function queue(): array
    {
        return $this->router->rows('/queue/simple', $this->username())[0];
    }

    protected function sessions(): array
    {
        return $this->router->rows('/ppp/active', $this->username());
    }

    /** As a process leaves it that ended while WHMCS sent a mail, an hour ago. */
    protected function leaveMailInDoubt(string $template): int
    {
        return Capsule::table('mod_mikrotikvpn_mails')->insertGetId([
            'service_id' => $this->service, 'kind' => 'suspension', 'template' => $template, 'variables' => '{"username":"x"}',
            'created_at' => Capsule::raw('UTC_TIMESTAMP()'), 'claim' => 7,
            'claimed_at' => Capsule::raw('UTC_TIMESTAMP() - INTERVAL 1 HOUR'),
        ]);
    }

    /** How often this service's owner got a mail. */
    protected function mails(string $template): int
    {
        return Capsule::table('standin_mails')->where('template', $template)->where('relid', $this->service)->count();
    }

    /** An invoice for the period that begins on a day. */
    protected function invoice(string $begins, string $status = 'Paid'): int
    {
        $invoice = Capsule::table('tblinvoices')->insertGetId([
            'userid' => 1, 'date' => $begins, 'duedate' => $begins, 'status' => $status, 'notes' => '',
        ]);
        Capsule::table('tblinvoiceitems')->insert([
            'invoiceid' => $invoice, 'userid' => 1, 'type' => 'Hosting', 'relid' => $this->service,
            'description' => 'VPN', 'duedate' => $begins, 'notes' => '',
        ]);
        return (int) $invoice;
    }

    protected function due(int $days): void
    {
        Capsule::table('tblhosting')->where('id', $this->service)->update(['nextduedate' => $this->day($days)]);
    }

    /** The server's Access Hash holds these lines from now on, beside those that reach the router. */
    protected function accessHash(string ...$lines): void
    {
        $accessHash = $this->router->accessHash(...$lines);
        Capsule::table('tblservers')->where('id', $this->server)->update(['accesshash' => $accessHash]);
    }

    /** @param array<int, string> $settings */
    protected function settings(array $settings): void
    {
        $this->whmcs->settings($this->product, $settings);
    }

    /** What the latest collection told the admin. */
    protected function remarks(): string
    {
        $entries = Capsule::table('mod_mikrotikvpn_collections')->where('server_id', $this->server);
        return (string) $entries->orderByDesc('id')->value('remarks');
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Demo;

use MikrotikVpn\Tests\Router;
use MikrotikVpn\Tests\Whmcs;
use WHMCS\Database\Capsule;
use WhmcsStandIn\Cron;
use WhmcsStandIn\Lifecycle;

/**
 * The life of one VPN account. Every step does what an admin, a customer or time does, and then looks at
 * both sides: the router's menus and WHMCS's database.
 */
final class Story
{
    public const STEPS = [
        'test_connection', 'create', 'connect', 'traffic', 'collect', 'client_page',
        'change_package', 'suspend', 'unsuspend', 'change_password', 'reset_connection', 'terminate',
    ];

    private const GB = 1 << 30;
    private const PSK = 'demo-psk <&> "quoted"';
    private const CALLER = '203.0.113.77';
    private const NEW_PASSWORD = 'Fresh & "new" <pass> 42';

    /** [download, upload] in Mbit/s, quota in GB, as the products sell them. */
    private const SMALL = ['down' => 100, 'up' => 20, 'quota' => 200];
    private const LARGE = ['down' => 300, 'up' => 60, 'quota' => 1000];

    private const OURS = ['/ppp/secret', '/ppp/active', '/queue/simple'];
    private const FOREIGN = 'office';

    private readonly Whmcs $whmcs;
    private readonly Router $router;
    private readonly int $server;
    private readonly int $largeProduct;
    private readonly int $service;

    /** @var array<string, list<array<string, string>>> the router's objects that are none of ours */
    private readonly array $foreign;

    public function __construct(private readonly Stage $stage, private readonly string $screenshot)
    {
        $this->whmcs = $stage->whmcs;
        $this->router = $stage->router;
        $this->server = $this->whmcs->server($this->router, ['name' => 'Frankfurt', 'assignedips' => '10.7.0.2-10.7.0.254']);
        $product = $this->product('VPN S', self::SMALL);
        $this->largeProduct = $this->product('VPN L', self::LARGE);
        $client = $this->whmcs->client(Stage::CLIENT + ['firstname' => 'Ann', 'lastname' => 'Example']);
        $this->service = $this->whmcs->service($client, $product, $this->server);
        $this->router->exec('/interface/l2tp-server/server/set', ['use-ipsec' => 'required', 'ipsec-secret' => self::PSK]);
        $this->addForeignObjects();
        $this->foreign = $this->foreignObjects();
    }

    /** @return string a few words about what was seen */
    public function run(string $name): string
    {
        $words = match ($name) {
            'test_connection' => $this->testConnection(),
            'create' => $this->create(),
            'connect' => $this->connect(),
            'traffic' => $this->traffic(),
            'collect' => $this->collect(),
            'client_page' => $this->showClientPage(),
            'change_package' => $this->changePackage(),
            'suspend' => $this->suspend(),
            'unsuspend' => $this->unsuspend(),
            'change_password' => $this->changePassword(),
            'reset_connection' => $this->resetConnection(),
            'terminate' => $this->terminate(),
        };
        Expect::same('Foreign objects on the router', $this->foreign, $this->foreignObjects());
        $broken = array_map(static fn ($violation): string => $violation->message, $this->whmcs->takeViolations());
        Expect::same('What the module did that WHMCS objects to', [], $broken);
        return $words;
    }

    public function clientPage(): string
    {
        return "{$this->stage->url}clientarea.php?action=productdetails&id={$this->service}";
    }

    public function adminPage(): string
    {
        return "{$this->stage->url}admin/clientsservices.php?id={$this->service}";
    }

    public function keepStreaming(): void
    {
        $this->router->rate($this->name(), 24_000_000, 1_500_000);
    }

    public function collectAgain(): void
    {
        $this->runCron();
    }

    private function testConnection(): string
    {
        $before = $this->objects();
        $unpinned = $this->whmcs->callForServer('TestConnection', $this->server, ['serveraccesshash' => '']);
        Expect::same('Test Connection without a pin, success', false, $unpinned['success']);
        Expect::contains('Test Connection without a pin', "tls-pin = {$this->router->pin()}", $unpinned['error']);
        $pinned = $this->whmcs->callForServer('TestConnection', $this->server);
        Expect::same('Test Connection', ['success' => true, 'error' => ''], $pinned);
        Expect::same('Objects on the router', $before, $this->objects());
        Expect::same('Status of the service', 'Pending', $this->row()->domainstatus);
        return 'HTTPS to a certificate without SAN: refused without its pin, accepted with it';
    }

    private function create(): string
    {
        $this->succeed('Create', $this->whmcs->create($this->service));
        $row = $this->row();
        Expect::same('Status of the service', 'Active', $row->domainstatus);
        $secret = $this->secret();
        $queue = $this->queue();
        Expect::fields('The secret', [
            'password' => $row->password,
            'service' => 'l2tp',
            'profile' => 'default-encryption',
            'remote-address' => '10.7.0.2',
            'disabled' => 'false',
            'comment' => $this->tag(),
        ], $secret);
        Expect::fields('The queue', [
            'target' => '10.7.0.2/32',
            'max-limit' => $this->limit(self::SMALL),
            'disabled' => 'false',
            'comment' => $this->tag(),
        ], $queue);
        Expect::same('The address in WHMCS', '10.7.0.2', $row->dedicatedip);
        $quota = self::SMALL['quota'] * self::GB;
        Expect::fields('The account', ['address' => '10.7.0.2', 'quota' => $quota, 'balance' => $quota], $this->account());
        return "{$row->username} at {$row->dedicatedip}, {$this->words(self::SMALL)}";
    }

    private function tag(): string
    {
        return "mikrotikvpn whmcs:{$this->service}@" . Capsule::table('mod_mikrotikvpn_installation')->value('mark');
    }

    private function connect(): string
    {
        $row = $this->row();
        Expect::refused('Dialling in with a wrong password', fn () => $this->dial('not it'));
        $session = $this->dial($row->password);
        $active = Expect::one('sessions', $this->sessions());
        Expect::fields('The session', [
            '.id' => $session,
            'address' => $row->dedicatedip,
            'caller-id' => self::CALLER,
            'service' => 'l2tp',
        ], $active);
        Expect::same('Status of the service', 'Active', $this->row()->domainstatus);
        return "L2TP from {$active['caller-id']}, wrong password refused";
    }

    private function traffic(): string
    {
        $this->stream(2100, 250, 9);
        $truth = $this->truth();
        Expect::same('The queue let more through than was sold', false, $truth['download'] / 2100 > self::SMALL['down'] * 126_000);
        Expect::same('Bytes of the queue', "{$truth['upload']}/{$truth['download']}", $this->queue()['bytes']);
        Expect::same('Usage in WHMCS before a collection', 0, (int) $this->row()->bwusage);
        return sprintf('250 Mbit/s wanted for 35 min: %.2f GB down, %.2f GB up', $truth['download'] / self::GB, $truth['upload'] / self::GB);
    }

    private function collect(): string
    {
        $this->runCron();
        $this->expectBooked();
        Expect::same('Bytes of the queue after a collection', '0/0', $this->queue()['bytes']);
        $this->stream(60, 33, 2);
        $this->runCron();
        $this->runCron();
        $this->expectBooked();
        $truth = array_sum($this->truth());
        $row = $this->row();
        Expect::same('Usage in WHMCS, MB', (int) round($truth / (1 << 20)), (int) $row->bwusage);
        Expect::same('Limit in WHMCS, MB', self::SMALL['quota'] * 1024, (int) $row->bwlimit);
        return "$truth bytes booked, none twice; {$row->bwusage} MB in WHMCS, counters at zero";
    }

    private function showClientPage(): string
    {
        $this->router->advance(2 * 3600 + 5 * 60);
        $row = $this->row();
        $truth = $this->truth();
        $page = Browser::visit($this->stage->url, $this->service, $this->screenshot);
        Expect::same('The state of the page', 'active', $page['state']);
        Expect::fields('The page', [
            'connection' => 'Connected',
            'session-protocol' => 'L2TP',
            'session-address' => $row->dedicatedip,
            'session-caller' => self::CALLER,
            'server' => '127.0.0.1',
            'username' => $row->username,
            'password' => '••••••••',
            'psk' => '••••••••',
            'left' => $this->gb((int) $this->account()['balance']) . ' GB',
            'used' => $this->gb($truth['download'] + $truth['upload']) . ' GB',
            'download' => $this->gb($truth['download']) . ' GB',
            'upload' => $this->gb($truth['upload']) . ' GB',
            'download-limit' => 'up to ' . self::SMALL['down'] . ' Mbit/s',
            'upload-limit' => 'up to ' . self::SMALL['up'] . ' Mbit/s',
        ], $page['values']);
        Expect::fields('The page after Show', ['password' => $row->password, 'psk' => self::PSK], $page['revealed']);
        foreach (['console' => 'Complaints in the console', 'foreign' => 'Requests to others', 'failed' => 'Failed requests'] as $key => $what) {
            Expect::same($what, [], $page[$key]);
        }
        Expect::same('What the pages did that WHMCS objects to', 0, Capsule::table('standin_violations')->count());
        Expect::same('The screenshot is a PNG', IMAGETYPE_PNG, getimagesize($this->screenshot)[2] ?? null);
        return "{$page['values']['connection']}, {$page['values']['left']} left; target/demo/client.png";
    }

    private function changePackage(): string
    {
        [$secret, $queue, [$session]] = [$this->secret(), $this->queue(), $this->sessions()];
        $upgrade = $this->whmcs->fixtures->upgrade($this->service, $this->largeProduct);
        $this->succeed('Change Package', $upgrade->text());
        Expect::same('The limit of the queue', $this->limit(self::LARGE), $this->queue()['max-limit']);
        Expect::same('The id of the queue', $queue['.id'], $this->queue()['.id']);
        Expect::same('The secret', $secret, $this->secret());
        Expect::same('The session', [$session], $this->sessions());
        Expect::same('The product in WHMCS', $this->largeProduct, (int) $this->row()->packageid);
        Expect::same('The quota of the account', self::LARGE['quota'] * self::GB, $this->account()['quota']);
        return "{$this->words(self::LARGE)}; same secret, queue and session";
    }

    private function suspend(): string
    {
        $this->stream(10, 40, 3);
        $this->succeed('Suspend', $this->whmcs->suspend($this->service));
        Expect::same('The secret is disabled', 'true', $this->secret()['disabled']);
        Expect::same('Sessions', [], $this->sessions());
        $refusal = Expect::refused('Dialling in', fn () => $this->dial($this->row()->password));
        Expect::same('Sessions after dialling in', [], $this->sessions());
        $row = $this->row();
        Expect::same('Status of the service', 'Suspended', $row->domainstatus);
        Expect::same('The suspension reason', 'Overdue on Payment', $row->suspendreason);
        return 'session ended, dialling in refused: ' . (json_decode(strstr($refusal, '{') ?: '', true)['error'] ?? $refusal);
    }

    private function unsuspend(): string
    {
        $this->succeed('Unsuspend', $this->whmcs->unsuspend($this->service));
        Expect::same('The secret is disabled', 'false', $this->secret()['disabled']);
        Expect::same('Status of the service', 'Active', $this->row()->domainstatus);
        $session = $this->dial($this->row()->password);
        Expect::same('The session', $session, Expect::one('sessions', $this->sessions())['.id']);
        return 'the customer is connected again';
    }

    private function changePassword(): string
    {
        $old = $this->row()->password;
        $this->succeed('Change Password', $this->whmcs->changePassword($this->service, self::NEW_PASSWORD));
        Expect::same('The password in WHMCS', self::NEW_PASSWORD, $this->row()->password);
        Expect::same('The password on the router', self::NEW_PASSWORD, $this->secret()['password']);
        Expect::same('Sessions', [], $this->sessions());
        Expect::refused('Dialling in with the old password', fn () => $this->dial($old));
        $session = $this->dial(self::NEW_PASSWORD, ['redial' => 5]);
        Expect::same('The session', $session, Expect::one('sessions', $this->sessions())['.id']);
        return 'old session ended, old password refused, new one accepted';
    }

    private function resetConnection(): string
    {
        [$secret, [$session], $row] = [$this->secret(), $this->sessions(), $this->row()];
        $lifecycle = new Lifecycle($this->whmcs->installation);
        $this->succeed('Reset Connection', $lifecycle->custom('resetConnection', $this->service, 'client')->text());
        Expect::same('Sessions', [], $this->sessions());
        Expect::same('The secret is disabled', 'false', $this->secret()['disabled']);
        $this->router->advance(6);
        $new = Expect::one('sessions after the client dialled in again', $this->sessions());
        Expect::same('The session is the old one', false, $new['.id'] === $session['.id']);
        Expect::same('The password on the router', $secret['password'], $this->secret()['password']);
        Expect::same('The service in WHMCS', (array) $row, (array) $this->row());
        return "session {$session['.id']} ended, the client dialled in again as {$new['.id']}";
    }

    private function terminate(): string
    {
        $this->stream(20, 30, 4);
        $name = $this->name();
        $this->succeed('Terminate', $this->whmcs->terminate($this->service));
        $row = $this->row();
        foreach (self::OURS as $menu) {
            $left = fn (array $object): bool => $object['name'] === $name || $this->isOurs($object);
            Expect::same("What is left in $menu", [], array_values(array_filter($this->router->rows($menu), $left)));
        }
        Expect::same('Status of the service', 'Terminated', $row->domainstatus);
        Expect::same('The address in WHMCS', '', $row->dedicatedip);
        Expect::fields('The account', ['address' => null, 'username' => null], $this->account());
        $this->expectBooked();
        $this->succeed('Terminate once more', $this->whmcs->terminate($this->service));
        return 'nothing of ours is left, the last bytes are booked, foreign objects are as they were';
    }

    /** @param array{down: int, up: int, quota: int} $package */
    private function product(string $name, array $package): int
    {
        return $this->whmcs->product([
            3 => 'l2tp',
            4 => (string) $package['down'],
            5 => (string) $package['up'],
            6 => (string) $package['quota'],
            16 => 'https://docs.example.test/vpn',
            18 => 'on',
            19 => self::PSK,
            20 => 'cron',
        ], ['name' => $name]);
    }

    /** What the router's owner had before us: an account and a queue in use. */
    private function addForeignObjects(): void
    {
        $this->router->exec('/ppp/secret/add', ['name' => self::FOREIGN, 'password' => 'theirs', 'remote-address' => '10.9.0.2']);
        $this->router->exec('/queue/simple/add', ['name' => self::FOREIGN, 'target' => '10.9.0.2/32', 'max-limit' => '1M/1M']);
        $this->router->connect(self::FOREIGN, ['password' => 'theirs']);
        $this->router->traffic(self::FOREIGN, 4_000_000, 1_000_000);
    }

    /** @return array<string, list<array<string, string>>> */
    private function foreignObjects(): array
    {
        $own = isset($this->service) ? $this->row()->username : '';
        $foreign = fn (array $object): bool => !$this->isOurs($object) && $object['name'] !== $own;
        return array_map(static fn (array $rows): array => array_values(array_filter($rows, $foreign)), $this->objects());
    }

    /** Rows of the menus we write to, without what time changes. @return array<string, list<array<string, string>>> */
    private function objects(): array
    {
        $timeless = static fn (array $row): array => array_diff_key($row, ['uptime' => '']);
        $rows = fn (string $menu): array => array_map($timeless, $this->router->rows($menu));
        return array_combine(self::OURS, array_map($rows, self::OURS));
    }

    /** @param array<string, string> $object */
    private function isOurs(array $object): bool
    {
        return str_contains($object['comment'] ?? '', 'whmcs:');
    }

    /** The daily run of the next day, as far as the database knows. */
    private function runCron(): void
    {
        Capsule::table('mod_mikrotikvpn_servers')->update(['ended_at' => Capsule::raw('ended_at - INTERVAL 1 DAY')]);
        $report = (new Cron($this->whmcs->installation))->run('daily');
        Expect::same('What stopped the cron', null, $report['aborted']);
        foreach ($report['tasks'][0]['servers'] as $server) {
            Expect::same('UsageUpdate', 'success', $server['returned']);
        }
    }

    /** Days and months add up to what really flowed, and the balance is what is left. */
    private function expectBooked(): void
    {
        $truth = $this->truth();
        foreach (['daily', 'monthly'] as $table) {
            $rows = Capsule::table("mod_mikrotikvpn_traffic_$table")->where('service_id', $this->service);
            $booked = ['upload' => (int) $rows->sum('upload'), 'download' => (int) $rows->sum('download')];
            Expect::same("Traffic booked in the $table table", $truth, $booked);
        }
        $granted = (int) Capsule::table('mod_mikrotikvpn_grants')->where('service_id', $this->service)->sum('bytes');
        Expect::same('The balance', $granted - array_sum($truth), $this->account()['balance']);
    }

    /** The customer's device asks for that many Mbit/s; the router gives what was sold. */
    private function stream(int $seconds, int $download, int $upload): void
    {
        $this->router->rate($this->name(), $download * 1_000_000, $upload * 1_000_000);
        $this->router->advance($seconds);
        $this->router->rate($this->name(), 0, 0);
    }

    /** @param array<string, mixed> $more @return string the id of the session */
    private function dial(string $password, array $more = []): string
    {
        $client = ['password' => $password, 'service' => 'l2tp', 'caller-id' => self::CALLER];
        return $this->router->connect($this->name(), $client + $more);
    }

    private function succeed(string $command, string $answer): void
    {
        Expect::same("$command in WHMCS", 'success', $answer);
    }

    private function row(): object
    {
        return $this->whmcs->row($this->service);
    }

    private function name(): string
    {
        return $this->row()->username;
    }

    /** @return array<string, mixed> our record of the account */
    private function account(): array
    {
        return (array) Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->first();
    }

    /** @return array{upload: int, download: int} what really flowed */
    private function truth(): array
    {
        ['upload' => $upload, 'download' => $download] = $this->router->truth()[$this->name()];
        return ['upload' => $upload, 'download' => $download];
    }

    /** @return array<string, string> */
    private function secret(): array
    {
        return Expect::one('secrets', $this->router->rows('/ppp/secret', $this->name()));
    }

    /** @return array<string, string> */
    private function queue(): array
    {
        return Expect::one('queues', array_values(array_filter($this->router->rows('/queue/simple'), $this->isOurs(...))));
    }

    /** @return list<array<string, string>> */
    private function sessions(): array
    {
        return $this->router->rows('/ppp/active', $this->name());
    }

    private function limit(array $package): string
    {
        return "{$package['up']}000000/{$package['down']}000000";
    }

    private function words(array $package): string
    {
        return "{$package['down']}/{$package['up']} Mbit/s, {$package['quota']} GB a month";
    }

    private function gb(int $bytes): string
    {
        return number_format($bytes / self::GB, 2, '.', '');
    }
}

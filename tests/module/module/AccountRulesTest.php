<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;

/** The rules of provisioning: what is done in which order, what survives, what is never touched. */
final class AccountRulesTest extends TestCase
{
    private int $server;
    private int $product;
    private int $service;

    protected function setUp(): void
    {
        parent::setUp();
        $this->server = $this->whmcs->server($this->startRouter());
        $this->product = $this->whmcs->product([4 => '20', 5 => '5', 6 => '10']);
        $this->service = $this->service();
    }

    public function testTheQueueIsThereBeforeAnybodyCanLogIn(): void
    {
        $this->create();
        self::assertSame(['/queue/simple/add', '/ppp/secret/add'], $this->changes());
    }

    public function testUnsuspensionMendsAMissingQueueBeforeTheLoginIsAllowed(): void
    {
        $this->create();
        $this->whmcs->suspend($this->service);
        $this->router->advance(3600);
        $this->router->exec('/queue/simple/remove', ['numbers' => $this->username()]);
        $this->router->resetStats();
        self::assertSame('success', $this->whmcs->unsuspend($this->service));
        self::assertSame(['/queue/simple/add', '/ppp/secret/set'], $this->changes());
    }

    public function testSuspensionRefusesTheLoginBeforeItEndsTheSession(): void
    {
        $this->create();
        $this->router->connect($this->username(), ['redial' => 0]);
        $this->router->resetStats();
        self::assertSame('success', $this->whmcs->suspend($this->service));
        self::assertSame(['/ppp/secret/set', '/ppp/active/remove'], $this->changes());
        $this->router->advance(60);
        self::assertSame([], $this->router->rows('/ppp/active'), 'a client that dials again stays outside');
    }

    public function testASuspensionIsSeenByOneRequestMoreThanItTakes(): void
    {
        $this->create();
        $this->router->connect($this->username(), ['redial' => 0]);
        $this->router->advance(3600);
        $this->router->resetStats();
        self::assertSame('success', $this->whmcs->suspend($this->service));
        self::assertSame(6, $this->router->stats()['total'], implode(' ', $this->router->commands()));
        $this->router->resetStats();
        self::assertSame('success', $this->whmcs->suspend($this->service));
        // That there is no session is read twice.
        self::assertSame(5, $this->router->stats()['total'], implode(' ', $this->router->commands()));
    }

    public function testTerminationRemovesTheSecretFirstAndTheQueueLast(): void
    {
        $this->create();
        $this->router->connect($this->username());
        $this->router->resetStats();
        self::assertSame('success', $this->whmcs->terminate($this->service));
        self::assertSame(['/ppp/secret/remove', '/ppp/active/remove', '/queue/simple/remove'], $this->changes());
        self::assertSame('', $this->row()->dedicatedip);
    }

    public function testTheLastTrafficIsBookedBeforeTheQueueGoes(): void
    {
        $this->create();
        $name = $this->username();
        $this->router->connect($name);
        $this->router->traffic($name, 7_000_000, 3_000_000);
        self::assertSame('success', $this->whmcs->terminate($this->service));
        $month = Capsule::table('mod_mikrotikvpn_traffic_monthly')->where('service_id', $this->service)->first();
        self::assertSame([7_000_000, 3_000_000], [(int) $month->download, (int) $month->upload]);
        self::assertSame('success', $this->whmcs->terminate($this->service));
        $again = Capsule::table('mod_mikrotikvpn_traffic_monthly')->where('service_id', $this->service)->first();
        self::assertEquals($month, $again, 'a repetition books nothing');
    }

    public function testAChangedPackageKeepsTheAccountAndItsSession(): void
    {
        $this->create();
        $session = $this->router->connect($this->username());
        [$secret, $queue] = [$this->secret(), $this->queue()];
        $this->whmcs->settings($this->product, [4 => '50', 5 => '10', 3 => 'l2tp', 6 => '20']);
        self::assertSame('success', $this->whmcs->changePackage($this->service));
        self::assertSame($secret['.id'], $this->secret()['.id']);
        self::assertSame($queue['.id'], $this->queue()['.id']);
        self::assertSame('10000000/50000000', $this->queue()['max-limit']);
        self::assertSame('l2tp', $this->secret()['service']);
        self::assertSame($session, $this->router->rows('/ppp/active', $this->username())[0]['.id']);
        self::assertSame(20 << 30, (int) $this->account()->quota);
    }

    public function testAPackageChangeLeavesASuspendedAccountSuspended(): void
    {
        $this->create();
        $this->whmcs->suspend($this->service);
        $this->whmcs->settings($this->product, [4 => '50']);
        self::assertSame('success', $this->whmcs->changePackage($this->service));
        self::assertSame('true', $this->secret()['disabled']);
    }

    public function testRepeatingACommandChangesNothing(): void
    {
        $this->create();
        foreach (['create', 'changePackage', 'suspend', 'suspend', 'unsuspend', 'unsuspend'] as $command) {
            self::assertSame('success', $this->whmcs->$command($this->service), $command);
            self::assertCount(1, $this->router->rows('/ppp/secret', $this->username()), $command);
            self::assertCount(1, $this->router->rows('/queue/simple', $this->username()), $command);
        }
        self::assertCount(1, $this->accounts());
    }

    public function testNoCommandReadsPasswordsAndOnlyThoseThatMustWriteThem(): void
    {
        $this->create();
        $this->router->exec('/ppp/secret/set', ['numbers' => $this->username(), 'password' => 'set by hand']);
        foreach (['suspend', 'unsuspend', 'changePackage', 'resetConnection'] as $command) {
            self::assertSame('success', $this->whmcs->$command($this->service), $command);
        }
        $this->router->connect($this->username(), ['password' => 'set by hand']);
        self::assertCount(1, $this->router->rows('/ppp/active'));
    }

    public function testTheCommentSurvivesEveryChangeWithAnAdminsWordsBehindIt(): void
    {
        $this->create();
        $tag = $this->whmcs->tag($this->service);
        self::assertSame([$tag, $tag], [$this->secret()['comment'], $this->queue()['comment']]);
        $this->router->exec('/ppp/secret/set', ['numbers' => $this->username(), 'comment' => "$tag VIP, call first"]);
        foreach (['suspend', 'unsuspend', 'changePackage'] as $command) {
            self::assertSame('success', $this->whmcs->$command($this->service), $command);
            self::assertSame("$tag VIP, call first", $this->secret()['comment'], $command);
        }
        $this->whmcs->settings($this->product, [1 => 'acme isp']);
        self::assertSame('success', $this->whmcs->changePackage($this->service));
        self::assertSame($this->whmcs->tag($this->service, 'acme isp') . ' VIP, call first', $this->secret()['comment']);
        self::assertSame('success', $this->whmcs->terminate($this->service));
        self::assertSame([], $this->router->rows('/ppp/secret'));
    }

    public function testWhatIsNotOursIsNeverChanged(): void
    {
        $foreign = ['name' => 'boss', 'password' => 'x', 'comment' => "other whmcs:{$this->service}", 'remote-address' => '10.7.0.2'];
        $this->router->exec('/ppp/secret/add', $foreign);
        $this->router->exec('/queue/simple/add', ['name' => 'office', 'target' => '10.7.0.3/32']);
        $before = [$this->router->rows('/ppp/secret', 'boss'), $this->router->rows('/queue/simple', 'office')];
        $this->create();
        self::assertSame('10.7.0.4', $this->row()->dedicatedip, 'addresses in use on the router are passed over');
        $this->router->connect('boss');
        foreach (['suspend', 'unsuspend', 'changePackage', 'resetConnection', 'terminate'] as $command) {
            self::assertSame('success', $this->whmcs->$command($this->service), $command);
        }
        self::assertSame('success', $this->whmcs->callForServer('UsageUpdate', $this->server));
        self::assertSame($before, [$this->router->rows('/ppp/secret', 'boss'), $this->router->rows('/queue/simple', 'office')]);
        self::assertCount(1, $this->router->rows('/ppp/active', 'boss'));
    }

    public function testALostReplyIsFoundDoneAndNotRepeated(): void
    {
        foreach (['/queue/simple', '/ppp/secret'] as $menu) {
            $this->router->fault([
                'when' => ['menu' => $menu, 'command' => 'add', 'times' => 1],
                'effect' => ['kind' => 'applied-but-no-answer', 'hang' => false],
            ]);
        }
        self::assertSame('success', $this->whmcs->create($this->service));
        self::assertCount(1, $this->router->rows('/ppp/secret'));
        self::assertCount(1, $this->router->rows('/queue/simple'));
    }

    public function testAnErrorAfterTheDeedIsFoundDone(): void
    {
        $this->create();
        $this->router->fault([
            'when' => ['menu' => '/ppp/secret', 'command' => 'set', 'times' => 1],
            'effect' => ['kind' => 'applied-but-error', 'status' => 400, 'detail' => 'failure: something'],
        ]);
        self::assertSame('success', $this->whmcs->suspend($this->service));
        self::assertSame('true', $this->secret()['disabled']);
    }

    public function testAFailedStepTakesBackWhatTheCallHadMade(): void
    {
        $this->router->fault([
            'when' => ['menu' => '/ppp/secret', 'command' => 'add', 'times' => 1],
            'effect' => ['kind' => 'error', 'status' => 400, 'detail' => 'failure: not allowed by device-mode'],
        ]);
        $answer = $this->whmcs->create($this->service);
        self::assertStringContainsString('device-mode', $answer);
        self::assertStringContainsString('safe to try again', $answer);
        self::assertSame([], $this->router->rows('/queue/simple'));
        self::assertSame([], $this->accounts());
        self::assertSame('success', $this->whmcs->create($this->service));
    }

    public function testAPackageChangeThatFailsHalfwayRestoresTheLimits(): void
    {
        $this->create();
        $this->whmcs->settings($this->product, [4 => '50', 2 => 'no-such-profile']);
        $answer = $this->whmcs->changePackage($this->service);
        self::assertStringContainsString('profile', $answer);
        self::assertSame('5000000/20000000', $this->queue()['max-limit']);
    }

    public function testAnAccountDeletedOnTheRouterIsMadeAnewByUnsuspend(): void
    {
        $this->create();
        $this->router->advance(3600);
        $this->router->exec('/ppp/secret/remove', ['numbers' => $this->username()]);
        self::assertSame('success', $this->whmcs->suspend($this->service), 'nobody can log in');
        self::assertSame('success', $this->whmcs->unsuspend($this->service));
        $this->router->connect($this->username(), ['password' => $this->row()->password]);
        self::assertCount(1, $this->router->rows('/ppp/active'));
    }

    public function testARenamedSecretIsStillOurs(): void
    {
        $this->create();
        $this->router->exec('/ppp/secret/set', ['numbers' => $this->username(), 'name' => 'renamed']);
        $this->router->connect('renamed');
        self::assertSame('success', $this->whmcs->suspend($this->service));
        self::assertSame([], $this->router->rows('/ppp/active'));
        self::assertSame('true', $this->router->rows('/ppp/secret', 'renamed')[0]['disabled']);
    }

    public function testResettingTheConnectionEndsItAndNothingElse(): void
    {
        $this->create();
        $this->router->connect($this->username(), ['redial' => 1]);
        $before = [$this->secret(), $this->queue()];
        self::assertSame('success', $this->whmcs->resetConnection($this->service));
        self::assertSame([], $this->router->rows('/ppp/active'));
        $this->router->advance(5);
        self::assertCount(1, $this->router->rows('/ppp/active'), 'the client dials in again');
        self::assertSame($before[1], $this->queue());
        self::assertSame($before[0]['disabled'], $this->secret()['disabled']);
    }

    public function testANewPasswordEndsTheOldSession(): void
    {
        $this->create();
        $this->router->connect($this->username());
        self::assertSame('success', $this->whmcs->changePassword($this->service, 'Another-1'));
        self::assertSame([], $this->router->rows('/ppp/active'));
    }

    /** WHMCS keeps what was typed in an order with its HTML entities encoded. */
    public function testAPasswordThatLooksLikeAnEntityIsTheSameOnRouterPageAndInWhmcs(): void
    {
        $stored = '&amp;copy;x&lt;42';
        Capsule::table('tblhosting')->where('id', $this->service)->update(['password' => encrypt($stored)]);
        $this->create();
        $this->assertOneTruth('&copy;x<42', $stored);
        $this->whmcs->settings($this->product, [22 => '40:&;a<"']);
        $this->service = $this->service();
        $this->create();
        $made = $this->row()->password;
        $this->assertOneTruth(html_entity_decode($made, ENT_QUOTES), $made);
        self::assertStringContainsString('&amp;', $made, 'as WHMCS would have encoded it');
    }

    /** The router takes `$password`, the page shows it, and WHMCS has it as `$stored`. */
    private function assertOneTruth(string $password, string $stored): void
    {
        $this->router->connect($this->username(), ['password' => $password]);
        $this->router->disconnect($this->username());
        $params = (new \WhmcsStandIn\Params($this->whmcs->installation))->forService($this->service, 'ClientArea');
        self::assertSame($password, \MikrotikVpn\clientInformation($params, (int) $this->row()->userid)['password']);
        self::assertSame($stored, $this->row()->password);
    }

    /** @return array<string, array{string}> */
    public static function unfitPasswords(): array
    {
        return [
            'a NUL' => ["secret\0word"], 'a line break' => ["secret\r\nword"], 'Cyrillic' => ['пароль мой'],
            'invalid UTF-8' => ["secret\xffword"], 'an entity' => ['secret&copy;word'], 'a blank at its end' => ['secretword '],
            'nothing' => [''], '300 characters' => [str_repeat('x', 300)], '5,000 characters' => [str_repeat('x', 5_000)],
            '1,000,000 characters' => [str_repeat('x', 1_000_000)],
        ];
    }

    /** @dataProvider unfitPasswords */
    #[\PHPUnit\Framework\Attributes\DataProvider('unfitPasswords')]
    public function testAPasswordThatWhmcsOrTheRouterCannotCarryChangesNothing(string $password): void
    {
        $this->create();
        $before = $this->row()->password;
        $this->router->connect($this->username());
        $this->router->resetStats();
        $error = $this->whmcs->changePassword($this->service, $password);
        self::assertMatchesRegularExpression('/^The (password cannot be used|service has no password)/', $error);
        self::assertSame(0, $this->router->stats()['total']);
        self::assertCount(1, $this->router->rows('/ppp/active'));
        self::assertSame($before, $this->row()->password);
        if ($password === '' || strlen($password) > 5_000) {
            return; // WHMCS makes one, or cannot store it
        }
        Capsule::table('tblhosting')->where('id', $this->service)->update(['password' => encrypt($password)]);
        $this->whmcs->terminate($this->service);
        self::assertStringStartsWith('The password cannot be used', $this->whmcs->create($this->service));
        self::assertSame([], $this->router->rows('/ppp/secret'));
    }

    public function testATerminatedServiceMayBeCreatedAgainWithItsBalance(): void
    {
        $this->create();
        $balance = $this->account()->balance;
        self::assertSame(10 << 30, (int) $balance);
        $this->whmcs->terminate($this->service);
        self::assertNull($this->account()->username);
        self::assertSame('success', $this->whmcs->create($this->service));
        self::assertSame((int) $balance, (int) $this->account()->balance, 'one period is granted once');
    }

    public function testADeletedServiceLeavesNothingInOurTables(): void
    {
        $this->create();
        $this->whmcs->terminate($this->service);
        \MikrotikVpn\serviceDeleted($this->service);
        foreach (['accounts', 'grants', 'traffic_daily', 'traffic_monthly'] as $table) {
            self::assertSame(0, Capsule::table("mod_mikrotikvpn_$table")->where('service_id', $this->service)->count(), $table);
        }
    }

    public function testNamesAndPasswordsFollowTheProductsRules(): void
    {
        $this->whmcs->settings($this->product, [21 => 'c{client_id}-{random_letter_4}', 22 => '20:a-f']);
        $this->create();
        $row = $this->row();
        self::assertMatchesRegularExpression('/^c\d+-[a-z]{4}$/', $row->username);
        self::assertMatchesRegularExpression('/^[a-f]{20}$/', $row->password);
        $this->router->connect($row->username, ['password' => $row->password]);
        self::assertSame('success', $this->whmcs->create($this->service), 'creating again');
        self::assertSame([$row->username, $row->password], [$this->row()->username, $this->row()->password]);
    }

    public function testARandomNameThatTheRouterHasIsRolledAgain(): void
    {
        $this->whmcs->settings($this->product, [21 => 'v{random_digit_1}']);
        foreach (range(0, 8) as $digit) {
            $this->router->exec('/ppp/secret/add', ['name' => "v$digit", 'password' => 'x']);
        }
        $answers = [];
        do {
            $answers[] = $this->whmcs->create($this->service);
        } while (end($answers) !== 'success' && count($answers) < 20);
        self::assertSame('v9', $this->username(), implode("\n", $answers));
    }

    private function service(array $values = []): int
    {
        return $this->whmcs->service($this->whmcs->client(), $this->product, $this->server, $values);
    }

    private function create(): void
    {
        self::assertSame('success', $this->whmcs->create($this->service));
    }

    private function row(): object
    {
        return $this->whmcs->row($this->service);
    }

    private function username(): string
    {
        return $this->row()->username;
    }

    private function secret(): array
    {
        return $this->router->rows('/ppp/secret', $this->username())[0];
    }

    private function queue(): array
    {
        return $this->router->rows('/queue/simple', $this->username())[0];
    }

    /** @return list<object> */
    private function accounts(): array
    {
        return Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->get()->all();
    }

    private function account(): object
    {
        return $this->accounts()[0];
    }

    /** Commands that changed the router, in order. @return list<string> */
    private function changes(): array
    {
        return array_values(preg_grep('~/(add|set|remove)$~', $this->router->commands()));
    }
}

<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Router;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;

/**
 * WHMCS, our record and the router name different things: "success" means that it is done where the account
 * really is, and everything else is a sentence with both names.
 */
final class AgreementTest extends TestCase
{
    private int $server;
    private int $product;
    private int $service;
    private ?Router $other = null;

    protected function setUp(): void
    {
        parent::setUp();
        $this->server = $this->whmcs->server($this->startRouter(), ['name' => 'Router A', 'assignedips' => '10.8.0.2-10.8.0.4']);
        $this->product = $this->whmcs->product([4 => '20', 5 => '5', 6 => '10']);
        $this->service = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server);
    }

    protected function tearDown(): void
    {
        $this->other?->stop();
        parent::tearDown();
    }

    public function testSuspendAndTerminateActOnTheRouterThatHasTheAccount(): void
    {
        $this->createAndConnect();
        $this->chooseAnotherServer();
        self::assertSame('success', $this->whmcs->suspend($this->service));
        self::assertSame('true', $this->secret()['disabled']);
        self::assertSame([], $this->router->rows('/ppp/active'));
        self::assertSame('success', $this->whmcs->terminate($this->service));
        self::assertSame([], $this->router->rows('/ppp/secret'));
        self::assertSame([], $this->router->rows('/queue/simple'));
        self::assertSame([], $this->other->requests(), 'the other router is none of its business');
        self::assertSame('success', $this->whmcs->create($this->service));
        self::assertCount(1, $this->other->rows('/ppp/secret'), 'now it is made where WHMCS says');
    }

    public function testResetConnectionActsOnTheRouterThatHasTheAccount(): void
    {
        $this->createAndConnect();
        $this->chooseAnotherServer();
        self::assertSame('success', $this->whmcs->resetConnection($this->service));
        self::assertSame([], $this->router->rows('/ppp/active'));
    }

    public function testSuspendIsNoSuccessWhenTheRecordedServerIsDeleted(): void
    {
        $this->createAndConnect();
        $this->chooseAnotherServer();
        Capsule::table('tblservers')->where('id', $this->server)->delete();
        $answer = $this->whmcs->suspend($this->service);
        self::assertStringContainsString("server {$this->server}, which WHMCS no longer has", $answer);
    }

    public function testWhatIsSoldIsNotBroughtToAnotherServer(): void
    {
        $this->createAndConnect();
        $other = $this->chooseAnotherServer();
        $this->assertAllRefuse("server {$this->server} \"Router A\"", "server $other \"Router B\"");
        self::assertSame([], $this->other->requests());
        $this->assertPageTells("is on server {$this->server} \"Router A\", but WHMCS names server $other");
    }

    public function testAnotherUsernameInWhmcsIsRefusedWithBothNames(): void
    {
        $this->createAndConnect();
        $name = $this->username();
        $this->change(['username' => 'new1']);
        $this->assertAllRefuse("\"$name\"", '"new1"');
        self::assertSame('new1', $this->username(), 'nothing is written back silently');
        $this->assertPageTells("has the username \"$name\", but WHMCS names \"new1\"");
        self::assertSame('success', $this->whmcs->suspend($this->service));
        self::assertSame('true', $this->router->rows('/ppp/secret', $name)[0]['disabled']);
        self::assertSame([], $this->router->rows('/ppp/active'));
        self::assertSame('success', $this->whmcs->terminate($this->service));
        self::assertSame([], $this->router->rows('/ppp/secret'));
        self::assertSame('success', $this->whmcs->create($this->service));
        self::assertCount(1, $this->router->rows('/ppp/secret', 'new1'));
    }

    public function testADedicatedIpThatIsFreeIsTaken(): void
    {
        $this->change(['dedicatedip' => '10.8.0.3']);
        self::assertSame('success', $this->whmcs->create($this->service));
        self::assertSame('10.8.0.3', $this->secret()['remote-address']);
        self::assertSame('10.8.0.3', $this->row()->dedicatedip);
    }

    public function testADedicatedIpThatCannotBeGivenIsRefusedWithTheReason(): void
    {
        $this->router->exec('/queue/simple/add', ['name' => 'office', 'target' => '10.8.0.4/32']);
        $first = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server);
        self::assertSame('success', $this->whmcs->create($first));
        $reasons = [
            '10.9.0.3' => 'not among the server\'s Assigned IP Addresses',
            'the first' => 'no IPv4 address',
            '10.8.0.2' => 'another service\'s already',
            '10.8.0.4' => 'used by something else on the router',
        ];
        foreach ($reasons as $address => $reason) {
            $this->change(['dedicatedip' => $address]);
            $answer = $this->whmcs->create($this->service);
            self::assertStringContainsString("\"$address\"", $answer);
            self::assertStringContainsString($reason, $answer);
            self::assertSame($address, $this->row()->dedicatedip, 'it is not overwritten');
        }
        self::assertCount(1, $this->router->rows('/ppp/secret'), 'only that of the first service');
    }

    public function testADedicatedIpChangedLaterIsRefusedWithBothAddresses(): void
    {
        $this->createAndConnect();
        $this->change(['dedicatedip' => '10.8.0.4']);
        $this->assertAllRefuse('10.8.0.2', '"10.8.0.4"');
        $this->assertPageTells('has the address 10.8.0.2, but its Dedicated IP in WHMCS is "10.8.0.4"');
    }

    /** @return array<string, array{string}> what somebody writes over our comment */
    public static function comments(): array
    {
        return ['removed' => [''], 'overwritten' => ['VIP, call first'], 'mistyped' => ['mikrotikvpm whmcs:SERVICE']];
    }

    /** @dataProvider comments */
    #[\PHPUnit\Framework\Attributes\DataProvider('comments')]
    public function testALoginThatLostItsCommentIsSuspendedAndTaggedAgain(string $comment): void
    {
        $this->createAndConnect();
        $tag = $this->secret()['comment'];
        $this->comment('/ppp/secret', $comment);
        self::assertSame('success', $this->whmcs->suspend($this->service));
        self::assertSame('true', $this->secret()['disabled']);
        self::assertStringStartsWith($tag, $this->secret()['comment']);
        self::assertSame([], $this->router->rows('/ppp/active'));
    }

    /** @dataProvider comments */
    #[\PHPUnit\Framework\Attributes\DataProvider('comments')]
    public function testAnAccountThatLostItsCommentsIsTerminated(string $comment): void
    {
        $this->createAndConnect();
        $this->router->traffic($this->username(), 7_000_000);
        $this->comment('/ppp/secret', $comment);
        $this->comment('/queue/simple', $comment);
        self::assertSame('success', $this->whmcs->terminate($this->service));
        foreach (['/ppp/secret', '/queue/simple', '/ppp/active'] as $menu) {
            self::assertSame([], $this->router->rows($menu), $menu);
        }
        $month = Capsule::table('mod_mikrotikvpn_traffic_monthly')->where('service_id', $this->service)->value('download');
        self::assertSame(7_000_000, (int) $month, 'the last traffic is booked all the same');
    }

    /** @dataProvider comments */
    #[\PHPUnit\Framework\Attributes\DataProvider('comments')]
    public function testACommandThatSellsPutsLostCommentsBack(string $comment): void
    {
        $this->createAndConnect();
        $tag = $this->secret()['comment'];
        foreach (['changePackage', 'unsuspend', 'create'] as $command) {
            $this->comment('/ppp/secret', $comment);
            $this->comment('/queue/simple', $comment);
            self::assertSame('success', $this->whmcs->$command($this->service), $command);
            self::assertStringStartsWith($tag, $this->secret()['comment'], $command);
            self::assertStringStartsWith($tag, $this->router->rows('/queue/simple', $this->username())[0]['comment'], $command);
            self::assertCount(1, $this->router->rows('/ppp/secret'), $command);
        }
    }

    public function testALoginWithOurNameThatIsNotOursAnyMoreIsNoSuccess(): void
    {
        $this->createAndConnect();
        $this->comment('/ppp/secret', 'the boss');
        $this->router->exec('/ppp/secret/set', ['numbers' => $this->username(), 'remote-address' => '192.0.2.9']);
        foreach (['suspend', 'terminate', 'resetConnection', 'changePackage'] as $command) {
            $answer = $this->whmcs->$command($this->service);
            self::assertStringContainsString("\"{$this->username()}\"", $answer, $command);
            self::assertStringContainsString('the boss', $answer, $command);
        }
        self::assertSame('false', $this->secret()['disabled'], 'it is not touched');
        self::assertCount(1, $this->router->rows('/queue/simple', $this->username()), 'he is not set free of his limits');
    }

    public function testALoginThatWasRenamedWithoutOurCommentIsNamed(): void
    {
        $this->createAndConnect();
        [$name, $tag] = [$this->username(), $this->secret()['comment']];
        $this->router->exec('/ppp/secret/set', ['numbers' => $name, 'name' => 'bob', 'comment' => '']);
        foreach (['suspend', 'terminate'] as $command) {
            $answer = $this->whmcs->$command($this->service);
            self::assertStringContainsString('10.8.0.2', $answer, $command);
            self::assertStringContainsString('"bob"', $answer, $command);
            self::assertStringContainsString("\"$tag\"", $answer, $command);
        }
        $this->router->exec('/ppp/secret/set', ['numbers' => 'bob', 'comment' => $tag]);
        self::assertSame('success', $this->whmcs->suspend($this->service), 'the sentence said how');
    }

    public function testASessionFromOurAddressUnderAnotherNameIsNamed(): void
    {
        $this->createAndConnect();
        $this->router->exec('/ppp/secret/add', ['name' => 'bob', 'password' => 'x', 'remote-address' => '10.8.0.2']);
        $this->router->disconnect($this->username());
        $this->router->connect('bob');
        $this->router->exec('/ppp/secret/remove', ['numbers' => 'bob']);
        $answer = $this->whmcs->suspend($this->service);
        self::assertStringContainsString('session of "bob"', $answer);
        self::assertSame('true', $this->secret()['disabled']);
        $this->router->disconnect('bob');
        self::assertSame('success', $this->whmcs->suspend($this->service));
    }

    /** @return array<string, array{string, list<string>}> the command, and whose rows the router does not know yet */
    public static function gaps(): array
    {
        $cases = [];
        foreach (['suspend', 'terminate'] as $command) {
            foreach (['/ppp/secret', '/ppp/active', '/queue/simple'] as $menu) {
                $cases["$command $menu"] = [$command, [$menu]];
            }
            $cases["$command everything"] = [$command, []];
        }
        return $cases;
    }

    /**
     * @dataProvider gaps
     * @param list<string> $menus
     */
    #[\PHPUnit\Framework\Attributes\DataProvider('gaps')]
    public function testAListThatIsEmptyRightAfterABootIsReadAgain(string $command, array $menus): void
    {
        self::assertSame('success', $this->whmcs->create($this->service));
        $name = $this->username();
        $this->router->reboot(4, $menus);
        $this->router->connect($name, ['redial' => 0]);
        // While the command looks again, the router's time goes on.
        $this->router->fault([
            'when' => ['command' => 'print', 'nth' => 3],
            'effect' => ['kind' => 'meanwhile', 'commands' => [['path' => '/advance', 'arguments' => ['seconds' => '2']]]],
        ]);
        self::assertSame('success', $this->whmcs->$command($this->service));
        self::assertSame([], $this->router->rows('/ppp/active'));
        $enabled = array_filter($this->router->rows('/ppp/secret'), static fn (array $row) => $row['disabled'] === 'false');
        self::assertSame([], $enabled);
        self::assertCount($command === 'suspend' ? 1 : 0, $this->router->rows('/queue/simple'));
    }

    /** @return array<string, array{string, string}> */
    public static function endlessGaps(): array
    {
        return [
            'suspend, secrets' => ['suspend', '/ppp/secret'],
            'suspend, sessions' => ['suspend', '/ppp/active'],
            'terminate, queues' => ['terminate', '/queue/simple'],
        ];
    }

    /** @dataProvider endlessGaps */
    #[\PHPUnit\Framework\Attributes\DataProvider('endlessGaps')]
    public function testAListThatStaysEmptyAfterABootIsASentence(string $command, string $menu): void
    {
        self::assertSame('success', $this->whmcs->create($this->service));
        $accessHash = $this->router->accessHash('command-timeout = 5');
        Capsule::table('tblservers')->where('id', $this->server)->update(['accesshash' => $accessHash]);
        $this->router->reboot(100, [$menu]);
        $this->router->connect($this->username(), ['redial' => 0]);
        $answer = $this->whmcs->$command($this->service);
        self::assertStringContainsString("shows nothing in $menu yet", $answer);
        self::assertStringContainsString('in a few minutes', $answer);
        self::assertCount(1, $this->router->rows('/queue/simple'), 'he is not set free of his limits');
        $this->router->advance(100);
        self::assertSame('success', $this->whmcs->$command($this->service));
        self::assertSame([], $this->router->rows('/ppp/active'));
    }

    public function testWhatIsReallyGoneIsTerminatedWithSuccess(): void
    {
        $this->createAndConnect();
        $this->router->disconnect($this->username());
        $this->router->exec('/ppp/secret/remove', ['numbers' => $this->username()]);
        $this->router->exec('/queue/simple/remove', ['numbers' => $this->username()]);
        $this->router->advance(600);
        self::assertSame('success', $this->whmcs->terminate($this->service), 'a router that runs is believed');
        self::assertSame('success', $this->whmcs->create($this->service));
        $this->router->exec('/ppp/secret/add', ['name' => 'somebody', 'password' => 'x']);
        $this->router->exec('/queue/simple/add', ['name' => 'somebody', 'target' => '192.0.2.1/32']);
        $this->router->reboot();
        $this->router->exec('/ppp/secret/remove', ['numbers' => $this->username()]);
        $this->router->exec('/queue/simple/remove', ['numbers' => $this->username()]);
        self::assertSame('success', $this->whmcs->terminate($this->service), 'so is one that shows others');
    }

    /** @return array<string, array{string}> the commands that take a customer off */
    public static function closing(): array
    {
        return ['suspend' => ['suspend'], 'terminate' => ['terminate']];
    }

    /** @dataProvider closing */
    #[\PHPUnit\Framework\Attributes\DataProvider('closing')]
    public function testOurTagWithWordsBehindItIsFoundUnderAnotherNameAndAddress(string $command): void
    {
        self::assertSame('success', $this->whmcs->create($this->service));
        $this->moveAway();
        self::assertSame('success', $this->whmcs->$command($this->service));
        self::assertSame([], $this->router->rows('/ppp/active'));
        $enabled = array_filter($this->router->rows('/ppp/secret'), static fn (array $row) => $row['disabled'] === 'false');
        self::assertSame([], $enabled);
    }

    public function testUnsuspendTakesALoginWithWordsBehindItsTagBackInsteadOfMakingASecondOne(): void
    {
        self::assertSame('success', $this->whmcs->create($this->service));
        $this->moveAway();
        self::assertSame('success', $this->whmcs->unsuspend($this->service));
        self::assertCount(1, $this->router->rows('/ppp/secret'));
        self::assertSame('10.8.0.2', $this->secret()['remote-address']);
        self::assertStringEndsWith(' VIP', $this->secret()['comment']);
    }

    /** @dataProvider sessionEnders */
    #[\PHPUnit\Framework\Attributes\DataProvider('sessionEnders')]
    public function testOneEmptyListOfSessionsIsNotBelieved(string $command, int $nth): void
    {
        $this->createAndConnect();
        $this->router->advance(600);
        $this->router->fault([
            'when' => ['menu' => '/ppp/active', 'command' => 'print', 'nth' => $nth, 'times' => 1],
            'effect' => ['kind' => 'reply', 'status' => 200, 'body' => Router::nothing()],
        ]);
        self::assertSame('success', $this->whmcs->$command($this->service));
        self::assertSame([], $this->router->rows('/ppp/active'));
    }

    /** @return array<string, array{string, int}> the command, and which of its looks shows nothing */
    public static function sessionEnders(): array
    {
        $cases = [];
        foreach (['suspend', 'terminate', 'resetConnection'] as $command) {
            foreach ([1, 2] as $nth) {
                $cases["$command, look $nth"] = [$command, $nth];
            }
        }
        return $cases;
    }

    /** @return array<string, array{array<string, string>}> how a login comes into our place */
    public static function usurpers(): array
    {
        return ['renamed' => [[]], 'somebody else' => [['name' => 'thief', 'password' => 'x', 'remote-address' => '10.8.0.2']]];
    }

    /**
     * @dataProvider usurpers
     * @param array<string, string> $other
     */
    #[\PHPUnit\Framework\Attributes\DataProvider('usurpers')]
    public function testNothingIsSoldOrEndedBesideALoginInOurPlace(array $other): void
    {
        $this->createAndConnect();
        if ($other === []) {
            $this->router->exec('/ppp/secret/set', ['numbers' => $this->username(), 'name' => 'bob', 'comment' => '']);
        } else {
            $this->router->exec('/ppp/secret/add', $other);
        }
        $name = $other['name'] ?? 'bob';
        $before = $this->router->rows('/ppp/secret');
        foreach (['changePackage', 'unsuspend', 'resetConnection'] as $command) {
            $answers[$command] = $this->whmcs->$command($this->service);
        }
        $answers['changePassword'] = $this->whmcs->changePassword($this->service, 'Another-1');
        foreach ($answers as $command => $answer) {
            self::assertStringContainsString('10.8.0.2', $answer, $command);
            self::assertStringContainsString("\"$name\"", $answer, $command);
        }
        self::assertEquals($before, $this->router->rows('/ppp/secret'));
    }

    public function testAQueueThatWasRenamedAndLostItsCommentIsTakenBack(): void
    {
        $this->createAndConnect();
        $this->router->exec('/queue/simple/set', ['numbers' => $this->username(), 'name' => 'office', 'comment' => '']);
        self::assertSame('success', $this->whmcs->changePackage($this->service));
        self::assertCount(1, $this->router->rows('/queue/simple'));
        $queue = $this->router->rows('/queue/simple', $this->username())[0];
        self::assertSame($this->secret()['comment'], $queue['comment']);
    }

    public function testNothingIsSoldBelowAQueueThatTakesTheTraffic(): void
    {
        $this->createAndConnect();
        $this->router->exec('/queue/simple/add', ['name' => 'fast', 'target' => '10.8.0.2/32', 'place-before' => '0']);
        foreach (['changePackage', 'unsuspend'] as $command) {
            $answer = $this->whmcs->$command($this->service);
            self::assertStringContainsString('simple queue "fast" for 10.8.0.2/32', $answer, $command);
        }
        $this->router->exec('/queue/simple/set', ['numbers' => 'fast', 'disabled' => 'yes']);
        self::assertSame('success', $this->whmcs->changePackage($this->service), 'the sentence said how');
    }

    public function testACopyOfALoginIsClosedByWhatIsSold(): void
    {
        foreach (['changePassword', 'changePackage', 'unsuspend'] as $command) {
            self::assertSame('success', $this->whmcs->create($this->service));
            $copy = ['name' => "copy$command", 'password' => 'leaked', 'remote-address' => '10.8.0.77', 'comment' => $this->secret()['comment']];
            $this->router->exec('/ppp/secret/add', $copy);
            $this->router->connect($copy['name'], ['redial' => 0]);
            $password = $command === 'changePassword' ? ['Another-1'] : [];
            self::assertSame('success', $this->whmcs->$command($this->service, ...$password), $command);
            self::assertSame('true', $this->router->rows('/ppp/secret', $copy['name'])[0]['disabled'], $command);
            self::assertSame('false', $this->secret()['disabled'], $command);
            self::assertSame([], $this->router->rows('/ppp/active'), $command);
        }
    }

    public function testAFirstCreateDoesNotAdoptALoginWithAnotherNameAndAddress(): void
    {
        $this->createAndConnect();
        $this->loseRecord();
        $away = ['name' => 'former', 'remote-address' => '10.8.0.99'];
        $this->router->exec('/ppp/secret/set', ['numbers' => $this->router->rows('/ppp/secret')[0]['.id']] + $away);
        $before = $this->router->rows('/ppp/secret');
        $answer = $this->whmcs->create($this->service);
        self::assertStringContainsString('"former" at 10.8.0.99', $answer);
        self::assertStringContainsString('10.8.0.2', $answer);
        self::assertEquals($before, $this->router->rows('/ppp/secret'));
    }

    public function testTerminateWithoutRecordAndUsernameLooksForTheTag(): void
    {
        $this->createAndConnect();
        $name = $this->username();
        $this->loseRecord();
        self::assertStringContainsString("\"$name\"", $this->whmcs->terminate($this->service));
        $this->change(['username' => $name]);
        self::assertSame('success', $this->whmcs->terminate($this->service), 'the sentence said how');
        self::assertSame([], $this->router->rows('/ppp/secret'));
    }

    private function loseRecord(): void
    {
        Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->delete();
        $this->change(['username' => '', 'dedicatedip' => '']);
    }

    private function moveAway(): void
    {
        $change = ['name' => 'vip', 'remote-address' => '10.8.0.99', 'comment' => $this->secret()['comment'] . ' VIP'];
        $this->router->exec('/ppp/secret/set', ['numbers' => $this->username()] + $change);
        $this->router->connect('vip', ['redial' => 0]);
        $this->router->advance(600);
    }

    private function createAndConnect(): void
    {
        self::assertSame('success', $this->whmcs->create($this->service));
        $this->router->connect($this->username(), ['redial' => 0]);
    }

    private function chooseAnotherServer(): int
    {
        $this->other = Router::start();
        $other = $this->whmcs->server($this->other, ['name' => 'Router B', 'assignedips' => '10.9.0.2-10.9.0.50']);
        $this->change(['server' => $other]);
        return $other;
    }

    private function assertAllRefuse(string ...$named): void
    {
        $before = $this->router->state();
        foreach (['create', 'changePackage', 'unsuspend'] as $command) {
            $answers[$command] = $this->whmcs->$command($this->service);
        }
        $answers['changePassword'] = $this->whmcs->changePassword($this->service, 'Another-1');
        foreach ($answers as $command => $answer) {
            foreach ($named as $words) {
                self::assertStringContainsString($words, $answer, $command);
            }
        }
        self::assertEquals($before['/ppp/secret'], $this->router->state()['/ppp/secret']);
        self::assertEquals($before['/ppp/active'], $this->router->state()['/ppp/active']);
    }

    private function assertPageTells(string $words): void
    {
        $fields = $this->whmcs->callForService('AdminServicesTabFields', $this->service);
        self::assertStringContainsString($words, html_entity_decode(strip_tags(implode(' ', $fields)), ENT_QUOTES));
    }

    /** @param array<string, mixed> $values columns of tblhosting */
    private function change(array $values): void
    {
        Capsule::table('tblhosting')->where('id', $this->service)->update($values);
    }

    private function comment(string $menu, string $comment): void
    {
        $comment = str_replace('SERVICE', (string) $this->service, $comment);
        $this->router->exec("$menu/set", ['numbers' => $this->username(), 'comment' => $comment]);
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
}

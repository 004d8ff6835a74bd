<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;
use MikrotikVpn\Tests\Router;
use WHMCS\Database\Capsule;

/** What happens when the traffic is used up, and that a grant takes all of it back. */
final class CapTest extends LedgerTestCase
{
    public function testWhatIsUsedUpIsDisabledAndWrittenAboutOnce(): void
    {
        $this->create();
        $this->consume(11 * self::MB);
        self::assertSame('true', $this->secret()['disabled']);
        self::assertSame([], $this->sessions());
        self::assertSame('Active', $this->whmcs->row($this->service)->domainstatus);
        self::assertSame(1, $this->mails('Used up'));
        $this->collect();
        $this->collect();
        self::assertSame(1, $this->mails('Used up'));
    }

    public function testTheSecretIsDisabledBeforeTheSessionEnds(): void
    {
        $this->create();
        $this->router->connect($this->username(), ['redial' => 1]);
        $this->router->traffic($this->username(), 11 * self::MB);
        $this->collect();
        $this->router->advance(60);
        self::assertSame([], $this->sessions(), 'a client that dials again stays outside');
    }

    public function testARenewalEnablesInTheSameRequestAndTheNextCapWritesAgain(): void
    {
        $this->create();
        $this->consume(11 * self::MB);
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame('false', $this->secret()['disabled']);
        self::assertNull($this->account()->capped_at);
        $this->router->resetStats();
        $this->collect();
        self::assertSame(1, $this->mails('Used up'));
        $this->consume(12 * self::MB);
        self::assertSame(2, $this->mails('Used up'));
    }

    public function testAManualEnableLastsUntilTheNextCollection(): void
    {
        $this->create();
        $this->consume(11 * self::MB);
        $this->router->exec('/ppp/secret/set', ['numbers' => $this->username(), 'disabled' => 'false']);
        $this->router->connect($this->username());
        $this->collect();
        self::assertSame('true', $this->secret()['disabled']);
        self::assertSame([], $this->sessions());
        self::assertSame(1, $this->mails('Used up'));
    }

    public function testATypoInTheProductLeavesCapsAndMailsAsTheyCouldLastBeRead(): void
    {
        $this->settings([23 => "rollover = off\ncap = slow 1/1"]);
        $this->create();
        $this->consume(11 * self::MB);
        self::assertSame('1000000/1000000', $this->queue()['max-limit']);
        $this->settings([14 => '1,000', 23 => 'cap = slow 1']);
        $this->collect();
        self::assertSame(['1000000/1000000', 'false'], [$this->queue()['max-limit'], $this->secret()['disabled']]);
        self::assertSame('slow 1/1', $this->account()->cap);
        $remarks = (string) Capsule::table('mod_mikrotikvpn_collections')->orderByDesc('id')->value('remarks');
        self::assertStringContainsString("Product {$this->product}: The product's module setting \"Advanced\" holds \"cap = slow 1\"", $remarks);
        self::assertStringContainsString('its accounts go by what could be read last', $remarks);
        $other = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server);
        self::assertStringContainsString('"Advanced" holds "cap = slow 1"', $this->whmcs->create($other), 'nothing is sold meanwhile');
        $this->settings([14 => '0.001953125', 23 => 'cap = disable']);
        $this->collect();
        self::assertSame('true', $this->secret()['disabled']);
    }

    public function testAnAccountMadeAgainHasNoCapOfBefore(): void
    {
        $this->settings([23 => 'cap = slow 1/1']);
        $this->create();
        $sold = $this->queue()['max-limit'];
        $this->consume(11 * self::MB);
        self::assertSame('1000000/1000000', $this->queue()['max-limit']);
        self::assertSame('success', $this->whmcs->terminate($this->service));
        $this->due(62);
        Capsule::table('tblhosting')->where('id', $this->service)->update(['overideautosuspend' => 1]);
        $this->create();
        self::assertGreaterThan(0, $this->balance());
        self::assertSame($sold, $this->queue()['max-limit']);
    }

    public function testUnsuspendIsRefusedWithTheReasonAndTheRemedy(): void
    {
        $this->create();
        $this->consume(11 * self::MB);
        $this->whmcs->suspend($this->service);
        $answer = $this->whmcs->unsuspend($this->service);
        self::assertStringContainsString('used up', $answer);
        self::assertStringContainsString('renew', $answer);
        self::assertSame('true', $this->secret()['disabled']);
    }

    public function testUnsuspendBeforeRenewGrantsWhatTheInvoiceProves(): void
    {
        $this->invoice($this->day(0));
        $this->create();
        $this->consume(11 * self::MB);
        $this->whmcs->suspend($this->service);
        $this->invoice($this->day(30));
        self::assertSame('success', $this->whmcs->unsuspend($this->service));
        self::assertSame('false', $this->secret()['disabled']);
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame(9 * self::MB, $this->balance());
    }

    public function testAGrantDoesNotLiftWhmcssSuspension(): void
    {
        $this->create();
        $this->consume(11 * self::MB);
        $this->whmcs->suspend($this->service);
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame('true', $this->secret()['disabled']);
        self::assertSame('success', $this->whmcs->unsuspend($this->service));
        self::assertSame('false', $this->secret()['disabled']);
    }

    public function testTheOverrideKeepsTheCapAwayButNotTheNotice(): void
    {
        $this->create();
        $override = fn (int $on, string $until) => Capsule::table('tblhosting')->where('id', $this->service)
            ->update(['overideautosuspend' => $on, 'overidesuspenduntil' => $until]);
        $override(1, $this->day(1));
        $this->consume(11 * self::MB);
        self::assertSame('false', $this->secret()['disabled']);
        self::assertSame([0, 1], [$this->mails('Used up'), $this->mails('Little left')]);
        $override(1, $this->day(-1));
        $this->collect();
        self::assertSame('true', $this->secret()['disabled']);
        $override(1, '0000-00-00');
        $this->collect();
        self::assertSame('false', $this->secret()['disabled'], 'lifted by the override');
    }

    public function testASlowAccountKeepsItsSessionAndGetsItsSpeedBack(): void
    {
        $this->settings([23 => 'cap = slow 1/0.5']);
        $this->create();
        $this->consume(11 * self::MB);
        self::assertSame('500000/1000000', $this->queue()['max-limit']);
        self::assertCount(1, $this->sessions());
        self::assertSame('false', $this->secret()['disabled']);
        $this->settings([4 => '50']);
        self::assertSame('success', $this->whmcs->changePackage($this->service));
        self::assertSame('500000/1000000', $this->queue()['max-limit'], 'a new package stays throttled');
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame('5000000/50000000', $this->queue()['max-limit']);
        self::assertCount(1, $this->sessions());
    }

    public function testAWalledGardenSwitchesTheProfileAndEndsTheSessionOnce(): void
    {
        $this->router->exec('/ppp/profile/add', ['name' => 'walled', 'address-list' => 'walled']);
        $this->settings([23 => 'cap = profile walled']);
        $this->create();
        $this->consume(11 * self::MB);
        self::assertSame('walled', $this->secret()['profile']);
        self::assertSame([], $this->sessions());
        $this->router->connect($this->username());
        $this->collect();
        self::assertCount(1, $this->sessions(), 'inside the walled garden');
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame('default-encryption', $this->secret()['profile']);
        self::assertSame([], $this->sessions());
    }

    private function walled(): string
    {
        $this->router->exec('/ppp/profile/add', ['name' => 'walled', 'address-list' => 'walled']);
        $this->settings([23 => 'cap = profile walled']);
        $this->create();
        return $this->username();
    }

    /** @return array<string, array{array<string, mixed>}> */
    public static function sessionsThatStay(): array
    {
        $lists = ['when' => ['menu' => '/ppp/active', 'command' => 'print', 'nth' => 2, 'times' => 1]];
        $removes = ['when' => ['menu' => '/ppp/active', 'command' => 'remove', 'nth' => 1, 'times' => 1]];
        return [
            'a list leaves it out' => [$lists + ['effect' => ['kind' => 'reply', 'status' => 200, 'body' => Router::nothing()]]],
            'its removal does nothing' => [$removes + ['effect' => ['kind' => 'reply', 'status' => 200, 'body' => Router::nothing()]]],
        ];
    }

    /**
     * @dataProvider sessionsThatStay
     * @param array<string, mixed> $fault
     */
    #[\PHPUnit\Framework\Attributes\DataProvider('sessionsThatStay')]
    public function testASessionThatOutlivesAWalledCapIsOwedNamedAndEndedByTheNextCollection(array $fault): void
    {
        $name = $this->walled();
        $this->router->connect($name, ['redial' => 0]);
        $this->router->traffic($name, 11 * self::MB);
        $this->router->fault($fault);
        $this->collect();
        self::assertCount(1, $this->sessions());
        self::assertStringContainsString("was told to end the session of \"$name\"", $this->remarks());
        $this->router->advance(3600);
        $this->router->traffic($name, 500 * self::MB);
        $this->collect();
        self::assertSame(-501 * self::MB, $this->balance());
        self::assertSame([], $this->sessions());
    }

    /** @return array<string, array{string}> */
    public static function capsThatEndSessions(): array
    {
        return ['disabled' => [''], 'walled' => ['cap = profile walled']];
    }

    /** @dataProvider capsThatEndSessions */
    #[\PHPUnit\Framework\Attributes\DataProvider('capsThatEndSessions')]
    public function testASessionOfAnEarlierNameAtTheAddressOfACappedAccountEnds(string $cap): void
    {
        $name = $this->walled();
        $this->settings([23 => $cap]);
        $this->router->exec('/ppp/secret/set', ['numbers' => $name, 'name' => 'earlier']);
        $this->router->connect('earlier', ['redial' => 0]);
        $this->router->exec('/ppp/secret/set', ['numbers' => 'earlier', 'name' => $name]);
        $this->router->traffic('earlier', 11 * self::MB);
        $this->collect();
        self::assertSame([], $this->router->rows('/ppp/active'));
    }

    public function testASessionOfSomebodyElseAtTheAddressIsNamedAndWhatItUsesIsOwed(): void
    {
        $name = $this->walled();
        $this->router->exec('/ppp/secret/set', ['numbers' => $name, 'name' => 'boss']);
        $this->router->connect('boss', ['redial' => 0]);
        $this->router->exec('/ppp/secret/set', ['numbers' => 'boss', 'name' => $name]);
        $this->router->exec('/ppp/secret/add', ['name' => 'boss', 'password' => 'x']);
        foreach ([11, 500, 500] as $mb) {
            $this->router->advance(3600);
            $this->router->traffic('boss', $mb * self::MB);
            $this->collect();
            self::assertStringContainsString('The router has a session of "boss" with the address', $this->remarks());
        }
        self::assertSame(-1001 * self::MB, $this->balance());
        self::assertCount(1, $this->router->rows('/ppp/active'));
    }

    public function testAProfileThatHoldsNobodyBackIsToldAndWhatIsUsedInItIsOwed(): void
    {
        $this->router->exec('/ppp/profile/add', ['name' => 'open']);
        $this->settings([23 => 'cap = profile open']);
        $this->create();
        $this->consume(11 * self::MB);
        $this->router->connect($this->username());
        foreach (range(1, 3) as $ignored) {
            $this->router->advance(3600);
            $this->router->traffic($this->username(), 500 * self::MB);
            $this->collect();
            self::assertStringContainsString('the profile "open" of its cap holds nobody back', $this->remarks());
        }
        self::assertSame(-1501 * self::MB, $this->balance());
    }

    /** @return array<string, array{string}> */
    public static function capsThatTakeNothing(): array
    {
        return ['as fast' => ['cap = slow 50/50'], 'the sold profile' => ['cap = profile default-encryption']];
    }

    /** @dataProvider capsThatTakeNothing */
    #[\PHPUnit\Framework\Attributes\DataProvider('capsThatTakeNothing')]
    public function testACapThatTakesNothingFromWhatWasSoldDisables(string $cap): void
    {
        $this->settings([4 => '1', 5 => '1', 23 => $cap]);
        $this->create();
        $this->consume(11 * self::MB);
        self::assertSame('1000000/1000000', $this->queue()['max-limit']);
        self::assertSame('true', $this->secret()['disabled']);
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame('false', $this->secret()['disabled']);
    }

    public function testAPackageChangeLeavesACappedAccountDisabled(): void
    {
        $this->create();
        $this->consume(11 * self::MB);
        $this->settings([4 => '50']);
        self::assertSame('success', $this->whmcs->changePackage($this->service));
        self::assertSame('true', $this->secret()['disabled']);
        self::assertSame('5000000/50000000', $this->queue()['max-limit']);
    }

    public function testAnotherPolicyTakesTheFirstOneBack(): void
    {
        $this->create();
        $this->consume(11 * self::MB);
        $this->settings([23 => 'cap = slow 1/1']);
        $this->collect();
        self::assertSame('false', $this->secret()['disabled']);
        self::assertSame('1000000/1000000', $this->queue()['max-limit']);
        self::assertSame(1, $this->mails('Used up'));
    }

    public function testACapTheRouterMissedIsFinishedByTheNextCollection(): void
    {
        $this->create();
        $this->router->fault([
            'when' => ['menu' => '/ppp/secret', 'command' => 'set', 'times' => 1],
            'effect' => ['kind' => 'error', 'status' => 400, 'detail' => 'failure: busy'],
        ]);
        $this->consume(11 * self::MB);
        self::assertSame('false', $this->secret()['disabled']);
        self::assertStringContainsString('busy', $this->remarks());
        $this->collect();
        self::assertSame('true', $this->secret()['disabled']);
        self::assertSame(1, $this->mails('Used up'));
    }

    public function testALiftTheRouterMissedIsFinishedByTheNextCollection(): void
    {
        $this->create();
        $this->consume(11 * self::MB);
        $this->router->fault([
            'when' => ['menu' => '/ppp/secret', 'command' => 'set', 'times' => 1],
            'effect' => ['kind' => 'error', 'status' => 400, 'detail' => 'failure: busy'],
        ]);
        self::assertStringContainsString('next collection', $this->whmcs->renew($this->service));
        self::assertSame(9 * self::MB, $this->balance());
        self::assertSame('success', $this->whmcs->renew($this->service), 'a repetition grants nothing more');
        self::assertSame(9 * self::MB, $this->balance());
        $this->collect();
        self::assertSame('false', $this->secret()['disabled']);
    }

    /** @return array<string, array{string, string}> */
    public static function liftsThatDoNothing(): array
    {
        return ['login' => ['', '/ppp/secret'], 'speed' => ['cap = slow 1/0.5', '/queue/simple']];
    }

    /** @dataProvider liftsThatDoNothing */
    #[\PHPUnit\Framework\Attributes\DataProvider('liftsThatDoNothing')]
    public function testALiftTheRouterOnlySaysItDidIsToldAndFinishedByTheNextCollection(string $cap, string $menu): void
    {
        $this->settings([23 => $cap]);
        $this->create();
        $sold = $this->queue()['max-limit'];
        $this->consume(11 * self::MB);
        $this->router->fault([
            'when' => ['menu' => $menu, 'command' => 'set', 'nth' => 1, 'times' => 1],
            'effect' => ['kind' => 'reply', 'status' => 200, 'body' => Router::nothing()],
        ]);
        self::assertStringContainsString('does not show it', $this->whmcs->renew($this->service));
        $this->collect();
        self::assertSame([$sold, 'false'], [$this->queue()['max-limit'], $this->secret()['disabled']]);
    }

    public function testManyAreCappedByOneRequestAndForeignAccountsStay(): void
    {
        $this->router->exec('/ppp/secret/add', ['name' => 'boss', 'password' => 'x', 'comment' => 'isp', 'remote-address' => '10.9.0.2']);
        $services = [$this->service];
        foreach (range(1, 5) as $ignored) {
            $services[] = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server);
        }
        $this->router->connect('boss');
        foreach ($services as $service) {
            self::assertSame('success', $this->whmcs->create($service));
            $name = $this->whmcs->row($service)->username;
            $this->router->connect($name);
            $this->router->traffic($name, 11 * self::MB);
        }
        $this->router->resetStats();
        $this->collect();
        self::assertSame(1, array_count_values($this->router->commands())['/ppp/secret/set'] ?? 0);
        self::assertCount(1, $this->router->rows('/ppp/active'));
        self::assertSame('false', $this->router->rows('/ppp/secret', 'boss')[0]['disabled']);
        foreach ($services as $service) {
            self::assertSame('true', $this->router->rows('/ppp/secret', $this->whmcs->row($service)->username)[0]['disabled']);
        }
    }

    public function testAProfileTheRouterLacksEndsInADisabledLoginUntilTheGrant(): void
    {
        $this->settings([23 => 'cap = profile walled']);
        $this->create();
        $this->consume(11 * self::MB);
        self::assertSame('true', $this->secret()['disabled']);
        self::assertSame([], $this->sessions());
        self::assertStringContainsString("Service {$this->service} ", $this->remarks());
        self::assertStringContainsString('"profile walled"', $this->remarks());
        self::assertStringContainsString('disabled instead', $this->remarks());
        $this->collect();
        self::assertSame('true', $this->secret()['disabled'], 'nor does the next collection let him in');
        self::assertStringContainsString('"profile walled"', $this->remarks(), 'it says so as long as it lasts');
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame('false', $this->secret()['disabled']);
        $this->collect();
        self::assertSame('', $this->remarks());
        self::assertSame('', $this->account()->cap, 'nothing is left to put back');
    }

    public function testOnceTheRouterHasTheProfileTheCapIsAsMeant(): void
    {
        $this->settings([23 => 'cap = profile walled']);
        $this->create();
        $this->consume(11 * self::MB);
        $this->router->exec('/ppp/profile/add', ['name' => 'walled', 'address-list' => 'walled']);
        $this->collect();
        self::assertSame(['false', 'walled'], [$this->secret()['disabled'], $this->secret()['profile']]);
        self::assertSame('', $this->remarks());
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame('default-encryption', $this->secret()['profile']);
    }

    /** @return array<string, array{string, array<string, string>}> what somebody does to the queue */
    public static function brokenQueues(): array
    {
        return ['disabled' => ['set', ['disabled' => 'yes']], 'removed' => ['remove', []]];
    }

    /**
     * @dataProvider brokenQueues
     * @param array<string, string> $arguments
     */
    #[\PHPUnit\Framework\Attributes\DataProvider('brokenQueues')]
    public function testWithoutAWorkingQueueASlowCapEndsInADisabledLogin(string $command, array $arguments): void
    {
        $this->settings([23 => 'cap = slow 1/0.5']);
        $this->create();
        $this->consume(11 * self::MB);
        self::assertSame('500000/1000000', $this->queue()['max-limit']);
        self::assertCount(1, $this->sessions(), 'the session goes on, slowly');
        $this->router->advance(3600);
        $this->router->exec("/queue/simple/$command", ['numbers' => $this->username()] + $arguments);
        $this->collect();
        self::assertSame('true', $this->secret()['disabled']);
        self::assertSame([], $this->sessions());
        self::assertStringContainsString("Service {$this->service} cannot have the cap \"slow 1/0.5\"", $this->remarks());
        self::assertSame('success', $this->whmcs->changePackage($this->service), 'which makes the queue whole');
        self::assertSame('false', $this->secret()['disabled']);
        self::assertSame('500000/1000000', $this->queue()['max-limit']);
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame('5000000/20000000', $this->queue()['max-limit']);
    }

    public function testALoginThatLostItsCommentIsCappedAndTaggedAgain(): void
    {
        $this->create();
        $tag = $this->secret()['comment'];
        $this->router->exec('/ppp/secret/set', ['numbers' => $this->username(), 'comment' => 'VIP']);
        $this->consume(11 * self::MB);
        self::assertSame('true', $this->secret()['disabled']);
        self::assertSame("$tag VIP", $this->secret()['comment']);
        self::assertSame([], $this->sessions());
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame('false', $this->secret()['disabled']);
    }

    public function testALoginInOurPlaceThatIsNotOursIsNamedUntilItIsGone(): void
    {
        $this->create();
        $name = $this->username();
        $this->router->connect($name);
        $this->router->traffic($name, 11 * self::MB);
        $this->router->exec('/ppp/secret/set', ['numbers' => $name, 'name' => 'bob', 'comment' => '']);
        $this->collect();
        self::assertSame('false', $this->router->rows('/ppp/secret', 'bob')[0]['disabled'], 'it is not touched');
        self::assertStringContainsString("Service {$this->service}: ", $this->remarks());
        self::assertStringContainsString('"bob"', $this->remarks());
        self::assertSame(0, (int) $this->account()->cap_done, 'it is not called done');
    }

    public function testARemarkOfOneAccountStandsOnItsOwnPageAndNamedInTheOverview(): void
    {
        $this->settings([23 => 'cap = profile walled']);
        $this->create();
        $other = $this->whmcs->service($this->whmcs->client(), $this->product, $this->server);
        self::assertSame('success', $this->whmcs->create($other));
        $this->consume(11 * self::MB);
        $page = fn (int $service): string => implode(' ', $this->whmcs->callForService('AdminServicesTabFields', $service));
        self::assertStringContainsString("Service {$this->service} cannot have the cap", $page($this->service));
        self::assertStringNotContainsString('cannot have the cap', $page($other));
        self::assertStringNotContainsString('accounts could not be brought', $this->remarks());
    }
}

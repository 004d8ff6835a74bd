<?php

declare(strict_types=1);

namespace WhmcsStandIn\Tests;

use WHMCS\Service\Status;
use WhmcsStandIn\Failure;
use WhmcsStandIn\ReturnRules;
use WhmcsStandIn\ServerSync;
use WhmcsStandIn\Web\EmailTemplates;

/** The Server Sync tool, and the e-mail templates' hooks: what a module may answer there. */
final class ServerSyncTest extends HostTestCase
{
    private const ACCOUNT = [
        'email' => '', 'username' => 'ann', 'domain' => '', 'uniqueIdentifier' => 'ann', 'product' => 'gold', 'primaryip' => '10.0.0.1',
        'created' => '2026-02-28 10:00:00', 'status' => Status::SUSPENDED,
    ];

    /** @return array<string, array{0: array<string, mixed>, 1: string}> */
    public static function mistakes(): array
    {
        return [
            'a key left out' => [['email' => null], "without a text 'email'"],
            'a number' => [['username' => 7], "without a text 'username'"],
            'an unknown key' => [['password' => 'x'], 'password, which Server Sync does not know'],
            'no identifier' => [['uniqueIdentifier' => ''], 'empty uniqueIdentifier'],
            'a day alone' => [['created' => '2026-02-28'], 'no Y-m-d H:i:s'],
            'a day that is not' => [['created' => '2026-02-30 10:00:00'], 'no Y-m-d H:i:s'],
            'the zero date' => [['created' => '0000-00-00 00:00:00'], 'no Y-m-d H:i:s'],
            'another status' => [['status' => 'Terminated'], 'neither Active nor Suspended'],
            'a status in lower case' => [['status' => 'active'], 'neither Active nor Suspended'],
            'no address' => [['primaryip' => 'dynamic'], 'which is no address'],
        ];
    }

    /** @dataProvider mistakes */
    #[\PHPUnit\Framework\Attributes\DataProvider('mistakes')]
    public function testAWrongShapeIsTold(array $change, string $words): void
    {
        $answer = ['success' => true, 'accounts' => [$change + self::ACCOUNT]];
        self::assertStringContainsString($words, implode(' ', ReturnRules::check('ListAccounts', $answer)));
    }

    public function testARightShapeIsTaken(): void
    {
        self::assertSame([], ReturnRules::check('ListAccounts', ['success' => true, 'accounts' => []]));
        self::assertSame([], ReturnRules::check('ListAccounts', ['success' => true, 'accounts' => [self::ACCOUNT]]));
        self::assertSame([], ReturnRules::check('ListAccounts', ['success' => false, 'error' => 'no router']));
        self::assertNotSame([], ReturnRules::check('ListAccounts', ['success' => false, 'error' => ' ']));
        self::assertNotSame([], ReturnRules::check('ListAccounts', ['success' => true, 'accounts' => ['a' => self::ACCOUNT]]));
        $twice = ReturnRules::check('ListAccounts', ['success' => true, 'accounts' => [self::ACCOUNT, self::ACCOUNT]]);
        self::assertSame(["returned the uniqueIdentifier 'ann' twice"], $twice);
    }

    public function testAccountsAreMatchedByTheIdentifier(): void
    {
        $ids = $this->scenario('samplevpn', [], [1 => 'basic'], ['domainstatus' => 'Active']);
        $bob = $this->fixtures->addService(['userid' => $ids['client'], 'packageid' => $ids['product'], 'server' => $ids['server'], 'username' => 'bob', 'domainstatus' => 'Suspended']);
        $found = (new ServerSync($this->whmcs))->compare($ids['server']);
        self::assertSame([$ids['service'], true, true], [$found['matched'][0]['service'], $found['matched'][0]['same_status'], $found['matched'][0]['same_plan']]);
        self::assertSame([[], [$bob]], [$found['unknown'], $found['missing']]);
    }

    public function testAModuleWithoutTheMetaKeysHasNoServerSync(): void
    {
        $ids = $this->scenario('misbehaving');
        $this->expectException(Failure::class);
        $this->expectExceptionMessage('ListAccountsProductField');
        (new ServerSync($this->whmcs))->compare($ids['server']);
    }

    public function testAMailHookThatAnswersNoArrayIsReported(): void
    {
        $ids = $this->scenario('samplevpn');
        $this->fixtures->addEmailTemplate('Fine', 'x', 'x');
        add_hook('EmailPreSend', 1, static fn (): string => 'abort');
        localAPI('SendEmail', ['messagename' => 'Fine', 'id' => $ids['service']]);
        self::assertStringContainsString('returned the string "abort" where an array is expected', $this->breaches()[0]->message);
        add_hook('EmailTplMergeFields', 1, static fn (): array => ['vpn_server']);
        self::assertSame([], EmailTemplates::mergeFields('product'));
        self::assertStringContainsString('where field => label is expected', $this->breaches()[0]->message);
    }
}

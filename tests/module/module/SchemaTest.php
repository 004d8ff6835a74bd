<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\LedgerTestCase;
use WHMCS\Database\Capsule;

/** Tables of an older version become ours, whatever interrupts it. */
final class SchemaTest extends LedgerTestCase
{
    private const ADDED = [
        'accounts' => [
            'sessions', 'seen_day', 'seen_queue', 'seen_session', 'hidden', 'granted_quota', 'profile',
            'limit_download', 'limit_upload', 'capped_at', 'cap', 'cap_done', 'noticed', 'cap_seen',
            'suspect', 'ahead_download', 'ahead_upload',
        ],
        'traffic_daily' => ['free'],
        'traffic_monthly' => ['free', 'told'],
        'grants' => ['kind', 'reason', 'admin', 'waits'],
        'servers' => ['ended_at', 'version', 'online', 'checked_at', 'report', 'history_day', 'swept_on', 'started_at'],
        'schema' => ['verified_at'],
    ];

    /** @return array<string, array{0: int}> */
    public static function interruptions(): array
    {
        return ['from the beginning' => [0], 'cut off after some columns' => [5]];
    }

    public function testWithoutTheKeyThatKeepsAGrantFromBeingGivenTwiceNothingIsMoved(): void
    {
        $this->create();
        Capsule::statement('ALTER TABLE mod_mikrotikvpn_grants DROP KEY period');
        $tested = $this->whmcs->callForServer('TestConnection', $this->server);
        $remedy = 'ALTER TABLE mod_mikrotikvpn_grants ADD UNIQUE KEY period (service_id, period)';
        self::assertFalse($tested['success']);
        self::assertStringContainsString($remedy, $tested['error']);
        Capsule::table('mod_mikrotikvpn_schema')->update(['verified_at' => null]);
        $granted = $this->balance();
        $this->invoice($this->day(30));
        $this->due(60);
        foreach ([$this->whmcs->renew($this->service), $this->whmcs->create($this->service), $this->whmcs->collect($this->server)] as $answer) {
            self::assertStringContainsString($remedy, $answer);
        }
        self::assertSame($granted, $this->balance());
        Capsule::statement($remedy);
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame(2 * $granted, $this->balance());
        self::assertTrue($this->whmcs->callForServer('TestConnection', $this->server)['success']);
    }

    /** @dataProvider interruptions */
    #[\PHPUnit\Framework\Attributes\DataProvider('interruptions')]
    public function testTheFirstVersionIsMigratedAndItsFiguresStay(int $done): void
    {
        $this->create();
        $this->consume(self::MB);
        $this->leaveAsTheLastReleaseDid();
        foreach (self::ADDED as $table => $columns) {
            foreach (array_slice($columns, $done) as $column) {
                Capsule::statement("ALTER TABLE mod_mikrotikvpn_$table DROP COLUMN $column");
            }
        }
        Capsule::statement('DROP TABLE mod_mikrotikvpn_mails, mod_mikrotikvpn_templates, mod_mikrotikvpn_live, mod_mikrotikvpn_pace');
        Capsule::table('mod_mikrotikvpn_schema')->update(['version' => 1]);
        $this->whmcs->callForService('AdminServicesTabFields', $this->service);
        self::assertSame(6, (int) Capsule::table('mod_mikrotikvpn_schema')->value('version'));
        self::assertSame(9 * self::MB, $this->balance());
        $this->consume(10 * self::MB);
        self::assertSame(-self::MB, $this->balance());
        self::assertSame('true', $this->secret()['disabled']);
        self::assertSame('success', $this->whmcs->renew($this->service));
        self::assertSame('false', $this->secret()['disabled']);
    }

    public function testTheLastReleaseGetsWhatCameSince(): void
    {
        $this->create();
        $added = ['servers' => 'started_at', 'pace' => 'failed_at'];
        foreach ($added as $table => $column) {
            Capsule::statement("ALTER TABLE mod_mikrotikvpn_$table DROP COLUMN $column");
        }
        Capsule::table('mod_mikrotikvpn_schema')->update(['version' => 5]);
        $this->whmcs->callForService('AdminServicesTabFields', $this->service);
        $this->consume(self::MB);
        foreach ($added as $table => $column) {
            self::assertTrue(Capsule::schema()->hasColumn("mod_mikrotikvpn_$table", $column), "$table.$column");
        }
        self::assertNotNull(Capsule::table('mod_mikrotikvpn_servers')->orderByDesc('server_id')->value('started_at'));
    }
}

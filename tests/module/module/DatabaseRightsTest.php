<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Copy;
use MikrotikVpn\Tests\LedgerTestCase;

/** A database user who may not make tables. */
final class DatabaseRightsTest extends LedgerTestCase
{
    private Copy $copy;

    protected function setUp(): void
    {
        parent::setUp();
        $this->copy = new Copy($this->whmcs, 'http://127.0.0.1/');
        $tables = (string) $this->copy->value("SELECT GROUP_CONCAT(table_name) FROM information_schema.tables WHERE table_schema = 'whmcs' AND table_name LIKE 'mod\\_mikrotikvpn\\_%'");
        $tables === '' || $this->copy->whmcs('sql', "DROP TABLE $tables");
        $this->copy->whmcs('sql', "REVOKE CREATE ON whmcs.* FROM 'whmcs'@'localhost'");
    }

    protected function tearDown(): void
    {
        $this->copy->whmcs('sql', "GRANT ALL ON whmcs.* TO 'whmcs'@'localhost'");
        $this->copy->stop();
        parent::tearDown();
    }

    public function testTestConnectionNamesTheRightAndTheStatementThatGrantsIt(): void
    {
        $said = $this->copy->test($this->server);
        self::assertStringContainsString("'whmcs'@'localhost' lacks the right CREATE", $said);
        self::assertSame(1, preg_match('/GRANT [A-Z, ]+ ON `whmcs`\.\* TO \'whmcs\'@\'localhost\'/', $said, $grant));
        $this->copy->whmcs('sql', $grant[0]);
        self::assertStringNotContainsString('lacks the right', $this->copy->test($this->server));
    }

    public function testTheLogHearsOfItOnceADay(): void
    {
        $this->copy->whmcs('cron', '--after-only');
        $this->copy->whmcs('cron', '--after-only');
        $entries = "SELECT COUNT(*) FROM tblactivitylog WHERE description LIKE 'mikrotikvpn: no traffic was collected in this cron run: %lacks the right CREATE%'";
        self::assertSame(1, (int) $this->copy->value($entries));
        $this->copy->whmcs('sql', 'UPDATE tblactivitylog SET date = date - INTERVAL 25 HOUR');
        $this->copy->whmcs('cron', '--after-only');
        self::assertSame(2, (int) $this->copy->value($entries));
    }
}

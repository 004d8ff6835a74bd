<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Hooks;

use MikrotikVpn\Test;
use MikrotikVpn\Tests\TestCase;
use WHMCS\Database\Capsule;

/** The core's `Host` over WHMCS's database handle. */
final class DatabaseTest extends TestCase
{
    protected function setUp(): void
    {
        parent::setUp();
        Capsule::connection()->statement('DROP TABLE IF EXISTS test_values');
        Capsule::connection()->statement(
            'CREATE TABLE test_values (id bigint PRIMARY KEY, number bigint NULL, text varchar(200) NULL)'
            . ' ENGINE=InnoDB CHARSET=utf8mb4'
        );
    }

    protected function tearDown(): void
    {
        $pdo = Capsule::connection()->getPdo();
        $pdo->setAttribute(\PDO::ATTR_EMULATE_PREPARES, false);
        $pdo->setAttribute(\PDO::ATTR_STRINGIFY_FETCHES, false);
        $pdo->setAttribute(\PDO::ATTR_ERRMODE, \PDO::ERRMODE_EXCEPTION);
        while (Capsule::connection()->transactionLevel() > 0) {
            Capsule::connection()->rollBack();
        }
        parent::tearDown();
    }

    /** @return array<string, array{bool}> */
    public static function preparation(): array
    {
        return ['native prepares' => [false], 'emulated prepares' => [true]];
    }

    /** @dataProvider preparation */
    #[\PHPUnit\Framework\Attributes\DataProvider('preparation')]
    public function testIntegersNullAndTextComeBackAsTheyWentIn(bool $emulated): void
    {
        Capsule::connection()->getPdo()->setAttribute(\PDO::ATTR_EMULATE_PREPARES, $emulated);
        $text = "ключ 😀 'quoted' \"too\" ? \\ \n \0 end";
        self::assertSame(1, Test\execute('INSERT INTO test_values VALUES (?, ?, ?)', [PHP_INT_MAX, null, $text]));
        self::assertSame(1, Test\execute('INSERT INTO test_values VALUES (?, ?, ?)', [-5, -1, null]));
        self::assertSame(
            [[-5, -1, null], [PHP_INT_MAX, null, $text]],
            Test\query('SELECT * FROM test_values ORDER BY id', [])
        );
    }

    public function testFloatsAndDecimalsKeepTheirDigits(): void
    {
        $columns = "CAST(? AS DOUBLE), CAST('12.34' AS DECIMAL(10,4)), CAST('2026-01-02 03:04:05' AS DATETIME)";
        self::assertSame([[0.1, '12.3400', '2026-01-02 03:04:05']], Test\query("SELECT $columns", [0.1]));
    }

    public function testStringifiedFetchesComeAsText(): void
    {
        Capsule::connection()->getPdo()->setAttribute(\PDO::ATTR_STRINGIFY_FETCHES, true);
        self::assertSame([['7', null]], Test\query('SELECT 7, NULL', []));
    }

    public function testTextThatIsNotUtf8IsReplacedAndNotRefused(): void
    {
        self::assertSame([["a\u{FFFD}b"]], Test\query("SELECT CAST(x'61FF62' AS BINARY)", []));
    }

    /** @dataProvider preparation */
    #[\PHPUnit\Framework\Attributes\DataProvider('preparation')]
    public function testLimitTakesABoundInteger(bool $emulated): void
    {
        Capsule::connection()->getPdo()->setAttribute(\PDO::ATTR_EMULATE_PREPARES, $emulated);
        Test\execute('INSERT INTO test_values (id) VALUES (1), (2), (3)', []);
        self::assertSame([[2]], Test\query('SELECT id FROM test_values ORDER BY id LIMIT ? OFFSET ?', [1, 1]));
    }

    public function testTheCountIsOfRowsReallyChanged(): void
    {
        Test\execute('INSERT INTO test_values (id, number) VALUES (1, 1), (2, 1), (3, 2)', []);
        self::assertSame(1, Test\execute('UPDATE test_values SET number = ?', [1]));
        self::assertSame(0, Test\execute('DELETE FROM test_values WHERE id = ?', [9]));
    }

    public function testADuplicateKeyIsKnownByTheDriversNumber(): void
    {
        Test\execute('INSERT INTO test_values (id) VALUES (1)', []);
        try {
            Test\execute('INSERT INTO test_values (id) VALUES (1)', []);
            self::fail('The second row was taken.');
        } catch (\Exception $error) {
            self::assertSame(1062, $error->getCode());
            self::assertStringContainsString('Duplicate entry', $error->getMessage());
            self::assertStringStartsWith('WHMCS could not write to its database: ', $error->getMessage());
        }
        self::assertSame([[1]], Test\query('SELECT COUNT(*) FROM test_values', []), 'the handle works on');
    }

    public function testAHandleThatDoesNotThrowStillFails(): void
    {
        Capsule::connection()->getPdo()->setAttribute(\PDO::ATTR_ERRMODE, \PDO::ERRMODE_SILENT);
        Test\execute('INSERT INTO test_values (id) VALUES (1)', []);
        try {
            Test\execute('INSERT INTO test_values (id) VALUES (1)', []);
            self::fail('The second row was taken.');
        } catch (\Exception $error) {
            self::assertSame(1062, $error->getCode());
        }
        $this->expectExceptionMessageMatches('/syntax/');
        Test\query('SELEKT 1', []);
    }

    public function testAnUnknownTableIsASentenceAboutReading(): void
    {
        $this->expectExceptionMessageMatches("/^WHMCS could not read its database: .*no_such_table.*[^.]\\.$/");
        Test\query('SELECT * FROM no_such_table', []);
    }

    public function testATransactionInsideOneOfWhmcsIsASavepoint(): void
    {
        Capsule::connection()->beginTransaction();
        Capsule::table('test_values')->insert(['id' => 1]);
        Test\begin();
        Test\execute('INSERT INTO test_values (id) VALUES (2)', []);
        Test\rollback();
        Test\begin();
        Test\execute('INSERT INTO test_values (id) VALUES (3)', []);
        Test\commit();
        self::assertSame(1, Capsule::connection()->transactionLevel(), 'ours are closed, theirs is open');
        self::assertSame([1, 3], Capsule::table('test_values')->orderBy('id')->pluck('id')->all());
        Capsule::connection()->rollBack();
        self::assertSame(0, Capsule::table('test_values')->count());
    }

    /** @return array<string, array{string}> */
    public static function ends(): array
    {
        return ['WHMCS commits' => ['commit'], 'WHMCS rolls back' => ['rollBack']];
    }

    /** @dataProvider ends */
    #[\PHPUnit\Framework\Attributes\DataProvider('ends')]
    public function testADeadlockInsideATransactionOfWhmcsIsToldAndLeavesNothingOpen(string $end): void
    {
        Capsule::table('test_values')->insert([['id' => 1], ['id' => 2]]);
        $socket = $this->whmcs->installation->home->socket();
        $other = new \mysqli('localhost', 'root', '', 'whmcs', 0, $socket);
        $other->begin_transaction();
        // More rows than ours, so that the server takes back ours.
        $other->query('INSERT INTO test_values (id) VALUES (10), (11), (12), (13), (14), (15)');
        $other->query("UPDATE test_values SET text = 'other' WHERE id = 2");
        Capsule::connection()->beginTransaction();
        Capsule::table('test_values')->where('id', 1)->update(['number' => 1]);
        $other->query("UPDATE test_values SET text = 'other' WHERE id = 1", MYSQLI_ASYNC);
        try {
            Test\transaction('UPDATE test_values SET number = 2 WHERE id = 2');
            self::fail('There was no deadlock.');
        } catch (\Exception $error) {
            self::assertStringContainsString('Deadlock', $error->getMessage());
            self::assertStringContainsString('WHMCS had a transaction of its own open', $error->getMessage());
        }
        self::assertSame(0, Capsule::connection()->transactionLevel(), 'as it is in the server');
        Capsule::connection()->$end();
        $other->reap_async_query();
        $other->rollback();
        self::assertFalse(Capsule::connection()->getPdo()->inTransaction());
        self::assertSame([null, null], Capsule::table('test_values')->orderBy('id')->pluck('number')->all());
    }

    public function testATransactionOfItsOwnIsCommitted(): void
    {
        Test\begin();
        Test\execute('INSERT INTO test_values (id) VALUES (1)', []);
        Test\commit();
        self::assertSame(0, Capsule::connection()->transactionLevel());
        self::assertSame(1, Capsule::table('test_values')->count());
    }

    /** Measured in a debug build on two busy cores: 0.02 s. A conversion gone quadratic takes minutes. */
    public function testTenThousandRowsAreConvertedAtOnce(): void
    {
        foreach (array_chunk(range(1, 10_000), 1_000) as $some) {
            Capsule::table('test_values')->insert(array_map(
                static fn (int $id) => ['id' => $id, 'number' => $id * 1_000_000, 'text' => "user$id"],
                $some
            ));
        }
        [$rows, $seconds] = Test\querySeconds('SELECT * FROM test_values');
        self::assertSame(10_000.0, $rows);
        self::assertLessThan(2.0, $seconds);
        $all = Test\query('SELECT * FROM test_values ORDER BY id', []);
        self::assertSame([10_000, 10_000_000_000, 'user10000'], $all[9_999]);
    }

    /** @dataProvider preparation */
    #[\PHPUnit\Framework\Attributes\DataProvider('preparation')]
    public function testThirtyThousandParametersAreBoundAtOnce(bool $emulated): void
    {
        Capsule::connection()->getPdo()->setAttribute(\PDO::ATTR_EMULATE_PREPARES, $emulated);
        $seconds = Test\insertSeconds('test_values', 10_000);
        self::assertLessThan(4.0, $seconds);
        self::assertSame(
            [[10_000, 29_999]],
            Test\query('SELECT COUNT(*), MAX(CAST(text AS SIGNED)) FROM test_values', [])
        );
    }
}

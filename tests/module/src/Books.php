<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

use PHPUnit\Framework\Assert;
use WHMCS\Database\Capsule;

/** What the ledger has written down about one service. */
final class Books
{
    private function __construct(private readonly int $service)
    {
    }

    public static function of(int $service): self
    {
        return new self($service);
    }

    /** @return array<string, array{int, int}> day => [download, upload] */
    public function days(): array
    {
        return $this->rows('daily', 'day');
    }

    /** @return array<string, array{int, int}> first day of the month => [download, upload] */
    public function months(): array
    {
        return $this->rows('monthly', 'month');
    }

    /** Bytes left, null for unlimited. */
    public function balance(): ?int
    {
        $balance = $this->account()->balance;
        return $balance === null ? null : (int) $balance;
    }

    public function account(): object
    {
        return Capsule::table('mod_mikrotikvpn_accounts')->where('service_id', $this->service)->first();
    }

    /**
     * Days, months, the period since the grant and what the balance lacks are all the same bytes.
     *
     * @param array{download: int, upload: int}|null $truth what really flowed; null is nothing
     */
    public function assertAre(?array $truth, string $message = ''): void
    {
        $expected = [$truth['download'] ?? 0, $truth['upload'] ?? 0];
        $account = $this->account();
        Assert::assertSame($expected, self::sum($this->days()), "$message: days");
        Assert::assertSame($expected, self::sum($this->months()), "$message: months");
        $period = [(int) $account->period_download, (int) $account->period_upload];
        Assert::assertSame($expected, $period, "$message: period");
        $granted = (int) Capsule::table('mod_mikrotikvpn_grants')->where('service_id', $this->service)->sum('bytes');
        Assert::assertSame($granted - array_sum($expected), $this->balance(), "$message: balance");
    }

    /** @param array<string, array{int, int}> $rows @return array{int, int} */
    private static function sum(array $rows): array
    {
        return [array_sum(array_column($rows, 0)), array_sum(array_column($rows, 1))];
    }

    /** @return array<string, array{int, int}> */
    private function rows(string $table, string $key): array
    {
        $rows = Capsule::table("mod_mikrotikvpn_traffic_$table")->where('service_id', $this->service)->orderBy($key)->get();
        return $rows->mapWithKeys(static fn (object $row) => [
            $row->$key => [(int) $row->download, (int) $row->upload],
        ])->all();
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** Support for the deprecated query helpers (select_query and its kin). */
final class OldQueries
{
    /** @return array{0: string, 1: list<mixed>} */
    public static function where(mixed $where): array
    {
        if (!is_array($where)) {
            return [$where ? " WHERE $where" : '', []];
        }
        if ($where === []) {
            return ['', []];
        }
        $parts = array_map(static fn (string $name): string => str_contains($name, '.') ? "$name = ?" : "`$name` = ?", array_keys($where));
        return [' WHERE ' . implode(' AND ', $parts), array_values($where)];
    }

    public static function run(string $sql, array $values): \PDOStatement
    {
        $statement = Capsule::connection()->getPdo()->prepare($sql);
        $statement->execute($values);
        return $statement;
    }
}

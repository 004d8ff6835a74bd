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
        $parts = [];
        $values = [];
        foreach ($where as $name => $condition) {
            // Modules also write column => ['sqltype' => 'LIKE', 'value' => …].
            $detailed = is_array($condition) && array_key_exists('value', $condition);
            $operator = $detailed ? self::operator((string) ($condition['sqltype'] ?? '=')) : '=';
            $parts[] = (str_contains($name, '.') ? $name : "`$name`") . " $operator ?";
            $values[] = $detailed ? $condition['value'] : $condition;
        }
        return [' WHERE ' . implode(' AND ', $parts), $values];
    }

    private static function operator(string $type): string
    {
        $operator = ['NEQ' => '!='][strtoupper($type)] ?? strtoupper($type);
        if (!in_array($operator, ['=', '!=', '<', '>', '<=', '>=', 'LIKE'], true)) {
            throw new Failure("The sqltype '$type' of a where condition is not known.");
        }
        return $operator;
    }

    public static function run(string $sql, array $values): \PDOStatement
    {
        $statement = Capsule::connection()->getPdo()->prepare($sql);
        $statement->execute($values);
        return $statement;
    }
}

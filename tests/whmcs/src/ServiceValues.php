<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** Custom fields and configurable options of a service. Of names and values with a pipe, modules see the part before it. */
final class ServiceValues
{
    private const YES_NO = 3;
    private const QUANTITY = 4;

    /** @return array<string, string> */
    public function customFields(string $type, int $ownerId, int $relatedId): array
    {
        $fields = Capsule::table('tblcustomfields AS f')
            ->leftJoin('tblcustomfieldsvalues AS v', static fn ($join) => $join->on('v.fieldid', '=', 'f.id')->where('v.relid', '=', $relatedId))
            ->where('f.type', $type)->where('f.relid', $ownerId)->orderBy('f.sortorder')->orderBy('f.id')->get(['f.fieldname', 'v.value']);
        $values = [];
        foreach ($fields as $field) {
            $values[self::key($field->fieldname)] = self::key((string) $field->value);
        }
        return $values;
    }

    /** @return array<string, int|string> */
    public function configurableOptions(int $productId, int $serviceId): array
    {
        $values = [];
        foreach ($this->chosenOptions($productId, $serviceId) as $option) {
            $values[self::key($option->optionname)] = match ((int) $option->optiontype) {
                self::YES_NO => $option->qty > 0 ? 1 : 0,
                self::QUANTITY => (int) $option->qty,
                default => self::key((string) $option->chosen),
            };
        }
        return $values;
    }

    /** The theme's list: labels, so the part after the pipe. @return list<array<string, mixed>> */
    public function configurableOptionsForTheme(int $productId, int $serviceId): array
    {
        $list = [];
        foreach ($this->chosenOptions($productId, $serviceId) as $option) {
            $list[] = [
                'id' => $option->id, 'optionname' => self::label($option->optionname), 'optiontype' => (int) $option->optiontype,
                'selectedqty' => (int) $option->qty, 'selectedoption' => self::label((string) $option->chosen),
            ];
        }
        return $list;
    }

    /** @return list<array{name: string, value: string}> custom fields a client may see */
    public function customFieldsForTheme(int $productId, int $serviceId): array
    {
        $fields = Capsule::table('tblcustomfields')->where('type', 'product')->where('relid', $productId)->where('adminonly', '')->orderBy('sortorder')->orderBy('id')->get();
        $list = [];
        foreach ($fields as $field) {
            $value = (string) Capsule::table('tblcustomfieldsvalues')->where('fieldid', $field->id)->where('relid', $serviceId)->value('value');
            $list[] = ['id' => $field->id, 'name' => self::label($field->fieldname), 'value' => self::label($value)];
        }
        return $list;
    }

    /** @return \Illuminate\Support\Collection<int, object> */
    private function chosenOptions(int $productId, int $serviceId): \Illuminate\Support\Collection
    {
        return Capsule::table('tblproductconfigoptions AS o')
            ->join('tblproductconfiglinks AS l', 'l.gid', '=', 'o.gid')
            ->leftJoin('tblhostingconfigoptions AS h', static fn ($join) => $join->on('h.configid', '=', 'o.id')->where('h.relid', '=', $serviceId))
            ->leftJoin('tblproductconfigoptionssub AS s', 's.id', '=', 'h.optionid')
            ->where('l.pid', $productId)->orderBy('o.order')->orderBy('o.id')
            ->get(['o.id', 'o.optionname', 'o.optiontype', 'h.qty', 's.optionname AS chosen']);
    }

    public static function key(string $text): string
    {
        return str_contains($text, '|') ? trim(strstr($text, '|', true)) : $text;
    }

    public static function label(string $text): string
    {
        return str_contains($text, '|') ? trim(substr(strstr($text, '|'), 1)) : $text;
    }
}

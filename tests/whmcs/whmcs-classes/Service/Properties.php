<?php

declare(strict_types=1);

namespace WHMCS\Service;

use WHMCS\Database\Capsule;

/**
 * serviceProperties: named values of a service. On services some names are core columns; every other
 * name is a custom field of the product, created when missing as an admin-only text field.
 * A name with a pipe ("key|Label") must be given in full each time.
 */
class Properties
{
    private const COLUMNS = [
        'username' => 'username', 'password' => 'password', 'domain' => 'domain', 'license key' => 'domain', 'dedicated ip' => 'dedicatedip',
        'disk usage' => 'diskusage', 'disk limit' => 'disklimit', 'bandwidth usage' => 'bwusage', 'bandwidth limit' => 'bwlimit', 'last update' => 'lastupdate',
        'diskusage' => 'diskusage', 'disklimit' => 'disklimit', 'bwusage' => 'bwusage', 'bwlimit' => 'bwlimit', 'lastupdate' => 'lastupdate', 'dedicatedip' => 'dedicatedip',
    ];

    public function __construct(private readonly Service|Addon $owner)
    {
    }

    public function save(array $data): void
    {
        foreach ($data as $name => $value) {
            // The documentation also shows name => ['type' => …, 'value' => …].
            $details = is_array($value) ? $value : ['value' => $value];
            $column = $this->column((string) $name);
            if ($column !== null) {
                $this->saveColumn($column, (string) ($details['value'] ?? ''));
                continue;
            }
            $this->saveField((string) $name, $details);
        }
    }

    public function get($name)
    {
        $column = $this->column((string) $name);
        if ($column !== null) {
            $value = Capsule::table('tblhosting')->where('id', $this->owner->id)->value($column);
            return $column === 'password' ? decrypt($value) : (string) $value;
        }
        $field = $this->field((string) $name);
        return $field === null ? '' : (string) Capsule::table('tblcustomfieldsvalues')->where('fieldid', $field)->where('relid', $this->owner->id)->value('value');
    }

    private function column(string $name): ?string
    {
        return $this->owner instanceof Service ? self::COLUMNS[strtolower($name)] ?? null : null;
    }

    private function saveColumn(string $column, string $value): void
    {
        Capsule::table('tblhosting')->where('id', $this->owner->id)->update([$column => $column === 'password' ? encrypt($value) : $value]);
        $this->owner->refresh();
    }

    private function saveField(string $name, array $details): void
    {
        $now = date('Y-m-d H:i:s');
        $field = $this->field($name) ?? $this->createField($name, (string) ($details['type'] ?? 'text'), $now);
        Capsule::table('tblcustomfieldsvalues')->updateOrInsert(
            ['fieldid' => $field, 'relid' => $this->owner->id],
            ['value' => (string) ($details['value'] ?? ''), 'created_at' => $now, 'updated_at' => $now]
        );
    }

    /** Two processes that save a new name at once share one field. */
    private function createField(string $name, string $type, string $now): int
    {
        $lock = 'whmcs-field-' . sha1($this->fieldType() . $this->fieldOwner() . $name);
        Capsule::select('SELECT GET_LOCK(?, 30)', [$lock]);
        try {
            return $this->field($name) ?? (int) Capsule::table('tblcustomfields')->insertGetId([
                'type' => $this->fieldType(), 'relid' => $this->fieldOwner(), 'fieldname' => $name, 'fieldtype' => $type, 'description' => '',
                'fieldoptions' => '', 'adminonly' => 'on', 'created_at' => $now, 'updated_at' => $now,
            ]);
        } finally {
            Capsule::select('SELECT RELEASE_LOCK(?)', [$lock]);
        }
    }

    private function field(string $name): ?int
    {
        $id = Capsule::table('tblcustomfields')->where('type', $this->fieldType())->where('relid', $this->fieldOwner())->where('fieldname', $name)->value('id');
        return $id === null ? null : (int) $id;
    }

    private function fieldType(): string
    {
        return $this->owner instanceof Service ? 'product' : 'addon';
    }

    private function fieldOwner(): int
    {
        return (int) ($this->owner instanceof Service ? $this->owner->packageid : $this->owner->addonid);
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** The Module Settings tab of a product: fields by ConfigOptions, Loaders, saving by position. */
final class ModuleSettings
{
    private const TYPES = ['text', 'password', 'yesno', 'dropdown', 'radio', 'textarea'];

    /** @param int|null $product whose page it is: modules read its number from the request */
    public function __construct(private readonly Installation $installation, private readonly Module $module, private readonly ?int $product = null)
    {
    }

    /**
     * Fields by number (1..24), each with its label under 'label'.
     *
     * @return array<int, array<string, mixed>>
     */
    public function fields(string $productType = 'other', bool $withArgument = true): array
    {
        if (!$this->module->has('ConfigOptions')) {
            throw new ContractViolation([new Violation('settings', $this->module->name, "The module {$this->module->name} does not define ConfigOptions, the one function that is not optional.")]);
        }
        $arguments = $withArgument ? [(new Params($this->installation))->forConfigOptions($productType)] : [];
        $options = $this->onItsPage(fn (): Outcome => $this->module->call('ConfigOptions', $arguments))->orThrow();
        $complaints = $this->complaints($options);
        if ($complaints !== []) {
            $outcome = new Outcome(null, true, []);
            foreach ($complaints as $complaint) {
                $outcome = $outcome->with('settings', "{$this->module->name}_ConfigOptions()", $complaint);
            }
            $this->installation->report($outcome);
            $outcome->orThrow();
        }
        $fields = [];
        $number = 0;
        foreach ($options as $key => $field) {
            if (++$number > 24) {
                break;
            }
            $fields[$number] = ['key' => $key, 'label' => (string) ($field['FriendlyName'] ?? $key)] + $field;
        }
        return $fields;
    }

    /**
     * Values of a field's Loader; it gets one server of the product's server group.
     *
     * @return array<string, string> value => label
     */
    public function load(int $number, int $serverGroup, string $productType = 'other'): array
    {
        $field = $this->fields($productType)[$number] ?? throw new Failure("The module {$this->module->name} has no setting number $number.");
        if (!isset($field['Loader'])) {
            throw new Failure("The setting $number ({$field['label']}) has no Loader.");
        }
        $server = $this->serverOf($serverGroup) ?? throw new Failure("No server of the module {$this->module->name} was found, so the values of '{$field['label']}' cannot be fetched.");
        $arguments = [(new Params($this->installation))->forLoader($server, $productType)];
        return $this->onItsPage(fn (): Outcome => $this->module->callback("The Loader of '{$field['label']}'", $field['Loader'], $arguments, 'loader'))->orThrow();
    }

    /**
     * Saves the tab as the browser would post it: 24 values by position, unticked boxes empty.
     *
     * @param array<int, string> $values by number; missing ones take the form's default when $new, else the stored value
     */
    public function save(array $values, bool $new): void
    {
        $productId = $this->product ?? throw new Failure('Module Settings are saved for a product.');
        $product = Capsule::table('tblproducts')->find($productId) ?? throw new Failure("There is no product $productId.");
        $fields = $this->fields($product->type);
        $changes = ['servertype' => $this->module->name];
        for ($number = 1; $number <= 24; $number++) {
            $stored = (string) $product->{"configoption$number"};
            $changes["configoption$number"] = (string) ($values[$number] ?? ($new ? $this->default($fields[$number] ?? []) : $stored));
        }
        // WHMCS calls ConfigOptions again on save.
        $this->fields($product->type);
        Capsule::table('tblproducts')->where('id', $productId)->update($changes);
        $this->installation->detectModule($this->module->name);
        run_hook('ProductEdit', ['pid' => $productId] + (array) Capsule::table('tblproducts')->find($productId));
    }

    /** The address of the tab, configproducts.php?action=edit&id=N, while the module is asked; 0 without a product. */
    private function onItsPage(callable $body): Outcome
    {
        [$get, $request] = [$_GET, $_REQUEST];
        $address = ['action' => 'edit', 'id' => (string) ($this->product ?? 0)];
        [$_GET, $_REQUEST] = [$_GET + $address, $_REQUEST + $address];
        try {
            return $body();
        } finally {
            [$_GET, $_REQUEST] = [$get, $request];
        }
    }

    /** What the form holds for a new product. */
    private function default(array $field): string
    {
        $default = $field['Default'] ?? '';
        if (($field['Type'] ?? '') === 'yesno') {
            return in_array(is_string($default) ? strtolower($default) : $default, ['on', 'yes', '1', 'true', 1, true], true) ? 'on' : '';
        }
        if (($field['Type'] ?? '') === 'dropdown' && $default === '') {
            return (string) (array_key_first($this->choices($field)) ?? '');
        }
        return (string) $default;
    }

    /** @return array<string, string> value => label of a dropdown or radio field */
    public function choices(array $field): array
    {
        $options = $field['Options'] ?? [];
        if (is_array($options)) {
            return $options;
        }
        $values = array_map('trim', explode(',', (string) $options));
        return array_combine($values, $values);
    }

    private function serverOf(int $group): ?int
    {
        $servers = Capsule::table('tblservers')->where('type', $this->module->name)->where('disabled', 0)->orderByDesc('active')->orderBy('id');
        if ($group > 0) {
            $servers->whereIn('id', Capsule::table('tblservergroupsrel')->where('groupid', $group)->select('serverid'));
        }
        $id = $servers->value('id');
        return $id === null ? null : (int) $id;
    }

    /** @return list<string> */
    private function complaints(array $options): array
    {
        $complaints = count($options) > 24 ? ['returned ' . count($options) . ' settings, of which WHMCS stores 24'] : [];
        $number = 0;
        foreach ($options as $key => $field) {
            $number++;
            $name = "the setting $number ('$key')";
            if (!is_array($field)) {
                $complaints[] = "returned $name as " . ReturnRules::type($field) . ', not as an array';
                continue;
            }
            $type = $field['Type'] ?? null;
            if (!is_string($type) || !in_array($type, self::TYPES, true)) {
                $complaints[] = "gave $name the Type " . ReturnRules::type($type) . ', which is none of ' . implode(', ', self::TYPES);
                continue;
            }
            if (in_array($type, ['dropdown', 'radio'], true) && !is_array($field['Options'] ?? null) && !is_string($field['Options'] ?? null)) {
                $complaints[] = "gave $name no Options";
            }
            if (isset($field['Loader']) && $type !== 'text') {
                $complaints[] = "gave $name a Loader, which only text fields have";
            }
            foreach (['FriendlyName', 'Description', 'Default'] as $text) {
                if (isset($field[$text]) && !is_scalar($field[$text])) {
                    $complaints[] = "gave $name $text as " . ReturnRules::type($field[$text]);
                }
            }
        }
        return $complaints;
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** Adds and changes what an admin and a buyer would: servers, products, clients, services, add-ons. */
final class Fixtures
{
    private const SERVER = ['name', 'ipaddress', 'assignedips', 'hostname', 'type', 'username', 'password', 'accesshash', 'secure', 'port', 'active', 'disabled', 'maxaccounts', 'nameserver1', 'nameserver2', 'group'];
    private const PRODUCT = ['name', 'type', 'gid', 'description', 'welcomeemail', 'autosetup', 'paytype', 'servergroup', 'showdomainoptions', 'overagesenabled', 'overagesdisklimit', 'overagesbwlimit', 'configoptionsupgrade', 'hidden', 'retired'];
    private const CLIENT = ['firstname', 'lastname', 'companyname', 'email', 'address1', 'address2', 'city', 'state', 'postcode', 'country', 'phonenumber', 'tax_id', 'language', 'currency', 'groupid', 'status', 'notes', 'password'];
    private const SERVICE = ['userid', 'packageid', 'server', 'orderid', 'regdate', 'domain', 'paymentmethod', 'qty', 'firstpaymentamount', 'amount', 'billingcycle', 'nextduedate', 'nextinvoicedate', 'domainstatus', 'username', 'password', 'notes', 'subscriptionid', 'suspendreason', 'overideautosuspend', 'overidesuspenduntil', 'dedicatedip', 'assignedips', 'ns1', 'ns2', 'diskusage', 'disklimit', 'bwusage', 'bwlimit', 'lastupdate'];
    private const CYCLES = ['Free Account', 'One Time', 'Monthly', 'Quarterly', 'Semi-Annually', 'Annually', 'Biennially', 'Triennially'];

    public function __construct(private readonly Installation $installation)
    {
    }

    /** @param array<string, mixed> $values columns of tblservers; password in plain text; 'group' puts it in that server group */
    public function addServer(array $values): int
    {
        $values = $this->known($values, self::SERVER, 'server');
        $group = $this->take($values, 'group');
        $values += ['name' => 'Server', 'assignedips' => '', 'accesshash' => '', 'password' => '', 'active' => 1];
        $values['password'] = encrypt($values['password']);
        $id = (int) Capsule::table('tblservers')->insertGetId($this->stamped($this->server($values)));
        $group === null || $this->joinGroup((int) $group, $id);
        run_hook('ServerAdd', ['serverid' => $id]);
        return $id;
    }

    public function setServer(int $id, array $values): void
    {
        $this->must('tblservers', $id, 'server');
        $values = $this->known($values, self::SERVER, 'server');
        $group = $this->take($values, 'group');
        isset($values['password']) && $values['password'] = encrypt($values['password']);
        $values === [] || Capsule::table('tblservers')->where('id', $id)->update($this->server($values));
        $group === null || $this->joinGroup((int) $group, $id);
        run_hook('ServerEdit', ['serverid' => $id]);
    }

    public function deleteServer(int $id): void
    {
        $this->must('tblservers', $id, 'server');
        run_hook('ServerDelete', ['serverid' => $id]);
        Capsule::table('tblservers')->where('id', $id)->delete();
        Capsule::table('tblservergroupsrel')->where('serverid', $id)->delete();
    }

    public function addServerGroup(string $name): int
    {
        return (int) Capsule::table('tblservergroups')->insertGetId($this->stamped(['name' => $name]));
    }

    /**
     * @param array<string, mixed> $values columns of tblproducts
     * @param array<int, string> $settings module settings by number; others take the form's defaults
     * @param bool $saveSettings false: the product exists but its Module Settings were never saved (old product, hooks not detected)
     */
    public function addProduct(array $values, string $module = '', array $settings = [], bool $saveSettings = true): int
    {
        $values = $this->product($values) + ['name' => 'Product', 'gid' => 1, 'description' => '', 'short_description' => ''];
        for ($number = 1; $number <= 24; $number++) {
            $values["configoption$number"] = $saveSettings ? '' : (string) ($settings[$number] ?? '');
        }
        $values['servertype'] = $module;
        $id = (int) Capsule::table('tblproducts')->insertGetId($this->stamped($values));
        if ($module !== '' && $saveSettings) {
            (new ModuleSettings($this->installation, $this->installation->modules->get($module), $id))->save($settings, true);
        }
        return $id;
    }

    /** @param array<int, string> $settings */
    public function setProduct(int $id, array $values, ?string $module = null, array $settings = []): void
    {
        $product = $this->must('tblproducts', $id, 'product');
        $values = $this->product($values);
        $values === [] || Capsule::table('tblproducts')->where('id', $id)->update($values);
        $module ??= $product->servertype;
        if ($module !== '' && ($settings !== [] || $module !== $product->servertype)) {
            (new ModuleSettings($this->installation, $this->installation->modules->get($module), $id))->save($settings, $module !== $product->servertype);
        }
    }

    public function addCustomField(int $productId, string $name, array $more = [], string $type = 'product'): int
    {
        return (int) Capsule::table('tblcustomfields')->insertGetId($this->stamped($more + ['type' => $type, 'relid' => $productId, 'fieldname' => $name, 'fieldtype' => 'text', 'description' => '', 'fieldoptions' => '']));
    }

    /**
     * @param list<string> $choices values of a dropdown, "value|Label" allowed; none for yesno and quantity
     * @param 'dropdown'|'radio'|'yesno'|'quantity' $type
     */
    public function addConfigurableOption(int $productId, string $name, string $type, array $choices = []): int
    {
        $types = ['dropdown' => 1, 'radio' => 2, 'yesno' => 3, 'quantity' => 4];
        isset($types[$type]) || throw new Failure("A configurable option is dropdown, radio, yesno or quantity, not '$type'.");
        $group = Capsule::table('tblproductconfiglinks')->where('pid', $productId)->value('gid');
        if ($group === null) {
            $group = Capsule::table('tblproductconfiggroups')->insertGetId(['name' => "Options of product $productId", 'description' => '']);
            Capsule::table('tblproductconfiglinks')->insert(['gid' => $group, 'pid' => $productId]);
        }
        $option = (int) Capsule::table('tblproductconfigoptions')->insertGetId(['gid' => $group, 'optionname' => $name, 'optiontype' => (string) $types[$type]]);
        foreach ($choices === [] ? [$name] : $choices as $order => $choice) {
            Capsule::table('tblproductconfigoptionssub')->insert(['configid' => $option, 'optionname' => $choice, 'sortorder' => $order]);
        }
        return $option;
    }

    /** Turns on metric billing for exactly these metrics of a product. @param list<string> $metrics system names */
    public function enableMetrics(int $productId, string $module, array $metrics): void
    {
        Capsule::table('tblusage_items')->where('rel_type', 'Product')->where('rel_id', $productId)->delete();
        foreach ($metrics as $metric) {
            Capsule::table('tblusage_items')->insert($this->stamped(['rel_type' => 'Product', 'rel_id' => $productId, 'module_type' => 'servers', 'module' => $module, 'metric' => $metric]));
        }
    }

    /** @param array<string, mixed> $values columns of tblclients; password in plain text */
    public function addClient(array $values = []): int
    {
        $values = $this->known($values, self::CLIENT, 'client');
        $number = (int) Capsule::table('tblclients')->max('id') + 1;
        $values += ['firstname' => 'Client', 'lastname' => "No $number", 'email' => 'client' . $number . '-' . bin2hex(random_bytes(3)) . '@example.test', 'country' => 'US', 'notes' => '', 'password' => 'secret'];
        $plain = (string) $values['password'];
        $values['password'] = password_hash($plain, PASSWORD_BCRYPT, ['cost' => 4]);
        $id = (int) Capsule::table('tblclients')->insertGetId($this->stamped(['uuid' => bin2hex(random_bytes(16)), 'datecreated' => $this->today()] + $values));
        $user = (int) Capsule::table('tblusers')->insertGetId($this->stamped(['first_name' => $values['firstname'], 'last_name' => $values['lastname'], 'email' => $values['email'], 'password' => $values['password']]));
        Capsule::table('tblusers_clients')->insert($this->stamped(['auth_user_id' => $user, 'client_id' => $id, 'owner' => 1, 'permissions' => '']));
        return $id;
    }

    public function setClient(int $id, array $values): void
    {
        $this->must('tblclients', $id, 'client');
        $values = $this->known($values, self::CLIENT, 'client');
        if (isset($values['password'])) {
            $values['password'] = password_hash((string) $values['password'], PASSWORD_BCRYPT, ['cost' => 4]);
            Capsule::table('tblusers')->whereIn('id', Capsule::table('tblusers_clients')->where('client_id', $id)->select('auth_user_id'))->update(['password' => $values['password']]);
        }
        $values === [] || Capsule::table('tblclients')->where('id', $id)->update($values);
        run_hook('ClientEdit', ['userid' => $id]);
    }

    /**
     * @param array<string, mixed> $values columns of tblhosting; password in plain text; {n} in username, domain and dedicatedip becomes the running number
     * @param array<string, string> $customFields by name
     * @param array<string, string> $options configurable options by name: the value of a dropdown, 1/0 of a yes-no, the quantity
     * @return list<int> ids
     */
    public function addServices(array $values, int $count = 1, array $customFields = [], array $options = []): array
    {
        $values = $this->service($values);
        foreach (['userid' => ['tblclients', 'client'], 'packageid' => ['tblproducts', 'product']] as $column => [$table, $what]) {
            $this->must($table, (int) ($values[$column] ?? 0), $what);
        }
        $product = Capsule::table('tblproducts')->find($values['packageid']);
        $values += ['server' => $this->defaultServer($product), 'regdate' => $this->today(), 'billingcycle' => 'Monthly', 'nextduedate' => $this->installation->now()->addMonth()->format('Y-m-d'), 'paymentmethod' => 'mailin', 'notes' => '', 'assignedips' => '', 'password' => ''];
        $plain = (string) $values['password'];
        $ids = [];
        Capsule::connection()->transaction(function () use ($values, $count, $plain, &$ids): void {
            for ($done = 0; $done < $count; $done += 1000) {
                $rows = [];
                for ($number = $done + 1; $number <= min($count, $done + 1000); $number++) {
                    $rows[] = $this->stamped(['password' => $plain === '' ? '' : encrypt($plain)] + $this->numbered($values, $number));
                }
                Capsule::table('tblhosting')->insert($rows);
                // MariaDB numbers the rows of one INSERT in sequence and gives the first id.
                $from = (int) Capsule::connection()->getPdo()->lastInsertId();
                $ids = [...$ids, ...range($from, $from + count($rows) - 1)];
            }
        });
        foreach ($customFields === [] && $options === [] ? [] : $ids as $id) {
            $this->setServiceValues($id, $customFields, $options);
        }
        return $ids;
    }

    public function addService(array $values, array $customFields = [], array $options = []): int
    {
        return $this->addServices($values, 1, $customFields, $options)[0];
    }

    public function setService(int $id, array $values, array $customFields = [], array $options = []): void
    {
        $service = $this->must('tblhosting', $id, 'service');
        run_hook('PreServiceEdit', ['serviceid' => $id]);
        $values = $this->service($values);
        isset($values['password']) && $values['password'] = encrypt($values['password']);
        $values === [] || Capsule::table('tblhosting')->where('id', $id)->update($values);
        $this->setServiceValues($id, $customFields, $options);
        run_hook('ServiceEdit', ['userid' => $service->userid, 'serviceid' => $id]);
    }

    public function deleteService(int $id): void
    {
        $service = $this->must('tblhosting', $id, 'service');
        Capsule::table('tblhosting')->where('id', $id)->delete();
        Capsule::table('tblhostingconfigoptions')->where('relid', $id)->delete();
        run_hook('ServiceDelete', ['userid' => $service->userid, 'clientId' => $service->userid, 'serviceid' => $id]);
    }

    /** A bought product add-on whose module is $module. @param array<int, string> $settings */
    public function addAddon(int $serviceId, string $module, array $settings = [], string $name = 'Add-on'): int
    {
        $service = $this->must('tblhosting', $serviceId, 'service');
        $definition = (int) Capsule::table('tbladdons')->insertGetId($this->stamped(['packages' => (string) $service->packageid, 'name' => $name, 'description' => '', 'type' => 'other', 'module' => $module]));
        foreach ($settings as $number => $value) {
            Capsule::table('tblmodule_configuration')->insert($this->stamped(['entity_type' => 'addon', 'entity_id' => $definition, 'setting_name' => "configoption$number", 'value' => (string) $value]));
        }
        return (int) Capsule::table('tblhostingaddons')->insertGetId($this->stamped(['hostingid' => $serviceId, 'addonid' => $definition, 'userid' => $service->userid, 'server' => $service->server, 'name' => $name, 'notes' => '', 'regdate' => $this->today(), 'billingcycle' => 'Monthly']));
    }

    /** @param array<string, mixed> $values */
    public function addEmailTemplate(string $name, string $subject, string $message, string $type = 'product', string $language = ''): int
    {
        return (int) Capsule::table('tblemailtemplates')->insertGetId($this->stamped(['type' => $type, 'name' => $name, 'subject' => $subject, 'message' => $message, 'attachments' => '', 'custom' => 1, 'language' => $language]));
    }

    /** Moves a service to another product or other options, then runs what a paid upgrade runs. */
    public function upgrade(int $serviceId, ?int $productId, array $options = []): LifecycleResult
    {
        $service = $this->must('tblhosting', $serviceId, 'service');
        $type = $productId !== null ? 'package' : 'configoptions';
        $upgrade = (int) Capsule::table('tblupgrades')->insertGetId($this->stamped([
            'userid' => $service->userid, 'type' => $type, 'date' => $this->today(), 'relid' => $serviceId, 'originalvalue' => (string) $service->packageid,
            'newvalue' => $productId !== null ? "$productId,{$service->billingcycle}" : (string) json_encode($options), 'paid' => 'Y', 'status' => 'Completed',
        ]));
        if ($productId !== null) {
            $this->must('tblproducts', $productId, 'product');
            Capsule::table('tblhosting')->where('id', $serviceId)->update(['packageid' => $productId]);
        }
        $this->setServiceValues($serviceId, [], $options);
        $result = (new Lifecycle($this->installation))->run('ChangePackage', $serviceId);
        run_hook($type === 'package' ? 'AfterProductUpgrade' : 'AfterConfigOptionsUpgrade', ['upgradeid' => $upgrade]);
        return $result;
    }

    private function setServiceValues(int $id, array $customFields, array $options): void
    {
        $product = (int) Capsule::table('tblhosting')->where('id', $id)->value('packageid');
        foreach ($customFields as $name => $value) {
            $field = Capsule::table('tblcustomfields')->where('type', 'product')->where('relid', $product)->get()->first(static fn (object $row): bool => $row->fieldname === $name || ServiceValues::key($row->fieldname) === $name);
            $field ?? throw new Failure("Product $product has no custom field '$name'.");
            Capsule::table('tblcustomfieldsvalues')->updateOrInsert(['fieldid' => $field->id, 'relid' => $id], ['value' => (string) $value]);
        }
        foreach ($options as $name => $value) {
            $this->chooseOption($product, $id, (string) $name, (string) $value);
        }
    }

    private function chooseOption(int $product, int $service, string $name, string $value): void
    {
        $option = Capsule::table('tblproductconfigoptions AS o')->join('tblproductconfiglinks AS l', 'l.gid', '=', 'o.gid')->where('l.pid', $product)->get('o.*')
            ->first(static fn (object $row): bool => $row->optionname === $name || ServiceValues::key($row->optionname) === $name);
        $option ?? throw new Failure("Product $product has no configurable option '$name'.");
        $subs = Capsule::table('tblproductconfigoptionssub')->where('configid', $option->id)->get();
        if ((int) $option->optiontype >= 3) {
            $chosen = ['optionid' => $subs->first()->id ?? 0, 'qty' => (int) $value];
        } else {
            $sub = $subs->first(static fn (object $row): bool => $row->optionname === $value || ServiceValues::key($row->optionname) === $value);
            $chosen = ['optionid' => $sub->id ?? throw new Failure("The configurable option '$name' has no value '$value'."), 'qty' => 0];
        }
        Capsule::table('tblhostingconfigoptions')->updateOrInsert(['relid' => $service, 'configid' => $option->id], $chosen);
    }

    /** The server a new order gets: the default one of the product's group, else of its module. */
    private function defaultServer(object $product): int
    {
        $servers = Capsule::table('tblservers')->where('type', $product->servertype)->where('disabled', 0)->orderByDesc('active')->orderBy('id');
        if ($product->servergroup > 0) {
            $servers->whereIn('id', Capsule::table('tblservergroupsrel')->where('groupid', $product->servergroup)->select('serverid'));
        }
        return $product->servertype === '' ? 0 : (int) $servers->value('id');
    }

    private function server(array $values): array
    {
        if (isset($values['secure'])) {
            $values['secure'] = in_array($values['secure'], ['on', '1', 1, true, 'true', 'yes'], true) ? 'on' : '';
        }
        if (array_key_exists('port', $values)) {
            $values['port'] = $values['port'] === '' || $values['port'] === null ? null : (int) $values['port'];
        }
        return $values;
    }

    private function product(array $values): array
    {
        $values = $this->known($values, self::PRODUCT, 'product');
        if (isset($values['welcomeemail']) && !ctype_digit((string) $values['welcomeemail'])) {
            $id = Capsule::table('tblemailtemplates')->where('name', $values['welcomeemail'])->where('language', '')->value('id');
            $values['welcomeemail'] = $id ?? throw new Failure("There is no e-mail template '{$values['welcomeemail']}'.");
        }
        return $values;
    }

    private function service(array $values): array
    {
        $values = $this->known($values, self::SERVICE, 'service');
        if (isset($values['billingcycle']) && !in_array($values['billingcycle'], self::CYCLES, true)) {
            throw new Failure("There is no billing cycle '{$values['billingcycle']}': " . implode(', ', self::CYCLES) . '.');
        }
        return $values;
    }

    private function numbered(array $values, int $number): array
    {
        foreach (['username', 'domain', 'dedicatedip'] as $column) {
            isset($values[$column]) && $values[$column] = str_replace('{n}', (string) $number, (string) $values[$column]);
        }
        return $values;
    }

    private function joinGroup(int $group, int $server): void
    {
        $this->must('tblservergroups', $group, 'server group');
        Capsule::table('tblservergroupsrel')->updateOrInsert(['groupid' => $group, 'serverid' => $server]);
    }

    private function must(string $table, int $id, string $what): object
    {
        return Capsule::table($table)->find($id) ?? throw new Failure("There is no $what $id.");
    }

    private function known(array $values, array $columns, string $what): array
    {
        $unknown = array_diff(array_keys($values), $columns);
        return $unknown === [] ? $values : throw new Failure("A $what has no " . implode(', ', $unknown) . '; it has ' . implode(', ', $columns) . '.');
    }

    private function take(array &$values, string $key): mixed
    {
        $value = $values[$key] ?? null;
        unset($values[$key]);
        return $value;
    }

    private function stamped(array $values): array
    {
        $now = $this->installation->now()->format('Y-m-d H:i:s');
        return $values + ['created_at' => $now, 'updated_at' => $now];
    }

    private function today(): string
    {
        return $this->installation->now()->format('Y-m-d');
    }
}

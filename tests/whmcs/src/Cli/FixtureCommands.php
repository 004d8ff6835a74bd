<?php

declare(strict_types=1);

namespace WhmcsStandIn\Cli;

use WhmcsStandIn\Fixtures;

/** Servers, products, clients, services, add-ons and e-mail templates. */
final class FixtureCommands extends Commands
{
    public const COMMANDS = ['server' => 'server', 'servergroup' => 'serverGroup', 'product' => 'product', 'client' => 'client', 'service' => 'service', 'addon' => 'addon', 'template' => 'template', 'upgrade' => 'upgrade'];

    private const SERVER = ['ip' => 'ipaddress', 'assigned-ips' => 'assignedips', 'module' => 'type', 'access-hash' => 'accesshash', 'max-accounts' => 'maxaccounts'];
    private const PRODUCT = ['welcome-email' => 'welcomeemail', 'server-group' => 'servergroup', 'pay-type' => 'paytype'];
    private const SERVICE = ['client' => 'userid', 'product' => 'packageid', 'status' => 'domainstatus', 'username-pattern' => 'username', 'dedicated-ip' => 'dedicatedip', 'billing-cycle' => 'billingcycle', 'next-due-date' => 'nextduedate', 'registered' => 'regdate', 'assigned-ips' => 'assignedips'];

    public function server(Arguments $arguments): Answer
    {
        $verb = $arguments->word('verb (add, set, delete, list)');
        if ($verb === 'list') {
            $arguments->finish();
            $this->boot();
            $list = \WHMCS\Database\Capsule::table('tblservers')->orderBy('id')->get()->map(static fn (object $row): array => ['password' => decrypt($row->password)] + (array) $row);
            return new Answer($list->all());
        }
        $id = $verb === 'add' ? 0 : (int) $arguments->word('id of the server');
        $values = $arguments->rest(self::SERVER);
        isset($values['assignedips']) && $values['assignedips'] = self::lines($values['assignedips']);
        $fixtures = $this->fixtures($arguments);
        match ($verb) {
            'add' => $id = $fixtures->addServer($values),
            'set' => $fixtures->setServer($id, $values),
            'delete' => $fixtures->deleteServer($id),
            default => throw new UsageError("A server can be added, set, deleted or listed, not '$verb'."),
        };
        return $this->judged(['server' => $id]);
    }

    public function serverGroup(Arguments $arguments): Answer
    {
        $this->verb($arguments, ['add']);
        $name = $arguments->value('name', 'Group');
        return $this->judged(['servergroup' => $this->fixtures($arguments)->addServerGroup($name)]);
    }

    public function product(Arguments $arguments): Answer
    {
        $verb = $this->verb($arguments, ['add', 'set']);
        $id = $verb === 'set' ? (int) $arguments->word('id of the product') : 0;
        $module = $arguments->value('module');
        $settings = $this->numbered($arguments->map('option'));
        $saveSettings = !$arguments->flag('no-settings');
        $fields = $arguments->all('field');
        $configurable = $arguments->all('configurable');
        $metrics = $arguments->all('metric');
        $values = $arguments->rest(self::PRODUCT);
        $fixtures = $this->fixtures($arguments);
        if ($verb === 'add') {
            $id = $fixtures->addProduct($values, $module ?? '', $settings, $saveSettings);
        } else {
            $fixtures->setProduct($id, $values, $module, $settings);
        }
        if ($metrics !== []) {
            $fixtures->enableMetrics($id, (string) \WHMCS\Database\Capsule::table('tblproducts')->where('id', $id)->value('servertype'), $metrics);
        }
        foreach ($fields as $field) {
            // NAME or NAME:adminonly
            [$name, $flag] = explode(':', $field, 2) + [1 => ''];
            $fixtures->addCustomField($id, $name, $flag === 'adminonly' ? ['adminonly' => 'on'] : []);
        }
        foreach ($configurable as $option) {
            // NAME:TYPE or NAME:TYPE:value|Label,value|Label
            [$name, $type, $choices] = explode(':', $option, 3) + [1 => 'dropdown', 2 => ''];
            $fixtures->addConfigurableOption($id, $name, $type, $choices === '' ? [] : explode(',', $choices));
        }
        return $this->judged(['product' => $id]);
    }

    public function client(Arguments $arguments): Answer
    {
        $verb = $this->verb($arguments, ['add', 'set']);
        $id = $verb === 'set' ? (int) $arguments->word('id of the client') : 0;
        $values = $arguments->rest(['first-name' => 'firstname', 'last-name' => 'lastname']);
        $fixtures = $this->fixtures($arguments);
        $verb === 'add' ? $id = $fixtures->addClient($values) : $fixtures->setClient($id, $values);
        return $this->judged(['client' => $id, 'email' => \WHMCS\Database\Capsule::table('tblclients')->where('id', $id)->value('email')]);
    }

    public function service(Arguments $arguments): Answer
    {
        $verb = $this->verb($arguments, ['add', 'set', 'delete', 'show']);
        $id = $verb === 'add' ? 0 : (int) $arguments->word('id of the service');
        $count = $arguments->number('count', 1);
        $fields = $arguments->map('custom-field');
        $options = $arguments->map('config');
        $values = $arguments->rest(self::SERVICE);
        isset($values['assignedips']) && $values['assignedips'] = self::lines($values['assignedips']);
        $fixtures = $this->fixtures($arguments);
        if ($verb === 'add') {
            $ids = $fixtures->addServices($values, $count, $fields, $options);
            return $this->judged($count === 1 ? ['service' => $ids[0]] : ['first' => $ids[0], 'last' => end($ids), 'count' => count($ids)]);
        }
        if ($verb === 'show') {
            $row = \WHMCS\Database\Capsule::table('tblhosting')->find($id) ?? throw new \WhmcsStandIn\Failure("There is no service $id.");
            return $this->judged(['password' => decrypt($row->password)] + (array) $row);
        }
        $verb === 'set' ? $fixtures->setService($id, $values, $fields, $options) : $fixtures->deleteService($id);
        return $this->judged(['service' => $id]);
    }

    public function addon(Arguments $arguments): Answer
    {
        $this->verb($arguments, ['add']);
        [$service, $module, $settings, $name] = [$arguments->needNumber('service'), $arguments->need('module'), $this->numbered($arguments->map('option')), $arguments->value('name', 'Add-on')];
        return $this->judged(['addon' => $this->fixtures($arguments)->addAddon($service, $module, $settings, $name)]);
    }

    public function template(Arguments $arguments): Answer
    {
        $this->verb($arguments, ['add']);
        $values = $arguments->rest() + ['type' => 'product', 'language' => ''];
        $fixtures = $this->fixtures($arguments);
        foreach (['name', 'subject', 'message'] as $needed) {
            isset($values[$needed]) || throw new UsageError("The option --$needed is missing.");
        }
        return $this->judged(['template' => $fixtures->addEmailTemplate($values['name'], $values['subject'], $values['message'], $values['type'], $values['language'])]);
    }

    public function upgrade(Arguments $arguments): Answer
    {
        [$service, $product, $options] = [$arguments->needNumber('service'), $arguments->number('product'), $arguments->map('config')];
        $result = $this->fixtures($arguments)->upgrade($service, $product, $options);
        return $this->judged(['function' => 'ChangePackage', 'service' => $service, 'returned' => $result->outcome->value, 'error' => $result->error], $result->error);
    }

    private function fixtures(Arguments $arguments): Fixtures
    {
        $arguments->finish();
        return new Fixtures($this->boot());
    }

    /** @param list<string> $verbs */
    private function verb(Arguments $arguments, array $verbs): string
    {
        $verb = $arguments->word('verb (' . implode(', ', $verbs) . ')');
        return in_array($verb, $verbs, true) ? $verb : throw new UsageError("'$verb' is none of " . implode(', ', $verbs) . '.');
    }

    /** @return array<int, string> */
    private function numbered(array $settings): array
    {
        foreach (array_keys($settings) as $number) {
            if (!ctype_digit((string) $number) || $number < 1 || $number > 24) {
                throw new UsageError("A module setting has a number from 1 to 24, not '$number'.");
            }
        }
        return $settings;
    }

    /** A comma list as the form's text area would post it: browsers end its lines with CR and LF. */
    private static function lines(string $list): string
    {
        return implode("\r\n", preg_split('/,|\\\\n|\R/', $list));
    }
}

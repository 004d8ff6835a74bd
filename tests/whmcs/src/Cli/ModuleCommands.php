<?php

declare(strict_types=1);

namespace WhmcsStandIn\Cli;

use WHMCS\Database\Capsule;
use WhmcsStandIn\Cron;
use WhmcsStandIn\Failure;
use WhmcsStandIn\Installation;
use WhmcsStandIn\Lifecycle;
use WhmcsStandIn\LifecycleResult;
use WhmcsStandIn\Metrics;
use WhmcsStandIn\Module;
use WhmcsStandIn\ModuleCheck;
use WhmcsStandIn\ModuleSettings;
use WhmcsStandIn\Params;
use WhmcsStandIn\ServerSync;

/** Calls into modules: functions, settings, loaders, cron, metrics. */
final class ModuleCommands extends Commands
{
    public const COMMANDS = ['run' => 'run', 'configoptions' => 'configOptions', 'loader' => 'loader', 'cron' => 'cron', 'metrics' => 'metrics', 'check' => 'check', 'serversync' => 'serverSync', 'params' => 'params', '_load' => 'load'];

    public function run(Arguments $arguments): Answer
    {
        $function = $arguments->word('function');
        $overrides = $arguments->map('param');
        $form = $arguments->map('form');
        [$serviceId, $serverId, $addonId, $moduleName] = [$arguments->number('service'), $arguments->number('server'), $arguments->number('addon', 0), $arguments->value('module')];
        foreach (['reason' => 'suspendreason', 'password' => 'password'] as $option => $param) {
            ($value = $arguments->value($option)) !== null && $overrides[$param] = $value;
        }
        $bare = $arguments->flag('bare');
        $_POST = $_REQUEST = $arguments->map('post-field');
        $arguments->finish();
        $installation = $this->boot();
        $started = microtime(true);
        if ($serviceId !== null) {
            $data = $this->forService($installation, $function, $serviceId, (int) $addonId, $overrides, $bare);
        } elseif ($serverId !== null) {
            $data = $this->forServer($installation, $function, $serverId, $overrides);
        } elseif ($form !== []) {
            $data = $this->forForm($installation, $function, $form, $moduleName);
        } elseif ($moduleName !== null) {
            $data = $this->direct($installation->modules->get($moduleName), $function, $overrides === [] ? [] : [$overrides]);
        } else {
            throw new UsageError('Say what to run it for: --service ID, --server ID, --form key=value… or --module NAME.');
        }
        $error = $data['error'] ?? null;
        return $this->judged(['function' => $function] + $data + ['seconds' => round(microtime(true) - $started, 4)], $error);
    }

    public function configOptions(Arguments $arguments): Answer
    {
        $name = $arguments->word('name of the module');
        [$type, $withArgument, $product] = [$arguments->value('type', 'other'), !$arguments->flag('no-argument'), $arguments->number('product')];
        $arguments->finish();
        $installation = $this->boot();
        $fields = (new ModuleSettings($installation, $installation->modules->get($name), $product))->fields($type, $withArgument);
        return $this->judged(['module' => $name, 'fields' => array_map(static fn (array $field): array => array_map(static fn (mixed $value): mixed => $value instanceof \Closure ? '(closure)' : $value, $field), $fields)]);
    }

    public function loader(Arguments $arguments): Answer
    {
        [$productId, $field] = [(int) $arguments->word('id of the product'), $arguments->word('number or key of the field')];
        $arguments->finish();
        $installation = $this->boot();
        $product = Capsule::table('tblproducts')->find($productId) ?? throw new Failure("There is no product $productId.");
        $settings = new ModuleSettings($installation, $installation->modules->get($product->servertype), $productId);
        foreach ($settings->fields($product->type) as $number => $definition) {
            if ((string) $number === $field || (string) $definition['key'] === $field || $definition['label'] === $field) {
                return $this->judged(['field' => $definition['label'], 'values' => $settings->load($number, (int) $product->servergroup, $product->type)]);
            }
        }
        throw new Failure("The module {$product->servertype} has no setting '$field'.");
    }

    public function cron(Arguments $arguments): Answer
    {
        $mode = $arguments->flag('daily') ? 'daily' : ($arguments->flag('after-only') ? 'after-only' : 'auto');
        $task = $arguments->value('task');
        $arguments->finish();
        $report = (new Cron($this->boot()))->run($mode, $task);
        return $this->judged($report, $report['aborted']);
    }

    public function metrics(Arguments $arguments): Answer
    {
        [$moduleName, $service, $server, $refresh] = [$arguments->value('module'), $arguments->number('service'), $arguments->number('server'), $arguments->flag('refresh')];
        $arguments->finish();
        $installation = $this->boot();
        $metrics = new Metrics($installation);
        if ($service !== null) {
            $module = $this->moduleOfService($installation, $service);
            $fresh = $refresh ? $metrics->refresh($module, $service) : null;
            return $this->judged(['service' => $service, 'refreshed' => $fresh, 'metrics' => $metrics->ofService($module, $service)]);
        }
        if ($server !== null) {
            $type = Capsule::table('tblservers')->where('id', $server)->value('type') ?? throw new Failure("There is no server $server.");
            return $this->judged($metrics->collect($installation->modules->get($type), $server));
        }
        if ($moduleName !== null) {
            return $this->judged(['module' => $moduleName, 'metrics' => $metrics->list($installation->modules->get($moduleName))]);
        }
        return $this->judged(['stored' => Capsule::table('standin_metrics')->orderBy('server')->orderBy('tenant')->get()->all()]);
    }

    /** Prints what a module would be given: for looking at, not for calling. */
    public function params(Arguments $arguments): Answer
    {
        $function = $arguments->value('function', 'CreateAccount');
        [$service, $server, $addon] = [$arguments->number('service'), $arguments->number('server'), $arguments->number('addon', 0)];
        $arguments->finish();
        $builder = new Params($this->boot());
        $params = $service !== null ? $builder->forService($service, $function, (int) $addon) : $builder->forServer($server ?? throw new UsageError('Say --service ID or --server ID.'), $function);
        return new Answer(array_map(static fn (mixed $value): mixed => is_object($value) ? '(object of ' . $value::class . ')' : $value, $params));
    }

    public function serverSync(Arguments $arguments): Answer
    {
        $server = (int) $arguments->word('id of the server');
        $arguments->finish();
        $found = (new ServerSync($this->boot()))->compare($server);
        return $this->judged(['server' => $server] + $found, $found['error']);
    }

    public function check(Arguments $arguments): Answer
    {
        $name = $arguments->word('name of the module');
        $arguments->finish();
        $report = (new ModuleCheck($this->boot(), $name))->run();
        $error = implode(' ', array_map(static fn (array $failed): string => (string) $failed['complaint'], array_filter($report, static fn (array $one): bool => !$one['ok'])));
        return new Answer(['module' => $name, 'ok' => $error === '', 'checks' => $report], $error, $error === '' ? Application::OK : Application::VIOLATION);
    }

    /** A step of `check`, in a process of its own: includes hooks and main file in the order given. */
    public function load(Arguments $arguments): Answer
    {
        [$name, $order] = [$arguments->word('name of the module'), $arguments->word('order')];
        $arguments->finish();
        $installation = $this->boot();
        $module = $installation->modules->get($name);
        foreach (explode(',', $order) as $part) {
            if ($part === 'main') {
                $module->load();
            } elseif (is_file("{$module->folder}/hooks.php")) {
                $installation->hooks->includeFile("{$module->folder}/hooks.php");
            }
        }
        return $this->judged(['order' => $order]);
    }

    /** @return array<string, mixed> */
    private function forService(Installation $installation, string $function, int $serviceId, int $addonId, array $overrides, bool $bare): array
    {
        if (isset(Lifecycle::FUNCTIONS[$function]) && !$bare) {
            return self::lifecycle((new Lifecycle($installation))->run($function, $serviceId, $addonId, $overrides), $serviceId);
        }
        $params = (new Params($installation))->forService($serviceId, $function, $addonId, $overrides);
        if ($params['moduletype'] === '') {
            throw new Failure("The product of service $serviceId has no module.");
        }
        return ['service' => $serviceId] + $this->direct($installation->modules->get($params['moduletype']), $function, [$params]);
    }

    /** @return array<string, mixed> */
    private function forServer(Installation $installation, string $function, int $serverId, array $overrides): array
    {
        $type = Capsule::table('tblservers')->where('id', $serverId)->value('type') ?? throw new Failure("There is no server $serverId.");
        $params = $overrides + (new Params($installation))->forServer($serverId, $function);
        return ['server' => $serverId] + $this->direct($installation->modules->get($type), $function, [$params]);
    }

    /** @return array<string, mixed> */
    private function forForm(Installation $installation, string $function, array $form, ?string $moduleName): array
    {
        if ($function !== 'TestConnection') {
            throw new UsageError('Only TestConnection is run on the unsaved values of the server form.');
        }
        $moduleName ??= $form['module'] ?? $form['type'] ?? throw new UsageError('Say which module the form is for: --module NAME.');
        return $this->direct($installation->modules->get($moduleName), $function, [(new Params($installation))->forServerForm($form)]);
    }

    /** @return array<string, mixed> */
    private function direct(Module $module, string $function, array $arguments): array
    {
        $outcome = $module->call($function, $arguments);
        $value = $outcome->value;
        $error = match (true) {
            is_array($value) && ($value['success'] ?? true) === false => (string) ($value['error'] ?? $value['errorMsg'] ?? 'failed'),
            is_array($value) && $function === 'TestConnection' && !($value['success'] ?? ($value['error'] ?? '') === '') => (string) ($value['error'] ?? 'failed'),
            is_string($value) && $value !== 'success' && ($function === 'UsageUpdate' || isset(Lifecycle::FUNCTIONS[$function])) => $value,
            default => null,
        };
        return ['module' => $module->name, 'returned' => is_object($value) ? '(object of ' . $value::class . ')' : $value, 'error' => $error];
    }

    /** @return array<string, mixed> */
    public static function lifecycle(LifecycleResult $result, int $serviceId): array
    {
        return [
            'service' => $serviceId, 'returned' => $result->outcome->value, 'error' => $result->error,
            'status_before' => $result->statusBefore, 'status_after' => $result->statusAfter,
        ];
    }

    private function moduleOfService(Installation $installation, int $serviceId): Module
    {
        $type = Capsule::table('tblhosting AS h')->join('tblproducts AS p', 'p.id', '=', 'h.packageid')->where('h.id', $serviceId)->value('p.servertype');
        return $installation->modules->get($type ?? throw new Failure("There is no service $serviceId."));
    }
}

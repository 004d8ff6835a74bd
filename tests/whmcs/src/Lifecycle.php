<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;
use WHMCS\Service\Status;

/**
 * Runs a lifecycle function with everything WHMCS does around it: Pre hooks with their overrides and
 * abortcmd, the strict test for 'success', status, password, After hooks, welcome mail, module queue.
 */
final class Lifecycle
{
    /** function => [name in hooks, status after success] */
    public const FUNCTIONS = [
        'CreateAccount' => ['Create', Status::ACTIVE],
        'SuspendAccount' => ['Suspend', Status::SUSPENDED],
        'UnsuspendAccount' => ['Unsuspend', Status::ACTIVE],
        'TerminateAccount' => ['Terminate', Status::TERMINATED],
        'Renew' => ['Renew', null],
        'ChangePassword' => ['ChangePassword', null],
        'ChangePackage' => ['ChangePackage', null],
    ];

    public function __construct(private readonly Installation $installation)
    {
    }

    /**
     * @param array<string, mixed> $overrides forced params; 'suspendreason' and 'password' are the natural ones
     */
    public function run(string $function, int $serviceId, int $addonId = 0, array $overrides = []): LifecycleResult
    {
        [$hookName, $newStatus] = self::FUNCTIONS[$function] ?? throw new Failure("$function is not a lifecycle function.");
        return $this->execute($function, $hookName, $serviceId, $addonId, $overrides, $newStatus);
    }

    /** A function of a button array, called for an admin (clients go through ClientPage). */
    public function custom(string $function, int $serviceId, string $side, int $addonId = 0): LifecycleResult
    {
        $params = (new Params($this->installation))->forService($serviceId, $function, $addonId);
        $module = $this->module($params);
        $allowed = (new Buttons($module))->allowed($side, $params);
        if (!in_array($function, $allowed, true)) {
            $list = $side === 'admin' ? 'AdminCustomButtonArray' : 'ClientAreaCustomButtonArray or ClientAreaAllowedFunctions';
            throw new Refused("The function '$function' is not allowed for the $side: it is not listed by {$module->name}_$list().");
        }
        return $this->execute($function, 'Custom', $serviceId, $addonId, [], null, $side === 'admin' ? 'button' : 'clientButton');
    }

    private function execute(string $function, string $hookName, int $serviceId, int $addonId, array $overrides, ?string $newStatus, ?string $kind = null): LifecycleResult
    {
        $builder = new Params($this->installation);
        if ($function === 'SuspendAccount') {
            // WHMCS's own reason when it suspends for an unpaid invoice; only this one is lifted by a payment.
            $overrides += ['suspendreason' => 'Overdue on Payment'];
        }
        $params = $builder->forService($serviceId, $function, $addonId, $overrides);
        $module = $this->module($params);
        $before = $params['status'];
        if ($function === 'CreateAccount' && $addonId === 0) {
            Credentials::fill($serviceId, $params);
            $params = $builder->forService($serviceId, $function, $addonId, $overrides);
        }
        $oldPassword = $function === 'ChangePassword' ? decrypt(Capsule::table('tblhosting')->where('id', $serviceId)->value('password')) : '';
        if (!$module->has($function)) {
            return new LifecycleResult($function, new Outcome(null, false, []), "The module {$module->name} does not support $function.", $before, $before);
        }
        [$params, $aborted] = $this->preHooks($hookName, $params);
        if ($aborted) {
            return new LifecycleResult($function, new Outcome(null, false, []), "A PreModule$hookName hook stopped the command (abortcmd).", $before, $this->status($serviceId, $addonId));
        }
        $outcome = $module->call($function, [$params], $kind);
        $error = $this->error($outcome, $kind);
        if ($error === null) {
            $this->succeeded($function, $hookName, $params, $newStatus, $oldPassword);
        } else {
            $this->failed($function, $hookName, $params, $module->name, $error);
        }
        return new LifecycleResult($function, $outcome, $error, $before, $this->status($serviceId, $addonId));
    }

    /** Null means success: exactly that word and nothing a strict host objects to. */
    private function error(Outcome $outcome, ?string $kind): ?string
    {
        if (!$outcome->clean()) {
            return $outcome->complaint();
        }
        if ($kind === 'clientButton' && is_array($outcome->value)) {
            return null;
        }
        return $outcome->value === 'success' ? null : (is_scalar($outcome->value) ? (string) $outcome->value : 'The module returned nothing WHMCS understands.');
    }

    /** @return array{0: array<string, mixed>, 1: bool} */
    private function preHooks(string $hookName, array $params): array
    {
        foreach (run_hook("PreModule$hookName", ['params' => $params]) as $result) {
            if (!is_array($result)) {
                continue;
            }
            if (!empty($result['abortcmd'])) {
                return [$params, true];
            }
            $params = array_merge($params, $result);
        }
        return [$params, false];
    }

    private function succeeded(string $function, string $hookName, array $params, ?string $newStatus, string $oldPassword): void
    {
        [$serviceId, $addonId] = [(int) $params['serviceid'], (int) $params['addonId']];
        $this->saveStatus($function, $serviceId, $addonId, $newStatus, (string) ($params['suspendreason'] ?? ''));
        if ($function === 'ChangePassword' && $addonId === 0) {
            Capsule::table('tblhosting')->where('id', $serviceId)->update(['password' => encrypt($params['password'])]);
            run_hook('AfterModuleChangePassword', ['serviceid' => $serviceId, 'oldpassword' => $oldPassword, 'newpassword' => $params['password']]);
        } elseif ($function !== 'Renew') {
            // AfterModuleRenew is not on the current page of hooks.
            run_hook("AfterModule$hookName", ['params' => $params]);
        }
        $this->log("Module $hookName successful - Service ID: $serviceId", $params);
        Capsule::table('tblmodulequeue')->where('service_id', $addonId ?: $serviceId)->where('module_action', $function)->where('completed', 0)->update(['completed' => 1]);
        if ($function === 'CreateAccount' && $addonId === 0) {
            $this->sendWelcome($serviceId, (int) $params['pid']);
        }
    }

    private function failed(string $function, string $hookName, array $params, string $module, string $error): void
    {
        run_hook("AfterModule{$hookName}Failed", ['params' => $params, 'failureResponseMessage' => $error]);
        $this->log("Module $hookName failed - Service ID: {$params['serviceid']} - Error: $error", $params);
        if ($hookName === 'Custom') {
            return;
        }
        $now = $this->installation->now()->format('Y-m-d H:i:s');
        $key = ['service_type' => $params['addonId'] ? 'addon' : 'service', 'service_id' => $params['addonId'] ?: $params['serviceid'], 'module_name' => $module, 'module_action' => $function, 'completed' => 0];
        $retried = Capsule::table('tblmodulequeue')->where($key)->update(['last_attempt' => $now, 'last_attempt_error' => $error, 'num_retries' => Capsule::raw('num_retries + 1')]);
        if ($retried === 0) {
            Capsule::table('tblmodulequeue')->insert($key + ['last_attempt' => $now, 'last_attempt_error' => $error, 'created_at' => $now, 'updated_at' => $now]);
        }
    }

    private function saveStatus(string $function, int $serviceId, int $addonId, ?string $status, string $reason): void
    {
        if ($status === null) {
            return;
        }
        if ($addonId > 0) {
            Capsule::table('tblhostingaddons')->where('id', $addonId)->update(['status' => $status]);
            return;
        }
        $changes = ['domainstatus' => $status];
        if ($function === 'SuspendAccount') {
            $changes['suspendreason'] = $reason;
        } elseif ($function === 'UnsuspendAccount') {
            $changes['suspendreason'] = '';
        } elseif ($function === 'TerminateAccount') {
            $changes['termination_date'] = $this->installation->now()->format('Y-m-d');
        }
        Capsule::table('tblhosting')->where('id', $serviceId)->update($changes);
    }

    private function sendWelcome(int $serviceId, int $productId): void
    {
        $template = (int) Capsule::table('tblproducts')->where('id', $productId)->value('welcomeemail');
        $name = $template > 0 ? Capsule::table('tblemailtemplates')->where('id', $template)->value('name') : null;
        if ($name !== null) {
            Mailer::sendTemplate($name, $serviceId);
        }
    }

    private function status(int $serviceId, int $addonId): string
    {
        return (string) ($addonId > 0
            ? Capsule::table('tblhostingaddons')->where('id', $addonId)->value('status')
            : Capsule::table('tblhosting')->where('id', $serviceId)->value('domainstatus'));
    }

    private function module(array $params): Module
    {
        if ($params['moduletype'] === '') {
            throw new Failure("The product of service {$params['serviceid']} has no module.");
        }
        return $this->installation->modules->get($params['moduletype']);
    }

    private function log(string $message, array $params): void
    {
        ActivityLog::add($message, (int) $params['userid']);
    }
}

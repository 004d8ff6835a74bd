<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** One server module: loads its main file and calls its functions, each call under a guard. */
final class Module
{
    private bool $loaded = false;

    public function __construct(public readonly string $name, public readonly string $folder)
    {
    }

    public function load(): void
    {
        if ($this->loaded) {
            return;
        }
        $this->loaded = true;
        $file = "{$this->folder}/{$this->name}.php";
        $outcome = Guard::run("Including {$this->name}.php", static function () use ($file): void {
            include_once $file;
        });
        Installation::current()->report($outcome);
        if (!$outcome->clean()) {
            throw new ContractViolation($outcome->breaches());
        }
    }

    public function has(string $function): bool
    {
        $this->load();
        return function_exists("{$this->name}_$function");
    }

    /**
     * Calls `<name>_<function>` and checks what it returned against the contract of that function.
     * $kind chooses the contract when it is not the function's own ('button', 'clientButton', 'loader').
     */
    public function call(string $function, array $arguments = [], ?string $kind = null): Outcome
    {
        if (!$this->has($function)) {
            throw new Failure("The module {$this->name} does not define {$this->name}_$function().");
        }
        $outcome = $this->guarded("{$this->name}_$function()", "{$this->name}_$function", $arguments, $kind ?? $function);
        Installation::current()->report($outcome);
        return $outcome;
    }

    /** Calls a closure or a named function of the module (Loaders, custom actions). */
    public function callback(string $subject, mixed $function, array $arguments, string $kind): Outcome
    {
        if (is_string($function) && !is_callable($function)) {
            // A Loader may be named with or without the module's prefix.
            $function = function_exists("{$this->name}_$function") ? "{$this->name}_$function" : $function;
        }
        if (!is_callable($function)) {
            throw new Failure("$subject names a function that cannot be called: " . (is_string($function) ? $function : get_debug_type($function)) . '.');
        }
        $outcome = $this->guarded($subject, $function, $arguments, $kind);
        Installation::current()->report($outcome);
        return $outcome;
    }

    /** @return array<string, mixed> the module's MetaData, checked; empty when it defines none */
    public function metaData(): array
    {
        static $cache = [];
        if (!$this->has('MetaData')) {
            return [];
        }
        if (!isset($cache[$this->name])) {
            $outcome = $this->call('MetaData');
            if (!$outcome->clean()) {
                throw new ContractViolation($outcome->breaches());
            }
            $cache[$this->name] = $outcome->value;
        }
        return $cache[$this->name];
    }

    public function displayName(): string
    {
        return (string) ($this->metaData()['DisplayName'] ?? $this->name);
    }

    private function guarded(string $subject, mixed $function, array $arguments, string $kind): Outcome
    {
        $mayExit = in_array($kind, ['ClientArea', 'clientButton'], true);
        $outcome = Guard::run($subject, static function () use ($function, $arguments): mixed {
            // Called through variables of our own: a module may take $params by reference.
            return match (count($arguments)) {
                0 => $function(),
                1 => $function($arguments[0]),
                default => $function(...$arguments),
            };
        }, $mayExit);
        if (!$outcome->returned) {
            return $outcome;
        }
        foreach (ReturnRules::check($kind, $outcome->value) as $complaint) {
            $outcome = $outcome->with('return', $subject, $complaint);
        }
        return $outcome;
    }
}

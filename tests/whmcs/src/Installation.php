<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use Illuminate\Container\Container;
use WHMCS\Database\Capsule;

/**
 * The WHMCS environment of this process: constants, globals, database, hooks and modules.
 * WHMCS keeps these in globals, so there is one Installation per process.
 */
final class Installation
{
    private static ?self $current = null;

    public readonly Hooks $hooks;
    public readonly Modules $modules;
    public readonly Crypt $crypt;

    /** @var list<Violation> everything reported since the last takeViolations() */
    private array $violations = [];

    private function __construct(public readonly Home $home, public readonly Options $options)
    {
        $this->hooks = new Hooks();
        $this->modules = new Modules($home, $options->modules, $options->copyModules);
        $this->crypt = new Crypt($home->encryptionKey());
    }

    public static function boot(Home $home, Options $options): self
    {
        if (self::$current !== null) {
            throw new Failure('This process has already booted a WHMCS environment.');
        }
        error_reporting(E_ALL);
        self::$current = $installation = new self($home, $options);
        $installation->defineGlobals();
        $installation->connect();
        $installation->refresh();
        return $installation;
    }

    public static function current(): self
    {
        return self::$current ?? throw new Failure('The WHMCS environment is not booted.');
    }

    public static function isBooted(): bool
    {
        return self::$current !== null;
    }

    /** Reads settings again and registers the hooks of the modules detected so far. */
    public function refresh(): void
    {
        $GLOBALS['CONFIG'] = \WHMCS\Config\Setting::reload();
        $this->hooks->forget();
        foreach (glob($this->home->folder('includes/hooks') . '/*.php') ?: [] as $file) {
            if (!str_starts_with(basename($file), '_')) {
                $this->hooks->includeFile($file);
            }
        }
        foreach ($this->detectedModules() as $name) {
            $file = "{$this->modules->root}/modules/servers/$name/hooks.php";
            if (is_file($file)) {
                $this->hooks->includeFile($file);
            }
        }
    }

    /** Names in the setting ModuleHooks: filled when Module Settings were saved with a module that has hooks.php. @return list<string> */
    public function detectedModules(): array
    {
        return array_values(array_filter(explode(',', \WHMCS\Config\Setting::getValue('ModuleHooks') ?? '')));
    }

    public function detectModule(string $name): void
    {
        $file = "{$this->modules->root}/modules/servers/$name/hooks.php";
        $detected = $this->detectedModules();
        if (!is_file($file) || in_array($name, $detected, true)) {
            return;
        }
        \WHMCS\Config\Setting::setValue('ModuleHooks', implode(',', [...$detected, $name]));
        $this->hooks->includeFile($file);
    }

    public function report(Outcome $outcome): void
    {
        $this->violations = [...$this->violations, ...$outcome->violations];
        Violations::record($outcome->violations);
    }

    /** @return list<Violation> what was reported since the last call of this method */
    public function takeViolations(): array
    {
        $taken = $this->violations;
        $this->violations = [];
        return $taken;
    }

    public function now(): \WHMCS\Carbon
    {
        return \WHMCS\Carbon::now();
    }

    private function defineGlobals(): void
    {
        date_default_timezone_set($this->options->timezone);
        define('WHMCS', true);
        define('ROOTDIR', $this->modules->root);
        $GLOBALS['customadminpath'] = 'admin';
        if ($this->options->now !== '') {
            \Carbon\Carbon::setTestNow(\Carbon\Carbon::parse($this->options->now));
        }
        // A command line or cron has no session; modules still read the array.
        $GLOBALS['_SESSION'] ??= [];
        require_once __DIR__ . '/functions.php';
        class_alias(\WHMCS\StandIn\Lang::class, 'Lang');
        class_alias(\WHMCS\StandIn\Menu::class, 'Menu');
        class_alias(\WHMCS\StandIn\App::class, 'App');
        spl_autoload_register($this->loadModuleClass(...));
    }

    /** `WHMCS\Module\Server\<StudlyName>\Foo` is `modules/servers/<name>/lib/Foo.php`; the case of the name is not looked at. */
    private function loadModuleClass(string $class): void
    {
        if (!preg_match('/^WHMCS\\\\Module\\\\Server\\\\(\w+)\\\\(.+)$/', $class, $match)) {
            return;
        }
        foreach ($this->modules->names() as $name) {
            $studly = str_replace(['-', '_', ' '], '', $name);
            $file = "{$this->modules->root}/modules/servers/$name/lib/" . str_replace('\\', '/', $match[2]) . '.php';
            if (strcasecmp($studly, $match[1]) === 0 && is_file($file)) {
                require_once $file;
                return;
            }
        }
    }

    private function connect(): void
    {
        if ((new MariaDb($this->home))->pid() === null) {
            throw new Failure("The database of {$this->home->path} is not running: start it with `whmcs --home {$this->home->path} up`.");
        }
        $capsule = new Capsule(new Container());
        $capsule->addConnection([
            'driver' => 'mysql', 'unix_socket' => $this->home->socket(), 'host' => 'localhost', 'database' => 'whmcs', 'username' => 'whmcs', 'password' => 'whmcs',
            'charset' => 'utf8mb4', 'collation' => 'utf8mb4_unicode_ci', 'prefix' => '', 'modes' => array_values(array_filter(explode(',', $this->options->sqlMode))),
        ]);
        $capsule->setAsGlobal();
        $capsule->bootEloquent();
        if ($this->options->sqlNow !== '') {
            Capsule::connection()->statement(sprintf('SET timestamp = %.6F', $this->options->sqlNow));
        }
    }
}

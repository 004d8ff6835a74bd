<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

use WHMCS\Database\Capsule;
use WhmcsStandIn\Fixtures;
use WhmcsStandIn\Home;
use WhmcsStandIn\Installation;
use WhmcsStandIn\Lifecycle;
use WhmcsStandIn\MariaDb;
use WhmcsStandIn\Options;
use WhmcsStandIn\Params;
use WhmcsStandIn\Violation;

/**
 * The WHMCS of this process, in the few words a test needs. Servers, products, clients and services
 * are numbers (ids), as in WHMCS; commands return what an admin would read: "success" or a sentence.
 */
final class Whmcs
{
    public const MODULE = 'mikrotikvpn';

    public readonly Fixtures $fixtures;

    private function __construct(public readonly Installation $installation)
    {
        $this->fixtures = new Fixtures($installation);
    }

    /** Starts the database unless it runs, empties it and loads WHMCS. Once per process. */
    public static function boot(): void
    {
        $home = new Home(Home::default());
        $database = new MariaDb($home);
        if ($database->pid() === null) {
            self::stopAtTheEnd($database);
        }
        $database->start(tied: true);
        $database->reset();
        Installation::boot($home, new Options(modules: Build::root() . '/modules/servers'));
    }

    public static function here(): self
    {
        return new self(Installation::current());
    }

    /**
     * A server record for `$router`: its address and login, trusted by pin when it speaks TLS.
     *
     * @param array<string, mixed> $values columns of tblservers
     */
    public function server(Router $router, array $values = []): int
    {
        $values += $router->serverRow();
        $values += ['type' => self::MODULE, 'name' => 'Test router', 'assignedips' => '10.7.0.2-10.7.0.254'];
        return $this->fixtures->addServer($values);
    }

    /** @param array<int, string> $settings module settings by position; others take the form's defaults */
    public function product(array $settings = [], array $values = []): int
    {
        return $this->fixtures->addProduct($values + ['name' => 'VPN'], self::MODULE, $settings);
    }

    /** An admin saves other module settings; those not named stay. @param array<int, string> $settings by position */
    public function settings(int $product, array $settings): void
    {
        $this->fixtures->setProduct($product, [], null, $settings);
    }

    /** @param array<string, mixed> $values columns of tblclients */
    public function client(array $values = []): int
    {
        return $this->fixtures->addClient($values);
    }

    /** A pending service. @param array<string, mixed> $values columns of tblhosting */
    public function service(int $client, int $product, int $server, array $values = []): int
    {
        $values += ['userid' => $client, 'packageid' => $product, 'server' => $server];
        return $this->fixtures->addService($values);
    }

    public function create(int $service): string
    {
        return $this->run('CreateAccount', $service);
    }

    public function suspend(int $service, string $reason = 'Overdue on Payment'): string
    {
        return $this->run('SuspendAccount', $service, ['suspendreason' => $reason]);
    }

    public function unsuspend(int $service): string
    {
        return $this->run('UnsuspendAccount', $service);
    }

    public function terminate(int $service): string
    {
        return $this->run('TerminateAccount', $service);
    }

    public function renew(int $service): string
    {
        return $this->run('Renew', $service);
    }

    public function changePassword(int $service, string $password): string
    {
        return $this->run('ChangePassword', $service, ['password' => $password]);
    }

    public function changePackage(int $service): string
    {
        return $this->run('ChangePackage', $service);
    }

    public function resetConnection(int $service): string
    {
        return (new Lifecycle($this->installation))->custom('resetConnection', $service, 'admin')->text();
    }

    /** @param array<string, mixed> $overrides params forced onto the call */
    public function run(string $function, int $service, array $overrides = []): string
    {
        return (new Lifecycle($this->installation))->run($function, $service, 0, $overrides)->text();
    }

    /** Calls a function of the module as WHMCS does for a service page; gives what it returned. */
    public function callForService(string $function, int $service, array $overrides = []): mixed
    {
        $params = (new Params($this->installation))->forService($service, $function, 0, $overrides);
        return $this->module()->call($function, [$params])->orThrow();
    }

    /**
     * Calls a function that gets server keys only, such as TestConnection. UsageUpdate is that of another day:
     * it would do nothing right after the last one.
     */
    public function callForServer(string $function, int $server, array $overrides = []): mixed
    {
        $function === 'UsageUpdate' && $this->waitForNextCollection();
        $params = (new Params($this->installation))->forServer($server, $function);
        return $this->module()->call($function, [$overrides + $params])->orThrow();
    }

    /** UsageUpdate; gives what WHMCS reads. */
    public function collect(int $server): string
    {
        return (string) $this->callForServer('UsageUpdate', $server);
    }

    /** As if the least interval between two collections had passed, and any lease had run out. */
    public function waitForNextCollection(): void
    {
        if (Capsule::schema()->hasTable('mod_mikrotikvpn_servers')) {
            Capsule::table('mod_mikrotikvpn_servers')->update([
                'started_at' => Capsule::raw('started_at - INTERVAL 1 DAY'),
                'ended_at' => Capsule::raw('ended_at - INTERVAL 1 DAY'),
                'lease_until' => Capsule::raw('lease_until - INTERVAL 1 DAY'),
            ]);
        }
    }

    /**
     * Another process of the same WHMCS, already running.
     *
     * @param list<string> $arguments see `whmcs --help`
     * @param array<string, string> $environment
     */
    public function process(array $arguments, array $environment = []): Process
    {
        $environment += [
            'WHMCS_HOME' => $this->installation->home->path,
            'WHMCS_MODULES' => Build::root() . '/modules/servers',
            'WHMCS_PHP_ARGS' => '-dextension=' . Build::library(),
            'PHP' => PHP_BINARY,
        ];
        return new Process([Build::root() . '/tests/whmcs/whmcs', ...$arguments], $environment);
    }

    /** The comment of a service's objects on the router, once anything was sold. */
    public function tag(int $service, string $prefix = 'mikrotikvpn'): string
    {
        return "$prefix whmcs:$service@" . Capsule::table('mod_mikrotikvpn_installation')->value('mark');
    }

    /** A file of the module's folder in a WHMCS root of its own, as the command line finds it. */
    public function script(string $file): string
    {
        static $root = null;
        if ($root === null) {
            $root = sys_get_temp_dir() . '/mikrotikvpn-' . bin2hex(random_bytes(6));
            mkdir("$root/modules/servers", 0700, true);
            $init = var_export(Build::root() . '/tests/whmcs/web/init.php', true);
            file_put_contents("$root/init.php", "<?php\nrequire_once $init;\n");
            (new Process(['cp', '-r', Build::root() . '/modules/servers/mikrotikvpn', "$root/modules/servers/"]))->code();
            register_shutdown_function(static fn () => (new Process(['rm', '-rf', $root]))->code());
        }
        return "$root/modules/servers/mikrotikvpn/$file";
    }

    /** The row of a service as WHMCS has it now, its password decrypted. */
    public function row(int $service): object
    {
        $row = Capsule::table('tblhosting')->find($service);
        $row->password = decrypt($row->password);
        return $row;
    }

    /** @return list<object> e-mails, oldest first, with template, relid, subject, message and mergefields */
    public function mails(): array
    {
        return Capsule::table('standin_mails')->orderBy('id')->get()->all();
    }

    /** @return list<object> the module log, oldest first: action, request, response */
    public function moduleLog(): array
    {
        return Capsule::table('tblmodulelog')->orderBy('id')->get()->all();
    }

    /** @return list<string> the activity log, oldest first */
    public function activityLog(): array
    {
        return Capsule::table('tblactivitylog')->orderBy('id')->pluck('description')->all();
    }

    /** @return list<Violation> what the module did against WHMCS's contract since the last look */
    public function takeViolations(): array
    {
        return $this->installation->takeViolations();
    }

    private function module(): \WhmcsStandIn\Module
    {
        return $this->installation->modules->get(self::MODULE);
    }

    private static function stopAtTheEnd(MariaDb $database): void
    {
        $owner = getmypid();
        register_shutdown_function(static function () use ($database, $owner): void {
            // A forked child runs this too.
            if (getmypid() === $owner) {
                $database->stop();
            }
        });
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn\Testing;

use WHMCS\Database\Capsule;
use WhmcsStandIn\FreshRows;
use WhmcsStandIn\Home;
use WhmcsStandIn\Installation;
use WhmcsStandIn\MariaDb;
use WhmcsStandIn\Options;

/** A home for one PHPUnit run: its MariaDB starts with the first test and is gone with the process. */
final class TestHome
{
    private static ?Home $home = null;

    /** @param string $modules folder of modules, as for --modules */
    public static function boot(string $modules): Installation
    {
        if (self::$home !== null) {
            return Installation::current();
        }
        $home = new Home(dirname(__DIR__, 4) . '/target/whmcs-phpunit-' . getmypid());
        self::$home = $home;
        $home->folder('.');
        $owner = getmypid();
        register_shutdown_function(static function () use ($home, $owner): void {
            // A forked child must not take the database down with it.
            if (getmypid() === $owner) {
                (new MariaDb($home))->stop();
                exec('rm -rf ' . escapeshellarg($home->path));
            }
        });
        (new MariaDb($home))->start(tied: true);
        return Installation::boot($home, Options::fromEnvironment(['modules' => $modules]));
    }

    public static function home(): Home
    {
        return self::$home ?? throw new \LogicException('TestHome::boot() was not called.');
    }

    /** A fresh WHMCS: all tables empty but for the first rows. Tables of modules are kept and emptied. */
    public static function reset(): void
    {
        $root = (new MariaDb(self::home()))->connect();
        $tables = $root->query("SELECT table_name, auto_increment FROM information_schema.tables WHERE table_schema = 'whmcs' AND table_type = 'BASE TABLE'")->fetchAll(\PDO::FETCH_NUM);
        $root->exec('SET SESSION foreign_key_checks = 0');
        foreach ($tables as [$table, $next]) {
            // A TRUNCATE makes a new file and takes a hundred times longer.
            $root->exec("DELETE FROM `$table`");
            $next !== null && $next > 1 && $root->exec("ALTER TABLE `$table` AUTO_INCREMENT = 1");
        }
        $root->exec("SET SESSION sql_mode = ''");
        (new FreshRows())->insert($root);
        $_SESSION = $_GET = $_POST = $_REQUEST = [];
        Installation::current()->options->variants = [];
        Installation::current()->refresh();
        Installation::current()->takeViolations();
        Capsule::connection()->flushQueryLog();
    }
}

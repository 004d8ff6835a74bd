<?php

declare(strict_types=1);

namespace WhmcsStandIn\Web;

use WhmcsStandIn\Guard;
use WhmcsStandIn\Home;
use WhmcsStandIn\Installation;
use WhmcsStandIn\Modules;
use WhmcsStandIn\Options;

/** Boots WHMCS for a web request and hands the path to the client or admin area. */
final class Kernel
{
    private const TYPES = ['css' => 'text/css', 'js' => 'text/javascript', 'svg' => 'image/svg+xml', 'png' => 'image/png', 'jpg' => 'image/jpeg', 'gif' => 'image/gif', 'ico' => 'image/x-icon', 'json' => 'application/json', 'woff' => 'font/woff', 'woff2' => 'font/woff2', 'ttf' => 'font/ttf', 'eot' => 'application/vnd.ms-fontobject', 'map' => 'application/json', 'html' => 'text/html', 'txt' => 'text/plain', 'webp' => 'image/webp', 'tpl' => 'text/plain'];

    /** Also used by init.php, which stand-alone scripts of modules require. */
    public static function boot(): Installation
    {
        if (Installation::isBooted()) {
            return Installation::current();
        }
        $options = self::options();
        Guard::$tolerated = array_values(array_filter(explode(',', (string) getenv('WHMCS_TOLERATE'))));
        $home = new Home(Home::default());
        session_save_path($home->folder('sessions'));
        session_name('WHMCSSession');
        session_start(['cookie_httponly' => true, 'cookie_samesite' => 'Lax']);
        // WHMCS encodes what people type before anybody reads it.
        $_GET = \WHMCS\Input\Sanitize::encode($_GET);
        $_POST = \WHMCS\Input\Sanitize::encode($_POST);
        $_REQUEST = $_POST + $_GET;
        return Installation::boot($home, $options);
    }

    private static function options(): Options
    {
        // php-fpm hands settings over as server variables, PHP's own server as environment.
        foreach (['WHMCS_HOME', 'WHMCS_MODULES', 'WHMCS_TOLERATE', 'WHMCS_VARIANTS', 'WHMCS_TIMEZONE', 'WHMCS_COPY_MODULES'] as $name) {
            getenv($name) === false && isset($_SERVER[$name]) && putenv("$name={$_SERVER[$name]}");
        }
        $settings = (new Home(Home::default()))->settings();
        return Options::fromEnvironment(array_filter([
            'modules' => getenv('WHMCS_MODULES') ?: ($settings['modules'] ?? null), 'timezone' => getenv('WHMCS_TIMEZONE') ?: ($settings['timezone'] ?? null),
        ]));
    }

    public function handle(): void
    {
        $path = rawurldecode((string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
        // Assets need neither session nor database. An installation may live under a path of its own.
        if (preg_match('~^(?:/[\w-]+)?/(?:admin/)?assets/([\w-]+)/(.+)$~', $path, $match) && $this->asset($match[1], $match[2])) {
            return;
        }
        // Neither do files of modules: a script of theirs starts without WHMCS, as on a real web server.
        if (preg_match('~^(?:/[\w-]+)?/modules/servers/([\w-]+)/(.+)$~', $path, $match)) {
            $this->moduleFile($match[1], $match[2]);
            return;
        }
        $inAdmin = (bool) preg_match('~^(?:/[\w-]+)?/admin(?:/|$)~', $path);
        define($inAdmin ? 'ADMINAREA' : 'CLIENTAREA', true);
        $installation = self::boot();
        register_shutdown_function(Guard::ended(...));
        $base = Address::base();
        if ($base !== '' && str_starts_with($path, "$base/")) {
            $path = substr($path, strlen($base));
        }
        if (preg_match('~^/templates/([\w-]+/(?:css|js|img)/.+)$~', $path, $match)) {
            $this->sendFile(dirname(__DIR__, 2) . '/web/themes', $match[1]) || (new Page('Not found', 404))->send();
            return;
        }
        $_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = $base . (str_ends_with($path, '.php') ? $path : '/index.php');
        $area = $inAdmin ? new AdminArea($installation) : new ClientArea($installation);
        $area->respond($path)->send();
    }

    private function asset(string $package, string $file): bool
    {
        $web = dirname(__DIR__, 2) . '/web';
        $packages = ['bootstrap' => 'bootstrap/dist', 'bootstrap3' => 'bootstrap3/dist', 'jquery' => 'jquery/dist', 'popper' => 'popper.js/dist/umd', 'fontawesome' => '@fortawesome/fontawesome-free'];
        $folder = $package === 'whmcs' ? "$web/js" : (isset($packages[$package]) ? "$web/node_modules/{$packages[$package]}" : null);
        return $folder !== null && $this->sendFile($folder, $file);
    }

    /** As on a real web server: .php is executed, everything else is sent as it is. */
    private function moduleFile(string $name, string $file): void
    {
        $options = self::options();
        $modules = new Modules(new Home(Home::default()), $options->modules, $options->copyModules);
        $folder = "{$modules->root}/modules/servers/$name";
        $path = "$folder/$file";
        if (!$modules->has($name) || !is_file($path) || !str_starts_with((string) realpath($path), (string) realpath($folder))) {
            (new Page('Not found', 404))->send();
            return;
        }
        if (str_ends_with($file, '.php')) {
            StandAloneScript::run($path);
            return;
        }
        $this->sendFile($folder, $file);
    }

    private function sendFile(string $folder, string $file): bool
    {
        $path = realpath("$folder/$file");
        if ($path === false || !str_starts_with($path, (string) realpath($folder)) || !is_file($path) || str_ends_with($path, '.php')) {
            return false;
        }
        header('Content-Type: ' . (self::TYPES[strtolower(pathinfo($path, PATHINFO_EXTENSION))] ?? 'application/octet-stream'));
        header('Cache-Control: max-age=60');
        readfile($path);
        return true;
    }
}

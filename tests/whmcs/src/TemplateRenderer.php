<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/**
 * Real Smarty, set up as WHMCS does: values are not escaped by themselves, {php} is gone and a
 * security policy limits the PHP functions a template may call.
 */
final class TemplateRenderer
{
    private const FUNCTIONS = ['isset', 'empty', 'count', 'sizeof', 'in_array', 'is_array', 'is_null', 'is_numeric', 'time', 'array_key_exists', 'strpos', 'substr', 'strlen', 'trim', 'max', 'min', 'floor', 'ceil', 'round', 'date', 'strtotime', 'str_replace', 'explode', 'implode', 'nl2br', 'ucfirst', 'strtolower', 'strtoupper', 'number_format', 'array_keys', 'array_filter', 'array_values', 'json_encode', 'sprintf', 'intval'];
    private const MODIFIERS = ['escape', 'strval', 'count', 'sizeof', 'nl2br', 'trim', 'substr', 'strlen', 'ucfirst', 'ucwords', 'strtolower', 'strtoupper', 'number_format', 'json_encode', 'md5', 'round', 'floor', 'ceil', 'intval', 'urlencode', 'rawurlencode', 'htmlspecialchars', 'htmlentities', 'html_entity_decode', 'strip_tags', 'strtotime', 'date', 'implode', 'explode', 'in_array', 'array_keys', 'str_replace', 'sprintf', 'is_array', 'is_null', 'lcfirst', 'addslashes', 'sha1', 'base64_encode', 'in_array', 'array_reverse', 'end', 'current', 'key', 'abs', 'max', 'min', 'is_numeric', 'usort', 'strstr', 'strpos'];
    /** Mail templates are written by admins in the browser: a shorter list. */
    private const MAIL_FUNCTIONS = ['isset', 'empty', 'count', 'sizeof', 'in_array', 'is_array', 'time', 'number_format', 'round', 'date', 'strtotime'];

    /** @var list<string> what compiled templates warned about since the last take */
    private static array $notes = [];
    private static string $compileFolder = '';

    private readonly \Smarty $smarty;

    private function __construct(Installation $installation, bool $mail)
    {
        self::loadSmarty();
        self::$compileFolder = $installation->home->folder('templates_c');
        $this->smarty = new \Smarty();
        $this->smarty->setTemplateDir($installation->modules->root . '/templates')->setCompileDir(self::$compileFolder);
        $this->smarty->setCacheDir($installation->home->folder('cache'));
        $this->smarty->error_reporting = E_ALL;
        $policy = new \Smarty_Security($this->smarty);
        $policy->php_functions = $mail ? self::MAIL_FUNCTIONS : self::FUNCTIONS;
        $policy->php_modifiers = $mail ? self::MAIL_FUNCTIONS : self::MODIFIERS;
        $policy->static_classes = null;
        $policy->streams = null;
        $policy->secure_dir = $mail ? [] : [$installation->modules->root, dirname(__DIR__) . '/web', ...self::moduleFolders($installation)];
        $this->smarty->enableSecurity($policy);
        $this->registerPlugins();
    }

    /** A file of a module or theme, by absolute path. */
    public static function file(string $file, array $variables): string
    {
        return self::quietly(static fn (): string => (new self(Installation::current(), false))->render("file:$file", $variables));
    }

    public static function mail(string $source, array $variables): string
    {
        return self::quietly(static fn (): string => (new self(Installation::current(), true))->render("string:$source", $variables));
    }

    public static function isCompiledTemplate(string $file): bool
    {
        return self::$compileFolder !== '' && str_starts_with($file, self::$compileFolder);
    }

    public static function note(string $message): void
    {
        self::$notes[] = $message;
    }

    /** @return list<string> unknown variables and the like: silent in WHMCS, so told but no violation */
    public static function takeNotes(): array
    {
        $notes = array_values(array_unique(self::$notes));
        self::$notes = [];
        return $notes;
    }

    private static function quietly(callable $body): string
    {
        $previous = set_error_handler(static function (int $level, string $message, string $file, int $line) use (&$previous): bool {
            if (self::isCompiledTemplate($file)) {
                // Smarty as WHMCS sets it up prints nothing for an unknown variable.
                self::note($message);
                return true;
            }
            // Smarty 4 grumbles about PHP functions as modifiers, which WHMCS allows; Smarty 3 about PHP 8.2.
            $ignored = in_array($level, [E_DEPRECATED, E_USER_DEPRECATED], true) && str_starts_with($file, '/usr/share/php');
            return $ignored || ($previous !== null && $previous($level, $message, $file, $line));
        });
        try {
            return $body();
        } finally {
            restore_error_handler();
        }
    }

    private function render(string $resource, array $variables): string
    {
        $this->smarty->assign($variables);
        return $this->smarty->fetch($resource);
    }

    private function registerPlugins(): void
    {
        $this->smarty->registerPlugin('function', 'lang', static fn (array $given): string => \Lang::trans((string) ($given['key'] ?? ''), array_combine(
            array_map(static fn (string $name): string => ":$name", array_keys(array_diff_key($given, ['key' => 0]))),
            array_values(array_diff_key($given, ['key' => 0]))
        )));
        $this->smarty->registerPlugin('function', 'routePath', static fn (array $given): string => Web\Address::base() . '/index.php?rp=/' . implode('/', $given));
        $this->smarty->registerPlugin('function', 'assetPath', static fn (array $given): string => Web\Address::base() . '/assets/' . ($given['file'] ?? ''));
        $this->smarty->registerPlugin('modifier', 'sprintf2', static fn (string $format, mixed ...$values): string => sprintf($format, ...$values));
    }

    /** @return list<string> where the links under modules/servers lead */
    private static function moduleFolders(Installation $installation): array
    {
        return array_values(array_filter(array_map(
            static fn (string $name): string|false => realpath("{$installation->modules->root}/modules/servers/$name"),
            $installation->modules->names()
        )));
    }

    private static function loadSmarty(): void
    {
        if (class_exists('Smarty', false)) {
            return;
        }
        $version = getenv('WHMCS_SMARTY') ?: 'smarty4';
        $file = "/usr/share/php/$version/Smarty.class.php";
        if (!is_file($file)) {
            throw new Failure("Smarty is missing: install Debian's package $version.");
        }
        require_once $file;
        if ($version === 'smarty3' && class_exists('SmartyException')) {
            require_once __DIR__ . '/SmartyThreeShim.php';
        }
    }
}

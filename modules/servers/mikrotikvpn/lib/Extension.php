<?php

/**
 * Whether this very process has the extension, and one that is made for this folder.
 *
 * PHP's optimizer answers function_exists() and extension_loaded() when it compiles a file, and OPcache's file
 * cache hands the compiled file to a PHP that has not loaded the extension: it would then call functions that are
 * not there, and crash. The list of an extension's functions is asked for anew each time.
 */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class Extension
{
    /** Changes with the functions between this folder and the extension, and with its tables; see php/interface.json. */
    public const INTERFACE = 2;

    /** A row of WHMCS's settings: when the cron's PHP lacked the extension, and the sentence. */
    private const CRON = 'MikrotikVpnCron';

    private const DAY = 86400;

    public static function fits(): bool
    {
        return self::interfaceNumber() === self::INTERFACE;
    }

    /** The extension's number; 0 without it, 1 for release 0.1.0, which does not tell. */
    public static function interfaceNumber(): int
    {
        if (self::has('interfaceNumber')) {
            return \MikrotikVpn\interfaceNumber();
        }
        return self::has('version') ? 1 : 0;
    }

    /** Whether MikrotikVpn\$function can be called. */
    public static function has(string $function): bool
    {
        $functions = get_extension_funcs('mikrotikvpn') ?: [];
        return in_array("MikrotikVpn\\$function", $functions, true);
    }

    /**
     * At the end of a cron run that could collect nothing: the activity log says so once a day, and pages of a PHP
     * that has the extension show it.
     */
    public static function complainOfCron(): void
    {
        $noted = (int) \WHMCS\Config\Setting::getValue(self::CRON);
        if (time() - $noted < self::DAY) {
            return;
        }
        $sentence = self::sentenceOfCron();
        \WHMCS\Config\Setting::setValue(self::CRON, time() . " $sentence");
        logActivity("mikrotikvpn: $sentence", 0);
    }

    private static function sentenceOfCron(): string
    {
        $lacks = self::interfaceNumber() === 0
            ? 'has not loaded the extension mikrotikvpn'
            : 'has loaded another build of the extension mikrotikvpn than the folder modules/servers/mikrotikvpn is of';
        return sprintf(
            'The PHP that runs WHMCS\'s cron %s, so no traffic is collected and nobody is capped in cron runs: %s, PHP %s (SAPI %s), ini file %s. '
                . 'Load the extension there: `%s --ri mikrotikvpn` must know it.',
            $lacks,
            PHP_BINARY,
            PHP_VERSION,
            PHP_SAPI,
            php_ini_loaded_file() ?: 'none',
            PHP_BINARY
        );
    }
}

<?php

/**
 * Whether this very process has the extension. PHP's optimizer answers function_exists() and
 * extension_loaded() when it compiles a file, and OPcache's file cache hands the compiled file to a PHP that
 * has not loaded the extension: it would then call functions that are not there, and crash. The list of an
 * extension's functions is asked for anew each time.
 */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class Extension
{
    /** Whether MikrotikVpn\$function can be called. */
    public static function has(string $function): bool
    {
        $functions = get_extension_funcs('mikrotikvpn') ?: [];
        return in_array("MikrotikVpn\\$function", $functions, true);
    }
}

<?php

/**
 * The module's functions for a PHP that has not loaded the extension, or has loaded another release
 * of it. Each answers in the shape WHMCS expects of it, with a sentence that says what is wrong in
 * which PHP and what to do: a server often has several (web, cron, command line), each with its own
 * ini files. Loaded by mikrotikvpn.php only when needed.
 */

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

/** What is wrong and what to do about it, for the admin. */
function mikrotikvpn_missing_sentence(): string
{
    if (!\WHMCS\Module\Server\Mikrotikvpn\Extension::has('version')) {
        return mikrotikvpn_missing_notLoaded();
    }
    return \MikrotikVpn\version() === MIKROTIKVPN_VERSION
        ? mikrotikvpn_missing_otherInterface()
        : mikrotikvpn_missing_otherRelease(\MikrotikVpn\version());
}

/** The same where a client may read it: in the client's language, and without what only an admin can mend. */
function mikrotikvpn_missing_sentenceForReader(array $params, string $key = 'client_apology'): string
{
    return defined('CLIENTAREA')
        ? \WHMCS\Module\Server\Mikrotikvpn\Language::ofVisitor($params)->text($key)
        : mikrotikvpn_missing_sentence();
}

function mikrotikvpn_missing_notLoaded(): string
{
    return sprintf(
        'The PHP extension mikrotikvpn is not loaded in %s. %s Add the line "extension=mikrotikvpn" to %s, then %s.',
        mikrotikvpn_missing_thisPhp(),
        mikrotikvpn_missing_library(),
        mikrotikvpn_missing_iniFile(),
        mikrotikvpn_missing_restart()
    );
}

function mikrotikvpn_missing_otherRelease(string $loaded): string
{
    return sprintf(
        'The PHP extension mikrotikvpn loaded in %s is release %s, but the folder modules/servers/mikrotikvpn is '
            . 'release %s. Copy the folder and mikrotikvpn.so (to %s) of the same release, then %s.',
        mikrotikvpn_missing_thisPhp(),
        $loaded,
        MIKROTIKVPN_VERSION,
        ini_get('extension_dir'),
        mikrotikvpn_missing_restart()
    );
}

function mikrotikvpn_missing_otherInterface(): string
{
    return sprintf(
        'The PHP extension mikrotikvpn loaded in %s and the folder modules/servers/mikrotikvpn are of different builds of release %s '
            . '(interface %d and %d). Install the folder and mikrotikvpn.so of the same build, then %s.',
        mikrotikvpn_missing_thisPhp(),
        MIKROTIKVPN_VERSION,
        \WHMCS\Module\Server\Mikrotikvpn\Extension::interfaceNumber(),
        \WHMCS\Module\Server\Mikrotikvpn\Extension::INTERFACE,
        mikrotikvpn_missing_restart()
    );
}

/** Version, SAPI and thread safety decide which build fits; the ini file tells one PHP from another. */
function mikrotikvpn_missing_thisPhp(): string
{
    return sprintf(
        'PHP %s (SAPI %s, %s, ini file %s, scan directory %s)',
        PHP_VERSION,
        PHP_SAPI,
        PHP_ZTS ? 'thread-safe' : 'not thread-safe',
        php_ini_loaded_file() ?: 'none',
        mikrotikvpn_missing_scanDirectory() ?: 'none'
    );
}

function mikrotikvpn_missing_library(): string
{
    $directory = (string) ini_get('extension_dir');
    // Silenced: open_basedir may forbid the look.
    return @is_file("$directory/mikrotikvpn.so")
        ? "The file $directory/mikrotikvpn.so is there."
        : "Copy mikrotikvpn.so, built for this PHP, to $directory.";
}

function mikrotikvpn_missing_iniFile(): string
{
    $directory = mikrotikvpn_missing_scanDirectory();
    if ($directory !== '') {
        return "a new file $directory/mikrotikvpn.ini";
    }
    return php_ini_loaded_file() ?: 'a new file ' . PHP_CONFIG_FILE_PATH . '/php.ini';
}

/** The first one, when there are several; '' when PHP does not look for further ini files. */
function mikrotikvpn_missing_scanDirectory(): string
{
    // PHP does not tell whether it scans: without any ini file at all it was most likely told not to (-n).
    if (php_ini_loaded_file() === false && php_ini_scanned_files() === false) {
        return '';
    }
    $directories = (string) (getenv('PHP_INI_SCAN_DIR') ?: PHP_CONFIG_FILE_SCAN_DIR);
    return rtrim(explode(PATH_SEPARATOR, ltrim($directories, PATH_SEPARATOR))[0], '/');
}

function mikrotikvpn_missing_restart(): string
{
    if (PHP_SAPI === 'cli') {
        return 'run the command again';
    }
    return PHP_SAPI === 'fpm-fcgi' ? 'restart PHP-FPM' : 'restart the web server';
}

function mikrotikvpn_MetaData()
{
    return [
        'DisplayName' => 'MikroTik VPN (PHP extension mikrotikvpn missing: see Test Connection)',
        'APIVersion' => '1.1',
        'RequiresServer' => true,
        'DefaultNonSSLPort' => '80',
        'DefaultSSLPort' => '443',
    ];
}

function mikrotikvpn_ConfigOptions($params = [])
{
    return [
        'missing' => [
            'FriendlyName' => 'PHP extension',
            'Type' => 'text',
            'Description' => htmlspecialchars(mikrotikvpn_missing_sentence())
                . ' Do not save this page before: the other settings are not shown and would be lost.',
        ],
    ];
}

function mikrotikvpn_loadProfiles(array $params)
{
    throw new \RuntimeException(mikrotikvpn_missing_sentence());
}

function mikrotikvpn_loadMailTemplates(array $params)
{
    throw new \RuntimeException(mikrotikvpn_missing_sentence());
}

function mikrotikvpn_TestConnection(array $params)
{
    return ['success' => false, 'error' => mikrotikvpn_missing_sentence()];
}

function mikrotikvpn_CreateAccount(array $params)
{
    return mikrotikvpn_missing_sentence();
}

function mikrotikvpn_SuspendAccount(array $params)
{
    return mikrotikvpn_missing_sentence();
}

function mikrotikvpn_UnsuspendAccount(array $params)
{
    return mikrotikvpn_missing_sentence();
}

function mikrotikvpn_TerminateAccount(array $params)
{
    return mikrotikvpn_missing_sentence();
}

function mikrotikvpn_ChangePassword(array $params)
{
    return mikrotikvpn_missing_sentenceForReader($params);
}

function mikrotikvpn_ChangePackage(array $params)
{
    return mikrotikvpn_missing_sentence();
}

function mikrotikvpn_Renew(array $params)
{
    return mikrotikvpn_missing_sentence();
}

function mikrotikvpn_resetConnection(array $params)
{
    return mikrotikvpn_missing_sentenceForReader($params);
}

function mikrotikvpn_UsageUpdate(array $params)
{
    return mikrotikvpn_missing_sentence();
}

/** It lists nothing and reports nothing: WHMCS keeps the values it has. */
function mikrotikvpn_MetricProvider(array $params = [])
{
    return new \WHMCS\Module\Server\Mikrotikvpn\MetricProvider($params);
}

function mikrotikvpn_ClientArea(array $params)
{
    return '<p>' . htmlspecialchars(mikrotikvpn_missing_sentenceForReader($params, 'stats_failed')) . '</p>';
}

function mikrotikvpn_AdminServicesTabFields(array $params)
{
    return ['PHP extension' => htmlspecialchars(mikrotikvpn_missing_sentence())];
}

/** There was no field of ours to save. */
function mikrotikvpn_AdminServicesTabFieldsSave(array $params)
{
    return [];
}

function mikrotikvpn_collectNow(array $params)
{
    return mikrotikvpn_missing_sentence();
}

function mikrotikvpn_checkRouter(array $params)
{
    return mikrotikvpn_missing_sentence();
}

function mikrotikvpn_installationMoved(array $params)
{
    return mikrotikvpn_missing_sentence();
}

function mikrotikvpn_installationCopied(array $params)
{
    return mikrotikvpn_missing_sentence();
}

function mikrotikvpn_AdminCustomButtonArray($params = [])
{
    return [];
}

function mikrotikvpn_ClientAreaCustomButtonArray(array $params = [])
{
    return [];
}

function mikrotikvpn_ClientAreaAllowedFunctions(array $params = [])
{
    return [];
}

function mikrotikvpn_ListAccounts(array $params)
{
    return ['success' => false, 'error' => mikrotikvpn_missing_sentence()];
}

function mikrotikvpn_AdminLink(array $params)
{
    return htmlspecialchars(mikrotikvpn_missing_sentence());
}

<?php

declare(strict_types=1);

namespace WHMCS\StandIn;

/** The global class App: the request and the address of this installation. */
class App
{
    public static function getFromRequest($key = null, $sub = null)
    {
        $value = $key === null ? $_REQUEST : ($_POST[$key] ?? $_GET[$key] ?? '');
        return $sub === null ? $value : ($value[$sub] ?? '');
    }

    public static function isInRequest($key, $sub = null)
    {
        return isset($_POST[$key]) || isset($_GET[$key]);
    }

    public static function get_req_var($key, $sub = '')
    {
        return self::getFromRequest($key, $sub === '' ? null : $sub);
    }

    public static function getSystemURL($withTrailing = true)
    {
        $url = rtrim((string) \WHMCS\Config\Setting::getValue('SystemURL'), '/');
        return $withTrailing ? $url . '/' : $url;
    }

    public static function getSystemSSLURL($withTrailing = true)
    {
        return self::getSystemURL($withTrailing);
    }

    public static function getSystemURLOrFail($withTrailing = true)
    {
        return self::getSystemURL($withTrailing);
    }

    public static function getClientAreaTemplate()
    {
        return new class {
            public function getName()
            {
                return (string) \WHMCS\Config\Setting::getValue('Template');
            }
        };
    }

    public static function getCurrentFilename($withoutExtension = true)
    {
        return basename($_SERVER['SCRIPT_NAME'] ?? '', $withoutExtension ? '.php' : '');
    }

    public static function getVersion()
    {
        return new class {
            public function getCasual()
            {
                return explode('-', $this->getCanonical())[0];
            }

            public function getCanonical()
            {
                return (string) \WHMCS\Config\Setting::getValue('Version');
            }

            public function __toString(): string
            {
                return $this->getCanonical();
            }
        };
    }

    public static function self()
    {
        return new self();
    }

    public static function redirect($url, $variables = '')
    {
        $query = is_array($variables) ? http_build_query($variables) : (string) $variables;
        \WhmcsStandIn\Exit_::now(302, $url . ($query === '' ? '' : "?$query"));
    }
}

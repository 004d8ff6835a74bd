<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** Ends a page from inside a helper (redirect, refused token) where WHMCS itself would exit. */
final class Exit_ extends \Exception
{
    public function __construct(public readonly int $status, public readonly string $location = '', string $message = '')
    {
        parent::__construct($message);
    }

    /** On the web the page really ends here; elsewhere a test needs its process to go on. */
    public static function now(int $status, string $location = '', string $message = ''): never
    {
        if (PHP_SAPI === 'cli') {
            throw new self($status, $location, $message);
        }
        http_response_code($status);
        $location === '' || header("Location: $location");
        echo htmlspecialchars($message);
        exit;
    }
}

<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** The session's CSRF value: template variable and request field `token`. */
final class Token
{
    public static function value(): string
    {
        return $_SESSION['tkval'] ??= bin2hex(random_bytes(20));
    }

    public static function generate(string $type): string
    {
        return match ($type) {
            'link' => '&token=' . self::value(),
            'plain' => self::value(),
            default => '<input type="hidden" name="token" value="' . self::value() . '" />',
        };
    }

    public static function isValid(): bool
    {
        return hash_equals(self::value(), (string) ($_POST['token'] ?? $_GET['token'] ?? ''));
    }

    public static function check(string $namespace, mixed $throwOrToken): void
    {
        $valid = is_string($throwOrToken) && $throwOrToken !== '' ? hash_equals(self::value(), $throwOrToken) : self::isValid();
        if ($valid) {
            return;
        }
        if ($throwOrToken === true) {
            throw new \WHMCS\Exception\ProgramExit('The token is missing or wrong.');
        }
        Exit_::now(403, '', 'The token is missing or wrong.');
    }
}

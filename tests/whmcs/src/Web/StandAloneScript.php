<?php

declare(strict_types=1);

namespace WhmcsStandIn\Web;

/** Executes a PHP file of a module that was requested directly. */
final class StandAloneScript
{
    public static function run(string $__file): void
    {
        chdir(dirname($__file));
        require $__file;
    }
}

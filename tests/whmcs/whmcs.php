<?php

declare(strict_types=1);

require_once __DIR__ . '/bootstrap.php';

exit((new WhmcsStandIn\Cli\Application())->run(array_slice($argv, 1)));

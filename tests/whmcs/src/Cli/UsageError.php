<?php

declare(strict_types=1);

namespace WhmcsStandIn\Cli;

final class UsageError extends \RuntimeException
{
}

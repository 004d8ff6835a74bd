<?php

declare(strict_types=1);

namespace MikrotikVpn\Demo;

/** Somebody pressed Ctrl-C, or asked the process to end. */
final class Interrupted extends \RuntimeException
{
}
